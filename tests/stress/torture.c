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
 *   -p           values are images, read where they lie and held for as long as their reader lives
 *   -f           workers fork children that fork children, all with what their parents hold
 *   -T           two trees of processes that attach by themselves, each with a killer of its own, are killed as a whole, too
 *   -b           values up to 100 KB
 *   -n MB        so much room in the file system of a segment of 64 MB, and somebody takes that, too
 *   -s SEED
 *
 * Prints one line; the exit status says whether nothing was wrong.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct torture *t;
static struct killer killer;
static char title[128];
static double began;
static bool hung;

static void delete_name(const char *name)
{
	struct store_key key = key_of(killer.store, name);

	(void)!store_delete(killer.store, &key);
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
	for (uint32_t worker = 0; worker < t->workers; worker++) {
		for (uint32_t i = 0; i < t->keys; i++) {
			key_name(name, worker, i);
			delete_name(name);
		}
		counter_name(name, worker, COUNTERS);
		delete_name(name);
	}
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
		.t = t, .store = killer.store, .me = &t->records[WORKERS_MAX - 1], .number = WORKERS_MAX - 1};

	owner_reap_all(&killer.store->owner);
	result->attached = owner_count(killer.store->segment);
	result->broken = verify_aloud(killer.store, title);
	worker_check_all(&reader);
	held_check(&reader, &killer.held);
	held_release(&reader, &killer.held);
	result->limbo = reclaim_all(killer.store);
	result->recoveries = counter_sum(killer.store, STORE_COUNT_recoveries);
	result->rebuilds = counter_sum(killer.store, STORE_COUNT_rebuilds);
	result->evictions = counter_sum(killer.store, STORE_COUNT_evictions);
	result->relocations = counter_sum(killer.store, STORE_COUNT_relocations);
	result->busy = counter_sum(killer.store, STORE_COUNT_failed_busy);
	result->dropped = counter_sum(killer.store, STORE_COUNT_dropped_corrupt);
	delete_all();
	reclaim_all(killer.store);
	result->leaked = blocks_in_use(killer.store);
	result->broken += verify_aloud(killer.store, title);
}

static bool report(const struct result *result)
{
	static const char *const texts[] = {
#define X(name, text) text,
		ERRORS(X)
#undef X
	};
	const struct deaths deaths = {load_relaxed(&t->kills), load_relaxed(&t->in_call), load_relaxed(&t->with_lock)};
	uint64_t errors = 0;
	char text[80], gap[80];
	bool good;

	for (int i = 0; i < ERROR_COUNT; i++) {
		errors += load_relaxed(&t->errors[i]);
	}
	good = errors == 0 && !hung && result->broken == 0 && result->limbo == 0 && result->leaked == 0 &&
	       result->attached == 1 && result->dropped == 0;
	for (uint32_t i = 0; i < load_relaxed(&t->messages) && i < MESSAGES; i++) {
		printf("# %s: %s\n", title, t->message[i]);
	}
	for (int i = 0; i < ERROR_COUNT; i++) {
		if (load_relaxed(&t->errors[i])) {
			printf("# %s: %llu %s\n", title, (unsigned long long)load_relaxed(&t->errors[i]), texts[i]);
		}
	}
	if (t->zero_copy && load_relaxed(&t->mapped) == 0) {
		printf("# %s: no value was read where it lies\n", title);
		good = false;
	}
	printf("%s - %s: %s, %llu stops, %llu trees, %llu forks; %.2f M operations, %llu recoveries, %llu rebuilds, %llu "
	       "evictions, "
	       "%llu relocations, %llu busy, %llu full; %.2f M values in place, %.2f M looks at what is held; %llu errors, "
	       "%llu ambiguous, "
	       "%u rules broken, %llu leaked, %llu in limbo, %u attached, %llu dropped%s, %s, %.1f s\n",
	       good ? "ok" : "not ok", title, deaths_text(&deaths, text), (unsigned long long)load_relaxed(&t->stops),
	       (unsigned long long)load_relaxed(&t->trees_killed), (unsigned long long)load_relaxed(&t->storms),
	       (double)torture_operations() / 1e6, (unsigned long long)result->recoveries,
	       (unsigned long long)result->rebuilds, (unsigned long long)result->evictions,
	       (unsigned long long)result->relocations, (unsigned long long)result->busy,
	       (unsigned long long)load_relaxed(&t->full), (double)load_relaxed(&t->mapped) / 1e6,
	       (double)load_relaxed(&t->held_again) / 1e6, (unsigned long long)errors,
	       (unsigned long long)load_relaxed(&t->ambiguous), result->broken, (unsigned long long)result->leaked,
	       (unsigned long long)result->limbo, result->attached, (unsigned long long)result->dropped,
	       hung ? ", HANGS" : "", gap_text(&t->watch, gap), seconds() - began);
	return good;
}

/* What a process does, as the kernel says: its state, and the nanoseconds that it ran and that it waited for a CPU. */
static void say_process(uint32_t pid, char text[160])
{
	char path[40], stat[160] = "", times[64] = "";
	FILE *file;

	snprintf(path, sizeof path, "/proc/%u/stat", pid);
	if ((file = fopen(path, "re")) != NULL) {
		(void)!fgets(stat, sizeof stat, file);
		fclose(file);
	}
	snprintf(path, sizeof path, "/proc/%u/schedstat", pid);
	if ((file = fopen(path, "re")) != NULL) {
		(void)!fgets(times, sizeof times, file);
		fclose(file);
	}
	stat[strcspn(stat, ")\n") ? strcspn(stat, ")\n") + 3 : 0] = '\0';
	snprintf(text, 160, "%s ran and waited %.*s", stat, (int)strcspn(times, "\n"), times);
}

/* Whose locks are they, and what are they doing? */
static void say_standstill(void)
{
	char text[160];

	for (uint32_t i = 0; killer.store && i < killer.store->segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(&killer.store->owner, i);
		printf("# %s: nothing goes on; the lock of shard %u: %#x\n", title, i, load_relaxed(&r.shard->lock.word));
	}
	for (uint32_t i = 0; i < t->workers; i++) {
		const struct worker_record *record = &t->records[i];
		say_process(load_relaxed(&record->pid), text);
		printf("# worker %u: slot + 1 %u, %s a call; %s\n", i, load_relaxed(&record->slot),
		       load_relaxed(&record->in_call) ? "in" : "not in", text);
	}
}

/* ---- main ----------------------------------------------------------------------------------------------- */

/* Guests leave figures of what they would do in the end; leases say nothing where entries go by themselves. */
static void check_options(bool guests)
{
	if (t->threads == 0 || t->workers % t->threads != 0 || t->workers >= WORKERS_MAX) {
		die("-w WORKERS is a multiple of -t THREADS below %d", WORKERS_MAX);
	}
	if (t->leasing && (t->evicting || t->stopping || guests)) {
		die("-l goes with neither -e, -n, -z nor -g"); /* an entry that is gone tells nobody that it was invalidated */
	}
	if (t->in_trees && (t->stopping || t->storming || torture_processes(t) < 2 * TREES)) {
		die("-T goes with neither -z nor -f, and needs two processes in each tree");
	}
}

static void name_it(void)
{
	snprintf(title, sizeof title, "torture: %s%s%s%s%s%s%s%s%s%s%s",
	         t->full_megabytes ? "full"
	         : t->evicting     ? "evicting"
	                           : "oracle",
	         t->programs ? ", programs" : "", t->threads > 1 ? ", threads" : "", t->stopping ? ", stops" : "",
	         t->leasing ? ", leases" : "", t->crowded ? ", guests" : "", t->zero_copy ? ", zero-copy" : "",
	         t->storming ? ", storms" : "", t->in_trees ? ", trees" : "", t->large ? ", large" : "",
	         t->full_by_fault ? ", by faults" : "");
}

static void read_options(int count, char **arguments)
{
	uint64_t megabytes = 0;
	long guests = 0;

	t->kills_wanted = 1000;
	t->mean_us = 1000;
	t->workers = 6;
	t->threads = 1;
	t->seed = 1;
	for (int option; (option = getopt(count, arguments, "k:w:t:u:m:exzlpfTbn:g:s:")) != -1;) {
		switch (option) {
		case 'k':
			t->kills_wanted = strtoull(optarg, NULL, 10);
			break;
		case 'w':
			t->workers = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 't':
			t->threads = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'u':
			t->mean_us = strtol(optarg, NULL, 10);
			break;
		case 'm':
			megabytes = strtoull(optarg, NULL, 10);
			break;
		case 'e':
			t->evicting = true;
			break;
		case 'x':
			t->programs = true;
			break;
		case 'z':
			t->stopping = true;
			break;
		case 'l':
			t->leasing = true;
			break;
		case 'p':
			t->zero_copy = true;
			break;
		case 'f':
			t->storming = true;
			break;
		case 'T':
			t->in_trees = true;
			break;
		case 'b':
			t->large = true;
			break;
		case 'n':
			t->full_megabytes = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'g':
			guests = strtol(optarg, NULL, 10);
			t->crowded = true;
			break;
		case 's':
			t->seed = strtoull(optarg, NULL, 10);
			break;
		default:
			die("see the head of torture.c for the options");
		}
	}
	t->bytes = (megabytes ? megabytes : t->evicting ? 1 : 64) << 20;
	t->evicting |= t->full_megabytes != 0;
	t->keys = t->evicting ? 320 : 24;
	t->processes = guests ? (uint32_t)guests : t->workers * (t->storming ? 1 + STORM_CHILDREN : 1) + 8;
	check_options(guests != 0);
}

static void make_oracle(void)
{
	killer.t_fd = memfd_create("oracle", 0);
	if (killer.t_fd < 0 || ftruncate(killer.t_fd, sizeof *t) != 0) {
		die("no memory for the oracle: %s", strerror(errno));
	}
	t = torture_map(killer.t_fd);
	killer.t = t;
	killer.step = 1;
}

static void torture(void)
{
	killer.dice = dice_of(t->seed);
	began = seconds();
	if (t->zero_copy) {
		store_reserve(t->bytes);
	}
	/* Trees are to make the segment themselves. */
	if (!t->in_trees) {
		killer.store = torture_open(t);
		counters_make(killer.store);
	}
	if (t->full_megabytes) {
		killer.ballast = full_start(t);
	}
	killer.watcher = watch_progress(&t->watch, torture_operations, say_standstill);
	come_first();
	if (t->in_trees) {
		hung = !trees_work(&killer);
	} else {
		killer_work(&killer);
		hung = !killer_end(&killer) || torture_hangs(t);
	}
	store_relaxed(&t->watch.over, 1);
	waitpid(killer.watcher, NULL, 0);
	if (killer.ballast != 0) {
		waitpid(killer.ballast, NULL, 0);
	}
	hung |= !killer_reap_orphans(&killer, true);
	if (hung) {
		say_standstill();
	}
}

int main(int count, char **arguments)
{
	struct result result = {0};
	bool good;

	if (count == 4 && strcmp(arguments[1], "worker") == 0) {
		return program_main(arguments);
	}
	if (count == 4 && strcmp(arguments[1], "tree") == 0) {
		return tree_main(arguments);
	}
	make_oracle();
	read_options(count, arguments);
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(t->folder, sizeof t->folder, "%s", make_folder());
	/* Those who lose their parents become ours: in the end nobody is left. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (t->full_megabytes) {
		full_mount(t);
	}
	name_it();
	end_after((unsigned)(600 + t->kills_wanted));
	torture();
	look_at_the_end(&result);
	good = report(&result);
	if (t->full_megabytes) {
		full_unmount(t);
	}
	return !good;
}
