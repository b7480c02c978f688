/*
 * What a page is worth, and emptying it.
 */
#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/search.h"

/* What nobody can have any more is returned, not evicted: it is charged for the time that it takes. */
#define DEAD_DISCOUNT 16

void evict_charged(struct search *search, link_t link)
{
	bool dead = entry_is_dead(search->r, link_entry(search->r, link), search->now_us);

	search->budget -= (int64_t)block_bytes(search->r, link) / (dead ? DEAD_DISCOUNT : 1) + 1;
	evict_entry(search->r, link, search->now_us);
}

/* ---- the cost of a page --------------------------------------------------------------------------------- */

/* Cold entries of small are nearly free; hot ones of main are dear. */
uint64_t entry_cost(const struct search *search, link_t link)
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

uint64_t slab_cost(const struct search *search, uint32_t page)
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

static bool can_move(const struct shard_ref *r, const struct entry *e)
{
	return e->type != STORE_IMAGE || r->self->host->moved;
}

static void move_hot(void *context, link_t link)
{
	struct emptying *m = context;
	const struct shard_ref *r = m->search->r;
	link_t target = 0;

	if (entry_state(link_entry(r, link)) != ENTRY_LIVE) {
		return;
	}
	if (r->shard->classes[block_class(r, link)].partial && can_move(r, link_entry(r, link))) {
		target = slab_take(r, block_class(r, link));
	}
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

bool slab_empty(struct search *search, uint32_t page)
{
	const struct shard_ref *r = search->r;
	uint32_t class = slab_of(r, page)->class;
	struct emptying m = {.search = search, .page = page};

	slab_drain(r, page);
	slab_blocks(r, page, evict_cold, &m);
	if (m.hot) {
		make_free_blocks(&m, class, m.hot);
		slab_blocks(r, page, move_hot, &m);
		index_change(r); /* see entry_relocate() */
	}
	reclaim(r);
	if (page_kind(page_words(r)[page]) == PAGE_SLAB && slab_of(r, page)->drained) {
		slab_undrain(r, page); /* somebody pinned one of its blocks meanwhile */
		return false;
	}
	count(r->self, slabs_stolen);
	return true;
}

static void move_block(void *context, link_t link)
{
	const struct shard_ref *r = context;
	link_t target;

	if (entry_state(link_entry(r, link)) != ENTRY_LIVE || !can_move(r, link_entry(r, link))) {
		return;
	}
	target = slab_take(r, block_class(r, link));
	if (target) {
		entry_relocate(r, link, target, NULL, NULL);
	}
}

bool slab_move(const struct shard_ref *r, uint32_t page)
{
	slab_drain(r, page);
	slab_blocks(r, page, move_block, (void *)r);
	index_change(r);
	reclaim(r);
	if (page_kind(page_words(r)[page]) == PAGE_SLAB && slab_of(r, page)->drained) {
		slab_undrain(r, page);
		return false;
	}
	return true;
}
