#define _GNU_SOURCE
#include "support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/shm/directory.h"

/* ---- names ---------------------------------------------------------------------------------------------- */

static enum cache_status open_named(const char *name)
{
	struct store_options options = options_for(MB);
	struct store *store;
	enum cache_status status;

	options.name = name;
	status = try_open(&options, &store);
	if (status == CACHE_OK) {
		close_store(store);
	}
	return status;
}

static void names_that_are_allowed(void **state)
{
	static const char *const names[] = {
		"a", "0", "default", "A.b-c_d", "x..", "-", "_",
		"0123456789012345678901234567890123456789012345678901234567890123",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		CHECK_OK(open_named(names[i]));
	}
}

static void names_that_are_not(void **state)
{
	static const char *const names[] = {
		NULL, "", ".", "..", ".hidden", "a/b", "../t", "/t", "a b", "a\n", "\xc3\xa4", "a\\b", "a*",
		"01234567890123456789012345678901234567890123456789012345678901234",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		CHECK_STATUS(open_named(names[i]), CACHE_BAD_OPTION);
		CHECK_SAYS(open_message, "name");
	}
}

static void the_file_is_named_after_segment_and_build(void **state)
{
	struct store_options options = options_for(MB);
	char path[512], expected[512];
	int directory;
	struct message message = {open_message, sizeof open_message};
	struct segment_options segment = {.directory = test_directory, .name = "t", .shape = {.header_bytes = 64, .slab_bytes = 64, .fingerprint = 1}};

	(void)state;
	CHECK_OK(directory_open(&segment, path, sizeof path, &directory, &message));
	close(directory);
	snprintf(expected, sizeof expected, "%s/t.%016llx", test_directory,
	         (unsigned long long)layout_fingerprint(&segment.shape));
	assert_string_equal(path, expected);

	snprintf(path, sizeof path, "%s", path_of(&options));
	CHECK_EQ(strspn(path + strlen(path) - 16, "0123456789abcdef"), 16);
	options.host_fingerprint = 1;
	CHECK(strcmp(path, path_of(&options)) != 0);
}

/* ---- directories ---------------------------------------------------------------------------------------- */

static enum cache_status open_in(const char *directory)
{
	struct store_options options = options_for(MB);
	struct store *store;
	enum cache_status status;

	options.directory = directory;
	status = try_open(&options, &store);
	if (status == CACHE_OK) {
		close_store(store);
	}
	return status;
}

static void directories_that_are_not_there(void **state)
{
	char path[600];

	(void)state;
	snprintf(path, sizeof path, "%s/missing", test_directory);
	CHECK_STATUS(open_in(path), CACHE_BAD_DIRECTORY);
	CHECK_SAYS(open_message, path);
	snprintf(path, sizeof path, "%s/file", test_directory);
	file_write(path, "x", 1);
	CHECK_STATUS(open_in(path), CACHE_BAD_DIRECTORY);
	CHECK_SAYS(open_message, path);
}

static void directories_have_absolute_paths_of_limited_length(void **state)
{
	char path[600];

	(void)state;
	CHECK_STATUS(open_in("relative"), CACHE_BAD_OPTION);
	CHECK_STATUS(open_in("./"), CACHE_BAD_OPTION);
	memset(path, '/', sizeof path);
	path[sizeof path - 1] = 0;
	CHECK_STATUS(open_in(path), CACHE_BAD_OPTION);
}

static void others_must_not_write_into_it(void **state)
{
	static const struct {
		mode_t mode;
		enum cache_status status;
	} cases[] = {
		{0700, CACHE_OK}, {0755, CACHE_OK}, {0711, CACHE_OK}, {01777, CACHE_OK}, {01770, CACHE_OK},
		{0770, CACHE_BAD_DIRECTORY}, {0777, CACHE_BAD_DIRECTORY}, {0702, CACHE_BAD_DIRECTORY},
		{0720, CACHE_BAD_DIRECTORY},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK_EQ(chmod(test_directory, cases[i].mode), 0);
		CHECK_STATUS(open_in(test_directory), cases[i].status);
		if (cases[i].status != CACHE_OK) {
			CHECK_SAYS(open_message, test_directory);
		}
	}
}

static void another_users_directory_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	CHECK_EQ(chown(test_directory, 65534, 65534), 0);
	CHECK_STATUS(open_in(test_directory), CACHE_BAD_DIRECTORY);
	CHECK_SAYS(open_message, test_directory);
}

/* ---- users that are not root ---------------------------------------------------------------------------- */

/* A user of nobody's, for one test. */
static uid_t strange_user(void) { return 2000000000u + (uid_t)getpid() % 100000u; }

struct as_user {
	uid_t user;
	const char *directory;
	enum cache_status status;
	const char *part;      /* of the message */
};

static void open_as_user(void *context)
{
	const struct as_user *a = context;

	CHECK_EQ(setgid(a->user), 0);
	CHECK_EQ(setuid(a->user), 0);
	CHECK_STATUS(open_in(a->directory), a->status);
	CHECK_SAYS(open_message, a->part);
}

static void a_directory_of_root_serves_users_that_may_write_there(void **state)
{
	struct as_user a = {strange_user(), test_directory, CACHE_OK, ""};

	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	CHECK_EQ(chmod(test_directory, 01777), 0);
	in_child(open_as_user, &a);
	/* Each user has a file of their own name: root's open meets the user's. */
	CHECK_STATUS(open_in(test_directory), CACHE_BAD_FILE);

	CHECK_EQ(chmod(test_directory, 0755), 0);
	a = (struct as_user){strange_user() + 1, test_directory, CACHE_BAD_FILE, test_directory};
	in_child(open_as_user, &a);
}

static void the_default_directory_is_made_and_private(void **state)
{
	char path[64];
	struct stat st;
	struct as_user a = {strange_user(), NULL, CACHE_OK, ""};

	(void)state;
	if (geteuid() != 0 || stat("/dev/shm", &st) != 0) {
		skip();
	}
	snprintf(path, sizeof path, "/dev/shm/php-cache-%u", (unsigned)a.user);
	in_child(open_as_user, &a);
	int found = lstat(path, &st);
	bool private = found == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700 && st.st_uid == a.user;
	a.directory = "";
	pid_t again = child_start(open_as_user, &a);
	int ended = child_wait(again);

	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", path);
	CHECK_EQ(system(command), 0);
	CHECK(private);
	CHECK_EQ(ended, 0);
}

/* What stands in the way of the default directory is named and left alone. */
static void the_default_directory_is_judged(void **state)
{
	enum { OPEN_TO_OTHERS, OF_ROOT, SYMLINK, A_FILE, CASES };
	struct stat st;

	(void)state;
	if (geteuid() != 0 || stat("/dev/shm", &st) != 0) {
		skip();
	}
	for (int i = 0; i < CASES; i++) {
		char path[64];
		struct as_user a = {strange_user() + 2, i % 2 ? "" : NULL, CACHE_BAD_DIRECTORY, path};
		int ended;

		snprintf(path, sizeof path, "/dev/shm/php-cache-%u", (unsigned)a.user);
		if (i == SYMLINK) {
			CHECK_EQ(chown(test_directory, a.user, a.user), 0);
			CHECK_EQ(symlink(test_directory, path), 0);
		} else if (i == A_FILE) {
			file_write(path, "x", 1);
		} else {
			CHECK_EQ(mkdir(path, 0755), 0);
			CHECK_EQ(chown(path, i == OPEN_TO_OTHERS ? a.user : 0, 0), 0);
		}
		ended = child_wait(child_start(open_as_user, &a));
		bool there = file_exists(path);
		CHECK_EQ(remove(path), 0); /* fails if something was put into it */
		CHECK(there);
		CHECK_EQ(ended, 0);
	}
}

/* ---- sweeping what other builds left -------------------------------------------------------------------- */

static void open_other_build(void *context)
{
	struct store_options options = options_for(MB);

	options.host_fingerprint = *(uint64_t *)context;
	open_with(&options);
	flag_raise(0);
	child_park();
}

static void sibling(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", test_directory, name);
}

static void unused_files_of_other_builds_are_removed(void **state)
{
	struct store_options options = options_for(MB);
	char stale[512], used[512], crafted[512];
	uint64_t fingerprint = 2;

	(void)state;
	options.host_fingerprint = 1;
	snprintf(stale, sizeof stale, "%s", path_of(&options));
	CHECK(file_exists(stale));
	/* A process of another build that is attached: its file was made by sweeping the first one. */
	pid_t other = child_start(open_other_build, &fingerprint);
	flag_await(0);
	CHECK(!file_exists(stale));
	options.host_fingerprint = fingerprint;
	snprintf(used, sizeof used, "%s", path_of(&options));

	sibling(crafted, sizeof crafted, "t.0123456789abcdef");
	file_write(crafted, "left by something", 17);
	open_store(MB);
	CHECK(!file_exists(crafted));
	CHECK(file_exists(used));
	child_kill(other);

	/* With its process gone it goes when the next one creates or attaches alone. */
	options = options_for(MB);
	options.host_fingerprint = 3;
	open_with(&options);
	CHECK(!file_exists(used));
}

static void other_files_are_left_alone(void **state)
{
	static const char *const names[] = {
		"t2.0123456789abcdef", "u.0123456789abcdef", "t.0123456789abcde", "t.0123456789abcdef0", "t.0123456789abcdeg",
		"t.0123456789ABCDEF", "t", "t.", ".t.0123456789abcdef", "0123456789abcdef",
	};
	char path[512];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		sibling(path, sizeof path, names[i]);
		file_write(path, "x", 1);
	}
	sibling(path, sizeof path, "t.1111111111111111");
	CHECK_EQ(mkdir(path, 0700), 0);
	sibling(path, sizeof path, "t.2222222222222222");
	CHECK_EQ(symlink("t", path), 0);
	sibling(path, sizeof path, "t.3333333333333333");
	CHECK_EQ(mkfifo(path, 0600), 0);
	open_store(MB);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		sibling(path, sizeof path, names[i]);
		CHECK(file_exists(path));
	}
	sibling(path, sizeof path, "t.1111111111111111");
	CHECK(file_exists(path));
	sibling(path, sizeof path, "t.2222222222222222");
	CHECK(file_exists(path));
	sibling(path, sizeof path, "t.3333333333333333");
	CHECK(file_exists(path));
}

static void another_users_file_is_not_swept(void **state)
{
	char path[512];

	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	sibling(path, sizeof path, "t.0123456789abcdef");
	file_write(path, "x", 1);
	CHECK_EQ(chown(path, 65534, 65534), 0);
	open_store(MB);
	CHECK(file_exists(path));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(names_that_are_allowed),
		TEST(names_that_are_not),
		TEST(the_file_is_named_after_segment_and_build),
		TEST(directories_that_are_not_there),
		TEST(directories_have_absolute_paths_of_limited_length),
		TEST(others_must_not_write_into_it),
		TEST(another_users_directory_is_refused),
		TEST(a_directory_of_root_serves_users_that_may_write_there),
		TEST(the_default_directory_is_made_and_private),
		TEST(the_default_directory_is_judged),
		TEST(unused_files_of_other_builds_are_removed),
		TEST(other_files_are_left_alone),
		TEST(another_users_file_is_not_swept),
	};

	return RUN(tests, argc, argv);
}
