/*
 * The words of an entry that change in place without the shard's lock: its stamp and the application's lock word.
 *
 * Each change is one compare-and-swap on the word of a pinned entry. One that succeeds on an entry that was replaced or
 * deleted since it was looked up is as good as one just before that. A frozen word means that the entry is being moved,
 * replaced or marked: then the lock is taken, under which no word is frozen.
 */
#include "core/store/index.h"
#include "core/store/internal.h"
#include "core/store/store.h"
#include "core/store/tag.h"

/* What to do with a word. CACHE_EXISTS: it is frozen. */
typedef enum cache_status change_word(const struct shard_ref *r, struct entry *e, const void *context);

static enum cache_status change_locked(struct store *store, const struct store_key *key, change_word *change,
                                       const void *context)
{
	struct shard_ref r = shard_of(store, key->hash);
	enum cache_status status = shard_lock(&r);
	link_t link;

	if (status != CACHE_OK) {
		return status;
	}
	link = slot_link(&r, index_find(&r, key));
	status = link ? change(&r, link_entry(&r, link), context) : CACHE_MISSING;
	invariant(status != CACHE_EXISTS);
	shard_unlock(&r);
	return status;
}

static inline __attribute__((always_inline)) enum cache_status change_entry(struct store *store, const struct store_key *key, change_word *change,
                                      change_word *change_under_lock, const void *context)
{
	struct found f;
	uint32_t pin = reading_pin(store);
	enum cache_status status = CACHE_EXISTS;

	if (likely_true(pin < PINS_PER_PARTICIPANT)) {
		if (!lookup_pinned(store, key, pin, &f)) {
			return CACHE_MISSING;
		}
		status = change(&f.r, f.entry, context);
		pin_clear(&store->owner, pin);
	}
	return likely_true(status != CACHE_EXISTS) ? status : change_locked(store, key, change_under_lock, context);
}

/* ---- the stamp ------------------------------------------------------------------------------------------ */

struct touch {
	const struct store_touch *wanted;
	int64_t new_us;
};

/* Before hard, and no tag is outdated: no stamp makes up for that. */
static bool may_be_renewed(const struct shard_ref *r, const struct entry *e, int64_t stamp)
{
	struct tag_verdict verdict;

	if (entry_state_now(r, e, stamp) == STORE_STATE_MISSING) {
		return false;
	}
	verdict = tag_judge_entry(r->self->segment, e);
	return !verdict.soft && !verdict.hard;
}

/* Only what no tag has outdated is renewed: see above. */
static uint64_t renewed_token(const struct entry *e) { return entry_token_by(e, 0); }

/* An integer's token holds its value, which others change: it is frozen while the stamp is exchanged, under the lock. */
static bool has_token(const struct store_touch *wanted, struct entry *e)
{
	if (e->type == STORE_INT) {
		(void)rmw_or(entry_word(e), INT_FROZEN);
	}
	return renewed_token(e) == wanted->token;
}

static void thaw_integer(struct entry *e)
{
	if (e->type == STORE_INT) {
		rmw_and(entry_word(e), ~INT_FROZEN);
	}
}

/* When the entry is gone with the new stamp, if that is earlier than with the old one; else INT64_MAX. */
static int64_t nearer_expiry(const struct entry *e, int64_t stamp, int64_t new_us)
{
	struct entry_times before, after;

	if (stamp >= 0 && (e->ttl == DURATION_FOREVER || new_us >= stamp_decode(stamp))) {
		return INT64_MAX;
	}
	entry_times(e, stamp, &before);
	entry_times(e, stamp_encode(new_us), &after);
	return after.hard_us < before.hard_us ? after.hard_us : INT64_MAX;
}

static inline enum cache_status exchange_stamp(const struct shard_ref *r, struct entry *e, const struct touch *touch)
{
	const struct store_touch *wanted = touch->wanted;
	int64_t stamp = load_acquire(&e->stamp);
	int64_t nearer;

	do {
		if (stamp & STAMP_FROZEN) {
			return CACHE_EXISTS;
		}
		if (!may_be_renewed(r, e, stamp)) {
			return CACHE_MISSING;
		}
		if (wanted->any ? stamp < 0 : stamp_decode(stamp) != wanted->expected_us) {
			return CACHE_MISMATCH;
		}
		/* Read after the stamp: who gives the entry a new version changes the stamp as well. */
		if (wanted->has_token && renewed_token(e) != wanted->token) {
			return CACHE_MISMATCH;
		}
		nearer = nearer_expiry(e, stamp, touch->new_us);
		if (likely_false(nearer != INT64_MAX)) {
			index_note_expiry(r, e->hash, nearer); /* before it: we may be killed after it */
		}
	} while (!cas(&e->stamp, &stamp, stamp_encode(touch->new_us)));
	if (likely_false(nearer != INT64_MAX)) {
		index_note_expiry_unlocked(r, e->hash, nearer); /* a sweep in between has raised it */
	}
	return CACHE_OK;
}

static enum cache_status touch_entry(const struct shard_ref *r, struct entry *e, const void *context)
{
	const struct touch *touch = context;

	return touch->wanted->has_token && e->type == STORE_INT ? CACHE_EXISTS : exchange_stamp(r, e, touch);
}

/* Under the lock. */
static enum cache_status touch_entry_locked(const struct shard_ref *r, struct entry *e, const void *context)
{
	const struct touch *touch = context;
	enum cache_status status;

	if (!touch->wanted->has_token) {
		return exchange_stamp(r, e, touch);
	}
	status = has_token(touch->wanted, e) ? exchange_stamp(r, e, touch) : CACHE_MISMATCH;
	thaw_integer(e);
	return status;
}

/*
 * A time to come is now. The coarse clock lags, so what it calls past is past; the other one costs as much as all the rest. What was past
 * when we looked at a clock last is past without another look.
 */
static int64_t stamp_for(struct store *store, int64_t wanted_us)
{
	int64_t now;

	if (wanted_us != 0 && (wanted_us < (int64_t)store->second * 1000000 || wanted_us <= store->host->wall_coarse_us(store->host->context))) {
		return wanted_us;
	}
	now = store_now(store);
	return wanted_us != 0 && wanted_us < now ? wanted_us : now;
}

enum cache_status store_touch(struct store *store, const struct store_key *key, const struct store_touch *wanted)
{
	struct touch touch = {.wanted = wanted};
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		return status;
	}
	touch.new_us = stamp_for(store, wanted->new_us);
	status = change_entry(store, key, touch_entry, touch_entry_locked, &touch);
	if (status == CACHE_OK) {
		count(&store->owner, touches);
	} else {
		count(&store->owner, touches_refused);
	}
	store_leave(store);
	return status;
}

/* ---- the application's lock word ------------------------------------------------------------------------ */

struct exchange {
	uint64_t expected, desired;
};

/* A word that is not in use is 0, and becomes one that is under the lock: see LOCK_USED. */
static enum cache_status exchange_word(struct entry *e, const struct exchange *x, bool locked)
{
	uint64_t word = load_relaxed(&e->lock);

	do {
		if ((word & LOCK_FROZEN) || (!(word & LOCK_USED) && !locked)) {
			return CACHE_EXISTS;
		}
		if ((word & ~LOCK_USED) != x->expected) {
			return CACHE_MISMATCH;
		}
	} while (!cas(&e->lock, &word, x->desired | LOCK_USED));
	return CACHE_OK;
}

static enum cache_status change_lock(const struct shard_ref *r, struct entry *e, const void *context)
{
	return entry_is_there(r, e) ? exchange_word(e, context, false) : CACHE_MISSING;
}

static enum cache_status change_lock_locked(const struct shard_ref *r, struct entry *e, const void *context)
{
	return entry_is_there(r, e) ? exchange_word(e, context, true) : CACHE_MISSING;
}

enum cache_status store_cas_lock(struct store *store, const struct store_key *key, uint64_t expected, uint64_t desired)
{
	struct exchange x = {expected, desired};
	enum cache_status status = store_enter(store);

	if (status == CACHE_OK) {
		status = change_entry(store, key, change_lock, change_lock_locked, &x);
		store_leave(store);
	}
	return status;
}
