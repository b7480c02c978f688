#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0) {
		check_failed(__FILE__, __LINE__, "cannot open %s: %s", path, strerror(errno));
	}
	return fd;
}

char *file_read(const char *path, size_t *length)
{
	int fd = open_file(path, O_RDONLY);
	struct stat st;
	char *bytes;

	CHECK_EQ(fstat(fd, &st), 0);
	bytes = malloc((size_t)st.st_size);
	CHECK(bytes != NULL);
	CHECK_EQ(read(fd, bytes, (size_t)st.st_size), st.st_size);
	close(fd);
	*length = (size_t)st.st_size;
	return bytes;
}

void file_write(const char *path, const char *bytes, size_t length)
{
	int fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC);

	CHECK_EQ(write(fd, bytes, length), length);
	close(fd);
}

void file_patch(const char *path, off_t at, const void *bytes, size_t length)
{
	int fd = open_file(path, O_RDWR);

	CHECK_EQ(pwrite(fd, bytes, length, at), length);
	close(fd);
}

void file_flip(const char *path, off_t at, unsigned char bits)
{
	int fd = open_file(path, O_RDWR);
	unsigned char byte;

	CHECK_EQ(pread(fd, &byte, 1, at), 1);
	byte ^= bits;
	CHECK_EQ(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

bool file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

uint64_t file_inode(const char *path)
{
	struct stat st;

	CHECK_EQ(lstat(path, &st), 0);
	return st.st_ino;
}
