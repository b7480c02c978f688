/*
 * What the core needs from the program around it. Everything else it takes from POSIX. Tests replace single
 * members: to turn the clock, to make the n-th system call fail, to stop at a step of a protocol.
 */
#ifndef CACHE_CORE_HOST_H
#define CACHE_CORE_HOST_H

#include <stddef.h>
#include <stdint.h>

/* The steps of the protocols at which a test may stop or kill a process; and the calls it may let fail. */
#define CACHE_FAULT_TABLE(X) \
	X(FAULT_FALLOCATE)       \
	X(FAULT_FTRUNCATE)       \
	X(FAULT_MMAP)            \
	X(FAULT_OPEN)            \
	X(FAULT_WRITE)           \
	X(FAULT_LOCKED)          \
	X(FAULT_BEFORE_PUBLISH)  \
	X(FAULT_AFTER_PUBLISH)   \
	X(FAULT_PINNED)          \
	X(FAULT_REBUILDING)

enum cache_fault {
#define X(name) name,
	CACHE_FAULT_TABLE(X)
#undef X
	FAULT_COUNT
};

enum cache_log_level { CACHE_LOG_NOTICE, CACHE_LOG_WARNING };

struct cache_host {
	void *context;
	/** Wall clock, microseconds since the epoch. Stamps and expiry. */
	int64_t (*wall_us)(void *context);
	/** The same clock read cheaply; may lag by CACHE_COARSE_LAG_US at most. */
	int64_t (*wall_coarse_us)(void *context);
	/** The seconds of the latter, read more cheaply still. */
	int64_t (*wall_second)(void *context);
	/** Monotonic clock, nanoseconds. Waits and deadlines. */
	uint64_t (*monotonic_ns)(void *context);
	/** 0 on success. */
	int (*random)(void *context, void *bytes, size_t count);
	/** One line for the administrator. Never called while a shared lock is held. */
	void (*log)(void *context, enum cache_log_level level, const char *line);
	/**
	 * A STORE_IMAGE was copied to another place: adds `delta` to every address in it that points into it. Called while a
	 * lock is held: it must touch nothing but these bytes, must not block and must not call back. NULL: images are never
	 * moved, but evicted where they stand in the way.
	 */
	void (*moved)(char *image, size_t size, uint8_t flags, int64_t delta);
	/** NULL outside of tests. A non-zero answer is the errno with which the call at hand shall fail. */
	int (*fault)(void *context, enum cache_fault point);
};

#define CACHE_COARSE_LAG_US 12000

/** clock_gettime, getrandom, and a log that drops its lines. */
extern const struct cache_host cache_posix_host;

#endif
