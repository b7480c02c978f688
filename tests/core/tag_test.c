#define _GNU_SOURCE
#include "entries.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/room.h"
#include "core/store/tag.h"

enum { FLAG_GO = 1, FLAG_STOP = 2, FLAG_READY = 3 };

#define FRESH STORE_STATE_FRESH
#define STALE STORE_STATE_STALE
#define MISSING STORE_STATE_MISSING

/* ---- soft and hard --------------------------------------------------------------------------------------- */

static void soft_makes_stale_and_hard_makes_missing(void **state)
{
	static const struct {
		int64_t ttl, stale_ttl;
		bool hard;
		enum store_state at_once, in_10_s, in_an_hour;
	} cases[] = {
		{0, 0, false, MISSING, MISSING, MISSING},
		{0, 5 * SECOND, false, STALE, MISSING, MISSING},
		{0, 60 * SECOND, false, STALE, STALE, MISSING},
		{0, STORE_FOREVER, false, STALE, STALE, STALE},
		{100 * SECOND, 0, false, MISSING, MISSING, MISSING},
		{100 * SECOND, 5 * SECOND, false, STALE, MISSING, MISSING},
		{100 * SECOND, STORE_FOREVER, false, STALE, STALE, STALE},
		{0, 0, true, MISSING, MISSING, MISSING},
		{0, 60 * SECOND, true, MISSING, MISSING, MISSING},
		{100 * SECOND, STORE_FOREVER, true, MISSING, MISSING, MISSING},
	};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		put_lasting(store, "key", "value", cases[i].ttl, cases[i].stale_ttl, "tag");
		put_lasting(store, "other", "value", cases[i].ttl, cases[i].stale_ttl, "gat");
		CHECK_STATE(store, "key", FRESH);
		invalidate_tags(store, "tag", cases[i].hard);
		CHECK_STATE(store, "key", cases[i].at_once);
		CHECK_STATE(store, "other", FRESH);
		clock_advance(10 * SECOND);
		CHECK_STATE(store, "key", cases[i].in_10_s);
		CHECK_STATE(store, "other", FRESH);
		clock_advance(3600 * SECOND);
		CHECK_STATE(store, "key", cases[i].in_an_hour);
		put_lasting(store, "key", "value", cases[i].ttl, cases[i].stale_ttl, "tag");
		CHECK_STATE(store, "key", FRESH);
	}
	CHECK_EQ(COUNTER_OF(store, tag_invalidations), COUNT_OF(cases));
	CHECK_EQ(COUNTER_OF(store, tags_forgotten), 0);
	CHECK_VERIFIED(store);
}

/* To the microsecond; what the clock alone would have done is never put off. */
static void a_soft_deadline_counts_from_the_invalidation(void **state)
{
	static const struct {
		int64_t ttl, stale_ttl, invalidated_at, hard_at;
	} cases[] = {
		{100 * SECOND, 10 * SECOND, 20 * SECOND, 30 * SECOND},
		{100 * SECOND, 10 * SECOND, 95 * SECOND, 105 * SECOND},
		{100 * SECOND, 10 * SECOND, 100 * SECOND, 110 * SECOND},
		{100 * SECOND, 10 * SECOND, 105 * SECOND, 110 * SECOND}, /* it was stale already */
		{0, 10 * SECOND, 1000 * SECOND, 1010 * SECOND},
		{MS, MS, 0, MS},
	};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t begin = world->wall_us;
		put_lasting(store, "key", "value", cases[i].ttl, cases[i].stale_ttl, "tag");
		clock_set(begin + cases[i].invalidated_at);
		invalidate_tags(store, "tag", false);
		CHECK_STATE(store, "key", STALE);
		CHECK_EQ(words_of(store, "key").hard_us, begin + cases[i].hard_at);
		for (int64_t lag = 0; lag <= CACHE_COARSE_LAG_US; lag += CACHE_COARSE_LAG_US) {
			world->coarse_lag_us = lag;
			clock_set(begin + cases[i].hard_at - 1);
			CHECK_STATE(store, "key", STALE);
			clock_set(begin + cases[i].hard_at);
			CHECK_STATE(store, "key", MISSING);
		}
	}
	CHECK_VERIFIED(store);
}

static void marked_as_stale_and_invalidated(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_lasting(store, "key", "value", 0, 10 * SECOND, "tag");
	CHECK_OK(mark_at(store, "key"));
	clock_advance(5 * SECOND);
	invalidate_tags(store, "tag", false);
	CHECK_EQ(words_of(store, "key").hard_us, CLOCK_START + 10 * SECOND);
	CHECK_STATE(store, "key", STALE);
	clock_advance(5 * SECOND);
	CHECK_STATE(store, "key", MISSING);
}

static void any_of_several_tags_will_do(void **state)
{
	static const char *const tags[] = {"a", "b", "c", "b c", "d a", "d"};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		put_lasting(store, "key", "value", 0, STORE_FOREVER, "a b c");
		put_lasting(store, "none", "value", 0, STORE_FOREVER, "");
		put_lasting(store, "same", "value", 0, STORE_FOREVER, "aa abc bb");
		invalidate_tags(store, tags[i], false);
		CHECK_STATE(store, "key", i < 5 ? STALE : FRESH);
		CHECK_STATE(store, "none", FRESH);
		CHECK_STATE(store, "same", FRESH);
		invalidate_tags(store, tags[i], true);
		CHECK_STATE(store, "key", i < 5 ? MISSING : FRESH);
	}
	invalidate_tags(store, "", true);
	CHECK_STATE(store, "key", FRESH);
	CHECK_VERIFIED(store);
}

/* Each of the most that an entry may have; some of them differ in the last byte alone. */
static void sixteen_tags_of_255_bytes(void **state)
{
	static char names[STORE_TAGS_MAX * 256];
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_int(5);
	struct store_entry entry;

	(void)state;
	for (int i = 0; i < STORE_TAGS_MAX; i++) {
		memset(names + i * 256, 'x', 255);
		names[i * 256 + 254] = (char)('a' + i);
		names[i * 256 + 255] = ' ';
	}
	names[sizeof names - 1] = 0;
	item.stale_ttl_us = STORE_FOREVER;
	item_tag(&item, names);
	CHECK_EQ(item.tags_size, STORE_TAGS_MAX * 256);
	for (int i = 0; i < STORE_TAGS_MAX; i++) {
		struct store_item one = {0};
		char name[256] = "";
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		memcpy(name, names + i * 256, 255);
		item_tag(&one, name);
		CHECK_STATE(store, "key", FRESH);
		store_invalidate_tags(store, one.tags, one.tags_size, false);
		CHECK_STATE(store, "key", STALE);
	}
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK_EQ(entry.tag_count, STORE_TAGS_MAX);
	CHECK_EQ(entry.tags_size, item.tags_size);
	CHECK(memcmp(entry.tags, item.tags, item.tags_size) == 0);
	store_unpin(store, entry.view.pin);
	CHECK_EQ(store_invalidate_tags(store, item.tags, item.tags_size, true), STORE_TAGS_MAX);
	CHECK_STATE(store, "key", MISSING);
	CHECK_VERIFIED(store);
}

/* ---- values of all kinds ---------------------------------------------------------------------------------- */

static void read_often(struct store *store, const char *key)
{
	/* So often that nothing of a hit is written down: scalars are read without a pin then. */
	for (int i = 0; i < 40; i++) {
		CHECK(has(store, key));
	}
}

static void scalars_are_not_read_past_an_invalidation(void **state)
{
	static const struct store_item items[] = {
		{.type = STORE_NULL}, {.type = STORE_FALSE}, {.type = STORE_TRUE}, {.type = STORE_INT, .integer = 7},
		{.type = STORE_INT, .integer = INT64_MAX}, {.type = STORE_DOUBLE, .real = 1.5},
	};
	struct store *store = open_store(MB), *other = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(items); i++) {
		for (int hard = 0; hard < 2; hard++) {
			struct store_item item = items[i];
			item.stale_ttl_us = STORE_FOREVER;
			item_tag(&item, "tag");
			CHECK_OK(put_item(store, "key", &item));
			read_often(store, "key");
			invalidate_tags(other, "tag", hard);
			CHECK_STATE(store, "key", hard ? MISSING : STALE);
		}
	}
	CHECK_VERIFIED(store);
}

/* Of a stale value the token is another one, and good until the next invalidation. */
static void an_invalidation_voids_the_tokens(void **state)
{
	static const enum store_type types[] = {STORE_STRING, STORE_INT};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct store_item item = types[i] == STORE_INT ? item_int(5) : item_string("value", 5);
		struct store_view view;
		struct store_entry entry;
		uint64_t fresh, stale;
		item.stale_ttl_us = STORE_FOREVER;
		item_tag(&item, "one two");
		CHECK_OK(put_item(store, "key", &item));
		CHECK_OK(store_gets(store, &key, &view, &fresh));
		store_unpin(store, view.pin);
		invalidate_tags(store, "three", false);
		CHECK_OK(store_get_entry(store, &key, &entry));
		store_unpin(store, entry.view.pin);
		CHECK_EQ(store_token(&entry.view), fresh);

		invalidate_tags(store, "two", false);
		CHECK_STATUS(store_put_if(store, &key, &item, fresh), CACHE_MISMATCH);
		CHECK_STATUS(store_delete_if(store, &key, fresh), CACHE_MISMATCH);
		CHECK_STATE(store, "key", STALE);
		CHECK_OK(store_get_entry(store, &key, &entry));
		store_unpin(store, entry.view.pin);
		stale = store_token(&entry.view);
		invalidate_tags(store, "one", false);
		CHECK_STATUS(store_put_if(store, &key, &item, stale), CACHE_MISMATCH);
		CHECK_OK(store_get_entry(store, &key, &entry));
		store_unpin(store, entry.view.pin);
		CHECK(store_token(&entry.view) != stale);
		CHECK_OK(store_put_if(store, &key, &item, store_token(&entry.view)));
		CHECK_STATE(store, "key", FRESH);
	}
	CHECK_VERIFIED(store);
}

/* Somebody invalidates, and does not end: whoever has a token cannot know whether it is good. */
static void a_token_waits_for_an_invalidation(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_string("value", 5);
	struct store_view view;
	uint64_t token;

	(void)state;
	item_tag(&item, "tag");
	CHECK_OK(put_item(store, "key", &item));
	CHECK_OK(store_gets(store, &key, &view, &token));
	store_unpin(store, view.pin);
	CHECK_OK(store_enter(other));
	CHECK_OK(lock_acquire(&other->owner, &tag_header(other->segment)->lock));
	CHECK_STATUS(store_put_if(store, &key, &item, token), CACHE_BUSY);
	CHECK_OK(put_item(store, "key2", &item)); /* without one it does not matter */
	CHECK(has(store, "key"));
	lock_release_own(&other->owner, &tag_header(other->segment)->lock);
	CHECK_OK(store_put_if(store, &key, &item, token));
	store_leave(other);
	CHECK_VERIFIED(store);
}

/* Who had not got the lock wrote the next sequence down, and died before he counted it up. */
static void the_sequence_is_counted_up_for_the_dead(void **state)
{
	struct store *store = open_store(MB);
	const struct segment *s = store->segment;
	struct store_item item = item_string("value", 5);
	atomic_u64 *floor = &tag_set_of(s, tag_hash(&s->hash, "tag", 3))->floor;
	uint64_t sequence;

	(void)state;
	item_tag(&item, "tag");
	CHECK_OK(put_item(store, "key", &item));
	invalidate_tags(store, "other", true);
	sequence = tag_sequence(s);
	store_relaxed(floor, sequence + 1);
	CHECK(!has(store, "key"));
	CHECK_EQ(tag_sequence(s), sequence + 1);
	CHECK_OK(put_item(store, "key", &item));
	CHECK(has(store, "key"));

	/* Nobody counts it up for what is stored meanwhile, which is there until the next one does. */
	store_relaxed(floor, sequence + 2);
	CHECK_OK(put_item(store, "key", &item));
	CHECK(has(store, "key"));
	CHECK_EQ(tag_sequence(s), sequence + 1);
	invalidate_tags(store, "other", true);
	CHECK_EQ(tag_sequence(s), sequence + 2);
	CHECK(!has(store, "key"));
	CHECK_OK(put_item(store, "key", &item));
	CHECK(has(store, "key"));

	/* One that is further ahead is damage, and not believed. */
	invalidate_tags(store, "other", true);
	store_relaxed(floor, sequence + 100);
	CHECK(!has(store, "key"));
	CHECK_EQ(tag_sequence(s), sequence + 3);
}

static void an_invalidated_int_begins_anew(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "n");
	struct store_item item = item_int(50);
	int64_t result;

	(void)state;
	item.stale_ttl_us = STORE_FOREVER;
	item_tag(&item, "tag");
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(result, 51);
	invalidate_tags(store, "tag", false);
	CHECK_STATUS(store_cas(store, &key, 51, 52), CACHE_MISSING);
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(result, 1);
	invalidate_tags(store, "tag", true); /* it has no tags any more */
	CHECK_EQ(int_at(store, "n"), 1);
}

/* The sequence is that of the store: what moves an entry does not make it newer. */
static void a_move_makes_nothing_newer(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "n");
	struct store_item item = item_int(INT_WORD_MAX);
	int64_t result;

	(void)state;
	for (int after = 0; after < 2; after++) {
		for (int hard = 0; hard < 2; hard++) {
			item.stale_ttl_us = STORE_FOREVER;
			item_tag(&item, "tag");
			CHECK_OK(store_put(store, &key, &item, STORE_SET));
			const char *at = words_of(store, "n").at;
			if (after) {
				CHECK_OK(store_increment(store, &key, 1, 0, &result));
				CHECK(words_of(store, "n").at != at);
				CHECK_STATE(store, "n", FRESH);
			}
			invalidate_tags(store, "tag", hard);
			CHECK_STATE(store, "n", hard ? MISSING : STALE);
			if (!after) {
				struct shard_ref r = lock_shard(store, 0);
				atomic_u64 *slot = index_find(&r, &key);
				link_t link = place_link(&r, word_granule(load_relaxed(slot)));
				link_t target = slab_take(&r, block_class(&r, link));
				CHECK(target != 0);
				CHECK(entry_relocate(&r, link, target, NULL, NULL));
				shard_unlock(&r);
				CHECK_STATE(store, "n", hard ? MISSING : STALE);
			}
			CHECK_VERIFIED(store);
		}
	}
}

static void build_words(void *context, char *to, size_t size, uint64_t official)
{
	(void)context;
	for (size_t i = 0; i < size; i += 8) {
		uint64_t address = official + i;
		memcpy(to + i, &address, 8);
	}
}

static void images_have_tags_too(void **state)
{
	struct store *store = open_store(MB);
	struct store_item item = {.type = STORE_IMAGE, .size = 2000, .build = build_words, .stale_ttl_us = STORE_FOREVER};

	(void)state;
	item_tag(&item, "one two");
	for (int hard = 0; hard < 2; hard++) {
		CHECK_OK(put_item(store, "key", &item));
		CHECK_STATE(store, "key", FRESH);
		invalidate_tags(store, "two", hard);
		CHECK_STATE(store, "key", hard ? MISSING : STALE);
	}
	CHECK_VERIFIED(store);
}

/* ---- a table that is full --------------------------------------------------------------------------------- */

/* The nth tag that falls into that set of records. */
static const char *tag_in_set(struct store *store, uint64_t set, unsigned nth)
{
	static _Thread_local char names[64][16];
	static _Thread_local unsigned next;
	char *name = names[next++ % COUNT_OF(names)];

	for (unsigned i = 0;; i++) {
		int length = snprintf(name, sizeof names[0], "tag%u", i);
		uint64_t hash = tag_hash(&store->segment->hash, name, (size_t)length);
		if ((hash & (store->segment->geometry.tag_sets - 1)) == set && nth-- == 0) {
			return name;
		}
	}
}

static void put_tagged(struct store *store, const char *key, const char *tags)
{
	put_lasting(store, key, "value", 0, STORE_FOREVER, tags);
}

static void the_oldest_record_is_given_up_and_is_no_hit(void **state)
{
	struct store *store = open_store(MB);
	char name[8];

	(void)state;
	put_tagged(store, "old", tag_in_set(store, 3, 0));
	put_tagged(store, "elsewhere", tag_in_set(store, 4, 0));
	invalidate_tags(store, tag_in_set(store, 3, 0), false);
	CHECK_STATE(store, "old", STALE);
	put_tagged(store, "newer", tag_in_set(store, 3, 0));
	for (unsigned i = 1; i <= TAG_WAYS; i++) {
		snprintf(name, sizeof name, "key%u", i);
		put_tagged(store, name, tag_in_set(store, 3, i));
	}
	for (unsigned i = 1; i < TAG_WAYS; i++) {
		invalidate_tags(store, tag_in_set(store, 3, i), false);
	}
	CHECK_STATE(store, "old", STALE);
	CHECK_EQ(COUNTER_OF(store, tags_forgotten), 0);
	invalidate_tags(store, tag_in_set(store, 3, TAG_WAYS), false); /* has no room */
	CHECK_EQ(COUNTER_OF(store, tags_forgotten), 1);
	CHECK_STATE(store, "old", MISSING);
	/* Stored after what was lost: unharmed, whatever its tags, and what is in other sets. */
	CHECK_STATE(store, "newer", FRESH);
	CHECK_STATE(store, "elsewhere", FRESH);
	for (unsigned i = 1; i <= TAG_WAYS; i++) {
		snprintf(name, sizeof name, "key%u", i);
		CHECK_STATE(store, name, STALE);
	}
	/* It may come back. */
	put_tagged(store, "old", tag_in_set(store, 3, 0));
	CHECK_STATE(store, "old", FRESH);
	invalidate_tags(store, tag_in_set(store, 3, 0), false);
	CHECK_STATE(store, "old", STALE);
	CHECK(state_of(store, "newer") != FRESH);
	CHECK_STATE(store, "elsewhere", FRESH);
	CHECK_VERIFIED(store);
}

/* One that is invalidated again is no longer the oldest. */
static void the_oldest_is_the_one_whose_last_invalidation_is(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (unsigned i = 0; i < TAG_WAYS; i++) {
		invalidate_tags(store, tag_in_set(store, 3, i), i % 2);
		put_tagged(store, i == 0 ? "first" : i == 1 ? "second" : "other", tag_in_set(store, 3, i));
	}
	invalidate_tags(store, tag_in_set(store, 3, 0), false);
	CHECK_STATE(store, "first", STALE);
	CHECK_EQ(load_relaxed(&tag_set_of(store->segment, 3)->floor), 0);
	invalidate_tags(store, tag_in_set(store, 3, TAG_WAYS), false);
	CHECK_EQ(COUNTER_OF(store, tags_forgotten), 1);
	CHECK_EQ(load_relaxed(&tag_set_of(store->segment, 3)->floor), 3); /* the second's: sequences begin with 1 */
	CHECK_STATE(store, "second", FRESH);                              /* stored after it */
	CHECK(state_of(store, "first") != FRESH);
}

static void sixteen_tags_of_one_set_at_once(void **state)
{
	struct store *store = open_store(MB);
	struct store_item all = {0};
	char names[STORE_TAGS_MAX * 16] = "", key[16];

	(void)state;
	for (unsigned i = 0; i < STORE_TAGS_MAX; i++) {
		snprintf(key, sizeof key, "key%u", i);
		put_tagged(store, key, tag_in_set(store, 5, i));
		strcat(names, tag_in_set(store, 5, i));
		strcat(names, " ");
	}
	item_tag(&all, names);
	CHECK_EQ(store_invalidate_tags(store, all.tags, all.tags_size, false), STORE_TAGS_MAX);
	for (unsigned i = 0; i < STORE_TAGS_MAX; i++) {
		snprintf(key, sizeof key, "key%u", i);
		CHECK(state_of(store, key) != FRESH);
		put_tagged(store, key, tag_in_set(store, 5, i));
		CHECK_STATE(store, key, FRESH);
	}
	CHECK_VERIFIED(store);
}

/* Whatever is forgotten when: no entry is fresh that the model does not know as valid, and a new one is fresh. */
static void many_tags_for_a_small_table(void **state)
{
	enum { TAGS = 40, STEPS = 20000 };
	struct store *store = open_store(MB);
	struct rng rng = {11};
	bool valid[TAGS] = {false};
	unsigned hits = 0;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		unsigned i = (unsigned)rng_below(&rng, TAGS), kind = (unsigned)rng_below(&rng, 8);
		struct store_key key = key_number(store, "key", i);
		clock_advance(1);
		if (kind == 0) {
			invalidate_tags(store, tag_in_set(store, 9, i), rng_below(&rng, 2));
			valid[i] = false;
		} else if (kind < 3) {
			put_tagged(store, key.bytes, tag_in_set(store, 9, i));
			valid[i] = true;
			CHECK(has_key(store, &key));
		} else if (has_key(store, &key)) {
			CHECK(valid[i]);
			hits++;
		}
	}
	CHECK(hits > STEPS / 20); /* forgetting costs some, not all */
	CHECK(COUNTER_OF(store, tags_forgotten) > 500);
	CHECK_VERIFIED(store);
}

/* ---- stamps ----------------------------------------------------------------------------------------------- */

static enum store_state state_of_stamped(struct store *store, int64_t stamp, const char *tags)
{
	struct store_item item = item_lasting("value", 0, STORE_FOREVER, tags);

	item.stamp_us = stamp;
	CHECK_OK(put_item(store, "key", &item));
	return state_of(store, "key");
}

static void a_value_of_before_an_invalidation_is_born_invalid(void **state)
{
	struct store *store = open_store(MB);
	int64_t soft = CLOCK_START + 10 * SECOND, hard = CLOCK_START + 20 * SECOND;

	(void)state;
	clock_set(soft);
	invalidate_tags(store, "tag", false);
	clock_set(soft + SECOND);
	CHECK_EQ(state_of_stamped(store, soft - 1, "tag"), STALE);
	CHECK_EQ(state_of_stamped(store, soft, "tag"), FRESH);
	CHECK_EQ(state_of_stamped(store, soft + 1, "tag"), FRESH);
	CHECK_EQ(state_of_stamped(store, soft - 1, "other"), FRESH);
	CHECK_EQ(state_of_stamped(store, soft - 1, "other tag"), STALE);
	CHECK_EQ(state_of_stamped(store, 0, "tag"), FRESH);
	CHECK_EQ(state_of_stamped(store, soft + 3600 * SECOND, "tag"), FRESH); /* a time to come: now */
	clock_set(hard);
	invalidate_tags(store, "tag", true);
	clock_set(hard + SECOND);
	CHECK_EQ(state_of_stamped(store, soft - 1, "tag"), MISSING);
	CHECK_EQ(state_of_stamped(store, hard - 1, "tag"), MISSING);
	CHECK_EQ(state_of_stamped(store, hard, "tag"), FRESH);
	/* Soft after hard: as far back as the stamp says. */
	invalidate_tags(store, "tag", false);
	CHECK_EQ(state_of_stamped(store, hard, "tag"), STALE);
	CHECK_EQ(state_of_stamped(store, hard - 1, "tag"), MISSING);
	CHECK_VERIFIED(store);
}

static void a_forgotten_invalidation_counts_for_stamps_too(void **state)
{
	struct store *store = open_store(MB);
	int64_t first = CLOCK_START + SECOND;

	(void)state;
	for (unsigned i = 0; i <= TAG_WAYS; i++) {
		clock_advance(SECOND);
		invalidate_tags(store, tag_in_set(store, 3, i), false);
	}
	clock_advance(SECOND);
	CHECK_EQ(COUNTER_OF(store, tags_forgotten), 1);
	CHECK_EQ(state_of_stamped(store, first - 1, tag_in_set(store, 3, 0)), MISSING);
	CHECK_EQ(state_of_stamped(store, first, tag_in_set(store, 3, 0)), FRESH);
	CHECK_EQ(state_of_stamped(store, 0, tag_in_set(store, 3, 0)), FRESH);
}

/*
 * Between the steps of an invalidation, as if whoever makes it were stopped there: a value of before it is not valid when
 * it is complete. (tag_invalidate() in slow motion.)
 */
static void a_value_of_before_is_invalid_whenever_it_is_stored(void **state)
{
	struct store *store = open_store(MB);
	struct store_key tag = key_bytes(store, "tag", 3);

	(void)state;
	for (int again = 0; again < 2; again++) {
		struct store_item old = item_lasting("value", 0, STORE_FOREVER, "tag");
		uint64_t hash = tag_hash(&store->segment->hash, tag.bytes, tag.length);
		struct tag_set *set = tag_set_of(store->segment, hash);
		old.stamp_us = world->wall_us;
		clock_advance(SECOND);
		/* The time stands in the record; nothing is counted. */
		store_relaxed(&set->hashes[0], hash);
		store_relaxed(&set->records[0].hard_us, world->wall_us);
		CHECK_OK(put_item(store, "before", &old));
		rmw_add(&tag_header(store->segment)->sequence, 1);
		CHECK_OK(put_item(store, "between", &old));
		old.stamp_us = 0;
		CHECK_OK(put_item(store, "new", &old));
		store_relaxed(&set->records[0].hard, tag_sequence(store->segment));
		CHECK_STATE(store, "before", MISSING);
		CHECK_STATE(store, "between", MISSING);
		CHECK_STATE(store, "new", FRESH);
	}
}

/*
 * The same with tag_invalidate() itself: its first store to the record of a tag is caught by the page's protection, and the
 * value is stored there and then. Nothing may have been counted that the record does not tell yet.
 */
static struct {
	struct store *store;
	char *page;
	struct store_item item;
	bool met;
} caught;

static void store_at_the_first_write(int signal)
{
	(void)signal;
	CHECK_EQ(mprotect(caught.page, OS_PAGE, PROT_READ | PROT_WRITE), 0);
	CHECK_OK(put_item(caught.store, "key", &caught.item));
	caught.met = true;
}

static void nothing_is_counted_before_the_record_tells(void **state)
{
	struct store *store = open_store(MB);
	struct sigaction action = {.sa_handler = store_at_the_first_write, .sa_flags = SA_NODEFER}, before;

	(void)state;
	caught.store = open_store(MB);
	for (int hard = 0; hard < 2; hard++) {
		const char *tag = tag_in_set(store, 20, (unsigned)hard); /* not on the page of the header */
		caught.page = (char *)((uintptr_t)tag_set_of(store->segment, 20) / OS_PAGE * OS_PAGE);
		CHECK(caught.page > (char *)tag_header(store->segment));
		caught.item = item_lasting("value", 0, STORE_FOREVER, tag);
		caught.item.stamp_us = world->wall_us;
		caught.met = false;
		clock_advance(SECOND);
		CHECK_EQ(sigaction(SIGSEGV, &action, &before), 0);
		CHECK_EQ(mprotect(caught.page, OS_PAGE, PROT_READ), 0);
		invalidate_tags(store, tag, hard);
		CHECK_EQ(mprotect(caught.page, OS_PAGE, PROT_READ | PROT_WRITE), 0);
		CHECK_EQ(sigaction(SIGSEGV, &before, NULL), 0);
		CHECK(caught.met);
		CHECK(state_of(store, "key") != FRESH);
	}
}

/* ---- beside a store --------------------------------------------------------------------------------------- */

static struct {
	struct store *store;
	bool hard;
} invalidator;

static void invalidate_it(void *context)
{
	(void)context;
	invalidate_tags(invalidator.store, "tag", invalidator.hard);
}

/* The value may have been read from its source before: only one whose store began afterwards is valid. */
static void a_store_that_began_before_loses(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_PINNED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};
	static const size_t sizes[] = {50, 3000, 30000};
	static char bytes[30000];
	struct store *store = open_store(MB);
	unsigned met = 0;

	(void)state;
	invalidator.store = open_store(MB);
	for (size_t i = 0; i < COUNT_OF(points) * COUNT_OF(sizes) * 4; i++) {
		enum cache_fault point = points[i % COUNT_OF(points)];
		struct store_item item = item_string(bytes, sizes[i / COUNT_OF(points) % COUNT_OF(sizes)]);
		unsigned passes = fault_passes(point);
		item.stale_ttl_us = STORE_FOREVER;
		item_tag(&item, "tag");
		if (i / 12 % 2) {
			CHECK_OK(put_item(store, "key", &item)); /* from here on there is a block in reserve */
		} else {
			(void)!delete_at(store, "key");
		}
		invalidator.hard = i / 24;
		passes = fault_passes(point);
		fault_call(point, 1, invalidate_it, NULL);
		CHECK_OK(put_item(store, "key", &item));
		if (fault_passes(point) != passes) {
			CHECK_STATE(store, "key", invalidator.hard ? MISSING : STALE);
			met++;
		}
		fault_none();
		CHECK_OK(put_item(store, "key", &item));
		CHECK_STATE(store, "key", FRESH);
	}
	CHECK(met > 40);
	CHECK_VERIFIED(store);
}

/* words: 0 the source, 1 what of it was invalidated and acknowledged, 2 values read */
static void change_the_source(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	flag_await(FLAG_GO);
	jitter();
	for (uint64_t i = 1; !world->flags[FLAG_STOP]; i++) {
		world->words[0] = i;
		clock_advance(1);
		/* The last of many: the longer there is something between counting and writing, the more meet it. */
		invalidate_tags(store, "a b c d e f g h i j k l m n o tag", i % 2);
		world->words[1] = i;
	}
}

static void store_what_the_source_says(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	flag_await(FLAG_GO);
	jitter();
	while (!world->flags[FLAG_STOP]) {
		struct store_item item = item_int(0);
		struct store_key key = key_number(store, "key", rng_below(&(struct rng){world->words[0]}, 3));
		item_tag(&item, "tag");
		item.stamp_us = world->wall_us;
		item.integer = (int64_t)world->words[0];
		item.stale_ttl_us = STORE_FOREVER;
		enum cache_status status = store_put(store, &key, &item, STORE_SET);
		CHECK(status == CACHE_OK || status == CACHE_BUSY);
	}
}

static void check_what_is_there(void *context)
{
	struct store *store = open_store(MB);
	uint64_t hits = 0;

	(void)context;
	flag_await(FLAG_GO);
	jitter();
	for (uint64_t i = 0; !world->flags[FLAG_STOP]; i++) {
		struct store_key key = key_number(store, "key", i % 3);
		uint64_t acknowledged = world->words[1];
		struct store_view view;
		if (store_get(store, &key, &view) == CACHE_OK) {
			CHECK((uint64_t)view.integer >= acknowledged);
			hits++;
		}
	}
	world->words[2] = hits;
}

static void no_old_value_is_fresh_after_an_invalidation(void **state)
{
	struct store *store = open_store(MB);
	pid_t pids[4];

	(void)state;
	pids[0] = child_start(change_the_source, NULL);
	pids[1] = child_start(store_what_the_source_says, NULL);
	pids[2] = child_start(store_what_the_source_says, NULL);
	pids[3] = child_start(check_what_is_there, NULL);
	flag_raise(FLAG_GO);
	for (int i = 0; i < 60 && world->words[1] < 400000; i++) {
		usleep(50000);
	}
	flag_raise(FLAG_STOP);
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		child_join(pids[i]);
	}
	CHECK(world->words[1] > 100 && world->words[2] > 0);
	CHECK_VERIFIED(store);
}

/* Records of one set are given to one tag after the other, while others look for theirs. */
static void claim_records_in_a_loop(void *context)
{
	struct store *store = open_store(MB);
	unsigned from = *(unsigned *)context;

	flag_await(FLAG_GO);
	jitter();
	for (unsigned i = 0; !world->flags[FLAG_STOP]; i++) {
		invalidate_tags(store, tag_in_set(store, 7, from + i % 9), i % 3 == 0);
	}
}

static void readers_see_their_tag_whoever_else_claims_records(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	unsigned from[] = {10, 19}, hits = 0;
	pid_t pids[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		pids[i] = child_start(claim_records_in_a_loop, &from[i]);
	}
	flag_raise(FLAG_GO);
	for (unsigned i = 0; i < (SLOW_BUILD ? 3000 : 10000); i++) {
		const char *tag = tag_in_set(store, 7, i % 3);
		put_tagged(store, "key", tag);
		hits += has(other, "key");
		invalidate_tags(store, tag, i % 2);
		for (int look = 0; look < 10; look++) {
			CHECK(!has(other, "key"));
		}
	}
	flag_raise(FLAG_STOP);
	for (int i = 0; i < 2; i++) {
		child_join(pids[i]);
	}
	CHECK(hits > 0);
	CHECK_VERIFIED(store);
}

/* ---- a lock that is not to be had ------------------------------------------------------------------------- */

static void a_stopped_holder_of_the_lock_delays_but_does_not_prevent(void **state)
{
	struct store *store = open_store(MB);
	pid_t holder;

	(void)state;
	put_tagged(store, "soft", tag_in_set(store, 2, 0));
	put_tagged(store, "hard", tag_in_set(store, 2, 1));
	put_tagged(store, "neighbour", tag_in_set(store, 2, 2));
	put_tagged(store, "elsewhere", tag_in_set(store, 3, 0));
	holder = stop_with_lock(tag_lock);
	invalidate_tags(store, tag_in_set(store, 2, 0), false);
	invalidate_tags(store, tag_in_set(store, 2, 1), true);
	CHECK(state_of(store, "soft") != FRESH);
	CHECK_STATE(store, "hard", MISSING);
	CHECK(state_of(store, "neighbour") != STALE); /* what shares the set errs towards missing */
	CHECK_STATE(store, "elsewhere", FRESH);
	/* A value of before is born invalid; a new one is valid. */
	clock_advance(SECOND);
	CHECK(state_of_stamped(store, CLOCK_START - 1, tag_in_set(store, 2, 0)) != FRESH);
	CHECK_EQ(state_of_stamped(store, 0, tag_in_set(store, 2, 0)), FRESH);
	child_continue(holder);
	child_join(holder);
	CHECK_STATE(store, "key", FRESH);
	invalidate_tags(store, tag_in_set(store, 2, 0), false);
	CHECK_STATE(store, "key", STALE);
	CHECK_STATE(store, "hard", MISSING);
	CHECK_STATE(store, "elsewhere", FRESH);
	CHECK_VERIFIED(store);
}

static void a_killed_holder_of_the_lock_leaves_nothing_to_mend(void **state)
{
	struct store *store = open_store(MB);
	pid_t holder;

	(void)state;
	put_tagged(store, "key", "tag");
	put_tagged(store, "other", "gat");
	holder = stop_with_lock(tag_lock);
	child_kill(holder);
	invalidate_tags(store, "tag", false);
	CHECK_STATE(store, "key", STALE); /* with the lock: soft */
	CHECK_STATE(store, "other", FRESH);
	CHECK_EQ(COUNTER_OF(store, recoveries), 1);
}

/* Killed anywhere: what was acknowledged holds. word 0: how many were. */
static void invalidate_one_after_the_other(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	jitter();
	flag_raise(FLAG_READY);
	for (unsigned i = 0;; i++) {
		invalidate_tags(store, tag_in_set(store, 1, i % 20), i % 2);
		world->words[0] = i + 1;
	}
}

static void whoever_is_killed_while_invalidating(void **state)
{
	struct store *store = open_store(MB);
	struct rng rng = {5};

	(void)state;
	for (int round = 0; round < (SLOW_BUILD ? 25 : 60); round++) {
		for (unsigned i = 0; i < 20; i++) {
			put_tagged(store, key_number(store, "key", i).bytes, tag_in_set(store, 1, i));
		}
		world->words[0] = 0;
		world->flags[FLAG_READY] = 0;
		pid_t pid = child_start(invalidate_one_after_the_other, NULL);
		flag_await(FLAG_READY);
		usleep((unsigned)rng_below(&rng, 3000));
		child_kill(pid);
		uint64_t acknowledged = world->words[0];
		for (unsigned i = 0; i < 20 && i < acknowledged; i++) {
			CHECK(state_of(store, key_number(store, "key", i).bytes) != FRESH);
		}
		/* Whoever comes next goes on with what it left. */
		for (unsigned i = 0; i < 20; i++) {
			const char *key = key_number(store, "key", i).bytes;
			put_tagged(store, key, tag_in_set(store, 1, i));
			CHECK_STATE(store, key, FRESH);
			invalidate_tags(store, tag_in_set(store, 1, i), false);
			CHECK(state_of(store, key) != FRESH);
		}
	}
	CHECK_VERIFIED(store);
}

/* ---- clocks ----------------------------------------------------------------------------------------------- */

static void steps_of_the_clock(void **state)
{
	static const int64_t steps[] = {-3600 * SECOND, 3600 * SECOND};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		put_lasting(store, "a", "value", 0, STORE_FOREVER, "tag");
		invalidate_tags(store, "tag", false);
		put_lasting(store, "b", "value", 0, STORE_FOREVER, "tag");
		clock_advance(steps[i]);
		CHECK_STATE(store, "a", STALE);
		CHECK_STATE(store, "b", FRESH);
		put_lasting(store, "c", "value", 0, STORE_FOREVER, "tag");
		put_lasting(store, "d", "value", 0, 10 * SECOND, "tag");
		CHECK_STATE(store, "c", FRESH);
		invalidate_tags(store, "tag", false);
		CHECK_STATE(store, "a", STALE);
		CHECK_STATE(store, "b", STALE);
		CHECK_STATE(store, "c", STALE);
		CHECK(state_of(store, "d") != FRESH);
		invalidate_tags(store, "tag", true);
		CHECK_STATE(store, "a", MISSING);
		CHECK_STATE(store, "b", MISSING);
		CHECK_STATE(store, "c", MISSING);
		/* A stamp of before the latest invalidation by whatever clock is not believed. */
		CHECK_EQ(state_of_stamped(store, world->wall_us - SECOND, "tag"), MISSING);
		CHECK_EQ(state_of_stamped(store, 0, "tag"), FRESH);
	}
	CHECK_VERIFIED(store);
}

/* ---- whoever attaches alone --------------------------------------------------------------------------------- */

static struct tag_set *some_set(struct store *store)
{
	return tag_set_of(store->segment, tag_hash(&store->segment->hash, "hard", 4));
}

static unsigned some_way(struct store *store)
{
	struct tag_set *set = some_set(store);

	for (unsigned way = 0; way < TAG_WAYS; way++) {
		if (load_relaxed(&set->hashes[way]) == tag_hash(&store->segment->hash, "hard", 4)) {
			return way;
		}
	}
	CHECK(!"the tag has a record");
	return 0;
}

static struct tag_record *some_record(struct store *store) { return &some_set(store)->records[some_way(store)]; }

static void nothing(struct store *store) { (void)store; }
static void no_sequence(struct store *store) { store_relaxed(&tag_header(store->segment)->sequence, 0); }
static void an_old_sequence(struct store *store) { store_relaxed(&tag_header(store->segment)->sequence, 1); }
static void a_huge_sequence(struct store *store) { store_relaxed(&tag_header(store->segment)->sequence, UINT64_MAX - 1); }
static void a_sequence_at_the_limit(struct store *store)
{
	store_relaxed(&tag_header(store->segment)->sequence, TAG_SEQUENCE_LIMIT);
}
static void a_floor_to_come(struct store *store)
{
	store_relaxed(&some_set(store)->floor, tag_sequence(store->segment) + 1);
	store_relaxed(&some_record(store)->hard, 0);
}
static void a_record_to_come(struct store *store) { store_relaxed(&some_record(store)->hard, UINT64_MAX); }
static void a_soft_one_to_come(struct store *store)
{
	store_relaxed(&some_record(store)->hard, 0);
	store_relaxed(&some_record(store)->soft, UINT64_MAX);
}
static void a_time_without_end(struct store *store)
{
	store_relaxed(&some_record(store)->soft, tag_sequence(store->segment));
	store_relaxed(&some_record(store)->soft_us, INT64_MAX - 5);
}
static void a_negative_time(struct store *store) { store_relaxed(&some_record(store)->hard_us, -1); }
static void a_tag_of_another_set(struct store *store) { store_relaxed(&some_set(store)->hashes[some_way(store)], load_relaxed(&some_set(store)->hashes[some_way(store)]) ^ 1); }
static void a_tag_twice(struct store *store)
{
	struct tag_set *set = some_set(store);
	unsigned way = some_way(store);

	/* The reader would find the wrong one first. */
	store_relaxed(&set->hashes[way ? 0 : 1], load_relaxed(&set->hashes[way]));
	memset((void *)&set->records[way], 0, sizeof set->records[0]);
}
static void a_lock_of_nobody(struct store *store) { store_relaxed(&tag_header(store->segment)->lock.word, 12345); }

static void a_damaged_table_makes_nothing_valid(void **state)
{
	static const struct {
		void (*damage)(struct store *store);
		bool spares; /* what is valid */
	} cases[] = {
		{nothing, true}, {a_lock_of_nobody, true}, {no_sequence, false}, {an_old_sequence, false}, {a_huge_sequence, false},
		{a_sequence_at_the_limit, false}, {a_floor_to_come, true}, {a_record_to_come, true}, {a_soft_one_to_come, true},
		{a_time_without_end, true}, {a_negative_time, true}, {a_tag_of_another_set, true}, {a_tag_twice, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct store *store = open_store(MB);
		char path[512];
		for (int k = 0; k < 5; k++) {
			invalidate_tags(store, "some other tags", false);
		}
		put_lasting(store, "hard", "value", 0, 100 * SECOND, "hard");
		put_lasting(store, "soft", "value", 0, STORE_FOREVER, "soft");
		invalidate_tags(store, "hard", true);
		invalidate_tags(store, "soft", false);
		put_lasting(store, "valid", "value", 0, STORE_FOREVER, "valid");
		put_lasting(store, "untagged", "value", 0, 0, "");
		cases[i].damage(store);
		snprintf(path, sizeof path, "%s", store->segment->path);
		close_store(store);
		store = open_store(MB);
		if (state_of(store, "hard") != MISSING) {
			check_failed(__FILE__, __LINE__, "valid again by damage number %zu", i);
		}
		CHECK(state_of(store, "soft") != FRESH);
		CHECK(has(store, "untagged"));
		CHECK_EQ(state_of(store, "valid"), cases[i].spares ? FRESH : MISSING);
		put_lasting(store, "hard", "new", 0, STORE_FOREVER, "hard");
		put_lasting(store, "valid", "new", 0, STORE_FOREVER, "valid");
		CHECK_STATE(store, "hard", FRESH);
		CHECK_STATE(store, "valid", FRESH);
		invalidate_tags(store, "hard", false);
		CHECK_STATE(store, "hard", STALE);
		CHECK_STATE(store, "valid", FRESH);
		CHECK_VERIFIED(store);
		close_store(store);
		CHECK_EQ(remove(path), 0);
	}
}

static void a_floor_of_another_time(struct store *store) { store_relaxed(&some_set(store)->floor_us, INT64_MAX / 2); }
static void a_clock_set_back(struct store *store)
{
	(void)store;
	clock_advance(-3600 * SECOND);
}

/* Whatever was invalidated was so before somebody attached alone: what is read from its source after that is valid. */
static void stamps_of_after_attaching_alone_are_valid(void **state)
{
	static void (*const damages[])(struct store *store) = {
		nothing, a_clock_set_back, no_sequence, a_record_to_come, a_time_without_end, a_floor_of_another_time,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		struct store *store = open_store(MB);
		char path[512];
		int64_t before;
		invalidate_tags(store, "hard", true);
		damages[i](store);
		snprintf(path, sizeof path, "%s", store->segment->path);
		close_store(store);
		before = world->wall_us - SECOND;
		store = open_store(MB);
		clock_advance(SECOND);
		if (state_of_stamped(store, world->wall_us - SECOND / 2, "hard") != FRESH) {
			check_failed(__FILE__, __LINE__, "born invalid by damage number %zu", i);
		}
		CHECK_EQ(state_of_stamped(store, before, "hard"), MISSING);
		CHECK_VERIFIED(store);
		close_store(store);
		CHECK_EQ(remove(path), 0);
	}
}

/* Any bytes at all: nothing crashes, and what is stored and invalidated afterwards behaves. */
static void a_table_of_random_bytes(void **state)
{
	struct rng rng = {77};

	(void)state;
	for (int round = 0; round < (SLOW_BUILD ? 60 : 200); round++) {
		struct store *store = open_store(MB);
		struct tag_header *header = tag_header(store->segment);
		size_t size = sizeof *header + store->segment->geometry.tag_sets * sizeof(struct tag_set);
		invalidate_tags(store, "a b c d", round % 2);
		put_lasting(store, "key", "value", 10 * SECOND, 100 * SECOND, "a b");
		for (int n = 0; n < 40; n++) {
			uint64_t word = rng_next(&rng) >> rng_below(&rng, 64);
			memcpy((char *)header + rng_below(&rng, size / 8) * 8, &word, 8);
		}
		if (rng_below(&rng, 3) == 0) {
			memset((void *)(header + 1), (int)rng_below(&rng, 256), size - sizeof *header);
		}
		close_store(store);
		store = open_store(MB);
		(void)state_of(store, "key");
		put_lasting(store, "key", "value", 10 * SECOND, 100 * SECOND, "a b");
		CHECK_STATE(store, "key", FRESH);
		invalidate_tags(store, "b", true);
		CHECK_STATE(store, "key", MISSING);
		CHECK_VERIFIED(store);
		close_store(store);
	}
}

/* ---- what it costs ------------------------------------------------------------------------------------------ */

/* No entry is looked at, however many carry the tag: no lock of a shard is taken. */
static void invalidating_takes_no_lock_of_a_shard(void **state)
{
	struct store *store = open_store(4 * MB);

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		put_tagged(store, key_number(store, "key", i).bytes, "tag");
	}
	fault_none();
	invalidate_tags(store, "tag", false);
	CHECK_EQ(fault_passes(FAULT_LOCKED), 0);
	for (unsigned i = 0; i < 3000; i++) {
		CHECK(!has(store, key_number(store, "key", i).bytes));
	}
}

/* Without any slot there is no lock to take. */
static void a_guest_invalidates(void **state)
{
	struct store_options options = options_for(MB);
	struct store *a, *guest;

	(void)state;
	options.processes = 1;
	a = open_with(&options);
	guest = open_with(&options);
	CHECK(guest->owner.guest);
	put_tagged(a, "key", "tag");
	put_tagged(guest, "other", "gat");
	invalidate_tags(guest, "tag", false);
	CHECK_STATE(a, "key", STALE);
	CHECK_STATE(a, "other", FRESH);
	invalidate_tags(a, "gat", true);
	CHECK_STATE(guest, "other", MISSING);
	CHECK_VERIFIED(a);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(soft_makes_stale_and_hard_makes_missing),
		TEST(a_soft_deadline_counts_from_the_invalidation),
		TEST(marked_as_stale_and_invalidated),
		TEST(any_of_several_tags_will_do),
		TEST(sixteen_tags_of_255_bytes),
		TEST(scalars_are_not_read_past_an_invalidation),
		TEST(an_invalidation_voids_the_tokens),
		TEST(a_token_waits_for_an_invalidation),
		TEST(the_sequence_is_counted_up_for_the_dead),
		TEST(an_invalidated_int_begins_anew),
		TEST(a_move_makes_nothing_newer),
		TEST(images_have_tags_too),
		TEST(the_oldest_record_is_given_up_and_is_no_hit),
		TEST(the_oldest_is_the_one_whose_last_invalidation_is),
		TEST(sixteen_tags_of_one_set_at_once),
		TEST(many_tags_for_a_small_table),
		TEST(a_value_of_before_an_invalidation_is_born_invalid),
		TEST(a_forgotten_invalidation_counts_for_stamps_too),
		TEST(a_value_of_before_is_invalid_whenever_it_is_stored),
		TEST(nothing_is_counted_before_the_record_tells),
		TEST(a_store_that_began_before_loses),
		TEST(no_old_value_is_fresh_after_an_invalidation),
		TEST(readers_see_their_tag_whoever_else_claims_records),
		TEST(a_stopped_holder_of_the_lock_delays_but_does_not_prevent),
		TEST(a_killed_holder_of_the_lock_leaves_nothing_to_mend),
		TEST(whoever_is_killed_while_invalidating),
		TEST(steps_of_the_clock),
		TEST(a_damaged_table_makes_nothing_valid),
		TEST(stamps_of_after_attaching_alone_are_valid),
		TEST(a_table_of_random_bytes),
		TEST(invalidating_takes_no_lock_of_a_shard),
		TEST(a_guest_invalidates),
	};

	return RUN(tests, argc, argv);
}
