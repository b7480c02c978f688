/*
 * Jobs of the rebuild queue, by the texts of their queue and key.
 */
#ifndef CACHE_TESTS_CORE_JOBS_H
#define CACHE_TESTS_CORE_JOBS_H

#include "support.h"

#include "core/store/job_queue.h"

#ifndef NS_PER_MS
#define NS_PER_MS UINT64_C(1000000)
#endif
#define NS_PER_S (1000 * NS_PER_MS)
#define US_PER_S INT64_C(1000000)
#define LEASE_NS (60 * NS_PER_S)

/** A job that waits, with the payload "of KEY". */
enum queue_pushed push_job(struct store *store, const char *queue, const char *key);
enum queue_pushed push_later(struct store *store, const char *queue, const char *key, uint64_t delay_ns);
enum queue_pushed push_urgent(struct store *store, const char *queue, const char *key, int32_t priority);
enum queue_pushed push_all(struct store *store, const char *queue, const char *key, uint64_t delay_ns, int32_t priority,
                           const char *payload, size_t length);
bool want_job(struct store *store, const char *queue, const char *key);

/** Queues are separated by blanks. False: none is ready. */
bool pop_any(struct store *store, const char *queues, uint64_t wait_ns, uint64_t lease_ns, struct queue_taken *taken);
bool pop_job(struct store *store, const char *queues, struct queue_taken *taken);
/** What ended without anybody's word is seen by then. */
void skip_watch(void);
bool is_job(struct store *store, const struct queue_taken *taken, const char *key);
/** A failed check unless that one comes next, for that attempt. */
#define TAKE(store, queues, key, number, taken)     \
	do {                                            \
		CHECK(pop_job((store), (queues), (taken))); \
		CHECK(is_job((store), (taken), (key)));     \
		CHECK_EQ((taken)->attempt, (number));       \
	} while (0)

bool ack_job(struct store *store, const struct queue_taken *taken);
bool extend_job(struct store *store, const struct queue_taken *taken, uint64_t lease_ns);
/** With the error "no luck". */
bool fail_job(struct store *store, const struct queue_taken *taken, uint64_t retry_ns);
bool fail_with(struct store *store, const struct queue_taken *taken, const char *error, size_t length);
/** Takes it and fails it until it is dead. */
void kill_job(struct store *store, const char *queue, const char *key);

struct queue_info info_of(struct store *store, const char *queue);
#define CHECK_JOBS(store, queue, ready, late, run, letters)  \
	do {                                                     \
		struct queue_info info_ = info_of((store), (queue)); \
		CHECK_EQ(info_.waiting, (ready));                    \
		CHECK_EQ(info_.delayed, (late));                     \
		CHECK_EQ(info_.running, (run));                      \
		CHECK_EQ(info_.dead, (letters));                     \
	} while (0)
#define CHECK_COUNTED(store, queue, counter, expected) \
	CHECK_EQ(info_of((store), (queue)).counters[QUEUE_##counter], (expected))

#define LETTERS_MAX 512
struct letters {
	unsigned count;
	struct queue_taken list[LETTERS_MAX];
};
/** The last first. */
void letters_of(struct store *store, const char *queue, uint32_t limit, struct letters *letters);
uint32_t revive(struct store *store, const char *queue, const char *key);
uint32_t purge(struct store *store, const char *queue, bool dead);
/** Takes and acknowledges whatever is there, letters revived; returns how many. The queue is empty then, and verified. */
unsigned drain(struct store *store, const char *queue);

#endif
