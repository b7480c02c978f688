/*
 * In parallel and without kills: what the orders of single accesses (interleave) and the states after single
 * instructions (snapstep) cannot show, the CPUs' store buffers among it.
 *
 *   increments  counters are added to and compared-and-swapped while their entries are moved all the time and their
 *               neighbours' blocks are reused: in the end each is exactly what was acknowledged, and nobody ever read
 *               one going back
 *   pins        a value is read while it is evicted, its block freed and used again at once: what is pinned stays
 *   integers    an integer is read without a pin while it is replaced: what is read was written, and in order
 *
 * usage: freeze_stress [-t SECONDS] [-s SEED] [increments] [pins] [integers]
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/retire.h"
#include "core/store/room.h"
#include "support.h"

#define COUNTERS 6u
#define ADDERS 2u
/* Two of the counters go to and fro over the border of 63 bits, where each step beyond it moves the entry. */
#define AT_BORDER(c) ((c) >= COUNTERS - 2)

struct common {
	atomic_u32 over;
	atomic_i64 added[ADDERS][COUNTERS]; /* acknowledged */
	atomic_u64 operations, relocations, replacements, reads, refused;
	atomic_u64 wrong;
	char message[128];
};

static struct common *common;
static struct store *store;
static struct test_host host;
static uint64_t seed = 1;

static void __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
	va_list arguments;

	if (rmw_add(&common->wrong, 1) == 0) {
		va_start(arguments, format);
		vsnprintf(common->message, sizeof common->message, format, arguments);
		va_end(arguments);
	}
}

static bool over(void)
{
	return load_relaxed(&common->over);
}

static struct store_key counter_key(uint32_t counter)
{
	static char names[COUNTERS][16];

	snprintf(names[counter], sizeof names[counter], "counter:%u", counter);
	return key_of(store, names[counter]);
}

static int64_t counter_start(uint32_t counter)
{
	return AT_BORDER(counter) ? INT_WORD_MAX - 2 : 0;
}

static enum cache_status put_int(const char *name, int64_t value)
{
	struct store_key key = key_of(store, name);
	struct store_item item = {.type = STORE_INT, .integer = value, .ttl_us = STORE_FOREVER};

	return store_put(store, &key, &item, STORE_SET);
}

/* ---- increments ------------------------------------------------------------------------------------------ */

static void add_in_two_ways(uint32_t me, struct dice *dice)
{
	uint32_t counter = roll_below(dice, COUNTERS);
	struct store_key key = counter_key(counter);
	int64_t step = AT_BORDER(counter) && me % 2 ? -1 : 1, result;
	enum cache_status status;
	struct store_view view;

	if (roll_below(dice, 2)) {
		status = store_increment(store, &key, step, STORE_FOREVER, &result);
	} else {
		status = store_get(store, &key, &view);
		if (status == CACHE_OK) {
			status = store_cas(store, &key, view.integer, view.integer + step);
		}
	}
	if (status == CACHE_OK) {
		rmw_add(&common->operations, 1);
		store_relaxed(&common->added[me][counter], load_relaxed(&common->added[me][counter]) + step);
	} else if (status != CACHE_MISMATCH && status != CACHE_BUSY) {
		wrong("counter %u: %s", counter, cache_status_name(status));
	}
}

static void adder(uint32_t me)
{
	struct dice dice = dice_of(seed * 31 + me);

	while (!over()) {
		add_in_two_ways(me, &dice);
	}
}

/* As emptying a slab moves entries, but always, and always these. */
static void move_one(uint32_t counter)
{
	struct store_key key = counter_key(counter);
	struct shard_ref r = shard_open(&store->owner, 0);
	atomic_u64 *slot;

	if (shard_lock(&r) != CACHE_OK) {
		return;
	}
	slot = index_find(&r, &key);
	if (!slot) {
		wrong("counter %u is gone", counter);
	} else {
		link_t link = place_link(&r, word_granule(load_relaxed(slot)));
		link_t target = slab_take(&r, block_class(&r, link));
		if (target && entry_relocate(&r, link, target, NULL, NULL)) {
			rmw_add(&common->relocations, 1);
		}
	}
	reclaim(&r);
	shard_unlock(&r);
}

static void mover(uint32_t me)
{
	struct dice dice = dice_of(seed * 77 + me);

	while (!over()) {
		move_one(roll_below(&dice, COUNTERS));
	}
}

/* Uses the blocks that the counters leave, for keys of the same length. */
static void neighbour(uint32_t me)
{
	struct dice dice = dice_of(seed * 99 + me);
	char name[16];

	while (!over()) {
		snprintf(name, sizeof name, "another:%u", roll_below(&dice, 8));
		if (roll_below(&dice, 3) == 0) {
			struct store_key key = key_of(store, name);
			(void)!store_delete(store, &key);
		} else if (put_int(name, -7) == CACHE_OK) {
			rmw_add(&common->replacements, 1);
		}
	}
}

/* Those that only go up are never seen going down. */
static void watcher(uint32_t me)
{
	int64_t last[COUNTERS] = {0};
	struct dice dice = dice_of(seed * 55 + me);

	while (!over()) {
		uint32_t counter = roll_below(&dice, COUNTERS);
		struct store_key key = counter_key(counter);
		struct store_view view;
		enum cache_status status = store_get(store, &key, &view);
		if (status != CACHE_OK || view.integer < 0) {
			wrong("counter %u read as %s %lld", counter, cache_status_name(status), (long long)view.integer);
		} else if (!AT_BORDER(counter) && view.integer < last[counter]) {
			wrong("counter %u went from %lld back to %lld", counter, (long long)last[counter], (long long)view.integer);
		} else {
			last[counter] = view.integer;
		}
		rmw_add(&common->reads, 1);
	}
}

static void check_counters(void)
{
	for (uint32_t counter = 0; counter < COUNTERS; counter++) {
		struct store_key key = counter_key(counter);
		struct store_view view = {0};
		int64_t expected = counter_start(counter);
		enum cache_status status = store_get(store, &key, &view);
		for (uint32_t i = 0; i < ADDERS; i++) {
			expected += load_relaxed(&common->added[i][counter]);
		}
		if (status != CACHE_OK || view.integer != expected) {
			wrong("counter %u is %lld, not %lld (%s)", counter, (long long)view.integer, (long long)expected,
			      cache_status_name(status));
		}
	}
}

static void prepare_counters(void)
{
	for (uint32_t counter = 0; counter < COUNTERS; counter++) {
		char name[16];
		snprintf(name, sizeof name, "counter:%u", counter);
		if (put_int(name, counter_start(counter)) != CACHE_OK) {
			die("cannot put %s", name);
		}
	}
}

/* ---- pins ------------------------------------------------------------------------------------------------ */

#define VALUE_BYTES 120u

/* Stores that miss all caches wait in the CPU's store buffer, and later ones behind them: the
 * reader's pin, or the writer's change of the slot. */
#define FAR_BYTES (UINT64_C(64) << 20)
#define FAR_STORES 24

static void fill_store_buffer(atomic_u64 *far, struct dice *dice)
{
	uint64_t at[FAR_STORES];

	for (int i = 0; i < FAR_STORES; i++) {
		at[i] = roll(dice) % (FAR_BYTES / 64) * 8;
	}
	for (int i = 0; i < FAR_STORES; i++) {
		store_relaxed(&far[at[i]], at[i]);
	}
}

static void evict(const char *name, atomic_u64 *far, struct dice *dice)
{
	struct shard_ref r = shard_open(&store->owner, 0);
	struct store_key key = key_of(store, name);
	atomic_u64 *slot;

	if (shard_lock(&r) != CACHE_OK) {
		return;
	}
	slot = index_find(&r, &key);
	if (roll_below(dice, 2)) {
		fill_store_buffer(far, dice);
	}
	if (slot) {
		/* As when room is made: unlinked, and at once looked up in the pins. */
		evict_entry(&r, place_link(&r, word_granule(load_relaxed(slot))), host.now_us);
		reclaim(&r);
	}
	shard_unlock(&r);
}

/* The block of each value is free as soon as the value is gone, unless it is pinned, and is used by the next one. */
static void replacer(uint32_t me)
{
	struct dice dice = dice_of(seed * 13 + me);
	atomic_u64 *far = shared_memory(FAR_BYTES);

	memset(far, 0, FAR_BYTES);
	for (uint64_t number = 1; !over(); number++) {
		value_of(1, number, VALUE_BYTES);
		if (put_value(store, "value", 1, number, VALUE_BYTES) != CACHE_OK) {
			rmw_add(&common->refused, 1);
		}
		/* Time to be found. */
		for (uint64_t i = number % 64; i > 0; i--) {
			cpu_pause();
		}
		evict("value", far, &dice);
		rmw_add(&common->replacements, 1);
	}
}

static void reader(uint32_t me)
{
	struct store_key key = key_of(store, "value");
	struct dice dice = dice_of(seed * 11 + me);
	atomic_u64 *far = shared_memory(FAR_BYTES);

	memset(far, 0, FAR_BYTES);
	for (uint64_t last = 0; !over();) {
		struct store_view view;
		uint64_t number, again;
		fill_store_buffer(far, &dice);
		if (store_get(store, &key, &view) != CACHE_OK) {
			continue;
		}
		if (!value_check(view.bytes, view.size, 1, &number)) {
			wrong("the value is damaged");
		} else if (number < last) {
			wrong("number %llu came after %llu", (unsigned long long)number, (unsigned long long)last);
		}
		last = number;
		for (int i = 0; i < 20; i++) {
			if (!value_check(view.bytes, view.size, 1, &again) || again != number) {
				wrong("a value changed while it was pinned");
				break;
			}
		}
		store_unpin(store, view.pin);
		rmw_add(&common->reads, 1);
	}
}

static void prepare_nothing(void)
{
}

/* ---- integers -------------------------------------------------------------------------------------------- */

/* In the place of the one before it, or, with another stale_ttl, in another block. */
static enum cache_status replace_number(int64_t number)
{
	struct store_key key = key_of(store, "number");
	struct store_item item = {.type = STORE_INT, .integer = number, .ttl_us = STORE_FOREVER, .stale_ttl_us = number / 2 % 2 * 1000};

	return store_put(store, &key, &item, STORE_SET);
}

static void integer_replacer(uint32_t me)
{
	(void)me;
	for (int64_t number = 1; !over(); number++) {
		if (replace_number(number) != CACHE_OK) {
			rmw_add(&common->refused, 1);
		}
		if (number % 3 == 0) {
			(void)!put_int("other", -7);
			reclaim_all(store);
		}
		rmw_add(&common->replacements, 1);
	}
}

static void integer_reader(uint32_t me)
{
	struct store_key key = key_of(store, "number");
	int64_t last = 0;

	(void)me;
	while (!over()) {
		struct store_view view;
		if (store_get(store, &key, &view) != CACHE_OK || view.integer < last) {
			wrong("the number was read as %lld after %lld", (long long)view.integer, (long long)last);
		} else {
			last = view.integer;
		}
		rmw_add(&common->reads, 1);
	}
}

static void prepare_integer(void)
{
	if (put_int("number", 0) != CACHE_OK) {
		die("cannot put the number");
	}
}

/* ---- runs ------------------------------------------------------------------------------------------------ */

/* The n-th of those that we may use: in parallel, not in turns. */
static void run_on_cpu(uint32_t n)
{
	cpu_set_t allowed, one;
	uint32_t number;

	if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || (number = (uint32_t)CPU_COUNT(&allowed)) == 0) {
		return;
	}
	for (uint32_t cpu = 0, seen = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed) && seen++ == n % number) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof one, &one);
		}
	}
}

static pid_t run_as(void (*role)(uint32_t me), uint32_t me, uint32_t cpu)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		run_on_cpu(cpu);
		store_unpin_all(store);
		if (store_enter(store) != CACHE_OK) {
			die("cannot attach");
		}
		role(me);
		store_close(store);
		_exit(0);
	}
	return pid;
}

struct role {
	void (*role)(uint32_t me);
	uint32_t number;
};

static bool run(const char *name, void (*prepare)(void), const struct role *roles, void (*check)(void), double length)
{
	const char *folder = make_folder();
	pid_t pids[32];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t count = 0;
	double began = seconds();
	unsigned broken;
	bool good;

	memset(common, 0, sizeof *common);
	test_host_init(&host, seed);
	store = open_store(folder, STORE_SIZE_MIN, 30, &host.host);
	prepare();
	for (const struct role *r = roles; r->role; r++) {
		/* As many readers as there are CPUs for them. */
		uint32_t number = r->number ? r->number : cpus > 2 ? (uint32_t)cpus - 1 : 1;
		for (uint32_t i = 0; i < number && count < sizeof pids / sizeof pids[0]; i++) {
			count++;
			pids[count - 1] = run_as(r->role, i, count - 1);
		}
	}
	while (seconds() - began < length && load_relaxed(&common->wrong) == 0) {
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	}
	store_relaxed(&common->over, 1);
	for (uint32_t i = 0; i < count; i++) {
		int status;
		if (waitpid(pids[i], &status, 0) != pids[i] || status != 0) {
			wrong("a process ended with status %#x", status);
		}
	}
	if (check) {
		check();
	}
	broken = verify_aloud(store, name);
	good = load_relaxed(&common->wrong) == 0 && broken == 0 && reclaim_all(store) == 0;
	if (common->message[0]) {
		printf("# freeze_stress: %s: %s\n", name, common->message);
	}
	printf("%s - freeze_stress: %s: %llu increments, %llu relocations, %llu replacements, %llu reads, %llu wrong, %u "
	       "rules "
	       "broken, %.1f s\n",
	       good ? "ok" : "not ok", name, (unsigned long long)load_relaxed(&common->operations),
	       (unsigned long long)load_relaxed(&common->relocations),
	       (unsigned long long)load_relaxed(&common->replacements), (unsigned long long)load_relaxed(&common->reads),
	       (unsigned long long)load_relaxed(&common->wrong), broken, seconds() - began);
	store_close(store);
	remove_folder(folder);
	return good;
}

static const struct {
	const char *name;
	void (*prepare)(void);
	struct role roles[5];
	void (*check)(void);
} modes[] = {
	{"increments", prepare_counters, {{adder, ADDERS}, {mover, 1}, {neighbour, 1}, {watcher, 1}}, check_counters},
	{"pins", prepare_nothing, {{replacer, 1}, {reader, 0}}, NULL},
	{"integers", prepare_integer, {{integer_replacer, 1}, {integer_reader, 0}}, NULL},
};

static bool is_wanted(const char *name, char **words)
{
	bool wanted = !*words;

	for (; *words; words++) {
		wanted |= strcmp(name, *words) == 0;
	}
	return wanted;
}

int main(int count, char **arguments)
{
	double length = 4;
	bool good = true;

	for (int option; (option = getopt(count, arguments, "t:s:")) != -1;) {
		if (option == 't') {
			length = strtod(optarg, NULL);
		} else if (option == 's') {
			seed = strtoull(optarg, NULL, 10);
		} else {
			die("usage: freeze_stress [-t SECONDS] [-s SEED] [increments] [pins] [integers]");
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	end_after((unsigned)(3 * length + 60));
	common = shared_memory(sizeof *common);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (is_wanted(modes[i].name, arguments + optind)) {
			good &= run(modes[i].name, modes[i].prepare, modes[i].roles, modes[i].check, length);
		}
	}
	return !good;
}
