#define _GNU_SOURCE
#include "support.h"

#include <fcntl.h>
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(files_that_others_may_use_are_refused),
		TEST(other_kinds_of_files_are_refused),
		TEST(a_valid_segment_with_a_second_name_is_refused),
		TEST(a_socket_in_the_way_is_refused),
		TEST(another_users_file_is_refused),
		TEST(a_user_is_refused_roots_file),
	};

	return RUN(tests, argc, argv);
}
