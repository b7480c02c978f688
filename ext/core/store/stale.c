/*
 * Stale-while-revalidate: reading what is past its time, and deciding who rebuilds it.
 *
 * Reading and winning are one step: a lease is granted under the shard's lock only if the entry still is the one that was
 * read, or there still is none; else the look-up begins again. So whoever wins has the value that he is to replace, and a
 * value that was committed in between is seen by all who lost.
 */
#include "core/store/index.h"
#include "core/store/job_queue.h"
#include "core/store/lease.h"
#include "core/store/tag.h"
#include "core/store/write.h"

#include <stdlib.h>
#include <unistd.h>

/* A key that changes that often while somebody looks has enough who rebuild it. */
#define TRIES 16

/* ---- leases that we hold -------------------------------------------------------------------------------- */

/* Where it cannot be noted it ends by its deadline. */
static void hold(struct store *store, uint64_t hash, uint64_t sequence)
{
	/* Not by the slot: a guest has another one each time. */
	if (store->leases_process != getpid()) {
		store->leases_held = 0; /* a forked child */
		store->leases_process = getpid();
	}
	if (store->leases_held == store->leases_room) {
		uint32_t room = store->leases_room ? store->leases_room * 2 : 16;
		struct held_lease *grown = realloc(store->leases, room * sizeof *grown);
		if (!grown) {
			return;
		}
		store->leases = grown;
		store->leases_room = room;
	}
	store->leases[store->leases_held++] = (struct held_lease){hash, sequence};
}

/* Sequences are a shard's: two shards may have granted the same. */
static void forget(struct store *store, uint64_t hash, uint64_t sequence)
{
	for (uint32_t i = store->leases_held; i-- > 0;) {
		if (store->leases[i].hash == hash && store->leases[i].sequence == sequence) {
			store->leases[i] = store->leases[--store->leases_held];
			return;
		}
	}
}

/*
 * A writer voids leases, then publishes. So that nobody learns of a write by being refused, and then does not find it, whoever is told
 * that his lease does not stand waits for the lock once; not for long for one who is stopped, whose write comes later.
 */
static void await_writer(const struct shard_ref *r) { (void)shard_await(r); }

/* False: it did not stand any more. */
static bool release(struct store *store, uint64_t hash, uint64_t sequence)
{
	struct shard_ref r = shard_of(store, hash);
	struct lease *lease = lease_find(&r, hash);
	bool stood = lease && lease_is_good(&r, lease, sequence);

	if (lease && load_acquire(&lease->sequence) == sequence) {
		lease_end(store, &r, lease, sequence);
		if (lock_try(r.self, &r.shard->lock)) {
			lease_free(&r, hash);
			shard_unlock(&r);
		}
	}
	return stood;
}

void store_release_leases(struct store *store)
{
	if (store->leases_held == 0) {
		return;
	}
	if (store->leases_process == getpid() && store_enter(store) == CACHE_OK) {
		for (uint32_t i = 0; i < store->leases_held; i++) {
			release(store, store->leases[i].hash, store->leases[i].sequence);
			if (store->wake) {
				store_wake(store); /* one for each shard: store_leave() knows only the last */
			}
		}
		store_leave(store);
	}
	store->leases_held = 0;
}

/* ---- states --------------------------------------------------------------------------------------------- */

static inline bool looks_ahead(const struct store_ask *ask) { return ask->ahead_us != 0 || ask->ahead_millionths != 0; }

static enum store_state aging_state(struct store *store, const struct store_ask *ask, const struct shard_ref *r,
                                    const struct entry *e, int64_t stamp, enum store_state state)
{
	int64_t ttl = duration_us(e->ttl), ahead = ask->ahead_us;
	struct entry_times times;

	if (state != STORE_STATE_FRESH || ttl < 0) {
		return state;
	}
	if (ask->ahead_millionths) {
		/* Their product has up to 84 bits. */
		ahead = ttl / 1000000 * ask->ahead_millionths + ttl % 1000000 * ask->ahead_millionths / 1000000;
	}
	if (!entry_times_now(r, e, stamp, &times)) {
		return STORE_STATE_MISSING;
	}
	return store_now(store) >= times.soft_us - ahead ? STORE_STATE_AGING : STORE_STATE_FRESH;
}

/* ---- winning -------------------------------------------------------------------------------------------- */

enum won { WON_DECIDED, WON_AGAIN };

/*
 * Under the lock: is there still what was looked at, and is it still to be rebuilt? Then `look` has its words of now: it may have been
 * touched, an integer changed, and its time be over again.
 */
static bool is_unchanged(struct store *store, const struct store_ask *ask, struct look *look, const struct shard_ref *r,
                         struct entry *e)
{
	struct look now = {.r = *r, .entry = e, .state = STORE_STATE_MISSING};

	if (e) {
		look_read(&now);
	}
	if (e && looks_ahead(ask)) {
		now.state = aging_state(store, ask, r, e, now.stamp, now.state);
	}
	if (now.state == STORE_STATE_MISSING || look->state == STORE_STATE_MISSING) {
		return now.state == look->state;
	}
	/* Where it was moved, an integer may have been changed that the view would not show. */
	if (e != look->entry || now.version != look->version || now.state == STORE_STATE_FRESH) {
		return false;
	}
	look->stamp = now.stamp;
	look->state = now.state;
	look->word = now.word;
	return true;
}

static enum won win(struct store *store, const struct store_key *key, const struct store_ask *ask, struct look *look,
                    int64_t *lease)
{
	struct shard_ref r = shard_of(store, key->hash);
	struct lease *running = lease_find(&r, key->hash);
	uint64_t sequence;

	*lease = STORE_LEASE_RUNNING;
	if ((running && lease_in_force(store, &r, running, &sequence)) || shard_lock(&r) != CACHE_OK) {
		return WON_DECIDED;
	}
	link_t link = slot_link(&r, index_find(&r, key));
	struct entry *e = link ? link_entry(&r, link) : NULL;
	if (!is_unchanged(store, ask, look, &r, e)) {
		shard_unlock(&r);
		return WON_AGAIN;
	}
	running = lease_find(&r, key->hash);
	if (!running || !lease_looks_in_force(store, &r, running)) {
		sequence = lease_grant(store, &r, key->hash, look->state == STORE_STATE_MISSING ? NULL : e, ask->lease_ns);
		if (sequence) {
			hold(store, key->hash, sequence);
			*lease = (int64_t)sequence;
		}
	}
	shard_unlock(&r);
	return WON_DECIDED;
}

/* ---- the functions -------------------------------------------------------------------------------------- */

static void count_answer(struct store *store, const struct look *look, enum store_state state)
{
	struct owner *o = &store->owner;

	switch (state) {
	case STORE_STATE_STALE:
		count(o, stale_hits);
		break;
	case STORE_STATE_AGING:
		count(o, aging_hits);
		count(o, hits);
		break;
	case STORE_STATE_FRESH:
		count(o, hits);
		break;
	case STORE_STATE_MISSING:
		if (look->entry) {
			count(o, misses_expired);
		} else {
			count(o, misses_absent);
		}
	}
}

/* Is it, or will it be, somebody else's business? A job is pushed only if nobody has the lease. */
static bool is_left_to_queue(struct store *store, const struct store_key *key, const struct store_ask *ask,
                             const struct look *look)
{
	struct shard_ref r;
	struct lease *running;
	uint64_t sequence;

	if (!ask->queue || (look->state == STORE_STATE_MISSING && !ask->queue_missing)) {
		return false;
	}
	r = shard_of(store, key->hash);
	running = lease_find(&r, key->hash);
	return (running && lease_in_force(store, &r, running, &sequence)) || queue_want(store, ask->queue, key);
}

/* Looks again until it is decided who rebuilds. `look` is what the first look has found. */
static void decide(struct store *store, const struct store_key *key, const struct store_ask *ask, struct look *look,
                   struct store_answer *answer)
{
	for (int tries = 1;; tries++) {
		if (look->entry && looks_ahead(ask)) {
			look->state = aging_state(store, ask, &look->r, look->entry, look->stamp, look->state);
		}
		if (look->state != STORE_STATE_FRESH && is_left_to_queue(store, key, ask, look)) {
			answer->lease = STORE_LEASE_RUNNING;
			return;
		}
		if (look->state == STORE_STATE_FRESH || ask->lease_ns == 0) {
			answer->lease = 0;
			return;
		}
		if (win(store, key, ask, look, &answer->lease) == WON_DECIDED) {
			return;
		}
		if (tries == TRIES) {
			answer->lease = STORE_LEASE_RUNNING;
			return;
		}
		look_drop(store, look);
		look_up(store, key, look);
	}
}

static enum cache_status answer_with(struct store *store, struct look *look, struct store_view *view,
                                     struct store_answer *answer)
{
	count_answer(store, look, look->state);
	if (look->state == STORE_STATE_MISSING) {
		look_drop(store, look);
	} else {
		look_view(store, look, view);
	}
	answer->state = look->state;
	return look->state == STORE_STATE_MISSING ? CACHE_MISSING : CACHE_OK;
}

enum cache_status store_get_stale(struct store *store, const struct store_key *key, const struct store_ask *ask,
                                  struct store_view *view, struct store_answer *answer)
{
	struct look look;
	enum cache_status status = store_enter(store);

	answer->state = STORE_STATE_MISSING;
	answer->lease = 0;
	if (likely_false(status != CACHE_OK)) {
		return status;
	}
	if (likely_true(look_quickly(store, key, looks_ahead(ask), &look, view))) {
		answer->state = STORE_STATE_FRESH;
	} else {
		decide(store, key, ask, &look, answer);
		status = answer_with(store, &look, view, answer);
	}
	store_leave(store);
	return status;
}

int64_t store_lease(struct store *store, const struct store_key *key, uint64_t ttl_ns)
{
	struct shard_ref r;
	struct lease *running;
	uint64_t sequence = 0;

	if (store_enter(store) != CACHE_OK) {
		return 0;
	}
	r = shard_of(store, key->hash);
	running = lease_find(&r, key->hash);
	if (!(running && lease_in_force(store, &r, running, &sequence)) && shard_lock(&r) == CACHE_OK) {
		link_t link = slot_link(&r, index_find(&r, key));
		struct entry *e = link ? link_entry(&r, link) : NULL;
		running = lease_find(&r, key->hash);
		sequence = 0;
		if (!running || !lease_looks_in_force(store, &r, running)) {
			bool there = e && entry_is_there(&r, e);
			sequence = lease_grant(store, &r, key->hash, there ? e : NULL, ttl_ns);
		}
		shard_unlock(&r);
		if (sequence) {
			hold(store, key->hash, sequence);
		}
	} else {
		sequence = 0;
	}
	store_leave(store);
	return (int64_t)sequence;
}

bool store_lease_extend(struct store *store, const struct store_key *key, uint64_t sequence, uint64_t ttl_ns)
{
	struct shard_ref r;
	bool extended = false;

	if (sequence == 0 || store_enter(store) != CACHE_OK) {
		return false;
	}
	r = shard_of(store, key->hash);
	if (shard_lock(&r) == CACHE_OK) {
		struct lease *lease = lease_find(&r, key->hash);
		extended = lease && lease_is_good(&r, lease, sequence);
		if (extended) {
			lease_prolong(store, lease, ttl_ns);
		}
		shard_unlock(&r);
	}
	store_leave(store);
	return extended;
}

bool store_lease_release(struct store *store, const struct store_key *key, uint64_t sequence)
{
	struct shard_ref r;
	bool stood;

	if (sequence == 0 || store_enter(store) != CACHE_OK) {
		return false;
	}
	stood = release(store, key->hash, sequence);
	forget(store, key->hash, sequence);
	if (!stood) {
		r = shard_of(store, key->hash);
		await_writer(&r);
	}
	store_leave(store);
	return stood;
}

void store_lease_void(struct store *store, const struct store_key *key)
{
	bool entered = store_enter(store) == CACHE_OK;
	struct shard_ref r = shard_of(store, key->hash);

	if (!entered) {
		lease_void_unlocked(store, &r, key->hash);
		store_leave(store);
	} else {
		if (shard_lock(&r) == CACHE_OK) {
			lease_void(store, &r, key->hash);
			shard_unlock(&r);
		} else {
			lease_void_unlocked(store, &r, key->hash);
		}
		store_leave(store);
	}
}

bool store_lease_get(struct store *store, const struct store_key *key, struct store_lease_info *info)
{
	struct shard_ref r;
	struct lease *lease;
	uint64_t sequence, now;
	bool found = false;

	if (store_enter(store) != CACHE_OK) {
		return false;
	}
	r = shard_of(store, key->hash);
	lease = lease_find(&r, key->hash);
	if (lease && lease_in_force(store, &r, lease, &sequence)) {
		now = store->host->monotonic_ns(store->host->context);
		info->owner = load_relaxed(&lease->slot);
		info->mine = !store->owner.guest && info->owner == store->owner.slot;
		info->left_ns = load_relaxed(&lease->deadline_ns) > now ? load_relaxed(&lease->deadline_ns) - now : 0;
		found = load_acquire(&lease->sequence) == sequence;
	}
	store_leave(store);
	return found;
}

enum cache_status store_commit(struct store *store, const struct store_key *key, uint64_t sequence,
                               const struct store_item *item)
{
	struct write_condition condition = {.mode = STORE_COMMIT, .token = sequence};
	struct shard_ref r;
	struct lease *lease;
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		return status;
	}
	r = shard_of(store, key->hash);
	lease = lease_find(&r, key->hash);
	if (!lease || !lease_is_good(&r, lease, sequence)) {
		count(&store->owner, commits_refused);
		status = CACHE_MISMATCH;
		await_writer(&r);
	} else {
		/* Of this lease, or of a later one: then the commit finds under the lock that its own is gone. */
		condition.tag_sequence = load_relaxed(&lease->tag_sequence);
		status = store_put_entered(store, key, item, &condition);
	}
	if (status == CACHE_OK) {
		count(&store->owner, commits);
	} else if (sequence) {
		release(store, key->hash, sequence);
	}
	forget(store, key->hash, sequence);
	store_leave(store);
	return status;
}
