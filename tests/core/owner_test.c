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

static struct participant *record_of(struct store *store, uint32_t slot)
{
	return segment_participant(store->segment, slot);
}

/* Marked as attached, dead or alive; store_get_info() would clean up after the dead. */
static uint32_t attached(struct store *store) { return owner_count(store->segment); }

static void count_pin(void *context, uint64_t granule, uint32_t index)
{
	(void)granule;
	(void)index;
	++*(uint64_t *)context;
}

static uint64_t pins_held(struct store *store)
{
	uint64_t count = 0;

	pins_scan(store->segment, NO_SLOT, count_pin, &count);
	return count;
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

/* ---- slots ---------------------------------------------------------------------------------------------- */

static void each_participant_has_a_slot(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB), *c;

	(void)state;
	CHECK_EQ(a->owner.slot, 0);
	CHECK_EQ(b->owner.slot, 1);
	CHECK_EQ(attached(a), 2);
	CHECK_EQ(load_relaxed(&record_of(a, 0)->state), SLOT_USED);
	close_store(a);
	CHECK_EQ(attached(b), 1);
	c = open_store(MB);
	CHECK_EQ(c->owner.slot, 0);
	CHECK_EQ(b->segment->superblock->participants_used, 2);
}

static void each_tenant_is_another_incarnation(void **state)
{
	struct store *keeper = open_store(MB);
	uint32_t last = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct store *store = open_store(MB);
		CHECK_EQ(store->owner.slot, 1);
		CHECK(load_relaxed(&record_of(keeper, 1)->incarnation) > last);
		last = load_relaxed(&record_of(keeper, 1)->incarnation);
		close_store(store);
	}
}

static void the_living_are_not_reaped(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	CHECK(!owner_reap(&a->owner, b->owner.slot));
	CHECK(!owner_reap(&a->owner, a->owner.slot));
	CHECK(!owner_reap(&a->owner, a->segment->geometry.participants));
	CHECK(!owner_reap(&a->owner, NO_SLOT));
	CHECK_EQ(owner_reap_all(&a->owner), 0);
	CHECK_EQ(attached(a), 2);
}

static void pin_and_park(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, context);
	struct store_view view;

	CHECK_OK(store_get(store, &key, &view));
	CHECK(view.pin != 0);
	flag_raise(0);
	child_park();
}

static void a_killed_process_is_reaped(void **state)
{
	struct store *store = open_store(MB);
	pid_t child;

	(void)state;
	put_text(store, "key", "some longer value");
	child = child_start(pin_and_park, "key");
	flag_await(0);
	CHECK_EQ(attached(store), 2);
	CHECK_EQ(pins_held(store), 1);
	CHECK_EQ(owner_reap_all(&store->owner), 0);
	child_kill(child);
	CHECK_EQ(pins_held(store), 1); /* nobody knows yet */
	CHECK_EQ(owner_reap_all(&store->owner), 1);
	CHECK_EQ(attached(store), 1);
	CHECK_EQ(pins_held(store), 0);
	CHECK_EQ(COUNTER_OF(store, recoveries), 1);
	CHECK_VERIFIED(store);
}

/* A stopped process is alive, however long it is stopped. */
static void a_stopped_process_is_not_reaped(void **state)
{
	struct store *store = open_store(MB);
	pid_t child;

	(void)state;
	put_text(store, "key", "some longer value");
	child = child_start(pin_and_park, "key");
	flag_await(0);
	kill(child, SIGSTOP);
	child_await_stop(child);
	CHECK_EQ(owner_reap_all(&store->owner), 0);
	CHECK_EQ(pins_held(store), 1);
}

static void the_slot_of_the_dead_is_used_again(void **state)
{
	struct store_options options = few_slots(2);
	struct store *store = open_with(&options), *next;
	pid_t child;

	(void)state;
	put_text(store, "key", "some longer value");
	child = child_start(pin_and_park, "key");
	flag_await(0);
	uint32_t incarnation = load_relaxed(&record_of(store, 1)->incarnation);
	child_kill(child);
	next = open_with(&options);
	CHECK_EQ(next->owner.slot, 1);
	CHECK(!next->owner.guest);
	CHECK_EQ(open_message[0], 0);
	CHECK_EQ(load_relaxed(&record_of(store, 1)->incarnation), incarnation + 1);
	CHECK_EQ(pins_held(store), 0);
	CHECK_EQ(COUNTER_OF(store, recoveries), 1);
	CHECK(holds_text(next, "key", "some longer value"));
	CHECK_VERIFIED(next);
}

/* ---- pins ----------------------------------------------------------------------------------------------- */

static void pins_are_found_lowest_first(void **state)
{
	struct store *store = open_store(MB);
	struct owner *o = &store->owner;

	(void)state;
	for (uint32_t i = WRITER_PINS; i < PINS_PER_PARTICIPANT; i++) {
		CHECK_EQ(pin_find_free(o), i);
		pin_set(o, i, (struct place){i * 100});
	}
	CHECK_EQ(pin_find_free(o), PINS_PER_PARTICIPANT);
	CHECK_EQ(load_relaxed(&o->record->pins), PINS_PER_PARTICIPANT);
	pin_clear(o, 700);
	pin_clear(o, 7);
	CHECK_EQ(pin_find_free(o), 7);
	pin_set(o, 7, (struct place){1});
	CHECK_EQ(pin_find_free(o), 700);
	pin_set(o, 700, (struct place){1});
	CHECK_EQ(pin_find_free(o), PINS_PER_PARTICIPANT);
	CHECK(pin_reading(o));
	pin_clear_readers(o);
	CHECK(!pin_reading(o));
	CHECK_EQ(pin_find_free(o), WRITER_PINS);
}

struct seen {
	uint64_t granules, writing;
	uint32_t count;
};

static void see(void *context, uint64_t granule, uint32_t index)
{
	struct seen *seen = context;

	seen->count++;
	seen->granules += granule;
	seen->writing += index < WRITER_PINS ? granule : 0;
}

static void the_scan_sees_the_pins_of_all_but_one(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct seen seen = {0};

	(void)state;
	pin_set(&a->owner, WRITER_PINS, (struct place){11});
	pin_set(&a->owner, WRITER_PINS + 9, (struct place){12});
	pin_set(&b->owner, 0, (struct place){13});
	pin_set(&b->owner, PINS_PER_PARTICIPANT - 1, (struct place){14});
	pins_scan(a->segment, NO_SLOT, see, &seen);
	CHECK_EQ(seen.count, 4);
	CHECK_EQ(seen.granules, 11 + 12 + 13 + 14);
	CHECK_EQ(seen.writing, 13);
	seen = (struct seen){0};
	pins_scan(a->segment, a->owner.slot, see, &seen);
	CHECK_EQ(seen.count, 2);
	CHECK_EQ(seen.granules, 13 + 14);
	seen = (struct seen){0};
	pin_clear(&b->owner, 0);
	pin_clear_readers(&b->owner);
	pins_scan(a->segment, a->owner.slot, see, &seen);
	CHECK_EQ(seen.count, 0);
	pin_clear_readers(&a->owner);
}

/* ---- guests --------------------------------------------------------------------------------------------- */

static void visit_nothing(void *context, const struct store_entry *entry)
{
	(void)entry;
	++*(unsigned *)context;
}

static void all_operations(struct store *store)
{
	struct store_key text = key_of(store, "text"), number = key_of(store, "number");
	struct store_cursor cursor = {0};
	struct store_entry entry;
	struct store_item item = item_int(9);
	int64_t result;
	unsigned visited = 0;

	put_text(store, "text", "value");
	CHECK(holds_text(store, "text", "value"));
	CHECK_OK(put_value(store, &text, 9000, 1));
	CHECK(holds_value(store, &text, 9000, 1));
	CHECK_STATUS(store_put(store, &text, &item, STORE_ADD), CACHE_EXISTS);
	CHECK_OK(store_increment(store, &number, 5, 0, &result));
	CHECK_EQ(result, 5);
	CHECK_OK(store_cas(store, &number, 5, INT64_MAX));
	CHECK_OK(store_increment(store, &number, -1, 0, &result));
	CHECK_EQ(result, INT64_MAX - 1);
	CHECK_OK(store_inspect(store, &number, &entry));
	CHECK_EQ(entry.view.integer, INT64_MAX - 1);
	store_unpin(store, entry.view.pin);
	while (!cursor.done) {
		store_walk(store, &cursor, 1, visit_nothing, &visited);
	}
	CHECK_EQ(visited, 2);
	CHECK_OK(store_exists(store, &number));
	CHECK_OK(store_delete(store, &number));
	CHECK_STATUS(store_exists(store, &number), CACHE_MISSING);
	clock_advance(2000000);
	store_sweep(store);
	store_unpin_all(store);
	CHECK_VERIFIED(store);
	store_clear(store);
	CHECK(!has(store, "text"));
}

static void whoever_finds_no_slot_is_a_guest(void **state)
{
	struct store_options options = few_slots(2);
	struct store *a = open_with(&options), *b = open_with(&options), *guest = open_with(&options);
	struct store_info info;

	(void)state;
	CHECK_SAYS(open_message, "2 slots");
	CHECK_SAYS(open_message, guest->segment->path);
	store_get_info(guest, &info);
	CHECK(info.guest);
	store_get_info(b, &info);
	CHECK(!info.guest);
	all_operations(guest);
	CHECK_EQ(guest->owner.slot, NO_SLOT); /* keeps nothing between two operations */
	CHECK(COUNTER_OF(a, guest_operations) > 10);
	CHECK_EQ(attached(a), 2);
	all_operations(a);
	CHECK(holds_text(guest, "text", "value") == holds_text(b, "text", "value"));
}

/* A guest gives its slot back after each operation: its views are copies, and as many as it likes. */
static void the_views_of_guests_are_copies(void **state)
{
	enum { GUESTS = GUEST_SLOTS + 3, VIEWS = 50 };
	struct store_options options = few_slots(1);
	struct store *owner = open_with(&options);
	struct store_view views[GUESTS][VIEWS];

	(void)state;
	for (unsigned i = 0; i < GUESTS; i++) {
		struct store *guest = open_with(&options);
		for (uint64_t k = 0; k < VIEWS; k++) {
			struct store_key key = key_number(owner, "key", k);
			CHECK_OK(put_value(owner, &key, k * 100, k));
			CHECK_OK(store_get(guest, &key, &views[i][k]));
			CHECK(views[i][k].pin != 0);
		}
		CHECK_EQ(guest->owner.slot, NO_SLOT);
		for (uint64_t k = 1; k < VIEWS; k += 2) {
			store_unpin(guest, views[i][k].pin);
		}
	}
	CHECK_EQ(pins_held(owner), 0);
	store_clear(owner);
	churn(owner, 1000);
	for (unsigned i = 0; i < GUESTS; i++) {
		for (uint64_t k = 0; k < VIEWS; k += 2) {
			CHECK_EQ(views[i][k].size, k * 100);
			CHECK(value_is(views[i][k].bytes, k * 100, k));
		}
	}
	CHECK_VERIFIED(owner);
}

/* All guest slots are busy for as long as somebody is stopped in the middle of an operation. */
static void operate_as_a_guest(void *context)
{
	struct store_options options = few_slots(1);
	struct store *store = open_with(&options);
	struct store_key key = key_number(store, "of guest", *(uint64_t *)context);

	fault_stop(FAULT_PINNED, 1);
	CHECK_OK(put_value(store, &key, 5000, 1)); /* and it is cleared meanwhile */
	CHECK(!has_key(store, &key));
}

static void without_a_guest_slot_nothing_works_but_nothing_breaks(void **state)
{
	struct store_options options = few_slots(1);
	struct store *owner = open_with(&options), *guest;
	struct store_key key = key_of(owner, "key");
	struct store_view view;
	pid_t pids[GUEST_SLOTS];

	(void)state;
	put_text(owner, "key", "value");
	for (uint64_t i = 0; i < GUEST_SLOTS; i++) {
		pids[i] = child_start(operate_as_a_guest, &i);
		child_await_stop(pids[i]);
	}
	guest = open_with(&options);
	CHECK_STATUS(store_get(guest, &key, &view), CACHE_BUSY);
	CHECK_STATUS(put_int(guest, &key, 1), CACHE_BUSY);
	store_clear(guest); /* needs no slot */
	CHECK(!has(owner, "key"));
	put_text(owner, "key", "value");
	for (uint64_t i = 0; i < GUEST_SLOTS; i++) {
		child_continue(pids[i]);
		child_join(pids[i]);
	}
	CHECK(holds_text(guest, "key", "value"));
	CHECK_VERIFIED(owner);
}

static void be_a_guest(void *context)
{
	struct store_options options = few_slots(1);
	struct store *store = open_with(&options);
	struct store_view view;
	uint64_t first = *(uint64_t *)context;

	flag_raise((int)first);
	flag_await(9);
	for (uint64_t i = 0; i < 300; i++) {
		struct store_key key = key_number(store, "guest", first * 1000 + i);
		enum cache_status status = put_value(store, &key, 40 + i * 10, i);
		CHECK(status == CACHE_OK || status == CACHE_BUSY);
		if (status == CACHE_OK && store_get(store, &key, &view) == CACHE_OK) {
			CHECK(value_is(view.bytes, view.size, i));
			store_unpin(store, view.pin);
			world->words[first]++;
		}
	}
}

static void more_guests_than_slots_take_turns(void **state)
{
	enum { GUESTS = 6 };
	struct store_options options = few_slots(1);
	struct store *store = open_with(&options);
	pid_t pids[GUESTS];

	(void)state;
	for (uint64_t i = 0; i < GUESTS; i++) {
		pids[i] = child_start(be_a_guest, &i);
		flag_await((int)i);
	}
	flag_raise(9);
	for (int i = 0; i < GUESTS; i++) {
		child_join(pids[i]);
		CHECK(world->words[i] > 0);
	}
	CHECK_VERIFIED(store);
	CHECK(COUNTER_OF(store, guest_operations) >= GUESTS * 100);
}

static void die_as_a_guest(void *context)
{
	struct store_options options = few_slots(1);
	struct store *store = open_with(&options);
	struct store_key key = key_of(store, "key");

	(void)context;
	CHECK(store->owner.guest);
	fault_kill(FAULT_PINNED, 1);
	(void)!put_value(store, &key, 5000, 1);
}

static void guests_that_die_are_recovered(void **state)
{
	struct store_options options = few_slots(1);
	struct store *store = open_with(&options), *guest;

	(void)state;
	for (unsigned i = 0; i < GUEST_SLOTS * 2; i++) {
		CHECK_EQ(child_wait(child_start(die_as_a_guest, NULL)) & 0x7f, SIGKILL);
		guest = open_with(&options);
		put_text(guest, "other", "value");
		close_store(guest);
	}
	CHECK(COUNTER_OF(store, recoveries) >= 1);
	owner_reap_all(&store->owner);
	CHECK_EQ(pins_held(store), 0);
	CHECK_VERIFIED(store);
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

/* A fork while a value is being built: the block belongs to the parent alone. */
static void fork_in_the_middle(void *context)
{
	struct store *store = context;

	child_start(stay_idle, NULL);
	flag_await(0);
	CHECK_EQ(pins_held(store), 1);
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
		TEST(each_participant_has_a_slot),
		TEST(each_tenant_is_another_incarnation),
		TEST(the_living_are_not_reaped),
		TEST(a_killed_process_is_reaped),
		TEST(a_stopped_process_is_not_reaped),
		TEST(the_slot_of_the_dead_is_used_again),
		TEST(pins_are_found_lowest_first),
		TEST(the_scan_sees_the_pins_of_all_but_one),
		TEST(whoever_finds_no_slot_is_a_guest),
		TEST(the_views_of_guests_are_copies),
		TEST(without_a_guest_slot_nothing_works_but_nothing_breaks),
		TEST(more_guests_than_slots_take_turns),
		TEST(guests_that_die_are_recovered),
		TEST(a_child_without_pins_attaches_when_it_needs_to),
		TEST(a_parent_is_dead_though_its_child_lives),
		TEST(the_pins_of_a_child_outlive_those_of_its_parent),
		TEST(the_pins_of_a_child_outlive_its_killed_parent),
		TEST(the_pins_of_a_child_without_a_slot),
		TEST(a_child_without_a_slot_releases_only_its_own_pins),
		TEST(pins_are_handed_over_from_child_to_child),
		TEST(forking_while_a_value_is_built),
		TEST(slots_do_not_leak_by_forking),
	};

	return RUN(tests, argc, argv);
}
