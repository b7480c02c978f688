/*
 * What the fuzz targets of ext/core share: sound segment files of several kinds, which an input damages; a clock that
 * stands still; and a watch over memory.
 *
 * The watch: under AddressSanitizer whatever of a mapped file has not been taken by fallocate() is poisoned. So an
 * access that goes astray inside of the mapping - to a hole, where a full file system is a SIGBUS; to tables of
 * participants that were never there; to pages beyond the arena - is reported like one outside of it.
 */
#ifndef CACHE_TESTS_FUZZ_CORE_WORLD_H
#define CACHE_TESTS_FUZZ_CORE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/store/internal.h"
#include "core/store/store.h"

#define FUZZ_SIZE (UINT64_C(1) << 20)
#define FUZZ_PROCESSES 4u
#define FUZZ_JOBS 64u

/** A broken promise: the input is a finding. */
#define MUST(condition)                                                                     \
	do {                                                                                    \
		if (!(condition)) {                                                                 \
			fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                        \
		}                                                                                   \
	} while (0)

/* ---- the input, read from the front; zeros behind its end -------------------------------------------------- */

struct input {
	const uint8_t *at, *end;
};

static inline bool input_left(const struct input *in)
{
	return in->at < in->end;
}
static inline uint8_t take8(struct input *in)
{
	return input_left(in) ? *in->at++ : 0;
}
static inline uint16_t take16(struct input *in)
{
	uint16_t low = take8(in);

	return (uint16_t)(low | take8(in) << 8);
}
static inline uint64_t take64(struct input *in)
{
	uint64_t word = 0;

	for (unsigned i = 0; i < 64; i += 8) {
		word |= (uint64_t)take8(in) << i;
	}
	return word;
}

/* ---- files ------------------------------------------------------------------------------------------------ */

/*
 * Of a small segment: ordinary; its writer was killed while he published; full, with evictions and replaced values that
 * are pinned.
 */
enum world_kind { WORLD_ORDINARY, WORLD_LOCKED, WORLD_FULL, WORLD_KINDS };

struct image {
	char *bytes;
	size_t length;        /* of the file */
	unsigned char *taken; /* by page of the system: is there memory? */
};

/** Makes the sound files, once. */
void world_begin(void);
extern struct geometry world_geometry;
extern struct image world_sound[WORLD_KINDS];
/** A copy that is to be damaged; valid until the next call. */
struct image *world_copy(enum world_kind kind);
/** The file is that. */
void world_write(const struct image *image);

extern struct cache_host world_host;
void world_turn_clock(int64_t us);
void world_skip_ns(uint64_t ns);
/** Attaches to the file, whatever it is: that must succeed. Nothing else of this process may be attached if `alone`. */
struct store *world_open(bool alone);
/** Must find nothing. */
void world_verify(struct store *store);

/* ---- keys and values -------------------------------------------------------------------------------------- */

/* Names of keys: those below WORLD_KEYS are in the sound files. */
#define WORLD_KEYS 96u
#define ALL_KEYS (WORLD_KEYS + 32u)
struct store_key world_key(const struct store *store, unsigned number);
extern const char *const world_queues[4];
extern const char *const world_locks[6];
/** Tags as store_item takes them, a choice by the bits. */
#define WORLD_TAGS 6u
uint32_t world_tags(unsigned bits, char tags[64], uint8_t *count);
/** An image: its first words are addresses of itself. store_item.build. */
void world_build(void *context, char *to, size_t size, uint64_t official);

#endif
