/*
 * Room for spans: windows of neighbouring units around the entries that go next.
 */
#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/search.h"

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
		if (search->spare_slabs) {
			return false;
		}
		*extent = (struct extent){page * PAGE_UNITS, PAGE_UNITS, slab_cost(search, page)};
		return extent->cost != COST_NEVER;
	case PAGE_SPANS:
		if (search->spare_spans) {
			return false;
		}
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

bool room_at(struct search *search, uint32_t unit)
{
	struct window window;

	if (!window_around(search, unit, COST_NEVER, &window)) {
		return false;
	}
	empty_window(search, &window);
	return true;
}

static void find_window(const struct search *search, uint32_t other, struct window *best)
{
	const struct shard_ref *r = search->r;
	const struct size_class *spans = &r->shard->classes[SPAN_CLASS];

	if (!search->spare_spans) {
		if (search->victim) {
			try_window(search, link_unit(search->victim), best);
		}
		try_windows_from(search, spans->small_tail, 10, best);
		try_windows_from(search, spans->main_tail, 10, best);
	}
	if (!search->spare_slabs && other < CLASSES) {
		try_windows_from(search, r->shard->classes[other].small_tail, 6, best);
		try_windows_from(search, r->shard->classes[other].main_tail, 6, best);
	}
	for (uint32_t w = 0, tried = 0; w < (r->shard->pages_known + 15) / 16 && tried < 8; w++) {
		if (unit_free_bits(r)[w]) {
			try_window(search, w * 64 + (uint32_t)__builtin_ctzll(unit_free_bits(r)[w]), best);
			tried++;
		}
	}
	if (best->cost == COST_NEVER) {
		try_windows_everywhere(search, best);
	}
}

/*
 * Room for a span. If no slab is due by the hysteresis between classes: in place of the next victim if that is large
 * enough, else the cheapest window of spans around the next victims. If slabs are due, a window of slabs. Of either if
 * there is none.
 */
bool room_for_span(struct search *search)
{
	const struct shard_ref *r = search->r;
	struct window best = {.cost = COST_NEVER};
	uint64_t own = evict_age(r, SPAN_CLASS);
	uint32_t other = oldest_class(search, SPAN_CLASS, own);

	search->spare_slabs = other == CLASSES;
	search->spare_spans = !search->spare_slabs && own != UINT64_MAX;
	search->victim = search->spare_slabs ? evict_victim(r, SPAN_CLASS, &search->pins, search->now_us) : 0;
	if (search->victim && span_units(r, search->victim) >= search->units) {
		evict_charged(search, search->victim);
		reclaim(r);
		return true;
	}
	find_window(search, other, &best);
	if (best.cost == COST_NEVER) {
		search->spare_slabs = search->spare_spans = false;
		find_window(search, oldest_class(search, SPAN_CLASS, UINT64_MAX), &best);
	}
	if (best.cost == COST_NEVER) {
		return false;
	}
	empty_window(search, &best);
	return true;
}
