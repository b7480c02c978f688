/* Segments for benchmarks: made empty, removed when closed. What goes wrong ends the program. */
#ifndef CACHE_BENCH_SEGMENT_H
#define CACHE_BENCH_SEGMENT_H

#include <stdint.h>

#include "core/store/store.h"

/** A new segment of that size in the directory, which must exist with mode 0700. */
struct store *segment_make(const char *directory, uint64_t size);
void segment_drop(struct store *store);

/** With the hash for that segment. The bytes must outlive the key. */
struct store_key segment_key(const struct store *store, const char *bytes, uint32_t length);

/** One line on stderr, exit status 1. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
/** Ends the program unless the status is CACHE_OK. */
void must(enum cache_status status, const char *what);

#endif
