/*
 * Storing what may be there already: then only the stamp moves, forwards.
 */
#include <stdlib.h>

#include "core/store/tag.h"
#include "core/store/write.h"

static bool same_lifetime(const struct entry *e, const struct store_item *item)
{
	return e->ttl == (item->ttl_us == 0 ? DURATION_FOREVER : duration_encode(item->ttl_us)) &&
	       e->stale_ttl == duration_encode(item->stale_ttl_us);
}

static bool same_tags(const struct entry *e, const struct store_item *item)
{
	return entry_tag_list_size(e) == item->tags_size &&
	       (item->tags_size == 0 || memcmp(entry_tag_list(e), item->tags, item->tags_size) == 0);
}

/*
 * The addresses in an image go by its place: where its maker cannot compare, it is built as if for the place of the one that
 * is there.
 */
static bool same_image(const struct shard_ref *r, const struct entry *e, const struct store_item *item)
{
	uint64_t official = OFFICIAL_BASE + (uint64_t)(entry_value(e) - r->self->segment->base);
	bool same = false;
	char *copy;

	if (item->is_same) {
		return item->is_same(item->build_context, entry_value(e), official);
	}
	copy = e->size == item->size ? malloc(item->size) : NULL;
	if (copy) {
		item->build(item->build_context, copy, item->size, official);
		same = memcmp(copy, entry_value(e), item->size) == 0;
		free(copy);
	}
	return same;
}

/* Bytes from `at` on; the second word of a text is anybody's. */
static bool same_bytes(const struct entry *e, size_t at, const char *bytes, size_t count)
{
	const char *value = entry_value(e) + at;

	if (!entry_has_text_head(e) || at >= 16) {
		return memcmp(value, bytes, count) == 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (value[i] != bytes[i] && (at + i < 8 || at + i >= 16)) {
			return false;
		}
	}
	return true;
}

/* Head, bytes and zeros. */
static bool same_parts(const struct entry *e, const struct store_item *item)
{
	size_t end = item->head_size + item->bytes_size;

	if (!same_bytes(e, 0, item->head, item->head_size) || !same_bytes(e, item->head_size, item->bytes, item->bytes_size)) {
		return false;
	}
	for (size_t i = end; i < item->size; i++) {
		if (entry_value(e)[i] != 0) {
			return false;
		}
	}
	return true;
}

static bool same_value(const struct shard_ref *r, const struct entry *e, const struct store_item *item)
{
	unsigned type = item->type == STORE_INT && !int_fits_word(item->integer) ? STORE_BIGINT : item->type;

	if (e->type != type || e->flags != item->flags) {
		return false;
	}
	if (type == STORE_INT) {
		return int_decode(load_relaxed(entry_word(e))) == item->integer;
	}
	if (!type_has_bytes(type)) {
		return e->size == 0 || memcmp(entry_value(e), &item->integer, e->size) == 0;
	}
	if (item->build) {
		return same_image(r, e, item);
	}
	if (e->size != item->size) {
		return false;
	}
	return item->head ? same_parts(e, item) : same_bytes(e, 0, item->bytes, item->size);
}

/* 0 is the token of what counts as absent, as an entry that is stale does. */
static bool has_token(const struct look *look, uint64_t token)
{
	if (token == 0) {
		return look->state != STORE_STATE_FRESH;
	}
	return look->state != STORE_STATE_MISSING && entry_token(look->r.self->segment, look->entry) == token;
}

/* Its tags were not invalidated since. */
static bool is_intact(const struct look *look)
{
	struct tag_verdict verdict = tag_judge_entry(look->r.self->segment, look->entry);

	return !verdict.soft && !verdict.hard;
}

enum found_out { IS_NEWER, IS_SAME, IS_OTHER };

static bool is_same(const struct look *look, const struct store_item *item)
{
	return same_lifetime(look->entry, item) && same_tags(look->entry, item) && is_intact(look) &&
	       same_value(&look->r, look->entry, item);
}

static enum found_out compare(struct store *store, const struct look *look, const struct store_item *item,
                              const struct write_condition *condition, int64_t stamp_us)
{
	bool later;

	if (condition->has_token && !has_token(look, condition->token)) {
		return IS_NEWER;
	}
	if (look->state == STORE_STATE_MISSING) {
		return IS_OTHER;
	}
	later = stamp_is_later(look->stamp, stamp_us, store_now(store));
	/* What somebody else has validated at this moment is as good as if we had; but not what was marked as stale. */
	if (later && (item->stamp_us != 0 || look->stamp < 0)) {
		return IS_NEWER;
	}
	/* A stamp that is frozen, by somebody who is stopped, cannot be renewed. */
	if (!(look->stamp & STAMP_FROZEN) && is_same(look, item)) {
		return IS_SAME;
	}
	return later ? IS_NEWER : IS_OTHER;
}

/* Forwards: its expiry comes no nearer. False: somebody was faster. */
static bool renew(const struct look *look, int64_t stamp_us)
{
	int64_t stamp = look->stamp;

	return stamp_decode(stamp) >= stamp_us || cas(&look->entry->stamp, &stamp, stamp_encode(stamp_us));
}

/* Renews the entry if it is the same. Who changed its stamp meanwhile left something else to compare with. */
static enum found_out compare_and_renew(struct store *store, const struct store_key *key, const struct store_item *item,
                                        const struct write_condition *condition)
{
	int64_t now = store_now(store), stamp = item->stamp_us == 0 || item->stamp_us > now ? now : item->stamp_us;
	enum found_out result;
	bool again;

	do {
		struct look look;
		again = false;
		look_up(store, key, &look);
		result = compare(store, &look, item, condition, stamp);
		if (result == IS_SAME) {
			again = !renew(&look, stamp);
		}
		look_drop(store, &look);
	} while (again);
	return result;
}

enum cache_status store_put_if_changed(struct store *store, const struct store_key *key, const struct store_item *item,
                                       bool has_token, uint64_t token, bool *renewed)
{
	const struct write_condition condition = {.mode = STORE_IF_NEWER, .has_token = has_token, .token = token};
	enum found_out found;
	enum cache_status status;

	*renewed = false;
	if (key->length == 0 || key->length > STORE_KEY_MAX) {
		return CACHE_BAD_KEY;
	}
	status = store_enter(store);
	if (status != CACHE_OK) {
		if (!has_token) {
			store_invalidate_refused(store, key);
		}
		return status;
	}
	found = compare_and_renew(store, key, item, &condition);
	if (found == IS_OTHER) {
		status = store_put_entered(store, key, item, &condition);
	} else if (found == IS_SAME) {
		*renewed = true;
		count(&store->owner, stores_unchanged);
	} else {
		count(&store->owner, stores_lost);
		status = CACHE_MISMATCH;
	}
	store_leave(store);
	return status;
}
