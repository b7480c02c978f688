/* Listening, taking jobs, reading them. */
#include "core/shm/queue_steps.h"

#include <string.h>

enum cache_status queue_listen(struct owner *o, struct queue_wish *wish, const char *name, size_t length, uint64_t hash)
{
	const struct segment *s = o->segment;
	uint32_t queue = queue_find_name(s, hash);

	/* Who listens keeps the name where it is. */
	if (o->guest || queue == QUEUE_NAMES || !(load_relaxed(&o->record->listens) >> queue & 1)) {
		enum cache_status status = queue_enter_named(o, name, length, hash, &queue);
		if (status != CACHE_OK) {
			return status;
		}
		if (!o->guest) {
			store_relaxed(&o->record->listens, load_relaxed(&o->record->listens) | UINT64_C(1) << queue);
		}
		queue_leave(o);
	}
	if (!(wish->mask >> queue & 1)) {
		wish->hashes[wish->count] = hash;
		wish->queues[wish->count++] = queue;
		wish->mask |= UINT64_C(1) << queue;
	}
	return CACHE_OK;
}

void queue_deafen(struct owner *o)
{
	if (o->slot != NO_SLOT && !o->guest && load_relaxed(&o->record->listens) != 0) {
		store_relaxed(&o->record->listens, 0);
	}
}

static bool take(struct owner *o, const struct queue_wish *wish, struct queue_job *job, uint64_t now, struct queue_taken *taken)
{
	uint64_t word = load_relaxed(&job->word), next, lease = wish->lease_ns;
	uint32_t attempt = queue_word_attempt(word);

	if (o->guest && lease > QUEUE_GUEST_LEASE_NS) {
		lease = QUEUE_GUEST_LEASE_NS;
	}
	if (job->key_length > QUEUE_TEXT_MAX || job->payload_length > QUEUE_TEXT_MAX || job->error_length > QUEUE_ERROR_KEPT) {
		queue_rebuild(o);
		return false;
	}
	if (!queue_unlink_job(o, job)) {
		return false;
	}
	next = queue_next(word, QUEUE_RUNNING, attempt < QUEUE_ATTEMPTS_MAX ? attempt + 1 : attempt, o->guest ? NO_SLOT : o->slot);
	job->working = queue_working_word(o);
	job->end = QUEUE_FAILED;
	queue_describe_job(o->segment, job, next, taken);
	pass(o, FAULT_BEFORE_PUBLISH);
	/* Whoever saw it wait may rely on what its worker sees from here on: the two full_fence() of glance(). */
	(void)rmw_exchange(&job->word, next);
	rmw_fence();
	taken->pushed_us = (int64_t)load_relaxed(&job->demanded_us);
	/* Not before: a job that still waits would wait for the end of a lease that nobody has. */
	store_relaxed(&job->due_ns, after(now, lease));
	pass(o, FAULT_AFTER_PUBLISH);
	queue_mend(o, queue_place(o->segment, job, now));
	return true;
}

/* When the first of the jobs is due that cannot be had now. */
static void note_due(const struct segment *s, struct queue_wish *wish, uint32_t queue)
{
	for (int heap = QUEUE_DELAYED_HEAP; heap <= QUEUE_RUNNING_HEAP; heap++) {
		const struct queue_job *job = queue_heap_first(s, queue, (enum queue_heap)heap);
		if (job && load_relaxed(&job->due_ns) < wish->next_ns) {
			wish->next_ns = load_relaxed(&job->due_ns);
		}
		wish->others_work |= job && heap == QUEUE_RUNNING_HEAP;
	}
}

/* Whose jobs are still ready, of those that somebody sleeps for. */
static uint64_t left_over(const struct segment *s, const struct queue_wish *wish)
{
	uint64_t sleepers = load_relaxed(&queue_table(s)->sleepers) & wish->mask, left = 0;

	for (uint32_t i = 0; sleepers && i < wish->count; i++) {
		if (sleepers >> wish->queues[i] & 1 && queue_heap_first(s, wish->queues[i], QUEUE_READY_HEAP)) {
			left |= UINT64_C(1) << wish->queues[i];
		}
	}
	return left;
}

/* Under the guard. */
static bool pop(struct owner *o, struct queue_wish *wish, uint64_t now, int64_t now_us, struct queue_taken *taken)
{
	const struct segment *s = o->segment;
	struct queue_job *job;

	wish->next_ns = QUEUE_FOREVER;
	wish->others_work = false;
	for (uint32_t i = 0; i < wish->count; i++) {
		uint32_t queue = wish->queues[i];
		if (load_relaxed(&queue_table(s)->hashes[queue]) != wish->hashes[i]) {
			continue;
		}
		queue_settle(o, queue, now, wish->attempts_max, now_us);
		while ((job = queue_first_of(o, queue, QUEUE_READY_HEAP)) != NULL) {
			if (take(o, wish, job, now, taken)) {
				return true;
			}
		}
		note_due(s, wish, queue);
	}
	return false;
}

enum cache_status queue_pop(struct owner *o, struct queue_wish *wish, int64_t now_us, bool sleeps, struct queue_taken *taken)
{
	const struct segment *s = o->segment;
	struct queue_table *table = queue_table(s);
	uint64_t now = clock_now_ns(o), left = 0;
	bool found;

	queue_reap_workers(o, now);
	/* Before it is said that we sleep: who takes that away again counts this up afterwards. */
	wish->event = load_acquire(&table->event);
	if (sleeps) {
		/* Before the guard: whoever queues a job that we do not see sees this. */
		rmw_or(&table->sleepers, wish->mask);
	}
	if (queue_enter(o) != CACHE_OK) {
		wish->next_ns = QUEUE_FOREVER;
		wish->others_work = true;
		return CACHE_BUSY;
	}
	pass(o, FAULT_LOCKED);
	found = pop(o, wish, now, now_us, taken);
	if (found) {
		left = left_over(s, wish);
	}
	queue_leave(o);
	/* Who was woken for a job of these took another one, perhaps: it is another one's turn. */
	if (left) {
		queue_wake(s, left);
	}
	return found ? CACHE_OK : CACHE_MISSING;
}

static bool is_still(const struct queue_job *job, const struct queue_taken *taken)
{
	return (load_acquire(&job->word) & ~QUEUE_AGAIN) == (taken->word & ~QUEUE_AGAIN);
}

bool queue_read(const struct segment *s, const struct queue_taken *taken, char *key, char *payload, char *error)
{
	const struct queue_job *job = queue_job(s, taken->slot);
	bool whole;

	if (!is_still(job, taken)) {
		return false;
	}
	whole = (!key || queue_text_read(s, job, 0, taken->key_length, key)) &&
	        (!payload || queue_text_read(s, job, taken->key_length, taken->payload_length, payload));
	if (error) {
		memcpy(error, job->error, taken->error_length);
	}
	read_fence();
	return is_still(job, taken) && whole;
}

size_t queue_read_name(const struct segment *s, uint32_t queue, char *name)
{
	const struct queue_name *n = queue_name(s, queue);
	size_t length = n->length <= QUEUE_NAME_MAX ? n->length : QUEUE_NAME_MAX;

	memcpy(name, n->bytes, length);
	return length;
}
