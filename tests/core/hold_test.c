#include "support.h"

#include "core/store/retire.h"

static struct store_options limited(uint64_t size, uint64_t pinned_max)
{
	struct store_options options = options_for(size);

	options.pinned_max = pinned_max;
	return options;
}

static void put_values(struct store *store, unsigned count, size_t size)
{
	for (uint64_t i = 0; i < count; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_value(store, &key, size, i));
	}
}

static bool hold(struct store *store, uint64_t number)
{
	struct store_key key = key_number(store, "key", number);
	struct store_view view;

	CHECK_OK(store_get(store, &key, &view));
	if (!store_hold(store, &view)) {
		store_unpin(store, view.pin);
		return false;
	}
	return true;
}

static unsigned hold_many(struct store *store, unsigned count)
{
	unsigned held = 0;

	for (uint64_t i = 0; i < count; i++) {
		held += hold(store, i);
	}
	return held;
}

static void a_participant_holds_what_it_may(void **state)
{
	struct store_options options = limited(4 * MB, 100000);
	struct store *store = open_with(&options);

	(void)state;
	put_values(store, 300, 1000);
	unsigned held = hold_many(store, 300);
	CHECK(held >= 90 && held <= 100);
	CHECK_EQ(COUNTER_OF(store, pins_refused), 300 - held);
	CHECK_EQ(hold_many(store, 10), 10); /* these are held */
	CHECK_EQ(COUNTER_OF(store, pins_refused), 300 - held);
	store_unpin_all(store);
	CHECK_EQ(hold_many(store, 300), held);
	store_unpin_all(store);
}

static void the_default_is_a_tenth_of_the_segment(void **state)
{
	struct store *store = open_store(4 * MB);

	(void)state;
	put_values(store, 300, 3000);
	unsigned held = hold_many(store, 300);
	CHECK(held * 3000ull <= 4 * MB / 10 && (held + 5) * 3064ull > 4 * MB / 10);
}

static void a_value_above_the_limit_is_never_held(void **state)
{
	struct store_options options = limited(4 * MB, 50000);
	struct store *store = open_with(&options);

	(void)state;
	put_values(store, 2, 60000);
	CHECK(!hold(store, 0));
	struct store_key key = key_of(store, "key:0");
	CHECK(holds_value(store, &key, 60000, 0)); /* reading it is no matter */
}

static void scalars_need_not_be_held(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "number");
	struct store_view view;

	(void)state;
	CHECK_OK(put_int(store, &key, 1));
	CHECK_OK(store_get(store, &key, &view));
	CHECK_EQ(view.pin, 0);
	CHECK(!store_hold(store, &view));
}

/* Together: a quarter of the segment. */
static void all_together_hold_a_quarter(void **state)
{
	enum { READERS = 6 };
	struct store_options options = limited(4 * MB, 4 * MB);
	struct store *readers[READERS];
	uint64_t held = 0;

	(void)state;
	for (int i = 0; i < READERS; i++) {
		readers[i] = open_with(&options);
	}
	put_values(readers[0], 500, 4000);
	for (int i = 0; i < READERS; i++) {
		held += hold_many(readers[i], 100);
	}
	/* Each sums up what the others hold when its own account has grown by 64 KB. */
	CHECK(held * 4000 >= MB - 100 * KB && held * 4000 <= MB + READERS * 64 * KB);
	for (int i = 0; i < READERS; i++) {
		store_unpin_all(readers[i]);
	}
	CHECK_EQ(hold_many(readers[1], 100), 100);
}

static void some_pins_are_left_for_looking(void **state)
{
	struct store_options options = limited(4 * MB, 4 * MB);
	struct store *store = open_with(&options);
	unsigned held = 0;

	(void)state;
	put_values(store, PINS_PER_PARTICIPANT * 2, 10);
	for (unsigned i = 0; i < PINS_PER_PARTICIPANT * 2; i++) {
		held += hold(store, i);
	}
	CHECK(held > PINS_PER_PARTICIPANT * 8 / 10 && held < PINS_PER_PARTICIPANT - WRITER_PINS - 20);
	struct store_key key = key_of(store, "key:3");
	CHECK(holds_value(store, &key, 10, 3));
}

/* A block that is held is pinned once, however often it is looked up; another block under the key is another one. */
static void what_is_held_needs_no_further_pin(void **state)
{
	struct store *store = open_store(4 * MB), *writer = open_store(4 * MB);
	struct store_key key = key_of(store, "key:0");
	struct store_view first, again, other;

	(void)state;
	for (int round = 0; round < 3; round++) {
		put_values(writer, 20, 1000);
		CHECK_OK(store_get(store, &key, &first));
		CHECK(first.pin != 0 && !first.held);
		CHECK(store_hold(store, &first));
		for (int i = 0; i < 3000; i++) {
			CHECK_OK(store_get(store, &key, &again));
			CHECK(again.held && again.pin == 0 && again.bytes == first.bytes);
			CHECK(store_hold(store, &again));
		}
		CHECK_EQ(pins_held(store), 1);
		CHECK_EQ(hold_many(store, 20), 20);
		CHECK_EQ(pins_held(store), 20);
		CHECK_OK(put_value(writer, &key, 1000, 77));
		CHECK_OK(store_get(store, &key, &other));
		CHECK(!other.held && other.pin != 0 && other.bytes != first.bytes);
		CHECK(value_is(first.bytes, 1000, 0));
		CHECK(value_is(other.bytes, 1000, 77));
		store_unpin(store, other.pin);
		CHECK_OK(store_delete(writer, &key));
		CHECK_STATUS(store_get(store, &key, &other), CACHE_MISSING);
		CHECK(value_is(first.bytes, 1000, 0));
		store_unpin_all(store);
		CHECK_EQ(pins_held(store), 0);
	}
	CHECK_VERIFIED(store);
}

/* The epochs that tell what is held go round. */
static void what_was_held_is_forgotten(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key:1");
	struct store_view view;

	(void)state;
	put_values(store, 10, 100);
	store->held_epoch = (UINT32_C(1) << (64 - PLACE_BITS)) - 3;
	for (int i = 0; i < 10; i++) {
		CHECK_OK(store_get(store, &key, &view));
		CHECK(!view.held);
		CHECK(store_hold(store, &view));
		CHECK_OK(store_get(store, &key, &view));
		CHECK(view.held);
		store_unpin_all(store);
	}
	CHECK(store->held_epoch < 20);
}

static void guests_hold_nothing(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store, *guest;

	(void)state;
	options.processes = 1;
	store = open_with(&options);
	guest = open_with(&options);
	put_values(store, 2, 100);
	CHECK(!hold(guest, 1));
	CHECK_EQ(guest->owner.slot, NO_SLOT);
	CHECK(hold(store, 1));
}

/* More than a twentieth of a shard is retired and pinned: nobody adds pins until it is below a fiftieth. */
static void the_valve(void **state)
{
	struct store_options options = limited(4 * MB, 4 * MB);
	struct store *store = open_with(&options), *reader = open_with(&options);
	struct store_view views[100];

	(void)state;
	put_values(store, 100, 4000);
	for (uint64_t i = 0; i < 100; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(store_get(reader, &key, &views[i]));
		CHECK(store_hold(reader, &views[i]));
	}
	put_values(store, 100, 4000); /* 400 KB retired */
	struct shard_ref r = lock_shard(store, 0);
	reclaim(&r);
	shard_unlock(&r);
	CHECK(!hold(store, 1));
	CHECK(!hold(reader, 1));
	/* Half of it comes back: still more than a fiftieth. */
	for (uint64_t i = 0; i < 60; i++) {
		store_unpin(reader, views[i].pin);
	}
	r = lock_shard(store, 0);
	reclaim(&r);
	shard_unlock(&r);
	CHECK(!hold(store, 1));
	store_unpin_all(reader);
	r = lock_shard(store, 0);
	reclaim(&r);
	shard_unlock(&r);
	CHECK(hold(store, 1));
	CHECK_VERIFIED(store);
}

/* Nobody writes any more: whoever sweeps finds that what was pinned is free. */
static void the_valve_opens_without_a_write(void **state)
{
	struct store_options options = limited(4 * MB, 4 * MB);
	struct store *store = open_with(&options), *reader = open_with(&options);

	(void)state;
	put_values(store, 100, 4000);
	CHECK_EQ(hold_many(reader, 100), 100);
	put_values(store, 100, 4000);
	store_unpin_all(store);
	clock_advance(2000000);
	store_sweep(store);
	CHECK(!hold(store, 1));
	store_unpin_all(reader);
	CHECK(!hold(store, 1));
	clock_advance(2000000);
	store_sweep(store);
	CHECK(hold(store, 1));
	struct shard_ref r = lock_shard(store, 0);
	CHECK_EQ(r.shard->limbo_count, 0);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

static void hold_and_park(void *context)
{
	struct store_options options = limited(4 * MB, 4 * MB);
	struct store *store = open_with(&options);

	(void)context;
	CHECK(hold_many(store, 150) > 140);
	flag_raise(0);
	child_park();
}

static void what_the_dead_held_does_not_count(void **state)
{
	struct store_options options = limited(4 * MB, 4 * MB);
	struct store *store = open_with(&options);
	pid_t pids[2];

	(void)state;
	put_values(store, 300, 4000);
	for (int i = 0; i < 2; i++) {
		world->flags[0] = 0;
		pids[i] = child_start(hold_and_park, NULL);
		flag_await(0);
		if (i == 0) {
			child_kill(pids[0]);
			owner_reap_all(&store->owner);
		}
	}
	child_kill(pids[1]);
	owner_reap_all(&store->owner);
	CHECK(hold_many(store, 150) > 140);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_participant_holds_what_it_may),
		TEST(the_default_is_a_tenth_of_the_segment),
		TEST(a_value_above_the_limit_is_never_held),
		TEST(scalars_need_not_be_held),
		TEST(all_together_hold_a_quarter),
		TEST(some_pins_are_left_for_looking),
		TEST(what_is_held_needs_no_further_pin),
		TEST(what_was_held_is_forgotten),
		TEST(guests_hold_nothing),
		TEST(the_valve),
		TEST(the_valve_opens_without_a_write),
		TEST(what_the_dead_held_does_not_count),
	};

	return RUN(tests, argc, argv);
}
