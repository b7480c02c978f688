/* Sequences of requests: which object is asked for, one after the other. Objects are numbered from 0. */
#ifndef CACHE_BENCH_SEQUENCE_H
#define CACHE_BENCH_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sequence {
	uint32_t *objects;
	size_t length;
	/** One past the highest object. */
	uint32_t universe;
};

/** Decimal numbers, one a line. */
struct sequence sequence_read(FILE *file);
/** Object i has the weight 1 / (i + 1); objects are numbered at random. The same for the same seed. */
struct sequence sequence_zipf(uint32_t universe, size_t length, uint64_t seed);
void sequence_free(struct sequence *sequence);

#endif
