#include "support.h"

#include <time.h>

static void coarse_clock_lags_by_its_bound_at_most(void **state)
{
	const struct cache_host *host = &cache_posix_host;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		int64_t before = host->wall_us(NULL), coarse = host->wall_coarse_us(NULL), after = host->wall_us(NULL);
		CHECK(coarse <= after);
		CHECK(coarse >= before - CACHE_COARSE_LAG_US);
	}
}

static void wall_clock_counts_microseconds_since_the_epoch(void **state)
{
	int64_t now = (int64_t)time(NULL), us = cache_posix_host.wall_us(NULL);

	(void)state;
	CHECK(us / 1000000 >= now && us / 1000000 <= now + 10);
}

static void monotonic_clock_counts_nanoseconds_forwards(void **state)
{
	uint64_t last = cache_posix_host.monotonic_ns(NULL);
	struct timespec now;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	CHECK((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec >= last);
	for (int i = 0; i < 1000; i++) {
		uint64_t next = cache_posix_host.monotonic_ns(NULL);
		CHECK(next >= last);
		last = next;
	}
}

/* More than getrandom() gives without being asked again (256 bytes are guaranteed). */
static void random_fills_every_byte(void **state)
{
	static unsigned char bytes[5000], seen[5000];

	(void)state;
	for (int round = 0; round < 8; round++) {
		memset(bytes, 0, sizeof bytes);
		CHECK_EQ(cache_posix_host.random(NULL, bytes, sizeof bytes), 0);
		for (size_t i = 0; i < sizeof bytes; i++) {
			seen[i] |= bytes[i];
		}
	}
	for (size_t i = 0; i < sizeof seen; i++) {
		CHECK(seen[i] != 0); /* by chance 0 in 256^-8 */
	}
}

static void no_fault_points_outside_of_tests(void **state)
{
	(void)state;
	CHECK(cache_posix_host.fault == NULL);
	cache_posix_host.log(NULL, CACHE_LOG_WARNING, "dropped");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(coarse_clock_lags_by_its_bound_at_most),
		TEST(wall_clock_counts_microseconds_since_the_epoch),
		TEST(monotonic_clock_counts_nanoseconds_forwards),
		TEST(random_fills_every_byte),
		TEST(no_fault_points_outside_of_tests),
	};

	return RUN(tests, argc, argv);
}
