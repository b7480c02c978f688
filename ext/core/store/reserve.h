/*
 * Blocks in reserve.
 *
 * A store that writes takes, while it has the lock anyhow, a free block of the same size class for its next write to that
 * shard. The next value is then built before the lock is taken, and one short critical section publishes it: no second
 * round for values that are too large to be built under the lock, and no lock held while cold memory is filled. With 16
 * processes on two cores that is what decides how often the scheduler takes the processor away from a lock's holder.
 *
 * A reserved block is INFLIGHT and pinned by its owner with one of the pins from RESERVE_PIN on, so that recovery frees it
 * like any other block being filled. The pin is the truth about the reserve: where it does not name the block (fork() gave
 * the child another table), there is none.
 *
 * Blocks in reserve keep their slab from being given to another class. So only what is free is reserved, four blocks at
 * most, and they are given back when writes have other sizes and at the end of a request.
 */
#ifndef CACHE_CORE_RESERVE_H
#define CACHE_CORE_RESERVE_H

#include "core/store/internal.h"

/*
 * Larger blocks are built in two steps: a second lock is a tenth of what they take. In reserve they would keep pages from being put
 * together for large values: with those of 4 KB there was not room for all of three values of 700 KB in 4 MB.
 */
#define RESERVE_LARGEST 2048u
/* A block that no write used in so many is given back. */
#define RESERVE_WRITES 64u

_Static_assert(RESERVE_PIN + RESERVES == WRITER_PINS, "the last of the writer's pins");

static inline struct reserve *reserve_slot(struct store *store, uint32_t shard, uint32_t class)
{
	return &store->reserves[(shard * 2 + class) % RESERVES];
}

static inline uint32_t reserve_pin(const struct store *store, const struct reserve *reserve)
{
	return RESERVE_PIN + (uint32_t)(reserve - store->reserves);
}

static inline bool reserve_is_held(const struct store *store, const struct reserve *reserve)
{
	uint32_t pin = reserve_pin(store, reserve);

	return reserve->granule != 0 && pin < store->owner.pin_count && load_relaxed(&store->owner.pins[pin]) == reserve->granule;
}

/** The reserve for that class of that shard, or NULL. */
static inline struct reserve *reserve_find(struct store *store, uint32_t shard, uint32_t class)
{
	struct reserve *reserve = reserve_slot(store, shard, class);

	return likely_true(reserve->shard == shard && reserve->class == class) && reserve_is_held(store, reserve) ? reserve : NULL;
}

/** Under the lock: the block was published or freed. Its pin stays until reserve_refill(). */
static inline void reserve_used(struct reserve *reserve) { reserve->granule = 0; }
/** Under the lock: reserves a block if one is free and none is held. */
void reserve_refill(struct store *store, const struct shard_ref *r, uint32_t class);
/** Gives back what was not used lately; to be called now and then, without a lock. */
void reserve_age(struct store *store);
/** Gives all back whose shard's lock is free. */
void reserve_give_back(struct store *store);

#endif
