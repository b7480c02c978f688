#include "core/store/alloc.h"

#include "core/shm/touch.h"

#define SLAB_TABLE(X) \
	X(64) X(72) X(80) X(88) X(96) X(112) X(128) X(144) X(160) X(184) X(208) X(224) X(256) X(288) X(320) X(360) X(408) \
	X(448) X(512) X(584) X(648) X(744) X(816) X(904) X(1024) X(1168) X(1360) X(1488) X(1632) X(1816) X(2048) X(2336)  \
	X(2728) X(3272) X(4096)

const uint16_t slab_class_bytes[SLAB_CLASSES] = {
#define X(bytes) bytes,
	SLAB_TABLE(X)
#undef X
};
const uint16_t slab_class_blocks[SLAB_CLASSES] = {
#define X(bytes) PAGE_BYTES / (bytes),
	SLAB_TABLE(X)
#undef X
};
#define X(bytes) +1
_Static_assert(0 SLAB_TABLE(X) == SLAB_CLASSES, "the table has SLAB_CLASSES rows");
#undef X

/* ceil(2^20 / granules of a block): a block's index from its offset without dividing; exact for offsets in a page. */
static const uint32_t slab_class_inverse[SLAB_CLASSES] = {
#define X(bytes) ((1u << 20) + (bytes) / GRANULE - 1) / ((bytes) / GRANULE),
	SLAB_TABLE(X)
#undef X
};

/* The class by size in granules, filled when the library is loaded. */
uint8_t slab_class_by_granules[SLAB_LARGEST / GRANULE + 1];

static void __attribute__((constructor)) fill_class_table(void)
{
	uint8_t class = LINE_CLASS + 1;

	for (uint32_t granules = 0; granules <= SLAB_LARGEST / GRANULE; granules++) {
		class = (uint8_t)(class + (slab_class_bytes[class] / GRANULE < granules));
		slab_class_by_granules[granules] = class;
	}
}

#define NO_PAGE UINT32_MAX
#define GRANULES_PER_PAGE (PAGE_BYTES / GRANULE)
#define GRANULES_PER_UNIT (UNIT_BYTES / GRANULE)

static inline uint64_t unit_in_file(const struct shard_ref *r, uint32_t unit)
{
	return (uint64_t)(r->arena - r->self->segment->base) / UNIT_BYTES + unit;
}

/* Before units are written into that this process may never have touched; with the lock, as the faults would be. */
static void units_touch(const struct shard_ref *r, uint32_t unit, uint32_t count)
{
	const struct segment *s = r->self->segment;
	uint64_t first = unit_in_file(r, unit), i = 0;

	while (i < count && unit_is_mapped(s, first + i)) {
		i++;
	}
	if (i < count) {
		touch_units(s, first + i, count - i);
	}
}

/* ---- units and pages ------------------------------------------------------------------------------------ */

static inline bool bit_get(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }
static inline void bit_set(uint64_t *bits, uint32_t i) { bits[i / 64] |= UINT64_C(1) << (i % 64); }
static inline void bit_clear(uint64_t *bits, uint32_t i) { bits[i / 64] &= ~(UINT64_C(1) << (i % 64)); }

static inline uint64_t page_nibble(const struct shard_ref *r, uint32_t page)
{
	return unit_free_bits(r)[page / 16] >> (page % 16 * 4) & 0xf;
}

/* Bit 4 i is set iff the four units of page i of this word are free. */
static inline uint64_t whole_pages(uint64_t units)
{
	return units & units >> 1 & units >> 2 & units >> 3 & UINT64_C(0x1111111111111111);
}

uint32_t page_take(const struct shard_ref *r, enum page_kind kind, uint32_t class)
{
	struct shard *s = r->shard;
	uint64_t *units = unit_free_bits(r);
	uint32_t words = (s->pages_known + 15) / 16;

	if (s->free_units < PAGE_UNITS) {
		return NO_PAGE;
	}
	write_fence(); /* before it is index or ghost, as entry_begin() for what becomes an entry */
	for (uint32_t w = s->page_hint; w < words; w++) {
		uint64_t whole = whole_pages(units[w]);
		if (whole) {
			uint32_t bit = (uint32_t)__builtin_ctzll(whole), page = w * 16 + bit / 4;
			units[w] &= ~(UINT64_C(0xf) << bit);
			s->free_units -= PAGE_UNITS;
			s->page_hint = w;
			page_words(r)[page] = page_word(kind, class);
			units_touch(r, page * PAGE_UNITS, PAGE_UNITS);
			return page;
		}
	}
	s->page_hint = words;
	return NO_PAGE;
}

static void units_release(const struct shard_ref *r, uint32_t unit, uint32_t count)
{
	struct shard *s = r->shard;
	uint64_t *units = unit_free_bits(r);

	for (uint32_t u = unit; u < unit + count; u++) {
		bit_set(units, u);
	}
	s->free_units += count;
	for (uint32_t page = unit / PAGE_UNITS; page <= (unit + count - 1) / PAGE_UNITS; page++) {
		if (page_nibble(r, page) == 0xf) {
			page_words(r)[page] = page_word(PAGE_FREE, 0);
		}
	}
	if (unit / 64 < s->page_hint) {
		s->page_hint = unit / 64;
	}
}

void page_release(const struct shard_ref *r, uint32_t page)
{
	units_release(r, page * PAGE_UNITS, PAGE_UNITS);
}

bool alloc_take_in(const struct shard_ref *r)
{
	struct shard *s = r->shard;
	uint32_t ready = load_acquire(&s->pages_ready);

	if (ready <= s->pages_known) {
		return false;
	}
	uint32_t first = s->pages_known;
	s->pages_known = ready;
	units_release(r, first * PAGE_UNITS, (ready - first) * PAGE_UNITS);
	return true;
}

/* ---- slabs ---------------------------------------------------------------------------------------------- */

void slab_list(const struct shard_ref *r, uint32_t page)
{
	struct slab *slab = slab_of(r, page);
	struct size_class *class = &r->shard->classes[slab->class];

	if (slab->listed || slab->drained || slab->used == slab->blocks) {
		return;
	}
	slab->next = class->partial;
	slab->prev = 0;
	if (class->partial) {
		slab_of(r, class->partial - 1)->prev = page + 1;
	}
	class->partial = page + 1;
	slab->listed = 1;
}

static void slab_unlist(const struct shard_ref *r, uint32_t page)
{
	struct slab *slab = slab_of(r, page);
	struct size_class *class = &r->shard->classes[slab->class];

	if (!slab->listed) {
		return;
	}
	if (slab->prev) {
		slab_of(r, slab->prev - 1)->next = slab->next;
	} else {
		class->partial = slab->next;
	}
	if (slab->next) {
		slab_of(r, slab->next - 1)->prev = slab->prev;
	}
	slab->listed = 0;
}

void slab_create(const struct shard_ref *r, uint32_t class, uint32_t page)
{
	struct slab *slab = slab_of(r, page);

	memset(slab, 0, sizeof *slab);
	slab->class = (uint8_t)class;
	slab->blocks = slab_class_blocks[class];
	/* Recovery believes the start bits of a page that is called a slab: they are cleared by now. (For us it is the compiler that must
	 * not exchange the stores: recovery sees all that we did.) */
	write_fence();
	page_words(r)[page] = page_word(PAGE_SLAB, class);
	r->shard->classes[class].pages++;
	slab_list(r, page);
}

static bool slab_add(const struct shard_ref *r, uint32_t class)
{
	uint32_t page = page_take(r, PAGE_FREE, 0);

	if (page != NO_PAGE) {
		slab_create(r, class, page);
	}
	return page != NO_PAGE;
}

static uint32_t slab_free_index(struct slab *slab)
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t w = (slab->hint + i) & 3, limit = slab->blocks;
		uint64_t valid = limit >= (w + 1) * 64 ? ~UINT64_C(0) : limit > w * 64 ? (UINT64_C(1) << (limit - w * 64)) - 1 : 0;
		uint64_t free = ~slab->bits[w] & valid;
		if (free) {
			slab->hint = (uint8_t)w;
			return w * 64 + (uint32_t)__builtin_ctzll(free);
		}
	}
	return UINT32_MAX;
}

static link_t slab_link(uint32_t page, uint32_t class, uint32_t index)
{
	return page * GRANULES_PER_PAGE + index * slab_class_bytes[class] / GRANULE + 1;
}

link_t slab_next(const struct shard_ref *r, uint32_t class)
{
	const struct size_class *c = &r->shard->classes[class];
	link_t ready = peek(&c->ready);
	uint32_t page = peek(&c->partial) - 1, word;
	const struct slab *slab;
	uint64_t free;

	if (ready || page >= peek(&r->shard->pages_known)) {
		return ready;
	}
	slab = slab_of(r, page);
	word = peek(&slab->hint) & 3;
	free = ~peek(&slab->bits[word]);
	return slab_link(page, class, word * 64 + (free ? (uint32_t)__builtin_ctzll(free) : 0));
}

static link_t take_ready(const struct shard_ref *r, struct size_class *c)
{
	link_t link = c->ready;

	c->ready = link_entry(r, link)->next;
	c->ready_count--;
	r->shard->ready--;
	return link;
}

link_t slab_take(const struct shard_ref *r, uint32_t class)
{
	struct size_class *c = &r->shard->classes[class];

	invariant(lock_is_ours(r));
	if (c->ready) {
		return take_ready(r, c);
	}
	if (!c->partial && !slab_add(r, class)) {
		return 0;
	}
	uint32_t page = c->partial - 1;
	struct slab *slab = slab_of(r, page);
	uint32_t index = slab_free_index(slab);
	invariant(index < slab->blocks);
	slab->bits[index / 64] |= UINT64_C(1) << (index % 64);
	slab->used++;
	c->used++;
	r->shard->block_bytes += slab_class_bytes[class];
	if (slab->used == slab->blocks) {
		slab_unlist(r, page);
	}
	if (likely_false(!unit_is_mapped(r->self->segment, unit_in_file(r, page * PAGE_UNITS)))) {
		units_touch(r, page * PAGE_UNITS, PAGE_UNITS); /* another process has made the slab */
	}
	return slab_link(page, class, index);
}

static void slab_free(const struct shard_ref *r, link_t link, uint32_t page)
{
	struct slab *slab = slab_of(r, page);
	uint32_t index = (link - 1 - page * GRANULES_PER_PAGE) * slab_class_inverse[slab->class] >> 20;
	struct size_class *c = &r->shard->classes[slab->class];

	invariant(slab->bits[index / 64] >> (index % 64) & 1);
	slab->bits[index / 64] &= ~(UINT64_C(1) << (index % 64));
	slab->hint = (uint8_t)(index / 64);
	slab->used--;
	c->used--;
	r->shard->block_bytes -= slab_class_bytes[slab->class];
	if (slab->used > 0) {
		slab_list(r, page);
	} else {
		slab_unlist(r, page);
		c->pages--;
		page_release(r, page);
	}
}

static void give_back(const struct shard_ref *r, struct size_class *c)
{
	while (c->ready) {
		block_free(r, take_ready(r, c));
	}
}

void slab_drain(const struct shard_ref *r, uint32_t page)
{
	give_back(r, &r->shard->classes[slab_of(r, page)->class]);
	if (page_kind(page_words(r)[page]) == PAGE_SLAB) {
		slab_unlist(r, page);
		slab_of(r, page)->drained = 1;
	}
}

void slab_undrain(const struct shard_ref *r, uint32_t page)
{
	if (page_kind(page_words(r)[page]) == PAGE_SLAB) {
		slab_of(r, page)->drained = 0;
		slab_list(r, page);
	}
}

/* ---- spans ---------------------------------------------------------------------------------------------- */

/* The highest run of that many free units: from run to run, not from bit to bit. */
static uint32_t find_run(const struct shard_ref *r, uint32_t count)
{
	const uint64_t *units = unit_free_bits(r);
	uint32_t run = 0; /* free units that end right above the word */

	for (uint32_t w = (r->shard->pages_known * PAGE_UNITS + 63) / 64; w-- > 0;) {
		uint64_t word = units[w]; /* what is left of it, at its top */
		uint32_t left = 64;
		if (word == 0) {
			run = 0;
		}
		while (word != 0) {
			uint32_t free = word == ~UINT64_C(0) ? 64 : (uint32_t)__builtin_clzll(~word);
			if (run + free >= count) {
				return w * 64 + left - (count - run);
			}
			left -= free;
			run = left == 0 ? run + free : 0;
			word = free < 64 ? word << free : 0;
			if (word != 0) {
				uint32_t used = (uint32_t)__builtin_clzll(word);
				word <<= used;
				left -= used;
			}
		}
	}
	return UINT32_MAX;
}

link_t span_take(const struct shard_ref *r, uint32_t count)
{
	struct shard *s = r->shard;
	struct size_class *c = &s->classes[SPAN_CLASS];
	uint32_t unit;

	invariant(lock_is_ours(r));
	if (s->free_units < count || (unit = find_run(r, count)) == UINT32_MAX) {
		return 0;
	}
	for (uint32_t u = unit; u < unit + count; u++) {
		bit_clear(unit_free_bits(r), u);
		page_word_set(r, u / PAGE_UNITS, page_word(PAGE_SPANS, 0));
	}
	bit_set(span_start_bits(r), unit);
	s->free_units -= count;
	c->used++;
	c->pages += count;
	s->block_bytes += (uint64_t)count * UNIT_BYTES;
	units_touch(r, unit, 1); /* of the others see fill.c */
	return unit * GRANULES_PER_UNIT + 1;
}

static void span_free(const struct shard_ref *r, link_t link)
{
	struct size_class *c = &r->shard->classes[SPAN_CLASS];
	uint32_t unit = (link - 1) / GRANULES_PER_UNIT, count = units_for(entry_bytes(link_entry(r, link)));

	invariant(bit_get(span_start_bits(r), unit));
	bit_clear(span_start_bits(r), unit);
	c->used--;
	c->pages -= count;
	r->shard->block_bytes -= (uint64_t)count * UNIT_BYTES;
	units_release(r, unit, count);
}

/* ---- blocks --------------------------------------------------------------------------------------------- */

void block_free(const struct shard_ref *r, link_t link)
{
	uint32_t page = link_page(link);
	bool slab = page_kind(page_words(r)[page]) == PAGE_SLAB;

	invariant(lock_is_ours(r));
	invariant(block_starts_at(r, link));
#ifdef CACHE_DEBUG
	/* Poison: zeros, because they turn an interned string's flags off. The lengths of a span are needed below. */
	if (slab) {
		memset(link_pointer(r, link), 0, slab_class_bytes[page_class(page_words(r)[page])]);
	} else {
		struct entry *e = link_entry(r, link);
		memset(entry_value(e), 0, e->size);
	}
#endif
	if (slab) {
		slab_free(r, link, page);
	} else {
		span_free(r, link);
	}
}

/* So many of a class: what a reclaim finds, about. */
#define READY_BLOCKS 32u

void block_make_ready(const struct shard_ref *r, link_t link)
{
	uint32_t class = block_class(r, link);
	struct size_class *c = &r->shard->classes[class];
	struct entry *e = link_entry(r, link);

	if (class == SPAN_CLASS || c->ready_count >= READY_BLOCKS) {
		block_free(r, link);
		return;
	}
	invariant(block_starts_at(r, link) && !slab_of(r, link_page(link))->drained);
#ifdef CACHE_DEBUG
	memset(e, 0, slab_class_bytes[class]); /* as block_free() does */
	entry_set_state(e, ENTRY_RETIRED, QUEUE_NONE);
#endif
	e->next = c->ready;
	c->ready = link;
	c->ready_count++;
	r->shard->ready++;
}

uint32_t ready_give_back(const struct shard_ref *r)
{
	uint32_t number = r->shard->ready;

	for (uint32_t class = 0; class < SLAB_CLASSES && r->shard->ready; class++) {
		give_back(r, &r->shard->classes[class]);
	}
	return number;
}

void block_abandon(const struct shard_ref *r, link_t link, uint64_t bytes)
{
	struct entry *e = link_entry(r, link);

	/* Lengths by which block_free() finds the extent of a span. The fence: see entry_begin(). */
	write_fence();
	memset(e, 0, sizeof *e);
	e->type = STORE_STRING;
	e->key_length = 1;
	e->size = bytes > sizeof *e + 64 ? (uint32_t)(bytes - sizeof *e - 12) : 0;
	block_free(r, link);
}

bool block_starts_at(const struct shard_ref *r, link_t link)
{
	uint32_t page = link_page(link), word;

	if (link == 0 || page >= r->shard->pages_known) {
		return false;
	}
	word = page_words(r)[page];
	if (page_kind(word) == PAGE_SLAB && page_class(word) < SLAB_CLASSES) {
		uint32_t size = slab_class_bytes[page_class(word)];
		uint32_t offset = (link - 1 - page * GRANULES_PER_PAGE) * GRANULE;
		uint32_t index = offset / size;
		return offset % size == 0 && index < slab_class_blocks[page_class(word)] &&
		       (slab_of(r, page)->bits[index / 64] >> (index % 64) & 1);
	}
	return page_kind(word) == PAGE_SPANS && (link - 1) % GRANULES_PER_UNIT == 0 &&
	       bit_get(span_start_bits(r), (link - 1) / GRANULES_PER_UNIT);
}
