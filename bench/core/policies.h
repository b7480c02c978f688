/*
 * Exact eviction policies, to compare with: what a cache that follows the policy to the letter and wastes no byte would
 * hit, from empty. A miss stores the object.
 */
#ifndef CACHE_BENCH_POLICIES_H
#define CACHE_BENCH_POLICIES_H

#include "sequence.h"

struct capacity {
	uint64_t total;
	/** What the objects weigh, by their numbers; NULL: 1 each, and the total is a number of entries. */
	const uint32_t *weights;
};

/**
 * S3-FIFO (Yang et al., SOSP 2023): small queue of a tenth, promoted to main when read once since it came in, 2-bit
 * frequencies, an exact ghost queue of nine tenths.
 */
size_t s3_fifo_hits(const struct sequence *sequence, const struct capacity *capacity);
/** Least recently used goes first. */
size_t lru_hits(const struct sequence *sequence, const struct capacity *capacity);

#endif
