#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

/* ---- creating and attaching ----------------------------------------------------------------------------- */

static void a_created_file_is_private_and_of_its_final_length(void **state)
{
	struct store *store = open_store(3 * MB);
	struct stat st;

	(void)state;
	CHECK_EQ(stat(store->segment->path, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0600);
	CHECK_EQ(st.st_uid, geteuid());
	CHECK_EQ(st.st_size, store->segment->geometry.file_length);
	/* Memory is taken in steps: not all of it yet. */
	CHECK((uint64_t)st.st_blocks * 512 < 2 * MB);
	CHECK_EQ(open_message[0], 0);
	CHECK(store_is_current(store));
}

static void read_in_child(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	CHECK(holds_text(store, "from the first", "value"));
	put_text(store, "from the second", "answer");
}

static void two_processes_share_the_contents(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_text(store, "from the first", "value");
	in_child(read_in_child, NULL);
	CHECK(holds_text(store, "from the second", "answer"));
	CHECK_VERIFIED(store);
}

static void two_stores_of_a_process_share_one_mapping(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	CHECK(a->segment == b->segment);
	CHECK(a->owner.slot != b->owner.slot);
	put_text(a, "key", "value");
	CHECK(holds_text(b, "key", "value"));
	close_store(a);
	CHECK(holds_text(b, "key", "value"));
}

static void contents_outlive_all_processes(void **state)
{
	struct store *store = open_store(MB);
	uint64_t epoch = store_hash_epoch(store);

	(void)state;
	put_text(store, "key", "value");
	close_store(store);
	store = open_store(MB);
	CHECK(holds_text(store, "key", "value"));
	CHECK_EQ(store_hash_epoch(store), epoch);
	CHECK_EQ(open_message[0], 0);
}

static void segments_have_keys_of_their_own(void **state)
{
	struct store_options options = options_for(MB);
	struct store *a = open_with(&options), *b;

	(void)state;
	options.name = "u";
	b = open_with(&options);
	CHECK(store_hash(a, "key", 3) != store_hash(b, "key", 3));
	CHECK(store_hash_epoch(a) != store_hash_epoch(b));
	put_text(a, "key", "value");
	CHECK(!has(b, "key"));
}

static void builds_have_files_of_their_own(void **state)
{
	struct store_options options = options_for(MB);
	struct store *a = open_with(&options), *b;

	(void)state;
	put_text(a, "key", "value");
	options.host_fingerprint = 99;
	b = open_with(&options);
	CHECK(!has(b, "key"));
	CHECK(holds_text(a, "key", "value"));
}

static void settings_out_of_range_are_refused(void **state)
{
	struct store_options options;
	struct store *store;

	(void)state;
	options = options_for(STORE_SIZE_MIN - 1);
	CHECK_STATUS(try_open(&options, &store), CACHE_BAD_OPTION);
	CHECK_SAYS(open_message, "1048576");
	options = options_for(STORE_SIZE_MAX + 1);
	CHECK_STATUS(try_open(&options, &store), CACHE_BAD_OPTION);
	options = options_for(MB);
	options.processes = 0;
	CHECK_STATUS(try_open(&options, &store), CACHE_BAD_OPTION);
	CHECK_SAYS(open_message, "8192");
	options.processes = STORE_PROCESSES_MAX + 1;
	CHECK_STATUS(try_open(&options, &store), CACHE_BAD_OPTION);
	options.processes = STORE_PROCESSES_MAX;
	CHECK_OK(try_open(&options, &store));
}

struct racer {
	unsigned number;
};

static void open_at_once(void *context)
{
	struct racer *racer = context;
	struct store *store;
	char key[16];

	flag_await(0);
	store = open_store(MB);
	snprintf(key, sizeof key, "racer %u", racer->number);
	put_text(store, key, "was here");
	world->words[racer->number] = store_hash_epoch(store);
}

static void many_that_create_at_once_meet_in_one_segment(void **state)
{
	enum { RACERS = 6, ROUNDS = 5 };

	(void)state;
	fresh_path(MB);
	for (int round = 0; round < ROUNDS; round++) {
		pid_t pids[RACERS];
		for (unsigned i = 0; i < RACERS; i++) {
			pids[i] = child_start(open_at_once, &(struct racer){i});
		}
		flag_raise(0);
		for (unsigned i = 0; i < RACERS; i++) {
			child_join(pids[i]);
		}
		struct store *store = open_store(MB);
		for (unsigned i = 0; i < RACERS; i++) {
			char key[16];
			snprintf(key, sizeof key, "racer %u", i);
			CHECK(holds_text(store, key, "was here"));
			CHECK_EQ(world->words[i], store_hash_epoch(store));
		}
		CHECK_VERIFIED(store);
		close_store(store);
		CHECK_EQ(unlink(segment_path), 0);
		world->flags[0] = 0;
	}
}

/* ---- files that are no valid segment -------------------------------------------------------------------- */

/* An otherwise valid superblock with another geometry: its checksum fits. */
static void patch_geometry(const char *path, void (*change)(struct geometry *g))
{
	size_t length;
	char *bytes = file_read(path, &length);
	struct superblock *b = (struct superblock *)bytes;

	change(&b->geometry);
	b->checksum = superblock_checksum(b);
	file_patch(path, 0, b, sizeof *b);
	free(bytes);
}

static void no_processes(struct geometry *g) { g->participants = GUEST_SLOTS; }
static void more_processes(struct geometry *g) { g->participants++; }
static void more_shards(struct geometry *g) { g->shards = 2; }
static void more_pages(struct geometry *g) { g->pages++; }
static void other_arena(struct geometry *g) { g->arena_at += OS_PAGE; }
static void endless(struct geometry *g) { g->size = UINT64_MAX; }
static void longer(struct geometry *g) { g->file_length += OS_PAGE; }

static void set_word(const char *path, size_t at, uint64_t word) { file_patch(path, (off_t)at, &word, sizeof word); }

static void magic_zero(const char *path) { set_word(path, offsetof(struct superblock, magic), 0); }
static void magic_foreign(const char *path) { set_word(path, offsetof(struct superblock, magic), 0x4445464748494a4b); }
static void other_version(const char *path) { file_flip(path, offsetof(struct superblock, version), 1); }
static void other_page(const char *path) { file_flip(path, offsetof(struct superblock, os_page), 1); }
static void other_fingerprint(const char *path) { file_flip(path, offsetof(struct superblock, fingerprint), 1); }
static void other_checksum(const char *path) { file_flip(path, offsetof(struct superblock, checksum), 1); }
static void no_processes_at(const char *path) { patch_geometry(path, no_processes); }
static void more_processes_at(const char *path) { patch_geometry(path, more_processes); }
static void more_shards_at(const char *path) { patch_geometry(path, more_shards); }
static void more_pages_at(const char *path) { patch_geometry(path, more_pages); }
static void other_arena_at(const char *path) { patch_geometry(path, other_arena); }
static void endless_at(const char *path) { patch_geometry(path, endless); }
static void longer_at(const char *path) { patch_geometry(path, longer); }

static void change_length(const char *path, off_t by)
{
	struct stat st;

	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(truncate(path, st.st_size + by), 0);
}
static void cut(const char *path) { change_length(path, -(off_t)OS_PAGE); }
static void cut_by_one(const char *path) { change_length(path, -1); }
static void extend(const char *path) { change_length(path, 1); }
static void cut_to_one_page(const char *path) { CHECK_EQ(truncate(path, OS_PAGE), 0); }
static void cut_to_a_byte(const char *path) { CHECK_EQ(truncate(path, 1), 0); }

static const struct spoil {
	void (*spoil)(const char *path);
	const char *says;
	bool leaves_mapping; /* a process that has it mapped may go on: no page of it is gone */
} spoils[] = {
	{magic_zero, "half-created", true},
	{magic_foreign, "not a cache segment", true},
	{other_version, "another build", true},
	{other_page, "another build", true},
	{other_fingerprint, "another build", true},
	{other_checksum, "damaged superblock", true},
	{no_processes_at, "geometry", true},
	{more_processes_at, "geometry", true},
	{more_shards_at, "geometry", true},
	{more_pages_at, "geometry", true},
	{other_arena_at, "geometry", true},
	{endless_at, "geometry", true},
	{longer_at, "geometry", true},
	{cut, "truncated", true},
	{cut_by_one, "truncated", true},
	{extend, "extended", true},
	{cut_to_one_page, "truncated", false},
	{cut_to_a_byte, "half-created", false},
};

static void bad_files_that_nobody_uses_are_replaced(void **state)
{
	const char *path = fresh_path(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(spoils); i++) {
		struct store *store = open_store(MB);
		put_text(store, "key", "old");
		close_store(store);
		spoils[i].spoil(path);
		store = open_store(MB);
		CHECK_SAYS(open_message, path);
		CHECK_SAYS(open_message, spoils[i].says);
		CHECK_SAYS(open_message, "replaced");
		CHECK(!has(store, "key"));
		CHECK_VERIFIED(store);
		put_text(store, "key", "new");
		CHECK(holds_text(store, "key", "new"));
		close_store(store);
	}
}

static void hold_segment(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	put_text(store, "key", "held");
	flag_raise(0);
	flag_await(1);
	CHECK(holds_text(store, "key", "held"));
	CHECK_VERIFIED(store);
}

static void bad_files_that_a_process_uses_are_left_alone(void **state)
{
	const char *path = fresh_path(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(spoils); i++) {
		struct store_options options = options_for(MB);
		struct store *store;
		struct superblock kept;
		size_t length;
		enum cache_status status;
		pid_t holder;
		if (!spoils[i].leaves_mapping) {
			continue;
		}
		world->flags[0] = world->flags[1] = 0;
		holder = child_start(hold_segment, NULL);
		flag_await(0);
		uint64_t inode = file_inode(path);
		char *bytes = file_read(path, &length);
		memcpy(&kept, bytes, sizeof kept);
		free(bytes);

		spoils[i].spoil(path);
		status = try_open(&options, &store);
		CHECK(status == CACHE_CORRUPT || status == CACHE_FOREIGN);
		CHECK_SAYS(open_message, path);
		CHECK_SAYS(open_message, spoils[i].says);
		CHECK_SAYS(open_message, "using it");
		CHECK_EQ(file_inode(path), inode);

		/* The one that uses it was not harmed. */
		CHECK_EQ(truncate(path, (off_t)length), 0);
		file_patch(path, 0, &kept, sizeof kept);
		flag_raise(1);
		child_join(holder);
	}
}

/* Each byte of the immutable part of the superblock: flipped, the segment is not attached but made anew. */
static void each_byte_of_the_superblock_counts(void **state)
{
	const char *path = fresh_path(MB);
	const size_t end = offsetof(struct superblock, checksum) + sizeof(uint64_t);

	(void)state;
	for (size_t at = 0; at < end; at++) {
		struct store *store = open_store(MB);
		put_text(store, "key", "old");
		close_store(store);
		file_flip(path, (off_t)at, (unsigned char)(1 << at % 8));
		store = open_store(MB);
		CHECK_SAYS(open_message, path);
		CHECK(!has(store, "key"));
		close_store(store);
	}
}

/* ---- what is no regular file of ours -------------------------------------------------------------------- */

static void check_refused(const char *path)
{
	struct store_options options = options_for(MB);
	struct store *store;
	struct stat before, after;

	CHECK_EQ(lstat(path, &before), 0);
	CHECK_STATUS(try_open(&options, &store), CACHE_BAD_FILE);
	CHECK_SAYS(open_message, path);
	CHECK_EQ(lstat(path, &after), 0);
	CHECK_EQ(after.st_ino, before.st_ino);
	CHECK_EQ(after.st_mode, before.st_mode);
	CHECK_EQ(after.st_size, before.st_size);
	CHECK_EQ(after.st_uid, before.st_uid);
}

static void files_that_others_may_use_are_refused(void **state)
{
	static const mode_t modes[] = {0640, 0620, 0604, 0602, 0660, 0666, 0610, 0601};
	struct store *store = open_store(MB);
	char path[512];

	(void)state;
	snprintf(path, sizeof path, "%s", store->segment->path);
	put_text(store, "key", "value");
	close_store(store);
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		CHECK_EQ(chmod(path, modes[i]), 0);
		check_refused(path);
	}
	CHECK_EQ(chmod(path, 0600), 0);
	store = open_store(MB);
	CHECK(holds_text(store, "key", "value"));
}

static void other_kinds_of_files_are_refused(void **state)
{
	const char *path = fresh_path(MB);
	char target[600];

	(void)state;
	snprintf(target, sizeof target, "%s/target", test_directory);
	CHECK_EQ(symlink(target, path), 0); /* to nothing: must not be created */
	check_refused(path);
	CHECK(!file_exists(target));
	file_write(target, "precious", 8);
	check_refused(path);
	CHECK_EQ(unlink(path), 0);

	CHECK_EQ(link(target, path), 0);
	check_refused(path);
	CHECK_EQ(unlink(path), 0);

	CHECK_EQ(mkfifo(path, 0600), 0);
	check_refused(path);
	CHECK_EQ(unlink(path), 0);

	CHECK_EQ(mkdir(path, 0700), 0);
	check_refused(path);
	CHECK_EQ(rmdir(path), 0);

	size_t length;
	char *bytes = file_read(target, &length);
	CHECK_EQ(length, 8);
	CHECK(memcmp(bytes, "precious", 8) == 0);
	free(bytes);
}

static void a_valid_segment_with_a_second_name_is_refused(void **state)
{
	struct store *store = open_store(MB);
	char path[512], second[600];

	(void)state;
	snprintf(path, sizeof path, "%s", store->segment->path);
	snprintf(second, sizeof second, "%s/second", test_directory);
	close_store(store);
	CHECK_EQ(link(path, second), 0);
	check_refused(path);
	CHECK_EQ(unlink(second), 0);
	open_store(MB);
}

static void a_socket_in_the_way_is_refused(void **state)
{
	const char *path = fresh_path(MB);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct store_options options = options_for(MB);
	struct store *store;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	if (strlen(path) >= sizeof address.sun_path) {
		close(fd);
		skip();
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
	CHECK(try_open(&options, &store) != CACHE_OK);
	CHECK_SAYS(open_message, path);
	CHECK(file_exists(path));
}

static void another_users_file_is_refused(void **state)
{
	struct store *store = open_store(MB);
	char path[512];

	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	snprintf(path, sizeof path, "%s", store->segment->path);
	close_store(store);
	CHECK_EQ(chown(path, 65534, 65534), 0);
	check_refused(path);
}

static void open_as_nobody(void *context)
{
	(void)context;
	CHECK_EQ(setgid(65534), 0);
	CHECK_EQ(setuid(65534), 0);
	check_refused(segment_path);
}

static void a_user_is_refused_roots_file(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	snprintf(segment_path, sizeof segment_path, "%s", store->segment->path);
	CHECK_EQ(chmod(test_directory, 01777), 0);
	put_text(store, "key", "value");
	in_child(open_as_nobody, NULL);
	CHECK(holds_text(store, "key", "value"));
}

/* ---- another size --------------------------------------------------------------------------------------- */

static void a_file_of_another_size_that_nobody_uses_is_made_anew(void **state)
{
	struct store *store = open_store(MB);
	struct store_options options = options_for(2 * MB);
	struct store_info info;

	(void)state;
	put_text(store, "key", "value");
	close_store(store);
	store = open_with(&options);
	store_get_info(store, &info);
	CHECK_EQ(info.size, 2 * MB);
	CHECK(!has(store, "key"));
	put_text(store, "key", "value");
	close_store(store);

	options.processes = 17;
	store = open_with(&options);
	store_get_info(store, &info);
	CHECK_EQ(info.processes_max, 17);
	CHECK(!has(store, "key"));
}

static void open_larger(void *context)
{
	struct store_options options = options_for(2 * MB);
	struct store *store;
	struct store_info info;

	(void)context;
	options.processes = 20;
	store = open_with(&options);
	CHECK_SAYS(open_message, store->segment->path);
	CHECK_SAYS(open_message, "in use");
	CHECK_SAYS(open_message, "1048576");
	CHECK_SAYS(open_message, "16 processes");
	store_get_info(store, &info);
	CHECK_EQ(info.size, MB);
	CHECK_EQ(info.processes_max, 16);
	CHECK(holds_text(store, "key", "value"));
}

static void hold_and_store(void *context)
{
	(void)context;
	put_text(open_store(MB), "key", "value");
	flag_raise(0);
	child_park();
}

static void a_file_of_another_size_that_is_used_stays(void **state)
{
	pid_t holder = child_start(hold_and_store, NULL);

	(void)state;
	flag_await(0);
	in_child(open_larger, NULL);
	child_kill(holder);
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
	magic_foreign(path);
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
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
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

/* ---- mappings ------------------------------------------------------------------------------------------- */

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

/* Runs first: a process that has had a segment keeps the address reserved, and its children inherit that. */
static void a_taken_address_means_copy_mode(void **state)
{
	(void)state;
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

	(void)state;
	snprintf(moved, sizeof moved, "%s/moved", test_directory);
	CHECK_EQ(rename(store->segment->path, moved), 0);
	file_write(store->segment->path, bytes, length);
	free(bytes);
	CHECK(!store_is_current(store));
	CHECK_EQ(segment_reopen(store->segment), -1);
	CHECK_EQ(rename(moved, store->segment->path), 0);
	CHECK(store_is_current(store));
}

/* ---- the lock of the whole file ------------------------------------------------------------------------- */

static void keep_locked(void *context)
{
	int fd = open(segment_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	CHECK_EQ(flock(fd, LOCK_EX), 0);
	flag_raise(0);
	if (context) {
		usleep(200000);
	} else {
		child_park();
	}
}

static void who_creates_is_waited_for(void **state)
{
	pid_t creator;

	(void)state;
	fresh_path(MB);
	creator = child_start(keep_locked, "a while");
	flag_await(0);
	open_store(MB);
	child_join(creator);
}

static void who_keeps_it_locked_is_named(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store;

	(void)state;
	fresh_path(MB);
	child_start(keep_locked, NULL);
	flag_await(0);
	CHECK_STATUS(try_open(&options, &store), CACHE_BUSY);
	CHECK_SAYS(open_message, segment_path);
	CHECK_SAYS(open_message, "locked");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_taken_address_means_copy_mode),
		TEST(a_created_file_is_private_and_of_its_final_length),
		TEST(two_processes_share_the_contents),
		TEST(two_stores_of_a_process_share_one_mapping),
		TEST(contents_outlive_all_processes),
		TEST(segments_have_keys_of_their_own),
		TEST(builds_have_files_of_their_own),
		TEST(settings_out_of_range_are_refused),
		TEST(many_that_create_at_once_meet_in_one_segment),
		TEST(bad_files_that_nobody_uses_are_replaced),
		TEST(bad_files_that_a_process_uses_are_left_alone),
		TEST(each_byte_of_the_superblock_counts),
		TEST(files_that_others_may_use_are_refused),
		TEST(other_kinds_of_files_are_refused),
		TEST(a_valid_segment_with_a_second_name_is_refused),
		TEST(a_socket_in_the_way_is_refused),
		TEST(another_users_file_is_refused),
		TEST(a_user_is_refused_roots_file),
		TEST(a_file_of_another_size_that_nobody_uses_is_made_anew),
		TEST(a_file_of_another_size_that_is_used_stays),
		TEST(each_failed_call_of_a_creation),
		TEST(a_failed_replacement_leaves_no_half),
		TEST(attaching_without_memory_for_a_slot),
		TEST(slots_have_memory_from_the_beginning),
		TEST(a_creator_that_was_killed_is_cleaned_up_after),
		TEST(a_full_file_system_is_no_end),
		TEST(a_file_system_too_small_for_a_creation_is_left_empty),
		TEST(both_mappings_show_the_same),
		TEST(a_stray_write_to_the_official_view_dies),
		TEST(zero_copy_can_be_switched_off),
		TEST(one_segment_of_a_process_has_the_address),
		TEST(a_reservation_is_inherited),
		TEST(a_removed_file_is_noticed),
		TEST(a_replaced_file_is_noticed),
		TEST(who_creates_is_waited_for),
		TEST(who_keeps_it_locked_is_named),
	};

	return RUN(tests, argc, argv);
}
