/*
 * Keeping pins beyond a look-up, and the limits that keep one long pin from stopping the cache:
 *
 *  - a participant holds at most pinned_max bytes, and leaves some pins for look-ups;
 *  - all together hold at most a quarter of the segment;
 *  - while more than 5 % of a shard is retired and pinned, nobody adds pins, until it is below 2 % (retire.c).
 *
 * Beyond them the caller copies the value and unpins. The account of a participant is a word of its own record; the sum
 * of all is taken anew whenever the own account has grown by 64 KB, which bounds its error and its cost.
 */
#include "core/store/internal.h"
#include "core/store/store.h"

#define PINS_FOR_LOOKUPS 64u
#define SUM_EVERY (UINT64_C(64) << 10)

static uint64_t pinned_by_others(const struct store *store)
{
	const struct segment *s = store->segment;
	uint32_t used = load_acquire(&s->superblock->participants_used);
	uint64_t sum = 0;

	for (uint32_t slot = 0; slot < used && slot < s->geometry.participants; slot++) {
		if (slot != store->owner.slot) {
			sum += load_relaxed(&segment_participant(s, slot)->pinned_bytes);
		}
	}
	return sum;
}

bool store_hold(struct store *store, const struct store_view *view)
{
	struct owner *o = &store->owner;
	uint64_t mine;

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
	return true;
}
