#include "core/store/tag.h"

static const char *const type_names[STORE_TYPE_COUNT] = {
	[STORE_NULL] = "null",     [STORE_FALSE] = "bool",    [STORE_TRUE] = "bool",
	[STORE_INT] = "int",       [STORE_BIGINT] = "int",    [STORE_DOUBLE] = "float",
	[STORE_STRING] = "string", [STORE_SERIALIZED] = "serialized", [STORE_IMAGE] = "image", [STORE_TEXT] = "string",
};

const char *store_type_name(enum store_type type)
{
	return type_is_valid(type) ? type_names[type] : "?";
}

/* From where on the value is covered by bytes; of a text's head the seed has what does not change. */
static size_t covered_from(const struct entry *e)
{
	return e->type == STORE_INT ? e->size : entry_has_text_head(e) ? STORE_TEXT_HEAD : 0;
}

static inline uint64_t checksum_seed(const struct entry *e)
{
	uint64_t shape = (uint64_t)e->size << 32 | (uint64_t)e->tags_size << 16 | (uint64_t)e->type << 8 | e->flags;
	/* The key is covered by its hash. */
	uint64_t seed = (shape ^ e->hash) * UINT64_C(0x9e3779b97f4a7c15);

	if (entry_has_text_head(e)) {
		const char *head = entry_value(e);
		seed = (seed ^ load_word(head)) * UINT64_C(0x9e3779b97f4a7c15) ^ load_word(head + STORE_TEXT_HEAD - sizeof(uint64_t));
	}
	return seed;
}

/* Value and tags stand one behind the other. */
static size_t checksum_length(const struct entry *e)
{
	return (size_t)e->size + e->tags_size - covered_from(e);
}

uint32_t entry_checksum(const struct entry *e)
{
	return hash_checksum(entry_value(e) + covered_from(e), checksum_length(e), checksum_seed(e));
}

void entry_seal(struct entry *e)
{
	if (entry_has_checksum(e->type, e->tags_size)) {
		uint32_t sum = entry_checksum(e);
		memcpy(entry_checksum_at(e), &sum, sizeof sum);
	}
}

/* What stands before the bytes, and the zeros behind them. Of a text both are words, for which nothing need be called. */
static inline void put_head(char *value, const struct store_item *item)
{
	size_t end = item->head_size + item->bytes_size, rest = item->size - end;

	if (likely_true(item->head_size == STORE_TEXT_HEAD && rest <= sizeof(uint64_t))) {
		memset(value + item->size - sizeof(uint64_t), 0, sizeof(uint64_t)); /* what else is there comes after it */
		memcpy(value, item->head, STORE_TEXT_HEAD);
	} else {
		memcpy(value, item->head, item->head_size);
		memset(value + end, 0, rest);
	}
}

/* Bytes, and what may stand before them. */
static void fill_bytes(struct entry *e, char *value, const struct store_item *item, bool shared)
{
	size_t count = item->head ? item->bytes_size : item->size, head = item->head ? item->head_size : 0, length;
	uint32_t sum;

	if (item->head) {
		put_head(value, item);
	}
	if (likely_false(head != covered_from(e))) {
		memcpy(value + head, item->bytes, count);
		entry_seal(e);
		return;
	}
	value += head;
	length = (size_t)e->size + e->tags_size - head;
	sum = hash_checksum_copying(value, length, item->bytes, count, checksum_seed(e), shared);
	memcpy(value + length, &sum, sizeof sum); /* where entry_checksum_at() is */
}

static bool tags_valid(const struct entry *e, const struct key_hash *hash)
{
	const char *tags = entry_tags(e);
	uint32_t count = e->tags_size < sizeof(uint64_t) ? 0 : tag_word_count(load_word(tags)), at = tag_head_bytes(count);

	if (count == 0 || count > STORE_TAGS_MAX || at > e->tags_size) {
		return false;
	}
	for (uint32_t i = 1; i <= count; i++) {
		uint32_t length = at < e->tags_size ? (unsigned char)tags[at] : 0;
		if (length == 0 || at + 1 + length > e->tags_size ||
		    load_word(tags + i * sizeof(uint64_t)) != tag_hash(hash, tags + at + 1, length)) {
			return false;
		}
		at += 1 + length;
	}
	return at == e->tags_size;
}

bool entry_valid(const struct entry *e, uint64_t block_bytes, const struct key_hash *hash)
{
	if (!type_is_valid(e->type) || e->key_length == 0 || entry_bytes(e) > block_bytes) {
		return false;
	}
	if (!type_has_bytes(e->type) && e->size != type_scalar_size(e->type)) {
		return false;
	}
	if (load_relaxed(&e->frequency) > 3 || key_hash_of(hash, e->key, e->key_length) != e->hash) {
		return false;
	}
	if (e->tags_size && !tags_valid(e, hash)) {
		return false;
	}
	if (entry_has_checksum(e->type, e->tags_size)) {
		uint32_t noted;
		memcpy(&noted, entry_checksum_at(e), sizeof noted);
		return noted == entry_checksum(e);
	}
	return true;
}

static inline __attribute__((always_inline)) void fill_head(struct entry *e, const struct store_key *key, const struct store_item *item,
                                                            int64_t stamp_us, uint32_t second)
{
	e->hash = key->hash;
	store_relaxed(&e->stamp, stamp_encode(stamp_us));
	store_relaxed(&e->lock, 0);
	e->ttl = item_ttl(item);
	e->stale_ttl = duration_encode(item->stale_ttl_us);
	e->flags = item->flags;
	store_relaxed(&e->accessed, second);
	store_relaxed(&e->frequency, 0);
	key_copy(e->key, key->bytes, key->length);
}

static inline __attribute__((always_inline)) void fill_body(struct entry *e, const struct store_item *item, unsigned type,
                                                            const struct tag_head *tags, uint64_t official, bool shared)
{
	char *value = entry_value(e);

	if (item->tags_size) {
		uint32_t head = tag_head_bytes(tag_word_count(tags->words[0]));
		for (uint32_t at = 0; at < head; at += sizeof(uint64_t)) { /* a word or two */
			memcpy(entry_tags(e) + at, (const char *)tags->words + at, sizeof(uint64_t));
		}
		memcpy(entry_tags(e) + head, item->tags, item->tags_size);
	}
	if (!type_has_bytes(type)) {
		if (type == STORE_INT) {
			store_relaxed(entry_word(e), int_encode(item->integer));
		} else if (e->size) {
			memcpy(value, &item->integer, 8);
		}
		entry_seal(e);
	} else if (item->build) {
		item->build(item->build_context, value, item->size, official + (uint64_t)(value - (char *)e));
		entry_seal(e);
	} else {
		fill_bytes(e, value, item, shared);
	}
}

void entry_fill_head(struct entry *e, const struct store_key *key, const struct store_item *item, int64_t stamp_us, uint32_t second)
{
	fill_head(e, key, item, stamp_us, second);
}

void entry_fill_body(struct entry *e, const struct store_item *item, unsigned type, const struct tag_head *tags, uint64_t official,
                     bool shared)
{
	fill_body(e, item, type, tags, official, shared);
}

void entry_fill(struct entry *e, const struct store_key *key, const struct store_item *item, unsigned type,
                const struct tag_head *tags, int64_t stamp_us, uint32_t second, uint64_t official)
{
	fill_head(e, key, item, stamp_us, second);
	fill_body(e, item, type, tags, official, false);
}

void entry_times(const struct entry *e, int64_t stamp_word, struct entry_times *times)
{
	int64_t ttl = duration_us(e->ttl), stale = duration_us(e->stale_ttl);
	int64_t stamp = stamp_decode(stamp_word);

	times->stamp_us = stamp;
	times->invalidated = stamp < 0;
	if (stamp < 0) {
		/* Invalidated at |stamp|: stale from then on. */
		times->soft_us = -stamp;
		times->hard_us = stale < 0 ? INT64_MAX : -stamp + stale;
		return;
	}
	times->soft_us = ttl < 0 ? INT64_MAX : stamp + ttl;
	times->hard_us = ttl < 0 || stale < 0 ? INT64_MAX : times->soft_us + stale;
}

enum store_state entry_state_by(const struct entry *e, const struct entry_times *times, int64_t now_us)
{
	if (!times->invalidated && now_us < times->soft_us) {
		return STORE_STATE_FRESH;
	}
	/* Without a stale period also where the clock was set back since it was invalidated. */
	return e->stale_ttl != 0 && now_us < times->hard_us ? STORE_STATE_STALE : STORE_STATE_MISSING;
}

enum store_state entry_state_at(const struct entry *e, int64_t stamp_word, int64_t now_us)
{
	struct entry_times times;

	if (stamp_word & STAMP_DEAD) {
		return STORE_STATE_MISSING;
	}
	entry_times(e, stamp_word, &times);
	return entry_state_by(e, &times, now_us);
}

uint8_t entry_count_tags(const char *tags, uint32_t size)
{
	uint8_t count = 0;

	for (uint32_t at = 0; at < size; at += 1u + (unsigned char)tags[at]) {
		count++;
	}
	return count;
}
