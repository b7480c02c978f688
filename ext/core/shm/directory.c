#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#if !defined(_FILE_OFFSET_BITS) && !defined(__LP64__)
#define _FILE_OFFSET_BITS 64
#endif
#include "core/shm/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_ROOT "/dev/shm"
#define NAME_MAX_LENGTH 64
#define FINGERPRINT_DIGITS 16

static bool name_is_valid(const char *name)
{
	size_t length = name ? strlen(name) : 0;

	if (length == 0 || length > NAME_MAX_LENGTH || name[0] == '.') {
		return false;
	}
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

/*
 * Ours, or root's and not writable for everybody (or sticky, where others cannot touch what is ours). The private
 * default directory must be ours alone.
 */
static bool directory_is_safe(const struct stat *st, bool private)
{
	if (!S_ISDIR(st->st_mode)) {
		return false;
	}
	if (private) {
		return st->st_uid == geteuid() && (st->st_mode & 077) == 0;
	}
	if (st->st_uid != geteuid() && st->st_uid != 0) {
		return false;
	}
	return (st->st_mode & 022) == 0 || (st->st_mode & S_ISVTX) != 0;
}

enum cache_status directory_open(const struct segment_options *options, char *path, size_t path_size, int *directory,
                                 struct message *message)
{
	bool private = !options->directory || !options->directory[0];
	char place[400];
	struct stat st;
	int length;

	if (!name_is_valid(options->name)) {
		message_set(message, "a segment's name has 1 to %d of the characters A-Z a-z 0-9 . _ - and does not begin with a dot",
		            NAME_MAX_LENGTH);
		return CACHE_BAD_OPTION;
	}
	if (private) {
		snprintf(place, sizeof place, "%s/php-cache-%u", DEFAULT_ROOT, (unsigned)geteuid());
		if (mkdir(place, 0700) != 0 && errno != EEXIST) {
			message_set(message, "cannot create the directory %s: %s (cache.segment_dir may name another one)", place, strerror(errno));
			return CACHE_BAD_DIRECTORY;
		}
	} else if (snprintf(place, sizeof place, "%s", options->directory) >= (int)sizeof place || place[0] != '/') {
		message_set(message, "the segment directory must be an absolute path of less than %zu bytes", sizeof place);
		return CACHE_BAD_OPTION;
	}
	*directory = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (private ? O_NOFOLLOW : 0));
	if (*directory < 0) {
		message_set(message, "cannot open the segment directory %s: %s", place, strerror(errno));
		return CACHE_BAD_DIRECTORY;
	}
	if (fstat(*directory, &st) != 0 || !directory_is_safe(&st, private)) {
		message_set(message, "the segment directory %s is not safe: it must be a directory of user %u%s", place,
		            (unsigned)geteuid(), private ? " with mode 0700" : " or root, not writable for others");
		close(*directory);
		return CACHE_BAD_DIRECTORY;
	}
	length = snprintf(path, path_size, "%s/%s.%0*llx", place, options->name, FINGERPRINT_DIGITS,
	                  (unsigned long long)layout_fingerprint(&options->shape));
	if (length < 0 || (size_t)length >= path_size) {
		close(*directory);
		return CACHE_BAD_OPTION;
	}
	return CACHE_OK;
}

static void remove_if_unused(int directory, const char *file)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LIVENESS_BYTE(0), .l_len = 0};
	struct stat st;
	int fd = openat(directory, file, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		return;
	}
	/* As with every judgement about a whole file: under the flock, so that nobody attaches meanwhile. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type == F_UNLCK) {
		unlinkat(directory, file, 0);
	}
	close(fd);
}

void directory_sweep(int directory, const char *current_file)
{
	size_t prefix = strlen(current_file) - FINGERPRINT_DIGITS;
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *item;

	if (!stream) {
		if (copy >= 0) {
			close(copy);
		}
		return;
	}
	while ((item = readdir(stream)) != NULL) {
		if (strlen(item->d_name) == prefix + FINGERPRINT_DIGITS && strncmp(item->d_name, current_file, prefix) == 0 &&
		    strspn(item->d_name + prefix, "0123456789abcdef") == FINGERPRINT_DIGITS &&
		    strcmp(item->d_name, current_file) != 0) {
			remove_if_unused(directory, item->d_name);
		}
	}
	closedir(stream);
}
