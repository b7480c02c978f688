/*
 * Pairs of operations on the rebuild queue, and what may come out.
 *
 * Whoever is stopped may hold the guard: then the other one ends what it runs without it, pushes are refused and pops find nothing.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/job_queue.h"
#include "sides.h"

#define QUEUE "queue"
#define OTHER "other queue"
#define PAYLOAD 60u
#define LONG_PAYLOAD 700u
#define LEASE_NS UINT64_C(3600000000000)

static void must(bool done)
{
	if (!done) {
		die("cannot prepare");
	}
}

/* ---- operations ----------------------------------------------------------------------------------------- */

static enum queue_pushed push_to(struct race *r, const char *queue, const char *name, size_t size, int32_t priority)
{
	struct store_key q = key_of(r->store, queue), key = key_of(r->store, name);
	const struct store_job job = {
		.queue = &q,
		.key = &key,
		.payload = value_of(1, 1, size),
		.payload_length = size,
		.priority = priority,
	};

	return store_queue_push(r->store, &job);
}

static enum cache_status pop_from(struct race *r, const char *queue, uint64_t lease, uint64_t wait,
                                  struct queue_taken *taken, struct store_queue_wish *wish)
{
	static struct store_key q;

	q = key_of(r->store, queue);
	return store_queue_begin(r->store, wish, &q, 1, wait, lease, taken);
}

static bool pop_one(struct race *r, const char *queue, uint64_t lease, struct queue_taken *taken)
{
	struct store_queue_wish wish;

	return pop_from(r, queue, lease, 0, taken, &wish) == CACHE_OK;
}

/* Is the text of a job the one that was pushed for that key? */
static void check_text(struct race *r, struct side *side, const struct queue_taken *taken, const char *name)
{
	static char key[QUEUE_TEXT_MAX + 1], payload[QUEUE_TEXT_MAX];
	uint64_t number;

	if (!store_queue_read(r->store, taken, key, payload, NULL)) {
		return;
	}
	if (taken->key_length != strlen(name) || memcmp(key, name, taken->key_length) != 0 ||
	    (taken->payload_length != 0 && !value_check(payload, taken->payload_length, 1, &number))) {
		side_wrong(side, "a job says something else than was pushed");
	}
}

static void push(struct race *r, struct side *side)
{
	side->number = push_to(r, QUEUE, r->key, PAYLOAD, 0);
}
static void push_urgent(struct race *r, struct side *side)
{
	side->number = push_to(r, QUEUE, r->key, PAYLOAD, 9);
}
static void push_long(struct race *r, struct side *side)
{
	side->number = push_to(r, QUEUE, r->key, LONG_PAYLOAD, 0);
}
/* Who sleeps is woken, but there is nothing to be had yet. */
static void push_later(struct race *r, struct side *side)
{
	struct store_key q = key_of(r->store, QUEUE), key = the_key(r);
	const struct store_job job = {.queue = &q, .key = &key, .payload = "", .delay_ns = LEASE_NS};

	side->number = store_queue_push(r->store, &job);
}
static void want(struct race *r, struct side *side)
{
	struct store_key q = key_of(r->store, QUEUE), key = the_key(r);

	side->number = store_queue_want(r->store, &q, &key) ? QUEUE_PUSH_MERGED : QUEUE_PUSH_FULL;
}

/* The number is the attempt; 0: there was none. */
static void pop(struct race *r, struct side *side)
{
	struct queue_taken taken;

	if (pop_one(r, QUEUE, QUEUE_FOREVER, &taken)) {
		side->noted = race_tick(r);
		side->number = taken.attempt;
		side->seen[0] = taken.id;
		side->seen[1] = taken.token;
		check_text(r, side, &taken, r->key);
	}
}
/* It runs nothing, so that its death marks nothing. */
static void look_in(struct race *r, struct side *side)
{
	struct store_key q = key_of(r->store, QUEUE);
	struct queue_info info;

	store_queue_info(r->store, &q, &info);
	side->number = (int64_t)info.waiting;
}
static void pop_other(struct race *r, struct side *side)
{
	struct queue_taken taken;

	side->number = pop_one(r, OTHER, QUEUE_FOREVER, &taken);
}
/* The number is the one of the futex's word that it would sleep with; -1: it need not. */
static void sleep_for_it(struct race *r, struct side *side)
{
	struct queue_taken taken;
	struct store_queue_wish wish;

	enum cache_status status = pop_from(r, QUEUE, QUEUE_FOREVER, LEASE_NS, &taken, &wish);

	/* Who could not listen does not sleep; who could not look does so for a short time. */
	bool refused = wish.wish.mask == 0 || (wish.wish.others_work && wish.wish.next_ns == QUEUE_FOREVER);

	side->number = status == CACHE_MISSING && !refused ? (int64_t)wish.wish.event : -1;
}

static void ack(struct race *r, struct side *side)
{
	side->number = store_queue_ack(r->store, r->lease, r->token);
}
static void ack_and_reuse(struct race *r, struct side *side)
{
	ack(r, side);
	(void)push_to(r, QUEUE, r->other, PAYLOAD, 0);
}
static void fail(struct race *r, struct side *side)
{
	side->number = store_queue_fail(r->store, r->lease, r->token, "failed", 6, 0);
}
static void extend(struct race *r, struct side *side)
{
	side->number = store_queue_extend(r->store, r->lease, r->token, LEASE_NS);
}
static void revive(struct race *r, struct side *side)
{
	struct store_key q = key_of(r->store, QUEUE);

	side->number = store_queue_revive(r->store, &q, NULL);
}
static void reap(struct race *r, struct side *side)
{
	side->number = owner_reap_all(&r->store->owner);
}

static bool read_letter(void *context, const struct queue_taken *letter)
{
	struct race *r = context;

	check_text(r, r->x, letter, r->key);
	return true;
}
static void read_letters(struct race *r, struct side *side)
{
	struct store_key q = key_of(r->store, QUEUE);

	side->status = store_queue_letters(r->store, &q, 10, read_letter, r);
}

/* ---- what is there before ------------------------------------------------------------------------------- */

static void prepare_none(struct race *r)
{
	r->lock = &queue_table(r->store->segment)->guard.word;
	must(push_to(r, OTHER, "elsewhere", PAYLOAD, 0) == QUEUE_PUSH_QUEUED);
}
/* Somebody has announced that he sleeps, and was killed before he did. */
static void prepare_sleeper(struct race *r)
{
	struct queue_taken taken;
	struct store_queue_wish wish;

	prepare_none(r);
	must(pop_from(r, QUEUE, QUEUE_FOREVER, QUEUE_FOREVER, &taken, &wish) == CACHE_MISSING);
}
static void prepare_waiting(struct race *r)
{
	prepare_none(r);
	must(push_to(r, QUEUE, r->key, PAYLOAD, 0) == QUEUE_PUSH_QUEUED);
}
static void run_it(struct race *r, uint64_t lease)
{
	struct queue_taken taken;

	must(pop_one(r, QUEUE, lease, &taken));
	r->lease = taken.id;
	r->token = taken.token;
}
static void prepare_running(struct race *r)
{
	prepare_waiting(r);
	run_it(r, LEASE_NS);
}
static void prepare_late(struct race *r)
{
	prepare_waiting(r);
	run_it(r, 1);
}
static void prepare_again(struct race *r)
{
	prepare_waiting(r);
	run_it(r, LEASE_NS);
	must(push_to(r, QUEUE, r->key, PAYLOAD, 0) == QUEUE_PUSH_AGAIN);
}
static void prepare_letter(struct race *r)
{
	prepare_none(r);
	must(push_to(r, QUEUE, r->key, LONG_PAYLOAD, 0) == QUEUE_PUSH_QUEUED);
	for (uint32_t i = 0; i < r->store->queue_attempts; i++) {
		run_it(r, LEASE_NS);
		must(store_queue_fail(r->store, r->lease, r->token, "failed", 6, 0));
	}
}
static void kill_worker(struct race *r)
{
	pid_t pid = fork_child();
	int status;

	if (pid == 0) {
		run_it(r, QUEUE_FOREVER);
		kill(getpid(), SIGKILL);
	}
	must(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}
/* Its worker is dead, and nobody knows. */
static void prepare_orphan(struct race *r)
{
	prepare_waiting(r);
	kill_worker(r);
}

/* Two of them, with a job each. */
static void prepare_orphans(struct race *r)
{
	prepare_orphan(r);
	must(push_to(r, QUEUE, r->other, PAYLOAD, 0) == QUEUE_PUSH_QUEUED);
	kill_worker(r);
}

/* ---- what may come out ---------------------------------------------------------------------------------- */

struct jobs {
	uint32_t waiting, running, dead, again;
};

/* Of the key, when whoever has ended some without the guard is heard. */
static struct jobs look(struct race *r)
{
	const struct segment *s = r->store->segment;
	uint64_t hash = queue_hash(key_of(r->store, QUEUE).hash, the_key(r).hash);
	struct jobs jobs = {0, 0, 0, 0};

	if (queue_enter(&r->store->owner) != CACHE_OK) {
		return jobs;
	}
	queue_leave(&r->store->owner);
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		const struct queue_job *job = queue_job(s, i);
		uint64_t word = load_relaxed(&job->word);
		if (load_relaxed(&job->hash) == hash) {
			jobs.waiting += queue_word_state(word) == QUEUE_WAITING;
			jobs.running += queue_word_state(word) == QUEUE_RUNNING;
			jobs.dead += queue_word_state(word) == QUEUE_DEAD;
			jobs.again += (word & QUEUE_AGAIN) != 0;
		}
	}
	return jobs;
}

/* One job, to be had at once; and when it is done, none. */
static const char *judge_to_be_had(struct race *r)
{
	struct queue_taken taken;

	while (pop_one(r, QUEUE, QUEUE_FOREVER, &taken)) {
		if (!store_queue_ack(r->store, taken.id, taken.token)) {
			return "a run in force is not acknowledged";
		}
		if (look(r).waiting + look(r).running == 0) {
			return NULL;
		}
	}
	return "the job is not to be had";
}

static bool accepted(const struct side *side)
{
	return side->number != QUEUE_PUSH_FULL;
}

static const char *judge_push_push(struct race *r)
{
	int queued = (r->x->number == QUEUE_PUSH_QUEUED) + (r->y->number == QUEUE_PUSH_QUEUED);
	struct jobs jobs = look(r);

	if (!accepted(r->x) && !accepted(r->y)) {
		return "both were refused";
	}
	if (queued != 1 || jobs.waiting != 1 || jobs.running + jobs.dead != 0) {
		return "not one was queued, the other one merged";
	}
	return judge_to_be_had(r);
}

static const char *judge_push_pop(struct race *r)
{
	struct jobs jobs = look(r);

	if (jobs.waiting + jobs.running != 1 || (r->y->number != 0) != (jobs.running == 1)) {
		return "there is not one job";
	}
	if (r->x->number == QUEUE_PUSH_QUEUED) {
		return "it was queued though it was there";
	}
	if (r->x->number == QUEUE_PUSH_AGAIN && !(jobs.running && jobs.again)) {
		return "it is not to run again";
	}
	return r->x->number == QUEUE_PUSH_MERGED && r->y->number && r->y->noted < r->x->began
	           ? "merged into a job that had begun"
	           : NULL;
}

/* Whatever was accepted runs after the run that is acknowledged. */
static const char *judge_push_ack(struct race *r)
{
	struct jobs jobs = look(r);

	if (r->y->number != 1) {
		return "a run in force is not acknowledged";
	}
	if (jobs.running + jobs.dead != 0 || jobs.waiting != accepted(r->x)) {
		return accepted(r->x) ? "what was demanded is not run again" : "it was refused, and is there";
	}
	return accepted(r->x) ? judge_to_be_had(r) : NULL;
}

static const char *judge_want_ack(struct race *r)
{
	struct jobs jobs = look(r);

	if (r->y->number != 1) {
		return "a run in force is not acknowledged";
	}
	if (jobs.running + jobs.dead != 0 || jobs.waiting > 1) {
		return "there is more than one job";
	}
	return accepted(r->x) && r->y->ended < r->x->began && jobs.waiting == 0 ? "what is wanted is not queued" : NULL;
}

static const char *judge_pop_pop(struct race *r)
{
	if (r->x->number && r->y->number) {
		return "both were given the job";
	}
	return look(r).running == (r->x->number || r->y->number) ? NULL : "it is not as they say";
}

static const char *judge_ack_late(struct race *r)
{
	struct jobs jobs = look(r);

	if (r->x->number == 1 && r->y->number) {
		return "acknowledged, and taken over";
	}
	if (r->x->number != 1 && !r->y->number) {
		return "neither acknowledged nor taken over";
	}
	return jobs.running == (r->y->number != 0) && jobs.waiting == 0 ? NULL : "it is not as they say";
}

/* Of two ends one counts. */
static const char *judge_ack_fail(struct race *r)
{
	struct jobs jobs = look(r);

	if (r->x->number + r->y->number != 1) {
		return r->x->number ? "both ends were accepted" : "no end was accepted";
	}
	if (jobs.dead != 0 || jobs.waiting + jobs.running != (r->y->number == 1)) {
		return "it is not as they say";
	}
	return r->y->number ? judge_to_be_had(r) : NULL;
}

static const char *judge_ack_ack(struct race *r)
{
	struct jobs jobs = look(r);

	if (r->x->number + r->y->number != 1) {
		return r->x->number ? "both were accepted" : "neither was accepted";
	}
	return jobs.waiting + jobs.running + jobs.dead == 0 ? NULL : "it is there after it was acknowledged";
}

static const char *judge_gone(struct race *r)
{
	struct jobs jobs = look(r);

	if (r->y->number != 1) {
		return "a run in force is not acknowledged";
	}
	return jobs.waiting + jobs.running + jobs.dead == 0 ? NULL : "it is there after it was acknowledged";
}

static const char *judge_ended_x(struct race *r)
{
	return r->x->number == 1 ? judge_to_be_had(r) : "the end of a run in force is not accepted";
}
static const char *judge_gone_x(struct race *r)
{
	struct jobs jobs = look(r);

	return r->x->number == 1 && jobs.waiting + jobs.running + jobs.dead == 0 ? NULL
	                                                                         : "it is there, or was not acknowledged";
}
static const char *judge_extended_x(struct race *r)
{
	if (r->x->number != 1) {
		return "a run in force is not extended";
	}
	return look(r).running == 1 && store_queue_ack(r->store, r->lease, r->token) ? NULL : "it is not run any more";
}

static const char *judge_sleeper(struct race *r)
{
	bool sleeps = r->x->number == (int64_t)load_relaxed(&queue_table(r->store->segment)->event);

	return sleeps && r->y->number > 0 ? "it sleeps though there is a job" : NULL;
}

/* Whoever pushes next looks for the announcement. */
static const char *judge_announced(struct race *r)
{
	struct queue_table *table = queue_table(r->store->segment);
	bool sleeps = r->x->number == (int64_t)load_relaxed(&table->event);
	uint32_t queue = queue_find_name(r->store->segment, queue_name_hash(key_of(r->store, QUEUE).hash));

	return sleeps && !(load_relaxed(&table->sleepers) >> queue & 1) ? "it sleeps, and nobody knows" : NULL;
}

static const char *judge_letter(struct race *r)
{
	struct jobs jobs = look(r);

	if (!accepted(r->y)) {
		return jobs.waiting + jobs.dead == 1 ? NULL : "it was refused, and the letter is gone";
	}
	return jobs.waiting == 1 && jobs.dead + jobs.running == 0 ? judge_to_be_had(r)
	                                                          : "the letter has not come back as one job";
}

static const char *judge_orphan(struct race *r)
{
	struct jobs jobs = look(r);

	if (r->y->number != 0 && r->y->number != 2) {
		return "the death of its worker does not count";
	}
	if (jobs.waiting + jobs.running != 1) {
		return "there is not one job";
	}
	return r->y->number ? NULL : judge_to_be_had(r);
}

static const char *judge_recovered(struct race *r)
{
	return judge_to_be_had(r);
}

static const char *judge_orphans(struct race *r)
{
	struct queue_taken taken;
	uint32_t had = 0;

	while (pop_one(r, QUEUE, QUEUE_FOREVER, &taken)) {
		had++;
	}
	return had == 2 ? NULL : "the death of a worker does not count";
}

const struct pairing queue_pairings[] = {
	{"queue: push; push", prepare_none, push, push, judge_push_push},
	{"queue: push; pop", prepare_waiting, push_urgent, pop, judge_push_pop},
	{"queue: push; ack", prepare_running, push, ack, judge_push_ack},
	{"queue: push; ack and another push", prepare_running, push, ack_and_reuse, judge_push_ack},
	{"queue: want; ack", prepare_running, want, ack, judge_want_ack},
	{"queue: pop; pop", prepare_waiting, pop, pop, judge_pop_pop},
	{"queue: ack; pop after the lease", prepare_late, ack, pop, judge_ack_late},
	{"queue: ack; fail", prepare_running, ack, fail, judge_ack_fail},
	{"queue: ack; ack", prepare_running, ack, ack, judge_ack_ack},
	{"queue: extend; ack", prepare_running, extend, ack, judge_gone},
	{"queue: ack; pop of another", prepare_running, ack, pop_other, judge_gone_x},
	{"queue: ack that is to run again; pop of another", prepare_again, ack, pop_other, judge_ended_x},
	{"queue: fail; pop of another", prepare_running, fail, pop_other, judge_ended_x},
	{"queue: extend; pop of another", prepare_running, extend, pop_other, judge_extended_x},
	{"queue: sleep; push", prepare_none, sleep_for_it, push, judge_sleeper},
	{"queue: sleep; push of a later one", prepare_sleeper, sleep_for_it, push_later, judge_announced},
	{"queue: sleep; ack that is to run again", prepare_again, sleep_for_it, ack, judge_sleeper},
	{"queue: sleep; fail", prepare_running, sleep_for_it, fail, judge_sleeper},
	{"queue: sleep; revive", prepare_letter, sleep_for_it, revive, judge_sleeper},
	{"queue: revive; push", prepare_letter, revive, push, judge_letter},
	{"queue: letters; push", prepare_letter, read_letters, push_long, judge_letter},
	{"queue: recovery; pop", prepare_orphan, reap, pop, judge_orphan},
	{"queue: recovery of two; info", prepare_orphans, reap, look_in, judge_orphans},
	{"queue: recovery; recovery", prepare_orphan, reap, reap, judge_recovered},
	{0},
};
