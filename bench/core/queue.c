/*
 * What the rebuild queue costs in the core: no PHP.
 *   queue DIRECTORY MILLISECONDS    one JSON object a line: name, value, unit
 *
 * Operations are timed in one process in rounds, medians of which are printed. Throughput: two processes drain a queue that
 * was filled before, and a third one fills while they do; a job is a key of 20 bytes without payload, and its loader does nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/atomics.h"
#include "core/store/job_queue.h"
#include "segment.h"

#define ROUND 4000
#define ROUNDS_MAX 2000
#define WORKERS 2
#define DRAINED 60000

static struct store *store;
static struct store_key queue, keys[DRAINED];
static char names[DRAINED][24];

/* Shared with the processes that are forked. */
static struct {
	atomic_u32 go, done;
	atomic_u64 jobs;
} *shared;

static uint64_t now_ns(void) { return cache_posix_host.monotonic_ns(NULL); }

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void print(const char *name, double value, const char *unit)
{
	printf("{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\"}\n", name, value, unit);
}

static void print_median(const char *name, double *times, size_t count)
{
	qsort(times, count, sizeof *times, ascending);
	print(name, times[count / 2], "ns");
}

static void push(uint32_t i)
{
	const struct store_job job = {.queue = &queue, .key = &keys[i], .payload = ""};

	if (store_queue_push(store, &job) == QUEUE_PUSH_FULL) {
		fail("the queue is full");
	}
}

static bool pop(struct store *worker)
{
	struct store_queue_wish wish;
	struct queue_taken taken;

	if (store_queue_begin(worker, &wish, &queue, 1, 0, 60000000000, &taken) != CACHE_OK) {
		return false;
	}
	if (!store_queue_ack(worker, taken.id, taken.token)) {
		fail("an acknowledgement was refused");
	}
	return true;
}

/* ---- one process ---------------------------------------------------------------------------------------- */

static void time_operations(uint64_t ms)
{
	static double pushes[ROUNDS_MAX], merges[ROUNDS_MAX], pops[ROUNDS_MAX];
	uint64_t end = now_ns() + ms * 1000000, begun;
	size_t round = 0;

	for (; now_ns() < end && round < ROUNDS_MAX; round++) {
		begun = now_ns();
		for (uint32_t i = 0; i < ROUND; i++) {
			push(i);
		}
		pushes[round] = (double)(now_ns() - begun) / ROUND;
		begun = now_ns();
		for (uint32_t i = 0; i < ROUND; i++) {
			push(i);
		}
		merges[round] = (double)(now_ns() - begun) / ROUND;
		begun = now_ns();
		for (uint32_t i = 0; i < ROUND; i++) {
			(void)pop(store);
		}
		pops[round] = (double)(now_ns() - begun) / ROUND;
	}
	print_median("push", pushes, round);
	print_median("push of a job that waits", merges, round);
	print_median("pop and ack", pops, round);
}

/* ---- two workers ---------------------------------------------------------------------------------------- */

/* Until as many were done as are meant to be. */
static void work(uint64_t jobs)
{
	while (load_acquire(&shared->go) == 0) {
	}
	while (load_relaxed(&shared->jobs) < jobs) {
		if (pop(store)) {
			rmw_add(&shared->jobs, 1);
		}
	}
	rmw_add(&shared->done, 1);
	store_close(store);
	_exit(0);
}

static double jobs_a_second(uint64_t jobs, bool filled)
{
	uint64_t begun;

	store_relaxed(&shared->go, 0);
	store_relaxed(&shared->done, 0);
	store_relaxed(&shared->jobs, 0);
	for (uint32_t i = 0; filled && i < DRAINED; i++) {
		push(i);
	}
	for (int i = 0; i < WORKERS; i++) {
		if (fork() == 0) {
			work(jobs);
		}
	}
	usleep(20000);
	begun = now_ns();
	publish(&shared->go, 1);
	for (uint64_t i = 0; !filled && i < jobs; i++) {
		/* Not farther ahead than there is room. */
		while (i - load_relaxed(&shared->jobs) >= DRAINED) {
			usleep(50);
		}
		push((uint32_t)(i % DRAINED));
	}
	while (load_acquire(&shared->done) < WORKERS) {
		usleep(50);
	}
	begun = now_ns() - begun;
	for (int i = 0; i < WORKERS; i++) {
		wait(NULL);
	}
	return (double)jobs / ((double)begun / 1e9);
}

static void time_throughput(const char *name, bool filled, int rounds)
{
	double *figures = calloc((size_t)rounds, sizeof *figures);

	for (int i = 0; figures && i < rounds; i++) {
		figures[i] = jobs_a_second(DRAINED, filled);
	}
	if (!figures) {
		fail("no memory");
	}
	qsort(figures, (size_t)rounds, sizeof *figures, ascending);
	print(name, figures[rounds / 2], "/s");
	free(figures);
}

int main(int argc, char **argv)
{
	uint64_t ms;

	if (argc != 3) {
		fail("usage: queue DIRECTORY MILLISECONDS");
	}
	ms = strtoull(argv[2], NULL, 10);
	store = segment_make(argv[1], UINT64_C(16) << 20);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		fail("no memory");
	}
	queue = segment_key(store, "bench", 5);
	for (uint32_t i = 0; i < DRAINED; i++) {
		snprintf(names[i], sizeof names[i], "bench:queue:job:%04x", i);
		keys[i] = segment_key(store, names[i], (uint32_t)strlen(names[i]));
	}
	time_operations(ms);
	time_throughput("jobs through 2 workers, filled before", true, ms < 1000 ? 3 : 9);
	time_throughput("jobs through 2 workers, filled meanwhile", false, ms < 1000 ? 3 : 9);
	segment_drop(store);
}
