#include "core/store/sweep.h"

#include "core/store/evict.h"
#include "core/store/retire.h"

/* Every fourth write looks at a bucket: versions grow by 2. */
#define SWEEP_EVERY 6u
/* Buckets emptied under one hold of the lock. */
#define BATCH 32u
/* Buckets of a cleared cache that one sweep of a shard returns at most: some milliseconds. */
#define CLEARED_PER_SWEEP 65536u

static bool clear_is_unswept(const struct shard_ref *r)
{
	return load_relaxed(&r->shard->swept_generation) != load_relaxed(&r->shard->clear_seen);
}

/* Removes what is dead in a bucket and notes the earliest expiry of what stays. Under the lock. */
static void sweep_bucket(const struct shard_ref *r, uint64_t bucket, int64_t now_us)
{
	struct bucket_line *first = bucket_line(r, bucket);
	uint32_t earliest = EXPIRY_NEVER;

	/*
	 * Raised first, lowered at the end. Who brings an expiry nearer without the lock writes the entry's stamp, then lowers
	 * the header, each with a full_fence() between: either the stamp is seen below, or he finds the header raised. Killed in
	 * between: recovery lowers it, too.
	 */
	rmw_or(&first->header, EXPIRY_NEVER);
	full_fence();

	for (struct bucket_line *line = first; line; line = line_next(r, line)) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&line->slots[i]);
			link_t link = word ? place_link(r, word_granule(word)) : 0;
			if (!link) {
				continue;
			}
			struct entry *e = link_entry(r, link);
			struct entry_times times;
			if (entry_is_dead(r, e, now_us)) {
				evict_entry(r, link, now_us);
				continue;
			}
			entry_times(e, load_relaxed(&e->stamp), &times);
			if (times.hard_us != INT64_MAX && index_second(r, times.hard_us) < earliest) {
				earliest = index_second(r, times.hard_us);
			}
		}
	}
	index_lower_expiry(first, earliest);
}

static bool bucket_is_due(const struct shard_ref *r, uint64_t bucket, uint32_t second)
{
	/* An entry expires within its second: its header says "due" from the next one on. */
	return line_expiry(load_relaxed(&bucket_line(r, bucket)->header)) < second;
}

static uint64_t shard_buckets(const struct shard_ref *r)
{
	return layout_buckets(load_acquire(&r->shard->layout));
}

void sweep_step(const struct shard_ref *r, int64_t now_us)
{
	struct shard *s = r->shard;

	if (s->version & SWEEP_EVERY) {
		return;
	}
	if (s->sweep_hand >= shard_buckets(r)) {
		s->sweep_hand = 0;
	}
	if (bucket_is_due(r, s->sweep_hand, index_second(r, now_us)) || clear_is_unswept(r)) {
		sweep_bucket(r, s->sweep_hand, now_us);
	}
	s->sweep_hand++;
}

/* Looks at the headers without the lock, and takes it for those that are due. */
static void sweep_expired(const struct shard_ref *r, int64_t now_us)
{
	uint32_t second = index_second(r, now_us);
	uint64_t buckets = shard_buckets(r);

	for (uint64_t bucket = 0; bucket < buckets;) {
		if (!bucket_is_due(r, bucket, second)) {
			bucket++;
			continue;
		}
		if (!lock_try(r->self, &r->shard->lock)) {
			return; /* the next second comes soon */
		}
		shard_note_clear(r);
		for (uint32_t i = 0; i < BATCH && bucket < buckets; i++, bucket++) {
			if (bucket_is_due(r, bucket, second)) {
				sweep_bucket(r, bucket, now_us);
			}
		}
		reclaim_if_due(r);
		shard_unlock(r);
	}
}

/* After a clear: everything older than it, some thousand buckets a second. */
static void sweep_cleared(const struct shard_ref *r, int64_t now_us)
{
	struct shard *s = r->shard;
	bool done = false;

	for (uint32_t walked = 0; walked < CLEARED_PER_SWEEP && !done; walked += BATCH) {
		if (!lock_try(r->self, &r->shard->lock)) {
			return;
		}
		shard_note_clear(r);
		if (!clear_is_unswept(r)) {
			done = true;
		}
		for (uint32_t i = 0; i < BATCH && !done; i++) {
			if (s->sweep_position >= shard_buckets(r)) {
				s->sweep_position = 0;
				store_relaxed(&s->swept_generation, load_relaxed(&s->clear_seen));
				done = true;
			} else {
				sweep_bucket(r, s->sweep_position++, now_us);
			}
		}
		reclaim_if_due(r);
		shard_unlock(r);
	}
}

void sweep_if_due(struct store *store, int64_t now_us)
{
	atomic_u64 *swept = &store->segment->superblock->swept_second;
	uint64_t generation = load_relaxed(&store->segment->superblock->generation);
	uint64_t second = store->second, last = load_relaxed(swept);

	if (last == second || !cas(swept, &last, second)) {
		return;
	}
	/* The dead keep what they had pinned until somebody looks. */
	owner_reap_all(&store->owner);
	for (uint32_t i = 0; i < store->segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(&store->owner, i);
		sweep_expired(&r, now_us);
		reclaim_leftovers(&r);
		if (load_relaxed(&r.shard->clear_seen) != generation || clear_is_unswept(&r)) {
			sweep_cleared(&r, now_us);
		}
	}
}

void store_sweep(struct store *store)
{
	int64_t now = store->host->wall_coarse_us(store->host->context);

	store->second = (uint32_t)((uint64_t)now / 1000000);
	if (!sweep_is_due(store)) {
		return;
	}
	if (store_enter(store) == CACHE_OK) {
		sweep_if_due(store, now);
		store_leave(store);
	}
}
