/*
 * The arena's allocator: slabs of equal blocks and spans of units. All under the shard's lock.
 *
 * A page of 16 KB is free, a slab of one class, part of spans, or taken whole by index or ghost. Slabs are taken
 * from the low end and spans from the high end of the arena, which keeps runs of free units together.
 *
 * Classes: about four to a doubling, chosen as 16384 / n rounded down to 8 bytes, so that slabs waste little.
 *
 * Start bits (slab.bits, span_start_bits) say "a block begins here". They are set before the block is handed out and
 * cleared when it is freed, so that recovery can tell a pin of a block from a pin that was never validated.
 */
#ifndef CACHE_CORE_ALLOC_H
#define CACHE_CORE_ALLOC_H

#include "core/store/shard.h"

#define SLAB_LARGEST 4096u
extern uint8_t slab_class_by_granules[SLAB_LARGEST / GRANULE + 1];

/** The class for that many bytes; SPAN_CLASS above the largest slab block. */
static inline uint32_t class_for(uint64_t bytes)
{
	return bytes <= SLAB_LARGEST ? slab_class_by_granules[(bytes + GRANULE - 1) / GRANULE] : SPAN_CLASS;
}
static inline uint32_t units_for(uint64_t bytes) { return (uint32_t)((bytes + UNIT_BYTES - 1) / UNIT_BYTES); }

/** A block of the class that is ready, or from a partial slab or a free page, or 0. O(1) + O(pages / 16) when a page must be found. */
link_t slab_take(const struct shard_ref *r, uint32_t class);
/** Probably the block that slab_take() gives next, or 0: it has to look for a page. Without the lock: to fetch its lines. */
link_t slab_next(const struct shard_ref *r, uint32_t class);
/** Makes a slab of the class from a page that page_take() gave. */
void slab_create(const struct shard_ref *r, uint32_t class, uint32_t page);
/** A run of free units, or 0. O(pages / 16). */
link_t span_take(const struct shard_ref *r, uint32_t units);
/** A whole free page, or UINT32_MAX. */
uint32_t page_take(const struct shard_ref *r, enum page_kind kind, uint32_t class);
void page_release(const struct shard_ref *r, uint32_t page);

/** Frees the block. For a span its entry's lengths must still be there. */
void block_free(const struct shard_ref *r, link_t link);
/**
 * Frees it for the next who takes a block of its class, if not too many are ready: it keeps its start bit, and its slab does not
 * hear of it. Half of the work of freeing and taking a block, for all the values that are stored again and again. Blocks that are
 * ready keep their slabs from being emptied: reclaim() and slab_drain() give them back. To those who may still look at it, without
 * a pin or before they find that it was retired, it is a block on limbo: but for the links its header stays until entry_begin(). If
 * we die in between, or with the lock, the shard is rebuilt, and nothing is ready.
 */
void block_make_ready(const struct shard_ref *r, link_t link);
/** Gives back what is ready, of all classes. Returns the number of blocks. O(1) if there is nothing. */
uint32_t ready_give_back(const struct shard_ref *r);
static inline bool class_has_block(const struct size_class *class) { return class->ready || class->partial; }
/** Frees a block that was just taken for `bytes` and not used. */
void block_abandon(const struct shard_ref *r, link_t link, uint64_t bytes);
static inline uint32_t block_class(const struct shard_ref *r, link_t link)
{
	uint32_t word = page_words(r)[link_page(link)];

	return page_kind(word) == PAGE_SLAB ? page_class(word) : SPAN_CLASS;
}
/** Bytes of the block, from the page's class or, for a span, from the entry's lengths. */
static inline uint64_t block_bytes(const struct shard_ref *r, link_t link)
{
	uint32_t class = block_class(r, link);

	return class < SPAN_CLASS ? slab_class_bytes[class] : (uint64_t)units_for(entry_bytes(link_entry(r, link))) * UNIT_BYTES;
}
/* A page's word stays as it is where nothing changes: whoever has pinned a block of the page reads it without the lock. */
static inline void page_word_set(const struct shard_ref *r, uint32_t page, uint32_t word)
{
	if (page_words(r)[page] != word) {
		page_words(r)[page] = word;
	}
}
/** Does a block begin here, by the start bits? Any link may be asked about. */
bool block_starts_at(const struct shard_ref *r, link_t link);

/** Takes in pages that became ready. Returns whether there are any. */
bool alloc_take_in(const struct shard_ref *r);

/** Stops and resumes handing out blocks of a slab. That may free it: if all of its blocks were ready. */
void slab_drain(const struct shard_ref *r, uint32_t page);
void slab_undrain(const struct shard_ref *r, uint32_t page);

/** Puts the slab on its class's list of partial slabs if it has a free block and is not drained. */
void slab_list(const struct shard_ref *r, uint32_t page);

#endif
