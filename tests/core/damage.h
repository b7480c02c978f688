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
	X(flipped_bits, 80)                                                                                    \
	X(overwritten_words, 80)                                                                               \
	X(swapped_blocks, 60)                                                                                   \
	X(lost_pages, 60)                                                                                       \
	X(stale_pages, 60)                                                                                      \
	X(other_lengths, 40)                                                                                    \
	X(shard_header, 80)                                                                                    \
	X(index_directory_words, 20)                                                                            \
	X(ghost_directory_words, 20)                                                                            \
	X(page_words_of_the_arena, 60)                                                                          \
	X(bitmaps, 60)                                                                                          \
	X(slab_records, 60)                                                                                     \
	X(index_lines, 80)                                                                                     \
	X(entry_headers, 80)                                                                                   \
	X(copied_entries, 40)                                                                                   \
	X(participants_and_pins, 40)                                                                            \
	X(words_of_the_superblock, 30)                                                                          \
	X(lock_words, 20)                                                                                       \
	X(several_at_once, 80)

#define X(kind, count) void kind(struct mutation *m);
DAMAGE_KINDS(X)
#undef X

#endif
