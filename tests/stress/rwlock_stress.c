/*
 * Processes lock a few names at random for reading and writing, and are killed at random.
 *
 *   Each lock guards a pair of counters. A writer adds to one, then to the other: whoever finds them different sees that
 *   a writer died between the two, and must have been told: a writer by `recovered`, a reader by `abandoned`.
 *   Each writer that is killed while it holds a lock is reported to exactly one later writer. A process that is killed
 *   within the acquisition or the release may have held it or not: these are counted apart.
 *   Nobody waits for longer than a second or so, whoever dies.
 *
 * usage: rwlock_stress [-t SECONDS | -k KILLS] [-s SEED] [-w PROCESSES]
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/named_lock.h"
#include "support.h"
#include "watch.h"

#define LOCKS 4u
#define WORKERS_MAX 64u
#define SECOND_NS UINT64_C(1000000000)
#define PATIENCE_NS (10 * SECOND_NS)

enum state { IDLE, ACQUIRING, WRITING, RELEASING };

struct guarded {
	atomic_u64 one, other;
	atomic_u64 recovered;                     /* times that a writer was told */
	uint64_t killed_for_sure, killed_perhaps; /* writers: by the main process */
};

struct common {
	struct watched watch;
	struct guarded guarded[LOCKS];
	struct {
		atomic_u32 state, lock;
		atomic_u32 in_call, slot; /* inside of the cache; whose slot it has, + 1 */
		atomic_u64 acquired, longest_ns;
	} workers[WORKERS_MAX];
	atomic_u64 wrong;
	char message[160];
};

static struct common *common;
static struct store *store;
static struct test_host host;
static uint64_t seed = 1;
static uint32_t workers = 8, me;
static struct deaths deaths;
static double began;

static void __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
	va_list arguments;

	if (rmw_add(&common->wrong, 1) == 0) {
		va_start(arguments, format);
		vsnprintf(common->message, sizeof common->message, format, arguments);
		va_end(arguments);
	}
}

static struct store_key name_of(uint32_t lock)
{
	static char names[LOCKS][16];

	snprintf(names[lock], sizeof names[lock], "lock:%u", lock);
	return key_of(store, names[lock]);
}

/* ---- one process ---------------------------------------------------------------------------------------- */

static void in_call(bool inside)
{
	store_relaxed(&common->workers[me].in_call, inside);
}

static enum cache_status lock(struct store_lock_wish *wish, const struct store_key *name, enum rwlock_mode mode,
                              uint64_t wait)
{
	enum cache_status status;

	in_call(true);
	status = store_lock_begin(store, wish, name, mode, wait, 0);

	while (status == CACHE_LOCKED && store_lock_sleep(store, wish)) {
		status = store_lock_try(store, wish);
	}
	if (status == CACHE_LOCKED) {
		store_lock_give_up(store, wish);
	}
	in_call(false);
	return status;
}

static void unlock(const struct store_key *name)
{
	enum cache_status status;

	in_call(true);
	status = store_lock_release(store, name);
	in_call(false);
	if (status != CACHE_OK) {
		wrong("a lock that was held could not be released: %s", cache_status_name(status));
	}
}

static void dawdle(struct dice *dice)
{
	if (roll_below(dice, 4) == 0) {
		usleep(roll_below(dice, 300));
	}
}

static void write_both(struct guarded *g, bool recovered, struct dice *dice)
{
	if (load_relaxed(&g->one) != load_relaxed(&g->other) && !recovered) {
		wrong("a writer was not told that the last one died");
	}
	store_relaxed(&g->other, load_relaxed(&g->one));
	store_relaxed(&g->one, load_relaxed(&g->one) + 1);
	dawdle(dice);
	store_relaxed(&g->other, load_relaxed(&g->other) + 1);
}

static void read_both(struct guarded *g, const struct store_key *name, struct dice *dice)
{
	uint64_t one = load_relaxed(&g->one), other = load_relaxed(&g->other);
	struct rwlock_info info;

	dawdle(dice);
	if (load_relaxed(&g->one) != one || load_relaxed(&g->other) != other) {
		wrong("something was written while a reader held the lock");
	}
	if (one != other && !(store_lock_info(store, name, &info) && info.abandoned)) {
		wrong("a reader found what nobody says was left half done");
	}
}

static void work_once(struct dice *dice)
{
	uint32_t number = roll_below(dice, LOCKS);
	struct guarded *g = &common->guarded[number];
	struct store_key name = name_of(number);
	enum rwlock_mode mode = roll_below(dice, 3) ? RWLOCK_READ : RWLOCK_WRITE;
	bool patient = roll_below(dice, 5) != 0;
	struct store_lock_wish wish;
	double begun = seconds();
	enum cache_status status;

	store_relaxed(&common->workers[me].lock, number);
	publish(&common->workers[me].state, mode == RWLOCK_WRITE ? ACQUIRING : IDLE);
	status = lock(&wish, &name, mode, patient ? PATIENCE_NS : roll_below(dice, 2) * 300000);
	if (status == CACHE_OK) {
		store_relaxed(&common->workers[me].acquired, load_relaxed(&common->workers[me].acquired) + 1);
		if (mode == RWLOCK_WRITE) {
			if (wish.attempt.recovered) {
				rmw_add(&g->recovered, 1);
			}
			publish(&common->workers[me].state, WRITING);
			write_both(g, wish.attempt.recovered, dice);
			publish(&common->workers[me].state, RELEASING);
		} else {
			read_both(g, &name, dice);
		}
		unlock(&name);
	} else if (status != CACHE_LOCKED || patient) {
		wrong("%s after %.1f s", cache_status_name(status), seconds() - begun);
	}
	publish(&common->workers[me].state, IDLE);
	uint64_t took = (uint64_t)((seconds() - begun) * 1e9);
	if (took > load_relaxed(&common->workers[me].longest_ns)) {
		store_relaxed(&common->workers[me].longest_ns, took);
	}
}

/* Its slot is known from then on. */
static void attach(void)
{
	if (store_enter(store) == CACHE_OK) {
		store_leave(store);
	}
	publish(&common->workers[me].slot, store->owner.slot == NO_SLOT ? 0 : store->owner.slot + 1);
}

static pid_t start_worker(uint32_t worker, uint64_t number)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		struct dice dice = dice_of(seed * 7919 + number);
		me = worker;
		in_call(false);
		store_relaxed(&common->workers[me].slot, 0);
		attach();
		while (!load_relaxed(&common->watch.over)) {
			work_once(&dice);
		}
		store_lock_release_all(store);
		_exit(0);
	}
	return pid;
}

/* ---- the one that kills ----------------------------------------------------------------------------------- */

static void note_death(uint32_t victim)
{
	struct guarded *g = &common->guarded[load_acquire(&common->workers[victim].lock)];
	uint32_t slot = load_acquire(&common->workers[victim].slot);

	deaths.kills++;
	deaths.in_call += load_relaxed(&common->workers[victim].in_call);
	deaths.with_lock += slot != 0 && slot_holds_lock(store, slot - 1);
	switch (load_acquire(&common->workers[victim].state)) {
	case WRITING:
		g->killed_for_sure++;
		break;
	case ACQUIRING:
	case RELEASING:
		g->killed_perhaps++;
		break;
	default:
		break;
	}
	store_relaxed(&common->workers[victim].state, IDLE);
}

static uint64_t acquisitions(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < workers; i++) {
		sum += load_relaxed(&common->workers[i].acquired);
	}
	return sum;
}

/* For so long, or so many. */
static void kill_at_random(double duration, uint64_t kills)
{
	struct dice dice = dice_of(seed);
	pid_t pids[WORKERS_MAX], watcher;
	double end = seconds() + duration;

	for (uint32_t i = 0; i < workers; i++) {
		pids[i] = start_worker(i, i);
	}
	watcher = watch_progress(&common->watch, acquisitions, NULL);
	come_first();
	while ((kills ? deaths.kills < kills : seconds() < end) && load_relaxed(&common->wrong) == 0) {
		uint32_t victim = roll_below(&dice, workers);
		usleep(roll_below(&dice, 2500));
		let_go_on(acquisitions);
		kill_child(pids[victim]);
		note_death(victim);
		pids[victim] = start_worker(victim, workers + deaths.kills);
		if (watch_hangs(&common->watch)) {
			wrong("nobody gets a lock any more");
		}
	}
	store_relaxed(&common->watch.over, 1);
	waitpid(watcher, NULL, 0);
	for (uint32_t i = 0; i < workers; i++) {
		waitpid(pids[i], NULL, 0);
	}
}

static void judge(void)
{
	for (uint32_t i = 0; i < LOCKS; i++) {
		struct guarded *g = &common->guarded[i];
		struct store_key name = name_of(i);
		struct store_lock_wish wish;
		if (lock(&wish, &name, RWLOCK_WRITE, PATIENCE_NS) != CACHE_OK) {
			wrong("nobody is left, and a lock is not to be had");
			continue;
		}
		rmw_add(&g->recovered, wish.attempt.recovered);
		unlock(&name);
		if (load_relaxed(&g->recovered) < g->killed_for_sure ||
		    load_relaxed(&g->recovered) > g->killed_for_sure + g->killed_perhaps) {
			wrong("%llu writers died holding a lock, and %llu may have; %llu were reported",
			      (unsigned long long)g->killed_for_sure, (unsigned long long)g->killed_perhaps,
			      (unsigned long long)load_relaxed(&g->recovered));
		}
	}
}

static bool report(void)
{
	uint64_t longest = 0, sure = 0, perhaps = 0, recovered = 0;
	bool failed = load_relaxed(&common->wrong) != 0;
	char text[80], gap[80];

	for (uint32_t i = 0; i < workers; i++) {
		uint64_t its = load_relaxed(&common->workers[i].longest_ns);
		longest = its > longest ? its : longest;
	}
	for (uint32_t i = 0; i < LOCKS; i++) {
		sure += common->guarded[i].killed_for_sure;
		perhaps += common->guarded[i].killed_perhaps;
		recovered += load_relaxed(&common->guarded[i].recovered);
	}
	if (!failed && sure == 0) {
		failed = true;
		snprintf(common->message, sizeof common->message, "no writer was killed");
	}
	printf("%s - rwlock_stress: %s, %.2f M operations, %llu kills of writers (and %llu near to it), %llu recovered; "
	       "longest "
	       "wait %.0f ms, %s, %.1f s%s%s\n",
	       failed ? "not ok" : "ok", deaths_text(&deaths, text), (double)acquisitions() / 1e6, (unsigned long long)sure,
	       (unsigned long long)perhaps, (unsigned long long)recovered, (double)longest / 1e6,
	       gap_text(&common->watch, gap), seconds() - began, failed ? ": " : "", failed ? common->message : "");
	return !failed;
}

int main(int argc, char **argv)
{
	double duration = 8;
	uint64_t kills = 0;
	int option;

	while ((option = getopt(argc, argv, "t:k:s:w:")) != -1) {
		switch (option) {
		case 't':
			duration = atof(optarg);
			break;
		case 'k':
			kills = strtoull(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			workers = (uint32_t)atoi(optarg);
			break;
		default:
			die("usage: rwlock_stress [-t SECONDS | -k KILLS] [-s SEED] [-w PROCESSES]");
		}
	}
	if (workers < 1 || workers > WORKERS_MAX) {
		die("1 to %u processes", WORKERS_MAX);
	}
	began = seconds();
	end_after((unsigned)duration + 60 + (unsigned)kills);
	common = shared_memory(sizeof *common);
	test_host_init(&host, seed);
	store = open_store(make_folder(), UINT64_C(1) << 20, 2 * WORKERS_MAX, &host.host);
	kill_at_random(duration, kills);
	judge();
	return report() ? 0 : 1;
}
