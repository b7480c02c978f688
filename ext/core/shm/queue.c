#include "core/shm/queue.h"

#include <string.h>

#define SLOT_BITS 16
/* Of the working word of a participant that leaves: no job notes it. */
#define LEAVES UINT64_MAX

static void pass(const struct owner *o, enum cache_fault point)
{
	if (o->host->fault) {
		(void)o->host->fault(o->host->context, point);
	}
}

static uint64_t clock_now_ns(const struct owner *o) { return o->host->monotonic_ns(o->host->context); }

static uint64_t after(uint64_t now, uint64_t ns) { return ns > UINT64_MAX - now ? UINT64_MAX : now + ns; }

static uint64_t next_sequence(const struct segment *s) { return rmw_add(&queue_table(s)->sequence, 1) + 1; }

static uint64_t id_of(const struct segment *s, const struct queue_job *job)
{
	return job->sequence << SLOT_BITS | (queue_link_of(s, job) - 1);
}

/* ---- steps; all under the guard --------------------------------------------------------------------------- */

/* Damaged links: everything is derived anew from what is true. */
static void mend(struct owner *o, bool whole)
{
	if (likely_false(!whole)) {
		queue_rebuild(o);
	}
}

/* Ends the job. The exchange is the commit; false: its word is another one. */
static bool end_job(struct owner *o, struct queue_job *job, uint64_t word)
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

/* Gives the job another state, and its place among those. Fields were set before. False: its word is another one. */
static bool move_job(struct owner *o, struct queue_job *job, uint64_t word, uint64_t next, uint64_t now)
{
	const struct segment *s = o->segment;
	bool moved;

	pass(o, FAULT_BEFORE_PUBLISH);
	moved = cas(&job->word, &word, next);
	pass(o, FAULT_AFTER_PUBLISH);
	mend(o, queue_place(s, job, now));
	return moved;
}

/* Takes it out of its heap, so that fields may change by which that is ordered. False: all was derived anew, look again. */
static bool unlink_job(struct owner *o, struct queue_job *job)
{
	bool whole = queue_heap_remove(o->segment, job);

	mend(o, whole);
	return whole;
}

/* The first of a heap. In a damaged one it may be one that was taken out. */
static struct queue_job *first_of(struct owner *o, uint32_t queue, enum queue_heap heap)
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

static void note_error(struct queue_job *job, const char *error, size_t length)
{
	job->error_length = (uint32_t)(length < QUEUE_ERROR_KEPT ? length : QUEUE_ERROR_KEPT);
	memcpy(job->error, error, job->error_length);
}

/* What follows a run that was not acknowledged: a further one, or none. Somebody who asked for another run is owed one. */
static uint64_t after_run(uint64_t word, uint32_t attempts_max)
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

	if (!unlink_job(o, job)) {
		return false;
	}
	while (queue_word_state(word) == QUEUE_RUNNING) {
		uint64_t next = after_run(word, attempts_max);
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

/* Leases that have passed, and jobs whose time has come. */
static void settle(struct owner *o, uint32_t queue, uint64_t now, uint32_t attempts_max, int64_t now_us)
{
	const struct segment *s = o->segment;
	struct queue_job *job = first_of(o, queue, QUEUE_RUNNING_HEAP);

	while (job && load_relaxed(&job->due_ns) <= now && expire(o, job, now, attempts_max, now_us)) {
		job = first_of(o, queue, QUEUE_RUNNING_HEAP);
	}
	job = first_of(o, queue, QUEUE_DELAYED_HEAP);
	while (job && load_relaxed(&job->due_ns) <= now) {
		if (!queue_heap_remove(s, job) || !queue_heap_insert(s, job, QUEUE_READY_HEAP)) {
			queue_rebuild(o);
			break;
		}
		job = first_of(o, queue, QUEUE_DELAYED_HEAP);
	}
}

static bool drop_oldest_letter(struct owner *o)
{
	struct queue_job *job = first_of(o, 0, QUEUE_DEAD_HEAP);

	if (!job) {
		return false;
	}
	if (job->queue < QUEUE_NAMES) {
		queue_count(o->segment, job->queue, QUEUE_dropped);
	}
	return end_job(o, job, load_relaxed(&job->word));
}

/* ---- push ----------------------------------------------------------------------------------------------- */

/* Does it wait for its retry, whose time nobody else sets? One that waits for ever has none. */
static bool waits_for_retry(const struct queue_job *job, uint64_t word)
{
	return queue_word_attempt(word) > 0 && load_relaxed(&job->due_ns) != QUEUE_FOREVER;
}

/* Is there nothing to change in that waiting job? */
static bool is_urgent_enough(const struct queue_push *p, const struct queue_job *job, uint64_t word)
{
	return peek(&job->priority) >= p->priority && (waits_for_retry(job, word) || peek(&job->heap) == QUEUE_READY_HEAP);
}

/* Where the slot was given to another job in this moment, that one is run for a demand that is none: no harm. */
static void note_demand(struct queue_job *job, int64_t now_us)
{
	if ((int64_t)load_relaxed(&job->demanded_us) < now_us) {
		store_relaxed(&job->demanded_us, (uint64_t)now_us);
	}
}

/* QUEUE_PUSH_FULL: it is to be queued. */
static enum queue_pushed merge_running(struct queue_job *job, uint64_t word, const struct queue_push *p)
{
	while (queue_word_state(word) == QUEUE_RUNNING) {
		if (!p->demands) {
			return QUEUE_PUSH_MERGED;
		}
		/* Before the exchange, also where it changes nothing: whoever takes the job for its next run reads it after his own. */
		note_demand(job, p->now_us);
		if (cas(&job->word, &word, word | QUEUE_AGAIN)) {
			return QUEUE_PUSH_AGAIN;
		}
	}
	return QUEUE_PUSH_FULL;
}

/*
 * Without the guard: does a job that is there do? It is the one of our key if its word is the same after its hash was read. One that
 * still waits will be started after what its pusher did, who fences.
 */
static enum queue_pushed glance(const struct segment *s, const struct queue_push *p)
{
	struct queue_job *job;
	uint64_t word;
	bool enough;

	if (p->demands) {
		full_fence(); /* what our caller wrote, then the word; take(): the word, then what he reads */
	}
	job = queue_unique_find(s, p->hash);
	if (!job) {
		return QUEUE_PUSH_FULL;
	}
	word = load_acquire(&job->word);
	/* Priority and heap change under the guard and without the word: what is read of them may be outdated, as any push may be. */
	enough = !p->demands || is_urgent_enough(p, job, word);
	if (load_relaxed(&job->hash) != p->hash) {
		return QUEUE_PUSH_FULL;
	}
	read_fence(); /* with the write_fence() of fill(): if it is the hash of a later job, the word below is a later one */
	if (p->demands && enough && queue_word_state(word) == QUEUE_WAITING) {
		/* Whoever takes it reads this after its word has changed; or we see that it has. */
		note_demand(job, p->now_us);
		full_fence();
	}
	if (load_relaxed(&job->word) != word) {
		return QUEUE_PUSH_FULL;
	}
	return queue_word_state(word) == QUEUE_WAITING && enough ? QUEUE_PUSH_MERGED : merge_running(job, word, p);
}

static void hasten(struct owner *o, const struct queue_push *p, struct queue_job *job, uint64_t word, uint64_t now)
{
	uint64_t due = after(now, p->delay_ns);

	if (!unlink_job(o, job)) {
		return;
	}
	job->priority = p->priority > job->priority ? p->priority : job->priority;
	if (!waits_for_retry(job, word) && due < load_relaxed(&job->due_ns)) {
		store_relaxed(&job->due_ns, p->delay_ns == 0 ? 0 : due);
	}
	mend(o, queue_place(o->segment, job, now));
}

/* A free slot, and chunks for its text; NULL: there is no room. Dead letters make some, if all of them together make enough. */
static struct queue_job *make_room(struct owner *o, const struct queue_push *p)
{
	size_t length = p->key_length + p->payload_length;

	for (;;) {
		bool fits = queue_text_fits(o, length);
		struct queue_job *job = fits ? queue_take_slot(o) : NULL;
		if (job || (!fits && !queue_letters_make_room(o->segment, length)) || !drop_oldest_letter(o)) {
			return job;
		}
	}
}

/* A slot with key and payload; NULL: there is no room. */
static struct queue_job *fill(struct owner *o, const struct queue_push *p, uint32_t queue)
{
	const struct segment *s = o->segment;
	struct queue_job *job;

	for (int tries = 1;; tries++) {
		job = make_room(o, p);
		if (!job) {
			return NULL;
		}
		/* Whoever reads without the guard and sees anything of the below sees that the slot, and a chunk's last one, was ended. */
		write_fence();
		store_relaxed(&job->hash, p->hash);
		job->queue = queue;
		job->flags = p->flags;
		if (queue_text_write(s, job, p->key, p->key_length, p->payload, p->payload_length)) {
			break;
		}
		queue_give_slot(s, job);
		queue_rebuild(o); /* the list of free chunks was damaged */
		if (tries == 2) {
			return NULL;
		}
	}
	job->priority = p->priority;
	job->error_length = 0;
	job->end = QUEUE_FAILED;
	job->died_us = 0;
	job->working = 0;
	job->heap = QUEUE_NO_HEAP;
	store_relaxed(&job->pushed_us, (uint64_t)p->now_us);
	store_relaxed(&job->demanded_us, (uint64_t)p->now_us);
	job->sequence = next_sequence(s);
	return job;
}

/* `letter`: the dead one of the same key, or NULL. */
static enum queue_pushed queue_up(struct owner *o, const struct queue_push *p, uint32_t queue, struct queue_job *letter,
                                  uint64_t now)
{
	const struct segment *s = o->segment;
	struct queue_job *job = fill(o, p, queue);

	if (!job) {
		return QUEUE_PUSH_FULL;
	}
	store_relaxed(&job->due_ns, p->delay_ns ? after(now, p->delay_ns) : 0);
	pass(o, FAULT_BEFORE_PUBLISH);
	/* For those who glance at it, and for recovery; under the guard it is known anyhow. */
	publish(&job->word, queue_next(load_relaxed(&job->word), QUEUE_WAITING, 0, NO_SLOT));
	pass(o, FAULT_AFTER_PUBLISH);
	if (letter && letter != job && queue_unique_find(s, p->hash) == letter) {
		(void)end_job(o, letter, load_relaxed(&letter->word));
	}
	queue_unique_set(s, job);
	mend(o, queue_place(s, job, now));
	return QUEUE_PUSH_QUEUED;
}

static bool is_held_back(const struct queue_push *p, const struct queue_job *letter)
{
	int64_t age = p->now_us - letter->died_us;

	return age >= 0 && age < QUEUE_HELD_BACK_US;
}

/* A dead letter is tried anew, with its payload. */
static enum queue_pushed bring_back(struct owner *o, struct queue_job *letter, uint64_t word, int64_t now_us)
{
	if (!unlink_job(o, letter)) {
		return QUEUE_PUSH_MERGED; /* the next reader finds it in its place */
	}
	store_relaxed(&letter->due_ns, 0);
	store_relaxed(&letter->pushed_us, (uint64_t)now_us);
	store_relaxed(&letter->demanded_us, (uint64_t)now_us);
	letter->sequence = next_sequence(o->segment);
	(void)move_job(o, letter, word, queue_next(word, QUEUE_WAITING, 0, NO_SLOT), 0);
	return QUEUE_PUSH_QUEUED;
}

/* Under the guard. */
static enum queue_pushed push(struct owner *o, const struct queue_push *p, uint32_t queue, uint64_t now)
{
	struct queue_job *job = queue_unique_find(o->segment, p->hash);
	uint64_t word = job ? load_acquire(&job->word) : 0;

	if (job && queue_word_state(word) == QUEUE_RUNNING) {
		enum queue_pushed merged = merge_running(job, word, p);
		if (merged != QUEUE_PUSH_FULL) {
			return merged;
		}
		word = load_acquire(&job->word); /* it was ended without the guard */
	}
	if (job && queue_word_state(word) == QUEUE_WAITING) {
		if (p->demands) {
			note_demand(job, p->now_us);
		}
		if (p->demands && !is_urgent_enough(p, job, word)) {
			hasten(o, p, job, word, now);
		}
		return QUEUE_PUSH_MERGED;
	}
	if (job && queue_word_state(word) == QUEUE_DEAD && !p->demands) {
		return is_held_back(p, job) ? QUEUE_PUSH_MERGED : bring_back(o, job, word, p->now_us);
	}
	if (job && queue_word_state(word) == QUEUE_DONE) {
		(void)end_job(o, job, word);
	}
	return queue_up(o, p, queue, queue_word_state(word) == QUEUE_DEAD ? job : NULL, now);
}

/* CACHE_OK: with the guard, and the number of the queue. CACHE_FULL: all names are in use, and none of them by the dead. CACHE_BUSY. */
static enum cache_status enter_queue(struct owner *o, const char *name, size_t length, uint64_t hash, uint32_t *queue)
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

static void count_push(const struct segment *s, uint32_t queue, enum queue_pushed pushed)
{
	static const enum queue_counter counters[] = {QUEUE_full, QUEUE_merged, QUEUE_pushed, QUEUE_again};

	queue_count(s, queue, counters[pushed + 1]);
}

enum queue_pushed queue_push(struct owner *o, const struct queue_push *p)
{
	const struct segment *s = o->segment;
	uint32_t queue = queue_find_name(s, p->queue_hash);
	enum queue_pushed pushed = queue == QUEUE_NAMES ? QUEUE_PUSH_FULL : glance(s, p);
	uint64_t now, sleepers = 0;

	if (pushed != QUEUE_PUSH_FULL) {
		count_push(s, queue, pushed);
		return pushed;
	}
	now = p->delay_ns ? clock_now_ns(o) : 0;
	if (enter_queue(o, p->queue, p->queue_length, p->queue_hash, &queue) != CACHE_OK) {
		return QUEUE_PUSH_FULL;
	}
	pass(o, FAULT_LOCKED);
	pushed = push(o, p, queue, now);
	/* Who sleeps has set his bit before he took the guard: before us, and we see it; or after us, and he sees the job. */
	sleepers = load_relaxed(&queue_table(s)->sleepers) & UINT64_C(1) << queue;
	queue_leave(o);
	count_push(s, queue, pushed);
	/* Also for one that is due later, or sooner than before: whoever sleeps may have to sleep for less. */
	if (sleepers && pushed != QUEUE_PUSH_FULL) {
		queue_wake(s, sleepers);
	}
	return pushed;
}

/* ---- pop ------------------------------------------------------------------------------------------------ */

enum cache_status queue_listen(struct owner *o, struct queue_wish *wish, const char *name, size_t length, uint64_t hash)
{
	const struct segment *s = o->segment;
	uint32_t queue = queue_find_name(s, hash);

	/* Who listens keeps the name where it is. */
	if (o->guest || queue == QUEUE_NAMES || !(load_relaxed(&o->record->listens) >> queue & 1)) {
		enum cache_status status = enter_queue(o, name, length, hash, &queue);
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

/* Looks after those who run jobs, now and then. */
static void reap_workers(struct owner *o, uint64_t now)
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

/* From now on jobs may note this participant as their owner. */
static uint64_t working_word(struct owner *o)
{
	uint64_t word = UINT64_C(1) << 32 | load_relaxed(&o->record->incarnation);

	if (!o->guest && load_relaxed(&o->record->working) != word) {
		publish(&o->record->working, word); /* before a job notes it: who finds that job under the guard sees it */
	}
	return o->guest ? 0 : word;
}

static void describe(const struct segment *s, const struct queue_job *job, uint64_t word, struct queue_taken *taken)
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
	if (!unlink_job(o, job)) {
		return false;
	}
	next = queue_next(word, QUEUE_RUNNING, attempt < QUEUE_ATTEMPTS_MAX ? attempt + 1 : attempt, o->guest ? NO_SLOT : o->slot);
	job->working = working_word(o);
	job->end = QUEUE_FAILED;
	describe(o->segment, job, next, taken);
	pass(o, FAULT_BEFORE_PUBLISH);
	/* Whoever saw it wait may rely on what its worker sees from here on: the two full_fence() of glance(). */
	(void)rmw_exchange(&job->word, next);
	rmw_fence();
	taken->pushed_us = (int64_t)load_relaxed(&job->demanded_us);
	/* Not before: a job that still waits would wait for the end of a lease that nobody has. */
	store_relaxed(&job->due_ns, after(now, lease));
	pass(o, FAULT_AFTER_PUBLISH);
	mend(o, queue_place(o->segment, job, now));
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
		settle(o, queue, now, wish->attempts_max, now_us);
		while ((job = first_of(o, queue, QUEUE_READY_HEAP)) != NULL) {
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

	reap_workers(o, now);
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

/* ---- the end of a run ------------------------------------------------------------------------------------ */

static bool is_run(const struct queue_job *job, uint64_t word, uint64_t id, uint64_t token)
{
	return queue_word_state(word) == QUEUE_RUNNING && queue_word_generation(word) == token &&
	       peek(&job->sequence) == id >> SLOT_BITS;
}

/* The job of that id, if it is run under that token, and the word that says so. */
static struct queue_job *find_run(const struct segment *s, uint64_t id, uint64_t token, uint64_t *word)
{
	struct queue_job *job = queue_linked(s, (queue_link)(id & ((1u << SLOT_BITS) - 1)) + 1);

	*word = job ? load_acquire(&job->word) : 0;
	return job && is_run(job, *word, id, token) ? job : NULL;
}

/*
 * Without the guard, whose owner is stopped: `next` follows the word of that run. Marked before, too, so that nobody takes what he
 * sees meanwhile for a broken rule; and if we die in between, our own recovery marks it.
 */
static bool end_without_guard(struct owner *o, struct queue_job *job, uint64_t id, uint64_t token, uint64_t (*next)(uint64_t word))
{
	uint64_t word = load_acquire(&job->word);
	bool ended = false;

	(void)working_word(o);
	queue_mark_dirty(o->segment);
	while (!ended && is_run(job, word, id, token)) {
		ended = cas(&job->word, &word, next(word));
	}
	queue_mark_dirty(o->segment);
	return ended;
}

/* Nothing but the word may be written. That it is to run once more, now, is said by the mark until the next rebuild. */
static uint64_t acked_word(uint64_t word)
{
	return word & QUEUE_AGAIN ? queue_next(word, QUEUE_WAITING, 0, NO_SLOT) | QUEUE_AGAIN : queue_next(word, QUEUE_DONE, 0, NO_SLOT);
}

/* An orphan, as if its worker had died. */
static uint64_t failed_word(uint64_t word)
{
	return queue_next(word, QUEUE_RUNNING, queue_word_attempt(word), QUEUE_NOBODY) | (word & QUEUE_AGAIN);
}

/* The deadline is the one of that run if the word is still the run's after it was read, and changes with it. */
static bool extend_without_guard(struct owner *o, struct queue_job *job, uint64_t id, uint64_t token, uint64_t until)
{
	uint64_t due = load_relaxed(&job->due_ns);
	bool extended;

	read_fence(); /* take() stores the deadline after the word: with a later run's deadline we see its word */
	if (due == 0 || !is_run(job, load_acquire(&job->word), id, token)) {
		return false;
	}
	(void)working_word(o);
	extended = cas(&job->due_ns, &due, until);
	queue_mark_dirty(o->segment); /* it is not in order any more */
	return extended && is_run(job, load_acquire(&job->word), id, token);
}

/* Somebody asked for it once more since it began. */
static bool run_again(struct owner *o, struct queue_job *job, uint64_t word, int64_t now_us)
{
	if (!unlink_job(o, job)) {
		return false;
	}
	store_relaxed(&job->due_ns, 0);
	store_relaxed(&job->pushed_us, (uint64_t)now_us);
	job->sequence = next_sequence(o->segment);
	return move_job(o, job, word, queue_next(word, QUEUE_WAITING, 0, NO_SLOT), 0);
}

/* Under the guard. */
static bool ack(struct owner *o, uint64_t id, uint64_t token, int64_t now_us, uint64_t *woken)
{
	struct queue_job *job;
	uint64_t word;

	while ((job = find_run(o->segment, id, token, &word)) != NULL) {
		if (!(word & QUEUE_AGAIN)) {
			if (end_job(o, job, word)) {
				return true;
			}
		} else if (run_again(o, job, word, now_us)) {
			*woken = UINT64_C(1) << job->queue;
			return true;
		}
	}
	return false;
}

bool queue_ack(struct owner *o, uint64_t id, uint64_t token, int64_t now_us)
{
	const struct segment *s = o->segment;
	uint64_t word, woken = 0;
	struct queue_job *job = find_run(s, id, token, &word);
	uint32_t queue = job ? job->queue : QUEUE_NAMES;
	bool acked;

	if (queue >= QUEUE_NAMES) {
		return false;
	}
	if (queue_enter(o) == CACHE_OK) {
		pass(o, FAULT_LOCKED);
		acked = ack(o, id, token, now_us, &woken);
		woken &= load_relaxed(&queue_table(s)->sleepers);
		queue_leave(o);
	} else {
		acked = end_without_guard(o, job, id, token, acked_word);
		woken = acked ? UINT64_C(1) << queue : 0;
	}
	if (acked) {
		queue_count(s, queue, QUEUE_acked);
	}
	if (woken) {
		queue_wake(s, woken);
	}
	return acked;
}

bool queue_extend(struct owner *o, uint64_t id, uint64_t token, uint64_t lease_ns)
{
	const struct segment *s = o->segment;
	uint64_t now = clock_now_ns(o), word;
	struct queue_job *job = find_run(s, id, token, &word);
	bool extended = false;

	if (!job) {
		return false;
	}
	if (queue_enter(o) != CACHE_OK) {
		return extend_without_guard(o, job, id, token, after(now, lease_ns));
	}
	pass(o, FAULT_LOCKED);
	while ((job = find_run(s, id, token, &word)) != NULL) {
		if (unlink_job(o, job)) {
			store_relaxed(&job->due_ns, after(now, lease_ns));
			mend(o, queue_place(s, job, now));
			extended = true;
			break;
		}
	}
	queue_leave(o);
	return extended;
}

static uint64_t backoff(uint32_t attempt, uint64_t dice)
{
	uint64_t whole = QUEUE_BACKOFF_MAX_NS;

	if (attempt >= 1 && attempt < 10 && QUEUE_BACKOFF_NS << (attempt - 1) < whole) {
		whole = QUEUE_BACKOFF_NS << (attempt - 1);
	}
	return whole / 2 + dice % (whole / 2 + 1);
}

/* Under the guard. */
static bool fail(struct owner *o, uint64_t id, uint64_t token, const struct queue_failure *f)
{
	uint64_t now = clock_now_ns(o), word;
	struct queue_job *job;

	while ((job = find_run(o->segment, id, token, &word)) != NULL) {
		uint64_t retry = f->retry_ns;
		uint32_t attempt = queue_word_attempt(word);
		if (!unlink_job(o, job)) {
			continue;
		}
		if (retry == QUEUE_FOREVER) {
			retry = backoff(attempt, f->dice);
		}
		note_error(job, f->error, f->length);
		job->end = QUEUE_FAILED;
		job->died_us = f->now_us;
		store_relaxed(&job->due_ns, retry ? after(now, retry) : 0);
		if (move_job(o, job, word, after_run(word, f->attempts_max), now)) {
			return true;
		}
	}
	return false;
}

bool queue_fail(struct owner *o, uint64_t id, uint64_t token, const struct queue_failure *f)
{
	const struct segment *s = o->segment;
	uint64_t word, woken;
	struct queue_job *job = find_run(s, id, token, &word);
	uint32_t queue = job ? job->queue : QUEUE_NAMES;
	bool failed;

	if (queue >= QUEUE_NAMES) {
		return false;
	}
	if (queue_enter(o) != CACHE_OK) {
		failed = end_without_guard(o, job, id, token, failed_word);
		if (failed) {
			queue_count(s, queue, QUEUE_failed);
			queue_wake(s, UINT64_C(1) << queue);
		}
		return failed;
	}
	pass(o, FAULT_LOCKED);
	failed = fail(o, id, token, f);
	woken = failed ? load_relaxed(&queue_table(s)->sleepers) & UINT64_C(1) << queue : 0;
	queue_leave(o);
	if (failed) {
		queue_count(s, queue, QUEUE_failed);
	}
	if (woken) {
		queue_wake(s, woken);
	}
	return failed;
}

/* ---- whole queues --------------------------------------------------------------------------------------- */

uint32_t queue_revive(struct owner *o, uint32_t queue, uint64_t hash)
{
	const struct segment *s = o->segment;
	uint32_t revived = 0;

	if (queue_enter(o) != CACHE_OK) {
		return 0;
	}
	pass(o, FAULT_LOCKED);
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		struct queue_job *job = queue_job(s, i);
		uint64_t word = load_relaxed(&job->word);
		if (queue_word_state(word) != QUEUE_DEAD || job->queue != queue || (hash && load_relaxed(&job->hash) != hash) ||
		    !unlink_job(o, job)) {
			continue;
		}
		store_relaxed(&job->due_ns, 0);
		job->sequence = next_sequence(s);
		revived += move_job(o, job, word, queue_next(word, QUEUE_WAITING, 0, NO_SLOT), 0);
	}
	queue_leave(o);
	if (revived && load_relaxed(&queue_table(s)->sleepers) >> queue & 1) { /* see queue_push() */
		queue_wake(s, UINT64_C(1) << queue);
	}
	return revived;
}

uint32_t queue_purge(struct owner *o, uint32_t queue, bool dead)
{
	const struct segment *s = o->segment;
	enum queue_state state = dead ? QUEUE_DEAD : QUEUE_WAITING;
	uint32_t purged = 0;

	if (queue_enter(o) != CACHE_OK) {
		return 0;
	}
	pass(o, FAULT_LOCKED);
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		struct queue_job *job = queue_job(s, i);
		uint64_t word = load_relaxed(&job->word);
		if (queue_word_state(word) == state && job->queue == queue) {
			purged += end_job(o, job, word);
		}
	}
	queue_leave(o);
	return purged;
}

bool queue_letter(const struct segment *s, uint32_t slot, uint32_t queue, struct queue_taken *letter)
{
	struct queue_job *job = queue_linked(s, slot + 1);
	uint64_t word = job ? load_acquire(&job->word) : 0;

	if (queue_word_state(word) != QUEUE_DEAD) {
		return false;
	}
	describe(s, job, word, letter);
	read_fence();
	return load_relaxed(&job->word) == word && letter->queue == queue && letter->key_length <= QUEUE_TEXT_MAX &&
	       letter->payload_length <= QUEUE_TEXT_MAX && letter->error_length <= QUEUE_ERROR_KEPT;
}

bool queue_describe(struct owner *o, uint32_t queue, uint32_t attempts_max, int64_t now_us, struct queue_info *info)
{
	const struct segment *s = o->segment;
	const struct queue_name *name = queue_name(s, queue);
	uint64_t now = clock_now_ns(o);

	*info = (struct queue_info){0};
	reap_workers(o, now);
	if (queue_enter(o) != CACHE_OK) {
		return false;
	}
	settle(o, queue, now, attempts_max, now_us);
	info->waiting = name->counts[QUEUE_READY_HEAP];
	info->delayed = name->counts[QUEUE_DELAYED_HEAP];
	info->running = name->counts[QUEUE_RUNNING_HEAP];
	info->dead = name->counts[QUEUE_DEAD_HEAP];
	for (uint32_t i = 0; i < queue_jobs_ready(s) && info->waiting; i++) {
		struct queue_job *job = queue_job(s, i);
		int64_t pushed = (int64_t)load_relaxed(&job->pushed_us);
		if (job->queue == queue && job->heap == QUEUE_READY_HEAP && (info->oldest_us == 0 || pushed < info->oldest_us)) {
			info->oldest_us = pushed;
		}
	}
	queue_leave(o);
	for (int i = 0; i < QUEUE_COUNTERS; i++) {
		info->counters[i] = load_relaxed(&name->counters[i]);
	}
	for_each_slot(s, slot) {
		const struct participant *p = segment_participant(s, slot);
		info->workers += load_relaxed(&p->state) == SLOT_USED && load_relaxed(&p->listens) >> queue & 1;
	}
	return true;
}

/* ---- those who leave or die ------------------------------------------------------------------------------ */

/* The marks make it complete whoever dies in between: while the word is not 0, all of it is done again. */
void queue_disown(const struct segment *s, uint32_t slot)
{
	struct participant *p = segment_participant(s, slot);
	uint64_t listened = load_relaxed(&p->listens);

	store_relaxed(&p->listens, 0);
	if (load_acquire(&p->working) != 0) {
		/*
		 * Whoever takes the mark away sees that we left: it is a release, and he acquires. A sleeper whose bit queue_wake() does
		 * not see sets it after that, by a read-modify-write of the same word: he sees the mark.
		 */
		publish(&p->working, LEAVES);
		queue_mark_dirty(s);
		queue_wake(s, listened);
		publish(&p->working, 0);
	}
}

void queue_recover(struct owner *self, uint32_t dead)
{
	const struct segment *s = self->segment;
	struct queue_table *table = queue_table(s);

	if (dead >= segment_first_guest(s)) {
		queue_mark_dirty(s); /* it may have ended a job without the guard; its `working` word says nothing */
	}
	if (lock_owner(&table->guard) == dead) {
		queue_mark_dirty(s);
		lock_release(&table->guard);
	}
	queue_disown(s, dead);
}
