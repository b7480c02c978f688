/*
 * The rebuild queue: unique jobs of (queue, key), leases, retries, dead letters. See queue_table.h for what is in the segment.
 *
 * A job is queued by a push, taken by a pop, and ended by an acknowledgement; at least once, and each run acknowledged at most
 * once: a run is known by the job's id and the token of the lease, which no later run of the job has. Whoever took a job loses it when its
 * lease has passed, or when he dies or detaches.
 *
 * Times are the host's monotonic clock. Nothing waits for room. Where the guard is not to be had, because its owner is stopped,
 * pushes are refused and pops find nothing; what is running can be ended all the same.
 */
#ifndef CACHE_CORE_QUEUE_H
#define CACHE_CORE_QUEUE_H

#include "core/shm/queue_table.h"

#define QUEUE_FOREVER UINT64_MAX
/* A sleep ends by itself after this time, since a wake may be lost to somebody who is killed; or after the shorter one while
 * others run jobs, who may die. */
#define QUEUE_SLICE_NS UINT64_C(250000000)
#define QUEUE_WATCH_NS UINT64_C(50000000)
/* Of a participant without a slot, whose death nobody notices, the longest lease. */
#define QUEUE_GUEST_LEASE_NS UINT64_C(3600000000000)
/* Backoff: 1 s after the first run, twice as long after each further one, between a half and the whole of it. */
#define QUEUE_BACKOFF_NS UINT64_C(1000000000)
#define QUEUE_BACKOFF_MAX_NS UINT64_C(300000000000)
/* For so long readers of a stale value do not bring back a job that has failed for good. */
#define QUEUE_HELD_BACK_US INT64_C(300000000)

/** Of (queue, key), each hashed under the segment's key. */
static inline uint64_t queue_hash(uint64_t queue_hash, uint64_t key_hash)
{
	uint64_t hash = key_hash ^ hash_mix(queue_hash);

	return hash ? hash : 1;
}

struct queue_push {
	const char *queue, *key, *payload;
	size_t queue_length, key_length, payload_length;
	uint64_t queue_hash;   /* queue_name_hash() */
	uint64_t hash;         /* queue_hash() */
	uint64_t delay_ns;
	int64_t now_us;        /* wall clock */
	int32_t priority;
	uint8_t flags;
	/* Something has changed: a job that runs is to run once more, a dead letter comes back. Else somebody only wants the value. */
	bool demands;
};
enum queue_pushed { QUEUE_PUSH_FULL = -1, QUEUE_PUSH_MERGED = 0, QUEUE_PUSH_QUEUED = 1, QUEUE_PUSH_AGAIN = 2 };
/** O(log n). A waiting job keeps its payload; it takes the higher priority and the nearer time, unless it waits for its retry. */
enum queue_pushed queue_push(struct owner *owner, const struct queue_push *push);

struct queue_wish {
	uint32_t queues[QUEUE_NAMES]; /* in their order: of a later one only if the earlier ones have none */
	uint64_t hashes[QUEUE_NAMES]; /* of their names: a guest does not listen, and its number may be another name's by now */
	uint32_t count;
	uint64_t mask;
	uint64_t lease_ns;     /* QUEUE_FOREVER: until its owner dies, or for a guest QUEUE_GUEST_LEASE_NS */
	uint32_t attempts_max; /* runs of a job; then it is dead */
	/* between two tries */
	uint32_t event;
	uint64_t next_ns;      /* when something is due; QUEUE_FOREVER: nothing is */
	bool others_work;
};
/** Adds a queue, and listens to it until queue_deafen(). CACHE_FULL: there are too many. CACHE_BUSY. */
CACHE_MUST_CHECK enum cache_status queue_listen(struct owner *owner, struct queue_wish *wish, const char *name, size_t length,
                                                uint64_t hash);
void queue_deafen(struct owner *owner);

struct queue_taken {
	uint64_t id, token;
	int64_t pushed_us; /* by the last push that demanded it: what this run is to know of */
	int64_t died_us;
	uint32_t queue, slot, attempt;
	uint32_t key_length, payload_length, error_length;
	uint8_t flags, end;
	uint64_t word;
};
/** CACHE_OK: the job is the caller's. CACHE_MISSING, CACHE_BUSY. `sleeps`: the caller sleeps if there is none. O(log n). */
CACHE_MUST_CHECK enum cache_status queue_pop(struct owner *owner, struct queue_wish *wish, int64_t now_us, bool sleeps,
                                             struct queue_taken *taken);
/** Copies what the job says, of the lengths in `taken`; NULL: not wanted. False: it is somebody else's by now. */
bool queue_read(const struct segment *segment, const struct queue_taken *taken, char *key, char *payload, char *error);
/** Name of its queue, at most QUEUE_NAME_MAX bytes. */
size_t queue_read_name(const struct segment *segment, uint32_t queue, char *name);
/** After a pop in vain that announced it: until there may be a job, until a signal, or for `ns` at most. */
void queue_sleep(struct owner *owner, const struct queue_wish *wish, uint64_t ns);

/** Each false if that run is over: its lease was lost, it was acknowledged, or it failed. */
bool queue_ack(struct owner *owner, uint64_t id, uint64_t token, int64_t now_us);
/** Where the guard's owner is stopped, he may have found already that the lease has passed: then he ends the run all the same. */
bool queue_extend(struct owner *owner, uint64_t id, uint64_t token, uint64_t lease_ns);
struct queue_failure {
	const char *error;
	size_t length;
	uint64_t retry_ns;     /* QUEUE_FOREVER: by backoff */
	uint64_t dice;         /* random, for its jitter */
	uint32_t attempts_max;
	int64_t now_us;
};
bool queue_fail(struct owner *owner, uint64_t id, uint64_t token, const struct queue_failure *failure);

struct queue_info {
	uint64_t waiting, delayed, running, dead, workers;
	uint64_t counters[QUEUE_COUNTERS];
	int64_t oldest_us;     /* when the job was pushed that waits for the longest time; 0: none waits */
};
/** O(jobs). False: the guard was not to be had. */
bool queue_describe(struct owner *owner, uint32_t queue, uint32_t attempts_max, int64_t now_us, struct queue_info *info);
/** The dead letter in that slot, if it is one of that queue. No lock. */
bool queue_letter(const struct segment *segment, uint32_t slot, uint32_t queue, struct queue_taken *letter);
/** Dead letters of a queue are queued anew; `hash` 0: all of them. O(jobs). */
uint32_t queue_revive(struct owner *owner, uint32_t queue, uint64_t hash);
/** Removes the jobs that wait, or the dead letters. O(jobs). */
uint32_t queue_purge(struct owner *owner, uint32_t queue, bool dead);

/** The jobs that this participant runs are ready for others. Waits for nothing. Idempotent. */
void queue_disown(const struct segment *segment, uint32_t slot);
/** Ends what the dead slot did here. Idempotent. */
void queue_recover(struct owner *self, uint32_t dead);
/** Checks the invariants: number of broken rules, and a sentence for each. CACHE_BUSY counts as one. */
unsigned queue_verify(struct owner *owner, void (*report)(void *context, const char *sentence), void *context);

#endif
