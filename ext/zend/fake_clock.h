/* A clock that a test turns; in builds with --enable-cache-debug only. */
#ifndef CACHE_ZEND_FAKE_CLOCK_H
#define CACHE_ZEND_FAKE_CLOCK_H

#include "core/base/host.h"

#ifdef CACHE_DEBUG
/**
 * If the environment variable CACHE_FAKE_CLOCK names a file, the host's clocks are what stands in its first 16 bytes from here
 * on: microseconds since the epoch, and monotonic nanoseconds, both 64 bits as the machine writes them. Whoever may write to the
 * file turns the clock, at any time. It stands still by itself: nothing must be waited for. Random numbers are the same ones in
 * each process then, so that what was found can be found again.
 */
void cache_fake_clock(struct cache_host *host);
#else
static inline void cache_fake_clock(struct cache_host *host)
{
	(void)host;
}
#endif

#endif
