/*
 * What the unit tests of ext/core share: a directory for segment files, stores whose clock can be turned and whose
 * system calls fail on demand, child processes that stop at a step of a protocol, checks that also work in them.
 *
 * A test is declared with TEST(name); its directory, stores, children, faults and clock are cleaned up behind it,
 * also when it failed.
 */
#ifndef CACHE_TESTS_CORE_SUPPORT_H
#define CACHE_TESTS_CORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "core/store/internal.h"
#include "core/store/store.h"

#define MB (UINT64_C(1) << 20)
#define KB UINT64_C(1024)
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* ---- checks: in the test, in a child process and in a thread -------------------------------------------- */

/** In the test: a failed cmocka assertion. In a child or a thread: a line on stderr and the end of that process. */
__attribute__((noreturn, format(printf, 3, 4))) void check_failed(const char *file, int line, const char *format, ...);

#define CHECK(condition)                                                     \
	do {                                                                     \
		if (!(condition)) {                                                  \
			check_failed(__FILE__, __LINE__, "%s", #condition);              \
		}                                                                    \
	} while (0)
#define CHECK_EQ(actual, expected)                                                                             \
	do {                                                                                                       \
		long long actual_ = (long long)(actual), expected_ = (long long)(expected);                            \
		if (actual_ != expected_) {                                                                            \
			check_failed(__FILE__, __LINE__, "%s is %lld, not %lld", #actual, actual_, expected_);             \
		}                                                                                                      \
	} while (0)
#define CHECK_STATUS(actual, expected)                                                                         \
	do {                                                                                                       \
		enum cache_status actual_ = (actual), expected_ = (expected);                                          \
		if (actual_ != expected_) {                                                                            \
			check_failed(__FILE__, __LINE__, "%s is %s, not %s", #actual, cache_status_name(actual_),          \
			             cache_status_name(expected_));                                                        \
		}                                                                                                      \
	} while (0)
#define CHECK_OK(actual) CHECK_STATUS(actual, CACHE_OK)
/** The message names what it is about. */
#define CHECK_SAYS(message, part)                                                                              \
	do {                                                                                                       \
		if (!strstr((message), (part))) {                                                                      \
			check_failed(__FILE__, __LINE__, "the message \"%s\" does not say \"%s\"", (message), (part));     \
		}                                                                                                      \
	} while (0)

/* ---- the clock, shared with child processes ------------------------------------------------------------- */

#define FLAGS 32
#define WORDS 64
#define ORPHANS 8

struct world {
	_Atomic int64_t wall_us;        /* stands still until it is turned */
	_Atomic int64_t coarse_lag_us;
	_Atomic uint64_t skipped_ns;    /* by which the monotonic clock is ahead of the real one */
	_Atomic int flags[FLAGS];
	_Atomic uint64_t words[WORDS];
	_Atomic int orphans[ORPHANS];
};
extern struct world *world;

#define CLOCK_START (INT64_C(1700000000) * 1000000)

void clock_set(int64_t us);
void clock_advance(int64_t us);
void clock_skip_monotonic(uint64_t ns);

void flag_raise(int flag);
/** Waits until the flag was raised; a failed check after half a minute. */
void flag_await(int flag);

/* ---- the host ------------------------------------------------------------------------------------------- */

extern struct cache_host test_host;
/** The last line that the core logged in this process, or "". */
extern char test_logged[256];

/** The nth call at that point (1: the next one) and `repeat` - 1 further ones fail with that errno. */
void fault_fail(enum cache_fault point, unsigned nth, unsigned repeat, int error);
/** At the nth pass of that point the process stops itself, kills itself, or calls something. */
void fault_stop(enum cache_fault point, unsigned nth);
void fault_kill(enum cache_fault point, unsigned nth);
void fault_call(enum cache_fault point, unsigned nth, void (*call)(void *context), void *context);
void fault_none(void);
/** Passes of that point since the last call of fault_none(). */
unsigned fault_passes(enum cache_fault point);

/** What test_host.random gives from here on. */
void random_seed(uint64_t seed);

/* ---- stores --------------------------------------------------------------------------------------------- */

extern char test_directory[256];

/** A segment "t" in the test's directory for 16 processes. */
struct store_options options_for(uint64_t size);
extern _Thread_local char open_message[512];
CACHE_MUST_CHECK enum cache_status try_open(const struct store_options *options, struct store **store);
struct store *open_with(const struct store_options *options);
struct store *open_store(uint64_t size);
void close_store(struct store *store);
/** The path of the segment that those options name; valid until the next call. */
const char *path_of(const struct store_options *options);

/** store_verify() finds nothing. */
#define CHECK_VERIFIED(store) check_verified((store), __FILE__, __LINE__)
void check_verified(struct store *store, const char *file, int line);

/** Participants marked as attached, dead or alive; store_get_info() would clean up after the dead. */
uint32_t attached(struct store *store);
/** Pins for reading of all participants. */
uint64_t pins_held(struct store *store);

struct shard_ref lock_shard(struct store *store, uint32_t number);
uint64_t counter_of(struct store *store, enum store_counter counter);
#define COUNTER_OF(store, name) counter_of((store), STORE_COUNT_##name)

/* ---- keys and values ------------------------------------------------------------------------------------ */

struct store_key key_of(const struct store *store, const char *text);
/** "prefix:number", in one of some static buffers of this thread. */
struct store_key key_number(const struct store *store, const char *prefix, uint64_t number);
struct store_key key_bytes(const struct store *store, const char *bytes, size_t length);

/** size bytes that tell seed and position; 0x00 and 0xff among them. */
void value_fill(char *bytes, size_t size, uint64_t seed);
bool value_is(const char *bytes, size_t size, uint64_t seed);

struct store_item item_string(const char *bytes, size_t size);
struct store_item item_int(int64_t value);

CACHE_MUST_CHECK enum cache_status put_value(struct store *store, const struct store_key *key, size_t size,
                                             uint64_t seed);
CACHE_MUST_CHECK enum cache_status put_int(struct store *store, const struct store_key *key, int64_t value);
/** Stores the text under the key; must succeed. */
void put_text(struct store *store, const char *key, const char *text);
bool has(struct store *store, const char *key);
bool has_key(struct store *store, const struct store_key *key);
/** Is that text stored there? Releases the pin. */
bool holds_text(struct store *store, const char *key, const char *text);
bool holds_value(struct store *store, const struct store_key *key, size_t size, uint64_t seed);
/** The integer; a failed check if there is none. */
int64_t int_at(struct store *store, const char *key);

struct rng {
	uint64_t state;
};
uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t limit);

/* ---- processes ------------------------------------------------------------------------------------------ */

/** Forks; the child calls the body and ends with status 0, or 1 after a failed check. */
pid_t child_start(void (*body)(void *context), void *context);
/** Waits until the child has stopped itself (fault_stop()). */
void child_await_stop(pid_t pid);
void child_continue(pid_t pid);
void child_kill(pid_t pid);
/** Waits for its end, which must be a good one. */
void child_join(pid_t pid);
/** Waits for its end; the status of waitpid(). */
int child_wait(pid_t pid);
/** Starts and joins. */
void in_child(void (*body)(void *context), void *context);
/** In a child: forks, and the grandchild survives its parent. `number`: under which the test can end it. */
void orphan_start(int number, void (*body)(void *context), void *context);
/** Kills and reaps it; its parent must have ended. */
void orphan_kill(int number);
/**
 * In a child: interrupts itself some thousand times a second, wherever it is, for some ten microseconds. So it is away
 * for long at every instruction now and then, as if it had been preempted there.
 */
void jitter(void);
/** Kills all children and orphans: at the end of a test. */
void kill_children(void);
/** The child does so, then stays until it is killed or the test ends. */
void child_park(void);

/* ---- files ---------------------------------------------------------------------------------------------- */

/** The whole file; its length; free() it. */
char *file_read(const char *path, size_t *length);
void file_write(const char *path, const char *bytes, size_t length);
void file_patch(const char *path, off_t at, const void *bytes, size_t length);
void file_flip(const char *path, off_t at, unsigned char bits);
bool file_exists(const char *path);
uint64_t file_inode(const char *path);

/* ---- declaring ------------------------------------------------------------------------------------------ */

int test_setup(void **state);
int test_teardown(void **state);
int run_group(const char *name, const struct CMUnitTest *tests, size_t count, int argc, char **argv);

#define TEST(function) {#function, function, test_setup, test_teardown, NULL}
#define RUN(tests, argc, argv) run_group(__FILE__, (tests), COUNT_OF(tests), (argc), (argv))

/* gcc defines macros of the sanitizers, clang has a question. */
#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
/* Is this build slowed down by sanitizers, or run under valgrind? */
#if !defined(SLOW_BUILD) && (defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer) || \
                             HAS_FEATURE(memory_sanitizer) || HAS_FEATURE(thread_sanitizer))
#define SLOW_BUILD 1
#elif !defined(SLOW_BUILD)
#define SLOW_BUILD 0
#endif

#endif
