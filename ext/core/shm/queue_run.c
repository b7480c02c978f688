/* How runs end: acknowledged, failed, extended; their workers leave or die. */
#include "core/shm/queue_steps.h"

#include <string.h>

/* Of the working word of a participant that leaves: no job notes it. */
#define LEAVES UINT64_MAX

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

	(void)queue_working_word(o);
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
	(void)queue_working_word(o);
	extended = cas(&job->due_ns, &due, until);
	queue_mark_dirty(o->segment); /* it is not in order any more */
	return extended && is_run(job, load_acquire(&job->word), id, token);
}

/* Somebody asked for it once more since it began. */
static bool run_again(struct owner *o, struct queue_job *job, uint64_t word, int64_t now_us)
{
	if (!queue_unlink_job(o, job)) {
		return false;
	}
	store_relaxed(&job->due_ns, 0);
	store_relaxed(&job->pushed_us, (uint64_t)now_us);
	job->sequence = next_sequence(o->segment);
	return queue_move_job(o, job, word, queue_next(word, QUEUE_WAITING, 0, NO_SLOT), 0);
}

/* Under the guard. */
static bool ack(struct owner *o, uint64_t id, uint64_t token, int64_t now_us, uint64_t *woken)
{
	struct queue_job *job;
	uint64_t word;

	while ((job = find_run(o->segment, id, token, &word)) != NULL) {
		if (!(word & QUEUE_AGAIN)) {
			if (queue_end_job(o, job, word)) {
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
		if (queue_unlink_job(o, job)) {
			store_relaxed(&job->due_ns, after(now, lease_ns));
			queue_mend(o, queue_place(s, job, now));
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

static void note_error(struct queue_job *job, const char *error, size_t length)
{
	job->error_length = (uint32_t)(length < QUEUE_ERROR_KEPT ? length : QUEUE_ERROR_KEPT);
	memcpy(job->error, error, job->error_length);
}

/* Under the guard. */
static bool fail(struct owner *o, uint64_t id, uint64_t token, const struct queue_failure *f)
{
	uint64_t now = clock_now_ns(o), word;
	struct queue_job *job;

	while ((job = find_run(o->segment, id, token, &word)) != NULL) {
		uint64_t retry = f->retry_ns;
		uint32_t attempt = queue_word_attempt(word);
		if (!queue_unlink_job(o, job)) {
			continue;
		}
		if (retry == QUEUE_FOREVER) {
			retry = backoff(attempt, f->dice);
		}
		note_error(job, f->error, f->length);
		job->end = QUEUE_FAILED;
		job->died_us = f->now_us;
		store_relaxed(&job->due_ns, retry ? after(now, retry) : 0);
		if (queue_move_job(o, job, word, queue_after_run(word, f->attempts_max), now)) {
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
