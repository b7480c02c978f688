/*
 * Making room: which class gives memory to which.
 *
 * A store that finds no free block takes, in this order: what is retired and unpinned; memory that the file system
 * gives (the caller does that, outside of the lock); victims of its own class; or a slab of the class whose next
 * victim is so much older that it should give memory away (see HYSTERESIS_COLD in search.h).
 * When a slab is taken, its cold entries are evicted and its hot ones move to other slabs of their class.
 * For a span, neighbouring units are emptied: the cheapest window around the next victims.
 *
 * One store may evict four times its size, or 64 KB if that is more; beyond it fails. So neither a huge value nor
 * long pins can empty the cache.
 */
#ifndef CACHE_CORE_ROOM_H
#define CACHE_CORE_ROOM_H

#include "core/store/shard.h"

enum room_result { ROOM_OK, ROOM_GROW, ROOM_NONE };

/**
 * A block for that many bytes. ROOM_GROW: none is free but the arena may grow: release the lock, call arena_grow(),
 * come back; with `may_grow` false it evicts instead. Under the lock.
 */
enum room_result room_take(const struct shard_ref *r, uint64_t bytes, bool may_grow, int64_t now_us, link_t *link);
/**
 * A free page for index, lines or ghost, or UINT32_MAX. These do not move, so they are kept together at the low end of
 * the arena, where they do not cut it into pieces too short for large values: if the first page behind them is a slab
 * and memory is free elsewhere, its entries move there.
 */
uint32_t page_take_low(const struct shard_ref *r, enum page_kind kind);
/** Empties a page for them, at the low end if possible. */
void room_for_page(const struct shard_ref *r, int64_t now_us);
/** The largest block that a shard can hold at all. */
uint64_t room_largest(const struct shard_ref *r);

/** Is there address space left for the arena to grow into, and did the file system not refuse just now? */
bool arena_may_grow(const struct shard_ref *r);
/**
 * Takes memory for further pages, at most 1 MB or what `bytes` needs, and raises pages_ready. Outside of the lock.
 * False: the file system refused; counted, and not tried again for a second.
 */
bool arena_grow(const struct shard_ref *r, uint64_t bytes);

/**
 * Moves an entry to `target`, a block just taken of the same class, with the same version. Under the lock.
 * `change`, if given, maps the integer of the old block to that of the new one. False: the entry was invalidated
 * meanwhile; both blocks are dealt with.
 */
bool entry_relocate(const struct shard_ref *r, link_t link, link_t target,
                    int64_t (*change)(void *context, int64_t value), void *context);

#endif
