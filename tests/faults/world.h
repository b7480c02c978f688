/*
 * One run of a workload: a directory of its own, what was acknowledged to it, and what must hold whatever call failed.
 *
 * Every answer of the store is checked as it comes: a status that the function may give, a value only if it is the last
 * one that was acknowledged, none that was to be replaced or removed. What was acknowledged is there, unless the call
 * that failed explains the miss. A check that fails ends the process with one line.
 */
#ifndef CACHE_TESTS_FAULTS_WORLD_H
#define CACHE_TESTS_FAULTS_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "core/store/internal.h"
#include "core/store/job_queue.h"
#include "core/store/named_lock.h"
#include "core/store/store.h"
#include "inject.h"

#define MB (UINT64_C(1) << 20)
#define MS UINT64_C(1000000)
#define KEYS 4096

__attribute__((noreturn, format(printf, 3, 4))) void fail(const char *file, int line, const char *format, ...);
#define MUST(condition, format, ...)                                            \
	do {                                                                        \
		if (!(condition)) {                                                     \
			fail(__FILE__, __LINE__, "%s: " format, #condition, ##__VA_ARGS__); \
		}                                                                       \
	} while (0)
/** Whatever it says. */
static inline void any(enum cache_status status)
{
	(void)status;
}

enum standing { ABSENT, THERE, PERHAPS };

struct known {
	uint8_t standing;
	uint32_t size;
	uint64_t seed;
};

struct world {
	char directory[128];
	struct store_options options;
	struct cache_host host;
	bool evicts;              /* what was acknowledged may be missing */
	bool strict;              /* whatever fails must not be noticed */
	struct known known[KEYS]; /* in memory that all processes of the run share */
	_Atomic uint64_t seeds;
	_Atomic int flags[8];
	enum cache_fault kill_at; /* FAULT_COUNT: nowhere */
	char message[512];        /* of the last store_open() */
};

/** Whose memory all processes of the run share, as well as fault_state. */
struct world *world_make(const char *directory);
/** Did a call fail, which explains what went wrong? */
bool world_fault_hit(void);

/** NULL where it failed: then the status is one that an opening may have, and the message says something. */
struct store *try_open(struct world *w);
/** Without any call that fails: succeeds, or the run fails. */
struct store *must_open(struct world *w);

struct store_key key_of(struct store *store, unsigned number);
struct store_key name_of(struct store *store, const char *name);

enum cache_status put(struct world *w, struct store *store, unsigned key, size_t size);
enum cache_status put_with(struct world *w, struct store *store, unsigned key, struct store_item *item, size_t size);
void get(struct world *w, struct store *store, unsigned key);
void get_all(struct world *w, struct store *store, unsigned keys);
void delete (struct world *w, struct store *store, unsigned key);
/** All of it may be gone: the key's owner could not take part. */
void all_perhaps(struct world *w);
bool value_is(const char *bytes, size_t size, uint64_t seed);

/** A value may be one of these statuses. */
#define ONE_OF(status, ...) \
	one_of(__FILE__, __LINE__, status, (const enum cache_status[]){__VA_ARGS__, CACHE_STATUS_COUNT})
void one_of(const char *file, int line, enum cache_status status, const enum cache_status *expected);

/**
 * What must hold afterwards: clean by store_verify(), what was acknowledged is there, a fresh process attaches and
 * works.
 */
void check_world(struct world *w, unsigned keys);

pid_t child(struct world *w, void (*body)(struct world *w, struct store *store), struct store *store);
/** Waits for its end, which must be a good one, or by SIGKILL if `killed`. */
void join(pid_t pid, bool killed);
void raise_flag(struct world *w, int flag);
void await_flag(struct world *w, int flag);
void sleep_ms(unsigned ms);

/** Descriptors of this process that are open; mappings of files below the directory. */
unsigned open_descriptors(void);
unsigned mappings_of(const char *directory);

struct workload {
	const char *name;
	/** Before calls fail. */
	void (*prepare)(struct world *w);
	/** While they do. */
	void (*run)(struct world *w);
	unsigned keys;
};
extern const struct workload workloads[];
extern const unsigned workload_count;

#endif
