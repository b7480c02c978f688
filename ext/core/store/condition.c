/*
 * Conditions of a write, decided under the shard's lock in the critical section that publishes.
 *
 * Stamps and integers change without that lock. What is compared is frozen first, so that it still is what was compared when
 * the new block is published; whoever changes such a word meets the frozen one, comes through the lock, and finds the new.
 * Who invalidates without the lock marks the slot's word then, by CAS, which is what the publisher looks at.
 */
#include "core/store/lease.h"
#include "core/store/tag.h"
#include "core/store/write.h"

static bool is_there(const struct write *w, const struct entry *old)
{
	return old && entry_is_there(&w->r, old);
}

static void freeze_integer(struct entry *old)
{
	if (old->type == STORE_INT) {
		(void)rmw_or(entry_word(old), INT_FROZEN);
	}
}

void write_condition_undo(struct entry *old)
{
	if (old->type == STORE_INT && (load_relaxed(entry_word(old)) & INT_FROZEN)) {
		rmw_and(entry_word(old), ~INT_FROZEN);
	}
	if (load_relaxed(&old->stamp) & STAMP_FROZEN) {
		rmw_and(&old->stamp, ~STAMP_FROZEN);
	}
}

/* As absent counts what is not fresh. */
static bool is_absent(const struct write *w, const struct entry *old)
{
	return !old || entry_state_now(&w->r, old, load_relaxed(&old->stamp)) != STORE_STATE_FRESH;
}

static bool has_token(const struct write *w, struct entry *old, uint64_t token)
{
	if (!is_there(w, old)) {
		return token == 0;
	}
	freeze_integer(old);
	return entry_token(w->store->segment, old) == token;
}

/* The stamp that is stored, or at which it was invalidated, is no later than ours. */
static bool is_newer(const struct write *w, struct entry *old)
{
	int64_t stamp = old ? load_relaxed(&old->stamp) : 0;

	/* The clock of now: since the write began, its process may have been stopped for long. */
	return !is_there(w, old) || !stamp_is_later(stamp, w->stamp_us, store_now(w->store));
}

/* The entry may have been evicted meanwhile; but if it is there, it must be the one that the lease was granted for. */
static bool lease_permits(const struct write *w, struct entry *old)
{
	struct lease *lease = lease_find(&w->r, w->key->hash);
	uint32_t tags = w->item->tags_size ? tag_word_count(w->tags.words[0]) : 0;

	return lease && lease_is_good(&w->r, lease, w->condition->token) &&
	       !tag_any_since(w->store->segment, w->tags.words + 1, tags, load_relaxed(&lease->tag_sequence)) &&
	       (!is_there(w, old) || has_token(w, old, load_relaxed(&lease->token)));
}

static bool has_wanted_token(const struct write *w, struct entry *old)
{
	if (!w->condition->has_token) {
		return true;
	}
	return w->condition->token ? has_token(w, old, w->condition->token) : is_absent(w, old);
}

static bool holds(const struct write *w, struct entry *old)
{
	switch (w->condition->mode) {
	case STORE_SET:
		return true;
	case STORE_ADD:
		return is_absent(w, old);
	case STORE_IF_TOKEN:
		return has_token(w, old, w->condition->token);
	case STORE_IF_NEWER:
		return has_wanted_token(w, old) && is_newer(w, old);
	case STORE_COMMIT:
		return lease_permits(w, old);
	}
	return false;
}

enum cache_status write_condition(const struct write *w, struct entry *old)
{
	struct owner *o = &w->store->owner;

	if (old) {
		(void)rmw_or(&old->stamp, STAMP_FROZEN);
	}
	if (holds(w, old)) {
		return CACHE_OK;
	}
	if (old) {
		write_condition_undo(old);
	}
	if (w->condition->mode == STORE_ADD) {
		count(o, adds_refused);
		return CACHE_EXISTS;
	}
	if (w->condition->mode == STORE_COMMIT) {
		count(o, commits_refused);
	} else {
		count(o, stores_lost);
	}
	return CACHE_MISMATCH;
}
