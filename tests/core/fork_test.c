#define _GNU_SOURCE
#include "support.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/retire.h"

static struct store_options few_slots(uint32_t processes)
{
	struct store_options options = options_for(MB);

	options.processes = processes;
	return options;
}

/* Stores and deletes values of the size of the pinned ones, so that every free block of theirs is written to. */
static void churn(struct store *store, size_t size)
{
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 120; i++) {
			struct store_key key = key_number(store, "churn", i);
			CHECK_OK(put_value(store, &key, size, round * 1000 + i));
		}
		for (unsigned i = 0; i < 120; i++) {
			struct store_key key = key_number(store, "churn", i);
			CHECK_OK(store_delete(store, &key));
		}
	}
}

/* ---- fork ----------------------------------------------------------------------------------------------- */

static struct store *inherited;
static struct store_view inherited_view;

static void use_inherited(void *context)
{
	uint32_t parents_slot = *(uint32_t *)context;

	CHECK_EQ(inherited->owner.slot, NO_SLOT);
	CHECK(holds_text(inherited, "key", "from the parent"));
	CHECK(inherited->owner.slot != NO_SLOT && inherited->owner.slot != parents_slot);
	put_text(inherited, "key", "from the child");
	CHECK_EQ(attached(inherited), 2);
	store_close(inherited);
}

static void a_child_without_pins_attaches_when_it_needs_to(void **state)
{
	(void)state;
	inherited = open_store(MB);
	uint32_t slot = inherited->owner.slot;
	put_text(inherited, "key", "from the parent");
	in_child(use_inherited, &slot);
	CHECK_EQ(inherited->owner.slot, slot);
	CHECK(holds_text(inherited, "key", "from the child"));
	CHECK_EQ(attached(inherited), 1);
	CHECK_VERIFIED(inherited);
}

static void stay_idle(void *context)
{
	(void)context;
	flag_raise(0);
	child_park();
}

static void fork_an_idle_child(void *context)
{
	(void)context;
	open_store(MB);
	orphan_start(0, stay_idle, NULL);
	child_park();
}

/* An idle child does not keep its parent alive. */
static void a_parent_is_dead_though_its_child_lives(void **state)
{
	struct store *store = open_store(MB);
	pid_t parent = child_start(fork_an_idle_child, NULL);

	(void)state;
	flag_await(0);
	CHECK_EQ(attached(store), 2);
	child_kill(parent);
	CHECK_EQ(kill(world->orphans[0], 0), 0);
	CHECK_EQ(owner_reap_all(&store->owner), 1);
	CHECK_EQ(attached(store), 1);
	orphan_kill(0);
}

#define PINNED_SIZE 3000

static void check_inherited_pin(void)
{
	CHECK_EQ(inherited_view.size, PINNED_SIZE);
	CHECK(value_is(inherited_view.bytes, PINNED_SIZE, 7));
}

static void keep_inherited_pin(void *context)
{
	(void)context;
	CHECK(inherited->owner.slot != NO_SLOT);
	flag_raise(0);
	flag_await(1);
	check_inherited_pin();
	flag_raise(2);
	flag_await(3);
	check_inherited_pin();
	/* Its own operations go on, the pin stays. */
	put_text(inherited, "from the child", "value");
	CHECK(holds_text(inherited, "from the child", "value"));
	check_inherited_pin();
	store_unpin(inherited, inherited_view.pin);
	flag_raise(4);
	flag_await(5);
}

static void pin_inherited(void)
{
	struct store_key key = key_of(inherited, "pinned");

	CHECK_OK(put_value(inherited, &key, PINNED_SIZE, 7));
	CHECK_OK(store_get(inherited, &key, &inherited_view));
	check_inherited_pin();
}

static void the_pins_of_a_child_outlive_those_of_its_parent(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "pinned");
	pid_t child;

	(void)state;
	inherited = open_store(MB);
	pin_inherited();
	child = child_start(keep_inherited_pin, NULL);
	flag_await(0);
	CHECK_EQ(pins_held(store), 2);
	/* The parent lets go, and the value is replaced. */
	store_unpin(inherited, inherited_view.pin);
	CHECK_OK(put_value(store, &key, PINNED_SIZE, 8));
	churn(store, PINNED_SIZE);
	CHECK_EQ(pins_held(store), 1);
	flag_raise(1);
	flag_await(2);
	/* The parent goes. */
	close_store(inherited);
	churn(store, PINNED_SIZE);
	CHECK_EQ(owner_reap_all(&store->owner), 0);
	flag_raise(3);
	flag_await(4);
	/* Now the block may be had again. */
	struct shard_ref r = lock_shard(store, 0);
	reclaim(&r);
	CHECK_EQ(r.shard->limbo_count, 0);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
	flag_raise(5);
	child_join(child);
}

/* With or without a slot of its own. */
static void read_inherited_pin(void *context)
{
	(void)context;
	flag_raise(0);
	flag_await(1);
	check_inherited_pin();
	put_text(inherited, "from the grandchild", "value");
	check_inherited_pin();
	flag_raise(2);
	child_park();
}

static void pin_and_fork(void *context)
{
	struct store_options options = few_slots(*(uint32_t *)context);

	inherited = open_with(&options);
	pin_inherited();
	orphan_start(0, read_inherited_pin, NULL);
	child_park();
}

static void pins_after_the_death_of_the_parent(uint32_t processes, struct store *store)
{
	struct store_key key;
	pid_t parent = child_start(pin_and_fork, &processes);

	flag_await(0);
	child_kill(parent);
	key = key_of(store, "pinned");
	CHECK_OK(put_value(store, &key, PINNED_SIZE, 8));
	owner_reap_all(&store->owner);
	churn(store, PINNED_SIZE);
	flag_raise(1);
	flag_await(2);
	CHECK(holds_text(store, "from the grandchild", "value"));
	orphan_kill(0);
	/* All who may read it are gone. */
	owner_reap_all(&store->owner);
	CHECK_EQ(pins_held(store), 0);
	CHECK_VERIFIED(store);
}

static void the_pins_of_a_child_outlive_its_killed_parent(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	pins_after_the_death_of_the_parent(16, store);
}

/* No slot for the child: the parent's stays taken as long as one of the two lives. */
static void the_pins_of_a_child_without_a_slot(void **state)
{
	struct store_options options = few_slots(2);
	struct store *store = open_with(&options);

	(void)state;
	pins_after_the_death_of_the_parent(2, store);
}

/* The indexes of the inherited pins mean nothing in the table of the slot that the child gets later. */
static void mix_pins(void *context)
{
	struct store_key key = key_of(inherited, "other");
	struct store_view view;

	(void)context;
	CHECK_OK(put_value(inherited, &key, PINNED_SIZE, 9));
	CHECK_OK(store_get(inherited, &key, &view));
	store_unpin(inherited, inherited_view.pin);
	CHECK_OK(put_value(inherited, &key, PINNED_SIZE, 10));
	churn(inherited, PINNED_SIZE);
	CHECK(value_is(view.bytes, view.size, 9));
}

static void a_child_without_a_slot_releases_only_its_own_pins(void **state)
{
	struct store_options options = few_slots(1);

	(void)state;
	inherited = open_with(&options);
	pin_inherited();
	in_child(mix_pins, NULL);
	check_inherited_pin();
	CHECK_VERIFIED(inherited);
}

static void fork_further(void *context)
{
	int generation = *(int *)context;

	check_inherited_pin();
	if (generation > 0) {
		generation--;
		in_child(fork_further, &generation);
		check_inherited_pin();
	}
}

static void pins_are_handed_over_from_child_to_child(void **state)
{
	int generations = 4;

	(void)state;
	inherited = open_store(MB);
	pin_inherited();
	in_child(fork_further, &generations);
	owner_reap_all(&inherited->owner);
	CHECK_EQ(attached(inherited), 1);
	CHECK_EQ(pins_held(inherited), 1);
	CHECK_VERIFIED(inherited);
}

/* ---- a scan of the pins beside a fork -------------------------------------------------------------------- */

struct scan {
	uint64_t beside, wanted; /* at whose pin the fork takes place; of the inherited view */
	bool forked, seen;
};

/* Between two pins that it reads, the parent forks and lets go. */
static void fork_beside(void *context, uint64_t granule, uint32_t index)
{
	struct scan *scan = context;

	(void)index;
	scan->seen |= granule == scan->wanted;
	if (granule == scan->beside && !scan->forked) {
		scan->forked = true;
		child_start(stay_idle, NULL);
		flag_await(0);
		store_unpin(inherited, inherited_view.pin);
	}
}

/* The child's pin stands where the scan still comes to, though a slot below is free. */
static void a_scan_beside_a_fork_meets_one_of_the_pins(void **state)
{
	struct store *lowest = open_store(MB), *beside = open_store(MB);
	struct store_key key = key_of(beside, "beside");
	struct store_view view;
	struct scan scan = {0};

	(void)state;
	CHECK_OK(put_value(beside, &key, PINNED_SIZE, 1));
	CHECK_OK(store_get(beside, &key, &view));
	inherited = open_store(MB);
	pin_inherited();
	close_store(lowest);
	scan.beside = load_relaxed(&beside->owner.pins[view.pin]);
	scan.wanted = load_relaxed(&inherited->owner.pins[inherited_view.pin]);
	pins_scan(beside->segment, NO_SLOT, fork_beside, &scan);
	CHECK(scan.forked);
	CHECK(scan.seen);
}

/* A fork while a value is being built: the block belongs to the parent alone. */
static void fork_in_the_middle(void *context)
{
	struct store *store = context;

	child_start(stay_idle, NULL);
	flag_await(0);
	CHECK_EQ(load_relaxed(&segment_participant(store->segment, 1)->state), SLOT_FREE); /* nothing to hand over */
}

static void forking_while_a_value_is_built(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	fault_call(FAULT_PINNED, 1, fork_in_the_middle, store);
	CHECK_OK(put_value(store, &key, 5000, 3));
	CHECK(holds_value(store, &key, 5000, 3));
	CHECK_EQ(pins_held(store), 0);
	CHECK_EQ(attached(store), 1);
	CHECK_VERIFIED(store);
}

static void fork_and_exit(void *context)
{
	struct store *store = context;

	for (int i = 0; i < 20; i++) {
		pid_t child = fork();
		if (child == 0) {
			put_text(store, "key", "value");
			_exit(0);
		}
		int status;
		waitpid(child, &status, 0);
		CHECK_EQ(status, 0);
	}
}

/* Children that end without closing anything: their slots do not run out. */
static void slots_do_not_leak_by_forking(void **state)
{
	struct store_options options = few_slots(3);
	struct store *store = open_with(&options);

	(void)state;
	in_child(fork_and_exit, store);
	CHECK(owner_reap_all(&store->owner) <= 2);
	CHECK_EQ(attached(store), 1);
	CHECK_EQ(COUNTER_OF(store, guest_operations), 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_without_pins_attaches_when_it_needs_to),
		TEST(a_parent_is_dead_though_its_child_lives),
		TEST(the_pins_of_a_child_outlive_those_of_its_parent),
		TEST(the_pins_of_a_child_outlive_its_killed_parent),
		TEST(the_pins_of_a_child_without_a_slot),
		TEST(a_child_without_a_slot_releases_only_its_own_pins),
		TEST(pins_are_handed_over_from_child_to_child),
		TEST(a_scan_beside_a_fork_meets_one_of_the_pins),
		TEST(forking_while_a_value_is_built),
		TEST(slots_do_not_leak_by_forking),
	};

	return RUN(tests, argc, argv);
}
