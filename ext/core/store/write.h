/*
 * What the files that write share: a write under way, the conditions that it may have, taking entries out.
 */
#ifndef CACHE_CORE_WRITE_H
#define CACHE_CORE_WRITE_H

#include "core/store/internal.h"

/* When a value is stored at all. */
struct write_condition {
	enum store_mode mode;
	bool has_token;
	uint64_t token;        /* STORE_IF_TOKEN, STORE_IF_NEWER; of a commit: the lease */
	uint64_t tag_sequence; /* STORE_COMMIT: what stood at the grant */
};

/* What a write carries along. */
struct write {
	struct store *store;
	struct shard_ref r;
	const struct store_key *key;
	const struct store_item *item;
	const struct write_condition *condition;
	unsigned type;
	uint32_t class;
	int64_t now_us, stamp_us;
	uint64_t bytes;
	struct tag_head tags; /* if the item has some */
};

/**
 * May the value be stored over `old` (NULL: there is no entry)? Under the lock, by all modes but STORE_SET. Words of `old`
 * that others change without the lock, and that the answer rests on, are frozen if it is yes, until `old` is retired or
 * write_condition_undo() was called. CACHE_EXISTS: an add is refused; CACHE_MISMATCH: something else was expected.
 */
CACHE_MUST_CHECK enum cache_status write_condition(const struct write *w, struct entry *old);
void write_condition_undo(struct entry *old);

/** Lets a test in. */
static inline void write_fault(struct store *store, enum cache_fault point)
{
	if (likely_false(store->host->fault != NULL)) {
		store->host->fault(store->host->context, point);
	}
}

/** Fills a block that nobody else knows, without the lock: see fill.c. */
void block_fill(const struct write *w, struct entry *e);
/** Frees what it keeps. */
void fill_close(struct store *store);

/** A pin of a writer that is free. */
bool free_writer_pin(struct store *store, uint32_t *pin);
/** Takes an entry out. Under the lock. */
void entry_remove(const struct shard_ref *r, atomic_u64 *slot, link_t link);
/** After the patience: the entry is dead, its lease void. Returns whether there was one before hard. */
bool invalidate_without_lock(struct store *store, const struct store_key *key);

CACHE_MUST_CHECK enum cache_status store_put_entered(struct store *store, const struct store_key *key,
                                                     const struct store_item *item, const struct write_condition *condition);

#endif
