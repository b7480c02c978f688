#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "core/store/lease.h"

#include <limits.h>

#include "core/shm/futex.h"
#include "core/store/tag.h"

static struct lease_set *set_of(const struct shard_ref *r, uint64_t hash)
{
	return lease_set_number(r, hash >> 32 & (r->geometry->lease_sets - 1));
}

/* Tables know hashes of keys by a number that is not 0. */
static uint64_t mark_of(uint64_t hash)
{
	return hash ? hash : 1;
}

/* ---- looking -------------------------------------------------------------------------------------------- */

struct lease *lease_find(const struct shard_ref *r, uint64_t hash)
{
	struct lease_set *set = set_of(r, hash);

	for (uint32_t i = 0; i < LEASE_WAYS; i++) {
		/* take_slot() publishes the hash after it has ended the lease that was there: none of another key is taken for ours. */
		if (load_acquire(&set->hashes[i]) == mark_of(hash)) {
			return &set->leases[i];
		}
	}
	return NULL;
}

bool lease_is_good(const struct shard_ref *r, const struct lease *lease, uint64_t sequence)
{
	uint64_t tags[STORE_TAGS_MAX];
	uint32_t count;
	uint64_t tag_sequence;

	if (sequence == 0 || load_acquire(&lease->sequence) != sequence || version_cleared(r, sequence)) {
		return false;
	}
	count = load_relaxed(&lease->tag_count);
	tag_sequence = load_relaxed(&lease->tag_sequence);
	for (uint32_t i = 0; i < count && i < STORE_TAGS_MAX; i++) {
		tags[i] = load_relaxed(&lease->tags[i]);
	}
	read_fence(); /* with the write_fence() of lease_grant() */
	return load_relaxed(&lease->sequence) == sequence &&
	       (count == 0 || !tag_any_since(r->self->segment, tags, count < STORE_TAGS_MAX ? count : STORE_TAGS_MAX, tag_sequence));
}

/* Has the slot of its owner another owner by now, or none? */
static bool owner_is_known_dead(const struct segment *s, const struct lease *lease)
{
	uint32_t slot = load_relaxed(&lease->slot);
	const struct participant *record;

	if (slot == NO_SLOT) {
		return false;
	}
	if (slot >= s->geometry.participants || segment_slot_from(s, slot) != slot) {
		return true; /* damage: it was never used */
	}
	record = segment_participant(s, slot);
	return load_acquire(&record->state) != SLOT_USED || load_relaxed(&record->incarnation) != load_relaxed(&lease->incarnation);
}

/* A system call now and then; whoever is seen dead is recovered, which frees his slot. */
static bool owner_dies(struct store *store, struct lease *lease, uint64_t now)
{
	uint64_t checked = load_relaxed(&lease->checked_ns);

	return load_relaxed(&lease->slot) != NO_SLOT && now - checked >= LEASE_CHECK_NS && cas(&lease->checked_ns, &checked, now) &&
	       owner_reap(&store->owner, load_relaxed(&lease->slot));
}

/* As far as one can tell under the shard's lock. */
static bool looks_in_force(const struct shard_ref *r, const struct lease *lease, uint64_t now)
{
	return lease_is_good(r, lease, load_acquire(&lease->sequence)) && now < load_relaxed(&lease->deadline_ns) &&
	       !owner_is_known_dead(r->self->segment, lease);
}

bool lease_in_force(struct store *store, const struct shard_ref *r, struct lease *lease, uint64_t *sequence)
{
	uint64_t now = store->host->monotonic_ns(store->host->context);

	*sequence = load_acquire(&lease->sequence);
	return looks_in_force(r, lease, now) && !owner_dies(store, lease, now);
}

bool lease_looks_in_force(struct store *store, const struct shard_ref *r, const struct lease *lease)
{
	return looks_in_force(r, lease, store->host->monotonic_ns(store->host->context));
}

/* ---- granting and ending -------------------------------------------------------------------------------- */

/* A slot of the set for the key: its own, a free one, or one whose lease is not in force any more. */
static struct lease *take_slot(struct store *store, const struct shard_ref *r, uint64_t hash)
{
	struct lease_set *set = set_of(r, hash);
	struct lease *own = lease_find(r, hash);
	uint64_t now = store->host->monotonic_ns(store->host->context);

	if (own) {
		return own;
	}
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < LEASE_WAYS; i++) {
			uint64_t there = load_relaxed(&set->hashes[i]);
			bool usable = pass == 0 ? there == 0 || load_relaxed(&set->leases[i].sequence) == 0
			                        : !looks_in_force(r, &set->leases[i], now);
			if (usable) {
				lease_end(store, r, &set->leases[i], load_relaxed(&set->leases[i].sequence));
				atomic_fetch_add(&r->shard->leases, there == 0);
				publish(&set->hashes[i], mark_of(hash));
				return &set->leases[i];
			}
		}
	}
	return NULL;
}

static uint64_t deadline(uint64_t now, uint64_t ttl_ns)
{
	return ttl_ns < UINT64_MAX - now ? now + ttl_ns : UINT64_MAX;
}

void lease_prolong(struct store *store, struct lease *lease, uint64_t ttl_ns)
{
	store_relaxed(&lease->deadline_ns, deadline(store->host->monotonic_ns(store->host->context), ttl_ns));
}

static void note_tags(struct lease *lease, const struct entry *e)
{
	uint32_t count = e ? entry_tag_count(e) : 0;

	for (uint32_t i = 0; i < count; i++) {
		store_relaxed(&lease->tags[i], load_word(entry_tags(e) + (1 + i) * sizeof(uint64_t)));
	}
	store_relaxed(&lease->tag_count, count);
}

uint64_t lease_grant(struct store *store, const struct shard_ref *r, uint64_t hash, const struct entry *e, uint64_t ttl_ns)
{
	struct owner *o = &store->owner;
	struct lease *lease = take_slot(store, r, hash);
	uint64_t now = store->host->monotonic_ns(store->host->context), sequence;

	if (!lease) {
		count(o, leases_refused);
		return 0;
	}
	if (load_relaxed(&lease->sequence) != 0) {
		count(o, leases_taken_over);
		lease_end(store, r, lease, load_relaxed(&lease->sequence));
	}
	sequence = shard_next_version(r);
	/* Who reads the fields without the lock sees that the sequence changed. Where somebody else has ended it, we have read the 0. */
	write_fence();
	store_relaxed(&lease->token, e ? entry_token(o->segment, e) : 0);
	store_relaxed(&lease->tag_sequence, tag_sequence(o->segment));
	store_relaxed(&lease->deadline_ns, deadline(now, ttl_ns));
	store_relaxed(&lease->checked_ns, now);
	store_relaxed(&lease->slot, o->guest ? NO_SLOT : o->slot);
	store_relaxed(&lease->incarnation, load_relaxed(&o->record->incarnation));
	note_tags(lease, e);
	publish(&lease->sequence, sequence); /* the commit */
	count(o, leases_granted);
	return sequence;
}

bool lease_end(struct store *store, const struct shard_ref *r, struct lease *lease, uint64_t sequence)
{
	if (sequence == 0 || !cas(&lease->sequence, &sequence, 0)) {
		return false;
	}
	if (rmw_exchange(&lease->waited_for, 0)) {
		rmw_add(&lease_table(r)->event, 1);
		store->wake = &lease_table(r)->event;
	}
	return true;
}

void lease_void_found(struct store *store, const struct shard_ref *r, uint64_t hash)
{
	struct lease *lease = lease_find(r, hash);

	if (lease) {
		lease_end(store, r, lease, load_relaxed(&lease->sequence));
		lease_free(r, hash);
	}
}

void lease_free(const struct shard_ref *r, uint64_t hash)
{
	struct lease_set *set = set_of(r, hash);

	for (uint32_t i = 0; i < LEASE_WAYS; i++) {
		if (load_relaxed(&set->hashes[i]) == mark_of(hash) && load_relaxed(&set->leases[i].sequence) == 0) {
			publish(&set->hashes[i], 0);
			atomic_fetch_sub(&r->shard->leases, 1);
		}
	}
}

void lease_void_unlocked(struct store *store, const struct shard_ref *r, uint64_t hash)
{
	struct lease *lease = lease_find(r, hash);

	if (lease) {
		/* If it was ended by a commit, the entry that this inserted is seen: this load, or the exchange that fails, acquires that end. */
		lease_end(store, r, lease, load_acquire(&lease->sequence));
	}
}

/* ---- waiting -------------------------------------------------------------------------------------------- */

void store_wake(struct store *store)
{
	(void)futex_wake(store->wake, INT_MAX, FUTEX_ALL);
	store->wake = NULL;
}

bool store_lease_wait(struct store *store, const struct store_key *key, uint64_t wait_ns)
{
	struct shard_ref r;
	struct lease *lease;
	uint64_t sequence;
	uint32_t event;

	if (wait_ns == 0 || store_enter(store) != CACHE_OK) {
		return false;
	}
	r = shard_of(store, key->hash);
	lease = lease_find(&r, key->hash);
	if (lease && lease_in_force(store, &r, lease, &sequence)) {
		event = load_acquire(&lease_table(&r)->event);
		(void)rmw_exchange(&lease->waited_for, 1);
		/*
		 * Who ended it before he could see the mark has stored its end before: it is seen here. No fence: both exchange the mark, and
		 * of two read-modify-writes of one word the later reads the earlier. The event is read first: if it is ours that is
		 * taken away, it is counted up after that.
		 */
		if (load_acquire(&lease->sequence) == sequence) {
			store_leave(store);
			futex_sleep(&lease_table(&r)->event, event, FUTEX_ALL, wait_ns < LEASE_SLICE_NS ? wait_ns : LEASE_SLICE_NS);
			return true;
		}
	}
	store_leave(store);
	return false;
}

/* ---- recovery ------------------------------------------------------------------------------------------- */

void lease_rebuild(const struct shard_ref *r)
{
	uint32_t used = 0;

	for (uint32_t number = 0; number < r->geometry->lease_sets; number++) {
		struct lease_set *set = lease_set_number(r, number);
		for (uint32_t i = 0; i < LEASE_WAYS; i++) {
			if (load_relaxed(&set->leases[i].sequence) == 0) {
				publish(&set->hashes[i], 0);
			}
			used += load_relaxed(&set->hashes[i]) != 0;
		}
	}
	store_relaxed(&r->shard->leases, used);
}

void lease_forget_all(const struct shard_ref *r)
{
	memset((void *)(lease_table(r) + 1), 0, r->geometry->lease_stride - sizeof(struct lease_table));
	store_relaxed(&r->shard->leases, 0);
}
