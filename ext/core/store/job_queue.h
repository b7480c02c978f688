/*
 * The rebuild queue, as the host sees it: shm/queue.h for a struct store.
 *
 * Waiting: a wish is begun with its queues, and while the answer is CACHE_MISSING and store_queue_sleep() says that there is time,
 * tried again. Between the tries nothing is held, so the host may do there what it likes.
 *
 * A participant without a slot of its own may do all of it; its jobs are known by their deadline alone.
 */
#ifndef CACHE_CORE_JOB_QUEUE_H
#define CACHE_CORE_JOB_QUEUE_H

#include "core/shm/queue.h"
#include "core/store/store.h"

struct store_job {
	const struct store_key *queue; /* 1..QUEUE_NAME_MAX bytes */
	const struct store_key *key;
	const char *payload;
	size_t payload_length;         /* up to QUEUE_TEXT_MAX */
	uint8_t flags;                 /* come back with it */
	uint64_t delay_ns;
	int32_t priority;
};
enum queue_pushed store_queue_push(struct store *store, const struct store_job *job);
/** Within an operation of the store: for somebody who found a value stale, and only wants it rebuilt: see queue_push.demands. True: somebody will. */
bool queue_want(struct store *store, const struct store_key *queue, const struct store_key *key);
/** The same as an operation of its own. */
bool store_queue_want(struct store *store, const struct store_key *queue, const struct store_key *key);

struct store_queue_wish {
	struct queue_wish wish;
	const struct store_key *queues;
	uint32_t count;
	uint64_t give_up_ns; /* monotonic */
	bool waits;
	bool refused;        /* some of the queues are not to be had: there are too many */
};
/** `queues` last until the end of the wish; at most QUEUE_NAMES of them. wait_ns 0: one try. */
CACHE_MUST_CHECK enum cache_status store_queue_begin(struct store *store, struct store_queue_wish *wish,
                                                     const struct store_key *queues, uint32_t count, uint64_t wait_ns,
                                                     uint64_t lease_ns, struct queue_taken *taken);
CACHE_MUST_CHECK enum cache_status store_queue_try(struct store *store, struct store_queue_wish *wish,
                                                   struct queue_taken *taken);
/** Sleeps until there may be a job, until a signal, or for some time. False: the time is up. */
bool store_queue_sleep(struct store *store, struct store_queue_wish *wish);
/** What a job says, as queue_read(); False: it is somebody else's by now. */
bool store_queue_read(struct store *store, const struct queue_taken *taken, char *key, char *payload, char *error);
size_t store_queue_name(struct store *store, uint32_t queue, char name[QUEUE_NAME_MAX]);

bool store_queue_ack(struct store *store, uint64_t id, uint64_t token);
bool store_queue_extend(struct store *store, uint64_t id, uint64_t token, uint64_t lease_ns);
/** retry_ns QUEUE_FOREVER: by exponential backoff with jitter. */
bool store_queue_fail(struct store *store, uint64_t id, uint64_t token, const char *error, size_t length, uint64_t retry_ns);

/** Zeros for a queue that nobody knows. */
void store_queue_info(struct store *store, const struct store_key *queue, struct queue_info *info);
extern const char *const queue_counter_names[QUEUE_COUNTERS];
extern const char *const queue_counter_help[QUEUE_COUNTERS];
/** Calls `visit` for the name of each queue; outside of any lock. */
void store_queue_list(struct store *store, void (*visit)(void *context, const char *name, size_t length), void *context);
/** The latest `limit` dead letters of a queue, the last first, until `visit` returns false. Outside of any lock. CACHE_NO_MEMORY. */
CACHE_MUST_CHECK enum cache_status store_queue_letters(struct store *store, const struct store_key *queue, uint32_t limit,
                                                       bool (*visit)(void *context, const struct queue_taken *letter),
                                                       void *context);
/** `key` NULL: all. Returns how many. */
uint32_t store_queue_revive(struct store *store, const struct store_key *queue, const struct store_key *key);
uint32_t store_queue_purge(struct store *store, const struct store_key *queue, bool dead);
/** At the end of a request: it does not listen any more. What it runs, it still does. */
void store_queue_deafen(struct store *store);

#endif
