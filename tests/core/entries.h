/*
 * Entries with durations, stamps and tags; and what is there of them.
 */
#ifndef CACHE_TESTS_CORE_ENTRIES_H
#define CACHE_TESTS_CORE_ENTRIES_H

#include "support.h"

#define MS INT64_C(1000)
#define SECOND (1000 * MS)
#define NS_PER_MS UINT64_C(1000000)

/** A text with durations, stamp 0 (now) and tags, which are separated by blanks; "": none. */
struct store_item item_lasting(const char *text, int64_t ttl_us, int64_t stale_ttl_us, const char *tags);
/** Gives an item these tags; they stand in one of some static buffers. */
void item_tag(struct store_item *item, const char *tags);
void put_lasting(struct store *store, const char *key, const char *text, int64_t ttl_us, int64_t stale_ttl_us,
                 const char *tags);
enum cache_status put_item(struct store *store, const char *key, const struct store_item *item);

void invalidate_tags(struct store *store, const char *tags, bool hard);

/** The state, in which all functions that read must agree. Not beside writers. */
enum store_state state_of(struct store *store, const char *key);
#define CHECK_STATE(store, key, expected) CHECK_EQ(state_of((store), (key)), (expected))

/** What store_inspect() tells, and the address; all 0 if there is no entry. */
struct words {
	uint64_t version, token, lock;
	int64_t stamp_us, soft_us, hard_us;
	uint32_t accessed, hits_class;
	enum store_state state;
	const char *at;
};
struct words words_of(struct store *store, const char *key);
/** By store_gets(): 0 if it is not fresh. */
uint64_t token_at(struct store *store, const char *key);

/** Asks for the value and the lease, for 30 s. */
int64_t ask_for_lease(struct store *store, const char *key);
enum cache_status commit_text(struct store *store, const char *key, int64_t lease, const char *text);

enum cache_status delete_at(struct store *store, const char *key);
enum cache_status mark_at(struct store *store, const char *key);

/** A child that takes that lock and stops; it lets go of it when it goes on. */
struct owner_lock;
pid_t stop_with_lock(struct owner_lock *(*lock_of)(struct store *store));
struct owner_lock *first_shard_lock(struct store *store);
struct owner_lock *tag_lock(struct store *store);

#endif
