#include "support.h"

#include "core/store/evict.h"
#include "core/store/fifo.h"
#include "core/store/index.h"
#include "core/store/reserve.h"
#include "core/store/room.h"

#define SIZE 400

static void put_one(struct store *store, const char *prefix, uint64_t number)
{
	struct store_key key = key_number(store, prefix, number);

	CHECK_OK(put_value(store, &key, SIZE, number));
}

static bool there(struct store *store, const char *prefix, uint64_t number)
{
	struct store_key key = key_number(store, prefix, number);
	struct store_entry entry;

	if (store_inspect(store, &key, &entry) != CACHE_OK) { /* no hit */
		return false;
	}
	store_unpin(store, entry.view.pin);
	return true;
}

static unsigned how_many(struct store *store, const char *prefix, uint64_t count)
{
	unsigned number = 0;

	for (uint64_t i = 0; i < count; i++) {
		number += there(store, prefix, i);
	}
	return number;
}

static void read_all(struct store *store, const char *prefix, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct store_key key = key_number(store, prefix, i);
		(void)!store_exists(store, &key);
	}
}

static enum entry_queue queue_of_key(struct store *store, const char *prefix, uint64_t number)
{
	struct store_key key = key_number(store, prefix, number);
	struct store_entry entry;
	enum entry_queue queue;

	CHECK_OK(store_inspect(store, &key, &entry));
	queue = entry_queue((struct entry *)(entry.key - offsetof(struct entry, key)));
	store_unpin(store, entry.view.pin);
	return queue;
}

/* How many of them fit. */
static uint64_t capacity(struct store *store)
{
	uint64_t count = 0;

	while (COUNTER_OF(store, evictions) == 0) {
		put_one(store, "filler", count++);
	}
	return count;
}

/* ---- S3-FIFO through the store ---------------------------------------------------------------------------- */

static void a_full_segment_takes_everything_new(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store);

	(void)state;
	CHECK(count > 1500 && count < 2100);
	for (uint64_t i = 0; i < count * 3; i++) {
		put_one(store, "new", i);
		CHECK(there(store, "new", i));
	}
	CHECK_EQ(COUNTER_OF(store, failed_memory), 0);
	CHECK(how_many(store, "new", count * 3) > count * 9 / 10);
	CHECK_VERIFIED(store);
}

/* Whoever is read while it waits in small stays; one-hit wonders go. */
static void what_was_read_outlives_what_was_not(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store), hot = count / 4;

	(void)state;
	store_clear(store);
	clock_advance(1000000);
	store_sweep(store);
	for (uint64_t i = 0; i < hot; i++) {
		put_one(store, "hot", i);
	}
	read_all(store, "hot", hot);
	/* A scan of three times the capacity, each key once. */
	for (uint64_t i = 0; i < count * 3; i++) {
		put_one(store, "scan", i);
	}
	CHECK(how_many(store, "hot", hot) >= hot * 95 / 100);
	CHECK(how_many(store, "scan", count * 3) <= count - hot * 9 / 10);
	for (uint64_t i = 0; i < hot; i += 10) {
		CHECK(!there(store, "hot", i) || queue_of_key(store, "hot", i) == QUEUE_MAIN);
	}
	CHECK_VERIFIED(store);
}

static void unread_entries_leave_in_the_order_they_came(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store);

	(void)state;
	for (uint64_t i = 0; i < count / 4; i++) {
		put_one(store, "more", i);
	}
	/* The oldest went, all younger ones are there: within a batch. */
	unsigned gone = 0, jumps = 0;
	for (uint64_t i = 0; i < count; i++) {
		bool present = there(store, "filler", i);
		gone += !present;
		jumps += !present && i > count / 4 + 50;
	}
	CHECK(gone >= count / 4 - 50 && gone <= count / 4 + 50);
	CHECK_EQ(jumps, 0);
	CHECK_EQ(how_many(store, "more", count / 4), count / 4);
}

/* Main is no paradise: without further hits its entries go as well. */
static void main_is_a_queue_too(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store);

	(void)state;
	read_all(store, "filler", count);
	for (uint64_t i = 0; i < count * 2; i++) {
		put_one(store, "next", i);
		if (i % 2 == 0) {
			struct store_key key = key_number(store, "next", i);
			CHECK(has_key(store, &key));
		}
	}
	CHECK(how_many(store, "filler", count) < count / 2);
	CHECK_VERIFIED(store);
}

/* A key that comes back soon after it was evicted goes to main at once. */
static void the_ghost_knows_who_left_a_short_while_ago(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store), i;

	(void)state;
	for (i = 0; i < 200; i++) {
		put_one(store, "more", i);
	}
	for (i = 100; there(store, "filler", i); i++) {
		CHECK(i < count);
	}
	uint64_t hits = COUNTER_OF(store, ghost_hits);
	put_one(store, "filler", i);
	CHECK_EQ(COUNTER_OF(store, ghost_hits), hits + 1);
	CHECK_EQ(queue_of_key(store, "filler", i), QUEUE_MAIN);
	put_one(store, "never seen", 1);
	CHECK_EQ(COUNTER_OF(store, ghost_hits), hits + 1);
	CHECK_EQ(queue_of_key(store, "never seen", 1), QUEUE_SMALL);
	/* It forgets: after some capacities nobody knows the old ones. */
	for (uint64_t k = 0; k < count * 4; k++) {
		put_one(store, "scan", k);
	}
	hits = COUNTER_OF(store, ghost_hits);
	for (uint64_t k = 0; k < 200; k++) {
		put_one(store, "filler", k);
	}
	CHECK(COUNTER_OF(store, ghost_hits) - hits < 20);
	CHECK_VERIFIED(store);
}

static void a_replaced_entry_keeps_its_place(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store);

	(void)state;
	CHECK(there(store, "filler", count - 1));
	read_all(store, "filler", 200);
	/* Same size, so the same class: frequency and place are taken over. */
	for (uint64_t i = 100; i < 200; i++) {
		put_one(store, "filler", i);
	}
	for (uint64_t i = 0; i < count / 2; i++) {
		put_one(store, "more", i);
	}
	unsigned kept = 0;
	for (uint64_t i = 110; i < 200; i++) {
		kept += there(store, "filler", i);
	}
	CHECK(kept >= 85);
	CHECK_VERIFIED(store);
}

/* ---- the parts ---------------------------------------------------------------------------------------------- */

static void expired_entries_go_first(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store), expired = 0;

	(void)state;
	/* The next in line are hot, and one of them in the middle has expired. */
	read_all(store, "filler", count);
	for (uint64_t i = 0; i < count; i++) {
		struct store_key key = key_number(store, "filler", i);
		char bytes[SIZE];
		struct store_item item = item_string(bytes, SIZE);
		value_fill(bytes, SIZE, i);
		item.ttl_us = i % 10 == 5 ? 1000 : 0;
		expired += i % 10 == 5;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		(void)!store_exists(store, &key);
	}
	clock_advance(2000); /* not yet the next second: no sweep */
	uint64_t evictions = COUNTER_OF(store, evictions);
	for (uint64_t i = 0; i < 20; i++) {
		put_one(store, "more", i);
	}
	CHECK(COUNTER_OF(store, expirations) > 0);
	CHECK(expired > 0 && COUNTER_OF(store, evictions) - evictions <= 200);
	CHECK_VERIFIED(store);
}

static link_t link_of(struct store *store, const struct shard_ref *r, const char *prefix, uint64_t number)
{
	struct store_key key = key_number(store, prefix, number);
	atomic_u64 *slot = index_find(r, &key);

	CHECK(slot != NULL);
	return place_link(r, word_granule(load_relaxed(slot)));
}

static void the_next_victim(void **state)
{
	struct store *store = open_store(MB);
	static struct pin_set pins;
	struct shard_ref r;
	uint32_t class;
	link_t first, second;

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		put_one(store, "key", i);
	}
	r = lock_shard(store, 0);
	first = link_of(store, &r, "key", 0);
	second = link_of(store, &r, "key", 1);
	class = block_class(&r, first);
	pin_set_collect(&r, &pins);
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), first);
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), first); /* asking changes nothing */
	CHECK_EQ(evict_victim(&r, class - 1, &pins, CLOCK_START), 0);
	CHECK_EQ(evict_age(&r, class - 1), UINT64_MAX);
	uint64_t age = evict_age(&r, class);
	CHECK(age != UINT64_MAX && age > 0);

	/* Read: moves to main, its frequency is used up. */
	store_relaxed(&link_entry(&r, first)->frequency, 3);
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), second);
	CHECK_EQ(entry_queue(link_entry(&r, first)), QUEUE_MAIN);
	CHECK_EQ(load_relaxed(&link_entry(&r, first)->frequency), 0);
	CHECK(evict_age(&r, class) < age);

	/* Pinned: its memory would not come back, so it is no victim. */
	pin_set(&store->owner, WRITER_PINS, link_place(&r, second));
	pin_set_collect(&r, &pins);
	CHECK(pin_set_has(&pins, link_place(&r, second)));
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), link_of(store, &r, "key", 2));
	pin_clear(&store->owner, WRITER_PINS);

	/* All are pinned: none. */
	for (uint32_t i = 0; i < 10; i++) {
		pin_set(&store->owner, WRITER_PINS + i, link_place(&r, link_of(store, &r, "key", i)));
	}
	pin_set_collect(&r, &pins);
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), 0);
	pin_clear_readers(&store->owner);
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

/* In main: each hit is another round. */
static void frequencies_are_rounds_in_main(void **state)
{
	struct store *store = open_store(MB);
	static struct pin_set pins;
	struct shard_ref r;
	link_t links[5];
	uint32_t class;

	(void)state;
	for (uint64_t i = 0; i < COUNT_OF(links); i++) {
		put_one(store, "key", i);
	}
	r = lock_shard(store, 0);
	for (uint64_t i = 0; i < COUNT_OF(links); i++) {
		links[i] = link_of(store, &r, "key", i);
		fifo_remove(&r, links[i]);
		fifo_push(&r, links[i], QUEUE_MAIN);
		store_relaxed(&link_entry(&r, links[i])->frequency, (uint8_t)(i == 2 ? 0 : i == 4 ? 3 : 1));
	}
	class = block_class(&r, links[0]);
	memset(&pins, 0, sizeof pins);
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), links[2]);
	CHECK_EQ(load_relaxed(&link_entry(&r, links[0])->frequency), 0); /* went round */
	evict_entry(&r, links[2], CLOCK_START);
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START), links[0]);
	evict_entry(&r, links[0], CLOCK_START);
	evict_entry(&r, evict_victim(&r, class, &pins, CLOCK_START), CLOCK_START);
	evict_entry(&r, evict_victim(&r, class, &pins, CLOCK_START), CLOCK_START);
	CHECK_EQ(evict_victim(&r, class, &pins, CLOCK_START) == 0, r.shard->classes[class].main_count == 0);
	/* The one that was read three times is the last. */
	shard_unlock(&r);
	CHECK(there(store, "key", 4));
	CHECK_EQ(how_many(store, "key", 5), 1);
	CHECK_VERIFIED(store);
}

static void the_ghost_is_a_set_that_forgets(void **state)
{
	struct store *store = open_store(4 * MB);
	struct shard_ref r;
	unsigned known = 0;

	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		put_one(store, "key", i);
	}
	r = lock_shard(store, 0);
	CHECK(ghost_wants_page(&r));
	struct store_key key = key_number(store, "key", 5);
	evict_entry(&r, link_of(store, &r, "key", 5), CLOCK_START);
	CHECK(!ghost_take(&r, key.hash)); /* it has no memory yet */
	ghost_grow(&r);
	CHECK(!ghost_wants_page(&r));
	CHECK(r.shard->ghost_pages > 0);
	for (uint64_t i = 100; i < 600; i++) {
		evict_entry(&r, link_of(store, &r, "key", i), CLOCK_START);
	}
	for (uint64_t i = 100; i < 600; i++) {
		key = key_number(store, "key", i);
		known += ghost_take(&r, key.hash);
		CHECK(!ghost_take(&r, key.hash)); /* once */
	}
	CHECK(known > 490);
	for (uint64_t i = 700; i < 1200; i++) {
		key = key_number(store, "key", i);
		CHECK(!ghost_take(&r, key.hash));
	}
	/* What leaves main leaves no ghost, nor does what has expired. */
	link_t link = link_of(store, &r, "key", 1300);
	fifo_remove(&r, link);
	fifo_push(&r, link, QUEUE_MAIN);
	key = key_number(store, "key", 1300);
	evict_entry(&r, link, CLOCK_START);
	CHECK(!ghost_take(&r, key.hash));
	link = link_of(store, &r, "key", 1301);
	rmw_or(&link_entry(&r, link)->stamp, STAMP_DEAD);
	key = key_number(store, "key", 1301);
	evict_entry(&r, link, CLOCK_START);
	CHECK(!ghost_take(&r, key.hash));
	evict_entry(&r, link_of(store, &r, "key", 1302), CLOCK_START);
	ghost_reset(&r);
	key = key_number(store, "key", 1302);
	CHECK(!ghost_take(&r, key.hash));
	shard_unlock(&r);
	CHECK_VERIFIED(store);
}

/* A process may hold more than looks at the tail used to be: they are neighbours in the queue, and what comes behind them goes. */
static void a_long_row_of_pinned_entries_stops_nobody(void **state)
{
	struct store *store = open_store(2 * MB);
	struct store_info info;
	uint64_t count = 0, held = 0;
	struct store_key key;
	struct store_view view;

	(void)state;
	do {
		put_one(store, "k", count++);
		store_get_info(store, &info);
	} while (info.counters[STORE_COUNT_evictions] == 0);
	for (uint64_t i = 0; held < 900; i++) { /* the oldest that are there */
		CHECK(i < count / 2);
		key = key_number(store, "k", i);
		held += store_get(store, &key, &view) == CACHE_OK && view.pin != 0;
	}
	for (uint64_t i = 0; i < 3 * count; i++) {
		put_one(store, "new", i);
	}
	CHECK_EQ(COUNTER_OF(store, failed_memory), 0);
	store_unpin_all(store);
	CHECK_VERIFIED(store);
}

/* Whose lines the write that evicts fetches: it must be those, or it waits for each. */
static void the_outlook_is_of_the_next_victims(void **state)
{
	struct store *store = open_store(MB);
	unsigned seen = 0;

	(void)state;
	capacity(store);
	for (uint64_t i = 0; i < 200; i++) {
		put_one(store, "more", i);
		struct shard_ref r = lock_shard(store, 0);
		const struct size_class *c = &r.shard->classes[block_class(&r, link_of(store, &r, "more", i))];
		link_t link = c->small_tail;
		bool evicts = !class_has_block(c) && reserve_find(store, 0, block_class(&r, link)) == NULL;
		for (uint32_t ahead = 0; evicts && ahead < VICTIMS_AHEAD; ahead++) {
			seen++;
			CHECK_EQ(c->outlook_bits[ahead], hash_bucket_bits(link_entry(&r, link)->hash));
			link = link_entry(&r, link)->prev;
		}
		/* It looks no further than that. */
		CHECK(!evicts || c->outlook == 0);
		shard_unlock(&r);
	}
	CHECK(seen >= 100);
}

/* It is not looked after: it may be at anything that was an entry once. */
static void an_outlook_at_anything_is_harmless(void **state)
{
	struct store *store = open_store(MB);
	uint64_t count = capacity(store), number = 0;

	(void)state;
	for (uint32_t at = 0; at < 100; at++) {
		struct shard_ref r = lock_shard(store, 0);
		link_t newest = link_of(store, &r, number ? "more" : "filler", number ? number - 1 : count - 1);
		link_t end = load_relaxed(&r.shard->pages_ready) * (PAGE_BYTES / GRANULE);
		const link_t places[] = {0, 1, 2, newest, newest + 1, newest + 9, end - 8, end - 7, end - 1, end, end + 1, UINT32_MAX / 2, UINT32_MAX - 1, UINT32_MAX};
		r.shard->classes[block_class(&r, newest)].outlook = places[at % (sizeof places / sizeof *places)];
		shard_unlock(&r);
		for (uint32_t i = 0; i < 5; i++) {
			put_one(store, "more", number++);
		}
	}
	CHECK_EQ(COUNTER_OF(store, failed_memory), 0);
	CHECK_VERIFIED(store);
}

static void evictions_are_noted_by_age(void **state)
{
	struct store *store = open_store(MB);
	struct store_histograms histograms;
	uint64_t sum = 0;

	(void)state;
	capacity(store);
	clock_advance(100 * INT64_C(1000000));
	for (uint64_t i = 0; i < 300; i++) {
		put_one(store, "more", i);
	}
	store_get_histograms(store, &histograms);
	for (unsigned i = 0; i < STORE_AGE_BUCKETS; i++) {
		sum += histograms.eviction_age[i];
	}
	CHECK_EQ(sum, COUNTER_OF(store, evictions));
	CHECK(histograms.eviction_age[7] >= 200); /* below 128 s */
	CHECK_EQ(histograms.eviction_age[8], 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_segment_takes_everything_new),
		TEST(what_was_read_outlives_what_was_not),
		TEST(unread_entries_leave_in_the_order_they_came),
		TEST(main_is_a_queue_too),
		TEST(the_ghost_knows_who_left_a_short_while_ago),
		TEST(a_replaced_entry_keeps_its_place),
		TEST(expired_entries_go_first),
		TEST(the_next_victim),
		TEST(frequencies_are_rounds_in_main),
		TEST(the_ghost_is_a_set_that_forgets),
		TEST(a_long_row_of_pinned_entries_stops_nobody),
		TEST(the_outlook_is_of_the_next_victims),
		TEST(an_outlook_at_anything_is_harmless),
		TEST(evictions_are_noted_by_age),
	};

	return RUN(tests, argc, argv);
}
