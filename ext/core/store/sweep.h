/*
 * Returning the memory of entries that are past hard, invalidated or cleared, without anybody asking for them.
 *
 * The header of each bucket's first line holds the earliest expiry of the bucket, never later than the truth. Every
 * fourth write looks at the header of one bucket, round robin; and each second one process, whoever comes first, looks at
 * all headers: 0.12 ms for a million slots. What a clear left is returned in the same walks.
 */
#ifndef CACHE_CORE_SWEEP_H
#define CACHE_CORE_SWEEP_H

#include "core/store/internal.h"

/** One bucket. Under the lock. */
void sweep_step(const struct shard_ref *r, int64_t now_us);
/**
 * All buckets that are due, if nobody did so this second; and recovery of dead participants. Takes the locks itself,
 * some buckets at a time. store->second is that of `now_us`, here and below.
 */
void sweep_if_due(struct store *store, int64_t now_us);
static inline bool sweep_is_due(const struct store *store)
{
	/* "Other than", not "later than": the clock may have been put back. */
	return load_relaxed(&store->segment->superblock->swept_second) != store->second;
}

#endif
