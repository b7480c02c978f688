/*
 * What the stress programs share: a host whose clocks and chances are ours, values that know what they are, folders
 * and children that do not outlive the program.
 */
#ifndef CACHE_STRESS_SUPPORT_H
#define CACHE_STRESS_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "core/store/internal.h"
#include "core/store/store.h"

/* ---- the program ---------------------------------------------------------------------------------------- */

/** Prints `program: sentence` and ends the program with status 2: it could not test what it should. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/** Ends the program with SIGALRM after that many seconds, whatever it hangs in. Not inherited by fork(). */
void end_after(unsigned seconds);

/** A fresh folder below $STRESS_DIR or /dev/shm, removed when the program ends. Called by the main process. */
const char *make_folder(void);
void remove_folder(const char *path);

/** fork() of a child that the kernel kills with its parent. 0 in the child. */
pid_t fork_child(void);
/** SIGKILL, and waits for it. */
void kill_child(pid_t pid);

/** Monotonic seconds. */
double seconds(void);

/** Zeroed memory that children share. */
void *shared_memory(size_t bytes);

/* ---- chance --------------------------------------------------------------------------------------------- */

struct dice {
	uint64_t state;
};
struct dice dice_of(uint64_t seed);
uint64_t roll(struct dice *dice);
/** 0 .. bound - 1 */
uint32_t roll_below(struct dice *dice, uint32_t bound);

/* ---- host ----------------------------------------------------------------------------------------------- */

/* Wall clock and random bytes are the same in every run; the monotonic clock is real, but may be made to hurry. */
struct test_host {
	struct cache_host host;
	int64_t now_us; /* 0: the real time */
	struct dice dice;
	uint64_t hurry;          /* the monotonic clock goes so many times faster: patience ends early; 0: it stands */
	uint64_t tick_ns, ticks; /* and goes on by so much each time that it is looked at */
	bool no_growth;          /* the file system has no more room */
	void (*on_fault)(struct test_host *host, enum cache_fault point);
	enum cache_fault awaited; /* for on_fault */
};
#define TEST_NOW_US INT64_C(1800000000000000)
void test_host_init(struct test_host *host, uint64_t seed);
/** From now on the monotonic clock stands. */
void test_host_stop_clock(struct test_host *host);

/** Opens `folder`/stress or dies. */
struct store *open_store(const char *folder, uint64_t size, uint32_t processes, const struct cache_host *host);
struct store *open_store_as(const char *folder, uint64_t size, uint32_t processes, enum store_zero_copy zero_copy,
                            const struct cache_host *host);

/* ---- keys and values ------------------------------------------------------------------------------------ */

struct store_key key_of(const struct store *store, const char *name);

/* A value tells whose it is, which one, and that it is whole: every byte follows from owner, number and size. */
#define VALUE_HEADER 24u
void value_fill(char *bytes, size_t size, uint64_t owner, uint64_t number);
/** Whole, and of that owner? Then *number says which one it is. At least VALUE_HEADER bytes. */
bool value_check(const char *bytes, size_t size, uint64_t owner, uint64_t *number);

/** Such a value, valid until the next call; the last one is kept. */
const char *value_of(uint64_t owner, uint64_t number, size_t size);

/** Puts such a value. */
enum cache_status put_value(struct store *store, const char *name, uint64_t owner, uint64_t number, size_t size);

/* ---- segments ------------------------------------------------------------------------------------------- */

/** store_verify() with the findings on stdout, below `title`. Returns their number. */
unsigned verify_aloud(struct store *store, const char *title);
/** Reclaims in every shard; returns the blocks that stay in limbo. UINT64_MAX: a lock was not to be had. */
uint64_t reclaim_all(struct store *store);
/** Blocks for entries that are not free: 0 when nothing is stored. */
uint64_t blocks_in_use(struct store *store);
uint64_t counter_sum(struct store *store, enum store_counter counter);
/** Any lock word, of a shard, of the tags, of the named locks or of the queue, that is not 0? */
bool any_lock_held(struct store *store);

#endif
