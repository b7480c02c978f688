#include "support.h"

#include "core/store/tag.h"

#define SECOND INT64_C(1000000)

/* ---- durations ------------------------------------------------------------------------------------------ */

static void durations_at_their_boundaries(void **state)
{
	static const struct {
		int64_t us;
		uint32_t encoded;
		int64_t decoded;
	} cases[] = {
		{0, 0, 0},
		{1, 1, 1000},
		{999, 1, 1000},
		{1000, 1, 1000},
		{1001, 2, 2000},
		{SECOND, 1000, SECOND},
		/* the last one in milliseconds: 2^31 - 1 */
		{INT64_C(2147483647000), 2147483647u, INT64_C(2147483647000)},
		{INT64_C(2147483646001), 2147483647u, INT64_C(2147483647000)},
		/* from here on seconds, rounded up */
		{INT64_C(2147483647001), DURATION_SECONDS | 2147484u, INT64_C(2147484) * SECOND},
		{INT64_C(2147483648000), DURATION_SECONDS | 2147484u, INT64_C(2147484) * SECOND},
		{INT64_C(2147484) * SECOND, DURATION_SECONDS | 2147484u, INT64_C(2147484) * SECOND},
		{INT64_C(2147484) * SECOND + 1, DURATION_SECONDS | 2147485u, INT64_C(2147485) * SECOND},
		/* the last one before "no limit", which is 2^31 - 1 s: 68 years */
		{INT64_C(2147483646) * SECOND, 0xfffffffeu, INT64_C(2147483646) * SECOND},
		{INT64_C(2147483646) * SECOND + 1, DURATION_FOREVER, STORE_FOREVER},
		{INT64_C(2147483647) * SECOND, DURATION_FOREVER, STORE_FOREVER},
		{INT64_MAX, DURATION_FOREVER, STORE_FOREVER},
		{STORE_FOREVER, DURATION_FOREVER, STORE_FOREVER},
		{INT64_MIN, DURATION_FOREVER, STORE_FOREVER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK_EQ(duration_encode(cases[i].us), cases[i].encoded);
		CHECK_EQ(duration_us(cases[i].encoded), cases[i].decoded);
	}
}

/* Never shorter than asked for, by less than its unit longer; and encoding what was decoded changes nothing. */
static void durations_are_rounded_up(void **state)
{
	struct rng rng = {1};

	(void)state;
	for (int i = 0; i < 100000; i++) {
		int64_t us = (int64_t)(rng_next(&rng) >> (13 + rng_below(&rng, 50)));
		uint32_t encoded = duration_encode(us);
		int64_t decoded = duration_us(encoded);
		if (decoded == STORE_FOREVER) {
			CHECK(us > INT64_C(2147483646) * SECOND);
			continue;
		}
		int64_t unit = decoded >= INT64_C(2147483648000) ? SECOND : 1000;
		CHECK(decoded >= us);
		CHECK(decoded - us < unit);
		CHECK_EQ(duration_encode(decoded), encoded);
	}
}

/* ---- words ---------------------------------------------------------------------------------------------- */

static void integers_of_63_bits_fit_the_word(void **state)
{
	static const int64_t fitting[] = {0, 1, -1, INT_WORD_MAX, INT_WORD_MIN, INT_WORD_MAX - 1, INT_WORD_MIN + 1};

	(void)state;
	CHECK_EQ(INT_WORD_MAX, (INT64_C(1) << 62) - 1);
	CHECK_EQ(INT_WORD_MIN, -(INT64_C(1) << 62));
	for (size_t i = 0; i < COUNT_OF(fitting); i++) {
		CHECK(int_fits_word(fitting[i]));
		CHECK_EQ(int_decode(int_encode(fitting[i])), fitting[i]);
		CHECK((int_encode(fitting[i]) & INT_FROZEN) == 0);
		CHECK_EQ(int_decode(int_encode(fitting[i]) | INT_FROZEN), fitting[i]);
	}
	CHECK(!int_fits_word(INT_WORD_MAX + 1));
	CHECK(!int_fits_word(INT_WORD_MIN - 1));
	CHECK(!int_fits_word(INT64_MAX));
	CHECK(!int_fits_word(INT64_MIN));
}

static void stamps_leave_room_for_two_flags(void **state)
{
	static const int64_t stamps[] = {1, -1, CLOCK_START, -CLOCK_START, INT64_C(1) << 60, -(INT64_C(1) << 60)};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(stamps); i++) {
		int64_t word = stamp_encode(stamps[i]);
		CHECK((word & (STAMP_FROZEN | STAMP_DEAD)) == 0);
		CHECK_EQ(stamp_decode(word), stamps[i]);
		CHECK_EQ(stamp_decode(word | STAMP_FROZEN | STAMP_DEAD), stamps[i]);
	}
}

/* ---- an entry in plain memory --------------------------------------------------------------------------- */

static struct key_hash hash;

static struct {
	_Alignas(64) char bytes[1024];
} block;

static struct entry *filled(unsigned type, const char *key, const struct store_item *item)
{
	struct entry *e = (struct entry *)block.bytes;
	struct store_key k = {key, (uint32_t)strlen(key), key_hash_of(&hash, key, strlen(key))};
	struct tag_head tags;

	memset(&block, 0, sizeof block);
	e->version = 2;
	tag_head_make(&hash, item->tags, item->tags_size, 7, &tags);
	entry_set_extent(e, &k, item, type);
	entry_fill(e, &k, item, type, &tags, CLOCK_START, CLOCK_START / SECOND, 0);
	e->state = ENTRY_LIVE | QUEUE_SMALL << 4;
	return e;
}

static struct entry *filled_string(void)
{
	static const char tags[] = "\003red\005green";
	struct store_item item = item_string("the value", 9);

	item.flags = 5;
	item.tags = tags;
	item.tags_size = sizeof tags - 1;
	item.tag_count = 2;
	return filled(STORE_STRING, "a key", &item);
}

static void fill_writes_what_the_accessors_read(void **state)
{
	struct entry *e = filled_string();

	(void)state;
	CHECK_EQ(e->type, STORE_STRING);
	CHECK_EQ(e->flags, 5);
	CHECK_EQ(e->key_length, 5);
	CHECK(memcmp(e->key, "a key", 5) == 0);
	CHECK_EQ(e->size, 9);
	CHECK(memcmp(entry_value(e), "the value", 9) == 0);
	CHECK_EQ((uintptr_t)entry_value(e) % 8, 0);
	/* a word, two hashes, the list */
	CHECK_EQ(e->tags_size, 24 + 10);
	CHECK_EQ(entry_tag_count(e), 2);
	CHECK_EQ(tag_word_sequence(load_word(entry_tags(e))), 7);
	CHECK_EQ(load_word(entry_tags(e) + 8), tag_hash(&hash, "red", 3));
	CHECK_EQ(load_word(entry_tags(e) + 16), tag_hash(&hash, "green", 5));
	CHECK_EQ(entry_tag_list_size(e), 10);
	CHECK(memcmp(entry_tag_list(e), "\003red\005green", 10) == 0);
	CHECK_EQ(entry_count_tags(entry_tag_list(e), entry_tag_list_size(e)), 2);
	CHECK_EQ(e->lock, 0);
	CHECK_EQ(stamp_decode(e->stamp), CLOCK_START);
	CHECK_EQ(e->accessed, CLOCK_START / SECOND);
	CHECK_EQ(e->ttl, DURATION_FOREVER);
	CHECK_EQ(e->stale_ttl, 0);
	/* header, key padded to 8, value, tags, checksum */
	CHECK_EQ(entry_bytes(e), 64 + 8 + 9 + 34 + 4);
	CHECK(entry_valid(e, entry_bytes(e), &hash));
}

static void scalars_take_a_word_and_no_checksum(void **state)
{
	struct store_item item = item_int(-5);

	(void)state;
	struct entry *e = filled(STORE_INT, "12345678", &item);
	CHECK_EQ(entry_bytes(e), 64 + 8 + 8);
	CHECK_EQ(int_decode(*entry_word(e)), -5);
	CHECK(entry_valid(e, 80, &hash));

	item.integer = INT64_MIN;
	e = filled(STORE_BIGINT, "123456789", &item);
	CHECK_EQ(entry_bytes(e), 64 + 16 + 8);
	CHECK_EQ(entry_bigint(e), INT64_MIN);

	item = (struct store_item){.type = STORE_NULL};
	e = filled(STORE_NULL, "k", &item);
	CHECK_EQ(entry_bytes(e), 72);
	CHECK(entry_valid(e, 72, &hash));

	item = (struct store_item){.type = STORE_DOUBLE, .real = 0.5};
	e = filled(STORE_DOUBLE, "k", &item);
	CHECK_EQ(entry_bytes(e), 80);
	CHECK(memcmp(entry_value(e), &item.real, 8) == 0);
}

static void each_field_that_lies_makes_it_invalid(void **state)
{
	struct key_hash other;
	struct entry *e;
	uint64_t bytes = entry_bytes(filled_string());

	(void)state;
#define SPOILED(change)                                     \
	do {                                                    \
		e = filled_string();                                \
		CHECK(entry_valid(e, bytes, &hash));            \
		change;                                             \
		CHECK(!entry_valid(e, bytes, &hash));           \
	} while (0)
	SPOILED(e->type = 0);
	SPOILED(e->type = STORE_TYPE_COUNT);
	SPOILED(e->type = STORE_SERIALIZED);
	SPOILED(e->type = STORE_INT);
	SPOILED(e->key_length = 0);
	SPOILED(e->key_length = 4);
	SPOILED(e->key_length = 6);
	SPOILED(e->key_length = 65535);
	SPOILED(e->size++);
	SPOILED(e->size--);
	SPOILED(e->size = UINT32_MAX);
	SPOILED(e->flags ^= 1);
	SPOILED(e->frequency = 4);
	SPOILED(e->hash ^= 1);
	SPOILED(e->tags_size--);
	SPOILED(e->tags_size = 0);
	SPOILED(e->tags_size = 65535);
	SPOILED(e->key[0] ^= 1);
	SPOILED(*entry_tag_list(e) = 0);
	SPOILED(*entry_tag_list(e) = 9);
	SPOILED(entry_tags(e)[7] = 0);
	SPOILED(entry_tags(e)[7] = 1);
	SPOILED(entry_tags(e)[7] = 3);
	SPOILED(entry_tags(e)[8] ^= 1);
	SPOILED(*entry_checksum_at(e) ^= 1);
	e = filled_string();
	CHECK(!entry_valid(e, bytes - 1, &hash));
	key_hash_make(&other, &(struct hash_key){1, 3}, hash.aes);
	CHECK(!entry_valid(e, bytes, &other));
}

static void checksum_covers_each_byte_of_value_and_tags(void **state)
{
	struct entry *e = filled_string();
	uint64_t bytes = entry_bytes(e);
	char *from = entry_value(e), *to = entry_checksum_at(e);

	(void)state;
	CHECK_EQ(to - from, 9 + 34);
	for (char *at = from; at < to + 4; at++) {
		for (int bit = 0; bit < 8; bit++) {
			*at ^= (char)(1 << bit);
			CHECK(!entry_valid(e, bytes, &hash));
			*at ^= (char)(1 << bit);
		}
	}
	CHECK(entry_valid(e, bytes, &hash));
}

/* The word of an int changes without its checksum; its tags are covered all the same. */
static void an_int_with_tags_may_change(void **state)
{
	struct store_item item = item_int(1);

	(void)state;
	item.tags = "\003tag";
	item.tags_size = 4;
	struct entry *e = filled(STORE_INT, "counter", &item);
	*entry_word(e) = int_encode(2);
	CHECK(entry_valid(e, entry_bytes(e), &hash));
	entry_tags(e)[1] ^= 1;
	CHECK(!entry_valid(e, entry_bytes(e), &hash));
}

/* ---- times ---------------------------------------------------------------------------------------------- */

static struct entry *timed(int64_t ttl_us, int64_t stale_us)
{
	struct store_item item = item_int(1);

	item.ttl_us = ttl_us;
	item.stale_ttl_us = stale_us;
	return filled(STORE_INT, "key", &item);
}

static enum store_state state_after(const struct entry *e, int64_t us)
{
	return entry_state_at(e, e->stamp, CLOCK_START + us);
}

static void fresh_then_stale_then_missing(void **state)
{
	struct entry *e = timed(10000, 5000);

	(void)state;
	CHECK_EQ(state_after(e, 0), STORE_STATE_FRESH);
	CHECK_EQ(state_after(e, 9999), STORE_STATE_FRESH);
	CHECK_EQ(state_after(e, 10000), STORE_STATE_STALE);
	CHECK_EQ(state_after(e, 14999), STORE_STATE_STALE);
	CHECK_EQ(state_after(e, 15000), STORE_STATE_MISSING);
	/* the clock went back: age 0 */
	CHECK_EQ(state_after(e, -SECOND), STORE_STATE_FRESH);
}

static void limits_that_do_not_end(void **state)
{
	const int64_t age = INT64_C(1) << 58;
	struct entry *e = timed(0, 0);

	(void)state;
	CHECK_EQ(state_after(e, age), STORE_STATE_FRESH);
	e = timed(STORE_FOREVER, 0);
	CHECK_EQ(state_after(e, age), STORE_STATE_FRESH);
	e = timed(10000, STORE_FOREVER);
	CHECK_EQ(state_after(e, 9999), STORE_STATE_FRESH);
	CHECK_EQ(state_after(e, age), STORE_STATE_STALE);
	e = timed(1, 0); /* rounded up to a millisecond */
	CHECK_EQ(state_after(e, 999), STORE_STATE_FRESH);
	CHECK_EQ(state_after(e, 1000), STORE_STATE_MISSING);
}

/* A negative stamp: invalidated at that time; stale for stale_ttl from then on, whatever the ttl was. */
static void invalidated_entries(void **state)
{
	struct entry *e = timed(SECOND, 5000);
	int64_t word = stamp_encode(-CLOCK_START);
	struct entry_times times;

	(void)state;
	CHECK_EQ(entry_state_at(e, word, CLOCK_START - SECOND), STORE_STATE_STALE);
	CHECK_EQ(entry_state_at(e, word, CLOCK_START + 4999), STORE_STATE_STALE);
	CHECK_EQ(entry_state_at(e, word, CLOCK_START + 5000), STORE_STATE_MISSING);
	entry_times(e, word, &times);
	CHECK_EQ(times.stamp_us, -CLOCK_START);
	CHECK_EQ(times.soft_us, CLOCK_START);
	CHECK_EQ(times.hard_us, CLOCK_START + 5000);
	CHECK_EQ(entry_state_at(e, stamp_encode(CLOCK_START) | STAMP_DEAD, CLOCK_START), STORE_STATE_MISSING);
	e = timed(SECOND, 0);
	CHECK_EQ(entry_state_at(e, word, CLOCK_START), STORE_STATE_MISSING);
	e = timed(SECOND, STORE_FOREVER);
	CHECK_EQ(entry_state_at(e, word, CLOCK_START + (INT64_C(1) << 58)), STORE_STATE_STALE);
}

/* ---- names ---------------------------------------------------------------------------------------------- */

static void types_have_names(void **state)
{
	(void)state;
	assert_string_equal(store_type_name(STORE_NULL), "null");
	assert_string_equal(store_type_name(STORE_FALSE), "bool");
	assert_string_equal(store_type_name(STORE_TRUE), "bool");
	assert_string_equal(store_type_name(STORE_INT), "int");
	assert_string_equal(store_type_name(STORE_BIGINT), "int");
	assert_string_equal(store_type_name(STORE_DOUBLE), "float");
	assert_string_equal(store_type_name(STORE_STRING), "string");
	assert_string_equal(store_type_name(STORE_SERIALIZED), "serialized");
	assert_string_equal(store_type_name((enum store_type)0), "?");
	assert_string_equal(store_type_name((enum store_type)STORE_TYPE_COUNT), "?");
}

static void tags_are_counted(void **state)
{
	char many[16 * 256];

	(void)state;
	CHECK_EQ(entry_count_tags(NULL, 0), 0);
	CHECK_EQ(entry_count_tags("\001a\002bc", 5), 2);
	for (int i = 0; i < 16; i++) {
		memset(many + i * 256, 'x', 256);
		many[i * 256] = (char)255;
	}
	CHECK_EQ(entry_count_tags(many, sizeof many), 16);
}

int main(int argc, char **argv)
{
	key_hash_make(&hash, &(struct hash_key){1, 2}, key_hash_has_aes());
	const struct CMUnitTest tests[] = {
		TEST(durations_at_their_boundaries),
		TEST(durations_are_rounded_up),
		TEST(integers_of_63_bits_fit_the_word),
		TEST(stamps_leave_room_for_two_flags),
		TEST(fill_writes_what_the_accessors_read),
		TEST(scalars_take_a_word_and_no_checksum),
		TEST(each_field_that_lies_makes_it_invalid),
		TEST(checksum_covers_each_byte_of_value_and_tags),
		TEST(an_int_with_tags_may_change),
		TEST(fresh_then_stale_then_missing),
		TEST(limits_that_do_not_end),
		TEST(invalidated_entries),
		TEST(types_have_names),
		TEST(tags_are_counted),
	};

	return RUN(tests, argc, argv);
}
