/*
 * Looks at a segment of another build of the host, such as PHP's, when nobody uses it and everything was deleted: are all rules kept,
 * and is every block free?
 *
 * usage: inspect FILE
 *
 * What is opened is a copy, which says that it is of this program's build. Nobody is to repair anything in it: so it looks as if somebody
 * were attached.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static void copy_data(const char *from, int out, off_t *length)
{
	static char buffer[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	struct stat st;
	off_t at = 0;

	if (in < 0 || fstat(in, &st) != 0 || ftruncate(out, st.st_size) != 0) {
		die("cannot copy %s: %s", from, strerror(errno));
	}
	while ((at = lseek(in, at, SEEK_DATA)) >= 0) {
		ssize_t got = pread(in, buffer, sizeof buffer, at);
		if (got <= 0 || pwrite(out, buffer, (size_t)got, at) != got) {
			die("cannot copy %s: %s", from, strerror(errno));
		}
		at += got;
	}
	*length = st.st_size;
	close(in);
}

/* The superblock with our fingerprint, in the place of the file of an empty store of ours. */
static int make_copy(const char *from, const char *folder, uint64_t *size, uint32_t *processes)
{
	struct store *empty = open_store(folder, STORE_SIZE_MIN, 8, NULL);
	uint64_t fingerprint = empty->segment->superblock->fingerprint;
	struct superblock copy;
	char path[1024];
	off_t length;
	int fd;

	snprintf(path, sizeof path, "%s", empty->segment->path);
	store_close(empty);
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		die("cannot create %s: %s", path, strerror(errno));
	}
	copy_data(from, fd, &length);
	if (pread(fd, &copy, sizeof copy, 0) != (ssize_t)sizeof copy || copy.magic != SEGMENT_MAGIC ||
	    copy.checksum != superblock_checksum(&copy) || copy.geometry.file_length != (uint64_t)length) {
		die("%s is no segment", from);
	}
	copy.fingerprint = fingerprint;
	copy.checksum = superblock_checksum(&copy);
	if (pwrite(fd, &copy, sizeof copy, 0) != (ssize_t)sizeof copy) {
		die("cannot write %s: %s", path, strerror(errno));
	}
	*size = copy.geometry.size;
	*processes = copy.geometry.participants - GUEST_SLOTS;
	return fd;
}

/* The byte of a slot that nobody will take. */
static void look_alive(int fd, uint32_t processes)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LIVENESS_BYTE(processes - 1), .l_len = 1};

	if (fcntl(fd, F_OFD_SETLK, &range) != 0) {
		die("no lock: %s", strerror(errno));
	}
}

int main(int count, char **arguments)
{
	const char *folder = make_folder();
	uint64_t size, left, limbo;
	uint32_t processes, attached;
	unsigned broken;
	struct store *store;
	int fd;

	if (count != 2) {
		die("usage: inspect FILE");
	}
	fd = make_copy(arguments[1], folder, &size, &processes);
	look_alive(fd, processes);
	store = open_store(folder, size, processes, NULL);
	attached = owner_count(store->segment);
	broken = verify_aloud(store, "inspect");
	limbo = reclaim_all(store);
	left = blocks_in_use(store);
	broken += verify_aloud(store, "inspect");
	printf("%u rules broken, %llu blocks in use, %llu in limbo, %u attached\n", broken, (unsigned long long)left,
	       (unsigned long long)limbo, attached);
	store_close(store);
	return broken != 0 || left != 0 || limbo != 0 || attached != 1;
}
