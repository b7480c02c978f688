/*
 * Random operations of several participants on the rebuild queue, beside a model of arrays that says what each of them answers.
 */
#include "jobs.h"

#include <stdlib.h>

enum { QUEUES = 4, KEYS = 36, STORES = 4, JOBS = 64, GUEST = STORES - 1, OPERATIONS = SLOW_BUILD ? 100000 : 300000 };

static const char *const queue_names[QUEUES] = {"mail", "index", "q", "a longer name of a queue"};

enum state { NONE, WAITING, RUNNING, DEAD };

struct model_job {
	enum state state;
	bool again, orphan;
	int store; /* who runs it */
	uint64_t id, token, sequence;
	uint64_t due_ns;
	int64_t pushed_us, demanded_us, died_us;
	int32_t priority;
	uint32_t attempt;
	unsigned payload; /* seed */
	size_t payload_length;
	char error[QUEUE_ERROR_KEPT];
	size_t error_length;
	enum queue_end end;
};

static struct model {
	struct model_job jobs[QUEUES][KEYS];
	uint64_t counters[QUEUES][QUEUE_COUNTERS];
	uint64_t sequence;
	uint32_t attempts_max;
	unsigned seeds;
	/* Tokens that were good once. */
	struct {
		uint64_t id, token;
	} old[16];
	unsigned old_count;
} m;

static uint64_t still_ns; /* the monotonic clock */
static struct cache_host still_host;
static struct store *stores[STORES];
static struct rng rng;

static uint64_t still(void *context)
{
	(void)context;
	return still_ns;
}

static size_t key_text(unsigned queue, unsigned key, char *text)
{
	/* Some fit into the slot, some do not. */
	static const unsigned lengths[] = {1, 3, 20, 79, 80, 81, 300, 328, 329, 1000};
	size_t length = lengths[(queue + key) % COUNT_OF(lengths)];

	memset(text, 'x', length);
	text[0] = (char)('0' + key);
	return length;
}

static uint32_t chunks_of(unsigned queue, unsigned key, size_t payload_length)
{
	char text[1000];
	size_t length = key_text(queue, key, text) + payload_length;

	return length <= 80 ? 0 : (uint32_t)((length - 80 + 247) / 248);
}

#define EACH_JOB(q, k)                    \
	for (unsigned q = 0; q < QUEUES; q++) \
		for (unsigned k = 0; k < KEYS; k++)

/* ---- what the queue does by itself ---------------------------------------------------------------------------- */

static void model_after_run(struct model_job *j)
{
	bool dead = !j->again && j->attempt >= m.attempts_max;

	if (j->again) {
		j->attempt = 0;
	}
	j->again = false;
	j->state = dead ? DEAD : WAITING;
}

static void model_settle(unsigned q)
{
	for (unsigned k = 0; k < KEYS; k++) {
		struct model_job *j = &m.jobs[q][k];
		if (j->state == RUNNING && j->due_ns <= still_ns) {
			model_after_run(j);
			j->due_ns = 0;
			m.counters[q][QUEUE_lease_lost]++;
			if (j->state == DEAD) {
				j->died_us = world->wall_us;
				j->error_length = 0;
				j->end = j->orphan ? QUEUE_WORKER_DIED : QUEUE_LEASE_PASSED;
			}
		}
	}
}

static bool died_before(const struct model_job *a, const struct model_job *b)
{
	return a->died_us != b->died_us ? a->died_us < b->died_us : a->sequence < b->sequence;
}

static bool model_drop_letter(void)
{
	struct model_job *oldest = NULL;
	unsigned queue = 0;

	EACH_JOB(q, k)
	{
		struct model_job *j = &m.jobs[q][k];
		if (j->state == DEAD && (!oldest || died_before(j, oldest))) {
			oldest = j;
			queue = q;
		}
	}
	if (oldest) {
		oldest->state = NONE;
		m.counters[queue][QUEUE_dropped]++;
	}
	return oldest != NULL;
}

/* Of the dead alone: of all that could be dropped. */
static uint32_t model_used(bool chunks, bool dead)
{
	uint32_t used = 0;

	EACH_JOB(q, k)
	{
		if (m.jobs[q][k].state != NONE && (!dead || m.jobs[q][k].state == DEAD)) {
			used += chunks ? chunks_of(q, k, m.jobs[q][k].payload_length) : 1;
		}
	}
	return used;
}

/* ---- operations ------------------------------------------------------------------------------------------- */

static struct store_key queue_key(struct store *store, unsigned q)
{
	return key_of(store, queue_names[q]);
}

static enum queue_pushed model_queue(unsigned q, unsigned k, const struct store_job *job, unsigned seed)
{
	struct model_job *j = &m.jobs[q][k];

	uint32_t chunks = chunks_of(q, k, job->payload_length);

	/* Letters are dropped only if that is of use. */
	if (model_used(true, false) - model_used(true, true) + chunks > queue_chunks(JOBS)) {
		return QUEUE_PUSH_FULL;
	}
	while (model_used(true, false) + chunks > queue_chunks(JOBS) || model_used(false, false) >= JOBS) {
		if (!model_drop_letter()) {
			return QUEUE_PUSH_FULL;
		}
	}
	*j = (struct model_job){
		.state = WAITING,
		.sequence = ++m.sequence,
		.due_ns = job->delay_ns ? still_ns + job->delay_ns : 0,
		.pushed_us = world->wall_us,
		.demanded_us = world->wall_us,
		.priority = job->priority,
		.payload = seed,
		.payload_length = job->payload_length,
	};
	return QUEUE_PUSH_QUEUED;
}

static enum queue_pushed model_push(unsigned q, unsigned k, const struct store_job *job, unsigned seed, bool demands)
{
	struct model_job *j = &m.jobs[q][k];
	int64_t age = world->wall_us - j->died_us;

	switch (j->state) {
	case RUNNING:
		j->again |= demands;
		if (demands && world->wall_us > j->demanded_us) {
			j->demanded_us = world->wall_us;
		}
		return demands ? QUEUE_PUSH_AGAIN : QUEUE_PUSH_MERGED;
	case WAITING:
		if (demands) {
			j->demanded_us = world->wall_us > j->demanded_us ? world->wall_us : j->demanded_us;
		}
		if (demands && job->priority > j->priority) {
			j->priority = job->priority;
		}
		if (demands && (j->attempt == 0 || j->due_ns == QUEUE_FOREVER) && still_ns + job->delay_ns < j->due_ns) {
			j->due_ns = job->delay_ns ? still_ns + job->delay_ns : 0;
		}
		return QUEUE_PUSH_MERGED;
	case DEAD:
		if (!demands && age >= 0 && age < QUEUE_HELD_BACK_US) {
			return QUEUE_PUSH_MERGED;
		}
		if (!demands) {
			j->state = WAITING;
			j->attempt = 0;
			j->due_ns = 0;
			j->pushed_us = j->demanded_us = world->wall_us;
			j->sequence = ++m.sequence;
			return QUEUE_PUSH_QUEUED;
		}
		break;
	default:
		break;
	}
	return model_queue(q, k, job, seed);
}

static void do_push(struct store *store)
{
	static char payload[65536];
	static const uint64_t delays[] = {0, 0, 0, 1, NS_PER_MS, 20 * NS_PER_S, QUEUE_FOREVER - 1};
	static const enum queue_counter counters[] = {QUEUE_full, QUEUE_merged, QUEUE_pushed, QUEUE_again};
	unsigned q = (unsigned)rng_below(&rng, QUEUES), k = (unsigned)rng_below(&rng, KEYS), seed = ++m.seeds;
	char text[1000];
	struct store_key queue = queue_key(store, q), key = key_bytes(store, text, key_text(q, k, text));
	struct store_job job = {.queue = &queue, .key = &key, .payload = payload};
	bool demands = rng_below(&rng, 4) != 0;
	enum queue_pushed expected, pushed;

	if (demands) {
		job.delay_ns = delays[rng_below(&rng, COUNT_OF(delays))];
		job.delay_ns = job.delay_ns == QUEUE_FOREVER - 1 ? job.delay_ns - still_ns : job.delay_ns;
		job.priority = (int32_t)rng_below(&rng, 5) - 2;
		job.payload_length = rng_below(&rng, 100);
		if (rng_below(&rng, 50) == 0) {
			job.payload_length = rng_below(&rng, 65536);
		} else if (rng_below(&rng, 4) == 0) {
			job.payload_length = rng_below(&rng, 3000);
		}
	}
	value_fill(payload, job.payload_length, seed);
	expected = model_push(q, k, &job, seed, demands);
	m.counters[q][counters[expected + 1]]++;
	if (demands) {
		pushed = store_queue_push(store, &job);
		CHECK_EQ(pushed, expected);
	} else {
		CHECK_EQ(store_queue_want(store, &queue, &key), expected != QUEUE_PUSH_FULL);
	}
}

static bool starts_before(const struct model_job *a, const struct model_job *b)
{
	return a->priority != b->priority ? a->priority > b->priority : a->sequence < b->sequence;
}

static struct model_job *model_first(unsigned q)
{
	struct model_job *first = NULL;

	model_settle(q);
	for (unsigned k = 0; k < KEYS; k++) {
		struct model_job *j = &m.jobs[q][k];
		if (j->state == WAITING && j->due_ns <= still_ns && (!first || starts_before(j, first))) {
			first = j;
		}
	}
	return first;
}

static void check_text(struct store *store, const struct queue_taken *taken, unsigned q, unsigned k,
                       const struct model_job *j)
{
	static char payload[65536];
	char text[1000], key[1000];
	size_t length = key_text(q, k, text);

	CHECK_EQ(taken->key_length, length);
	CHECK_EQ(taken->payload_length, j->payload_length);
	CHECK(store_queue_read(store, taken, key, payload, NULL));
	CHECK(memcmp(key, text, length) == 0);
	CHECK(value_is(payload, j->payload_length, j->payload));
}

static void do_pop(int number)
{
	static const uint64_t leases[] = {1, NS_PER_S, NS_PER_S, 60 * NS_PER_S, QUEUE_FOREVER};
	struct store *store = stores[number];
	struct store_key queues[QUEUES];
	struct store_queue_wish wish;
	struct queue_taken taken;
	struct model_job *first = NULL;
	uint64_t lease = leases[rng_below(&rng, COUNT_OF(leases) - (number == GUEST))];
	uint32_t count = 1 + (uint32_t)rng_below(&rng, QUEUES);
	unsigned q = 0, k;
	enum cache_status status;

	for (uint32_t i = 0; i < count; i++) {
		unsigned which = (unsigned)rng_below(&rng, QUEUES);
		queues[i] = queue_key(store, which);
		if (!first) {
			q = which;
			first = model_first(q);
		}
	}
	status = store_queue_begin(store, &wish, queues, count, 0, lease, &taken);
	if (rng_below(&rng, 2)) {
		store_queue_deafen(store);
	}
	if (!first) {
		CHECK_STATUS(status, CACHE_MISSING);
		return;
	}
	CHECK_OK(status);
	k = (unsigned)(first - m.jobs[q]);
	first->state = RUNNING;
	first->attempt++;
	first->store = number;
	first->orphan = false;
	first->end = QUEUE_FAILED;
	first->due_ns = lease > UINT64_MAX - still_ns ? UINT64_MAX : still_ns + lease;
	CHECK_EQ(taken.attempt, first->attempt);
	CHECK_EQ(taken.pushed_us, first->demanded_us);
	CHECK_EQ(taken.id >> 16, first->sequence);
	CHECK(taken.token > first->token || taken.id != first->id);
	first->id = taken.id;
	first->token = taken.token;
	check_text(store, &taken, q, k, first);
}

/* One that runs, or one of before, which nobody runs. */
static struct model_job *some_run(uint64_t *id, uint64_t *token, unsigned *queue)
{
	struct model_job *found = NULL;
	unsigned seen = 0;

	EACH_JOB(q, k)
	{
		struct model_job *j = &m.jobs[q][k];
		if (j->state == RUNNING && rng_below(&rng, ++seen) == 0) {
			found = j;
			*queue = q;
		}
	}
	if (found && rng_below(&rng, 4)) {
		*id = found->id;
		*token = found->token;
		m.old[m.old_count++ % COUNT_OF(m.old)].id = *id;
		m.old[(m.old_count - 1) % COUNT_OF(m.old)].token = *token;
		return found;
	}
	unsigned which = (unsigned)rng_below(&rng, COUNT_OF(m.old));
	*id = m.old[which].id;
	*token = m.old[which].token;
	EACH_JOB(q, k)
	{
		struct model_job *j = &m.jobs[q][k];
		if (j->state == RUNNING && j->id == *id && j->token == *token) {
			*queue = q;
			return j;
		}
	}
	return NULL;
}

static void do_ack(struct store *store)
{
	uint64_t id, token;
	unsigned q = 0;
	struct model_job *j = some_run(&id, &token, &q);

	CHECK_EQ(store_queue_ack(store, id, token), j != NULL);
	if (!j) {
		return;
	}
	m.counters[q][QUEUE_acked]++;
	if (j->again) {
		j->again = false;
		j->state = WAITING;
		j->attempt = 0;
		j->due_ns = 0;
		j->pushed_us = world->wall_us;
		j->sequence = ++m.sequence;
	} else {
		j->state = NONE;
	}
}

static void do_extend(struct store *store)
{
	uint64_t id, token, lease = rng_below(&rng, 100) * NS_PER_S + 1;
	unsigned q = 0;
	struct model_job *j = some_run(&id, &token, &q);

	if (j && j->orphan) {
		return; /* nobody does so */
	}
	CHECK_EQ(store_queue_extend(store, id, token, lease), j != NULL);
	if (j) {
		j->due_ns = still_ns + lease;
	}
}

static void do_fail(struct store *store)
{
	static const uint64_t retries[] = {0, 1, NS_PER_S, 30 * NS_PER_S, QUEUE_FOREVER - 1};
	uint64_t id, token, retry = retries[rng_below(&rng, COUNT_OF(retries))];
	char error[300];
	size_t length = rng_below(&rng, sizeof error);
	unsigned q = 0;
	struct model_job *j = some_run(&id, &token, &q);

	value_fill(error, length, m.sequence);
	CHECK_EQ(store_queue_fail(store, id, token, error, length, retry), j != NULL);
	if (!j) {
		return;
	}
	m.counters[q][QUEUE_failed]++;
	model_after_run(j);
	j->due_ns = retry == 0 ? 0 : retry > UINT64_MAX - still_ns ? UINT64_MAX : still_ns + retry;
	j->error_length = length < QUEUE_ERROR_KEPT ? length : QUEUE_ERROR_KEPT;
	memcpy(j->error, error, j->error_length);
	j->end = QUEUE_FAILED;
	j->died_us = world->wall_us;
}

static int by_death(const void *a, const void *b)
{
	return died_before(*(struct model_job *const *)a, *(struct model_job *const *)b) ? 1 : -1;
}

/* The model's job of a letter. */
static struct model_job *job_of(unsigned q, const struct queue_taken *letter)
{
	for (unsigned k = 0; k < KEYS; k++) {
		struct model_job *j = &m.jobs[q][k];
		if (j->state == DEAD && j->sequence == letter->id >> 16) {
			return j;
		}
	}
	return NULL;
}

static void do_letters(struct store *store)
{
	static struct letters letters;
	unsigned q = (unsigned)rng_below(&rng, QUEUES), count = 0;
	uint32_t limit = (uint32_t)rng_below(&rng, 20);
	struct model_job *expected[KEYS];

	model_settle(q);
	for (unsigned k = 0; k < KEYS; k++) {
		if (m.jobs[q][k].state == DEAD) {
			expected[count++] = &m.jobs[q][k];
		}
	}
	qsort(expected, count, sizeof expected[0], by_death);
	letters_of(store, queue_names[q], limit, &letters);
	CHECK_EQ(letters.count, count < limit ? count : limit);
	for (unsigned i = 0; i < letters.count; i++) {
		const struct queue_taken *letter = &letters.list[i];
		char error[QUEUE_ERROR_KEPT];
		CHECK_EQ(letter->id >> 16, expected[i]->sequence);
		CHECK_EQ(letter->died_us, expected[i]->died_us);
		CHECK_EQ(letter->attempt, expected[i]->attempt);
		CHECK_EQ(letter->end, expected[i]->end);
		CHECK_EQ(letter->error_length, expected[i]->error_length);
		CHECK(store_queue_read(store, letter, NULL, NULL, error));
		CHECK(memcmp(error, expected[i]->error, letter->error_length) == 0);
		check_text(store, letter, q, (unsigned)(expected[i] - m.jobs[q]), expected[i]);
	}
}

static int by_slot(const void *a, const void *b)
{
	return ((const struct queue_taken *)a)->slot < ((const struct queue_taken *)b)->slot ? -1 : 1;
}

static void do_revive(struct store *store)
{
	static struct letters letters;
	unsigned q = (unsigned)rng_below(&rng, QUEUES), k = (unsigned)rng_below(&rng, KEYS);
	bool all = rng_below(&rng, 4) == 0;
	char text[1000];
	struct store_key queue = queue_key(store, q), key = key_bytes(store, text, key_text(q, k, text));
	uint32_t expected = 0;

	model_settle(q);
	/* In the order of their slots. */
	letters_of(store, queue_names[q], UINT32_MAX, &letters);
	qsort(letters.list, letters.count, sizeof letters.list[0], by_slot);
	for (unsigned i = 0; i < letters.count; i++) {
		struct model_job *j = job_of(q, &letters.list[i]);
		CHECK(j != NULL);
		if (all || j == &m.jobs[q][k]) {
			j->state = WAITING;
			j->attempt = 0;
			j->due_ns = 0;
			j->sequence = ++m.sequence;
			expected++;
		}
	}
	CHECK_EQ(store_queue_revive(store, &queue, all ? NULL : &key), expected);
}

static void do_purge(struct store *store)
{
	unsigned q = (unsigned)rng_below(&rng, QUEUES);
	bool dead = rng_below(&rng, 2);
	uint32_t expected = 0;

	model_settle(q);
	for (unsigned k = 0; k < KEYS; k++) {
		struct model_job *j = &m.jobs[q][k];
		if (j->state == (dead ? DEAD : WAITING)) {
			j->state = NONE;
			expected++;
		}
	}
	CHECK_EQ(purge(store, queue_names[q], dead), expected);
}

static void do_info(struct store *store)
{
	unsigned q = (unsigned)rng_below(&rng, QUEUES);
	struct queue_info info, expected = {0};

	model_settle(q);
	for (unsigned k = 0; k < KEYS; k++) {
		struct model_job *j = &m.jobs[q][k];
		if (j->state == WAITING && j->due_ns <= still_ns) {
			expected.waiting++;
			expected.oldest_us =
				expected.oldest_us && expected.oldest_us < j->pushed_us ? expected.oldest_us : j->pushed_us;
		}
		expected.delayed += j->state == WAITING && j->due_ns > still_ns;
		expected.running += j->state == RUNNING;
		expected.dead += j->state == DEAD;
	}
	info = info_of(store, queue_names[q]);
	CHECK_EQ(info.waiting, expected.waiting);
	CHECK_EQ(info.delayed, expected.delayed);
	CHECK_EQ(info.running, expected.running);
	CHECK_EQ(info.dead, expected.dead);
	CHECK_EQ(info.oldest_us, expected.oldest_us);
	for (int i = 0; i < QUEUE_COUNTERS; i++) {
		if (info.counters[i] != m.counters[q][i]) {
			check_failed(__FILE__, __LINE__, "%s of %s is %llu, not %llu", queue_counter_names[i], queue_names[q],
			             (unsigned long long)info.counters[i], (unsigned long long)m.counters[q][i]);
		}
	}
}

static struct store *open_still(void)
{
	struct store_options options = options_for(MB);

	options.host = &still_host;
	options.processes = STORES - 1;
	options.queue_jobs = JOBS;
	options.queue_attempts = m.attempts_max;
	return open_with(&options);
}

/* Leaves, and comes back. Its jobs are for others; those of a guest are known by their deadline alone. */
static void do_leave(void)
{
	int number = (int)rng_below(&rng, STORES);

	close_store(stores[number]);
	stores[number] = NULL;
	EACH_JOB(q, k)
	{
		struct model_job *j = &m.jobs[q][k];
		if (j->state == RUNNING && j->store == number && number != GUEST && !j->orphan) {
			j->orphan = true;
			j->due_ns = 0;
		}
	}
	stores[number] = open_still();
	CHECK_EQ(stores[number]->owner.guest, number == GUEST);
}

static void do_wait(void)
{
	static const uint64_t steps[] = {1, NS_PER_MS, 100 * NS_PER_MS, NS_PER_S, 20 * NS_PER_S, 100 * NS_PER_S};

	still_ns += rng_below(&rng, steps[rng_below(&rng, COUNT_OF(steps))] + 1);
	clock_advance((int64_t)rng_below(&rng, 3 * US_PER_S));
	if (rng_below(&rng, 20) == 0) {
		clock_advance((int64_t)rng_below(&rng, 400 * US_PER_S) - 100 * US_PER_S);
	}
}

/* In stretches in which there is more of one thing than of another, so that it fills and empties. */
static void do_something(unsigned mood)
{
	int number = (int)rng_below(&rng, STORES);
	struct store *store = stores[number];
	uint64_t dice = rng_below(&rng, 200);

	if (dice < 80) {
		if (mood & 1) {
			do_push(store);
		} else {
			do_pop(number);
		}
	} else if (dice < 110) {
		do_push(store);
	} else if (dice < 130) {
		do_pop(number);
	} else if (dice < 160) {
		if (mood & 2) {
			do_fail(store);
		} else {
			do_ack(store);
		}
	} else if (dice < 168) {
		do_extend(store);
	} else if (dice < 176) {
		do_wait();
	} else if (dice < 184) {
		do_info(store);
	} else if (dice < 190) {
		do_letters(store);
	} else if (dice < 195) {
		do_revive(store);
	} else if (dice < 197) {
		if (rng_below(&rng, 6) == 0) {
			do_purge(store);
		}
	} else {
		do_leave();
	}
}

static void it_answers_like_the_model(void **state)
{
	(void)state;
	memset(&m, 0, sizeof m);
	m.attempts_max = 3;
	rng.state = 20;
	still_ns = 5 * NS_PER_S;
	still_host = test_host;
	still_host.monotonic_ns = still;
	for (int i = 0; i < STORES; i++) {
		stores[i] = open_still();
	}
	CHECK(stores[GUEST]->owner.guest);
	for (unsigned i = 0; i < OPERATIONS; i++) {
		do_something(i / 200);
		if (i % 250 == 0) {
			CHECK_VERIFIED(stores[i / 250 % STORES]);
		}
	}
	CHECK_VERIFIED(stores[0]);
	for (unsigned q = 0; q < QUEUES; q++) {
		print_message("%s:", queue_names[q]);
		for (int i = 0; i < QUEUE_COUNTERS; i++) {
			print_message(" %llu %s", (unsigned long long)m.counters[q][i], queue_counter_names[i]);
			CHECK(m.counters[q][i] > 0);
		}
		print_message("\n");
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(it_answers_like_the_model),
	};

	return RUN(tests, argc, argv);
}
