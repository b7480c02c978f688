/*
 * Making a shard whole after its lock's owner died, or when a file is attached that nobody watched.
 *
 * True and kept: index words that name a valid entry where it belongs; blocks that a living participant has pinned;
 * the version counter. Derived and made anew: start bits and lists of slabs, free units, counts, queues, limbo; the
 * ghost is emptied.
 *
 * Idempotent, and may itself be killed anywhere: it only ever clears start bits of blocks that are neither named nor
 * pinned by the living, and drops words that are not valid; the next one to try finds the same truth. 30 ns for an
 * entry, about, and 1 ns for 5 bytes with checksums.
 */
#include <stdlib.h>

#include "core/store/alloc.h"
#include "core/store/fifo.h"
#include "core/store/index.h"
#include "core/store/lease.h"
#include "core/store/retire.h"
#include "core/store/tag.h"

/* What is found in a page. */
struct page_marks {
	uint64_t bits[4];      /* slab: start bits of blocks that stay */
	uint8_t span_start;    /* units at which spans that stay begin */
	uint8_t units;         /* units that they cover */
	uint8_t kind;
};

struct rebuild {
	const struct shard_ref *r;
	uint32_t dead;
	bool distrust;
	bool writers;          /* which pins are visited */
	struct page_marks *marks;
	uint64_t entries, oldest, newest;
	uint64_t newest_tags;  /* the highest sequence that tags of an entry note */
	uint32_t dropped;
};

/* No counter gets there: above it is damage. */
#define VERSION_LIMIT (UINT64_C(1) << 62)

/* ---- marking -------------------------------------------------------------------------------------------- */

/* Room for a block at that link, 0 if none can begin there. */
static uint64_t room_at(const struct rebuild *b, link_t link)
{
	const struct shard_ref *r = b->r;
	uint32_t page = link_page(link);

	if (!block_starts_at(r, link)) {
		return 0;
	}
	if (page_kind(page_words(r)[page]) == PAGE_SLAB) {
		return slab_class_bytes[page_class(page_words(r)[page])];
	}
	return ((uint64_t)r->shard->pages_known * PAGE_UNITS - (link - 1) / (UNIT_BYTES / GRANULE)) * UNIT_BYTES;
}

static bool mark_slab_block(struct rebuild *b, link_t link)
{
	uint32_t page = link_page(link), size = slab_class_bytes[page_class(page_words(b->r)[page])];
	uint32_t index = (link - 1 - page * (PAGE_BYTES / GRANULE)) * GRANULE / size;
	struct page_marks *m = &b->marks[page];

	if (m->units || m->kind == PAGE_INDEX || (m->bits[index / 64] >> (index % 64) & 1)) {
		return false;
	}
	m->bits[index / 64] |= UINT64_C(1) << (index % 64);
	m->kind = PAGE_SLAB;
	return true;
}

static bool mark_span(struct rebuild *b, link_t link, uint64_t bytes)
{
	uint32_t unit = (link - 1) / (UNIT_BYTES / GRANULE), count = units_for(bytes);

	if (bytes == 0 || unit + count > b->r->shard->pages_known * PAGE_UNITS) {
		return false;
	}
	for (uint32_t u = unit; u < unit + count; u++) {
		struct page_marks *m = &b->marks[u / PAGE_UNITS];
		if (m->kind == PAGE_SLAB || m->kind == PAGE_INDEX || (m->units >> (u % PAGE_UNITS) & 1)) {
			return false;
		}
	}
	for (uint32_t u = unit; u < unit + count; u++) {
		b->marks[u / PAGE_UNITS].units |= (uint8_t)(1u << (u % PAGE_UNITS));
		b->marks[u / PAGE_UNITS].kind = PAGE_SPANS;
	}
	b->marks[unit / PAGE_UNITS].span_start |= (uint8_t)(1u << (unit % PAGE_UNITS));
	return true;
}

/* The block stays. False: it overlaps another one that stays, or is one. */
static bool mark_block(struct rebuild *b, link_t link, uint64_t bytes)
{
	return page_kind(page_words(b->r)[link_page(link)]) == PAGE_SLAB ? mark_slab_block(b, link) : mark_span(b, link, bytes);
}

/* ---- the index ------------------------------------------------------------------------------------------ */

/* The directory's pages, for as many buckets as there are. */
static bool adopt_index_pages(struct rebuild *b)
{
	const struct shard_ref *r = b->r;
	struct shard *s = r->shard;
	uint64_t buckets = layout_buckets(load_relaxed(&s->layout));
	uint64_t pages = (buckets + LINES_PER_PAGE - 1) / LINES_PER_PAGE;

	if (buckets == 0 || pages > r->geometry->index_pages) {
		return false;
	}
	for (uint64_t i = 0; i < pages; i++) {
		uint32_t page = index_directory(r)[i];
		if (page >= s->pages_known || b->marks[page].kind == PAGE_INDEX) {
			return false;
		}
		b->marks[page].kind = PAGE_INDEX;
	}
	s->index_pages = (uint32_t)pages;
	return true;
}

static bool entry_is_sound(struct rebuild *b, const struct entry *e, uint64_t word, uint64_t room)
{
	uint64_t version = load_relaxed(&e->version);

	if (room == 0 || (version & 1) || version == 0 || version >= VERSION_LIMIT || !type_is_valid(e->type) || e->key_length == 0 ||
	    entry_bytes(e) > room || hash_tag(e->hash) != word_tag(word) || e->type != word_type(word)) {
		return false;
	}
	return !b->distrust || entry_valid(e, room, &b->r->self->segment->hash);
}

static void thaw(struct entry *e)
{
	if (load_relaxed(&e->stamp) & STAMP_FROZEN) {
		rmw_and(&e->stamp, ~STAMP_FROZEN);
	}
	if (load_relaxed(&e->lock) & LOCK_FROZEN) {
		rmw_and(&e->lock, ~LOCK_FROZEN);
	}
	if (e->type == STORE_INT && (load_relaxed(entry_word(e)) & INT_FROZEN)) {
		rmw_and(entry_word(e), ~INT_FROZEN);
	}
}

/* The word of a slot: kept, or dropped. */
static void visit_word(struct rebuild *b, uint64_t bucket, struct bucket_line *first, atomic_u64 *slot)
{
	const struct shard_ref *r = b->r;
	uint64_t word = load_relaxed(slot), version;
	link_t link = place_link(r, word_granule(word));
	struct entry *e = link ? link_entry(r, link) : NULL;
	uint64_t buckets = layout_buckets(load_relaxed(&r->shard->layout));
	bool sound = e && entry_is_sound(b, e, word, room_at(b, link));

	if (sound && bucket_of(e->hash, buckets) != bucket) {
		publish(slot, 0); /* left over from a split: its bucket has it, too */
		return;
	}
	if (!sound || shard_of_hash(r->geometry, e->hash) != r->number || !mark_block(b, link, entry_bytes(e))) {
		/* A second word for the same block is left over from a split as well; anything else is damage. */
		b->dropped += !sound;
		publish(slot, 0);
		return;
	}
	thaw(e);
	if (word & WORD_DEAD) {
		/* The stamp was marked before it; else it is damage, and the safe reading is the same. Swept like any other. */
		rmw_or(&e->stamp, STAMP_DEAD);
	}
	if (entry_state(e) != ENTRY_LIVE) {
		entry_set_state(e, ENTRY_LIVE, entry_queue(e)); /* died between the commit and the retire, or before */
	}
	struct entry_times times;
	entry_times(e, load_relaxed(&e->stamp), &times);
	if (times.hard_us != INT64_MAX) {
		uint64_t header = load_relaxed(&first->header);
		uint32_t second = index_second(r, times.hard_us);
		while (line_expiry(header) > second && !cas(&first->header, &header, (header & ~UINT64_C(0xffffffff)) | second)) {
		}
	}
	if (b->distrust && entry_has_text_head(e)) {
		/* No checksum covers it: nobody has filled it in. Nobody else is attached. */
		memset(entry_value(e) + sizeof(uint64_t), 0, sizeof(uint64_t));
	}
	if (b->distrust && e->tags_size) {
		uint64_t sequence = tag_word_sequence(load_word(entry_tags(e)));
		b->newest_tags = sequence > b->newest_tags ? sequence : b->newest_tags;
	}
	version = load_relaxed(&e->version);
	b->entries++;
	b->oldest = version < b->oldest ? version : b->oldest;
	b->newest = version > b->newest ? version : b->newest;
}

/* The line after this one, if it is a line; else the chain ends here. */
static struct bucket_line *visit_link(struct rebuild *b, struct bucket_line *line, uint32_t lines)
{
	const struct shard_ref *r = b->r;
	uint64_t header = load_relaxed(&line->header);
	link_t link = line_overflow(header);
	uint32_t page = link ? link_page(link) : 0;

	if (link == 0) {
		return NULL;
	}
	if (lines < CHAIN_LINES_MAX && page < r->shard->pages_known &&
	    page_word(PAGE_SLAB, LINE_CLASS) == page_words(r)[page] && block_starts_at(r, link) && mark_slab_block(b, link)) {
		return link_pointer(r, link);
	}
	b->dropped++;
	publish(&line->header, header & UINT64_C(0xffffffff));
	return NULL;
}

static void visit_buckets(struct rebuild *b)
{
	uint64_t buckets = layout_buckets(load_relaxed(&b->r->shard->layout));

	for (uint64_t bucket = 0; bucket < buckets; bucket++) {
		struct bucket_line *first = bucket_line(b->r, bucket), *line = first;
		for (uint32_t lines = 1; line; lines++) {
			for (uint32_t i = 0; i < LINE_SLOTS; i++) {
				if (load_relaxed(&line->slots[i]) != 0) {
					visit_word(b, bucket, first, &line->slots[i]);
				}
			}
			line = visit_link(b, line, lines);
		}
	}
}

/* ---- pins ----------------------------------------------------------------------------------------------- */

/*
 * Blocks that no word names but somebody alive is filling, or may be reading. A reader's pin alone does not make an
 * INFLIGHT block one that is being filled: it may not have been validated, and its reader is about to clear it. So
 * such a block goes to limbo like any other. Writers' pins are visited first.
 */
static void visit_pin(void *context, uint64_t granule, uint32_t index)
{
	struct rebuild *b = context;
	const struct shard_ref *r = b->r;
	bool filled = index < WRITER_PINS;
	link_t link = granule >= r->arena_granule ? place_link(r, granule) : 0;
	uint64_t room = link ? room_at(b, link) : 0;
	struct entry *e = link ? link_entry(r, link) : NULL;

	if (filled != b->writers || room == 0 || block_class(r, link) == LINE_CLASS) {
		return; /* not validated by its owner, who will see that and go again */
	}
	/* A slab tells how long its blocks are, and only there lengths may be just being written. */
	uint64_t bytes = block_class(r, link) == SPAN_CLASS ? entry_bytes(e) : 0;
	if (bytes > room || !mark_block(b, link, bytes)) {
		return; /* likewise; or named by the index */
	}
	if (!filled || entry_state(e) != ENTRY_INFLIGHT) {
		/* Onto limbo; the lists are made when all is marked. */
		e->state = ENTRY_RETIRED;
		e->next = r->shard->limbo;
		r->shard->limbo = link;
	}
}

/* ---- deriving ------------------------------------------------------------------------------------------- */

static void write_slab(const struct shard_ref *r, uint32_t page, const struct page_marks *m)
{
	struct slab *slab = slab_of(r, page);
	uint32_t class = page_class(page_words(r)[page]);
	struct size_class *c = &r->shard->classes[class];

	memcpy(slab->bits, m->bits, sizeof slab->bits);
	slab->class = (uint8_t)class;
	slab->blocks = slab_class_blocks[class];
	slab->used = 0;
	for (uint32_t w = 0; w < 4; w++) {
		slab->used = (uint16_t)(slab->used + __builtin_popcountll(m->bits[w]));
	}
	slab->hint = 0;
	slab->listed = slab->drained = 0;
	slab->next = slab->prev = 0;
	c->pages++;
	c->used += slab->used;
	r->shard->block_bytes += (uint64_t)slab->used * slab_class_bytes[class];
	slab_list(r, page);
}

static void write_units(const struct shard_ref *r, uint32_t page, uint32_t taken, uint32_t starts)
{
	uint32_t shift = page % 16 * 4;
	uint64_t *free_word = &unit_free_bits(r)[page / 16], *start_word = &span_start_bits(r)[page / 16];

	*free_word = (*free_word & ~(UINT64_C(0xf) << shift)) | (uint64_t)(~taken & 0xf) << shift;
	*start_word = (*start_word & ~(UINT64_C(0xf) << shift)) | (uint64_t)starts << shift;
	r->shard->free_units += PAGE_UNITS - (uint32_t)__builtin_popcount(taken);
}

static void write_pages(struct rebuild *b)
{
	const struct shard_ref *r = b->r;
	struct size_class *spans = &r->shard->classes[SPAN_CLASS];

	for (uint32_t page = 0; page < r->shard->pages_known; page++) {
		const struct page_marks *m = &b->marks[page];
		uint32_t units = (uint32_t)__builtin_popcount(m->units);
		if (m->kind == PAGE_SLAB) {
			write_units(r, page, 0xf, 0);
			write_slab(r, page, m);
			continue;
		}
		page_word_set(r, page, page_word((enum page_kind)m->kind, 0));
		write_units(r, page, m->kind == PAGE_INDEX ? 0xf : m->units, m->span_start);
		spans->pages += units;
		spans->used += (uint32_t)__builtin_popcount(m->span_start);
		r->shard->block_bytes += (uint64_t)units * UNIT_BYTES;
	}
}

/* Bits beyond the pages that are there: the allocator looks at whole words. */
static void clear_bits_beyond(const struct shard_ref *r)
{
	uint32_t words = (r->geometry->pages * PAGE_UNITS + 63) / 64, known = r->shard->pages_known * PAGE_UNITS;

	for (uint32_t w = known / 64; w < words; w++) {
		uint64_t keep = w == known / 64 ? (UINT64_C(1) << (known % 64)) - 1 : 0;
		unit_free_bits(r)[w] &= keep;
		span_start_bits(r)[w] &= keep;
	}
}

static void reset_derived(struct shard *s)
{
	s->block_bytes = s->limbo_bytes = 0;
	s->limbo_count = 0;
	s->ready = 0;
	s->deferred_count = 0;
	s->free_units = 0;
	s->ghost_pages = 0;
	s->ghost_clock = 0;
	s->page_hint = 0;
	s->limbo_due = 0;
	s->limbo_due_bytes = 0;
	store_relaxed(&s->reclaim_wanted, 0);
	store_relaxed(&s->limbo_any, 0);
	s->sweep_hand = s->sweep_position = 0;
	store_relaxed(&s->swept_generation, 0);
	memset(s->classes, 0, sizeof s->classes);
}

/*
 * The queues in order of age: the entries are dealt into AGES lists by their version, then pushed oldest first. The
 * order within one of them is lost, which is 1/256 of the queue.
 */
#define AGES 256u

static void write_queues(struct rebuild *b)
{
	const struct shard_ref *r = b->r;
	uint64_t buckets = layout_buckets(load_relaxed(&r->shard->layout));
	uint64_t versions_per_age = (b->newest - b->oldest) / AGES + 1;
	link_t ages[AGES] = {0};

	for (uint64_t bucket = 0; bucket < buckets; bucket++) {
		for (struct bucket_line *line = bucket_line(r, bucket); line; line = line_next(r, line)) {
			for (uint32_t i = 0; i < LINE_SLOTS; i++) {
				uint64_t word = load_relaxed(&line->slots[i]);
				if (word == 0) {
					continue;
				}
				link_t link = place_link(r, word_granule(word));
				struct entry *e = link_entry(r, link);
				uint64_t since = load_relaxed(&e->version) - b->oldest;
				uint32_t age = (uint32_t)(since / versions_per_age);
				e->next = ages[age];
				ages[age] = link;
			}
		}
	}
	for (uint32_t age = 0; age < AGES; age++) {
		for (link_t link = ages[age]; link;) {
			struct entry *e = link_entry(r, link);
			link_t next = e->next;
			fifo_push(r, link, entry_queue(e) == QUEUE_MAIN ? QUEUE_MAIN : QUEUE_SMALL);
			link = next;
		}
	}
}

static void write_limbo(const struct shard_ref *r)
{
	link_t link = r->shard->limbo;

	r->shard->limbo = 0;
	while (link) {
		link_t next = link_entry(r, link)->next;
		retire(r, link);
		link = next;
	}
}

static enum cache_status rebuild(const struct shard_ref *r, uint32_t dead, uint64_t *newest_tags)
{
	struct shard *s = r->shard;
	struct rebuild b = {.r = r, .dead = dead, .distrust = newest_tags != NULL, .oldest = UINT64_MAX};
	uint32_t ready = load_acquire(&s->pages_ready);

	if (ready == 0 || ready > r->geometry->pages) {
		return CACHE_CORRUPT;
	}
	s->pages_known = ready;
	b.marks = calloc(ready, sizeof *b.marks);
	if (!b.marks) {
		return CACHE_NO_MEMORY;
	}
	if (!adopt_index_pages(&b)) {
		free(b.marks);
		return CACHE_CORRUPT;
	}
	/* Whoever walks a chain at this moment goes again: lines may be freed below. */
	index_change(r);
	visit_buckets(&b);
	if (r->self->host && r->self->host->fault) {
		r->self->host->fault(r->self->host->context, FAULT_REBUILDING);
	}
	full_fence(); /* the words that were dropped, by the dead and by us; then the pins: see retire.h */
	s->limbo = 0;
	for (int pass = 0; pass < 2; pass++) {
		b.writers = pass == 0;
		pins_scan(r->self->segment, dead, visit_pin, &b);
	}
	reset_derived(s);
	clear_bits_beyond(r);
	write_pages(&b);
	if (b.entries) {
		write_queues(&b);
	}
	write_limbo(r);
	lease_rebuild(r);
	store_relaxed(&s->entries, b.entries);
	if (b.newest > s->version || s->version >= VERSION_LIMIT) {
		s->version = b.newest > first_version(r) ? b.newest : first_version(r);
	}
	s->version += s->version & 1;
	count_many(r->self, STORE_COUNT_dropped_corrupt, b.dropped);
	free(b.marks);
	if (newest_tags && b.newest_tags > *newest_tags) {
		*newest_tags = b.newest_tags;
	}
	return CACHE_OK;
}

bool shard_rebuild(const struct shard_ref *r, uint32_t dead, uint64_t *newest_tags)
{
	return rebuild(r, dead, newest_tags) == CACHE_OK;
}

enum cache_status shard_check(const struct shard_ref *r, uint64_t *newest_tags)
{
	return rebuild(r, NO_SLOT, newest_tags);
}

/* ---- recovery of a participant -------------------------------------------------------------------------- */

struct other_writer {
	uint64_t granule;
	bool found;
};

static void look_for_writer(void *context, uint64_t granule, uint32_t index)
{
	struct other_writer *other = context;

	other->found |= index < WRITER_PINS && granule == other->granule;
}

/*
 * Frees a block that the dead was filling. Its pin is cleared afterwards: killed in between, the next one looks again.
 * By then the block may have been freed and taken by somebody else, who pins it before he lets go of the lock: so,
 * under the lock, it is the dead one's only if no other writer's pin names it.
 */
static bool free_inflight(struct owner *self, uint32_t dead, uint64_t granule)
{
	struct other_writer other = {.granule = granule};
	const struct geometry *g = &self->segment->geometry;
	uint64_t at = granule * GRANULE;

	if (at < g->shards_at || at >= g->shards_at + g->shards * g->shard_stride) {
		return true;
	}
	struct shard_ref r = shard_open(self, (uint32_t)((at - g->shards_at) / g->shard_stride));
	if (lock_acquire(self, &r.shard->lock) != CACHE_OK) {
		return false;
	}
	link_t link = granule >= r.arena_granule ? place_link(&r, granule) : 0;
	pins_scan(self->segment, dead, look_for_writer, &other);
	if (!other.found && block_starts_at(&r, link) && block_class(&r, link) != LINE_CLASS &&
	    entry_state(link_entry(&r, link)) == ENTRY_INFLIGHT) {
		block_free(&r, link);
	}
	shard_unlock(&r);
	return true;
}

bool store_recover(struct owner *self, uint32_t dead)
{
	struct segment *segment = self->segment;
	struct participant *record = segment_participant(segment, dead);
	atomic_u64 *pins = segment_pins(segment, dead);
	uint32_t pin_count = load_acquire(&record->pins);

	tag_recover(segment, dead);
	/* First: it waits for nothing. */
	rwlock_recover(self, dead);
	queue_recover(self, dead);
	for (uint32_t i = 0; i < segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(self, i);
		if (lock_owner(&r.shard->lock) == dead) {
			if (!shard_rebuild(&r, dead, NULL)) {
				return false;
			}
			count(self, rebuilds);
			lock_release(&r.shard->lock);
		}
	}
	for (uint32_t i = 0; i < WRITER_PINS && i < pin_count; i++) {
		uint64_t granule = load_acquire(&pins[i]);
		if (granule != 0 && !free_inflight(self, dead, granule)) {
			return false;
		}
		publish(&pins[i], 0);
	}
	for (uint32_t i = WRITER_PINS; i < pin_count && i < PINS_PER_PARTICIPANT; i++) {
		publish(&pins[i], 0);
	}
	publish(&record->pins, 0);
	store_relaxed(&record->pinned_bytes, 0);
	publish(&record->state, SLOT_FREE);
	count(self, recoveries);
	return true;
}
