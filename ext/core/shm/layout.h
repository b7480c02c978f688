/*
 * What stands where in a segment file.
 *
 *   0                    superblock                      one 4 KB page
 *   shards_at            shard 0 .. shard S-1            each shard_stride bytes
 *   tags_at              which tags were invalidated     store/tag.h
 *   leases_at            one table for each shard        store/lease.h
 *   locks_at             table of named locks            see rwlock_table.h
 *   lock_rows_at         rows of it, 512 bytes each      one a participant; taken when a slot is first used
 *   queue_at             names and keys of the queue     see queue_table.h
 *   jobs_at              jobs, 384 bytes each            taken from the file system in steps
 *   chunks_at            their long texts, 256 bytes each  likewise
 *   participants_at      participant records, 1 KB each  taken from the file system when a slot is first used
 *   pins_at              pin tables, 8 KB each           likewise
 *
 * A shard: header | index directory | ghost directory | page words | unit bitmaps | slab records | arena.
 * The arena is an array of 16 KB pages of four 4 KB units; it is taken from the file system in steps.
 *
 * Validity of a file, checked at attach:
 *  1. It has the magic, which is written last. 2. Version, fingerprint and page size are ours. 3. The checksum over
 *  the immutable part fits. 4. The geometry computed from (size, participants) is the one noted, and the file has
 *  exactly that length. From then on a process uses its own copy of the geometry: no length or offset of the
 *  tables is ever read from the file again.
 *
 * Positions inside the segment are "places": counts of 8-byte granules from the start of the file, 40 bits.
 */
#ifndef CACHE_CORE_LAYOUT_H
#define CACHE_CORE_LAYOUT_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/atomics.h"
#include "core/base/hash.h"
#include "core/base/status.h"

#define SEGMENT_MAGIC UINT64_C(0x3130454843414350) /* "PCACHE01" */
#define SEGMENT_VERSION 2

#define OS_PAGE 4096u
#define UNIT_BYTES 4096u
#define PAGE_UNITS 4u
#define PAGE_BYTES (UNIT_BYTES * PAGE_UNITS)
#define GRANULE 8u
#define PLACE_BITS 40

/** A position in the segment, in granules. A struct, so that no integer is passed by mistake. 0: nowhere. */
struct place {
	uint64_t granule;
};
#define NOWHERE ((struct place){0})

/* Slots at the end of the table that processes without a slot of their own borrow for one operation. */
#define GUEST_SLOTS 4u
#define PINS_PER_PARTICIPANT 1024u
#define PARTICIPANT_COUNTERS 116

struct geometry {
	uint64_t size;         /* upper bound of the shards' bytes */
	uint32_t participants; /* slots, guests included */
	uint32_t shards;       /* a power of two */
	uint32_t jobs;         /* of the rebuild queue */
	uint32_t job_keys;     /* slots of its table of unique keys, a power of two */
	uint64_t shards_at, shard_stride;
	uint64_t tags_at, leases_at, lease_stride;
	uint64_t locks_at, lock_rows_at;
	uint64_t queue_at, jobs_at, chunks_at;
	uint64_t participants_at, pins_at;
	uint64_t file_length;
	/* inside of a shard */
	uint32_t pages;        /* of the arena */
	uint32_t index_pages;  /* entries of the index directory */
	uint32_t ghost_pages;  /* entries of the ghost directory */
	uint32_t tag_sets, lease_sets; /* powers of two; of leases: in each shard's table */
	uint32_t directory_at, ghosts_at, page_words_at, unit_free_at, span_start_at, slabs_at, arena_at;
};

/** What this layer must know of the structures of the store. */
struct shard_shape {
	uint32_t header_bytes; /* of a shard */
	uint32_t slab_bytes;   /* of the record of a page */
	uint32_t tag_header_bytes, tag_set_bytes;
	uint32_t lease_header_bytes, lease_set_bytes; /* of a shard's table */
	uint64_t fingerprint;  /* of all sizes, offsets and formats of the store and its host */
};

/** CACHE_BAD_OPTION if a segment of that size cannot be laid out. */
CACHE_MUST_CHECK enum cache_status geometry_compute(uint64_t size, uint32_t processes, uint32_t jobs,
                                                    const struct shard_shape *shape, struct geometry *geometry);

struct superblock {
	/* Immutable once the magic is written. */
	atomic_u64 magic;
	uint32_t version, os_page;
	uint64_t fingerprint;
	struct hash_key key;
	uint64_t epoch; /* random, tells this file from every other */
	int64_t created_us;
	uint64_t official_base;
	struct geometry geometry;
	uint64_t checksum; /* of everything above but the magic */

	/* Read at every look-up, written by cache_clear(): the number of clears. */
	alignas(64) atomic_u64 generation;
	/* One past the highest participant slot ever used, guests' apart: those below have memory. Raised by CAS. */
	atomic_u32 participants_used;
	uint32_t reserved;
	/* One bit a shard: too much of its memory is retired and pinned; readers copy instead of keeping pins. */
	atomic_u64 no_new_pins;

	alignas(64) atomic_u64 swept_second; /* the last second whose sweep somebody took; by CAS */
	atomic_u64 grow_failed_ns;           /* monotonic: when the file system last refused */
};
_Static_assert(sizeof(struct superblock) <= OS_PAGE, "the superblock fits into its page");

/** What tells the files of one build from those of another: sizes and offsets of this layer and the ones above. */
uint64_t layout_fingerprint(const struct shard_shape *shape);
uint64_t superblock_checksum(const struct superblock *superblock);

enum participant_state { SLOT_FREE = 0, SLOT_USED = 1 };

/*
 * One participant. Written by its owner alone, who is whoever holds the OFD lock on the byte of the slot; so its
 * words need no read-modify-write. The counters stay when the slot changes hands: sums over all slots never lose.
 */
struct participant {
	atomic_u32 state;
	atomic_u32 incarnation;
	atomic_u32 pins;          /* high-water mark of the pin table in use */
	uint32_t reserved;
	atomic_u64 pinned_bytes;  /* owner's account of what its pins hold */
	atomic_u64 listens;       /* a bit for each queue it last asked for jobs */
	atomic_u64 working;       /* it may run jobs that note this word: see queue.h; 0: none */
	uint64_t reserved2[3];
	atomic_u64 counters[PARTICIPANT_COUNTERS];
	uint64_t reserved3[4];
};
_Static_assert(sizeof(struct participant) == 1024, "four participants a page");

#define PIN_TABLE_BYTES (PINS_PER_PARTICIPANT * sizeof(atomic_u64))

#endif
