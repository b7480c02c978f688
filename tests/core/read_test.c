#include "support.h"

#include <pthread.h>
#include <unistd.h>

#include "core/store/retire.h"

#define SECOND INT64_C(1000000)
#define YEAR (365 * 86400 * SECOND)

static void put_timed(struct store *store, const char *name, int64_t ttl_us, int64_t stale_us)
{
	struct store_key key = key_of(store, name);
	struct store_item item = item_string("some value", 10);

	item.ttl_us = ttl_us;
	item.stale_ttl_us = stale_us;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
}

static enum store_state state_of(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct store_entry entry;

	if (store_inspect(store, &key, &entry) != CACHE_OK) {
		return STORE_STATE_MISSING;
	}
	CHECK_EQ(entry.view.size, 10);
	store_unpin(store, entry.view.pin);
	return entry.state;
}

/* ---- counters ------------------------------------------------------------------------------------------- */

static void hits_and_misses_are_counted_once(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key"), absent = key_of(store, "absent");
	struct store_view view;

	(void)state;
	put_text(store, "key", "value");
	for (int i = 0; i < 10; i++) {
		CHECK_OK(store_get(store, &key, &view));
		store_unpin(store, view.pin);
		CHECK_OK(store_exists(store, &key));
		CHECK_STATUS(store_get(store, &absent, &view), CACHE_MISSING);
		CHECK_STATUS(store_exists(store, &absent), CACHE_MISSING);
	}
	CHECK_EQ(COUNTER_OF(store, hits), 20);
	CHECK_EQ(COUNTER_OF(store, misses_absent), 20);
	CHECK_EQ(COUNTER_OF(store, misses_expired), 0);
	put_timed(store, "key", SECOND, SECOND);
	clock_advance(SECOND);
	CHECK_STATUS(store_get(store, &key, &view), CACHE_MISSING);
	clock_advance(SECOND);
	CHECK_STATUS(store_exists(store, &key), CACHE_MISSING);
	CHECK_EQ(COUNTER_OF(store, misses_expired), 2);
	CHECK_EQ(COUNTER_OF(store, hits), 20);
}

static void looking_inside_leaves_no_trace(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_entry entry;

	(void)state;
	put_text(store, "key", "value");
	clock_advance(5 * SECOND);
	for (int i = 0; i < 10; i++) {
		CHECK_OK(store_inspect(store, &key, &entry));
		store_unpin(store, entry.view.pin);
	}
	CHECK_EQ(entry.hits_class, 0);
	CHECK_EQ(entry.accessed, CLOCK_START / SECOND);
	CHECK_EQ(COUNTER_OF(store, hits), 0);
	CHECK(has(store, "key"));
	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK_EQ(entry.hits_class, 1);
	CHECK_EQ(entry.accessed, CLOCK_START / SECOND + 5);
	store_unpin(store, entry.view.pin);
}

static void all_fields_of_an_entry(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_bytes(store, "a\0key", 5);
	struct store_item item = item_string("the value", 9);
	struct store_entry entry;

	(void)state;
	item.flags = 9;
	item.ttl_us = 1500;
	item.stale_ttl_us = 30 * 86400 * SECOND;
	item.stamp_us = CLOCK_START - 100;
	item.tags = "\001a\002bc";
	item.tags_size = 5;
	item.tag_count = 2;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK_EQ(entry.view.type, STORE_STRING);
	CHECK_EQ(entry.view.flags, 9);
	CHECK_EQ(entry.view.size, 9);
	CHECK(memcmp(entry.view.bytes, "the value", 9) == 0);
	CHECK(entry.view.pin != 0);
	CHECK_EQ(entry.key_length, 5);
	CHECK(memcmp(entry.key, "a\0key", 5) == 0);
	CHECK(entry.version != 0 && entry.version == entry.view.version);
	CHECK_EQ(entry.stamp_us, CLOCK_START - 100);
	CHECK_EQ(entry.ttl_us, 2000); /* milliseconds, rounded up */
	CHECK_EQ(entry.stale_ttl_us, 30 * 86400 * SECOND);
	CHECK_EQ(entry.soft_us, CLOCK_START - 100 + 2000);
	CHECK_EQ(entry.hard_us, CLOCK_START - 100 + 2000 + 30 * 86400 * SECOND);
	CHECK_EQ(entry.state, STORE_STATE_FRESH);
	CHECK(entry.memory >= 64 + 8 + 9 + 5 + 4 && entry.memory <= 128);
	CHECK_EQ(entry.tag_count, 2);
	CHECK(memcmp(entry.tags, "\001a\002bc", 5) == 0);
	store_unpin(store, entry.view.pin);

	item = item_int(5);
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK(entry.view.pin != 0); /* also of a scalar: key and tags are in the block */
	CHECK_EQ(entry.ttl_us, STORE_FOREVER);
	CHECK_EQ(entry.stale_ttl_us, 0);
	CHECK_EQ(entry.soft_us, INT64_MAX);
	CHECK_EQ(entry.hard_us, INT64_MAX);
	store_unpin_all(store);
}

/* ---- time ----------------------------------------------------------------------------------------------- */

/* To the millisecond, however far the coarse clock lags. */
static void boundaries_of_ttl_and_stale(void **state)
{
	static const int64_t lags[] = {0, 1, 4000, CACHE_COARSE_LAG_US};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lags); i++) {
		world->coarse_lag_us = lags[i];
		clock_set(CLOCK_START + (int64_t)i * 100 * SECOND);
		int64_t start = world->wall_us;
		put_timed(store, "key", 1234000, 2000);
		static const struct {
			int64_t after;
			enum store_state state;
		} steps[] = {
			{0, STORE_STATE_FRESH}, {1233000, STORE_STATE_FRESH}, {1233999, STORE_STATE_FRESH},
			{1234000, STORE_STATE_STALE}, {1235000, STORE_STATE_STALE}, {1235999, STORE_STATE_STALE},
			{1236000, STORE_STATE_MISSING}, {1237000, STORE_STATE_MISSING}, {90 * SECOND, STORE_STATE_MISSING},
		};
		for (size_t k = 0; k < COUNT_OF(steps); k++) {
			clock_set(start + steps[k].after);
			CHECK_EQ(state_of(store, "key"), steps[k].state);
			CHECK_EQ(has(store, "key"), steps[k].state == STORE_STATE_FRESH);
		}
	}
	CHECK_VERIFIED(store);
}

static void ttls_without_end(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_timed(store, "zero", 0, 0);
	put_timed(store, "forever", STORE_FOREVER, 0);
	put_timed(store, "always stale", 1000, STORE_FOREVER);
	put_timed(store, "60 years", 60 * YEAR, 0);
	put_timed(store, "80 years", 80 * YEAR, 0);
	clock_advance(59 * YEAR);
	CHECK_EQ(state_of(store, "zero"), STORE_STATE_FRESH);
	CHECK_EQ(state_of(store, "forever"), STORE_STATE_FRESH);
	CHECK_EQ(state_of(store, "always stale"), STORE_STATE_STALE);
	CHECK_EQ(state_of(store, "60 years"), STORE_STATE_FRESH);
	clock_advance(31 * YEAR);
	CHECK_EQ(state_of(store, "60 years"), STORE_STATE_MISSING);
	CHECK_EQ(state_of(store, "80 years"), STORE_STATE_FRESH); /* above 68 years: no limit */
	CHECK_VERIFIED(store);
}

static void a_clock_that_goes_back(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_timed(store, "key", 10 * SECOND, 10 * SECOND);
	clock_set(CLOCK_START - 3600 * SECOND);
	CHECK_EQ(state_of(store, "key"), STORE_STATE_FRESH); /* age 0 */
	put_timed(store, "earlier", 10 * SECOND, 0);
	store_sweep(store);
	CHECK(has(store, "key"));
	CHECK(has(store, "earlier"));
	clock_advance(10 * SECOND);
	CHECK(has(store, "key"));
	CHECK(!has(store, "earlier"));
	/* Before the segment was made. */
	clock_set(SECOND);
	put_timed(store, "1970", 10 * SECOND, 0);
	CHECK(has(store, "1970"));
	store_sweep(store);
	CHECK_VERIFIED(store);
	clock_advance(10 * SECOND);
	CHECK(!has(store, "1970"));
	clock_set(CLOCK_START + 9 * SECOND);
	CHECK_EQ(state_of(store, "key"), STORE_STATE_FRESH);
	clock_set(CLOCK_START + 19 * SECOND);
	CHECK_EQ(state_of(store, "key"), STORE_STATE_STALE);
	CHECK_VERIFIED(store);
}

/* ---- pins ----------------------------------------------------------------------------------------------- */

/* Writes to every free block of that size; what stands there is not evicted. */
static void churn(struct store *store, size_t size)
{
	const unsigned count = size > 5000 ? 10 : 120;

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < count; i++) {
			struct store_key key = key_number(store, "churn", i);
			CHECK_OK(put_value(store, &key, size, round * 1000 + i));
		}
		for (unsigned i = 0; i < count; i++) {
			struct store_key key = key_number(store, "churn", i);
			CHECK_OK(store_delete(store, &key));
		}
	}
}

static void a_pinned_view_does_not_change(void **state)
{
	static const size_t sizes[] = {1, 60, 500, 2500, 5000, 40000};
	enum { REPLACED, DELETED, CLEARED, EXPIRED, ENDS };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		for (int end = 0; end < ENDS; end++) {
			struct store *store = open_store(MB), *reader = open_store(MB);
			struct store_key key = key_of(store, "pinned");
			struct store_view view;
			char bytes[40000];
			struct store_item item = item_string(bytes, sizes[i]);
			value_fill(bytes, sizes[i], 3);
			item.ttl_us = 5 * SECOND;
			CHECK_OK(store_put(store, &key, &item, STORE_SET));
			CHECK_OK(store_get(reader, &key, &view));
			switch (end) {
			case REPLACED:
				CHECK_OK(put_value(store, &key, sizes[i], 4));
				break;
			case DELETED:
				CHECK_OK(store_delete(store, &key));
				break;
			case CLEARED:
				store_clear(store);
				clock_advance(SECOND);
				store_sweep(store);
				break;
			case EXPIRED:
				clock_advance(10 * SECOND);
				store_sweep(store);
				break;
			}
			churn(store, sizes[i]);
			CHECK(value_is(view.bytes, view.size, 3));
			CHECK_EQ(view.size, sizes[i]);
			CHECK_VERIFIED(store);
			struct store_info info;
			store_get_info(store, &info);
			CHECK(info.memory_retired > 0);
			store_unpin(reader, view.pin);
			churn(store, sizes[i]);
			struct shard_ref r = lock_shard(store, 0);
			reclaim(&r);
			shard_unlock(&r);
			store_get_info(store, &info);
			CHECK_EQ(info.memory_retired, 0);
			CHECK_VERIFIED(store);
			close_store(reader);
			close_store(store);
		}
	}
}

static void each_view_has_a_pin_of_its_own(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_view first, second;

	(void)state;
	put_text(store, "key", "value");
	CHECK_OK(store_get(store, &key, &first));
	CHECK_OK(store_get(store, &key, &second));
	CHECK(first.pin != second.pin);
	CHECK_EQ(pins_held(store), 2);
	store_unpin(store, first.pin);
	CHECK_EQ(pins_held(store), 1);
	put_text(store, "key", "other");
	churn(store, 5);
	CHECK(memcmp(second.bytes, "value", 5) == 0);
	store_unpin_all(store);
	CHECK_EQ(pins_held(store), 0);
	store_unpin(store, 0); /* of a view without a pin: nothing */
}

static void scalars_and_misses_hold_nothing(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "number"), absent = key_of(store, "absent");
	struct store_view view;

	(void)state;
	CHECK_OK(put_int(store, &key, 5));
	put_timed(store, "expired", 1000, 0);
	clock_advance(SECOND);
	for (int i = 0; i < 10; i++) {
		CHECK_OK(store_get(store, &key, &view));
		CHECK_EQ(view.pin, 0);
		CHECK(store_get(store, &absent, &view) != CACHE_OK);
		CHECK(!has(store, "expired"));
		CHECK_OK(store_exists(store, &key));
	}
	CHECK_EQ(pins_held(store), 0);
}

static void all_pins_taken(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key"), number = key_of(store, "number");
	struct store_view view;

	(void)state;
	put_text(store, "key", "value");
	for (uint32_t i = WRITER_PINS; i < PINS_PER_PARTICIPANT; i++) {
		CHECK_OK(store_get(store, &key, &view));
	}
	/* No pin to look with: a miss, counted as such. Writing goes on. */
	CHECK(store_get(store, &key, &view) != CACHE_OK);
	CHECK(COUNTER_OF(store, pins_refused) > 0);
	CHECK_OK(put_int(store, &number, 1));
	CHECK_OK(store_delete(store, &number));
	CHECK_VERIFIED(store);
	store_unpin(store, 500);
	CHECK_OK(store_get(store, &key, &view));
	CHECK_EQ(view.pin, 500);
	store_unpin_all(store);
	CHECK(holds_text(store, "key", "value"));
}

/* ---- scalars, read without a pin ------------------------------------------------------------------------- */

static void a_hot_scalar_is_always_the_current_one(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_view view;
	int64_t result;

	(void)state;
	for (int64_t i = 0; i < 50; i++) {
		CHECK_OK(put_int(store, &key, i));
		for (int k = 0; k < 6; k++) {
			CHECK_EQ(int_at(store, "key"), i);
		}
		CHECK_OK(store_increment(store, &key, 1000, 0, &result));
		CHECK_EQ(int_at(store, "key"), i + 1000);
		struct store_item item = {.type = STORE_DOUBLE, .real = 0.25};
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		CHECK_OK(store_get(store, &key, &view));
		CHECK(view.type == STORE_DOUBLE && view.real == 0.25);
		if (i % 5 == 0) {
			CHECK_OK(store_delete(store, &key));
			CHECK(!has_key(store, &key));
		} else if (i % 5 == 1) {
			store_clear(store);
			CHECK(!has_key(store, &key));
		}
	}
	CHECK_VERIFIED(store);
}

static void put_timed_int(struct store *store, const struct store_key *key, int64_t ttl_us)
{
	struct store_item item = {.type = STORE_INT, .integer = 42, .ttl_us = ttl_us};

	CHECK_OK(store_put(store, key, &item, STORE_SET));
}

/* So often that nothing is written down any more, and the second has been looked at. */
static unsigned hits_of(struct store *store, const struct store_key *key)
{
	struct store_view view;
	unsigned hits = 0;

	for (int i = 0; i < 40; i++) {
		hits += store_get(store, key, &view) == CACHE_OK && view.integer == 42;
	}
	CHECK_EQ(hits == 40, store_exists(store, key) == CACHE_OK);
	return hits;
}

static void a_hot_scalar_expires_to_the_millisecond(void **state)
{
	static const int64_t lags[] = {0, 1, 4000, CACHE_COARSE_LAG_US}, starts[] = {0, 1, 500000, 999999};
	static const int64_t ttls[] = {1000, 999000, 1000000, 1012000, 1500000, 2012000, 10 * SECOND, YEAR};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lags) * COUNT_OF(starts) * COUNT_OF(ttls); i++) {
		int64_t ttl = ttls[i % COUNT_OF(ttls)], start = CLOCK_START + starts[i / COUNT_OF(ttls) % COUNT_OF(starts)];
		world->coarse_lag_us = lags[i / COUNT_OF(ttls) / COUNT_OF(starts)];
		clock_set(start);
		put_timed_int(store, &key, ttl);
		CHECK_EQ(hits_of(store, &key), 40);
		clock_set(start + ttl / 2);
		CHECK_EQ(hits_of(store, &key), 40);
		clock_set(start + ttl - 1);
		CHECK_EQ(hits_of(store, &key), 40);
		clock_set(start + ttl);
		CHECK_EQ(hits_of(store, &key), 0);
	}
	world->coarse_lag_us = 0;
	CHECK_VERIFIED(store);
}

static void a_hot_scalar_with_a_ttl_needs_no_pin(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key"), number = key_of(store, "number");
	struct store_view view;
	struct store_touch touch = {.any = true};

	(void)state;
	put_text(store, "key", "value");
	put_timed_int(store, &number, 10 * SECOND);
	CHECK_EQ(hits_of(store, &number), 40);
	for (uint32_t i = WRITER_PINS; i < PINS_PER_PARTICIPANT; i++) {
		CHECK_OK(store_get(store, &key, &view));
	}
	CHECK(store_get(store, &key, &view) != CACHE_OK);
	CHECK_EQ(hits_of(store, &number), 40);
	store_unpin_all(store);
	/* What changes without the entry's version. */
	touch.new_us = world->wall_us - 9 * SECOND;
	CHECK_OK(store_touch(store, &number, &touch));
	CHECK_EQ(hits_of(store, &number), 40);
	touch.new_us = world->wall_us - 10 * SECOND;
	CHECK_OK(store_touch(store, &number, &touch));
	CHECK_EQ(hits_of(store, &number), 0);
	put_timed_int(store, &number, 10 * SECOND);
	CHECK_EQ(hits_of(store, &number), 40);
	CHECK_OK(store_mark_stale(store, &number));
	CHECK_EQ(hits_of(store, &number), 0);
	CHECK_VERIFIED(store);
}

/* ---- readers and writers at the same time ------------------------------------------------------------------ */

enum { READERS_KEYS = 12, FLAG_STOP = 20 };

static void await_readers(uint64_t number)
{
	for (int waited = 0; world->words[1] < number; waited++) {
		CHECK(waited < 100000);
		usleep(100);
	}
}

/* Each value tells its seed in its first word; the rest follows from it, or the read was torn. */
static bool view_is_whole(const struct store_view *view)
{
	uint64_t seed;

	if (view->type != STORE_STRING || view->size < 8) {
		return false;
	}
	memcpy(&seed, view->bytes, 8);
	return value_is(view->bytes + 8, view->size - 8, seed) && view->size == 8 + seed % 3000;
}

static void put_whole(struct store *store, const struct store_key *key, uint64_t seed)
{
	char bytes[8 + 3000] = "";
	struct store_item item = item_string(bytes, 8 + seed % 3000);

	memcpy(bytes, &seed, 8);
	value_fill(bytes + 8, seed % 3000, seed);
	enum cache_status status = store_put(store, key, &item, STORE_SET);
	CHECK(status == CACHE_OK || status == CACHE_BUSY);
}

static void *read_all_the_time(void *context)
{
	struct store *store = open_store(MB);
	uint64_t versions[READERS_KEYS] = {0}, found = 0;

	(void)context;
	for (unsigned round = 0; !world->flags[FLAG_STOP]; round++) {
		world->words[1] += round == 1;
		for (unsigned i = 0; i < READERS_KEYS; i++) {
			struct store_key key = key_number(store, "key", i);
			struct store_view view;
			if (store_get(store, &key, &view) != CACHE_OK) {
				continue;
			}
			CHECK(view_is_whole(&view));
			CHECK(view.version >= versions[i]); /* never back to an older value */
			versions[i] = view.version;
			CHECK(view_is_whole(&view));
			store_unpin(store, view.pin);
			found++;
		}
	}
	world->words[0] += found;
	return NULL;
}

static void read_in_process(void *context)
{
	jitter();
	read_all_the_time(context);
}

static void readers_see_whole_values_only(void **state)
{
	struct store *store = open_store(MB);
	struct rng rng = {5};
	pthread_t thread;
	pid_t process;

	(void)state;
	for (unsigned i = 0; i < READERS_KEYS; i++) {
		struct store_key key = key_number(store, "key", i);
		put_whole(store, &key, i);
	}
	process = child_start(read_in_process, NULL);
	CHECK_EQ(pthread_create(&thread, NULL, read_all_the_time, NULL), 0);
	await_readers(2);
	for (unsigned round = 0; round < (SLOW_BUILD ? 6000u : 30000u); round++) {
		struct store_key key = key_number(store, "key", rng_below(&rng, READERS_KEYS));
		if (rng_below(&rng, 20) == 0) {
			(void)!store_delete(store, &key);
		} else {
			put_whole(store, &key, rng_next(&rng) >> 1);
		}
	}
	flag_raise(FLAG_STOP);
	pthread_join(thread, NULL);
	child_join(process);
	CHECK(world->words[0] > 0);
	CHECK_VERIFIED(store);
}

/* Integers and doubles that say whose they are, in blocks that wander from key to key. */
static void *read_scalars_all_the_time(void *context)
{
	struct store *store = open_store(MB);
	uint64_t found = 0;

	(void)context;
	for (unsigned round = 0; !world->flags[FLAG_STOP]; round++) {
		world->words[1] += round == 1;
		for (unsigned i = 0; i < READERS_KEYS; i++) {
			struct store_key key = key_number(store, "key", i);
			struct store_view view;
			if (store_get(store, &key, &view) != CACHE_OK) {
				continue;
			}
			if (view.type == STORE_INT) {
				CHECK_EQ(view.integer % READERS_KEYS, i);
			} else {
				CHECK_EQ(view.type, STORE_DOUBLE);
				CHECK(view.real == 0.5 + i);
			}
			CHECK_EQ(view.pin, 0);
			found++;
		}
	}
	world->words[0] += found;
	return NULL;
}

static void read_scalars_in_process(void *context)
{
	jitter();
	read_scalars_all_the_time(context);
}

static void scalars_are_never_those_of_another_key(void **state)
{
	struct store *store = open_store(MB);
	struct rng rng = {5};
	pthread_t thread;
	pid_t process;

	(void)state;
	for (unsigned i = 0; i < READERS_KEYS; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_int(store, &key, i));
	}
	process = child_start(read_scalars_in_process, NULL);
	CHECK_EQ(pthread_create(&thread, NULL, read_scalars_all_the_time, NULL), 0);
	await_readers(2);
	for (unsigned round = 0; round < (SLOW_BUILD ? 20000u : 200000u); round++) {
		unsigned i = (unsigned)rng_below(&rng, READERS_KEYS);
		struct store_key key = key_number(store, "key", i);
		struct store_item item = item_int((int64_t)(rng_below(&rng, 1u << 20) * READERS_KEYS + i));
		enum cache_status status;
		int64_t result;
		switch (rng_below(&rng, 4)) {
		case 0:
			status = store_delete(store, &key);
			break;
		case 1:
			item.type = STORE_DOUBLE;
			item.real = 0.5 + i;
			status = store_put(store, &key, &item, STORE_SET);
			break;
		case 2:
			/* A missing key would begin with the step, whose remainder is 0. */
			status = has_key(store, &key) ? store_increment(store, &key, READERS_KEYS, 0, &result) : CACHE_MISSING;
			break;
		default:
			status = store_put(store, &key, &item, STORE_SET);
		}
		CHECK(status == CACHE_OK || status == CACHE_BUSY || status == CACHE_MISSING || status == CACHE_WRONG_TYPE);
	}
	flag_raise(FLAG_STOP);
	pthread_join(thread, NULL);
	child_join(process);
	CHECK(world->words[0] > 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(hits_and_misses_are_counted_once),
		TEST(looking_inside_leaves_no_trace),
		TEST(all_fields_of_an_entry),
		TEST(boundaries_of_ttl_and_stale),
		TEST(ttls_without_end),
		TEST(a_clock_that_goes_back),
		TEST(a_pinned_view_does_not_change),
		TEST(each_view_has_a_pin_of_its_own),
		TEST(scalars_and_misses_hold_nothing),
		TEST(all_pins_taken),
		TEST(a_hot_scalar_is_always_the_current_one),
		TEST(a_hot_scalar_expires_to_the_millisecond),
		TEST(a_hot_scalar_with_a_ttl_needs_no_pin),
		TEST(readers_see_whole_values_only),
		TEST(scalars_are_never_those_of_another_key),
	};

	return RUN(tests, argc, argv);
}
