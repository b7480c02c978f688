#include "core/store/alloc.h"
#include "core/store/fifo.h"
#include "core/store/index.h"
#include "core/store/retire.h"
#include "core/store/room.h"

static void set_integer(struct entry *e, int64_t value)
{
	bool small = int_fits_word(value);

	e->type = small ? STORE_INT : STORE_BIGINT;
	store_relaxed(entry_word(e), small ? int_encode(value) : (uint64_t)value);
	entry_seal(e);
}

/*
 * Everything but the version. Of the header by words, since readers note their hits in it meanwhile: a hit that is not copied
 * delays a promotion.
 */
static void copy_entry(struct entry *fresh, struct entry *old)
{
	atomic_u64 *to = (atomic_u64 *)fresh, *from = (atomic_u64 *)old;

	for (size_t i = 1; i < sizeof *old / sizeof *to; i++) {
		store_relaxed(&to[i], load_relaxed(&from[i]));
	}
	memcpy(fresh->key, old->key, entry_bytes(old) - sizeof *old);
}

/*
 * The words that change without the lock are frozen, then copied, then the new block is published. Whoever meets a
 * frozen word comes back through lock and index and finds the new one; so nothing is lost between a CAS and the copy.
 *
 * The one thing that does not wait is an invalidation without the lock (write.c). It marks the stamp as dead. If the
 * stamp was not frozen yet, we copy the mark. If it was, the invalidation marks the slot's word as well, by CAS; so the
 * commit here is a CAS, too, and of the two exactly one succeeds. Orders: each freeze acquires and releases, so the copies are
 * made after it, and whoever sees it frozen looks at the slot after that.
 *
 * The entry keeps its version, so a block that it leaves and comes back to has the same one again, and in between somebody else's
 * fields: a reader without a pin that is kept off the CPU twice would put the two together. So whoever lets entries move raises the
 * count of changes afterwards, by index_change(), under the same lock: that reader goes again.
 */
bool entry_relocate(const struct shard_ref *r, link_t link, link_t target,
                    int64_t (*change)(void *context, int64_t value), void *context)
{
	struct entry *old = link_entry(r, link), *fresh = link_entry(r, target);
	uint64_t version = load_relaxed(&old->version);
	atomic_u64 *slot;

	invariant(block_class(r, link) == block_class(r, target));
	entry_begin(fresh, version);
	int64_t stamp = rmw_or(&old->stamp, STAMP_FROZEN);
	uint64_t lock = rmw_or(&old->lock, LOCK_FROZEN);
	uint64_t word = old->type == STORE_INT ? rmw_or(entry_word(old), INT_FROZEN) : 0;

	copy_entry(fresh, old);
	store_relaxed(&fresh->stamp, stamp & ~STAMP_FROZEN);
	store_relaxed(&fresh->lock, lock & ~LOCK_FROZEN);
	if (change) {
		set_integer(fresh, change(context, old->type == STORE_INT ? int_decode(word) : entry_bigint(old)));
	} else if (old->type == STORE_INT) {
		store_relaxed(entry_word(fresh), word & ~INT_FROZEN);
	}
	if (fresh->type == STORE_IMAGE) {
		r->self->host->moved(entry_value(fresh), fresh->size, fresh->flags, (char *)fresh - (char *)old);
		entry_seal(fresh);
	}
	publish(&fresh->version, version);
	slot = index_slot_of(r, old->hash, link_place(r, link));
	invariant(slot != NULL);
	if (!index_exchange(r, slot, link, target)) {
		block_free(r, target);
		index_remove(r, slot);
		fifo_remove(r, link);
		retire(r, link);
		return false;
	}
	fifo_substitute(r, block_class(r, link), link, target);
	retire(r, link);
	count(r->self, relocations);
	return true;
}

