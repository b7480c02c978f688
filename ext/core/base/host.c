#include "core/base/host.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

static int64_t wall(void *context)
{
	struct timespec now;
	(void)context;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t wall_coarse(void *context)
{
	struct timespec now;
	(void)context;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint32_t wall_second(void *context)
{
	struct timespec now;
	(void)context;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (uint32_t)now.tv_sec;
}

static uint64_t monotonic(void *context)
{
	struct timespec now;
	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int random_bytes(void *context, void *bytes, size_t count)
{
	unsigned char *at = bytes;
	(void)context;
	while (count > 0) {
		ssize_t got = getrandom(at, count, 0);
		if (got < 0) {
			if (errno == EINTR) {
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
