/*
 * Lets the n-th call of a kind fail that one library makes: ext/core as libcore.so, or the extension as cache.so.
 *
 * How: the wrappers of inject.c stand before the C library's functions (linked before it, or by LD_PRELOAD) and look
 * whether their caller lies in the library under test. So the code under test is the one that is shipped, nobody else's
 * calls are counted or fail, the errno is seen where the kernel's is, calls that never enter the kernel (clocks,
 * malloc) fail as well, and a run costs no more than without it. What tests/faults/known proves: no system call is made
 * below that library but through a wrapper.
 */
#ifndef CACHE_TESTS_FAULTS_INJECT_H
#define CACHE_TESTS_FAULTS_INJECT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_call {
#define CALL(name, ...) CALL_##name,
#include "calls.def"
#undef CALL
	CALLS
};

/* Instead of an errno: the call does less than it was asked to, or says that it has done what it did not do. */
#define SHORT (-1)
#define DROPPED (-2)

struct fault_plan {
	enum fault_call call; /* CALLS: none */
	uint32_t nth;         /* 1: the next one */
	int error;            /* or SHORT, DROPPED */
	bool always;          /* that one and all that follow */
};

struct fault_state {
	struct fault_plan plan;
	uint32_t seen[CALLS];                          /* calls since the last fault_arm() */
	uint32_t failed;                               /* of them, those that were made to fail */
	int64_t clock_realtime_us, clock_monotonic_ns; /* by which the clocks are ahead */
};

/**
 * This process's state, unless it is made to point to memory that several share: the n-th call is the n-th of them all
 * then.
 */
extern struct fault_state *fault_state;

extern const char *const fault_call_names[CALLS];
/** What is tried with a call; ends with 0. */
extern const int fault_errors[CALLS][8];
const char *fault_error_name(int error);

/** Counts anew, and lets calls fail by that plan. */
void fault_arm(const struct fault_plan *plan);
/** Lets none fail; the counts stay. */
void fault_disarm(void);

#endif
