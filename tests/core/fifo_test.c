#include "support.h"

#include "core/store/evict.h"
#include "core/store/fifo.h"
#include "core/store/index.h"
#include "core/store/room.h"
#include "core/store/write.h"

/* One class: 400 bytes and all that goes into the same blocks. */
#define SIZE 400
#define OTHER_SIZE 900

static struct store *store;
static struct shard_ref r;

static link_t link_of(uint64_t number)
{
	struct store_key key = key_number(store, "key", number);

	return slot_link(&r, index_find(&r, &key));
}

static void put(uint64_t number, size_t size)
{
	struct store_key key = key_number(store, "key", number);

	CHECK_OK(put_value(store, &key, size, number));
}

static void delete(uint64_t number)
{
	struct store_key key = key_number(store, "key", number);

	CHECK_OK(store_delete(store, &key));
}

/* Without reclaim_if_due(), which lets all leave where limbo is empty. */
static void remove_queued(uint64_t number)
{
	struct store_key key = key_number(store, "key", number);

	r = lock_shard(store, 0);
	entry_remove(&r, index_find(&r, &key), link_of(number));
	shard_unlock(&r);
}

static void open_with_keys(uint64_t count)
{
	store = open_store(MB);
	r = shard_open(&store->owner, 0);
	for (uint64_t i = 0; i < count; i++) {
		put(i, SIZE);
	}
}

/* Nothing is noted, on limbo or ready: the reclaim that the first writes bring is over. */
static void open_reclaimed(uint64_t count)
{
	open_with_keys(count);
	r = lock_shard(store, 0);
	reclaim(&r);
	CHECK(!load_relaxed(&r.shard->limbo_any));
	shard_unlock(&r);
}

static uint64_t number_of(link_t link)
{
	for (uint64_t i = 0; i < 1000; i++) {
		if (link_of(i) == link) {
			return i;
		}
	}
	return UINT64_MAX;
}

/* The entries of small, from the oldest on. With the lock, and all who were about to leave have left. */
static size_t queue_of(uint32_t class, uint64_t *numbers, size_t most)
{
	size_t count = 0;

	for (link_t link = r.shard->classes[class].small_tail; link && count < most; link = link_entry(&r, link)->prev) {
		numbers[count++] = number_of(link);
	}
	return count;
}

static void who_replaces_has_the_place_of_the_replaced(void **state)
{
	static struct pin_set pins;
	uint32_t class;

	(void)state;
	open_with_keys(6);
	put(0, SIZE);
	put(2, SIZE);
	r = lock_shard(store, 0);
	CHECK_EQ(r.shard->deferred_count, 2);
	CHECK(entry_is_heir(link_entry(&r, link_of(0))) && entry_is_heir(link_entry(&r, link_of(2))));
	shard_unlock(&r);
	CHECK_VERIFIED(store);
	r = lock_shard(store, 0);
	class = block_class(&r, link_of(0));
	pin_set_collect(&r, &pins);
	for (uint64_t i = 0; i < 6; i++) {
		CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), link_of(i));
		CHECK_EQ(r.shard->deferred_count, 0);
		evict_entry(&r, link_of(i), CLOCK_START);
	}
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), 0);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

/* Whose block is noted keeps it until the note is settled; those of heirs go to limbo at once. */
static void one_note_for_a_place(void **state)
{
	(void)state;
	open_with_keys(3);
	r = lock_shard(store, 0);
	link_t first = link_of(1);
	shard_unlock(&r);
	for (unsigned i = 0; i < 20; i++) {
		put(1, SIZE);
		CHECK_VERIFIED(store);
	}
	r = lock_shard(store, 0);
	CHECK_EQ(r.shard->deferred_count, 1);
	CHECK_EQ(r.shard->deferred[0].block, first);
	CHECK_EQ(r.shard->deferred[0].heir, link_of(1));
	CHECK_EQ(load_relaxed(&r.shard->retired), 19);
	CHECK(block_starts_at(&r, first));
	retire_deferred(&r);
	CHECK_EQ(load_relaxed(&r.shard->retired), 20);
	CHECK(!entry_is_heir(link_entry(&r, link_of(1))));
	reclaim(&r);
	CHECK_EQ(r.shard->limbo_count, 0);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

/* The one after it finds all notes taken: they leave, and it is the first of the next ones. */
static void notes_are_settled_when_all_are_taken(void **state)
{
	(void)state;
	open_with_keys(30);
	for (uint64_t i = 0; i < FIFO_DEFERRED; i++) {
		remove_queued(i * 2);
		CHECK_VERIFIED(store);
	}
	CHECK_EQ(r.shard->deferred_count, FIFO_DEFERRED);
	CHECK_EQ(r.shard->limbo_count, 0);
	remove_queued(1);
	CHECK_EQ(r.shard->deferred_count, 1);
	CHECK_EQ(r.shard->limbo_count, FIFO_DEFERRED);
	CHECK_VERIFIED(store);
}

/* A delete counts at once, as for cache_info(). */
static void counts_are_those_of_the_entries(void **state)
{
	struct store_info info;
	uint32_t class = class_for(SIZE + sizeof(struct entry) + 8 + 4);

	(void)state;
	open_with_keys(10);
	remove_queued(3);
	put(4, SIZE);
	remove_queued(4);
	put(5, SIZE);
	store_get_info(store, &info);
	CHECK_EQ(r.shard->deferred_count, 3);
	CHECK_EQ(info.classes[class].entries_small, 8);
	CHECK_EQ(info.entries, 8);
	CHECK_VERIFIED(store);
}

static void whoever_needs_memory_has_what_was_noted(void **state)
{
	uint64_t used;

	(void)state;
	open_reclaimed(3);
	remove_queued(0);
	remove_queued(1);
	r = lock_shard(store, 0);
	used = r.shard->block_bytes;
	CHECK_EQ(r.shard->deferred_count, 2);
	CHECK_EQ(reclaim(&r), 2);
	CHECK(r.shard->block_bytes < used);
	CHECK_EQ(r.shard->deferred_count, 0);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

/* Once a second; what was noted is freed in the second after it. */
static void a_quiet_shard_gives_back_what_was_noted(void **state)
{
	(void)state;
	open_reclaimed(3);
	remove_queued(0);
	reclaim_leftovers(&r);
	CHECK_EQ(r.shard->deferred_count, 0);
	CHECK_EQ(r.shard->limbo_count, 1);
	reclaim_leftovers(&r);
	CHECK_EQ(r.shard->limbo_count, 0);
	CHECK(!load_relaxed(&r.shard->limbo_any));
	CHECK_VERIFIED(store);
}

/* What writes reclaim leaves notes alone, and does not forget that there are some. */
static void notes_outlast_a_reclaim_ahead(void **state)
{
	struct pin_set pins;

	(void)state;
	open_reclaimed(3);
	remove_queued(0);
	r = lock_shard(store, 0);
	pin_set_collect(&r, &pins);
	CHECK_EQ(reclaim_collected(&r, &pins, load_relaxed(&r.shard->retired)), 0);
	CHECK_EQ(r.shard->deferred_count, 1);
	CHECK(load_relaxed(&r.shard->limbo_any));
	shard_unlock(&r);
}

static void large_blocks_leave_at_once(void **state)
{
	struct store_key key;

	(void)state;
	open_with_keys(1);
	key = key_of(store, "large");
	CHECK_OK(put_value(store, &key, 20000, 1));
	CHECK_OK(put_value(store, &key, 20000, 2));
	CHECK_EQ(r.shard->deferred_count, 0);
	CHECK_EQ(r.shard->limbo_count, 1);
	CHECK_VERIFIED(store);
}

/* Its lock's owner died: queues without notes, and nothing that the notes named is lost, or freed while it is read. */
static void recovery_knows_no_notes(void **state)
{
	struct store_view view;
	struct store_key key;

	(void)state;
	open_with_keys(8);
	key = key_number(store, "key", 3);
	CHECK_OK(store_get(store, &key, &view));
	remove_queued(1);
	put(3, SIZE);
	put(4, SIZE);
	CHECK(value_is(view.bytes, SIZE, 3));
	r = lock_shard(store, 0);
	CHECK_EQ(r.shard->deferred_count, 3);
	CHECK(shard_rebuild(&r, NO_SLOT, NULL));
	CHECK_EQ(r.shard->deferred_count, 0);
	CHECK_EQ(r.shard->limbo_count, 1);
	for (uint64_t i = 0; i < 8; i++) {
		CHECK_EQ(i == 1, link_of(i) == 0);
		CHECK(i == 1 || !entry_is_heir(link_entry(&r, link_of(i))));
	}
	shard_unlock(&r);
	CHECK(value_is(view.bytes, SIZE, 3));
	CHECK_VERIFIED(store);
	store_unpin(store, view.pin);
	for (uint64_t i = 0; i < 8; i++) {
		key = key_number(store, "key", i);
		CHECK_EQ(holds_value(store, &key, SIZE, i), i != 1);
	}
}

/* Neighbours in small, in any order of what can happen to them, against a list that is kept by hand. */
#define KEYS 24u

struct list {
	uint64_t numbers[KEYS];
	size_t count;
};

static size_t list_find(const struct list *list, uint64_t number)
{
	size_t i = 0;

	while (i < list->count && list->numbers[i] != number) {
		i++;
	}
	return i;
}

static void list_take(struct list *list, uint64_t number)
{
	size_t i = list_find(list, number);

	if (i < list->count) {
		memmove(&list->numbers[i], &list->numbers[i + 1], (list->count - i - 1) * sizeof list->numbers[0]);
		list->count--;
	}
}

static void check_order(uint32_t class, const struct list *list)
{
	uint64_t numbers[KEYS + 1];

	r = lock_shard(store, 0);
	retire_deferred(&r);
	CHECK_EQ(queue_of(class, numbers, COUNT_OF(numbers)), list->count);
	CHECK(memcmp(numbers, list->numbers, list->count * sizeof numbers[0]) == 0);
	shard_unlock(&r);
}

static void move_entry(uint64_t number)
{
	r = lock_shard(store, 0);
	link_t link = link_of(number), target = slab_take(&r, block_class(&r, link));
	CHECK(target != 0);
	CHECK(entry_relocate(&r, link, target, NULL, NULL));
	index_change(&r);
	shard_unlock(&r);
}

static void evict(uint64_t number)
{
	r = lock_shard(store, 0);
	evict_entry(&r, link_of(number), CLOCK_START);
	shard_unlock(&r);
}

static void the_order_is_that_of_a_plain_list(void **state)
{
	struct rng rng = {7};
	struct list lists[2] = {{.count = 0}};
	uint32_t classes[2];
	unsigned noted = 0;

	(void)state;
	store = open_store(MB);
	r = shard_open(&store->owner, 0);
	classes[0] = class_for(SIZE + sizeof(struct entry) + 8 + 4);
	classes[1] = class_for(OTHER_SIZE + sizeof(struct entry) + 8 + 4);
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t number = rng_below(&rng, KEYS), dice = rng_below(&rng, 100);
		int in = list_find(&lists[0], number) < lists[0].count ? 0 : list_find(&lists[1], number) < lists[1].count ? 1 : -1;
		if (dice < 70 || in < 0) {
			int to = dice % 8 == 0;
			put(number, to ? OTHER_SIZE : SIZE);
			if (in != to) {
				if (in >= 0) {
					list_take(&lists[in], number);
				}
				lists[to].numbers[lists[to].count++] = number;
			}
		} else if (dice < 85) {
			dice % 2 ? delete(number) : remove_queued(number);
			list_take(&lists[in], number);
		} else if (dice < 93) {
			move_entry(number);
		} else if (dice < 97) {
			evict(number);
			list_take(&lists[in], number);
			r = lock_shard(store, 0);
			ghost_reset(&r); /* or it would come back into main */
			shard_unlock(&r);
		} else {
			check_order(classes[0], &lists[0]);
			check_order(classes[1], &lists[1]);
		}
		noted += r.shard->deferred_count;
		if (i % 16 == 0) {
			CHECK_VERIFIED(store);
		}
	}
	CHECK(noted > 20000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(who_replaces_has_the_place_of_the_replaced),
		TEST(one_note_for_a_place),
		TEST(notes_are_settled_when_all_are_taken),
		TEST(counts_are_those_of_the_entries),
		TEST(whoever_needs_memory_has_what_was_noted),
		TEST(a_quiet_shard_gives_back_what_was_noted),
		TEST(notes_outlast_a_reclaim_ahead),
		TEST(large_blocks_leave_at_once),
		TEST(recovery_knows_no_notes),
		TEST(the_order_is_that_of_a_plain_list),
	};

	return RUN(tests, argc, argv);
}
