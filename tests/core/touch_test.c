/*
 * Memory that a process has not touched: large values are built apart and written into the file, some times; then they are built in place. Images for a
 * block that others have read are built apart as well.
 */
#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/shm/touch.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define LARGE (200 * KB)

/* Units that were touched so often, from .. to. */
static uint32_t units_touched(const struct segment *s, unsigned from, unsigned to)
{
	uint32_t count = 0;

	for (uint64_t unit = 0; unit < s->geometry.file_length / UNIT_BYTES; unit++) {
		uint8_t touched = load_relaxed(&s->touched[unit]);
		count += touched >= from && touched <= to;
	}
	return count;
}
static uint32_t units_written(const struct segment *s) { return units_touched(s, 1, UNIT_MAPPED - 1); }
static uint32_t units_mapped(const struct segment *s) { return units_touched(s, UNIT_MAPPED, UNIT_MAPPED); }

/* Faults of this process for stores of a value of that many bytes under new keys. */
static long faults_of_stores(struct store *store, const char *prefix, size_t size, unsigned number)
{
	char *bytes = malloc(size);
	struct store_item item;
	struct rusage before, after;

	value_fill(bytes, size, 7);
	item = item_string(bytes, size);
	getrusage(RUSAGE_SELF, &before);
	for (unsigned i = 0; i < number; i++) {
		struct store_key key = key_number(store, prefix, i);
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
	getrusage(RUSAGE_SELF, &after);
	free(bytes);
	return after.ru_minflt - before.ru_minflt;
}

static void a_large_value_in_new_memory_is_no_fault_for_each_page(void **state)
{
	struct store *store = open_store(16 * MB);
	uint32_t number = 16, pages = number * LARGE / OS_PAGE;

	(void)state;
	faults_of_stores(store, "first", LARGE, 1); /* memory of its own */
	CHECK(faults_of_stores(store, "new", LARGE, number) < pages / 4);
	CHECK(units_written(store->segment) > pages * 9 / 10);
	for (uint32_t i = 0; i < number; i++) {
		struct store_key key = key_number(store, "new", i);
		CHECK(holds_value(store, &key, LARGE, 7));
	}
	CHECK_VERIFIED(store);

	/* Without notes each of them is one: the check above can fail. */
	touch_close(store->segment);
	CHECK(faults_of_stores(store, "old", LARGE, number) > pages * 9 / 10);
	CHECK_VERIFIED(store);
}

/* Every length about a unit, and so each way in which a value may end in one. */
static void values_of_all_sizes_are_whole(void **state)
{
	struct store *store = open_store(16 * MB);
	size_t sizes[120];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		sizes[i] = i < 100 ? 3 * UNIT_BYTES - 120 + i * 2 : i < 110 ? (i - 99) * 37 * KB + i : (i - 109) * 123457;
	}
	for (unsigned round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			struct store_key key = key_number(store, "size", i % 8);
			CHECK_OK(put_value(store, &key, sizes[i], i + round));
			CHECK(holds_value(store, &key, sizes[i], i + round));
		}
		CHECK_VERIFIED(store);
	}
	CHECK(fault_passes(FAULT_WRITE) > 0);
	CHECK(units_written(store->segment) > 0);
}

static void memory_that_is_written_to_again_and_again_is_mapped(void **state)
{
	struct store *store = open_store(16 * MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (uint64_t i = 0; i < 10 * UNIT_WRITES; i++) {
		CHECK_OK(put_value(store, &key, LARGE, i));
		CHECK(holds_value(store, &key, LARGE, i));
	}
	/* In a span, and one or two for the value that is replaced. */
	unsigned written = fault_passes(FAULT_WRITE);
	CHECK(written >= 2 * UNIT_WRITES && written <= 4 * UNIT_WRITES);
	CHECK(units_mapped(store->segment) > LARGE / UNIT_BYTES);
	CHECK_EQ(units_touched(store->segment, UNIT_WRITES + 1, UNIT_MAPPED - 1), 0);
	for (uint64_t i = 0; i < 100; i++) {
		CHECK_OK(put_value(store, &key, LARGE, i));
	}
	CHECK_EQ(fault_passes(FAULT_WRITE), written);
}

/* Of that unit, in this process's page table; -1: not to be learnt here. */
static int is_mapped(const struct segment *s, uint64_t unit)
{
	uint64_t entry = 0, page = ((uintptr_t)s->base + unit * UNIT_BYTES) / OS_PAGE;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool got = fd >= 0 && pread(fd, &entry, sizeof entry, (off_t)(page * sizeof entry)) == sizeof entry;

	if (fd >= 0) {
		close(fd);
	}
	return got ? (int)(entry >> 63) : -1;
}

/* The second block of a page that is new to the process, and the blocks behind it, are no faults. */
static void a_page_of_small_blocks_is_mapped_at_once(void **state)
{
	struct store *store = open_store(16 * MB);
	struct segment *s = store->segment;
	uint64_t mapped = 0, unit;
	struct store_key key;

	(void)state;
	if (madvise(s->base, OS_PAGE, MADV_POPULATE_WRITE) != 0 || is_mapped(s, 0) != 1) {
		skip(); /* before Linux 5.14, or without /proc */
	}
	key = key_of(store, "a block of 1 KB");
	CHECK_OK(put_value(store, &key, 900, 1));
	for (unit = 0; unit < s->geometry.file_length / UNIT_BYTES; unit++) {
		if (load_relaxed(&s->touched[unit]) == UNIT_MAPPED) {
			CHECK_EQ(is_mapped(s, unit), 1);
			mapped++;
		}
	}
	CHECK(mapped >= PAGE_UNITS);
}

static void build(void *context, char *to, size_t size, uint64_t official)
{
	if (context) {
		*(char **)context = to;
	}
	for (size_t i = 0; i < size; i += 8) {
		uint64_t address = official + i;
		memcpy(to + i, &address, 8);
	}
}

static bool image_is(struct store *store, const struct store_key *key, size_t size)
{
	struct store_view view;
	bool right;

	CHECK_OK(store_get(store, key, &view));
	right = view.size == size;
	for (size_t i = 0; right && i < size; i += 8) {
		uint64_t address = OFFICIAL_BASE + (uint64_t)(view.bytes + i - store->segment->base);
		right = memcmp(&address, view.bytes + i, 8) == 0;
	}
	store_unpin(store, view.pin);
	return right;
}

/* What is built elsewhere has the addresses of where it will stand. */
static void an_image_is_built_for_its_place(void **state)
{
	struct store *store = open_store(16 * MB);
	struct store_key key = key_of(store, "key");
	const struct store_item item = {
		.type = STORE_IMAGE, .size = LARGE, .build = build, .tags = "\003tag", .tags_size = 4, .tag_count = 1,
	};

	(void)state;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_EQ(fault_passes(FAULT_WRITE), 1);
	CHECK(image_is(store, &key, LARGE));
	CHECK_VERIFIED(store);
}

/* How many of a hundred images were built outside of the segment. */
static unsigned built_apart(struct store *store, const char *name, size_t size, bool read)
{
	struct store_key key = key_of(store, name);
	char *to = NULL;
	const struct store_item item = {.type = STORE_IMAGE, .size = size, .build = build, .build_context = &to};
	unsigned apart = 0;

	for (unsigned i = 0; i < 100; i++) {
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		apart += to < store->segment->base || to >= store->segment->base + store->segment->geometry.file_length;
		CHECK(!read || image_is(store, &key, size));
	}
	return apart;
}

static void an_image_is_built_apart_for_a_block_that_was_read(void **state)
{
	struct store *store = open_store(16 * MB);

	(void)state;
	CHECK(built_apart(store, "not read", 1800, false) < 10);
	for (unsigned i = 0; i < UNIT_WRITES; i++) { /* while that memory is new */
		built_apart(store, "not read", 40 * KB, false);
	}
	CHECK(built_apart(store, "not read", 40 * KB, false) < 10);
	CHECK(built_apart(store, "small", 800, true) == 0);
#ifndef CACHE_DEBUG /* where what is free is zeros */
	for (unsigned i = 0; i < 2; i++) { /* until blocks come again */
		CHECK(built_apart(store, "read", 1800, true) > i * 80);
		CHECK(built_apart(store, "read", 40 * KB, true) > i * 80);
	}
#endif
	CHECK_VERIFIED(store);
}

static void put_and_check(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);

	CHECK_OK(put_value(store, &key, LARGE, 3));
	CHECK(holds_value(store, &key, LARGE, 3));
	CHECK_VERIFIED(store);
}

static void where_it_cannot_be_written_it_is_built_in_place(void **state)
{
	struct store *store = open_store(16 * MB);

	(void)state;
	fault_fail(FAULT_WRITE, 1, 1, ENOSPC);
	put_and_check(store, "failed");
	CHECK_EQ(units_written(store->segment), 0);
	put_and_check(store, "written");
	CHECK(units_written(store->segment) > 0);
}

static void put_with_a_limit(void *context)
{
	struct store *store = context;
	struct rlimit limit;

	CHECK_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = OS_PAGE;
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
	put_and_check(store, "limited");
	CHECK_EQ(units_written(store->segment), 0);
}

static void a_limit_for_files_ends_no_process(void **state)
{
	(void)state;
	in_child(put_with_a_limit, open_store(16 * MB));
}

/* Something else has closed what it did not know, and opened another file. */
static void put_with_a_foreign_descriptor(void *context)
{
	struct store *store = context;
	char path[300];
	struct stat st;

	snprintf(path, sizeof path, "%s/foreign", test_directory);
	int foreign = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(foreign >= 0 && ftruncate(foreign, (off_t)store->segment->geometry.file_length) == 0); /* as long as ours */
	CHECK(dup2(foreign, store->segment->fd) >= 0);
	put_and_check(store, "foreign");
	CHECK(fstat(foreign, &st) == 0 && st.st_blocks == 0);
	close(store->segment->fd);
	put_and_check(store, "none");
	store->segment->fd = -1;
	put_and_check(store, "known to be none");
}

static void no_other_file_is_written_to(void **state)
{
	(void)state;
	in_child(put_with_a_foreign_descriptor, open_store(16 * MB));
}

static void look_at_notes(void *context)
{
	struct store *store = context;

	CHECK_EQ(units_written(store->segment), 0);
	CHECK_EQ(units_mapped(store->segment), 0);
	put_and_check(store, "child's");
	CHECK(units_written(store->segment) > 0);
}

static void a_forked_child_begins_anew(void **state)
{
	struct store *store = open_store(16 * MB);

	(void)state;
	put_and_check(store, "parent's");
	CHECK(units_written(store->segment) > 0 && units_mapped(store->segment) > 0);
	in_child(look_at_notes, store);
	CHECK(has(store, "child's"));
}

static void put_and_die(void *context)
{
	struct store *store = context;

	fault_kill(FAULT_WRITE, 1);
	put_and_check(store, "never");
}

static void whoever_dies_before_it_is_written_leaves_nothing(void **state)
{
	struct store *store = open_store(4 * MB);
	struct store_info before, after;

	(void)state;
	put_and_check(store, "there");
	store_get_info(store, &before);
	for (unsigned i = 0; i < 40; i++) { /* more than there is room for */
		CHECK_EQ(child_wait(child_start(put_and_die, store)), 9);
	}
	CHECK(owner_reap_all(&store->owner) > 0);
	store_get_info(store, &after);
	CHECK(!has(store, "never"));
	CHECK_EQ(after.entries, before.entries);
	put_and_check(store, "there");
	CHECK_VERIFIED(store);
}

/* A megabyte and more: there is no memory of its own for them. */
static void very_large_values_are_built_in_place(void **state)
{
	struct store *store = open_store(32 * MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	CHECK_OK(put_value(store, &key, 3 * MB, 5));
	CHECK(holds_value(store, &key, 3 * MB, 5));
	CHECK_EQ(fault_passes(FAULT_WRITE), 0);
	CHECK(units_mapped(store->segment) >= 3 * MB / UNIT_BYTES);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_large_value_in_new_memory_is_no_fault_for_each_page),
		TEST(values_of_all_sizes_are_whole),
		TEST(memory_that_is_written_to_again_and_again_is_mapped),
		TEST(a_page_of_small_blocks_is_mapped_at_once),
		TEST(an_image_is_built_for_its_place),
		TEST(an_image_is_built_apart_for_a_block_that_was_read),
		TEST(where_it_cannot_be_written_it_is_built_in_place),
		TEST(a_limit_for_files_ends_no_process),
		TEST(no_other_file_is_written_to),
		TEST(a_forked_child_begins_anew),
		TEST(whoever_dies_before_it_is_written_leaves_nothing),
		TEST(very_large_values_are_built_in_place),
	};

	return RUN(tests, argc, argv);
}
