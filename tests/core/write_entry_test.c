#include "support.h"

#include "core/store/tag.h"

static struct store_entry inspect(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct store_entry entry;

	CHECK_OK(store_inspect(store, &key, &entry));
	return entry; /* its pin goes with the test */
}

/* ---- what an entry keeps -------------------------------------------------------------------------------- */

static void tags_are_kept(void **state)
{
	struct store *store = open_store(MB);
	char tags[STORE_TAGS_MAX * (1 + STORE_TAG_LENGTH_MAX)];
	struct store_entry entry;

	(void)state;
	value_fill(tags, sizeof tags, 8);
	for (int i = 0; i < STORE_TAGS_MAX; i++) {
		tags[i * (1 + STORE_TAG_LENGTH_MAX)] = (char)STORE_TAG_LENGTH_MAX;
	}
	for (unsigned type = 1; type < STORE_TYPE_COUNT; type++) {
		struct store_key key = key_number(store, "tagged", type);
		struct store_item item = {.type = (enum store_type)type, .bytes = "value", .size = 5, .integer = 3};
		item.tags = tags;
		item.tags_size = sizeof tags;
		item.tag_count = STORE_TAGS_MAX;
		if (type == STORE_BIGINT) {
			item.type = STORE_INT;
			item.integer = INT64_MAX;
		}
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		CHECK_OK(store_inspect(store, &key, &entry));
		CHECK_EQ(entry.tag_count, STORE_TAGS_MAX);
		CHECK_EQ(entry.tags_size, sizeof tags);
		CHECK(memcmp(entry.tags, tags, sizeof tags) == 0);
		store_unpin(store, entry.view.pin);
	}
	CHECK_VERIFIED(store);
	put_text(store, "untagged", "value");
	CHECK_EQ(inspect(store, "untagged").tag_count, 0);
}

/* Its head, its bytes, and zeros, however many there are of each. */
static void texts_of_all_lengths(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "text");
	char head[STORE_TEXT_HEAD], bytes[200], expected[STORE_TEXT_HEAD + sizeof bytes + 32];

	(void)state;
	memset(head, 'h', sizeof head);
	value_fill(bytes, sizeof bytes, 3);
	for (size_t count = 0; count <= sizeof bytes; count++) {
		for (size_t zeros = 0; zeros <= 20; zeros += zeros < 9 ? 1 : 11) {
			struct store_item item = {.type = STORE_TEXT, .head = head, .head_size = sizeof head, .bytes = bytes, .bytes_size = count};
			struct store_entry entry;
			item.size = sizeof head + count + zeros;
			memcpy(expected, head, sizeof head);
			memcpy(expected + sizeof head, bytes, count);
			memset(expected + sizeof head + count, 0, zeros);
			CHECK_OK(store_put(store, &key, &item, STORE_SET));
			entry = inspect(store, "text");
			CHECK_EQ(entry.view.size, item.size);
			CHECK(memcmp(entry.view.bytes, expected, item.size) == 0);
			store_unpin_all(store);
		}
	}
	CHECK_VERIFIED(store);
}

static void stamps(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_int(1);
	static const struct {
		int64_t given, kept;
	} cases[] = {
		{0, CLOCK_START},
		{CLOCK_START, CLOCK_START},
		{CLOCK_START + 1, CLOCK_START},
		{INT64_MAX, CLOCK_START},
		{CLOCK_START - 1, CLOCK_START - 1},
		{1, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		item.stamp_us = cases[i].given;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		CHECK_EQ(inspect(store, "key").stamp_us, cases[i].kept);
		store_unpin_all(store);
	}
	/* The ttl counts from the stamp. */
	item.stamp_us = CLOCK_START - 700000;
	item.ttl_us = 1000000;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_EQ(inspect(store, "key").soft_us, CLOCK_START + 300000);
	clock_advance(299999);
	CHECK(has(store, "key"));
	clock_advance(1);
	CHECK(!has(store, "key"));
}

static void versions_never_repeat(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	uint64_t last = 0, version;

	(void)state;
	for (int i = 0; i < 200; i++) {
		CHECK_OK(i % 3 ? put_int(store, &key, i) : put_value(store, &key, (size_t)i * 50, 1));
		version = inspect(store, "key").version;
		CHECK(version > last);
		CHECK_EQ(version & 1, 0);
		last = version;
		store_unpin_all(store);
		if (i % 7 == 0) {
			CHECK_OK(store_delete(store, &key));
		}
		if (i % 11 == 0) {
			store_clear(store);
		}
	}
	/* Nor in the segment that comes after this one. */
	char path[512];
	snprintf(path, sizeof path, "%s", store->segment->path);
	close_store(store);
	CHECK_EQ(remove(path), 0);
	clock_advance(1000000);
	store = open_store(MB);
	key = key_of(store, "key");
	CHECK_OK(put_int(store, &key, 1));
	CHECK(inspect(store, "key").version > last);
}

/* ---- a number over a number ------------------------------------------------------------------------------ */

static const struct entry *entry_at(struct store *store, const char *name)
{
	const struct entry *e = (const struct entry *)(inspect(store, name).key - offsetof(struct entry, key));

	store_unpin_all(store);
	return e;
}

static void put_over(struct store *store, const char *name, const struct store_item *item)
{
	struct store_key key = key_of(store, name);

	CHECK_OK(store_put(store, &key, item, STORE_SET));
}

/* Its block is the same one. All else is as if it were not. */
static void a_number_takes_the_place_of_another(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_int(1);
	const struct entry *e;
	uint64_t token, last;
	struct store_view view;

	(void)state;
	put_over(store, "key", &item);
	CHECK_OK(store_cas_lock(store, &key, 0, 42));
	e = entry_at(store, "key");
	for (int64_t number = 1; number < 6; number++) {
		int64_t value = number / 2;
		uint64_t version = inspect(store, "key").version;
		CHECK_OK(store_gets(store, &key, &view, &last));
		clock_advance(1000);
		item.integer = value;
		put_over(store, "key", &item);
		CHECK(entry_at(store, "key") == e);
		CHECK_OK(store_gets(store, &key, &view, &token));
		CHECK_EQ(view.integer, value);
		CHECK(token != last);
		CHECK_EQ(store_put_if(store, &key, &item, last), CACHE_MISMATCH);
		CHECK(inspect(store, "key").version > version);
		CHECK_EQ(inspect(store, "key").stamp_us, CLOCK_START + number * 1000);
		CHECK_EQ(inspect(store, "key").accessed, (CLOCK_START + number * 1000) / 1000000);
		CHECK_EQ(inspect(store, "key").lock, 42);
		store_unpin_all(store);
	}
	item.stamp_us = 5;
	put_over(store, "key", &item);
	CHECK(entry_at(store, "key") == e);
	CHECK_EQ(inspect(store, "key").stamp_us, 5);
	store_unpin_all(store);
	CHECK_EQ(store->owner.record->counters[STORE_COUNT_stores], 7);
	CHECK_VERIFIED(store);
}

static bool took_the_place(struct store *store, const struct store_item *item)
{
	const struct entry *e = entry_at(store, "key");

	put_over(store, "key", item);
	CHECK_EQ(inspect(store, "key").view.integer, item->integer);
	CHECK_EQ(inspect(store, "key").stamp_us, item->stamp_us ? item->stamp_us : world->wall_us);
	store_unpin_all(store);
	return entry_at(store, "key") == e;
}

static enum store_state state_at(struct store *store, int64_t us)
{
	struct store_key key = key_of(store, "key");
	struct store_entry entry;

	clock_set(us);
	if (store_inspect(store, &key, &entry) != CACHE_OK) {
		return STORE_STATE_MISSING;
	}
	store_unpin_all(store);
	return entry.state;
}

/* Its time begins anew; but the other one's must not be over soon. */
static void a_number_with_a_ttl_takes_the_place_of_another(void **state)
{
	const int64_t second = 1000000;
	struct store *store = open_store(MB);
	struct store_item item = item_int(1);
	int64_t start = CLOCK_START;

	(void)state;
	item.ttl_us = 10 * second;
	item.stale_ttl_us = 5 * second;
	put_over(store, "key", &item);
	for (item.integer = 2; item.integer < 6; item.integer++) {
		clock_set(start += 9 * second);
		CHECK(took_the_place(store, &item));
	}
	clock_set(start += 9 * second + 1);
	CHECK(!took_the_place(store, &item));
	CHECK_EQ(state_at(store, start + 10 * second - 1), STORE_STATE_FRESH);
	CHECK_EQ(state_at(store, start + 10 * second), STORE_STATE_STALE);
	CHECK(!took_the_place(store, &item));
	start = world->wall_us;

	/* A time that is earlier than the other one's. */
	clock_advance(second);
	item.stamp_us = start;
	CHECK(took_the_place(store, &item));
	item.stamp_us = start - 1;
	CHECK(!took_the_place(store, &item));
	item.stamp_us = 0;
	CHECK(took_the_place(store, &item));
	clock_set(start - 3600 * second);
	CHECK(!took_the_place(store, &item));
	start = world->wall_us;

	item.ttl_us = 11 * second;
	CHECK(!took_the_place(store, &item));
	item.stale_ttl_us = 6 * second;
	CHECK(!took_the_place(store, &item));
	item.integer = 8;
	CHECK(took_the_place(store, &item));
	CHECK_EQ(state_at(store, start + 11 * second), STORE_STATE_STALE);
	CHECK_EQ(state_at(store, start + 17 * second - 1), STORE_STATE_STALE);
	CHECK_EQ(state_at(store, start + 17 * second), STORE_STATE_MISSING);
	CHECK_VERIFIED(store);
}

/* Whose expiry is noted still: its memory comes back when the last one's time is over, and not before. */
static void a_number_that_took_a_place_is_swept(void **state)
{
	const int64_t second = 1000000;
	struct store *store = open_store(MB);
	struct store_item item = item_int(1);

	(void)state;
	item.ttl_us = 10 * second;
	put_over(store, "key", &item);
	clock_advance(8 * second);
	CHECK(took_the_place(store, &item));
	clock_advance(9 * second);
	store_sweep(store);
	CHECK(has(store, "key"));
	clock_advance(2 * second);
	store_sweep(store);
	CHECK_EQ(COUNTER_OF(store, expirations), 1);
	CHECK_VERIFIED(store);
}

/* What the new one must not inherit, and what the old one cannot give: another block. */
static void a_number_that_does_not_fit_the_place(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	const struct store_item plain = item_int(7);
	struct store_item ttl = plain, stale = plain, big = plain, flags = plain, tagged = plain, real = plain;
	const struct store_item *others[] = {&ttl, &stale, &big, &flags, &tagged, &real};

	(void)state;
	ttl.ttl_us = 1000000;
	stale.stale_ttl_us = 1000000;
	big.integer = INT64_MAX;
	flags.flags = 1;
	tagged.tags = "\003tag";
	tagged.tags_size = 4;
	tagged.tag_count = 1;
	real.type = STORE_DOUBLE;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		for (int over = 0; over < 2; over++) {
			const struct store_item *first = over ? &plain : others[i], *second = over ? others[i] : &plain;
			struct store_entry entry;
			const struct entry *e;
			put_over(store, "key", first);
			e = entry_at(store, "key");
			put_over(store, "key", second);
			CHECK(entry_at(store, "key") != e);
			entry = inspect(store, "key");
			CHECK_EQ(entry.ttl_us, second->ttl_us ? second->ttl_us : STORE_FOREVER);
			CHECK_EQ(entry.stale_ttl_us, second->stale_ttl_us);
			CHECK_EQ(entry.tag_count, second->tag_count);
			CHECK_EQ(entry.view.flags, second->flags);
			CHECK_EQ(entry.view.integer, second->integer);
			store_unpin_all(store);
			CHECK_OK(store_delete(store, &key));
		}
	}
	CHECK_VERIFIED(store);
}

/* Marked as stale, cleared, marked as dead by somebody who could not wait for the lock: what is stored then is there. */
static void a_number_over_one_that_is_gone(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_int(1);

	(void)state;
	for (int way = 0; way < 3; way++) {
		const struct entry *e;
		item.stale_ttl_us = 1000000;
		put_over(store, "key", &item);
		e = entry_at(store, "key");
		if (way == 0) {
			CHECK_OK(store_mark_stale(store, &key));
		} else if (way == 1) {
			store_clear(store);
		} else {
			rmw_or(&((struct entry *)e)->stamp, STAMP_DEAD);
		}
		CHECK(!has(store, "key"));
		put_over(store, "key", &item);
		CHECK(entry_at(store, "key") != e);
		CHECK(has(store, "key"));
		CHECK_EQ(inspect(store, "key").stamp_us, CLOCK_START);
		store_unpin_all(store);
	}
	CHECK_VERIFIED(store);
}

static void inc_keeps_the_version(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	int64_t result;

	(void)state;
	CHECK_OK(put_int(store, &key, 1));
	uint64_t version = inspect(store, "key").version;
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(inspect(store, "key").version, version);
}

/* The application's lock word survives every write and dies with delete and clear. */
static void the_lock_word_survives_a_replacement(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct entry *e;

	(void)state;
	put_text(store, "key", "value");
	CHECK_EQ(inspect(store, "key").lock, 0);
	e = (struct entry *)(inspect(store, "key").key - offsetof(struct entry, key));
	store_relaxed(&e->lock, UINT64_C(0x1234567) | LOCK_USED);
	put_text(store, "key", "other value");
	CHECK_EQ(inspect(store, "key").lock, 0x1234567);
	CHECK_OK(put_value(store, &key, 20000, 1));
	CHECK_EQ(inspect(store, "key").lock, 0x1234567);
	CHECK_OK(put_int(store, &key, INT_WORD_MAX));
	int64_t result;
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(inspect(store, "key").lock, 0x1234567);
	CHECK_OK(store_delete(store, &key));
	put_text(store, "key", "value");
	CHECK_EQ(inspect(store, "key").lock, 0);

	e = (struct entry *)(inspect(store, "key").key - offsetof(struct entry, key));
	store_relaxed(&e->lock, 1 | LOCK_USED);
	store_clear(store);
	put_text(store, "key", "value");
	CHECK_EQ(inspect(store, "key").lock, 0);
	store_unpin_all(store);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(tags_are_kept),
		TEST(texts_of_all_lengths),
		TEST(stamps),
		TEST(versions_never_repeat),
		TEST(a_number_takes_the_place_of_another),
		TEST(a_number_with_a_ttl_takes_the_place_of_another),
		TEST(a_number_that_took_a_place_is_swept),
		TEST(a_number_that_does_not_fit_the_place),
		TEST(a_number_over_one_that_is_gone),
		TEST(inc_keeps_the_version),
		TEST(the_lock_word_survives_a_replacement),
	};

	return RUN(tests, argc, argv);
}
