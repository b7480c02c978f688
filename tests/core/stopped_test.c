#include "steps.h"

static void put_next(struct store *store)
{
	put_text(store, "next", "value");
}

/* ---- a stopped owner ------------------------------------------------------------------------------------ */

static void count_walked(void *context, const struct store_entry *entry)
{
	(void)entry;
	++*(unsigned *)context;
}

static void a_stopped_owner_is_not_robbed(void **state)
{
	struct store *store = open_store(MB);
	struct store_key put = key_of(store, "put"), deleted = key_of(store, "deleted"), number = key_of(store, "number");
	struct store_key absent = key_of(store, "absent"), big = key_of(store, "big");
	struct store_item item = item_int(1);
	struct store_cursor cursor = {0};
	struct store_entry entry;
	unsigned walked = 0;
	int64_t result;
	pid_t holder;

	(void)state;
	put_others(store);
	put_old(store);
	put_text(store, "put", "old");
	put_text(store, "big", "old");
	put_text(store, "deleted", "old");
	CHECK_OK(put_int(store, &number, 41));
	new_size = 100;
	holder = stop_at(FAULT_LOCKED, put_new);

	/* A put fails, and its old value is gone: no wrong data. */
	CHECK_STATUS(put_value(store, &put, 64, 1), CACHE_BUSY);
	CHECK(!has(store, "put"));
	CHECK_STATUS(put_value(store, &big, 9000, 1), CACHE_BUSY);
	CHECK(!has(store, "big"));
	/* A delete deletes. */
	CHECK_OK(store_delete(store, &deleted));
	CHECK(!has(store, "deleted"));
	CHECK_STATUS(store_delete(store, &deleted), CACHE_MISSING);
	CHECK_STATUS(store_delete(store, &absent), CACHE_MISSING);
	/* An add of what is there is a read; of what is not there, a write. */
	CHECK_STATUS(store_put(store, &number, &item, STORE_ADD), CACHE_EXISTS);
	CHECK_STATUS(store_put(store, &absent, &item, STORE_ADD), CACHE_BUSY);
	CHECK_STATUS(store_put(store, &deleted, &item, STORE_ADD), CACHE_BUSY);
	/* Integers change without the lock, as long as they fit. */
	CHECK_OK(store_increment(store, &number, 1, 0, &result));
	CHECK_EQ(result, 42);
	CHECK_OK(store_cas(store, &number, 42, 43));
	CHECK_STATUS(store_increment(store, &number, INT_WORD_MAX, 0, &result), CACHE_BUSY);
	CHECK_EQ(int_at(store, "number"), 43);
	CHECK_STATUS(store_increment(store, &absent, 1, 0, &result), CACHE_BUSY);
	/* Reads go on. */
	CHECK_EQ(outcome_of(store), OLD);
	check_others(store);
	CHECK_OK(store_inspect(store, &number, &entry));
	store_unpin(store, entry.view.pin);
	while (!cursor.done) {
		store_walk(store, &cursor, 5, count_walked, &walked);
	}
	CHECK_EQ(walked, STEP_KEYS + 2);
	CHECK(COUNTER_OF(store, failed_busy) >= 6);
	CHECK(COUNTER_OF(store, invalidated_busy) >= 3);
	CHECK_EQ(COUNTER_OF(store, rebuilds), 0);

	child_continue(holder);
	child_join(holder);
	CHECK_EQ(outcome_of(store), NEW);
	CHECK(!has(store, "put"));
	CHECK(!has(store, "big"));
	CHECK(!has(store, "deleted"));
	CHECK(!has(store, "absent"));
	CHECK_EQ(int_at(store, "number"), 43);
	check_others(store);
	CHECK_VERIFIED(store);
	put_text(store, "deleted", "new");
	CHECK(holds_text(store, "deleted", "new"));
	CHECK_VERIFIED(store);
}

/* A clear needs no lock, and holds for what the stopped owner is about to publish. */
static void a_stopped_owner_and_a_clear(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH, FAULT_PINNED};

	(void)state;
	new_size = 2000;
	for (size_t i = 0; i < COUNT_OF(points); i++) {
		struct store *store = open_store(MB);
		pid_t holder;
		put_others(store);
		put_old(store);
		holder = stop_at(points[i], put_new);
		store_clear(store);
		CHECK_EQ(outcome_of(store), GONE);
		CHECK(!has(store, "other:3"));
		child_continue(holder);
		child_join(holder);
		/* Stored before the clear, or the lock was taken before it: gone. Only at the first point the put is as good
		 * as one that began after the clear. */
		CHECK(outcome_of(store) == GONE || points[i] == FAULT_LOCKED);
		CHECK(outcome_of(store) != OLD);
		CHECK(!has(store, "other:3"));
		CHECK_VERIFIED(store);
		put_text(store, "key", "after");
		CHECK(holds_text(store, "key", "after"));
		close_store(store);
	}
}

static void a_delete_of_the_key_that_the_stopped_owner_writes(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};

	(void)state;
	new_size = 100;
	for (size_t i = 0; i < COUNT_OF(points); i++) {
		struct store *store = open_store(MB);
		struct store_key key = key_of(store, "key");
		pid_t holder;
		put_old(store);
		holder = stop_at(points[i], put_new);
		CHECK_OK(store_delete(store, &key));
		CHECK_EQ(outcome_of(store), GONE);
		child_continue(holder);
		child_join(holder);
		/* The delete was before the put, if that was not visible yet; else after it. */
		CHECK_EQ(outcome_of(store), points[i] == FAULT_AFTER_PUBLISH ? GONE : NEW);
		CHECK_VERIFIED(store);
		close_store(store);
	}
}

/* ---- what is left of a put that lost the lock between its two steps --------------------------------------- */

static pid_t taker_pid;

static void take_the_lock_meanwhile(void *context)
{
	(void)context;
	taker_pid = stop_at(FAULT_LOCKED, put_next);
}

static void put_interrupted(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);

	fault_call(FAULT_PINNED, 1, take_the_lock_meanwhile, NULL);
	CHECK_STATUS(put_value(store, &key, 5000, 1), CACHE_BUSY);
	CHECK(!has_key(store, &key));
	child_continue(taker_pid);
	child_join(taker_pid);
}

static void a_put_that_lost_the_lock_midway_leaks_nothing(void **state)
{
	struct store *store = open_store(MB);
	uint64_t before;

	(void)state;
	put_next(store);
	before = entry_bytes_in_use(store);
	put_text(store, "key", "old");
	put_interrupted(store, "key"); /* its old value is gone, too */
	CHECK(!has(store, "key"));
	CHECK_VERIFIED(store);
	/* More of them than there are pins for writing: they are cleaned up. */
	for (unsigned i = 0; i < WRITER_PINS * 2; i++) {
		put_interrupted(store, "key");
		CHECK_VERIFIED(store);
	}
	struct store_key key = key_of(store, "key");
	CHECK_OK(put_value(store, &key, 5000, 1));
	CHECK(holds_value(store, &key, 5000, 1));
	CHECK_OK(store_delete(store, &key));
	CHECK_OK(store_settle_orphans(store));
	owner_reap_all(&store->owner); /* those who took the lock ended with a block in reserve */
	CHECK_EQ(entry_bytes_in_use(store), before);
	CHECK_VERIFIED(store);
}

static void what_it_left_is_freed_when_it_closes(void **state)
{
	struct store *store = open_store(MB), *closing = open_store(MB);
	uint64_t before;

	(void)state;
	put_next(store);
	before = entry_bytes_in_use(store);
	put_interrupted(closing, "key");
	close_store(closing);
	owner_reap_all(&store->owner);
	CHECK_EQ(entry_bytes_in_use(store), before);
	CHECK_VERIFIED(store);
}

static void lose_the_lock_and_exit(void *context)
{
	(void)context;
	put_interrupted(open_store(MB), "key");
}

static void what_it_left_is_freed_when_it_dies(void **state)
{
	struct store *store = open_store(MB);
	uint64_t before;

	(void)state;
	put_next(store);
	before = entry_bytes_in_use(store);
	in_child(lose_the_lock_and_exit, NULL);
	CHECK_EQ(owner_reap_all(&store->owner) >= 1, 1);
	CHECK_EQ(entry_bytes_in_use(store), before);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stopped_owner_is_not_robbed),
		TEST(a_stopped_owner_and_a_clear),
		TEST(a_delete_of_the_key_that_the_stopped_owner_writes),
		TEST(a_put_that_lost_the_lock_midway_leaks_nothing),
		TEST(what_it_left_is_freed_when_it_closes),
		TEST(what_it_left_is_freed_when_it_dies),
	};

	return RUN(tests, argc, argv);
}
