/*
 * What one key does if its operations come one after the other: the specification that histories are held against.
 */
#ifndef CACHE_STRESS_LINEAR_MODEL_H
#define CACHE_STRESS_LINEAR_MODEL_H

#include "linear.h"

#define LEASE_UNKNOWN INT64_C(-1) /* granted to one who was killed before he could say its number */

/* Compared byte by byte. */
struct key_model {
	int64_t value, stamp; /* stamp 0: nobody has seen it yet */
	uint64_t token;       /* 0: nobody has seen it yet */
	int64_t lock;
	int64_t lease; /* 0: none is in force */
	uint8_t present, fresh, is_integer;
	uint8_t lease_process, lease_loose,
		lease_outdated; /* loose: may be void; outdated: the integer was changed since */
	uint8_t brief;      /* has no stale period: marked, it is gone */
	uint8_t unused;
	uint64_t marked;    /* when the mark that made it stale returned: an integer may be changed by who began before */
};
_Static_assert(sizeof(struct key_model) == 56, "no padding");

#define MODEL_NEXT_MAX 4

/** The states that may follow, given the answer that it had. 0: that answer is wrong. */
int model_apply(const struct key_model *model, const struct operation *operation,
                struct key_model next[MODEL_NEXT_MAX]);

#endif
