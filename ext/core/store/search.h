/*
 * One search for room: what the files behind room.h share.
 */
#ifndef CACHE_CORE_SEARCH_H
#define CACHE_CORE_SEARCH_H

#include "core/store/retire.h"
#include "core/store/room.h"

/*
 * A class gives memory away when its next victim is that many times older than the one of the class that needs it:
 * twice if nothing near its tails was read lately, and more for each of up to eight entries there that was. So sizes that
 * are no longer asked for give way at once, and a stable set that is read and seldom written is left alone. Hit ratio in
 * percent, values of 100 B to 32 KB; last row: 100,000 requests after all sizes changed.
 *
 *                       fixed 4   fixed 16   fixed 64   this
 *   web12, 4 MB            56.2       62.3       66.8   59.4
 *   web12, 16 MB           76.3       77.7       77.8   77.7
 *   sprite, 4 MB           71.9       81.4       85.3   79.7
 *   orm-night, 16 MB       76.8       84.2       84.6   79.6
 *   after a change         75.2       73.6       70.6   75.5
 */
#define HYSTERESIS_COLD 2u
#define HYSTERESIS_HEAT 8u
#define HEAT_MAX 8u

struct search {
	const struct shard_ref *r;
	uint32_t class, units;
	int64_t now_us;
	int64_t budget;        /* bytes that may still be evicted */
	uint64_t barren;       /* a bit for each class that could not give memory */
	bool spare_slabs, spare_spans; /* what windows for spans are not made of */
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
/**
 * The class, other than `except`, that should give memory to one whose next victim is of age `own` (UINT64_MAX: it has
 * none): the one whose next victim is oldest, by its hysteresis. CLASSES: none.
 */
uint32_t oldest_class(const struct search *search, uint32_t except, uint64_t own);
/** Empties the window around a unit for search->units. False: something in it cannot go. */
bool room_at(struct search *search, uint32_t unit);
/** Empties a window for search->units. False: there is none. */
bool room_for_span(struct search *search);
#endif
