#include "core/store/room.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/search.h"

#define BUDGET_FACTOR 4u
#define BUDGET_LEAST (64u * 1024)

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

/* How many of the entries of a class that go next were read since they were last looked at: HEAT_MAX at most. */
static uint32_t class_heat(const struct search *search, uint32_t class)
{
	const struct size_class *c = &search->r->shard->classes[class];
	/* Where small holds most, far more than its tenth, the victims come from there for long. */
	bool from_small = c->small_count > c->main_count;
	link_t link = from_small ? c->small_tail : c->main_tail;
	uint32_t hot = 0;

	for (uint32_t seen = 0; link && seen < HEAT_MAX; link = link_entry(search->r, link)->prev, seen++) {
		hot += load_relaxed(&link_entry(search->r, link)->frequency) > 0;
	}
	return hot;
}

uint32_t oldest_class(const struct search *search, uint32_t except, uint64_t own)
{
	bool compare = own != UINT64_MAX;
	uint64_t best = compare ? own : 0;
	uint32_t oldest = CLASSES;

	for (uint32_t class = 1; class < CLASSES; class++) {
		bool skip = class == except || (search->barren >> class & 1);
		uint64_t age = skip ? UINT64_MAX : evict_age(search->r, class);
		if (age == UINT64_MAX || (compare && age / HYSTERESIS_COLD <= best)) {
			continue; /* empty, or too young however cold it is */
		}
		if (compare) {
			age /= HYSTERESIS_COLD + HYSTERESIS_HEAT * class_heat(search, class);
		}
		if (age > best || (!compare && oldest == CLASSES)) {
			best = age;
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
	if (class < SPAN_CLASS) {
		outlook_begin(search->r, class);
	}
	/* What somebody pinned meanwhile comes back later: the search goes on with what is left of its budget. */
	reclaim(search->r);
	if (class < SPAN_CLASS) {
		outlook_extend(search->r, class);
	}
	return any;
}

static bool take_from(struct search *search, uint32_t class)
{
	if (class == SPAN_CLASS) {
		return evict_some(search, class, 1);
	}
	return steal_slab(search, class) || evict_some(search, class, 1);
}

/*
 * Room for one more block of a slab class. A class that gives nothing, because what would go is pinned, is left out of
 * the rest of the search: however old its pinned entries are, they stop nobody.
 */
static bool room_for_block(struct search *search)
{
	uint64_t own = evict_age(search->r, search->class);

	for (;;) {
		uint32_t other = oldest_class(search, search->class, own);
		if (other < CLASSES) {
			if (take_from(search, other)) {
				return true;
			}
			search->barren |= UINT64_C(1) << other;
		} else if (own != UINT64_MAX) {
			if (evict_some(search, search->class, VICTIMS_AHEAD)) {
				return true;
			}
			own = UINT64_MAX;
		} else {
			return false;
		}
	}
}

/* ---- the search ----------------------------------------------------------------------------------------- */

static link_t take(const struct search *search)
{
	return search->class < SPAN_CLASS ? slab_take(search->r, search->class) : span_take(search->r, search->units);
}

/*
 * In a block of a larger class: where something is pinned in every page, no page can be had, but blocks can. It is the page
 * that says what class a block has, so entries may be smaller than theirs.
 */
static link_t take_larger(struct search *search)
{
	link_t link = 0;

	for (uint32_t class = search->class + 1; class < SLAB_CLASSES && !link; class++) {
		if (search->r->shard->classes[class].partial || (evict_some(search, class, 1) && search->r->shard->classes[class].partial)) {
			link = slab_take(search->r, class);
		}
	}
	return link;
}

enum room_result room_take(const struct shard_ref *r, uint64_t bytes, bool may_grow, int64_t now_us, link_t *link)
{
	struct search search;

	search.r = r;
	search.barren = 0;
	search.victim = 0;
	search.spare_slabs = search.spare_spans = false;
	search.class = class_for(bytes);
	search.units = units_for(bytes);
	if (search.class < SPAN_CLASS) {
		outlook_extend(r, search.class);
	}
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
	if (search.class < SPAN_CLASS) {
		search.budget = BUDGET_LEAST;
		*link = take_larger(&search);
	}
	return *link ? ROOM_OK : ROOM_NONE;
}

/* The first page from there on that is not index, lines or ghost. */
static uint32_t low_end(const struct shard_ref *r, uint32_t page)
{
	for (; page < r->shard->pages_known; page++) {
		uint32_t word = page_words(r)[page];
		if (page_kind(word) != PAGE_INDEX && page_kind(word) != PAGE_GHOST && word != page_word(PAGE_SLAB, LINE_CLASS)) {
			break;
		}
	}
	return page;
}

/* Slabs at the low end that are tried: in some a block is pinned, or being filled. */
#define LOW_PAGES_TRIED 8u

uint32_t page_take_low(const struct shard_ref *r, enum page_kind kind)
{
	uint32_t page = page_take(r, kind, 0), low = 0;

	/* Taken, it is not in the way of the entries that move, and there whatever comes of it. */
	for (uint32_t tried = 0; page != UINT32_MAX && tried < LOW_PAGES_TRIED; tried++, low++) {
		low = low_end(r, low);
		if (low >= page) {
			break;
		}
		if (page_kind(page_words(r)[low]) == PAGE_SLAB && slab_move(r, low)) {
			page_release(r, page);
			return page_take(r, kind, 0);
		}
	}
	return page;
}

void room_for_page(const struct shard_ref *r, int64_t now_us)
{
	struct search search = {.r = r, .now_us = now_us, .budget = BUDGET_LEAST, .units = PAGE_UNITS};
	uint32_t class, low = low_end(r, 0);

	retire_deferred(r);
	pin_set_collect(r, &search.pins);
	if (low < r->shard->pages_known && room_at(&search, low * PAGE_UNITS) && r->shard->free_units >= PAGE_UNITS) {
		return;
	}
	search.class = SPAN_CLASS;
	search.units = PAGE_UNITS * 2 - 1; /* any run of spans that long holds a whole page */
	while ((class = oldest_class(&search, LINE_CLASS, UINT64_MAX)) < CLASSES) {
		if (class == SPAN_CLASS ? room_for_span(&search) : steal_slab(&search, class)) {
			return;
		}
		search.barren |= UINT64_C(1) << class;
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
