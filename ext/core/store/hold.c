/*
 * Keeping pins beyond a look-up, and the limits that keep one long pin from stopping the cache:
 *
 *  - a participant holds at most pinned_max bytes, and leaves some pins for look-ups;
 *  - all together hold at most a quarter of the segment;
 *  - while more than 5 % of a shard is retired and pinned, nobody adds pins, until it is below 2 % (retire.c).
 *
 * Beyond them the caller copies the value and unpins. The account of a participant is a word of its own record; the sum
 * of all is taken anew whenever the own account has grown by 64 KB, which bounds its error and its cost.
 *
 * A block that is held is not freed, so an index word that names it names what it did: further look-ups need no pin. The
 * blocks held are a hash set by place with linear probing, emptied by counting the epoch up.
 */
#include "core/store/internal.h"
#include "core/store/store.h"

#define PINS_FOR_LOOKUPS 64u
#define SUM_EVERY (UINT64_C(64) << 10)

static uint64_t pinned_by_others(const struct store *store)
{
	const struct segment *s = store->segment;
	uint64_t sum = 0;

	for_each_slot(s, slot) {
		if (slot != store->owner.slot) {
			sum += load_relaxed(&segment_participant(s, slot)->pinned_bytes);
		}
	}
	return sum;
}

/* At most as many as there are pins, so the table is never more than half full. */
static void held_add(struct store *store, uint64_t granule)
{
	uint32_t slot = held_slot(granule);

	while (store->held[slot] >> PLACE_BITS == store->held_epoch) {
		slot = (slot + 1) & (HELD_SLOTS - 1);
	}
	store->held[slot] = granule | (uint64_t)store->held_epoch << PLACE_BITS;
	store->held_count++;
}

void held_forget(struct store *store)
{
	store->held_count = 0;
	if (++store->held_epoch >> (64 - PLACE_BITS)) {
		memset(store->held, 0, sizeof store->held);
		store->held_epoch = 1;
	}
}

bool store_hold(struct store *store, struct store_view *view)
{
	struct owner *o = &store->owner;
	uint64_t mine;

	if (view->held) {
		return true;
	}
	if (view->pin == 0 || view->pin >= COPY_FIRST) {
		return false;
	}
	mine = load_relaxed(&o->record->pinned_bytes) + view->size + sizeof(struct entry);
	if (mine < store->pinned_summed || mine - store->pinned_summed >= SUM_EVERY || store->pinned_summed == 0) {
		store->pinned_summed = mine;
		store->pinned_others = pinned_by_others(store);
	}
	if (mine > store->pinned_max || mine + store->pinned_others > store->segment->geometry.size / 4 ||
	    view->pin >= PINS_PER_PARTICIPANT - PINS_FOR_LOOKUPS ||
	    load_relaxed(&store->segment->superblock->no_new_pins) != 0) {
		count(o, pins_refused);
		return false;
	}
	store_relaxed(&o->record->pinned_bytes, mine);
	held_add(store, load_relaxed(&o->pins[view->pin]));
	view->held = true;
	return true;
}
