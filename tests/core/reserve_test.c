#include "steps.h"

#include <pthread.h>
#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/reserve.h"
#include "core/store/retire.h"
#include "core/store/room.h"

/* Pins of the writer's own: blocks in reserve. */
static unsigned reserved(struct store *store)
{
	unsigned count = 0;

	for (unsigned i = 0; i < RESERVES; i++) {
		count += reserve_is_held(store, &store->reserves[i]);
	}
	return count;
}

static uint32_t class_of(size_t size) { return class_for(entry_bytes_for(STORE_STRING, 3, size, 0)); }

static struct reserve *reserve_of(struct store *store, const char *name, size_t size)
{
	struct store_key key = key_of(store, name);

	CHECK_EQ(key.length, 3);
	return reserve_find(store, shard_of_hash(&store->segment->geometry, key.hash), class_of(size));
}

static void the_next_value_is_built_in_the_block_in_reserve(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	unsigned built_there = 0;

	(void)state;
	CHECK_EQ(reserved(store), 0);
	for (uint64_t i = 0; i < 200; i++) {
		struct reserve *reserve = reserve_of(store, "key", 500);
		link_t block = reserve ? reserve->link : 0;
		CHECK_OK(put_value(store, &key, 500, i));
		CHECK(holds_value(store, &key, 500, i));
		if (block) {
			struct shard_ref r = lock_shard(store, 0);
			CHECK_EQ(place_link(&r, word_granule(load_relaxed(index_find(&r, &key)))), block);
			shard_unlock(&r);
			built_there++;
		}
		CHECK_VERIFIED(store);
	}
	/* All but the first, and where a slab was just full. */
	CHECK(built_there > 180 && built_there < 200);
}

/* Sizes and shards that have the same place for their block: none is lost over it. */
static void blocks_in_reserve_are_not_lost(void **state)
{
	struct store *store = open_store(128 * MB);
	struct store_info before = {0}, after;

	(void)state;
	CHECK(store->segment->geometry.shards > 1);
	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 5000; i++) {
			struct store_key key = key_number(store, "key", i % 97);
			CHECK_OK(put_value(store, &key, (i * 7) % 2500, i));
			CHECK(holds_value(store, &key, (i * 7) % 2500, i));
			CHECK(reserved(store) <= RESERVES);
		}
		for (uint64_t i = 0; i < 97; i++) {
			struct store_key key = key_number(store, "key", i);
			CHECK_OK(store_delete(store, &key));
		}
		CHECK_VERIFIED(store);
		store_unpin_all(store);
		CHECK_EQ(reserved(store), 0);
		for (uint32_t i = 0; i < store->segment->geometry.shards; i++) {
			struct shard_ref r = lock_shard(store, i);
			reclaim(&r);
			shard_unlock(&r);
		}
		CHECK_VERIFIED(store);
		store_get_info(store, &after);
		CHECK(round == 0 || after.memory_used == before.memory_used);
		before = after;
	}
}

/* A page with a block in reserve cannot be given to another class: one size that came once must not stay in the way. */
static void an_unused_block_makes_way(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	CHECK_OK(put_value(store, &key, 100, 1));
	CHECK(reserve_of(store, "key", 100) != NULL);
	/* A size of another class whose block has the same place. */
	size_t other = 100;
	while (class_of(other) != class_of(100) + RESERVES) {
		other += 8;
	}
	CHECK(other < RESERVE_LARGEST);
	for (unsigned i = 0; i < RESERVE_WRITES * 2; i++) {
		CHECK_OK(put_value(store, &key, other, i));
	}
	CHECK(reserve_of(store, "key", 100) == NULL);
	CHECK(reserve_of(store, "key", other) != NULL);
	CHECK_VERIFIED(store);
}

static void without_the_lock_the_block_stays_in_reserve(void **state)
{
	struct store *store = open_store(MB), *holder = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct shard_ref r;

	(void)state;
	CHECK_OK(put_value(store, &key, 100, 1));
	struct reserve before = *reserve_of(store, "key", 100);
	r = lock_shard(holder, 0);
	CHECK_STATUS(put_value(store, &key, 101, 2), CACHE_BUSY);
	store_unpin_all(store); /* cannot be given back now either */
	CHECK_EQ(reserve_of(store, "key", 100)->link, before.link);
	shard_unlock(&r);
	CHECK(!has_key(store, &key));
	CHECK_OK(put_value(store, &key, 100, 3));
	CHECK(holds_value(store, &key, 100, 3));
	CHECK_VERIFIED(store);
}

static void an_add_that_is_refused_loses_no_block(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_string("a value", 7);

	(void)state;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_OK(store_delete(store, &key));
	for (int i = 0; i < 50; i++) {
		CHECK_EQ(store_put(store, &key, &item, STORE_ADD), i ? CACHE_EXISTS : CACHE_OK);
		CHECK_OK(store_delete(other, &key));
		CHECK_OK(store_put(other, &key, &item, STORE_ADD));
		CHECK_EQ(reserved(store), 1);
	}
	CHECK_VERIFIED(store);
}

/* The value was built before the clear, and is published after it: it is newer. */
static void a_clear_before_it_is_published(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_text(store, "key", "old");
	put_text(store, "other", "old");
	store_clear(store);
	put_text(store, "key", "new");
	CHECK(holds_text(store, "key", "new"));
	CHECK(!has(store, "other"));
	CHECK_VERIFIED(store);
}

/* ---- other processes ------------------------------------------------------------------------------------- */

static struct store *inherited;

static void write_with_the_inherited(void *context)
{
	struct store_key key = key_of(inherited, "key");

	(void)context;
	CHECK(has_key(inherited, &key)); /* attaches the child */
	CHECK_EQ(reserved(inherited), 0); /* it is the parent's */
	for (uint64_t i = 0; i < 100; i++) {
		CHECK_OK(put_value(inherited, &key, 100, i));
	}
	CHECK_EQ(reserved(inherited), 1);
	store_unpin_all(inherited);
}

static void a_forked_child_does_not_have_its_parents_block(void **state)
{
	struct store_key key;

	(void)state;
	inherited = open_store(MB);
	key = key_of(inherited, "key");
	CHECK_OK(put_value(inherited, &key, 100, 1));
	struct reserve before = *reserve_of(inherited, "key", 100);
	in_child(write_with_the_inherited, NULL);
	CHECK_EQ(reserve_of(inherited, "key", 100)->link, before.link);
	for (uint64_t i = 0; i < 100; i++) {
		CHECK_OK(put_value(inherited, &key, 100, i));
		CHECK(holds_value(inherited, &key, 100, i));
	}
	CHECK_VERIFIED(inherited);
}

static void put_twice(struct store *store)
{
	struct store_key key = key_of(store, "twice");

	CHECK_OK(put_value(store, &key, new_size, 1));
	CHECK_OK(put_value(store, &key, new_size, 2));
}

static void killed_with_a_block_in_reserve(void **state)
{
	static const struct {
		enum cache_fault point;
		unsigned nth;
	} steps[] = {{FAULT_PINNED, 1}, {FAULT_LOCKED, 2}, {FAULT_BEFORE_PUBLISH, 2}, {FAULT_AFTER_PUBLISH, 2}};

	(void)state;
	new_size = 300;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct store *store = open_store(MB);
		struct store_key key = key_of(store, "twice");
		uint64_t before;
		put_others(store);
		before = entry_bytes_in_use(store);
		CHECK(kill_at(steps[i].point, steps[i].nth, put_twice));
		put_text(store, "next", "value");
		owner_reap_all(&store->owner);
		CHECK_EQ(owner_count(store->segment), 1);
		CHECK(holds_value(store, &key, 300, steps[i].point == FAULT_AFTER_PUBLISH ? 2 : 1));
		check_others(store);
		CHECK_VERIFIED(store);
		CHECK_OK(store_delete(store, &key));
		key = key_of(store, "next");
		CHECK_OK(store_delete(store, &key));
		CHECK_EQ(entry_bytes_in_use(store), before);
		close_store(store);
	}
}

/* Somebody rebuilds the shard while the block is just being filled: its lengths may say anything. */
static void a_rebuild_keeps_a_block_that_is_half_filled(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (int i = 0; i < 2; i++) {
		CHECK_OK(put_value(store, &key, 100, 1));
		struct reserve *reserve = reserve_of(store, "key", 100);
		struct shard_ref r = lock_shard(other, 0);
		struct entry *e = link_entry(&r, reserve->link);
		e->type = STORE_STRING;
		e->key_length = UINT16_MAX;
		e->size = UINT32_MAX;
		CHECK(shard_rebuild(&r, NO_SLOT, NULL));
		CHECK(block_starts_at(&r, reserve->link));
		CHECK_EQ(entry_state(e), ENTRY_INFLIGHT);
		for (uint64_t k = 0; k < 100; k++) {
			CHECK(slab_take(&r, reserve->class) != reserve->link);
		}
		CHECK(shard_rebuild(&r, NO_SLOT, NULL)); /* nobody knows those: they are free again */
		shard_unlock(&r);
		CHECK_OK(put_value(store, &key, 100, 2));
		CHECK(holds_value(store, &key, 100, 2));
		CHECK_VERIFIED(store);
	}
}

/* Takes what a write needs for the index, so that the next one to insert has to let the arena grow, for which it releases the lock. */
static void leave_no_page(struct store *store)
{
	struct shard_ref r = lock_shard(store, 0);

	while (r.shard->classes[LINE_CLASS].partial) {
		CHECK(slab_take(&r, LINE_CLASS) != 0);
	}
	while (page_take(&r, PAGE_GHOST, 0) != UINT32_MAX) {
	}
	CHECK(!index_reserve_line(&r) && arena_may_grow(&r));
	shard_unlock(&r);
}

static void put_meanwhile(void *other) { put_text(other, "key", "their"); }

/* The value is in the block in reserve, and there is none to replace: until the lock was released once. */
static void what_others_put_while_the_arena_grows_is_replaced(void **state)
{
	struct store *store = open_store(4 * MB), *other = open_store(4 * MB);
	struct store_info info;
	struct shard_ref r;

	(void)state;
	put_text(store, "bey", "value");
	CHECK(reserve_of(store, "key", 5) != NULL);
	leave_no_page(store);
	fault_call(FAULT_FALLOCATE, 1, put_meanwhile, other);
	put_text(store, "key", "whose");
	CHECK(fault_passes(FAULT_FALLOCATE) > 1); /* theirs, too */
	CHECK(holds_text(store, "key", "whose"));
	store_get_info(store, &info);
	CHECK_EQ(info.entries, 2);
	r = lock_shard(store, 0);
	CHECK(shard_rebuild(&r, NO_SLOT, NULL)); /* what was taken is nobody's */
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

static void *close_it(void *store)
{
	close_store(store);
	return NULL;
}

/* Else the slot would be left to be recovered by somebody. */
static void who_leaves_waits_for_the_lock_to_give_back(void **state)
{
	struct store *other = open_store(MB), *leaver = open_store(MB);
	struct store_key key = key_of(leaver, "key");
	struct participant *record = segment_participant(leaver->segment, leaver->owner.slot);
	struct shard_ref r;
	pthread_t thread;

	(void)state;
	CHECK_OK(put_value(leaver, &key, 500, 1));
	CHECK_OK(put_value(leaver, &key, 500, 2));
	CHECK(reserved(leaver) > 0);
	r = lock_shard(other, 0);
	CHECK_EQ(pthread_create(&thread, NULL, close_it, leaver), 0);
	usleep(20000);
	CHECK_EQ(load_acquire(&record->state), SLOT_USED);
	shard_unlock(&r);
	pthread_join(thread, NULL);
	CHECK_EQ(load_acquire(&record->state), SLOT_FREE);
	CHECK_VERIFIED(other);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_value_is_built_in_the_block_in_reserve),
		TEST(blocks_in_reserve_are_not_lost),
		TEST(an_unused_block_makes_way),
		TEST(without_the_lock_the_block_stays_in_reserve),
		TEST(an_add_that_is_refused_loses_no_block),
		TEST(a_clear_before_it_is_published),
		TEST(a_forked_child_does_not_have_its_parents_block),
		TEST(killed_with_a_block_in_reserve),
		TEST(a_rebuild_keeps_a_block_that_is_half_filled),
		TEST(what_others_put_while_the_arena_grows_is_replaced),
		TEST(who_leaves_waits_for_the_lock_to_give_back),
	};

	return RUN(tests, argc, argv);
}
