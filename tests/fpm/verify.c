/*
 * verify FILE FOLDER: judges the segment that FILE holds, as it was left, by store_verify(). The last line is
 * `N broken`; the exit status says whether N is 0.
 *
 * It works on a copy in FOLDER: a file is bound to the build of PHP that made it, of which the core knows a number only; the
 * copy gets this program's. So that nothing is mended before it is judged, the byte of a slot that nobody has is held:
 * who attaches to a segment that is in use trusts it. Participants that the copy shows as attached are dead, as nobody
 * holds their bytes here: what store_verify() finds is what a recovery of all of them would find.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/shm/segment.h"
#include "core/store/store.h"

static void fail(const char *what)
{
	fprintf(stderr, "verify: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Holes stay holes. */
static void copy_file(const char *from, int to)
{
	static char buffer[1 << 16], zeros[sizeof buffer];
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	off_t at = 0;
	ssize_t got;

	if (fd < 0) {
		fail(from);
	}
	while ((got = read(fd, buffer, sizeof buffer)) > 0) {
		if (memcmp(buffer, zeros, (size_t)got) != 0 && pwrite(to, buffer, (size_t)got, at) != got) {
			fail("write");
		}
		at += got;
	}
	if (got < 0 || ftruncate(to, at) != 0) {
		fail(from);
	}
	close(fd);
}

/* The path under which store_open() looks for a segment of these options: it makes one there, which is removed. */
static void own_path(const struct store_options *options, char *path, size_t size)
{
	struct store *store;
	struct store_info info;
	char message[512];

	if (store_open(options, &store, message, sizeof message) != CACHE_OK) {
		fprintf(stderr, "verify: %s\n", message);
		exit(2);
	}
	store_get_info(store, &info);
	snprintf(path, size, "%s", info.path);
	store_close(store);
}

/* Makes the copy one of this build. */
static void adopt(int fd, uint64_t fingerprint)
{
	struct superblock block;

	if (pread(fd, &block, sizeof block, 0) != (ssize_t)sizeof block) {
		fail("the superblock");
	}
	if (block.checksum != superblock_checksum(&block)) {
		printf("the superblock is damaged\n1 broken\n");
		exit(1);
	}
	block.fingerprint = fingerprint;
	block.checksum = superblock_checksum(&block);
	if (pwrite(fd, &block, sizeof block, 0) != (ssize_t)sizeof block) {
		fail("the superblock");
	}
}

static struct superblock read_superblock(const char *path)
{
	struct superblock block;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, &block, sizeof block, 0) != (ssize_t)sizeof block) {
		fail(path);
	}
	close(fd);
	return block;
}

static void report(void *context, const char *sentence)
{
	(void)context;
	printf("%s\n", sentence);
}

int main(int count, char **arguments)
{
	struct store_options options = {.name = "verify", .pinned_max = 1 << 20};
	struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	struct superblock theirs, ours;
	struct store *store;
	char path[512], message[512];
	unsigned broken;
	int fd;

	if (count != 3) {
		fprintf(stderr, "verify FILE FOLDER\n");
		return 2;
	}
	theirs = read_superblock(arguments[1]);
	options.directory = arguments[2];
	options.size = theirs.geometry.size;
	options.processes = theirs.geometry.participants - GUEST_SLOTS;
	options.queue_jobs = theirs.geometry.jobs;
	options.queue_attempts = STORE_QUEUE_ATTEMPTS_MAX;
	own_path(&options, path, sizeof path);
	ours = read_superblock(path);

	fd = open(path, O_RDWR | O_TRUNC | O_CLOEXEC);
	if (fd < 0) {
		fail(path);
	}
	copy_file(arguments[1], fd);
	adopt(fd, ours.fingerprint);
	byte.l_start = LIVENESS_BYTE(theirs.geometry.participants - GUEST_SLOTS - 1);
	if (fcntl(fd, F_OFD_SETLK, &byte) != 0) {
		fail("the byte of the last slot");
	}
	if (store_open(&options, &store, message, sizeof message) != CACHE_OK) {
		printf("%s\n1 broken\n", message);
		return 1;
	}
	broken = store_verify(store, report, NULL);
	store_close(store);
	close(fd);
	unlink(path);
	printf("%u broken\n", broken);
	return broken != 0;
}
