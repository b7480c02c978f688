/*
 * What pushing, taking and ending jobs have in common. Under the guard, unless it says otherwise.
 */
#ifndef CACHE_CORE_QUEUE_STEPS_H
#define CACHE_CORE_QUEUE_STEPS_H

#include "core/shm/queue.h"

/* A job's id: its sequence, then its slot. */
#define SLOT_BITS 16

static inline void pass(const struct owner *o, enum cache_fault point)
{
	if (o->host->fault) {
		(void)o->host->fault(o->host->context, point);
	}
}
static inline uint64_t clock_now_ns(const struct owner *o) { return o->host->monotonic_ns(o->host->context); }
static inline uint64_t after(uint64_t now, uint64_t ns) { return ns > UINT64_MAX - now ? UINT64_MAX : now + ns; }
static inline uint64_t next_sequence(const struct segment *s) { return rmw_add(&queue_table(s)->sequence, 1) + 1; }

/* Damaged links: everything is derived anew from what is true. */
void queue_mend(struct owner *o, bool whole);
/* Ends the job. The exchange is the commit; false: its word is another one. */
bool queue_end_job(struct owner *o, struct queue_job *job, uint64_t word);
/* Gives the job another state, and its place among those. Fields were set before. False: its word is another one. */
bool queue_move_job(struct owner *o, struct queue_job *job, uint64_t word, uint64_t next, uint64_t now);
/* Takes it out of its heap, so that fields may change by which that is ordered. False: all was derived anew, look again. */
CACHE_MUST_CHECK bool queue_unlink_job(struct owner *o, struct queue_job *job);
/* The first of a heap. In a damaged one it may be one that was taken out. */
struct queue_job *queue_first_of(struct owner *o, uint32_t queue, enum queue_heap heap);
/* What follows a run that was not acknowledged: a further one, or none. Somebody who asked for another run is owed one. */
uint64_t queue_after_run(uint64_t word, uint32_t attempts_max);
/* Leases that have passed, and jobs whose time has come. */
void queue_settle(struct owner *o, uint32_t queue, uint64_t now, uint32_t attempts_max, int64_t now_us);

/*
 * Without the guard: takes it, and finds or claims the name. CACHE_OK: with the guard, and the number of the queue. CACHE_FULL: all
 * names are in use, and none of them by the dead. CACHE_BUSY.
 */
CACHE_MUST_CHECK enum cache_status queue_enter_named(struct owner *o, const char *name, size_t length, uint64_t hash, uint32_t *queue);
/* Without the guard: looks after those who run jobs, now and then. */
void queue_reap_workers(struct owner *o, uint64_t now);
/* From now on jobs may note this participant as their owner. */
uint64_t queue_working_word(struct owner *o);
/* With the guard, or between two looks at the word. */
void queue_describe_job(const struct segment *s, const struct queue_job *job, uint64_t word, struct queue_taken *taken);

#endif
