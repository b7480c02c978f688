/*
 * Named locks, as the host sees them: shm/rwlock.h for a struct store, with its counters.
 *
 * A wish is begun, and while the answer is CACHE_LOCKED and store_lock_sleep() says that there is time, tried again.
 * Between the tries nothing is held, so the host may do there what it likes. A participant without a slot of its own
 * cannot hold a lock: CACHE_NO_SLOT.
 */
#ifndef CACHE_CORE_NAMED_LOCK_H
#define CACHE_CORE_NAMED_LOCK_H

#include "core/shm/rwlock.h"
#include "core/store/store.h"

#define STORE_WAIT_FOREVER UINT64_MAX

struct store_lock_wish {
	struct rwlock_attempt attempt; /* holds the answers: token, recovered */
	uint64_t give_up_ns;           /* monotonic */
	bool waited;
};

/**
 * The bytes of `name` must last until the wish is granted or given up. wait_ns 0: one try; lease_ns 0: no
 * lease. CACHE_OK, CACHE_LOCKED, CACHE_UPGRADE, CACHE_FULL, CACHE_NO_SLOT; after all but the first two the wish has ended.
 */
CACHE_MUST_CHECK enum cache_status store_lock_begin(struct store *store, struct store_lock_wish *wish,
                                                    const struct store_key *name, enum rwlock_mode mode,
                                                    uint64_t wait_ns, uint64_t lease_ns);
/** Sleeps until there is something to try, until a signal, or for some time. False: the time is up. */
bool store_lock_sleep(struct store *store, struct store_lock_wish *wish);
CACHE_MUST_CHECK enum cache_status store_lock_try(struct store *store, struct store_lock_wish *wish);
/** After CACHE_LOCKED, instead of another try. */
void store_lock_give_up(struct store *store, struct store_lock_wish *wish);

/** CACHE_MISSING: not held, or lost to its lease. */
CACHE_MUST_CHECK enum cache_status store_lock_release(struct store *store, const struct store_key *name);
/** At the end of a request. */
void store_lock_release_all(struct store *store);

/** False: nothing is known about that name. The dead are cleaned up after first. */
bool store_lock_info(struct store *store, const struct store_key *name, struct rwlock_info *info);
/** All locks that are held, waited for or abandoned. */
void store_lock_list(struct store *store, void (*visit)(void *context, const struct rwlock_info *info), void *context);

#endif
