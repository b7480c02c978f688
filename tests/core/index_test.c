#include "support.h"

#include <unistd.h>

#include "core/store/index.h"

/* ---- linear hashing ------------------------------------------------------------------------------------- */

static void a_split_moves_one_buckets_words_only(void **state)
{
	struct rng rng = {1};

	(void)state;
	for (uint64_t n = 1; n < 5000; n++) {
		uint64_t half = (bucket_mask(n) + 1) / 2, from = n - half;
		CHECK(half <= n && n < half * 2);
		for (int i = 0; i < 40; i++) {
			uint64_t hash = rng_next(&rng), before = bucket_of(hash, n), after = bucket_of(hash, n + 1);
			CHECK(before < n);
			if (after != before) {
				CHECK_EQ(after, n);
				CHECK_EQ(before, from);
			}
		}
	}
}

/* The tag and the shard use other bits of the hash than the bucket. */
static void bits_of_a_hash_serve_one_purpose(void **state)
{
	struct rng rng = {2};
	struct geometry g = {.shards = 64};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t hash = rng_next(&rng);
		for (int bit = 0; bit < 64; bit++) {
			uint64_t other = hash ^ UINT64_C(1) << bit;
			int changed = (hash_tag(other) != hash_tag(hash)) + (hash_bucket_bits(other) != hash_bucket_bits(hash)) +
			              (shard_of_hash(&g, other) != shard_of_hash(&g, hash));
			CHECK(changed <= 1);
		}
	}
}

static void slot_words_keep_what_they_are_made_of(void **state)
{
	struct rng rng = {3};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t hash = rng_next(&rng), granule = rng_next(&rng) >> (64 - PLACE_BITS);
		unsigned type = 1 + (unsigned)rng_below(&rng, STORE_TYPE_COUNT - 1);
		uint64_t word = slot_word(hash, type, (struct place){granule});
		CHECK_EQ(word_tag(word), hash_tag(hash));
		CHECK_EQ(word_type(word), type);
		CHECK_EQ(word_granule(word), granule);
	}
}

/* ---- growth --------------------------------------------------------------------------------------------- */

static uint64_t buckets_of(struct store *store)
{
	struct shard_ref r = shard_open(&store->owner, 0);

	return layout_buckets(load_relaxed(&r.shard->layout));
}

static void it_grows_with_its_entries(void **state)
{
	enum { ENTRIES = 120000 };
	struct store *store = open_store(24 * MB);
	struct store_info info;
	struct store_view view;

	(void)state;
	CHECK_EQ(store->segment->geometry.shards, 1);
	for (uint64_t i = 0; i < ENTRIES; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_int(store, &key, (int64_t)i));
		/* What was stored long ago, and just now. */
		uint64_t old = hash_mix(i) % (i + 1);
		key = key_number(store, "key", old);
		CHECK_OK(store_get(store, &key, &view));
		CHECK_EQ(view.integer, old);
	}
	for (uint64_t i = 0; i < ENTRIES; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(store_get(store, &key, &view));
		CHECK_EQ(view.integer, i);
		key = key_number(store, "absent", i);
		CHECK(!has_key(store, &key));
	}
	store_get_info(store, &info);
	CHECK_EQ(info.entries, ENTRIES);
	CHECK_EQ(info.counters[STORE_COUNT_evictions], 0);
	CHECK(buckets_of(store) >= ENTRIES / 6);
	CHECK(info.memory_index < ENTRIES * 20); /* bytes of index for each entry */
	CHECK_VERIFIED(store);
	for (uint64_t i = 0; i < ENTRIES; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(store_delete(store, &key));
	}
	store_get_info(store, &info);
	CHECK_EQ(info.entries, 0);
	CHECK_VERIFIED(store);
}

enum { STABLE = 200, ADDED = 6000, FLAG_STOP = 4 };

/* Each round has a segment of its own, so that many small indexes grow: there splits hit what is being looked for. */
static struct store *open_round(uint64_t round)
{
	struct store_options options = options_for(4 * MB);
	char name[32];

	snprintf(name, sizeof name, "round%llu", (unsigned long long)round);
	options.name = name;
	return open_with(&options);
}

static void look_for_all(struct store *store, uint64_t round)
{
	struct store_key keys[STABLE];
	static char names[STABLE][32];

	for (uint64_t i = 0; i < STABLE; i++) {
		strcpy(names[i], key_number(store, "stable", i).bytes);
		keys[i] = key_of(store, names[i]);
	}
	while (world->words[1] == round) {
		for (uint64_t i = 0; i < STABLE; i++) {
			struct store_view view;
			if (store_get(store, &keys[i], &view) != CACHE_OK) {
				check_failed(__FILE__, __LINE__, "key %d was missed with %d buckets", (int)i, (int)buckets_of(store));
			}
			CHECK_EQ(view.integer, i);
			world->words[2]++;
		}
	}
}

static void look_round_by_round(void *context)
{
	uint64_t last = 0;

	(void)context;
	jitter();
	while (!world->flags[FLAG_STOP]) {
		uint64_t round = world->words[1];
		if (round == last || round == 0) {
			usleep(50);
			continue;
		}
		struct store *store = open_round(round);
		world->words[3] += 1;
		look_for_all(store, round);
		close_store(store);
		last = round;
	}
}

/* While buckets are split, chains are lengthened and shortened, and lines are freed and reused. */
static void readers_never_miss_what_is_there(void **state)
{
	enum { READERS = 2 };
	const uint64_t rounds = SLOW_BUILD ? 15 : 50;
	pid_t pids[READERS];

	(void)state;
	for (int i = 0; i < READERS; i++) {
		pids[i] = child_start(look_round_by_round, NULL);
	}
	for (uint64_t round = 1; round <= rounds; round++) {
		struct store *store = open_round(round);
		for (uint64_t i = 0; i < STABLE; i++) {
			struct store_key key = key_number(store, "stable", i);
			CHECK_OK(put_int(store, &key, (int64_t)i));
		}
		world->words[3] = 0;
		world->words[1] = round;
		for (int waited = 0; world->words[3] < READERS; waited++) {
			CHECK(waited < 100000);
			usleep(100);
		}
		for (uint64_t i = 0; i < ADDED; i++) {
			struct store_key key = key_number(store, "key", i);
			CHECK_OK(put_int(store, &key, (int64_t)i));
			if (i % 3 == 0) {
				key = key_number(store, "key", i / 2);
				(void)!store_delete(store, &key);
			}
		}
		CHECK_EQ(COUNTER_OF(store, evictions), 0);
		CHECK_VERIFIED(store);
		char path[512];
		snprintf(path, sizeof path, "%s", store->segment->path);
		close_store(store);
		CHECK_EQ(remove(path), 0);
	}
	world->words[1] = 0;
	flag_raise(FLAG_STOP);
	for (int i = 0; i < READERS; i++) {
		child_join(pids[i]);
	}
	CHECK(world->words[2] > rounds * STABLE);
}

/* ---- attacks -------------------------------------------------------------------------------------------- */

static unsigned longest_chain(struct store *store)
{
	struct shard_ref r = lock_shard(store, 0);
	unsigned longest = 0;

	for (uint64_t bucket = 0; bucket < layout_buckets(load_relaxed(&r.shard->layout)); bucket++) {
		unsigned lines = 0;
		for (struct bucket_line *line = bucket_line(&r, bucket); line; line = line_next(&r, line)) {
			lines++;
		}
		longest = lines > longest ? lines : longest;
	}
	shard_unlock(&r);
	return longest;
}

/* Keys whose hashes agree in the bits that choose the bucket: found by search, as if the segment's key were known. */
static void keys_that_all_fall_into_one_bucket(void **state)
{
	enum { ATTACKERS = 600, BITS = 0x3ff };
	struct store *store = open_store(4 * MB);
	static uint64_t attackers[ATTACKERS];
	unsigned found = 0;

	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		struct store_key key = key_number(store, "bystander", i);
		CHECK_OK(put_int(store, &key, (int64_t)i));
	}
	/* Bystanders of the attacked bucket, as it is before the attack: it may be split meanwhile. */
	uint64_t attacked_bucket = bucket_of(UINT64_C(0x155) << 8, buckets_of(store)), buckets = buckets_of(store);
	for (uint64_t i = 0; found < ATTACKERS; i++) {
		if ((hash_bucket_bits(key_number(store, "attack", i).hash) & BITS) == 0x155) {
			attackers[found++] = i;
		}
	}
	for (unsigned i = 0; i < ATTACKERS; i++) {
		struct store_key key = key_number(store, "attack", attackers[i]);
		CHECK_OK(put_int(store, &key, (int64_t)i));
		CHECK(has_key(store, &key)); /* the newest is there */
	}
	CHECK_EQ(longest_chain(store), CHAIN_LINES_MAX);
	unsigned left = 0, lost = 0;
	for (unsigned i = 0; i < ATTACKERS; i++) {
		struct store_key key = key_number(store, "attack", attackers[i]);
		left += has_key(store, &key);
	}
	/* Only the attacked bucket suffers. */
	for (uint64_t i = 0; i < 300; i++) {
		struct store_key key = key_number(store, "bystander", i);
		bool attacked = bucket_of(key.hash, buckets) == attacked_bucket;
		CHECK(attacked || has_key(store, &key));
		lost += attacked && !has_key(store, &key);
	}
	CHECK(left > CHAIN_LINES_MAX * LINE_SLOTS / 2 && left <= CHAIN_LINES_MAX * LINE_SLOTS);
	CHECK(COUNTER_OF(store, evictions_chain) >= ATTACKERS - CHAIN_LINES_MAX * LINE_SLOTS);
	CHECK(lost <= 20);
	CHECK_VERIFIED(store);
	for (unsigned i = 0; i < ATTACKERS; i++) {
		struct store_key key = key_number(store, "attack", attackers[i]);
		(void)!store_delete(store, &key);
	}
	CHECK_VERIFIED(store);
}

/* In a full chain the coldest goes: a hot entry survives the attack. */
static void a_full_chain_keeps_its_hot_entries(void **state)
{
	enum { BITS = 0x3ff };
	struct store *store = open_store(4 * MB);
	struct store_key hot = {0};
	unsigned found = 0;

	(void)state;
	for (uint64_t i = 0; found < 200; i++) {
		struct store_key key = key_number(store, "attack", i);
		if ((hash_bucket_bits(key.hash) & BITS) != 0x2aa) {
			continue;
		}
		CHECK_OK(put_int(store, &key, (int64_t)i));
		if (found++ == 0) {
			static char name[32];
			strcpy(name, key.bytes);
			hot = key_of(store, name);
		}
		CHECK(has_key(store, &hot));
	}
	CHECK(COUNTER_OF(store, evictions_chain) >= 200 - CHAIN_LINES_MAX * LINE_SLOTS - 1);
}

/* The same 64-bit hash: one bucket, one tag; told apart by the bytes. Not verified: verify computes the hash anew. */
static void keys_with_one_hash_are_bounded_too(void **state)
{
	struct store *store = open_store(MB);
	unsigned left = 0;

	(void)state;
	for (uint64_t i = 0; i < 500; i++) {
		struct store_key key = key_number(store, "key", i);
		struct store_view view;
		key.hash = UINT64_C(0x123456789abcdef0);
		CHECK_OK(put_int(store, &key, (int64_t)i));
		CHECK_OK(store_get(store, &key, &view));
		CHECK_EQ(view.integer, i);
	}
	for (uint64_t i = 0; i < 500; i++) {
		struct store_key key = key_number(store, "key", i);
		struct store_view view;
		key.hash = UINT64_C(0x123456789abcdef0);
		if (store_get(store, &key, &view) == CACHE_OK) {
			CHECK_EQ(view.integer, i);
			left++;
		}
	}
	CHECK_EQ(left, CHAIN_LINES_MAX * LINE_SLOTS);
}

/* A chain that is split, or whose entries went, gives its lines back. */
static void lines_of_split_chains_come_back(void **state)
{
	struct store *store = open_store(8 * MB);
	struct shard_ref r;
	uint32_t lines;

	(void)state;
	for (uint64_t i = 0; i < 50000; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_int(store, &key, (int64_t)i));
	}
	r = lock_shard(store, 0);
	lines = r.shard->classes[LINE_CLASS].used;
	shard_unlock(&r);
	/* At a load of 5, a sixth of the chains has a second line; without step 4 of a split far more would. */
	CHECK(lines < buckets_of(store) / 3);
	CHECK_VERIFIED(store);
}

/* ---- expiry --------------------------------------------------------------------------------------------- */

static void a_bucket_notes_its_earliest_expiry(void **state)
{
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);

	(void)state;
	CHECK_EQ(index_second(&r, CLOCK_START), 0);
	CHECK_EQ(index_second(&r, CLOCK_START - 1), 0);
	CHECK_EQ(index_second(&r, 0), 0);
	CHECK_EQ(index_second(&r, CLOCK_START + 999999), 0);
	CHECK_EQ(index_second(&r, CLOCK_START + 1000000), 1);
	CHECK(index_second(&r, INT64_MAX) < EXPIRY_NEVER);
	for (int64_t seconds = 50; seconds > 0; seconds -= 7) {
		struct store_key key = key_number(store, "key", (uint64_t)seconds);
		struct store_item item = item_int(1);
		item.ttl_us = seconds * 1000000;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		uint64_t bucket = bucket_of(key.hash, buckets_of(store));
		CHECK(line_expiry(load_relaxed(&bucket_line(&r, bucket)->header)) <= (uint32_t)seconds);
	}
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_split_moves_one_buckets_words_only),
		TEST(bits_of_a_hash_serve_one_purpose),
		TEST(slot_words_keep_what_they_are_made_of),
		TEST(it_grows_with_its_entries),
		TEST(readers_never_miss_what_is_there),
		TEST(keys_that_all_fall_into_one_bucket),
		TEST(a_full_chain_keeps_its_hot_entries),
		TEST(keys_with_one_hash_are_bounded_too),
		TEST(lines_of_split_chains_come_back),
		TEST(a_bucket_notes_its_earliest_expiry),
	};

	return RUN(tests, argc, argv);
}
