/*
 * The wall clock in 10 ns instead of 22: the processor's time stamp counter, tied to clock_gettime() once a
 * millisecond.
 *
 * Used only where the kernel itself takes the time from the counter (its clock source is "tsc", or that of a guest of KVM or
 * Hyper-V with a counter of constant rate) and the host did not bring a clock of its own. Bounds: between two ties at most
 * CLOCK_TIE_US pass, so whatever the counter does - other CPUs, a suspended machine - the error is below that, as is the delay
 * with which a step of the clock is noticed; in the ordinary case it is below a microsecond. The counter may be read before what
 * stands before it in the program, by as long as a load takes: nothing relies on the order of stamps within that.
 */
#ifndef CACHE_CORE_CLOCK_H
#define CACHE_CORE_CLOCK_H

#include <stdbool.h>

#include "core/base/host.h"

#define CLOCK_TIE_US 1000

struct clock {
	const struct cache_host *host;
	uint64_t window;        /* ticks for which the last tie is good; 0: always ask the host */
	uint64_t tie_ticks;     /* the last tie */
	int64_t tie_us;
	uint64_t scale;         /* microseconds per tick << 32 */
	uint64_t begin_ticks;   /* the tie from which the scale is measured */
	int64_t begin_us;
	bool trusted;
};

void clock_start(struct clock *clock, const struct cache_host *host);
int64_t clock_tie(struct clock *clock);

#if defined(__x86_64__)
static inline uint64_t clock_ticks(void) { return __builtin_ia32_rdtsc(); }
#else
static inline uint64_t clock_ticks(void) { return 0; }
#endif

/** Microseconds since the epoch. */
static inline int64_t clock_now(struct clock *clock)
{
	if (clock->window) {
		uint64_t ticks = clock_ticks() - clock->tie_ticks;
		if (__builtin_expect(ticks < clock->window, 1)) {
			return clock->tie_us + (int64_t)(ticks * clock->scale >> 32);
		}
	}
	return clock_tie(clock);
}

#endif
