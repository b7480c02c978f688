#define _GNU_SOURCE
#include "support.h"

static uint64_t newest_tags;

#include <signal.h>
#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/retire.h"

#define INTS 600
#define STRINGS 300

static struct store *store;
static struct shard_ref r;

static void populate(void)
{
	store = open_store(4 * MB);
	for (uint64_t i = 0; i < INTS; i++) {
		struct store_key key = key_number(store, "int", i);
		CHECK_OK(put_int(store, &key, (int64_t)i));
	}
	for (uint64_t i = 0; i < STRINGS; i++) {
		struct store_key key = key_number(store, "string", i);
		CHECK_OK(put_value(store, &key, i * 20, i));
	}
}

static void check_all(struct store *reader)
{
	for (uint64_t i = 0; i < INTS; i++) {
		struct store_key key = key_number(reader, "int", i);
		struct store_view view;
		CHECK_OK(store_get(reader, &key, &view));
		CHECK_EQ(view.integer, i);
	}
	for (uint64_t i = 0; i < STRINGS; i++) {
		struct store_key key = key_number(reader, "string", i);
		CHECK(holds_value(reader, &key, i * 20, i));
	}
}

static void rebuild(bool distrust)
{
	r = lock_shard(store, 0);
	CHECK(shard_rebuild(&r, NO_SLOT, distrust ? &newest_tags : NULL));
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

static link_t link_of(const char *name)
{
	struct store_key key = key_of(store, name);
	atomic_u64 *slot = index_find(&r, &key);

	CHECK(slot != NULL);
	return place_link(&r, word_granule(load_relaxed(slot)));
}

static void of_a_sound_shard_changes_nothing(void **state)
{
	struct store_info before, after;

	(void)state;
	populate();
	r = lock_shard(store, 0);
	reclaim(&r);
	shard_unlock(&r);
	for (int distrust = 0; distrust < 2; distrust++) {
		store_get_info(store, &before);
		rebuild(distrust);
		store_get_info(store, &after);
		CHECK_EQ(after.entries, before.entries);
		CHECK_EQ(after.memory_used, before.memory_used);
		CHECK_EQ(after.memory_retired, 0);
		CHECK_EQ(after.counters[STORE_COUNT_dropped_corrupt], 0);
		for (uint32_t class = 0; class < CLASSES; class++) {
			CHECK_EQ(after.classes[class].used, before.classes[class].used);
			CHECK_EQ(after.classes[class].pages, before.classes[class].pages);
			CHECK_EQ(after.classes[class].entries_small + after.classes[class].entries_main,
			         before.classes[class].entries_small + before.classes[class].entries_main);
		}
		check_all(store);
	}
}

/* Counts, lists, queues and free units are made anew from index words, entries and start bits. */
static void what_is_derived_may_be_lost(void **state)
{
	(void)state;
	populate();
	r = lock_shard(store, 0);
	struct shard *s = r.shard;
	memset(s->classes, 0x5a, sizeof s->classes);
	memset(unit_free_bits(&r), 0xa5, r.geometry->pages / 2);
	s->block_bytes = s->limbo_bytes = 12345;
	s->limbo = 77;
	s->limbo_count = s->free_units = s->ghost_pages = 99;
	s->page_hint = s->sweep_hand = s->sweep_position = 1u << 30;
	s->index_pages = 77;
	s->ghost_clock = 5;
	store_relaxed(&s->entries, 1);
	for (uint32_t page = 0; page < s->pages_known; page++) {
		struct slab *slab = slab_of(&r, page);
		if (page_kind(page_words(&r)[page]) == PAGE_SLAB) {
			slab->used = 7;
			slab->next = slab->prev = 0xffffff;
			slab->listed = slab->drained = 1;
			slab->hint = 200;
		}
	}
	CHECK(shard_rebuild(&r, NO_SLOT, NULL));
	shard_unlock(&r);
	CHECK_VERIFIED(store);
	check_all(store);
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "more", i);
		CHECK_OK(put_value(store, &key, i, i));
	}
	CHECK_VERIFIED(store);
}

/* Old ones go first also after it, and what was in main stays there. */
static void the_order_of_eviction_is_kept(void **state)
{
	unsigned early = 0, late = 0;

	(void)state;
	store = open_store(MB);
	uint64_t count = 0;
	while (COUNTER_OF(store, evictions) == 0) {
		struct store_key key = key_number(store, "key", count++);
		CHECK_OK(put_value(store, &key, 400, 1));
	}
	rebuild(false);
	for (uint64_t i = 0; i < count / 2; i++) {
		struct store_key key = key_number(store, "more", i);
		CHECK_OK(put_value(store, &key, 400, 1));
	}
	for (uint64_t i = 0; i < count / 4; i++) {
		early += has(store, key_number(store, "key", i).bytes);
		late += has(store, key_number(store, "key", count - 1 - i).bytes);
	}
	CHECK(late > early + count / 8);
}

static void frozen_words_are_thawed(void **state)
{
	(void)state;
	populate();
	r = lock_shard(store, 0);
	struct entry *e = link_entry(&r, link_of("int:5"));
	rmw_or(&e->stamp, STAMP_FROZEN);
	rmw_or(&e->lock, LOCK_FROZEN);
	rmw_or(entry_word(e), INT_FROZEN);
	e = link_entry(&r, link_of("string:5"));
	rmw_or(&e->stamp, STAMP_FROZEN | STAMP_DEAD);
	shard_unlock(&r);
	rebuild(false);
	int64_t result;
	struct store_key key = key_of(store, "int:5");
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(result, 6);
	CHECK(!has(store, "string:5")); /* invalidated stays invalidated */
}

/* ---- blocks that no word names --------------------------------------------------------------------------- */

static void pinned_blocks_stay_until_they_are_unpinned(void **state)
{
	struct store *reader;
	struct store_view view;
	struct store_key key;

	(void)state;
	populate();
	reader = open_store(4 * MB);
	key = key_of(store, "string:200");
	CHECK_OK(store_get(reader, &key, &view));
	CHECK_OK(store_delete(store, &key));
	rebuild(false);
	for (uint64_t i = 0; i < 500; i++) {
		key = key_number(store, "more", i);
		CHECK_OK(put_value(store, &key, 4000, i));
	}
	CHECK(value_is(view.bytes, 4000, 200));
	r = lock_shard(store, 0);
	CHECK_EQ(r.shard->limbo_count, 1);
	store_unpin(reader, view.pin);
	reclaim(&r);
	CHECK_EQ(r.shard->limbo_count, 0);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

static void blocks_that_nobody_knows_are_freed(void **state)
{
	struct store_info before, after;

	(void)state;
	populate();
	r = lock_shard(store, 0);
	reclaim(&r);
	shard_unlock(&r);
	store_get_info(store, &before);
	r = lock_shard(store, 0);
	for (int i = 0; i < 20; i++) {
		CHECK(slab_take(&r, class_for(72 + (uint64_t)i * 100)) != 0);
	}
	link_t span = span_take(&r, 9);
	CHECK(span != 0);
	shard_unlock(&r);
	/* A pin of something that is no block, or is not in this shard, does no harm. */
	pin_set(&store->owner, WRITER_PINS, (struct place){r.arena_granule + 3});
	pin_set(&store->owner, WRITER_PINS + 1, (struct place){1});
	pin_set(&store->owner, WRITER_PINS + 2, (struct place){(UINT64_C(1) << PLACE_BITS) - 1});
	rebuild(false);
	store_unpin_all(store);
	store_get_info(store, &after);
	CHECK_EQ(after.memory_used, before.memory_used);
	check_all(store);
}

/* ---- splits that were killed ------------------------------------------------------------------------------ */

static atomic_u64 *empty_slot(struct bucket_line *line)
{
	for (uint32_t i = 0; i < LINE_SLOTS; i++) {
		if (load_relaxed(&line->slots[i]) == 0) {
			return &line->slots[i];
		}
	}
	return NULL;
}

/* Committed, but the words that moved were not cleared in the old bucket. */
static void words_left_over_from_a_split_are_dropped(void **state)
{
	unsigned copied = 0;

	(void)state;
	populate();
	r = lock_shard(store, 0);
	uint64_t buckets = layout_buckets(load_relaxed(&r.shard->layout)), half = (bucket_mask(buckets) + 1) / 2;
	for (uint64_t to = half; to < buckets; to++) {
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&bucket_line(&r, to)->slots[i]);
			atomic_u64 *slot = empty_slot(bucket_line(&r, to - half));
			if (word && slot) {
				store_relaxed(slot, word);
				copied++;
			}
		}
	}
	CHECK(copied > 10);
	CHECK(shard_rebuild(&r, NO_SLOT, NULL));
	shard_unlock(&r);
	CHECK_EQ(COUNTER_OF(store, dropped_corrupt), 0); /* left over, not damaged */
	CHECK_VERIFIED(store);
	check_all(store);
}

/* Not committed: the new bucket is filled, but the layout does not count it yet. */
static void a_split_that_was_not_committed(void **state)
{
	(void)state;
	populate();
	r = lock_shard(store, 0);
	uint64_t buckets = layout_buckets(load_relaxed(&r.shard->layout)), from = buckets - (bucket_mask(buckets) + 1) / 2;
	if (buckets % LINES_PER_PAGE != 0) {
		struct bucket_line *target = bucket_line(&r, buckets);
		memcpy((void *)target, (void *)bucket_line(&r, from), sizeof *target);
		store_relaxed(&target->header, EXPIRY_NEVER);
	}
	CHECK(shard_rebuild(&r, NO_SLOT, NULL));
	shard_unlock(&r);
	CHECK_VERIFIED(store);
	check_all(store);
	for (uint64_t i = 0; i < 2000; i++) {
		struct store_key key = key_number(store, "more", i);
		CHECK_OK(put_int(store, &key, 1));
	}
	check_all(store);
	CHECK_VERIFIED(store);
}

/* Step 4: words of the second line stand in the first one as well. */
static void a_chain_that_was_being_shortened(void **state)
{
	unsigned copied = 0;

	(void)state;
	populate();
	r = lock_shard(store, 0);
	for (uint64_t bucket = 0; bucket < layout_buckets(load_relaxed(&r.shard->layout)); bucket++) {
		struct bucket_line *first = bucket_line(&r, bucket), *second = line_next(&r, first);
		for (uint32_t i = 0; second && i < LINE_SLOTS; i++) {
			uint64_t word = load_relaxed(&second->slots[i]);
			if (!word) {
				continue;
			}
			/* Makes room first: whatever stood in the first line moves behind it. */
			if (!empty_slot(first) && empty_slot(second)) {
				store_relaxed(empty_slot(second), load_relaxed(&first->slots[3]));
				store_relaxed(&first->slots[3], 0);
			}
			if (empty_slot(first)) {
				store_relaxed(empty_slot(first), word);
				copied++;
			}
			break;
		}
	}
	CHECK(copied > 0);
	CHECK(shard_rebuild(&r, NO_SLOT, NULL));
	shard_unlock(&r);
	CHECK_EQ(COUNTER_OF(store, dropped_corrupt), 0);
	CHECK_VERIFIED(store);
	check_all(store);
}

/* ---- damage ------------------------------------------------------------------------------------------------- */

static void damaged_entries_are_dropped_and_counted(void **state)
{
	(void)state;
	populate();
	r = lock_shard(store, 0);
	entry_value(link_entry(&r, link_of("string:100")))[7] ^= 4;
	link_entry(&r, link_of("string:101"))->key[3] ^= 4;
	link_entry(&r, link_of("string:102"))->size ^= 1;
	shard_unlock(&r);
	rebuild(true);
	CHECK_EQ(COUNTER_OF(store, dropped_corrupt), 3);
	for (uint64_t i = 90; i < 110; i++) {
		struct store_key key = key_number(store, "string", i);
		CHECK_EQ(holds_value(store, &key, i * 20, i), i < 100 || i > 102);
		CHECK_EQ(has_key(store, &key), i < 100 || i > 102);
	}
}

/* The word of a text that no checksum covers. */
static void a_damaged_word_of_a_text_is_as_if_nobody_had_filled_it_in(void **state)
{
	static const uint64_t words[4] = {UINT64_C(0x7465787420746578), 5, 6, 7};
	struct store_item item = {.type = STORE_TEXT, .bytes = (const char *)words, .size = sizeof words};
	struct store_options options = options_for(MB);
	const char *path = path_of(&options);
	struct store_key key;
	struct store_view view;
	uint64_t damage = 999, found[4];
	size_t length;
	char *bytes, *at;

	(void)state;
	store = open_with(&options);
	key = key_of(store, "text");
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	close_store(store);
	bytes = file_read(path, &length);
	at = memmem(bytes, length, words, sizeof words);
	CHECK(at);
	file_patch(path, at - bytes + 8, &damage, sizeof damage);
	free(bytes);
	store = open_with(&options);
	key = key_of(store, "text");
	CHECK_OK(store_get(store, &key, &view));
	memcpy(found, view.bytes, sizeof found);
	CHECK_EQ(found[0], words[0]);
	CHECK_EQ(found[1], 0);
	CHECK_EQ(found[2], 6);
	store_unpin(store, view.pin);
}

static void a_structure_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	populate();
	r = lock_shard(store, 0);
	uint32_t page = index_directory(&r)[0], ready = load_relaxed(&r.shard->pages_ready);
	uint64_t layout = load_relaxed(&r.shard->layout);

	index_directory(&r)[0] = r.geometry->pages;
	CHECK(!shard_rebuild(&r, NO_SLOT, &newest_tags));
	index_directory(&r)[0] = UINT32_MAX;
	CHECK(!shard_rebuild(&r, NO_SLOT, &newest_tags));
	index_directory(&r)[0] = page;
	store_relaxed(&r.shard->layout, 0);
	CHECK(!shard_rebuild(&r, NO_SLOT, &newest_tags));
	store_relaxed(&r.shard->layout, UINT32_MAX);
	CHECK(!shard_rebuild(&r, NO_SLOT, &newest_tags));
	store_relaxed(&r.shard->layout, layout);
	store_relaxed(&r.shard->pages_ready, 0);
	CHECK(!shard_rebuild(&r, NO_SLOT, &newest_tags));
	store_relaxed(&r.shard->pages_ready, r.geometry->pages + 1);
	CHECK(!shard_rebuild(&r, NO_SLOT, &newest_tags));
	store_relaxed(&r.shard->pages_ready, ready);
	CHECK(shard_rebuild(&r, NO_SLOT, &newest_tags));
	shard_unlock(&r);
	check_all(store);
	CHECK_VERIFIED(store);
}

static void a_version_that_makes_no_sense_is_not_kept(void **state)
{
	static const uint64_t versions[] = {0, 1, UINT64_MAX, ~UINT64_C(3), UINT64_C(1) << 63};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		populate();
		r = shard_open(&store->owner, 0);
		r.shard->version = versions[i];
		close_store(store);
		store = open_store(4 * MB);
		check_all(store);
		for (int k = 0; k < 5; k++) {
			put_text(store, "key", "new");
			CHECK(holds_text(store, "key", "new"));
			CHECK_VERIFIED(store);
		}
		close_store(store);
	}
}

static void a_damaged_structure_means_a_new_segment(void **state)
{
	(void)state;
	populate();
	r = lock_shard(store, 0);
	index_directory(&r)[0] = UINT32_MAX;
	shard_unlock(&r);
	close_store(store);
	store = open_store(4 * MB);
	CHECK_SAYS(open_message, "damaged");
	CHECK(!has(store, "int:1"));
	CHECK_VERIFIED(store);
}

/* ---- a process that dies at random ------------------------------------------------------------------------- */

static void write_until_killed(void *context)
{
	struct store *mine = open_store(2 * MB);
	struct rng rng = {*(uint64_t *)context};

	enum cache_fault point = (enum cache_fault)(FAULT_LOCKED + rng_below(&rng, FAULT_PINNED - FAULT_LOCKED + 1));
	fault_kill(point, 1 + (unsigned)rng_below(&rng, 400));
	for (;;) {
		struct store_key key = key_number(mine, "key", rng_below(&rng, 400));
		int64_t result;
		switch (rng_below(&rng, 8)) {
		case 0:
			(void)!store_delete(mine, &key);
			break;
		case 1:
			key = key_number(mine, "int", rng_below(&rng, 50));
			(void)!store_increment(mine, &key, INT_WORD_MAX / 4, 0, &result);
			break;
		case 2:
			(void)!put_value(mine, &key, 4000 + rng_below(&rng, 60000), key.hash);
			break;
		default:
			(void)!put_value(mine, &key, rng_below(&rng, 4000), key.hash);
		}
	}
}

/* In a segment under pressure, so that it may be in the middle of making room, splitting, relocating. */
static void many_deaths(void **state)
{
	(void)state;
	store = open_store(2 * MB);
	for (uint64_t i = 0; i < (SLOW_BUILD ? 60u : 200u); i++) {
		CHECK_EQ(child_wait(child_start(write_until_killed, &i)) & 0x7f, SIGKILL);
		CHECK_VERIFIED(store);
		for (uint64_t k = 0; k < 400; k++) {
			struct store_key key = key_number(store, "key", k);
			struct store_view view;
			if (store_get(store, &key, &view) == CACHE_OK) {
				CHECK(value_is(view.bytes, view.size, key.hash));
				store_unpin(store, view.pin);
			}
		}
	}
	owner_reap_all(&store->owner);
	CHECK_VERIFIED(store);
	CHECK(COUNTER_OF(store, rebuilds) > 10);
	CHECK_EQ(owner_count(store->segment), 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(of_a_sound_shard_changes_nothing),
		TEST(what_is_derived_may_be_lost),
		TEST(the_order_of_eviction_is_kept),
		TEST(frozen_words_are_thawed),
		TEST(pinned_blocks_stay_until_they_are_unpinned),
		TEST(blocks_that_nobody_knows_are_freed),
		TEST(words_left_over_from_a_split_are_dropped),
		TEST(a_split_that_was_not_committed),
		TEST(a_chain_that_was_being_shortened),
		TEST(damaged_entries_are_dropped_and_counted),
		TEST(a_damaged_word_of_a_text_is_as_if_nobody_had_filled_it_in),
		TEST(a_structure_that_makes_no_sense_is_refused),
		TEST(a_version_that_makes_no_sense_is_not_kept),
		TEST(a_damaged_structure_means_a_new_segment),
		TEST(many_deaths),
	};

	return RUN(tests, argc, argv);
}
