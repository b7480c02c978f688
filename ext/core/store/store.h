/*
 * The cache, as its host sees it.
 *
 * A `struct store` is one participant: a process, or one thread of a ZTS process. It is used by one thread at a
 * time and holds that participant's slot in the segment. All functions are safe against kill -9 of any other
 * participant at any instant, and of the caller itself: every change of the contents is one aligned 8-byte store.
 *
 * Reading takes no lock and writes nothing that another CPU reads, but the reader's own pin. Writing takes the
 * lock of one shard for some ten to some hundred nanoseconds. No function calls back while it holds a lock.
 *
 * Caveats:
 *  - A view that came with a pin stays readable until store_unpin() or store_unpin_all(), whatever happens to
 *    the entry. Memory that is pinned cannot be reused: unpin soon.
 *  - fork(): the child's handle is repaired by itself (see store_open). vfork() children must not use it.
 */
#ifndef CACHE_CORE_STORE_H
#define CACHE_CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/host.h"
#include "core/base/status.h"

struct store;

/* ---- opening ------------------------------------------------------------------------------------------- */

enum store_zero_copy { STORE_ZERO_COPY_AUTO, STORE_ZERO_COPY_OFF, STORE_ZERO_COPY_RW };

struct store_options {
	/** Directory of the segment file; "" or NULL: a private 0700 directory of the effective user in /dev/shm. */
	const char *directory;
	/** 1..64 of [A-Za-z0-9._-], not beginning with a dot. */
	const char *name;
	/** Upper bound of the segment's memory in bytes, STORE_SIZE_MIN..STORE_SIZE_MAX. */
	uint64_t size;
	/** Participants attached at once, 1..STORE_PROCESSES_MAX. */
	uint32_t processes;
	/** Jobs of the rebuild queue, 1..STORE_QUEUE_JOBS_MAX; and how often a job is tried before it is a dead letter. */
	uint32_t queue_jobs, queue_attempts;
	/** Bytes that one participant may keep pinned; above it views are to be copied. 0: a tenth of size. */
	uint64_t pinned_max;
	enum store_zero_copy zero_copy;
	/** For debugging: what this participant frees is overwritten with zeros and used again late. */
	bool quarantine;
	/** Distinguishes builds of the host whose value layouts differ; part of the file's name. */
	uint64_t host_fingerprint;
	const struct cache_host *host;
};

#define STORE_SIZE_MIN (UINT64_C(1) << 20)
/* With pointers of 32 bits there are 3 GB of addresses, which the program's own memory is in, too. */
#define STORE_SIZE_MAX (UINT64_C(1) << (UINTPTR_MAX > UINT32_MAX ? 40 : 30))
#define STORE_PROCESSES_MAX 8192
#define STORE_QUEUE_JOBS_MAX 65536
#define STORE_QUEUE_ATTEMPTS_MAX 100

/**
 * Reserves the official address range of a segment of `size` bytes, so that forked children inherit the
 * reservation. To be called once, before any fork. Not being able to is no error: the segment is then used in
 * copy mode.
 */
void store_reserve(uint64_t size);

/**
 * Attaches to the segment, creating it if there is none; several stores of one process share the mapping.
 * A file that is half-created, damaged or of another size and used by nobody is replaced.
 * `message` gets one sentence for the administrator on failure, and on success when there is something to say
 * (else it is ""). Handles survive fork(): the child's copy attaches anew on its first use.
 */
CACHE_MUST_CHECK enum cache_status store_open(const struct store_options *options, struct store **store,
                                              char *message, size_t message_size);
void store_close(struct store *store);

/**
 * Does the path still name the file that is mapped, and is that whole? (An rm, or systemd's RemoveIPC; somebody cut it off.)
 * One stat(). What was cut off must not be touched any more, store_close() does not: but until somebody asks here, whoever reads
 * or writes is ended by SIGBUS.
 */
bool store_is_current(const struct store *store);
/** Can operations begin? False in a forked child that cannot attach: each tries again, and meanwhile nothing is found or stored. */
bool store_is_usable(struct store *store);

/* ---- keys ---------------------------------------------------------------------------------------------- */

#define STORE_KEY_MAX 65535

struct store_key {
	const char *bytes;
	uint32_t length;
	/** store_hash() of the bytes; valid for this segment only. */
	uint64_t hash;
};

/** See key_hash.h. */
uint64_t store_hash(const struct store *store, const char *bytes, size_t length);
/** Different for every segment that a process sees: memoised hashes are valid while it does not change. */
uint64_t store_hash_epoch(const struct store *store);

/* ---- values -------------------------------------------------------------------------------------------- */

/* Part of the file format: never renumber. */
enum store_type {
	STORE_NULL = 1,
	STORE_FALSE = 2,
	STORE_TRUE = 3,
	/** Kept in one atomic word; -2^62 .. 2^62-1. */
	STORE_INT = 4,
	/** An integer outside of that range; changes by replacement. The API makes no difference between the two. */
	STORE_BIGINT = 5,
	STORE_DOUBLE = 6,
	STORE_STRING = 7,
	/** Bytes of a serializer; which one is the host's business: see store_item.flags. */
	STORE_SERIALIZED = 8,
	/** A value as the host keeps it in memory, with addresses of its own parts as of the official mapping. */
	STORE_IMAGE = 9,
	/**
	 * Such a value without addresses, which begins with three words of 8 bytes. Anybody may fill in the second one later, all with
	 * the same number: it does not count for the checksum, and is 0, "not filled in", for whoever attaches alone.
	 */
	STORE_TEXT = 10,
};
#define STORE_TEXT_HEAD 24u
#define STORE_TYPE_COUNT 11

/** Entry states of API.md section 1. */
enum store_state { STORE_STATE_MISSING, STORE_STATE_FRESH, STORE_STATE_AGING, STORE_STATE_STALE };

/** What a look-up found. */
struct store_view {
	enum store_type type;
	/** store_item.flags of the writer. */
	uint8_t flags;
	union {
		int64_t integer; /* STORE_INT and STORE_BIGINT */
		double real;     /* STORE_DOUBLE */
	};
	/** STORE_STRING and the types after it: the bytes, in the writable mapping, valid while the pin is held. */
	const char *bytes;
	size_t size;
	/** Where they are in the official mapping, by which the addresses in a STORE_IMAGE go; 8-byte aligned. */
	uint64_t official;
	/** Can that be read in this process? */
	bool mapped;
	/** The value is held since an earlier look-up: see store_hold(). */
	bool held;
	uint64_t version;
	/** 0: nothing is pinned and `bytes` is NULL. Else hand it to store_unpin() when done. */
	uint32_t pin;
};

/** No limit, for ttl and stale_ttl. */
#define STORE_FOREVER INT64_C(-1)

/** What is to be written. */
struct store_item {
	enum store_type type; /* STORE_INT for every integer */
	uint8_t flags;
	union {
		int64_t integer;
		double real;
	};
	const char *bytes;
	size_t size;
	/** What stands before the bytes; `size` counts it, and the zeros behind them up to it. Mostly there is none. */
	const char *head;
	uint32_t head_size;
	size_t bytes_size; /* if there is a head */
	/**
	 * STORE_IMAGE: instead of giving `bytes`, writes the `size` bytes of the value to `to`, from where they come to `official`,
	 * an address in the official mapping. Called without any lock.
	 */
	void (*build)(void *context, char *to, size_t size, uint64_t official);
	void *build_context;
	/** Is the value at `bytes`, that another `build` has made for `official`, the same one? NULL: if it is so byte by byte. */
	bool (*is_same)(void *context, const char *bytes, uint64_t official);
	/** Microseconds; STORE_FOREVER: no limit; 0 for ttl: no limit too; 0 for stale_ttl: no stale period. */
	int64_t ttl_us;
	int64_t stale_ttl_us;
	/** Microseconds since the epoch; 0 or a time to come: now. */
	int64_t stamp_us;
	/** Tags as `length byte, bytes` one after the other; NULL if tag_count is 0. At most STORE_TAGS_MAX. */
	const char *tags;
	uint32_t tags_size;
	uint8_t tag_count;
};

#define STORE_TAGS_MAX 16
#define STORE_TAG_LENGTH_MAX 255

/* ---- reading: no lock ---------------------------------------------------------------------------------- */

/** CACHE_OK with a view of a FRESH entry, or CACHE_MISSING. Counts a hit or a miss. */
CACHE_MUST_CHECK enum cache_status store_get(struct store *store, const struct store_key *key,
                                             struct store_view *view);
/** CACHE_OK or CACHE_MISSING; counts like store_get. */
CACHE_MUST_CHECK enum cache_status store_exists(struct store *store, const struct store_key *key);
/** As store_get(), with the token of what was found; 0: nothing. */
CACHE_MUST_CHECK enum cache_status store_gets(struct store *store, const struct store_key *key, struct store_view *view,
                                              uint64_t *token);
/** The token of a view that store_gets() or store_get_entry() gave; never 0. */
uint64_t store_token(const struct store_view *view);
void store_unpin(struct store *store, uint32_t pin);
/**
 * May the view stay pinned until store_unpin_all()? True: it is accounted for; further look-ups that find the same block
 * say `held` and come without a pin; store_unpin() must not be called for it any more. False: too much is pinned already
 * (by this participant, by all, or by somebody who stops memory from being reused): copy the value and unpin. O(1), now
 * and then O(participants).
 */
bool store_hold(struct store *store, struct store_view *view);
/** Releases whatever the participant has pinned: at the end of a request, when no value can be in use any more. */
void store_unpin_all(struct store *store);

/* ---- writing ------------------------------------------------------------------------------------------- */

enum store_mode {
	STORE_SET,
	/** Only if store_exists() would say no; else CACHE_EXISTS, and nothing was written or allocated. */
	STORE_ADD,
	/* Of the functions below: only over an entry of that token; unless it is newer; under a lease. */
	STORE_IF_TOKEN,
	STORE_IF_NEWER,
	STORE_COMMIT,
};

/**
 * CACHE_OK, CACHE_EXISTS, CACHE_TOO_BIG, CACHE_NO_MEMORY, CACHE_BUSY. After one of the last three the old value,
 * if any, is gone: a write that fails leaves no wrong data.
 */
CACHE_MUST_CHECK enum cache_status store_put(struct store *store, const struct store_key *key,
                                             const struct store_item *item, enum store_mode mode);
/** CACHE_OK if there was an entry before hard, fresh or stale; else CACHE_MISSING. Never fails for contention. */
CACHE_MUST_CHECK enum cache_status store_delete(struct store *store, const struct store_key *key);
/**
 * Adds `step` to the integer; a missing key starts at 0 with `ttl_us` (as in store_item). No lock when the entry
 * is there. CACHE_WRONG_TYPE and CACHE_OVERFLOW leave the value as it was.
 */
CACHE_MUST_CHECK enum cache_status store_increment(struct store *store, const struct store_key *key, int64_t step,
                                                   int64_t ttl_us, int64_t *result);
/** Exchanges `expected` for `desired`. CACHE_MISSING, CACHE_WRONG_TYPE, CACHE_MISMATCH. No lock. */
CACHE_MUST_CHECK enum cache_status store_cas(struct store *store, const struct store_key *key, int64_t expected,
                                             int64_t desired);
/**
 * Stores iff the entry has that token, stale or fresh (an invalidation changes it); token 0: as STORE_ADD. CACHE_MISMATCH, and
 * what store_put() says; after CACHE_BUSY the old value is as it was.
 */
CACHE_MUST_CHECK enum cache_status store_put_if(struct store *store, const struct store_key *key,
                                                const struct store_item *item, uint64_t token);
/**
 * As store_put(); but if the same value is there, with the same tags and durations and no tag invalidated since, only its
 * stamp moves, forwards: `renewed`. CACHE_MISMATCH: the item's stamp is older than the one that is there, or than the time at
 * which it was marked as stale; or the entry has another token (0: there is a fresh entry). Compares without decoding; an
 * image that does not tell by itself is built once more for it. O(size of the value).
 */
CACHE_MUST_CHECK enum cache_status store_put_if_changed(struct store *store, const struct store_key *key,
                                                        const struct store_item *item, bool has_token, uint64_t token,
                                                        bool *renewed);
/** Deletes the entry of that token, stale or fresh. Else CACHE_MISMATCH. */
CACHE_MUST_CHECK enum cache_status store_delete_if(struct store *store, const struct store_key *key, uint64_t token);
/** Marks an entry as stale, fresh or not: a new version, the negative stamp. Voids its lease. CACHE_MISSING. Never fails. */
CACHE_MUST_CHECK enum cache_status store_mark_stale(struct store *store, const struct store_key *key);

/* ---- words that change in place: no lock ---------------------------------------------------------------- */

struct store_touch {
	bool any;            /* any positive stamp; else */
	int64_t expected_us; /* this one; negative: of an entry that was marked as stale then */
	int64_t new_us;      /* 0 or a time to come: now */
	bool has_token;
	uint64_t token;
};
/**
 * Exchanges the stamp of an entry before hard none of whose tags was invalidated. CACHE_MISSING, CACHE_MISMATCH. Nothing else
 * of the entry changes.
 */
CACHE_MUST_CHECK enum cache_status store_touch(struct store *store, const struct store_key *key,
                                               const struct store_touch *wanted);
#define STORE_LOCK_MAX ((UINT64_C(1) << 62) - 1)
/** Exchanges the application's lock word, 0..STORE_LOCK_MAX, of an entry before hard. CACHE_MISSING, CACHE_MISMATCH. */
CACHE_MUST_CHECK enum cache_status store_cas_lock(struct store *store, const struct store_key *key, uint64_t expected,
                                                  uint64_t desired);

/* ---- tags ----------------------------------------------------------------------------------------------- */

/**
 * Makes all entries that carry one of these tags (as in store_item) stale, or `hard` missing, and voids the leases of their
 * keys. O(tags), however many entries there are. Never fails. Returns the number of tags.
 */
uint32_t store_invalidate_tags(struct store *store, const char *tags, uint32_t tags_size, bool hard);

/* ---- stale-while-revalidate ----------------------------------------------------------------------------- */

struct store_ask {
	/** 0: only look. */
	uint64_t lease_ns;
	/** How long before it is stale an entry begins to age; or as a part of its ttl, which then counts alone. */
	int64_t ahead_us;
	uint32_t ahead_millionths;
	/** Rebuilds are a job of this queue, and a lease only if it is full; NULL: none. And those of entries that are missing, too? */
	const struct store_key *queue;
	bool queue_missing;
};
struct store_answer {
	enum store_state state;
	/** > 0: the caller is to rebuild the value, and has this lease. 0: no need, or not asked for. */
	int64_t lease;
};
/** Somebody else rebuilds it, or too many are rebuilding something: not you. */
#define STORE_LEASE_RUNNING (-1)
/**
 * CACHE_OK with a view of an entry before hard, or CACHE_MISSING. Where a rebuild is needed, exactly one caller gets the lease,
 * in the same step in which it reads. No lock but by him.
 */
CACHE_MUST_CHECK enum cache_status store_get_stale(struct store *store, const struct store_key *key,
                                                   const struct store_ask *ask, struct store_view *view,
                                                   struct store_answer *answer);
/** A lease of a key, whether it has an entry or not. 0: one is in force already, or too many are. */
int64_t store_lease(struct store *store, const struct store_key *key, uint64_t ttl_ns);
/** Moves its deadline to that time from now. False: it is void. */
bool store_lease_extend(struct store *store, const struct store_key *key, uint64_t lease, uint64_t ttl_ns);
/** False: it was void already. */
bool store_lease_release(struct store *store, const struct store_key *key, uint64_t lease);
/** Ends whatever lease the key has: what is being rebuilt is outdated. */
void store_lease_void(struct store *store, const struct store_key *key);
/** Those granted to this participant since the last call: at the end of a request. */
void store_release_leases(struct store *store);
/** Sleeps until the lease in force for that key has ended, at most that long, and at most 50 ms. False: there is none. */
bool store_lease_wait(struct store *store, const struct store_key *key, uint64_t wait_ns);
struct store_lease_info {
	uint32_t owner;   /* slot of the participant; UINT32_MAX: one without a slot */
	bool mine;        /* it is this participant's slot; false if it has none */
	uint64_t left_ns; /* until its deadline */
};
/** False: none is in force. */
bool store_lease_get(struct store *store, const struct store_key *key, struct store_lease_info *info);
/**
 * Stores under a lease, and ends it. CACHE_MISMATCH: it is void, or a tag of the item was invalidated since it was granted. A
 * commit that fails otherwise leaves the old value as it was.
 */
CACHE_MUST_CHECK enum cache_status store_commit(struct store *store, const struct store_key *key, uint64_t lease,
                                                const struct store_item *item);

/** Empties the cache: one store. Memory comes back as it is needed and by the sweep. */
void store_clear(struct store *store);

/**
 * Returns the memory of expired entries: at most once a second in the whole segment, whoever asks. Cheap to call
 * (one load) when it is not due. Every write does so by itself; hosts also call it at the start of a request.
 */
void store_sweep(struct store *store);

/* ---- looking inside ------------------------------------------------------------------------------------ */

/** The words of an entry. */
struct store_entry {
	/* view.pin is always set: the key and tags need it, too. Its token is none, if somebody was at work on the entry. */
	struct store_view view;
	const char *key;
	uint32_t key_length;
	uint64_t version;
	int64_t stamp_us; /* negative: invalidated at that time */
	uint64_t lock;
	int64_t ttl_us, stale_ttl_us; /* STORE_FOREVER: no limit */
	int64_t soft_us, hard_us;     /* INT64_MAX: never */
	enum store_state state;
	size_t memory;         /* bytes of the block */
	uint32_t hits_class;   /* 0..3: how often read since it was last examined for eviction, saturated */
	uint32_t accessed;     /* seconds since the epoch of the last hit, or of the store; by the reader's clock, which it
	                          reads at store_sweep(), at writes and at every 16th look-up */
	const char *tags;      /* as in store_item */
	uint32_t tags_size;
	uint8_t tag_count;
};

/** An entry before hard, fresh or stale, or CACHE_MISSING. No statistics, no effect on eviction. Unpin view.pin. */
CACHE_MUST_CHECK enum cache_status store_inspect(struct store *store, const struct store_key *key,
                                                 struct store_entry *entry);

/** The same as an access of a reader: counted, and noted for eviction. The view may be held: then view.pin is 0. */
CACHE_MUST_CHECK enum cache_status store_get_entry(struct store *store, const struct store_key *key,
                                                   struct store_entry *entry);
/**
 * When its key and tags were read, unless it is unpinned then: makes its view one as of store_get(), with a pin only if it has
 * bytes. CACHE_MISSING: there is no memory for a guest's copy, and nothing is pinned.
 */
CACHE_MUST_CHECK enum cache_status store_take_view(struct store *store, struct store_view *view);

/** Where a walk stands. All zero: at its beginning. */
struct store_cursor {
	uint32_t shard;
	uint64_t position;
	bool done;
};

/**
 * Visits some further entries before hard, at least `at_least` unless the end is reached, always whole buckets.
 * The visitor is called outside of any lock, with the entry pinned; the pin is released after it returns. It may
 * longjmp: the pin is then released by store_unpin_all(). A key that is present during the whole walk is visited
 * exactly once; writers are not held up. Order: the bit-reversed hash, so that a growing index is walked once.
 */
void store_walk(struct store *store, struct store_cursor *cursor, uint32_t at_least,
                void (*visit)(void *context, const struct store_entry *entry), void *context);

/* Counters and gauges: store/stats.def gives name, help and kind of each. */
enum store_counter {
#define COUNTER(name, help) STORE_COUNT_##name,
#include "core/store/stats.def"
#undef COUNTER
	STORE_COUNTERS
};

#define STORE_CLASSES_MAX 40

struct store_class_info {
	uint64_t block_size; /* bytes; 0: blocks of whole 4 KB units */
	uint64_t pages;      /* 16 KB each; of the last class: 4 KB units */
	uint64_t used;       /* blocks in use */
	uint64_t entries_small, entries_main; /* entries in either eviction queue */
};

struct store_info {
	const char *path;
	bool zero_copy;
	uint64_t size, file_bytes;
	int64_t created_us;
	uint32_t shards;
	uint32_t attached, processes_max;
	bool guest;               /* this participant found no slot of its own */
	uint64_t entries;         /* expired ones that are not yet swept included */
	uint64_t memory_total;    /* committed: taken from the file system */
	uint64_t memory_used;     /* in entries and index */
	uint64_t memory_free;     /* total - used */
	uint64_t memory_index;
	uint64_t memory_retired;  /* replaced or removed, waiting for readers */
	uint64_t pins;            /* held by all participants */
	uint64_t counters[STORE_COUNTERS];
	uint32_t class_count;
	struct store_class_info classes[STORE_CLASSES_MAX];
};

/** The names and help texts of the counters, in the order of the enum. */
extern const char *const store_counter_names[STORE_COUNTERS];
extern const char *const store_counter_help[STORE_COUNTERS];

/**
 * O(participants + shards x classes). No lock: figures of different shards are of slightly different instants. Dead
 * participants are cleaned up after first, so that they do not count.
 */
void store_get_info(struct store *store, struct store_info *info);

/** Histograms, power-of-two buckets: [0] below 1 s, [i] below 2^i s. */
#define STORE_AGE_BUCKETS 24
struct store_histograms {
	uint64_t eviction_age[STORE_AGE_BUCKETS]; /* age of entries when they were evicted */
	uint64_t hit_idle[STORE_AGE_BUCKETS];     /* time since the last hit (or store) at a hit; a key's first hit in a second */
};
void store_get_histograms(struct store *store, struct store_histograms *histograms);

/**
 * Walks every structure of the segment, shard by shard under its lock, and checks the invariants.
 * Returns the number of broken rules; `report` is called with one sentence for each (outside of the lock).
 */
unsigned store_verify(struct store *store, void (*report)(void *context, const char *sentence), void *context);

/** Name of a store_type: "int", "string", ... */
const char *store_type_name(enum store_type type);

#endif
