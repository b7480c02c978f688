/*
 * Every state in which a kill can leave the segment.
 *
 * A child executes one operation once, step by step, on segment A. After each instruction that changed the segment the
 * state is treated as if the child had died there. Three questions are asked of it:
 *
 *   reader    somebody looks everything up, the child still being in the middle of it: segment B, no lock taken
 *   survivor  somebody who was attached all the time recovers, in one of three ways, and goes on writing: segment B
 *   alone     a process attaches to a segment that nobody watched: segment C
 *
 * Each must find every key that the operation has nothing to do with as it was, and the key it is about old or new,
 * never going back, and the recovered ones no further back and no further on than the reader; store_verify() finds
 * nothing; nothing is left in limbo; what living participants pin keeps its bytes; and new values can be written.
 *
 * usage: snapstep [-a] [-i] [-s SEED] [-j PROCESSES] [WORD...]
 *   -a      every state, also of the operations that have thousands of them
 *   -i      looks after each instruction, not only after those that store into the segment, which trap
 *   -j 2    by so many processes, each of which takes the next scenario
 *   WORD    only scenarios whose name contains one of the words
 */
#define _GNU_SOURCE
#include "snapstep.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/store/reserve.h"
#include "core/store/retire.h"
#include "core/store/tag.h"

/* A wait for a dead owner's lock takes a millisecond: recovery that way is tried in every so many states. */
#define WAIT_EVERY 5u
#define COMPLAINTS_MAX 4u
/* Most states of an operation with thousands of them are those of blocks being wiped in debug builds. */
#define SAMPLED_AFTER 1000
#define SAMPLED 8u
#define PROCESSES_MAX 64

static const struct scenario *current;
static struct world world;
static bool every_state, every_instruction;

static struct {
	long states, asked, locked, bad, complaints;
	uint8_t seen[MODEL_KEYS]; /* the furthest state of each key that the reader saw */
	const char *route;
	long step;
} run;

static void __attribute__((format(printf, 1, 2))) complain(const char *format, ...)
{
	va_list arguments;

	if (run.complaints++ >= COMPLAINTS_MAX) {
		return;
	}
	printf("# %s: state %ld, step %ld, %s: ", current->name, run.states, run.step, run.route);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void say_finding(void *context, const char *sentence)
{
	(void)context;
	complain("%s", sentence);
}

/* ---- what is asked of every state ----------------------------------------------------------------------- */

static void look_closer(struct world *w, struct store *store, bool recovered)
{
	const char *wrong = current->look ? current->look(w, store, recovered) : NULL;

	if (wrong) {
		complain("%s", wrong);
	}
}

static void look_as_reader(struct world *w)
{
	for (uint32_t i = 0; i < w->model.count; i++) {
		const struct model_key *k = &w->model.keys[i];
		uint32_t found = model_look(w->b, k, run.seen[i]);
		if (found == MODEL_WRONG) {
			complain("%s is wrong: %s", k->name, model_describe(w->b, k));
		} else {
			run.seen[i] = (uint8_t)found;
		}
	}
	look_closer(w, w->b, false);
}

/* Recovery neither takes back what somebody may have read nor completes what was not done. */
static void look_at_recovered(struct world *w, struct store *store)
{
	for (uint32_t i = 0; i < w->model.count; i++) {
		const struct model_key *k = &w->model.keys[i];
		uint32_t found = model_look(store, k, run.seen[i]);
		if (found != run.seen[i]) {
			complain("%s is not what a reader had seen before the recovery: %s", k->name, model_describe(store, k));
		}
	}
	look_closer(w, store, true);
}

static void finish(struct world *w, struct store *store, bool alone)
{
	const struct model_key *op = w->op;
	const char *wrong = NULL;

	if (current->finish) {
		bool done = op && run.seen[op - w->model.keys] == op->count - 1;
		wrong = current->finish(w, store, done, alone);
		store_unpin_all(store);
	}
	if (wrong) {
		complain("%s", wrong);
	}
}

static void look_at_pinned(struct world *w, struct store *store, uint32_t slots)
{
	for (uint32_t i = 0; i < w->pinned_count; i++) {
		const struct pinned *p = &w->pinned[i];
		uint64_t number;
		if ((slots >> p->slot & 1) &&
		    (!value_check(store->segment->base + p->at, p->size, p->owner, &number) || number != p->number)) {
			complain("a pinned value changed");
		}
	}
}

static const struct {
	const char *name;
	uint32_t size; /* 0: an integer */
} fresh[] = {{"fresh:0", 0}, {"fresh:1", 40}, {"fresh:2", 700}, {"fresh:3", 1500}, {"fresh:4", 5000}, {"fresh:5", 40}};

static enum cache_status put_fresh(struct store *store, uint32_t i, uint64_t number)
{
	struct store_key key = key_of(store, fresh[i].name);
	struct store_item item = {.type = STORE_INT, .integer = (int64_t)number, .ttl_us = STORE_FOREVER};

	return fresh[i].size ? put_value(store, fresh[i].name, i, number, fresh[i].size)
	                     : store_put(store, &key, &item, STORE_SET);
}

static void write_again(struct store *store, bool must)
{
	for (uint32_t round = 1; round <= 2; round++) {
		for (uint32_t i = 0; i < sizeof fresh / sizeof fresh[0]; i++) {
			struct store_key key = key_of(store, fresh[i].name);
			struct store_view view;
			uint64_t number = 0;
			enum cache_status status = put_fresh(store, i, round);
			if (status != CACHE_OK) {
				if (must) {
					complain("%s cannot be written: %s", fresh[i].name, cache_status_name(status));
				}
				continue;
			}
			status = store_get(store, &key, &view);
			if (status != CACHE_OK) {
				complain("%s was written and is not there: %s", fresh[i].name, cache_status_name(status));
				continue;
			}
			if (fresh[i].size ? !value_check(view.bytes, view.size, i, &number) || number != round
			                  : view.integer != (int64_t)round) {
				complain("%s was written and is something else", fresh[i].name);
			}
			store_unpin(store, view.pin);
		}
	}
	for (uint32_t i = 0; i < sizeof fresh / sizeof fresh[0]; i += 2) {
		struct store_key key = key_of(store, fresh[i].name);
		(void)!store_delete(store, &key);
	}
}

/* Somebody who survived, or came later, looks at it all and goes on. */
static void go_on(struct world *w, struct store *store, uint32_t alive_slots)
{
	uint32_t others = (uint32_t)__builtin_popcount(alive_slots & ~1u);
	uint64_t left;

	look_at_recovered(w, store);
	look_at_pinned(w, store, alive_slots);
	if (owner_count(store->segment) != 1 + others) {
		complain("%u participants are marked as attached, not %u", owner_count(store->segment), 1 + others);
	}
	if (any_lock_held(store)) {
		complain("a lock is still held");
	}
	store_verify(store, say_finding, NULL);
	if (w->pinned_count) {
		write_again(store, false);
		look_at_pinned(w, store, alive_slots);
		store_verify(store, say_finding, NULL);
	}
	store_unpin_all(store);
	left = reclaim_all(store);
	look_at_pinned(w, store, alive_slots & ~1u);
	if (left != 0 && others == 0) {
		complain("%llu blocks stay in limbo though nothing is pinned", (unsigned long long)left);
	}
	write_again(store, others == 0);
	finish(w, store, alive_slots == 0);
	store_verify(store, say_finding, NULL);
}

static void recover_b(struct world *w, bool locked)
{
	struct store *b = w->b;

	if (locked && run.states % WAIT_EVERY == 0) {
		run.route = "survivor that waits for the lock";
		struct store_key key = key_of(b, "nothing:");
		(void)!store_delete(b, &key);
	}
	if (load_relaxed(&tag_header(b->segment)->lock.word) != 0 && run.states % WAIT_EVERY == 0) {
		run.route = "survivor that waits for the lock of the tags";
		store_invalidate_tags(b, "\7nothing", 8, true);
	}
	owner_reap_all(&b->owner);
}

static void hold_bytes(const struct world *w, uint32_t slots, short type)
{
	for (uint32_t slot = 1; slot < 32; slot++) {
		struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = LIVENESS_BYTE(slot), .l_len = 1};
		if ((slots >> slot & 1) && fcntl(w->alive_fd, F_OFD_SETLK, &range) != 0) {
			die("cannot hold the byte of slot %u: %s", slot, strerror(errno));
		}
	}
}

static void ask_survivor(struct world *w, bool locked, uint32_t alive_slots)
{
	world_load_b(w);
	run.route = alive_slots == 1 ? "survivor" : "survivor, others alive";
	hold_bytes(w, alive_slots, F_WRLCK);
	recover_b(w, locked);
	go_on(w, w->b, alive_slots);
	hold_bytes(w, alive_slots, F_UNLCK);
}

static void ask_alone(struct world *w)
{
	bool no_growth = w->host.no_growth;
	struct store *c;
	struct stat st;

	run.route = "alone";
	watch_write(&w->watch, w->c_base);
	w->host.no_growth = false;
	c = open_store(w->folder_c, WORLD_BYTES, world_processes(current), &w->host.host);
	w->host.no_growth = no_growth;
	if (stat(w->path_c, &st) != 0 || st.st_ino != w->c_inode) {
		die("%s: state %ld: a segment that can be recovered was replaced", current->name, run.states);
	}
	go_on(w, c, 0);
	store_close(c);
}

/* The participants besides the survivor that are not dead if only the stepped process died: parent or forked child. */
static uint32_t slots_alive(const struct world *w)
{
	if (!w->forked) {
		return 1;
	}
	return current->flags & SCENARIO_STEPS_CHILD ? 1 | 1u << 1 : 1 | 1u << 2;
}

static bool state_is_locked(const struct world *w)
{
	const struct segment *s = w->b->segment;
	struct segment shadow = {.base = w->watch.shadow, .geometry = s->geometry};
	struct owner nobody = {.segment = &shadow, .slot = NO_SLOT};

	return load_relaxed(&shard_open(&nobody, 0).shard->lock.word) != 0 ||
	       load_relaxed(&tag_header(&shadow)->lock.word) != 0 || load_relaxed(&rwlock_table(&shadow)->guard.word) != 0 ||
	       load_relaxed(&queue_table(&shadow)->guard.word) != 0;
}

static bool is_left_out(long state)
{
	return !every_state && state > SAMPLED_AFTER && hash_mix((uint64_t)state ^ world_seed << 32) % SAMPLED != 0;
}

static void ask_everybody(struct world *w)
{
	long complaints = run.complaints;
	bool locked = state_is_locked(w);

	run.asked++;
	run.locked += locked;
	run.route = "reader";
	world_load_b(w);
	look_as_reader(w);
	if (!(current->flags & SCENARIO_ALONE)) {
		ask_survivor(w, locked, 1);
		if (slots_alive(w) != 1) {
			ask_survivor(w, locked, slots_alive(w));
		}
	}
	ask_alone(w);
	run.bad += run.complaints != complaints;
}

/* ---- one scenario --------------------------------------------------------------------------------------- */

static void get_ready(void *context)
{
	world_attach_child(context);
	if (current->ready) {
		current->ready(context);
	}
}

static void act_stepped(void *context)
{
	struct world *w = context;

	/* A step takes a thousand times longer than an instruction: no patience would last. */
	test_host_stop_clock(&w->host);
	current->act(w);
}

static void note_counters(struct world *w, uint64_t counters[STORE_COUNTERS])
{
	for (unsigned i = 0; i < STORE_COUNTERS; i++) {
		counters[i] = counter_sum(w->b, (enum store_counter)i);
	}
}

/* Was the operation what the scenario says, and are all keys in their last states? */
static void ask_whether_it_happened(struct world *w, const uint64_t before[STORE_COUNTERS])
{
	uint64_t after[STORE_COUNTERS];

	run.route = "the end";
	world_load_b(w);
	note_counters(w, after);
	for (uint32_t i = 0; i < sizeof current->raises / sizeof current->raises[0]; i++) {
		unsigned counter = current->raises[i];
		if (counter && after[counter - 1] <= before[counter - 1]) {
			complain("the operation did not raise %s", store_counter_names[counter - 1]);
		}
	}
	if (w->shared->status != current->status) {
		complain("the operation returned %s", cache_status_name(w->shared->status));
	}
	if (current->happened && !current->happened(w)) {
		complain("the operation did something else");
	}
	if (w->op && run.seen[w->op - w->model.keys] != w->op->count - 1) {
		complain("%s is not in its last state", w->op->name);
	}
	run.bad += run.complaints != 0 && run.bad == 0;
}

static void step_through(struct world *w, struct stepped *stepped)
{
	bool last_asked = true;

	while (every_instruction ? step(stepped) : step_to_store(stepped, &w->watch)) {
		if (stepped->forked && !w->forked) {
			w->forked = true;
			if (current->flags & SCENARIO_STEPS_CHILD) {
				stepped_switch(stepped);
			}
		}
		if (watch_changed(&w->watch)) {
			run.step = stepped->steps;
			last_asked = !is_left_out(++run.states);
			if (last_asked) {
				ask_everybody(w);
			}
		}
	}
	if (!last_asked) {
		ask_everybody(w);
	}
}

static bool run_scenario(const struct scenario *scenario)
{
	struct world *w = &world;
	struct stepped stepped;
	uint64_t before[STORE_COUNTERS];
	double began = seconds();

	current = scenario;
	memset(&run, 0, sizeof run);
	world_open(w, scenario);
	scenario->prepare(w);
	if (scenario->flags & SCENARIO_ALONE) {
		store_close(w->a);
		w->a = NULL;
	} else {
		reserve_give_back(w->a);
	}
	world_copy(w);
	stepped_start(&stepped, scenario->flags & SCENARIO_UNATTACHED ? NULL : get_ready, act_stepped, w);
	if (scenario->meanwhile) {
		scenario->meanwhile(w);
	}
	watch_changed(&w->watch);
	world_load_b(w);
	note_counters(w, before);
	run.states++;
	ask_everybody(w);
	step_through(w, &stepped);
	ask_whether_it_happened(w, before);
	stepped_end(&stepped);
	printf("%s - snapstep: %s: %ld steps, %ld states, %ld recovered, %ld of them with the lock held, %ld bad, "
	       "%.1f s\n",
	       run.bad ? "not ok" : "ok", scenario->name, stepped.steps, run.states, run.asked, run.locked, run.bad,
	       seconds() - began);
	world_close(w);
	return run.bad == 0;
}

/* ---- main ----------------------------------------------------------------------------------------------- */

static bool is_wanted(const char *name, char **words)
{
	if (!*words) {
		return true;
	}
	for (; *words; words++) {
		if (strstr(name, *words)) {
			return true;
		}
	}
	return false;
}

/*
 * Linked with --wrap: by a call of the kernel, which is one step. The C library reads a page that each tick of the clock changes, and
 * begins anew if it did; on a busy machine whoever is stepped never comes through.
 */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	return (int)syscall(SYS_clock_gettime, clock, now);
}

static const struct scenario *const tables[] = {write_scenarios, fifo_scenarios, room_scenarios, life_scenarios, stale_scenarios,
                                               lock_scenarios, queue_scenarios};

/* What the processes that run the scenarios have in common. */
static struct sums {
	_Atomic uint32_t next; /* the number of the scenario that is run next */
	_Atomic long tried, failed, states, asked, locked, bad;
} *sums;

/* NULL: the creation of the file, which comes last. False: there is no scenario of that number. */
static bool scenario_at(uint32_t number, const struct scenario **scenario)
{
	for (uint32_t table = 0; table < sizeof tables / sizeof tables[0]; table++) {
		for (const struct scenario *s = tables[table]; s->name; s++) {
			if (number-- == 0) {
				*scenario = s;
				return true;
			}
		}
	}
	*scenario = NULL;
	return number == 0;
}

/* A step is some switches between two processes: cheaper on one CPU. */
static void stay_on_one_cpu(unsigned number)
{
	cpu_set_t all, one;
	int cpu = -1;

	CPU_ZERO(&one);
	if (sched_getaffinity(0, sizeof all, &all) != 0) {
		die("which CPUs there are is not known: %s", strerror(errno));
	}
	for (number %= (unsigned)CPU_COUNT(&all); cpu < 0 || number-- > 0;) {
		do {
			cpu++;
		} while (!CPU_ISSET((size_t)cpu, &all));
	}
	CPU_SET((size_t)cpu, &one);
	sched_setaffinity(0, sizeof one, &one);
}

static void run_scenarios(char **words, unsigned cpu)
{
	const struct scenario *s;

	stay_on_one_cpu(cpu);
	while (scenario_at(rmw_add(&sums->next, 1), &s)) {
		bool passed;
		if (!is_wanted(s ? s->name : creation_name, words)) {
			continue;
		}
		end_after(120);
		memset(&run, 0, sizeof run);
		passed = s ? run_scenario(s) : run_creation(&run.states, &run.bad);
		rmw_add(&sums->tried, 1);
		rmw_add(&sums->failed, !passed);
		rmw_add(&sums->states, run.states);
		rmw_add(&sums->asked, run.asked);
		rmw_add(&sums->locked, run.locked);
		rmw_add(&sums->bad, run.bad);
	}
}

int main(int count, char **arguments)
{
	unsigned processes = 1;
	pid_t others[PROCESSES_MAX];
	double began = seconds();

	step_by_wide_stores(arguments);
	for (int option; (option = getopt(count, arguments, "ais:j:")) != -1;) {
		if (option == 'a') {
			every_state = true;
		} else if (option == 'i') {
			every_instruction = true;
		} else if (option == 's') {
			world_seed = strtoull(optarg, NULL, 10);
		} else if (option != 'j' || sscanf(optarg, "%u", &processes) != 1 || processes - 1 >= PROCESSES_MAX) {
			die("usage: snapstep [-a] [-i] [-s SEED] [-j PROCESSES] [WORD...]");
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sums = shared_memory(sizeof *sums);
	for (unsigned i = 1; i < processes; i++) {
		others[i] = fork_child();
		if (others[i] == 0) {
			run_scenarios(arguments + optind, i);
			exit(0);
		}
	}
	run_scenarios(arguments + optind, 0);
	for (unsigned i = 1; i < processes; i++) {
		int status;
		end_after(120); /* as the other does, for its last scenario */
		if (waitpid(others[i], &status, 0) != others[i] || status != 0) {
			die("a process that runs scenarios ended with status %#x", status);
		}
	}
	printf("# snapstep: %ld scenarios, %ld states, %ld recovered, %ld of them with the lock held, %ld bad, %.1f s\n",
	       sums->tried, sums->states, sums->asked, sums->locked, sums->bad, seconds() - began);
	return sums->failed != 0;
}
