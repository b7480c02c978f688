#include "core/base/host.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

/* How often in a row a call may be interrupted before that counts as an error: a sandbox, or signals without end. */
#define INTERRUPTIONS_MAX 1000

/* A sandbox that refuses one of the clocks mostly has its coarse or fine sister. */
static struct timespec read_clock(clockid_t wanted, clockid_t sister)
{
	struct timespec now = {0};

	if (clock_gettime(wanted, &now) != 0) {
		(void)clock_gettime(sister, &now);
	}
	return now;
}

static int64_t microseconds(struct timespec time) { return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000; }

static int64_t wall(void *context)
{
	(void)context;
	return microseconds(read_clock(CLOCK_REALTIME, CLOCK_REALTIME_COARSE));
}

static int64_t wall_coarse(void *context)
{
	(void)context;
	return microseconds(read_clock(CLOCK_REALTIME_COARSE, CLOCK_REALTIME));
}

/* The GNU C library's time() is that clock, too, in half of the time; another one's may be the fine one. */
static int64_t wall_second(void *context)
{
	time_t now = -1;

	(void)context;
#ifdef __GLIBC__
	now = time(NULL);
#endif
	return now != -1 ? now : read_clock(CLOCK_REALTIME_COARSE, CLOCK_REALTIME).tv_sec;
}

static uint64_t monotonic(void *context)
{
	struct timespec now = read_clock(CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE);

	(void)context;
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int random_bytes(void *context, void *bytes, size_t count)
{
	unsigned char *at = bytes;
	unsigned interrupted = 0;

	(void)context;
	while (count > 0) {
		ssize_t got = getrandom(at, count, 0);
		if (got < 0) {
			if (errno == EINTR && ++interrupted < INTERRUPTIONS_MAX) {
				continue;
			}
			return -1;
		}
		at += got;
		count -= (size_t)got;
	}
	return 0;
}

static void drop_line(void *context, enum cache_log_level level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

const struct cache_host cache_posix_host = {
	.wall_us = wall,
	.wall_coarse_us = wall_coarse,
	.wall_second = wall_second,
	.monotonic_ns = monotonic,
	.random = random_bytes,
	.log = drop_line,
};
