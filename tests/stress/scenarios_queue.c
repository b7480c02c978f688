/*
 * The rebuild queue.
 *
 * Of each scenario it is said through which views the job "op" comes, by the words of the slots with its key. What recovery must
 * make of a view follows from it: a run of somebody dead is to be repeated, or was the last one; a dead letter gives way to a job
 * of its key. All other jobs are as they were. In the end each job that is there is handed out once, with the text that was
 * pushed, can be pushed again, and leaves neither a slot nor a chunk.
 */
#include "snapstep.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/job_queue.h"

#define ATTEMPTS 3u
#define SECOND_NS UINT64_C(1000000000)
#define LEASE_NS (10 * SECOND_NS)
#define LATER_NS (3600 * SECOND_NS)
/* Of the monotonic clock, each time that it is looked at. */
#define TICK_NS 1000
#define NOTES_MAX 300

static void must(bool done)
{
	if (!done) {
		die("cannot prepare");
	}
}

/* ---- what the queue looks like -------------------------------------------------------------------------- */

/* Jobs of one key, by state; the attempt and the mark are those of the one that is not dead, if there is one. */
struct view {
	uint8_t waiting, running, dead, done, attempt, again;
};
enum runner { DEAD_ONE, SURVIVOR, GUEST };

/* A job that was pushed. The first one is "op". */
struct note {
	char queue[24], key[24];
	uint32_t size;
	struct view view;
	enum runner runner;
	uint64_t id, token; /* of the survivor's run */
};

static struct {
	struct note notes[NOTES_MAX];
	struct view views[8];
	uint32_t count, seen, view_count;
	uint32_t victim; /* the note of one that may go; 0: none */
	bool victim_gone;
	bool guard_held; /* by the survivor, all the time */
	bool is_over;    /* the lease of op's runner */
	uint64_t ticks;
} way;

static bool same_view(struct view a, struct view b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static uint64_t hash_of(const struct store *store, const struct note *note)
{
	return queue_hash(key_of(store, note->queue).hash, key_of(store, note->key).hash);
}

static void add_to_view(struct view *view, uint64_t word)
{
	enum queue_state state = queue_word_state(word);

	view->waiting += state == QUEUE_WAITING;
	view->running += state == QUEUE_RUNNING;
	view->dead += state == QUEUE_DEAD;
	view->done += state == QUEUE_DONE;
	if (state != QUEUE_DEAD || view->waiting + view->running + view->done == 0) {
		view->attempt = (uint8_t)queue_word_attempt(word);
		view->again = (word & QUEUE_AGAIN) != 0;
	}
}

/* Of all notes; the text of each is what was pushed. */
static const char *views_now(const struct store *store, struct view views[NOTES_MAX])
{
	const struct segment *s = store->segment;
	uint64_t hashes[NOTES_MAX];

	memset(views, 0, NOTES_MAX * sizeof *views);
	for (uint32_t n = 0; n < way.count; n++) {
		hashes[n] = hash_of(store, &way.notes[n]);
	}
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		const struct queue_job *job = queue_job(s, i);
		uint64_t word = load_relaxed(&job->word);
		uint32_t n = 0;
		bool valid;
		if (queue_word_state(word) == QUEUE_FREE) {
			continue;
		}
		while (n < way.count && hashes[n] != load_relaxed(&job->hash)) {
			n++;
		}
		if (n == way.count) {
			return "there is a job that nobody pushed";
		}
		if (queue_text_checksum(s, job, &valid) != job->checksum || !valid) {
			return "a text is not what was pushed";
		}
		add_to_view(&views[n], word);
	}
	return NULL;
}

/* What recovery and the next look at the time leave of it. */
static struct view recovered_view(const struct note *note, struct view view, bool alone, bool is_over)
{
	bool lost = note->runner == DEAD_ONE || (note->runner == SURVIVOR && alone) || is_over;

	view.done = 0;
	if (view.running && lost) {
		view.running = 0;
		if (!view.again && view.attempt >= ATTEMPTS) {
			view.dead = 1;
		} else {
			view.waiting = 1;
			view.attempt = view.again ? 0 : view.attempt;
		}
		view.again = 0;
	}
	if (view.waiting) {
		view.dead = 0;
		view.again = 0;
	}
	if (view.waiting + view.running + view.dead == 0) {
		view.attempt = view.again = 0;
	}
	return view;
}

static struct store_key queue_key(const struct store *store, uint32_t note)
{
	return key_of(store, way.notes[note].queue);
}

/* The queues of all jobs, each once. */
static uint32_t all_queues(const struct store *store, struct store_key queues[QUEUE_NAMES])
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < way.count; n++) {
		struct store_key queue = queue_key(store, n);
		uint32_t i = 0;
		while (i < count && queues[i].hash != queue.hash) {
			i++;
		}
		if (i == count && count < QUEUE_NAMES) {
			queues[count++] = queue;
		}
	}
	return count;
}

/* ---- what is asked -------------------------------------------------------------------------------------- */

static const char *look_at_reader(struct store *store)
{
	static struct view now[NOTES_MAX];
	const char *wrong = views_now(store, now);

	if (wrong) {
		return wrong;
	}
	if (way.notes[0].runner == GUEST) {
		/* He dies before his deadline is noted: it has passed. */
		const struct queue_job *job = queue_unique_find(store->segment, hash_of(store, &way.notes[0]));
		way.is_over = job && load_relaxed(&job->due_ns) == 0;
	}
	if (!same_view(now[0], way.views[way.seen])) {
		if (way.seen + 1 == way.view_count || !same_view(now[0], way.views[way.seen + 1])) {
			return "the job is not on its way";
		}
		way.seen++;
	}
	for (uint32_t n = 1; n < way.count; n++) {
		way.victim_gone |= n == way.victim && same_view(now[n], (struct view){0});
		if (!same_view(now[n], way.notes[n].view) && !(n == way.victim && way.victim_gone)) {
			return "another job is not what it was";
		}
	}
	return NULL;
}

static const char *describe(const struct note *note, struct view view)
{
	static char text[128];

	snprintf(text, sizeof text, "recovery has left something else of %s: %u waiting, %u running, %u dead, attempt %u%s",
	         note->key, view.waiting, view.running, view.dead, view.attempt, view.again ? ", again" : "");
	return text;
}

static const char *look_at_recovered(struct world *w, struct store *store)
{
	static struct view now[NOTES_MAX];
	struct store_key queues[QUEUE_NAMES];
	struct queue_table *table = queue_table(store->segment);
	bool alone = store != w->b;
	const char *wrong;

	if (way.guard_held && !alone) {
		lock_release(&table->guard);
	}
	if (load_relaxed(&table->guard.word) != 0) {
		return "the guard is shut";
	}
	for (uint32_t i = all_queues(store, queues); i-- > 0;) {
		struct queue_info info;
		store_queue_info(store, &queues[i], &info);
	}
	wrong = views_now(store, now);
	for (uint32_t n = 0; n < way.count && !wrong; n++) {
		const struct note *note = &way.notes[n];
		struct view expected = n == 0 ? way.views[way.seen] : note->view;
		if (n == way.victim && n != 0 && way.victim_gone) {
			expected = (struct view){0};
		}
		if (!same_view(now[n], recovered_view(note, expected, alone, n == 0 && way.is_over))) {
			wrong = describe(note, now[n]);
		}
	}
	return wrong;
}

static const char *look_at_queue(struct world *w, struct store *store, bool recovered)
{
	const char *wrong;

	w->host.ticks = way.ticks;
	wrong = recovered ? look_at_recovered(w, store) : look_at_reader(store);
	w->host.ticks = way.ticks;
	return wrong;
}

/* ---- what it is still worth ----------------------------------------------------------------------------- */

static enum queue_pushed push_note(struct store *store, uint32_t n, int32_t priority, uint64_t delay)
{
	const struct note *note = &way.notes[n];
	struct store_key queue = key_of(store, note->queue), key = key_of(store, note->key);
	const struct store_job job = {
		.queue = &queue,
		.key = &key,
		.payload = value_of(n + 1, 7, note->size),
		.payload_length = note->size,
		.flags = 3,
		.delay_ns = delay,
		.priority = priority,
	};

	return store_queue_push(store, &job);
}

/* The number of the job that was handed out; UINT32_MAX: none, UINT32_MAX - 1: it says something else than was pushed. */
static uint32_t pop_any(struct store *store, uint64_t lease, struct queue_taken *taken)
{
	static char key[QUEUE_TEXT_MAX + 1], payload[QUEUE_TEXT_MAX];
	static struct store_key queues[QUEUE_NAMES];
	struct store_queue_wish wish;
	uint32_t count = all_queues(store, queues);
	uint64_t number;

	if (store_queue_begin(store, &wish, queues, count, 0, lease, taken) != CACHE_OK) {
		return UINT32_MAX;
	}
	if (!store_queue_read(store, taken, key, payload, NULL) || taken->flags != 3) {
		return UINT32_MAX - 1;
	}
	for (uint32_t n = 0; n < way.count; n++) {
		const struct note *note = &way.notes[n];
		if (taken->key_length == strlen(note->key) && memcmp(key, note->key, taken->key_length) == 0) {
			return taken->payload_length == note->size && value_check(payload, note->size, n + 1, &number) &&
			               number == 7
			           ? n
			           : UINT32_MAX - 1;
		}
	}
	return UINT32_MAX - 1;
}

/* Pops and acknowledges all that there is. */
static const char *run_all(struct store *store, uint8_t runs[NOTES_MAX])
{
	struct queue_taken taken;
	uint32_t n;

	memset(runs, 0, NOTES_MAX);
	while ((n = pop_any(store, QUEUE_FOREVER, &taken)) != UINT32_MAX) {
		if (n == UINT32_MAX - 1) {
			return "a job does not say what was pushed";
		}
		runs[n]++;
		if (!store_queue_ack(store, taken.id, taken.token)) {
			return "a run cannot be acknowledged";
		}
		if (store_queue_ack(store, taken.id, taken.token)) {
			return "a run is acknowledged twice";
		}
	}
	return NULL;
}

/* What the survivor runs it still does. */
static const char *end_own_runs(struct store *store, bool runs[NOTES_MAX])
{
	for (uint32_t n = 0; n < way.count; n++) {
		const struct note *note = &way.notes[n];
		struct view view = n == 0 ? way.views[way.seen] : note->view;
		bool over = n == 0 && way.is_over;
		runs[n] = true;
		if (note->runner != SURVIVOR || note->token == 0) {
			continue;
		}
		if (store_queue_ack(store, note->id, note->token) != (view.running && !over)) {
			return over ? "a run that was taken over is acknowledged" : "the survivor has lost its run";
		}
		runs[n] = !view.running || over || view.again;
	}
	return NULL;
}

static const char *go_on(struct world *w, struct store *store, bool alone)
{
	static uint8_t runs[NOTES_MAX];
	static bool expected[NOTES_MAX];
	const struct segment *s = store->segment;
	struct store_key queues[QUEUE_NAMES];
	const char *wrong = NULL;
	uint32_t used = 0;

	memset(expected, true, sizeof expected);
	if (!alone) {
		wrong = end_own_runs(store, expected);
	}
	w->host.ticks += 2 * LATER_NS;
	for (uint32_t i = all_queues(store, queues); i-- > 0;) {
		(void)store_queue_revive(store, &queues[i], NULL);
	}
	wrong = wrong ? wrong : run_all(store, runs);
	for (uint32_t n = 0; n < way.count && !wrong; n++) {
		struct view view = recovered_view(&way.notes[n], n == 0 ? way.views[way.seen] : way.notes[n].view, alone,
		                                  n == 0 && way.is_over);
		bool there = view.waiting + view.running + view.dead > 0 && expected[n] &&
		             !(n != 0 && n == way.victim && way.victim_gone);
		if (runs[n] != there) {
			wrong = runs[n] > 1 ? "a job is handed out twice"
			        : there     ? "a job is lost"
			                    : "a job is handed out that is not there";
		}
	}
	for (uint32_t n = 0; n < way.count && n < 8 && !wrong; n++) {
		wrong = push_note(store, n, 0, 0) == QUEUE_PUSH_QUEUED ? NULL : "a job cannot be pushed again";
	}
	wrong = wrong ? wrong : run_all(store, runs);
	for (uint32_t n = 0; n < way.count && n < 8 && !wrong; n++) {
		wrong = runs[n] == 1 ? NULL : "a job that was pushed again is not handed out once";
	}
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		used += queue_word_state(load_relaxed(&queue_job(s, i)->word)) != QUEUE_FREE;
	}
	if (!wrong && (used != 0 || queue_table(s)->chunks_free != queue_chunks_ready(s))) {
		wrong = "slots or chunks are lost";
	}
	return wrong;
}

static const char *finish_queue(struct world *w, struct store *store, bool done, bool alone)
{
	const char *wrong;

	(void)done;
	wrong = go_on(w, store, alone);
	w->host.ticks = way.ticks;
	return wrong;
}

static bool came_through(struct world *w)
{
	(void)w;
	return way.seen == way.view_count - 1;
}

/* ---- preparing ------------------------------------------------------------------------------------------ */

static struct note *note(const char *queue, const char *key, uint32_t size)
{
	struct note *n = &way.notes[way.count++];

	snprintf(n->queue, sizeof n->queue, "%s", queue);
	snprintf(n->key, sizeof n->key, "%s", key);
	n->size = size;
	return n;
}

static uint32_t number_of(const struct note *n)
{
	return (uint32_t)(n - way.notes);
}

static struct note *queued(struct world *w, const char *queue, const char *key, uint32_t size, uint64_t delay)
{
	struct note *n = note(queue, key, size);

	must(push_note(w->a, number_of(n), 0, delay) == QUEUE_PUSH_QUEUED);
	n->view = (struct view){.waiting = 1};
	return n;
}

/* The survivor runs that job of a queue of its own. */
static void run_it(struct world *w, struct note *n, uint64_t lease)
{
	struct store_key queue = key_of(w->a, n->queue);
	struct store_queue_wish wish;
	struct queue_taken taken;

	must(store_queue_begin(w->a, &wish, &queue, 1, 0, lease, &taken) == CACHE_OK);
	n->runner = SURVIVOR;
	n->id = taken.id;
	n->token = taken.token;
	n->view = (struct view){.running = 1, .attempt = (uint8_t)taken.attempt};
}

/* By the survivor, until the job waits for its retry, or is dead. */
static void fail_it(struct world *w, struct note *n, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++) {
		run_it(w, n, QUEUE_FOREVER);
		must(store_queue_fail(w->a, n->id, n->token, "failed", 6, 0));
	}
	n->runner = DEAD_ONE;
	n->token = 0;
	n->view = (struct view){.waiting = times < ATTEMPTS, .dead = times >= ATTEMPTS, .attempt = (uint8_t)times};
}

/* Jobs that the operation has nothing to do with; "op" is noted only. */
static void prepare(struct world *w, uint32_t size)
{
	memset(&way, 0, sizeof way);
	test_host_stop_clock(&w->host);
	w->host.tick_ns = TICK_NS;
	model_put(&w->model, w->a, "a value", 40);
	note("queue", "op", size);
	queued(w, "other", "ready", 40, 0);
	queued(w, "other", "long", 1200, 0);
	queued(w, "other", "later", 40, LATER_NS);
	fail_it(w, queued(w, "third", "letter", 300, 0), ATTEMPTS);
	run_it(w, queued(w, "fourth", "running", 40, 0), QUEUE_FOREVER);
}

/* When the child is ready the job looks like the first of them, in the end like the last one. */
static void views(struct world *w, const struct view *list, uint32_t count)
{
	way.ticks = w->host.ticks;
	way.view_count = count;
	memcpy(way.views, list, count * sizeof *list);
}
#define VIEWS(w, ...) \
	views(w, (const struct view[]){__VA_ARGS__}, sizeof((const struct view[]){__VA_ARGS__}) / sizeof(struct view))

static void push_op(struct world *w, uint64_t delay)
{
	must(push_note(w->a, 0, 0, delay) == QUEUE_PUSH_QUEUED);
}

/* ---- pushing -------------------------------------------------------------------------------------------- */

static void act_push(struct world *w)
{
	w->shared->number = push_note(w->a, 0, 5, 0);
}
static void act_want(struct world *w)
{
	struct store_key queue = key_of(w->a, "queue"), key = key_of(w->a, "op");

	w->shared->number = store_queue_want(w->a, &queue, &key);
}

static bool pushed(struct world *w)
{
	return came_through(w) && w->shared->number == QUEUE_PUSH_QUEUED;
}
static bool merged(struct world *w)
{
	return came_through(w) && w->shared->number == QUEUE_PUSH_MERGED;
}
static bool again(struct world *w)
{
	return came_through(w) && w->shared->number == QUEUE_PUSH_AGAIN;
}
static bool done(struct world *w)
{
	return came_through(w) && w->shared->number == 1;
}

static const struct queue_job *op_job(struct world *w)
{
	return queue_unique_find(w->a->segment, hash_of(w->a, &way.notes[0]));
}
static bool hastened(struct world *w)
{
	const struct queue_job *job = op_job(w);

	return merged(w) && job && job->priority == 5 && load_relaxed(&job->due_ns) == 0 && job->heap == QUEUE_READY_HEAP;
}

static void prepare_push(struct world *w)
{
	prepare(w, 30);
	VIEWS(w, {0}, {.waiting = 1});
}
static void prepare_push_long(struct world *w)
{
	prepare(w, 1000);
	VIEWS(w, {0}, {.waiting = 1});
}
static void prepare_push_grow(struct world *w)
{
	prepare(w, 1500);
	queued(w, "other", "very long", 29000, 0);
	VIEWS(w, {0}, {.waiting = 1});
}
static void prepare_merge(struct world *w)
{
	prepare(w, 30);
	push_op(w, 0);
	VIEWS(w, {.waiting = 1});
}
static void prepare_merge_delayed(struct world *w)
{
	prepare(w, 30);
	push_op(w, LATER_NS / 2);
	VIEWS(w, {.waiting = 1});
}
static void prepare_letter(struct world *w)
{
	prepare(w, 500);
	push_op(w, 0);
	fail_it(w, &way.notes[0], ATTEMPTS);
	VIEWS(w, {.dead = 1, .attempt = 3}, {.waiting = 1, .dead = 1}, {.waiting = 1});
}
/* All slots are taken. */
static void prepare_full(struct world *w)
{
	char name[24];

	prepare(w, 30);
	fail_it(w, queued(w, "third", "second", 700, 0), ATTEMPTS);
	way.victim = 4; /* the letter of prepare() */
	while (queue_jobs_ready(w->a->segment) < w->a->segment->geometry.jobs ||
	       queue_table(w->a->segment)->free_job != 0) {
		snprintf(name, sizeof name, "full:%u", way.count);
		queued(w, "full", name, 24, 0);
	}
	VIEWS(w, {0}, {.waiting = 1});
}
static bool pushed_for_letter(struct world *w)
{
	return pushed(w) && way.victim_gone;
}
static void prepare_again(struct world *w)
{
	prepare(w, 30);
	push_op(w, 0);
	run_it(w, &way.notes[0], QUEUE_FOREVER);
	VIEWS(w, {.running = 1, .attempt = 1}, {.running = 1, .attempt = 1, .again = 1});
}

/* All names are taken; the one that nobody uses is in the way to others. */
static void prepare_names(struct world *w)
{
	struct queue_table *table = queue_table(w->a->segment);
	uint32_t homes[QUEUE_NAMES], idle = QUEUE_NAMES;
	char name[24], idle_name[QUEUE_NAME_MAX + 1];

	prepare(w, 30);
	for (uint32_t i = 0; i < QUEUE_NAMES; i++) {
		bool full = true;
		for (uint32_t at = 0; at < QUEUE_NAMES; at++) {
			full &= load_relaxed(&table->hashes[at]) != 0;
		}
		if (!full) {
			snprintf(name, sizeof name, "name:%u", i);
			queued(w, name, name, 24, 0);
		}
	}
	for (uint32_t at = 0; at < QUEUE_NAMES; at++) {
		homes[at] = (uint32_t)load_relaxed(&table->hashes[at]) % QUEUE_NAMES;
	}
	for (uint32_t at = 0; at < QUEUE_NAMES && idle == QUEUE_NAMES; at++) {
		uint32_t behind = (at + 1) % QUEUE_NAMES;
		if (homes[behind] != behind && strncmp(queue_name(w->a->segment, at)->bytes, "name:", 5) == 0) {
			idle = at;
		}
	}
	must(idle != QUEUE_NAMES);
	snprintf(idle_name, sizeof idle_name, "%s", queue_name(w->a->segment, idle)->bytes);
	for (uint32_t n = 1; n < way.count; n++) {
		if (strcmp(way.notes[n].queue, idle_name) == 0) {
			struct store_key queue = queue_key(w->a, n);
			must(store_queue_purge(w->a, &queue, false) == 1);
			way.notes[n] = way.notes[--way.count];
			/* Its payload is of its number. */
			queue = queue_key(w->a, n);
			must(n == way.count || store_queue_purge(w->a, &queue, false) == 1);
			must(n == way.count || push_note(w->a, n, 0, 0) == QUEUE_PUSH_QUEUED);
			break;
		}
	}
	store_queue_deafen(w->a);
	VIEWS(w, {0}, {.waiting = 1});
}

/* ---- popping -------------------------------------------------------------------------------------------- */

static struct queue_taken taken;

static void pop_with(struct world *w, uint64_t lease)
{
	struct store_key queue = key_of(w->a, "queue");
	struct store_queue_wish wish;

	w->shared->status = store_queue_begin(w->a, &wish, &queue, 1, 0, lease, &taken);
}
static void act_pop(struct world *w)
{
	pop_with(w, QUEUE_FOREVER);
}
static void act_pop_leased(struct world *w)
{
	pop_with(w, LEASE_NS);
}

static void prepare_pop(struct world *w)
{
	prepare(w, 30);
	push_op(w, 0);
	VIEWS(w, {.waiting = 1}, {.running = 1, .attempt = 1});
}
static void prepare_pop_guest(struct world *w)
{
	prepare_pop(w);
	way.notes[0].runner = GUEST;
}
static void prepare_pop_delayed(struct world *w)
{
	prepare(w, 30);
	push_op(w, LATER_NS / 2);
	w->host.ticks += LATER_NS / 2;
	VIEWS(w, {.waiting = 1}, {.running = 1, .attempt = 1});
}
static void prepare_pop_late(struct world *w)
{
	prepare(w, 30);
	push_op(w, 0);
	run_it(w, &way.notes[0], LEASE_NS);
	w->host.ticks += LEASE_NS;
	way.is_over = true;
	VIEWS(w, {.running = 1, .attempt = 1}, {.waiting = 1, .attempt = 1}, {.running = 1, .attempt = 2});
}
static void prepare_pop_last(struct world *w)
{
	prepare(w, 30);
	push_op(w, 0);
	fail_it(w, &way.notes[0], ATTEMPTS - 1);
	run_it(w, &way.notes[0], LEASE_NS);
	w->host.ticks += LEASE_NS;
	way.is_over = true;
	VIEWS(w, {.running = 1, .attempt = 3}, {.dead = 1, .attempt = 3});
}

/* ---- the end of a run ----------------------------------------------------------------------------------- */

static void act_ack(struct world *w)
{
	w->shared->number = store_queue_ack(w->a, taken.id, taken.token);
}
static void act_fail(struct world *w)
{
	w->shared->number = store_queue_fail(w->a, taken.id, taken.token, "failed", 6, SECOND_NS);
}
static void act_extend(struct world *w)
{
	w->shared->number = store_queue_extend(w->a, taken.id, taken.token, LATER_NS);
}

static void push_again(struct world *w)
{
	must(push_note(w->a, 0, 0, 0) == QUEUE_PUSH_AGAIN);
}
static void hold_guard(struct world *w)
{
	must(lock_try(&w->a->owner, &queue_table(w->a->segment)->guard));
}
static void push_again_and_hold_guard(struct world *w)
{
	push_again(w);
	hold_guard(w);
}

static void prepare_run_of(struct world *w, uint32_t size)
{
	prepare(w, size);
	push_op(w, 0);
}
static void prepare_ack(struct world *w)
{
	prepare_run_of(w, 1500);
	VIEWS(w, {.running = 1, .attempt = 1}, {0});
}
static void prepare_ack_again(struct world *w)
{
	prepare_run_of(w, 30);
	VIEWS(w, {.running = 1, .attempt = 1, .again = 1}, {.waiting = 1});
}
static void prepare_fail(struct world *w)
{
	prepare_run_of(w, 30);
	VIEWS(w, {.running = 1, .attempt = 1}, {.waiting = 1, .attempt = 1});
}
static void prepare_fail_last(struct world *w)
{
	prepare_run_of(w, 30);
	fail_it(w, &way.notes[0], ATTEMPTS - 1);
	VIEWS(w, {.running = 1, .attempt = 3}, {.dead = 1, .attempt = 3});
}
static void prepare_extend(struct world *w)
{
	prepare_run_of(w, 30);
	VIEWS(w, {.running = 1, .attempt = 1});
}

/* The survivor holds the guard and does not let go: patience ends when the clock has been looked at four times. */
static void without_guard(struct world *w)
{
	w->host.tick_ns = LOCK_PATIENCE_NS / 4;
	way.guard_held = true;
}
static void prepare_ack_alone(struct world *w)
{
	prepare_ack(w);
	without_guard(w);
	VIEWS(w, {.running = 1, .attempt = 1}, {.done = 1});
}
static void prepare_ack_alone_guest(struct world *w)
{
	prepare_ack_alone(w);
	way.notes[0].runner = GUEST;
}
static void prepare_ack_again_alone(struct world *w)
{
	prepare_ack_again(w);
	without_guard(w);
	VIEWS(w, {.running = 1, .attempt = 1, .again = 1}, {.waiting = 1, .again = 1});
}
static void prepare_fail_alone(struct world *w)
{
	prepare_fail(w);
	without_guard(w);
	VIEWS(w, {.running = 1, .attempt = 1});
}
static void prepare_extend_alone(struct world *w)
{
	prepare_extend(w);
	without_guard(w);
}
static void prepare_extend_alone_guest(struct world *w)
{
	prepare_extend_alone(w);
	way.notes[0].runner = GUEST;
}

/* ---- whole queues --------------------------------------------------------------------------------------- */

static void act_revive(struct world *w)
{
	struct store_key queue = key_of(w->a, "queue");

	w->shared->number = store_queue_revive(w->a, &queue, NULL);
}
static void act_purge(struct world *w)
{
	struct store_key queue = key_of(w->a, "queue");

	w->shared->number = store_queue_purge(w->a, &queue, false);
}
static void act_purge_dead(struct world *w)
{
	struct store_key queue = key_of(w->a, "queue");

	w->shared->number = store_queue_purge(w->a, &queue, true);
}

static void prepare_revive(struct world *w)
{
	prepare_letter(w);
	VIEWS(w, {.dead = 1, .attempt = 3}, {.waiting = 1});
}
static void prepare_purge(struct world *w)
{
	prepare_run_of(w, 1000);
	VIEWS(w, {.waiting = 1}, {0});
}
static void prepare_purge_dead(struct world *w)
{
	prepare_letter(w);
	VIEWS(w, {.dead = 1, .attempt = 3}, {0});
}

/* ---- those who leave or die ------------------------------------------------------------------------------ */

static void kill_after(struct world *w, void (*act)(struct world *w))
{
	pid_t pid = fork_child();
	int status;

	if (pid == 0) {
		act(w);
		kill(getpid(), SIGKILL);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) {
		die("%s: the preparing process was not killed", w->scenario->name);
	}
}

static void act_close(struct world *w)
{
	store_close(w->a);
}
/* And whoever comes next. */
static void act_recover(struct world *w)
{
	struct store_key queue = key_of(w->a, "queue");
	struct queue_info info;

	owner_reap_all(&w->a->owner);
	store_queue_info(w->a, &queue, &info);
	w->shared->number = info.waiting;
}
static void act_open(struct world *w)
{
	w->a = open_store(w->folder_a, WORLD_BYTES, world_processes(w->scenario), &w->host.host);
}

static void prepare_close(struct world *w)
{
	prepare_run_of(w, 30);
	VIEWS(w, {.running = 1, .attempt = 1});
}
static void prepare_recovery(struct world *w)
{
	prepare_run_of(w, 1000);
	kill_after(w, act_pop);
	VIEWS(w, {.running = 1, .attempt = 1}, {.waiting = 1, .attempt = 1});
}
static void prepare_recovery_of_push(struct world *w)
{
	prepare(w, 1000);
	world_kill_at(w, act_push, FAULT_AFTER_PUBLISH);
	VIEWS(w, {.waiting = 1});
}
static void prepare_recovery_before_push(struct world *w)
{
	prepare(w, 1000);
	world_kill_at(w, act_push, FAULT_BEFORE_PUBLISH);
	VIEWS(w, {0});
}
static void prepare_recovery_of_pop(struct world *w)
{
	prepare_run_of(w, 30);
	world_kill_at(w, act_pop, FAULT_BEFORE_PUBLISH);
	VIEWS(w, {.waiting = 1});
}
static void prepare_recovery_of_letter(struct world *w)
{
	prepare_letter(w);
	world_kill_at(w, act_push, FAULT_AFTER_PUBLISH);
	VIEWS(w, {.waiting = 1, .dead = 1}, {.waiting = 1});
}
static void prepare_reset(struct world *w)
{
	prepare_run_of(w, 1000);
	kill_after(w, act_pop);
	VIEWS(w, {.running = 1, .attempt = 1});
}

#define QUEUE .look = look_at_queue, .finish = finish_queue

const struct scenario queue_scenarios[] = {
	{"queue: push", prepare_push, act_push, pushed, QUEUE},
	{"queue: push of a long one", prepare_push_long, act_push, pushed, QUEUE},
	{"queue: push that takes memory for chunks", prepare_push_grow, act_push, pushed, QUEUE},
	{"queue: push of a guest", prepare_push, act_push, pushed, .flags = SCENARIO_CROWDED, QUEUE},
	{"queue: push of what is wanted", prepare_merge, act_want, done, QUEUE},
	{"queue: push with a higher priority", prepare_merge, act_push, hastened, QUEUE},
	{"queue: push of a delayed one", prepare_merge_delayed, act_push, hastened, QUEUE},
	{"queue: push over a dead letter", prepare_letter, act_push, pushed, QUEUE},
	{"queue: push that drops the oldest letter", prepare_full, act_push, pushed_for_letter, QUEUE},
	{"queue: push on a running job", prepare_again, act_push, again, QUEUE},
	{"queue: push in the place of an idle name", prepare_names, act_push, pushed, QUEUE},
	{"queue: pop", prepare_pop, act_pop, came_through, QUEUE},
	{"queue: pop with a lease", prepare_pop, act_pop_leased, came_through, QUEUE},
	{"queue: pop of a guest", prepare_pop_guest, act_pop_leased, came_through, .flags = SCENARIO_CROWDED, QUEUE},
	{"queue: pop of a delayed one", prepare_pop_delayed, act_pop, came_through, QUEUE},
	{"queue: pop after the lease", prepare_pop_late, act_pop, came_through, QUEUE},
	{"queue: pop after the last lease", prepare_pop_last, act_pop, came_through, .status = CACHE_MISSING, QUEUE},
	{"queue: ack", prepare_ack, act_ack, done, .ready = act_pop, QUEUE},
	{"queue: ack that is to run again", prepare_ack_again, act_ack, done, .ready = act_pop, .meanwhile = push_again,
     QUEUE},
	{"queue: fail", prepare_fail, act_fail, done, .ready = act_pop, QUEUE},
	{"queue: fail for the last time", prepare_fail_last, act_fail, done, .ready = act_pop, QUEUE},
	{"queue: extend", prepare_extend, act_extend, done, .ready = act_pop_leased, QUEUE},
	{"queue: ack without the guard", prepare_ack_alone, act_ack, done, .ready = act_pop, .meanwhile = hold_guard,
     QUEUE},
	{"queue: ack of a guest without the guard", prepare_ack_alone_guest, act_ack, done, .ready = act_pop_leased,
     .meanwhile = hold_guard, .flags = SCENARIO_CROWDED, QUEUE},
	{"queue: ack without the guard that is to run again", prepare_ack_again_alone, act_ack, done, .ready = act_pop,
     .meanwhile = push_again_and_hold_guard, QUEUE},
	{"queue: fail without the guard", prepare_fail_alone, act_fail, done, .ready = act_pop, .meanwhile = hold_guard,
     QUEUE},
	{"queue: extend without the guard", prepare_extend_alone, act_extend, done, .ready = act_pop_leased,
     .meanwhile = hold_guard, QUEUE},
	{"queue: extend of a guest without the guard", prepare_extend_alone_guest, act_extend, done,
     .ready = act_pop_leased, .meanwhile = hold_guard, .flags = SCENARIO_CROWDED, QUEUE},
	{"queue: revive", prepare_revive, act_revive, done, QUEUE},
	{"queue: purge", prepare_purge, act_purge, done, QUEUE},
	{"queue: purge of dead letters", prepare_purge_dead, act_purge_dead, done, QUEUE},
	{"queue: close with a run", prepare_close, act_close, came_through, .ready = act_pop, QUEUE},
	{"queue: recovery of a worker", prepare_recovery, act_recover, done, QUEUE},
	{"queue: recovery of a push", prepare_recovery_of_push, act_recover, done, QUEUE},
	{"queue: recovery of a push that was none", prepare_recovery_before_push, act_recover, came_through, QUEUE},
	{"queue: recovery of a pop that was none", prepare_recovery_of_pop, act_recover, done, QUEUE},
	{"queue: recovery of a push over a dead letter", prepare_recovery_of_letter, act_recover, done, QUEUE},
	{"queue: attach alone", prepare_reset, act_open, came_through, .flags = SCENARIO_ALONE | SCENARIO_UNATTACHED,
     QUEUE},
	{0},
};
