#include "core/shm/queue_steps.h"

static uint64_t id_of(const struct segment *s, const struct queue_job *job)
{
	return job->sequence << SLOT_BITS | (queue_link_of(s, job) - 1);
}

void queue_mend(struct owner *o, bool whole)
{
	if (likely_false(!whole)) {
		queue_rebuild(o);
	}
}

bool queue_end_job(struct owner *o, struct queue_job *job, uint64_t word)
{
	const struct segment *s = o->segment;

	pass(o, FAULT_BEFORE_PUBLISH);
	if (!cas(&job->word, &word, queue_next(word, QUEUE_FREE, 0, NO_SLOT))) {
		return false;
	}
	pass(o, FAULT_AFTER_PUBLISH);
	queue_unique_unset(s, job);
	if (queue_heap_remove(s, job)) {
		queue_give_slot(s, job);
	} else {
		queue_rebuild(o);
	}
	return true;
}

bool queue_move_job(struct owner *o, struct queue_job *job, uint64_t word, uint64_t next, uint64_t now)
{
	const struct segment *s = o->segment;
	bool moved;

	pass(o, FAULT_BEFORE_PUBLISH);
	moved = cas(&job->word, &word, next);
	pass(o, FAULT_AFTER_PUBLISH);
	queue_mend(o, queue_place(s, job, now));
	return moved;
}

bool queue_unlink_job(struct owner *o, struct queue_job *job)
{
	bool whole = queue_heap_remove(o->segment, job);

	queue_mend(o, whole);
	return whole;
}

struct queue_job *queue_first_of(struct owner *o, uint32_t queue, enum queue_heap heap)
{
	static const enum queue_state states[QUEUE_HEAPS] = {QUEUE_FREE, QUEUE_WAITING, QUEUE_WAITING, QUEUE_RUNNING, QUEUE_DEAD};
	struct queue_job *job = queue_heap_first(o->segment, queue, heap);

	/* What runs may have been ended without the guard. */
	if (job && (job->heap != heap || (heap != QUEUE_RUNNING_HEAP && queue_word_state(load_relaxed(&job->word)) != states[heap]))) {
		queue_rebuild(o);
		job = queue_heap_first(o->segment, queue, heap);
	}
	return job;
}

uint64_t queue_after_run(uint64_t word, uint32_t attempts_max)
{
	if (word & QUEUE_AGAIN) {
		return queue_next(word, QUEUE_WAITING, 0, NO_SLOT);
	}
	return queue_next(word, queue_word_attempt(word) >= attempts_max ? QUEUE_DEAD : QUEUE_WAITING, queue_word_attempt(word), NO_SLOT);
}

/* Was lost by its worker. */
static bool expire(struct owner *o, struct queue_job *job, uint64_t now, uint32_t attempts_max, int64_t now_us)
{
	uint64_t word = load_acquire(&job->word);

	if (!queue_unlink_job(o, job)) {
		return false;
	}
	while (queue_word_state(word) == QUEUE_RUNNING) {
		uint64_t next = queue_after_run(word, attempts_max);
		if (queue_word_state(next) == QUEUE_DEAD) {
			job->died_us = now_us;
			job->error_length = 0;
			job->end = job->end == QUEUE_WORKER_DIED ? QUEUE_WORKER_DIED : QUEUE_LEASE_PASSED;
		}
		pass(o, FAULT_BEFORE_PUBLISH);
		if (cas(&job->word, &word, next)) {
			queue_count(o->segment, job->queue, QUEUE_lease_lost);
			break;
		}
	}
	/* Afterwards: the lease may have been extended without the guard. */
	store_relaxed(&job->due_ns, 0);
	pass(o, FAULT_AFTER_PUBLISH);
	/* If it was ended without the guard meanwhile, the structures are marked as dirty. */
	if (!queue_place(o->segment, job, now)) {
		queue_rebuild(o);
		return false;
	}
	return true;
}

void queue_settle(struct owner *o, uint32_t queue, uint64_t now, uint32_t attempts_max, int64_t now_us)
{
	const struct segment *s = o->segment;
	struct queue_job *job = queue_first_of(o, queue, QUEUE_RUNNING_HEAP);

	while (job && load_relaxed(&job->due_ns) <= now && expire(o, job, now, attempts_max, now_us)) {
		job = queue_first_of(o, queue, QUEUE_RUNNING_HEAP);
	}
	job = queue_first_of(o, queue, QUEUE_DELAYED_HEAP);
	while (job && load_relaxed(&job->due_ns) <= now) {
		if (!queue_heap_remove(s, job) || !queue_heap_insert(s, job, QUEUE_READY_HEAP)) {
			queue_rebuild(o);
			break;
		}
		job = queue_first_of(o, queue, QUEUE_DELAYED_HEAP);
	}
}

enum cache_status queue_enter_named(struct owner *o, const char *name, size_t length, uint64_t hash, uint32_t *queue)
{
	for (bool reaped = false;; reaped = true) {
		if (queue_enter(o) != CACHE_OK) {
			return CACHE_BUSY;
		}
		*queue = queue_claim_name(o->segment, hash, name, length);
		if (*queue != QUEUE_NAMES) {
			return CACHE_OK;
		}
		queue_leave(o);
		if (reaped || owner_reap_all(o) == 0) {
			return CACHE_FULL;
		}
	}
}

void queue_reap_workers(struct owner *o, uint64_t now)
{
	const struct segment *s = o->segment;
	struct queue_table *table = queue_table(s);
	uint64_t checked = load_relaxed(&table->checked_ns);

	if (now - checked < QUEUE_WATCH_NS && checked <= now) {
		return;
	}
	if (!cas(&table->checked_ns, &checked, now)) {
		return;
	}
	for_each_slot(s, slot) {
		if (slot != o->slot && load_relaxed(&segment_participant(s, slot)->working) != 0) {
			(void)owner_reap(o, slot);
		}
	}
}

uint64_t queue_working_word(struct owner *o)
{
	uint64_t word = UINT64_C(1) << 32 | load_relaxed(&o->record->incarnation);

	if (!o->guest && load_relaxed(&o->record->working) != word) {
		publish(&o->record->working, word); /* before a job notes it: who finds that job under the guard sees it */
	}
	return o->guest ? 0 : word;
}

void queue_describe_job(const struct segment *s, const struct queue_job *job, uint64_t word, struct queue_taken *taken)
{
	*taken = (struct queue_taken){
		.id = id_of(s, job),
		.token = queue_word_generation(word),
		.pushed_us = (int64_t)load_relaxed(&job->demanded_us),
		.died_us = job->died_us,
		.queue = job->queue,
		.slot = queue_link_of(s, job) - 1,
		.attempt = queue_word_attempt(word),
		.key_length = job->key_length,
		.payload_length = job->payload_length,
		.error_length = job->error_length,
		.flags = job->flags,
		.end = job->end,
		.word = word,
	};
}
