/*
 * Publishing what was written: in a block of its own, or a number in the place of another one.
 */
#include "core/store/publish.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/fifo.h"
#include "core/store/lease.h"
#include "core/store/retire.h"

void entry_remove(const struct shard_ref *r, atomic_u64 *slot, link_t link)
{
	index_remove(r, slot); /* the commit */
	retire_queued(r, link);
}

/*
 * The user's lock word, if it is in use, of the value that is replaced: frozen, so that a cache_cas_lock comes back and
 * finds the new one.
 */
static uint64_t take_lock_word(struct entry *old)
{
	return rmw_or(&old->lock, LOCK_FROZEN) & ~LOCK_FROZEN;
}

/*
 * Under a condition the exchange fails if the old value was invalidated without the lock since that was decided: then the
 * new one was stored, and invalidated.
 */
static void replace(const struct write *w, atomic_u64 *slot, uint64_t word, link_t old_link, link_t link)
{
	const struct shard_ref *r = &w->r;
	struct entry *old = link_entry(r, old_link), *e = link_entry(r, link);

	store_relaxed(&e->frequency, load_relaxed(&old->frequency));
	if (w->condition->mode == STORE_SET) {
		index_set(r, slot, w->key->hash, link); /* the commit */
	} else if (!index_exchange_word(r, slot, word, w->key->hash, link)) {
		entry_remove(r, slot, old_link);
		block_free(r, link);
		return;
	}
	retire_replaced(r, old_link, link);
}

static void insert(const struct write *w, link_t link)
{
	const struct shard_ref *r = &w->r;
	atomic_u64 *slot = index_make_slot(r, w->key->hash, w->now_us);
	bool known = ghost_take(r, w->key->hash);

	if (known) {
		count(r->self, ghost_hits);
	}
	fifo_push(r, link, known ? QUEUE_MAIN : QUEUE_SMALL);
	index_set(r, slot, w->key->hash, link); /* the commit */
}

/*
 * A commit for an absent key: there is nothing that an invalidation without the lock could mark. It ends the lease, then
 * looks for the entry. So the entry is inserted as a dead one, then the lease is ended by us, then it comes to life; if either
 * was done by somebody else before, it was stored, and invalidated.
 */
static void insert_under_lease(const struct write *w, link_t link)
{
	struct entry *e = link_entry(&w->r, link);
	struct lease *lease = lease_find(&w->r, w->key->hash);
	int64_t stamp = load_relaxed(&e->stamp), dead = stamp | STAMP_DEAD;

	store_relaxed(&e->stamp, dead);
	insert(w, link);
	if (!lease || !lease_end(w->store, &w->r, lease, w->condition->token) || !cas(&e->stamp, &dead, stamp)) {
		index_note_expiry(&w->r, w->key->hash, 0); /* for the sweep */
	}
	lease_free(&w->r, w->key->hash);
}

/* Under the lock; the block is filled but for version and lock word. `slot`: index_find(). */
enum cache_status publish_entry(const struct write *w, atomic_u64 *slot, link_t link, uint64_t version)
{
	const struct shard_ref *r = &w->r;
	struct entry *e = link_entry(r, link), *old = NULL;
	/* Before the condition is decided: its read-modify-write of the stamp is a release, so this load stays before it. Who marks the
	 * word because he saw the stamp frozen does so after that, and the exchange in replace() fails. */
	uint64_t word = slot ? load_relaxed(slot) : 0;
	link_t old_link = slot ? place_link(r, word_granule(word)) : 0;

	if (slot) {
		old = link_entry(r, old_link);
	}
	if (w->condition->mode != STORE_SET) {
		enum cache_status status = write_condition(w, old);
		if (status != CACHE_OK) {
			block_free(r, link);
			return status;
		}
	}
	if (w->condition->mode == STORE_COMMIT && (word & WORD_DEAD)) {
		entry_remove(r, slot, old_link); /* it cannot be marked again */
		slot = NULL;
		old = NULL;
	}
	if (w->condition->mode != STORE_COMMIT || slot) {
		lease_void(w->store, r, w->key->hash);
	}
	if (version <= load_relaxed(&r->shard->clear_version)) {
		/* The cache was cleared while the value was being built: it was stored, then cleared. */
		if (slot) {
			entry_remove(r, slot, old_link);
		}
		block_free(r, link);
		return CACHE_OK;
	}
	if (old && likely_false(load_relaxed(&old->lock) & LOCK_USED) && !entry_is_dead(r, old, w->now_us)) {
		store_relaxed(&e->lock, take_lock_word(old));
	}
	if (e->ttl != DURATION_FOREVER) {
		struct entry_times times;
		entry_times(e, load_relaxed(&e->stamp), &times);
		index_note_expiry(r, w->key->hash, times.hard_us);
	}
	publish(&e->version, version); /* read_scalar() acquires it; others come by the slot, which is published after it */
	write_fault(w->store, FAULT_BEFORE_PUBLISH);
	if (slot) {
		replace(w, slot, word, old_link, link);
	} else if (w->condition->mode == STORE_COMMIT) {
		insert_under_lease(w, link);
	} else {
		insert(w, link);
	}
	write_fault(w->store, FAULT_AFTER_PUBLISH);
	return CACHE_OK;
}

/*
 * As when an entry is marked as stale the stamp is frozen, and written last. So whoever reads the number between two looks at a
 * stamp that is not frozen has both of one time: who sees the number, and then looks, sees at least the freeze (the number is a
 * release: after an exchange alone another store may overtake it). No token is made of the new version and the old number. The number is the
 * commit: increments before it are overwritten, later ones find it. A mark as dead stays: whoever set it may know that our number
 * was read before. Whoever dies in between leaves one of the two numbers, and the old stamp, which recovery thaws.
 *
 * With a ttl the new number has the old stamp's time for a moment. So that must not be over before the new stamp is there, or who judges
 * by it misses what another one has read: there must be a second left. Whoever is stopped in between for so long has the number
 * missed by those who only read, as if it had been evicted, until he goes on; whoever would store instead waits for his lock. The bucket's
 * earliest expiry stays right, since the new time is later.
 */
#define LEFT_US INT64_C(1000000)
static bool has_time_left(const struct write *w, const struct entry *e, int64_t stamp)
{
	return e->ttl == DURATION_FOREVER || (w->stamp_us >= stamp_decode(stamp) &&
	                                      stamp_decode(stamp) + duration_us(e->ttl) - w->now_us >= LEFT_US);
}

bool put_in_place(const struct write *w, atomic_u64 *slot)
{
	const struct shard_ref *r = &w->r;
	const struct store_item *item = w->item;
	struct entry *e;
	int64_t stamp;

	if (!slot) {
		return false;
	}
	e = link_entry(r, slot_link(r, slot));
	stamp = load_relaxed(&e->stamp);
	if (e->type != STORE_INT || e->flags != item->flags || e->tags_size != 0 || e->ttl != item_ttl(item) ||
	    e->stale_ttl != duration_encode(item->stale_ttl_us) || entry_state_now(r, e, stamp) != STORE_STATE_FRESH ||
	    !has_time_left(w, e, stamp)) {
		return false;
	}
	lease_void(w->store, r, w->key->hash);
	write_fault(w->store, FAULT_BEFORE_PUBLISH);
	stamp = rmw_or(&e->stamp, STAMP_FROZEN) | STAMP_FROZEN;
	publish(entry_word(e), int_encode(item->integer));
	publish(&e->version, shard_next_version(r));
	while (!cas(&e->stamp, &stamp, stamp & STAMP_DEAD ? stamp & ~STAMP_FROZEN : stamp_encode(w->stamp_us))) {
	}
	store_relaxed(&e->accessed, w->store->second);
	write_fault(w->store, FAULT_AFTER_PUBLISH);
	return true;
}
