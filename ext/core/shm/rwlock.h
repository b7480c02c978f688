/*
 * Named read/write locks: many readers or one writer, whoever they are and however they die. See rwlock_table.h for
 * what is in the segment.
 *
 * A participant holds a name once, in one mode, with a count: within a hold for writing every further acquisition is
 * granted, within one for reading those for reading. A hold lasts until as many releases, until its lease has passed
 * and somebody else wants the lock, or until its owner dies. A child of fork() holds nothing.
 *
 * Times are the host's monotonic clock. Tokens only grow, over all names of a segment, and begin at the time of its creation
 * in microseconds, so that they also grow from one segment to its successor.
 */
#ifndef CACHE_CORE_RWLOCK_H
#define CACHE_CORE_RWLOCK_H

#include "core/shm/rwlock_table.h"

struct rwlock_hold {
	uint64_t hash;         /* of the name */
	uint64_t token;
	uint64_t deadline;     /* 0: none */
	uint32_t count;        /* 0: this hold is free */
	uint16_t record;
	uint8_t mode;
};

/** What this process knows of its holds; hold k for reading has cell k of its row. */
struct rwlock_holder {
	struct owner *owner;
	/* Whose they are: another slot or incarnation has none of them. */
	uint32_t slot, incarnation;
	uint32_t top;          /* one past the highest hold in use */
	bool asked;            /* something may be to release */
	struct rwlock_hold holds[RWLOCK_HOLDS];
};

/** One wish, from the first try to its end. All but the first four members begin as 0. */
struct rwlock_attempt {
	const char *name;
	size_t length;
	uint64_t hash;         /* rwlock_hash() */
	enum rwlock_mode mode;
	uint64_t lease_ns;     /* 0: without limit */
	bool waits;            /* a try in vain takes a place in the queue */
	/* answers */
	uint64_t token;
	bool recovered;        /* for writing: the last writer died holding it, or lost it to its lease */
	uint32_t taken_over;   /* holds that were lost to us by their lease */
	/* between two tries */
	uint64_t since;        /* place in the queue; 0: none yet */
	uint32_t record;       /* RWLOCK_NONE: the guard was not to be had */
	uint32_t event;
	uint64_t lease_end_ns; /* when the first of the leases ends that are in the way; 0: none does */
};

/** Of the hash of a name under the segment's key, so that nobody can choose names that meet. 0 stands for no name. */
static inline uint64_t rwlock_hash(uint64_t hash) { return hash ? hash : 1; }

/**
 * CACHE_OK; CACHE_LOCKED: not now; CACHE_UPGRADE: for writing, while held for reading; CACHE_FULL: the table, or the
 * participant's part of it. The dead are recovered first if they are in the way.
 */
CACHE_MUST_CHECK enum cache_status rwlock_try(struct rwlock_holder *holder, struct rwlock_attempt *attempt);
/** After CACHE_LOCKED: sleeps until the next try may succeed, until a signal, or for `ns`, at most RWLOCK_SLICE_NS. */
void rwlock_sleep(struct rwlock_holder *holder, struct rwlock_attempt *attempt, uint64_t ns);
/** Instead of a further try. */
void rwlock_give_up(struct rwlock_holder *holder, struct rwlock_attempt *attempt);

/** Undoes the last acquisition of that name. CACHE_MISSING: it is not held, or not any more. Waits for nothing. */
CACHE_MUST_CHECK enum cache_status rwlock_release(struct rwlock_holder *holder, uint64_t hash);
/** Whatever is held, and the place in a queue. */
void rwlock_release_all(struct rwlock_holder *holder);

struct rwlock_info {
	char name[RWLOCK_NAME_KEPT + 24]; /* a longer one is cut, and told from others by its hash */
	size_t name_length;
	bool writer, waiting;  /* held for writing; somebody waits to write */
	bool abandoned;        /* free for reading, the next writer will be told */
	uint32_t readers;
	uint64_t token;        /* of the last to be given it */
	bool leased;           /* all who hold it do so with a lease */
	uint64_t lease_left_ns; /* until the last of these has passed */
	enum rwlock_mode mine; /* 0: we do not hold it */
	uint32_t count;
};
/** What is known about record i: false if nobody holds or wants it and it is not abandoned. No lock: a snapshot. */
bool rwlock_describe(struct rwlock_holder *holder, uint32_t record, struct rwlock_info *info);

/** For a fresh segment, whose bytes are 0. */
void rwlock_format(const struct segment *segment);
/** Nobody is attached, so nobody holds or wants anything; writers that are named died. Whatever the bytes are. */
void rwlock_reset(const struct segment *segment);
/** Ends whatever the dead slot held. Idempotent. */
void rwlock_recover(struct owner *self, uint32_t dead);

#endif
