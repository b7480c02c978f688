#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

/* Long enough for a scale that is right to 1 in 10^4. */
#define MEASURE_US 20000
/* A tie that is further from what was expected means that the clock was set, or the machine slept. */
#define SURPRISE_US 100

static int kernel_trusts_counter(void)
{
#if defined(__x86_64__)
	char name[16] = "";
	FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");

	if (file) {
		if (!fgets(name, sizeof name, file)) {
			name[0] = 0;
		}
		fclose(file);
	}
	return strcmp(name, "tsc\n") == 0;
#else
	return 0;
#endif
}

void clock_start(struct clock *clock, const struct cache_host *host)
{
	memset(clock, 0, sizeof *clock);
	clock->host = host;
	clock->trusted = host->wall_us == cache_posix_host.wall_us && kernel_trusts_counter();
}

static void measure_from(struct clock *clock, uint64_t ticks, int64_t us)
{
	clock->begin_ticks = ticks;
	clock->begin_us = us;
	clock->window = 0;
}

int64_t clock_tie(struct clock *clock)
{
	uint64_t before = clock_ticks(), ticks;
	int64_t us = clock->host->wall_us(clock->host->context);

	if (!clock->trusted) {
		return us;
	}
	ticks = clock_ticks();
	if (ticks - before > (clock->window ? clock->window / 32 : UINT64_C(200000))) {
		/* We were kept off the CPU in between: the two do not belong together. */
		clock->begin_ticks = 0;
		clock->window = 0;
		return us;
	}
	if (clock->begin_ticks == 0 || ticks <= clock->tie_ticks || us < clock->tie_us) {
		measure_from(clock, ticks, us);
	} else if (clock->window) {
		/* Half a second at most, so that the product does not overflow. */
		int64_t expected = clock->tie_us + (int64_t)(((ticks - clock->tie_ticks) >> 8) * clock->scale >> 24);
		if (us - clock->tie_us > 500000 || us - expected > SURPRISE_US || expected - us > SURPRISE_US) {
			measure_from(clock, ticks, us);
		}
	}
	if (us - clock->begin_us >= MEASURE_US && us - clock->begin_us < 1000 * MEASURE_US) {
		uint64_t passed = ticks - clock->begin_ticks;
		clock->scale = ((uint64_t)(us - clock->begin_us) << 32) / passed;
		clock->window = passed / (uint64_t)(us - clock->begin_us) * CLOCK_TIE_US;
	} else if (us - clock->begin_us >= 1000 * MEASURE_US) {
		measure_from(clock, ticks, us);
	}
	clock->tie_ticks = ticks;
	clock->tie_us = us;
	return us;
}
