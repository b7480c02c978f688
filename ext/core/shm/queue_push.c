/* Pushing. */
#include "core/shm/queue_steps.h"

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

	if (!queue_unlink_job(o, job)) {
		return;
	}
	job->priority = p->priority > job->priority ? p->priority : job->priority;
	if (!waits_for_retry(job, word) && due < load_relaxed(&job->due_ns)) {
		store_relaxed(&job->due_ns, p->delay_ns == 0 ? 0 : due);
	}
	queue_mend(o, queue_place(o->segment, job, now));
}

static bool drop_oldest_letter(struct owner *o)
{
	struct queue_job *job = queue_first_of(o, 0, QUEUE_DEAD_HEAP);

	if (!job) {
		return false;
	}
	if (job->queue < QUEUE_NAMES) {
		queue_count(o->segment, job->queue, QUEUE_dropped);
	}
	return queue_end_job(o, job, load_relaxed(&job->word));
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
		(void)queue_end_job(o, letter, load_relaxed(&letter->word));
	}
	queue_unique_set(s, job);
	queue_mend(o, queue_place(s, job, now));
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
	if (!queue_unlink_job(o, letter)) {
		return QUEUE_PUSH_MERGED; /* the next reader finds it in its place */
	}
	store_relaxed(&letter->due_ns, 0);
	store_relaxed(&letter->pushed_us, (uint64_t)now_us);
	store_relaxed(&letter->demanded_us, (uint64_t)now_us);
	letter->sequence = next_sequence(o->segment);
	(void)queue_move_job(o, letter, word, queue_next(word, QUEUE_WAITING, 0, NO_SLOT), 0);
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
		(void)queue_end_job(o, job, word);
	}
	return queue_up(o, p, queue, queue_word_state(word) == QUEUE_DEAD ? job : NULL, now);
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
	if (queue_enter_named(o, p->queue, p->queue_length, p->queue_hash, &queue) != CACHE_OK) {
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
