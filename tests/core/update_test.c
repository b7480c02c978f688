#include "support.h"

#include <unistd.h>

#define SECOND INT64_C(1000000)

static enum cache_status inc(struct store *store, const char *name, int64_t step, int64_t *result)
{
	struct store_key key = key_of(store, name);

	return store_increment(store, &key, step, 0, result);
}

static enum cache_status swap(struct store *store, const char *name, int64_t expected, int64_t desired)
{
	struct store_key key = key_of(store, name);

	return store_cas(store, &key, expected, desired);
}

static void set(struct store *store, const char *name, int64_t value)
{
	struct store_key key = key_of(store, name);

	CHECK_OK(put_int(store, &key, value));
}

static unsigned type_inside(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct store_entry entry;
	unsigned type;

	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK_EQ(entry.view.type, STORE_INT); /* the API makes no difference */
	type = ((struct entry *)(entry.key - offsetof(struct entry, key)))->type;
	store_unpin(store, entry.view.pin);
	return type;
}

/* ---- inc and dec ---------------------------------------------------------------------------------------- */

static void inc_adds(void **state)
{
	struct store *store = open_store(MB);
	int64_t result;

	(void)state;
	set(store, "n", 10);
	CHECK_OK(inc(store, "n", 5, &result));
	CHECK_EQ(result, 15);
	CHECK_OK(inc(store, "n", -20, &result));
	CHECK_EQ(result, -5);
	CHECK_OK(inc(store, "n", 0, &result));
	CHECK_EQ(result, -5);
	CHECK_EQ(int_at(store, "n"), -5);
	CHECK_EQ(COUNTER_OF(store, updates), 3);
	CHECK_EQ(COUNTER_OF(store, stores), 1);
}

static void inc_of_a_missing_key_begins_at_zero(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "n");
	struct store_entry entry;
	int64_t result;

	(void)state;
	CHECK_OK(store_increment(store, &key, 7, 2 * SECOND, &result));
	CHECK_EQ(result, 7);
	clock_advance(SECOND);
	CHECK_OK(store_increment(store, &key, 1, 100 * SECOND, &result)); /* its ttl stays */
	CHECK_EQ(result, 8);
	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK_EQ(entry.ttl_us, 2 * SECOND);
	CHECK_EQ(entry.stamp_us, CLOCK_START);
	store_unpin(store, entry.view.pin);
	clock_advance(SECOND);
	CHECK_OK(store_increment(store, &key, -3, 0, &result)); /* expired: it begins anew */
	CHECK_EQ(result, -3);
	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK_EQ(entry.ttl_us, STORE_FOREVER);
	store_unpin(store, entry.view.pin);

	static const int64_t steps[] = {INT64_MAX, INT64_MIN, INT_WORD_MAX + 1, INT_WORD_MIN - 1, 0};
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		key = key_number(store, "fresh", i);
		CHECK_OK(store_increment(store, &key, steps[i], 0, &result));
		CHECK_EQ(result, steps[i]);
	}
	CHECK_VERIFIED(store);
}

static void a_stale_integer_counts_as_missing(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "n");
	struct store_item item = item_int(50);
	int64_t result;

	(void)state;
	item.ttl_us = item.stale_ttl_us = SECOND;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	clock_advance(SECOND);
	CHECK_STATUS(store_cas(store, &key, 50, 51), CACHE_MISSING);
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(result, 1);
	CHECK_VERIFIED(store);
}

/* From 63-bit words to 64-bit values and back, at each border and in both directions. */
static void integers_outgrow_their_word_and_come_back(void **state)
{
	static const struct {
		int64_t from, step, to;
	} cases[] = {
		{INT_WORD_MAX - 1, 1, INT_WORD_MAX},
		{INT_WORD_MAX, 1, INT_WORD_MAX + 1},
		{INT_WORD_MAX + 1, 1, INT_WORD_MAX + 2},
		{INT_WORD_MAX + 1, -1, INT_WORD_MAX},
		{INT_WORD_MAX + 2, -1, INT_WORD_MAX + 1},
		{INT_WORD_MIN, -1, INT_WORD_MIN - 1},
		{INT_WORD_MIN - 1, -1, INT_WORD_MIN - 2},
		{INT_WORD_MIN - 1, 1, INT_WORD_MIN},
		{INT_WORD_MIN - 1, 2, INT_WORD_MIN + 1},
		{0, INT64_MAX, INT64_MAX},
		{-1, INT64_MIN + 1, INT64_MIN},
		{INT64_MAX, INT64_MIN, -1},
		{INT64_MIN, INT64_MAX, -1},
		{INT64_MAX, -INT64_MAX, 0},
		{INT64_MIN, INT64_C(1) << 62, INT_WORD_MIN},
		{INT64_MAX, 0, INT64_MAX},
		{INT_WORD_MIN, INT64_MAX, (INT64_C(1) << 62) - 1},
	};
	struct store *store = open_store(MB);
	int64_t result;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (int tagged = 0; tagged < 2; tagged++) {
			struct store_key key = key_of(store, tagged ? "tagged" : "n");
			struct store_item item = item_int(cases[i].from);
			item.tags = "\003tag";
			item.tags_size = tagged ? 4 : 0;
			item.tag_count = (uint8_t)tagged;
			CHECK_OK(store_put(store, &key, &item, STORE_SET));
			CHECK_OK(store_increment(store, &key, cases[i].step, 0, &result));
			CHECK_EQ(result, cases[i].to);
			CHECK_EQ(int_at(store, key.bytes), cases[i].to);
			CHECK_EQ(type_inside(store, key.bytes), int_fits_word(cases[i].to) ? STORE_INT : STORE_BIGINT);
			CHECK_VERIFIED(store);
			/* cas takes the same ways */
			CHECK_OK(store_put(store, &key, &item, STORE_SET));
			CHECK_OK(store_cas(store, &key, cases[i].from, cases[i].to));
			CHECK_EQ(int_at(store, key.bytes), cases[i].to);
			CHECK_OK(store_cas(store, &key, cases[i].to, cases[i].from));
			CHECK_EQ(int_at(store, key.bytes), cases[i].from);
			CHECK_STATUS(store_cas(store, &key, cases[i].from - (cases[i].from > 0), 5),
			             cases[i].from > 0 ? CACHE_MISMATCH : CACHE_OK);
			CHECK_VERIFIED(store);
		}
	}
	CHECK_EQ(COUNTER_OF(store, stores), 4 * COUNT_OF(cases));
}

static void an_overflow_leaves_the_value(void **state)
{
	static const struct {
		int64_t from, step;
	} cases[] = {
		{INT64_MAX, 1},  {1, INT64_MAX},      {INT64_MAX, INT64_MAX},
		{INT64_MIN, -1}, {-2, INT64_MIN + 1}, {INT64_MIN, INT64_MIN},
	};
	struct store *store = open_store(MB);
	int64_t result;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		set(store, "n", cases[i].from);
		CHECK_STATUS(inc(store, "n", cases[i].step, &result), CACHE_OVERFLOW);
		CHECK_EQ(int_at(store, "n"), cases[i].from);
		CHECK_VERIFIED(store);
	}
	CHECK_EQ(COUNTER_OF(store, updates), 0);
}

static void other_types_are_left_alone(void **state)
{
	static const struct store_item items[] = {
		{.type = STORE_NULL}, {.type = STORE_FALSE}, {.type = STORE_TRUE}, {.type = STORE_DOUBLE, .real = 1},
		{.type = STORE_STRING, .bytes = "12345678", .size = 8}, {.type = STORE_SERIALIZED, .bytes = "i:1;", .size = 4},
	};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_view view;
	int64_t result;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(items); i++) {
		CHECK_OK(store_put(store, &key, &items[i], STORE_SET));
		CHECK_STATUS(store_increment(store, &key, 1, 0, &result), CACHE_WRONG_TYPE);
		CHECK_STATUS(store_cas(store, &key, 0, 1), CACHE_WRONG_TYPE);
		CHECK_OK(store_get(store, &key, &view));
		CHECK_EQ(view.type, items[i].type);
		CHECK(!items[i].bytes || memcmp(view.bytes, items[i].bytes, view.size) == 0);
		store_unpin(store, view.pin);
	}
	CHECK_VERIFIED(store);
}

/* ---- cas ------------------------------------------------------------------------------------------------ */

static void cas_exchanges_only_what_is_expected(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	CHECK_STATUS(swap(store, "n", 0, 1), CACHE_MISSING); /* never inserts */
	CHECK(!has(store, "n"));
	set(store, "n", 5);
	CHECK_STATUS(swap(store, "n", 4, 6), CACHE_MISMATCH);
	CHECK_EQ(int_at(store, "n"), 5);
	CHECK_OK(swap(store, "n", 5, 6));
	CHECK_EQ(int_at(store, "n"), 6);
	CHECK_OK(swap(store, "n", 6, 6));
	CHECK_OK(swap(store, "n", 6, INT64_MIN));
	CHECK_STATUS(swap(store, "n", 6, 7), CACHE_MISMATCH);
	CHECK_EQ(int_at(store, "n"), INT64_MIN);
	CHECK_OK(swap(store, "n", INT64_MIN, 0));
	CHECK_VERIFIED(store);
}

/* ---- what must not get lost ------------------------------------------------------------------------------- */

enum { FLAG_GO = 1, FLAG_STOP = 2 };

static uint64_t segment_size;

/* Adds up what was acknowledged. BUSY says that nothing was added. */
static void increment_all_the_time(void *context)
{
	struct store *store = open_store(segment_size);
	struct store_key key = key_of(store, "counter");
	uint64_t number = *(uint64_t *)context;
	int64_t result;

	flag_await(FLAG_GO);
	jitter();
	for (int i = 0; i < 20000; i++) {
		enum cache_status status = store_increment(store, &key, 1, 0, &result);
		CHECK(status == CACHE_OK || status == CACHE_BUSY);
		world->words[number] += status == CACHE_OK;
	}
}

static void run_incrementers(struct store *store, int64_t start)
{
	enum { PROCESSES = 4 };
	struct store_key key = key_of(store, "counter");
	pid_t pids[PROCESSES];
	int64_t sum = start;

	CHECK_OK(put_int(store, &key, start));
	for (uint64_t i = 0; i < PROCESSES; i++) {
		world->words[i] = 0;
		pids[i] = child_start(increment_all_the_time, &i);
	}
	flag_raise(FLAG_GO);
	for (int i = 0; i < PROCESSES; i++) {
		child_join(pids[i]);
		sum += (int64_t)world->words[i];
	}
	CHECK(sum >= start + 40000);
	CHECK_EQ(int_at(store, "counter"), sum);
	CHECK_VERIFIED(store);
}

static void four_processes_lose_no_increment(void **state)
{
	(void)state;
	segment_size = MB;
	run_incrementers(open_store(MB), 0);
}

/* Across the border at which the value moves to another block with each step. */
static void four_processes_lose_no_increment_beyond_the_word(void **state)
{
	(void)state;
	segment_size = MB;
	run_incrementers(open_store(MB), INT_WORD_MAX - 30000);
}

static void swap_all_the_time(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "counter");
	uint64_t number = *(uint64_t *)context;

	flag_await(FLAG_GO);
	jitter();
	for (int i = 0; i < 10000; i++) {
		struct store_view view;
		CHECK_OK(store_get(store, &key, &view));
		enum cache_status status = store_cas(store, &key, view.integer, view.integer + 1);
		CHECK(status == CACHE_OK || status == CACHE_MISMATCH || status == CACHE_BUSY);
		world->words[number] += status == CACHE_OK;
	}
}

static void cas_loses_nothing(void **state)
{
	struct store *store = open_store(MB);
	pid_t pids[3];
	int64_t sum = INT_WORD_MAX - 5000;

	(void)state;
	set(store, "counter", sum);
	for (uint64_t i = 0; i < COUNT_OF(pids); i++) {
		pids[i] = child_start(swap_all_the_time, &i);
	}
	flag_raise(FLAG_GO);
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		child_join(pids[i]);
		sum += (int64_t)world->words[i];
	}
	CHECK_EQ(int_at(store, "counter"), sum);
	CHECK_VERIFIED(store);
}

/*
 * Counters in a full segment: values of ever other sizes take the slabs of the counters' class away, so that hot ones
 * are relocated. A counter that is evicted begins anew and says so by its version.
 */
enum { COUNTERS = 400 };

static void increment_many(void *context)
{
	struct store *store = open_store(MB);
	uint64_t number = *(uint64_t *)context, done = 0;
	int64_t last[COUNTERS] = {0};
	uint64_t versions[COUNTERS] = {0};

	flag_await(FLAG_GO);
	jitter();
	while (!world->flags[FLAG_STOP]) {
		for (unsigned i = (unsigned)number; i < COUNTERS; i += 2) {
			struct store_key key = key_number(store, "counter", i);
			struct store_view view;
			int64_t result;
			enum cache_status status = store_increment(store, &key, 1, 0, &result);
			if (status != CACHE_OK) {
				continue;
			}
			/* Only this process writes it. It is one more than before, unless it was evicted before or after. */
			CHECK(result == last[i] + 1 || result == 1);
			last[i] = result;
			if (store_get(store, &key, &view) == CACHE_OK) {
				CHECK_EQ(view.integer, result);
				CHECK(versions[i] == 0 || view.version == versions[i] || result == 1);
				versions[i] = view.version;
				done += result > 1;
			} else {
				last[i] = 0;
				versions[i] = 0;
			}
		}
	}
	world->words[number] = done;
}

static void relocations_lose_no_increment(void **state)
{
	struct store *store = open_store(MB);
	struct rng rng = {3};
	pid_t pids[2];

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		pids[i] = child_start(increment_many, &i);
	}
	flag_raise(FLAG_GO);
	for (uint64_t i = 0; i < 4000000 && COUNTER_OF(store, relocations) < (SLOW_BUILD ? 5000 : 40000); i += 500) {
		/* Each phase wants other blocks. */
		size_t size = 20 + rng_below(&rng, 3000);
		for (uint64_t k = 0; k < 500; k++) {
			struct store_key key = key_number(store, "other", i + k);
			enum cache_status status = put_value(store, &key, size + k % 50, k);
			CHECK(status == CACHE_OK || status == CACHE_BUSY);
		}
	}
	flag_raise(FLAG_STOP);
	child_join(pids[0]);
	child_join(pids[1]);
	CHECK(COUNTER_OF(store, relocations) > 100);
	CHECK(world->words[0] > 1000 && world->words[1] > 1000);
	CHECK_VERIFIED(store);
}

/* The lock word moves along, too: it is changed here as an application would, by compare-and-swap on a pinned entry. */
static void relocation_takes_all_words_along(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "n");
	struct store_item item = item_int(INT_WORD_MAX);
	struct store_entry before, after;
	int64_t result;

	(void)state;
	item.tags = "\003tag";
	item.tags_size = 4;
	item.tag_count = 1;
	item.flags = 7;
	item.ttl_us = 100 * SECOND;
	item.stale_ttl_us = 50 * SECOND;
	item.stamp_us = CLOCK_START - 5;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK(has(store, "n"));
	CHECK_OK(store_inspect(store, &key, &before));
	struct entry *e = (struct entry *)(before.key - offsetof(struct entry, key));
	store_relaxed(&e->lock, 12345 | LOCK_USED);
	atomic_u64 *layout = &shard_open(&store->owner, 0).shard->layout;
	uint64_t layout_before = load_relaxed(layout);
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK(load_relaxed(layout) - layout_before >= UINT64_C(1) << 32); /* with the same version: readers go again */
	CHECK_OK(store_inspect(store, &key, &after));
	CHECK(after.key != before.key); /* it moved */
	CHECK_EQ(after.view.integer, INT_WORD_MAX + 1);
	CHECK_EQ(after.version, before.version);
	CHECK_EQ(after.lock, 12345);
	CHECK_EQ(after.stamp_us, CLOCK_START - 5);
	CHECK_EQ(after.ttl_us, before.ttl_us);
	CHECK_EQ(after.stale_ttl_us, before.stale_ttl_us);
	CHECK_EQ(after.view.flags, 7);
	CHECK_EQ(after.tag_count, 1);
	CHECK(memcmp(after.tags, "\003tag", 4) == 0);
	CHECK_EQ(after.hits_class, 1);
	/* Whoever has the old block pinned finds its words frozen. */
	CHECK((load_relaxed(&e->stamp) & STAMP_FROZEN) && (load_relaxed(&e->lock) & LOCK_FROZEN));
	CHECK(load_relaxed(entry_word(e)) & INT_FROZEN);
	store_unpin_all(store);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(inc_adds),
		TEST(inc_of_a_missing_key_begins_at_zero),
		TEST(a_stale_integer_counts_as_missing),
		TEST(integers_outgrow_their_word_and_come_back),
		TEST(an_overflow_leaves_the_value),
		TEST(other_types_are_left_alone),
		TEST(cas_exchanges_only_what_is_expected),
		TEST(four_processes_lose_no_increment),
		TEST(four_processes_lose_no_increment_beyond_the_word),
		TEST(cas_loses_nothing),
		TEST(relocations_lose_no_increment),
		TEST(relocation_takes_all_words_along),
	};

	return RUN(tests, argc, argv);
}
