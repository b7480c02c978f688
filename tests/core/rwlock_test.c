/*
 * Named locks: who gets them, who waits, and what is left when somebody dies.
 */
#define _GNU_SOURCE
#include "support.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/store/named_lock.h"

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define HOUR (3600 * SECOND)

static struct store_lock_wish wish; /* the last one */

static enum cache_status lock_leased(struct store *store, const char *name, enum rwlock_mode mode, uint64_t wait, uint64_t lease)
{
	struct store_key key = key_of(store, name);
	enum cache_status status = store_lock_begin(store, &wish, &key, mode, wait, lease);

	while (status == CACHE_LOCKED && store_lock_sleep(store, &wish)) {
		status = store_lock_try(store, &wish);
	}
	if (status == CACHE_LOCKED) {
		store_lock_give_up(store, &wish);
	}
	return status;
}

static enum cache_status lock_within(struct store *store, const char *name, enum rwlock_mode mode, uint64_t wait)
{
	return lock_leased(store, name, mode, wait, 0);
}

static enum cache_status rlock(struct store *store, const char *name) { return lock_within(store, name, RWLOCK_READ, 0); }
static enum cache_status wlock(struct store *store, const char *name) { return lock_within(store, name, RWLOCK_WRITE, 0); }
static enum cache_status unlock(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);

	return store_lock_release(store, &key);
}

static struct rwlock_info info_of(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct rwlock_info info;

	CHECK(store_lock_info(store, &key, &info));
	return info;
}

static bool is_known(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct rwlock_info info;

	return store_lock_info(store, &key, &info);
}

static struct rwlock_record *record_of(struct store *store, const char *name)
{
	uint32_t record = rwlock_find(store->segment, rwlock_hash(key_of(store, name).hash));

	CHECK(record != RWLOCK_NONE);
	return rwlock_record(store->segment, record);
}

/* There is a writer in the queue, and he has left the table's guard, which it takes to lock anything. */
static void await_waiting_writer(struct store *store, const char *name)
{
	for (int waited = 0; !is_known(store, name) || !info_of(store, name).waiting; waited++) {
		CHECK(waited < 30000);
		usleep(1000);
	}
	CHECK_OK(rlock(store, "the guard is free"));
	CHECK_OK(unlock(store, "the guard is free"));
}

static void await_waiters(struct store *store, const char *name, unsigned wanted)
{
	uint32_t record = (uint32_t)(record_of(store, name) - rwlock_record(store->segment, 0));

	for (int waited = 0;; waited++) {
		unsigned found = 0;
		uint32_t slot = rwlock_next(store->segment, record, RWLOCK_WAITERS, 0);
		for (; slot != RWLOCK_NONE; slot = rwlock_next(store->segment, record, RWLOCK_WAITERS, slot + 1)) {
			found++;
		}
		if (found >= wanted) {
			return;
		}
		CHECK(waited < 30000);
		usleep(1000);
	}
}

static double elapsed_since(const struct timespec *begun)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

/* ---- who gets it ---------------------------------------------------------------------------------------- */

static void readers_share_and_writers_exclude(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB), *c = open_store(MB);

	(void)state;
	CHECK_OK(rlock(a, "x"));
	CHECK_OK(rlock(b, "x"));
	CHECK_EQ(info_of(c, "x").readers, 2);
	CHECK_STATUS(wlock(c, "x"), CACHE_LOCKED);
	CHECK_OK(wlock(c, "y"));
	CHECK_OK(unlock(a, "x"));
	CHECK_STATUS(wlock(c, "x"), CACHE_LOCKED);
	CHECK_OK(unlock(b, "x"));
	CHECK_OK(wlock(c, "x"));
	CHECK_STATUS(wlock(a, "x"), CACHE_LOCKED);
	CHECK_STATUS(rlock(b, "x"), CACHE_LOCKED);
	CHECK(info_of(a, "x").writer);
	CHECK_OK(unlock(c, "x"));
	CHECK(!is_known(a, "x"));
	CHECK_OK(rlock(a, "x"));
}

static void releasing_what_is_not_held_is_refused(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	CHECK_STATUS(unlock(a, "x"), CACHE_MISSING);
	CHECK_OK(wlock(a, "x"));
	CHECK_STATUS(unlock(b, "x"), CACHE_MISSING);
	CHECK_STATUS(wlock(b, "x"), CACHE_LOCKED);
	CHECK_OK(unlock(a, "x"));
	CHECK_STATUS(unlock(a, "x"), CACHE_MISSING);
}

static void holds_are_counted(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	uint64_t token;

	(void)state;
	CHECK_OK(wlock(a, "x"));
	token = wish.attempt.token;
	CHECK_OK(wlock(a, "x"));
	CHECK_EQ(wish.attempt.token, token);
	CHECK_OK(rlock(a, "x")); /* within the one for writing */
	CHECK_EQ(wish.attempt.token, token);
	CHECK_EQ(info_of(a, "x").count, 3);
	CHECK_EQ(info_of(a, "x").mine, RWLOCK_WRITE);
	CHECK_EQ(info_of(b, "x").mine, 0);
	CHECK_OK(unlock(a, "x"));
	CHECK_OK(unlock(a, "x"));
	CHECK_STATUS(rlock(b, "x"), CACHE_LOCKED);
	CHECK_OK(unlock(a, "x"));
	CHECK_OK(rlock(b, "x"));
	CHECK_OK(rlock(b, "x"));
	CHECK_STATUS(wlock(b, "x"), CACHE_UPGRADE);
	CHECK_EQ(info_of(b, "x").mine, RWLOCK_READ);
	CHECK_EQ(info_of(b, "x").count, 2);
	CHECK_OK(unlock(b, "x"));
	CHECK_STATUS(wlock(a, "x"), CACHE_LOCKED);
	CHECK_OK(unlock(b, "x"));
	CHECK_OK(wlock(a, "x"));
	CHECK_EQ(COUNTER_OF(a, named_locks_acquired), 6);
}

static void tokens_only_grow(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct store *store = i % 2 ? a : b;
		CHECK_OK(i % 3 ? rlock(store, "x") : wlock(store, "y"));
		CHECK(wish.attempt.token > last);
		last = wish.attempt.token;
		CHECK_EQ(info_of(a, i % 3 ? "x" : "y").token, last);
		store_lock_release_all(store);
	}
	/* They go on when everybody was away. */
	close_store(a);
	close_store(b);
	a = open_store(MB);
	CHECK_OK(rlock(a, "z"));
	CHECK(wish.attempt.token > last);
	CHECK(wish.attempt.token >= (uint64_t)CLOCK_START);
}

static void everything_is_released_at_once(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	CHECK_OK(rlock(a, "x"));
	CHECK_OK(wlock(a, "y"));
	CHECK_OK(wlock(a, "y"));
	CHECK_OK(rlock(a, "z"));
	store_lock_release_all(a);
	CHECK_OK(wlock(b, "x"));
	CHECK_OK(wlock(b, "y"));
	CHECK(!wish.attempt.recovered);
	CHECK_STATUS(unlock(a, "y"), CACHE_MISSING);
	close_store(b);
	CHECK_OK(wlock(a, "x"));
	CHECK(!wish.attempt.recovered);
}

/* ---- waiting -------------------------------------------------------------------------------------------- */

static void lock_for_a_while(void *context)
{
	struct store *store = open_store(MB);

	CHECK_OK(wlock(store, "x"));
	flag_raise(0);
	flag_await(1);
	usleep(20000);
	(void)context;
	CHECK_OK(unlock(store, "x"));
	child_park();
}

static void a_waiter_is_woken_by_the_release(void **state)
{
	struct store *store = open_store(MB);
	struct timespec begun;

	(void)state;
	child_start(lock_for_a_while, NULL);
	flag_await(0);
	CHECK_STATUS(lock_within(store, "x", RWLOCK_READ, 5 * MS), CACHE_LOCKED);
	flag_raise(1);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CHECK_OK(lock_within(store, "x", RWLOCK_READ, 20 * SECOND));
	CHECK(elapsed_since(&begun) < 15);
	CHECK_EQ(COUNTER_OF(store, named_locks_waited), 2);
}

enum { TURNS = 100 };

/* The other has to have come in between: so each of them waits each time. */
static void take_turns(void *context)
{
	struct store *store = open_store(MB);
	uint64_t me = *(uint64_t *)context;

	flag_await(0);
	for (uint64_t turn = me; turn < TURNS; turn += 2) {
		for (bool mine = false; !mine;) {
			CHECK_OK(lock_within(store, "x", RWLOCK_WRITE, 30 * SECOND));
			mine = world->words[0] == turn;
			world->words[0] += mine;
			CHECK_OK(unlock(store, "x"));
		}
	}
}

/* Waiting for the end of a slice instead, the turns would take ten seconds. */
static void each_release_wakes_the_next(void **state)
{
	struct timespec begun;
	pid_t pids[2];

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		pids[i] = child_start(take_turns, &i);
	}
	clock_gettime(CLOCK_MONOTONIC, &begun);
	flag_raise(0);
	child_join(pids[0]);
	child_join(pids[1]);
	CHECK_EQ(world->words[0], TURNS);
	CHECK(elapsed_since(&begun) < TURNS * 0.1 / 2);
}

static void wait_to_write(void *context)
{
	struct store *store = open_store(MB);

	CHECK_OK(lock_within(store, "x", RWLOCK_WRITE, 30 * SECOND));
	world->words[0] = wish.attempt.token;
	(void)context;
	CHECK_OK(unlock(store, "x"));
}

static void a_waiting_writer_holds_back_new_readers(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	pid_t writer;

	(void)state;
	CHECK_OK(rlock(a, "x"));
	writer = child_start(wait_to_write, NULL);
	await_waiting_writer(a, "x");
	CHECK_STATUS(rlock(b, "x"), CACHE_LOCKED);
	CHECK_STATUS(wlock(b, "x"), CACHE_LOCKED);
	CHECK_OK(rlock(a, "x")); /* whoever holds it goes on: the writer waits for him */
	CHECK_OK(unlock(a, "x"));
	CHECK_OK(unlock(a, "x"));
	child_join(writer);
	CHECK_OK(rlock(b, "x"));
	CHECK(world->words[0] < wish.attempt.token);
}

static void a_writer_that_gives_up_lets_readers_on(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	CHECK_OK(rlock(a, "x"));
	CHECK_STATUS(lock_within(b, "x", RWLOCK_WRITE, 5 * MS), CACHE_LOCKED);
	CHECK(!info_of(a, "x").waiting);
	CHECK_OK(rlock(b, "x"));
}

/* Each writes down when it came to hold the lock. */
static void wait_in_line(void *context)
{
	struct store *store = open_store(MB);
	int number = *(int *)context;

	CHECK_OK(lock_within(store, "x", number % 2 ? RWLOCK_READ : RWLOCK_WRITE, 30 * SECOND));
	world->words[number] = wish.attempt.token;
	CHECK_OK(unlock(store, "x"));
}

static void whoever_comes_first_is_served_first(void **state)
{
	enum { WAITERS = 6 };
	struct store *store = open_store(MB);
	pid_t pids[WAITERS];

	(void)state;
	CHECK_OK(wlock(store, "x"));
	for (int i = 0; i < WAITERS; i++) {
		pids[i] = child_start(wait_in_line, &i);
		await_waiters(store, "x", (unsigned)i + 1);
	}
	CHECK_OK(unlock(store, "x"));
	/* The one who just had it does not come before them. */
	CHECK_OK(lock_within(store, "x", RWLOCK_WRITE, 30 * SECOND));
	world->words[WAITERS] = wish.attempt.token;
	for (int i = 0; i < WAITERS; i++) {
		child_join(pids[i]);
		CHECK(world->words[i] < world->words[i + 1]);
	}
}

static void a_killed_waiter_holds_up_nobody(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	pid_t writer;

	(void)state;
	CHECK_OK(rlock(a, "x"));
	writer = child_start(wait_to_write, NULL);
	await_waiting_writer(a, "x");
	child_kill(writer);
	CHECK_OK(rlock(b, "x"));
}

static void a_stopped_waiter_holds_up_nobody_for_long(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	pid_t writer;

	(void)state;
	CHECK_OK(rlock(a, "x"));
	writer = child_start(wait_to_write, NULL);
	await_waiting_writer(a, "x");
	kill(writer, SIGSTOP);
	child_await_stop(writer);
	CHECK_STATUS(rlock(b, "x"), CACHE_LOCKED);
	clock_skip_monotonic(RWLOCK_PLACE_NS);
	CHECK_OK(rlock(b, "x"));
	CHECK_OK(unlock(a, "x"));
	CHECK_OK(unlock(b, "x"));
	child_continue(writer);
	child_join(writer);
}

/* ---- the dead ------------------------------------------------------------------------------------------- */

static void hold_and_park(void *context)
{
	struct store *store = open_store(MB);

	CHECK_OK(lock_within(store, "x", *(enum rwlock_mode *)context, 0));
	CHECK_OK(wlock(store, "other"));
	flag_raise(0);
	child_park();
}

static void a_dead_reader_is_forgotten(void **state)
{
	struct store *store = open_store(MB);
	enum rwlock_mode mode = RWLOCK_READ;
	pid_t child = child_start(hold_and_park, &mode);

	(void)state;
	flag_await(0);
	CHECK_STATUS(wlock(store, "x"), CACHE_LOCKED);
	child_kill(child);
	CHECK_OK(wlock(store, "x"));
	CHECK(!wish.attempt.recovered);
	CHECK_OK(wlock(store, "other"));
	CHECK(wish.attempt.recovered);
}

static void the_next_writer_after_a_dead_one_is_told(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	enum rwlock_mode mode = RWLOCK_WRITE;
	pid_t child = child_start(hold_and_park, &mode);

	(void)state;
	flag_await(0);
	CHECK_STATUS(wlock(a, "x"), CACHE_LOCKED);
	child_kill(child);
	CHECK_OK(rlock(a, "x")); /* a reader is not told, and does not take it away from the writer */
	CHECK(!wish.attempt.recovered);
	CHECK(info_of(a, "x").abandoned);
	CHECK_OK(unlock(a, "x"));
	CHECK(info_of(a, "x").abandoned);
	CHECK_OK(wlock(b, "x"));
	CHECK(wish.attempt.recovered);
	CHECK(!info_of(a, "x").abandoned);
	CHECK_OK(wlock(b, "x"));
	CHECK(!wish.attempt.recovered);
	store_lock_release_all(b);
	CHECK_OK(wlock(a, "x"));
	CHECK(!wish.attempt.recovered);
	CHECK_EQ(COUNTER_OF(a, named_locks_recovered), 1);
}

static void a_waiter_notices_the_death(void **state)
{
	struct store *store = open_store(MB);
	enum rwlock_mode mode = RWLOCK_WRITE;
	pid_t child = child_start(hold_and_park, &mode), waiter;

	(void)state;
	flag_await(0);
	waiter = child_start(wait_to_write, NULL);
	await_waiting_writer(store, "x");
	kill(child, SIGKILL);
	child_join(waiter);
	CHECK_OK(wlock(store, "x"));
	CHECK(!wish.attempt.recovered); /* the waiter was told */
	CHECK_EQ(COUNTER_OF(store, named_locks_recovered), 1);
}

static void a_stopped_holder_keeps_it(void **state)
{
	struct store *store = open_store(MB);
	enum rwlock_mode mode = RWLOCK_WRITE;
	pid_t child = child_start(hold_and_park, &mode);

	(void)state;
	flag_await(0);
	kill(child, SIGSTOP);
	child_await_stop(child);
	CHECK_STATUS(lock_within(store, "x", RWLOCK_READ, 250 * MS), CACHE_LOCKED);
}

/* ---- killed at each step ------------------------------------------------------------------------------------ */

struct step {
	enum rwlock_mode mode;
	bool release;
	enum cache_fault point;
};

static void take_step(void *context)
{
	const struct step *step = context;
	struct store *store = open_store(MB);

	if (!step->release) {
		fault_kill(step->point, 1);
		(void)!lock_within(store, "x", step->mode, 0);
	} else {
		CHECK_OK(lock_within(store, "x", step->mode, 0));
		fault_kill(step->point, 1);
		(void)!unlock(store, "x");
	}
}

static void whoever_is_killed_leaves_it_whole(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};
	struct store *store = open_store(MB);
	uint64_t last = 0;

	(void)state;
	for (unsigned i = 0; i < 24; i++) {
		struct step step = {i & 1 ? RWLOCK_READ : RWLOCK_WRITE, (i & 2) != 0, points[i / 4 % 3]};
		bool held = step.mode == RWLOCK_WRITE &&
		            (step.release ? step.point == FAULT_BEFORE_PUBLISH : step.point == FAULT_AFTER_PUBLISH);
		int status;
		if (step.release && step.point == FAULT_LOCKED) {
			continue; /* no guard there */
		}
		status = child_wait(child_start(take_step, &step));
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		if (i >= 12) {
			CHECK_EQ(owner_reap_all(&store->owner), 1);
			CHECK(!step.release || held == is_known(store, "x"));
		}
		CHECK_OK(rlock(store, "x"));
		CHECK_OK(unlock(store, "x"));
		CHECK_OK(wlock(store, "x"));
		CHECK_EQ(wish.attempt.recovered, held);
		CHECK(wish.attempt.token > last);
		last = wish.attempt.token;
		CHECK_OK(unlock(store, "x"));
		owner_reap_all(&store->owner);
		CHECK_EQ(attached(store), 1);
		CHECK_VERIFIED(store);
	}
}

/* ---- leases --------------------------------------------------------------------------------------------- */

static void a_lease_that_has_passed_is_taken_over(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB), *c = open_store(MB);

	(void)state;
	CHECK_OK(lock_leased(a, "x", RWLOCK_WRITE, 0, 10 * SECOND));
	CHECK(info_of(b, "x").leased);
	CHECK(info_of(b, "x").lease_left_ns > 9 * SECOND && info_of(b, "x").lease_left_ns <= 10 * SECOND);
	CHECK_STATUS(wlock(b, "x"), CACHE_LOCKED);
	clock_skip_monotonic(10 * SECOND);
	CHECK_EQ(info_of(b, "x").lease_left_ns, 0);
	CHECK_OK(wlock(b, "x"));
	CHECK(wish.attempt.recovered);
	CHECK_STATUS(unlock(a, "x"), CACHE_MISSING);
	CHECK_STATUS(rlock(a, "x"), CACHE_LOCKED);
	CHECK_OK(unlock(b, "x"));
	CHECK_OK(wlock(c, "x"));
	CHECK(!wish.attempt.recovered);
	CHECK_OK(unlock(c, "x"));
	/* Readers, some of whom have none. */
	CHECK_OK(lock_leased(a, "x", RWLOCK_READ, 0, SECOND));
	CHECK_OK(rlock(b, "x"));
	CHECK(!info_of(c, "x").leased);
	clock_skip_monotonic(SECOND);
	CHECK_STATUS(wlock(c, "x"), CACHE_LOCKED);
	CHECK_STATUS(unlock(a, "x"), CACHE_MISSING);
	CHECK_OK(unlock(b, "x"));
	CHECK_OK(wlock(c, "x"));
	CHECK(!wish.attempt.recovered);
	CHECK_EQ(COUNTER_OF(a, named_locks_lost), 2);
}

static void a_lease_that_nobody_takes_over_goes_on(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	CHECK_OK(lock_leased(a, "x", RWLOCK_WRITE, 0, SECOND));
	clock_skip_monotonic(HOUR);
	CHECK_OK(unlock(a, "x"));
	/* A further acquisition renews it, and is never shorter. */
	CHECK_OK(lock_leased(a, "x", RWLOCK_WRITE, 0, SECOND));
	clock_skip_monotonic(HOUR);
	CHECK_OK(lock_leased(a, "x", RWLOCK_WRITE, 0, 5 * SECOND));
	CHECK_OK(lock_leased(a, "x", RWLOCK_READ, 0, SECOND));
	clock_skip_monotonic(3 * SECOND);
	CHECK_STATUS(wlock(b, "x"), CACHE_LOCKED);
	CHECK_OK(wlock(a, "x"));
	clock_skip_monotonic(HOUR);
	CHECK_STATUS(wlock(b, "x"), CACHE_LOCKED);
	CHECK(!info_of(a, "x").leased);
}

static void a_lost_hold_is_no_hold(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	uint64_t token;

	(void)state;
	for (int i = 0; i < 2; i++) {
		enum rwlock_mode mode = i ? RWLOCK_READ : RWLOCK_WRITE;
		CHECK_OK(lock_leased(a, "x", mode, 0, SECOND));
		CHECK_OK(lock_leased(a, "x", mode, 0, SECOND));
		token = wish.attempt.token;
		clock_skip_monotonic(2 * SECOND);
		CHECK_OK(wlock(b, "x"));
		CHECK_EQ(info_of(a, "x").mine, 0);
		CHECK_OK(unlock(b, "x"));
		CHECK_OK(rlock(a, "x")); /* a new one */
		CHECK(wish.attempt.token > token);
		CHECK_OK(unlock(a, "x"));
		CHECK_STATUS(unlock(a, "x"), CACHE_MISSING);
	}
}

/* The record of a lost hold may be that of another name, and be ours again. */
static void a_lost_hold_is_not_mistaken_for_another(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	uint32_t record;

	(void)state;
	CHECK_OK(lock_leased(a, "x", RWLOCK_WRITE, 0, SECOND));
	record = (uint32_t)(record_of(a, "x") - rwlock_record(a->segment, 0));
	clock_skip_monotonic(2 * SECOND);
	CHECK_OK(wlock(b, "x"));
	CHECK_OK(unlock(b, "x"));
	store_relaxed(&record_of(a, "x")->hash, rwlock_hash(key_of(a, "y").hash));
	store_relaxed(&rwlock_table(a->segment)->reach, RWLOCK_RECORDS - 1);
	CHECK_OK(wlock(a, "y"));
	CHECK_EQ(record_of(a, "y") - rwlock_record(a->segment, 0), record);
	CHECK_STATUS(unlock(a, "x"), CACHE_MISSING);
	CHECK_OK(unlock(a, "y"));
}

static void wait_for_a_lease(void *context)
{
	struct store *store = open_store(MB);
	struct timespec begun;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CHECK_OK(lock_within(store, "x", RWLOCK_WRITE, 30 * SECOND));
	CHECK(wish.attempt.recovered);
	CHECK(elapsed_since(&begun) < 20);
}

static void a_waiter_takes_it_when_the_lease_passes(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	CHECK_OK(lock_leased(store, "x", RWLOCK_WRITE, 0, 150 * MS));
	child_join(child_start(wait_for_a_lease, NULL));
	CHECK_STATUS(unlock(store, "x"), CACHE_MISSING);
}

static void the_wall_clock_plays_no_part(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	for (int hours = -1; hours <= 1; hours += 2) {
		CHECK_OK(lock_leased(a, "x", RWLOCK_WRITE, 0, 10 * SECOND));
		CHECK_OK(lock_leased(a, "y", RWLOCK_READ, 0, 10 * SECOND));
		clock_advance(hours * INT64_C(3600) * 1000000);
		CHECK_STATUS(wlock(b, "x"), CACHE_LOCKED);
		CHECK_STATUS(lock_within(b, "y", RWLOCK_WRITE, 2 * MS), CACHE_LOCKED);
		clock_skip_monotonic(11 * SECOND);
		CHECK_OK(wlock(b, "x"));
		CHECK_OK(wlock(b, "y"));
		store_lock_release_all(b);
	}
}

/* ---- limits --------------------------------------------------------------------------------------------- */

static const char *numbered(unsigned number)
{
	static char name[32];

	snprintf(name, sizeof name, "lock %u", number);
	return name;
}

static void a_participant_holds_so_many(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (unsigned i = 0; i < RWLOCK_HOLDS; i++) {
		CHECK_OK(i % 2 ? rlock(store, numbered(i)) : wlock(store, numbered(i)));
	}
	CHECK_STATUS(rlock(store, "x"), CACHE_FULL);
	CHECK_STATUS(lock_within(store, "x", RWLOCK_WRITE, SECOND), CACHE_FULL);
	CHECK_OK(rlock(store, numbered(3)));
	CHECK_EQ(COUNTER_OF(store, named_locks_refused), 2);
	CHECK_OK(unlock(store, numbered(8)));
	CHECK_OK(rlock(store, "x"));
	for (unsigned i = 0; i < RWLOCK_HOLDS; i++) {
		CHECK_EQ(is_known(store, numbered(i)), i != 8);
	}
}

static void fill_and_park(void *context)
{
	struct store *stores[16];
	struct store_options options = options_for(MB);

	options.processes = 64;
	(void)context;
	for (unsigned i = 0; i < RWLOCK_RECORDS; i++) {
		if (i % RWLOCK_HOLDS == 0) {
			stores[i / RWLOCK_HOLDS] = open_with(&options);
		}
		CHECK_OK(wlock(stores[i / RWLOCK_HOLDS], numbered(i)));
	}
	flag_raise(0);
	child_park();
}

static void a_full_table_gives_up_the_oldest_that_is_abandoned(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store;
	pid_t child;

	(void)state;
	options.processes = 64;
	store = open_with(&options);
	child = child_start(fill_and_park, NULL);
	flag_await(0);
	CHECK_STATUS(rlock(store, "x"), CACHE_FULL);
	CHECK_EQ(COUNTER_OF(store, named_locks_refused), 1);
	child_kill(child);
	CHECK_OK(rlock(store, "x")); /* the dead were in the way */
	CHECK_OK(wlock(store, "y"));
	CHECK(!is_known(store, numbered(0)));
	CHECK(!is_known(store, numbered(1)));
	for (unsigned i = 2; i < RWLOCK_RECORDS; i++) {
		CHECK_OK(wlock(store, numbered(i)));
		CHECK(wish.attempt.recovered);
		CHECK_OK(unlock(store, numbered(i)));
	}
}

static void names_are_used_again_and_again(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		CHECK_OK(i % 2 ? rlock(store, numbered(i)) : wlock(store, numbered(i)));
		CHECK(!wish.attempt.recovered);
		CHECK_OK(unlock(store, numbered(i)));
	}
	CHECK_EQ(COUNTER_OF(store, named_locks_refused), 0);
}

static void many_readers_hold_locks(void **state)
{
	enum { STORES = 60 };
	struct store_options options = options_for(MB);
	struct store *stores[STORES], *last;

	(void)state;
	options.processes = 200;
	for (unsigned i = 0; i < STORES; i++) {
		stores[i] = open_with(&options);
	}
	last = stores[STORES - 1];
	for (unsigned i = 0; i < STORES - 1; i++) {
		CHECK_OK(rlock(stores[i], "x"));
	}
	CHECK_EQ(info_of(last, "x").readers, STORES - 1);
	for (unsigned i = 0; i < STORES - 1; i++) {
		CHECK_STATUS(wlock(last, "x"), CACHE_LOCKED);
		CHECK_OK(unlock(stores[i], "x"));
	}
	CHECK_OK(wlock(last, "x"));
	for (unsigned i = 0; i < STORES; i++) {
		close_store(stores[i]);
	}
}

static void hold_in_many_slots(void *context)
{
	struct store_options options = options_for(MB);

	(void)context;
	options.processes = 200;
	for (unsigned i = 0; i < 62; i++) {
		CHECK_OK(rlock(open_with(&options), "x"));
	}
	flag_raise(world->flags[0] ? (world->flags[1] ? 2 : 1) : 0);
	child_park();
}

/* In three words of the bitmaps, and held by processes that die together. */
static void the_holds_of_high_slots_are_cleaned_up(void **state)
{
	struct store_options options = options_for(MB);
	struct store *first, *last;
	pid_t children[3];

	(void)state;
	options.processes = 200;
	first = open_with(&options);
	for (int i = 0; i < 3; i++) {
		children[i] = child_start(hold_in_many_slots, NULL);
		flag_await(i);
	}
	last = open_with(&options);
	CHECK_EQ(last->owner.slot, 187);
	CHECK_EQ(info_of(first, "x").readers, 186);
	CHECK_STATUS(wlock(last, "x"), CACHE_LOCKED);
	for (int i = 0; i < 3; i++) {
		CHECK_STATUS(wlock(first, "x"), CACHE_LOCKED);
		child_kill(children[i]);
	}
	CHECK_OK(wlock(last, "x"));
	CHECK_STATUS(wlock(first, "x"), CACHE_LOCKED);
	close_store(last);
	CHECK_OK(wlock(first, "x"));
}

static void a_guest_holds_nothing(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store, *guest;

	(void)state;
	options.processes = 1;
	store = open_with(&options);
	guest = open_with(&options);
	CHECK(guest->owner.guest);
	CHECK_STATUS(rlock(guest, "x"), CACHE_NO_SLOT);
	CHECK_STATUS(unlock(guest, "x"), CACHE_MISSING);
	store_lock_release_all(guest);
	CHECK_EQ(COUNTER_OF(store, named_locks_refused), 1);
	CHECK_OK(wlock(store, "x"));
	CHECK(info_of(guest, "x").writer);
}

static void long_names_are_told_apart(void **state)
{
	struct store *store = open_store(MB);
	char one[300], other[300];
	struct rwlock_info info;

	(void)state;
	memset(one, 'a', sizeof one);
	one[sizeof one - 1] = 0;
	memcpy(other, one, sizeof one);
	other[250] = 'b';
	CHECK_OK(wlock(store, one));
	CHECK(!is_known(store, other));
	CHECK_OK(rlock(store, other));
	info = info_of(store, one);
	CHECK(info.name_length < sizeof info.name && memcmp(info.name, one, RWLOCK_NAME_KEPT) == 0);
	CHECK(memcmp(info.name, info_of(store, other).name, info.name_length) != 0);
	CHECK_OK(rlock(store, "short"));
	CHECK_EQ(info_of(store, "short").name_length, 5);
}

/* ---- fork ----------------------------------------------------------------------------------------------- */

static struct store *inherited;

static void use_as_child(void *context)
{
	(void)context;
	CHECK_STATUS(unlock(inherited, "x"), CACHE_MISSING);
	CHECK_STATUS(rlock(inherited, "x"), CACHE_LOCKED);
	CHECK_EQ(info_of(inherited, "x").mine, 0);
	store_lock_release_all(inherited);
	CHECK_OK(rlock(inherited, "y"));
	store_lock_release_all(inherited);
}

static void a_child_holds_nothing(void **state)
{
	struct store_view view;

	(void)state;
	inherited = open_store(MB);
	CHECK_OK(wlock(inherited, "x"));
	CHECK_OK(rlock(inherited, "y"));
	in_child(use_as_child, NULL);
	/* With a slot that was made for it. */
	put_text(inherited, "key", "some longer value");
	struct store_key key = key_of(inherited, "key");
	CHECK_OK(store_get(inherited, &key, &view));
	in_child(use_as_child, NULL);
	CHECK_OK(unlock(inherited, "x"));
	CHECK_OK(unlock(inherited, "y"));
}

/* ---- the guard ------------------------------------------------------------------------------------------ */

static void take_and_stop(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	fault_stop(FAULT_BEFORE_PUBLISH, 1);
	CHECK_OK(wlock(store, "y"));
	CHECK_OK(unlock(store, "y"));
}

static void releasing_does_not_wait_for_the_guard(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	pid_t child;

	(void)state;
	CHECK_OK(wlock(a, "x"));
	CHECK_OK(rlock(b, "z"));
	child = child_start(take_and_stop, NULL);
	child_await_stop(child);
	CHECK(lock_owner(&rwlock_table(a->segment)->guard) != NO_SLOT);
	CHECK_OK(unlock(a, "x"));
	CHECK_OK(unlock(b, "z"));
	CHECK_STATUS(wlock(b, "x"), CACHE_LOCKED); /* its owner is alive */
	child_continue(child);
	child_join(child);
	CHECK_OK(wlock(b, "x"));
}

/* ---- damage --------------------------------------------------------------------------------------------- */

static void use_whatever_is_there(struct store *store)
{
	struct store *other = open_store(MB);

	for (unsigned i = 0; i < 20; i++) {
		enum rwlock_mode mode = i % 3 ? RWLOCK_READ : RWLOCK_WRITE;
		(void)!lock_within(store, numbered(i), mode, i % 2 * MS);
		(void)!lock_leased(other, numbered(i), RWLOCK_WRITE, 0, SECOND);
		is_known(store, numbered(i));
		(void)!unlock(store, numbered(i));
		(void)!unlock(other, numbered(i));
	}
	store_lock_release_all(store);
	close_store(other);
}

static void ignore_info(void *context, const struct rwlock_info *info)
{
	CHECK(info->name_length < sizeof info->name);
	++*(unsigned *)context;
}

static void fill_with_noise(struct store *store, struct rng *rng, unsigned kind)
{
	const struct geometry *g = &store->segment->geometry;
	uint64_t *words = (uint64_t *)(store->segment->base + g->locks_at);
	uint64_t count = rwlock_table_bytes(g->participants) / 8;

	for (uint64_t i = 1; i < count; i++) { /* not the guard, which nobody could open */
		switch (kind) {
		case 0:
			words[i] = rng_next(rng);
			break;
		case 1:
			words[i] = UINT64_MAX;
			break;
		default: /* here and there */
			words[i] = rng_below(rng, 8) ? words[i] : rng_below(rng, 2) ? rng_next(rng) : rng_below(rng, 70000);
		}
	}
	words = (uint64_t *)(store->segment->base + g->lock_rows_at);
	for (uint64_t i = 0; i < 2 * sizeof(struct rwlock_row) / 8; i++) {
		words[i] = kind == 1 ? UINT64_MAX : rng_next(rng);
	}
}

static void attach_alone_and_use(void *context)
{
	struct store *store = open_store(MB);
	unsigned count = 0;

	(void)context;
	alarm(30);
	for (unsigned i = 0; i < 20; i++) {
		CHECK_OK(wlock(store, numbered(i)));
		CHECK_OK(unlock(store, numbered(i)));
		CHECK_OK(lock_within(store, numbered(i), RWLOCK_READ, SECOND));
		CHECK_OK(unlock(store, numbered(i)));
	}
	store_lock_list(store, ignore_info, &count);
	CHECK(count <= RWLOCK_RECORDS);
	CHECK_VERIFIED(store);
}

static void no_bytes_do_harm(void **state)
{
	struct rng rng = {11};

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		struct store *store = open_store(MB);
		unsigned count = 0;
		use_whatever_is_there(store);
		fill_with_noise(store, &rng, i % 3);
		store_lock_list(store, ignore_info, &count);
		use_whatever_is_there(store);
		fill_with_noise(store, &rng, i % 3);
		store_relaxed(&rwlock_table(store->segment)->guard.word, (uint32_t)rng_next(&rng));
		close_store(store);
		in_child(attach_alone_and_use, NULL);
	}
}

static void die_holding(void *context)
{
	struct store *store = open_store(MB);

	CHECK_OK(wlock(store, "x"));
	CHECK_OK(rlock(store, "y"));
	world->words[0] = wish.attempt.token;
	(void)context;
	raise(SIGKILL);
}

static void whoever_attaches_alone_finds_what_was_abandoned(void **state)
{
	struct store *store;

	(void)state;
	child_wait(child_start(die_holding, NULL));
	store = open_store(MB);
	CHECK(info_of(store, "x").abandoned);
	CHECK(!is_known(store, "y"));
	CHECK_OK(wlock(store, "y"));
	CHECK(!wish.attempt.recovered);
	CHECK(wish.attempt.token > world->words[0]);
	close_store(store);
	store = open_store(MB);
	CHECK_OK(wlock(store, "x"));
	CHECK(wish.attempt.recovered);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(readers_share_and_writers_exclude),
		TEST(releasing_what_is_not_held_is_refused),
		TEST(holds_are_counted),
		TEST(tokens_only_grow),
		TEST(everything_is_released_at_once),
		TEST(a_waiter_is_woken_by_the_release),
		TEST(each_release_wakes_the_next),
		TEST(a_waiting_writer_holds_back_new_readers),
		TEST(a_writer_that_gives_up_lets_readers_on),
		TEST(whoever_comes_first_is_served_first),
		TEST(a_killed_waiter_holds_up_nobody),
		TEST(a_stopped_waiter_holds_up_nobody_for_long),
		TEST(a_dead_reader_is_forgotten),
		TEST(the_next_writer_after_a_dead_one_is_told),
		TEST(a_waiter_notices_the_death),
		TEST(a_stopped_holder_keeps_it),
		TEST(whoever_is_killed_leaves_it_whole),
		TEST(a_lease_that_has_passed_is_taken_over),
		TEST(a_lease_that_nobody_takes_over_goes_on),
		TEST(a_lost_hold_is_no_hold),
		TEST(a_lost_hold_is_not_mistaken_for_another),
		TEST(a_waiter_takes_it_when_the_lease_passes),
		TEST(the_wall_clock_plays_no_part),
		TEST(a_participant_holds_so_many),
		TEST(a_full_table_gives_up_the_oldest_that_is_abandoned),
		TEST(names_are_used_again_and_again),
		TEST(many_readers_hold_locks),
		TEST(the_holds_of_high_slots_are_cleaned_up),
		TEST(a_guest_holds_nothing),
		TEST(long_names_are_told_apart),
		TEST(a_child_holds_nothing),
		TEST(releasing_does_not_wait_for_the_guard),
		TEST(no_bytes_do_harm),
		TEST(whoever_attaches_alone_finds_what_was_abandoned),
	};

	return RUN(tests, argc, argv);
}
