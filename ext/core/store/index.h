/*
 * The index of a shard: linear hashing (Litwin, "Linear hashing: a new tool for file and table addressing", 1980)
 * over lines of seven words, so that it grows by one bucket at a time and never stops the shard.
 *
 * With n buckets and 2^L <= n < 2^(L+1), bucket(hash) = hash mod 2^(L+1), or, where that is >= n, mod 2^L. Bucket b
 * is line b mod 256 of index page b / 256; the directory names the pages. A bucket is a chain of at most six lines;
 * when all are full, its coldest entry goes: look-ups are bounded whatever keys are chosen.
 *
 * The layout word holds n and a count of changes. Growing, under the lock:
 *   1. The words of bucket p = n - 2^L that belong to bucket n are copied into the lines of n, which nobody reads yet.
 *   2. n + 1 is stored: the commit. 3. The words that moved are cleared in p.
 *   4. If what is left in p's overflow lines fits into its first line, it is copied there, then the first line's link
 *      is cleared, then the count of changes is raised, then the lines are freed.
 *
 * Readers take no lock. They read the layout word; the header of the bucket's first line *before* its slots; the
 * slots; the line that this header named; and the layout word again: if it changed, they go again. So
 *   - a word that moved to bucket n cannot be missed: n changed;
 *   - one that step 4 moved cannot either: with the old link it is found where it was, with the new one (read before
 *     the slots) in the first line;
 *   - a line that was freed and reused is not believed: the count changed before it was freed.
 *
 * Recovery drops words that do not belong where they stand or are there twice, so a killed split leaves no trace.
 */
#ifndef CACHE_CORE_INDEX_H
#define CACHE_CORE_INDEX_H

#include "core/store/shard.h"

static inline uint64_t layout_buckets(uint64_t layout) { return (uint32_t)layout; }
#define LAYOUT_CHANGE (UINT64_C(1) << 32)

static inline uint64_t bucket_mask(uint64_t buckets)
{
	return (UINT64_C(2) << (63 - __builtin_clzll(buckets))) - 1;
}
static inline uint64_t bucket_of(uint64_t hash, uint64_t buckets)
{
	uint64_t mask = bucket_mask(buckets), bucket = hash_bucket_bits(hash) & mask;

	return bucket < buckets ? bucket : bucket & mask >> 1;
}

static inline struct bucket_line *bucket_line(const struct shard_ref *r, uint64_t bucket)
{
	uint32_t page = index_directory(r)[bucket / LINES_PER_PAGE];

	return (struct bucket_line *)(r->arena + (uint64_t)page * PAGE_BYTES) + bucket % LINES_PER_PAGE;
}
static inline uint32_t line_expiry(uint64_t header) { return (uint32_t)header; }
static inline link_t line_overflow(uint64_t header) { return (link_t)(header >> 32); }
/* The line that a header names, or NULL. A reader may hold the header of a line that was reused: bounded, not trusted. */
static inline struct bucket_line *header_next(const struct shard_ref *r, uint64_t header)
{
	link_t link = line_overflow(header);

	if (likely_true(link == 0)) {
		return NULL;
	}
	if ((uint64_t)(link - 1) * GRANULE > (uint64_t)load_relaxed(&r->shard->pages_ready) * PAGE_BYTES - sizeof(struct bucket_line)) {
		return NULL;
	}
	return link_pointer(r, link);
}

static inline struct bucket_line *line_next(const struct shard_ref *r, const struct bucket_line *line)
{
	return header_next(r, load_acquire(&line->header));
}

/* ---- under the lock ------------------------------------------------------------------------------------- */

/** The slot whose entry has this key, or NULL. */
atomic_u64 *index_find(const struct shard_ref *r, const struct store_key *key);
/** The link of what a slot names; 0: there is no slot. */
static inline link_t slot_link(const struct shard_ref *r, const atomic_u64 *slot)
{
	return slot ? place_link(r, word_granule(load_relaxed(slot))) : 0;
}
/** The slot that names this place, or NULL. */
atomic_u64 *index_slot_of(const struct shard_ref *r, uint64_t hash, struct place place);
/**
 * An empty slot for that hash: makes room in the chain if need be, by a further line or by evicting its coldest
 * entry. Never fails.
 */
atomic_u64 *index_make_slot(const struct shard_ref *r, uint64_t hash, int64_t now_us);
/** Commits: names the block in an empty slot, or in place of what the slot named. */
void index_set(const struct shard_ref *r, atomic_u64 *slot, uint64_t hash, link_t link);
/** Commits a move: the slot names `fresh` instead of `old`. False: its word was marked as dead; see entry_relocate(). */
bool index_exchange(const struct shard_ref *r, atomic_u64 *slot, link_t old, link_t fresh);
/** Names another block if the slot still holds that word: false where the entry was invalidated without the lock since. */
bool index_exchange_word(const struct shard_ref *r, atomic_u64 *slot, uint64_t word, uint64_t hash, link_t link);
/** Commits: empties the slot. */
void index_remove(const struct shard_ref *r, atomic_u64 *slot);
/** Makes sure that the bucket's earliest expiry is no later than `hard_us`. Before the commit. */
void index_note_expiry(const struct shard_ref *r, uint64_t hash, int64_t hard_us);
/** The same after the commit, by whoever changed the entry without the lock: beside sweeps and splits of the bucket. */
void index_note_expiry_unlocked(const struct shard_ref *r, uint64_t hash, int64_t hard_us);
/** Of a bucket's first line: no later than that second. */
void index_lower_expiry(struct bucket_line *first, uint32_t second);
/** Seconds since the segment's creation, rounded down, for comparison with line_expiry(); capped. */
uint32_t index_second(const struct shard_ref *r, int64_t us);

/** Splits a bucket or two if the load asks for it. False: there is no free page, and it is urgent. */
bool index_grow(const struct shard_ref *r);

/** Raises the count of changes: lines that became unreachable may be freed after it. */
void index_change(const struct shard_ref *r);

/** Makes sure that there is a free line for a chain. False: there is no free page. */
bool index_reserve_line(const struct shard_ref *r);

/** First page and buckets of a fresh shard. */
void index_format(const struct shard_ref *r);

#endif
