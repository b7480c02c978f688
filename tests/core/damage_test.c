/*
 * Damaged segment files. Each mutation of a populated file is attached alone by a process of its own: it must neither
 * crash nor hang, find or make a sound segment, give back of each string the bytes that were stored or nothing, and go
 * on working.
 *
 *   damage_test [seed [number]]    another seed; only the mutation of that number of each kind
 */
#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/index.h"

#define SIZE MB
#define SECONDS_MAX 10

static uint64_t seed = 20240229;
static long only = -1;

/* ---- the sound file ------------------------------------------------------------------------------------- */

enum { INTS = 250, STRINGS = 300, TAGGED = 60, SPANS = 12 };

static char *image, *older;  /* of the file, and of the file some hundred writes before */
static size_t image_length;
static struct geometry geometry;
static uint32_t pages_ready;

static size_t string_size(uint64_t i) { return i * i % 1500; }
static size_t span_size(uint64_t i) { return 4200 + i * 2500; }

static void populate(struct store *store)
{
	char bytes[300];

	for (uint64_t i = 0; i < STRINGS; i++) {
		struct store_key key = key_number(store, "string", i);
		CHECK_OK(put_value(store, &key, string_size(i), i));
	}
	for (uint64_t i = 0; i < INTS; i++) {
		struct store_key key = key_number(store, "int", i);
		struct store_item item = item_int((int64_t)i);
		item.ttl_us = i % 5 ? 0 : (int64_t)i * 1000000 + 1000000;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
	for (uint64_t i = 0; i < TAGGED; i++) {
		struct store_key key = key_number(store, "tagged", i);
		struct store_item item = item_string(bytes, sizeof bytes);
		value_fill(bytes, sizeof bytes, i);
		item.tags = "\003red\004blue";
		item.tags_size = 9;
		item.tag_count = 2;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
	for (uint64_t i = 0; i < SPANS; i++) {
		struct store_key key = key_number(store, "span", i);
		CHECK_OK(put_value(store, &key, span_size(i), i));
	}
}

static void leave_a_pin(void *context)
{
	struct store *store = open_store(SIZE);
	struct store_key key = key_of(store, "string:33");
	struct store_view view;

	(void)context;
	CHECK_OK(store_get(store, &key, &view));
	CHECK_OK(put_value(store, &key, string_size(33), 33)); /* the pinned block is retired */
	fault_kill(FAULT_PINNED, 1);                            /* and another one is being filled */
	(void)!put_value(store, &key, 3000, 33);
}

static const char *segment_path(void)
{
	static char path[512];
	struct store_options options = options_for(SIZE);

	snprintf(path, sizeof path, "%s", path_of(&options));
	return path;
}

static int prepare(void **state)
{
	struct store *store;
	const char *path;

	test_setup(state);
	path = segment_path();
	store = open_store(SIZE);
	/* Evictions, so that there is a ghost; then room again. */
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "before", i);
		CHECK_OK(put_value(store, &key, 300, i));
	}
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "before", i);
		(void)!store_delete(store, &key);
	}
	populate(store);
	older = file_read(path, &image_length);
	populate(store);
	pages_ready = load_relaxed(&shard_open(&store->owner, 0).shard->pages_ready);
	geometry = store->segment->geometry;
	CHECK_EQ(geometry.shards, 1);
	CHECK(pages_ready > 40);
	CHECK_VERIFIED(store);
	close_store(store);
	child_wait(child_start(leave_a_pin, NULL));
	image = file_read(path, &image_length);
	return 0;
}

static int discard(void **state)
{
	free(image);
	free(older);
	return test_teardown(state);
}

/* ---- what may happen to it -------------------------------------------------------------------------------- */

struct mutation {
	struct rng rng;
	char *bytes;       /* a copy of the image */
	size_t length;     /* of the file that is written */
};

static uint64_t pick(struct mutation *m, uint64_t limit) { return rng_below(&m->rng, limit); }

/* Where something stands: the page of the superblock, the shard's tables, the arena in use, the participants. */
static uint64_t used_offset(struct mutation *m)
{
	uint64_t arena = geometry.shards_at + geometry.arena_at;

	switch (pick(m, 6)) {
	case 0:
		return pick(m, sizeof(struct superblock));
	case 1:
		return geometry.shards_at + pick(m, geometry.arena_at);
	case 2:
		return geometry.participants_at + pick(m, 4 * sizeof(struct participant));
	default:
		return arena + pick(m, (uint64_t)pages_ready * PAGE_BYTES);
	}
}

static uint64_t odd_word(struct mutation *m)
{
	switch (pick(m, 7)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return pick(m, 300);
	case 3:
		return UINT64_C(1) << pick(m, 64);
	case 4:
		return (UINT64_C(1) << pick(m, 64)) - 1;
	case 5:
		return pick(m, geometry.file_length);
	default:
		return rng_next(&m->rng);
	}
}

/* Overwrites, changes a bit of, or adds a little to a number of `size` bytes. */
static void spoil_number(struct mutation *m, uint64_t at, size_t size)
{
	uint64_t word = 0;

	memcpy(&word, m->bytes + at, size);
	switch (pick(m, 3)) {
	case 0:
		word = odd_word(m);
		break;
	case 1:
		word ^= UINT64_C(1) << pick(m, size * 8);
		break;
	default:
		word += pick(m, 9) - 4;
	}
	memcpy(m->bytes + at, &word, size);
}

static void flipped_bits(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		char bit = (char)(1 << pick(m, 8));
		m->bytes[used_offset(m)] ^= bit;
	}
}

static void overwritten_words(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 4); n > 0; n--) {
		uint64_t word = odd_word(m);
		memcpy(m->bytes + used_offset(m) / 8 * 8, &word, 8);
	}
}

static void swapped_blocks(struct mutation *m)
{
	static const size_t sizes[] = {8, 64, 512, OS_PAGE};
	size_t size = sizes[pick(m, COUNT_OF(sizes))];
	char kept[OS_PAGE];
	uint64_t a = used_offset(m) / size * size, b;

	b = used_offset(m) / size * size;
	memcpy(kept, m->bytes + a, size);
	memmove(m->bytes + a, m->bytes + b, size);
	memcpy(m->bytes + b, kept, size);
}

static void lost_pages(struct mutation *m)
{
	static const size_t sizes[] = {64, 512, OS_PAGE, PAGE_BYTES};
	size_t size = sizes[pick(m, COUNT_OF(sizes))];
	uint64_t at = used_offset(m) / size * size;

	if (at + size > image_length) {
		at = image_length - size;
	}
	memset(m->bytes + at, pick(m, 4) ? 0 : 0xff, size);
}

/* Some pages are those of some writes ago. */
static void stale_pages(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 8); n > 0; n--) {
		uint64_t at = used_offset(m) / OS_PAGE * OS_PAGE;
		memcpy(m->bytes + at, older + at, OS_PAGE);
	}
}

static void other_lengths(struct mutation *m)
{
	switch (pick(m, 4)) {
	case 0:
		m->length = pick(m, image_length);
		break;
	case 1:
		m->length = pick(m, image_length / OS_PAGE) * OS_PAGE;
		break;
	default: { /* cut, and extended with zeros again */
		uint64_t from = pick(m, 2) ? pick(m, image_length) : geometry.shards_at + geometry.arena_at + pick(m, SIZE / 2);
		memset(m->bytes + from, 0, image_length - from);
	}
	}
}

static void shard_header(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		bool classes = pick(m, 3) == 0;
		uint64_t from = classes ? offsetof(struct shard, classes) : 0;
		uint64_t to = classes ? sizeof(struct shard) : offsetof(struct shard, classes);
		size_t size = pick(m, 2) ? 4 : 8;
		spoil_number(m, geometry.shards_at + (from + pick(m, to - from)) / size * size, size);
	}
}

static void spoil_u32_table(struct mutation *m, uint64_t at, uint64_t entries)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		spoil_number(m, geometry.shards_at + at + pick(m, entries) * 4, 4);
	}
}

static void index_directory_words(struct mutation *m) { spoil_u32_table(m, geometry.directory_at, 3); }
static void ghost_directory_words(struct mutation *m) { spoil_u32_table(m, geometry.ghosts_at, 3); }

static void page_words_of_the_arena(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		uint64_t at = geometry.shards_at + geometry.page_words_at + pick(m, pages_ready) * 4;
		uint32_t word = page_word((enum page_kind)pick(m, 6), (uint32_t)pick(m, pick(m, 2) ? SLAB_CLASSES : 256));
		memcpy(m->bytes + at, &word, 4);
	}
}

static void bitmaps(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 4); n > 0; n--) {
		uint64_t at = pick(m, 2) ? geometry.unit_free_at : geometry.span_start_at;
		spoil_number(m, geometry.shards_at + at + pick(m, (geometry.pages + 15) / 16) * 8, 8);
	}
}

static void slab_records(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		uint64_t at = geometry.shards_at + geometry.slabs_at + pick(m, pages_ready) * sizeof(struct slab);
		size_t size = (size_t)1 << pick(m, 4);
		spoil_number(m, at + pick(m, 48) / size * size, size);
	}
}

static struct bucket_line *line_at(struct mutation *m, uint64_t bucket)
{
	uint32_t page;

	memcpy(&page, m->bytes + geometry.shards_at + geometry.directory_at + bucket / LINES_PER_PAGE * 4, 4);
	return (struct bucket_line *)(m->bytes + geometry.shards_at + geometry.arena_at + (uint64_t)page * PAGE_BYTES) +
	       bucket % LINES_PER_PAGE;
}

static uint64_t bucket_count(struct mutation *m)
{
	uint64_t layout;

	memcpy(&layout, m->bytes + geometry.shards_at + offsetof(struct shard, layout), 8);
	return layout_buckets(layout);
}

static uint64_t *any_slot(struct mutation *m)
{
	for (;;) {
		struct bucket_line *line = line_at(m, pick(m, bucket_count(m)));
		uint64_t *slot = (uint64_t *)&line->slots[pick(m, LINE_SLOTS)];
		if (*slot || pick(m, 20) == 0) {
			return slot;
		}
	}
}

static void index_lines(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 4); n > 0; n--) {
		uint64_t *slot = any_slot(m), *other = any_slot(m);
		struct bucket_line *line = line_at(m, pick(m, bucket_count(m)));
		switch (pick(m, 8)) {
		case 0:
			*slot = *other;
			break;
		case 1: { /* another place, near or far */
			uint64_t places = (UINT64_C(1) << PLACE_BITS) - 1;
			*slot = (*slot & ~places) | ((*slot + pick(m, 33) - 16) & places);
			break;
		}
		case 2:
			*slot ^= UINT64_C(1) << pick(m, 64);
			break;
		case 3: /* another type */
			*slot ^= pick(m, 16) << PLACE_BITS;
			break;
		case 4: /* the place of another, with the own tag */
			*slot = (*slot & ~((UINT64_C(1) << PLACE_BITS) - 1)) | word_granule(*other);
			break;
		case 5: { /* a link to a block of any kind */
			uint64_t link = word_granule(*other) - (geometry.shards_at + geometry.arena_at) / GRANULE + 1;
			store_relaxed(&line->header, (load_relaxed(&line->header) & 0xffffffff) | link << 32);
			break;
		}
		case 6:
			store_relaxed(&line->header, odd_word(m));
			break;
		default:
			*slot = odd_word(m);
		}
	}
}

static struct entry *any_entry(struct mutation *m)
{
	uint64_t granule;

	do {
		granule = word_granule(*any_slot(m));
	} while (granule == 0 || granule * GRANULE + sizeof(struct entry) > image_length);
	return (struct entry *)(m->bytes + granule * GRANULE);
}

static void entry_headers(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		struct entry *e = any_entry(m);
		uint64_t at = (uint64_t)((char *)e - m->bytes);
		switch (pick(m, 12)) {
		case 0:
			spoil_number(m, at + offsetof(struct entry, size), 4);
			break;
		case 1:
			spoil_number(m, at + offsetof(struct entry, key_length), 2);
			break;
		case 2:
			spoil_number(m, at + offsetof(struct entry, type), 1);
			break;
		case 3:
			spoil_number(m, at + offsetof(struct entry, tags_size), 2);
			break;
		case 4:
			spoil_number(m, at + offsetof(struct entry, version), 8);
			break;
		case 5:
			spoil_number(m, at + offsetof(struct entry, stamp), 8);
			break;
		case 6:
			spoil_number(m, at + offsetof(struct entry, ttl), 4);
			break;
		case 7:
			spoil_number(m, at + offsetof(struct entry, stale_ttl), 4);
			break;
		case 8:
			spoil_number(m, at + offsetof(struct entry, state), 1);
			break;
		case 9:
			spoil_number(m, at + (pick(m, 2) ? offsetof(struct entry, next) : offsetof(struct entry, prev)), 4);
			break;
		case 10:
			spoil_number(m, at + offsetof(struct entry, hash), 8);
			break;
		default:
			spoil_number(m, at + pick(m, 16) * 8, 8);
		}
	}
}

/* The whole entry, with its valid checksum, in another block: two entries of one key, or one that overlaps. */
static void copied_entries(struct mutation *m)
{
	struct entry *from = any_entry(m), *to = any_entry(m);
	uint64_t bytes = entry_bytes(from), room = (uint64_t)(m->bytes + image_length - (char *)to);

	bytes = bytes < room ? bytes : room;
	bytes = bytes < (uint64_t)(m->bytes + image_length - (char *)from) ? bytes : 64;
	memmove(to, from, bytes);
	if (pick(m, 2)) {
		*any_slot(m) = slot_word(to->hash, to->type, (struct place){(uint64_t)((char *)to - m->bytes) / GRANULE});
	}
}

static void participants_and_pins(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 5); n > 0; n--) {
		uint64_t slot = pick(m, 3), at;
		switch (pick(m, 4)) {
		case 0:
			at = geometry.participants_at + slot * sizeof(struct participant) + pick(m, 8) * 4;
			spoil_number(m, at, 4);
			break;
		case 1: {
			uint32_t marks[] = {SLOT_USED, 0, PINS_PER_PARTICIPANT, UINT32_MAX};
			at = geometry.participants_at + slot * sizeof(struct participant);
			memcpy(m->bytes + at, &marks[pick(m, 4)], 4);
			memcpy(m->bytes + at + offsetof(struct participant, pins), &marks[pick(m, 4)], 4);
			break;
		}
		default: {
			uint64_t place = pick(m, 2) ? word_granule(*any_slot(m)) : odd_word(m);
			at = geometry.pins_at + slot * PIN_TABLE_BYTES + pick(m, 10) * 8;
			memcpy(m->bytes + at, &place, 8);
		}
		}
	}
}

static void words_of_the_superblock(struct mutation *m)
{
	uint64_t from = offsetof(struct superblock, generation), to = sizeof(struct superblock);

	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		size_t size = pick(m, 2) ? 4 : 8;
		spoil_number(m, (from + pick(m, to - from)) / size * size, size);
	}
}

static void lock_words(struct mutation *m)
{
	uint32_t word = (uint32_t)odd_word(m) & (pick(m, 2) ? UINT32_MAX : 0x8000000f);

	memcpy(m->bytes + geometry.shards_at + offsetof(struct shard, lock), &word, 4);
	if (pick(m, 2)) {
		shard_header(m);
	}
}

static void (*const all_kinds[])(struct mutation *m);
static void several_at_once(struct mutation *m);

/* ---- what must hold afterwards ------------------------------------------------------------------------------ */

/* Returns whether it is there. */
static bool check_string(struct store *store, const char *prefix, uint64_t i, size_t size)
{
	struct store_key key = key_number(store, prefix, i);
	struct store_view view;

	if (store_get(store, &key, &view) != CACHE_OK) {
		return false;
	}
	CHECK_EQ(view.type, STORE_STRING);
	CHECK_EQ(view.size, size);
	CHECK(value_is(view.bytes, size, i));
	store_unpin(store, view.pin);
	return true;
}

static bool check_tagged(struct store *store, uint64_t i)
{
	struct store_key key = key_number(store, "tagged", i);
	struct store_entry entry;

	if (store_inspect(store, &key, &entry) == CACHE_OK) {
		CHECK_EQ(entry.tag_count, 2);
		CHECK(memcmp(entry.tags, "\003red\004blue", 9) == 0);
		store_unpin(store, entry.view.pin);
	}
	return check_string(store, "tagged", i, 300);
}

static void count_walked(void *context, const struct store_entry *entry)
{
	CHECK(entry->key_length > 0);
	CHECK(entry->view.bytes == NULL || entry->view.size < SIZE);
	++*(unsigned *)context;
}

static void use_it(struct store *store)
{
	struct store_cursor cursor = {0};
	struct store_info info;
	struct store_view view;
	unsigned walked = 0;
	int64_t result;

	while (!cursor.done) {
		store_walk(store, &cursor, 50, count_walked, &walked);
	}
	store_get_info(store, &info);
	CHECK(walked <= info.entries);
	for (uint64_t i = 0; i < 120; i++) {
		struct store_key key = key_number(store, i % 2 ? "string" : "new", i);
		size_t size = i % 10 == 0 ? 4000 + i * 200 : i * 13;
		CHECK_OK(put_value(store, &key, size, i));
		/* It may have been taken for the room of the next: not before it was seen. */
		CHECK(holds_value(store, &key, size, i) || COUNTER_OF(store, evictions) > 0);
	}
	for (uint64_t i = 0; i < INTS; i++) {
		struct store_key key = key_number(store, "int", i);
		enum cache_status status = store_increment(store, &key, 1, 0, &result);
		CHECK(status == CACHE_OK || status == CACHE_OVERFLOW || status == CACHE_WRONG_TYPE);
		CHECK(store_get(store, &key, &view) == CACHE_OK || COUNTER_OF(store, evictions) > 0);
		if (i % 3 == 0) {
			(void)!store_delete(store, &key);
			CHECK_STATUS(store_get(store, &key, &view), CACHE_MISSING);
		}
	}
	clock_advance(INT64_C(300) * 1000000);
	store_sweep(store);
}

static void attach_and_use(void *context)
{
	struct store *store;
	unsigned found = 0;

	alarm(SECONDS_MAX);
	store = open_store(SIZE);
	CHECK_VERIFIED(store);
	for (uint64_t i = 0; i < STRINGS; i++) {
		found += check_string(store, "string", i, string_size(i));
	}
	for (uint64_t i = 0; i < SPANS; i++) {
		found += check_string(store, "span", i, span_size(i));
	}
	for (uint64_t i = 0; i < TAGGED; i++) {
		found += check_tagged(store, i);
	}
	CHECK(!context || found == STRINGS + SPANS + TAGGED);
	use_it(store);
	CHECK_VERIFIED(store);
	close_store(store);
	store = open_store(SIZE);
	CHECK_EQ(open_message[0], 0);
	CHECK_VERIFIED(store);
	store_clear(store);
	put_text(store, "key", "value");
	CHECK(holds_text(store, "key", "value"));
	CHECK_VERIFIED(store);
}

static void run_mutations(const char *name, void (*mutate)(struct mutation *m), unsigned count)
{
	const char *path = segment_path();
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char *bytes = malloc(image_length);

	CHECK(fd >= 0 && bytes);
	for (unsigned i = 0; i < count; i++) {
		struct mutation m = {{seed * 1000003 + hash_siphash13(&(struct hash_key){1, 2}, name, strlen(name)) + i}, bytes, image_length};
		int status;
		if (only >= 0 && i != (unsigned)only) {
			continue;
		}
		memcpy(bytes, image, image_length);
		mutate(&m);
		/* The child may have replaced the file. */
		close(fd);
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		CHECK_EQ(pwrite(fd, bytes, m.length, 0), m.length);
		world->wall_us = CLOCK_START;
		status = child_wait(child_start(attach_and_use, NULL));
		if (status != 0) {
			close(fd);
			free(bytes);
			check_failed(__FILE__, __LINE__, "%s: mutation %u of seed %llu: %s %d", name, i, (unsigned long long)seed,
			             WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		}
	}
	close(fd);
	free(bytes);
}

#define KINDS(X)                                                                                               \
	X(flipped_bits, 120)                                                                                       \
	X(overwritten_words, 120)                                                                                  \
	X(swapped_blocks, 80)                                                                                      \
	X(lost_pages, 80)                                                                                          \
	X(stale_pages, 80)                                                                                         \
	X(other_lengths, 60)                                                                                       \
	X(shard_header, 120)                                                                                       \
	X(index_directory_words, 30)                                                                               \
	X(ghost_directory_words, 30)                                                                               \
	X(page_words_of_the_arena, 80)                                                                             \
	X(bitmaps, 80)                                                                                             \
	X(slab_records, 80)                                                                                        \
	X(index_lines, 120)                                                                                        \
	X(entry_headers, 120)                                                                                      \
	X(copied_entries, 60)                                                                                      \
	X(participants_and_pins, 60)                                                                               \
	X(words_of_the_superblock, 40)                                                                             \
	X(lock_words, 30)                                                                                          \
	X(several_at_once, 120)

#define X(kind, count)                                     \
	static void test_##kind(void **state)                  \
	{                                                      \
		(void)state;                                       \
		run_mutations(#kind, kind, count);                 \
	}
KINDS(X)
#undef X

static void (*const all_kinds[])(struct mutation *m) = {
#define X(kind, count) kind,
	KINDS(X)
#undef X
};

static void several_at_once(struct mutation *m)
{
	for (uint64_t n = 2 + pick(m, 20); n > 0; n--) {
		/* All but the last, which is this one. A directory that was damaged names pages that are not there. */
		void (*kind)(struct mutation *m) = all_kinds[pick(m, COUNT_OF(all_kinds) - 1)];
		if (kind == flipped_bits || kind == bitmaps || kind == slab_records || kind == page_words_of_the_arena ||
		    kind == participants_and_pins || kind == lock_words || kind == entry_headers) {
			kind(m);
		}
	}
}

static void the_file_as_it_is(void **state)
{
	(void)state;
	in_child(attach_and_use, "all must be there");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{"the_file_as_it_is", the_file_as_it_is, prepare, discard, NULL},
#define X(kind, count) {#kind, test_##kind, prepare, discard, NULL},
		KINDS(X)
#undef X
	};

	if (argc > 1) {
		seed = strtoull(argv[1], NULL, 0);
	}
	if (argc > 2) {
		only = atol(argv[2]);
	}
	printf("seed %llu\n", (unsigned long long)seed);
	return RUN(tests, 1, argv);
}
