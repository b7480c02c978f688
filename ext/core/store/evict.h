/*
 * Which entry goes: S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023) with
 * promotion threshold 1, for each size class of a shard.
 *
 *   small (about 10 %)  new entries; at the tail, one that was read moves to main, others go, leaving a ghost
 *   main  (about 90 %)  at the tail, one that was read since goes round again, with its frequency lowered
 *   ghost               fingerprints of what left small; a store of such a key goes to main at once
 *
 * A hit only raises a 2-bit frequency, racily, so that after three hits an entry is read-only. Queues and ghost are
 * derived: recovery rebuilds the queues and empties the ghost.
 *
 * Ghost: lines of 16 x {fingerprint 16 | time 16}, a lossy set; the time is in 1/1024 of its capacity.
 *
 * All under the shard's lock, but for what only fetches.
 *
 * Outlook: in a large cache the lines that an eviction needs are in no processor's cache, and to name them takes what stands in the
 * entry: its bucket, its line of the ghost, the next one of the queue. So each write that takes a block of a class in which there were
 * evictions looks at one more of the four that will go next, in their order, and notes what names its lines; the write that has
 * to evict fetches all of them at once, before it does anything else. (In 512 MB an eviction took 0.4 us, and takes 0.2.) Hints alone: an entry that was looked at may have gone, been read or replaced since, and nothing comes of it but a line
 * that was fetched in vain.
 */
#ifndef CACHE_CORE_EVICT_H
#define CACHE_CORE_EVICT_H

#include "core/store/retire.h"
#include "core/store/shard.h"

/** The next entry of the class to go, promoting on the way; 0 if the class is empty or all looked at is pinned. */
link_t evict_victim(const struct shard_ref *r, uint32_t class, const struct pin_set *pins, int64_t now_us);
/** How long ago, in writes to this shard, the next victim was stored. UINT64_MAX: nothing to evict. */
uint64_t evict_age(const struct shard_ref *r, uint32_t class);
/** The outlook begins anew: at the entry that is to go next, more or less. */
void outlook_begin(const struct shard_ref *r, uint32_t class);
/** One more of the next victims, if it was begun. */
void outlook_extend(const struct shard_ref *r, uint32_t class);
/** Fetches what extending it reads. Without the lock. */
void outlook_fetch_next(const struct shard_ref *r, uint32_t class);
/** Fetches the lines that the next evictions of the class take. Without the lock. */
void outlook_fetch_victims(const struct shard_ref *r, uint32_t class);
/** Takes the entry out of index and queue and retires it; leaves a ghost if it comes from small. */
void evict_entry(const struct shard_ref *r, link_t link, int64_t now_us);

/** Was the key evicted from small a short while ago? Forgets it. */
bool ghost_take(const struct shard_ref *r, uint64_t hash);
/** Its line, for whoever is about to ask. Without the lock: what is read names a line, of this shard or another. */
void ghost_fetch(const struct shard_ref *r, uint64_t hash);
/** Has the ghost room for fewer fingerprints than there are entries? It gets memory when evictions begin. */
bool ghost_wants_page(const struct shard_ref *r);
/** Gives it the free pages that it wants. */
void ghost_grow(const struct shard_ref *r);
void ghost_reset(const struct shard_ref *r);

/** Cleared, invalidated or past hard at that time: nobody can have it any more. */
bool entry_is_dead(const struct shard_ref *r, const struct entry *e, int64_t now_us);

#endif
