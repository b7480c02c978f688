/*
 * Fork storms: a worker forks children, and they fork children, all with the handle and the pins that came through fork(). Each
 * of them is killed by a timer of its own or by the death of its parent, or ends: in order, or without a word.
 *
 * Each has one of its worker's records for children in the oracle. The next life of the worker takes all of them back; the dying
 * children of the one before may still add to their counters then, which everybody does by read-modify-writes.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_MAX 3u
#define LIFE_US 1500.0 /* on average */
#define ROUNDS 400

/* Of this process: its children, and their records. */
static __thread struct {
	pid_t pid;
	struct worker_record *record;
} children[STORM_CHILDREN];

void storm_begin(const struct worker *w)
{
	for (uint32_t i = 0; i < STORM_CHILDREN; i++) {
		publish(&w->t->records[WORKERS_MAX + w->number * STORM_CHILDREN + i].lives, 0);
	}
}

static struct worker_record *take_record(const struct worker *w)
{
	for (uint32_t i = 0; i < STORM_CHILDREN; i++) {
		struct worker_record *record = &w->t->records[WORKERS_MAX + w->number * STORM_CHILDREN + i];
		uint32_t free = 0;
		if (cas(&record->lives, &free, 1)) {
			return record;
		}
	}
	return NULL;
}

/* SIGKILL at a random instant, whatever it does then. */
static void doom(struct dice *dice)
{
	double chance = ((double)(roll(dice) >> 11) + 1) / 9007199254740993.0;
	long ns = (long)(-log(chance) * LIFE_US * 1000) + 1000;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
	struct itimerspec when = {.it_value = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000}};
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &when, NULL) != 0) {
		die("no timer");
	}
}

static void note_death(struct worker *w, struct worker_record *record, int status)
{
	uint32_t slot = load_acquire(&record->slot);

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		rmw_add(&w->t->kills, 1);
		rmw_add(&w->t->in_call, load_relaxed(&record->in_call));
		rmw_add(&w->t->with_lock, slot != 0 && slot_holds_lock(w->store, slot - 1));
	} else if (status != 0) {
		torture_error(w->t, ERROR_ended, "a forked child ended with status %#x", status);
	}
	publish(&record->lives, 0);
}

static void work_a_bit(struct worker *w, struct held *held)
{
	uint32_t chance = roll_below(&w->dice, 100);

	if (chance < 35) {
		worker_read_some_key(w, held);
	} else if (chance < 70) {
		worker_work_on_shared_key(w, held, roll_below(&w->dice, 6));
	} else if (chance < 85) {
		worker_increment(w, roll_below(&w->dice, COUNTERS));
	} else if (chance < 98) {
		held_check(w, held);
	} else if (w->depth < DEPTH_MAX) {
		storm_work(w, held);
	}
}

static void child_live(const struct worker *parent, struct worker_record *record, const struct held *inherited)
{
	struct worker w = *parent;
	struct held held = *inherited;

	memset(children, 0, sizeof children);
	w.me = record;
	w.depth++;
	w.dice = dice_of(roll(&w.dice) ^ (uint64_t)getpid());
	store_relaxed(&w.me->in_call, 0);
	store_relaxed(&w.me->slot, 0);
	doom(&w.dice);
	/* What the parent holds may have been replaced, and the parent be dead: it is ours. */
	held_check(&w, &held);
	for (int i = 0; i < ROUNDS && !load_relaxed(&w.t->watch.over); i++) {
		work_a_bit(&w, &held);
		if (i == 0) {
			publish(&w.me->slot, w.store->owner.guest ? 0 : w.store->owner.slot + 1);
		}
	}
	held_check(&w, &held);
	if (roll_below(&w.dice, 2)) {
		publish(&w.me->slot, 0);
		store_close(w.store);
	}
	_exit(0);
}

void storm_work(struct worker *w, const struct held *held)
{
	struct worker_record *record;
	int status;

	for (uint32_t i = 0; i < STORM_CHILDREN; i++) {
		if (children[i].pid != 0 && waitpid(children[i].pid, &status, WNOHANG) == children[i].pid) {
			note_death(w, children[i].record, status);
			children[i].pid = 0;
		}
		if (children[i].pid == 0 && (record = take_record(w)) != NULL) {
			rmw_add(&w->t->storms, 1);
			children[i].record = record;
			children[i].pid = fork_child();
			if (children[i].pid == 0) {
				child_live(w, record, held);
			}
			roll(&w->dice);
		}
	}
}
