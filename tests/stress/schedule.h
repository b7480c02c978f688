/*
 * Stops the process at its n-th access to the segment.
 *
 * The core is compiled with -fsanitize=thread, which makes the compiler call a hook before each access to memory and
 * instead of each atomic operation. schedule.c is what is linked in place of the sanitizer's library: it counts the
 * accesses to the segment. So what is explored is every order of two processes' accesses, as the memory model's
 * sequentially consistent part has it; what a CPU's store buffer adds is left to programs that run in parallel.
 */
#ifndef CACHE_STRESS_SCHEDULE_H
#define CACHE_STRESS_SCHEDULE_H

#include <stdint.h>

#define SCHEDULE_STOPS 2
#define SCHEDULE_FREE_MAX 2048

/* Accesses at which the lock was free. */
struct free_accesses {
	uint32_t count;
	uint32_t at[SCHEDULE_FREE_MAX];
};

/**
 * From now on accesses to [base, base + length) count; the process stops itself (SIGSTOP) before those of the numbers
 * in `stops`, which are ascending; negative: no stop. If `found` is given, it gets those at which `lock` is 0.
 */
void schedule_begin(const void *base, uint64_t length, const int64_t stops[SCHEDULE_STOPS],
                    const _Atomic uint32_t *lock, struct free_accesses *found);
/** Returns the number of accesses since. */
int64_t schedule_end(void);

#endif
