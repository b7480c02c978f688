/*
 * One search for room: what the files behind room.h share.
 */
#ifndef CACHE_CORE_SEARCH_H
#define CACHE_CORE_SEARCH_H

#include "core/store/retire.h"
#include "core/store/room.h"

/*
 * A class gives memory away when its next victim is that many times older than the one of the class that needs it.
 * Hit ratio with values of 100 B to 32 KB, in percent, and misses while the cache turns from one size to another:
 *
 *                          4      8     16     32     64
 *   web12, 4 MB         56.2   59.3   62.3   65.8   66.8
 *   web12, 16 MB        76.3   77.3   77.7   77.8   77.8
 *   sprite, 8 MB        88.2   90.2   90.8   91.0   91.1
 *   orm-night, 16 MB    76.8   81.8   84.2   84.7   84.6
 *   first 100,000 requests after a change of sizes
 *                       75.2          73.6          70.6
 */
#define HYSTERESIS 16u

struct search {
	const struct shard_ref *r;
	uint32_t class, units;
	int64_t now_us;
	int64_t budget;        /* bytes that may still be evicted */
	bool spare_slabs;      /* windows for spans are made of spans alone */
	link_t victim;         /* the policy's next victim: it goes anyhow, so it costs nothing */
	struct pin_set pins;
};

#define COST_NEVER UINT64_MAX

void evict_charged(struct search *search, link_t link);
/** What is lost with an entry, in 1/16 of a byte; COST_NEVER: it cannot go. */
uint64_t entry_cost(const struct search *search, link_t link);
uint64_t slab_cost(const struct search *search, uint32_t page);
/** Moves all entries of a slab to free memory. False: there is too little, or one is pinned; some may have moved. */
bool slab_move(const struct shard_ref *r, uint32_t page);
/** Evicts what is cold, moves what is hot. Returns whether the page is free now. */
bool slab_empty(struct search *search, uint32_t page);
/** The class, other than `except`, whose next victim is oldest; CLASSES: none has any. */
uint32_t oldest_class(const struct search *search, uint32_t except, uint64_t *age);
/** Empties the window around a unit for search->units. False: something in it cannot go. */
bool room_at(struct search *search, uint32_t unit);
/** Empties a window for search->units. False: there is none. */
bool room_for_span(struct search *search);
#endif
