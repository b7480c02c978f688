#include "support.h"

#include "core/store/retire.h"

#define SECOND INT64_C(1000000)

static void put_timed(struct store *store, const char *prefix, uint64_t number, int64_t ttl_us, int64_t stale_us)
{
	struct store_key key = key_number(store, prefix, number);
	char bytes[500];
	struct store_item item = item_string(bytes, sizeof bytes);

	value_fill(bytes, sizeof bytes, number);
	item.ttl_us = ttl_us;
	item.stale_ttl_us = stale_us;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
}

static uint64_t entries(struct store *store)
{
	struct store_info info;

	store_get_info(store, &info);
	return info.entries;
}

static uint64_t memory_used(struct store *store)
{
	struct store_info info;

	for (uint32_t i = 0; i < store->segment->geometry.shards; i++) {
		struct shard_ref r = lock_shard(store, i);
		reclaim(&r);
		shard_unlock(&r);
	}
	store_get_info(store, &info);
	return info.memory_used - info.memory_index;
}

/* Nobody asks for a key: the sweep of a second returns all that has expired. */
static void expired_memory_comes_back_by_itself(void **state)
{
	static const uint64_t sizes[] = {4 * MB, 128 * MB};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct store_options options = options_for(sizes[i]);
		struct store *store;
		uint64_t before;
		options.host_fingerprint = i + 1;
		store = open_with(&options);
		before = memory_used(store);
		for (uint64_t k = 0; k < 3000; k++) {
			put_timed(store, "short", k, 10 * SECOND, 0);
			if (k % 3 == 0) {
				put_timed(store, "long", k, 1000 * SECOND, 0);
			}
		}
		CHECK_EQ(entries(store), 4000);
		clock_advance(9 * SECOND);
		store_sweep(store);
		CHECK_EQ(entries(store), 4000);
		CHECK_EQ(COUNTER_OF(store, expirations), 0);
		clock_advance(2 * SECOND);
		store_sweep(store);
		CHECK_EQ(entries(store), 1000);
		CHECK_EQ(COUNTER_OF(store, expirations), 3000);
		CHECK(memory_used(store) < before + 1000 * 700);
		for (uint64_t k = 0; k < 3000; k += 3) {
			struct store_key key = key_number(store, "long", k);
			CHECK(holds_value(store, &key, 500, k));
		}
		CHECK_VERIFIED(store);
		close_store(store);
		clock_set(CLOCK_START);
	}
}

static void a_stale_period_keeps_the_memory(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_timed(store, "stale", 1, 5 * SECOND, 10 * SECOND);
	put_timed(store, "stale", 2, 5 * SECOND, STORE_FOREVER);
	put_timed(store, "stale", 3, 0, 0);
	for (int i = 0; i < 14; i++) {
		clock_advance(SECOND);
		store_sweep(store);
		CHECK_EQ(entries(store), 3);
	}
	clock_advance(2 * SECOND);
	store_sweep(store);
	CHECK_EQ(entries(store), 2);
	clock_advance(100000 * SECOND);
	store_sweep(store);
	CHECK_EQ(entries(store), 2);
	CHECK_VERIFIED(store);
}

/* One process does it for all; the others have to load one word. */
static void once_a_second_in_the_whole_segment(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	put_timed(a, "key", 1, SECOND, 0);
	clock_advance(3 * SECOND);
	store_sweep(a);
	CHECK_EQ(entries(a), 0);
	put_timed(a, "key", 2, 1000, 0);
	fault_none();
	store_sweep(a);
	store_sweep(b);
	CHECK_EQ(fault_passes(FAULT_LOCKED), 0);
	clock_advance(SECOND);
	store_sweep(b);
	clock_advance(SECOND);
	store_sweep(a);
	CHECK_EQ(entries(a), 0);
}

/* Every write does it as well: no call of store_sweep() is needed. */
static void writes_sweep(void **state)
{
	struct store *store = open_store(4 * MB);

	(void)state;
	for (uint64_t i = 0; i < 2000; i++) {
		put_timed(store, "short", i, 5 * SECOND, 0);
	}
	clock_advance(7 * SECOND);
	put_text(store, "one", "write");
	CHECK(entries(store) < 50);
	CHECK_VERIFIED(store);
}

/* A ttl that is set anew does not outlive the old note, nor the other way round. */
static void renewed_entries_stay(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (uint64_t i = 0; i < 500; i++) {
		put_timed(store, "key", i, 5 * SECOND, 0);
	}
	for (uint64_t i = 0; i < 500; i += 2) {
		put_timed(store, "key", i, 50 * SECOND, 0);
	}
	clock_advance(10 * SECOND);
	store_sweep(store);
	CHECK_EQ(entries(store), 250);
	for (uint64_t i = 0; i < 500; i += 4) {
		put_timed(store, "key", i, 5 * SECOND, 0);
	}
	clock_advance(10 * SECOND);
	store_sweep(store);
	CHECK_EQ(entries(store), 125);
	clock_advance(40 * SECOND);
	store_sweep(store);
	CHECK_EQ(entries(store), 0);
	CHECK_VERIFIED(store);
}

static void cleared_memory_comes_back(void **state)
{
	struct store *store = open_store(128 * MB);
	uint64_t before = memory_used(store);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < 5000; i++) {
			put_timed(store, "key", i, 0, 0);
		}
		store_clear(store);
		CHECK_EQ(entries(store), 5000);
		clock_advance(SECOND);
		store_sweep(store);
		CHECK_EQ(entries(store), 0);
		CHECK(memory_used(store) <= before + 64 * KB);
		CHECK_VERIFIED(store);
	}
	CHECK_EQ(COUNTER_OF(store, evictions), 0);
}

/* What was stored after the clear is not taken along. */
static void a_sweep_after_a_clear_spares_the_new(void **state)
{
	struct store *store = open_store(4 * MB);

	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		put_timed(store, "old", i, 0, 0);
	}
	store_clear(store);
	for (uint64_t i = 0; i < 1000; i++) {
		put_timed(store, "new", i, 0, 0);
	}
	for (int i = 0; i < 3; i++) {
		clock_advance(SECOND);
		store_sweep(store);
	}
	CHECK_EQ(entries(store), 1000);
	for (uint64_t i = 0; i < 1000; i++) {
		struct store_key key = key_number(store, "new", i);
		CHECK(holds_value(store, &key, 500, i));
	}
	CHECK_VERIFIED(store);
}

/* Without a sweep, too: whoever needs room finds it there first. */
static void cleared_memory_is_used_before_anything_is_evicted(void **state)
{
	struct store *store = open_store(4 * MB);

	(void)state;
	for (uint64_t i = 0; i < 6000; i++) {
		put_timed(store, "old", i, 0, 0);
	}
	uint64_t evictions = COUNTER_OF(store, evictions);
	store_clear(store);
	for (uint64_t i = 0; i < 3000; i++) {
		put_timed(store, "new", i, 0, 0);
	}
	CHECK_EQ(COUNTER_OF(store, evictions), evictions);
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "new", i);
		CHECK(holds_value(store, &key, 500, i));
	}
	CHECK_VERIFIED(store);
}

static void a_clock_that_goes_back_does_not_stop_it(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	clock_advance(10000 * SECOND);
	put_timed(store, "key", 1, 5 * SECOND, 0);
	store_sweep(store);
	clock_set(CLOCK_START + 100 * SECOND);
	put_timed(store, "key", 2, 5 * SECOND, 0);
	for (int i = 0; i < 8; i++) {
		clock_advance(SECOND);
		store_sweep(store);
	}
	CHECK_EQ(entries(store), 1); /* the first is in the future */
	clock_set(CLOCK_START + 10010 * SECOND);
	store_sweep(store);
	CHECK_EQ(entries(store), 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(expired_memory_comes_back_by_itself),
		TEST(a_stale_period_keeps_the_memory),
		TEST(once_a_second_in_the_whole_segment),
		TEST(writes_sweep),
		TEST(renewed_entries_stay),
		TEST(cleared_memory_comes_back),
		TEST(a_sweep_after_a_clear_spares_the_new),
		TEST(cleared_memory_is_used_before_anything_is_evicted),
		TEST(a_clock_that_goes_back_does_not_stop_it),
	};

	return RUN(tests, argc, argv);
}
