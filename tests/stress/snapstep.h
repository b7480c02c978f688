/*
 * A scenario of snapstep: what is in the segment, and the one operation that is single-stepped.
 */
#ifndef CACHE_STRESS_SNAPSTEP_H
#define CACHE_STRESS_SNAPSTEP_H

#include "model.h"
#include "stepper.h"

#define PINNED_MAX 64

/* A value that somebody who survives has pinned: its bytes must not change. */
struct pinned {
	uint64_t at; /* in the file */
	uint32_t size;
	uint64_t owner, number;
	uint32_t slot; /* the participant that pins it */
};

struct scenario;

struct world {
	const struct scenario *scenario;
	struct test_host host;
	const char *folder_a, *folder_b, *folder_c;
	char path_a[512], path_c[1024];
	struct watch watch; /* of A */
	struct store *a;    /* where the operation happens; the survivor's handle, or the child's */
	struct store *b;    /* where every state is recovered */
	struct model model;
	struct model_key *op; /* the key that the operation is about */
	struct pinned pinned[PINNED_MAX];
	uint32_t pinned_count;
	struct shared {
		enum cache_status status; /* of the operation */
		int64_t number;
	} *shared;
	uint32_t names;  /* given out */
	uint64_t before; /* whatever happened() compares with */
	bool forked;     /* the forked child exists */
	uint64_t lease;  /* that the survivor has */
	int alive_fd;    /* holds the bytes of participants of B that are to look alive */
	char *c_base;    /* C's file */
	ino_t c_inode;
};

enum scenario_flags {
	/* Nobody else is attached: only recovery by a later process that attaches alone is looked at. */
	SCENARIO_ALONE = 1,
	/* The file system gives no more than the first 256 KB. */
	SCENARIO_SMALL = 2,
	/* From the fork() on, the child's steps count, not the parent's. */
	SCENARIO_STEPS_CHILD = 4,
	/* The survivor has the only slot: the child is a guest. */
	SCENARIO_CROWDED = 8,
	/* The child is not attached when the operation begins. */
	SCENARIO_UNATTACHED = 16,
};

struct scenario {
	const char *name;
	/** Fills A and notes in the model what must be there, and what may be there during and after the operation. */
	void (*prepare)(struct world *world);
	/** The operation, in the child. */
	void (*act)(struct world *world);
	/** Did it do in A what the scenario is about? NULL: `raises` tells enough. */
	bool (*happened)(struct world *world);
	unsigned flags;
	/** Counters that the operation must raise, + 1; see RAISES(). */
	unsigned raises[3];
	/** What operations return: CACHE_OK unless said otherwise. */
	enum cache_status status;
	/** What a look-up does not tell: NULL, or what is wrong with it. Asked of each state, then of the recovered ones. */
	const char *(*look)(struct world *world, struct store *store, bool recovered);
	/** The last thing that is asked of a recovered state; may write. `done`: the key was seen in its last state. */
	const char *(*finish)(struct world *world, struct store *store, bool done, bool alone);
	/** What the child does before, not stepped; then what the survivor does. */
	void (*ready)(struct world *world);
	void (*meanwhile)(struct world *world);
};
#define RAISES(counter) (STORE_COUNT_##counter + 1)

#define WORLD_BYTES STORE_SIZE_MIN
static inline uint32_t world_processes(const struct scenario *scenario)
{
	return scenario->flags & SCENARIO_CROWDED ? 1 : 5;
}

/** A, empty. */
void world_open(struct world *world, const struct scenario *scenario);
/** B and C: copies of A as it is now, so that names hash to the same. */
void world_copy(struct world *world);
void world_close(struct world *world);
/** The state at hand, in B. Our own participant is as A's survivor is, and holds the same named locks. */
void world_load_b(struct world *world);
/** The child's copy of the handle gets its own slot, and no pins. What need not be stepped is done. */
void world_attach_child(void *world);

/* The scenarios, each table ended by one without a name: operations; queues; making room; participants; stamps, leases and tags;
 * named locks; the rebuild queue. */
extern const struct scenario write_scenarios[], fifo_scenarios[], room_scenarios[], life_scenarios[], stale_scenarios[], lock_scenarios[],
	queue_scenarios[];

/** Of the segments' hash key, and of which states are left out. */
extern uint64_t world_seed;

/** Creation of the file, for which there is no segment to watch yet; adds to the sums. */
extern const char creation_name[];
bool run_creation(long *states, long *bad);

/** A key name that no other has, whose bucket bits are `bits` under `mask`. */
const char *world_name(struct world *world, uint32_t mask, uint32_t bits);
/** Some entries of all kinds. */
void world_populate(struct world *world);
/** Puts `number` strings of that size under fresh names. */
void world_put(struct world *world, uint32_t number, uint32_t size);
/** The keys of the model that are gone by now are absent from now on. */
void world_note_gone(struct world *world);
/** The operation that takes the scenario's key to its last state. */
void act_last_state(struct world *world);

/** Shard 0 of the operation's segment. */
struct shard_ref world_shard(struct world *world);

/** The survivor pins the key's value as it is now. */
void world_pin(struct world *world, const struct model_key *key);

/** A participant that is killed in `act` at the `state`-th state with a lock held. */
void world_kill_locked(struct world *world, void (*act)(struct world *world), uint32_t state);
/** ... as soon as a lock is held and `when` is true. */
void world_kill_when(struct world *world, void (*act)(struct world *world), bool (*when)(struct world *world));
/** A participant that is killed in `act` when it reaches the fault point. */
void world_kill_at(struct world *world, void (*act)(struct world *world), enum cache_fault point);

#endif
