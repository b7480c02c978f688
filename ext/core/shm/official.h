/*
 * The read-only view of a segment at OFFICIAL_BASE, the same in all processes; one in a process. Its addresses are
 * reserved before PHP forks its workers, so that nothing else of theirs comes to lie there.
 */
#ifndef CACHE_CORE_OFFICIAL_H
#define CACHE_CORE_OFFICIAL_H

#include "core/shm/segment.h"

/** Reserves the addresses for so many bytes, if they are free; see store_reserve(). */
void official_reserve(uint64_t bytes);
/**
 * Of a reservation that nobody uses: true if there was one. Where address space is limited, it may be what is missing.
 */
bool official_give_back(void);

/** Maps the file there. NULL: the addresses, or a mapping, are not to be had. */
const char *official_map(struct segment *segment, int fd, bool writable);
/** Puts the reservation back in its place, if that segment is mapped there. */
void official_unmap(struct segment *segment);

#endif
