/*
 * From "no index word names it" to "free": hazard pointers (Michael, "Hazard Pointers: Safe Memory Reclamation for
 * Lock-Free Objects", 2004), with the pin tables of all participants as the hazards.
 *
 * Reader: store pin; full fence; read the index word again.     Writer: change the index word; full fence; read pins.
 * Of two such pairs at least one sees the other's store: either the reader sees that the word changed and goes again,
 * or the writer sees the pin and keeps the block. (Checked with GenMC under RC11 and IMM: without either fence there
 * is an execution that reads a reused block.)
 */
#ifndef CACHE_CORE_RETIRE_H
#define CACHE_CORE_RETIRE_H

#include "core/store/shard.h"

/**
 * All pins at one time: a list as long as they are few, then a set that errs towards "pinned" (a Bloom filter with one hash:
 * 4 KB, which need not be cleared for the list).
 */
#define PIN_SET_FEW 16u
struct pin_set {
	uint32_t count;
	uint64_t few[PIN_SET_FEW];
	uint64_t bits[512];
};
/** Fences, then collects. */
void pin_set_collect(const struct shard_ref *r, struct pin_set *set);
static inline uint32_t pin_set_bit(uint64_t granule) { return (uint32_t)(granule * UINT64_C(0x9e3779b97f4a7c15) >> 49); }
static inline bool pin_set_has(const struct pin_set *set, struct place place)
{
	uint32_t bit;

	if (likely_true(set->count <= PIN_SET_FEW)) {
		for (uint32_t i = 0; i < set->count; i++) {
			if (set->few[i] == place.granule) {
				return true;
			}
		}
		return false;
	}
	bit = pin_set_bit(place.granule);
	return set->bits[bit / 64] >> (bit % 64) & 1;
}

/** Puts a block that was just taken out of the index, and out of its queue, onto the limbo list. */
void retire(const struct shard_ref *r, link_t link);
/**
 * Retires an entry that was just taken out of the index, or replaced there, and is still in its queue, soon: see fifo.h. `fresh` takes its place
 * there or, being in a block of another class, the first one in the queue of that class.
 */
void retire_queued(const struct shard_ref *r, link_t link);
void retire_replaced(const struct shard_ref *r, link_t link, link_t fresh);
/** Those of which it has not come true yet. */
void retire_deferred(const struct shard_ref *r);
/** Frees what nobody pins, and what is ready. Returns the number of blocks freed. */
uint32_t reclaim(const struct shard_ref *r);
/**
 * Reclaims if enough has gathered, and makes it ready for the next writes (block_make_ready()); to be called before the lock is
 * taken, which it takes itself for the short part of the work: the pins are collected without it. The hazard argument holds for
 * blocks that were retired before the collection began: the count of retired blocks, read before the fence, tells which these
 * are.
 */
static inline bool reclaim_is_due(const struct shard_ref *r) { return load_relaxed(&r->shard->reclaim_wanted) != 0; }
void reclaim_ahead(const struct shard_ref *r);
/**
 * Once a second: whatever there is. What was pinned when others looked would wait for as much again to be retired, and keep
 * readers from holding values until then.
 */
void reclaim_leftovers(const struct shard_ref *r);
/** Makes ready what was retired up to that number and is not among the pins, which were collected after it was read. */
uint32_t reclaim_collected(const struct shard_ref *r, const struct pin_set *pins, uint64_t number);
/** Reclaims under the lock, if much more has gathered than that. */
void reclaim_if_due(const struct shard_ref *r);

#endif
