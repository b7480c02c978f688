/*
 * Sleeping on a word of the segment, and waking who does.
 *
 * A sleep may end for any reason: a wake, a signal, another value of the word, a wake that was meant for somebody else.
 * Whoever sleeps looks again afterwards, and never relies on a wake: it may go to somebody who is killed.
 */
#ifndef CACHE_CORE_FUTEX_H
#define CACHE_CORE_FUTEX_H

#include <stdint.h>

#include "core/base/atomics.h"

#define FUTEX_ALL UINT32_MAX

/**
 * Until the word is not `value` any more, or somebody wakes one of these bits, or for `ns` of the kernel's monotonic
 * clock. Keeps errno. Where the kernel refuses to let us sleep on a word (a sandbox without futex()), for `ns` all the
 * same, at most some milliseconds.
 */
void futex_sleep(atomic_u32 *word, uint32_t value, uint32_t bits, uint64_t ns);
/** Wakes up to `number` who sleep for one of these bits. Returns how many were woken. Keeps errno. */
uint32_t futex_wake(atomic_u32 *word, uint32_t number, uint32_t bits);

#endif
