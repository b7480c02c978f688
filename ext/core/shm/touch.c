#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#if !defined(_FILE_OFFSET_BITS) && !defined(__LP64__)
#define _FILE_OFFSET_BITS 64
#endif
#include "core/shm/touch.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

/* A write is three system calls: not for one fault. */
#define UNITS_LEAST 2u

static uint64_t units_of(const struct segment *s) { return units_of_range(0, s->geometry.file_length); }

void touch_open(struct segment *s)
{
	void *got = mmap(NULL, units_of(s), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	s->touched = NULL;
	if (got == MAP_FAILED) {
		return;
	}
	if (madvise(got, units_of(s), MADV_WIPEONFORK) != 0) {
		munmap(got, units_of(s)); /* before Linux 4.14: a child would believe what is not so */
		return;
	}
	s->touched = got;
}

void touch_close(struct segment *s)
{
	if (s->touched) {
		munmap((void *)s->touched, units_of(s));
		s->touched = NULL;
	}
}

void touch_units(const struct segment *s, uint64_t first, uint64_t number)
{
	/* Where the kernel cannot or will not, the touch is a fault. */
	(void)madvise(s->base + first * UNIT_BYTES, number * UNIT_BYTES, MADV_POPULATE_WRITE);
	for (uint64_t unit = first; unit < first + number; unit++) {
		store_relaxed(&s->touched[unit], UNIT_MAPPED);
	}
}

enum range_way segment_way(const struct segment *s, uint64_t at, uint64_t bytes)
{
	uint64_t first = unit_of(at), number = units_of_range(at, bytes), mapped = 0, fresh = 0;

	if (!s->touched) {
		return RANGE_MAPPED;
	}
	for (uint64_t unit = first; unit < first + number; unit++) {
		uint8_t touched = load_relaxed(&s->touched[unit]);
		mapped += touched == UNIT_MAPPED;
		fresh += touched < UNIT_WRITES;
	}
	if (mapped == number) {
		return RANGE_MAPPED;
	}
	return fresh >= UNITS_LEAST && fresh >= number / 2 ? RANGE_WRITE : RANGE_TOUCH;
}

/*
 * Is the descriptor still that of our file, and its length what it was? An application may close what it does not know, and a write
 * into the file that has got the number, or behind the end of one that was cut off, would do harm that a mapping cannot. Beyond
 * the limit for files a write is a signal that ends the process.
 */
static bool may_write(const struct segment *s)
{
	struct rlimit limit;
	struct stat st;

	return s->fd >= 0 && fstat(s->fd, &st) == 0 && st.st_ino == s->inode && st.st_dev == s->device &&
	       (uint64_t)st.st_size == s->geometry.file_length && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	       limit.rlim_cur >= s->geometry.file_length;
}

bool segment_write(const struct segment *s, const struct cache_host *host, uint64_t at, const void *from, uint64_t bytes)
{
	int error = host->fault ? host->fault(host->context, FAULT_WRITE) : 0;
	uint64_t done = 0;

	if (error == 0 && may_write(s)) {
		while (done < bytes) {
			ssize_t written = pwrite(s->fd, (const char *)from + done, bytes - done, (off_t)(at + done));
			if (written <= 0) {
				break;
			}
			done += (uint64_t)written;
		}
	}
	if (done < bytes) {
		return false;
	}
	for (uint64_t unit = unit_of(at); unit <= unit_of(at + bytes - 1); unit++) {
		uint8_t touched = load_relaxed(&s->touched[unit]);
		if (touched < UNIT_WRITES) {
			store_relaxed(&s->touched[unit], touched + 1);
		}
	}
	return true;
}
