/*
 * Participants: who may own locks, pins and blocks.
 *
 * A participant is alive while it holds an OFD write lock on the byte of its slot. The kernel drops that lock when
 * the last descriptor of the open file goes, that is on any death; it does not confuse reused pids, PID namespaces
 * or another descriptor of the same file being closed, and it errs only towards "alive".
 *
 * Invariants:
 *  1. Only the holder of the byte of slot i writes participant record i and pin table i.
 *  2. Whoever obtains the byte of a slot that is marked SLOT_USED acts in the name of its dead owner: it recovers
 *     (see recover.c), which is idempotent, since the recoverer may die as well and lose the byte in turn.
 *  3. A pin is written before the full fence, and the index word is read again after it.
 *
 * A process that finds no free slot is a guest: it borrows one of the last GUEST_SLOTS for the length of one
 * operation and keeps nothing pinned after it.
 */
#ifndef CACHE_CORE_OWNER_H
#define CACHE_CORE_OWNER_H

#include <stdbool.h>

#include "core/shm/segment.h"

#define NO_SLOT UINT32_MAX

/* The first pins are for blocks that their owner fills and has not published, the last of these for blocks that it keeps
 * for its next writes (store/reserve.h); the others are for reading. */
#define WRITER_PINS 8u
#define RESERVE_PIN 4u

struct owner {
	struct segment *segment;
	const struct cache_host *host;
	int fd;                      /* our own open file description; -1: none */
	uint32_t slot;               /* NO_SLOT: none, not attached or a guest between two operations */
	bool guest;
	uint32_t pin_count;          /* our pins: [0, pin_count) may be in use, holes are 0 */
	uint32_t pin_free;           /* lowest index for reading that may be free */
	atomic_u64 *pins;            /* the table of our slot */
	struct participant *record;
	uint32_t recovering;         /* depth of nested recoveries */
	bool quarantine;             /* for debugging: see retire.c */
	bool spins;                  /* there is more than one processor: a lock's holder may be running */
	uint32_t stuck_owner;        /* see LOCK_PATIENCE_NS */
	const void *stuck_lock;
	uint64_t stuck_until_ns;
	uint64_t no_guest_until_ns;  /* all slots of guests were taken for long */
	uint32_t first_reader;       /* lowest pin for reading that we set and clear; above WRITER_PINS while others may rely on those below: */
	int inherited_fd;            /* in a forked child without a slot: keeps its parent's slot alive; -1: none */
	int reader_fd;               /* and holds the parent's READERS_BYTE; -1: none */
	bool shared, shared_for_good; /* in the parent: pins below first_reader stay while somebody holds that byte, or always */
	/** Cleans up after a dead slot and marks it free; called by the holder of its byte. False: not finished. */
	bool (*recover)(struct owner *self, uint32_t dead);
	struct owner *next;          /* registry for fork */
};

/** Takes a slot. CACHE_NO_SLOT makes it a guest, which is usable, too. */
CACHE_MUST_CHECK enum cache_status owner_attach(struct owner *owner, struct segment *segment,
                                                const struct cache_host *host,
                                                bool (*recover)(struct owner *self, uint32_t dead));
/** Clears pins, marks the slot free, drops the byte. */
void owner_detach(struct owner *owner);
/** The same without touching the segment, whose memory is gone. Others find the slot of a dead one. */
void owner_abandon(struct owner *owner);
/** For a handle that fork() copied without a slot: attach again. */
CACHE_MUST_CHECK enum cache_status owner_reattach(struct owner *owner);

/** Begins and ends an operation of a guest. */
CACHE_MUST_CHECK enum cache_status owner_borrow(struct owner *owner);
void owner_return(struct owner *owner);

/** If the participant of that slot is dead: recovers it, frees the slot. Returns whether it was dead. */
bool owner_reap(struct owner *owner, uint32_t slot);
/** Reaps whoever is dead among all slots. One system call for each slot in use. */
uint32_t owner_reap_all(struct owner *owner);

/** Participants marked as attached. */
uint32_t owner_count(const struct segment *segment);

/* ---- pins ---------------------------------------------------------------------------------------------- */

/** Index of a free pin for reading, or PINS_PER_PARTICIPANT when all are taken. */
uint32_t pin_find_free(struct owner *owner);

/** Announces that we are about to read `place`; the caller re-reads the index word after it. */
static inline void pin_set(struct owner *owner, uint32_t index, struct place place)
{
	if (index >= owner->pin_count) {
		/* The scanner must see the higher mark no later than the pin: both are before the fence. */
		owner->pin_count = index + 1;
		store_relaxed(&owner->record->pins, owner->pin_count);
	}
	store_fenced(&owner->pins[index], place.granule);
}

/** The release order keeps our reads of the block before the pin's end: pins_scan() acquires it before the block is reused. */
static inline void pin_clear(struct owner *owner, uint32_t index)
{
	publish(&owner->pins[index], 0);
	if (index < owner->pin_free && index >= owner->first_reader) {
		owner->pin_free = index;
	}
}

/** Is it a pin of this table, and not one that a forked child knows from its parent's? */
static inline bool pin_is_ours(const struct owner *owner, uint32_t index)
{
	return index >= owner->first_reader && index < PINS_PER_PARTICIPANT;
}

/** Clears the pins for reading: no view is in use any more, those that fork() copied included. */
void pin_clear_readers(struct owner *owner);
/** Does it hold any pin for reading? */
bool pin_reading(const struct owner *owner);

/**
 * Calls visit for every pin of every participant but `except` (NO_SLOT: of all); `index` below WRITER_PINS: the block
 * is being filled by that participant. The caller has fenced.
 */
void pins_scan(const struct segment *segment, uint32_t except,
               void (*visit)(void *context, uint64_t granule, uint32_t index), void *context);

#endif
