#include "core/store/room.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/retire.h"

#define HYSTERESIS 4u
#define BUDGET_FACTOR 4u
#define BUDGET_LEAST (64u * 1024)
/* Victims of the own class taken at a time, so that the scan of the pins is shared. */
#define BATCH 4u

/* One search for room. */
struct search {
	const struct shard_ref *r;
	uint64_t bytes;
	uint32_t class, units;
	int64_t now_us;
	int64_t budget;        /* bytes that may still be evicted */
	link_t victim;         /* the policy's next victim: it goes anyhow, so it costs nothing */
	struct pin_set pins;
};

static void evict_charged(struct search *search, link_t link)
{
	search->budget -= (int64_t)block_bytes(search->r, link);
	evict_entry(search->r, link, search->now_us);
}

static void set_integer(struct entry *e, int64_t value)
{
	bool small = int_fits_word(value);

	e->type = small ? STORE_INT : STORE_BIGINT;
	store_relaxed(entry_word(e), small ? int_encode(value) : (uint64_t)value);
	if (entry_has_checksum(e->type, e->tags_size)) {
		uint32_t sum = entry_checksum(e);
		memcpy(entry_checksum_at(e), &sum, sizeof sum);
	}
}

/* ---- relocation ----------------------------------------------------------------------------------------- */

/*
 * The words that change without the lock are frozen, then copied, then the new block is published. Whoever meets a
 * frozen word comes back through lock and index and finds the new one; so nothing is lost between a CAS and the copy.
 *
 * The one thing that does not wait is an invalidation without the lock (write.c). It marks the stamp as dead. If the
 * stamp was not frozen yet, we copy the mark. If it was, the invalidation empties the slot itself, by CAS; so the
 * commit here is a CAS as well, and of the two exactly one succeeds.
 */
bool entry_relocate(const struct shard_ref *r, link_t link, link_t target,
                    int64_t (*change)(void *context, int64_t value), void *context)
{
	struct entry *old = link_entry(r, link), *fresh = link_entry(r, target);
	uint64_t version = load_relaxed(&old->version);
	atomic_u64 *slot;

	invariant(block_class(r, link) == block_class(r, target));
	store_relaxed(&fresh->version, version | 1);
	write_fence();
	int64_t stamp = rmw_or(&old->stamp, STAMP_FROZEN);
	uint64_t lock = rmw_or(&old->lock, LOCK_FROZEN);
	uint64_t word = old->type == STORE_INT ? rmw_or(entry_word(old), INT_FROZEN) : 0;

	memcpy((char *)fresh + sizeof fresh->version, (char *)old + sizeof old->version,
	       entry_bytes(old) - sizeof old->version);
	store_relaxed(&fresh->stamp, stamp & ~STAMP_FROZEN);
	store_relaxed(&fresh->lock, lock & ~LOCK_FROZEN);
	if (change) {
		set_integer(fresh, change(context, old->type == STORE_INT ? int_decode(word) : entry_bigint(old)));
	} else if (old->type == STORE_INT) {
		store_relaxed(entry_word(fresh), word & ~INT_FROZEN);
	}
	publish(&fresh->version, version);
	slot = index_slot_of(r, old->hash, link_place(r, link));
	if (!slot || !index_exchange(r, slot, link, target)) {
		block_free(r, target);
		index_forget(r);
		queue_remove(r, link);
		retire(r, link);
		return false;
	}
	queue_substitute(r, link, target);
	retire(r, link);
	count(r->self, relocations);
	return true;
}

/* ---- the cost of a page --------------------------------------------------------------------------------- */

#define COST_NEVER UINT64_MAX

/* What is lost with an entry: cold ones of small are nearly free; hot ones of main are dear. In 1/16 of a byte. */
static uint64_t entry_cost(const struct search *search, link_t link)
{
	const struct entry *e = link_entry(search->r, link);
	uint64_t bytes = block_bytes(search->r, link);
	uint8_t frequency = load_relaxed(&e->frequency);

	if (entry_state(e) != ENTRY_LIVE || pin_set_has(&search->pins, link_place(search->r, link))) {
		return COST_NEVER;
	}
	if (link == search->victim || entry_is_dead(search->r, e, search->now_us)) {
		return 0;
	}
	if (entry_queue(e) == QUEUE_SMALL) {
		return bytes * (frequency ? 32 : 5);
	}
	return bytes * (frequency ? 16 + 16 * frequency : 11);
}

/* Calls visit for the blocks of a slab. */
static void slab_blocks(const struct shard_ref *r, uint32_t page, void (*visit)(void *context, link_t link), void *context)
{
	struct slab *slab = slab_of(r, page);
	uint32_t granules = slab_class_bytes[slab->class] / GRANULE;
	uint64_t bits[4];

	memcpy(bits, slab->bits, sizeof bits); /* visitors may free blocks */
	for (uint32_t w = 0; w < 4; w++) {
		while (bits[w]) {
			uint32_t index = w * 64 + (uint32_t)__builtin_ctzll(bits[w]);
			bits[w] &= bits[w] - 1;
			visit(context, page * (PAGE_BYTES / GRANULE) + index * granules + 1);
		}
	}
}

struct summed {
	const struct search *search;
	uint64_t cost;
};

static void add_cost(void *context, link_t link)
{
	struct summed *sum = context;
	uint64_t cost = sum->cost == COST_NEVER ? COST_NEVER : entry_cost(sum->search, link);

	sum->cost = cost == COST_NEVER ? COST_NEVER : sum->cost + cost;
}

static uint64_t slab_cost(const struct search *search, uint32_t page)
{
	struct summed sum = {.search = search};

	if (slab_of(search->r, page)->class == LINE_CLASS) {
		return COST_NEVER;
	}
	slab_blocks(search->r, page, add_cost, &sum);
	return sum.cost;
}

/* ---- emptying a slab ------------------------------------------------------------------------------------ */

struct emptying {
	struct search *search;
	uint32_t page, hot;
	bool hot_too;
};

static bool is_cold(const struct emptying *m, const struct entry *e)
{
	return entry_is_dead(m->search->r, e, m->search->now_us) ||
	       (load_relaxed(&e->frequency) == 0 && entry_queue(e) == QUEUE_SMALL);
}

static void evict_cold(void *context, link_t link)
{
	struct emptying *m = context;
	struct entry *e = link_entry(m->search->r, link);

	if (entry_state(e) != ENTRY_LIVE) {
		return;
	}
	if (is_cold(m, e)) {
		evict_charged(m->search, link);
	} else {
		m->hot++;
	}
}

static void move_hot(void *context, link_t link)
{
	struct emptying *m = context;
	const struct shard_ref *r = m->search->r;
	link_t target;

	if (entry_state(link_entry(r, link)) != ENTRY_LIVE) {
		return;
	}
	target = r->shard->classes[block_class(r, link)].partial ? slab_take(r, block_class(r, link)) : 0;
	if (target) {
		entry_relocate(r, link, target, NULL, NULL);
	} else {
		evict_charged(m->search, link);
	}
}

/* Free blocks for `count` entries of the class, in other slabs: its coldest entries go. */
static void make_free_blocks(struct emptying *m, uint32_t class, uint32_t count)
{
	const struct shard_ref *r = m->search->r;
	struct size_class *c = &r->shard->classes[class];
	uint32_t free = 0, skipped = 0;

	for (uint32_t page = c->partial; page && free < count; page = slab_of(r, page - 1)->next) {
		free += slab_of(r, page - 1)->blocks - slab_of(r, page - 1)->used;
	}
	while (free < count && skipped < 32 && m->search->budget > 0) {
		link_t victim = evict_victim(r, class, &m->search->pins, m->search->now_us);
		if (!victim) {
			break;
		}
		if (link_page(victim) == m->page) {
			skipped++;
			m->hot--;
			count--;
		} else {
			free++;
		}
		evict_charged(m->search, victim);
	}
	reclaim(r);
}

/* Returns whether the page is free now. */
static bool slab_empty(struct search *search, uint32_t page)
{
	const struct shard_ref *r = search->r;
	uint32_t class = slab_of(r, page)->class;
	struct emptying m = {.search = search, .page = page};

	slab_drain(r, page);
	slab_blocks(r, page, evict_cold, &m);
	if (m.hot) {
		make_free_blocks(&m, class, m.hot);
		slab_blocks(r, page, move_hot, &m);
	}
	reclaim(r);
	if (page_kind(page_words(r)[page]) == PAGE_SLAB && slab_of(r, page)->drained) {
		slab_undrain(r, page); /* somebody pinned one of its blocks meanwhile */
		return false;
	}
	count(r->self, slabs_stolen);
	return true;
}

/* ---- taking a slab from another class ------------------------------------------------------------------- */

#define CANDIDATES_SMALL 12
#define CANDIDATES_MAIN 6

static void consider(struct search *search, link_t link, uint32_t count, uint32_t *best, uint64_t *best_cost)
{
	for (uint32_t i = 0; i < count && link; i++, link = link_entry(search->r, link)->prev) {
		uint32_t page = link_page(link);
		uint64_t cost = page == *best ? COST_NEVER : slab_cost(search, page);
		if (cost < *best_cost) {
			*best_cost = cost;
			*best = page;
		}
	}
}

/* The cheapest slab among those that hold the class's next victims. */
static bool steal_slab(struct search *search, uint32_t class)
{
	struct size_class *c = &search->r->shard->classes[class];
	uint32_t best = UINT32_MAX;
	uint64_t best_cost = COST_NEVER;

	consider(search, c->small_tail, CANDIDATES_SMALL, &best, &best_cost);
	consider(search, c->main_tail, CANDIDATES_MAIN, &best, &best_cost);
	return best != UINT32_MAX && slab_empty(search, best);
}

static uint32_t oldest_class(const struct search *search, uint32_t except, uint64_t *age)
{
	uint32_t oldest = CLASSES;

	*age = 0;
	for (uint32_t class = 1; class < CLASSES; class++) {
		uint64_t its = class == except ? UINT64_MAX : evict_age(search->r, class);
		if (its != UINT64_MAX && its >= *age) {
			*age = its;
			oldest = class;
		}
	}
	return oldest;
}

static bool evict_some(struct search *search, uint32_t class, uint32_t count)
{
	bool any = false;

	for (uint32_t i = 0; i < count && search->budget > 0; i++) {
		link_t victim = evict_victim(search->r, class, &search->pins, search->now_us);
		if (!victim) {
			break;
		}
		evict_charged(search, victim);
		any = true;
	}
	return any && reclaim(search->r) > 0;
}

static bool take_from(struct search *search, uint32_t class)
{
	if (class == SPAN_CLASS) {
		return evict_some(search, class, 1);
	}
	return steal_slab(search, class) || evict_some(search, class, 1);
}

/* Room for one more block of a slab class. */
static bool room_for_block(struct search *search)
{
	uint64_t own = evict_age(search->r, search->class), others;
	uint32_t other = oldest_class(search, search->class, &others);

	if (own != UINT64_MAX && (other == CLASSES || others / HYSTERESIS <= own) &&
	    evict_some(search, search->class, BATCH)) {
		return true;
	}
	if (other < CLASSES && take_from(search, other)) {
		return true;
	}
	return own != UINT64_MAX && evict_some(search, search->class, BATCH);
}

/* ---- windows for spans ---------------------------------------------------------------------------------- */

/* Entries looked at from a tail on. */
#define WALKED_MAX 256

/* What stands at a unit: free units, a span or a slab. */
struct extent {
	uint32_t unit, units;
	uint64_t cost;
};

static uint32_t span_units(const struct shard_ref *r, link_t link)
{
	return units_for(entry_bytes(link_entry(r, link)));
}

static link_t unit_link(uint32_t unit) { return unit * (UNIT_BYTES / GRANULE) + 1; }
static uint32_t link_unit(link_t link) { return (link - 1) / (UNIT_BYTES / GRANULE); }

static bool unit_is_free(const struct shard_ref *r, uint32_t unit)
{
	return unit_free_bits(r)[unit / 64] >> (unit % 64) & 1;
}

static bool extent_at(const struct search *search, uint32_t unit, struct extent *extent)
{
	const struct shard_ref *r = search->r;
	uint32_t page = unit / PAGE_UNITS, start = unit;

	if (unit >= r->shard->pages_known * PAGE_UNITS) {
		return false;
	}
	if (unit_is_free(r, unit)) {
		*extent = (struct extent){unit, 1, 0};
		return true;
	}
	switch (page_kind(page_words(r)[page])) {
	case PAGE_SLAB:
		*extent = (struct extent){page * PAGE_UNITS, PAGE_UNITS, slab_cost(search, page)};
		return extent->cost != COST_NEVER;
	case PAGE_SPANS:
		while (!(span_start_bits(r)[start / 64] >> (start % 64) & 1)) {
			if (start-- == 0) {
				return false;
			}
		}
		*extent = (struct extent){start, span_units(r, unit_link(start)), entry_cost(search, unit_link(start))};
		return extent->cost != COST_NEVER && unit < start + extent->units;
	default:
		return false; /* index and ghost stay */
	}
}

struct window {
	uint32_t from, to; /* units */
	uint64_t cost;
};

/* Grows a window around a unit towards the cheaper neighbour until it is large enough. */
static bool window_around(const struct search *search, uint32_t unit, uint64_t limit, struct window *window)
{
	struct extent left, right, next;

	if (!extent_at(search, unit, &next)) {
		return false;
	}
	*window = (struct window){next.unit, next.unit + next.units, next.cost};
	while (window->to - window->from < search->units) {
		bool has_left = window->from > 0 && extent_at(search, window->from - 1, &left);
		bool has_right = extent_at(search, window->to, &right);
		if (!has_left && !has_right) {
			return false;
		}
		if (has_left && (!has_right || left.cost * right.units <= right.cost * left.units)) {
			window->from = left.unit;
			window->cost += left.cost;
		} else {
			window->to = right.unit + right.units;
			window->cost += right.cost;
		}
		if (window->cost >= limit) {
			return false;
		}
	}
	return true;
}

static void try_window(const struct search *search, uint32_t unit, struct window *best)
{
	struct window window;

	if (window_around(search, unit, best->cost, &window)) {
		*best = window;
	}
}

/* Around the entries from a tail on. Neighbours in a queue are mostly neighbours in a page: one try for each page. */
static void try_windows_from(const struct search *search, link_t link, uint32_t count, struct window *best)
{
	uint32_t page = UINT32_MAX;

	for (uint32_t i = 0; i < WALKED_MAX && count > 0 && link; i++, link = link_entry(search->r, link)->prev) {
		if (link_page(link) != page || block_class(search->r, link) == SPAN_CLASS) {
			page = link_page(link);
			count--;
			try_window(search, link_unit(link), best);
		}
	}
}

/* When the tails lie between pages that cannot be emptied: anywhere. */
static void try_windows_everywhere(const struct search *search, struct window *best)
{
	for (uint32_t page = 0; page < search->r->shard->pages_known && best->cost == COST_NEVER; page++) {
		try_window(search, page * PAGE_UNITS, best);
	}
}

static void empty_window(struct search *search, const struct window *window)
{
	const struct shard_ref *r = search->r;

	for (uint32_t unit = window->from; unit < window->to;) {
		uint32_t page = unit / PAGE_UNITS;
		if (unit_is_free(r, unit)) {
			unit++;
		} else if (page_kind(page_words(r)[page]) == PAGE_SLAB) {
			slab_empty(search, page);
			unit = (page + 1) * PAGE_UNITS;
		} else if (page_kind(page_words(r)[page]) == PAGE_SPANS && block_starts_at(r, unit_link(unit)) &&
		           entry_state(link_entry(r, unit_link(unit))) == ENTRY_LIVE) {
			uint32_t units = span_units(r, unit_link(unit));
			evict_charged(search, unit_link(unit));
			unit += units;
		} else {
			unit++;
		}
	}
	reclaim(r);
}

/* Room for a span: the cheapest window around the next victims of the spans and of the oldest class. */
static bool room_for_span(struct search *search)
{
	const struct shard_ref *r = search->r;
	struct size_class *spans = &r->shard->classes[SPAN_CLASS];
	struct window best = {.cost = COST_NEVER};
	uint64_t age;
	uint32_t other = oldest_class(search, SPAN_CLASS, &age);

	search->victim = evict_victim(r, SPAN_CLASS, &search->pins, search->now_us);
	if (search->victim) {
		if (span_units(r, search->victim) >= search->units) {
			/* Nothing is cheaper, and a window elsewhere would set the policy's order aside. */
			evict_charged(search, search->victim);
			reclaim(r);
			return true;
		}
		try_window(search, link_unit(search->victim), &best);
	}
	try_windows_from(search, spans->small_tail, 10, &best);
	try_windows_from(search, spans->main_tail, 10, &best);
	if (other < CLASSES) {
		try_windows_from(search, r->shard->classes[other].small_tail, 6, &best);
	}
	for (uint32_t w = 0, tried = 0; w < (r->shard->pages_known + 15) / 16 && tried < 8; w++) {
		if (unit_free_bits(r)[w]) {
			try_window(search, w * 64 + (uint32_t)__builtin_ctzll(unit_free_bits(r)[w]), &best);
			tried++;
		}
	}
	if (best.cost == COST_NEVER) {
		try_windows_everywhere(search, &best);
	}
	if (best.cost == COST_NEVER) {
		return false;
	}
	empty_window(search, &best);
	return true;
}

/* ---- the search ----------------------------------------------------------------------------------------- */

static link_t take(const struct search *search)
{
	return search->class < SPAN_CLASS ? slab_take(search->r, search->class) : span_take(search->r, search->units);
}

enum room_result room_take(const struct shard_ref *r, uint64_t bytes, bool may_grow, int64_t now_us, link_t *link)
{
	struct search search;

	search.r = r;
	search.victim = 0;
	search.bytes = bytes;
	search.class = class_for(bytes);
	search.units = units_for(bytes);
	if ((*link = take(&search)) != 0) {
		return ROOM_OK;
	}
	if ((alloc_take_in(r) && (*link = take(&search)) != 0) || (reclaim(r) && (*link = take(&search)) != 0)) {
		return ROOM_OK;
	}
	if (may_grow && arena_may_grow(r)) {
		return ROOM_GROW;
	}
	search.now_us = now_us;
	search.budget = (int64_t)(bytes * BUDGET_FACTOR > BUDGET_LEAST ? bytes * BUDGET_FACTOR : BUDGET_LEAST);
	if (ghost_wants_page(r)) {
		room_for_page(r, now_us);
		ghost_grow(r);
	}
	while (search.budget > 0) {
		pin_set_collect(r, &search.pins);
		bool more = search.class < SPAN_CLASS ? room_for_block(&search) : room_for_span(&search);
		if ((*link = take(&search)) != 0) {
			return ROOM_OK;
		}
		if (!more) {
			break;
		}
	}
	return ROOM_NONE;
}

void room_for_page(const struct shard_ref *r, int64_t now_us)
{
	struct search search = {.r = r, .now_us = now_us, .budget = BUDGET_LEAST};
	uint64_t age;
	uint32_t class;

	pin_set_collect(r, &search.pins);
	class = oldest_class(&search, LINE_CLASS, &age);
	if (class == SPAN_CLASS) {
		search.class = SPAN_CLASS;
		search.units = PAGE_UNITS * 2 - 1; /* any run that long holds a whole page */
		room_for_span(&search);
	} else if (class < CLASSES) {
		steal_slab(&search, class);
	}
}

uint64_t room_largest(const struct shard_ref *r)
{
	/* Not all of a shard: index and ghost are there as well, and a replaced value that is being read. */
	return (uint64_t)r->geometry->pages * PAGE_BYTES / 4 * 3;
}

/* ---- growth --------------------------------------------------------------------------------------------- */

#define GROW_STEP_PAGES (1048576u / PAGE_BYTES)
#define GROW_RETRY_NS UINT64_C(1000000000)

bool arena_may_grow(const struct shard_ref *r)
{
	const struct cache_host *host = r->self->host;
	uint64_t failed = load_relaxed(&r->self->segment->superblock->grow_failed_ns);

	if (load_relaxed(&r->shard->pages_ready) >= r->geometry->pages) {
		return false;
	}
	return failed == 0 || host->monotonic_ns(host->context) - failed > GROW_RETRY_NS;
}

bool arena_grow(const struct shard_ref *r, uint64_t bytes)
{
	struct shard *s = r->shard;
	const struct segment *segment = r->self->segment;
	const struct cache_host *host = r->self->host;
	uint32_t ready = load_relaxed(&s->pages_ready), step = (uint32_t)(bytes / PAGE_BYTES) + 1, target;
	uint64_t arena_at = (uint64_t)(r->arena - segment->base);

	if (step < GROW_STEP_PAGES) {
		step = GROW_STEP_PAGES;
	}
	target = ready + step < r->geometry->pages ? ready + step : r->geometry->pages;
	/* Two processes may take the same range: fallocate() of what is there already changes nothing. */
	if (segment_take(host, r->self->fd, arena_at + (uint64_t)ready * PAGE_BYTES,
	                 (uint64_t)(target - ready) * PAGE_BYTES) != CACHE_OK) {
		store_relaxed(&segment->superblock->grow_failed_ns, host->monotonic_ns(host->context) | 1);
		count(r->self, grow_failed);
		return false;
	}
	while (ready < target && !cas(&s->pages_ready, &ready, target)) {
	}
	return true;
}
