/*
 * Taking entries away, and marking them as stale: none of it ever fails for contention. Who cannot have the shard's lock
 * within its patience invalidates by one exchange that every publisher respects.
 */
#include "core/store/index.h"
#include "core/store/lease.h"
#include "core/store/retire.h"
#include "core/store/tag.h"
#include "core/store/write.h"

/* ---- invalidation without the lock ---------------------------------------------------------------------- */

/* Marks it as dead, if it was so already by another word than before: a commit may be about to bring it to life. */
static int64_t kill_stamp(struct entry *e)
{
	int64_t stamp = load_relaxed(&e->stamp);

	while (!cas(&e->stamp, &stamp, stamp & STAMP_DEAD ? stamp + stamp_encode(1) : stamp | STAMP_DEAD)) {
	}
	return stamp;
}

/*
 * One exchange: the DEAD bit of the stamp. If the stamp was frozen, the entry is being moved, or its mover died: the
 * copy may have been made. Then the slot's word is marked by CAS, at which the mover's own CAS on it fails; if the mover
 * was first, the new block is looked up and marked. If the mover is dead, recovery finds an entry that is dead.
 */
bool invalidate_without_lock(struct store *store, const struct store_key *key)
{
	struct found f;
	bool was_there = false;
	uint32_t pin = reading_pin(store);
	struct shard_ref r = shard_of(store, key->hash);

	lease_void_unlocked(store, &r, key->hash);
	if (pin == PINS_PER_PARTICIPANT && !free_writer_pin(store, &pin)) {
		return false;
	}
	while (lookup_pinned(store, key, pin, &f)) {
		int64_t stamp = load_relaxed(&f.entry->stamp);
		was_there |= entry_state_now(&f.r, f.entry, stamp) != STORE_STATE_MISSING;
		/* A publisher freezes the stamp, then looks whether it is dead: both are read-modify-writes of one word. */
		bool frozen = kill_stamp(f.entry) & STAMP_FROZEN;
		bool settled = frozen ? cas(f.slot, &f.word, f.word | WORD_DEAD) : load_acquire(f.slot) == f.word;
		settled &= load_acquire(&f.r.shard->layout) == f.layout; /* else the slot may be no slot any more */
		index_note_expiry_unlocked(&f.r, key->hash, 0); /* so that the sweep returns its memory; first lines stay where they are */
		pin_clear(&store->owner, pin);
		if (settled) {
			count(&store->owner, invalidated_busy);
			break;
		}
	}
	return was_there;
}

/* ---- invalidation by somebody without a slot ------------------------------------------------------------- */

/*
 * He has no pin, so he must not touch an entry: its block may be somebody else's by now. What he can do is clear
 * everything, which is one store. That is much, but he is refused only where a forked child can open no file, or where
 * all slots that are lent are held by stopped processes; and what was to be replaced must not be found again. Whoever
 * publishes the same key after our look does so at the same time as we are called.
 */
void store_invalidate_refused(struct store *store, const struct store_key *key)
{
	struct shard_ref r = shard_of(store, key->hash);

	lease_void_unlocked(store, &r, key->hash);
	if (lookup_tag(store, key)) {
		rmw_add(&store->segment->superblock->generation, 1);
	}
	store_leave(store);
}

/* ---- delete --------------------------------------------------------------------------------------------- */

enum cache_status store_delete(struct store *store, const struct store_key *key)
{
	struct shard_ref r;
	atomic_u64 *slot;
	bool was_there = false;
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		store_invalidate_refused(store, key);
		return CACHE_MISSING;
	}
	r = shard_of(store, key->hash);
	if (shard_lock(&r) != CACHE_OK) {
		was_there = invalidate_without_lock(store, key);
	} else {
		slot = index_find(&r, key);
		/* First: killed in between, nobody may commit what was read before. */
		lease_void(store, &r, key->hash);
		if (slot) {
			link_t link = slot_link(&r, slot);
			was_there = entry_is_there(&r, link_entry(&r, link));
			entry_remove(&r, slot, link);
			reclaim_if_due(&r);
		}
		shard_unlock(&r);
	}
	if (was_there) {
		count(&store->owner, deletes);
	}
	store_leave(store);
	return was_there ? CACHE_OK : CACHE_MISSING;
}

/*
 * Without the lock: the stamp was read before the version, and the exchange finds it unchanged. So the version was the
 * entry's when the exchange took place: who gives an entry a new version freezes its stamp before. An integer changes
 * beside both; it is left alone.
 */
static bool remove_without_lock(struct store *store, const struct store_key *key, uint64_t token)
{
	struct shard_ref r = shard_of(store, key->hash);
	struct found f;
	uint32_t pin = reading_pin(store);
	bool removed = false;

	if (pin == PINS_PER_PARTICIPANT || !lookup_pinned(store, key, pin, &f)) {
		return false;
	}
	int64_t stamp = load_acquire(&f.entry->stamp);
	if (!(stamp & STAMP_FROZEN) && entry_token(store->segment, f.entry) == token && f.entry->type != STORE_INT &&
	    entry_state_now(&f.r, f.entry, stamp) != STORE_STATE_MISSING) {
		/* First: killed in between, or overtaken by a commit, nobody may store what was read before. If the exchange fails,
		 * it was somebody who ends the lease as well, or a touch, whose lease the next one who asks gets. */
		lease_void_unlocked(store, &r, key->hash);
		removed = cas(&f.entry->stamp, &stamp, stamp | STAMP_DEAD);
	}
	if (removed) {
		index_note_expiry_unlocked(&f.r, key->hash, 0);
		count(&store->owner, invalidated_busy);
	}
	pin_clear(&store->owner, pin);
	return removed;
}

enum cache_status store_delete_if(struct store *store, const struct store_key *key, uint64_t token)
{
	struct store_item nothing = {.type = STORE_NULL};
	const struct write_condition condition = {.mode = STORE_IF_TOKEN, .token = token};
	struct write w = {.store = store, .key = key, .item = &nothing, .condition = &condition};
	bool removed = false;
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		return status;
	}
	w.r = shard_of(store, key->hash);
	/* 0 is the token of what is absent, which cannot be removed. */
	if (token != 0 && shard_lock(&w.r) != CACHE_OK) {
		removed = remove_without_lock(store, key, token);
	} else if (token != 0) {
		atomic_u64 *slot = index_find(&w.r, key);
		link_t link = slot_link(&w.r, slot);
		if (link && write_condition(&w, link_entry(&w.r, link)) == CACHE_OK) {
			lease_void(store, &w.r, key->hash);
			entry_remove(&w.r, slot, link);
			reclaim_if_due(&w.r);
			removed = true;
		}
		shard_unlock(&w.r);
	}
	if (removed) {
		count(&store->owner, deletes);
	}
	store_leave(store);
	return removed ? CACHE_OK : CACHE_MISMATCH;
}

/* ---- marking as stale ----------------------------------------------------------------------------------- */

/*
 * A new version and a negative stamp. The stamp is frozen meanwhile and is written last, which is the commit: so nobody
 * finds the new version with the old stamp, and takes a token for what he read before the mark. Whoever dies in between
 * leaves a new version of the old value.
 */
static void mark(struct store *store, const struct shard_ref *r, struct entry *e)
{
	int64_t now = store_now(store), stale = duration_us(e->stale_ttl);
	int64_t word = rmw_or(&e->stamp, STAMP_FROZEN) | STAMP_FROZEN, last = stamp_decode(word);

	if (last < 0 && -last >= now) {
		now = 1 - last; /* no two marks have one time: a touch that expects the first must not undo the second */
	}
	index_note_expiry(r, e->hash, stale < 0 ? INT64_MAX : now + stale);
	publish(&e->version, shard_next_version(r));
	/* Without the lock it may have been invalidated for good. */
	while (!cas(&e->stamp, &word, word & STAMP_DEAD ? word & ~STAMP_FROZEN : stamp_encode(-now))) {
	}
}

enum cache_status store_mark_stale(struct store *store, const struct store_key *key)
{
	struct shard_ref r;
	bool was_there = false;
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		store_invalidate_refused(store, key);
		return CACHE_MISSING;
	}
	r = shard_of(store, key->hash);
	if (shard_lock(&r) != CACHE_OK) {
		was_there = invalidate_without_lock(store, key);
	} else {
		atomic_u64 *slot = index_find(&r, key);
		link_t link = slot_link(&r, slot);
		was_there = link && entry_is_there(&r, link_entry(&r, link));
		/* First, as above. */
		lease_void(store, &r, key->hash);
		if (was_there) {
			mark(store, &r, link_entry(&r, link));
		}
		shard_unlock(&r);
	}
	if (was_there) {
		count(&store->owner, marks);
	}
	store_leave(store);
	return was_there ? CACHE_OK : CACHE_MISSING;
}

/* ---- many at once --------------------------------------------------------------------------------------- */

uint32_t store_invalidate_tags(struct store *store, const char *tags, uint32_t tags_size, bool hard)
{
	struct tag_head head;
	uint32_t number;
	bool entered = store_enter(store) == CACHE_OK; /* without a slot there is no lock, see tag.h */

	tag_head_make(&store->segment->hash, tags, tags_size, 0, &head);
	number = tag_word_count(head.words[0]);
	tag_invalidate(&store->owner, head.words + 1, number, hard, store_now(store));
	if (entered) {
		count_many(&store->owner, STORE_COUNT_tag_invalidations, number);
		store_leave(store);
	}
	return number;
}

void store_clear(struct store *store)
{
	if (store_enter(store) != CACHE_OK) {
		/* Without a slot no counter, but the clear itself needs none. */
		rmw_add(&store->segment->superblock->generation, 1);
		return;
	}
	rmw_add(&store->segment->superblock->generation, 1);
	count(&store->owner, clears);
	store_leave(store);
}
