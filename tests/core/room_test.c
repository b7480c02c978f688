#include "support.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/index.h"
#include "core/store/reserve.h"
#include "core/store/room.h"
#include "core/store/search.h"

static uint64_t evicted_bytes(const struct store_info *before, const struct store_info *after, uint64_t added)
{
	return before->memory_used + added - after->memory_used;
}

static uint64_t fill(struct store *store, const char *prefix, size_t size)
{
	uint64_t count = 0, evictions = COUNTER_OF(store, evictions);

	while (COUNTER_OF(store, evictions) == evictions) {
		struct store_key key = key_number(store, prefix, count);
		CHECK_OK(put_value(store, &key, size, count));
		count++;
	}
	return count;
}

static unsigned present(struct store *store, const char *prefix, uint64_t count, size_t size)
{
	unsigned number = 0;

	for (uint64_t i = 0; i < count; i++) {
		struct store_key key = key_number(store, prefix, i);
		bool there = holds_value(store, &key, size, i);
		CHECK(there || !has_key(store, &key));
		number += there;
	}
	return number;
}

/* ---- how much one store may cost --------------------------------------------------------------------------- */

static void a_store_evicts_a_few_times_its_size_at_most(void **state)
{
	static const size_t fillers[] = {20, 400, 3000, 12000};
	static const size_t sizes[] = {30, 500, 2000, 5000, 20000, 60000, 150000};

	(void)state;
	for (size_t f = 0; f < COUNT_OF(fillers); f++) {
		struct store_options options = options_for(4 * MB);
		struct store *store;
		options.host_fingerprint = f + 1;
		store = open_with(&options);
		fill(store, "filler", fillers[f]);
		for (uint64_t i = 0; i < 140; i++) {
			struct store_info before, after;
			size_t size = sizes[i % COUNT_OF(sizes)];
			struct store_key key = key_number(store, "new", i);
			store_get_info(store, &before);
			CHECK_OK(put_value(store, &key, size, i));
			store_get_info(store, &after);
			uint64_t budget = (size + 200) * 4 > 64 * KB ? (size + 200) * 4 : 64 * KB;
			/* and what the last step took too much: a slab, or a neighbour of a span; a page for ghost and index */
			CHECK(evicted_bytes(&before, &after, 0) <= budget + 160 * KB || after.memory_used >= before.memory_used);
		}
		CHECK_VERIFIED(store);
		close_store(store);
	}
}

/* ---- from class to class ----------------------------------------------------------------------------------- */

static void memory_moves_to_the_sizes_that_are_written(void **state)
{
	static const size_t sizes[] = {400, 2000, 90, 9000, 700, 30000};
	struct store *store = open_store(4 * MB);

	(void)state;
	for (size_t phase = 0; phase < COUNT_OF(sizes); phase++) {
		char prefix[16];
		size_t size = sizes[phase];
		uint64_t enough = 2 * 4 * MB / (size + 100);
		snprintf(prefix, sizeof prefix, "phase %zu", phase);
		for (uint64_t i = 0; i < enough; i++) {
			struct store_key key = key_number(store, prefix, i);
			CHECK_OK(put_value(store, &key, size, i));
			CHECK(holds_value(store, &key, size, i));
		}
		/* Having written twice the segment, half of it holds them, although what was there before had been read. */
		unsigned bytes = present(store, prefix, enough, size) * (unsigned)(size + 100);
		CHECK(bytes > 4 * MB / 2);
		CHECK_VERIFIED(store);
	}
	CHECK(COUNTER_OF(store, slabs_stolen) > 100);
	CHECK_EQ(COUNTER_OF(store, failed_memory), 0);
}

/* Slabs are taken from a class: its hot entries move, its cold ones go. */
static void hot_entries_survive_the_loss_of_their_slab(void **state)
{
	enum { HOT = 300 };
	struct store *store = open_store(2 * MB);
	uint64_t count = fill(store, "cold", 300);
	unsigned lost = 0;

	(void)state;
	for (uint64_t i = 0; i < HOT; i++) {
		struct store_key key = key_number(store, "hot", i);
		CHECK_OK(put_value(store, &key, 300, i));
	}
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "other", i);
		CHECK_OK(put_value(store, &key, 1500, i));
		for (uint64_t k = 0; k < 4; k++) {
			key = key_number(store, "hot", (i * 4 + k) % HOT);
			if (!has_key(store, &key)) {
				lost++;
				CHECK_OK(put_value(store, &key, 300, (i * 4 + k) % HOT));
			}
		}
	}
	CHECK(COUNTER_OF(store, relocations) > 10);
	CHECK(lost < 3000 * 4 / 50); /* one in fifty looks */
	CHECK_EQ(present(store, "hot", HOT, 300) > HOT * 9 / 10, 1);
	CHECK(present(store, "cold", count, 300) < count * 3 / 4);
	CHECK_VERIFIED(store);
}

static void any_size_finds_room(void **state)
{
	struct store *store = open_store(4 * MB);
	struct rng rng = {21};
	unsigned failed = 0;
	const unsigned puts = SLOW_BUILD ? 6000 : 20000;

	(void)state;
	for (uint64_t i = 0; i < puts; i++) {
		/* sizes evenly over the magnitudes from 8 bytes to 128 KB */
		size_t size = (size_t)8 << rng_below(&rng, 14);
		size += rng_below(&rng, size);
		struct store_key key = key_number(store, "key", rng_below(&rng, 3000));
		enum cache_status status = put_value(store, &key, size, i);
		CHECK(status == CACHE_OK || status == CACHE_NO_MEMORY);
		CHECK_EQ(holds_value(store, &key, size, i), status == CACHE_OK);
		failed += status != CACHE_OK;
		if (i % 1000 == 0) {
			CHECK_VERIFIED(store);
		}
	}
	CHECK_VERIFIED(store);
	CHECK_EQ(COUNTER_OF(store, failed_memory), failed);
	CHECK(failed <= puts / 100);
}

/* Blocks of odd sizes, freed at random: what is free can be had as large values again. */
static void fragments_are_put_together(void **state)
{
	struct store *store = open_store(4 * MB);
	struct rng rng = {22};

	(void)state;
	for (int round = 0; round < 5; round++) {
		uint64_t count = 0;
		for (; count < 1500; count++) {
			struct store_key key = key_number(store, "key", count);
			CHECK_OK(put_value(store, &key, 100 + rng_below(&rng, 4500), count));
		}
		for (uint64_t i = 0; i < count; i++) {
			struct store_key key = key_number(store, "key", i * 7919 % count);
			(void)!store_delete(store, &key);
		}
		for (uint64_t i = 0; i < 3; i++) {
			struct store_key key = key_number(store, "large", i);
			CHECK_OK(put_value(store, &key, 700 * KB, i));
		}
		for (uint64_t i = 0; i < 3; i++) {
			struct store_key key = key_number(store, "large", i);
			CHECK(holds_value(store, &key, 700 * KB, i));
			CHECK_OK(store_delete(store, &key));
		}
		CHECK_VERIFIED(store);
	}
}

static void old_small_values_go_before_young_large_ones(void **state)
{
	struct store *store = open_store(4 * MB);
	uint64_t count = fill(store, "small", 400);

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		struct store_key key = key_number(store, "large", i);
		CHECK_OK(put_value(store, &key, 500 * KB, i));
	}
	CHECK_EQ(present(store, "large", 3, 500 * KB), 3);
	CHECK(present(store, "small", count, 400) > count / 3);
	CHECK_VERIFIED(store);
}

/* Index pages do not move: they must not cut the arena into small pieces. */
static void large_values_after_small_ones(void **state)
{
	struct store *store = open_store(8 * MB);
	unsigned stored = 0;

	(void)state;
	for (uint64_t i = 0; i < 90000; i++) {
		struct store_key key = key_number(store, "int", i);
		CHECK_OK(put_int(store, &key, (int64_t)i));
	}
	for (uint64_t i = 0; i < 10; i++) {
		struct store_key key = key_number(store, "large", i);
		stored += put_value(store, &key, 300 * KB, i) == CACHE_OK && holds_value(store, &key, 300 * KB, i);
	}
	CHECK_EQ(stored, 10);
	CHECK_VERIFIED(store);
}

/* Values that are pinned where room must be made: others go instead. */
static void pinned_blocks_are_gone_around(void **state)
{
	struct store *store = open_store(2 * MB), *reader = open_store(2 * MB);
	struct store_view views[100];
	uint64_t count = fill(store, "key", 1000);

	(void)state;
	/* Neighbours: a pinned block in each slab would keep all slabs. */
	for (uint64_t i = 0; i < 100; i++) {
		struct store_key key = key_number(store, "key", count / 2 + i);
		CHECK_OK(store_get(reader, &key, &views[i]));
	}
	for (uint64_t i = 0; i < 2000; i++) {
		struct store_key key = key_number(store, "new", i);
		CHECK_OK(put_value(store, &key, 30 + i % 3000, i));
		CHECK(holds_value(store, &key, 30 + i % 3000, i));
	}
	for (uint64_t i = 0; i < 100; i++) {
		CHECK(value_is(views[i].bytes, 1000, count / 2 + i));
	}
	CHECK_VERIFIED(store);
	store_unpin_all(reader);
	CHECK_VERIFIED(store);
}

/* The oldest entry of all is pinned, and it is the only one of its size: room is found elsewhere. */
static void one_pinned_entry_stops_nobody(void **state)
{
	static const size_t sizes[] = {752, 1177, 100, 2400, 600, 5000, 40};
	struct store *store = open_store(MB), *reader = open_store(MB);
	struct store_key key = key_of(store, "pinned");
	struct store_view view;

	(void)state;
	put_text(store, "pinned", "v");
	CHECK_OK(store_get(reader, &key, &view));
	fill(store, "filler", 3000);
	for (uint64_t i = 0; i < 3000; i++) {
		key = key_number(store, "more", i);
		CHECK_OK(put_value(store, &key, 3000, i));
	}
	for (uint64_t i = 0; i < COUNT_OF(sizes); i++) {
		key = key_number(store, "other", i);
		CHECK_OK(put_value(store, &key, sizes[i], i));
		CHECK(holds_value(store, &key, sizes[i], i));
	}
	CHECK(memcmp(view.bytes, "v", 1) == 0);
	CHECK_VERIFIED(store);
}

/* One is pinned in each page: no page can be had for another size, but the blocks between them can. */
static void pins_in_every_page_leave_the_blocks_between_them(void **state)
{
	struct store *store = open_store(MB), *reader = open_store(MB);
	struct store_view view;
	uint64_t count;

	(void)state;
	count = fill(store, "filler", 4000);
	for (uint64_t i = 0; i < count; i++) {
		struct store_key key = key_number(store, "filler", i);
		if (store_get(reader, &key, &view) == CACHE_OK && i % 3 != 0) {
			store_unpin(reader, view.pin);
		}
	}
	for (uint64_t i = 0; i < 40; i++) {
		struct store_key key = key_number(store, "new", i);
		CHECK_OK(put_value(store, &key, 100 + i * 70, i));
		CHECK(holds_value(store, &key, 100 + i * 70, i));
	}
	CHECK_VERIFIED(store);
}

/* Held values everywhere, and all else cleared: the memory between them is had at once. */
static void held_values_do_not_keep_cleared_memory(void **state)
{
	struct store *store = open_store(2 * MB), *reader = open_store(2 * MB);
	struct store_view view;

	(void)state;
	for (uint64_t i = 0; i < 2000; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_value(store, &key, 500 + i % 5 * 120, i));
	}
	for (uint64_t i = 0; i < 2000; i += 50) {
		struct store_key key = key_number(store, "key", i);
		if (store_get(reader, &key, &view) == CACHE_OK && !store_hold(reader, &view)) {
			store_unpin(reader, view.pin);
		}
	}
	CHECK(pins_held(store) >= 30);
	store_clear(store);
	for (uint64_t i = 0; i < 200; i++) {
		struct store_key key = key_number(store, "new", i);
		CHECK_OK(put_value(store, &key, 3000, i));
		CHECK(holds_value(store, &key, 3000, i));
	}
	CHECK_VERIFIED(store);
}

/* ---- growth --------------------------------------------------------------------------------------------- */

static uint64_t file_bytes(struct store *store)
{
	struct store_info info;

	store_get_info(store, &info);
	return info.file_bytes;
}

static void memory_is_taken_as_it_is_needed(void **state)
{
	struct store *store = open_store(32 * MB);
	uint64_t last = file_bytes(store), steps = 0;
	struct store_info info;

	(void)state;
	CHECK(last < 2 * MB);
	for (uint64_t i = 0; i < 20000; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_value(store, &key, 1000, i));
		if (i % 100 == 0) {
			uint64_t now = file_bytes(store);
			CHECK(now >= last && now - last <= MB + 64 * KB);
			steps += now > last;
			last = now;
			store_get_info(store, &info);
			CHECK(info.memory_used <= info.memory_total);
			/* At most a step more than what is used. */
			CHECK(info.memory_total <= info.memory_used + MB + 512 * KB);
			CHECK(now >= info.memory_total);
		}
	}
	CHECK(steps > 15);
	CHECK_EQ(COUNTER_OF(store, evictions), 0);
	for (uint64_t i = 0; i < 20000; i++) {
		struct store_key key = key_number(store, "more", i);
		CHECK_OK(put_value(store, &key, 1000, i));
	}
	store_get_info(store, &info);
	CHECK(info.memory_total <= info.size);
	CHECK(info.memory_total > info.size * 99 / 100);
	CHECK_VERIFIED(store);
}

static void a_large_value_takes_what_it_needs(void **state)
{
	struct store *store = open_store(32 * MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	CHECK_OK(put_value(store, &key, 7 * MB, 1));
	CHECK(holds_value(store, &key, 7 * MB, 1));
	CHECK_EQ(COUNTER_OF(store, evictions), 0);
	CHECK(file_bytes(store) < 10 * MB);
	CHECK_VERIFIED(store);
}

/* Where the file system refuses, the cache works with what it has, says so once, and asks again after a second. */
static void a_refused_growth(void **state)
{
	struct store *store = open_store(8 * MB);
	struct store_info info;

	(void)state;
	fault_fail(FAULT_FALLOCATE, 1, 1000, ENOSPC);
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_value(store, &key, 500, i));
		CHECK(holds_value(store, &key, 500, i));
	}
	store_get_info(store, &info);
	CHECK(info.memory_total < MB);
	CHECK(info.counters[STORE_COUNT_evictions] > 1000);
	CHECK(info.counters[STORE_COUNT_grow_failed] >= 1 && info.counters[STORE_COUNT_grow_failed] < 10);
	CHECK_SAYS(test_logged, "no more room");
	CHECK_VERIFIED(store);

	unsigned passes = fault_passes(FAULT_FALLOCATE);
	struct store_key key = key_of(store, "one more");
	CHECK_OK(put_value(store, &key, 20000, 1));
	CHECK_EQ(fault_passes(FAULT_FALLOCATE), passes); /* not within the same second */
	clock_skip_monotonic(UINT64_C(1100000000));
	fault_none();
	for (uint64_t i = 0; i < 3000; i++) {
		key = key_number(store, "later", i);
		CHECK_OK(put_value(store, &key, 500, i));
	}
	store_get_info(store, &info);
	CHECK(info.memory_total > MB);
	CHECK_VERIFIED(store);
}

static void grow_and_put(void *context)
{
	struct store *store = open_store(16 * MB);
	uint64_t number = *(uint64_t *)context;

	flag_await(0);
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "key", number * 10000 + i);
		enum cache_status status;
		do {
			status = put_value(store, &key, 1000, i);
			CHECK(status == CACHE_OK || status == CACHE_BUSY);
		} while (status != CACHE_OK);
	}
}

static void processes_that_grow_at_once(void **state)
{
	struct store *store = open_store(16 * MB);
	pid_t pids[3];

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		pids[i] = child_start(grow_and_put, &i);
	}
	flag_raise(0);
	for (int i = 0; i < 3; i++) {
		child_join(pids[i]);
	}
	CHECK_EQ(COUNTER_OF(store, evictions), 0);
	for (uint64_t i = 0; i < 9000; i++) {
		struct store_key key = key_number(store, "key", i / 3000 * 10000 + i % 3000);
		CHECK(holds_value(store, &key, 1000, i % 3000));
	}
	CHECK_VERIFIED(store);
}

/* Where all is pinned a value takes a block of a larger class, and is that class's from then on. */
static void a_replacement_in_a_larger_block(void **state)
{
	struct store *store = open_store(MB);
	struct store_key op = key_of(store, "op"), key;
	const struct shard *s = shard_of(store, op.hash).shard;
	uint32_t small = class_for(100 + sizeof(struct entry) + 8 + 4);
	struct store_view view;
	uint64_t last = 0;

	(void)state;
	CHECK_OK(put_value(store, &op, 100, 1));
	CHECK_OK(store_get(store, &op, &view));
	for (uint64_t i = 0; s->classes[small].partial; i++) {
		key = key_number(store, "small", i);
		CHECK_OK(put_value(store, &key, 100 - 8, i));
		CHECK_OK(store_get(store, &key, &view));
	}
	for (uint64_t i = 0;; i++) {
		key = key_number(store, "large", i);
		if (put_value(store, &key, 2500, i) != CACHE_OK) {
			break;
		}
		CHECK_OK(store_get(store, &key, &view));
		last = i;
	}
	CHECK_EQ(s->classes[small].pages, 1);
	key = key_number(store, "large", last);
	store_unpin(store, view.pin);
	CHECK_OK(store_delete(store, &key));
	for (uint64_t i = 2; i < 5; i++) {
		CHECK_OK(put_value(store, &op, 100, i));
		CHECK(holds_value(store, &op, 100, i));
		CHECK_VERIFIED(store);
		reserve_give_back(store);
	}
	store_unpin_all(store);
	CHECK_VERIFIED(store);
}

/* ---- relocation ------------------------------------------------------------------------------------------- */

static link_t link_of(struct store *store, const struct shard_ref *r, const char *name)
{
	struct store_key key = key_of(store, name);
	atomic_u64 *slot = index_find(r, &key);

	return slot ? place_link(r, word_granule(load_relaxed(slot))) : 0;
}

static void a_relocated_entry_is_the_same(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r;
	struct store_key key = key_of(store, "string");
	struct store_entry before, after;

	(void)state;
	CHECK_OK(put_value(store, &key, 777, 5));
	CHECK_OK(put_int(store, &(struct store_key){"int", 3, store_hash(store, "int", 3)}, 42));
	CHECK_OK(store_inspect(store, &key, &before));
	r = lock_shard(store, 0);
	static const char *const names[] = {"string", "int"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		link_t from = link_of(store, &r, names[i]), to = slab_take(&r, block_class(&r, from));
		CHECK(entry_relocate(&r, from, to, NULL, NULL));
		CHECK_EQ(link_of(store, &r, names[i]), to);
	}
	shard_unlock(&r);
	CHECK_EQ(COUNTER_OF(store, relocations), 2);
	CHECK_OK(store_inspect(store, &key, &after));
	CHECK(after.view.bytes != before.view.bytes);
	CHECK_EQ(after.version, before.version);
	CHECK(value_is(after.view.bytes, 777, 5));
	CHECK(value_is(before.view.bytes, 777, 5)); /* pinned: readable on */
	CHECK_EQ(int_at(store, "int"), 42);
	store_unpin_all(store);
	CHECK_VERIFIED(store);
}

/* Invalidated without the lock before its move: it stays so. */
static void a_relocated_entry_stays_invalidated(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r;
	link_t from, to;

	(void)state;
	put_text(store, "key", "value");
	r = lock_shard(store, 0);
	from = link_of(store, &r, "key");
	rmw_or(&link_entry(&r, from)->stamp, STAMP_DEAD);
	to = slab_take(&r, block_class(&r, from));
	(void)!entry_relocate(&r, from, to, NULL, NULL);
	shard_unlock(&r);
	CHECK(!has(store, "key"));
	CHECK_VERIFIED(store);
	put_text(store, "key", "new");
	CHECK(holds_text(store, "key", "new"));
	CHECK_VERIFIED(store);
}

static bool move_all(const struct shard_ref *r, uint32_t page) { return slab_move(r, page); }

static bool empty_it(const struct shard_ref *r, uint32_t page)
{
	struct search search = {.r = r, .now_us = CLOCK_START, .budget = MB};

	pin_set_collect(r, &search.pins);
	return slab_empty(&search, page);
}

/* Entries that move keep their versions: readers without a pin are told by the count of changes. */
static void check_that_readers_go_again(bool (*vacate)(const struct shard_ref *r, uint32_t page))
{
	struct store *store = open_store(MB);
	struct shard_ref r;
	uint64_t layout, relocations;

	for (unsigned i = 0; i < 30; i++) {
		struct store_key key = key_number(store, "hot", i);
		CHECK_OK(put_value(store, &key, 700, i));
		for (int hits = 0; hits < 3; hits++) {
			CHECK(holds_value(store, &key, 700, i));
		}
	}
	reserve_give_back(store); /* a block in reserve does not move */
	r = lock_shard(store, 0);
	struct store_key first = key_number(store, "hot", 0);
	layout = load_relaxed(&r.shard->layout);
	relocations = COUNTER_OF(store, relocations);
	CHECK(vacate(&r, link_page(slot_link(&r, index_find(&r, &first)))));
	CHECK(COUNTER_OF(store, relocations) > relocations);
	CHECK(load_relaxed(&r.shard->layout) - layout >= LAYOUT_CHANGE);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

static void readers_go_again_after_a_slab_was_moved(void **state)
{
	(void)state;
	check_that_readers_go_again(move_all);
}

static void readers_go_again_after_a_slab_was_emptied(void **state)
{
	(void)state;
	check_that_readers_go_again(empty_it);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_evicts_a_few_times_its_size_at_most),
		TEST(memory_moves_to_the_sizes_that_are_written),
		TEST(hot_entries_survive_the_loss_of_their_slab),
		TEST(any_size_finds_room),
		TEST(fragments_are_put_together),
		TEST(old_small_values_go_before_young_large_ones),
		TEST(large_values_after_small_ones),
		TEST(pinned_blocks_are_gone_around),
		TEST(one_pinned_entry_stops_nobody),
		TEST(pins_in_every_page_leave_the_blocks_between_them),
		TEST(held_values_do_not_keep_cleared_memory),
		TEST(memory_is_taken_as_it_is_needed),
		TEST(a_large_value_takes_what_it_needs),
		TEST(a_refused_growth),
		TEST(processes_that_grow_at_once),
		TEST(a_replacement_in_a_larger_block),
		TEST(a_relocated_entry_is_the_same),
		TEST(a_relocated_entry_stays_invalidated),
		TEST(readers_go_again_after_a_slab_was_moved),
		TEST(readers_go_again_after_a_slab_was_emptied),
	};

	return RUN(tests, argc, argv);
}
