/*
 * The eviction queues: a doubly linked list through the entries of a size class, for each of small and main.
 *
 * Whatever leaves the middle of a queue has two neighbours, and to write into them is to wait for two lines that are in no
 * processor's cache, if the cache is large: half of a store. So a block that is replaced or deleted stays where it is at first. The
 * shard notes it, with the one that takes its place, its heir, and the neighbours are fetched meanwhile; when FIFO_DEFERRED
 * are noted they leave together. An heir is replaced or deleted by changing the note. Until then
 *   - the block is RETIRED, still has its links, and is not on limbo: it has not begun to wait for its readers;
 *   - the heir is LIVE, has ENTRY_HEIR set, and the number of the note instead of links.
 * Whoever goes along a queue to choose a victim, and whoever needs memory, lets them leave before (retire_deferred()).
 *
 * All under the shard's lock, and derived: recovery makes the queues anew, without notes.
 */
#ifndef CACHE_CORE_FIFO_H
#define CACHE_CORE_FIFO_H

#include "core/store/shard.h"

/** Puts an entry at the head: new ones come in there, and leave at the tail. */
void fifo_push(const struct shard_ref *r, link_t link, enum entry_queue queue);
/** Takes it out, at once. */
void fifo_remove(const struct shard_ref *r, link_t link);
/** `fresh` takes the place of `old`, at once; both are of that class. */
void fifo_substitute(const struct shard_ref *r, uint32_t class, link_t old, link_t fresh);

/** The same later: `fresh` takes the place of `old`, or nobody does (0). There must be room for a note, and `old` be no heir. */
void fifo_defer(const struct shard_ref *r, uint32_t class, link_t old, link_t fresh);
static inline bool fifo_defers_no_more(const struct shard_ref *r) { return r->shard->deferred_count == FIFO_DEFERRED; }
/** Lets all leave that are noted: into `left`, which is their number. */
uint32_t fifo_settle(const struct shard_ref *r, link_t left[FIFO_DEFERRED]);

#endif
