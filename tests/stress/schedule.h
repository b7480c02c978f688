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

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_STOPS 2
#define TRACE_MAX 16384

/* One access. */
struct access {
	uint32_t at; /* from `base` */
	uint32_t bytes : 28;
	uint32_t writes : 1;
	uint32_t unlocked : 1; /* the lock was free */
	/* Between it and the next one others were told of something in another way: locks of files, files, a clock that all read. */
	uint32_t outside : 1;
};

struct trace {
	uint32_t count;
	struct access at[TRACE_MAX];
};

/**
 * The first one in `trace`, from the one numbered `begin` on, after which `access` would not do the same as before it, or before which it
 * would not do the same as after it; trace->count: none.
 */
uint32_t first_conflict(const struct access *access, const struct trace *trace, uint32_t begin);

/**
 * From now on accesses to [base, base + length) count; the process stops itself (SIGSTOP) before those of the numbers
 * in `stops`, which are ascending; negative: no stop. `trace` gets them all; dies of SIGABRT if they are too many.
 * `lock` is the one whose being free is noted.
 */
void schedule_begin(const void *base, uint64_t length, const int64_t stops[SCHEDULE_STOPS],
                    const _Atomic uint32_t *lock, struct trace *trace);
/** What was done last can be seen by others though it was no access. */
void schedule_outside(void);
/** Returns the number of accesses since. */
int64_t schedule_end(void);

#endif
