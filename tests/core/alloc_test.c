#include "support.h"

#include "core/store/alloc.h"
#include "core/store/room.h"

/* A shard with all its memory taken in, under its lock, and nothing stored. */
static struct shard_ref whole_shard(struct store *store)
{
	struct shard_ref r = shard_open(&store->owner, 0);

	while (arena_grow(&r, 0) && load_relaxed(&r.shard->pages_ready) < r.geometry->pages) {
	}
	r = lock_shard(store, 0);
	alloc_take_in(&r);
	CHECK_EQ(r.shard->pages_known, r.geometry->pages);
	return r;
}

/* Released with what was there before: nobody else knows of the blocks that a test takes. */
static void release(struct store *store, const struct shard_ref *r)
{
	shard_unlock(r);
	CHECK_VERIFIED(store);
}

/* The lengths by which a span's extent is known. */
static void make_span(const struct shard_ref *r, link_t link, uint32_t units)
{
	struct entry *e = link_entry(r, link);

	memset(e, 0, sizeof *e);
	e->type = STORE_STRING;
	e->key_length = 8;
	e->size = units * UNIT_BYTES - 64 - 8 - 4;
}

/* ---- classes -------------------------------------------------------------------------------------------- */

static void classes_waste_little(void **state)
{
	(void)state;
	open_store(MB);
	for (uint32_t class = 0; class < SLAB_CLASSES; class++) {
		CHECK_EQ(slab_class_bytes[class] % GRANULE, 0);
		CHECK_EQ(slab_class_blocks[class], PAGE_BYTES / slab_class_bytes[class]);
		CHECK(slab_class_blocks[class] <= 256); /* bits of a slab's record */
		CHECK(class == 0 || slab_class_bytes[class] > slab_class_bytes[class - 1]);
		/* of a page, and of a block that is one byte too large for the class below */
		CHECK((PAGE_BYTES - slab_class_blocks[class] * slab_class_bytes[class]) * 100 <= PAGE_BYTES * 4);
		CHECK(class < 2 || slab_class_bytes[class] * 100 <= slab_class_bytes[class - 1] * 126);
	}
	CHECK_EQ(slab_class_bytes[LINE_CLASS], sizeof(struct bucket_line));
	CHECK(slab_class_bytes[1] >= sizeof(struct entry) + 8);
}

static void the_class_for_each_size(void **state)
{
	uint32_t class = 1; /* the smallest one is for lines of the index */

	(void)state;
	open_store(MB);
	for (uint64_t bytes = 1; bytes <= slab_class_bytes[SLAB_CLASSES - 1]; bytes++) {
		while (slab_class_bytes[class] < bytes) {
			class++;
		}
		CHECK_EQ(class_for(bytes), class);
	}
	CHECK_EQ(class_for(slab_class_bytes[SLAB_CLASSES - 1] + 1), SPAN_CLASS);
	CHECK_EQ(class_for(UINT64_MAX / 2), SPAN_CLASS);
	CHECK_EQ(units_for(1), 1);
	CHECK_EQ(units_for(UNIT_BYTES), 1);
	CHECK_EQ(units_for(UNIT_BYTES + 1), 2);
}

/* ---- slabs ---------------------------------------------------------------------------------------------- */

static void each_class_fills_its_page(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	uint32_t free_units = r.shard->free_units;
	uint64_t bytes = r.shard->block_bytes;

	(void)state;
	for (uint32_t class = 0; class < SLAB_CLASSES; class++) {
		link_t links[256];
		uint32_t count = slab_class_blocks[class], size = slab_class_bytes[class];
		for (uint32_t i = 0; i < count; i++) {
			links[i] = slab_take(&r, class);
			CHECK(links[i] != 0);
			CHECK(block_starts_at(&r, links[i]));
			CHECK_EQ(block_class(&r, links[i]), class);
			CHECK_EQ(block_bytes(&r, links[i]), size);
			CHECK_EQ(link_page(links[i]), link_page(links[0]));
			CHECK((links[i] - 1) % (PAGE_BYTES / GRANULE) * GRANULE + size <= PAGE_BYTES);
			for (uint32_t k = 0; k < i; k++) {
				uint32_t apart = links[i] > links[k] ? links[i] - links[k] : links[k] - links[i];
				CHECK(apart * GRANULE >= size);
			}
			memset(link_pointer(&r, links[i]), (int)i, size);
		}
		CHECK_EQ(r.shard->free_units, free_units - PAGE_UNITS);
		CHECK_EQ(r.shard->block_bytes, bytes + (uint64_t)count * size);
		CHECK_EQ(r.shard->classes[class].used, count);
		/* The next one begins a new page. */
		link_t next = slab_take(&r, class);
		CHECK(link_page(next) != link_page(links[0]));
		block_free(&r, next);
		for (uint32_t i = 0; i < count; i++) {
			block_free(&r, links[(i + count / 2) % count]);
		}
		CHECK_EQ(r.shard->free_units, free_units);
		CHECK_EQ(r.shard->block_bytes, bytes);
		CHECK_EQ(r.shard->classes[class].used, 0);
		CHECK_EQ(r.shard->classes[class].pages, 0);
	}
	release(store, &r);
}

static void freed_blocks_are_the_next_to_be_taken(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	uint32_t class = class_for(200);
	link_t links[200], freed;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		links[i] = slab_take(&r, class);
	}
	uint32_t pages = r.shard->classes[class].pages;
	for (size_t i = 0; i < COUNT_OF(links); i += 3) {
		freed = links[i];
		block_free(&r, freed);
		CHECK(!block_starts_at(&r, freed));
		links[i] = slab_take(&r, class);
		CHECK_EQ(links[i], freed);
	}
	CHECK_EQ(r.shard->classes[class].pages, pages);
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		block_free(&r, links[i]);
	}
	release(store, &r);
}

/* A link in the middle of a block, or of a free one, is none. */
static void start_bits_tell_blocks_from_what_is_inside(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	static const uint32_t sizes[] = {72, 200, 1000, 4096};

	(void)state;
	for (size_t s = 0; s < COUNT_OF(sizes); s++) {
		uint32_t class = class_for(sizes[s]), starts = 0;
		link_t a = slab_take(&r, class), b = slab_take(&r, class), c = slab_take(&r, class);
		link_t first = link_page(a) * (PAGE_BYTES / GRANULE) + 1;
		block_free(&r, b);
		for (link_t link = first; link < first + PAGE_BYTES / GRANULE; link++) {
			starts += block_starts_at(&r, link);
		}
		CHECK_EQ(starts, 2);
		CHECK(block_starts_at(&r, a) && block_starts_at(&r, c));
		block_free(&r, a);
		block_free(&r, c);
	}
	link_t span = span_take(&r, 3);
	for (link_t link = span; link < span + 3 * UNIT_BYTES / GRANULE; link++) {
		CHECK_EQ(block_starts_at(&r, link), link == span);
	}
	make_span(&r, span, 3);
	block_free(&r, span);
	CHECK(!block_starts_at(&r, span));
	CHECK(!block_starts_at(&r, 0));
	CHECK(!block_starts_at(&r, r.geometry->pages * (PAGE_BYTES / GRANULE) + 1));
	CHECK(!block_starts_at(&r, UINT32_MAX));
	release(store, &r);
}

static void a_drained_slab_gives_no_blocks(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	uint32_t class = class_for(500);
	link_t first = slab_take(&r, class), other;

	(void)state;
	slab_drain(&r, link_page(first));
	other = slab_take(&r, class);
	CHECK(link_page(other) != link_page(first));
	slab_undrain(&r, link_page(first));
	block_free(&r, other);
	other = slab_take(&r, class);
	CHECK_EQ(link_page(other), link_page(first));
	block_free(&r, other);
	/* Drained and emptied: the page is free, and whoever takes it next gets a slab as any other. */
	slab_drain(&r, link_page(first));
	uint32_t free_units = r.shard->free_units;
	block_free(&r, first);
	CHECK_EQ(r.shard->free_units, free_units + PAGE_UNITS);
	CHECK_EQ(page_kind(page_words(&r)[link_page(first)]), PAGE_FREE);
	other = slab_take(&r, class_for(100));
	block_free(&r, other);
	release(store, &r);
}

/* Their slab does not hear of it, and they are the next to be taken; not too many of them. */
static void blocks_that_are_ready_are_taken_first(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	uint32_t class = class_for(500), free_units = r.shard->free_units;
	struct size_class *c = &r.shard->classes[class];
	link_t links[40], other;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		links[i] = slab_take(&r, class);
	}
	block_make_ready(&r, links[7]);
	CHECK_EQ(c->used, 40);
	CHECK(block_starts_at(&r, links[7]));
	CHECK_EQ(slab_take(&r, class), links[7]);
	CHECK(!c->ready);
	block_make_ready(&r, links[7]);
	other = slab_take(&r, class_for(600));
	CHECK(other != links[7]);
	block_free(&r, other);
	CHECK_EQ(slab_take(&r, class), links[7]);
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		block_make_ready(&r, links[i]);
	}
	CHECK_EQ(c->ready_count, 32);
	CHECK_EQ(r.shard->ready, 32);
	CHECK_EQ(c->used, 32);
	CHECK_EQ(slab_take(&r, class), links[31]);
	CHECK_EQ(ready_give_back(&r), 31);
	CHECK_EQ(c->used, 1);
	CHECK_EQ(r.shard->ready, 0);
	CHECK_EQ(ready_give_back(&r), 0);
	block_free(&r, links[31]);
	CHECK_EQ(r.shard->free_units, free_units);
	release(store, &r);
}

static void draining_gives_back_what_is_ready(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	uint32_t class = class_for(500);
	link_t ready = slab_take(&r, class), other = slab_take(&r, class), third;

	(void)state;
	block_make_ready(&r, ready);
	slab_drain(&r, link_page(other));
	third = slab_take(&r, class);
	CHECK(link_page(third) != link_page(other));
	slab_undrain(&r, link_page(other));
	/* If all of a slab is ready nothing is left to be drained. */
	block_make_ready(&r, other);
	slab_drain(&r, link_page(other));
	CHECK_EQ(page_kind(page_words(&r)[link_page(other)]), PAGE_FREE);
	block_free(&r, third);
	third = slab_take(&r, class);
	CHECK_EQ(slab_of(&r, link_page(third))->drained, 0);
	block_free(&r, third);
	release(store, &r);
}

/* ---- spans ---------------------------------------------------------------------------------------------- */

static void spans_of_all_sizes(void **state)
{
	struct store *store = open_store(4 * MB);
	struct shard_ref r = whole_shard(store);
	uint32_t free_units = r.shard->free_units;

	(void)state;
	for (uint32_t units = 1; units <= free_units; units += 1 + units / 8) {
		link_t link = span_take(&r, units);
		CHECK(link != 0);
		make_span(&r, link, units);
		CHECK_EQ(block_class(&r, link), SPAN_CLASS);
		CHECK_EQ(block_bytes(&r, link), (uint64_t)units * UNIT_BYTES);
		CHECK_EQ(r.shard->free_units, free_units - units);
		memset((char *)link_pointer(&r, link) + 64, 0x5a, units * UNIT_BYTES - 64);
		block_free(&r, link);
		CHECK_EQ(r.shard->free_units, free_units);
	}
	CHECK_EQ(span_take(&r, free_units + 1), 0);
	release(store, &r);
}

static void an_abandoned_block_is_free_again(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	uint32_t free_units = r.shard->free_units;

	(void)state;
	for (uint64_t bytes = 65; bytes < 200 * KB; bytes += 1 + bytes / 61) {
		link_t link = 0;
		CHECK_EQ(room_take(&r, bytes, false, CLOCK_START, &link), ROOM_OK);
		CHECK(bytes <= 4096 || r.shard->free_units == free_units - units_for(bytes));
		block_abandon(&r, link, bytes);
		CHECK_EQ(r.shard->free_units, free_units);
		CHECK_EQ(r.shard->block_bytes, 0);
	}
	release(store, &r);
}

/* Slabs are taken from the low end and spans from the high one, so that runs of free units stay together. */
static void slabs_and_spans_keep_apart(void **state)
{
	struct store *store = open_store(4 * MB);
	struct shard_ref r = whole_shard(store);
	link_t slabs[40], spans[40];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(slabs); i++) {
		slabs[i] = slab_take(&r, SLAB_CLASSES - 1);
		spans[i] = span_take(&r, 2);
		make_span(&r, spans[i], 2);
		CHECK(spans[i] > slabs[i]);
	}
	uint32_t rest = r.shard->free_units;
	link_t middle = span_take(&r, rest);
	CHECK(middle != 0); /* all that is free is one run */
	make_span(&r, middle, rest);
	block_free(&r, middle);
	for (size_t i = 0; i < COUNT_OF(slabs); i++) {
		block_free(&r, slabs[i]);
		block_free(&r, spans[i]);
	}
	release(store, &r);
}

static void pages_are_taken_until_none_is_left(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = whole_shard(store);
	uint32_t free_pages = r.shard->free_units / PAGE_UNITS, taken = 0, page;
	uint32_t pages[128];

	(void)state;
	while ((page = page_take(&r, PAGE_GHOST, 0)) != UINT32_MAX) {
		CHECK(page < r.geometry->pages);
		for (uint32_t i = 0; i < taken; i++) {
			CHECK(pages[i] != page);
		}
		pages[taken++] = page;
	}
	CHECK_EQ(taken, free_pages);
	CHECK_EQ(slab_take(&r, 5), 0);
	CHECK_EQ(span_take(&r, 1), 0);
	for (uint32_t i = 0; i < taken; i++) {
		page_release(&r, pages[(i + taken / 2) % taken]);
	}
	CHECK_EQ(r.shard->free_units, free_pages * PAGE_UNITS);
	release(store, &r);
}

/* ---- against an oracle ------------------------------------------------------------------------------------ */

struct taken {
	link_t link;
	uint64_t bytes;
	unsigned char mark;
};

static void check_mark(const struct shard_ref *r, const struct taken *t)
{
	const unsigned char *at = link_pointer(r, t->link);

	for (uint64_t i = 64; i < t->bytes; i += 8) {
		CHECK_EQ(at[i], t->mark);
	}
}

/* Blocks are taken and freed at random, written to, and never overlap; at the end all is one run again. */
static void random_blocks_do_not_overlap(void **state)
{
	struct store *store = open_store(2 * MB);
	struct shard_ref r = whole_shard(store);
	static struct taken taken[6000];
	struct rng rng = {11};
	uint32_t count = 0, free_units = r.shard->free_units, refused = 0;
	uint64_t bytes_taken = 0;

	(void)state;
	for (unsigned step = 0; step < (SLOW_BUILD ? 60000u : 300000u); step++) {
		bool grow = step % 4000 < 2600;
		if (count < COUNT_OF(taken) && (count == 0 || rng_below(&rng, 10) < (grow ? 7u : 3u))) {
			uint64_t bytes = rng_below(&rng, 10) ? 72 + rng_below(&rng, 1500) : 4097 + rng_below(&rng, 60000);
			link_t link = bytes <= 4096 ? slab_take(&r, class_for(bytes)) : span_take(&r, units_for(bytes));
			if (!link) {
				refused++;
				continue;
			}
			struct taken *t = &taken[count++];
			*t = (struct taken){link, bytes, (unsigned char)(step % 255 + 1)};
			memset(link_pointer(&r, link), t->mark, bytes);
			if (bytes > 4096) {
				make_span(&r, link, units_for(bytes));
			}
			bytes_taken += block_bytes(&r, link);
		} else if (count > 0) {
			uint32_t i = (uint32_t)rng_below(&rng, count);
			check_mark(&r, &taken[i]);
			bytes_taken -= block_bytes(&r, taken[i].link);
			block_free(&r, taken[i].link);
			taken[i] = taken[--count];
		}
		CHECK_EQ(r.shard->block_bytes, bytes_taken);
	}
	CHECK(refused > 0);
	while (count > 0) {
		check_mark(&r, &taken[--count]);
		block_free(&r, taken[count].link);
	}
	CHECK_EQ(r.shard->free_units, free_units);
	link_t all = span_take(&r, free_units);
	CHECK(all != 0);
	make_span(&r, all, free_units);
	block_free(&r, all);
	release(store, &r);
}

/* ---- growth --------------------------------------------------------------------------------------------- */

static void pages_that_became_ready_are_taken_in(void **state)
{
	struct store *store = open_store(4 * MB);
	struct shard_ref r = lock_shard(store, 0);
	uint32_t before = r.shard->free_units, known = r.shard->pages_known;

	(void)state;
	CHECK_EQ(known, SEGMENT_FIRST_PAGES);
	CHECK(!alloc_take_in(&r));
	CHECK(arena_may_grow(&r));
	shard_unlock(&r);
	CHECK(arena_grow(&r, 0));
	r = lock_shard(store, 0);
	CHECK(alloc_take_in(&r));
	CHECK(r.shard->pages_known > known);
	CHECK_EQ(r.shard->free_units - before, (r.shard->pages_known - known) * PAGE_UNITS);
	CHECK(!alloc_take_in(&r));
	release(store, &r);
	r = whole_shard(store);
	CHECK(!arena_may_grow(&r));
	release(store, &r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(classes_waste_little),
		TEST(the_class_for_each_size),
		TEST(each_class_fills_its_page),
		TEST(freed_blocks_are_the_next_to_be_taken),
		TEST(start_bits_tell_blocks_from_what_is_inside),
		TEST(a_drained_slab_gives_no_blocks),
		TEST(blocks_that_are_ready_are_taken_first),
		TEST(draining_gives_back_what_is_ready),
		TEST(spans_of_all_sizes),
		TEST(an_abandoned_block_is_free_again),
		TEST(slabs_and_spans_keep_apart),
		TEST(pages_are_taken_until_none_is_left),
		TEST(random_blocks_do_not_overlap),
		TEST(pages_that_became_ready_are_taken_in),
	};

	return RUN(tests, argc, argv);
}
