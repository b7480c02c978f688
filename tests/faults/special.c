/*
 * Situations that are no single failed call: limits, namespaces, files that others touch, clocks. Each test in a
 * process of its own.
 *
 *   special [NAME...]
 */
#define _GNU_SOURCE
#include "special.h"

#include <errno.h>
#include <ftw.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_SECONDS 60
#define SKIPPED 77

static char root[] = "/dev/shm/cache-special.XXXXXX";

void skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fflush(stderr);
	_exit(SKIPPED);
}

void mount_tmpfs(const char *place, const char *options)
{
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0) {
		skip("a mount namespace is not to be had: %s", strerror(errno));
	}
	if (mount("tmpfs", place, "tmpfs", 0, options) != 0) {
		skip("a tmpfs cannot be mounted: %s", strerror(errno));
	}
}

void run_as_nobody(struct world *w)
{
	if (geteuid() != 0) {
		skip("only root can become somebody else");
	}
	MUST(chown(w->directory, 65534, 65534) == 0, "%s", strerror(errno));
	MUST(setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0, "%s", strerror(errno));
}

void refused(struct world *w, enum cache_status expected, const char *part)
{
	struct store *store = NULL;
	enum cache_status status = store_open(&w->options, &store, w->message, sizeof w->message);

	MUST(status == expected, "%s, not %s: %s", cache_status_name(status), cache_status_name(expected), w->message);
	MUST(strstr(w->message, part), "the message \"%s\" does not say \"%s\"", w->message, part);
}

void fill_until(struct world *w, struct store *store, unsigned keys, size_t size)
{
	w->evicts = true;
	for (unsigned i = 0; i < keys; i++) {
		MUST(put(w, store, i % KEYS, size) == CACHE_OK, "key %u", i);
		get(w, store, i % KEYS);
	}
	for (unsigned i = 0; i < keys && i < KEYS; i++) {
		get(w, store, i);
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static void clean(const char *directory)
{
	nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int run_one(const struct special *special)
{
	char directory[120], text[2000];
	int said[2], status = 0;
	ssize_t got;
	pid_t pid;

	snprintf(directory, sizeof directory, "%s/%s", root, special->name);
	if (pipe(said) != 0 || (pid = fork()) < 0) {
		perror("special");
		return 1;
	}
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(said[1], STDERR_FILENO);
		close(said[0]);
		close(said[1]);
		MUST(mkdir(directory, 0700) == 0, "%s", strerror(errno));
		special->test(world_make(directory));
		_exit(0);
	}
	close(said[1]);
	for (int ms = 0; waitpid(pid, &status, WNOHANG) == 0; ms++) {
		if (ms > TEST_SECONDS * 1000) {
			kill(-pid, SIGKILL);
		}
		sleep_ms(1);
	}
	kill(-pid, SIGKILL);
	clean(directory);
	got = read(said[0], text, sizeof text - 1);
	text[got < 0 ? 0 : got] = 0;
	close(said[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
		printf("skipped - %s: %s\n", special->name, text);
		return 0;
	}
	if (status == 0) {
		printf("ok - %s\n", special->name);
		return 0;
	}
	printf("not ok - %s\n%s%s\n", special->name, text, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
	return 1;
}

static bool is_wanted(const char *name, char **wanted)
{
	if (!*wanted) {
		return true;
	}
	for (; *wanted; wanted++) {
		if (strcmp(*wanted, name) == 0) {
			return true;
		}
	}
	return false;
}

int main(int argc, char **argv)
{
	int failed = 0;

	(void)argc;
	if (!mkdtemp(root) || chmod(root, 0711) != 0) { /* other users have tests below it, too */
		perror("special");
		return 2;
	}
	for (unsigned i = 0; i < file_special_count + time_special_count; i++) {
		const struct special *special =
			i < file_special_count ? &file_specials[i] : &time_specials[i - file_special_count];
		if (is_wanted(special->name, argv + 1)) {
			failed += run_one(special);
			fflush(stdout);
		}
	}
	clean(root);
	return failed != 0;
}
