/*
 * Processes push, pop and end jobs of the rebuild queue at random, and are killed and stopped at random.
 *
 *   Each run (id, token) is handed out once, and ended once at most: every one of them is noted in a table of our own.
 *   Nobody is handed a key that a living process runs under a lease in force.
 *   Whatever was demanded is run after that: in the end each key has an acknowledged run that began after the last push that
 *   was accepted. Of somebody who is killed within an acknowledgement nobody knows whether it was done; his run counts.
 *   What a job says is what was pushed, and in the end every slot and chunk is free again.
 *
 * With probability processes kill or stop themselves where they hold the guard. The clock hurries, so that somebody who is
 * stopped is waited for in vain now and then, and jobs are ended without the guard.
 *
 * usage: queue_stress [-t SECONDS | -k KILLS] [-s SEED] [-w PROCESSES] [-g SLOTS]
 *        queue_stress -j JOBS [-s SEED] [-w PROCESSES]   each of so many jobs is acknowledged once
 *        queue_stress -e [-w PROCESSES]                  pushes of the same ids by all at once are one job each
 *        queue_stress -f [-t SECONDS]                    a push that is merged is seen by the run that follows it
 *   -g      so many slots for participants: the other processes are guests
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/job_queue.h"
#include "support.h"
#include "watch.h"

#define QUEUES 3u
#define PURGED_QUEUE 2u
#define KEYS 36u
#define WORKERS_MAX 64u
#define HURRY 10u
#define MS (UINT64_C(1000000) * HURRY) /* of real time, by the clock that hurries */
#define PAYLOAD_MAX 3000u
#define RUNS (UINT64_C(1) << 23)

enum state { IDLE, ACKING, PURGING };

struct key_notes {
	atomic_u64 demanded;       /* tick before the last push that was accepted */
	atomic_u64 ran;            /* tick of the last beginning of a run that was acknowledged, or may be */
	atomic_u64 holder;         /* who_word() */
	atomic_u64 id, token;      /* of the last run */
	atomic_u32 acked, perhaps; /* with -j */
};

struct common {
	struct watched watch;
	atomic_u64 tick, wrong;
	atomic_u64 forgiven; /* up to that tick the queue that is purged owes nothing */
	atomic_u64 pushes, pops, acks, fails, lost, self_kills, self_stops, without_guard, runs_noted;
	struct {
		atomic_u32 state, key, life;
		atomic_u32 in_call, slot; /* inside of the cache; whose slot it has, + 1 */
		atomic_u64 began;
	} workers[WORKERS_MAX];
	char message[200];
	atomic_u64 runs[RUNS]; /* hash of (id, token), the lowest bit: it has ended */
	struct key_notes keys[];
};

static struct common *common;
static struct store *store;
static struct test_host host;
static struct dice chance; /* of a process */
static uint64_t seed = 1;
static uint32_t workers = 8, me, my_life;
static uint32_t jobs_wanted;
static struct deaths deaths;
static double started;

/* A call of the cache, which whoever kills may see. */
#define CALL(call)                                      \
	({                                                  \
		__typeof__(call) call_result;                   \
		store_relaxed(&common->workers[me].in_call, 1); \
		call_result = (call);                           \
		store_relaxed(&common->workers[me].in_call, 0); \
		call_result;                                    \
	})

static void __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
	va_list arguments;

	if (rmw_add(&common->wrong, 1) == 0) {
		va_start(arguments, format);
		vsnprintf(common->message, sizeof common->message, format, arguments);
		va_end(arguments);
	}
}

static uint64_t tick(void)
{
	return rmw_add(&common->tick, 1) + 1;
}
static uint64_t clock_ns(void)
{
	return host.host.monotonic_ns(&host);
}

static void raise_to(atomic_u64 *word, uint64_t value)
{
	uint64_t now = load_relaxed(word);

	while (now < value && !cas(word, &now, value)) {
	}
}

/* ---- names ---------------------------------------------------------------------------------------------- */

static struct store_key queue_of(uint32_t number)
{
	static char names[QUEUES][16];

	snprintf(names[number], sizeof names[number], "queue:%u", number);
	return key_of(store, names[number]);
}

static struct store_key key_named(uint32_t number, char name[32])
{
	snprintf(name, 32, "key:%u", number);
	return key_of(store, name);
}

/* ---- runs ----------------------------------------------------------------------------------------------- */

static atomic_u64 *find_run(uint64_t id, uint64_t token, uint64_t *hash)
{
	uint64_t at;

	*hash = (hash_mix(id ^ hash_mix(token)) | 2) & ~UINT64_C(1);
	for (at = *hash >> 3;; at++) {
		uint64_t there = load_acquire(&common->runs[at % RUNS]);
		if (there == 0 || (there & ~UINT64_C(1)) == *hash) {
			return &common->runs[at % RUNS];
		}
	}
}

static void note_run(const struct queue_taken *taken)
{
	uint64_t hash, empty = 0;
	atomic_u64 *run;

	do {
		run = find_run(taken->id, taken->token, &hash);
		empty = 0;
		if (load_acquire(run) != 0) {
			wrong("run %llu of job %llu was handed out twice", (unsigned long long)taken->token,
			      (unsigned long long)taken->id);
			return;
		}
	} while (!cas(run, &empty, hash));
	if (rmw_add(&common->runs_noted, 1) > RUNS / 4 * 3) {
		store_relaxed(&common->watch.over, 1);
	}
}

static void note_end(const struct queue_taken *taken)
{
	uint64_t hash;
	atomic_u64 *run = find_run(taken->id, taken->token, &hash);

	if (rmw_or(run, 1) & 1) {
		wrong("run %llu of job %llu was ended twice", (unsigned long long)taken->token, (unsigned long long)taken->id);
	}
}

/* Who runs a key: worker + 1 | his life << 8 | until when, in microseconds << 24; 0: until nobody knows when. */
static uint64_t who_word(uint64_t until_ns)
{
	uint64_t until = until_ns == QUEUE_FOREVER ? UINT64_MAX >> 24 : until_ns / 1000 & UINT64_MAX >> 24;

	return (me + 1) | (uint64_t)(my_life & 0xffff) << 8 | until << 24;
}

static bool is_me(uint64_t word)
{
	return (word & 0xffffff) == (who_word(0) & 0xffffff);
}

static void begin_run(uint32_t key, const struct queue_taken *taken, uint64_t began_ns, uint64_t lease_ns, uint64_t now)
{
	uint64_t until = lease_ns == QUEUE_FOREVER ? QUEUE_FOREVER : began_ns + lease_ns;
	uint64_t last = rmw_exchange(&common->keys[key].holder, who_word(until));
	uint32_t worker = (uint32_t)(last & 0xff) - 1;
	uint64_t id = rmw_exchange(&common->keys[key].id, taken->id),
			 token = rmw_exchange(&common->keys[key].token, taken->token);

	if (last == 0 || worker == me || worker >= WORKERS_MAX ||
	    (load_acquire(&common->workers[worker].life) & 0xffff) != (last >> 8 & 0xffff)) {
		return;
	}
	/* If our own lease has passed meanwhile, the other one's may be a later one. */
	if (now / 1000 < last >> 24 && last >> 24 != 0 && clock_ns() < until) {
		wrong("key %u is run by two: %llx/%llu by %u for %llu us more, %llx/%llu by %u", key, (unsigned long long)id,
		      (unsigned long long)token, worker, (unsigned long long)((last >> 24) - now / 1000),
		      (unsigned long long)taken->id, (unsigned long long)taken->token, me);
	}
}

static void set_run(uint32_t key, uint64_t word)
{
	uint64_t now = load_relaxed(&common->keys[key].holder);

	while (is_me(now) && !cas(&common->keys[key].holder, &now, word)) {
	}
}

/* ---- one process ---------------------------------------------------------------------------------------- */

static void die_here(void)
{
	rmw_add(&common->workers[me].life, 1);
	rmw_add(&common->self_kills, 1);
	kill(getpid(), SIGKILL);
}

static int fault(void *context, enum cache_fault point)
{
	(void)context;
	if (point == FAULT_LOCKED || point == FAULT_BEFORE_PUBLISH || point == FAULT_AFTER_PUBLISH) {
		uint32_t side = roll_below(&chance, 30000);
		if (side < 12) {
			die_here();
		} else if (side == 12) {
			rmw_add(&common->self_stops, 1);
			raise(SIGSTOP);
		}
	}
	return 0;
}

static uint32_t payload_size(uint64_t number)
{
	return number % 5 == 0 ? VALUE_HEADER + (uint32_t)(number * 37 % (PAYLOAD_MAX - VALUE_HEADER))
	                       : VALUE_HEADER + (uint32_t)(number % 40);
}

static enum queue_pushed push_key(uint32_t key, uint32_t queue, uint64_t number, uint64_t delay)
{
	static char bytes[PAYLOAD_MAX];
	char name[32];
	struct store_key k = key_named(key, name), q = queue_of(queue);
	struct store_job job = {.queue = &q,
	                        .key = &k,
	                        .payload = bytes,
	                        .payload_length = payload_size(number),
	                        .delay_ns = delay,
	                        .flags = (uint8_t)key,
	                        .priority = (int32_t)roll_below(&chance, 3)};

	value_fill(bytes, job.payload_length, key, number);
	return CALL(store_queue_push(store, &job));
}

static void push_some(void)
{
	uint32_t key = roll_below(&chance, KEYS);
	uint64_t began = tick();

	if (push_key(key, key % QUEUES, roll(&chance) >> 32, roll_below(&chance, 4) ? 0 : roll_below(&chance, 4) * MS) !=
	    QUEUE_PUSH_FULL) {
		raise_to(&common->keys[key].demanded, began);
		rmw_add(&common->pushes, 1);
	}
}

static void want_some(void)
{
	char name[32];
	struct store_key k = key_named(roll_below(&chance, KEYS), name), q = queue_of((uint32_t)atoi(name + 4) % QUEUES);

	(void)CALL(store_queue_want(store, &q, &k));
}

/* UINT32_MAX: it is somebody else's by now, or wrong. */
static uint32_t read_job(const struct queue_taken *taken)
{
	static char key[QUEUE_TEXT_MAX + 1], payload[QUEUE_TEXT_MAX];
	uint64_t number;
	uint32_t k;

	if (!CALL(store_queue_read(store, taken, key, payload, NULL))) {
		return UINT32_MAX;
	}
	key[taken->key_length] = '\0';
	if (strncmp(key, "key:", 4) != 0 || (k = (uint32_t)atoi(key + 4)) >= (jobs_wanted ? jobs_wanted : KEYS)) {
		wrong("a job has another key than was ever pushed");
		return UINT32_MAX;
	}
	if (taken->payload_length &&
	    (taken->flags != (uint8_t)k || !value_check(payload, taken->payload_length, k, &number))) {
		wrong("the payload of key %u is damaged", k);
	}
	return k;
}

static void ack_job(const struct queue_taken *taken, uint32_t key, uint64_t began)
{
	store_relaxed(&common->workers[me].key, key);
	store_relaxed(&common->workers[me].began, began);
	set_run(key, 0);
	publish(&common->workers[me].state, ACKING);
	if (CALL(store_queue_ack(store, taken->id, taken->token))) {
		note_end(taken);
		raise_to(&common->keys[key].ran, began);
		rmw_add(&common->keys[key].acked, 1);
		rmw_add(&common->acks, 1);
	} else {
		rmw_add(&common->lost, 1);
	}
	publish(&common->workers[me].state, IDLE);
	if (roll_below(&chance, 16) == 0 && store_queue_ack(store, taken->id, taken->token)) {
		wrong("a run that had ended was acknowledged");
	}
}

static void fail_job(const struct queue_taken *taken, uint32_t key)
{
	set_run(key, 0);
	if (CALL(store_queue_fail(store, taken->id, taken->token, "failed", 6, roll_below(&chance, 6) * MS))) {
		note_end(taken);
		rmw_add(&common->fails, 1);
	} else {
		rmw_add(&common->lost, 1);
	}
}

static void extend_job(const struct queue_taken *taken, uint32_t key)
{
	uint64_t began, lease = (1 + roll_below(&chance, 20)) * MS;

	set_run(key, who_word(0));
	began = clock_ns();
	/* Where the guard's owner is stopped, he may have seen before that the lease has passed. */
	if (CALL(store_queue_extend(store, taken->id, taken->token, lease)) &&
	    clock_ns() - began < LOCK_SHORT_PATIENCE_NS) {
		set_run(key, who_word(began + lease));
	}
}

static void dawdle(void)
{
	if (roll_below(&chance, 6) == 0) {
		usleep(roll_below(&chance, 2500));
	}
}

static void run_job(const struct queue_taken *taken, uint32_t key, uint64_t began)
{
	dawdle();
	if (roll_below(&chance, 5) == 0) {
		extend_job(taken, key);
		dawdle();
	}
	switch (roll_below(&chance, 12)) {
	case 0:
	case 1:
		fail_job(taken, key);
		break;
	case 2:
		if (!store->owner.guest || roll_below(&chance, 2)) {
			break; /* its lease passes, or we die */
		}
		/* fall through */
	default:
		ack_job(taken, key, began);
	}
}

/* CACHE_OK: it was run. */
static enum cache_status pop_some(uint64_t wait, void (*run)(const struct queue_taken *, uint32_t, uint64_t))
{
	struct store_key queues[QUEUES];
	uint32_t first = roll_below(&chance, QUEUES), key;
	uint64_t lease =
		!store->owner.guest && roll_below(&chance, 4) == 0 ? QUEUE_FOREVER : (1 + roll_below(&chance, 30)) * MS;
	struct store_queue_wish wish;
	struct queue_taken taken;
	enum cache_status status;
	uint64_t began_ns;

	for (uint32_t i = 0; i < QUEUES; i++) {
		queues[i] = queue_of((first + i) % QUEUES);
	}
	began_ns = clock_ns();
	status = CALL(store_queue_begin(store, &wish, queues, QUEUES, wait, lease, &taken));
	while (status == CACHE_MISSING && store_queue_sleep(store, &wish)) {
		began_ns = clock_ns();
		status = CALL(store_queue_try(store, &wish, &taken));
	}
	store_queue_deafen(store);
	if (status == CACHE_OK) {
		uint64_t now = clock_ns(), began = tick();
		note_run(&taken);
		rmw_add(&common->pops, 1);
		key = read_job(&taken);
		if (key != UINT32_MAX) {
			begin_run(key, &taken, began_ns, lease, now);
			run(&taken, key, began);
		}
	} else if (status != CACHE_MISSING) {
		wrong("a pop: %s", cache_status_name(status));
	}
	return status;
}

static void purge(void)
{
	struct store_key q = queue_of(PURGED_QUEUE);

	publish(&common->workers[me].state, PURGING);
	(void)CALL(store_queue_purge(store, &q, roll_below(&chance, 2)));
	raise_to(&common->forgiven, tick());
	publish(&common->workers[me].state, IDLE);
}

static void revive(void)
{
	struct store_key q = queue_of(roll_below(&chance, QUEUES));

	(void)CALL(store_queue_revive(store, &q, NULL));
}

static void work_once(void)
{
	uint32_t side = roll_below(&chance, 200);

	if (side < 84) {
		push_some();
	} else if (side < 96) {
		want_some();
	} else if (side < 194) {
		(void)pop_some(roll_below(&chance, 3) ? 0 : roll_below(&chance, 5) * MS, run_job);
	} else if (side < 197) {
		revive();
	} else if (side < 198) {
		purge();
	} else {
		struct store_key q = queue_of(roll_below(&chance, QUEUES));
		struct queue_info info;
		store_queue_info(store, &q, &info);
	}
}

static void ack_at_once(const struct queue_taken *taken, uint32_t key, uint64_t began)
{
	dawdle();
	ack_job(taken, key, began);
}

static void work(void)
{
	while (!load_relaxed(&common->watch.over)) {
		if (jobs_wanted) {
			(void)pop_some(20 * MS, ack_at_once);
		} else {
			work_once();
		}
	}
}

/* Whether it is a guest is known from then on. */
static void attach(void)
{
	if (store_enter(store) == CACHE_OK) {
		store_leave(store);
	}
	publish(&common->workers[me].slot, store->owner.guest ? 0 : store->owner.slot + 1);
}

static pid_t start_worker(uint32_t number, uint64_t life)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		me = number;
		my_life = load_relaxed(&common->workers[me].life);
		store_relaxed(&common->workers[me].in_call, 0);
		store_relaxed(&common->workers[me].slot, 0);
		chance = dice_of(seed * 7919 + life);
		host.host.fault = fault;
		attach();
		work();
		/* From here on others may have what it runs. */
		rmw_add(&common->workers[me].life, 1);
		_exit(0);
	}
	return pid;
}

/* ---- the one that kills ----------------------------------------------------------------------------------- */

static void note_death(uint32_t victim)
{
	struct key_notes *key = &common->keys[load_relaxed(&common->workers[victim].key)];
	uint32_t slot = load_acquire(&common->workers[victim].slot);

	deaths.kills++;
	deaths.in_call += load_relaxed(&common->workers[victim].in_call);
	deaths.with_lock += slot != 0 && slot_holds_lock(store, slot - 1);
	switch (load_acquire(&common->workers[victim].state)) {
	case ACKING:
		raise_to(&key->ran, load_relaxed(&common->workers[victim].began));
		rmw_add(&key->perhaps, 1);
		break;
	case PURGING:
		raise_to(&common->forgiven, tick());
		break;
	default:
		break;
	}
	store_relaxed(&common->workers[victim].state, IDLE);
}

struct crew {
	pid_t pids[WORKERS_MAX], watcher;
	double wakes[WORKERS_MAX]; /* when a stopped one goes on; 0: it runs */
	uint64_t lives, stops;
	struct dice dice;
};

/* Those that killed themselves, those that stopped themselves, and those whose time to go on has come. */
static void look_after(struct crew *crew)
{
	for (uint32_t i = 0; i < workers; i++) {
		int status;
		if (waitpid(crew->pids[i], &status, WNOHANG | WUNTRACED) == crew->pids[i]) {
			if (WIFSTOPPED(status)) {
				/* Longer than anybody waits for him, or shorter. */
				crew->wakes[i] =
					seconds() + (roll_below(&crew->dice, 3) ? 0.002 + roll_below(&crew->dice, 20) / 1000.0 : 0.12);
			} else {
				if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
					wrong("a process ended with status %d", WEXITSTATUS(status));
				}
				note_death(i);
				crew->wakes[i] = 0;
				crew->pids[i] = start_worker(i, ++crew->lives);
			}
		}
		if (crew->wakes[i] != 0 && seconds() > crew->wakes[i]) {
			crew->wakes[i] = 0;
			kill(crew->pids[i], SIGCONT);
		}
	}
}

static void kill_one(struct crew *crew)
{
	uint32_t victim = roll_below(&crew->dice, workers);

	if (roll_below(&crew->dice, 4) == 0) {
		crew->stops++;
		kill(crew->pids[victim], SIGSTOP);
		return; /* it is noted like one that stopped itself */
	}
	/* Before he dies: from then on others may have his jobs. */
	rmw_add(&common->workers[victim].life, 1);
	kill_child(crew->pids[victim]);
	note_death(victim);
	crew->wakes[victim] = 0;
	crew->pids[victim] = start_worker(victim, ++crew->lives);
}

static uint64_t done(void)
{
	return load_relaxed(&common->pushes) + load_relaxed(&common->pops) + load_relaxed(&common->acks) +
	       load_relaxed(&common->fails);
}

static bool goes_on(void)
{
	if (watch_hangs(&common->watch)) {
		wrong("nobody gets anywhere any more");
	}
	return load_relaxed(&common->wrong) == 0;
}

static void start_crew(struct crew *crew)
{
	*crew = (struct crew){.dice = dice_of(seed), .lives = workers};
	for (uint32_t i = 0; i < workers; i++) {
		crew->pids[i] = start_worker(i, i);
	}
	crew->watcher = watch_progress(&common->watch, done, NULL);
	come_first();
}

static void stop_crew(struct crew *crew)
{
	publish(&common->watch.over, 1);
	waitpid(crew->watcher, NULL, 0);
	for (uint32_t i = 0; i < workers; i++) {
		int status;
		kill(crew->pids[i], SIGCONT);
		while (waitpid(crew->pids[i], &status, WUNTRACED) == crew->pids[i] && WIFSTOPPED(status)) {
			kill(crew->pids[i], SIGCONT);
		}
		if (WIFSIGNALED(status)) {
			note_death(i);
		}
		rmw_add(&common->workers[i].life, 1);
	}
}

/* ---- the end -------------------------------------------------------------------------------------------- */

static uint64_t undone(void)
{
	uint64_t left = 0;

	for (uint32_t i = 0; i < QUEUES; i++) {
		struct store_key q = queue_of(i);
		struct queue_info info;
		(void)store_queue_revive(store, &q, NULL);
		store_queue_info(store, &q, &info);
		left += info.waiting + info.delayed + info.running + info.dead;
	}
	return left;
}

static void drain(void)
{
	double end = seconds() + 20;

	me = WORKERS_MAX - 1;
	owner_reap_all(&store->owner);
	while (undone() > 0 && seconds() < end) {
		while (pop_some(MS, ack_at_once) == CACHE_OK) {
		}
	}
	if (undone() > 0) {
		wrong("%llu jobs are left that nobody is given", (unsigned long long)undone());
	}
}

static void check_free(void)
{
	const struct segment *s = store->segment;
	uint32_t used = 0;

	if (verify_aloud(store, "queue_stress") != 0) {
		wrong("a rule is broken");
	}
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		used += queue_word_state(load_relaxed(&queue_job(s, i)->word)) != QUEUE_FREE;
	}
	if (used != 0 || queue_table(s)->chunks_free != queue_chunks_ready(s)) {
		wrong("%u slots and %u chunks are lost", used, queue_chunks_ready(s) - queue_table(s)->chunks_free);
	}
}

static uint64_t count_of(enum queue_counter counter)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < QUEUES; i++) {
		struct store_key q = queue_of(i);
		struct queue_info info;
		store_queue_info(store, &q, &info);
		count += info.counters[counter];
	}
	return count;
}

static bool report(const char *what, const struct crew *crew)
{
	bool failed = load_relaxed(&common->wrong) != 0;
	char text[80], gap[80];

	printf("%s - queue_stress: %s: %s, %llu of them where it hurts, %llu stops, %llu pushes, %llu runs, %llu "
	       "acknowledged, "
	       "%llu failed, %llu lost by workers, %.2f M operations, %s, %.1f s%s%s\n",
	       failed ? "not ok" : "ok", what, deaths_text(&deaths, text),
	       (unsigned long long)load_relaxed(&common->self_kills),
	       (unsigned long long)(crew->stops + load_relaxed(&common->self_stops)),
	       (unsigned long long)load_relaxed(&common->pushes), (unsigned long long)load_relaxed(&common->pops),
	       (unsigned long long)load_relaxed(&common->acks), (unsigned long long)load_relaxed(&common->fails),
	       (unsigned long long)count_of(QUEUE_lease_lost), (double)done() / 1e6, gap_text(&common->watch, gap),
	       seconds() - started, failed ? ": " : "", failed ? common->message : "");
	return !failed;
}

/* ---- what is run ---------------------------------------------------------------------------------------- */

static void open_queue(uint32_t processes, uint32_t jobs, uint32_t attempts)
{
	const struct store_options options = {
		.directory = make_folder(),
		.name = "stress",
		.size = UINT64_C(4) << 20,
		.processes = processes,
		.queue_jobs = jobs,
		.queue_attempts = attempts,
		.zero_copy = STORE_ZERO_COPY_OFF,
		.host = &host.host,
	};
	char message[256];
	enum cache_status status = store_open(&options, &store, message, sizeof message);

	if (status != CACHE_OK) {
		die("cannot open a segment: %s %s", cache_status_name(status), message);
	}
}

/* For so long, or so many kills. */
static bool work_at_random(double duration, uint64_t kills, uint32_t slots)
{
	static struct crew crew;
	double end = seconds() + duration;
	char what[64];

	open_queue(slots ? slots : 2 * WORKERS_MAX, 256, 3);
	start_crew(&crew);
	while ((kills ? deaths.kills < kills : seconds() < end) && goes_on() && !load_relaxed(&common->watch.over)) {
		usleep(roll_below(&crew.dice, 3000));
		let_go_on(done);
		look_after(&crew);
		kill_one(&crew);
	}
	stop_crew(&crew);
	drain();
	for (uint32_t i = 0; i < KEYS; i++) {
		const struct key_notes *key = &common->keys[i];
		uint64_t demanded = load_relaxed(&key->demanded);
		if (demanded > load_relaxed(&key->ran) &&
		    (i % QUEUES != PURGED_QUEUE || demanded > load_relaxed(&common->forgiven))) {
			wrong("key %u was not run since it was demanded", i);
		}
	}
	if (count_of(QUEUE_dropped) != 0) {
		wrong("there was no room for dead letters");
	}
	check_free();
	snprintf(what, sizeof what, "at random%s", slots ? ", guests" : "");
	return report(what, &crew);
}

/* The main process pushes, the others run. */
static bool run_jobs(uint32_t number)
{
	static struct crew crew;
	double end = seconds() + 90 + number / 1000.0;
	uint32_t pushed = 0, once = 0, perhaps = 0;
	char what[64];

	open_queue(2 * WORKERS_MAX, 1024, 100);
	start_crew(&crew);
	while (pushed < number && load_relaxed(&common->wrong) == 0) {
		/* A kill for each hundred jobs or so. */
		uint32_t some = 20 + roll_below(&crew.dice, 160);
		enum queue_pushed how = QUEUE_PUSH_QUEUED;
		while (some-- > 0 && pushed < number && how == QUEUE_PUSH_QUEUED) {
			how = push_key(pushed, pushed % QUEUES, pushed, 0);
			if (how == QUEUE_PUSH_QUEUED) {
				pushed++;
				rmw_add(&common->pushes, 1);
			} else if (how != QUEUE_PUSH_FULL) {
				wrong("a job is there before it was pushed");
			}
		}
		if (how == QUEUE_PUSH_FULL) {
			usleep(500);
		}
		look_after(&crew);
		if (how == QUEUE_PUSH_QUEUED) {
			kill_one(&crew);
		}
		if (seconds() > end) {
			wrong("it takes too long");
		}
	}
	while (undone() > 0 && load_relaxed(&common->wrong) == 0 && seconds() < end) {
		usleep(1000);
		look_after(&crew);
	}
	stop_crew(&crew);
	drain();
	for (uint32_t i = 0; i < number; i++) {
		uint32_t acked = load_relaxed(&common->keys[i].acked);
		once += acked == 1;
		perhaps += acked == 0 && load_relaxed(&common->keys[i].perhaps) > 0;
		if (acked > 1) {
			wrong("job %u was acknowledged %u times", i, acked);
		}
	}
	if (once + perhaps != number) {
		wrong("%u jobs were acknowledged, and %u perhaps, of %u", once, perhaps, number);
	}
	check_free();
	snprintf(what, sizeof what, "%u jobs", number);
	return report(what, &crew);
}

static bool push_the_same(void)
{
	enum { IDS = 10, TIMES = 1000 };
	static struct crew crew;
	struct store_key q;
	struct queue_info info;

	open_queue(2 * WORKERS_MAX, 256, 3);
	for (uint32_t i = 0; i < workers; i++) {
		crew.pids[i] = fork_child();
		if (crew.pids[i] == 0) {
			chance = dice_of(seed + i);
			for (uint32_t n = 0; n < IDS * TIMES; n++) {
				enum queue_pushed how = push_key(n % IDS, 0, n, 0);
				if (how != QUEUE_PUSH_QUEUED && how != QUEUE_PUSH_MERGED) {
					wrong("a push of an id that waits: %d", (int)how);
				}
				rmw_add(how == QUEUE_PUSH_QUEUED ? &common->runs_noted : &common->pushes, 1);
			}
			_exit(0);
		}
	}
	for (uint32_t i = 0; i < workers; i++) {
		waitpid(crew.pids[i], NULL, 0);
	}
	rmw_add(&common->pushes, load_relaxed(&common->runs_noted));
	q = queue_of(0);
	store_queue_info(store, &q, &info);
	if (load_relaxed(&common->runs_noted) != IDS || info.waiting != IDS || info.counters[QUEUE_pushed] != IDS) {
		wrong("%llu pushes of %u ids made %llu jobs", (unsigned long long)load_relaxed(&common->pushes), IDS,
		      (unsigned long long)info.waiting);
	}
	if (load_relaxed(&common->pushes) != (uint64_t)workers * IDS * TIMES) {
		wrong("a process did not come to its end");
	}
	drain();
	check_free();
	return report("the same ids", &crew);
}

/*
 * One process changes a word, pushes, and waits for a run that has seen the change; the other one runs. They meet where a push is merged
 * into a job that is about to begin. What the first one stores before goes to lines that the other one has: so the change is on its way for
 * as long as it may be.
 */
#define LINES 24u
static atomic_u64 *line(uint32_t i)
{
	return &common->runs[i * 8];
}

static void run_and_look(void)
{
	struct store_key q = queue_of(0);

	while (!load_relaxed(&common->watch.over)) {
		struct store_queue_wish wish;
		struct queue_taken taken;
		for (uint32_t i = roll_below(&chance, 40); i > 0; i--) {
			cpu_pause();
		}
		for (uint32_t i = 0; i < LINES; i++) {
			(void)load_relaxed(line(i));
		}
		if (store_queue_begin(store, &wish, &q, 1, 0, QUEUE_FOREVER, &taken) == CACHE_OK) {
			publish(&common->keys[0].ran, load_relaxed(line(LINES)));
			(void)store_queue_ack(store, taken.id, taken.token);
			store_relaxed(&common->acks, load_relaxed(&common->acks) + 1);
		}
	}
}

static bool merge_in_time(double duration)
{
	static struct crew crew;
	char name[32];
	struct store_key q, key;
	double end = seconds() + duration;
	uint64_t n = 0;

	open_queue(4, 256, 3);
	chance = dice_of(seed);
	crew.pids[0] = fork_child();
	if (crew.pids[0] == 0) {
		run_and_look();
		_exit(0);
	}
	q = queue_of(0);
	key = key_named(0, name);
	const struct store_job job = {.queue = &q, .key = &key, .payload = ""};
	while (seconds() < end && load_relaxed(&common->wrong) == 0) {
		double patience = seconds() + 2;
		enum queue_pushed how = store_queue_push(store, &job);
		for (uint32_t i = roll_below(&chance, 30); i > 0; i--) {
			cpu_pause();
		}
		n++;
		for (uint32_t i = 0; i <= LINES; i++) {
			store_relaxed(line(i), n);
		}
		how = store_queue_push(store, &job);
		common->pushes += how == QUEUE_PUSH_MERGED;
		while (how != QUEUE_PUSH_FULL && load_acquire(&common->keys[0].ran) < n) {
			if (seconds() > patience) {
				wrong("change %llu was not seen by a run after the push", (unsigned long long)n);
				break;
			}
		}
	}
	publish(&common->watch.over, 1);
	waitpid(crew.pids[0], NULL, 0);
	for (uint32_t i = 0; i <= LINES; i++) {
		store_relaxed(line(i), 0);
	}
	drain();
	check_free();
	return report("merged in time", &crew);
}

int main(int argc, char **argv)
{
	double duration = 8;
	uint64_t kills = 0;
	uint32_t slots = 0;
	bool same = false, meets = false, ok;
	int option;

	while ((option = getopt(argc, argv, "t:k:s:w:g:j:ef")) != -1) {
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
		case 'g':
			slots = (uint32_t)atoi(optarg);
			break;
		case 'j':
			jobs_wanted = (uint32_t)atoi(optarg);
			break;
		case 'e':
			same = true;
			break;
		case 'f':
			meets = true;
			break;
		default:
			die("usage: queue_stress [-t SECONDS | -k KILLS | -j JOBS | -e | -f] [-s SEED] [-w PROCESSES] [-g SLOTS]");
		}
	}
	if (workers < 1 || workers >= WORKERS_MAX) {
		die("1 to %u processes", WORKERS_MAX - 1);
	}
	started = seconds();
	end_after((unsigned)duration + 150 + jobs_wanted / 500 + (unsigned)kills);
	common = shared_memory(sizeof *common + (jobs_wanted + KEYS) * sizeof common->keys[0]);
	test_host_init(&host, seed);
	host.now_us = 0;
	host.hurry = HURRY;
	ok = same          ? push_the_same()
	     : meets       ? merge_in_time(duration)
	     : jobs_wanted ? run_jobs(jobs_wanted)
	                   : work_at_random(duration, kills, slots);
	return ok ? 0 : 1;
}
