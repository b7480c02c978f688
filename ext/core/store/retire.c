#include "core/store/retire.h"

#include "core/store/alloc.h"

/*
 * When writes reclaim. Few blocks: they are reused while their lines are still in the cache of this CPU; the scan
 * costs one line for each participant, shared by that many retires.
 */
#define RECLAIM_BLOCKS 16u
/* Nor may big blocks wait: a 64th of the shard. */
#define RECLAIM_SHARE 64u

/* The valve for readers: more than 5 % of the shard retired and pinned -> they copy; until it is below 2 %. */
#define VALVE_CLOSE_PERCENT 5u
#define VALVE_OPEN_PERCENT 2u

static void add_pin(void *context, uint64_t granule, uint32_t index)
{
	struct pin_set *set = context;
	uint32_t bit = pin_set_bit(granule);

	(void)index;
	set->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
	set->count++;
}

void pin_set_collect(const struct shard_ref *r, struct pin_set *set)
{
	memset(set, 0, sizeof *set);
	full_fence();
	pins_scan(r->self->segment, NO_SLOT, add_pin, set);
}

void retire(const struct shard_ref *r, link_t link)
{
	struct shard *s = r->shard;
	struct entry *e = link_entry(r, link);

	invariant(lock_is_ours(r));
	entry_set_state(e, ENTRY_RETIRED, QUEUE_NONE);
	e->next = s->limbo;
	s->limbo = link;
	s->limbo_count++;
	s->limbo_bytes += block_bytes(r, link);
}

static void turn_valve(const struct shard_ref *r)
{
	atomic_u64 *valve = &r->self->segment->superblock->no_new_pins;
	uint64_t bit = UINT64_C(1) << r->number;
	uint64_t shard_bytes = (uint64_t)r->geometry->pages * PAGE_BYTES;
	uint64_t percent = r->shard->limbo_bytes * 100 / shard_bytes;

	if (percent > VALVE_CLOSE_PERCENT) {
		rmw_or(valve, bit);
	} else if (percent < VALVE_OPEN_PERCENT && (load_relaxed(valve) & bit)) {
		rmw_and(valve, ~bit);
	}
}

uint32_t reclaim(const struct shard_ref *r)
{
	struct shard *s = r->shard;
	struct pin_set pins;
	link_t link = s->limbo;
	uint32_t freed = 0;

	invariant(lock_is_ours(r));
	if (!link) {
		return 0;
	}
	pin_set_collect(r, &pins);
	s->limbo = 0;
	s->limbo_count = 0;
	s->limbo_bytes = 0;
	while (link) {
		struct entry *e = link_entry(r, link);
		link_t next = e->next;
		if (pin_set_has(&pins, link_place(r, link))) {
			retire(r, link);
		} else {
			block_free(r, link);
			freed++;
		}
		link = next;
	}
	/* What is left is pinned: look again when as much has been added. */
	s->limbo_due = s->limbo_count * 2 + RECLAIM_BLOCKS;
	s->limbo_due_bytes = s->limbo_bytes * 2 + (uint64_t)r->geometry->pages * PAGE_BYTES / RECLAIM_SHARE;
	turn_valve(r);
	return freed;
}

void reclaim_if_due(const struct shard_ref *r)
{
	struct shard *s = r->shard;

	if (s->limbo_count >= s->limbo_due || s->limbo_bytes >= s->limbo_due_bytes) {
		reclaim(r);
	}
}
