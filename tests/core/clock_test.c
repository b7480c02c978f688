#include "support.h"

#include "core/base/clock.h"

/* With a clock of the host's own there is nothing to guess: it is asked each time. */
static void a_hosts_own_clock_is_asked_each_time(void **state)
{
	struct clock clock;

	(void)state;
	clock_start(&clock, &test_host);
	for (int i = 0; i < 100; i++) {
		clock_advance(i * 37);
		CHECK_EQ(clock_now(&clock), world->wall_us);
	}
	clock_set(5);
	CHECK_EQ(clock_now(&clock), 5);
}

/* Never further from the system's clock than its bound, whether the processor's counter is used or not. */
static void the_systems_clock_within_a_millisecond(void **state)
{
	struct clock clock;
	int64_t begun = cache_posix_host.wall_us(NULL), before;

	(void)state;
	clock_start(&clock, &cache_posix_host);
	do {
		before = cache_posix_host.wall_us(NULL);
		int64_t now = clock_now(&clock), after = cache_posix_host.wall_us(NULL);
		CHECK(now >= before - CLOCK_TIE_US && now <= after + CLOCK_TIE_US);
	} while (before - begun < 100000);
}

/* What it says between two ties does not depend on how long it was not asked. */
static void a_clock_that_was_not_asked_for_long(void **state)
{
	struct clock clock;

	(void)state;
	clock_start(&clock, &cache_posix_host);
	for (int64_t pause = 100; pause < 100000; pause *= 2) {
		int64_t begun = cache_posix_host.wall_us(NULL), before, now, after;
		(void)!clock_now(&clock);
		while (cache_posix_host.wall_us(NULL) - begun < pause) {
		}
		before = cache_posix_host.wall_us(NULL);
		now = clock_now(&clock);
		after = cache_posix_host.wall_us(NULL);
		CHECK(now >= before - CLOCK_TIE_US && now <= after + CLOCK_TIE_US);
	}
}

/* The counter jumped, as on another machine or after a sleep: found out at once. */
static void a_counter_that_jumps(void **state)
{
	static const int64_t jumps[] = {INT64_MIN / 2, -1000000000000, 1000000000000, INT64_MAX / 2};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct clock clock;
		clock_start(&clock, &cache_posix_host);
		for (int64_t begun = clock_now(&clock); clock_now(&clock) - begun < 25000;) {
		}
		clock.tie_ticks += (uint64_t)jumps[i];
		for (int k = 0; k < 3; k++) {
			int64_t before = cache_posix_host.wall_us(NULL), now = clock_now(&clock);
			int64_t after = cache_posix_host.wall_us(NULL);
			CHECK(now >= before - CLOCK_TIE_US && now <= after + CLOCK_TIE_US);
		}
	}
}

/* Each third time it is kept off the CPU between the counter and the system's clock. */
static int64_t wall_interrupted(void *context)
{
	static int calls;
	int64_t us = cache_posix_host.wall_us(context);

	if (++calls % 3 == 0) {
		while (cache_posix_host.wall_us(context) - us < 200) {
		}
	}
	return us;
}

/* A tie that was interrupted counts for nothing: neither does it end what is being measured. */
static void interrupted_ties(void **state)
{
	struct cache_host interrupted = cache_posix_host;
	struct clock clock;
	int64_t begun = cache_posix_host.wall_us(NULL);

	(void)state;
	interrupted.wall_us = wall_interrupted;
	clock_start(&clock, &cache_posix_host);
	clock.host = &interrupted;
	while (cache_posix_host.wall_us(NULL) - begun < 200000 && !clock.window) {
		(void)!clock_now(&clock);
	}
	CHECK_EQ(clock.window != 0, clock.trusted);
	for (int i = 0; i < 100; i++) {
		int64_t before = cache_posix_host.wall_us(NULL), now = clock_now(&clock);
		int64_t after = cache_posix_host.wall_us(NULL);
		CHECK(now >= before - CLOCK_TIE_US && now <= after + CLOCK_TIE_US);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hosts_own_clock_is_asked_each_time),
		TEST(the_systems_clock_within_a_millisecond),
		TEST(a_clock_that_was_not_asked_for_long),
		TEST(a_counter_that_jumps),
		TEST(interrupted_ties),
	};

	return RUN(tests, argc, argv);
}
