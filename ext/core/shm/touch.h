/*
 * Memory of the segment that this process has not touched.
 *
 * The first touch of a page by a process is a fault, whoever has used the page before: half a microsecond, and 20 where the host
 * shadows the page tables of its guest. The kernel has two cheaper ways, which need to be asked for:
 *
 *  - madvise(MADV_POPULATE_WRITE) enters a range into the page table by one call: touch_units(), for what is written in its place;
 *  - write() puts bytes into the file's pages without any entry in a page table, and what is overwritten whole need not be
 *    zeroed before: segment_write(), for large values, which are then built somewhere else first.
 *
 * So each process notes for each unit of the file what it has done with it. That is a hint and nothing rests on it: where it is wrong, a touch
 * is a fault, as it would be without. Threads share it; a forked child, whose page table is empty, begins anew.
 */
#ifndef CACHE_CORE_TOUCH_H
#define CACHE_CORE_TOUCH_H

#include "core/shm/segment.h"

/* A byte for each unit: how often it was written by segment_write(), or UNIT_MAPPED. */
#define UNIT_MAPPED UINT8_MAX
/*
 * So often that way, then it is worth a place in the page table. A write takes longer than a copy to where a page is mapped: 0.65 us a
 * page against 10 for the mapping, where the host shadows page tables. As many writes as one mapping costs: then neither way costs twice
 * the better one. A mapping also falls upon one store, which has to be rare: of those of 64 KB to 1 MB into a full cache, one of a hundred
 * took 1.4 ms with 1 to 4 writes, 0.9 with 8 and 0.3 with 16.
 */
#define UNIT_WRITES 16

/** For a segment that was just mapped. Without memory for it there are no notes. */
void touch_open(struct segment *segment);
void touch_close(struct segment *segment);

/** Enters units into the page table. */
void touch_units(const struct segment *segment, uint64_t first, uint64_t number);

static inline uint64_t unit_of(uint64_t at) { return at / UNIT_BYTES; }
static inline uint64_t units_of_range(uint64_t at, uint64_t bytes) { return unit_of(at + bytes - 1) + 1 - unit_of(at); }

/** Has this process the unit in its page table? Without notes: who knows. */
static inline bool unit_is_mapped(const struct segment *s, uint64_t unit)
{
	return !s->touched || load_relaxed(&s->touched[unit]) == UNIT_MAPPED;
}

enum range_way {
	RANGE_MAPPED, /* there is nothing to be done */
	RANGE_TOUCH,  /* touch_units(), then it is written to in its place */
	RANGE_WRITE,  /* segment_write() is cheaper */
};
/** How to fill [at, at + bytes) of the file, which has memory. A byte is read for each unit. */
enum range_way segment_way(const struct segment *segment, uint64_t at, uint64_t bytes);
/** Copies into the file. False: it cannot be done this way, and some of it may have been. */
CACHE_MUST_CHECK bool segment_write(const struct segment *segment, const struct cache_host *host, uint64_t at, const void *from,
                                    uint64_t bytes);

#endif
