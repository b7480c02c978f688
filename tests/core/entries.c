#include "entries.h"

#include <signal.h>

#include "core/store/lease.h"
#include "core/store/tag.h"

/* ---- writing -------------------------------------------------------------------------------------------- */

void item_tag(struct store_item *item, const char *tags)
{
	static _Thread_local char buffers[8][STORE_TAGS_MAX * (1 + STORE_TAG_LENGTH_MAX)];
	static _Thread_local unsigned next;
	char *to = buffers[next++ % COUNT_OF(buffers)];

	item->tags = to;
	item->tag_count = 0;
	item->tags_size = 0;
	while (*tags) {
		size_t length = strcspn(tags, " ");
		CHECK(length > 0 && length <= STORE_TAG_LENGTH_MAX && item->tag_count < STORE_TAGS_MAX);
		to[item->tags_size] = (char)length;
		memcpy(to + item->tags_size + 1, tags, length);
		item->tags_size += 1 + (uint32_t)length;
		item->tag_count++;
		tags += length + (tags[length] == ' ');
	}
	if (item->tag_count == 0) {
		item->tags = NULL;
	}
}

struct store_item item_lasting(const char *text, int64_t ttl_us, int64_t stale_ttl_us, const char *tags)
{
	struct store_item item = item_string(text, strlen(text));

	item.ttl_us = ttl_us;
	item.stale_ttl_us = stale_ttl_us;
	item_tag(&item, tags);
	return item;
}

enum cache_status put_item(struct store *store, const char *key, const struct store_item *item)
{
	struct store_key k = key_of(store, key);

	return store_put(store, &k, item, STORE_SET);
}

void put_lasting(struct store *store, const char *key, const char *text, int64_t ttl_us, int64_t stale_ttl_us,
                 const char *tags)
{
	struct store_item item = item_lasting(text, ttl_us, stale_ttl_us, tags);

	CHECK_OK(put_item(store, key, &item));
}

void invalidate_tags(struct store *store, const char *tags, bool hard)
{
	struct store_item item = {0};

	item_tag(&item, tags);
	CHECK_EQ(store_invalidate_tags(store, item.tags, item.tags_size, hard), item.tag_count);
}

enum cache_status delete_at(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);

	return store_delete(store, &k);
}

enum cache_status mark_at(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);

	return store_mark_stale(store, &k);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

enum store_state state_of(struct store *store, const char *key)
{
	static const struct store_ask look_only = {0};
	struct store_key k = key_of(store, key);
	struct store_answer answer;
	struct store_view view;
	struct store_entry entry;
	uint64_t token;
	bool there = store_get_stale(store, &k, &look_only, &view, &answer) == CACHE_OK;

	CHECK_EQ(there, answer.state != STORE_STATE_MISSING);
	CHECK_EQ(answer.lease, 0);
	if (there) {
		store_unpin(store, view.pin);
	}
	CHECK_EQ(has_key(store, &k), answer.state == STORE_STATE_FRESH);
	CHECK_EQ(store_gets(store, &k, &view, &token) == CACHE_OK, answer.state == STORE_STATE_FRESH);
	CHECK_EQ(token != 0, answer.state == STORE_STATE_FRESH);
	if (token) {
		store_unpin(store, view.pin);
	}
	CHECK_EQ(store_inspect(store, &k, &entry) == CACHE_OK, there);
	if (there) {
		CHECK_EQ(entry.state, answer.state);
		store_unpin(store, entry.view.pin);
	}
	return answer.state;
}

struct words words_of(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);
	struct store_entry entry;
	struct words words = {0};

	if (store_inspect(store, &k, &entry) == CACHE_OK) {
		words = (struct words){
			.version = entry.version, .token = store_token(&entry.view), .lock = entry.lock,
			.stamp_us = entry.stamp_us, .soft_us = entry.soft_us, .hard_us = entry.hard_us,
			.accessed = entry.accessed, .hits_class = entry.hits_class, .state = entry.state, .at = entry.key,
		};
		store_unpin(store, entry.view.pin);
	}
	return words;
}

uint64_t token_at(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);
	struct store_view view;
	uint64_t token;

	if (store_gets(store, &k, &view, &token) == CACHE_OK) {
		store_unpin(store, view.pin);
	}
	return token;
}

/* ---- leases --------------------------------------------------------------------------------------------- */

int64_t ask_for_lease(struct store *store, const char *key)
{
	static const struct store_ask ask = {.lease_ns = 30000 * NS_PER_MS};
	struct store_key k = key_of(store, key);
	struct store_answer answer;
	struct store_view view;

	if (store_get_stale(store, &k, &ask, &view, &answer) == CACHE_OK) {
		store_unpin(store, view.pin);
	}
	return answer.lease;
}

enum cache_status commit_text(struct store *store, const char *key, int64_t lease, const char *text)
{
	struct store_key k = key_of(store, key);
	struct store_item item = item_string(text, strlen(text));

	return store_commit(store, &k, (uint64_t)lease, &item);
}

/* ---- locks ---------------------------------------------------------------------------------------------- */

struct owner_lock *first_shard_lock(struct store *store) { return &shard_open(&store->owner, 0).shard->lock; }
struct owner_lock *tag_lock(struct store *store) { return &tag_header(store->segment)->lock; }

static void hold_lock(void *context)
{
	struct owner_lock *(**lock_of)(struct store *store) = context;
	struct store *store = open_store(MB);
	struct owner_lock *lock = (*lock_of)(store);

	CHECK_OK(lock_acquire(&store->owner, lock));
	raise(SIGSTOP);
	lock_release(lock);
}

pid_t stop_with_lock(struct owner_lock *(*lock_of)(struct store *store))
{
	pid_t pid = child_start(hold_lock, &lock_of);

	child_await_stop(pid);
	return pid;
}
