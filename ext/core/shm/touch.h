/*
 * Memory of the segment that this process has not touched.
 *
 * The first touch of a page by a process is a fault, whoever has used the page before: half a microsecond, and 20 where the host
 * shadows the page tables of its guest. The kernel has two cheaper ways, which need to be asked for:
 *
 *  - madvise(MADV_POPULATE_WRITE) enters a range into the page table by one call: segment_touch(), for what is written in its place;
 *  - write() puts bytes into the file's pages without any entry in a page table, and what is overwritten whole need not be
 *    zeroed before: segment_write(), for large values, which are then built somewhere else first.
 *
 * So each process notes for each unit of the file what it has done with it. That is a hint and nothing rests on it: where it is wrong, a touch
 * is a fault, as it would be without. Threads share it; a forked child, whose page table is empty, begins anew.
 */
#ifndef CACHE_CORE_TOUCH_H
#define CACHE_CORE_TOUCH_H

#include "core/shm/segment.h"

enum unit_touch {
	UNIT_UNTOUCHED,
	UNIT_WRITTEN, /* by segment_write() */
	UNIT_MAPPED,
};

/** For a segment that was just mapped. Without memory for it there are no notes. */
void touch_open(struct segment *segment);
void touch_close(struct segment *segment);

/** See segment_touch(). */
void touch_units(const struct segment *segment, uint64_t first, uint64_t number);

/** Before [at, at + bytes) of the file, which has memory, is written in its place. A byte is read for each unit that was touched before. */
static inline void segment_touch(const struct segment *s, uint64_t at, uint64_t bytes)
{
	uint64_t first = at / UNIT_BYTES, end = (at + bytes - 1) / UNIT_BYTES + 1;

	for (uint64_t unit = first; s->touched && unit < end; unit++) {
		if (likely_false(load_relaxed(&s->touched[unit]) != UNIT_MAPPED)) {
			touch_units(s, unit, end - unit);
			return;
		}
	}
}

/**
 * Is [at, at + bytes) so new to this process that segment_write() is cheaper? Once only: what was written that way is used again,
 * and then it pays to map it.
 */
CACHE_MUST_CHECK bool segment_untouched(const struct segment *segment, uint64_t at, uint64_t bytes);
/** Copies into the file. False: it cannot be done this way, and some of it may have been. */
CACHE_MUST_CHECK bool segment_write(const struct segment *segment, const struct cache_host *host, uint64_t at, const void *from,
                                    uint64_t bytes);

#endif
