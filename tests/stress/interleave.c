/*
 * Two processes, one operation each, in many orders of their single accesses to the segment.
 *
 * X runs up to some access and stops; Y runs up to one of its own, or to its end; X goes on, to a second stop or to
 * its end; then Y, and so on. The same with X and Y exchanged. Whoever meets a lock that the stopped one holds gives up
 * soon (time only passes when it is asked for), which is what makes the paths without the lock run as well.
 * In the end the results must be those of some order of the two operations as wholes, and store_verify() finds nothing.
 *
 * All orders with one stop, and with -b all those with one stop of each, are covered by few runs. Two orders may differ by no more than
 * on which side of a part of Y a single access of X is. If none of that part conflicts with it (one of the two writes, to the same
 * bytes), both end alike, and one of them is run: Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems" (1996).
 * Orders with more stops are drawn, nearly all stops before accesses that conflict with something that the other one did so far.
 *
 * usage: interleave [-a] [-b] [-s SEED] [-n ORDERS] [WORD...]
 *   -a      run those that should end alike, too, and see whether they do
 *   -b      all with one stop of each
 *   -n      as many drawn, with one or two stops of each: 100
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
#define COMPLAINTS_MAX 4

static const struct pairing *current;
static struct race race;
static struct dice dice;
static long orders, alike, bad;
static bool run_alike, segment_differs;

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
	/* In each order it is the same time. */
	r->host.hurry = 0;
	r->host.ticks = r->ticks;
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

/* The process attaches, then waits to be let go. */
static struct runner start(struct race *r, bool is_x, const struct stops *stops)
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
		               is_x ? r->x_trace : r->y_trace);
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
static void run(struct race *r, bool x_first, struct stops x_stops, struct stops y_stops)
{
	struct runner x, y, *first = x_first ? &x : &y, *second = x_first ? &y : &x;
	const char *wrong;

	restore(r);
	x = start(r, true, &x_stops);
	y = start(r, false, &y_stops);
	for (int turn = 0; turn <= SCHEDULE_STOPS; turn++) {
		go_on(first);
		go_on(second);
	}
	orders++;
	segment_differs = run_alike && watch_changed(&r->ended);
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

/* For each granule of the segment: what which side did to it, in any order. */
enum { READ_BY_X = 1, WRITTEN_BY_X = 2, READ_BY_Y = 4, WRITTEN_BY_Y = 8 };
static uint8_t *touched;

static void note_touched(const struct trace *trace, uint8_t read, uint8_t written)
{
	for (uint32_t i = 0; i < trace->count; i++) {
		const struct access *a = &trace->at[i];
		for (uint64_t at = a->at / GRANULE; at * GRANULE < (uint64_t)a->at + a->bytes; at++) {
			touched[at] |= a->writes ? written : read;
		}
	}
}

static bool is_touched(const struct access *a, uint8_t by)
{
	uint8_t all = 0;

	for (uint64_t at = a->at / GRANULE; at * GRANULE < (uint64_t)a->at + a->bytes; at++) {
		all |= touched[at];
	}
	return (all & by) != 0;
}

/* What a side does when nobody comes between, and those of its accesses that matter to the other one. */
struct steps {
	struct trace trace;
	uint32_t matter[TRACE_MAX], unlocked[TRACE_MAX];
	uint32_t matter_count, unlocked_count;
};

static void find_those_that_matter(struct steps *steps, uint8_t read, uint8_t written)
{
	steps->matter_count = steps->unlocked_count = 0;
	for (uint32_t i = 0; i < steps->trace.count; i++) {
		const struct access *a = &steps->trace.at[i];
		if (a->outside || is_touched(a, a->writes ? read | written : written)) {
			steps->matter[steps->matter_count++] = i;
			if (a->unlocked) {
				steps->unlocked[steps->unlocked_count++] = i;
			}
		}
	}
}

static bool sides_differ(const struct side *a, const struct side *b)
{
	return a->status != b->status || a->number != b->number || a->lease != b->lease || a->state != b->state ||
	       a->busy != b->busy || a->accesses != b->accesses || memcmp(a->seen, b->seen, sizeof a->seen) != 0;
}

/* The first one stops before its access i, the other one before its access j. `is_alike`: as the last one did, it is believed. */
static void run_stops(struct race *r, bool x_first, int64_t i, int64_t j, bool is_alike)
{
	static struct side last_x, last_y;
	struct stops first = {{i, -1}}, second = {{j, -1}}, x_stops = x_first ? first : second, y_stops = x_first ? second : first;

	alike += is_alike;
	if (is_alike && !run_alike) {
		return;
	}
	run(r, x_first, x_stops, y_stops);
	note_touched(r->x_trace, READ_BY_X, WRITTEN_BY_X);
	note_touched(r->y_trace, READ_BY_Y, WRITTEN_BY_Y);
	if (is_alike && (segment_differs || sides_differ(r->x, &last_x) || sides_differ(r->y, &last_y))) {
		complain(r, x_first, &x_stops, &y_stops, "it does not end as if it had stopped an access before");
	}
	last_x = *r->x;
	last_y = *r->y;
}

/* X, the first one, up to its access i, then all of Y; `both`: then Y up to j, the rest of X, that of Y. */
static void run_in_turns(struct race *r, bool x_first, const struct trace *first, bool both)
{
	const struct trace *x = x_first ? r->x_trace : r->y_trace, *y = x_first ? r->y_trace : r->x_trace;
	static struct trace alone; /* what Y does after the first i of X */
	uint32_t known = 0;        /* up to that one of Y it ends as with an i less */

	alone.count = 0;
	for (uint32_t i = 0; i < first->count; i++) {
		bool is_alike = false;
		if (i > 0) {
			known = first_conflict(&first->at[i - 1], &alone, 0);
			is_alike = known == alone.count && !first->at[i - 1].outside;
		}
		if (is_alike && run_alike && both) {
			run_stops(r, x_first, i - 1, -1, false); /* to compare with; the last one had two stops */
		}
		run_stops(r, x_first, i, -1, is_alike);
		if (is_alike) {
			continue;
		}
		alone = *y;
		for (uint32_t j = known + 1; both && j < alone.count; j++) {
			run_stops(r, x_first, i, j, j > known + 1 && first_conflict(&alone.at[j - 1], x, i) >= x->count);
		}
	}
}

/* Half of them where it has no lock: there the other one does what it would do, else what it does without the lock.
 * A few anywhere, since what it does after a stop may be something else. */
static int64_t some_access(const struct steps *steps)
{
	if (steps->matter_count == 0 || roll_below(&dice, 8) == 0) {
		return roll_below(&dice, steps->trace.count);
	}
	return steps->unlocked_count > 0 && roll_below(&dice, 2) ? steps->unlocked[roll_below(&dice, steps->unlocked_count)]
	                                                         : steps->matter[roll_below(&dice, steps->matter_count)];
}

static struct stops some_stops(const struct steps *steps)
{
	struct stops stops = {{some_access(steps), roll_below(&dice, 3) ? -1 : some_access(steps)}};

	/* The second may come before the first: then there is one. */
	if (stops.at[1] >= 0 && stops.at[1] < stops.at[0]) {
		return (struct stops){{stops.at[1], stops.at[0]}};
	}
	return stops;
}

static void run_more_stops(struct race *r, const struct steps *x, const struct steps *y, long draws)
{
	struct drawn {
		struct stops x, y;
		int64_t x_first;
	} *drawn = calloc((size_t)draws, sizeof *drawn);

	for (long n = 0; n < draws; n++) {
		long before = 0;
		drawn[n] = (struct drawn){some_stops(x), some_stops(y), roll_below(&dice, 2)};
		while (memcmp(&drawn[before], &drawn[n], sizeof *drawn) != 0) {
			before++;
		}
		if (before == n) {
			run(r, drawn[n].x_first, drawn[n].x, drawn[n].y);
		}
	}
	free(drawn);
}

static bool run_pairing(const struct pairing *pairing, bool both, long draws)
{
	struct race *r = &race;
	double began = seconds();
	static struct steps x, y;

	current = pairing;
	orders = alike = bad = 0;
	memset(r, 0, sizeof *r);
	test_host_init(&r->host, 1);
	r->folder = make_folder();
	r->x = shared_memory(2 * sizeof *r->x);
	r->y = r->x + 1;
	r->x_trace = shared_memory(2 * sizeof *r->x_trace);
	r->y_trace = r->x_trace + 1;
	r->clock = shared_memory(sizeof *r->clock);
	r->store = open_store(r->folder, STORE_SIZE_MIN, 5, &r->host.host);
	race_name(r, 0, 0, r->key);
	race_name(r, 0, 0, r->other);
	pairing->prepare(r);
	reserve_give_back(r->store); /* so that what is restored agrees with what we know */
	struct test_host then = r->host;
	test_host_stop_clock(&then);
	r->ticks = then.ticks;
	watch_open(&r->watch, r->store->segment);
	watch_open(&r->ended, r->store->segment);
	touched = calloc(r->watch.length / GRANULE, 1);

	run_stops(r, true, -1, -1, false);
	x.trace = *r->x_trace;
	run_stops(r, false, -1, -1, false);
	y.trace = *r->y_trace;
	run_in_turns(r, true, &x.trace, both);
	run_in_turns(r, false, &y.trace, both);
	find_those_that_matter(&x, READ_BY_Y, WRITTEN_BY_Y);
	find_those_that_matter(&y, READ_BY_X, WRITTEN_BY_X);
	if (x.trace.count > 0 && y.trace.count > 0) {
		run_more_stops(r, &x, &y, draws);
	}
	printf("%s - interleave: %s: %u and %u accesses (%u and %u matter), %ld orders, %ld alike, %ld bad, %.1f s\n",
	       bad ? "not ok" : "ok", pairing->name, x.trace.count, y.trace.count, x.matter_count, y.matter_count, orders,
	       alike, bad, seconds() - began);
	free(touched);
	watch_close(&r->ended);
	watch_close(&r->watch);
	store_close(r->store);
	munmap(r->x, 2 * sizeof *r->x);
	munmap(r->x_trace, 2 * sizeof *r->x_trace);
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
	bool both = false;
	long draws = 100, failed = 0, all_orders = 0;
	double began = seconds();

	dice = dice_of(1);
	for (int option; (option = getopt(count, arguments, "abs:n:")) != -1;) {
		if (option == 's') {
			dice = dice_of(strtoull(optarg, NULL, 10));
		} else if (option == 'n') {
			draws = strtol(optarg, NULL, 10);
		} else if (option == 'b') {
			both = true;
		} else if (option == 'a') {
			run_alike = true;
		} else {
			die("usage: interleave [-a] [-b] [-s SEED] [-n ORDERS] [WORD...]");
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (uint32_t table = 0; table < sizeof tables / sizeof tables[0]; table++) {
		for (const struct pairing *p = tables[table]; p->name; p++) {
			if (is_wanted(p->name, arguments + optind)) {
				end_after((unsigned)(120 + draws / 50) + (both ? 1200 : 0));
				failed += !run_pairing(p, both, draws);
				all_orders += orders;
			}
		}
	}
	printf("# interleave: %ld orders, %.1f s\n", all_orders, seconds() - began);
	return failed != 0;
}
