#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

/* Long enough for a scale that is right to 1 in 10^4. */
#define MEASURE_US 20000
/* A tie that is further from what was expected means that the clock was set, or the machine slept. */
#define SURPRISE_US 100

#if defined(__x86_64__)
/* Runs at one rate, whatever the processor's frequency, and while it sleeps. */
static bool counter_is_invariant(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d >> 8 & 1);
}

/*
 * "tsc": the kernel watches it. The two others are how a guest's kernel makes the time from the same counter, by what the host
 * has told it.
 */
static bool is_counter(const char *name)
{
	return strcmp(name, "tsc\n") == 0 ||
	       ((strcmp(name, "kvm-clock\n") == 0 || strcmp(name, "hyperv_clocksource_tsc_page\n") == 0) && counter_is_invariant());
}

static bool kernel_trusts_counter(void)
{
	char name[32] = "";
	FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");

	if (file) {
		if (!fgets(name, sizeof name, file)) {
			name[0] = 0;
		}
		fclose(file);
	}
	return is_counter(name);
}
#else
static bool kernel_trusts_counter(void) { return false; }
#endif

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
	uint64_t before, ticks;
	int64_t us;

	if (!clock->trusted) {
		return clock->host->wall_us(clock->host->context);
	}
	before = clock_ticks();
	us = clock->host->wall_us(clock->host->context);
	ticks = clock_ticks();
	if (ticks - before > (clock->window ? clock->window / 32 : UINT64_C(200000))) {
		/* We were kept off the CPU in between: the two do not belong together, the next time is asked for again. */
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
