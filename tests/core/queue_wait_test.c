/*
 * Sleeping for jobs of the rebuild queue, and many processes at once.
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

/* ---- sleeping ------------------------------------------------------------------------------------------------ */

struct sleep {
	const char *queues;
	int flag;
};

static void sleep_for_a_job(void *context)
{
	const struct sleep *sleep = context;
	struct store *store = open_store(MB);
	struct queue_taken taken;

	flag_raise(sleep->flag);
	CHECK(pop_any(store, sleep->queues, 30 * NS_PER_S, LEASE_NS, &taken));
	CHECK(ack_job(store, &taken));
	world->words[sleep->flag]++;
	close_store(store);
}

static bool somebody_sleeps(struct store *store, const char *queue)
{
	uint32_t number = queue_find_name(store->segment, queue_name_hash(key_of(store, queue).hash));

	return number != QUEUE_NAMES && load_relaxed(&queue_table(store->segment)->sleepers) >> number & 1;
}

static void await_sleeper(struct store *store, const char *queue)
{
	for (int waited = 0; !somebody_sleeps(store, queue); waited++) {
		CHECK(waited < 30000);
		usleep(1000);
	}
	usleep(30000); /* it announces it before */
}

/* Each wake must be far quicker than the end of a slice, on the whole. */
static void a_push_wakes_a_sleeper(void **state)
{
	enum { ROUNDS = 30 };
	struct store *store = open_store(MB);
	double waited = 0;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct sleep sleep = {i % 2 ? "q" : "other q", 0};
		struct timespec begun;
		pid_t child = child_start(sleep_for_a_job, &sleep);
		await_sleeper(store, "q");
		clock_gettime(CLOCK_MONOTONIC, &begun);
		CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
		for (int ms = 0; world->words[0] == i; ms++) {
			CHECK(ms < 10000);
			usleep(200);
		}
		waited += elapsed_since(&begun);
		child_join(child);
	}
	CHECK(waited < ROUNDS * 0.15);
	CHECK_JOBS(store, "q", 0, 0, 0, 0);
}

static void work_off(void *context)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)context;
	while (pop_any(store, "q", 30 * NS_PER_S, LEASE_NS, &taken)) {
		char payload[16];
		CHECK(store_queue_read(store, &taken, NULL, payload, NULL));
		CHECK(ack_job(store, &taken));
		if (taken.payload_length == 3) {
			break; /* "end" */
		}
		world->words[0]++;
		if (push_job(store, "back", "key") == QUEUE_PUSH_FULL) {
			break;
		}
	}
}

/* A ping, and a pong: waiting for the end of a slice instead, 200 of them would take 50 s. */
static void each_push_wakes_somebody(void **state)
{
	enum { TURNS = 200 };
	struct store *store = open_store(MB);
	struct timespec begun;
	struct queue_taken taken;
	pid_t children[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		children[i] = child_start(work_off, NULL);
	}
	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (int i = 0; i < TURNS; i++) {
		CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
		CHECK(pop_any(store, "back", 30 * NS_PER_S, LEASE_NS, &taken));
		CHECK(ack_job(store, &taken));
	}
	CHECK(elapsed_since(&begun) < TURNS * 0.125);
	CHECK_EQ(world->words[0], TURNS);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(push_all(store, "q", i ? "stop" : "halt", 0, 0, "end", 3), QUEUE_PUSH_QUEUED);
	}
	child_join(children[0]);
	child_join(children[1]);
	CHECK_VERIFIED(store);
}

static void two_pushes_wake_two_sleepers(void **state)
{
	struct store *store = open_store(MB);
	struct sleep sleeps[2] = {{"q", 0}, {"q other", 1}};
	double waited = 0;

	(void)state;
	for (int round = 0; round < 10; round++) {
		struct timespec begun;
		pid_t children[2];
		for (int i = 0; i < 2; i++) {
			children[i] = child_start(sleep_for_a_job, &sleeps[i]);
		}
		await_sleeper(store, "q");
		await_sleeper(store, "other");
		clock_gettime(CLOCK_MONOTONIC, &begun);
		CHECK_EQ(push_job(store, "q", "one"), QUEUE_PUSH_QUEUED);
		CHECK_EQ(push_job(store, "q", "two"), QUEUE_PUSH_QUEUED);
		child_join(children[0]);
		child_join(children[1]);
		waited += elapsed_since(&begun);
	}
	CHECK(waited < 10 * 0.2);
	CHECK_JOBS(store, "q", 0, 0, 0, 0);
}

/* The names of two queues whose bits in the futex are the same. */
static void find_neighbours(struct store *store, char a[16], char b[16])
{
	uint64_t first = queue_name_hash(key_of(store, "q").hash) % QUEUE_NAMES;

	strcpy(a, "q");
	for (unsigned i = 0;; i++) {
		snprintf(b, 16, "q%u", i);
		if (queue_name_hash(key_of(store, b).hash) % QUEUE_NAMES == (first + 32) % QUEUE_NAMES) {
			return;
		}
	}
}

static void a_wake_is_not_lost_to_a_sleeper_for_another_queue(void **state)
{
	enum { ROUNDS = 10 };
	struct store *store = open_store(MB);
	char right[16], wrong[16];
	struct sleep sleeps[2] = {{wrong, 0}, {right, 1}};
	double waited = 0;

	(void)state;
	find_neighbours(store, right, wrong);
	for (int round = 0; round < ROUNDS; round++) {
		struct timespec begun;
		pid_t children[2];
		children[0] = child_start(sleep_for_a_job, &sleeps[0]); /* sleeps first, and is woken first */
		await_sleeper(store, wrong);
		children[1] = child_start(sleep_for_a_job, &sleeps[1]);
		await_sleeper(store, right);
		clock_gettime(CLOCK_MONOTONIC, &begun);
		CHECK_EQ(push_job(store, right, "key"), QUEUE_PUSH_QUEUED);
		child_join(children[1]);
		waited += elapsed_since(&begun);
		CHECK_EQ(push_job(store, wrong, "key"), QUEUE_PUSH_QUEUED);
		child_join(children[0]);
	}
	CHECK(waited < ROUNDS * 0.15); /* the rest of a slice is 0.22 s */
}

static void a_killed_sleeper_costs_a_slice_at_most(void **state)
{
	struct store *store = open_store(MB);
	struct sleep sleep = {"q", 0};

	(void)state;
	for (int round = 0; round < 5; round++) {
		pid_t killed = child_start(sleep_for_a_job, &sleep), child;
		struct timespec begun;
		await_sleeper(store, "q");
		child = child_start(sleep_for_a_job, &sleep);
		usleep(30000);
		kill(killed, SIGKILL);
		clock_gettime(CLOCK_MONOTONIC, &begun);
		CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
		child_join(child);
		CHECK(elapsed_since(&begun) < 5);
		child_wait(killed);
	}
}

static void a_sleeper_wakes_for_a_delayed_job(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	struct timespec begun;
	double waited;

	(void)state;
	CHECK_EQ(push_later(store, "q", "key", 120 * NS_PER_MS), QUEUE_PUSH_QUEUED);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CHECK(pop_any(store, "q", 30 * NS_PER_S, LEASE_NS, &taken));
	waited = elapsed_since(&begun);
	CHECK(waited > 0.1 && waited < 5);
	/* At its time, not at the end of a slice. */
	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (int i = 0; i < 10; i++) {
		CHECK(ack_job(store, &taken));
		CHECK_EQ(push_later(store, "q", "key", 20 * NS_PER_MS), QUEUE_PUSH_QUEUED);
		CHECK(pop_any(store, "q", 30 * NS_PER_S, LEASE_NS, &taken));
	}
	CHECK(elapsed_since(&begun) < 10 * 0.15);
	/* Nothing comes: then it is up in time. */
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CHECK(!pop_any(store, "q", 150 * NS_PER_MS, LEASE_NS, &taken));
	waited = elapsed_since(&begun);
	CHECK(waited > 0.14 && waited < 5);
}

static void hasten_it(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	flag_await(0);
	await_sleeper(store, "q");
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_MERGED);
}

static void a_sleeper_wakes_when_a_job_comes_sooner(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	struct timespec begun;
	pid_t child = child_start(hasten_it, NULL);

	(void)state;
	CHECK_EQ(push_later(store, "q", "key", 25 * NS_PER_S), QUEUE_PUSH_QUEUED);
	flag_raise(0);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CHECK(pop_any(store, "q", 30 * NS_PER_S, LEASE_NS, &taken));
	CHECK(elapsed_since(&begun) < 15);
	child_join(child);
}

static void take_and_park(void *context)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)context;
	CHECK(pop_any(store, "q", 0, QUEUE_FOREVER, &taken));
	flag_raise(0);
	child_park();
}

static void a_sleeper_notices_the_death_of_a_worker(void **state)
{
	struct store *store = open_store(MB);
	struct sleep sleep = {"q", 1};
	struct timespec begun;
	pid_t worker, sleeper;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	worker = child_start(take_and_park, NULL);
	flag_await(0);
	sleeper = child_start(sleep_for_a_job, &sleep);
	await_sleeper(store, "q");
	kill(worker, SIGKILL);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	child_join(sleeper);
	CHECK(elapsed_since(&begun) < 10);
	child_wait(worker);
	CHECK_COUNTED(store, "q", lease_lost, 1);
}

static void a_sleeper_wakes_when_a_lease_passes(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct queue_taken taken, second;
	struct timespec begun;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	CHECK(pop_any(other, "q", 0, 100 * NS_PER_MS, &taken));
	clock_gettime(CLOCK_MONOTONIC, &begun);
	CHECK(pop_any(store, "q", 30 * NS_PER_S, LEASE_NS, &second));
	CHECK(elapsed_since(&begun) < 5);
	CHECK(!ack_job(other, &taken));
}

/* ---- many at once -------------------------------------------------------------------------------------------- */

enum { KEYS = 6, PUSHES = SLOW_BUILD ? 4000 : 15000, FLAG_END = 9 };

/* words[k]: the version of key k; words[KEYS + k]: the last one that a run has seen; words[2 * KEYS]: runs. */
static void change_and_push(void *context)
{
	struct store *store = open_store(MB);
	struct rng rng = {*(uint64_t *)context};

	if (rng.state % 2) {
		jitter();
	}
	for (int i = 0; i < PUSHES; i++) {
		unsigned k = (unsigned)rng_below(&rng, KEYS);
		world->words[k]++;
		CHECK(push_all(store, "q", (char[]){(char)('a' + k), 0}, 0, (int32_t)rng_below(&rng, 3), "", 0) !=
		      QUEUE_PUSH_FULL);
		if (rng_below(&rng, 50) == 0) {
			usleep(100);
		}
	}
}

static void see_versions(void *context)
{
	struct store *store = open_store(MB);
	struct rng rng = {*(uint64_t *)context};
	struct queue_taken taken = {0};

	if (rng.state % 2) {
		jitter();
	}
	while (pop_any(store, "q", 50 * NS_PER_MS, QUEUE_FOREVER, &taken) || !world->flags[FLAG_END]) {
		char key;
		uint64_t version, seen;
		unsigned k;
		if (taken.key_length != 1 || !store_queue_read(store, &taken, &key, NULL, NULL)) {
			continue;
		}
		k = (unsigned)(key - 'a');
		version = world->words[k];
		if (rng_below(&rng, 20) == 0) {
			CHECK(fail_job(store, &taken, 0));
			continue;
		}
		seen = world->words[KEYS + k];
		while (seen < version && !atomic_compare_exchange_weak(&world->words[KEYS + k], &seen, version)) {
		}
		CHECK(ack_job(store, &taken));
		world->words[2 * KEYS]++;
	}
}

/* Whoever changed something and pushed afterwards is sure of a run that begins after the change. */
static void no_demand_is_lost(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store;
	pid_t pushers[2], workers[3];
	uint64_t seed = 0;

	(void)state;
	options.queue_attempts = 100;
	store = open_with(&options);
	for (int i = 0; i < 3; i++) {
		seed++;
		workers[i] = child_start(see_versions, &seed);
	}
	for (int i = 0; i < 2; i++) {
		seed++;
		pushers[i] = child_start(change_and_push, &seed);
	}
	for (int i = 0; i < 2; i++) {
		child_join(pushers[i]);
	}
	flag_raise(FLAG_END);
	for (int i = 0; i < 3; i++) {
		child_join(workers[i]);
	}
	CHECK_VERIFIED(store);
	CHECK_EQ(drain(store, "q"), 0);
	for (int k = 0; k < KEYS; k++) {
		CHECK_EQ(world->words[KEYS + k], world->words[k]);
	}
	print_message("%llu runs for %u pushes\n", (unsigned long long)world->words[2 * KEYS], 2 * PUSHES);
}

static void work_once(void *context)
{
	struct store *store = open_store(MB);
	struct queue_taken taken = {0};

	(void)context;
	while (pop_any(store, "q", 100 * NS_PER_MS, LEASE_NS, &taken) || !world->flags[FLAG_END]) {
		char key[20];
		if (taken.key_length < 20 && store_queue_read(store, &taken, key, NULL, NULL) && ack_job(store, &taken)) {
			key[taken.key_length] = 0;
			world->words[0]++;
			world->words[1] += (uint64_t)atoi(key);
		}
	}
}

static void each_job_is_run_by_one(void **state)
{
	enum { NUMBER = 3000 };
	struct store *store = open_store(MB);
	pid_t workers[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		workers[i] = child_start(work_once, NULL);
	}
	for (int i = 1; i <= NUMBER; i++) {
		char key[20];
		snprintf(key, sizeof key, "%d", i);
		while (push_job(store, "q", key) == QUEUE_PUSH_FULL) {
			usleep(100);
		}
	}
	flag_raise(FLAG_END);
	for (int i = 0; i < 4; i++) {
		child_join(workers[i]);
	}
	CHECK_EQ(world->words[0], NUMBER);
	CHECK_EQ(world->words[1], NUMBER * (NUMBER + 1) / 2);
	CHECK_JOBS(store, "q", 0, 0, 0, 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_push_wakes_a_sleeper),
		TEST(each_push_wakes_somebody),
		TEST(two_pushes_wake_two_sleepers),
		TEST(a_wake_is_not_lost_to_a_sleeper_for_another_queue),
		TEST(a_killed_sleeper_costs_a_slice_at_most),
		TEST(a_sleeper_wakes_for_a_delayed_job),
		TEST(a_sleeper_wakes_when_a_job_comes_sooner),
		TEST(a_sleeper_notices_the_death_of_a_worker),
		TEST(a_sleeper_wakes_when_a_lease_passes),
		TEST(no_demand_is_lost),
		TEST(each_job_is_run_by_one),
	};

	return RUN(tests, argc, argv);
}
