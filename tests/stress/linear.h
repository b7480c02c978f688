/*
 * Is a recorded history of one key linearizable? Each operation must seem to happen at one instant between its call and its
 * return, so that the answers are those of one thing that does one operation after the other.
 *
 * The method is that of Wing and Gong (1993), with Lowe's order (2017): returns are gone through by time; an operation is put into the
 * order when it returns, at the latest, and before it whatever else has begun and makes its answer right. What is kept is the set
 * of states that are possible, each with the operations that have been put into the order though they have not returned. With P
 * processes there are P of these at most, so the set stays small, and the time is linear in the length of the history.
 *
 * An operation whose process was killed returns when the process is surely dead, and has happened or not until then: nothing
 * of it may come to light later.
 */
#ifndef CACHE_STRESS_LINEAR_H
#define CACHE_STRESS_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arguments `a` and `b`; the answer: `ok`, and what is named. Values are numbers, or the integers themselves. */
#define OPERATIONS(X)                                                                          \
	X(GET, "get")                  /* value of a fresh entry */                                \
	X(EXISTS, "exists")            /* */                                                       \
	X(GETS, "gets")                /* value, token */                                          \
	X(GET_ENTRY, "get_entry")      /* value, fresh, stamp */                                   \
	X(GET_TOKEN, "token of entry") /* value, token of an entry, fresh or not */                \
	X(GET_LOCK, "lock word")       /* value: the word */                                       \
	X(LOOK, "look")                /* value of an entry, fresh or not; fresh */                \
	X(PUT, "put")                  /* a: value, b: stamp */                                    \
	X(PUT_INTEGER, "put integer")  /* */                                                       \
	X(ADD, "add")                  /* a: value, b: stamp */                                    \
	X(PUT_IF, "put_if")            /* a: value, b: stamp, token: the one that it must have */  \
	X(DELETE, "delete")            /* */                                                       \
	X(DELETE_IF, "delete_if")      /* token */                                                 \
	X(INCREMENT, "increment")      /* a: step; value */                                        \
	X(CAS, "cas")                  /* a: expected, b: desired */                               \
	X(TOUCH, "touch")              /* a: expected stamp, b: new one */                         \
	X(MARK, "mark")                /* */                                                       \
	X(CAS_LOCK, "cas_lock")        /* a: expected, b: desired */                               \
	X(ASK, "ask for the lease")    /* value, fresh as LOOK, but not ok: missing; lease or 0 */ \
	X(LEASED, "lease in force")    /* somebody has it */                                       \
	X(COMMIT, "commit")            /* a: value, b: stamp, lease */                             \
	X(RELEASE, "release")          /* lease */

enum operation_kind {
#define X(name, text) OP_##name,
	OPERATIONS(X)
#undef X
		OP_KINDS
};

enum operation_fate {
	FATE_KNOWN,
	FATE_UNKNOWN, /* killed in it, or so slow that it may have given up: it has happened or not */
};

struct operation {
	uint64_t invoked, returned; /* ns; of one whose process was killed: when it surely was dead */
	uint64_t killed;            /* it returned after its process began to die: when that was; else 0 */
	int64_t a, b, value, stamp, lease;
	uint64_t token;
	uint16_t key;
	uint8_t process; /* below LINEAR_PROCESSES */
	uint8_t kind, fate;
	bool ok, fresh, is_integer;
};

/* A process died: whatever leases it had may be void from then on, since they are taken over when somebody notices. */
struct linear_death {
	uint64_t when;
	uint8_t process;
};

#define LINEAR_PROCESSES 32

struct linear_options {
	bool evicting; /* an entry may go by itself */
};

struct linear_verdict {
	bool ok, undecided;              /* undecided: too many states are possible */
	const struct operation *culprit; /* the first one whose return cannot be explained */
	size_t states_max;
	char text[400];
};

/** Checks the operations of one key, in any order. Sorts the deaths. */
void linear_check(const struct operation *operations, size_t count, const struct linear_death *deaths,
                  size_t death_count, const struct linear_options *options, struct linear_verdict *verdict);

/** `put 7 -> ok` and so on, for people. */
const char *operation_text(const struct operation *operation, char text[160]);

#endif
