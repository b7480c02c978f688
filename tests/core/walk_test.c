#include "support.h"

#include <setjmp.h>
#include <unistd.h>

#define SECOND INT64_C(1000000)
#define KEYS_MAX 20000

static unsigned char seen[KEYS_MAX];
static unsigned visited, others;

/* "stable:N" is counted by its number. */
static void mark(void *context, const struct store_entry *entry)
{
	unsigned number;
	char key[32];

	(void)context;
	CHECK(entry->key_length < sizeof key);
	memcpy(key, entry->key, entry->key_length);
	key[entry->key_length] = 0;
	visited++;
	if (sscanf(key, "stable:%u", &number) == 1) {
		CHECK(number < KEYS_MAX);
		seen[number]++;
	} else {
		others++;
	}
}

static void forget(void)
{
	memset(seen, 0, sizeof seen);
	visited = others = 0;
}

static void walk_all(struct store *store, uint32_t at_least)
{
	struct store_cursor cursor = {0};

	forget();
	while (!cursor.done) {
		unsigned before = visited;
		store_walk(store, &cursor, at_least, mark, NULL);
		CHECK(cursor.done || visited - before >= at_least);
	}
	/* The end stays the end. */
	store_walk(store, &cursor, at_least, mark, NULL);
	CHECK(cursor.done);
}

static void check_seen_once(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		CHECK_EQ(seen[i], 1);
	}
}

static void fill(struct store *store, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct store_key key = key_number(store, "stable", i);
		CHECK_OK(put_int(store, &key, i));
	}
}

static void each_entry_is_visited_once(void **state)
{
	static const unsigned counts[] = {0, 1, 2, 7, 8, 57, 1000, 8000};
	static const uint32_t chunks[] = {1, 10, 1000, UINT32_MAX};
	static const uint64_t sizes[] = {4 * MB, 128 * MB};

	(void)state;
	for (size_t s = 0; s < COUNT_OF(sizes); s++) {
		struct store *store = open_store(sizes[s]);
		for (size_t i = 0; i < COUNT_OF(counts); i++) {
			fill(store, counts[i]);
			for (size_t k = 0; k < COUNT_OF(chunks); k++) {
				walk_all(store, chunks[k]);
				CHECK_EQ(visited, counts[i]);
				check_seen_once(counts[i]);
			}
		}
		CHECK_EQ(COUNTER_OF(store, hits), 0);
		close_store(store);
	}
}

struct expected {
	struct store *store;
	unsigned fresh, stale;
};

static void look(void *context, const struct store_entry *entry)
{
	struct expected *expected = context;
	uint64_t seed = entry->key_length;

	CHECK_EQ(entry->view.type, STORE_STRING);
	CHECK(entry->view.pin != 0);
	CHECK(value_is(entry->view.bytes, entry->view.size, seed));
	CHECK_EQ(entry->view.size, seed * 100);
	CHECK_EQ(entry->tag_count, 1);
	CHECK(entry->version != 0);
	expected->fresh += entry->state == STORE_STATE_FRESH;
	expected->stale += entry->state == STORE_STATE_STALE;
}

static void the_visitor_sees_all_fields(void **state)
{
	struct store *store = open_store(MB);
	struct expected expected = {store, 0, 0};
	struct store_cursor cursor = {0};
	char bytes[3000], name[31];

	(void)state;
	memset(name, 'k', sizeof name);
	for (uint64_t i = 1; i <= 30; i++) {
		struct store_key key = key_bytes(store, name, i);
		struct store_item item = item_string(bytes, i * 100);
		value_fill(bytes, item.size, i);
		item.tags = "\001t";
		item.tags_size = 2;
		item.tag_count = 1;
		item.ttl_us = i % 3 == 0 ? 0 : SECOND;        /* fresh */
		item.stale_ttl_us = i % 3 == 1 ? SECOND * 2 : 0; /* stale; else expired */
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
	clock_advance(SECOND);
	while (!cursor.done) {
		store_walk(store, &cursor, 3, look, &expected);
	}
	CHECK_EQ(expected.fresh, 10);
	CHECK_EQ(expected.stale, 10);
	store_clear(store);
	cursor = (struct store_cursor){0};
	while (!cursor.done) {
		store_walk(store, &cursor, 3, look, &expected);
	}
	CHECK_EQ(expected.fresh, 10);
	struct store_info info;
	store_get_info(store, &info);
	CHECK_EQ(info.pins, 0);
}

/* ---- changes between two calls --------------------------------------------------------------------------- */

/* The index grows from 8 buckets to thousands while it is walked. */
static void growth_between_the_chunks(void **state)
{
	static const uint32_t chunks[] = {1, 3, 20};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(chunks); i++) {
		struct store_options options = options_for(16 * MB);
		struct store *store;
		struct store_cursor cursor = {0};
		uint64_t added = 0;
		options.host_fingerprint = i + 1;
		store = open_with(&options);
		fill(store, 200);
		forget();
		while (!cursor.done) {
			store_walk(store, &cursor, chunks[i], mark, NULL);
			for (unsigned k = 0; k < 100 * chunks[i] && added < 60000; k++) {
				struct store_key key = key_number(store, "added", added++);
				CHECK_OK(put_int(store, &key, 1));
			}
		}
		check_seen_once(200);
		CHECK(added >= 5000);
		CHECK_EQ(COUNTER_OF(store, evictions), 0);
		CHECK_VERIFIED(store);
		close_store(store);
	}
}

static void changes_between_the_chunks(void **state)
{
	struct store *store = open_store(4 * MB);
	struct store_cursor cursor = {0};
	struct rng rng = {9};
	enum { KEYS = 500 };

	(void)state;
	fill(store, KEYS);
	forget();
	while (!cursor.done) {
		store_walk(store, &cursor, 5, mark, NULL);
		for (unsigned k = 0; k < 60; k++) {
			/* Replaced: with other sizes and types; deleted and stored again: only the others. */
			struct store_key key = key_number(store, "stable", rng_below(&rng, KEYS));
			CHECK_OK(put_value(store, &key, rng_below(&rng, 2000), k));
			key = key_number(store, "other", rng_below(&rng, KEYS));
			if (k % 2) {
				CHECK_OK(put_int(store, &key, k));
			} else {
				(void)!store_delete(store, &key);
			}
		}
	}
	check_seen_once(KEYS);
	CHECK_EQ(COUNTER_OF(store, evictions), 0);
	CHECK_VERIFIED(store);
}

/* ---- changes at the same time ----------------------------------------------------------------------------- */

enum { FLAG_STOP = 3, STABLE = 500, CHANGES = 12000 };

/* Each round in a segment of its own, so that many small indexes grow under the walks. */
static struct store *open_round(uint64_t round)
{
	struct store_options options = options_for(4 * MB);
	char name[32];

	snprintf(name, sizeof name, "round%llu", (unsigned long long)round);
	options.name = name;
	return open_with(&options);
}

static void walk_round_by_round(void *context)
{
	uint64_t last = 0;

	(void)context;
	jitter();
	while (!world->flags[FLAG_STOP]) {
		uint64_t round = world->words[1];
		if (round == last || round == 0) {
			usleep(50);
			continue;
		}
		struct store *store = open_round(round);
		world->words[2]++;
		for (uint32_t i = 0; world->words[1] == round; i++) {
			walk_all(store, 1 + i % 100);
			if (!world->words[3]) {
				check_seen_once(STABLE);
			}
			world->words[0]++;
		}
		close_store(store);
		last = round;
	}
}

/* Stable keys are replaced, others come and go, and the index grows. */
static void change(struct store *store, struct rng *rng)
{
	for (uint64_t i = 0; i < CHANGES; i++) {
		struct store_key key = key_number(store, "added", i);
		enum cache_status status;
		if (i % 2) {
			(void)!put_int(store, &key, 1);
		}
		key = key_number(store, "stable", rng_below(rng, STABLE));
		status = put_int(store, &key, (int64_t)i);
		world->words[3] += status == CACHE_BUSY; /* it was invalidated: not present throughout */
		key = key_number(store, "other", rng_below(rng, 1000));
		if (i % 3) {
			(void)!put_value(store, &key, rng_below(rng, 200), 1);
		} else {
			(void)!store_delete(store, &key);
		}
	}
}

static void walks_beside_writers_miss_nothing_and_repeat_nothing(void **state)
{
	struct rng rng = {6};
	pid_t pids[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		pids[i] = child_start(walk_round_by_round, NULL);
	}
	for (uint64_t round = 1; round <= (SLOW_BUILD ? 10u : 40u); round++) {
		struct store *store = open_round(round);
		char path[512];
		fill(store, STABLE);
		world->words[2] = world->words[3] = 0;
		world->words[1] = round;
		for (int waited = 0; world->words[2] < 2; waited++) {
			CHECK(waited < 100000);
			usleep(100);
		}
		change(store, &rng);
		CHECK_EQ(COUNTER_OF(store, evictions), 0);
		CHECK_VERIFIED(store);
		snprintf(path, sizeof path, "%s", store->segment->path);
		close_store(store);
		CHECK_EQ(remove(path), 0);
	}
	world->words[1] = 0;
	flag_raise(FLAG_STOP);
	child_join(pids[0]);
	child_join(pids[1]);
	CHECK(world->words[0] > 20);
}

/* ---- what a visitor does ---------------------------------------------------------------------------------- */

static void delete_it(void *context, const struct store_entry *entry)
{
	struct store *store = context;
	struct store_key key = key_bytes(store, entry->key, entry->key_length);
	char copy[32];

	memcpy(copy, entry->key, entry->key_length);
	CHECK_OK(store_delete(store, &key));
	CHECK(!has_key(store, &key));
	/* Pinned: still readable. */
	CHECK(memcmp(copy, entry->key, entry->key_length) == 0);
	visited++;
}

static void the_visitor_may_delete(void **state)
{
	struct store *store = open_store(4 * MB);
	struct store_cursor cursor = {0};

	(void)state;
	fill(store, 3000);
	forget();
	while (!cursor.done) {
		store_walk(store, &cursor, 100, delete_it, store);
	}
	CHECK_EQ(visited, 3000);
	walk_all(store, 10);
	CHECK_EQ(visited, 0);
	CHECK_VERIFIED(store);
}

static jmp_buf jump;

static void leave(void *context, const struct store_entry *entry)
{
	(void)context;
	(void)entry;
	longjmp(jump, 1);
}

static void the_visitor_may_leave_by_longjmp(void **state)
{
	static struct store *store;
	struct store_info info;

	(void)state;
	store = open_store(MB);
	fill(store, 100);
	for (volatile int i = 0; i < 2000; i++) {
		struct store_cursor cursor = {0};
		if (setjmp(jump) == 0) {
			store_walk(store, &cursor, 100, leave, NULL);
			CHECK(!"it comes back by the jump");
		}
		store_unpin_all(store);
	}
	store_get_info(store, &info);
	CHECK_EQ(info.pins, 0);
	walk_all(store, 10);
	check_seen_once(100);
	CHECK_VERIFIED(store);
}

static void a_walk_beside_other_pins(void **state)
{
	struct store *store = open_store(4 * MB);
	struct store_key key = key_of(store, "pinned");
	struct store_view view;

	(void)state;
	fill(store, 500);
	put_text(store, "pinned", "value");
	for (unsigned i = 0; i < 950; i++) {
		CHECK_OK(store_get(store, &key, &view));
	}
	walk_all(store, 10);
	check_seen_once(500);
	CHECK_EQ(others, 1);
	for (unsigned i = 950; i < PINS_PER_PARTICIPANT - WRITER_PINS; i++) {
		CHECK_OK(store_get(store, &key, &view));
	}
	walk_all(store, 10); /* ends, and says that it could not */
	CHECK_EQ(visited, 0);
	CHECK(COUNTER_OF(store, pins_refused) > 0);
	store_unpin_all(store);
	walk_all(store, 10);
	check_seen_once(500);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_entry_is_visited_once),
		TEST(the_visitor_sees_all_fields),
		TEST(growth_between_the_chunks),
		TEST(changes_between_the_chunks),
		TEST(walks_beside_writers_miss_nothing_and_repeat_nothing),
		TEST(the_visitor_may_delete),
		TEST(the_visitor_may_leave_by_longjmp),
		TEST(a_walk_beside_other_pins),
	};

	return RUN(tests, argc, argv);
}
