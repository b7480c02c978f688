/* Whole queues. */
#include "core/shm/queue_steps.h"

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
		    !queue_unlink_job(o, job)) {
			continue;
		}
		store_relaxed(&job->due_ns, 0);
		job->sequence = next_sequence(s);
		revived += queue_move_job(o, job, word, queue_next(word, QUEUE_WAITING, 0, NO_SLOT), 0);
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
			purged += queue_end_job(o, job, word);
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
	queue_describe_job(s, job, word, letter);
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
	queue_reap_workers(o, now);
	if (queue_enter(o) != CACHE_OK) {
		return false;
	}
	queue_settle(o, queue, now, attempts_max, now_us);
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
