/*
 * Processes that are killed at each step of what they do with the rebuild queue: the job is as before or as after.
 */
#include "jobs.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is there of the job "key" when the dead is cleaned up. */
struct outcome {
	unsigned waiting, dead;
	uint32_t attempt; /* of the next run */
	enum queue_end end;
	uint32_t error_length;
};

struct operation {
	const char *name;
	void (*prepare)(struct store *store);
	/* In the child. Not what it does before begin(). */
	void (*act)(struct store *store);
	bool (*is_sound)(const struct outcome *outcome, bool killed);
	unsigned passes; /* at least so many steps at which it was killed */
};

static struct step {
	enum cache_fault point;
	unsigned nth;
} step;

static void begin(void)
{
	fault_kill(step.point, step.nth);
}

/* ---- the operations ------------------------------------------------------------------------------------------ */

static void prepare_nothing(struct store *store)
{
	(void)store;
}

static void prepare_job(struct store *store)
{
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
}

static void prepare_delayed(struct store *store)
{
	CHECK_EQ(push_later(store, "q", "key", 100 * NS_PER_S), QUEUE_PUSH_QUEUED);
}

static void prepare_last_attempt(struct store *store)
{
	struct queue_taken taken;

	prepare_job(store);
	for (uint32_t attempt = 1; attempt < 3; attempt++) {
		TAKE(store, "q", "key", attempt, &taken);
		CHECK(fail_job(store, &taken, 0));
	}
}

static void prepare_letter(struct store *store)
{
	prepare_job(store);
	kill_job(store, "q", "key");
}

static void prepare_full(struct store *store)
{
	prepare_letter(store);
	for (unsigned i = 0; i < 255; i++) {
		struct store_key key = key_number(store, "filler", i);
		CHECK_EQ(push_job(store, "fillers", key.bytes), QUEUE_PUSH_QUEUED);
	}
}

static void act_push(struct store *store)
{
	begin();
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
}

/* With chunks, and a queue that is not there yet. */
static void act_push_long(struct store *store)
{
	static char payload[3000];

	begin();
	CHECK_EQ(push_all(store, "new", "key", 0, 0, payload, sizeof payload), QUEUE_PUSH_QUEUED);
}

static void act_hasten(struct store *store)
{
	begin();
	CHECK_EQ(push_urgent(store, "q", "key", 4), QUEUE_PUSH_MERGED);
}

static void act_pop(struct store *store)
{
	struct queue_taken taken;

	begin();
	CHECK(pop_any(store, "q", 0, QUEUE_FOREVER, &taken));
}

static void act_ack(struct store *store)
{
	struct queue_taken taken;

	CHECK(pop_job(store, "q", &taken));
	begin();
	CHECK(ack_job(store, &taken));
}

static void act_ack_again(struct store *store)
{
	struct queue_taken taken;

	CHECK(pop_job(store, "q", &taken));
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_AGAIN);
	begin();
	CHECK(ack_job(store, &taken));
}

static void act_fail(struct store *store)
{
	struct queue_taken taken;

	CHECK(pop_job(store, "q", &taken));
	begin();
	CHECK(fail_job(store, &taken, 0));
}

static void act_extend(struct store *store)
{
	struct queue_taken taken;

	CHECK(pop_job(store, "q", &taken));
	begin();
	CHECK(extend_job(store, &taken, QUEUE_FOREVER));
}

/* A lease that has passed. */
static void act_take_over(struct store *store)
{
	struct queue_taken taken;

	CHECK(pop_any(store, "q", 0, 1, &taken));
	clock_skip_monotonic(NS_PER_S);
	begin();
	CHECK_EQ(pop_any(store, "q", 0, QUEUE_FOREVER, &taken), taken.attempt < 3);
}

static void act_revive(struct store *store)
{
	begin();
	CHECK_EQ(revive(store, "q", NULL), 1);
}

static void act_purge(struct store *store)
{
	begin();
	CHECK_EQ(purge(store, "q", false), 1);
}

static void act_purge_dead(struct store *store)
{
	begin();
	CHECK_EQ(purge(store, "q", true), 1);
}

static void act_drop(struct store *store)
{
	begin();
	CHECK_EQ(push_job(store, "fillers", "one more"), QUEUE_PUSH_QUEUED);
}

static void act_close(struct store *store)
{
	struct queue_taken taken;

	CHECK(pop_any(store, "q", 0, QUEUE_FOREVER, &taken));
	begin();
	close_store(store);
}

/* ---- what is sound ------------------------------------------------------------------------------------------ */

static bool is_gone(const struct outcome *o)
{
	return !o->waiting && !o->dead;
}
static bool waits_for(const struct outcome *o, uint32_t attempt)
{
	return o->waiting == 1 && !o->dead && o->attempt == attempt;
}
static bool is_letter(const struct outcome *o)
{
	return !o->waiting && o->dead == 1;
}

static bool gone_or_first(const struct outcome *o, bool killed)
{
	return waits_for(o, 1) || (killed && is_gone(o));
}
static bool first(const struct outcome *o, bool killed)
{
	(void)killed;
	return waits_for(o, 1);
}
static bool second(const struct outcome *o, bool killed)
{
	(void)killed;
	return waits_for(o, 2);
}
static bool first_or_second(const struct outcome *o, bool killed)
{
	return waits_for(o, 2) || (killed && waits_for(o, 1));
}
static bool second_or_third(const struct outcome *o, bool killed)
{
	return waits_for(o, 3) || (killed && waits_for(o, 2));
}
static bool gone_or_second(const struct outcome *o, bool killed)
{
	return is_gone(o) || (killed && waits_for(o, 2));
}
static bool gone_or_waiting(const struct outcome *o, bool killed)
{
	return is_gone(o) || (killed && waits_for(o, 1));
}
static bool gone_or_letter(const struct outcome *o, bool killed)
{
	return is_gone(o) || (killed && is_letter(o));
}
static bool first_or_letter(const struct outcome *o, bool killed)
{
	return waits_for(o, 1) || (killed && is_letter(o));
}

static bool a_letter(const struct outcome *o, bool killed)
{
	return is_letter(o) && ((o->end == QUEUE_FAILED && o->error_length == 7) ||
	                        (killed && o->end == QUEUE_WORKER_DIED && o->error_length == 0));
}

static bool a_lost_letter(const struct outcome *o, bool killed)
{
	return is_letter(o) && o->error_length == 0 &&
	       (o->end == QUEUE_LEASE_PASSED || (killed && o->end == QUEUE_WORKER_DIED));
}

/* The new one is there before the letter is not, and counts. */
static bool is_replaced(const struct outcome *o, bool killed)
{
	return waits_for(o, 1) || (killed && step.point != FAULT_AFTER_PUBLISH && is_letter(o));
}

static const struct operation operations[] = {
	{"push", prepare_nothing, act_push, gone_or_first, 3},
	{"push of a long text", prepare_nothing, act_push_long, NULL, 3},
	{"push over a letter", prepare_letter, act_push, is_replaced, 5},
	{"push that hastens", prepare_delayed, act_hasten, NULL, 1},
	{"push that drops a letter", prepare_full, act_drop, gone_or_letter, 5},
	{"pop", prepare_job, act_pop, first_or_second, 3},
	{"take over", prepare_job, act_take_over, second_or_third, 5},
	{"lease lost for good", prepare_last_attempt, act_take_over, a_lost_letter, 3},
	{"ack", prepare_job, act_ack, gone_or_second, 3},
	{"ack, again", prepare_job, act_ack_again, first, 3},
	{"fail", prepare_job, act_fail, second, 3},
	{"fail for good", prepare_last_attempt, act_fail, a_letter, 3},
	{"extend", prepare_job, act_extend, second, 1},
	{"revive", prepare_letter, act_revive, first_or_letter, 3},
	{"purge", prepare_job, act_purge, gone_or_waiting, 3},
	{"purge letters", prepare_letter, act_purge_dead, gone_or_letter, 3},
	{"close", prepare_job, act_close, second, 0},
};

/* ---- the tests ---------------------------------------------------------------------------------------------- */

static void act_as_child(void *context)
{
	const struct operation *operation = context;

	operation->act(open_store(MB));
}

static struct outcome outcome_of(struct store *store)
{
	struct queue_info info = info_of(store, "q");
	struct outcome outcome = {.waiting = (unsigned)info.waiting, .dead = (unsigned)info.dead};
	struct queue_taken taken;
	struct letters letters;

	CHECK_EQ(info.running, 0);
	letters_of(store, "q", 10, &letters);
	CHECK_EQ(letters.count, info.dead);
	if (letters.count) {
		outcome.end = letters.list[0].end;
		outcome.error_length = letters.list[0].error_length;
	}
	if (pop_job(store, "q", &taken)) {
		CHECK(is_job(store, &taken, "key"));
		outcome.attempt = taken.attempt;
		CHECK(ack_job(store, &taken));
	}
	return outcome;
}

static void check_outcome(struct store *store, const struct operation *operation, bool killed)
{
	struct outcome outcome;

	CHECK_EQ(owner_reap_all(&store->owner) > 0, killed || operation->act != act_close);
	CHECK_EQ(attached(store), 1);
	CHECK_VERIFIED(store);
	if (operation->is_sound) {
		outcome = outcome_of(store);
		if (!operation->is_sound(&outcome, killed)) {
			check_failed(__FILE__, __LINE__,
			             "%s, %s at pass %u of point %d: %u waiting for attempt %u, %u letters of end %d",
			             operation->name, killed ? "killed" : "not killed", step.nth, step.point, outcome.waiting,
			             outcome.attempt, outcome.dead, outcome.end);
		}
	}
	CHECK_VERIFIED(store);
	/* The queue goes on. */
	drain(store, "q");
	drain(store, "new");
	drain(store, "fillers");
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(push_job(store, "q", (char[]){(char)('a' + i), 0}), QUEUE_PUSH_QUEUED);
	}
	CHECK_EQ(drain(store, "q"), 3);
}

static void whoever_is_killed_leaves_the_job_before_or_after(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(operations); i++) {
		const struct operation *operation = &operations[i];
		unsigned kills = 0;
		for (size_t p = 0; p < COUNT_OF(points); p++) {
			bool killed = true;
			for (unsigned nth = 1; killed; nth++) {
				int status;
				step = (struct step){points[p], nth};
				operation->prepare(store);
				status = child_wait(child_start(act_as_child, (void *)(uintptr_t)operation));
				killed = WIFSIGNALED(status);
				if (killed ? WTERMSIG(status) != SIGKILL : status != 0) {
					check_failed(__FILE__, __LINE__, "%s ended with status 0x%x", operation->name, status);
				}
				kills += killed;
				check_outcome(store, operation, killed);
			}
		}
		if (kills < operation->passes) {
			check_failed(__FILE__, __LINE__, "%s was killed at %u steps only", operation->name, kills);
		}
	}
}

static void die_while_recovering(void *context)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)context;
	fault_kill(FAULT_BEFORE_PUBLISH, 1);
	(void)pop_job(store, "q", &taken);
	CHECK(false);
}

/* And whoever cleans up after him, too. */
static void a_chain_of_the_dead_is_cleaned_up(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(push_job(store, "q", (char[]){(char)('a' + i), 0}), QUEUE_PUSH_QUEUED);
	}
	for (int i = 0; i < 5; i++) {
		int status = child_wait(child_start(die_while_recovering, NULL));
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	for (int i = 0; i < 4; i++) {
		TAKE(store, "q", ((char[]){(char)('a' + i), 0}), 1, &taken);
	}
	CHECK_VERIFIED(store);
}

static void do_anything(void *context)
{
	struct store *store = open_store(MB);
	struct rng rng = {*(uint64_t *)context};
	struct queue_taken taken;
	static char payload[2000];

	for (;;) {
		char key[8], queue[2] = {(char)('a' + rng_below(&rng, 3)), 0};
		snprintf(key, sizeof key, "%u", (unsigned)rng_below(&rng, 40));
		switch (rng_below(&rng, 8)) {
		case 0:
		case 1:
			(void)push_all(store, queue, key, rng_below(&rng, 2) * NS_PER_MS, (int32_t)rng_below(&rng, 3), payload,
			               rng_below(&rng, sizeof payload));
			break;
		case 2:
			want_job(store, queue, key);
			break;
		case 3:
			if (rng_below(&rng, 20) == 0) {
				revive(store, queue, NULL);
				purge(store, queue, rng_below(&rng, 2));
			}
			break;
		default:
			if (pop_any(store, "a b c", rng_below(&rng, 2) * NS_PER_MS, NS_PER_MS + rng_below(&rng, 2) * NS_PER_S,
			            &taken)) {
				if (rng_below(&rng, 4) == 0) {
					fail_job(store, &taken, 0);
				} else if (rng_below(&rng, 4)) {
					ack_job(store, &taken);
				}
			}
		}
		world->words[0]++;
	}
}

static void who_is_killed_anywhere_does_no_harm(void **state)
{
	enum { WORKERS = 4, KILLS = SLOW_BUILD ? 60 : 150 };
	struct store *store = open_store(MB);
	struct rng rng = {3};
	pid_t children[WORKERS];
	uint64_t seed = 0;

	(void)state;
	for (int i = 0; i < WORKERS; i++) {
		seed++;
		children[i] = child_start(do_anything, &seed);
	}
	for (int i = 0; i < KILLS; i++) {
		int victim = (int)rng_below(&rng, WORKERS);
		usleep((useconds_t)rng_below(&rng, 20000));
		kill(children[victim], SIGKILL);
		CHECK(WIFSIGNALED(child_wait(children[victim])));
		CHECK_VERIFIED(store);
		seed++;
		children[victim] = child_start(do_anything, &seed);
	}
	kill_children();
	CHECK_VERIFIED(store);
	owner_reap_all(&store->owner);
	drain(store, "a");
	drain(store, "b");
	drain(store, "c");
	print_message("%llu operations\n", (unsigned long long)world->words[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_is_killed_leaves_the_job_before_or_after),
		TEST(a_chain_of_the_dead_is_cleaned_up),
		TEST(who_is_killed_anywhere_does_no_harm),
	};

	return RUN(tests, argc, argv);
}
