#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "core/shm/official.h"

#include <errno.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#define RESERVED (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Under the lock of the process's segments, or before there are threads. */
static struct {
	uint64_t bytes;
	struct segment *tenant;
} reservation;

static void *base(void)
{
	return (void *)(uintptr_t)OFFICIAL_BASE;
}

bool official_give_back(void)
{
	int error = errno;

	if (!reservation.bytes || reservation.tenant) {
		return false;
	}
	munmap(base(), reservation.bytes);
	reservation.bytes = 0;
	errno = error;
	return true;
}

void official_reserve(uint64_t bytes)
{
	void *got;

	if (sizeof(void *) < 8 || reservation.bytes >= bytes || reservation.tenant) {
		return;
	}
	official_give_back();
	got = mmap(base(), bytes, PROT_NONE, RESERVED | MAP_FIXED_NOREPLACE, -1, 0);
	if (got == base()) {
		reservation.bytes = bytes;
	} else if (got != MAP_FAILED) {
		munmap(got, bytes); /* a kernel before 4.17 takes the flag for a hint */
	}
}

const char *official_map(struct segment *s, int fd, bool writable)
{
	int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;

	if (reservation.tenant) {
		return NULL;
	}
	official_reserve(s->geometry.file_length);
	/* Inside of our own reservation: nobody else's mapping is replaced. */
	if (reservation.bytes < s->geometry.file_length ||
	    mmap(base(), s->geometry.file_length, protection, MAP_SHARED | MAP_FIXED, fd, 0) != base()) {
		return NULL;
	}
	segment_leave_out_of_dumps(base(), s->geometry.file_length);
	reservation.tenant = s;
	return base();
}

void official_unmap(struct segment *s)
{
	if (reservation.tenant != s) {
		return;
	}
	if (mmap(base(), reservation.bytes, PROT_NONE, RESERVED | MAP_FIXED, -1, 0) == MAP_FAILED) {
		/* Nothing is reserved any more, but the file must not stay mapped. */
		munmap(base(), reservation.bytes);
		reservation.bytes = 0;
	}
	reservation.tenant = NULL;
}
