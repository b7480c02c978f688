/*
 * Two processes, one operation each, in many orders of their single accesses to the segment.
 *
 * X runs up to some access and stops; Y runs up to one of its own, or to its end; X goes on, to a second stop or to
 * its end; then Y, and so on. The same with X and Y exchanged. Whoever meets a lock that the stopped one holds gives up
 * soon (time only passes when it is asked for), which is what makes the paths without the lock run as well.
 * In the end the results must be those of some order of the two operations as wholes, and store_verify() finds nothing.
 *
 * usage: interleave [-s SEED] [-n ORDERS] [WORD...]
 *   -n      besides one stop at each access of either one, ORDERS with stops of both, at random, one or two each: 300
 *   WORD    only pairings whose name contains one of the words
 */
#define _GNU_SOURCE
#include "interleave.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/reserve.h"

/* Patience lasts for three looks at the clock. */
#define TICK_NS (LOCK_PATIENCE_NS / 5 * 2)
#define ALONE_MAX 300
#define COMPLAINTS_MAX 4

static const struct pairing *current;
static struct race race;
static struct dice dice;
static long orders, bad;

/* ---- helpers of pairings -------------------------------------------------------------------------------- */

void side_wrong(struct side *side, const char *format, ...)
{
	va_list arguments;

	if (side->wrong[0] == '\0') {
		va_start(arguments, format);
		vsnprintf(side->wrong, sizeof side->wrong, format, arguments);
		va_end(arguments);
	}
}

void race_name(struct race *r, uint32_t mask, uint32_t bits, char name[32])
{
	do {
		snprintf(name, 32, "key:%u", r->names++);
	} while ((hash_bucket_bits(store_hash(r->store, name, strlen(name))) & mask) != bits);
}

enum cache_status race_put(struct race *r, const char *name, uint64_t number, size_t size)
{
	return put_value(r->store, name, 1, number, size);
}

enum cache_status race_put_int(struct race *r, const char *name, int64_t value)
{
	struct store_key key = key_of(r->store, name);
	struct store_item item = {.type = STORE_INT, .integer = value, .ttl_us = STORE_FOREVER};

	return store_put(r->store, &key, &item, STORE_SET);
}

int64_t race_get(struct race *r, const char *name)
{
	struct store_key key = key_of(r->store, name);
	struct store_view view;
	uint64_t number;
	int64_t result;

	if (store_get(r->store, &key, &view) != CACHE_OK) {
		return RACE_MISSING;
	}
	if (view.type == STORE_STRING) {
		result = value_check(view.bytes, view.size, 1, &number) ? (int64_t)number : RACE_DAMAGED;
	} else {
		result = view.integer;
	}
	store_unpin(r->store, view.pin);
	return result;
}

/* ---- one order ------------------------------------------------------------------------------------------ */

struct runner {
	pid_t pid;
	const struct side *side;
	bool lost;
};

/* Until it stops: at its access, or at its end, where it stays alive until it is killed. */
static void await(struct runner *runner)
{
	int status;

	if (runner->lost || runner->side->done) {
		return;
	}
	if (waitpid(runner->pid, &status, WUNTRACED) != runner->pid) {
		die("waitpid: %s", strerror(errno));
	}
	if (!WIFSTOPPED(status)) {
		runner->lost = true;
		if (bad++ < COMPLAINTS_MAX) {
			printf("# %s: a process ended with status %#x\n", current->name, status);
		}
	}
}

static void go_on(struct runner *runner)
{
	if (!runner->lost && !runner->side->done) {
		kill(runner->pid, SIGCONT);
		await(runner);
	}
}

static void attach(struct race *r)
{
	bool no_growth = r->host.no_growth;

	r->host.no_growth = false;
	store_unpin_all(r->store);
	if (store_enter(r->store) != CACHE_OK) {
		die("cannot attach");
	}
	store_leave(r->store);
	r->host.no_growth = no_growth;
	test_host_stop_clock(&r->host);
	r->host.tick_ns = TICK_NS;
}

static uint64_t busy_count(const struct race *r)
{
	return r->store->owner.slot == NO_SLOT ? UINT64_MAX
	                                       : load_relaxed(&r->store->owner.record->counters[STORE_COUNT_failed_busy]);
}

struct stops {
	int64_t at[SCHEDULE_STOPS];
};
#define NO_STOPS ((struct stops){{-1, -1}})

/* The process attaches, then waits to be let go. */
static struct runner start(struct race *r, bool is_x, const struct stops *stops, bool note_free)
{
	struct side *side = is_x ? r->x : r->y;
	struct runner runner = {.pid = fork_child(), .side = side};
	uint64_t busy;

	if (runner.pid == 0) {
		attach(r);
		raise(SIGSTOP);
		busy = busy_count(r);
		schedule_begin(r->store->segment->base, r->store->segment->geometry.file_length, stops->at,
		               r->lock ? r->lock : &shard_open(&r->store->owner, 0).shard->lock.word,
		               note_free ? &side->free : NULL);
		side->began = race_tick(r);
		(is_x ? current->x : current->y)(r, side);
		side->ended = race_tick(r);
		side->accesses = schedule_end();
		side->busy = busy_count(r) != busy;
		side->slot = r->store->owner.slot;
		side->done = true;
		raise(SIGSTOP);
		_exit(1);
	}
	await(&runner);
	return runner;
}

static void restore(struct race *r)
{
	struct owner *o = &r->store->owner;

	watch_write(&r->watch, r->store->segment->base);
	o->pin_count = load_relaxed(&o->record->pins);
	o->pin_free = WRITER_PINS;
	memset(r->store->reserves, 0, sizeof r->store->reserves);
	memset(r->x, 0, sizeof *r->x);
	memset(r->y, 0, sizeof *r->y);
}

static struct {
	char text[160];
	unsigned number;
} finding;

static void note_finding(void *context, const char *sentence)
{
	(void)context;
	if (finding.number++ == 0) {
		snprintf(finding.text, sizeof finding.text, "%s", sentence);
	}
}

static const char *look_at_the_end(struct race *r)
{
	const char *wrong;

	owner_reap_all(&r->store->owner);
	if (r->x->wrong[0] || r->y->wrong[0]) {
		return r->x->wrong[0] ? r->x->wrong : r->y->wrong;
	}
	wrong = current->judge(r);
	if (wrong) {
		return wrong;
	}
	finding.number = 0;
	store_verify(r->store, note_finding, NULL);
	if (finding.number) {
		return finding.text;
	}
	store_unpin_all(r->store);
	return reclaim_all(r->store) != 0 ? "blocks stay in limbo" : NULL;
}

static void end(const struct runner *runner)
{
	if (!runner->lost) {
		kill_child(runner->pid);
	}
}

static void complain(const struct race *r, bool x_first, const struct stops *x, const struct stops *y,
                     const char *wrong)
{
	if (bad++ < COMPLAINTS_MAX) {
		printf("# %s: %s first, x stops at %lld and %lld, y at %lld and %lld: %s (x %s %lld%s, y %s %lld%s)\n",
		       current->name, x_first ? "x" : "y", (long long)x->at[0], (long long)x->at[1], (long long)y->at[0],
		       (long long)y->at[1], wrong, cache_status_name(r->x->status), (long long)r->x->number,
		       r->x->busy ? " busy" : "", cache_status_name(r->y->status), (long long)r->y->number,
		       r->y->busy ? " busy" : "");
	}
}

/* In turns, each to its next stop or its end. */
static void run(struct race *r, bool x_first, struct stops x_stops, struct stops y_stops, bool note_free)
{
	struct runner x, y, *first = x_first ? &x : &y, *second = x_first ? &y : &x;
	const char *wrong;

	restore(r);
	x = start(r, true, &x_stops, note_free);
	y = start(r, false, &y_stops, note_free);
	for (int turn = 0; turn <= SCHEDULE_STOPS; turn++) {
		go_on(first);
		go_on(second);
	}
	orders++;
	if (!(x.lost || r->x->done) || !(y.lost || r->y->done)) {
		die("%s: a process did not come to its end", current->name);
	}
	end(&x);
	end(&y);
	wrong = look_at_the_end(r);
	if (wrong) {
		complain(r, x_first, &x_stops, &y_stops, wrong);
	}
}

/* ---- all orders ----------------------------------------------------------------------------------------- */

struct accesses {
	int64_t number;
	struct free_accesses free;
};

static void run_alone(struct race *r, bool x_first, int64_t accesses)
{
	for (int64_t i = 0; i < accesses; i++) {
		struct stops stops = {{i, -1}};
		if (accesses <= ALONE_MAX || roll_below(&dice, (uint32_t)accesses) < ALONE_MAX) {
			run(r, x_first, x_first ? stops : NO_STOPS, x_first ? NO_STOPS : stops, false);
		}
	}
}

/* Half of them where it has no lock: there the other one does what it would do, else what it does without the lock. */
static int64_t some_access(const struct accesses *a)
{
	return a->free.count > 0 && roll_below(&dice, 2) ? a->free.at[roll_below(&dice, a->free.count)]
	                                                 : roll_below(&dice, (uint32_t)a->number);
}

static struct stops some_stops(const struct accesses *a)
{
	struct stops stops = {{some_access(a), roll_below(&dice, 3) ? -1 : some_access(a)}};

	/* The second may come before the first: then there is one. */
	if (stops.at[1] >= 0 && stops.at[1] < stops.at[0]) {
		return (struct stops){{stops.at[1], stops.at[0]}};
	}
	return stops;
}

static bool run_pairing(const struct pairing *pairing, long both)
{
	struct race *r = &race;
	double began = seconds();
	static struct accesses x, y;

	current = pairing;
	orders = bad = 0;
	memset(r, 0, sizeof *r);
	test_host_init(&r->host, 1);
	r->folder = make_folder();
	r->x = shared_memory(2 * sizeof *r->x);
	r->y = r->x + 1;
	r->clock = shared_memory(sizeof *r->clock);
	r->store = open_store(r->folder, STORE_SIZE_MIN, 5, &r->host.host);
	race_name(r, 0, 0, r->key);
	race_name(r, 0, 0, r->other);
	pairing->prepare(r);
	reserve_give_back(r->store); /* so that what is restored agrees with what we know */
	watch_open(&r->watch, r->store->segment);

	run(r, true, NO_STOPS, NO_STOPS, true);
	x.number = r->x->accesses;
	x.free = r->x->free;
	run(r, false, NO_STOPS, NO_STOPS, true);
	y.number = r->y->accesses;
	y.free = r->y->free;
	run_alone(r, true, x.number);
	run_alone(r, false, y.number);
	for (long n = 0; n < both && x.number > 0 && y.number > 0; n++) {
		run(r, roll_below(&dice, 2), some_stops(&x), some_stops(&y), false);
	}
	printf("%s - interleave: %s: %lld and %lld accesses, %ld orders, %ld bad, %.1f s\n", bad ? "not ok" : "ok",
	       pairing->name, (long long)x.number, (long long)y.number, orders, bad, seconds() - began);
	watch_close(&r->watch);
	store_close(r->store);
	munmap(r->x, 2 * sizeof *r->x);
	munmap(r->clock, sizeof *r->clock);
	remove_folder(r->folder);
	return bad == 0;
}

static bool is_wanted(const char *name, char **words)
{
	bool wanted = !*words;

	for (; *words; words++) {
		wanted |= strstr(name, *words) != NULL;
	}
	return wanted;
}

static const struct pairing *const tables[] = {pairings, stale_pairings, queue_pairings};

int main(int count, char **arguments)
{
	long both = 300, failed = 0, all_orders = 0;
	double began = seconds();

	dice = dice_of(1);
	for (int option; (option = getopt(count, arguments, "s:n:")) != -1;) {
		if (option == 's') {
			dice = dice_of(strtoull(optarg, NULL, 10));
		} else if (option == 'n') {
			both = strtol(optarg, NULL, 10);
		} else {
			die("usage: interleave [-s SEED] [-n ORDERS] [WORD...]");
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (uint32_t table = 0; table < sizeof tables / sizeof tables[0]; table++) {
		for (const struct pairing *p = tables[table]; p->name; p++) {
			if (is_wanted(p->name, arguments + optind)) {
				end_after((unsigned)(120 + both / 50));
				failed += !run_pairing(p, both);
				all_orders += orders;
			}
		}
	}
	printf("# interleave: %ld orders, %.1f s\n", all_orders, seconds() - began);
	return failed != 0;
}
