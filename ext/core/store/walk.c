/*
 * Walking all entries without holding up writers.
 *
 * The position is a point in the space of bit-reversed hashes. A bucket covers one interval of it, and a split cuts an
 * interval in two halves; so the buckets from a position on hold the same entries whatever was split meanwhile, and each
 * entry is met exactly once (the idea of Redis' SCAN, for linear hashing). A bucket's entries are pinned one after the
 * other; if the layout did not change until the last one was, they are the whole interval, and then they are shown.
 */
#include "core/store/internal.h"
#include "core/store/store.h"

static uint32_t reverse_bits(uint32_t x)
{
	x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
	x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
	x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
	return __builtin_bswap32(x);
}

#define ENTRIES_MAX (CHAIN_LINES_MAX * LINE_SLOTS)

/* The pinned entries of one bucket. */
struct bucket_view {
	struct entry *entries[ENTRIES_MAX];
	uint32_t pins[ENTRIES_MAX];
	uint32_t count;
	uint64_t end; /* of the bucket's interval */
};

static void unpin(struct owner *o, struct bucket_view *view)
{
	while (view->count > 0) {
		pin_clear(o, view->pins[--view->count]);
	}
}

/* A word that a split is moving within its chain is there twice for a moment. */
static bool is_pinned(const struct bucket_view *view, const struct entry *e)
{
	for (uint32_t i = 0; i < view->count; i++) {
		if (view->entries[i] == e) {
			return true;
		}
	}
	return false;
}

/* False: out of pins. A slot that changes meanwhile is read again: it is a value being replaced. */
static bool pin_slot(const struct shard_ref *r, atomic_u64 *slot, struct bucket_view *view)
{
	struct owner *o = r->self;
	uint32_t pin = pin_find_free(o);
	uint64_t word;

	if (pin == PINS_PER_PARTICIPANT) {
		return false;
	}
	while ((word = load_acquire(slot)) != 0 && place_link(r, word_granule(word)) != 0) {
		if (is_pinned(view, link_entry(r, place_link(r, word_granule(word))))) {
			return true;
		}
		pin_set(o, pin, (struct place){word_granule(word)});
		if (load_acquire(slot) == word) {
			view->entries[view->count] = link_entry(r, place_link(r, word_granule(word)));
			view->pins[view->count++] = pin;
			return true;
		}
		pin_clear(o, pin);
	}
	return true;
}

static bool pin_chain(const struct shard_ref *r, struct bucket_line *line, struct bucket_view *view)
{
	for (uint32_t lines = 0; line && lines < CHAIN_LINES_MAX; lines++) {
		uint64_t header = load_acquire(&line->header);
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			if (!pin_slot(r, &line->slots[i], view)) {
				return false;
			}
		}
		line = header_next(r, header);
	}
	return true;
}

/* One past the last position of the bucket's interval. */
static uint64_t interval_end(uint64_t position, uint64_t bucket, uint64_t buckets)
{
	uint64_t mask = bucket_mask(buckets), half = (mask + 1) / 2;
	bool split = bucket >= half || bucket + half < buckets;
	uint32_t bits = (uint32_t)__builtin_popcountll(mask) - !split;
	uint64_t width = UINT64_C(1) << (32 - bits);

	return (position / width + 1) * width;
}

/* False: out of pins. */
static bool pin_bucket(const struct shard_ref *r, uint64_t position, struct bucket_view *view)
{
	uint64_t layout, hash = (uint64_t)reverse_bits((uint32_t)position) << 8;
	bool enough;

	view->count = 0;
	do {
		unpin(r->self, view);
		layout = load_acquire(&r->shard->layout);
		uint64_t buckets = layout_buckets(layout), bucket = bucket_of(hash, buckets);
		view->end = interval_end(position, bucket, buckets);
		enough = pin_chain(r, bucket_line(r, bucket), view);
		full_fence(); /* a read_fence() would do: each pin had its own; here no entry was looked into yet */
	} while (enough && load_relaxed(&r->shard->layout) != layout);
	return enough;
}

void store_walk(struct store *store, struct store_cursor *cursor, uint32_t at_least,
                void (*visit)(void *context, const struct store_entry *entry), void *context)
{
	uint32_t shown = 0;

	if (cursor->done || store_enter(store) != CACHE_OK) {
		cursor->done = true;
		return;
	}
	while (shown < at_least) {
		struct bucket_view view;
		if (cursor->shard >= store->segment->geometry.shards) {
			cursor->done = true;
			break;
		}
		struct shard_ref r = shard_open(&store->owner, cursor->shard);
		if (!pin_bucket(&r, cursor->position, &view)) {
			unpin(&store->owner, &view);
			count(&store->owner, pins_refused);
			cursor->done = true;
			break;
		}
		while (view.count > 0) {
			const struct entry *e = view.entries[view.count - 1];
			uint64_t at = reverse_bits(hash_bucket_bits(e->hash));
			struct store_entry entry;
			if (at >= cursor->position && at < view.end && describe_entry(&r, e, &entry)) {
				entry.view.pin = view.pins[view.count - 1];
				visit(context, &entry);
				shown++;
			}
			pin_clear(&store->owner, view.pins[--view.count]);
		}
		cursor->position = view.end;
		if (cursor->position >> 32) {
			cursor->position = 0;
			cursor->shard++;
		}
	}
	store_leave(store);
}
