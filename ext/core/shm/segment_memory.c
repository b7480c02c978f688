/*
 * Memory for parts of the segment file: taken before it is touched, because touching a hole of a full tmpfs is a
 * SIGBUS.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/shm/queue_table.h"
#include "core/shm/rwlock_table.h"
#include "core/shm/segment.h"

/*
 * Taken in such pieces: a signal undoes what fallocate() on a tmpfs has done so far, so that a large piece would never
 * be had where signals come often. Below a piece of one page nobody can be unlucky for long.
 */
#define PIECE_BYTES (UINT64_C(1) << 20)
#define INTERRUPTIONS_MAX 1000

static int fault(const struct cache_host *host, enum cache_fault point)
{
	return host->fault ? host->fault(host->context, point) : 0;
}

/* An errno. */
static int take(int fd, uint64_t from, uint64_t end)
{
	uint64_t piece = PIECE_BYTES;
	unsigned interrupted = 0;

	while (from < end) {
		uint64_t bytes = end - from < piece ? end - from : piece;
		if (fallocate(fd, 0, (off_t)from, (off_t)bytes) == 0) {
			from += bytes;
			interrupted = 0;
		} else if (errno != EINTR || ++interrupted > INTERRUPTIONS_MAX) {
			return errno;
		} else if (piece / 2 >= OS_PAGE) {
			piece /= 2;
		}
	}
	return 0;
}

enum cache_status segment_take(const struct cache_host *host, int fd, uint64_t from, uint64_t bytes)
{
	int error = fault(host, FAULT_FALLOCATE);
	uint64_t end = (from + bytes + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);

	from &= ~(uint64_t)(OS_PAGE - 1);
	if (error == 0) {
		error = take(fd, from, end);
	}
	errno = error;
	return error == 0 ? CACHE_OK : CACHE_NO_SPACE;
}

enum cache_status segment_take_slots(const struct geometry *g, const struct cache_host *host, int fd, uint32_t first,
                                     uint32_t number)
{
	enum cache_status status = CACHE_OK;
	const struct {
		uint64_t at, each;
	} tables[] = {
		{g->participants_at, sizeof(struct participant)},
		{g->pins_at, PIN_TABLE_BYTES},
		{g->lock_rows_at, sizeof(struct rwlock_row)},
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables && number > 0 && status == CACHE_OK; i++) {
		status = segment_take(host, fd, tables[i].at + first * tables[i].each, number * tables[i].each);
	}
	return status;
}

/*
 * Slots that have memory from the beginning, 9.5 KB each: where the segment fills its file system, later processes must
 * still find room to attach. The others get theirs when they are first used.
 */
static uint32_t first_slots(const struct geometry *g)
{
	uint64_t wanted = g->size / (256 * 1024);

	wanted = wanted < 4 ? 4 : wanted > 64 ? 64 : wanted;
	return wanted < g->participants - GUEST_SLOTS ? (uint32_t)wanted : g->participants - GUEST_SLOTS;
}

enum cache_status segment_take_first(const struct geometry *g, const struct cache_host *host, int fd)
{
	enum cache_status status = segment_take(host, fd, 0, OS_PAGE);
	uint32_t first = g->pages < SEGMENT_FIRST_PAGES ? g->pages : SEGMENT_FIRST_PAGES;

	if (status == CACHE_OK) {
		status = segment_take(host, fd, g->tags_at, g->locks_at + rwlock_table_bytes(g->participants) - g->tags_at);
	}
	if (status == CACHE_OK) {
		status = segment_take(host, fd, g->queue_at, queue_table_bytes(g->jobs));
	}
	if (status == CACHE_OK) {
		status = segment_take_slots(g, host, fd, 0, first_slots(g));
	}
	if (status == CACHE_OK) {
		status = segment_take_slots(g, host, fd, g->participants - GUEST_SLOTS, GUEST_SLOTS);
	}
	for (uint32_t i = 0; i < g->shards && status == CACHE_OK; i++) {
		status = segment_take(host, fd, g->shards_at + i * g->shard_stride, g->arena_at + (uint64_t)first * PAGE_BYTES);
	}
	return status;
}

enum cache_status segment_set_length(const struct cache_host *host, int fd, uint64_t length)
{
	int error = fault(host, FAULT_FTRUNCATE);
	unsigned interrupted = 0;
	struct rlimit limit;

	/* Beyond the limit there is no error, but a signal that ends the process. */
	if (error == 0 && getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < length) {
		error = EFBIG;
	}
	while (error == 0 && ftruncate(fd, (off_t)length) != 0) {
		if (errno != EINTR || ++interrupted > INTERRUPTIONS_MAX) {
			error = errno;
		}
	}
	errno = error;
	return error == 0 ? CACHE_OK : CACHE_NO_SPACE;
}

void segment_leave_out_of_dumps(void *mapping, uint64_t bytes)
{
	(void)madvise(mapping, bytes, MADV_DONTDUMP);
}
