#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char segment_path[512];

/* The path of the default segment, which does not exist after it. */
static const char *fresh_path(uint64_t size)
{
	struct store_options options = options_for(size);

	snprintf(segment_path, sizeof segment_path, "%s", path_of(&options));
	CHECK_EQ(unlink(segment_path), 0);
	return segment_path;
}

/* ---- system calls that fail ----------------------------------------------------------------------------- */

static const struct {
	enum cache_fault point;
	int error;
} failures[] = {
	{FAULT_OPEN, EMFILE}, {FAULT_FTRUNCATE, EFBIG}, {FAULT_MMAP, ENOMEM}, {FAULT_FALLOCATE, ENOSPC},
};

/* Whichever call fails: a status, a message that names the path, no half file, and the next open is a clean one. */
static void each_failed_call_of_a_creation(void **state)
{
	const uint64_t size = 64 * MB; /* two shards */
	const char *path = fresh_path(size);
	struct store_options options = options_for(size);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		unlink(path);
		fault_none();
		close_store(open_with(&options));
		unsigned passes = fault_passes(failures[i].point);
		unsigned refused = 0;
		CHECK(passes > 0);
		for (unsigned nth = 1; nth <= passes; nth++) {
			struct store *store;
			unlink(path);
			fault_none();
			fault_fail(failures[i].point, nth, 1, failures[i].error);
			enum cache_status status = try_open(&options, &store);
			CHECK_SAYS(open_message, path);
			fault_none();
			if (status == CACHE_OK) {
				/* A whole segment, and no memory for a slot of its own only. */
				CHECK_EQ(failures[i].point, FAULT_FALLOCATE);
				CHECK(store->owner.guest);
				close_store(store);
			} else {
				CHECK(failures[i].point != FAULT_FALLOCATE || status == CACHE_NO_SPACE);
				CHECK(!file_exists(path));
				refused++;
			}
			store = open_with(&options);
			CHECK_EQ(open_message[0], 0);
			CHECK_VERIFIED(store);
			put_text(store, "key", "value");
			close_store(store);
		}
		CHECK(refused > 0);
	}
}

static void a_failed_replacement_leaves_no_half(void **state)
{
	struct store_options options = options_for(MB);
	const char *path = fresh_path(MB);
	struct store *store = open_with(&options);

	(void)state;
	close_store(store);
	file_flip(path, offsetof(struct superblock, magic), 1);
	fault_fail(FAULT_FALLOCATE, 1, 100, ENOSPC);
	CHECK_STATUS(try_open(&options, &store), CACHE_NO_SPACE);
	CHECK_SAYS(open_message, path);
	CHECK(!file_exists(path));
	fault_none();
	open_with(&options);
}

static void attaching_without_memory_for_a_slot(void **state)
{
	struct store_options options = options_for(MB);
	struct store *first = open_with(&options), *second;

	(void)state;
	put_text(first, "key", "value");
	fault_fail(FAULT_FALLOCATE, 1, 1, ENOSPC);
	second = open_with(&options);
	CHECK_SAYS(open_message, first->segment->path);
	CHECK(second->owner.guest);
	CHECK(holds_text(second, "key", "value"));
	put_text(second, "key", "other");
	CHECK(holds_text(first, "key", "other"));
	CHECK_VERIFIED(second);
	fault_none();
	CHECK(!open_with(&options)->owner.guest);
}

/* The first processes find room to attach, however full the file system is. */
static void slots_have_memory_from_the_beginning(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store = open_with(&options);
	struct stat st;
	uint64_t blocks;

	(void)state;
	CHECK_EQ(stat(store->segment->path, &st), 0);
	blocks = (uint64_t)st.st_blocks;
	for (int i = 0; i < 3; i++) {
		open_with(&options);
	}
	CHECK_EQ(stat(store->segment->path, &st), 0);
	CHECK_EQ(st.st_blocks, blocks);
}

static void die_while_creating(void *context)
{
	fault_kill(*(enum cache_fault *)context, *((enum cache_fault *)context + 1));
	open_store(64 * MB);
}

static void a_creator_that_was_killed_is_cleaned_up_after(void **state)
{
	static const enum cache_fault kills[][2] = {
		{FAULT_OPEN, 1}, {FAULT_FTRUNCATE, 1}, {FAULT_FALLOCATE, 1}, {FAULT_FALLOCATE, 2},
		{FAULT_FALLOCATE, 3}, {FAULT_FALLOCATE, 4}, {FAULT_FALLOCATE, 5}, {FAULT_MMAP, 1},
	};
	const char *path = fresh_path(64 * MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kills); i++) {
		int status = child_wait(child_start(die_while_creating, (void *)kills[i]));
		CHECK_EQ(status & 0x7f, SIGKILL);
		struct store *store = open_store(64 * MB);
		CHECK_VERIFIED(store);
		put_text(store, "key", "value");
		CHECK(holds_text(store, "key", "value"));
		close_store(store);
		CHECK_EQ(unlink(path), 0);
	}
}

/* ---- a file system that is really full ------------------------------------------------------------------ */

static bool mount_small(const char *options)
{
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", test_directory, "tmpfs", 0, options) == 0;
}

static void fill_small(void *context)
{
	struct store *store;
	struct store_info info;
	unsigned stored = 0, found = 0;

	(void)context;
	if (!mount_small("size=2m,mode=700")) {
		flag_raise(1); /* not allowed here */
		return;
	}
	store = open_store(16 * MB);
	for (unsigned i = 0; i < 4000; i++) {
		struct store_key key = key_number(store, "key", i);
		stored += put_value(store, &key, 1000, i) == CACHE_OK;
	}
	for (unsigned i = 0; i < 4000; i++) {
		struct store_key key = key_number(store, "key", i);
		found += holds_value(store, &key, 1000, i);
	}
	CHECK_EQ(stored, 4000); /* by evicting */
	CHECK(found > 500 && found < 2000);
	CHECK(COUNTER_OF(store, grow_failed) > 0);
	CHECK(COUNTER_OF(store, evictions) > 0);
	CHECK_SAYS(test_logged, "no more room");
	store_get_info(store, &info);
	CHECK(info.memory_total < 2 * MB);
	CHECK_VERIFIED(store);
	close_store(store);
	store = open_store(16 * MB);
	CHECK_VERIFIED(store);
}

static void a_full_file_system_is_no_end(void **state)
{
	(void)state;
	in_child(fill_small, NULL);
	if (world->flags[1]) {
		skip();
	}
}

static void leave_a_file(const struct store_options *options)
{
	struct store *store;

	unlink(segment_path);
	store = open_with(options);
	for (unsigned i = 0; i < 200; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK_OK(put_value(store, &key, 2000, i));
	}
	close_store(store);
}

static void fill_up(int filler)
{
	for (off_t at = 0; fallocate(filler, 0, at, OS_PAGE) == 0; at += OS_PAGE) {
	}
}

/* Each page that has memory is a hole in turn, and there is no room: such a file is refused, and kept until there is. */
static void lose_pages(void *context)
{
	struct store_options options = options_for(MB);
	char filler_path[300];
	struct store *store;
	unsigned refused = 0, holes = 0;
	off_t page = 0, next;
	int filler;

	(void)context;
	if (!mount_small("size=4m,mode=700")) {
		flag_raise(1);
		return;
	}
	snprintf(segment_path, sizeof segment_path, "%s", path_of(&options));
	snprintf(filler_path, sizeof filler_path, "%s/filler", test_directory);
	filler = open(filler_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK(filler >= 0);
	for (leave_a_file(&options); ; page = next + OS_PAGE, leave_a_file(&options)) {
		int fd = open(segment_path, O_RDWR | O_CLOEXEC);
		CHECK(fd >= 0);
		next = lseek(fd, page, SEEK_DATA);
		if (next < 0) {
			close(fd);
			break;
		}
		CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, next, OS_PAGE), 0);
		close(fd);
		fill_up(filler);
		holes++;
		if (try_open(&options, &store) == CACHE_OK) {
			CHECK_VERIFIED(store);
			put_text(store, "key", "value");
			CHECK(holds_text(store, "key", "value"));
			close_store(store);
		} else {
			refused++;
			CHECK(strstr(open_message, "holes") != NULL);
		}
		CHECK_EQ(ftruncate(filler, 0), 0);
		store = open_with(&options);
		CHECK_VERIFIED(store);
		put_text(store, "key", "value");
		CHECK(holds_text(store, "key", "value"));
		close_store(store);
	}
	CHECK(holes > 100);
	CHECK(refused > 50);
}

static void a_copy_with_holes_in_a_full_file_system(void **state)
{
	(void)state;
	in_child(lose_pages, NULL);
	if (world->flags[1]) {
		skip();
	}
}

static void create_in_nothing(void *context)
{
	struct store_options options = options_for(16 * MB);
	struct store *store;

	(void)context;
	if (!mount_small("size=128k,mode=700")) {
		flag_raise(1);
		return;
	}
	CHECK_STATUS(try_open(&options, &store), CACHE_NO_SPACE);
	CHECK_SAYS(open_message, test_directory);
	CHECK_EQ(rmdir(test_directory) == 0 || errno == EBUSY, 1); /* EBUSY: empty, but mounted; else ENOTEMPTY */
}

static void a_file_system_too_small_for_a_creation_is_left_empty(void **state)
{
	(void)state;
	in_child(create_in_nothing, NULL);
	if (world->flags[1]) {
		skip();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_failed_call_of_a_creation),
		TEST(a_failed_replacement_leaves_no_half),
		TEST(attaching_without_memory_for_a_slot),
		TEST(slots_have_memory_from_the_beginning),
		TEST(a_creator_that_was_killed_is_cleaned_up_after),
		TEST(a_full_file_system_is_no_end),
		TEST(a_copy_with_holes_in_a_full_file_system),
		TEST(a_file_system_too_small_for_a_creation_is_left_empty),
	};

	return RUN(tests, argc, argv);
}
