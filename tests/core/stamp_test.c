#define _GNU_SOURCE
#include "entries.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/room.h"

enum { FLAG_GO = 1, FLAG_STOP = 2 };

#define FRESH STORE_STATE_FRESH
#define STALE STORE_STATE_STALE
#define MISSING STORE_STATE_MISSING

static enum cache_status touch(struct store *store, const char *key, const struct store_touch *wanted)
{
	struct store_key k = key_of(store, key);

	return store_touch(store, &k, wanted);
}

#define TOUCH(store, key, ...) touch((store), (key), &(struct store_touch){__VA_ARGS__})

/* ---- touch ------------------------------------------------------------------------------------------------------ */

static void only_what_is_expected_is_touched(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	CHECK_STATUS(TOUCH(store, "key", .any = true), CACHE_MISSING);
	put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "");
	clock_advance(SECOND);
	CHECK_STATUS(TOUCH(store, "key", .expected_us = CLOCK_START + 1), CACHE_MISMATCH);
	CHECK_STATUS(TOUCH(store, "key", .expected_us = -CLOCK_START), CACHE_MISMATCH);
	CHECK_STATUS(TOUCH(store, "key", .expected_us = 0), CACHE_MISMATCH);
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START);
	CHECK_OK(TOUCH(store, "key", .expected_us = CLOCK_START));
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START + SECOND);
	CHECK_STATUS(TOUCH(store, "key", .expected_us = CLOCK_START), CACHE_MISMATCH);
	CHECK_OK(TOUCH(store, "key", .any = true, .new_us = CLOCK_START - SECOND)); /* earlier */
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START - SECOND);
	CHECK_OK(TOUCH(store, "key", .any = true, .new_us = CLOCK_START + 1000 * SECOND)); /* a time to come: now */
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START + SECOND);
	clock_advance(15 * SECOND);
	CHECK_STATE(store, "key", STALE);
	CHECK_OK(TOUCH(store, "key", .any = true)); /* stale is there */
	CHECK_STATE(store, "key", FRESH);
	CHECK_EQ(words_of(store, "key").soft_us, CLOCK_START + 26 * SECOND);
	CHECK_EQ(COUNTER_OF(store, touches), 4);
	CHECK_EQ(COUNTER_OF(store, touches_refused), 5);
	CHECK_EQ(COUNTER_OF(store, stores), 1);
	CHECK_VERIFIED(store);
}

static void the_negative_stamp_revives(void **state)
{
	struct store *store = open_store(MB);
	struct words marked;

	(void)state;
	put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "");
	clock_advance(SECOND);
	CHECK_OK(mark_at(store, "key"));
	marked = words_of(store, "key");
	CHECK_EQ(marked.stamp_us, -(CLOCK_START + SECOND));
	CHECK_STATUS(TOUCH(store, "key", .any = true), CACHE_MISMATCH);
	CHECK_STATUS(TOUCH(store, "key", .expected_us = CLOCK_START), CACHE_MISMATCH);
	CHECK_STATUS(TOUCH(store, "key", .expected_us = CLOCK_START + SECOND), CACHE_MISMATCH);
	CHECK_STATE(store, "key", STALE);
	clock_advance(SECOND);
	CHECK_OK(TOUCH(store, "key", .expected_us = marked.stamp_us));
	CHECK_STATE(store, "key", FRESH);
	CHECK(holds_text(store, "key", "value"));
	CHECK_EQ(words_of(store, "key").version, marked.version);
	CHECK_EQ(words_of(store, "key").hard_us, CLOCK_START + 22 * SECOND);
	/* Only the last mark. */
	CHECK_OK(mark_at(store, "key"));
	clock_advance(SECOND);
	CHECK_OK(mark_at(store, "key"));
	CHECK_STATUS(TOUCH(store, "key", .expected_us = -(CLOCK_START + 2 * SECOND)), CACHE_MISMATCH);
	CHECK_OK(TOUCH(store, "key", .expected_us = -(CLOCK_START + 3 * SECOND)));
	CHECK_VERIFIED(store);
}

static void tokens_count_too(void **state)
{
	static const struct store_item items[] = {
		{.type = STORE_STRING, .bytes = "value", .size = 5}, {.type = STORE_INT, .integer = 5},
		{.type = STORE_INT, .integer = INT64_MAX}, {.type = STORE_NULL}, {.type = STORE_DOUBLE, .real = 2},
	};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(items); i++) {
		struct store_item item = items[i];
		item.ttl_us = 100 * SECOND;
		item.stale_ttl_us = 100 * SECOND;
		CHECK_OK(put_item(store, "key", &item));
		uint64_t token = token_at(store, "key"), old = token;
		CHECK_EQ(words_of(store, "key").token, token);
		clock_advance(SECOND);
		CHECK_STATUS(TOUCH(store, "key", .any = true, .has_token = true, .token = token + 2), CACHE_MISMATCH);
		CHECK_STATUS(TOUCH(store, "key", .any = true, .has_token = true), CACHE_MISMATCH);
		CHECK_STATUS(TOUCH(store, "key", .expected_us = 1, .has_token = true, .token = token), CACHE_MISMATCH);
		CHECK_OK(TOUCH(store, "key", .any = true, .has_token = true, .token = token));
		CHECK_EQ(words_of(store, "key").stamp_us, world->wall_us);
		CHECK_EQ(token_at(store, "key"), token); /* touching changes no token */
		if (item.type == STORE_INT) {
			int64_t result;
			CHECK_OK(store_increment(store, &key, -1, 0, &result));
			CHECK(token_at(store, "key") != token);
			CHECK_STATUS(TOUCH(store, "key", .any = true, .has_token = true, .token = token), CACHE_MISMATCH);
			token = token_at(store, "key");
			CHECK_OK(TOUCH(store, "key", .any = true, .has_token = true, .token = token));
			CHECK_OK(store_increment(store, &key, -1, 0, &result)); /* nothing stays frozen */
		}
		token = token_at(store, "key");
		CHECK_OK(mark_at(store, "key"));
		CHECK_STATUS(TOUCH(store, "key", .expected_us = words_of(store, "key").stamp_us, .has_token = true, .token = token),
		             CACHE_MISMATCH);
		CHECK_OK(put_item(store, "key", &item));
		CHECK_STATUS(TOUCH(store, "key", .any = true, .has_token = true, .token = old), CACHE_MISMATCH);
		CHECK_OK(delete_at(store, "key"));
		CHECK_OK(put_item(store, "key", &item));
		CHECK_STATUS(TOUCH(store, "key", .any = true, .has_token = true, .token = old), CACHE_MISMATCH);
		CHECK_VERIFIED(store);
	}
}

static void nothing_is_resurrected(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (int marked = 0; marked < 2; marked++) {
		for (int how = 0; how < 6; how++) {
			int64_t stamp;
			put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "one two");
			if (marked) {
				CHECK_OK(mark_at(store, "key"));
			}
			stamp = words_of(store, "key").stamp_us;
			switch (how) {
			case 0:
				CHECK_OK(delete_at(store, "key"));
				break;
			case 1:
				store_clear(store);
				break;
			case 2:
				clock_advance(20 * SECOND);
				break;
			case 3:
				invalidate_tags(store, "two", true);
				break;
			case 4:
				invalidate_tags(store, "one", false);
				break;
			default: {
				pid_t holder = stop_with_lock(first_shard_lock);
				CHECK_OK(delete_at(store, "key")); /* marked as dead, and still in its place */
				CHECK_STATUS(TOUCH(store, "key", .any = true), CACHE_MISSING);
				CHECK_STATUS(TOUCH(store, "key", .expected_us = stamp), CACHE_MISSING);
				child_continue(holder);
				child_join(holder);
			}
			}
			CHECK_STATUS(TOUCH(store, "key", .any = true), CACHE_MISSING);
			CHECK_STATUS(TOUCH(store, "key", .expected_us = stamp), CACHE_MISSING);
			CHECK(!has(store, "key"));
			CHECK_EQ(state_of(store, "key"), how == 4 ? STALE : MISSING);
		}
	}
	CHECK_VERIFIED(store);
}

/* One microsecond before hard it may be touched, at hard no more: by the exact clock. */
static void the_boundary_at_hard(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (int lag = 0; lag < 2; lag++) {
		int64_t begin = world->wall_us;
		world->coarse_lag_us = lag * CACHE_COARSE_LAG_US;
		put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "");
		clock_set(begin + 20 * SECOND - 1);
		CHECK_OK(TOUCH(store, "key", .any = true));
		clock_set(begin + 40 * SECOND - 1);
		CHECK_STATUS(TOUCH(store, "key", .any = true), CACHE_MISSING);
	}
}

/* Age 0 where the clock was set back; no stamp is of a time to come by then. */
static void steps_of_the_clock(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "");
	clock_advance(-3600 * SECOND);
	CHECK_STATE(store, "key", FRESH);
	CHECK_OK(TOUCH(store, "key", .expected_us = CLOCK_START));
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START - 3600 * SECOND);
	CHECK_STATE(store, "key", FRESH);
	clock_advance(3600 * SECOND);
	CHECK_STATE(store, "key", MISSING);
	CHECK_VERIFIED(store);
}

static link_t link_of_key(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct shard_ref r = lock_shard(store, 0);
	atomic_u64 *slot = index_find(&r, &key);
	link_t link = slot ? place_link(&r, word_granule(load_relaxed(slot))) : 0;

	shard_unlock(&r);
	return link;
}

static void nothing_but_the_stamp_changes(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);
	struct entry before, *e;

	(void)state;
	put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "tag");
	for (int i = 0; i < 5; i++) {
		put_lasting(store, key_number(store, "other", (uint64_t)i).bytes, "value", 10 * SECOND, 0, "tag");
	}
	CHECK(has(store, "key"));
	link_t link = link_of_key(store, "key");
	e = link_entry(&r, link);
	memcpy((void *)&before, (void *)e, sizeof before);
	struct size_class queues = r.shard->classes[block_class(&r, link)];
	uint64_t hits = COUNTER_OF(store, hits), version = r.shard->version;
	fault_none();
	clock_advance(5 * SECOND);
	for (int i = 0; i < 100; i++) {
		CHECK_OK(TOUCH(store, "key", .any = true));
	}
	CHECK_EQ(fault_passes(FAULT_LOCKED), 0); /* no lock */
	CHECK_EQ(link_of_key(store, "key"), link);
	CHECK_EQ(load_relaxed(&e->stamp), stamp_encode(CLOCK_START + 5 * SECOND));
	store_relaxed(&before.stamp, stamp_encode(CLOCK_START + 5 * SECOND));
	CHECK(memcmp((void *)&before, (void *)e, sizeof before) == 0); /* version, frequency, accessed, place in the queue */
	CHECK(memcmp(&queues, &r.shard->classes[block_class(&r, link)], sizeof queues) == 0);
	CHECK_EQ(COUNTER_OF(store, hits), hits);
	CHECK_EQ(r.shard->version, version);
	CHECK_EQ(pins_held(store), 0);
	CHECK_VERIFIED(store);
}

/* An expiry that is brought nearer is noted, so that the sweep finds it. */
static void the_sweep_knows_of_a_nearer_expiry(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		put_lasting(store, key_number(store, "key", i).bytes, "value", 1000 * SECOND, 0, "");
	}
	clock_advance(990 * SECOND);
	store_sweep(store);
	for (unsigned i = 0; i < 200; i += 2) { /* renewed, then brought back */
		CHECK_OK(TOUCH(store, key_number(store, "key", i).bytes, .any = true));
	}
	clock_advance(100 * SECOND);
	store_sweep(store); /* by which the headers note the later expiry */
	CHECK_EQ(load_relaxed(&r.shard->entries), 100);
	for (unsigned i = 0; i < 200; i += 4) {
		CHECK_OK(TOUCH(store, key_number(store, "key", i).bytes, .any = true, .new_us = CLOCK_START + 100 * SECOND));
	}
	CHECK_VERIFIED(store);
	clock_advance(12 * SECOND);
	store_sweep(store);
	CHECK_EQ(load_relaxed(&r.shard->entries), 50);
	CHECK_VERIFIED(store);
}

/* Whatever the sweep sees of it: one that looks at the bucket between stamp and note, or the other way round. */
static void touch_to_and_fro(void *context)
{
	struct store *store = open_store(MB);
	struct rng rng = {*(uint64_t *)context};

	flag_await(FLAG_GO);
	jitter();
	while (!world->flags[FLAG_STOP]) {
		struct store_key key = key_number(store, "key", rng_below(&rng, 20));
		struct store_touch wanted = {.any = true, .new_us = world->wall_us - (int64_t)rng_below(&rng, 90) * SECOND};
		(void)!store_touch(store, &key, &wanted);
	}
}

static void the_sweep_misses_no_touch(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (int round = 0; round < (SLOW_BUILD ? 4 : 8); round++) {
		pid_t pids[2];
		world->flags[FLAG_GO] = world->flags[FLAG_STOP] = 0;
		for (uint64_t i = 0; i < 20; i++) {
			put_lasting(store, key_number(store, "key", i).bytes, "value", 100 * SECOND, 0, "");
		}
		for (uint64_t i = 0; i < 2; i++) {
			pids[i] = child_start(touch_to_and_fro, &i);
		}
		flag_raise(FLAG_GO);
		for (unsigned i = 0; i < 20000; i++) {
			struct store_key key = key_number(store, "other", i % 300);
			if (i % 3) {
				put_lasting(store, key.bytes, "value", (int64_t)(1 + i % 20) * SECOND, 0, "");
			} else {
				(void)!store_delete(store, &key);
			}
			if (i % 16 == 0) {
				clock_advance(SECOND / 4);
				store_sweep(store);
			}
		}
		flag_raise(FLAG_STOP);
		for (int i = 0; i < 2; i++) {
			child_join(pids[i]);
		}
		CHECK_VERIFIED(store);
	}
}

/*
 * Between the looks at two entries of one bucket, caught by the protection of the second one's page: the first, which was
 * looked at, gets a nearer expiry than the bucket will note.
 */
static struct {
	struct store *store;
	char *page;
	bool met;
} caught;

static void touch_at_the_first_look(int signal)
{
	(void)signal;
	CHECK_EQ(mprotect(caught.page, OS_PAGE, PROT_READ | PROT_WRITE), 0);
	CHECK_OK(TOUCH(caught.store, "first", .any = true, .new_us = CLOCK_START + 100 * SECOND));
	caught.met = true;
}

static void the_sweep_sees_a_touch_behind_its_back(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);
	struct sigaction action = {.sa_handler = touch_at_the_first_look, .sa_flags = SA_NODEFER}, before;
	uint64_t buckets = layout_buckets(load_relaxed(&r.shard->layout));
	struct store_key first = key_of(store, "first"), second;
	struct store_item item = {.type = STORE_STRING, .size = 9000, .ttl_us = 1000 * SECOND};

	(void)state;
	caught.store = open_store(MB);
	put_lasting(store, "first", "value", 1000 * SECOND, 0, "");
	for (uint64_t i = 0;; i++) {
		second = key_number(store, "second", i);
		if (bucket_of(second.hash, buckets) == bucket_of(first.hash, buckets)) {
			break;
		}
	}
	char *bytes = calloc(1, item.size), name[64];
	item.bytes = bytes;
	snprintf(name, sizeof name, "%s", second.bytes);
	CHECK_OK(put_item(store, name, &item));
	free(bytes);
	clock_advance(990 * SECOND);
	CHECK_OK(TOUCH(store, "first", .any = true));
	CHECK_OK(TOUCH(store, name, .any = true));
	clock_advance(100 * SECOND); /* the bucket is due by what it notes */
	caught.page = (char *)((uintptr_t)words_of(store, name).at / OS_PAGE * OS_PAGE);
	CHECK(caught.page != (char *)((uintptr_t)words_of(store, "first").at / OS_PAGE * OS_PAGE));
	CHECK_EQ(sigaction(SIGSEGV, &action, &before), 0);
	CHECK_EQ(mprotect(caught.page, OS_PAGE, PROT_NONE), 0);
	store_sweep(store);
	CHECK_EQ(mprotect(caught.page, OS_PAGE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQ(sigaction(SIGSEGV, &before, NULL), 0);
	CHECK(caught.met);
	CHECK_VERIFIED(store);
	clock_advance(12 * SECOND);
	store_sweep(store);
	CHECK_EQ(load_relaxed(&r.shard->entries), 1);
}

/* A frozen stamp: somebody is at work on the entry, under the lock. */
static void a_frozen_stamp_is_waited_for(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);
	struct entry *e;
	pid_t holder;

	(void)state;
	put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "");
	e = link_entry(&r, link_of_key(store, "key"));
	fault_none();
	CHECK_OK(TOUCH(store, "key", .any = true));
	CHECK_EQ(fault_passes(FAULT_LOCKED), 0);
	holder = stop_with_lock(first_shard_lock);
	rmw_or(&e->stamp, STAMP_FROZEN);
	CHECK_STATUS(TOUCH(store, "key", .any = true), CACHE_BUSY);
	CHECK_EQ(load_relaxed(&e->stamp), stamp_encode(CLOCK_START) | STAMP_FROZEN);
	CHECK(has(store, "key"));
	child_kill(holder);
	clock_advance(SECOND);
	CHECK_OK(TOUCH(store, "key", .any = true)); /* recovers the shard, by which it is thawed */
	CHECK_EQ(load_relaxed(&e->stamp), stamp_encode(CLOCK_START + SECOND));
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	CHECK_VERIFIED(store);
}

/* words: 0 the round, 1 how many are done, 2 how many won */
enum { PROCESSES = 6, ROUNDS = SLOW_BUILD ? 200 : 600 };

static void touch_each_round(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		while (world->words[0] < round) {
			usleep(30);
		}
		bool won = TOUCH(store, "key", .expected_us = (int64_t)world->words[3]) == CACHE_OK;
		world->words[2] += won;
		world->words[1]++;
	}
}

static void of_many_with_one_expectation_one_wins(void **state)
{
	struct store *store = open_store(MB);
	pid_t pids[PROCESSES];

	(void)state;
	put_lasting(store, "key", "value", 1000 * SECOND, 1000 * SECOND, "");
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = child_start(touch_each_round, NULL);
	}
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		if (round % 5 == 0) {
			CHECK_OK(mark_at(store, "key"));
		}
		world->words[3] = (uint64_t)words_of(store, "key").stamp_us;
		world->words[1] = world->words[2] = 0;
		clock_advance(MS);
		world->words[0] = round;
		for (int waited = 0; world->words[1] < PROCESSES; waited++) {
			CHECK(waited < 600000);
			usleep(30);
		}
		CHECK_EQ(world->words[2], 1);
		CHECK_EQ(words_of(store, "key").stamp_us, world->wall_us);
	}
	for (int i = 0; i < PROCESSES; i++) {
		child_join(pids[i]);
	}
	CHECK_VERIFIED(store);
}

/* ---- the application's lock word ------------------------------------------------------------------------------------ */

static enum cache_status exchange_lock(struct store *store, const char *key, uint64_t expected, uint64_t desired)
{
	struct store_key k = key_of(store, key);

	return store_cas_lock(store, &k, expected, desired);
}

static void a_lock_word_is_a_number_of_62_bits(void **state)
{
	static const uint64_t numbers[] = {1, 0, STORE_LOCK_MAX, UINT64_C(1) << 61, 12345, 12345, 0};
	struct store *store = open_store(MB);
	uint64_t last = 0;

	(void)state;
	CHECK_STATUS(exchange_lock(store, "key", 0, 1), CACHE_MISSING);
	put_text(store, "key", "value");
	CHECK_EQ(words_of(store, "key").lock, 0);
	CHECK_STATUS(exchange_lock(store, "key", 1, 2), CACHE_MISMATCH);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		CHECK_STATUS(exchange_lock(store, "key", last ^ 1, numbers[i]), CACHE_MISMATCH);
		CHECK_EQ(words_of(store, "key").lock, last);
		CHECK_OK(exchange_lock(store, "key", last, numbers[i]));
		CHECK_EQ(words_of(store, "key").lock, numbers[i]);
		last = numbers[i];
	}
	CHECK(holds_text(store, "key", "value"));
	CHECK_VERIFIED(store);
}

static void build_words(void *context, char *to, size_t size, uint64_t official)
{
	(void)context;
	memset(to, (int)official & 0, size);
}

static void a_lock_word_survives_what_changes_the_value(void **state)
{
	static char bytes[20000];
	static const struct store_item items[] = {
		{.type = STORE_INT, .integer = 5}, {.type = STORE_STRING, .bytes = bytes, .size = 10},
		{.type = STORE_STRING, .bytes = bytes, .size = sizeof bytes}, {.type = STORE_IMAGE, .size = 800, .build = build_words},
		{.type = STORE_INT, .integer = INT_WORD_MAX}, {.type = STORE_NULL},
	};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	bool renewed;
	int64_t result;

	(void)state;
	put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "");
	CHECK_OK(exchange_lock(store, "key", 0, 77));
	for (size_t i = 0; i < COUNT_OF(items); i++) {
		for (int how = 0; how < 5; how++) {
			struct store_item item = items[i];
			item.ttl_us = item.stale_ttl_us = 10 * SECOND;
			switch (how) {
			case 0:
				CHECK_OK(store_put(store, &key, &item, STORE_SET));
				break;
			case 1:
				clock_advance(15 * SECOND); /* over a stale one */
				CHECK_OK(store_put(store, &key, &item, STORE_ADD));
				break;
			case 2:
				CHECK_OK(store_put_if(store, &key, &item, words_of(store, "key").token));
				break;
			case 3:
				item.flags = 9;
				CHECK_OK(store_put_if_changed(store, &key, &item, false, 0, &renewed));
				CHECK(!renewed);
				break;
			default:
				CHECK_OK(mark_at(store, "key"));
				int64_t lease = ask_for_lease(store, "key");
				CHECK(lease > 0);
				CHECK_OK(store_commit(store, &key, (uint64_t)lease, &item));
			}
			CHECK_EQ(words_of(store, "key").lock, 77);
		}
	}
	CHECK_OK(TOUCH(store, "key", .any = true));
	struct store_item number = item_int(INT_WORD_MAX);
	CHECK_OK(store_put(store, &key, &number, STORE_SET));
	CHECK_OK(store_increment(store, &key, 1, 0, &result)); /* moves */
	CHECK_EQ(words_of(store, "key").lock, 77);
	CHECK_OK(exchange_lock(store, "key", 77, 0)); /* 0 is in use as well */
	CHECK_OK(store_put(store, &key, &number, STORE_SET));
	CHECK_OK(exchange_lock(store, "key", 0, 5));
	CHECK_VERIFIED(store);
}

static void a_lock_word_dies_with_the_entry(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (int how = 0; how < 7; how++) {
		put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "tag");
		CHECK_OK(exchange_lock(store, "key", 0, 77));
		switch (how) {
		case 0:
			CHECK_OK(delete_at(store, "key"));
			break;
		case 1:
			store_clear(store);
			break;
		case 2:
			clock_advance(20 * SECOND);
			break;
		case 3:
			invalidate_tags(store, "tag", true);
			break;
		case 4: {
			struct store_key key = key_of(store, "key");
			struct shard_ref r = lock_shard(store, 0);
			evict_entry(&r, place_link(&r, word_granule(load_relaxed(index_find(&r, &key)))), world->wall_us);
			shard_unlock(&r);
			break;
		}
		case 5: {
			struct store_key key = key_of(store, "key");
			struct store_item item = {.type = STORE_STRING, .bytes = "", .size = 4 * MB};
			CHECK_STATUS(store_put(store, &key, &item, STORE_SET), CACHE_TOO_BIG);
			break;
		}
		default: {
			pid_t holder = stop_with_lock(first_shard_lock);
			CHECK_OK(delete_at(store, "key"));
			CHECK_STATUS(exchange_lock(store, "key", 77, 78), CACHE_MISSING);
			child_continue(holder);
			child_join(holder);
		}
		}
		CHECK_STATUS(exchange_lock(store, "key", 77, 78), CACHE_MISSING);
		put_lasting(store, "key", "value", 0, 0, "");
		CHECK_EQ(words_of(store, "key").lock, 0);
		CHECK_OK(delete_at(store, "key"));
	}
	CHECK_VERIFIED(store);
}

static void a_stale_entry_has_its_lock_word(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_lasting(store, "key", "value", 10 * SECOND, 10 * SECOND, "tag");
	CHECK_OK(exchange_lock(store, "key", 0, 1));
	clock_advance(10 * SECOND);
	CHECK_OK(exchange_lock(store, "key", 1, 2));
	CHECK_OK(mark_at(store, "key"));
	CHECK_OK(exchange_lock(store, "key", 2, 3));
	invalidate_tags(store, "tag", false);
	CHECK_OK(exchange_lock(store, "key", 3, 4));
	CHECK_EQ(words_of(store, "key").lock, 4);
}

/* Acknowledged exchanges are counted; the values are replaced, moved, marked and touched meanwhile. */
static void count_by_the_lock_word(void *context)
{
	struct store *store = open_store(MB);
	uint64_t number = *(uint64_t *)context;
	struct store_key key = key_of(store, "key");

	flag_await(FLAG_GO);
	jitter();
	for (int i = 0; i < (SLOW_BUILD ? 8000 : 30000); i++) {
		uint64_t word = words_of(store, "key").lock;
		world->words[number] += store_cas_lock(store, &key, word, word + 1) == CACHE_OK;
	}
}

static void replace_all_the_time(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)context;
	flag_await(FLAG_GO);
	jitter();
	for (int i = 0; !world->flags[FLAG_STOP]; i++) {
		struct store_item item = item_int(i % 2 ? i : INT_WORD_MAX);
		int64_t result;
		item.stale_ttl_us = STORE_FOREVER;
		enum cache_status status = store_put(store, &key, &item, STORE_SET);
		CHECK(status == CACHE_OK);
		(void)!store_increment(store, &key, 1, 0, &result);
		(void)!store_mark_stale(store, &key);
		(void)!TOUCH(store, "key", .any = true);
	}
}

static void no_exchange_is_lost(void **state)
{
	struct store *store = open_store(MB);
	pid_t pids[3], replacer;

	(void)state;
	put_text(store, "key", "value");
	for (uint64_t i = 0; i < COUNT_OF(pids); i++) {
		pids[i] = child_start(count_by_the_lock_word, &i);
	}
	replacer = child_start(replace_all_the_time, NULL);
	flag_raise(FLAG_GO);
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		child_join(pids[i]);
	}
	flag_raise(FLAG_STOP);
	child_join(replacer);
	CHECK_EQ(words_of(store, "key").lock, world->words[0] + world->words[1] + world->words[2]);
	CHECK(words_of(store, "key").lock > 1000);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_expected_is_touched),
		TEST(the_negative_stamp_revives),
		TEST(tokens_count_too),
		TEST(nothing_is_resurrected),
		TEST(the_boundary_at_hard),
		TEST(steps_of_the_clock),
		TEST(nothing_but_the_stamp_changes),
		TEST(the_sweep_knows_of_a_nearer_expiry),
		TEST(the_sweep_misses_no_touch),
		TEST(the_sweep_sees_a_touch_behind_its_back),
		TEST(a_frozen_stamp_is_waited_for),
		TEST(of_many_with_one_expectation_one_wins),
		TEST(a_lock_word_is_a_number_of_62_bits),
		TEST(a_lock_word_survives_what_changes_the_value),
		TEST(a_lock_word_dies_with_the_entry),
		TEST(a_stale_entry_has_its_lock_word),
		TEST(no_exchange_is_lost),
	};

	return RUN(tests, argc, argv);
}
