/*
 * The table of named locks in the segment: what stands where, and what each word says.
 *
 *   locks_at       header | RWLOCK_RECORDS records of 128 bytes | for each record its reader bits, its waiter bits
 *   lock_rows_at   a row of 512 bytes for each participant slot; memory is taken when the slot is first used
 *
 * The truth about a lock, each part of it changed by one atomic store:
 *   record.writer     0 free | slot + 1 | incarnation << 32: held for writing | RWLOCK_ABANDONED: free, its last writer
 *                     died or lost it to its lease, and no writer has taken it since
 *   reader bit of i   slot i holds the record for reading. Its cell in row i says until when; a bit without a cell is
 *                     what is left of a release or of a lease that was taken over, and holds nobody up
 * Everything else only helps: which name a record belongs to while nobody holds it, who waits and in which order.
 *
 * Rules:
 *  1. Acquiring, taking over and giving a record to another name are done under the guard. Nothing is called back and
 *     nothing allocated there.
 *  2. Releasing and recovering are done without the guard, by read-modify-writes that fail or change nothing if the
 *     hold is gone: so they never wait, also where the guard's owner is stopped. Whoever decides under the guard may
 *     find less held than a moment ago, never more.
 *  3. A killed process leaves before each of these stores a whole state, after it another one. Its guard is opened by its
 *     recovery, which has nothing to repair.
 *  4. A record may be given to another name if nobody holds it, nobody waits for it and it is not abandoned; when there is
 *     no other, the abandoned one that was used the longest time ago.
 *  5. Waiting is a place in a queue: `since` in the waiter's row, valid until `until`, and a waiter bit. A reader goes ahead of
 *     nobody who came before and waits to write; a writer goes ahead of nobody who came before. So nobody starves. A waiter
 *     that was killed or stopped loses its place after RWLOCK_PLACE_NS.
 *
 * Every number that is read from the segment is bounded before it is used.
 */
#ifndef CACHE_CORE_RWLOCK_TABLE_H
#define CACHE_CORE_RWLOCK_TABLE_H

#include "core/shm/lock.h"

#define RWLOCK_RECORDS 256u
/* Names that one participant may hold. */
#define RWLOCK_HOLDS 30u
#define RWLOCK_NAME_KEPT 88u

#define RWLOCK_ABANDONED (UINT64_C(1) << 16)
#define RWLOCK_NONE UINT32_MAX

/* A waiter wakes after that time, looks whether those before it are alive, and renews its place, which lasts longer. */
#define RWLOCK_SLICE_NS UINT64_C(100000000)
#define RWLOCK_PLACE_NS UINT64_C(200000000)

enum rwlock_mode { RWLOCK_READ = 1, RWLOCK_WRITE = 2 };

struct rwlock_table {
	struct owner_lock guard;
	atomic_u32 reach;      /* no record stands farther from where its hash says; only grows; under the guard */
	atomic_u64 token;      /* the last fencing token given out; by RMW */
	atomic_u64 places;     /* the last place in a queue given out; by RMW */
	uint64_t reserved[5];
};
_Static_assert(sizeof(struct rwlock_table) == 64, "the header is one line");

struct rwlock_record {
	atomic_u64 hash;       /* of the name; 0: none. Under the guard, published last */
	atomic_u64 writer;     /* see above */
	atomic_u64 token;      /* of the last to be given the lock, written before that is committed */
	atomic_u64 deadline;   /* of the writer, monotonic ns; 0: none. Written before the writer */
	atomic_u32 event;      /* futex of those who wait; counts */
	uint32_t name_length;  /* of which up to RWLOCK_NAME_KEPT bytes are here. Under the guard, while hash is 0 */
	char name[RWLOCK_NAME_KEPT];
};
_Static_assert(sizeof(struct rwlock_record) == 128, "two lines a record");

/** What a participant holds for reading: index of the record | token << 8; 0: nothing, since no token is 0. */
struct rwlock_cell {
	atomic_u64 held;
	atomic_u64 deadline;   /* monotonic ns; 0: none. Written before `held` */
};

struct rwlock_row {
	atomic_u64 waiting;    /* index of the record + 1 | mode << 16; 0: for nothing. By the owner of the slot and its recovery */
	atomic_u64 since;      /* its place; lower ones come first */
	atomic_u64 until;      /* monotonic ns */
	uint64_t reserved;
	struct rwlock_cell cells[RWLOCK_HOLDS];
};
_Static_assert(sizeof(struct rwlock_row) == 512, "eight rows a page");

enum rwlock_bits { RWLOCK_READERS, RWLOCK_WAITERS };

/** Words of one bitmap. */
static inline uint32_t rwlock_words(uint32_t participants) { return (participants + 63) / 64; }
/** Bytes of the table, without the rows. */
static inline uint64_t rwlock_table_bytes(uint32_t participants)
{
	return sizeof(struct rwlock_table) +
	       RWLOCK_RECORDS * (sizeof(struct rwlock_record) + 2 * rwlock_words(participants) * sizeof(atomic_u64));
}

static inline struct rwlock_table *rwlock_table(const struct segment *s)
{
	return (struct rwlock_table *)(s->base + s->geometry.locks_at);
}
static inline struct rwlock_record *rwlock_record(const struct segment *s, uint32_t i)
{
	return (struct rwlock_record *)(rwlock_table(s) + 1) + i;
}
static inline atomic_u64 *rwlock_bits(const struct segment *s, uint32_t i, enum rwlock_bits which)
{
	return (atomic_u64 *)rwlock_record(s, RWLOCK_RECORDS) + (2 * i + which) * rwlock_words(s->geometry.participants);
}
static inline struct rwlock_row *rwlock_row(const struct segment *s, uint32_t slot)
{
	return (struct rwlock_row *)(s->base + s->geometry.lock_rows_at) + slot;
}

/** Guests hold no locks: their slots change hands after each operation. */
static inline uint32_t rwlock_slots(const struct segment *s) { return s->geometry.participants - GUEST_SLOTS; }
/** Slots that have ever been in use: the others may have no memory. */
static inline uint32_t rwlock_slots_used(const struct segment *s)
{
	uint32_t used = load_acquire(&s->superblock->participants_used);

	return used < rwlock_slots(s) ? used : rwlock_slots(s);
}

static inline uint64_t rwlock_bit(uint32_t slot) { return UINT64_C(1) << slot % 64; }
/** Slot of the first bit from `slot` on, RWLOCK_NONE if there is none. */
uint32_t rwlock_next(const struct segment *segment, uint32_t record, enum rwlock_bits which, uint32_t slot);
static inline bool rwlock_any(const struct segment *s, uint32_t record, enum rwlock_bits which)
{
	return rwlock_next(s, record, which, 0) != RWLOCK_NONE;
}
static inline void rwlock_clear(const struct segment *s, uint32_t record, enum rwlock_bits which, uint32_t slot)
{
	rmw_and(&rwlock_bits(s, record, which)[slot / 64], ~rwlock_bit(slot));
	rmw_fence(); /* a reader looks next for other readers, whose bits may be in other words: let_go() */
}

/**
 * Can that slot hold anything? A participant lets go, or is recovered, before its slot is marked as free: a hold in the name
 * of a free one is damage. `incarnation` 0: any.
 */
static inline bool rwlock_is_possible(const struct segment *s, uint32_t slot, uint32_t incarnation)
{
	const struct participant *record = segment_participant(s, slot);

	return slot < rwlock_slots_used(s) && load_acquire(&record->state) == SLOT_USED &&
	       (incarnation == 0 || load_relaxed(&record->incarnation) == incarnation);
}

static inline uint32_t rwlock_writer_slot(uint64_t writer) { return (uint32_t)(writer & 0xffff) - 1; }
static inline bool rwlock_is_held(uint64_t writer) { return (writer & 0xffff) != 0; }

/** Of a cell's word; RWLOCK_NONE: of none. */
static inline uint32_t rwlock_cell_record(uint64_t held)
{
	return held ? (uint32_t)(held & (RWLOCK_RECORDS - 1)) : RWLOCK_NONE;
}
static inline uint64_t rwlock_cell_word(uint32_t record, uint64_t token) { return record | token << 8; }
/** The cell of that slot that holds the record, or NULL. */
struct rwlock_cell *rwlock_find_cell(const struct segment *segment, uint32_t slot, uint32_t record);

/* ---- records ------------------------------------------------------------------------------------------- */

/** Of that hash, or RWLOCK_NONE. Without the guard it may be another name's a moment later. */
uint32_t rwlock_find(const struct segment *segment, uint64_t hash);
/** A record for that name, which has none. Under the guard. RWLOCK_NONE: all are in use. */
uint32_t rwlock_claim(const struct segment *segment, uint64_t hash, const char *name, size_t length);

/* ---- the queue ----------------------------------------------------------------------------------------- */

struct rwlock_attempt;

/** Takes or renews the caller's place. Under the guard, before it is looked whether the lock is free. */
void rwlock_queue_join(struct owner *owner, struct rwlock_attempt *attempt, uint32_t record, uint64_t now);
/** Gives it back, if there is one: of which record it was, or RWLOCK_NONE. */
uint32_t rwlock_queue_leave(struct owner *owner);
/** Does somebody wait who comes first? `now` 0: whoever may. Under the guard; forgets places that are not valid. */
bool rwlock_queue_blocks(struct owner *owner, const struct rwlock_attempt *attempt, uint32_t record, uint64_t now);
/** The slot that is first in the queue, or RWLOCK_NONE. */
uint32_t rwlock_queue_first(const struct segment *segment, uint32_t record);
/** Does a writer wait? */
bool rwlock_queue_writer_waits(const struct segment *segment, uint32_t record, uint64_t now);
/** Wakes whose turn it may be, after what was in the way has been cleared by a read-modify-write. */
void rwlock_queue_wake(const struct segment *segment, uint32_t record);
/** Sleeps until that, or for so long. */
void rwlock_queue_sleep(struct owner *owner, const struct rwlock_attempt *attempt, uint64_t ns);

#endif
