#include "support.h"

#include "core/store/alloc.h"
#include "core/store/index.h"
#include "core/store/retire.h"

static link_t link_of(struct store *store, const struct shard_ref *r, const char *name)
{
	struct store_key key = key_of(store, name);
	atomic_u64 *slot = index_find(r, &key);

	CHECK(slot != NULL);
	return place_link(r, word_granule(load_relaxed(slot)));
}

static void retired_blocks_wait_for_their_pins(void **state)
{
	struct store *store = open_store(MB), *reader = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_view view;
	struct shard_ref r;
	link_t link;

	(void)state;
	put_text(store, "key", "a value of some length");
	CHECK_OK(store_get(reader, &key, &view));
	r = lock_shard(store, 0);
	link = link_of(store, &r, "key");
	shard_unlock(&r);
	CHECK_OK(store_delete(store, &key));
	r = lock_shard(store, 0);
	CHECK_EQ(r.shard->limbo_count, 1);
	CHECK_EQ(r.shard->limbo_bytes, block_bytes(&r, link));
	CHECK_EQ(entry_state(link_entry(&r, link)), ENTRY_RETIRED);
	CHECK_EQ(reclaim(&r), 0);
	CHECK(block_starts_at(&r, link));
	CHECK_EQ(r.shard->limbo_count, 1);
	store_unpin(reader, view.pin);
	CHECK_EQ(reclaim(&r), 1);
	CHECK(!block_starts_at(&r, link));
	CHECK_EQ(r.shard->limbo_count, 0);
	CHECK_EQ(r.shard->limbo_bytes, 0);
	CHECK_EQ(reclaim(&r), 0);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

static void the_set_of_pins_misses_none(void **state)
{
	struct store *store = open_store(MB);
	static struct pin_set pins;
	struct shard_ref r = lock_shard(store, 0);
	struct rng rng = {4};
	uint64_t granules[1000];
	uint32_t seen = 0;
	unsigned false_ones = 0;

	(void)state;
	pin_set_collect(&r, &pins);
	CHECK_EQ(pins.count, 0);
	CHECK(!pin_set_has(&pins, (struct place){12345}));
	for (uint32_t i = 0; i < COUNT_OF(granules); i++) {
		granules[i] = 1 + rng_next(&rng) % 100000;
		pin_set(&store->owner, WRITER_PINS + i, (struct place){granules[i]});
		if (i < 2 * PIN_SET_FEW || i == COUNT_OF(granules) - 1) {
			pin_set_collect(&r, &pins);
			CHECK_EQ(pins.count, i + 1);
			for (seen = 0; seen <= i; seen++) {
				CHECK(pin_set_has(&pins, (struct place){granules[seen]}));
			}
			CHECK(!pin_set_has(&pins, (struct place){100001}) || i >= PIN_SET_FEW);
		}
	}
	CHECK_EQ(seen, COUNT_OF(granules));
	/* It errs towards "pinned", but seldom. */
	for (uint64_t granule = 200000; granule < 210000; granule++) {
		false_ones += pin_set_has(&pins, (struct place){granule});
	}
	CHECK(false_ones < 10000 / 10);
	pin_clear_readers(&store->owner);
	pin_set_collect(&r, &pins);
	CHECK_EQ(pins.count, 0);
	shard_unlock(&r);
}

/* Without anybody asking for room: writes give back what they replaced. */
static void replaced_memory_does_not_gather(void **state)
{
	static const size_t sizes[] = {10, 3000, 30000, 200000};
	struct store *store = open_store(4 * MB);
	struct store_info info;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct store_key key = key_number(store, "key", i);
		for (uint64_t k = 0; k < 200; k++) {
			CHECK_OK(put_value(store, &key, sizes[i], k));
			store_get_info(store, &info);
			CHECK(info.memory_retired <= 300 * KB); /* 16 blocks, or a 64th of the shard, and the one just replaced */
		}
	}
	CHECK(info.memory_total < 2 * MB);
	CHECK_EQ(COUNTER_OF(store, evictions), 0);
}

/* One long pin keeps one block, not the others that are retired after it. */
static void one_pin_keeps_one_block(void **state)
{
	struct store *store = open_store(4 * MB), *reader = open_store(4 * MB);
	struct store_key key = key_of(store, "pinned");
	struct store_view view;
	struct store_info info;

	(void)state;
	CHECK_OK(put_value(store, &key, 1000, 1));
	CHECK_OK(store_get(reader, &key, &view));
	CHECK_OK(store_delete(store, &key));
	key = key_of(store, "key");
	for (uint64_t i = 0; i < 20000; i++) {
		CHECK_OK(put_value(store, &key, 1000, i));
	}
	store_get_info(store, &info);
	CHECK(info.memory_retired < 100 * KB && info.memory_retired >= 1000);
	CHECK_EQ(info.counters[STORE_COUNT_evictions], 0);
	CHECK(value_is(view.bytes, 1000, 1));
	CHECK_VERIFIED(store);
}

/* ---- readers against a writer that reuses each block at once ----------------------------------------------- */

enum { FLAG_STOP = 6, HELD = 8, KEYS = 4 };

/* Small, so that much of a reader's time is the look-up: the rest of the value follows from its first word. */
struct value {
	uint64_t seed, rest[3];
};

static struct value value_of(uint64_t seed)
{
	return (struct value){seed, {hash_mix(seed + 1), hash_mix(seed + 2), hash_mix(seed + 3)}};
}

static void check_value(const struct store_view *view, uint64_t seed)
{
	struct value value = value_of(seed);

	CHECK_EQ(view->size, sizeof value);
	CHECK(memcmp(view->bytes, &value, sizeof value) == 0);
}

/* The keys are only ever replaced: they are never missed, and what was found does not change until it is let go. */
static void hold_and_look_again(void *context)
{
	struct store *store = open_store(MB);
	struct rng rng = {(uint64_t)(uintptr_t)context};
	struct store_key keys[KEYS];
	struct store_view held[HELD];
	uint64_t seeds[HELD], looked = 0;

	for (uint64_t i = 0; i < KEYS; i++) {
		keys[i] = key_number(store, "key", i);
	}
	memset(held, 0, sizeof held);
	flag_raise((int)rng.state);
	jitter();
	while (!world->flags[FLAG_STOP]) {
		unsigned i = (unsigned)rng_below(&rng, HELD);
		if (held[i].pin) {
			check_value(&held[i], seeds[i]);
			store_unpin(store, held[i].pin);
			held[i].pin = 0;
			looked++;
		}
		if (store_get(store, &keys[rng_below(&rng, KEYS)], &held[i]) == CACHE_OK) {
			memcpy(&seeds[i], held[i].bytes, 8);
			check_value(&held[i], seeds[i]);
		} else {
			CHECK(world->words[1] > 0);
			held[i].pin = 0;
		}
	}
	world->words[0] += looked;
}

static void put_random(struct store *store, struct rng *rng)
{
	struct store_key key = key_number(store, "key", rng_below(rng, KEYS));
	struct value value = value_of(rng_next(rng));
	struct store_item item = item_string((const char *)&value, sizeof value);
	enum cache_status status = store_put(store, &key, &item, STORE_SET);

	CHECK(status == CACHE_OK || status == CACHE_BUSY);
	world->words[1] += status == CACHE_BUSY; /* that invalidates the old value */
}

static void a_pinned_block_is_never_reused(void **state)
{
	struct store *store = open_store(MB);
	struct rng rng = {1};
	pid_t pids[2];

	(void)state;
	for (int i = 0; i < 100; i++) {
		put_random(store, &rng);
	}
	for (uintptr_t i = 0; i < 2; i++) {
		pids[i] = child_start(hold_and_look_again, (void *)(i + 1));
		flag_await((int)i + 1);
	}
	for (unsigned i = 0; i < (SLOW_BUILD ? 200000u : 1000000u); i++) {
		struct shard_ref r = shard_open(&store->owner, 0);
		put_random(store, &rng);
		if (i % 2 == 0 && shard_lock(&r) == CACHE_OK) {
			reclaim(&r); /* at once, instead of after some */
			shard_unlock(&r);
		}
	}
	flag_raise(FLAG_STOP);
	child_join(pids[0]);
	child_join(pids[1]);
	CHECK(world->words[0] > 100);
	CHECK_VERIFIED(store);
}

/* What was retired after the pins were collected is not freed by that collection. */
static void pins_collected_ahead_free_what_was_retired_before(void **state)
{
	struct store *store = open_store(4 * MB), *reader = open_store(4 * MB);
	struct store_key key = key_of(store, "pinned");
	struct store_view view;
	struct shard_ref r;
	struct pin_set pins;
	uint64_t number;

	(void)state;
	CHECK_OK(put_value(store, &key, 3000, 1));
	CHECK_OK(store_get(reader, &key, &view));
	CHECK_OK(store_delete(store, &key));
	key = key_of(store, "before");
	CHECK_OK(put_value(store, &key, 3000, 2));
	CHECK_OK(store_delete(store, &key));
	r = lock_shard(store, 0);
	retire_deferred(&r);
	CHECK_EQ(r.shard->limbo_count, 2);
	number = load_relaxed(&r.shard->retired);
	pin_set_collect(&r, &pins);
	shard_unlock(&r);
	key = key_of(store, "after");
	CHECK_OK(put_value(store, &key, 3000, 3));
	CHECK_OK(store_delete(store, &key));
	r = lock_shard(store, 0);
	retire_deferred(&r);
	CHECK_EQ(r.shard->limbo_count, 3);
	CHECK_EQ(reclaim_collected(&r, &pins, number), 1);
	CHECK_EQ(r.shard->limbo_count, 2);
	CHECK_EQ(r.shard->ready, 1);
	CHECK_EQ(reclaim(&r), 2);
	CHECK_EQ(r.shard->ready, 0);
	CHECK_EQ(r.shard->limbo_count, 1);
	CHECK(value_is(view.bytes, 3000, 1));
	store_unpin(reader, view.pin);
	CHECK_EQ(reclaim(&r), 1);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

/* What writes reclaim is ready for the next ones; others get it when they need memory, and all do after a while. */
static void what_writes_reclaim_is_ready(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "again"), other;
	struct shard_ref r = shard_of(store, key.hash);
	const struct size_class *class = &r.shard->classes[class_for(300 + sizeof(struct entry) + 8 + 4)];
	uint64_t before;
	uint32_t most = 0;

	(void)state;
	for (uint64_t i = 0; i < 200 || class->ready_count < most; i++) {
		CHECK_OK(put_value(store, &key, 300, i));
		CHECK_VERIFIED(store);
		most = class->ready_count > most ? class->ready_count : most;
	}
	CHECK(most > 5);
	CHECK_EQ(r.shard->ready, most);
	CHECK(class->used <= 1 + r.shard->ready + r.shard->limbo_count + RESERVES);
	/* With all of the memory in values of another size nothing is left that is ready. */
	before = COUNTER_OF(store, evictions);
	for (uint64_t i = 0; COUNTER_OF(store, evictions) == before; i++) {
		other = key_number(store, "other", i);
		CHECK_OK(put_value(store, &other, 2500, i));
	}
	CHECK_EQ(class->ready_count, 0);
	CHECK_VERIFIED(store);
	for (uint64_t i = 0; i < 200; i++) {
		CHECK_OK(put_value(store, &key, 300, i));
	}
	CHECK(holds_value(store, &key, 300, 199));
	reclaim_leftovers(&r);
	CHECK_EQ(r.shard->ready, 0);
	CHECK_VERIFIED(store);
}

/* Wiped as soon as nobody holds it, used again late, and at once where memory is needed. */
static void in_quarantine_freed_blocks_are_wiped_and_wait(void **state)
{
	struct store_options options = options_for(MB);
	struct store_key key;
	struct store_view held, freed;
	struct store *store, *reader;

	(void)state;
	options.quarantine = true;
	store = open_with(&options);
	reader = open_with(&options);
	key = key_of(store, "held");
	CHECK_OK(put_value(store, &key, 500, 1));
	CHECK_OK(store_get(reader, &key, &held));
	CHECK_OK(store_delete(store, &key));
	key = key_of(store, "freed");
	CHECK_OK(put_value(store, &key, 500, 2));
	CHECK_OK(store_get(reader, &key, &freed));
	store_unpin(reader, freed.pin);
	CHECK_OK(store_delete(store, &key));
	for (uint64_t i = 0; i < 500; i++) {
		key = key_number(store, "key", i % 3);
		CHECK_OK(put_value(store, &key, 500, i));
		CHECK(holds_value(store, &key, 500, i));
	}
	CHECK(value_is(held.bytes, 500, 1));
	for (size_t i = 0; i < 500; i++) {
		CHECK_EQ(freed.bytes[i], 0);
	}
	for (uint64_t i = 0; i < 5000; i++) {
		key = key_number(store, "many", i);
		CHECK_OK(put_value(store, &key, 100 + i % 3000, i));
	}
	CHECK(value_is(held.bytes, 500, 1));
	CHECK_EQ(COUNTER_OF(store, failed_memory), 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(retired_blocks_wait_for_their_pins),
		TEST(the_set_of_pins_misses_none),
		TEST(replaced_memory_does_not_gather),
		TEST(one_pin_keeps_one_block),
		TEST(pins_collected_ahead_free_what_was_retired_before),
		TEST(what_writes_reclaim_is_ready),
		TEST(in_quarantine_freed_blocks_are_wiped_and_wait),
		TEST(a_pinned_block_is_never_reused),
	};

	return RUN(tests, argc, argv);
}
