/*
 * The rebuild queue beside workers who die, leave, fork or are stopped.
 */
#define _GNU_SOURCE
#include "jobs.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double elapsed_since(const struct timespec *begun)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) / 1e9;
}

/* ---- those who die or leave ---------------------------------------------------------------------------------- */

static void take_and_park(void *context)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)context;
	CHECK(pop_any(store, "q", 0, QUEUE_FOREVER, &taken));
	world->words[0] = taken.id;
	world->words[1] = taken.token;
	flag_raise(0);
	child_park();
}

static void the_jobs_of_the_dead_are_ready_at_once(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	pid_t child;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	child = child_start(take_and_park, NULL);
	flag_await(0);
	CHECK(!pop_job(store, "q", &taken));
	skip_watch();
	CHECK(!pop_job(store, "q", &taken));
	child_kill(child);
	skip_watch();
	TAKE(store, "q", "key", 2, &taken);
	CHECK(!store_queue_ack(store, world->words[0], world->words[1]));
	CHECK_COUNTED(store, "q", lease_lost, 1);
	CHECK_EQ(attached(store), 1);
	CHECK(ack_job(store, &taken));
	CHECK_VERIFIED(store);
}

static void a_stopped_worker_keeps_its_job(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	pid_t child;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	child = child_start(take_and_park, NULL);
	flag_await(0);
	kill(child, SIGSTOP);
	child_await_stop(child);
	skip_watch();
	CHECK(!pop_job(store, "q", &taken));
}

static void who_leaves_returns_his_jobs(void **state)
{
	struct store *store = open_store(MB), *worker = open_store(MB);
	struct queue_taken taken;

	(void)state;
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(push_job(store, "q", (char[]){(char)('a' + i), 0}), QUEUE_PUSH_QUEUED);
	}
	TAKE(worker, "q", "a", 1, &taken);
	TAKE(worker, "q", "b", 1, &taken);
	TAKE(store, "q", "c", 1, &taken);
	TAKE(worker, "q", "d", 1, &taken);
	CHECK_EQ(push_job(store, "q", "d"), QUEUE_PUSH_AGAIN);
	close_store(worker);
	CHECK_VERIFIED(store);
	worker = open_store(MB); /* in the same slot */
	TAKE(worker, "q", "a", 2, &taken);
	TAKE(store, "q", "b", 2, &taken);
	TAKE(worker, "q", "d", 1, &taken);
	TAKE(worker, "q", "e", 1, &taken);
	CHECK_JOBS(store, "q", 0, 0, 5, 0);
	CHECK_COUNTED(store, "q", lease_lost, 3);
	CHECK_VERIFIED(store);
}

static void die_with_the_job(void *context)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)context;
	CHECK(pop_job(store, "q", &taken));
	raise(SIGKILL);
}

static void a_job_that_kills_its_workers_is_given_up(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	struct letters letters;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	for (int i = 0; i < 3; i++) {
		child_wait(child_start(die_with_the_job, NULL));
		skip_watch();
		CHECK_JOBS(store, "q", i < 2, 0, 0, i == 2);
	}
	CHECK(!pop_job(store, "q", &taken));
	letters_of(store, "q", 2, &letters);
	CHECK_EQ(letters.list[0].end, QUEUE_WORKER_DIED);
	CHECK_EQ(letters.list[0].attempt, 3);
	CHECK_VERIFIED(store);
}

/* ---- fork --------------------------------------------------------------------------------------------------- */

static struct store *inherited;
static struct queue_taken parents;

static void use_as_child(void *context)
{
	struct queue_taken taken;

	CHECK_JOBS(inherited, "q", 1, 0, 1, 0);
	TAKE(inherited, "q", "other", context ? 2 : 1, &taken);
	CHECK(taken.id != parents.id);
	CHECK(extend_job(inherited, &parents, LEASE_NS)); /* the token is what counts */
	if (context) {
		store_close(inherited);
	}
}

static void a_child_owns_no_job_of_its_parent(void **state)
{
	struct queue_taken taken;

	(void)state;
	inherited = open_store(MB);
	CHECK_EQ(push_job(inherited, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(inherited, "q", "key", 1, &parents);
	CHECK_EQ(push_job(inherited, "q", "other"), QUEUE_PUSH_QUEUED);
	in_child(use_as_child, NULL); /* which dies */
	skip_watch();
	in_child(use_as_child, inherited); /* which leaves */
	CHECK_JOBS(inherited, "q", 1, 0, 1, 0);
	TAKE(inherited, "q", "other", 3, &taken);
	CHECK(ack_job(inherited, &parents));
	CHECK_VERIFIED(inherited);
}

static void close_at_once(void *context)
{
	(void)context;
	store_close(inherited);
}

static void a_child_that_leaves_takes_nothing_away(void **state)
{
	struct store_view view;
	struct store_key key;

	(void)state;
	inherited = open_store(MB);
	CHECK_EQ(push_job(inherited, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(inherited, "q", "key", 1, &parents);
	in_child(close_at_once, NULL);
	CHECK_JOBS(inherited, "q", 0, 0, 1, 0);
	/* With a slot that was made for it. */
	put_text(inherited, "key", "some longer value");
	key = key_of(inherited, "key");
	CHECK_OK(store_get(inherited, &key, &view));
	in_child(close_at_once, NULL);
	skip_watch();
	CHECK_JOBS(inherited, "q", 0, 0, 1, 0);
	CHECK(ack_job(inherited, &parents));
}

/* ---- guests ------------------------------------------------------------------------------------------------- */

static void a_guest_pushes_and_works(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store, *guest;
	struct queue_taken taken;

	(void)state;
	options.processes = 1;
	store = open_with(&options);
	guest = open_with(&options);
	CHECK(guest->owner.guest);
	CHECK_EQ(push_job(guest, "q", "key"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(guest, "q", "key"), QUEUE_PUSH_MERGED);
	TAKE(guest, "q", "key", 1, &taken);
	CHECK_EQ(info_of(store, "q").workers, 0);
	skip_watch();
	CHECK_JOBS(store, "q", 0, 0, 1, 0);
	CHECK(extend_job(guest, &taken, LEASE_NS));
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_AGAIN);
	CHECK(ack_job(guest, &taken));
	TAKE(guest, "q", "key", 1, &taken);
	close_store(guest);
	skip_watch();
	CHECK_JOBS(store, "q", 0, 0, 1, 0); /* nobody notices */
	clock_skip_monotonic(LEASE_NS);
	TAKE(store, "q", "key", 2, &taken);
	guest = open_with(&options);
	CHECK(fail_job(guest, &taken, 0));
	TAKE(guest, "q", "key", 3, &taken);
	CHECK(fail_job(guest, &taken, 0));
	CHECK_EQ(revive(guest, "q", NULL), 1);
	CHECK_EQ(purge(guest, "q", false), 1);
	CHECK_VERIFIED(guest);
}

/* ---- a stopped owner of the guard ---------------------------------------------------------------------------- */

static void push_and_stop(void *context)
{
	struct store *store = open_store(MB);

	fault_stop(*(enum cache_fault *)context, 1);
	CHECK_EQ(push_job(store, "q", "of the stopped"), QUEUE_PUSH_QUEUED);
}

static void what_runs_is_ended_without_the_guard(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken[6], other;
	struct timespec begun;
	enum cache_fault point = FAULT_LOCKED;
	pid_t child;

	(void)state;
	for (int i = 0; i < 6; i++) {
		CHECK_EQ(push_job(store, "q", (char[]){(char)('a' + i), 0}), QUEUE_PUSH_QUEUED);
		CHECK(pop_any(store, "q", 0, i == 4 ? QUEUE_FOREVER : LEASE_NS, &taken[i]));
	}
	CHECK_EQ(push_job(store, "q", "waiting"), QUEUE_PUSH_QUEUED);
	child = child_start(push_and_stop, &point);
	child_await_stop(child);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CHECK_EQ(push_job(store, "q", "another"), QUEUE_PUSH_FULL);
	CHECK_EQ(push_job(store, "new", "another"), QUEUE_PUSH_FULL);
	CHECK_EQ(push_job(store, "q", "waiting"), QUEUE_PUSH_MERGED);
	CHECK(!pop_job(store, "q", &other));
	CHECK(!pop_any(store, "q", 20 * NS_PER_MS, LEASE_NS, &other));
	CHECK_EQ(purge(store, "q", false), 0);
	CHECK_EQ(revive(store, "q", NULL), 0);
	CHECK(ack_job(store, &taken[0]));
	CHECK(!ack_job(store, &taken[0]));
	CHECK(!extend_job(store, &taken[0], LEASE_NS));
	CHECK(extend_job(store, &taken[1], 3 * LEASE_NS));
	CHECK(fail_job(store, &taken[2], QUEUE_FOREVER));
	CHECK_EQ(push_job(store, "q", "d"), QUEUE_PUSH_AGAIN);
	CHECK_EQ(push_job(store, "q", "e"), QUEUE_PUSH_AGAIN);
	CHECK(want_job(store, "q", "f"));
	CHECK(ack_job(store, &taken[3]));
	CHECK(ack_job(store, &taken[4]));
	CHECK(!ack_job(store, &taken[4]));
	CHECK(elapsed_since(&begun) < 20);
	child_continue(child);
	child_join(child);
	CHECK_VERIFIED(store);
	TAKE(store, "q", "c", 2, &other);
	TAKE(store, "q", "d", 1, &other);
	TAKE(store, "q", "e", 1, &other);
	TAKE(store, "q", "waiting", 1, &other);
	TAKE(store, "q", "of the stopped", 1, &other);
	CHECK(!pop_job(store, "q", &other));
	CHECK_JOBS(store, "q", 0, 0, 7, 0);
	clock_skip_monotonic(LEASE_NS + NS_PER_S);
	CHECK(!ack_job(store, &taken[0]));
	CHECK(ack_job(store, &taken[1]));
	CHECK_EQ(push_job(store, "q", "a"), QUEUE_PUSH_QUEUED);
	CHECK_VERIFIED(store);
}

/* It is not the first whose lease ends any more, though it was. */
static void who_extends_without_the_guard_holds_up_nobody(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken first, second, other;
	enum cache_fault point = FAULT_LOCKED;
	pid_t child;

	(void)state;
	CHECK_EQ(push_job(store, "q", "first"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(store, "q", "second"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "first", 1, &first);
	TAKE(store, "q", "second", 1, &second);
	child = child_start(push_and_stop, &point);
	child_await_stop(child);
	CHECK(extend_job(store, &first, 3 * LEASE_NS));
	child_continue(child);
	child_join(child);
	TAKE(store, "q", "of the stopped", 1, &other);
	CHECK(ack_job(store, &other));
	clock_skip_monotonic(2 * LEASE_NS);
	TAKE(store, "q", "second", 2, &other);
	CHECK(ack_job(store, &first));
	CHECK_VERIFIED(store);
}

static void a_stopped_owner_that_is_killed_is_cleaned_up(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};
	struct store *store = open_store(MB);
	struct queue_taken taken, other;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(points); i++) {
		enum cache_fault point = points[i];
		pid_t child;
		CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
		TAKE(store, "q", "key", 1, &taken);
		child = child_start(push_and_stop, &point);
		child_await_stop(child);
		CHECK(ack_job(store, &taken));
		child_kill(child);
		CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
		CHECK_VERIFIED(store);
		if (point == FAULT_AFTER_PUBLISH) {
			TAKE(store, "q", "of the stopped", 1, &other);
			CHECK(ack_job(store, &other));
		}
		TAKE(store, "q", "key", 1, &other);
		CHECK(ack_job(store, &other));
		CHECK_JOBS(store, "q", 0, 0, 0, 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_jobs_of_the_dead_are_ready_at_once),
		TEST(a_stopped_worker_keeps_its_job),
		TEST(who_leaves_returns_his_jobs),
		TEST(a_job_that_kills_its_workers_is_given_up),
		TEST(a_child_owns_no_job_of_its_parent),
		TEST(a_child_that_leaves_takes_nothing_away),
		TEST(a_guest_pushes_and_works),
		TEST(what_runs_is_ended_without_the_guard),
		TEST(who_extends_without_the_guard_holds_up_nobody),
		TEST(a_stopped_owner_that_is_killed_is_cleaned_up),
	};

	return RUN(tests, argc, argv);
}
