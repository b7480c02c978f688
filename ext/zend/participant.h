/*
 * This thread as a participant of the segment: attached at its first use, disabled with one line in the log when
 * the segment cannot be had.
 */
#ifndef CACHE_ZEND_PARTICIPANT_H
#define CACHE_ZEND_PARTICIPANT_H

#include "php.h"

#include "globals.h"

ZEND_COLD struct store *cache_participant_attach(void);

/** NULL: the cache is disabled, or not to be had just now. */
static zend_always_inline struct store *cache_participant(void)
{
	struct store *store = CACHE_G(store);

	if (EXPECTED(store != NULL)) {
		return store;
	}
	return cache_participant_attach();
}

/** Why cache_participant() answered NULL: one sentence. */
const char *cache_participant_reason(void);

/** Reserves the address range for segments before PHP forks workers. Creates nothing. */
void cache_participant_prepare(void);

/** At the beginning of a request: lets go of a segment whose file is gone, and returns expired memory. */
void cache_participant_begin_request(void);
/** After the last code of a request: releases its leases, named locks and pins. */
void cache_participant_end_request(void);

/** The clocks of the cache: for waits and deadlines; since the epoch. */
uint64_t cache_monotonic_ns(void);
int64_t cache_wall_us(void);

void cache_participant_detach(zend_cache_globals *globals);

/** Tells builds apart whose values have different layouts in memory. */
uint64_t cache_fingerprint(void);

#endif
