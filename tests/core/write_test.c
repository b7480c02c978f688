#include "steps.h"

#include "core/store/retire.h"
#include "core/store/room.h"

static struct store_entry inspect(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct store_entry entry;

	CHECK_OK(store_inspect(store, &key, &entry));
	return entry; /* its pin goes with the test */
}

static enum cache_status add(struct store *store, const char *name, int64_t value)
{
	struct store_key key = key_of(store, name);
	struct store_item item = item_int(value);

	return store_put(store, &key, &item, STORE_ADD);
}

/* ---- values --------------------------------------------------------------------------------------------- */

static void every_type_comes_back(void **state)
{
	static const struct store_item items[] = {
		{.type = STORE_NULL},
		{.type = STORE_FALSE},
		{.type = STORE_TRUE},
		{.type = STORE_INT, .integer = 0},
		{.type = STORE_INT, .integer = -1},
		{.type = STORE_INT, .integer = INT_WORD_MAX},
		{.type = STORE_INT, .integer = INT_WORD_MIN},
		{.type = STORE_INT, .integer = INT_WORD_MAX + 1},
		{.type = STORE_INT, .integer = INT_WORD_MIN - 1},
		{.type = STORE_INT, .integer = INT64_MAX},
		{.type = STORE_INT, .integer = INT64_MIN},
		{.type = STORE_DOUBLE, .real = 0.1},
		{.type = STORE_DOUBLE, .real = -0.0},
		{.type = STORE_STRING, .bytes = "", .size = 0},
		{.type = STORE_STRING, .bytes = "a\0b", .size = 3},
		{.type = STORE_SERIALIZED, .bytes = "bytes", .size = 5, .flags = 3},
		{.type = STORE_STRING, .bytes = "flags", .size = 5, .flags = 255},
	};
	struct store *store = open_store(MB);

	(void)state;
	for (int round = 0; round < 6; round++) { /* the first hits and the ones that leave no trace */
		for (size_t i = 0; i < COUNT_OF(items); i++) {
			struct store_key key = key_number(store, "type", i);
			struct store_view view;
			if (round == 0) {
				CHECK_OK(store_put(store, &key, &items[i], STORE_SET));
			}
			CHECK_OK(store_get(store, &key, &view));
			CHECK_EQ(view.type, items[i].type);
			CHECK_EQ(view.flags, items[i].flags);
			if (items[i].bytes) {
				CHECK_EQ(view.size, items[i].size);
				CHECK(memcmp(view.bytes, items[i].bytes, view.size) == 0);
				CHECK(view.pin != 0);
			} else if (items[i].type == STORE_INT || items[i].type == STORE_DOUBLE) {
				CHECK_EQ(view.integer, items[i].integer);
			}
			CHECK(items[i].bytes || (view.pin == 0 && view.bytes == NULL));
			store_unpin(store, view.pin);
		}
	}
	CHECK_VERIFIED(store);
}

static void a_key_takes_any_type_after_any_other(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	char bytes[3000];

	(void)state;
	value_fill(bytes, sizeof bytes, 1);
	for (unsigned from = 1; from < STORE_TYPE_COUNT; from++) {
		for (unsigned to = 1; to < STORE_TYPE_COUNT; to++) {
			for (int i = 0; i < 2; i++) {
				unsigned type = i ? to : from;
				struct store_item item = {.type = type == STORE_BIGINT ? STORE_INT : (enum store_type)type};
				struct store_view view;
				item.integer = type == STORE_BIGINT ? INT64_MAX : 7;
				item.bytes = bytes;
				item.size = from * 300;
				CHECK_OK(store_put(store, &key, &item, STORE_SET));
				CHECK_OK(store_get(store, &key, &view));
				CHECK_EQ(view.type, item.type);
				CHECK(view.bytes == NULL || (view.size == item.size && value_is(view.bytes, view.size, 1)));
				CHECK(type != STORE_BIGINT || view.integer == INT64_MAX);
				store_unpin(store, view.pin);
			}
		}
	}
	CHECK_VERIFIED(store);
}

static void strings_of_all_sizes(void **state)
{
	struct store *store = open_store(8 * MB);
	struct store_key key = key_of(store, "key");
	const size_t step = SLOW_BUILD ? 7 : 1;

	(void)state;
	for (size_t size = 0; size < 9000; size += step) {
		CHECK_OK(put_value(store, &key, size, size));
		CHECK(holds_value(store, &key, size, size));
	}
	for (size_t size = 4 * KB; size < MB; size = size * 5 / 4 + 1) {
		CHECK_OK(put_value(store, &key, size, size));
		CHECK(holds_value(store, &key, size, size));
	}
	CHECK_VERIFIED(store);
}

/* ---- keys ----------------------------------------------------------------------------------------------- */

static void keys_have_1_to_65535_bytes(void **state)
{
	struct store *store = open_store(4 * MB);
	static char bytes[STORE_KEY_MAX + 1];
	struct store_key key;
	struct store_view view;
	int64_t result;

	(void)state;
	value_fill(bytes, sizeof bytes, 1);
	static const size_t bad[] = {0, STORE_KEY_MAX + 1};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		key = key_bytes(store, bytes, bad[i]);
		CHECK_STATUS(put_int(store, &key, 1), CACHE_BAD_KEY);
		CHECK_STATUS(store_increment(store, &key, 1, 0, &result), CACHE_BAD_KEY);
		CHECK(store_get(store, &key, &view) != CACHE_OK);
		CHECK(store_cas(store, &key, 0, 1) != CACHE_OK);
		CHECK(store_delete(store, &key) != CACHE_OK);
	}
	CHECK_VERIFIED(store);
	static const size_t good[] = {1, 2, 7, 8, 9, 255, 256, 4000, 4096, 16384, STORE_KEY_MAX - 1, STORE_KEY_MAX};
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		key = key_bytes(store, bytes, good[i]);
		CHECK_OK(put_int(store, &key, (int64_t)i));
		CHECK_OK(store_increment(store, &key, 100, 0, &result));
	}
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		key = key_bytes(store, bytes, good[i]);
		CHECK_OK(store_get(store, &key, &view));
		CHECK_EQ(view.integer, 100 + i);
	}
	CHECK_VERIFIED(store);
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		key = key_bytes(store, bytes, good[i]);
		CHECK_OK(store_delete(store, &key));
	}
	CHECK_EQ(entry_bytes_in_use(store), 0);
}

static void keys_are_bytes(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} keys[] = {
		{"a", 1},   {"a\0", 2}, {"a\0b", 3}, {"\0", 1},         {"\0\0", 2},
		{"\0a", 2}, {"A", 1},   {"\xff", 1}, {"\xff\xff", 2}, {"ab", 2},
	};
	struct store *store = open_store(MB);
	struct store_view view;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct store_key key = key_bytes(store, keys[i].bytes, keys[i].length);
		CHECK(!has_key(store, &key));
		CHECK_OK(put_int(store, &key, (int64_t)i));
	}
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct store_key key = key_bytes(store, keys[i].bytes, keys[i].length);
		CHECK_OK(store_get(store, &key, &view));
		CHECK_EQ(view.integer, i);
		CHECK_OK(store_delete(store, &key));
		CHECK(!has_key(store, &key));
	}
}

/* A hash is not believed: keys with the same hash are told apart by their bytes. */
static void keys_with_the_same_hash(void **state)
{
	struct store *store = open_store(MB);
	struct store_key a = key_of(store, "the one"), b = key_of(store, "another"), c = key_of(store, "the two");
	struct store_view view;

	(void)state;
	b.hash = c.hash = a.hash;
	CHECK_OK(put_int(store, &a, 1));
	CHECK(!has_key(store, &b));
	CHECK_OK(put_int(store, &b, 2));
	CHECK_OK(put_int(store, &c, 3));
	CHECK_OK(store_get(store, &a, &view));
	CHECK_EQ(view.integer, 1);
	CHECK_OK(store_get(store, &c, &view));
	CHECK_EQ(view.integer, 3);
	CHECK_OK(store_delete(store, &a));
	CHECK(!has_key(store, &a));
	CHECK_OK(store_get(store, &b, &view));
	CHECK_EQ(view.integer, 2);
}

/* ---- limits --------------------------------------------------------------------------------------------- */

static void the_largest_value(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "12345678");
	struct shard_ref r = shard_open(&store->owner, 0);
	/* header, key, checksum */
	size_t largest = room_largest(&r) - 64 - 8 - 4;

	(void)state;
	CHECK(largest >= MB / 5);
	CHECK_OK(put_value(store, &key, largest, 1));
	CHECK(holds_value(store, &key, largest, 1));
	CHECK_STATUS(put_value(store, &key, largest + 1, 2), CACHE_TOO_BIG);
	CHECK(!has_key(store, &key)); /* a write that fails leaves no wrong data */
	CHECK_EQ(COUNTER_OF(store, failed_size), 1);
	CHECK_VERIFIED(store);
}

static void values_of_about_32_bits_of_size_and_more(void **state)
{
	static const size_t sizes[] = {
#if SIZE_MAX > UINT32_MAX
		(size_t)UINT32_MAX + 1, (size_t)1 << 40,
#endif
		UINT32_MAX - 100, UINT32_MAX, SIZE_MAX - 100, SIZE_MAX,
	};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct store_item item = item_string("not read", sizes[i]);
		put_text(store, "key", "old");
		CHECK_STATUS(store_put(store, &key, &item, STORE_SET), CACHE_TOO_BIG);
		CHECK(!has_key(store, &key));
	}
	CHECK_VERIFIED(store);
}

static void an_add_that_is_too_big_changes_nothing(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_string("not read", 10 * MB);

	(void)state;
	put_text(store, "key", "old");
	CHECK_STATUS(store_put(store, &key, &item, STORE_ADD), CACHE_EXISTS);
	CHECK(holds_text(store, "key", "old"));
	key = key_of(store, "absent");
	CHECK_STATUS(store_put(store, &key, &item, STORE_ADD), CACHE_TOO_BIG);
	CHECK(!has_key(store, &key));
}

/* All is pinned, so nothing may be evicted: the store fails, and has invalidated what it would have replaced. */
static void without_memory_the_old_value_is_gone(void **state)
{
	struct store *store = open_store(MB), *reader = open_store(MB);
	struct store_key key;
	struct store_view view;
	unsigned pinned = 0;

	(void)state;
	put_text(store, "replaced", "old");
	key = key_of(store, "replaced");
	CHECK_OK(store_get(reader, &key, &view));
	for (uint64_t i = 0; pinned < 1000; i++) {
		key = key_number(store, "filler", i);
		if (put_value(store, &key, 4000, i) != CACHE_OK) {
			break;
		}
		CHECK_OK(store_get(reader, &key, &view));
		pinned++;
	}
	CHECK(pinned > 150 && pinned < 250);
	CHECK(COUNTER_OF(store, failed_memory) > 0);
	CHECK(!has_key(store, &key));

	key = key_of(store, "replaced");
	CHECK(has_key(store, &key));
	CHECK_STATUS(put_value(store, &key, 30000, 1), CACHE_NO_MEMORY);
	CHECK(!has_key(store, &key));
	struct store_item item = item_string("", 0);
	char bytes[30000] = "";
	item.bytes = bytes;
	item.size = sizeof bytes;
	CHECK_STATUS(store_put(store, &key, &item, STORE_ADD), CACHE_NO_MEMORY);
	CHECK_VERIFIED(store);

	/* As soon as the pins go, it works again. */
	store_unpin_all(reader);
	CHECK_OK(put_value(store, &key, 30000, 2));
	CHECK(holds_value(store, &key, 30000, 2));
	CHECK_VERIFIED(store);
}

/* ---- add ------------------------------------------------------------------------------------------------ */

static void an_add_of_what_is_there_is_a_pure_read(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_entry before, after;
	uint64_t bytes, stores;

	(void)state;
	put_text(store, "key", "value");
	before = inspect(store, "key");
	bytes = entry_bytes_in_use(store);
	stores = COUNTER_OF(store, stores);
	clock_advance(1000);
	fault_none();
	CHECK_STATUS(add(store, "key", 5), CACHE_EXISTS);
	CHECK_EQ(fault_passes(FAULT_LOCKED), 0);
	after = inspect(store, "key");
	CHECK_EQ(after.version, before.version);
	CHECK_EQ(after.stamp_us, before.stamp_us);
	CHECK(after.view.bytes == before.view.bytes); /* not even moved */
	CHECK_EQ(entry_bytes_in_use(store), bytes);
	CHECK_EQ(COUNTER_OF(store, stores), stores);
	CHECK_EQ(COUNTER_OF(store, adds_refused), 1);
	CHECK(holds_text(store, "key", "value"));
	(void)key;
}

static void an_add_of_what_is_not_fresh_stores(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_string("old", 3);

	(void)state;
	CHECK_OK(add(store, "absent", 1));
	CHECK_EQ(int_at(store, "absent"), 1);

	item.ttl_us = 1000000;
	CHECK_OK(store_put(store, &key, &item, STORE_SET)); /* past hard */
	clock_advance(1000000);
	CHECK_OK(add(store, "key", 2));
	CHECK_EQ(int_at(store, "key"), 2);

	item.stale_ttl_us = 5000000;
	CHECK_OK(store_put(store, &key, &item, STORE_SET)); /* stale counts as absent */
	clock_advance(1000000);
	CHECK_EQ(inspect(store, "key").state, STORE_STATE_STALE);
	CHECK_OK(add(store, "key", 3));
	CHECK_EQ(int_at(store, "key"), 3);

	store_clear(store);
	CHECK_OK(add(store, "key", 4));
	CHECK_EQ(int_at(store, "key"), 4);
	store_unpin_all(store);
	CHECK_VERIFIED(store);
}

/* ---- what happens between the two steps of a large store --------------------------------------------------- */

struct meanwhile {
	struct store *store;
	enum { PUT_SMALL, PUT_LARGE, DELETE, ADD } what;
	enum cache_status status;
};

static void do_meanwhile(void *context)
{
	struct meanwhile *m = context;
	struct store_key key = key_of(m->store, "key");
	struct store_item item = item_int(77);

	switch (m->what) {
	case PUT_SMALL:
		m->status = store_put(m->store, &key, &item, STORE_SET);
		break;
	case PUT_LARGE:
		m->status = put_value(m->store, &key, 3000, 9);
		break;
	case DELETE:
		m->status = store_delete(m->store, &key);
		break;
	case ADD:
		m->status = store_put(m->store, &key, &item, STORE_ADD);
		break;
	}
}

static void the_last_to_publish_wins(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (int what = PUT_SMALL; what <= ADD; what++) {
		for (int replace = 0; replace < 2; replace++) {
			struct meanwhile m = {.store = other, .what = what};
			(void)!store_delete(store, &key);
			if (replace) {
				put_text(store, "key", "old");
			}
			fault_call(FAULT_PINNED, 1, do_meanwhile, &m);
			CHECK_OK(put_value(store, &key, 3000, 1));
			CHECK_STATUS(m.status, what == DELETE && !replace ? CACHE_MISSING
			                       : what == ADD && replace   ? CACHE_EXISTS
			                                                  : CACHE_OK);
			CHECK(holds_value(store, &key, 3000, 1));
			CHECK(holds_value(other, &key, 3000, 1));
			CHECK_VERIFIED(store);
		}
	}
	CHECK_OK(store_delete(store, &key));
	store_unpin_all(other); /* no block in reserve */
	CHECK_EQ(entry_bytes_in_use(store), 0);
}

static void an_add_that_was_overtaken_is_refused(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct meanwhile m = {.store = other, .what = PUT_SMALL};
	char bytes[3000] = "";
	struct store_item item = item_string(bytes, sizeof bytes);

	(void)state;
	fault_call(FAULT_PINNED, 1, do_meanwhile, &m);
	CHECK_STATUS(store_put(store, &key, &item, STORE_ADD), CACHE_EXISTS);
	CHECK_OK(m.status);
	CHECK_EQ(int_at(store, "key"), 77);
	CHECK_OK(store_delete(store, &key));
	store_unpin_all(other); /* no block in reserve */
	CHECK_EQ(entry_bytes_in_use(store), 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(every_type_comes_back),
		TEST(a_key_takes_any_type_after_any_other),
		TEST(strings_of_all_sizes),
		TEST(keys_have_1_to_65535_bytes),
		TEST(keys_are_bytes),
		TEST(keys_with_the_same_hash),
		TEST(the_largest_value),
		TEST(values_of_about_32_bits_of_size_and_more),
		TEST(an_add_that_is_too_big_changes_nothing),
		TEST(without_memory_the_old_value_is_gone),
		TEST(an_add_of_what_is_there_is_a_pure_read),
		TEST(an_add_of_what_is_not_fresh_stores),
		TEST(the_last_to_publish_wins),
		TEST(an_add_that_was_overtaken_is_refused),
	};

	return RUN(tests, argc, argv);
}
