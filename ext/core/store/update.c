/*
 * Integers that change in place: compare-and-swap on the word of a pinned entry, no lock. A frozen word means that
 * the entry is being moved: then, and for integers beyond 63 bits, the lock is taken.
 *
 * A swap that succeeds on an entry that was replaced or deleted since it was looked up is as good as one just before
 * that: the two operations overlap.
 */
#include "core/store/room.h"
#include "core/store/write.h"

/* What to do with an integer. */
struct update {
	bool compare;                  /* cas: only if it is `expected` */
	int64_t expected, operand;     /* cas: the new value; else the step */
	int64_t result;
	enum cache_status outcome;     /* of an update by moving */
};

static enum cache_status apply(struct update *u, int64_t value)
{
	if (u->compare) {
		u->result = u->operand;
		return value == u->expected ? CACHE_OK : CACHE_MISMATCH;
	}
	return __builtin_add_overflow(value, u->operand, &u->result) ? CACHE_OVERFLOW : CACHE_OK;
}

/* CACHE_EXISTS: it takes the lock. */
static enum cache_status update_word(struct entry *e, struct update *u)
{
	atomic_u64 *cell = entry_word(e);
	uint64_t word;

	if (e->type != STORE_INT) {
		return e->type == STORE_BIGINT ? CACHE_EXISTS : CACHE_WRONG_TYPE;
	}
	word = load_relaxed(cell);
	for (;;) {
		enum cache_status status;
		if (word & INT_FROZEN) {
			return CACHE_EXISTS;
		}
		status = apply(u, int_decode(word));
		if (status != CACHE_OK) {
			return status;
		}
		if (!int_fits_word(u->result)) {
			return CACHE_EXISTS;
		}
		if (cas(cell, &word, int_encode(u->result))) {
			return CACHE_OK;
		}
	}
}

static enum cache_status update_unlocked(struct store *store, const struct store_key *key, struct update *u)
{
	struct found f;
	uint32_t pin = reading_pin(store);
	enum cache_status status = CACHE_MISSING;

	if (pin == PINS_PER_PARTICIPANT) {
		return CACHE_EXISTS;
	}
	if (!lookup_pinned(store, key, pin, &f)) {
		return CACHE_MISSING;
	}
	if (entry_state_now(&f.r, f.entry, load_relaxed(&f.entry->stamp)) == STORE_STATE_FRESH) {
		status = update_word(f.entry, u);
	}
	pin_clear(&store->owner, pin);
	return status;
}

static int64_t chosen_value(void *context, int64_t value)
{
	struct update *u = context;

	/* Frozen by now: this is the value that counts. */
	u->outcome = apply(u, value);
	return u->outcome == CACHE_OK ? u->result : value;
}

/* The fresh entry of the key, or 0. Under the lock. */
static link_t find_fresh(const struct shard_ref *r, const struct store_key *key)
{
	atomic_u64 *slot = index_find(r, key);
	link_t link = slot_link(r, slot);

	if (link && entry_state_now(r, link_entry(r, link), load_relaxed(&link_entry(r, link)->stamp)) != STORE_STATE_FRESH) {
		return 0;
	}
	return link;
}

/* By moving the entry to a new block that holds the new integer. */
static enum cache_status update_by_moving(struct store *store, const struct shard_ref *r, const struct store_key *key,
                                          link_t link, struct update *u)
{
	uint64_t bytes = entry_bytes(link_entry(r, link));
	link_t target;

	if (room_take(r, bytes, false, store_now(store), &target) != ROOM_OK) {
		count(&store->owner, failed_memory);
		return CACHE_NO_MEMORY;
	}
	link = find_fresh(r, key);
	if (!link) {
		block_abandon(r, target, bytes); /* making room took the entry itself */
		return CACHE_MISSING;
	}
	bool moved = entry_relocate(r, link, target, chosen_value, u);
	index_change(r);
	return moved ? u->outcome : CACHE_MISSING;
}

static enum cache_status update_locked(struct store *store, const struct store_key *key, struct update *u)
{
	struct shard_ref r = shard_of(store, key->hash);
	enum cache_status status = shard_lock(&r);
	link_t link;

	if (status != CACHE_OK) {
		return status;
	}
	link = find_fresh(&r, key);
	status = link ? update_word(link_entry(&r, link), u) : CACHE_MISSING;
	if (status == CACHE_EXISTS) {
		status = update_by_moving(store, &r, key, link, u);
	}
	shard_unlock(&r);
	return status;
}

static enum cache_status update(struct store *store, const struct store_key *key, struct update *u)
{
	enum cache_status status = update_unlocked(store, key, u);

	if (likely_false(status == CACHE_EXISTS)) {
		status = update_locked(store, key, u);
	}
	if (status == CACHE_OK) {
		count(&store->owner, updates);
	}
	return status;
}

static enum cache_status add_first(struct store *store, const struct store_key *key, int64_t value, int64_t ttl_us)
{
	const struct store_item first = {.type = STORE_INT, .integer = value, .ttl_us = ttl_us};
	const struct write_condition absent = {.mode = STORE_ADD};

	return store_put_entered(store, key, &first, &absent);
}

enum cache_status store_increment(struct store *store, const struct store_key *key, int64_t step, int64_t ttl_us,
                                  int64_t *result)
{
	enum cache_status status;

	if (key->length == 0 || key->length > STORE_KEY_MAX) {
		return CACHE_BAD_KEY;
	}
	status = store_enter(store);
	if (status != CACHE_OK) {
		return status;
	}
	do {
		struct update u = {.operand = step};

		status = update(store, key, &u);
		*result = u.result;
		if (likely_false(status == CACHE_MISSING)) {
			/* Whoever adds first wins; the others find it. */
			status = add_first(store, key, step, ttl_us);
			*result = step;
		}
	} while (likely_false(status == CACHE_EXISTS));
	store_leave(store);
	return status;
}

enum cache_status store_cas(struct store *store, const struct store_key *key, int64_t expected, int64_t desired)
{
	struct update u = {.compare = true, .expected = expected, .operand = desired};
	enum cache_status status = store_enter(store);

	if (likely_true(status == CACHE_OK)) {
		status = update(store, key, &u);
		store_leave(store);
	}
	return status;
}
