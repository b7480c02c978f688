/*
 * Processes that are killed or stopped at a step of an operation on the entry "key", and what that entry may be then.
 */
#ifndef CACHE_TESTS_CORE_STEPS_H
#define CACHE_TESTS_CORE_STEPS_H

#include "support.h"

/** A child that stops at the first pass of that point. */
pid_t stop_at(enum cache_fault point, void (*operation)(struct store *store));
/** A child that is killed at the nth pass. False: the operation does not pass the point so often. */
bool kill_at(enum cache_fault point, unsigned nth, void (*operation)(struct store *store));

/** Entries that have nothing to do with it. */
#define STEP_KEYS 40
void put_others(struct store *store);
void check_others(struct store *store);

/** The old value of "key", and operations that replace it by one of `new_size` bytes, or delete it. */
#define OLD_SIZE 100
extern size_t new_size;
void put_old(struct store *store);
void put_new(struct store *store);
void delete_key(struct store *store);

/** What is there now: nothing but the old or the new value. */
enum outcome { GONE, OLD, NEW };
enum outcome outcome_of(struct store *store);

/** Bytes of blocks of entries, after a reclaim. Lines of the index stay, once a bucket has them. */
uint64_t entry_bytes_in_use(struct store *store);

#endif
