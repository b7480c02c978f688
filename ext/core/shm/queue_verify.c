#include <stdio.h>
#include <string.h>

#include "core/shm/queue.h"

#define FINDINGS_MAX 16

struct findings {
	const struct segment *segment;
	unsigned broken;
	char sentences[FINDINGS_MAX][96];
};

static void find(struct findings *f, const char *sentence, unsigned long long a, unsigned long long b)
{
	if (f->broken < FINDINGS_MAX) {
		snprintf(f->sentences[f->broken], sizeof f->sentences[0], sentence, a, b);
	}
	f->broken++;
}

/* From a slot to its parent, and down to it again; and no job comes before its parent. */
static void verify_links(struct findings *f, const struct queue_job *job, queue_link link)
{
	const struct segment *s = f->segment;
	const struct queue_job *parent = queue_linked(s, job->parent), *left = queue_linked(s, job->left), *right = queue_linked(s, job->right);
	enum queue_heap heap = (enum queue_heap)job->heap;

	if (job->parent != 0 ? !parent || (parent->left != link && parent->right != link)
	                     : queue_heap_first(s, job->queue, heap) != job) {
		find(f, "queue: job %llu is not where its parent says, in heap %llu", link, heap);
	} else if (parent && (parent->heap != job->heap || (heap != QUEUE_DEAD_HEAP && parent->queue != job->queue) ||
	                      queue_heap_before(job, parent, heap))) {
		find(f, "queue: job %llu comes before its parent, in heap %llu", link, heap);
	}
	if ((left ? left->rank : 0) < (right ? right->rank : 0) || job->rank != (right ? right->rank : 0) + 1) {
		find(f, "queue: job %llu has rank %llu, which its children do not give", link, job->rank);
	}
}

static enum queue_state state_of(const struct queue_job *job) { return queue_word_state(load_acquire(&job->word)); }

static void verify_job(struct findings *f, const struct queue_job *job, queue_link link)
{
	static const enum queue_state states[QUEUE_HEAPS] = {QUEUE_FREE, QUEUE_WAITING, QUEUE_WAITING, QUEUE_RUNNING, QUEUE_DEAD};
	const struct segment *s = f->segment;
	enum queue_state state = state_of(job);
	bool valid;

	if (job->heap >= QUEUE_HEAPS || states[job->heap] != state) {
		find(f, "queue: job %llu is in a heap of another state than %llu", link, state);
		return;
	}
	if (state == QUEUE_FREE) {
		return;
	}
	verify_links(f, job, link);
	if (queue_unique_find(s, load_relaxed(&job->hash)) != job) {
		find(f, "queue: job %llu is not the one of its key, in state %llu", link, state);
	}
	if (queue_text_checksum(s, job, &valid) != job->checksum || !valid) {
		find(f, "queue: the text of job %llu is not what it was, of %llu bytes", link,
		     (unsigned long long)job->key_length + job->payload_length);
	}
}

static void verify_counts(struct findings *f)
{
	const struct segment *s = f->segment;
	uint32_t counted[QUEUE_NAMES][QUEUE_HEAPS] = {{0}}, jobs = 0, keys = 0;

	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		const struct queue_job *job = queue_job(s, i);
		if (state_of(job) != QUEUE_FREE && job->queue < QUEUE_NAMES && job->heap < QUEUE_HEAPS) {
			counted[job->queue][job->heap]++;
			jobs++;
		}
	}
	for (uint32_t i = 0; i < QUEUE_NAMES; i++) {
		for (uint32_t heap = QUEUE_READY_HEAP; heap < QUEUE_HEAPS; heap++) {
			if (counted[i][heap] != queue_name(s, i)->counts[heap]) {
				find(f, "queue: a count of queue %llu is wrong, of heap %llu", i, heap);
			}
		}
	}
	for (uint32_t i = 0; i < s->geometry.job_keys; i++) {
		keys += load_relaxed(&queue_unique(s)[i]) != 0;
	}
	if (keys != jobs) {
		find(f, "queue: %llu keys of %llu jobs", keys, jobs);
	}
}

static void verify_free(struct findings *f)
{
	const struct segment *s = f->segment;
	const struct queue_table *table = queue_table(s);
	uint32_t free = 0, listed = 0, link, chunks = 0, used = 0;

	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		free += state_of(queue_job(s, i)) == QUEUE_FREE;
	}
	for (link = table->free_job; queue_linked(s, link) && listed <= free; link = queue_linked(s, link)->next_free) {
		listed++;
	}
	if (listed != free || link != 0) {
		find(f, "queue: %llu slots are free, %llu in the list", free, listed);
	}
	for (uint32_t i = 0; i < queue_chunks_ready(s); i++) {
		const struct queue_job *job = queue_linked(s, queue_chunk(s, i)->job);
		used += job != NULL;
		if (job && state_of(job) == QUEUE_FREE) {
			find(f, "queue: chunk %llu belongs to a free slot, %llu", i, queue_chunk(s, i)->job);
		}
	}
	for (link = table->free_chunk; link != 0 && link <= queue_chunks_ready(s) && chunks <= table->chunks_free;
	     link = queue_chunk(s, link - 1)->next) {
		chunks++;
	}
	if (chunks != table->chunks_free || used + chunks != queue_chunks_ready(s)) {
		find(f, "queue: %llu chunks are free, %llu in use", chunks, used);
	}
}

unsigned queue_verify(struct owner *o, void (*report)(void *context, const char *sentence), void *context)
{
	struct findings f = {.segment = o->segment};

	if (queue_enter(o) != CACHE_OK) {
		find(&f, "queue: not verified, its guard is not to be had%.0llu%.0llu", 0, 0);
	} else if (load_acquire(&queue_table(o->segment)->dirty) == 0) {
		/* Else somebody has ended a job without the guard since. */
		for (uint32_t i = 0; i < queue_jobs_ready(o->segment); i++) {
			verify_job(&f, queue_job(o->segment, i), i + 1);
		}
		verify_counts(&f);
		verify_free(&f);
		if (load_acquire(&queue_table(o->segment)->dirty) != 0) {
			f.broken = 0;
		}
		queue_leave(o);
	} else {
		queue_leave(o);
	}
	for (unsigned i = 0; report && i < f.broken && i < FINDINGS_MAX; i++) {
		report(context, f.sentences[i]);
	}
	return f.broken;
}
