#include "core/store/index.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/room.h"

/*
 * Entries a bucket before it is split. Bytes of index for each entry, all lines counted: 15 at a load of 5, where a
 * seventh of the chains has a second line; a look-up reads 1.15 lines.
 */
#define LOAD 5u
/* Without a free page splits wait until this load; then a page is made free for them. */
#define LOAD_URGENT 6u
#define FIRST_BUCKETS 8u

/* Under the lock: nobody else changes it. */
static uint64_t shard_buckets(const struct shard_ref *r)
{
	return layout_buckets(load_relaxed(&r->shard->layout));
}

static const struct entry *slot_entry(const struct shard_ref *r, uint64_t word)
{
	link_t link = place_link(r, word_granule(word));

	return link ? link_entry(r, link) : NULL;
}

/* ---- finding -------------------------------------------------------------------------------------------- */

static inline struct bucket_line *first_line(const struct shard_ref *r, uint64_t hash)
{
	return bucket_line(r, bucket_of(hash, shard_buckets(r)));
}

atomic_u64 *index_find(const struct shard_ref *r, const struct store_key *key)
{
	uint16_t tag = hash_tag(key->hash);

	invariant(lock_is_ours(r));
	for (struct bucket_line *line = first_line(r, key->hash); line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&line->slots[i]);
			if (word_tag(word) != tag || word == 0) {
				continue;
			}
			const struct entry *e = slot_entry(r, word);
			if (e && entry_has_key(e, key)) {
				return &line->slots[i];
			}
		}
	}
	return NULL;
}

atomic_u64 *index_slot_of(const struct shard_ref *r, uint64_t hash, struct place place)
{
	for (struct bucket_line *line = first_line(r, hash); line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&line->slots[i]);
			if (word != 0 && word_granule(word) == place.granule) {
				return &line->slots[i];
			}
		}
	}
	return NULL;
}

/* ---- expiry --------------------------------------------------------------------------------------------- */

uint32_t index_second(const struct shard_ref *r, int64_t us)
{
	int64_t since = (us - r->self->segment->superblock->created_us) / 1000000;

	return since < 0 ? 0 : since >= EXPIRY_NEVER ? EXPIRY_NEVER - 1 : (uint32_t)since;
}

/* Headers are changed by CAS, so that they may be lowered without the lock. */
void index_lower_expiry(struct bucket_line *line, uint32_t second)
{
	uint64_t header = load_relaxed(&line->header);

	while (line_expiry(header) > second && !cas(&line->header, &header, (header & ~UINT64_C(0xffffffff)) | second)) {
	}
}

/*
 * Also called without the lock. Acquire: with the number of buckets the directory's entry for the last one, and its line, are there. A
 * number that were read ahead of them could lead to a page that is none of the index.
 */
void index_note_expiry(const struct shard_ref *r, uint64_t hash, int64_t hard_us)
{
	if (hard_us != INT64_MAX) {
		uint64_t buckets = layout_buckets(load_acquire(&r->shard->layout));
		index_lower_expiry(bucket_line(r, bucket_of(hash, buckets)), index_second(r, hard_us));
	}
}

/*
 * A sweep raises the header, then looks at the stamps; a split publishes the number of buckets, then looks at the header of
 * the old one. Of each pair of store and load at least one sees the other's: see full_fence() in sweep_bucket() and split_one().
 * The first fence here: our stamp, then the header. The one in the loop: the header, then the number of buckets.
 */
void index_note_expiry_unlocked(const struct shard_ref *r, uint64_t hash, int64_t hard_us)
{
	uint64_t layout;

	full_fence();
	do {
		layout = load_acquire(&r->shard->layout);
		index_note_expiry(r, hash, hard_us);
		full_fence();
	} while (load_relaxed(&r->shard->layout) != layout); /* else it may have gone to the header of before a split */
}

/* ---- changing ------------------------------------------------------------------------------------------- */

void index_set(const struct shard_ref *r, atomic_u64 *slot, uint64_t hash, link_t link)
{
	struct entry *e = link_entry(r, link);
	uint64_t old = load_relaxed(slot);

	invariant(lock_is_ours(r));
	invariant((load_relaxed(&e->version) & 1) == 0);
	/* Readers' load_acquire() of the word: the entry is complete, its version even. */
	publish(slot, slot_word(hash, e->type, link_place(r, link)));
	if (old == 0) {
		store_relaxed(&r->shard->entries, load_relaxed(&r->shard->entries) + 1);
	}
}

bool index_exchange(const struct shard_ref *r, atomic_u64 *slot, link_t old_link, link_t fresh_link)
{
	struct entry *old = link_entry(r, old_link), *fresh = link_entry(r, fresh_link);
	uint64_t word = load_relaxed(slot);

	/* The types may differ: an integer that no longer fits its word. Each cas() on a slot is a release as well: see index_set(). */
	return !(word & WORD_DEAD) && cas(slot, &word, slot_word(old->hash, fresh->type, link_place(r, fresh_link)));
}

bool index_exchange_word(const struct shard_ref *r, atomic_u64 *slot, uint64_t word, uint64_t hash, link_t link)
{
	return cas(slot, &word, slot_word(hash, link_entry(r, link)->type, link_place(r, link)));
}

void index_remove(const struct shard_ref *r, atomic_u64 *slot)
{
	invariant(lock_is_ours(r));
	invariant(load_relaxed(slot) != 0);
	/* Who has pinned the block reads the slot again: the fences of pin_set() and pin_set_collect(), see retire.h. */
	publish(slot, 0);
	store_relaxed(&r->shard->entries, load_relaxed(&r->shard->entries) - 1);
}

static atomic_u64 *empty_slot(struct bucket_line *line)
{
	for (uint32_t i = 0; i < LINE_SLOTS; i++) {
		if (load_relaxed(&line->slots[i]) == 0) {
			return &line->slots[i];
		}
	}
	return NULL;
}

static void line_clear(struct bucket_line *line)
{
	store_relaxed(&line->header, EXPIRY_NEVER);
	for (uint32_t i = 0; i < LINE_SLOTS; i++) {
		store_relaxed(&line->slots[i], 0);
	}
}

/* Adds an empty line after `last`, or returns NULL for lack of memory. */
static struct bucket_line *chain_extend(const struct shard_ref *r, struct bucket_line *last)
{
	link_t link = slab_take(r, LINE_CLASS);
	struct bucket_line *line;
	uint64_t header;

	if (!link) {
		return NULL;
	}
	line = link_pointer(r, link);
	write_fence(); /* as entry_begin() for an entry: a reader who still takes it for one, and sees a slot, sees that none names it */
	line_clear(line);
	header = load_relaxed(&last->header);
	/* Walkers' load_acquire() of the header: the line that it names is clear. */
	while (!cas_publish(&last->header, &header, (header & 0xffffffff) | (uint64_t)link << 32)) {
	}
	return line;
}

/* The entry of the chain to go: a dead one, else the least read, else the oldest. */
static atomic_u64 *coldest_slot(const struct shard_ref *r, struct bucket_line *line, int64_t now_us)
{
	atomic_u64 *coldest = NULL;
	uint64_t coldest_rank = UINT64_MAX;

	for (; line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&line->slots[i]);
			const struct entry *e = word ? slot_entry(r, word) : NULL;
			if (!e) {
				continue;
			}
			uint64_t rank = entry_is_dead(r, e, now_us) ? 0
			                : ((uint64_t)load_relaxed(&e->frequency) + 1) << 60 | load_relaxed(&e->version) >> 4;
			if (rank < coldest_rank) {
				coldest_rank = rank;
				coldest = &line->slots[i];
			}
		}
	}
	return coldest;
}

atomic_u64 *index_make_slot(const struct shard_ref *r, uint64_t hash, int64_t now_us)
{
	struct bucket_line *first = first_line(r, hash), *line = first, *last = first;
	uint32_t lines = 0;

	for (; line; line = line_next(r, line), lines++) {
		atomic_u64 *slot = empty_slot(line);
		if (slot) {
			return slot;
		}
		last = line;
	}
	/* Writes leave a free line behind, so that this fails for the length of the chain alone, or nearly so. */
	if (lines < CHAIN_LINES_MAX && (line = chain_extend(r, last)) != NULL) {
		return &line->slots[0];
	}
	atomic_u64 *slot = coldest_slot(r, first, now_us);
	invariant(slot != NULL);
	evict_entry(r, place_link(r, word_granule(load_relaxed(slot))), now_us);
	count(r->self, evictions_chain);
	return slot;
}

/* ---- growing -------------------------------------------------------------------------------------------- */

struct split {
	const struct shard_ref *r;
	uint64_t from, to, buckets_after;
};

static bool moves(const struct split *split, uint64_t word)
{
	const struct entry *e = word ? slot_entry(split->r, word) : NULL;

	return e && bucket_of(e->hash, split->buckets_after) == split->to;
}

/* Where an entry belongs stands in its header, most likely in no cache: ask for all of them at once. */
static void prefetch_chain(const struct shard_ref *r, struct bucket_line *line)
{
	for (; line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			const struct entry *e = slot_entry(r, load_relaxed(&line->slots[i]));
			if (e) {
				__builtin_prefetch(e);
			}
		}
	}
}

/* Copies what moves into the fresh chain at `target`. False: no memory for a line, nothing is reachable yet. */
static bool split_copy(const struct split *split, struct bucket_line *target)
{
	const struct shard_ref *r = split->r;
	struct bucket_line *out = target;
	uint32_t used = 0, expiry = line_expiry(load_relaxed(&bucket_line(r, split->from)->header));

	for (struct bucket_line *line = bucket_line(r, split->from); line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&line->slots[i]);
			if (!moves(split, word)) {
				continue;
			}
			if (used == LINE_SLOTS) {
				used = 0;
				if ((out = chain_extend(r, out)) == NULL) {
					return false;
				}
			}
			store_relaxed(&out->slots[used++], word);
		}
	}
	index_lower_expiry(target, expiry);
	return true;
}

static void chain_free(const struct shard_ref *r, struct bucket_line *first)
{
	for (struct bucket_line *line = line_next(r, first); line;) {
		struct bucket_line *next = line_next(r, line);
		block_free(r, pointer_link(r, line));
		line = next;
	}
}

/* Step 4: words of the overflow lines into the empty slots of the first one. False: they do not fit. */
static bool copy_into_first(const struct shard_ref *r, struct bucket_line *first)
{
	uint64_t words[LINE_SLOTS];
	uint32_t count = 0, room = 0, next = 0;

	for (uint32_t i = 0; i < LINE_SLOTS; i++) {
		room += load_relaxed(&first->slots[i]) == 0;
	}
	for (struct bucket_line *line = line_next(r, first); line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&line->slots[i]);
			if (word != 0) {
				if (count == room) {
					return false;
				}
				words[count++] = word;
			}
		}
	}
	for (uint32_t i = 0; i < LINE_SLOTS && next < count; i++) {
		if (load_relaxed(&first->slots[i]) == 0) {
			/* And whoever finds the link cleared, in split_clean(), finds it here: walk_chain(). */
			publish(&first->slots[i], words[next++]);
		}
	}
	return true;
}

static void split_clean(const struct split *split)
{
	const struct shard_ref *r = split->r;
	struct bucket_line *first = bucket_line(r, split->from);
	struct bucket_line detached;

	for (struct bucket_line *line = first; line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			if (moves(split, load_relaxed(&line->slots[i]))) {
				/* Who reads it with load_acquire() sees the new number of buckets at his end. */
				publish(&line->slots[i], 0);
			}
		}
	}
	store_relaxed(&detached.header, load_relaxed(&first->header));
	if (line_overflow(load_relaxed(&detached.header)) == 0 || !copy_into_first(r, first)) {
		return;
	}
	rmw_and_publish(&first->header, UINT64_C(0xffffffff));
	index_change(r);
	chain_free(r, &detached);
}

void index_change(const struct shard_ref *r)
{
	publish(&r->shard->layout, load_relaxed(&r->shard->layout) + LAYOUT_CHANGE);
	/*
	 * Whoever sees what the freed lines are used for next sees the change: with the read_fence() or load_acquire() of walk_chain()
	 * a release fence would do for that. But one who is about to trust a pin by a slot of such a line stores the pin, fences, and
	 * reads slot and layout: either he sees the change, or who frees the block sees his pin.
	 */
	full_fence();
}

/* The page of the next bucket is there, or can be had. */
static bool reserve_bucket(const struct shard_ref *r, uint64_t bucket)
{
	struct shard *s = r->shard;
	uint32_t page;

	if (bucket / LINES_PER_PAGE < s->index_pages) {
		return true;
	}
	if (s->index_pages == r->geometry->index_pages || (page = page_take_low(r, PAGE_INDEX)) == UINT32_MAX) {
		return false;
	}
	memset(r->arena + (uint64_t)page * PAGE_BYTES, 0, PAGE_BYTES);
	index_directory(r)[s->index_pages] = page;
	s->index_pages++;
	return true;
}

bool index_reserve_line(const struct shard_ref *r)
{
	uint32_t page;

	if (likely_true(r->shard->classes[LINE_CLASS].partial != 0)) {
		return true;
	}
	if ((page = page_take_low(r, PAGE_FREE)) == UINT32_MAX) {
		return false;
	}
	slab_create(r, LINE_CLASS, page);
	return true;
}

static bool split_one(const struct shard_ref *r)
{
	uint64_t buckets = shard_buckets(r);
	struct split split = {.r = r, .to = buckets, .buckets_after = buckets + 1};
	struct bucket_line *target;

	if (!reserve_bucket(r, buckets)) {
		return false;
	}
	split.from = buckets & bucket_mask(buckets) >> 1;
	target = bucket_line(r, buckets);
	line_clear(target);
	prefetch_chain(r, bucket_line(r, split.from));
	if (!split_copy(&split, target)) {
		chain_free(r, target);
		return false;
	}
	publish(&r->shard->layout, load_relaxed(&r->shard->layout) + 1);
	/*
	 * Readers that see a word cleared below must see the new number: no store moves up over this one. And the header is looked at
	 * after it, beside who lowers it without the lock: index_note_expiry_unlocked().
	 */
	full_fence();
	index_lower_expiry(target, line_expiry(load_relaxed(&bucket_line(r, split.from)->header)));
	split_clean(&split);
	return true;
}

bool index_grow(const struct shard_ref *r)
{
	struct shard *s = r->shard;
	uint64_t entries = load_relaxed(&s->entries);

	for (int i = 0; i < 2 && entries > shard_buckets(r) * LOAD; i++) {
		if (!split_one(r)) {
			return entries <= shard_buckets(r) * LOAD_URGENT || s->index_pages == r->geometry->index_pages;
		}
	}
	return true;
}

void index_format(const struct shard_ref *r)
{
	struct shard *s = r->shard;

	for (uint64_t bucket = 0; bucket < FIRST_BUCKETS; bucket++) {
		if (reserve_bucket(r, bucket)) {
			line_clear(bucket_line(r, bucket));
		}
	}
	publish(&s->layout, FIRST_BUCKETS);
}
