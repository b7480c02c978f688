/*
 * The operations that pairings are made of.
 */
#ifndef CACHE_STRESS_SIDES_H
#define CACHE_STRESS_SIDES_H

#include "interleave.h"

/* Bytes of values that are filled under the lock, and outside of it. */
#define SMALL 100u
#define LARGE 1900u

static inline struct store_key the_key(struct race *race)
{
	return key_of(race->store, race->key);
}
static inline struct shard_ref the_shard(struct race *race)
{
	return shard_open(&race->store->owner, 0);
}

void get_and_hold(struct race *race, struct side *side);
void get_integer(struct race *race, struct side *side);
void replace_and_reuse(struct race *race, struct side *side);
void replace_after_collecting(struct race *race, struct side *side);
void replace_integer_and_reuse(struct race *race, struct side *side);
void replace_small(struct race *race, struct side *side);
void replace_large_2(struct race *race, struct side *side);
void replace_large_3(struct race *race, struct side *side);
void put_100(struct race *race, struct side *side);
void put_1(struct race *race, struct side *side);
void get_delete_get(struct race *race, struct side *side);
void gets_and_put_7(struct race *race, struct side *side);
void touch_to_begin(struct race *race, struct side *side);
void delete_key(struct race *race, struct side *side);
void delete_and_reuse(struct race *race, struct side *side);
void increment(struct race *race, struct side *side);
void cas_1_2(struct race *race, struct side *side);
void cas_1_3(struct race *race, struct side *side);
void add_5(struct race *race, struct side *side);
void add_6(struct race *race, struct side *side);
void clear(struct race *race, struct side *side);
void clear_and_write(struct race *race, struct side *side);
void relocate(struct race *race, struct side *side);
void relocate_twice(struct race *race, struct side *side);
void recover(struct race *race, struct side *side);
void put_other_large(struct race *race, struct side *side);
void close_and_open(struct race *race, struct side *side);
void attach_again(struct race *race, struct side *side);
void sweep(struct race *race, struct side *side);
void put_many(struct race *race, struct side *side);
void put_forcing_steal(struct race *race, struct side *side);
void walk(struct race *race, struct side *side);

#endif
