#define _GNU_SOURCE
#include "support.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- mappings ------------------------------------------------------------------------------------------- */

/* With pointers of 32 bits there is no official address; some sanitizers keep it for themselves. */
static void needs_the_address(void)
{
	if (sizeof(void *) < 8 || HAS_FEATURE(memory_sanitizer) || HAS_FEATURE(thread_sanitizer)) {
		skip();
	}
}

static void map_at_the_official_address(void *context)
{
	struct store *store = open_store(MB);
	struct store_info info;

	(void)context;
	store_get_info(store, &info);
	CHECK(info.zero_copy);
	CHECK_EQ((uintptr_t)store->segment->official, OFFICIAL_BASE);
	CHECK(store->segment->base != store->segment->official);
	put_text(store, "key", "value");
	CHECK(memcmp(store->segment->base, store->segment->official, MB) == 0);
}

static void both_mappings_show_the_same(void **state)
{
	(void)state;
	needs_the_address();
	in_child(map_at_the_official_address, NULL);
}

static void segv(int signal)
{
	(void)signal;
	_exit(42);
}

static void write_to_the_official_view(void *context)
{
	struct store_options options = options_for(MB);

	options.zero_copy = *(enum store_zero_copy *)context;
	struct store *store = open_with(&options);
	CHECK(store->segment->official != NULL);
	signal(SIGSEGV, segv);
	*(volatile char *)(store->segment->official + store->segment->geometry.file_length - 1) = 1;
}

static void a_stray_write_to_the_official_view_dies(void **state)
{
	enum store_zero_copy mode = STORE_ZERO_COPY_AUTO;

	(void)state;
	needs_the_address();
	CHECK_EQ(child_wait(child_start(write_to_the_official_view, &mode)), 42 << 8);
	mode = STORE_ZERO_COPY_RW;
	CHECK_EQ(child_wait(child_start(write_to_the_official_view, &mode)), 0);
}

static void check_copy_mode(const struct store_options *options)
{
	struct store *store = open_with(options);
	struct store_info info;

	store_get_info(store, &info);
	CHECK(!info.zero_copy);
	put_text(store, "key", "value");
	CHECK(holds_text(store, "key", "value"));
	CHECK_VERIFIED(store);
}

static void open_where_the_address_is_taken(void *context)
{
	struct store_options options = options_for(MB);
	void *at = (void *)(uintptr_t)(OFFICIAL_BASE + 65536), *got;

	(void)context;
	got = mmap(at, OS_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(got == at);
	strcpy(got, "mine");
	check_copy_mode(&options);
	CHECK(strcmp(got, "mine") == 0);
}

static void pointers_of_32_bits_mean_copy_mode(void **state)
{
	struct store_options options = options_for(MB);

	(void)state;
	if (sizeof(void *) >= 8) {
		skip();
	}
	check_copy_mode(&options);
	options.size = STORE_SIZE_MAX + 1;
	struct store *store;
	CHECK_STATUS(try_open(&options, &store), CACHE_BAD_OPTION);
	CHECK_SAYS(open_message, "1073741824");
}

/* Runs first: a process that has had a segment keeps the address reserved, and its children inherit that. */
static void a_taken_address_means_copy_mode(void **state)
{
	(void)state;
	needs_the_address();
	in_child(open_where_the_address_is_taken, NULL);
}

static void open_without_zero_copy(void *context)
{
	struct store_options options = options_for(MB);

	(void)context;
	options.zero_copy = STORE_ZERO_COPY_OFF;
	check_copy_mode(&options);
}

static void zero_copy_can_be_switched_off(void **state)
{
	(void)state;
	in_child(open_without_zero_copy, NULL);
}

static void open_two_segments(void *context)
{
	struct store_options options = options_for(MB);
	struct store *first = open_with(&options), *second;
	struct store_info info;

	(void)context;
	options.name = "second";
	options.size = 2 * MB;
	second = open_with(&options);
	store_get_info(first, &info);
	CHECK(info.zero_copy);
	store_get_info(second, &info);
	CHECK(!info.zero_copy);
	close_store(first);
	/* The address is free again. */
	options.name = "third";
	store_get_info(open_with(&options), &info);
	CHECK(info.zero_copy);
}

static void one_segment_of_a_process_has_the_address(void **state)
{
	(void)state;
	needs_the_address();
	in_child(open_two_segments, NULL);
}

static void reserved_and_forked(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	CHECK_EQ((uintptr_t)store->segment->official, OFFICIAL_BASE);
}

static void reserve_then_fork(void *context)
{
	(void)context;
	store_reserve(64 * MB);
	/* Nobody else gets the address any more. */
	void *got = mmap((void *)(uintptr_t)OFFICIAL_BASE, OS_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK((uintptr_t)got != OFFICIAL_BASE);
	in_child(reserved_and_forked, NULL);
}

static void a_reservation_is_inherited(void **state)
{
	(void)state;
	needs_the_address();
	in_child(reserve_then_fork, NULL);
}

/* ---- the path changes under a process ------------------------------------------------------------------- */

static void a_removed_file_is_noticed(void **state)
{
	struct store *store = open_store(MB), *next;

	(void)state;
	put_text(store, "key", "old");
	CHECK(store_is_current(store));
	CHECK_EQ(unlink(store->segment->path), 0);
	CHECK(!store_is_current(store));
	/* It goes on working, and does not disturb the new one. */
	put_text(store, "other", "old");
	CHECK(holds_text(store, "key", "old"));
	next = open_store(MB);
	CHECK(store_is_current(next));
	CHECK(!store_is_current(store));
	CHECK(next->segment != store->segment);
	CHECK(!has(next, "key"));
	put_text(next, "key", "new");
	CHECK(holds_text(store, "key", "old"));
	CHECK(holds_text(next, "key", "new"));
	CHECK_VERIFIED(store);
	CHECK_VERIFIED(next);
	close_store(store);
	CHECK(holds_text(next, "key", "new"));
}

static void a_replaced_file_is_noticed(void **state)
{
	struct store *store = open_store(MB);
	char moved[600];
	size_t length;
	char *bytes = file_read(store->segment->path, &length);
	struct stat st;
	int fd;

	(void)state;
	snprintf(moved, sizeof moved, "%s/moved", test_directory);
	CHECK_EQ(rename(store->segment->path, moved), 0);
	file_write(store->segment->path, bytes, length);
	free(bytes);
	CHECK(!store_is_current(store));
	/* Whoever opens it again, for a forked child, opens the one that is mapped. */
	fd = segment_reopen(store->segment);
	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	CHECK_EQ(st.st_ino, store->segment->inode);
	close(fd);
	CHECK_EQ(rename(moved, store->segment->path), 0);
	CHECK(store_is_current(store));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_taken_address_means_copy_mode),
		TEST(both_mappings_show_the_same),
		TEST(a_stray_write_to_the_official_view_dies),
		TEST(pointers_of_32_bits_mean_copy_mode),
		TEST(zero_copy_can_be_switched_off),
		TEST(one_segment_of_a_process_has_the_address),
		TEST(a_reservation_is_inherited),
		TEST(a_removed_file_is_noticed),
		TEST(a_replaced_file_is_noticed),
	};

	return RUN(tests, argc, argv);
}
