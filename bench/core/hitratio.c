/*
 * The hit ratio of the cache itself beside exact policies, from empty; a miss stores the object.
 *   hitratio DIRECTORY SIZE... < trace     the objects asked for, one number a line
 *   hitratio DIRECTORY zipf SIZE...        Zipf 1.0, 500,000 keys, 5,000,000 requests, seed 42
 * One JSON object a line for each SIZE:
 *
 * 5000: at equal entries. The cache takes bytes, the policies count entries. So all values have one size, and the
 * segment's size is chosen such that it holds the number wanted: first by filling it with keys that never come again,
 * then by the mean of what it held in the replay, from its first eviction on. The policies get that mean.
 *
 * 16M: at equal bytes. Values have 100 bytes to 32 KB, equally many in each power of two. The policies get the size of
 * the segment and waste none of it: an object weighs its key, its value and 64 bytes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies.h"
#include "segment.h"
#include "sequence.h"

#define KEY_BYTES 12u
/* Header and checksum of an entry with such a key. */
#define OVERHEAD (64u + 16u + 4u)
#define UNIT 4096u
#define PAGE 16384u
/* The arena of a segment: at least this, so that the segment is not below STORE_SIZE_MIN. */
#define ARENA_MIN (UINT64_C(1300) << 10)
#define TOLERANCE 0.01
#define REPLAYS_MAX 6

/* ---- the cache ------------------------------------------------------------------------------------------ */

struct cache {
	struct store *store;
	uint64_t size;
	char *value;
	/* Of all values; 0: each has its own. */
	size_t value_size;
	size_t refused;
};

#define MIXED_MIN 100.0
#define MIXED_MAX 32768.0

static uint32_t mixed_size(uint32_t id)
{
	uint64_t x = (id + 1) * UINT64_C(0x9e3779b97f4a7c15);
	double fraction = (double)((x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 11) / (double)(UINT64_C(1) << 53);

	return (uint32_t)(MIXED_MIN * pow(MIXED_MAX / MIXED_MIN, fraction));
}

static void key_write(char *bytes, uint32_t id)
{
	static const char digits[] = "0123456789abcdef";

	memcpy(bytes, "obj:", 4);
	for (int i = 0; i < 8; i++) {
		bytes[4 + i] = digits[id >> (28 - 4 * i) & 0xf];
	}
}

static void info_of(const struct cache *cache, struct store_info *info)
{
	store_get_info(cache->store, info);
}

/* Returns whether it was a hit; a miss stores the object, which may be refused. */
static bool request(struct cache *cache, uint32_t id)
{
	char bytes[KEY_BYTES];
	key_write(bytes, id);
	const struct store_key key = segment_key(cache->store, bytes, sizeof bytes);
	const struct store_item item = {
		.type = STORE_STRING,
		.bytes = cache->value,
		.size = cache->value_size ? cache->value_size : mixed_size(id),
	};
	struct store_view view;

	if (store_get(cache->store, &key, &view) == CACHE_OK) {
		store_unpin(cache->store, view.pin);
		return true;
	}
	cache->refused += store_put(cache->store, &key, &item, STORE_SET) != CACHE_OK;
	return false;
}

/* Blocks as small as the least segment allows, but few enough a page for the number to be met within 1 %. */
static size_t value_size_for(uint32_t entries)
{
	static const uint32_t blocks[] = {160, 184, 208, 256, 320, 408, 512, 648, 816, 1024, 1360, 1632, 2048, 2728, 4096};
	uint32_t units = (uint32_t)(ARENA_MIN / entries / UNIT) + 1;

	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		uint32_t a_page = PAGE / blocks[i];
		if ((uint64_t)entries * blocks[i] >= ARENA_MIN && a_page < entries * TOLERANCE) {
			return blocks[i] - OVERHEAD;
		}
	}
	return units * UNIT - OVERHEAD;
}

/* Entries at the steady state, all of them new. */
static uint32_t entries_of_full(const char *directory, uint64_t size, size_t value_size, char *value)
{
	struct cache cache = {segment_make(directory, size), size, value, value_size, 0};
	struct store_info info;
	uint64_t capacity = size / value_size + 1;

	for (uint32_t id = 0; id < 4 * capacity; id++) {
		request(&cache, UINT32_MAX - id);
	}
	info_of(&cache, &info);
	segment_drop(cache.store);
	return (uint32_t)info.entries;
}

static uint64_t round_to_page(double size)
{
	uint64_t rounded = (uint64_t)(size / PAGE + 0.5) * PAGE;

	return rounded < STORE_SIZE_MIN ? STORE_SIZE_MIN : rounded;
}

/* Secant steps: bytes an entry differ little from one size to the next. */
static uint64_t size_for(const char *directory, uint32_t entries, size_t value_size, char *value)
{
	double each = (double)(value_size + OVERHEAD);
	uint64_t size = round_to_page(entries * each + 100000);

	for (int step = 0; step < 8; step++) {
		double missing = (double)entries - entries_of_full(directory, size, value_size, value);
		uint64_t next = round_to_page((double)size + missing * each);
		if (next == size) {
			break;
		}
		size = next;
	}
	return size;
}

/* ---- replay --------------------------------------------------------------------------------------------- */

struct replay {
	size_t hits, refused;
	double entries; /* the mean from the first eviction on; 0: nothing was evicted */
	uint64_t value_size, segment;
};

#define SAMPLES 2000

static struct replay replay(const char *directory, const struct sequence *s, const struct cache *like)
{
	struct cache cache = *like;
	struct replay result = {.value_size = like->value_size, .segment = like->size};
	struct store_info info;
	size_t every = s->length / SAMPLES + 1, samples = 0;
	double sum = 0;

	cache.store = segment_make(directory, like->size);
	for (size_t i = 0; i < s->length; i++) {
		result.hits += request(&cache, s->objects[i]);
		if (i % every == 0) {
			info_of(&cache, &info);
			if (info.counters[STORE_COUNT_evictions] > 0) {
				sum += (double)info.entries;
				samples++;
			}
		}
	}
	result.refused = cache.refused;
	result.entries = samples ? sum / (double)samples : 0;
	segment_drop(cache.store);
	return result;
}

/* Replays until the mean is what was wanted, or close, or does not come nearer. */
static struct replay replay_at(const char *directory, const struct sequence *s, uint32_t entries)
{
	struct cache cache = {.value_size = value_size_for(entries)};
	struct replay best = {0};

	cache.value = calloc(1, cache.value_size);
	if (!cache.value) {
		fail("no memory for a value");
	}
	cache.size = size_for(directory, entries, cache.value_size, cache.value);
	for (int step = 0; step < REPLAYS_MAX; step++) {
		struct replay r = replay(directory, s, &cache);
		if (step == 0 || fabs(r.entries - entries) < fabs(best.entries - entries)) {
			best = r;
		}
		double missing = (double)entries - r.entries;
		uint64_t next = round_to_page((double)cache.size + missing * (double)(cache.value_size + OVERHEAD));
		if (r.entries == 0 || fabs(missing) <= entries * TOLERANCE / 2 || next == cache.size) {
			break;
		}
		cache.size = next;
	}
	free(cache.value);
	return best;
}

/* ---- the figures ---------------------------------------------------------------------------------------- */

static double percent(size_t hits, const struct sequence *s)
{
	return 100.0 * (double)hits / (double)s->length;
}

static void print(const struct sequence *s, const struct replay *r, const struct capacity *capacity)
{
	printf("{\"requests\": %zu, \"objects\": %u, \"held\": %.0f, \"segment\": %llu, \"value\": %llu, "
	       "\"refused\": %zu, \"cache\": %.3f, \"s3fifo\": %.3f, \"lru\": %.3f}\n",
	       s->length, s->universe, r->entries, (unsigned long long)r->segment, (unsigned long long)r->value_size,
	       r->refused, percent(r->hits, s), percent(s3_fifo_hits(s, capacity), s), percent(lru_hits(s, capacity), s));
	fflush(stdout);
}

static void compare_entries(const char *directory, const struct sequence *s, uint32_t entries)
{
	struct replay r = replay_at(directory, s, entries);
	const struct capacity capacity = {.total = r.entries > 0 ? (uint64_t)(r.entries + 0.5) : entries};

	print(s, &r, &capacity);
}

static void compare_bytes(const char *directory, const struct sequence *s, uint64_t bytes)
{
	struct cache cache = {.size = bytes, .value = calloc(1, (size_t)MIXED_MAX)};
	uint32_t *weights = calloc(s->universe, sizeof *weights);
	const struct capacity capacity = {bytes, weights};

	if (!cache.value || !weights) {
		fail("no memory for %u weights", s->universe);
	}
	for (uint32_t id = 0; id < s->universe; id++) {
		weights[id] = 64 + KEY_BYTES + mixed_size(id);
	}
	struct replay r = replay(directory, s, &cache);
	print(s, &r, &capacity);
	free(weights);
	free(cache.value);
}

int main(int argc, char **argv)
{
	bool zipf = argc > 2 && strcmp(argv[2], "zipf") == 0;
	struct sequence s;

	if (argc < 3 + zipf) {
		fail("usage: hitratio DIRECTORY [zipf] SIZE...");
	}
	s = zipf ? sequence_zipf(500000, 5000000, 42) : sequence_read(stdin);
	if (s.length == 0) {
		fail("the trace is empty");
	}
	for (int i = 2 + zipf; i < argc; i++) {
		char *unit;
		uint64_t size = strtoull(argv[i], &unit, 10);
		if (*unit == 'M') {
			compare_bytes(argv[1], &s, size << 20);
		} else {
			compare_entries(argv[1], &s, (uint32_t)size);
		}
	}
	sequence_free(&s);
}
