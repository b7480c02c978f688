#define _GNU_SOURCE
#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/retire.h"

/* ---- the lock itself ------------------------------------------------------------------------------------ */

static void the_word_names_its_owner(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct owner_lock lock = {0};

	(void)state;
	CHECK_EQ(lock_owner(&lock), NO_SLOT);
	CHECK_OK(lock_acquire(&b->owner, &lock));
	CHECK_EQ(lock_owner(&lock), b->owner.slot);
	CHECK_STATUS(lock_wait(&a->owner, &lock), CACHE_BUSY);
	CHECK_EQ(lock_owner(&lock), b->owner.slot); /* the mark of a waiter is no part of the name */
	CHECK(lock.word & LOCK_WAITERS);
	lock_release(&lock);
	CHECK_EQ(lock.word, 0);
	CHECK_OK(lock_acquire(&a->owner, &lock));
	CHECK_EQ(lock_owner(&lock), a->owner.slot);
	lock_release(&lock);
}

static void a_mark_without_a_waiter_does_no_harm(void **state)
{
	struct store *store = open_store(MB);
	struct owner_lock lock = {store->owner.slot + 1};

	(void)state;
	lock.word |= LOCK_WAITERS;
	lock_release(&lock);
	CHECK_EQ(lock.word, 0);
}

/* Two steps on a word that only the lock protects. */
static void count_under_the_lock(void *context)
{
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);
	volatile uint64_t *word = (volatile uint64_t *)&world->words[0];

	(void)context;
	flag_await(0);
	for (int i = 0; i < 3000; i++) {
		while (shard_lock(&r) != CACHE_OK) {
		}
		uint64_t seen = *word;
		for (volatile int spin = 0; spin < 20; spin++) {
		}
		*word = seen + 1;
		shard_unlock(&r);
	}
}

static void processes_exclude_each_other(void **state)
{
	enum { PROCESSES = 4 };
	struct store *store = open_store(MB);
	pid_t pids[PROCESSES];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = child_start(count_under_the_lock, NULL);
	}
	flag_raise(0);
	for (int i = 0; i < PROCESSES; i++) {
		child_join(pids[i]);
	}
	CHECK_EQ(world->words[0], PROCESSES * 3000);
	CHECK_VERIFIED(store);
}

static void *count_in_a_thread(void *context)
{
	count_under_the_lock(context);
	return NULL;
}

static void threads_exclude_each_other(void **state)
{
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		CHECK_EQ(pthread_create(&threads[i], NULL, count_in_a_thread, NULL), 0);
	}
	flag_raise(0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		pthread_join(threads[i], NULL);
	}
	CHECK_EQ(world->words[0], COUNT_OF(threads) * 3000);
}

/* ---- a process that ends or stops at a step of an operation ---------------------------------------------- */

#define KEYS 40

static const char *text_of(unsigned i)
{
	static _Thread_local char text[300];

	snprintf(text, sizeof text, "%0*u", 8 + (int)i * 5, i);
	return text;
}

static void put_others(struct store *store)
{
	for (unsigned i = 0; i < KEYS; i++) {
		struct store_key key = key_number(store, "other", i);
		struct store_item item = item_string(text_of(i), strlen(text_of(i)));
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
}

static void check_others(struct store *store)
{
	for (unsigned i = 0; i < KEYS; i++) {
		CHECK(holds_text(store, key_number(store, "other", i).bytes, text_of(i)));
	}
}

struct step {
	enum cache_fault point;
	unsigned nth;
	bool kill;
	void (*operation)(struct store *store);
};

static void take_step(void *context)
{
	const struct step *step = context;
	struct store *store = open_store(MB);

	if (step->kill) {
		fault_kill(step->point, step->nth);
	} else {
		fault_stop(step->point, step->nth);
	}
	step->operation(store);
}

static pid_t stop_at(enum cache_fault point, void (*operation)(struct store *store))
{
	struct step step = {point, 1, false, operation};
	pid_t pid = child_start(take_step, &step);

	child_await_stop(pid);
	return pid;
}

/* Returns false if the operation does not pass that point. */
static bool kill_at(enum cache_fault point, unsigned nth, void (*operation)(struct store *store))
{
	struct step step = {point, nth, true, operation};
	int status = child_wait(child_start(take_step, &step));

	if (WIFSIGNALED(status)) {
		CHECK_EQ(WTERMSIG(status), SIGKILL);
		return true;
	}
	CHECK_EQ(status, 0);
	return false;
}

#define OLD_SIZE 100
#define OLD_SEED 1
#define NEW_SEED 2

static size_t new_size;

static void put_new(struct store *store)
{
	struct store_key key = key_of(store, "key");

	CHECK_OK(put_value(store, &key, new_size, NEW_SEED));
}

static void delete_key(struct store *store)
{
	struct store_key key = key_of(store, "key");

	CHECK_OK(store_delete(store, &key));
}

/* Nothing but the old or the new value, and only the one the step says. */
enum outcome { GONE, OLD, NEW };

static enum outcome outcome_of(struct store *store)
{
	struct store_key key = key_of(store, "key");

	if (holds_value(store, &key, OLD_SIZE, OLD_SEED)) {
		return OLD;
	}
	if (holds_value(store, &key, new_size, NEW_SEED)) {
		return NEW;
	}
	CHECK(!has_key(store, &key));
	return GONE;
}

/* In blocks of entries: lines of the index stay, once a bucket has them. */
static uint64_t bytes_in_use(struct store *store)
{
	struct shard_ref r = lock_shard(store, 0);
	uint64_t bytes;

	reclaim(&r);
	bytes = r.shard->block_bytes - (uint64_t)r.shard->classes[LINE_CLASS].used * slab_class_bytes[LINE_CLASS];
	shard_unlock(&r);
	return bytes;
}

static void put_old(struct store *store)
{
	struct store_key key = key_of(store, "key");

	CHECK_OK(put_value(store, &key, OLD_SIZE, OLD_SEED));
}

/* Whoever comes next, waiting for the lock or not, finds the old or the new value and everything else; no byte leaks. */
static void killed_at(enum cache_fault point, unsigned nth, void (*operation)(struct store *store), bool replace,
                      enum outcome expected)
{
	struct store *store = open_store(MB);
	struct store_key next = key_of(store, "next"), key = key_of(store, "key");
	uint64_t before, rebuilds;

	put_others(store);
	if (replace) {
		put_old(store);
	}
	before = bytes_in_use(store);
	rebuilds = COUNTER_OF(store, rebuilds);
	if (!kill_at(point, nth, operation)) {
		check_failed(__FILE__, __LINE__, "the operation has no step %d number %u", point, nth);
	}
	CHECK_EQ(outcome_of(store), expected);
	put_text(store, "next", "value"); /* takes the lock of the dead */
	if (point != FAULT_PINNED) {
		CHECK_EQ(COUNTER_OF(store, rebuilds), rebuilds + 1);
	}
	CHECK_EQ(outcome_of(store), expected);
	check_others(store);
	CHECK_VERIFIED(store);
	owner_reap_all(&store->owner);
	CHECK_EQ(owner_count(store->segment), 1);
	CHECK(holds_text(store, "next", "value"));
	CHECK_OK(store_delete(store, &next));
	if (expected == (replace ? OLD : GONE)) {
		CHECK_EQ(bytes_in_use(store), before);
	}
	CHECK_VERIFIED(store);
	CHECK_EQ(store_delete(store, &key) == CACHE_OK, expected != GONE);
	close_store(store);
}

static void killed_while_putting(void **state)
{
	/* built under the lock; in two steps; as a span */
	static const size_t sizes[] = {100, 300, 2000, 30000};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		new_size = sizes[i];
		for (int replace = 0; replace < 2; replace++) {
			enum outcome before = replace ? OLD : GONE;
			killed_at(FAULT_LOCKED, 1, put_new, replace, before);
			killed_at(FAULT_BEFORE_PUBLISH, 1, put_new, replace, before);
			killed_at(FAULT_AFTER_PUBLISH, 1, put_new, replace, NEW);
			if (new_size > 1024) {
				killed_at(FAULT_PINNED, 1, put_new, replace, before);
				killed_at(FAULT_LOCKED, 2, put_new, replace, before);
			}
		}
	}
}

static void killed_while_deleting(void **state)
{
	(void)state;
	new_size = 100;
	killed_at(FAULT_LOCKED, 1, delete_key, true, OLD);
}

static void overflow_an_int(struct store *store)
{
	struct store_key key = key_of(store, "number");
	int64_t result;

	CHECK_OK(store_increment(store, &key, 1, 0, &result));
}

static void killed_while_an_int_outgrows_its_word(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "number");
	int64_t result;

	(void)state;
	CHECK_OK(put_int(store, &key, INT_WORD_MAX));
	CHECK(kill_at(FAULT_LOCKED, 1, overflow_an_int));
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(result, INT_WORD_MAX + 1);
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	CHECK_VERIFIED(store);
}

/* ---- those who wait ------------------------------------------------------------------------------------- */

static void put_when_asked(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, context);
	enum cache_status status;

	flag_raise(1);
	do {
		status = put_value(store, &key, 64, 5);
		CHECK(status == CACHE_OK || status == CACHE_BUSY);
	} while (status != CACHE_OK);
	CHECK(holds_value(store, &key, 64, 5));
}

static void waiters_go_on_when_the_owner_is_killed(void **state)
{
	struct store *store = open_store(MB);
	pid_t holder, waiters[3];
	static const char *const keys[] = {"a", "b", "c"};

	(void)state;
	put_others(store);
	new_size = 100;
	holder = stop_at(FAULT_LOCKED, put_new);
	for (size_t i = 0; i < COUNT_OF(waiters); i++) {
		world->flags[1] = 0;
		waiters[i] = child_start(put_when_asked, (void *)keys[i]);
		flag_await(1);
	}
	usleep(20000);
	child_kill(holder);
	for (size_t i = 0; i < COUNT_OF(waiters); i++) {
		child_join(waiters[i]);
	}
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	CHECK(COUNTER_OF(store, lock_waits) >= 1);
	check_others(store);
	CHECK_VERIFIED(store);
}

static void a_killed_waiter_keeps_nobody_waiting(void **state)
{
	struct store *store = open_store(MB);
	pid_t holder, first, second;

	(void)state;
	new_size = 100;
	holder = stop_at(FAULT_LOCKED, put_new);
	first = child_start(put_when_asked, "first");
	flag_await(1);
	world->flags[1] = 0;
	second = child_start(put_when_asked, "second");
	flag_await(1);
	usleep(10000);
	child_kill(first);
	child_continue(holder);
	child_join(holder);
	child_join(second);
	put_text(store, "key", "value");
	CHECK_VERIFIED(store);
}

/* ---- whoever recovers may die as well -------------------------------------------------------------------- */

static void put_next(struct store *store)
{
	put_text(store, "next", "value");
}

static void whoever_rebuilds_may_be_killed(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_others(store);
	put_old(store);
	new_size = 2000;
	CHECK(kill_at(FAULT_BEFORE_PUBLISH, 1, put_new));
	for (int i = 0; i < 3; i++) {
		CHECK(kill_at(FAULT_REBUILDING, 1, put_next));
	}
	CHECK(!has(store, "next"));
	put_text(store, "next", "value");
	CHECK_EQ(outcome_of(store), OLD);
	check_others(store);
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	owner_reap_all(&store->owner);
	CHECK_EQ(owner_count(store->segment), 1);
	CHECK_VERIFIED(store);
}

/* It may have lost its patience while it was stopped. */
static void put_next_or_not(struct store *store)
{
	struct store_key key = key_of(store, "next");
	enum cache_status status = put_int(store, &key, 1);

	CHECK(status == CACHE_OK || status == CACHE_BUSY);
}

static void whoever_rebuilds_may_be_stopped(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "mine");
	pid_t recoverer;

	(void)state;
	put_others(store);
	put_old(store);
	new_size = 300;
	CHECK(kill_at(FAULT_BEFORE_PUBLISH, 1, put_new));
	recoverer = stop_at(FAULT_REBUILDING, put_next_or_not);
	CHECK_STATUS(put_value(store, &key, 50, 1), CACHE_BUSY);
	CHECK_EQ(outcome_of(store), OLD); /* reads go on */
	check_others(store);
	child_continue(recoverer);
	child_join(recoverer);
	CHECK_OK(put_value(store, &key, 50, 1));
	CHECK_EQ(outcome_of(store), OLD);
	check_others(store);
	CHECK_VERIFIED(store);
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
	CHECK_EQ(walked, KEYS + 2);
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
	before = bytes_in_use(store);
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
	CHECK_EQ(bytes_in_use(store), before);
	CHECK_VERIFIED(store);
}

static void what_it_left_is_freed_when_it_closes(void **state)
{
	struct store *store = open_store(MB), *closing = open_store(MB);
	uint64_t before;

	(void)state;
	put_next(store);
	before = bytes_in_use(store);
	put_interrupted(closing, "key");
	close_store(closing);
	CHECK_EQ(bytes_in_use(store), before);
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
	before = bytes_in_use(store);
	in_child(lose_the_lock_and_exit, NULL);
	CHECK_EQ(owner_reap_all(&store->owner) >= 1, 1);
	CHECK_EQ(bytes_in_use(store), before);
	CHECK_VERIFIED(store);
}

/* ---- several shards -------------------------------------------------------------------------------------- */

static struct store_key key_in_shard(struct store *store, uint32_t shard)
{
	for (uint64_t i = 0;; i++) {
		struct store_key key = key_number(store, "sharded", i);
		if (shard_of_hash(&store->segment->geometry, key.hash) == shard) {
			return key;
		}
	}
}

static void put_in_first_shard(void *context)
{
	struct store *store = open_store(128 * MB);
	struct store_key key = key_in_shard(store, 0);

	if (context) {
		fault_kill(FAULT_LOCKED, 1);
	} else {
		fault_stop(FAULT_LOCKED, 1);
	}
	(void)!put_value(store, &key, 100, 3);
}

static void other_shards_go_on(void **state)
{
	struct store *store = open_store(128 * MB);
	struct store_key key;
	pid_t holder;

	(void)state;
	CHECK_EQ(store->segment->geometry.shards, 4);
	put_text(store, "first", "value"); /* and with it the sweep of this second, which looks at all shards */
	holder = child_start(put_in_first_shard, NULL);
	child_await_stop(holder);
	for (uint32_t shard = 1; shard < 4; shard++) {
		key = key_in_shard(store, shard);
		CHECK_OK(put_value(store, &key, 100, shard));
		CHECK(holds_value(store, &key, 100, shard));
	}
	CHECK_EQ(COUNTER_OF(store, failed_busy), 0);
	key = key_in_shard(store, 0);
	CHECK_STATUS(put_value(store, &key, 100, 1), CACHE_BUSY);
	child_continue(holder);
	child_join(holder);
	CHECK(holds_value(store, &key, 100, 3));
	CHECK_VERIFIED(store);
	CHECK_EQ(child_wait(child_start(put_in_first_shard, "killed")) & 0x7f, SIGKILL);
	CHECK_OK(put_value(store, &key, 100, 4));
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_word_names_its_owner),
		TEST(a_mark_without_a_waiter_does_no_harm),
		TEST(processes_exclude_each_other),
		TEST(threads_exclude_each_other),
		TEST(killed_while_putting),
		TEST(killed_while_deleting),
		TEST(killed_while_an_int_outgrows_its_word),
		TEST(waiters_go_on_when_the_owner_is_killed),
		TEST(a_killed_waiter_keeps_nobody_waiting),
		TEST(whoever_rebuilds_may_be_killed),
		TEST(whoever_rebuilds_may_be_stopped),
		TEST(a_stopped_owner_is_not_robbed),
		TEST(a_stopped_owner_and_a_clear),
		TEST(a_delete_of_the_key_that_the_stopped_owner_writes),
		TEST(a_put_that_lost_the_lock_midway_leaks_nothing),
		TEST(what_it_left_is_freed_when_it_closes),
		TEST(what_it_left_is_freed_when_it_dies),
		TEST(other_shards_go_on),
	};

	return RUN(tests, argc, argv);
}
