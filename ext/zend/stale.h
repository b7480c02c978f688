/* Reading and rebuilding what may be stale, as several functions do it. */
#ifndef CACHE_ZEND_STALE_H
#define CACHE_ZEND_STALE_H

#include <sys/types.h>

#include "php.h"

#include "core/store/store.h"
#include "lifetime.h"

/** False: `value` is false, or an exception was thrown, and then there is no lease. */
bool cache_stale_fetch(struct store *store, const struct store_key *key, const struct store_ask *ask, zval *value,
                       struct store_answer *answer);

/** False: the lease was void or lost, it could not be stored, or an exception was thrown. The lease has ended. */
bool cache_stale_commit(struct store *store, const struct store_key *key, uint64_t lease, zval *value,
                        const struct cache_lifetime *lifetime);

/** Gives a lease back that this process got; a child that a callback forked does not end its parent's. */
void cache_stale_give_back(struct store *store, const struct store_key *key, uint64_t lease, pid_t process);

/**
 * The fresh value and its token. False: there is none, and `value` is false, or an exception was thrown; the token of one that
 * cannot be decoded is given all the same.
 */
bool cache_gets_value(struct store *store, const struct store_key *key, zval *value, uint64_t *token);

/**
 * So many times in a row neither the lease nor anybody to wait for: there are too many leases, or the lock of the shard is not
 * to be had. Once or twice, somebody was faster.
 */
#define CACHE_UNATTENDED_MAX 4

#endif
