/*
 * Leases: who rebuilds a value. One table for each shard, by the hash of the key, which need not have an entry; sets of
 * eight.
 *
 * A lease is in force from its grant until it is committed, released or void; after its deadline, or when its owner has
 * died, the next asker takes it over, until when it still is good. It is void when its key was stored, deleted, marked as
 * stale or cleared since, or one of the tags that its entry had was invalidated.
 *
 * Rules:
 *  1. `sequence` is the lease: a version of the shard, so it never repeats; 0: none. It is written last at a grant, and a
 *     grant takes place under the shard's lock. The other fields are constant while it stands, but for the deadline, which
 *     may move, and what the askers write.
 *  2. Whoever ends a lease stores 0, by CAS on the sequence that he ends: under the shard's lock or without it.
 *  3. Who asks without the lock reads the sequence, what makes the lease void, and the sequence again. Deadline and owner are
 *     read after that, and may be those of the slot's next lease: he is then told once that somebody else rebuilds, or goes
 *     on to the lock, under which all of it is looked at again.
 *  4. `hashes` says where to look; a slot whose hash is not 0 counts as one of shard.leases. Both change under the lock.
 *
 * A store that invalidates without the lock (write.c) ends the lease that it finds. One that is granted while it looks may
 * survive it: its owner reads the source after the invalidation had begun.
 */
#ifndef CACHE_CORE_LEASE_H
#define CACHE_CORE_LEASE_H

#include "core/store/internal.h"

#define LEASE_WAYS 8u

struct lease {
	alignas(64) atomic_u64 sequence;
	atomic_u64 token;        /* of the entry at grant; 0: there was none */
	atomic_u64 tag_sequence; /* at grant */
	atomic_u64 deadline_ns;  /* monotonic */
	atomic_u64 checked_ns;   /* when somebody last looked whether the owner lives */
	atomic_u32 slot;         /* the owner; NO_SLOT: a guest, whose death is not noticed */
	atomic_u32 incarnation;
	atomic_u32 waited_for;   /* somebody sleeps until it ends */
	atomic_u32 tag_count;
	uint64_t reserved;
	atomic_u64 tags[STORE_TAGS_MAX]; /* hashes of the entry's tags at grant */
};
_Static_assert(sizeof(struct lease) == 192, "three cache lines");

struct lease_set {
	alignas(64) atomic_u64 hashes[LEASE_WAYS]; /* of keys; 0: free */
	struct lease leases[LEASE_WAYS];
};

struct lease_table {
	alignas(64) atomic_u32 event; /* a futex: counts ends of leases that somebody waited for */
};

static inline struct lease_table *lease_table(const struct shard_ref *r)
{
	return (struct lease_table *)(r->self->segment->base + r->geometry->leases_at + r->number * r->geometry->lease_stride);
}
static inline struct lease_set *lease_set_number(const struct shard_ref *r, uint64_t number)
{
	return (struct lease_set *)(lease_table(r) + 1) + number;
}

/* How often somebody asks whether the owner of a lease lives: one system call. */
#define LEASE_CHECK_NS UINT64_C(50000000)
/* A wait ends by itself after this time: wakes may be lost, owners may die. */
#define LEASE_SLICE_NS UINT64_C(50000000)

/** The lease of that key, in force or not; NULL: there is none. Without the lock it may change at any time. */
struct lease *lease_find(const struct shard_ref *r, uint64_t hash);
/**
 * Is it in force: not void, its deadline not passed, its owner alive? `sequence`: of the lease that was looked at. Not under a
 * lock: an owner that turns out to be dead is recovered.
 */
bool lease_in_force(struct store *store, const struct shard_ref *r, struct lease *lease, uint64_t *sequence);
/** The same as far as one can tell under a lock. */
bool lease_looks_in_force(struct store *store, const struct shard_ref *r, const struct lease *lease);
/** Is it good for a commit: this sequence stands, and nothing has voided it? */
bool lease_is_good(const struct shard_ref *r, const struct lease *lease, uint64_t sequence);

/**
 * Under the lock, when none is in force: a lease for the key of that hash. `e`: its entry before hard, or NULL. 0: the set is
 * full of leases that are in force.
 */
uint64_t lease_grant(struct store *store, const struct shard_ref *r, uint64_t hash, const struct entry *e, uint64_t ttl_ns);
/** Another deadline. Under the lock. */
void lease_prolong(struct store *store, struct lease *lease, uint64_t ttl_ns);
/** Ends that lease; false: it did not stand. Waiters are woken by store_leave(). */
bool lease_end(struct store *store, const struct shard_ref *r, struct lease *lease, uint64_t sequence);
/** Under the lock: frees the slot of a lease that was ended. */
void lease_free(const struct shard_ref *r, uint64_t hash);
/** Ends whatever lease the key has, without the lock. */
void lease_void_unlocked(struct store *store, const struct shard_ref *r, uint64_t hash);
/** Under the lock: the same, and frees its slot. */
void lease_void_found(struct store *store, const struct shard_ref *r, uint64_t hash);
static inline void lease_void(struct store *store, const struct shard_ref *r, uint64_t hash)
{
	if (likely_false(load_relaxed(&r->shard->leases) != 0)) {
		lease_void_found(store, r, hash);
	}
}

/** Counts the slots of a shard anew, and frees those that hold no lease. Under the lock, or in the name of its dead owner. */
void lease_rebuild(const struct shard_ref *r);
/** A file that nobody watched: no lease is in force. */
void lease_forget_all(const struct shard_ref *r);

#endif
