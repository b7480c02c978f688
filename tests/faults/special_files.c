/* Directories, files, limits, address space. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "special.h"

static struct rlimit limit_of(int resource)
{
	struct rlimit limit;

	MUST(getrlimit(resource, &limit) == 0, "%s", strerror(errno));
	return limit;
}

static void set_limit(int resource, rlim_t value)
{
	struct rlimit limit = limit_of(resource);

	limit.rlim_cur = value;
	MUST(setrlimit(resource, &limit) == 0, "%s", strerror(errno));
}

/* ---- the default directory ------------------------------------------------------------------------------ */

static void no_dev_shm(struct world *w)
{
	mount_tmpfs("/dev", "size=64k,mode=755"); /* an empty /dev */
	w->options.directory = "";
	refused(w, CACHE_BAD_DIRECTORY, "/dev/shm/php-cache-");
	MUST(strstr(w->message, "cache.segment_dir"), "%s", w->message);
	w->options.directory = "/tmp";
	w->options.name = "no-dev-shm-test";
	struct store *store = must_open(w);
	put(w, store, 1, 100);
	get(w, store, 1);
	MUST(unlink(store->segment->path) == 0, "");
	store_close(store);
}

static void dev_shm_not_writable(struct world *w)
{
	mount_tmpfs("/dev/shm", "size=1m,mode=755");
	w->options.directory = "";
	if (setgid(65534) != 0 || setuid(65534) != 0) {
		skip("only root can become somebody else");
	}
	refused(w, CACHE_BAD_DIRECTORY, "Permission denied");
}

static void dev_shm_read_only(struct world *w)
{
	mount_tmpfs("/dev/shm", "size=1m,mode=1777,ro");
	w->options.directory = "";
	refused(w, CACHE_BAD_DIRECTORY, "Read-only file system");
}

static void directory_not_readable(struct world *w)
{
	run_as_nobody(w);
	MUST(chmod(w->directory, 0) == 0, "");
	refused(w, CACHE_BAD_DIRECTORY, "Permission denied");
	MUST(chmod(w->directory, 0700) == 0, "");
	check_world(w, 10);
}

/* While the process runs: what is mapped stays good, and whoever looks whether it is current opens anew, in vain. */
static void directory_becomes_unreadable(struct world *w)
{
	run_as_nobody(w);
	struct store *store = must_open(w);
	put(w, store, 1, 100);
	MUST(chmod(w->directory, 0) == 0, "");
	put(w, store, 2, 5000);
	get(w, store, 1);
	get(w, store, 2);
	MUST(!store_is_current(store), "");
	store_close(store);
	refused(w, CACHE_BAD_DIRECTORY, w->directory);
	MUST(chmod(w->directory, 0700) == 0, "");
	check_world(w, 10);
}

static void directory_of_somebody_else(struct world *w)
{
	if (geteuid() != 0 || chown(w->directory, 65534, 65534) != 0) {
		skip("only root can give a directory away");
	}
	refused(w, CACHE_BAD_DIRECTORY, "not safe");
}

static void directory_for_everybody(struct world *w)
{
	MUST(chmod(w->directory, 0777) == 0, "");
	refused(w, CACHE_BAD_DIRECTORY, "not safe");
}

/* The user's own directory in /dev/shm must be one; a link planted there by somebody else is not followed. */
static void default_directory_is_a_link(struct world *w)
{
	char place[100];

	mount_tmpfs("/dev/shm", "size=8m,mode=1777");
	snprintf(place, sizeof place, "/dev/shm/php-cache-%u", (unsigned)geteuid());
	MUST(mkdir("/dev/shm/elsewhere", 0700) == 0 && symlink("/dev/shm/elsewhere", place) == 0, "");
	w->options.directory = "";
	refused(w, CACHE_BAD_DIRECTORY, place);
}

static void default_directory_is_a_file(struct world *w)
{
	char place[100];

	mount_tmpfs("/dev/shm", "size=8m,mode=1777");
	snprintf(place, sizeof place, "/dev/shm/php-cache-%u", (unsigned)geteuid());
	int fd = open(place, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	MUST(fd >= 0, "");
	close(fd);
	w->options.directory = "";
	refused(w, CACHE_BAD_DIRECTORY, "Not a directory");
}

static void directory_removed(struct world *w)
{
	struct store *store = must_open(w);

	put(w, store, 1, 100);
	MUST(unlink(store->segment->path) == 0 && rmdir(w->directory) == 0, "%s", strerror(errno));
	put(w, store, 2, 3000);
	get(w, store, 1);
	get(w, store, 2);
	MUST(!store_is_current(store), "");
	store_close(store);
	refused(w, CACHE_BAD_DIRECTORY, "No such file");
	MUST(mkdir(w->directory, 0700) == 0, "");
	w->known[1].standing = w->known[2].standing = ABSENT;
	check_world(w, 10);
}

/* ---- a full file system: never a SIGBUS ------------------------------------------------------------------ */

static void tmpfs_full_at_creation(struct world *w)
{
	/* From nothing to enough, 64 KB at a time: a refusal that leaves nothing, or a cache that works. */
	unsigned refusals = 0, works = 0;

	for (unsigned kb = 64; kb <= 1536; kb += 64) {
		char options[40];
		struct store *store = NULL;
		enum cache_status status;

		snprintf(options, sizeof options, "size=%uk,mode=700", kb);
		mount_tmpfs(w->directory, options);
		status = store_open(&w->options, &store, w->message, sizeof w->message);
		ONE_OF(status, CACHE_OK, CACHE_NO_SPACE);
		if (status == CACHE_OK) {
			fill_until(w, store, 3000, 700);
			store_close(store);
			works++;
		} else {
			MUST(strstr(w->message, "No space left") && works == 0, "%s", w->message);
			MUST(rmdir(w->directory) != 0 && errno == EBUSY, "it is not left empty: %s", strerror(errno));
			refusals++;
		}
		memset(w->known, 0, sizeof w->known);
	}
	MUST(refusals > 0 && works > 0, "%u refused, %u worked", refusals, works);
}

static void tmpfs_full_later(struct world *w)
{
	mount_tmpfs(w->directory, "size=2m,mode=700");
	w->options.size = 16 * MB;
	struct store *store = must_open(w);
	fill_until(w, store, 4000, 700);
	fill_until(w, store, 300, 20000);
	struct store_info info;
	store_get_info(store, &info);
	MUST(info.counters[STORE_COUNT_grow_failed] > 0 && info.counters[STORE_COUNT_evictions] > 0, "");
	store_close(store);
	check_world(w, 10);
}

/* Somebody else fills it meanwhile, to the last page; and leaves again. */
static void tmpfs_filled_by_others(struct world *w)
{
	static const char zeros[65536];
	char path[200];

	mount_tmpfs(w->directory, "size=8m,mode=700");
	w->options.size = 6 * MB;
	struct store *store = must_open(w);
	fill_until(w, store, 200, 700);
	snprintf(path, sizeof path, "%s/other", w->directory);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	while (write(fd, zeros, sizeof zeros) > 0 || write(fd, zeros, 4096) > 0) {
	}
	MUST(errno == ENOSPC, "%s", strerror(errno));
	fill_until(w, store, 4000, 1500);
	/* More processes than have memory for their records from the beginning. */
	for (unsigned i = 0; i < 20; i++) {
		struct store *another = must_open(w);
		put(w, another, i, 100);
		get(w, another, i);
	}
	close(fd);
	MUST(unlink(path) == 0, "");
	sleep_ms(1100);
	fill_until(w, store, 4000, 1500);
	struct store_info info;
	store_get_info(store, &info);
	MUST(info.memory_total > 4 * MB, "it does not grow again: %llu", (unsigned long long)info.memory_total);
	store_close(store);
	check_world(w, 10);
}

/* ---- limits --------------------------------------------------------------------------------------------- */

static void no_descriptors_left(struct world *w)
{
	struct store *store;
	int taken[64], count = 0, fd;

	set_limit(RLIMIT_NOFILE, 40);
	/* One after the other becomes free: each refusal is a clean one, until there are enough. */
	while (count < 64 && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) {
		taken[count++] = fd;
	}
	MUST(count > 8, "%d", count);
	for (int tries = 0;; tries++) {
		enum cache_status status = store_open(&w->options, &store, w->message, sizeof w->message);
		if (status == CACHE_OK) {
			MUST(tries > 1, "it needs no descriptor");
			break;
		}
		MUST(strstr(w->message, "Too many open files"), "%s: %s", cache_status_name(status), w->message);
		MUST(count > 0, "");
		close(taken[--count]);
	}
	while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) {
		taken[count++] = fd;
	}
	/* What is attached needs none. */
	for (unsigned i = 0; i < 200; i++) {
		put(w, store, i, 5000);
	}
	for (unsigned i = 0; i < 200; i++) {
		get(w, store, i);
	}
	delete (w, store, 1);
	store_close(store);
	while (count > 0) {
		close(taken[--count]);
	}
	check_world(w, 100);
}

static char last_line[600];
static void keep_line(void *context, enum cache_log_level level, const char *line)
{
	(void)context;
	(void)level;
	snprintf(last_line, sizeof last_line, "%s", line);
}

/*
 * A forked child that can open no file: nothing is found or stored, it is said, and what it was to replace or delete is
 * gone for all.
 */
static void work_without_descriptors(struct world *w, struct store *store)
{
	struct store_key k = key_of(store, 1);
	struct store_view view;
	struct rlimit limit = limit_of(RLIMIT_NOFILE);
	struct store_item item = {.type = STORE_STRING, .bytes = "new", .size = 3, .ttl_us = STORE_FOREVER};
	char tags[] = "\3tag";

	set_limit(RLIMIT_NOFILE, 0);
	MUST(!store_is_usable(store), "");
	MUST(store_get(store, &k, &view) == CACHE_SYSTEM, "");
	MUST(strstr(last_line, "after fork()") && strstr(last_line, "Too many open files"), "\"%s\"", last_line);
	k = name_of(store, "nobody has this one");
	MUST(store_delete(store, &k) == CACHE_MISSING, "");
	raise_flag(w, 1);
	await_flag(w, 2); /* it was not there: nothing else goes */
	if (w->flags[7] == 0) {
		k = key_of(store, 1);
		MUST(store_delete(store, &k) == CACHE_MISSING, "");
	} else if (w->flags[7] == 1) {
		k = key_of(store, 1);
		MUST(store_put(store, &k, &item, STORE_SET) == CACHE_SYSTEM, "");
	} else if (w->flags[7] == 2) {
		k = key_of(store, 1);
		MUST(store_mark_stale(store, &k) == CACHE_MISSING, "");
	} else if (w->flags[7] == 3) {
		bool renewed;
		k = key_of(store, 1);
		MUST(store_put_if_changed(store, &k, &item, false, 0, &renewed) == CACHE_SYSTEM, "");
	} else {
		MUST(store_invalidate_tags(store, tags, 4, true) == 1, "");
	}
	raise_flag(w, 3);
	await_flag(w, 4);
	set_limit(RLIMIT_NOFILE, limit.rlim_cur);
	MUST(store_is_usable(store), "it does not recover");
	w->known[1].standing = ABSENT;
	get(w, store, 1);
	put(w, store, 1, 100);
	get(w, store, 1);
	store_close(store);
}

static void child_without_descriptors(struct world *w)
{
	struct store_item item = {.ttl_us = STORE_FOREVER, .tags = "\3tag", .tags_size = 4, .tag_count = 1};

	w->host.log = keep_line;
	for (int what = 0; what < 5; what++) {
		struct store *store = must_open(w);
		memset((void *)w->flags, 0, sizeof w->flags);
		w->flags[7] = what;
		put_with(w, store, 1, &item, 500);
		put(w, store, 2, 500);
		pid_t pid = child(w, work_without_descriptors, store);
		await_flag(w, 1);
		get(w, store, 1);
		get(w, store, 2);
		raise_flag(w, 2);
		await_flag(w, 3);
		w->known[1].standing = ABSENT;
		get(w, store, 1);
		raise_flag(w, 4);
		join(pid, false);
		all_perhaps(w);
		store_close(store);
	}
	check_world(w, 10);
}

static void file_size_limit(struct world *w)
{
	struct store *store;

	/* Beyond it is a signal, of which the process dies. */
	set_limit(RLIMIT_FSIZE, MB);
	refused(w, CACHE_NO_SPACE, "ulimit -f");
	set_limit(RLIMIT_FSIZE, RLIM_INFINITY);
	store = must_open(w);
	set_limit(RLIMIT_FSIZE, 4096);
	fill_until(w, store, 300, 9000);
	store_close(store);
	store = must_open(w);
	fill_until(w, store, 300, 9000);
	store_close(store);
}

static unsigned long pages_of_address_space(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages;

	MUST(file && fscanf(file, "%lu", &pages) == 1, "");
	fclose(file);
	return pages;
}

static void address_space_limit(struct world *w)
{
	struct store *store;
	unsigned works = 0, refusals = 0, copies = 0;
	rlim_t limit;

	/* More and more of it, until it is enough for both mappings. */
	for (rlim_t more = 0; more < 24 * MB; more += 2 * MB) {
		limit = (rlim_t)pages_of_address_space() * 4096 + more;
		set_limit(RLIMIT_AS, limit);
		store_reserve(w->options.size);
		enum cache_status status = store_open(&w->options, &store, w->message, sizeof w->message);
		ONE_OF(status, CACHE_OK, CACHE_NO_MAP, CACHE_NO_MEMORY);
		if (status == CACHE_OK) {
			works++;
			copies += store->segment->official == NULL;
			put(w, store, 1, 3000);
			get(w, store, 1);
			store_close(store);
		} else {
			refusals++;
			MUST(w->message[0] && works == 0, "%s", w->message);
		}
		set_limit(RLIMIT_AS, RLIM_INFINITY);
	}
	/* In between, with room for one of the two mappings, values are copied. */
	MUST(works > 0 && refusals > 0 && copies > 0, "%u work, of them %u by copies, %u are refused", works, copies,
	     refusals);
	check_world(w, 10);
}

/* What was reserved, for the largest segment of that size, is given back where this one could not be mapped otherwise. */
static void address_space_that_was_reserved(struct world *w)
{
	unsigned long before = pages_of_address_space(), reserved;
	struct store *store;

	store_reserve(w->options.size);
	reserved = pages_of_address_space() - before;
	MUST(reserved * 4096 > w->options.size, "%lu pages", reserved);
	set_limit(RLIMIT_AS, (pages_of_address_space() + 300) * 4096);
	store = must_open(w);
	put(w, store, 1, 3000);
	get(w, store, 1);
	store_close(store);
	set_limit(RLIMIT_AS, RLIM_INFINITY);
	check_world(w, 10);
}

static void window_taken(struct world *w)
{
	void *base = (void *)(uintptr_t)OFFICIAL_BASE;
	char *got = mmap(base, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	MUST(got == base, "%s", strerror(errno));
	memcpy(got, "somebody's", 11);
	store_reserve(w->options.size);
	struct store *store = must_open(w);
	struct store_info info;
	store_get_info(store, &info);
	MUST(!info.zero_copy, "");
	fill_until(w, store, 300, 5000);
	MUST(memcmp(got, "somebody's", 11) == 0, "somebody else's memory was written to");
	store_close(store);
	check_world(w, 10);
}

/* ---- what others do to the file -------------------------------------------------------------------------- */

static void go_on_in_removed(struct world *w, struct store *store)
{
	MUST(store_is_usable(store), "");
	get(w, store, 1);
	put(w, store, 2, 2000);
	get(w, store, 2);
	store_close(store);
}

static void fork_after_removal(struct world *w)
{
	struct store *store = must_open(w);

	put(w, store, 1, 100);
	MUST(unlink(store->segment->path) == 0, "");
	join(child(w, go_on_in_removed, store), false);
	get(w, store, 2); /* what the child stored, the parent finds */
	store_close(store);
	w->known[1].standing = w->known[2].standing = ABSENT;
	check_world(w, 10);
}

static void not_usable(struct world *w, struct store *store)
{
	struct store_key k = key_of(store, 1);
	struct store_view view;

	(void)w;
	MUST(!store_is_usable(store) && store_get(store, &k, &view) == CACHE_SYSTEM, "");
	MUST(strstr(last_line, "after fork()"), "\"%s\"", last_line);
	store_close(store);
}

/* Nor /proc, by which it would find the file. */
static void fork_after_removal_without_proc(struct world *w)
{
	w->host.log = keep_line;
	struct store *store = must_open(w);
	mount_tmpfs("/proc", "size=64k");
	put(w, store, 1, 100);
	MUST(unlink(store->segment->path) == 0, "");
	join(child(w, not_usable, store), false);
	get(w, store, 1);
	store_close(store);
}

/* Somebody of the same user cuts the file off. Whoever asks whether it is current lets go without touching it. */
static void file_truncated(struct world *w)
{
	static const off_t lengths[] = {0, 4096, 1 << 20};

	for (unsigned i = 0; i < 3; i++) {
		struct store *store = must_open(w), *second = must_open(w);
		struct store_key k;
		struct store_view view;
		put(w, store, 1, 3000);
		k = key_of(store, 1);
		MUST(store_get(store, &k, &view) == CACHE_OK && store_lease(store, &k, MS) > 0, "");
		MUST(store_is_current(store), "");
		MUST(truncate(store->segment->path, lengths[i]) == 0, "");
		MUST(!store_is_current(store), "");
		store_close(store);
		MUST(!store_is_current(second), "");
		store_close(second);
		MUST(mappings_of(w->directory) == 0, "still mapped");
		w->known[1].standing = ABSENT;
		check_world(w, 10);
		memset(w->known, 0, sizeof w->known);
	}
}

/* In between there is no help: this is what the documentation says, and why not more. */
static void touch_truncated(struct world *w, struct store *store)
{
	struct store_key k = key_of(store, 1);
	struct store_view view;

	(void)w;
	any(store_get(store, &k, &view));
	_exit(3);
}

static void file_truncated_and_touched(struct world *w)
{
	struct store *store = must_open(w);
	int status;

	put(w, store, 1, 3000);
	MUST(truncate(store->segment->path, 0) == 0, "");
	pid_t pid = fork();
	if (pid == 0) {
		touch_truncated(w, store);
	}
	MUST(waitpid(pid, &status, 0) == pid, "");
	MUST((WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS) || (WIFEXITED(status) && WEXITSTATUS(status) == 3), "0x%x",
	     status);
	store_close(store);
	w->known[1].standing = ABSENT;
	check_world(w, 10);
}

static void fork_fails_at(struct world *w, struct store *store)
{
	struct store_key k = key_of(store, 1);
	struct store_view view;

	MUST(store_get(store, &k, &view) == CACHE_OK, "");
	set_limit(RLIMIT_NPROC, 0);
	for (int i = 0; i < 30; i++) {
		MUST(fork() < 0, "it could fork");
	}
	MUST(value_is(view.bytes, view.size, w->known[1].seed), "");
	store_unpin(store, view.pin);
	put(w, store, 1, 200);
	get(w, store, 1);
}

/* The handlers before fork() have run, and there is no child. */
static void fork_that_fails(struct world *w)
{
	run_as_nobody(w);
	struct store *store = must_open(w);
	unsigned descriptors = open_descriptors();
	put(w, store, 1, 3000);
	fork_fails_at(w, store);
	MUST(open_descriptors() == descriptors, "");
	owner_reap_all(&store->owner);
	MUST(owner_count(store->segment) == 1, "%u participants", owner_count(store->segment));
	store_close(store);
}

const struct special file_specials[] = {
	{"no_dev_shm", no_dev_shm},
	{"dev_shm_not_writable", dev_shm_not_writable},
	{"dev_shm_read_only", dev_shm_read_only},
	{"directory_not_readable", directory_not_readable},
	{"directory_becomes_unreadable", directory_becomes_unreadable},
	{"directory_of_somebody_else", directory_of_somebody_else},
	{"directory_for_everybody", directory_for_everybody},
	{"default_directory_is_a_link", default_directory_is_a_link},
	{"default_directory_is_a_file", default_directory_is_a_file},
	{"directory_removed", directory_removed},
	{"tmpfs_full_at_creation", tmpfs_full_at_creation},
	{"tmpfs_full_later", tmpfs_full_later},
	{"tmpfs_filled_by_others", tmpfs_filled_by_others},
	{"no_descriptors_left", no_descriptors_left},
	{"child_without_descriptors", child_without_descriptors},
	{"file_size_limit", file_size_limit},
	{"address_space_limit", address_space_limit},
	{"address_space_that_was_reserved", address_space_that_was_reserved},
	{"window_taken", window_taken},
	{"fork_after_removal", fork_after_removal},
	{"fork_after_removal_without_proc", fork_after_removal_without_proc},
	{"file_truncated", file_truncated},
	{"file_truncated_and_touched", file_truncated_and_touched},
	{"fork_that_fails", fork_that_fails},
};
const unsigned file_special_count = sizeof file_specials / sizeof *file_specials;
