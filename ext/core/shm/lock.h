/*
 * A futex lock whose word names its owner's participant slot.
 *
 *   word: 0 free | slot + 1 | LOCK_WAITERS
 *
 * Rules:
 *  1. Whoever stores slot + 1 holds the byte of that slot.
 *  2. A lock whose owner is dead is opened by nobody but the recovery of that slot, which first makes what it
 *     protects whole again. A live owner, stopped or not, is never robbed: waiting ends with CACHE_BUSY.
 *  3. A waiter sets LOCK_WAITERS before it sleeps; whoever unlocks a word with that bit wakes all: the lock is held
 *     for so short a time that they hardly meet again, and after a holder was kept off the CPU none waits for another's
 *     turn. Sleeps end by themselves after one period, so a wake may be lost: unlocking looks at the word and stores 0,
 *     which is 4 ns cheaper than an exchange. A bit that is set in between is overwritten; its setter finds that the word
 *     changed when it goes to sleep, unless it was asleep within those few ns.
 *     No order holds these together, on no processor: whoever sleeps does so on the word itself, which the kernel compares.
 *  4. While holding a shard's lock: no callback of the host but its clocks and moved(), no allocation by the host, no other
 *     shard's lock.
 */
#ifndef CACHE_CORE_LOCK_H
#define CACHE_CORE_LOCK_H

#include "core/shm/owner.h"

/*
 * Orders: cas_acquire() pairs with the release in lock_release() and lock_release_own(): what was done under the lock is seen by the
 * next to hold it. It is no fence: stores under the lock may be seen before the lock's word is. Nobody minds, since whoever reads
 * without the lock looks at the data alone, and recovery looks at both when their writer is dead.
 */
#define LOCK_WAITERS (UINT32_C(1) << 31)
/*
 * How long to wait for a live owner. A holder that the scheduler keeps off the CPU beside 16 busy processes on two cores
 * was away for 65-180 ms; giving up costs a value. But where a holder is stopped (SIGSTOP), a request with many writes
 * must not wait that long for each: once a wait was in vain, others for the same owner are short for a while.
 */
#define LOCK_PATIENCE_NS UINT64_C(400000000)
#define LOCK_SHORT_PATIENCE_NS UINT64_C(5000000)
#define LOCK_STUCK_NS UINT64_C(2000000000)

struct owner_lock {
	atomic_u32 word;
};

CACHE_MUST_CHECK enum cache_status lock_wait(struct owner *owner, struct owner_lock *lock);

static inline bool lock_try(struct owner *owner, struct owner_lock *lock)
{
	uint32_t free = 0;

	return cas_acquire(&lock->word, &free, owner->slot + 1);
}

/** CACHE_OK or, after the patience, CACHE_BUSY. */
CACHE_MUST_CHECK static inline enum cache_status lock_acquire(struct owner *owner, struct owner_lock *lock)
{
	return likely_true(lock_try(owner, lock)) ? CACHE_OK : lock_wait(owner, lock);
}

void lock_wake(struct owner_lock *lock);

static inline void lock_release(struct owner_lock *lock)
{
	uint32_t word = rmw_exchange_publish(&lock->word, 0);

	if (likely_false(word & LOCK_WAITERS)) {
		lock_wake(lock);
	}
}

/** The same by the owner itself, which holds it in its own name. */
static inline void lock_release_own(struct owner *owner, struct owner_lock *lock)
{
	if (likely_true(load_relaxed(&lock->word) == owner->slot + 1)) {
		publish(&lock->word, 0);
	} else {
		lock_release(lock);
	}
}

/** The slot that holds the lock, or NO_SLOT. Acquire only so that nothing that is asked next is older; see owner.c for recovery. */
static inline uint32_t lock_owner(struct owner_lock *lock)
{
	uint32_t word = load_acquire(&lock->word) & ~LOCK_WAITERS;

	return word ? word - 1 : NO_SLOT;
}

#endif
