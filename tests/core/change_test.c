#define _GNU_SOURCE
#include "entries.h"

#include <unistd.h>

enum { FLAG_GO = 1, FLAG_STOP = 2 };

#define FRESH STORE_STATE_FRESH
#define STALE STORE_STATE_STALE
#define MISSING STORE_STATE_MISSING

enum outcome { LOST, STORED, TOUCHED };

static enum outcome change_by(struct store *store, const char *key, const struct store_item *item, bool has_token, uint64_t token)
{
	struct store_key k = key_of(store, key);
	bool renewed;
	enum cache_status status = store_put_if_changed(store, &k, item, has_token, token, &renewed);

	CHECK(status == CACHE_OK || status == CACHE_MISMATCH);
	CHECK(status == CACHE_OK || !renewed);
	return status != CACHE_OK ? LOST : renewed ? TOUCHED : STORED;
}

static enum outcome change(struct store *store, const char *key, const struct store_item *item)
{
	return change_by(store, key, item, false, 0);
}

/* ---- the same value ---------------------------------------------------------------------------------------------- */

static void build_image(void *context, char *to, size_t size, uint64_t official)
{
	uint64_t *words = (uint64_t *)to;

	for (size_t i = 0; i < size / 8; i++) {
		words[i] = i == 3 ? *(uint64_t *)context : official + i * 8;
	}
}

#define TEXT_HEAD "headhead\0\0\0\0\0\0\0\0length__"

/* Each type, and others that differ from it in one respect. */
static uint64_t one = 1, two = 2;
static const char bytes_a[40] = "abcdefghijklmnopqrstuvwxyz", bytes_b[40] = "abcdefghijklmnopqrstuvwxyZ";
static const struct store_item values[] = {
	{.type = STORE_NULL}, {.type = STORE_FALSE}, {.type = STORE_TRUE}, {.type = STORE_NULL, .flags = 1},
	{.type = STORE_INT, .integer = 1}, {.type = STORE_INT, .integer = 2}, {.type = STORE_INT, .integer = -1},
	{.type = STORE_INT, .integer = 1, .flags = 1},
	{.type = STORE_INT, .integer = INT64_MAX}, {.type = STORE_INT, .integer = INT64_MAX - 1},
	{.type = STORE_INT, .integer = INT64_MIN}, {.type = STORE_DOUBLE, .real = 1}, {.type = STORE_DOUBLE, .real = 2},
	{.type = STORE_DOUBLE, .real = 0.0}, {.type = STORE_DOUBLE, .real = -0.0},
	{.type = STORE_STRING, .bytes = "", .size = 0}, {.type = STORE_STRING, .bytes = bytes_a, .size = 26},
	{.type = STORE_STRING, .bytes = bytes_b, .size = 26}, {.type = STORE_STRING, .bytes = bytes_a, .size = 25},
	{.type = STORE_STRING, .bytes = bytes_a, .size = 27}, {.type = STORE_STRING, .bytes = bytes_a, .size = 26, .flags = 4},
	{.type = STORE_SERIALIZED, .bytes = bytes_a, .size = 26},
	{.type = STORE_TEXT, .bytes = bytes_a, .size = 32}, {.type = STORE_TEXT, .bytes = bytes_b, .size = 32},
	{.type = STORE_TEXT, .head = TEXT_HEAD, .head_size = 24, .bytes = bytes_a, .bytes_size = 26, .size = 56},
	{.type = STORE_TEXT, .head = TEXT_HEAD, .head_size = 24, .bytes = bytes_b, .bytes_size = 26, .size = 56},
	{.type = STORE_TEXT, .head = TEXT_HEAD, .head_size = 24, .bytes = bytes_a, .bytes_size = 26, .size = 64},
	{.type = STORE_TEXT, .head = "HEADhead\0\0\0\0\0\0\0\0length__", .head_size = 24, .bytes = bytes_a, .bytes_size = 26, .size = 56},
	{.type = STORE_TEXT, .head = "headhead\0\0\0\0\0\0\0\0LENGTH__", .head_size = 24, .bytes = bytes_a, .bytes_size = 26, .size = 56},
	{.type = STORE_STRING, .head = TEXT_HEAD, .head_size = 24, .bytes = bytes_a, .bytes_size = 26, .size = 56},
	{.type = STORE_STRING, .head = "headhead\0\0\0\0\0\1\0\0length__", .head_size = 24, .bytes = bytes_a, .bytes_size = 26, .size = 56},
	{.type = STORE_IMAGE, .size = 64, .build = build_image, .build_context = &one},
	{.type = STORE_IMAGE, .size = 64, .build = build_image, .build_context = &two},
	{.type = STORE_IMAGE, .size = 72, .build = build_image, .build_context = &one},
	{.type = STORE_IMAGE, .size = 3000, .build = build_image, .build_context = &one},
};

static void fill_in_the_second_word(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);
	struct store_view view;
	uint64_t word = UINT64_C(0x123456789abcdef0);

	CHECK_OK(store_get(store, &k, &view));
	memcpy((char *)view.bytes + 8, &word, 8);
	store_unpin(store, view.pin);
}

static void the_same_value_is_renewed(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		for (int tagged = 0; tagged < 2; tagged++) {
			struct store_item item = values[i];
			struct words before, after;
			item.ttl_us = item.stale_ttl_us = 100 * SECOND;
			item_tag(&item, tagged ? "one two" : "");
			CHECK_OK(put_item(store, "key", &item));
			if (item.type == STORE_TEXT) {
				fill_in_the_second_word(store, "key");
			}
			before = words_of(store, "key");
			uint64_t stores = COUNTER_OF(store, stores);
			clock_advance(SECOND);
			fault_none();
			if (change(store, "key", &item) != TOUCHED) {
				check_failed(__FILE__, __LINE__, "value %zu is not the same as itself", i);
			}
			CHECK_EQ(fault_passes(FAULT_LOCKED), 0); /* no block, no lock */
			after = words_of(store, "key");
			CHECK_EQ(after.stamp_us, world->wall_us);
			CHECK_EQ(after.version, before.version);
			CHECK_EQ(after.token, before.token);
			CHECK(after.at == before.at);
			CHECK_EQ(COUNTER_OF(store, stores), stores);
		}
	}
	CHECK_EQ(COUNTER_OF(store, stores_unchanged), 2 * COUNT_OF(values));
	CHECK_VERIFIED(store);
}

static void another_value_is_stored(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		for (size_t k = 0; k < COUNT_OF(values); k++) {
			struct words before;
			if (i == k) {
				continue;
			}
			CHECK_OK(put_item(store, "key", &values[i]));
			before = words_of(store, "key");
			if (change(store, "key", &values[k]) != STORED) {
				check_failed(__FILE__, __LINE__, "values %zu and %zu count as the same", i, k);
			}
			CHECK(words_of(store, "key").version != before.version);
			CHECK_EQ(change(store, "key", &values[k]), TOUCHED); /* it is that one */
		}
	}
	CHECK_VERIFIED(store);
}

static void other_durations_and_tags_are_stored(void **state)
{
	static const struct {
		int64_t ttl, stale_ttl;
		const char *tags;
	} kinds[] = {
		{10 * SECOND, 10 * SECOND, ""}, {11 * SECOND, 10 * SECOND, ""}, {10 * SECOND, 11 * SECOND, ""}, {0, 10 * SECOND, ""},
		{10 * SECOND, 0, ""}, {10 * SECOND, STORE_FOREVER, ""}, {10 * SECOND, 10 * SECOND, "a"}, {10 * SECOND, 10 * SECOND, "b"},
		{10 * SECOND, 10 * SECOND, "a b"}, {10 * SECOND, 10 * SECOND, "ab"}, {10 * SECOND, 10 * SECOND, "aa"},
	};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		for (size_t k = 0; k < COUNT_OF(kinds); k++) {
			struct store_item item = item_lasting("value", kinds[k].ttl, kinds[k].stale_ttl, kinds[k].tags);
			put_lasting(store, "key", "value", kinds[i].ttl, kinds[i].stale_ttl, kinds[i].tags);
			CHECK_EQ(change(store, "key", &item), i == k ? TOUCHED : STORED);
		}
	}
	/* 0 and FOREVER are the same for ttl. */
	struct store_item item = item_lasting("value", STORE_FOREVER, 0, "");
	put_lasting(store, "key", "value", 0, 0, "");
	CHECK_EQ(change(store, "key", &item), TOUCHED);
}

/* ---- what is there --------------------------------------------------------------------------------------------------- */

static void what_is_missing_is_stored(void **state)
{
	struct store *store = open_store(MB);
	struct store_item item = item_lasting("value", 10 * SECOND, 10 * SECOND, "tag");

	(void)state;
	CHECK_EQ(change(store, "key", &item), STORED);
	CHECK_OK(delete_at(store, "key"));
	CHECK_EQ(change(store, "key", &item), STORED);
	clock_advance(20 * SECOND);
	CHECK_EQ(change(store, "key", &item), STORED);
	store_clear(store);
	CHECK_EQ(change(store, "key", &item), STORED);
	invalidate_tags(store, "tag", true);
	CHECK_EQ(change(store, "key", &item), STORED);
	CHECK_STATE(store, "key", FRESH);
	CHECK_VERIFIED(store);
}

static void a_tag_that_was_invalidated_wants_a_new_version(void **state)
{
	struct store *store = open_store(MB);
	struct store_item item = item_lasting("value", 10 * SECOND, 10 * SECOND, "tag other");

	(void)state;
	CHECK_EQ(change(store, "key", &item), STORED);
	invalidate_tags(store, "other", false);
	CHECK_STATE(store, "key", STALE);
	clock_advance(SECOND);
	CHECK_EQ(change(store, "key", &item), STORED);
	CHECK_STATE(store, "key", FRESH);
	CHECK_EQ(change(store, "key", &item), TOUCHED);
	/* Of before the invalidation: not valid. */
	invalidate_tags(store, "tag", false);
	item.stamp_us = world->wall_us - 1;
	clock_advance(SECOND);
	CHECK_OK(delete_at(store, "key"));
	CHECK_EQ(change(store, "key", &item), STORED);
	CHECK_STATE(store, "key", STALE);
}

static void what_is_stale_or_marked_is_revived(void **state)
{
	struct store *store = open_store(MB);
	struct store_item item = item_lasting("value", 10 * SECOND, 10 * SECOND, "");
	struct words before;

	(void)state;
	CHECK_EQ(change(store, "key", &item), STORED);
	clock_advance(15 * SECOND);
	before = words_of(store, "key");
	CHECK_EQ(before.state, STALE);
	CHECK_EQ(change(store, "key", &item), TOUCHED);
	CHECK_STATE(store, "key", FRESH);
	CHECK_EQ(words_of(store, "key").version, before.version);
	CHECK_OK(mark_at(store, "key"));
	before = words_of(store, "key");
	clock_advance(SECOND);
	item.stamp_us = -before.stamp_us - 1; /* read before the mark */
	CHECK_EQ(change(store, "key", &item), LOST);
	CHECK_STATE(store, "key", STALE);
	item.stamp_us = -before.stamp_us;
	CHECK_EQ(change(store, "key", &item), TOUCHED);
	CHECK_STATE(store, "key", FRESH);
	CHECK_EQ(words_of(store, "key").version, before.version);
	CHECK_VERIFIED(store);
}

static struct store *marker;

static void build_and_mark(void *context, char *to, size_t size, uint64_t official)
{
	build_image(context, to, size, official);
	if (marker) {
		clock_advance(10);
		CHECK_OK(mark_at(marker, "key"));
		marker = NULL;
	}
}

/* While the values are compared it is marked as stale: what was read before the mark does not revive it. */
static void a_mark_during_the_comparison(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_item item = {.type = STORE_IMAGE, .size = 64, .build = build_and_mark, .build_context = &one,
	                          .stale_ttl_us = STORE_FOREVER};

	(void)state;
	marker = NULL;
	CHECK_OK(put_item(store, "key", &item));
	clock_advance(5);
	item.stamp_us = world->wall_us;
	marker = other;
	CHECK_EQ(change(store, "key", &item), LOST);
	CHECK(marker == NULL);
	CHECK_STATE(store, "key", STALE);
	CHECK_VERIFIED(store);
}

/* ---- stamps ----------------------------------------------------------------------------------------------------------- */

static void a_stamp_never_moves_backwards(void **state)
{
	struct store *store = open_store(MB);
	struct store_item same = item_lasting("value", 100 * SECOND, 0, ""), other = item_lasting("other", 100 * SECOND, 0, "");

	(void)state;
	clock_advance(10 * SECOND);
	CHECK_EQ(change(store, "key", &same), STORED);
	same.stamp_us = other.stamp_us = world->wall_us - 1;
	clock_advance(SECOND);
	CHECK_EQ(change(store, "key", &same), LOST);
	CHECK_EQ(change(store, "key", &other), LOST);
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START + 10 * SECOND);
	CHECK(holds_text(store, "key", "value"));
	same.stamp_us = CLOCK_START + 10 * SECOND; /* the same is not backwards */
	CHECK_EQ(change(store, "key", &same), TOUCHED);
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START + 10 * SECOND);
	same.stamp_us = CLOCK_START + 1000 * SECOND; /* a time to come: now */
	CHECK_EQ(change(store, "key", &same), TOUCHED);
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START + 11 * SECOND);
	CHECK_EQ(COUNTER_OF(store, stores_lost), 2);
	CHECK_VERIFIED(store);
}

/* A stamp that is ahead of the clock does not say that it is newer; that of the same moment, from another processor, may. */
static void a_clock_that_was_set_back_loses_no_change(void **state)
{
	struct store *store = open_store(MB);
	struct store_item same = item_lasting("value", 100 * SECOND, 0, ""), other = item_lasting("other", 100 * SECOND, SECOND, "");

	(void)state;
	CHECK_EQ(change(store, "key", &same), STORED);
	clock_advance(-3600 * SECOND);
	CHECK_EQ(change(store, "key", &same), TOUCHED);
	CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START); /* not backwards */
	other.stamp_us = world->wall_us - SECOND;
	CHECK_EQ(change(store, "key", &other), STORED);
	CHECK(holds_text(store, "key", "other"));

	other.stamp_us = 0;
	CHECK_EQ(change(store, "key", &other), TOUCHED); /* now */
	clock_advance(-SECOND / 2);
	CHECK_EQ(change(store, "key", &other), TOUCHED); /* somebody has validated it a moment later: as good as if we had */
	CHECK_EQ(change(store, "key", &same), LOST);
	other.stamp_us = world->wall_us;
	CHECK_EQ(change(store, "key", &other), LOST);
	other.stamp_us = 0;
	CHECK_OK(store_mark_stale(store, &(struct store_key){"key", 3, store_hash(store, "key", 3)}));
	clock_advance(-SECOND / 4);
	CHECK_EQ(change(store, "key", &other), LOST); /* what was marked a moment later is not */
	CHECK_VERIFIED(store);
}

static void tokens(void **state)
{
	struct store *store = open_store(MB);
	struct store_key number = key_of(store, "number");
	struct store_item same = item_lasting("value", 10 * SECOND, 10 * SECOND, ""), other = same, five = item_int(5);
	uint64_t token;
	int64_t result;

	(void)state;
	other.bytes = "other";
	CHECK_EQ(change_by(store, "key", &same, true, 1234), LOST);
	CHECK_EQ(change_by(store, "key", &same, true, 0), STORED);
	CHECK_EQ(change_by(store, "key", &same, true, 0), LOST);
	CHECK_EQ(change_by(store, "key", &other, true, 0), LOST);
	token = token_at(store, "key");
	CHECK_EQ(change_by(store, "key", &same, true, token + 2), LOST);
	CHECK_EQ(change_by(store, "key", &other, true, token + 2), LOST);
	CHECK_EQ(change_by(store, "key", &same, true, token), TOUCHED);
	clock_advance(15 * SECOND); /* a token that is held */
	CHECK_EQ(change_by(store, "key", &same, true, token), TOUCHED);
	CHECK_EQ(change_by(store, "key", &other, true, token), STORED);
	CHECK_EQ(change_by(store, "key", &other, true, token), LOST);
	token = token_at(store, "key");
	CHECK_OK(mark_at(store, "key"));
	CHECK_EQ(change_by(store, "key", &other, true, token), LOST);
	CHECK_EQ(change_by(store, "key", &same, true, token), LOST);

	CHECK_OK(put_item(store, "number", &five));
	token = token_at(store, "number");
	CHECK_EQ(change_by(store, "number", &five, true, token), TOUCHED);
	CHECK_OK(store_increment(store, &number, 1, 0, &result));
	CHECK_EQ(change_by(store, "number", &five, true, token), LOST);
	CHECK_OK(store_increment(store, &number, 1, 0, &result)); /* nothing stays frozen */
	CHECK_EQ(result, 7);
	CHECK_VERIFIED(store);
}

/*
 * Two who read the source at 10 and at 20, while it changes at 15, and store what they read, in every order, the first of
 * them perhaps in the middle of the other's; a third marks it as stale at 15 or does not.
 */
static struct late {
	struct store *store;
	struct store_item item;
} late;

static void store_meanwhile(void *context)
{
	(void)context;
	(void)change(late.store, "key", &late.item);
}

static void overlapping_writers_leave_nothing_old(void **state)
{
	struct store *store = open_store(MB);
	unsigned met = 0;

	(void)state;
	late.store = open_store(MB);
	for (unsigned i = 0; i < 2 * 2 * 3 * 3 * 2; i++) {
		bool old_first = i & 1, marks = i & 2;
		unsigned present = i / 4 % 3, same = i / 12 % 3;
		bool in_the_middle = i / 36;
		struct store_item old = item_lasting("old", 100 * SECOND, 100 * SECOND, ""), new = old;
		(void)!delete_at(store, "key");
		clock_set(CLOCK_START);
		if (present) {
			put_lasting(store, "key", present == 1 ? "old" : "new", 100 * SECOND, 100 * SECOND, "");
		}
		old.stamp_us = CLOCK_START + 10;
		if (marks) {
			clock_set(CLOCK_START + 15);
			(void)!mark_at(store, "key");
		}
		new.stamp_us = CLOCK_START + 20;
		new.bytes = same == 2 ? "old" : "new"; /* or the source did not change */
		clock_set(CLOCK_START + 30);
		late.item = old_first ? old : new;
		fault_none();
		if (in_the_middle) {
			fault_call(FAULT_PINNED, 1, store_meanwhile, NULL);
		} else {
			store_meanwhile(NULL);
		}
		(void)change(store, "key", old_first ? &new : &old);
		if (in_the_middle && fault_passes(FAULT_PINNED)) {
			met++;
		} else if (in_the_middle) {
			fault_none();
			store_meanwhile(NULL); /* there was no middle: the first only moved the stamp, or lost */
		}
		fault_none();
		if (!holds_text(store, "key", same == 2 ? "old" : "new")) {
			check_failed(__FILE__, __LINE__, "case %u: the newer value is lost", i);
		}
		CHECK_EQ(words_of(store, "key").stamp_us, CLOCK_START + 20);
	}
	CHECK(met > 5);
	CHECK_VERIFIED(store);
}

/* words: 0 the source; its number stands for its time */
static void store_the_source(void *context)
{
	struct store *store = open_store(MB);
	struct rng rng = {*(uint64_t *)context};
	struct store_key key = key_of(store, "key");

	flag_await(FLAG_GO);
	jitter();
	while (!world->flags[FLAG_STOP]) {
		struct store_item item = {.type = STORE_INT, .stale_ttl_us = STORE_FOREVER};
		bool renewed;
		item.stamp_us = world->wall_us; /* when the read of the source began */
		item.integer = (int64_t)world->words[0];
		enum cache_status status = store_put_if_changed(store, &key, &item, false, 0, &renewed);
		CHECK(status == CACHE_OK || status == CACHE_MISMATCH || status == CACHE_BUSY);
		if (rng_below(&rng, 4) == 0) {
			(void)!store_mark_stale(store, &key);
		}
		if (rng_below(&rng, 50) == 0) {
			(void)!store_delete(store, &key);
		}
	}
}

/* A value is not older than its stamp says: the source was so at that time, or later. */
static void a_stamp_tells_the_truth(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	pid_t pids[3];
	unsigned found = 0;

	(void)state;
	for (uint64_t i = 0; i < COUNT_OF(pids); i++) {
		pids[i] = child_start(store_the_source, &i);
	}
	flag_raise(FLAG_GO);
	for (uint64_t i = 1; i < (SLOW_BUILD ? 3000 : 8000); i++) {
		struct store_entry entry;
		world->words[0] = i; /* before its time: what was read at time i is i or newer */
		clock_set(CLOCK_START + (int64_t)i * 10);
		usleep(50);
		if (store_inspect(store, &key, &entry) == CACHE_OK) {
			if (entry.stamp_us > 0) {
				CHECK(entry.view.integer >= (entry.stamp_us - CLOCK_START) / 10);
				found++;
			}
			store_unpin(store, entry.view.pin);
		}
	}
	flag_raise(FLAG_STOP);
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		child_join(pids[i]);
	}
	CHECK(found > 100);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_value_is_renewed),
		TEST(another_value_is_stored),
		TEST(other_durations_and_tags_are_stored),
		TEST(what_is_missing_is_stored),
		TEST(a_tag_that_was_invalidated_wants_a_new_version),
		TEST(what_is_stale_or_marked_is_revived),
		TEST(a_mark_during_the_comparison),
		TEST(a_stamp_never_moves_backwards),
		TEST(a_clock_that_was_set_back_loses_no_change),
		TEST(tokens),
		TEST(overlapping_writers_leave_nothing_old),
		TEST(a_stamp_tells_the_truth),
	};

	return RUN(tests, argc, argv);
}
