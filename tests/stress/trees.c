/*
 * Two trees of processes that know nothing of each other: neither has a handle, a descriptor or an ancestor within the cache that
 * the other one has, too. Each has a killer of its own; each attaches by itself, and one of them creates the segment. The second one lives in a
 * PID namespace of its own, as in a container, where that is to be had: its pids mean other processes there.
 *
 * Now and then a tree is killed as a whole, killer and workers at once, and comes back.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TREE_LIFE_S 0.4

int tree_main(char **arguments)
{
	struct killer *k = calloc(1, sizeof *k);

	if (!k) {
		die("no memory");
	}
	k->t_fd = atoi(arguments[2]);
	k->t = torture_map(k->t_fd);
	k->first = (uint32_t)atoi(arguments[3]);
	k->step = TREES;
	k->aside = true;
	k->dice = dice_of(k->t->seed ^ (uint64_t)getpid() << 20 ^ (uint64_t)(seconds() * 1e9));
	k->store = torture_open(k->t);
	counters_make(k->store);
	come_first();
	killer_work(k);
	if (!killer_end(k)) {
		return 3;
	}
	store_close(k->store);
	return 0;
}

/* A child in a process group of its own; in a PID namespace of its own, if it is to be and may. */
static pid_t start_tree(struct killer *k, uint32_t tree)
{
	char fd[16], number[16];
	pid_t pid;

	snprintf(fd, sizeof fd, "%d", k->t_fd);
	snprintf(number, sizeof number, "%u", tree);
	pid = fork_child();
	/* By both, so that the group is there whoever comes first. */
	setpgid(pid, pid);
	if (pid != 0) {
		return pid;
	}
	if (tree == 1 && unshare(CLONE_NEWPID) == 0) {
		/* The next child is the first process of it; who started it waits for it, and dies with it. */
		pid_t inner = fork();
		int status = 0;
		if (inner < 0) {
			die("fork: %s", strerror(errno));
		}
		if (inner != 0) {
			while (waitpid(inner, &status, 0) < 0 && errno == EINTR) {
			}
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 4);
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	execl("/proc/self/exe", "torture", "tree", fd, number, (char *)NULL);
	_exit(127);
}

/* All that belong to it are in its process group, and become our children when their parents die. */
static void wait_for_group(struct killer *k, pid_t pid, bool killed)
{
	int status;
	pid_t got;

	while ((got = waitpid(-pid, &status, 0)) > 0 || (got < 0 && errno == EINTR)) {
		bool by_kill = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
		if (got == pid && !killed && status != 0) {
			torture_error(k->t, ERROR_ended, "a tree ended with status %#x", status);
		} else if (got != pid && got > 0 && status != 0 && !by_kill) {
			torture_error(k->t, ERROR_ended, "a process of a tree ended with status %#x", status);
		}
	}
}

static void kill_tree(struct killer *k, uint32_t tree)
{
	pid_t pid = k->pids[tree];

	for (uint32_t i = 0; i < k->t->workers; i++) {
		struct worker_record *record = &k->t->records[i];
		if (i / k->t->threads % TREES == tree) {
			publish(&record->doomed, load_relaxed(&record->lives));
		}
	}
	kill(-pid, SIGKILL);
	wait_for_group(k, pid, true);
	for (uint32_t i = 0; i < torture_processes(k->t); i++) {
		if (i % TREES == tree) {
			killer_note_where(k, i);
		}
	}
	rmw_add(&k->t->trees_killed, 1);
}

bool trees_work(struct killer *k)
{
	struct torture *t = k->t;
	double until;

	for (uint32_t i = 0; i < TREES; i++) {
		k->pids[i] = start_tree(k, i);
	}
	until = seconds() + PATIENCE_SECONDS;
	while (torture_operations() == 0 && seconds() < until) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	/* One of them has made it by now. */
	k->store = torture_open(t);
	while (load_relaxed(&t->kills) < t->kills_wanted && !torture_hangs(t) && !load_relaxed(&t->errors[ERROR_ended])) {
		uint32_t tree = roll_below(&k->dice, TREES);
		nanosleep(
			&(struct timespec){.tv_nsec = (long)(TREE_LIFE_S * 2e9 * (double)roll_below(&k->dice, 1000) / 1000.0)},
			NULL);
		if (load_relaxed(&t->kills) < t->kills_wanted) {
			kill_tree(k, tree);
			k->pids[tree] = start_tree(k, tree);
		}
	}
	for (uint32_t i = 0; i < TREES; i++) {
		/* A tree's own killer waits for its processes, and says so with its status. */
		wait_for_group(k, k->pids[i], false);
	}
	return !torture_hangs(t);
}
