#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static blkcnt_t blocks_of(const struct store *store)
{
	struct stat st;

	CHECK(stat(store->segment->path, &st) == 0);
	return st.st_blocks;
}

/* Looking at a record that has no memory takes some, and kills where the file system has none: nobody does. */
static void guests_do_not_make_others_look_at_slots_that_were_never_used(void **state)
{
	struct store_options options = few_slots(1000);
	struct store *owner = open_with(&options), *guest;
	blkcnt_t blocks = blocks_of(owner);

	(void)state;
	fault_fail(FAULT_FALLOCATE, 1, UINT_MAX, ENOSPC);
	guest = open_with(&options);
	CHECK(guest->owner.guest);
	all_operations(guest);
	all_operations(owner);
	owner_reap_all(&owner->owner);
	CHECK(COUNTER_OF(owner, guest_operations) > 0); /* their records are looked at all the same */
	CHECK_EQ(owner->segment->superblock->participants_used, 1);
	CHECK_EQ(blocks_of(owner), blocks);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_finds_no_slot_is_a_guest),
		TEST(guests_do_not_make_others_look_at_slots_that_were_never_used),
		TEST(the_views_of_guests_are_copies),
		TEST(without_a_guest_slot_nothing_works_but_nothing_breaks),
		TEST(more_guests_than_slots_take_turns),
		TEST(guests_that_die_are_recovered),
	};

	return RUN(tests, argc, argv);
}
