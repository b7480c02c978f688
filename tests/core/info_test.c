#include "support.h"

static uint64_t newest_tags;

#include <signal.h>

#define SECOND INT64_C(1000000)

static struct store_info info_of(struct store *store)
{
	struct store_info info;

	store_get_info(store, &info);
	return info;
}

static void it_says_what_was_asked_for(void **state)
{
	struct store *store = open_store(128 * MB);
	struct store_info info = info_of(store);

	(void)state;
	assert_string_equal(info.path, store->segment->path);
	CHECK_EQ(info.size, 128 * MB);
	CHECK_EQ(info.shards, 4);
	CHECK_EQ(info.created_us, CLOCK_START);
	CHECK_EQ(info.attached, 1);
	CHECK_EQ(info.processes_max, 16);
	CHECK(!info.guest);
	CHECK_EQ(info.entries, 0);
	CHECK_EQ(info.pins, 0);
	CHECK_EQ(info.memory_retired, 0);
	CHECK(info.file_bytes > 0 && info.file_bytes < 16 * MB);
	CHECK_EQ(info.memory_used + info.memory_free, info.memory_total);
	CHECK_EQ(info.class_count, CLASSES);
	for (unsigned i = 0; i < STORE_COUNTERS; i++) {
		CHECK_EQ(info.counters[i], 0);
	}
}

static void each_counter_has_a_name_and_a_help_text(void **state)
{
	(void)state;
	assert_string_equal(store_counter_names[STORE_COUNT_hits], "hits");
	for (unsigned i = 0; i < STORE_COUNTERS; i++) {
		CHECK(strlen(store_counter_names[i]) > 2);
		CHECK(strlen(store_counter_help[i]) > 10);
		for (unsigned k = 0; k < i; k++) {
			CHECK(strcmp(store_counter_names[i], store_counter_names[k]) != 0);
		}
	}
}

static void memory_is_accounted_for(void **state)
{
	struct store *store = open_store(8 * MB);
	struct store_info empty = info_of(store), full;
	uint64_t blocks = 0, entries = 0, pages = 0;

	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_value(store, &key, i % 30 * 100, i));
	}
	store_unpin_all(store); /* no blocks in reserve */
	full = info_of(store);
	CHECK_EQ(full.entries, 3000);
	CHECK_EQ(full.memory_used + full.memory_free, full.memory_total);
	CHECK(full.memory_index > empty.memory_index);
	for (uint32_t class = 0; class < full.class_count; class++) {
		const struct store_class_info *c = &full.classes[class];
		CHECK((c->block_size == 0) == (class == full.class_count - 1));
		CHECK(class == 0 || c->block_size == 0 || c->block_size > full.classes[class - 1].block_size);
		if (c->block_size) {
			CHECK(c->used * c->block_size <= c->pages * 16 * KB);
			blocks += c->used * c->block_size;
			pages += c->pages;
		}
		CHECK(class == LINE_CLASS || c->used == c->entries_small + c->entries_main);
		entries += c->entries_small + c->entries_main;
	}
	CHECK_EQ(entries, 3000);
	CHECK(blocks <= full.memory_used - empty.memory_used + full.memory_index);
	CHECK(pages * 16 * KB <= full.memory_total);
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(store_delete(store, &key));
	}
	full = info_of(store);
	CHECK_EQ(full.entries, 0);
	CHECK(full.memory_used <= empty.memory_used + 400 * KB);
}

static void pins_of_all_are_counted(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct store_key key = key_of(a, "key");
	struct store_view view;

	(void)state;
	put_text(a, "key", "value");
	CHECK_OK(store_get(a, &key, &view));
	CHECK_OK(store_get(b, &key, &view));
	CHECK_OK(store_get(b, &key, &view));
	CHECK_EQ(info_of(a).pins, 3);
	CHECK_EQ(info_of(b).attached, 2);
	store_unpin_all(b);
	CHECK_EQ(info_of(a).pins, 1);
}

/* ---- counters --------------------------------------------------------------------------------------------- */

static void count_some(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_number(store, "of process", *(uint64_t *)context);
	struct store_view view;
	int64_t result;

	CHECK_OK(put_int(store, &key, 1));
	for (int i = 0; i < 10; i++) {
		CHECK_OK(store_get(store, &key, &view));
	}
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_OK(store_delete(store, &key));
	CHECK_STATUS(store_get(store, &key, &view), CACHE_MISSING);
}

static void count_and_die(void *context)
{
	count_some(context);
	raise(SIGKILL);
}

static void check_counts(struct store *store, uint64_t processes)
{
	struct store_info info = info_of(store);

	CHECK_EQ(info.counters[STORE_COUNT_stores], processes);
	CHECK_EQ(info.counters[STORE_COUNT_hits], processes * 10);
	CHECK_EQ(info.counters[STORE_COUNT_updates], processes);
	CHECK_EQ(info.counters[STORE_COUNT_deletes], processes);
	CHECK_EQ(info.counters[STORE_COUNT_misses_absent], processes);
}

static void counters_add_up_and_survive_their_processes(void **state)
{
	struct store *store = open_store(MB);
	uint64_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		in_child(count_some, &i);
		check_counts(store, i + 1);
	}
	for (; i < 10; i++) {
		CHECK_EQ(child_wait(child_start(count_and_die, &i)) & 0x7f, SIGKILL);
		check_counts(store, i + 1);
	}
	/* Also when nobody is attached, and after the dead were cleaned up. */
	close_store(store);
	store = open_store(MB);
	check_counts(store, 10);
	/* And whoever takes the slots of the dead goes on counting. */
	for (; i < 30; i++) {
		in_child(count_some, &i);
	}
	check_counts(store, 30);
}

static void counters_survive_a_rebuild_and_a_clear(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_text(store, "key", "value");
	CHECK(has(store, "key"));
	struct shard_ref r = lock_shard(store, 0);
	CHECK(shard_rebuild(&r, NO_SLOT, &newest_tags));
	shard_unlock(&r);
	store_clear(store);
	CHECK_EQ(COUNTER_OF(store, hits), 1);
	CHECK_EQ(COUNTER_OF(store, stores), 1);
	CHECK_EQ(COUNTER_OF(store, clears), 1);
}

/* ---- histograms -------------------------------------------------------------------------------------------- */

/* So many that the process has looked at the clock meanwhile: it does not at each of them. */
#define LOOKUPS 300

static void idle_times_are_noted_once_a_second(void **state)
{
	static const struct {
		int64_t idle;
		unsigned bucket;
	} cases[] = {{0, 0}, {1, 1}, {2, 2}, {3, 2}, {4, 3}, {100, 7}, {86400, 17}, {1 << 23, 23}};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_histograms before, after;

	(void)state;
	CHECK_OK(put_int(store, &key, 1));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		store_get_histograms(store, &before);
		clock_advance(cases[i].idle * SECOND);
		for (int k = 0; k < LOOKUPS; k++) {
			CHECK(has_key(store, &key));
		}
		store_get_histograms(store, &after);
		for (unsigned bucket = 0; bucket < STORE_AGE_BUCKETS; bucket++) {
			bool expected = cases[i].idle > 0 && bucket == cases[i].bucket;
			CHECK_EQ(after.hit_idle[bucket] - before.hit_idle[bucket], expected);
		}
	}
	for (unsigned bucket = 0; bucket < STORE_AGE_BUCKETS; bucket++) {
		CHECK_EQ(after.eviction_age[bucket], 0);
	}
}

static void ages_beyond_all_buckets_are_in_the_last(void **state)
{
	(void)state;
	CHECK_EQ(age_bucket(-5), 0);
	CHECK_EQ(age_bucket(0), 0);
	CHECK_EQ(age_bucket(1), 1);
	CHECK_EQ(age_bucket(INT64_MAX), STORE_AGE_BUCKETS - 1);
	for (unsigned bits = 1; bits < 62; bits++) {
		unsigned bucket = bits < STORE_AGE_BUCKETS ? bits : STORE_AGE_BUCKETS - 1;
		CHECK_EQ(age_bucket((INT64_C(1) << bits) - 1), bucket);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(it_says_what_was_asked_for),
		TEST(each_counter_has_a_name_and_a_help_text),
		TEST(memory_is_accounted_for),
		TEST(pins_of_all_are_counted),
		TEST(counters_add_up_and_survive_their_processes),
		TEST(counters_survive_a_rebuild_and_a_clear),
		TEST(idle_times_are_noted_once_a_second),
		TEST(ages_beyond_all_buckets_are_in_the_last),
	};

	return RUN(tests, argc, argv);
}
