#define _GNU_SOURCE
#include "support.h"

#include <fcntl.h>
#include <sys/file.h>
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

/* Nobody knows what may have happened to a file that nobody watched; to one that was made a moment ago, by us, nothing. */
static void who_is_alone_checks_what_was_there(void **state)
{
	struct store *store;

	(void)state;
	fault_none();
	store = open_store(64 * MB);
	CHECK_EQ(fault_passes(FAULT_REBUILDING), 0);
	CHECK_VERIFIED(store);
	put_text(store, "key", "value");
	/* Its slot is free, its mapping still there. */
	owner_detach(&store->owner);
	(void)open_store(64 * MB);
	CHECK_EQ(fault_passes(FAULT_REBUILDING), 2);
	(void)open_store(64 * MB);
	CHECK_EQ(fault_passes(FAULT_REBUILDING), 2);
	fault_none();
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
		TEST(a_created_file_is_private_and_of_its_final_length),
		TEST(two_processes_share_the_contents),
		TEST(two_stores_of_a_process_share_one_mapping),
		TEST(contents_outlive_all_processes),
		TEST(who_is_alone_checks_what_was_there),
		TEST(segments_have_keys_of_their_own),
		TEST(builds_have_files_of_their_own),
		TEST(settings_out_of_range_are_refused),
		TEST(many_that_create_at_once_meet_in_one_segment),
		TEST(bad_files_that_nobody_uses_are_replaced),
		TEST(bad_files_that_a_process_uses_are_left_alone),
		TEST(each_byte_of_the_superblock_counts),
		TEST(a_file_of_another_size_that_nobody_uses_is_made_anew),
		TEST(a_file_of_another_size_that_is_used_stays),
		TEST(who_creates_is_waited_for),
		TEST(who_keeps_it_locked_is_named),
	};

	return RUN(tests, argc, argv);
}
