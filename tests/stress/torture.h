/*
 * What the processes of a torture run share outside of the segment: who has written what, and what was found wrong.
 */
#ifndef CACHE_STRESS_TORTURE_H
#define CACHE_STRESS_TORTURE_H

#include "support.h"

#define WORKERS_MAX 64
#define KEYS_MAX 320u
#define SHARED_KEYS 16u
#define COUNTERS 4u /* the last one is beyond 63 bits: every increment of it moves the entry */
#define COUNTER_START(c) ((c) == COUNTERS - 1 ? INT_WORD_MAX + 1 : 0)
#define MESSAGES 16

/*
 * A key that only one worker writes. Its writes are numbered. Each is noted as intended before it begins and as
 * acknowledged when it has returned. `absent`: the last write that may leave the key absent, a delete or a put that
 * failed; noted before it is intended, or as soon as it has failed.
 */
struct key_record {
	atomic_u64 intended, acknowledged, absent;
};

struct worker_record {
	struct key_record keys[KEYS_MAX];
	/* Sums of the steps added to the shared counters; counter COUNTERS is the worker's own. */
	atomic_u64 counter_intended[COUNTERS + 1], counter_acknowledged[COUNTERS + 1];
	atomic_u64 operations;
	atomic_u32 lives;   /* how often it was started */
	atomic_u32 slot;    /* + 1; 0: not attached */
	atomic_u32 in_call; /* inside of the cache at this moment */
};

/* What must not happen. */
#define ERRORS(X)                                               \
	X(corrupt,        "values that are not whole or another's") \
	X(lost,           "acknowledged values missing")            \
	X(regressed,      "older values than acknowledged")         \
	X(future,         "values that nobody wrote")               \
	X(pinned_changed, "pinned values changed")                  \
	X(counter_wrong,  "counters out of bounds")                 \
	X(undeleted,      "deletes that did not find the key")      \
	X(refused,        "writes refused for no reason")           \
	X(broken_rules,   "rules broken while running")

enum torture_error {
#define X(name, text) ERROR_##name,
	ERRORS(X)
#undef X
	ERROR_COUNT
};

struct torture {
	/* Options. */
	uint32_t workers, threads; /* threads: workers in each process */
	uint32_t keys;             /* of each worker */
	bool evicting, stopping, crowded;
	uint64_t bytes, seed;
	uint32_t processes;
	char folder[64];

	atomic_u32 over; /* workers leave in an orderly way */
	atomic_u64 errors[ERROR_COUNT];
	atomic_u64 ambiguous; /* missing, and the one who could tell why was killed: only after a lock was not to be had */
	atomic_u64 full;      /* writes refused for lack of memory */
	atomic_u64 gap_us;    /* the longest time without any operation */
	atomic_u32 messages;
	char message[MESSAGES][160];

	struct worker_record records[WORKERS_MAX];
};

struct worker {
	struct torture *t;
	struct store *store;
	struct worker_record *me;
	uint32_t number;
	struct dice dice;
};

/**
 * A thread's or a process's life: attaches, checks what its predecessor left, works until it is killed or all is over.
 * `inherited`: a handle that came through fork(), to be used instead of one of its own.
 */
void worker_live(struct torture *torture, uint32_t number, struct store *inherited);

/** Checks all keys and counters of the oracle, as a reader. */
void worker_check_all(struct worker *worker);

struct store *torture_open(const struct torture *torture, const struct cache_host *host);
void torture_error(struct torture *torture, enum torture_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void key_name(char name[32], uint32_t worker, uint32_t key);
void shared_name(char name[32], uint32_t key);
/** The counter of that number; of number COUNTERS: the worker's own. */
void counter_name(char name[32], uint32_t worker, uint32_t counter);

#endif
