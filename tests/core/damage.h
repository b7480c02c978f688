/*
 * Mutations of the bytes of a segment file: at random, and of each structure in turn.
 */
#ifndef CACHE_TESTS_CORE_DAMAGE_H
#define CACHE_TESTS_CORE_DAMAGE_H

#include "support.h"

/* What is mutated: the sound file, and the same some hundred writes before. */
extern char *image, *older;
extern size_t image_length;
extern struct geometry image_geometry;
extern uint32_t image_pages; /* of the arena that have memory */

struct mutation {
	struct rng rng;
	char *bytes;   /* a copy of the image */
	size_t length; /* of the file that is written */
};

/* Kinds of mutations, and how many of each a run makes. */
#define DAMAGE_KINDS(X)                                                                                    \
	X(flipped_bits, 120)                                                                                    \
	X(overwritten_words, 120)                                                                               \
	X(swapped_blocks, 80)                                                                                   \
	X(lost_pages, 80)                                                                                       \
	X(stale_pages, 80)                                                                                      \
	X(other_lengths, 60)                                                                                    \
	X(shard_header, 120)                                                                                    \
	X(index_directory_words, 30)                                                                            \
	X(ghost_directory_words, 30)                                                                            \
	X(page_words_of_the_arena, 80)                                                                          \
	X(bitmaps, 80)                                                                                          \
	X(slab_records, 80)                                                                                     \
	X(index_lines, 120)                                                                                     \
	X(entry_headers, 120)                                                                                   \
	X(copied_entries, 60)                                                                                   \
	X(participants_and_pins, 60)                                                                            \
	X(words_of_the_superblock, 40)                                                                          \
	X(lock_words, 30)                                                                                       \
	X(several_at_once, 120)

#define X(kind, count) void kind(struct mutation *m);
DAMAGE_KINDS(X)
#undef X

#endif
