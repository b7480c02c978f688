#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "core/shm/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Who cannot be woken looks that often. */
#define BLIND_NS UINT64_C(2000000)

/*
 * Up to a time, not for a period: a signal whose handler runs for long, or a debugger, must not make the sleep longer.
 * The kernel's clock, not the host's, which tests turn.
 */
static struct timespec time_in(uint64_t ns)
{
	struct timespec until = {0};

	clock_gettime(CLOCK_MONOTONIC, &until);
	ns += (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(ns / 1000000000);
	until.tv_nsec = (long)(ns % 1000000000);
	return until;
}

void futex_sleep(atomic_u32 *word, uint32_t value, uint32_t bits, uint64_t ns)
{
	struct timespec until = time_in(ns);
	int error = errno;

	if (syscall(SYS_futex, (uint32_t *)word, FUTEX_WAIT_BITSET, value, &until, NULL, bits) != 0 && errno != EAGAIN &&
	    errno != EINTR && errno != ETIMEDOUT) {
		until = time_in(ns < BLIND_NS ? ns : BLIND_NS);
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
	errno = error;
}

uint32_t futex_wake(atomic_u32 *word, uint32_t number, uint32_t bits)
{
	int error = errno;
	long woken = syscall(SYS_futex, (uint32_t *)word, FUTEX_WAKE_BITSET, number, NULL, NULL, bits);

	errno = error;
	return woken > 0 ? (uint32_t)woken : 0;
}
