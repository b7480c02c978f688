/*
 * Two operations whose accesses are interleaved.
 */
#ifndef CACHE_STRESS_INTERLEAVE_H
#define CACHE_STRESS_INTERLEAVE_H

#include "model.h"
#include "schedule.h"
#include "stepper.h"

struct race;

/* One of the two processes, and what it reports. */
struct side {
	enum cache_status status;
	int64_t number;
	int64_t lease;
	enum store_state state;
	bool busy; /* it gave up waiting for a lock */
	uint64_t began, noted, ended; /* by race.clock */
	int64_t accesses;
	uint32_t slot; /* at its end */
	bool done;
	uint64_t seen[64];
	char wrong[96]; /* what it found wrong itself; "": nothing */
};

struct race {
	struct test_host host;
	uint64_t ticks; /* of the host when all is prepared */
	const char *folder;
	struct store *store; /* of the process at hand */
	struct watch watch;  /* its shadow is the segment as prepared */
	struct watch ended;  /* its shadow is the segment as the last order left it */
	uint32_t names;
	char key[32]; /* the key that it is about */
	char other[32];
	int64_t number;
	uint64_t token, lease; /* taken while preparing */
	const atomic_u32 *lock; /* that they meet on; NULL: the one of the shard */
	struct side *x, *y;    /* shared */
	struct trace *x_trace, *y_trace; /* shared: of the last order */
	atomic_u64 *clock;     /* shared: counts */
};

static inline uint64_t race_tick(struct race *race)
{
	schedule_outside();
	return rmw_add(race->clock, 1) + 1;
}

struct pairing {
	const char *name;
	void (*prepare)(struct race *race);
	void (*x)(struct race *race, struct side *side);
	void (*y)(struct race *race, struct side *side);
	/** When both have ended: NULL, or what is wrong. */
	const char *(*judge)(struct race *race);
};

/* Tables, each ended by one without a name: of plain operations; of stamps, leases and tags; of the rebuild queue. */
extern const struct pairing pairings[], stale_pairings[], queue_pairings[];

/** Notes the first thing that is wrong. */
void side_wrong(struct side *side, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A name that no other has, whose bucket bits are `bits` under `mask`. */
void race_name(struct race *race, uint32_t mask, uint32_t bits, char name[32]);

/* Values are put with owner 1; integers as they are. */
enum cache_status race_put(struct race *race, const char *name, uint64_t number, size_t size);
enum cache_status race_put_int(struct race *race, const char *name, int64_t value);
/** The number of the value, or the integer; -1: missing; -2: damaged. */
int64_t race_get(struct race *race, const char *name);
#define RACE_MISSING (-1)
#define RACE_DAMAGED (-2)

#endif
