/*
 * Workers that use one segment and are killed at random instants; an oracle outside of the segment knows what they
 * have acknowledged.
 *
 * usage: torture [option...]
 *   -k KILLS     1000
 *   -w WORKERS   participants, 6
 *   -t THREADS   of them in each process, 1
 *   -u MICROS    between two kills, on average, 1000
 *   -m BYTES     of the segment, in MB: 64 if nothing is to be evicted
 *   -e           a small segment (1 MB unless -m says otherwise): entries are evicted, so missing is no loss
 *   -x           workers are programs of their own, not forked children
 *   -z           workers are stopped for a while, too, some of them longer than others wait for a lock
 *   -l           workers rebuild values under leases, tokens and stamps, and invalidate them, too
 *   -g SLOTS     fewer participant slots than workers: the others are guests
 *   -s SEED
 *
 * Prints one line; the exit status says whether nothing was wrong.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANG_SECONDS 15.0
#define VERIFY_EVERY 250
#define STOPPED_MAX 4

static struct {
	long kills, kills_wanted, mean_us;
	bool exec;
	char name[96];
	struct torture *t;
	int t_fd;
	struct store *store;
	struct dice dice;
	pid_t pids[WORKERS_MAX];
	double resume[WORKERS_MAX]; /* when a stopped process goes on; 0: it runs */
	uint32_t processes, stopped;
	double quiet_until; /* no kills until then */
	long in_call, with_lock, died_by_itself, stops;
	double began;
	pid_t monitor;
	bool hung;
} run;

/* ---- workers -------------------------------------------------------------------------------------------- */

static void *thread_main(void *context)
{
	worker_live(run.t, (uint32_t)(uintptr_t)context, NULL);
	return NULL;
}

static void process_main(uint32_t process, struct store *inherited)
{
	pthread_t threads[WORKERS_MAX];
	uint32_t first = process * run.t->threads;

	for (uint32_t i = 1; i < run.t->threads; i++) {
		if (pthread_create(&threads[i], NULL, thread_main, (void *)(uintptr_t)(first + i)) != 0) {
			die("no thread");
		}
	}
	worker_live(run.t, first, inherited);
	for (uint32_t i = 1; i < run.t->threads; i++) {
		pthread_join(threads[i], NULL);
	}
	_exit(0);
}

static void start(uint32_t process)
{
	pid_t pid = fork_child();

	if (pid == 0 && run.exec) {
		char fd[16], number[16];
		snprintf(fd, sizeof fd, "%d", run.t_fd);
		snprintf(number, sizeof number, "%u", process);
		execl("/proc/self/exe", "torture", "worker", fd, number, (char *)NULL);
		_exit(127);
	}
	if (pid == 0) {
		/* Every second life goes on with the handle that came through the fork. */
		process_main(process, run.t->threads == 1 && roll_below(&run.dice, 2) ? run.store : NULL);
	}
	roll(&run.dice);
	run.pids[process] = pid;
}

/* A program of its own: `torture worker FD NUMBER`. */
static int exec_main(char **arguments)
{
	int fd = atoi(arguments[2]);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	run.t = mmap(NULL, sizeof *run.t, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (run.t == MAP_FAILED) {
		die("no oracle");
	}
	process_main((uint32_t)atoi(arguments[3]), NULL);
	return 0;
}

/* ---- kills ---------------------------------------------------------------------------------------------- */

static void wait_exponentially(void)
{
	double chance = ((double)(roll(&run.dice) >> 11) + 1) / 9007199254740993.0;
	double us = -log(chance) * (double)run.mean_us;
	long ns = (long)((us > 20.0 * (double)run.mean_us ? 20.0 * (double)run.mean_us : us) * 1000.0);

	nanosleep(&(struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000}, NULL);
}

static bool lock_is_held_by(uint32_t slot)
{
	for (uint32_t i = 0; i < run.store->segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(&run.store->owner, i);
		if (lock_owner(&r.shard->lock) == slot) {
			return true;
		}
	}
	return false;
}

/* Does one of its participants hold a lock? */
static bool process_holds_lock(uint32_t process)
{
	bool holds = false;

	for (uint32_t i = 0; i < run.t->threads; i++) {
		uint32_t slot = load_relaxed(&run.t->records[process * run.t->threads + i].slot);
		holds |= slot != 0 && lock_is_held_by(slot - 1);
	}
	return holds;
}

/* Where were its threads when it died? */
static void note_where(uint32_t process)
{
	bool in_call = false;

	for (uint32_t i = 0; i < run.t->threads; i++) {
		in_call |= load_relaxed(&run.t->records[process * run.t->threads + i].in_call) != 0;
	}
	run.in_call += in_call;
	run.with_lock += process_holds_lock(process);
}

static void note_end(uint32_t process, int status)
{
	printf("# %s: process %u ended by itself: status %#x\n", run.name, process, status);
	run.died_by_itself++;
}

static void kill_one(uint32_t process)
{
	int status;

	for (uint32_t i = 0; i < run.t->threads; i++) {
		struct worker_record *record = &run.t->records[process * run.t->threads + i];
		publish(&record->doomed, load_relaxed(&record->lives));
	}
	kill(run.pids[process], SIGKILL);
	if (waitpid(run.pids[process], &status, 0) == run.pids[process] &&
	    (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)) {
		note_end(process, status);
	}
	note_where(process);
	run.kills++;
	if (run.resume[process] != 0) {
		run.resume[process] = 0;
		run.stopped--;
	}
}

static void stop_one(uint32_t process)
{
	int status;

	if (run.resume[process] != 0 || run.stopped == STOPPED_MAX || run.stopped + 1 == run.processes) {
		return;
	}
	kill(run.pids[process], SIGSTOP);
	if (waitpid(run.pids[process], &status, WUNTRACED) != run.pids[process] || !WIFSTOPPED(status)) {
		note_end(process, status);
		return;
	}
	run.resume[process] = seconds() + 0.001 + roll_below(&run.dice, 10000) / 1e6;
	if (process_holds_lock(process) && roll_below(&run.dice, 6) == 0) {
		/* Longer than anybody waits for a lock; and those who wait for it live long enough to give up. */
		run.resume[process] = seconds() + 1.3e-9 * (double)LOCK_PATIENCE_NS;
		run.quiet_until = seconds() + 1.2e-9 * (double)LOCK_PATIENCE_NS;
	}
	run.stopped++;
	run.stops++;
}

static void resume_due(bool all)
{
	for (uint32_t i = 0; i < run.processes; i++) {
		if (run.resume[i] != 0 && (all || seconds() >= run.resume[i])) {
			kill(run.pids[i], SIGCONT);
			run.resume[i] = 0;
			run.stopped--;
		}
	}
}

/* The killer comes when its time has come, not when a worker's slice of time is over. Without the right to: later. */
static void come_first(void)
{
	struct sched_param parameter = {.sched_priority = 1};

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameter) != 0) {
		setpriority(PRIO_PROCESS, 0, -10);
	}
}

/* A process of its own, so that whatever the killer waits for does not look like a standstill of the workers. */
static void watch_progress(void)
{
	uint64_t operations = 0;
	double since = seconds();

	come_first();
	while (!load_relaxed(&run.t->over)) {
		uint64_t now_operations = 0;
		double now = seconds();
		for (uint32_t i = 0; i < run.t->workers; i++) {
			now_operations += load_relaxed(&run.t->records[i].operations);
		}
		if ((uint64_t)((now - since) * 1e6) > load_relaxed(&run.t->gap_us)) {
			store_relaxed(&run.t->gap_us, (uint64_t)((now - since) * 1e6));
		}
		if (now_operations != operations) {
			operations = now_operations;
			since = now;
		}
		nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
	}
	_exit(0);
}

static void look_for_hang(void)
{
	if ((double)load_relaxed(&run.t->gap_us) / 1e6 < HANG_SECONDS) {
		return;
	}
	run.hung = true;
	for (uint32_t i = 0; i < run.store->segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(&run.store->owner, i);
		printf("# %s: hangs; lock of shard %u: %#x\n", run.name, i, load_relaxed(&r.shard->lock.word));
	}
}

static void verify_running(void)
{
	unsigned broken = verify_aloud(run.store, run.name);

	if (broken) {
		torture_error(run.t, ERROR_broken_rules, "%u rules are broken after %ld kills", broken, run.kills);
	}
}

static void torture(void)
{
	run.began = seconds();
	for (uint32_t i = 0; i < run.processes; i++) {
		start(i);
	}
	run.monitor = fork_child();
	if (run.monitor == 0) {
		watch_progress();
	}
	come_first();
	while (run.kills < run.kills_wanted && !run.hung && !run.died_by_itself) {
		uint32_t process = roll_below(&run.dice, run.processes);
		wait_exponentially();
		if (run.t->stopping) {
			resume_due(false);
			if (roll_below(&run.dice, 3) == 0) {
				stop_one(process);
				continue;
			}
			if (seconds() < run.quiet_until || (run.resume[process] != 0 && roll_below(&run.dice, 64) != 0)) {
				continue;
			}
		}
		kill_one(process);
		start(process);
		look_for_hang();
		/* Not with stopped processes about: one of them may hold the lock. */
		if (run.kills % VERIFY_EVERY == 0 && !run.t->stopping) {
			verify_running();
		}
	}
	resume_due(true);
}

/* ---- the end -------------------------------------------------------------------------------------------- */

/* Half of the processes leave in an orderly way, the others are killed. */
static void end_workers(void)
{
	double until = seconds() + HANG_SECONDS;

	for (uint32_t i = 0; i < run.processes; i += 2) {
		kill_one(i);
		run.kills--;
	}
	store_relaxed(&run.t->over, 1);
	waitpid(run.monitor, NULL, 0);
	for (uint32_t i = 1; i < run.processes; i += 2) {
		int status;
		pid_t got;
		while ((got = waitpid(run.pids[i], &status, WNOHANG)) == 0 && seconds() < until) {
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		}
		if (got == 0) {
			run.hung = true;
			kill_child(run.pids[i]);
		} else if (status != 0) {
			printf("# %s: process %u ended with status %#x\n", run.name, i, status);
			run.died_by_itself++;
		}
	}
}

static uint64_t operations(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < run.t->workers; i++) {
		sum += load_relaxed(&run.t->records[i].operations);
	}
	return sum;
}

static void delete_name(const char *name)
{
	struct store_key key = key_of(run.store, name);

	(void)!store_delete(run.store, &key);
}

static void delete_all(void)
{
	char name[32];

	for (uint32_t i = 0; i < SHARED_KEYS; i++) {
		shared_name(name, i);
		delete_name(name);
	}
	for (uint32_t i = 0; i < COUNTERS; i++) {
		counter_name(name, 0, i);
		delete_name(name);
	}
	for (uint32_t i = 0; i < LEASED_KEYS; i++) {
		leased_name(name, i);
		delete_name(name);
	}
	for (uint32_t worker = 0; worker < run.t->workers; worker++) {
		for (uint32_t i = 0; i < run.t->keys; i++) {
			key_name(name, worker, i);
			delete_name(name);
		}
		counter_name(name, worker, COUNTERS);
		delete_name(name);
	}
}

/* Blocks that are in use though nothing is stored. */
static uint64_t blocks_left(void)
{
	uint64_t left = 0;

	for (uint32_t i = 0; i < run.store->segment->geometry.shards; i++) {
		const struct shard *s = shard_open(&run.store->owner, i).shard;
		for (uint32_t class = LINE_CLASS + 1; class < CLASSES; class ++) {
			left += s->classes[class].used;
		}
	}
	return left;
}

struct result {
	unsigned broken;
	uint64_t limbo, leaked;
	uint32_t attached;
	uint64_t recoveries, rebuilds, evictions, relocations, dropped, busy;
};

static void look_at_the_end(struct result *result)
{
	struct worker reader = {
		.t = run.t, .store = run.store, .me = &run.t->records[WORKERS_MAX - 1], .number = WORKERS_MAX - 1};

	owner_reap_all(&run.store->owner);
	result->attached = owner_count(run.store->segment);
	result->broken = verify_aloud(run.store, run.name);
	worker_check_all(&reader);
	store_unpin_all(run.store);
	result->limbo = reclaim_all(run.store);
	result->recoveries = counter_sum(run.store, STORE_COUNT_recoveries);
	result->rebuilds = counter_sum(run.store, STORE_COUNT_rebuilds);
	result->evictions = counter_sum(run.store, STORE_COUNT_evictions);
	result->relocations = counter_sum(run.store, STORE_COUNT_relocations);
	result->busy = counter_sum(run.store, STORE_COUNT_failed_busy);
	result->dropped = counter_sum(run.store, STORE_COUNT_dropped_corrupt);
	delete_all();
	reclaim_all(run.store);
	result->leaked = blocks_left();
	result->broken += verify_aloud(run.store, run.name);
}

static bool report(const struct result *result)
{
	static const char *const texts[] = {
#define X(name, text) text,
		ERRORS(X)
#undef X
	};
	struct torture *t = run.t;
	uint64_t errors = 0;
	bool good;
	double share = run.kills ? 100.0 / (double)run.kills : 0;

	for (int i = 0; i < ERROR_COUNT; i++) {
		errors += load_relaxed(&t->errors[i]);
	}
	good = errors == 0 && !run.hung && !run.died_by_itself && result->broken == 0 && result->limbo == 0 &&
	       result->leaked == 0 && result->attached == 1 && result->dropped == 0;
	for (uint32_t i = 0; i < load_relaxed(&t->messages) && i < MESSAGES; i++) {
		printf("# %s: %s\n", run.name, t->message[i]);
	}
	for (int i = 0; i < ERROR_COUNT; i++) {
		if (load_relaxed(&t->errors[i])) {
			printf("# %s: %llu %s\n", run.name, (unsigned long long)load_relaxed(&t->errors[i]), texts[i]);
		}
	}
	printf(
		"%s - %s: %ld kills (%.0f %% in a call, %.1f %% with a lock), %ld stops, %.2f M operations, %llu recoveries, "
		"%llu rebuilds, %llu evictions, %llu relocations; %llu busy, %llu full; %llu errors, %llu ambiguous, %u rules "
		"broken, %llu leaked, %llu in limbo, %u attached, %llu dropped%s, longest gap %.3f s, %.1f s\n",
		good ? "ok" : "not ok", run.name, run.kills, (double)run.in_call * share, (double)run.with_lock * share,
		run.stops, (double)operations() / 1e6, (unsigned long long)result->recoveries,
		(unsigned long long)result->rebuilds, (unsigned long long)result->evictions,
		(unsigned long long)result->relocations, (unsigned long long)result->busy,
		(unsigned long long)load_relaxed(&t->full), (unsigned long long)errors,
		(unsigned long long)load_relaxed(&t->ambiguous), result->broken, (unsigned long long)result->leaked,
		(unsigned long long)result->limbo, result->attached, (unsigned long long)result->dropped,
		run.hung ? ", HANGS" : "", (double)load_relaxed(&t->gap_us) / 1e6, seconds() - run.began);
	return good;
}

/* ---- main ----------------------------------------------------------------------------------------------- */

static void make_counters(void)
{
	for (uint32_t i = 0; i < COUNTERS; i++) {
		struct store_item item = {.type = STORE_INT, .integer = COUNTER_START(i), .ttl_us = STORE_FOREVER};
		char name[32];
		counter_name(name, 0, i);
		struct store_key key = key_of(run.store, name);
		if (store_put(run.store, &key, &item, STORE_SET) != CACHE_OK) {
			die("cannot make %s", name);
		}
	}
}

static void read_options(int count, char **arguments)
{
	uint64_t megabytes = 0;
	long guests = 0;

	run.kills_wanted = 1000;
	run.mean_us = 1000;
	run.t->workers = 6;
	run.t->threads = 1;
	run.t->seed = 1;
	for (int option; (option = getopt(count, arguments, "k:w:t:u:m:exzlg:s:")) != -1;) {
		switch (option) {
		case 'k':
			run.kills_wanted = strtol(optarg, NULL, 10);
			break;
		case 'w':
			run.t->workers = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 't':
			run.t->threads = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'u':
			run.mean_us = strtol(optarg, NULL, 10);
			break;
		case 'm':
			megabytes = strtoull(optarg, NULL, 10);
			break;
		case 'e':
			run.t->evicting = true;
			break;
		case 'x':
			run.exec = true;
			break;
		case 'z':
			run.t->stopping = true;
			break;
		case 'l':
			run.t->leasing = true;
			break;
		case 'g':
			guests = strtol(optarg, NULL, 10);
			run.t->crowded = true;
			break;
		case 's':
			run.t->seed = strtoull(optarg, NULL, 10);
			break;
		default:
			die("see the head of torture.c for the options");
		}
	}
	if (run.t->threads == 0 || run.t->workers % run.t->threads != 0 || run.t->workers >= WORKERS_MAX) {
		die("-w WORKERS is a multiple of -t THREADS below %d", WORKERS_MAX);
	}
	if (run.t->leasing && (run.t->evicting || run.t->stopping || guests)) {
		die("-l goes with neither -e, -z nor -g"); /* an entry that is gone tells nobody that it was invalidated */
	}
	run.processes = run.t->workers / run.t->threads;
	run.t->bytes = (megabytes ? megabytes : run.t->evicting ? 1 : 64) << 20;
	run.t->keys = run.t->evicting ? 320 : 24;
	run.t->processes = guests ? (uint32_t)guests : run.t->workers + 8;
	snprintf(run.name, sizeof run.name, "torture: %s%s%s%s%s%s", run.t->evicting ? "evicting" : "oracle",
	         run.exec ? ", programs" : "", run.t->threads > 1 ? ", threads" : "", run.t->stopping ? ", stops" : "",
	         run.t->leasing ? ", leases" : "",
	         run.t->crowded ? ", guests" : "");
}

int main(int count, char **arguments)
{
	struct result result = {0};

	if (count == 4 && strcmp(arguments[1], "worker") == 0) {
		return exec_main(arguments);
	}
	run.t_fd = memfd_create("oracle", 0);
	if (run.t_fd < 0 || ftruncate(run.t_fd, sizeof *run.t) != 0) {
		die("no memory for the oracle: %s", strerror(errno));
	}
	run.t = mmap(NULL, sizeof *run.t, PROT_READ | PROT_WRITE, MAP_SHARED, run.t_fd, 0);
	if (run.t == MAP_FAILED) {
		die("no memory for the oracle: %s", strerror(errno));
	}
	read_options(count, arguments);
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(run.t->folder, sizeof run.t->folder, "%s", make_folder());
	run.dice = dice_of(run.t->seed);
	run.store = torture_open(run.t, NULL);
	make_counters();
	end_after((unsigned)(60 + run.kills_wanted / 100 + run.kills_wanted * run.mean_us / 200000));
	torture();
	end_workers();
	look_at_the_end(&result);
	return !report(&result);
}
