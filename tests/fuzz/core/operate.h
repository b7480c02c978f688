/* Whatever can be done with a store, as an input says it. */
#ifndef CACHE_TESTS_FUZZ_CORE_OPERATE_H
#define CACHE_TESTS_FUZZ_CORE_OPERATE_H

#include "world.h"

/** One operation by the next bytes of the input. `store`: is closed and opened anew by one of them. */
void operate(struct store **store, struct input *in);
/** Looks at every key; whatever is answered must lie in the segment. */
void operate_read_all(struct store *store);
/** Writes enough to make room by eviction, and finds what it wrote. */
void operate_write_much(struct store *store, unsigned bytes);

#endif
