/*
 * The one that starts workers and kills and stops them at random instants.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VERIFY_EVERY 250
#define STOPPED_MAX 4

uint32_t torture_processes(const struct torture *t)
{
	return t->workers / t->threads;
}

bool torture_hangs(const struct torture *t)
{
	return watch_hangs(&t->watch);
}

bool killer_owns(const struct killer *k, uint32_t process)
{
	return process % k->step == k->first;
}

static bool is_over(const struct torture *t)
{
	return load_relaxed(&t->kills) >= t->kills_wanted || load_relaxed(&t->errors[ERROR_ended]) != 0 || torture_hangs(t);
}

/* ---- workers -------------------------------------------------------------------------------------------- */

struct thread {
	struct torture *t;
	uint32_t number;
};

static void *thread_main(void *context)
{
	struct thread *thread = context;

	worker_live(thread->t, thread->number, NULL);
	return NULL;
}

static void process_main(struct torture *t, uint32_t process, struct store *inherited)
{
	static struct thread contexts[WORKERS_MAX];
	pthread_t threads[WORKERS_MAX];
	uint32_t first = process * t->threads;

	for (uint32_t i = 1; i < t->threads; i++) {
		contexts[i] = (struct thread){t, first + i};
		if (pthread_create(&threads[i], NULL, thread_main, &contexts[i]) != 0) {
			die("no thread");
		}
	}
	worker_live(t, first, inherited);
	for (uint32_t i = 1; i < t->threads; i++) {
		pthread_join(threads[i], NULL);
	}
	_exit(0);
}

struct torture *torture_shared;

uint64_t torture_operations(void)
{
	const struct torture *t = torture_shared;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < t->workers; i++) {
		sum += load_relaxed(&t->records[i].operations);
	}
	for (uint32_t i = 0; t->storming && i < t->workers * STORM_CHILDREN; i++) {
		sum += load_relaxed(&t->records[WORKERS_MAX + i].operations);
	}
	return sum;
}

struct torture *torture_map(int fd)
{
	struct torture *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (t == MAP_FAILED) {
		die("no oracle");
	}
	torture_shared = t;
	if (t->zero_copy) {
		store_reserve(t->bytes);
	}
	return t;
}

int program_main(char **arguments)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	process_main(torture_map(atoi(arguments[2])), (uint32_t)atoi(arguments[3]), NULL);
	return 0;
}

void killer_start(struct killer *k, uint32_t process)
{
	bool program = k->t->programs || (k->t->in_trees && roll_below(&k->dice, 4) == 0);
	pid_t pid = fork_child();

	if (pid == 0 && program) {
		char fd[16], number[16];
		snprintf(fd, sizeof fd, "%d", k->t_fd);
		snprintf(number, sizeof number, "%u", process);
		execl("/proc/self/exe", "torture", "worker", fd, number, (char *)NULL);
		_exit(127);
	}
	if (pid == 0) {
		/* Every second life goes on with the handle that came through the fork. */
		process_main(k->t, process, k->t->threads == 1 && roll_below(&k->dice, 2) ? k->store : NULL);
	}
	roll(&k->dice);
	k->pids[process] = pid;
}

/* ---- kills ---------------------------------------------------------------------------------------------- */

static void wait_exponentially(struct killer *k)
{
	double chance = ((double)(roll(&k->dice) >> 11) + 1) / 9007199254740993.0;
	double us = -log(chance) * (double)k->t->mean_us;
	long ns = (long)((us > 20.0 * (double)k->t->mean_us ? 20.0 * (double)k->t->mean_us : us) * 1000.0);

	nanosleep(&(struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000}, NULL);
}

/* Does one of its participants hold a lock? */
static bool process_holds_lock(struct killer *k, uint32_t process)
{
	bool holds = false;

	for (uint32_t i = 0; i < k->t->threads; i++) {
		uint32_t slot = load_relaxed(&k->t->records[process * k->t->threads + i].slot);
		holds |= slot != 0 && slot_holds_lock(k->store, slot - 1);
	}
	return holds;
}

void killer_note_where(struct killer *k, uint32_t process)
{
	bool in_call = false;

	for (uint32_t i = 0; i < k->t->threads; i++) {
		in_call |= load_relaxed(&k->t->records[process * k->t->threads + i].in_call) != 0;
	}
	rmw_add(&k->t->kills, 1);
	rmw_add(&k->t->in_call, in_call);
	rmw_add(&k->t->with_lock, process_holds_lock(k, process));
}

static void note_end(struct killer *k, uint32_t process, int status)
{
	torture_error(k->t, ERROR_ended, "process %u ended by itself: status %#x", process, status);
}

void killer_kill(struct killer *k, uint32_t process)
{
	int status;

	for (uint32_t i = 0; i < k->t->threads; i++) {
		struct worker_record *record = &k->t->records[process * k->t->threads + i];
		publish(&record->doomed, load_relaxed(&record->lives));
	}
	kill(k->pids[process], SIGKILL);
	if (waitpid(k->pids[process], &status, 0) == k->pids[process] &&
	    (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) && !(status == 0 && load_relaxed(&k->t->watch.over))) {
		note_end(k, process, status);
	}
	killer_note_where(k, process);
	if (k->resume[process] != 0) {
		k->resume[process] = 0;
		k->stopped--;
	}
}

static void stop_one(struct killer *k, uint32_t process)
{
	int status;

	if (k->resume[process] != 0 || k->stopped == STOPPED_MAX || k->stopped + 1 == torture_processes(k->t)) {
		return;
	}
	kill(k->pids[process], SIGSTOP);
	if (waitpid(k->pids[process], &status, WUNTRACED) != k->pids[process] || !WIFSTOPPED(status)) {
		note_end(k, process, status);
		return;
	}
	k->resume[process] = seconds() + 0.001 + roll_below(&k->dice, 10000) / 1e6;
	if (process_holds_lock(k, process) && roll_below(&k->dice, 6) == 0) {
		/* Longer than anybody waits for a lock; and those who wait for it live long enough to give up. */
		k->resume[process] = seconds() + 1.3e-9 * (double)LOCK_PATIENCE_NS;
		k->quiet_until = seconds() + 1.2e-9 * (double)LOCK_PATIENCE_NS;
	}
	k->stopped++;
	rmw_add(&k->t->stops, 1);
}

static void resume_due(struct killer *k, bool all)
{
	for (uint32_t i = 0; i < torture_processes(k->t); i++) {
		if (k->resume[i] != 0 && (all || seconds() >= k->resume[i])) {
			kill(k->pids[i], SIGCONT);
			k->resume[i] = 0;
			k->stopped--;
		}
	}
}

/* True: instead of a kill. */
static bool stop_or_wait(struct killer *k, uint32_t process)
{
	resume_due(k, false);
	if (roll_below(&k->dice, 3) == 0) {
		stop_one(k, process);
		return true;
	}
	return seconds() < k->quiet_until || (k->resume[process] != 0 && roll_below(&k->dice, 64) != 0);
}

/* ---- what the killer itself reads ------------------------------------------------------------------------ */

/* Values that stay pinned while hundreds of writers come and go. */
static void hold_long(struct killer *k)
{
	struct worker reader = {.t = k->t,
	                        .store = k->store,
	                        .me = &k->t->records[WORKERS_MAX - 1],
	                        .number = WORKERS_MAX - 1,
	                        .dice = k->dice};

	for (int i = 0; i < 4; i++) {
		worker_read_some_key(&reader, &k->held);
	}
	held_check(&reader, &k->held);
	if (roll_below(&k->dice, 100) == 0) {
		held_release(&reader, &k->held);
	}
	k->dice = reader.dice;
}

static void verify_running(struct killer *k)
{
	unsigned broken = verify_aloud(k->store, "torture");

	if (broken) {
		torture_error(k->t, ERROR_broken_rules, "%u rules are broken after %llu kills", broken,
		              (unsigned long long)load_relaxed(&k->t->kills));
	}
}

void killer_work(struct killer *k)
{
	uint32_t mine = 0, rounds = 0, processes = torture_processes(k->t);

	for (uint32_t i = 0; i < processes; i++) {
		if (killer_owns(k, i)) {
			killer_start(k, i);
			mine++;
		}
	}
	while (!is_over(k->t)) {
		uint32_t process = k->first + k->step * roll_below(&k->dice, mine);
		wait_exponentially(k);
		let_go_on(torture_operations);
		if (k->t->stopping && stop_or_wait(k, process)) {
			continue;
		}
		killer_kill(k, process);
		killer_start(k, process);
		if (k->t->storming && !killer_reap_orphans(k, false)) {
			return;
		}
		rounds++;
		if (k->t->zero_copy && rounds % 20 == 0) {
			hold_long(k);
		}
		/* Not with stopped processes about: one of them may hold the lock. */
		if (rounds % VERIFY_EVERY == 0 && !k->t->stopping && !k->aside) {
			verify_running(k);
		}
	}
	resume_due(k, true);
}

/* ---- the end -------------------------------------------------------------------------------------------- */

static bool is_mine(const struct killer *k, pid_t pid)
{
	for (uint32_t i = 0; i < WORKERS_MAX; i++) {
		if (k->pids[i] == pid) {
			return true;
		}
	}
	return pid == k->watcher || pid == k->ballast;
}

bool killer_reap_orphans(struct killer *k, bool all)
{
	double until = seconds() + PATIENCE_SECONDS;

	for (;;) {
		siginfo_t info = {.si_pid = 0};
		int status;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
			return true; /* there is no child at all */
		}
		if (info.si_pid == 0 && all && seconds() < until) {
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
			continue;
		}
		if (info.si_pid == 0 || is_mine(k, info.si_pid)) {
			return !all;
		}
		if (waitpid(info.si_pid, &status, 0) == info.si_pid && status != 0 &&
		    (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)) {
			torture_error(k->t, ERROR_ended, "an orphan ended with status %#x", status);
		}
	}
}

/* Half of the processes leave in an orderly way, the others are killed. */
bool killer_end(struct killer *k)
{
	double until = seconds() + PATIENCE_SECONDS;
	bool ended = true;
	uint32_t n = 0;

	for (uint32_t i = 0; i < torture_processes(k->t); i++) {
		if (killer_owns(k, i) && n++ % 2 == 0) {
			killer_kill(k, i);
			k->pids[i] = 0;
		}
	}
	store_relaxed(&k->t->watch.over, 1);
	for (uint32_t i = 0; i < torture_processes(k->t); i++) {
		int status;
		pid_t got;
		if (!killer_owns(k, i) || k->pids[i] == 0) {
			continue;
		}
		while ((got = waitpid(k->pids[i], &status, WNOHANG)) == 0 && seconds() < until) {
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		}
		if (got == 0) {
			ended = false;
			kill_child(k->pids[i]);
		} else if (status != 0) {
			note_end(k, i, status);
		}
		k->pids[i] = 0;
	}
	return ended;
}
