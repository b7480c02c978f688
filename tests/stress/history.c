/*
 * Records what processes and threads do to a few keys at the same time, and checks that each key's history is linearizable: see
 * linear.h, and linear_model.c for what a key should do.
 *
 * usage: history [option...]
 *   -n OPERATIONS  1000000
 *   -w PROCESSES   6; or with
 *   -t             as many threads of one process
 *   -k KILLS       of processes, on the way; 0
 *   -q KEYS        8: half of them mostly integers, half mostly strings
 *   -e             beside others, in 1 MB, so that entries are evicted
 *   -s SEED
 *
 * Prints one line; the exit status says whether every key's history has an explanation.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "linear.h"
#include "watch.h"

/* What one call does in several steps is several operations at one time: as if of other processes. */
#define PROCESSES_MAX (LINEAR_PROCESSES / 3)
#define BESIDE PROCESSES_MAX
#define KEYS_MAX 64u
/* Longer than anybody waits for a lock, almost: what took so long may have given up. */
#define SLOW_NS UINT64_C(90000000)
#define LEASE_NS (UINT64_C(600) * 1000000000)
#define OTHERS 400u
#define BEFORE_NS 30000

struct recorder {
	atomic_u64 count; /* of operations; the last one may have no end yet */
	atomic_u64 numbers;
	struct operation *operations; /* mapped in all processes */
};

struct common {
	struct watched watch;
	atomic_u64 stamps; /* no two values have one */
	struct recorder recorders[PROCESSES_MAX];
};

/* What a process has learnt of a key. */
struct known {
	uint64_t token;
	int64_t stamp, value, lock, lease;
};

struct client {
	struct store *store;
	struct recorder *recorder;
	struct test_host host;
	struct dice dice, yields;
	uint8_t process;
	struct known known[KEYS_MAX];
};

static struct {
	struct common *common;
	const char *folder;
	struct store *store;
	uint64_t wanted, kills, seed;
	uint32_t processes, keys;
	bool threads, evicting;
	int64_t epoch_us; /* stamps are counted from there */
} run = {.wanted = 1000000, .processes = 6, .keys = 8, .seed = 1};

static struct {
	struct linear_death *list;
	size_t count;
} deaths;

static __thread struct client *me;

/* ---- recording ------------------------------------------------------------------------------------------ */

/* Not reordered with what stands around it: neither taken late nor early. */
static uint64_t now_ns(void)
{
	struct timespec now;

	full_fence();
	clock_gettime(CLOCK_MONOTONIC, &now);
	full_fence();
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct operation *begin(uint32_t key, enum operation_kind kind, struct operation arguments)
{
	struct recorder *r = me->recorder;
	struct operation *o = &r->operations[load_relaxed(&r->count)];

	arguments.key = (uint16_t)key;
	arguments.kind = kind;
	arguments.process = me->process;
	*o = arguments;
	o->invoked = now_ns();
	publish(&r->count, load_relaxed(&r->count) + 1);
	return o;
}

static void end(struct operation *o, bool ok)
{
	uint64_t now = now_ns();

	o->ok = ok;
	o->fate = now - o->invoked >= SLOW_NS ? FATE_UNKNOWN : FATE_KNOWN;
	full_fence();
	*(volatile uint64_t *)&o->returned = now; /* last */
}

/* ---- operations ------------------------------------------------------------------------------------------ */

static uint64_t owner_of(uint32_t key)
{
	return UINT64_C(0x11ea) << 8 | key;
}

static struct store_key name_of(uint32_t key)
{
	static __thread char name[24];

	snprintf(name, sizeof name, "history:%u", key);
	return key_of(me->store, name);
}

/* The number, or the integer; the view is unpinned. */
static void take_view(struct operation *o, struct store_view *view, uint32_t key)
{
	uint64_t number = 0;

	o->is_integer = view->type == STORE_INT || view->type == STORE_BIGINT;
	if (o->is_integer) {
		o->value = view->integer;
	} else if (view->type == STORE_STRING && value_check(view->bytes, view->size, owner_of(key), &number)) {
		o->value = (int64_t)number;
	} else {
		o->value = -1; /* which nobody has written */
	}
	store_unpin(me->store, view->pin);
}

static int64_t next_stamp(void)
{
	return run.epoch_us + (int64_t)rmw_add(&run.common->stamps, 1);
}

static int64_t next_number(void)
{
	uint64_t n = rmw_add(&me->recorder->numbers, 1) + 1;

	return (int64_t)((uint64_t)(me->process + 1) << 40 | n << 8);
}

static struct store_item item_of(uint32_t key, const struct operation *o)
{
	struct store_item item = {.stamp_us = o->b, .ttl_us = STORE_FOREVER, .stale_ttl_us = STORE_FOREVER};

	if (o->is_integer) {
		item.type = STORE_INT;
		item.integer = o->a;
	} else {
		item.type = STORE_STRING;
		item.size = VALUE_HEADER + (size_t)(hash_mix((uint64_t)o->a) % 300);
		item.bytes = value_of(owner_of(key), (uint64_t)o->a, item.size);
	}
	return item;
}

static bool wants_integer(uint32_t key)
{
	return roll_below(&me->dice, 16) == 0 ? key % 2 : !(key % 2);
}

static void read_value(uint32_t key, enum operation_kind kind)
{
	struct store_key name = name_of(key);
	struct operation *o = begin(key, kind, (struct operation){.a = 0});
	struct store_view view;
	uint64_t token = 0;
	bool found = false;

	switch (kind) {
	case OP_EXISTS:
		found = store_exists(me->store, &name) == CACHE_OK;
		break;
	case OP_GETS:
		found = store_gets(me->store, &name, &view, &token) == CACHE_OK;
		break;
	default:
		found = store_get(me->store, &name, &view) == CACHE_OK;
	}
	o->token = token;
	if (found && kind != OP_EXISTS) {
		take_view(o, &view, key);
		me->known[key].value = o->value;
		me->known[key].token = kind == OP_GETS ? token : me->known[key].token;
	}
	end(o, found);
}

/* Something else that the same call has told, of another instant of it. */
static void note_beside(const struct operation *o, uint32_t n, enum operation_kind kind, struct operation arguments)
{
	struct operation *beside;

	if (o->fate == FATE_KNOWN) {
		beside = begin(o->key, kind, arguments);
		beside->invoked = o->invoked;
		beside->process = (uint8_t)(beside->process + n * BESIDE);
		end(beside, true);
	}
}

/*
 * Its words are no snapshot together. The version is read before the stamp: a mark in between leaves a token that is outdated, which is
 * safe. An integer's is a mix with what is read later still, so it need never have been one.
 */
static void read_entry(uint32_t key)
{
	struct store_key name = name_of(key);
	struct known *known = &me->known[key];
	struct operation *o = begin(key, OP_GET_ENTRY, (struct operation){.a = 0});
	struct store_entry entry;
	uint64_t token = 0;
	bool found = store_get_entry(me->store, &name, &entry) == CACHE_OK;

	if (found) {
		o->fresh = entry.state == STORE_STATE_FRESH;
		o->stamp = entry.stamp_us;
		/* Else somebody was at work on it, and it has none. */
		token = entry.view.version == entry.version ? store_token(&entry.view) : 0;
		take_view(o, &entry.view, key);
		*known = (struct known){known->token, o->stamp, o->value, (int64_t)entry.lock, known->lease};
	}
	end(o, found);
	if (found) {
		note_beside(o, 1, OP_GET_LOCK, (struct operation){.value = (int64_t)entry.lock});
	}
	/* A token that the history does not tell is not used: the model would not know that anybody can have it. */
	if (token != 0 && !o->is_integer && o->fate == FATE_KNOWN) {
		known->token = token;
		note_beside(o, 2, OP_GET_TOKEN, (struct operation){.value = o->value, .token = token});
	}
}

static void write_value(uint32_t key, enum operation_kind kind)
{
	struct store_key name = name_of(key);
	struct known *known = &me->known[key];
	struct operation *o, arguments = {.a = next_number(), .b = next_stamp(), .is_integer = wants_integer(key)};
	struct store_item item = item_of(key, &arguments);
	enum cache_status status;

	arguments.token = kind == OP_PUT_IF && roll_below(&me->dice, 8) ? known->token : 0;
	arguments.lease = known->lease;
	o = begin(key, kind, arguments);
	switch (kind) {
	case OP_ADD:
		status = store_put(me->store, &name, &item, STORE_ADD);
		break;
	case OP_PUT_IF:
		status = store_put_if(me->store, &name, &item, arguments.token);
		break;
	case OP_COMMIT:
		status = store_commit(me->store, &name, (uint64_t)arguments.lease, &item);
		known->lease = 0;
		break;
	default:
		status = store_put(me->store, &name, &item, STORE_SET);
	}
	end(o, status == CACHE_OK);
	if (status == CACHE_NO_MEMORY || status == CACHE_BUSY) {
		o->fate = FATE_UNKNOWN;
	}
}

static void remove_value(uint32_t key, bool conditional)
{
	struct store_key name = name_of(key);
	uint64_t token = me->known[key].token;
	struct operation *o =
		begin(key, conditional ? OP_DELETE_IF : OP_DELETE, (struct operation){.token = conditional ? token : 0});
	enum cache_status status = conditional ? store_delete_if(me->store, &name, token) : store_delete(me->store, &name);

	end(o, status == CACHE_OK);
}

static void count_up(uint32_t key)
{
	struct store_key name = name_of(key);
	int64_t step = 1 + roll_below(&me->dice, 3), result = 0;
	struct operation *o = begin(key, OP_INCREMENT, (struct operation){.a = step});
	enum cache_status status = store_increment(me->store, &name, step, STORE_FOREVER, &result);

	o->value = result;
	end(o, status == CACHE_OK);
	if (status == CACHE_NO_MEMORY || status == CACHE_BUSY) {
		o->fate = FATE_UNKNOWN;
	}
	me->known[key].value = result;
}

/* Upwards, so that no integer has the same value and version, and so the same token, twice. */
static void exchange(uint32_t key)
{
	struct store_key name = name_of(key);
	struct operation arguments = {.a = me->known[key].value, .b = me->known[key].value + 1 + roll_below(&me->dice, 3)};
	struct operation *o = begin(key, OP_CAS, arguments);

	end(o, store_cas(me->store, &name, arguments.a, arguments.b) == CACHE_OK);
}

static void touch(uint32_t key)
{
	struct store_key name = name_of(key);
	struct operation arguments = {.a = me->known[key].stamp, .b = next_stamp()};
	struct store_touch wanted = {.expected_us = arguments.a, .new_us = arguments.b};
	struct operation *o = begin(key, OP_TOUCH, arguments);
	bool done = store_touch(me->store, &name, &wanted) == CACHE_OK;

	end(o, done);
	if (done) {
		me->known[key].stamp = arguments.b;
	}
}

static void mark(uint32_t key)
{
	struct store_key name = name_of(key);
	struct operation *o = begin(key, OP_MARK, (struct operation){.a = 0});

	end(o, store_mark_stale(me->store, &name) == CACHE_OK);
}

static void exchange_lock(uint32_t key)
{
	struct store_key name = name_of(key);
	struct operation arguments = {.a = me->known[key].lock, .b = next_number()};
	struct operation *o = begin(key, OP_CAS_LOCK, arguments);
	bool done = store_cas_lock(me->store, &name, (uint64_t)arguments.a, (uint64_t)arguments.b) == CACHE_OK;

	end(o, done);
	me->known[key].lock = done ? arguments.b : 0;
}

/* Who is refused is told what he read, and that somebody has the lease: that is not one step. */
static void ask(uint32_t key, bool for_lease)
{
	struct store_key name = name_of(key);
	struct operation *o = begin(key, for_lease ? OP_ASK : OP_LOOK, (struct operation){.a = 0});
	const struct store_ask question = {.lease_ns = for_lease ? LEASE_NS : 0};
	struct store_view view;
	struct store_answer answer;
	bool found = store_get_stale(me->store, &name, &question, &view, &answer) == CACHE_OK;

	if (found) {
		o->fresh = answer.state == STORE_STATE_FRESH;
		take_view(o, &view, key);
	}
	if (answer.lease > 0) {
		o->lease = answer.lease;
		me->known[key].lease = answer.lease;
	} else if (answer.lease < 0) {
		o->kind = OP_LOOK;
	}
	end(o, found);
	if (answer.lease < 0) {
		note_beside(o, 1, OP_LEASED, (struct operation){.a = 0});
	}
}

static void release(uint32_t key)
{
	struct store_key name = name_of(key);
	struct operation *o = begin(key, OP_RELEASE, (struct operation){.lease = me->known[key].lease});

	end(o, store_lease_release(me->store, &name, (uint64_t)o->lease));
	me->known[key].lease = 0;
}

static void use_lease(uint32_t key)
{
	if (me->known[key].lease == 0) {
		ask(key, true);
	} else if (roll_below(&me->dice, 6) == 0) {
		release(key);
	} else {
		write_value(key, OP_COMMIT);
	}
}

/* Unrecorded: takes room, so that something has to go. */
static void disturb(void)
{
	char name[24];
	uint32_t other = roll_below(&me->dice, OTHERS);

	snprintf(name, sizeof name, "other:%u", other);
	(void)!put_value(me->store, name, other, roll_below(&me->dice, 1000), 200 + roll_below(&me->dice, 6000));
}

static void work_once(void)
{
	uint32_t key = roll_below(&me->dice, run.keys), chance = roll_below(&me->dice, 100);

	if (run.evicting && roll_below(&me->dice, 2)) {
		disturb();
	}
	if (chance < 18) {
		read_value(key, roll_below(&me->dice, 4) ? OP_GET : OP_EXISTS);
	} else if (chance < 26) {
		read_value(key, OP_GETS);
	} else if (chance < 34) {
		read_entry(key);
	} else if (chance < 44) {
		write_value(key, OP_PUT);
	} else if (chance < 49) {
		write_value(key, OP_ADD);
	} else if (chance < 56) {
		write_value(key, OP_PUT_IF);
	} else if (chance < 61) {
		remove_value(key, roll_below(&me->dice, 2));
	} else if (chance < 75) {
		key % 2 ? touch(key) : count_up(key);
	} else if (chance < 80) {
		key % 2 ? exchange_lock(key) : exchange(key);
	} else if (chance < 84) {
		touch(key);
	} else if (chance < 88) {
		mark(key);
	} else if (chance < 91) {
		exchange_lock(key);
	} else if (chance < 94) {
		ask(key, false);
	} else {
		use_lease(key);
	}
}

/* ---- processes ------------------------------------------------------------------------------------------- */

/* In the midst of an operation others come, now and then: with few CPUs there would be little that overlaps. */
static int yield(void *context, enum cache_fault point)
{
	(void)context;
	if (me && point >= FAULT_LOCKED && roll_below(&me->yields, 200) == 0) {
		sched_yield();
	}
	return 0;
}

static uint64_t recorded(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < run.processes; i++) {
		sum += load_relaxed(&run.common->recorders[i].count);
	}
	return sum;
}

static uint64_t room_of_one(void)
{
	return run.wanted / run.processes * 4 + 4096;
}

static void live(uint32_t process, uint64_t life)
{
	static const struct cache_host *const posix = &cache_posix_host;
	struct client *client = calloc(1, sizeof *client);

	if (!client) {
		die("no memory");
	}
	me = client;
	me->process = (uint8_t)process;
	me->recorder = &run.common->recorders[process];
	me->dice = dice_of(run.seed * 7919 + process * 104729 + life);
	me->yields = dice_of(roll(&me->dice));
	me->host.host = *posix;
	me->host.host.fault = yield;
	me->store =
		open_store(run.folder, run.evicting ? STORE_SIZE_MIN : UINT64_C(16) << 20, 2 * PROCESSES_MAX, &me->host.host);
	while (!load_relaxed(&run.common->watch.over) && load_relaxed(&me->recorder->count) + 4 < room_of_one()) {
		work_once();
	}
	store_close(me->store);
}

static pid_t start(uint32_t process, uint64_t life)
{
	pid_t pid = fork_child();

	if (pid == 0) {
		live(process, life);
		_exit(0);
	}
	return pid;
}

/* What it was at returned when it was surely dead. Until then it went on: a lease that it got meanwhile may be void at once. */
static void note_death(uint32_t process, uint64_t began, uint64_t ended)
{
	struct recorder *r = &run.common->recorders[process];
	uint64_t count = load_relaxed(&r->count);
	struct operation *last = count ? &r->operations[count - 1] : NULL;

	deaths.list = realloc(deaths.list, (deaths.count + 1) * sizeof *deaths.list);
	if (!deaths.list) {
		die("no memory");
	}
	deaths.list[deaths.count++] = (struct linear_death){began, (uint8_t)process};
	if (last && last->returned == 0) {
		last->returned = ended;
		last->fate = FATE_UNKNOWN;
	}
	for (uint64_t i = count; i-- > 0 && r->operations[i].returned > began;) {
		r->operations[i].killed = began;
	}
}

static void kill_some(pid_t pids[], struct dice *dice, uint64_t *lives)
{
	uint32_t victim = roll_below(dice, run.processes);
	uint64_t began = now_ns();

	kill_child(pids[victim]);
	note_death(victim, began, now_ns());
	pids[victim] = start(victim, ++*lives);
}

static bool work_as_processes(void)
{
	struct dice dice = dice_of(run.seed);
	pid_t pids[PROCESSES_MAX], watcher;
	uint64_t lives = run.processes, kills = 0;
	bool good = true;

	for (uint32_t i = 0; i < run.processes; i++) {
		pids[i] = start(i, i);
	}
	watcher = watch_progress(&run.common->watch, recorded, NULL);
	while (recorded() < run.wanted && !watch_hangs(&run.common->watch)) {
		usleep(500);
		/* Spread over the whole history. */
		if (kills < run.kills && recorded() >= (kills + 1) * run.wanted / (run.kills + 1)) {
			kill_some(pids, &dice, &lives);
			kills++;
		}
	}
	store_relaxed(&run.common->watch.over, 1);
	waitpid(watcher, NULL, 0);
	for (uint32_t i = 0; i < run.processes; i++) {
		int status;
		good &= waitpid(pids[i], &status, 0) == pids[i] && status == 0;
	}
	return good && recorded() >= run.wanted;
}

static void *thread_main(void *context)
{
	live((uint32_t)(uintptr_t)context, 0);
	return NULL;
}

static bool work_as_threads(void)
{
	pthread_t threads[PROCESSES_MAX];

	for (uint32_t i = 0; i < run.processes; i++) {
		if (pthread_create(&threads[i], NULL, thread_main, (void *)(uintptr_t)i) != 0) {
			die("no thread");
		}
	}
	while (recorded() < run.wanted) {
		usleep(500);
	}
	store_relaxed(&run.common->watch.over, 1);
	for (uint32_t i = 0; i < run.processes; i++) {
		pthread_join(threads[i], NULL);
	}
	return true;
}

/* ---- checking -------------------------------------------------------------------------------------------- */

static int compare_tokens(const void *left, const void *right)
{
	const struct operation *const *a = left, *const *b = right;

	return ((*a)->token > (*b)->token) - ((*a)->token < (*b)->token);
}

/* No two values of a key ever have one token. */
static bool tokens_are_unique(const struct operation *operations, size_t count, char text[400])
{
	const struct operation **told = malloc((count + 1) * sizeof *told);
	size_t n = 0;
	bool good = true;

	if (!told) {
		die("no memory");
	}
	for (size_t i = 0; i < count; i++) {
		const struct operation *o = &operations[i];
		if ((o->kind == OP_GETS || o->kind == OP_GET_TOKEN) && o->fate == FATE_KNOWN && o->ok) {
			told[n++] = o;
		}
	}
	qsort(told, n, sizeof *told, compare_tokens);
	for (size_t i = 1; i < n && good; i++) {
		good = told[i]->token != told[i - 1]->token ||
		       (told[i]->value == told[i - 1]->value && told[i]->is_integer == told[i - 1]->is_integer);
		if (!good) {
			snprintf(text, 400, "key %u: token %llu of %lld and of %lld", told[i]->key,
			         (unsigned long long)told[i]->token, (long long)told[i]->value, (long long)told[i - 1]->value);
		}
	}
	free(told);
	return good;
}

struct check {
	uint64_t operations, unknown, overlapping;
	size_t states_max;
	uint32_t wrong;
};

/* What came before it, for people: a history of so many operations is not to be read as a whole. */
static void say_before(const struct operation *operations, size_t count, const struct operation *culprit)
{
	char text[160];

	for (size_t i = 0; i < count; i++) {
		const struct operation *o = &operations[i];
		if (o->invoked <= culprit->returned && o->returned + BEFORE_NS >= culprit->invoked) {
			printf("#   %+lld to %+lld ns, process %u: %s\n", (long long)(o->invoked - culprit->invoked),
			       (long long)(o->returned - culprit->invoked), o->process, operation_text(o, text));
		}
	}
}

static void check_key(uint32_t key, struct operation *operations, size_t count, struct check *check)
{
	const struct linear_options options = {.evicting = run.evicting};
	struct linear_verdict verdict;
	char text[400];

	linear_check(operations, count, deaths.list, deaths.count, &options, &verdict);
	if (verdict.ok && !tokens_are_unique(operations, count, text)) {
		verdict.ok = false;
		snprintf(verdict.text, sizeof verdict.text, "%s", text);
	}
	if (!verdict.ok) {
		printf("# history: %s: %s\n", verdict.undecided ? "too many states are possible" : "no explanation",
		       verdict.text);
		if (verdict.culprit) {
			say_before(operations, count, verdict.culprit);
		}
		check->wrong++;
	}
	check->states_max = verdict.states_max > check->states_max ? verdict.states_max : check->states_max;
	for (size_t i = 0; i < count; i++) {
		check->unknown += operations[i].fate == FATE_UNKNOWN;
	}
	(void)key;
}

/* By key, in the order of their calls. */
static int compare_operations(const void *left, const void *right)
{
	const struct operation *a = left, *b = right;

	if (a->key != b->key) {
		return a->key < b->key ? -1 : 1;
	}
	return (a->invoked > b->invoked) - (a->invoked < b->invoked);
}

static void check_all(struct check *check)
{
	struct operation *all = malloc((recorded() + 1) * sizeof *all);
	uint64_t last_return = 0;
	size_t count = 0, from = 0;

	if (!all) {
		die("no memory");
	}
	for (uint32_t i = 0; i < run.processes; i++) {
		const struct recorder *r = &run.common->recorders[i];
		memcpy(all + count, r->operations, load_relaxed(&r->count) * sizeof *all);
		count += load_relaxed(&r->count);
	}
	qsort(all, count, sizeof *all, compare_operations);
	for (size_t i = 0; i <= count; i++) {
		if (i == count || all[i].key != all[from].key) {
			check_key(all[from].key, all + from, i - from, check);
			from = i;
			last_return = 0;
		}
		if (i < count) {
			check->overlapping += all[i].invoked < last_return;
			last_return = all[i].returned > last_return ? all[i].returned : last_return;
		}
	}
	check->operations = count;
	free(all);
}

/* ---- main ------------------------------------------------------------------------------------------------ */

static void read_options(int count, char **arguments)
{
	for (int option; (option = getopt(count, arguments, "n:w:tk:q:es:")) != -1;) {
		switch (option) {
		case 'n':
			run.wanted = strtoull(optarg, NULL, 10);
			break;
		case 'w':
			run.processes = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 't':
			run.threads = true;
			break;
		case 'k':
			run.kills = strtoull(optarg, NULL, 10);
			break;
		case 'q':
			run.keys = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'e':
			run.evicting = true;
			break;
		case 's':
			run.seed = strtoull(optarg, NULL, 10);
			break;
		default:
			die("see the head of history.c for the options");
		}
	}
	if (run.processes < 1 || run.processes > PROCESSES_MAX || run.keys < 1 || run.keys > KEYS_MAX ||
	    (run.threads && run.kills)) {
		die("1 to %d processes, 1 to %u keys; threads are not killed", PROCESSES_MAX, KEYS_MAX);
	}
}

static void prepare(void)
{
	run.folder = make_folder();
	run.common = shared_memory(sizeof *run.common);
	/* An hour ago, so that no stamp is of a time to come. */
	run.epoch_us = cache_posix_host.wall_us(NULL) - INT64_C(3600) * 1000000;
	for (uint32_t i = 0; i < run.processes; i++) {
		run.common->recorders[i].operations = shared_memory(room_of_one() * sizeof(struct operation));
	}
}

int main(int count, char **arguments)
{
	struct check check = {.wrong = 0};
	double began = seconds(), worked;
	uint64_t evictions;
	unsigned broken;
	bool good;

	read_options(count, arguments);
	setvbuf(stdout, NULL, _IOLBF, 0);
	end_after((unsigned)(300 + run.wanted / 1000));
	prepare();
	good = run.threads ? work_as_threads() : work_as_processes();
	worked = seconds();
	check_all(&check);
	run.store = open_store(run.folder, run.evicting ? STORE_SIZE_MIN : UINT64_C(16) << 20, 2 * PROCESSES_MAX, NULL);
	broken = verify_aloud(run.store, "history");
	evictions = counter_sum(run.store, STORE_COUNT_evictions);
	store_close(run.store);
	good &= check.wrong == 0 && broken == 0 && check.operations > 0;
	printf("%s - history: %s%s%s, %u keys: %.2f M operations, %.0f %% of them overlapping, %llu unknown, %zu kills, "
	       "%llu evictions; %u keys "
	       "without an explanation, at most %zu states, %u rules broken; %.1f s recorded, %.1f s checked\n",
	       good ? "ok" : "not ok", run.threads ? "threads" : "processes", run.evicting ? ", evicting" : "",
	       run.kills ? ", killed" : "", run.keys, (double)check.operations / 1e6,
	       100.0 * (double)check.overlapping / (double)(check.operations ? check.operations : 1),
	       (unsigned long long)check.unknown, deaths.count, (unsigned long long)evictions, check.wrong,
	       check.states_max, broken, worked - began, seconds() - worked);
	return !good;
}
