/*
 * What the files behind store.h share.
 */
#ifndef CACHE_CORE_STORE_INTERNAL_H
#define CACHE_CORE_STORE_INTERNAL_H

#include "core/base/clock.h"
#include "core/shm/queue.h"
#include "core/shm/rwlock.h"
#include "core/store/alloc.h"
#include "core/store/index.h"
#include "core/store/shard.h"

/* A lease of ours, to be released at the end of the request. */
struct held_lease {
	uint64_t hash, sequence;
};

/* Twice as many as there are pins for reading. */
#define HELD_SLOTS (2 * PINS_PER_PARTICIPANT)

/* A block for a write to come: see reserve.h. */
struct reserve {
	uint32_t shard, class;
	link_t link;
	uint32_t taken_at;       /* store.writes */
	uint64_t granule;        /* 0: none */
};
#define RESERVES 4u

struct store {
	struct owner owner;
	struct segment *segment;
	const struct cache_host *host;
	struct clock clock;
	uint64_t pinned_max;     /* bytes that our views may hold */
	uint64_t pinned_others;  /* what others held when we last summed it up */
	uint64_t pinned_summed;  /* what we held then */
	uint32_t second;         /* see store_second() */
	uint32_t look_ups;
	atomic_u32 *wake;        /* a futex to be woken when the operation is over; NULL: none */
	struct held_lease *leases;
	uint32_t leases_held, leases_room;
	int leases_process;      /* of this process: a forked child does not own its parent's */
	struct copy *copies;     /* a guest's views */
	uint32_t copies_made;
	uint32_t writes;
	struct reserve reserves[RESERVES];
	char *apart;             /* memory of ours, see fill.c */
	size_t apart_bytes;
	struct rwlock_holder locks;
	uint32_t queue_attempts;
	bool refused;            /* the last operation could not begin, which was logged */
	/* Blocks of views that are held: place | epoch << 40; of another epoch: empty. See hold.c. */
	uint32_t held_count, held_epoch;
	uint64_t held[HELD_SLOTS];
};

/* ---- operations ----------------------------------------------------------------------------------------- */

enum cache_status store_enter_slow(struct store *store);

/** Every operation is between enter and leave: a guest borrows its slot, a forked child attaches. */
CACHE_MUST_CHECK static inline enum cache_status store_enter(struct store *store)
{
	return likely_true(store->owner.slot != NO_SLOT) ? CACHE_OK : store_enter_slow(store);
}
/**
 * For whoever is refused by store_enter(), and was to replace or remove that key's value: ends its lease, and makes sure
 * that the value is not found any more.
 */
void store_invalidate_refused(struct store *store, const struct store_key *key);
void store_wake(struct store *store);
static inline void store_leave(struct store *store)
{
	if (likely_false(store->wake != NULL)) {
		store_wake(store);
	}
	if (likely_false(store->owner.guest) && store->owner.slot != NO_SLOT && !pin_reading(&store->owner)) {
		owner_return(&store->owner);
	}
}

static inline struct shard_ref shard_of(struct store *store, uint64_t hash)
{
	return shard_open(&store->owner, shard_of_hash(&store->segment->geometry, hash));
}

/*
 * The second that hits are noted with: as of the beginning of the request (store_sweep()), the last write, or the last
 * 16 look-ups. Reading the clock at each hit would be a quarter of its cost.
 */
#define LOOK_UPS_A_SECOND_IS_KEPT 16
static inline uint32_t store_second(struct store *store)
{
	if (likely_false(store->look_ups++ % LOOK_UPS_A_SECOND_IS_KEPT == 0)) {
		store->second = (uint32_t)store->host->wall_second(store->host->context);
	}
	return store->second;
}

static inline int64_t store_now(struct store *store) { return clock_now(&store->clock); }

/**
 * The shard's lock, with what was cleared since taken note of, so that versions given out from here on are newer.
 */
CACHE_MUST_CHECK enum cache_status shard_lock(const struct shard_ref *r);
/** Whoever has the lock has let it go. False: he is stopped. */
bool shard_await(const struct shard_ref *r);
static inline void shard_unlock(const struct shard_ref *r) { lock_release_own(r->self, &r->shard->lock); }
/** Notes a clear that nobody has noted in this shard yet. Under the lock. */
void shard_note_clear(const struct shard_ref *r);

/** Version for a new entry. Under the lock. */
static inline uint64_t shard_next_version(const struct shard_ref *r) { return r->shard->version += 2; }

/** Recovery of a dead participant: owner.recover of every store. */
bool store_recover(struct owner *self, uint32_t dead);
/**
 * Derives everything that is derived from what is true: see rebuild.c. `dead`: a participant whose pins do not count,
 * or NO_SLOT. With `newest_tags` every entry's checksum is verified, and it is raised to the highest sequence that the tags of
 * one note. Under the lock, or in the name of its dead owner.
 * False: no memory to work with, or the shard's very structure is damaged; then nothing was changed that matters.
 */
CACHE_MUST_CHECK bool shard_rebuild(const struct shard_ref *r, uint32_t dead, uint64_t *newest_tags);
/** The same by whoever attaches alone: CACHE_CORRUPT or CACHE_NO_MEMORY, since only what is damaged is to be thrown away. */
CACHE_MUST_CHECK enum cache_status shard_check(const struct shard_ref *r, uint64_t *newest_tags);
void shard_format(char *base, const struct geometry *geometry);

/** Where versions begin: those of two segments of the same name do not meet, since users may keep one. */
static inline uint64_t first_version(const struct shard_ref *r)
{
	return (uint64_t)r->self->segment->superblock->created_us << 8 & ((UINT64_C(1) << 61) - 2);
}

/** Frees blocks of ours that an earlier operation could neither publish nor free. */
enum cache_status store_settle_orphans(struct store *store);
/** And those in reserve whose shard's lock was taken when they were to be given back: for whoever leaves. */
enum cache_status store_settle_all(struct store *store);

/* ---- looking up without the lock ------------------------------------------------------------------------ */

struct found {
	struct shard_ref r;
	struct entry *entry;
	atomic_u64 *slot;
	uint64_t word;
	uint64_t layout;
	uint32_t pin;
};

/** Does the index name an entry that may have that key? Needs no slot, reads no entry: takes one of 65,000 others for it. */
bool lookup_tag(struct store *store, const struct store_key *key);
/** The entry with that key, pinned with `pin`. False: there is none, and the pin is clear. */
bool lookup_pinned(struct store *store, const struct store_key *key, uint32_t pin, struct found *found);

/** An entry with the words that go together, pinned or held; NULL: there is none. */
struct look {
	struct shard_ref r;
	struct entry *entry;
	uint32_t pin;
	bool held;
	bool token_is_good;    /* false: whoever works on the entry is stopped; its version may be one of a time to come */
	enum store_state state; /* MISSING also where there is no entry */
	uint64_t version;
	int64_t stamp;
	uint64_t word; /* of an integer: a value that it had while it was in that state */
};
/** Reads the words of `entry`, which is pinned, or the lock is held, and decides its state. */
void look_read(struct look *look);
void look_up(struct store *store, const struct store_key *key, struct look *look);
/**
 * The same; true: it is fresh, and not to be looked at `ahead` of its end, so that its words do not matter: it was taken as by
 * store_get().
 */
bool look_quickly(struct store *store, const struct store_key *key, bool ahead, struct look *look, struct store_view *view);
/** Unpins it. */
void look_drop(struct store *store, struct look *look);
/** Its value, counted as an access; whatever pin there is belongs to the view. state MISSING: no memory for a guest's copy. */
void look_view(struct store *store, struct look *look, struct store_view *view);

/* ---- views that are held ------------------------------------------------------------------------------- */

static inline uint32_t held_slot(uint64_t granule)
{
	return (uint32_t)(granule * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (HELD_SLOTS - 1);
}

/** Is the block there pinned by us until store_unpin_all()? */
static inline bool is_held(const struct store *store, uint64_t granule)
{
	uint64_t word = granule | (uint64_t)store->held_epoch << PLACE_BITS;

	if (store->held_count == 0) {
		return false;
	}
	for (uint32_t slot = held_slot(granule);; slot = (slot + 1) & (HELD_SLOTS - 1)) {
		if (store->held[slot] == word) {
			return true;
		}
		if (store->held[slot] >> PLACE_BITS != store->held_epoch) {
			return false;
		}
	}
}
void held_forget(struct store *store);

/** Was the entry of that version cleared? */
static inline bool version_cleared(const struct shard_ref *r, uint64_t version)
{
	const struct shard *s = r->shard;

	/*
	 * clear_version is written before clear_seen. If clear_seen lags, nothing was stored since the clear. An older
	 * generation than clear_seen is seen by those only who look at an entry from before that clear: who acquired a later one sees
	 * what its writer saw.
	 */
	return likely_false(load_relaxed(&r->self->segment->superblock->generation) != load_acquire(&s->clear_seen)) ||
	       version <= load_relaxed(&s->clear_version);
}

/**
 * Is an entry of that ttl and stamp, not invalidated and without tags, fresh for sure, by the second alone? To read the microseconds takes
 * two to ten times as long. False: it takes another look.
 */
bool fresh_by_second(const struct cache_host *host, uint32_t ttl, int64_t stamp_word);

/**
 * The state of an entry now, tags included. Reads the clock only if it has a ttl or a soft invalidation, and more of it than the second
 * only near a boundary.
 */
enum store_state entry_state_slow(const struct shard_ref *r, const struct entry *e, int64_t stamp_word);
static inline enum store_state entry_state_now(const struct shard_ref *r, const struct entry *e, int64_t stamp_word)
{
	if (likely_false((stamp_word & STAMP_DEAD) || version_cleared(r, load_relaxed(&e->version) & ~UINT64_C(1)))) {
		return STORE_STATE_MISSING;
	}
	return e->ttl == DURATION_FOREVER && stamp_word >= 0 && e->tags_size == 0 ? STORE_STATE_FRESH
	                                                                          : entry_state_slow(r, e, stamp_word);
}
/** Fresh or stale. */
static inline bool entry_is_there(const struct shard_ref *r, const struct entry *e)
{
	return entry_state_now(r, e, load_relaxed(&e->stamp)) != STORE_STATE_MISSING;
}
/** When it becomes stale and missing, tags included. False: a tag was invalidated hard. */
bool entry_times_now(const struct shard_ref *r, const struct entry *e, int64_t stamp_word, struct entry_times *times);

/**
 * A guest gives its slot back after each operation, so its views are copies, known by numbers from COPY_FIRST on. False:
 * no memory; then the view is gone as well.
 */
#define COPY_FIRST PINS_PER_PARTICIPANT
bool store_copy_view(struct store *store, struct store_view *view);
void store_drop_copies(struct store *store, uint32_t number);
#define ALL_COPIES UINT32_MAX

/*
 * Integers change in place, beside the stamp. One that is read after the state was found, with a stamp that still is the same then, was
 * there in that state: what is stale stays so until it gets another stamp, or another version, which freezes the stamp first. What
 * was found fresh was fresh when the number was put there; or it is one of a count that had found it fresh, too, and was under way
 * when its time was over or a tag was invalidated: that such a count may land later is said where cache_inc() is documented.
 */
static inline bool integer_goes_with(const struct entry *e, int64_t stamp)
{
	read_fence();
	return e->type != STORE_INT || load_relaxed(&e->stamp) == stamp;
}

/* Whoever holds a token of this kind holds none: versions begin far above it. */
#define TOKEN_OF_NOTHING 2u

/** The value of a pinned entry; of its pin nothing is said. */
void fill_view(const struct shard_ref *r, const struct entry *e, struct store_view *view);
/** The words of a pinned entry; false if it is past hard. */
bool describe_entry(const struct shard_ref *r, const struct entry *e, struct store_entry *out);

/** A free pin, or PINS_PER_PARTICIPANT. */
static inline uint32_t reading_pin(struct store *store)
{
	struct owner *o = &store->owner;

	if (likely_true(o->pin_free < PINS_PER_PARTICIPANT && (o->pin_free >= o->pin_count || load_relaxed(&o->pins[o->pin_free]) == 0))) {
		return o->pin_free;
	}
	return pin_find_free(o);
}

#endif
