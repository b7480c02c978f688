#include "core/store/retire.h"

#include "core/store/alloc.h"
#include "core/store/fifo.h"

/*
 * When writes reclaim. Few blocks: they are reused while their lines are still in the cache of this CPU, and there are as many shards
 * that each have such blocks (with 32 of them a store among 200,000 entries took an eighth longer). More for what the scan
 * of the pins costs: a line or two for each participant, and another one for each eight pins.
 */
#define RECLAIM_BLOCKS 8u
#define RECLAIM_BLOCKS_EACH 2u
#define RECLAIM_PINS_A_BLOCK 16u
/* Nor may big blocks wait: a 64th of the shard. */
#define RECLAIM_SHARE 64u

/* In quarantine a block waits until so many others were retired after it. */
#define QUARANTINE_BLOCKS 1000u

/* The valve for readers: more than 5 % of the shard retired and pinned -> they copy; until it is below 2 %. */
#define VALVE_CLOSE_PERCENT 5u
#define VALVE_OPEN_PERCENT 2u

static void set_bit(struct pin_set *set, uint64_t granule)
{
	uint32_t bit = pin_set_bit(granule);

	set->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static void add_pin(void *context, uint64_t granule, uint32_t index)
{
	struct pin_set *set = context;

	(void)index;
	if (likely_true(set->count < PIN_SET_FEW)) {
		set->few[set->count++] = granule;
		return;
	}
	if (set->count++ == PIN_SET_FEW) {
		memset(set->bits, 0, sizeof set->bits);
		for (uint32_t i = 0; i < PIN_SET_FEW; i++) {
			set_bit(set, set->few[i]);
		}
	}
	set_bit(set, granule);
}

void pin_set_collect(const struct shard_ref *r, struct pin_set *set)
{
	set->count = 0;
	full_fence(); /* the index words, which our caller or others before him changed; then the pins: see retire.h */
	pins_scan(r->self->segment, NO_SLOT, add_pin, set);
}

static void push_limbo(const struct shard_ref *r, link_t link)
{
	struct shard *s = r->shard;
	struct entry *e = link_entry(r, link);

	e->next = s->limbo;
	s->limbo = link;
	s->limbo_count++;
	s->limbo_bytes += block_bytes(r, link);
}

static bool enough_gathered(const struct shard *s)
{
	return s->limbo_count >= s->limbo_due || s->limbo_bytes >= s->limbo_due_bytes;
}

void retire(const struct shard_ref *r, link_t link)
{
	struct shard *s = r->shard;
	struct entry *e = link_entry(r, link);
	uint64_t number = load_relaxed(&s->retired) + 1;

	invariant(lock_is_ours(r));
	entry_set_state(e, ENTRY_RETIRED, QUEUE_NONE);
	e->prev = (uint32_t)number;
	push_limbo(r, link);
	/* Whoever sees this number sees the index word that the block was taken out of. */
	publish(&s->retired, number);
	store_relaxed(&s->limbo_any, 1);
	if (enough_gathered(s)) {
		store_relaxed(&s->reclaim_wanted, 1);
	}
}

void retire_deferred(const struct shard_ref *r)
{
	link_t left[FIFO_DEFERRED];
	uint32_t count = r->shard->deferred_count ? fifo_settle(r, left) : 0;

	for (uint32_t i = 0; i < count; i++) {
		retire(r, left[i]);
	}
}

/*
 * False: it is to leave its queue at once. An heir has no neighbours. A large block's memory is needed, and two lines are nothing beside
 * it. In quarantine a block is to be wiped as soon as nobody has pinned it.
 */
static inline bool defer(const struct shard_ref *r, uint32_t class, link_t link, link_t fresh)
{
	if (entry_is_heir(link_entry(r, link)) || class == SPAN_CLASS || r->self->quarantine) {
		return false;
	}
	if (fifo_defers_no_more(r)) {
		retire_deferred(r);
	}
	fifo_defer(r, class, link, fresh);
	store_relaxed(&r->shard->limbo_any, 1);
	return true;
}

void retire_queued(const struct shard_ref *r, link_t link)
{
	if (!defer(r, block_class(r, link), link, 0)) {
		fifo_remove(r, link);
		retire(r, link);
	}
}

void retire_replaced(const struct shard_ref *r, link_t link, link_t fresh)
{
	uint32_t class = block_class(r, link);

	if (class != block_class(r, fresh)) {
		fifo_push(r, fresh, entry_queue(link_entry(r, link)));
		retire_queued(r, link);
	} else if (!defer(r, class, link, fresh)) {
		fifo_substitute(r, class, link, fresh);
		retire(r, link);
	}
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

/*
 * For debugging: a block that could be freed is overwritten with zeros - by which an interned string loses its flags - and
 * stays for a while, unless its memory is needed, so that whoever still reads it sees them, and not what the next one
 * stores there.
 */
static void wipe(struct entry *e)
{
	memset(entry_value(e), 0, e->size); /* lengths stay: a span's extent goes by them */
}

/* What is left is pinned: looked at again when as much has been added, and a scan's worth. */
static void set_due(const struct shard_ref *r, const struct pin_set *pins)
{
	struct shard *s = r->shard;
	uint32_t participants = load_relaxed(&r->self->segment->superblock->participants_used);

	s->limbo_due = s->limbo_count * (r->self->quarantine ? 1 : 2) + RECLAIM_BLOCKS + RECLAIM_BLOCKS_EACH * participants +
	               pins->count / RECLAIM_PINS_A_BLOCK;
	s->limbo_due_bytes = s->limbo_bytes * 2 + (uint64_t)r->geometry->pages * PAGE_BYTES / RECLAIM_SHARE;
	store_relaxed(&s->reclaim_wanted, 0);
}

/* needed: the memory is. Else blocks are made ready, or stay in quarantine. */
static uint32_t free_unpinned(const struct shard_ref *r, const struct pin_set *pins, uint64_t number, bool needed)
{
	const bool stay = !needed && r->self->quarantine;
	struct shard *s = r->shard;
	link_t link = s->limbo;
	uint32_t freed = 0;

	invariant(lock_is_ours(r));
	s->limbo = 0;
	s->limbo_count = 0;
	s->limbo_bytes = 0;
	while (link) {
		struct entry *e = link_entry(r, link);
		link_t next = e->next;
		bool later = (int32_t)(e->prev - (uint32_t)number) > 0;
		bool held = later || pin_set_has(pins, link_place(r, link));

		if (!held && r->self->quarantine) {
			wipe(e);
		}
		if (held || (stay && (uint32_t)number - e->prev < QUARANTINE_BLOCKS)) {
			push_limbo(r, link);
		} else {
			if (needed) {
				block_free(r, link);
			} else {
				block_make_ready(r, link);
			}
			freed++;
		}
		link = next;
	}
	store_relaxed(&s->limbo_any, s->limbo != 0 || s->ready != 0 || s->deferred_count != 0);
	set_due(r, pins);
	turn_valve(r);
	return freed;
}

uint32_t reclaim_collected(const struct shard_ref *r, const struct pin_set *pins, uint64_t number)
{
	return free_unpinned(r, pins, number, false);
}

uint32_t reclaim(const struct shard_ref *r)
{
	struct pin_set pins;
	uint32_t ready = ready_give_back(r);

	retire_deferred(r);
	if (!r->shard->limbo) {
		store_relaxed(&r->shard->limbo_any, 0);
		return ready;
	}
	pin_set_collect(r, &pins);
	return ready + free_unpinned(r, &pins, load_relaxed(&r->shard->retired), true);
}

static void reclaim_without_waiting(const struct shard_ref *r, bool whatever)
{
	uint64_t number = load_acquire(&r->shard->retired); /* with the index words of so many: before the fence */
	struct pin_set pins;

	pin_set_collect(r, &pins);
	if (lock_try(r->self, &r->shard->lock)) {
		if (whatever) {
			ready_give_back(r);
			retire_deferred(r); /* for the next time: they are younger than the number */
			free_unpinned(r, &pins, number, !r->self->quarantine);
		} else if (load_relaxed(&r->shard->reclaim_wanted)) {
			reclaim_collected(r, &pins, number);
		}
		lock_release_own(r->self, &r->shard->lock);
	}
}

void reclaim_ahead(const struct shard_ref *r)
{
	reclaim_without_waiting(r, false);
}

void reclaim_leftovers(const struct shard_ref *r)
{
	if (load_relaxed(&r->shard->limbo_any)) {
		reclaim_without_waiting(r, true);
	}
}

void reclaim_if_due(const struct shard_ref *r)
{
	const struct shard *s = r->shard;

	if (s->limbo_count / 4 >= s->limbo_due || s->limbo_bytes / 4 >= s->limbo_due_bytes) {
		reclaim(r);
	}
}
