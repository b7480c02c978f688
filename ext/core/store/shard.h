/*
 * A shard: one part of the index with its own arena, eviction queues, ghost and lock.
 *
 * Truth and derivation. The contents of the cache are defined by
 *   - the words of the index lines that the bucket count and the index directory reach, and the overflow links;
 *   - the entries they name;
 *   - for blocks that no index word names: the pins of living participants together with the start bits;
 *   - the class of a page that holds such blocks (page word), and the version counter.
 * Everything else - free units, slab counts and lists, queues, limbo, ghost, totals - is derived and is rebuilt from
 * these when the lock's owner dies (rebuild.c). So the order of stores matters for the truth only, and there each
 * change is one aligned 8-byte store, the commit; what it makes reachable is complete before it.
 *
 * Field comments: [L] read and written under the lock only; [R] read without it.
 */
#ifndef CACHE_CORE_SHARD_H
#define CACHE_CORE_SHARD_H

#include "core/shm/lock.h"
#include "core/store/entry.h"

#define SLAB_CLASSES 35u
#define SPAN_CLASS SLAB_CLASSES
#define CLASSES (SLAB_CLASSES + 1)
_Static_assert(CLASSES <= STORE_CLASSES_MAX, "store_info has room for all classes");

/* The smallest class holds overflow lines only: no entry is that small. */
#define LINE_CLASS 0u

#define LINE_SLOTS 7u
/* A bucket that is about to be split has 10 entries on average: with 4 lines one insert in a million found its chain
 * full, with 6 none of 10^8 did (Poisson). */
#define CHAIN_LINES_MAX 6u
#define LINES_PER_PAGE (PAGE_BYTES / 64)

/*
 * An index line. header: earliest expiry (low 32: seconds since the segment's creation, never later than the truth)
 * and the link of the next line of the chain (high 32; 0: none). A slot word: tag 16 | dead 1 | type 7 | place 40;
 * 0: empty.
 */
struct bucket_line {
	atomic_u64 header;
	atomic_u64 slots[LINE_SLOTS];
};
_Static_assert(sizeof(struct bucket_line) == 64, "one cache line");

#define EXPIRY_NEVER UINT32_MAX

/* A link: granules from the start of the arena, + 1; 0: none. */
typedef uint32_t link_t;

/* Victims of the own class taken at a time, so that the scan of the pins is shared; and so many are looked at before. */
#define VICTIMS_AHEAD 4u

struct size_class {
	alignas(64) uint32_t partial;              /* page + 1 of the first slab with a free block; LIFO, so that blocks stay warm */
	uint32_t pages;                /* slabs; for spans: units */
	uint32_t used;                 /* blocks in use, retired and ready ones included */
	link_t small_head, small_tail; /* S3-FIFO: new entries */
	link_t main_head, main_tail;   /* S3-FIFO: entries that were read while in small, or that the ghost knew */
	uint32_t small_count, main_count;
	link_t ready;                  /* the first of the blocks that are ready: see alloc.h */
	uint32_t ready_count;
	link_t outlook;                /* of the next victims: see evict.h */
	uint32_t outlook_bits[VICTIMS_AHEAD];
};
_Static_assert(sizeof(struct size_class) == 64, "one cache line");

/* A block that is about to leave its queue, and the one that takes its place or 0: see fifo.h. */
struct fifo_note {
	link_t block, heir;
};
#define FIFO_DEFERRED 8u

/* The record of a page that is a slab. bits: start bits of its blocks. */
struct slab {
	uint64_t bits[4];
	uint16_t used, blocks;
	uint8_t class, hint;           /* hint: word of bits to look at first */
	uint8_t listed, drained;       /* on the list of partial slabs; being emptied: takes no new blocks */
	uint32_t next, prev;           /* page + 1 */
	uint64_t reserved[2];
};
_Static_assert(sizeof(struct slab) == 64, "one cache line");

enum page_kind { PAGE_FREE = 0, PAGE_SLAB = 1, PAGE_SPANS = 2, PAGE_INDEX = 3, PAGE_GHOST = 4 };
/* page word: kind 8 | class 8 */
static inline uint32_t page_word(enum page_kind kind, uint32_t class) { return (uint32_t)kind | class << 8; }
static inline enum page_kind page_kind(uint32_t word) { return (enum page_kind)(word & 0xff); }
static inline uint32_t page_class(uint32_t word) { return word >> 8 & 0xff; }

struct shard {
	/* [R] read at every look-up, seldom written */
	atomic_u64 layout;             /* number of buckets (low 32) | changes of chains (high 32): see index.h */
	atomic_u64 clear_seen;         /* the generation that clear_version stands for */
	atomic_u64 clear_version;      /* entries of this version or an older one are cleared */
	atomic_u32 pages_ready;        /* pages of the arena that have memory; raised by CAS */

	alignas(64) struct owner_lock lock;
	atomic_u32 reclaim_wanted;     /* [L] but read by anybody: enough has gathered on limbo */
	atomic_u32 limbo_any;          /* [L] but read by anybody: there is something on it, ready, or noted in deferred */
	uint32_t ready;                /* [L] blocks that are ready, of all classes */
	atomic_u32 leases;             /* [L] slots of the lease table that are not free */
	uint32_t deferred_count;       /* [L] notes in deferred */

	/* [L] what every write needs: one line */
	alignas(64) uint64_t version;  /* last version given out; even */
	atomic_u64 entries;            /* reachable from the index; read by anybody */
	uint64_t block_bytes;          /* in blocks in use */
	uint64_t limbo_bytes;          /* of which retired */
	atomic_u64 retired;            /* number of blocks ever retired; read by anybody: see reclaim_ahead() */
	uint64_t limbo_due_bytes;      /* reclaim when limbo_bytes or limbo_count reach these */
	uint32_t limbo_due;
	uint32_t limbo_count;
	link_t limbo;                  /* retired blocks that may be pinned */
	uint32_t sweep_hand;           /* next bucket that a write looks at */

	alignas(64) atomic_u64 swept_generation; /* written under the lock; the last clear whose entries were all returned */
	uint64_t ghost_clock;          /* [L] evictions noted */
	uint32_t pages_known;          /* [L] pages_ready, as far as the allocator has taken it in */
	uint32_t free_units;
	uint32_t index_pages, ghost_pages;
	uint32_t page_hint;            /* no free page below this 64-bit word of the unit bitmap */
	uint32_t sweep_position;       /* [L] next bucket of the walk after a clear */

	alignas(64) struct fifo_note deferred[FIFO_DEFERRED]; /* [L] */

	struct size_class classes[CLASSES];
};

extern const uint16_t slab_class_bytes[SLAB_CLASSES];
extern const uint16_t slab_class_blocks[SLAB_CLASSES];

/** A shard as one participant works on it. */
struct shard_ref {
	struct owner *self;
	struct shard *shard;
	char *arena;
	uint64_t arena_granule;        /* place of the arena's first byte */
	const struct geometry *geometry;
	uint32_t number;
};

static inline struct shard_ref shard_open(struct owner *self, uint32_t number)
{
	const struct segment *s = self->segment;
	char *at = s->base + s->geometry.shards_at + number * s->geometry.shard_stride;

	return (struct shard_ref){
		.self = self,
		.shard = (struct shard *)at,
		.arena = at + s->geometry.arena_at,
		.arena_granule = (uint64_t)(at + s->geometry.arena_at - s->base) / GRANULE,
		.geometry = &s->geometry,
		.number = number,
	};
}
static inline uint32_t shard_of_hash(const struct geometry *g, uint64_t hash) { return (uint32_t)hash & (g->shards - 1); }

/* ---- addresses ------------------------------------------------------------------------------------------ */

static inline void *link_pointer(const struct shard_ref *r, link_t link) { return r->arena + (uint64_t)(link - 1) * GRANULE; }
static inline struct entry *link_entry(const struct shard_ref *r, link_t link) { return link_pointer(r, link); }
static inline link_t pointer_link(const struct shard_ref *r, const void *p)
{
	return (link_t)((uint64_t)((const char *)p - r->arena) / GRANULE) + 1;
}
static inline struct place link_place(const struct shard_ref *r, link_t link)
{
	return (struct place){r->arena_granule + link - 1};
}
/** The link of a place inside the committed arena with room for an entry's header, or 0. */
static inline link_t place_link(const struct shard_ref *r, uint64_t granule)
{
	uint64_t offset = granule - r->arena_granule;
	uint64_t limit = (uint64_t)load_relaxed(&r->shard->pages_ready) * (PAGE_BYTES / GRANULE) - sizeof(struct entry) / GRANULE;

	return offset <= limit ? (link_t)offset + 1 : 0;
}
static inline uint32_t link_page(link_t link) { return (link - 1) / (PAGE_BYTES / GRANULE); }

static inline uint32_t *index_directory(const struct shard_ref *r) { return (uint32_t *)((char *)r->shard + r->geometry->directory_at); }
static inline uint32_t *ghost_directory(const struct shard_ref *r) { return (uint32_t *)((char *)r->shard + r->geometry->ghosts_at); }
static inline uint32_t *page_words(const struct shard_ref *r) { return (uint32_t *)((char *)r->shard + r->geometry->page_words_at); }
static inline uint64_t *unit_free_bits(const struct shard_ref *r) { return (uint64_t *)((char *)r->shard + r->geometry->unit_free_at); }
static inline uint64_t *span_start_bits(const struct shard_ref *r) { return (uint64_t *)((char *)r->shard + r->geometry->span_start_at); }
static inline struct slab *slab_of(const struct shard_ref *r, uint32_t page) { return (struct slab *)((char *)r->shard + r->geometry->slabs_at) + page; }

/* ---- slot words ----------------------------------------------------------------------------------------- */

static inline uint16_t hash_tag(uint64_t hash) { return (uint16_t)(hash >> 48); }
static inline uint32_t hash_bucket_bits(uint64_t hash) { return (uint32_t)(hash >> 8); }
static inline uint64_t slot_word(uint64_t hash, unsigned type, struct place place)
{
	return (uint64_t)hash_tag(hash) << 48 | (uint64_t)type << PLACE_BITS | place.granule;
}
static inline uint16_t word_tag(uint64_t word) { return (uint16_t)(word >> 48); }
static inline uint64_t word_granule(uint64_t word) { return word & ((UINT64_C(1) << PLACE_BITS) - 1); }
/* A bit of the type's byte: the entry was invalidated while it was being moved; see entry_relocate(). */
#define WORD_DEAD (UINT64_C(0x80) << PLACE_BITS)
static inline unsigned word_type(uint64_t word) { return (unsigned)(word >> PLACE_BITS) & 0x7f; }

/* ---- state and queue of an entry: one byte, [L] --------------------------------------------------------- */

static inline enum entry_state entry_state(const struct entry *e) { return (enum entry_state)(e->state & 0xf); }
static inline enum entry_queue entry_queue(const struct entry *e) { return (enum entry_queue)(e->state >> 4 & 7); }
static inline void entry_set_state(struct entry *e, enum entry_state state, enum entry_queue queue)
{
	e->state = (uint8_t)(state | queue << 4);
}
/* It is to take another one's place in the queue: see fifo.h. */
#define ENTRY_HEIR 0x80u
static inline bool entry_is_heir(const struct entry *e) { return (e->state & ENTRY_HEIR) != 0; }
static inline void entry_set_heir(struct entry *e, enum entry_queue queue)
{
	e->state = (uint8_t)(ENTRY_LIVE | queue << 4 | ENTRY_HEIR);
}

/* ---- counters ------------------------------------------------------------------------------------------- */

_Static_assert(STORE_COUNTERS + 2 * STORE_AGE_BUCKETS <= PARTICIPANT_COUNTERS, "the participant's record has room");

static inline void count_many(struct owner *self, unsigned counter, uint64_t n)
{
	atomic_u64 *word = &self->record->counters[counter];

	store_relaxed(word, load_relaxed(word) + n); /* ours alone */
}
#define count(self, name) count_many((self), STORE_COUNT_##name, 1)

static inline unsigned age_bucket(int64_t seconds)
{
	unsigned bits = seconds <= 0 ? 0 : 64u - (unsigned)__builtin_clzll((unsigned long long)seconds);

	return bits < STORE_AGE_BUCKETS ? bits : STORE_AGE_BUCKETS - 1;
}
static inline void count_eviction_age(struct owner *self, int64_t seconds)
{
	count_many(self, STORE_COUNTERS + age_bucket(seconds), 1);
}
static inline void count_hit_idle(struct owner *self, int64_t seconds)
{
	count_many(self, STORE_COUNTERS + STORE_AGE_BUCKETS + age_bucket(seconds), 1);
}

/* Compiled in with --enable-cache-debug: rules that must hold whatever the input. */
#ifdef CACHE_DEBUG
#include <stdio.h>
#include <stdlib.h>
#define invariant(condition)                                                                          \
	do {                                                                                              \
		if (!(condition)) {                                                                           \
			fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition);         \
			abort();                                                                                  \
		}                                                                                             \
	} while (0)
#else
#define invariant(condition) ((void)sizeof(!(condition)))
#endif
/* By us, or by the dead owner in whose name we act. */
static inline bool lock_is_ours(const struct shard_ref *r)
{
	return lock_owner(&r->shard->lock) != NO_SLOT;
}

#endif
