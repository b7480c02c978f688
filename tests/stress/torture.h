/*
 * What the processes of a torture run share outside of the segment: who has written what, and what was found wrong.
 */
#ifndef CACHE_STRESS_TORTURE_H
#define CACHE_STRESS_TORTURE_H

#include "support.h"
#include "watch.h"

#define WORKERS_MAX 64
#define STORM_CHILDREN 8u /* of one worker at a time */
#define TREES 2u
#define KEYS_MAX 320u
#define SHARED_KEYS 16u
#define COUNTERS 4u /* the last one is beyond 63 bits: every increment of it moves the entry */
#define COUNTER_START(c) ((c) == COUNTERS - 1 ? INT_WORD_MAX + 1 : 0)
#define MESSAGES 16
#define LEASED_KEYS 12u

/*
 * A key that only one worker writes. Its writes are numbered. Each is noted as intended before it begins and as
 * acknowledged when it has returned. `absent`: the last write that may leave the key absent, a delete or a put that
 * failed; noted before it is intended, or as soon as it has failed.
 */
struct key_record {
	atomic_u64 intended, acknowledged, absent;
};

/*
 * A key whose value is rebuilt from a source, under leases, tokens and stamps. The source is a number that only rises; a
 * value's number is what the source was when the writer read it. Whoever invalidates lets the source rise first.
 */
struct leased_record {
	atomic_u64 source;
	atomic_u64 invalidated; /* the source of the last invalidation that was acknowledged: nothing older is fresh */
	atomic_u64 committed;   /* the highest number that was: nothing older is there */
	atomic_u64 voids;       /* operations begun that may end a lease, or replace the value: see `voiding` */
	atomic_u64 holder;      /* the worker that was granted the last lease, + 1; 0: it is about to end it */
};

/* The lease that a worker was granted last for a key. */
struct grant_record {
	atomic_u64 voids;       /* before it asked; 0: some of them were under way */
	atomic_u64 deadline_ns; /* the earliest that it can be */
	atomic_u64 until_ns;    /* the latest; noted before it asks; 0: it has none */
	atomic_u32 life;
};

struct worker_record {
	struct key_record keys[KEYS_MAX];
	struct grant_record grants[LEASED_KEYS];
	atomic_u32 voiding[LEASED_KEYS]; /* such an operation of it is under way */
	/* Sums of the steps added to the shared counters; counter COUNTERS is the worker's own. */
	atomic_u64 counter_intended[COUNTERS + 1], counter_acknowledged[COUNTERS + 1];
	atomic_u64 operations;
	atomic_u32 lives;   /* how often it was started */
	atomic_u32 doomed;  /* the life that is being ended */
	atomic_u32 pid;
	atomic_u32 slot;    /* + 1; 0: not attached */
	atomic_u32 in_call; /* inside of the cache at this moment */
};

/* What must not happen. */
#define ERRORS(X)                                               \
	X(corrupt,        "values that are not whole or another's") \
	X(lost,           "acknowledged values missing")            \
	X(regressed,      "older values than acknowledged")         \
	X(future,         "values that nobody wrote")               \
	X(pinned_changed, "pinned values changed")                  \
	X(counter_wrong,  "counters out of bounds")                 \
	X(undeleted,      "deletes that did not find the key")      \
	X(refused,        "writes refused for no reason")           \
	X(revived,        "invalidated values seen as fresh")       \
	X(two_leases,     "leases granted beside another")          \
	X(lease_hangs,    "leases refused though nobody has one")   \
	X(broken_rules,   "rules broken while running")              \
	X(ended,          "processes that ended by themselves")

enum torture_error {
#define X(name, text) ERROR_##name,
	ERRORS(X)
#undef X
	ERROR_COUNT
};

struct torture {
	/* Options. */
	uint32_t workers, threads; /* threads: workers in each process */
	uint32_t keys;             /* of each worker */
	bool evicting, stopping, crowded, leasing, programs, zero_copy, storming, large, in_trees;
	uint64_t bytes, seed, kills_wanted;
	long mean_us; /* between two kills */
	uint32_t processes; /* slots of the segment */
	uint32_t full_megabytes; /* of its file system; 0: it has more than the segment needs */
	bool full_by_fault;      /* no such file system is to be had: the call for more memory fails */
	char folder[64];

	struct watched watch; /* `over`: workers leave in an orderly way */
	atomic_u64 kills, in_call, with_lock, stops;
	atomic_u64 trees_killed, storms;
	atomic_u64 errors[ERROR_COUNT];
	atomic_u64 ambiguous; /* missing, and the one who could tell why was killed: only after a lock was not to be had */
	atomic_u64 full;      /* writes refused for lack of memory */
	atomic_u64 mapped, held_again; /* values read where they lie; what was held and looked at again */
	atomic_u32 messages;
	char message[MESSAGES][160];

	struct leased_record leased[LEASED_KEYS];
	/* After those of the workers, those of their forked children. */
	struct worker_record records[WORKERS_MAX * (1 + STORM_CHILDREN)];
};

struct worker {
	struct torture *t;
	struct store *store;
	struct worker_record *me;
	uint32_t number;
	uint32_t depth; /* 0: a worker; else a child of one, which has no keys of its own */
	struct dice dice;
};

/**
 * A thread's or a process's life: attaches, checks what its predecessor left, works until it is killed or all is over.
 * `inherited`: a handle that came through fork(), to be used instead of one of its own.
 */
void worker_live(struct torture *torture, uint32_t number, struct store *inherited);

/** Checks all keys and counters of the oracle, as a reader. */
void worker_check_all(struct worker *worker);

/* Around each call of the cache. */
void worker_enter_call(struct worker *worker);
void worker_leave_call(struct worker *worker);

/* ---- values: values.c ----------------------------------------------------------------------------------- */

/** An item that holds the value of that number, until the next call. */
struct store_item worker_item(struct worker *worker, uint64_t owner, uint64_t number);
/** The value's number, or 0 when it is damaged. */
uint64_t worker_check_view(struct worker *worker, const struct store_view *view, uint64_t owner, const char *name);
uint64_t worker_key_owner(uint32_t worker, uint32_t key);
/** As one more participant; all have the same host. */
struct store *torture_open(const struct torture *torture);

/* Values that stay pinned after they were read. */
#define HELD_MAX 64

struct held {
	struct store_view views[HELD_MAX];
	uint64_t owners[HELD_MAX], numbers[HELD_MAX];
	uint32_t count;
};

/** Takes the view over, or unpins it. */
void held_add(struct worker *worker, struct held *held, struct store_view *view, uint64_t owner, uint64_t number);
/** Are all of them what they were? */
void held_check(struct worker *worker, const struct held *held);
void held_release(struct worker *worker, struct held *held);

/* ---- what a worker does: worker.c ------------------------------------------------------------------------ */

/** Reads the key of some worker and compares it with the oracle; may hold it. */
void worker_read_some_key(struct worker *worker, struct held *held);
void worker_work_on_shared_key(struct worker *worker, struct held *held, uint32_t kind);
void worker_increment(struct worker *worker, uint32_t counter);
/** The counters that all share, where they are not there yet. */
void counters_make(struct store *store);

/* ---- children of a worker that fork children: storm.c ---------------------------------------------------- */

/** The records of an earlier life's children are free. */
void storm_begin(const struct worker *worker);
/** Forks children with what is held, and looks after those that have died. */
void storm_work(struct worker *worker, const struct held *held);

/* ---- killing: killer.c ----------------------------------------------------------------------------------- */

struct killer {
	struct torture *t;
	int t_fd;
	struct store *store; /* to see who holds a lock */
	struct dice dice;
	uint32_t first, step; /* the processes that are ours: first, first + step ... */
	pid_t pids[WORKERS_MAX];
	double resume[WORKERS_MAX]; /* when a stopped process goes on; 0: it runs */
	uint32_t stopped;
	double quiet_until; /* no kills until then */
	pid_t watcher, ballast;
	bool aside;         /* others kill, too: whoever verifies may be killed */
	struct held held;   /* through many kills */
};

uint32_t torture_processes(const struct torture *torture);
/** Whose records are those of that process: `first` and so many. */
bool killer_owns(const struct killer *killer, uint32_t process);
void killer_start(struct killer *killer, uint32_t process);
/** Until there were as many as wanted, by all killers, or something hangs. */
void killer_work(struct killer *killer);
/** SIGKILL to one; where it was when it died is noted. */
void killer_kill(struct killer *killer, uint32_t process);
void killer_note_where(struct killer *killer, uint32_t process);
/** The others leave in an orderly way. False: one of them hangs. */
bool killer_end(struct killer *killer);
/** Waits for children that lost their parents. Those that are left in the end: false. */
bool killer_reap_orphans(struct killer *killer, bool all);
bool torture_hangs(const struct torture *torture);
uint64_t torture_operations(void);
/** The oracle of this process. */
extern struct torture *torture_shared;

/* ---- two trees of processes that know nothing of each other: trees.c ------------------------------------- */

/** Starts them, kills one as a whole now and then; the caller is neither of them. */
bool trees_work(struct killer *killer);
/** `torture tree FD NUMBER` */
int tree_main(char **arguments);
/** `torture worker FD NUMBER` */
int program_main(char **arguments);
/** The oracle behind that descriptor. */
struct torture *torture_map(int fd);

/* ---- a file system without room: full.c ------------------------------------------------------------------- */

/** Mounts one, of the caller and its children alone, as the folder for the segment. */
void full_mount(struct torture *torture);
/** A process that takes what is left of it, and gives it back, again and again. */
pid_t full_start(const struct torture *torture);
void full_unmount(const struct torture *torture);

/* ---- leases: leased.c ------------------------------------------------------------------------------------- */

/** Some operation on a leased key; what a predecessor left; all of them, in the end. */
void leased_work(struct worker *worker);
void leased_adopt(struct worker *worker);
void leased_check_all(struct worker *worker);
void leased_name(char name[32], uint32_t key);

void torture_error(struct torture *torture, enum torture_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void key_name(char name[32], uint32_t worker, uint32_t key);
void shared_name(char name[32], uint32_t key);
/** The counter of that number; of number COUNTERS: the worker's own. */
void counter_name(char name[32], uint32_t worker, uint32_t counter);

#endif
