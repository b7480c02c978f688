/* Damage to a segment file, as an input says it. */
#ifndef CACHE_TESTS_FUZZ_CORE_MUTATE_H
#define CACHE_TESTS_FUZZ_CORE_MUTATE_H

#include "world.h"

/** Which parts of the file are damaged. */
enum mutate_part { MUTATE_SHARD = 1, MUTATE_TABLES = 2, MUTATE_ALL = 3 };
/** Applies one change, which the next bytes of the input describe. */
void mutate(struct image *image, enum world_kind kind, enum mutate_part parts, struct input *in);

#endif
