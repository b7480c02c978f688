/*
 * An entry: one block of the arena.
 *
 *   header 64 bytes | key | padding to 8 | value | tags | checksum (4 bytes; not for scalars without tags)
 *
 * Tags, if there are any: a word with their number and the sequence that they are compared with (tag.h), a hash of each, and
 * the list of `length byte, bytes`. Not aligned.
 *
 * Life: INFLIGHT (version odd, being filled, pinned by its writer or under the shard's lock) -> LIVE (an index word
 * names it; version even) -> RETIRED (no index word names it; somebody may still read it) -> freed.
 *
 * Immutable while LIVE: hash, ttls, size, key, type, flags, value, tags. Words that change without the shard's lock,
 * by compare-and-swap, and that therefore carry a FROZEN bit: stamp, lock, the word of a STORE_INT. Whoever holds
 * the lock and must carry such a word over into another block freezes it first; a compare-and-swap that meets a
 * frozen word goes again through lock and index. Recovery thaws what is still indexed.
 */
#ifndef CACHE_CORE_ENTRY_H
#define CACHE_CORE_ENTRY_H

#include <stdalign.h>
#include <string.h>

#include "core/base/atomics.h"
#include "core/base/hash.h"
#include "core/base/key_hash.h"
#include "core/shm/layout.h"
#include "core/store/store.h"

enum entry_state { ENTRY_INFLIGHT = 1, ENTRY_LIVE = 2, ENTRY_RETIRED = 3 };
enum entry_queue { QUEUE_NONE = 0, QUEUE_SMALL = 1, QUEUE_MAIN = 2 };

struct entry {
	/* Unique for this shard and never repeated, but by an entry that is moved: the version that users see, and what optimistic readers
	 * compare. Odd while the block is being filled. For them a block has no version twice without the layout changed between:
	 * see entry_relocate(). */
	atomic_u64 version;
	uint64_t hash;
	atomic_i64 stamp;     /* microseconds << 2 | STAMP_DEAD | STAMP_FROZEN */
	atomic_u64 lock;      /* the application's lock word | LOCK_USED | LOCK_FROZEN */
	uint32_t ttl;         /* encoded, see duration_encode() */
	uint32_t stale_ttl;
	uint32_t size;        /* of the value */
	uint16_t key_length;
	uint8_t type;         /* enum store_type */
	uint8_t flags;
	atomic_u32 accessed;  /* seconds since the epoch; racy by design, one store a second at most */
	atomic_u8 frequency;  /* 0..3; racy by design: a lost increment delays a promotion */
	uint8_t state;        /* enum entry_state; under the shard's lock */
	uint16_t tags_size;
	/* Links of the eviction queue, or of the limbo list (next); granules in the arena + 1; derived. */
	uint32_t next, prev;
	char key[];
};
_Static_assert(sizeof(struct entry) == 64, "the header is one cache line");
_Static_assert(offsetof(struct entry, ttl) == 32 && offsetof(struct entry, next) == 56, "no padding");

/** Its lines: blocks do not begin with one of them. What stands behind the key comes later, or not at all. */
static inline void entry_fetch(const struct entry *e)
{
	__builtin_prefetch(e, 1);
	__builtin_prefetch(e->key, 1);
}

/**
 * Before anything else is written into a block that was taken: an odd version. An optimistic reader that sees anything of the
 * below sees that the version changed; and whoever still takes the block for what it was, an entry or a line, and sees this or
 * anything of the below, sees that no slot and no header names it: that was so when we got it.
 */
static inline void entry_begin(struct entry *e, uint64_t version)
{
	publish(&e->version, version | 1);
	write_fence();
}

#define STAMP_FROZEN INT64_C(1)
#define STAMP_DEAD INT64_C(2)
#define LOCK_FROZEN (UINT64_C(1) << 63)
/* Somebody uses the word. Set under the shard's lock, and carried over; a word without it is 0 and changes under that lock
 * alone, so that replacing an entry needs to freeze the words that are used only. */
#define LOCK_USED (UINT64_C(1) << 62)
#define INT_FROZEN UINT64_C(1)

static inline int64_t stamp_encode(int64_t us) { return (int64_t)((uint64_t)us << 2); }
static inline int64_t stamp_decode(int64_t word) { return word >> 2; }

/* A stamp that is so far ahead was written before the clock was set back: it says nothing. */
#define STAMP_AHEAD_US 1000000
/** Was the entry validated, or marked as stale, after that time? `now_us` is read after the word. */
static inline bool stamp_is_later(int64_t word, int64_t us, int64_t now_us)
{
	int64_t stamp = stamp_decode(word) < 0 ? -stamp_decode(word) : stamp_decode(word);

	return stamp > us && stamp <= now_us + STAMP_AHEAD_US;
}

/* The word of a STORE_INT: value << 1 | FROZEN. 63-bit integers; others are STORE_BIGINT. */
#define INT_WORD_MAX (INT64_MAX >> 1)
#define INT_WORD_MIN (INT64_MIN >> 1)
static inline bool int_fits_word(int64_t value) { return value >= INT_WORD_MIN && value <= INT_WORD_MAX; }
static inline uint64_t int_encode(int64_t value) { return (uint64_t)value << 1; }
static inline int64_t int_decode(uint64_t word) { return (int64_t)word >> 1; }

/*
 * Durations in 32 bits: milliseconds below 2^31, else seconds with the top bit set. 0: none. Rounded up.
 * 0xffffffff: no limit.
 */
#define DURATION_FOREVER UINT32_MAX
#define DURATION_SECONDS (UINT32_C(1) << 31)
static inline uint32_t duration_encode(int64_t us)
{
	if (us <= 0) {
		return us ? DURATION_FOREVER : 0;
	}
	int64_t ms = us / 1000 + (us % 1000 != 0);
	if (ms < (int64_t)DURATION_SECONDS) {
		return (uint32_t)ms;
	}
	int64_t seconds = us / 1000000 + (us % 1000000 != 0);
	return seconds < (int64_t)(DURATION_SECONDS - 1) ? (uint32_t)seconds | DURATION_SECONDS : DURATION_FOREVER;
}
static inline int64_t duration_us(uint32_t encoded)
{
	if (encoded == DURATION_FOREVER) {
		return STORE_FOREVER;
	}
	return encoded & DURATION_SECONDS ? (int64_t)(encoded & ~DURATION_SECONDS) * 1000000 : (int64_t)encoded * 1000;
}

/* 0 is for ever, as in the interface. */
static inline uint32_t item_ttl(const struct store_item *item) { return item->ttl_us == 0 ? DURATION_FOREVER : duration_encode(item->ttl_us); }

/* ---- tags: the word before them ------------------------------------------------------------------------- */

struct tag_head {
	uint64_t words[1 + STORE_TAGS_MAX]; /* the word, then hashes */
};

#define TAG_WORD_SHIFT 56
static inline uint64_t tag_word(uint64_t sequence, uint32_t count) { return sequence | (uint64_t)count << TAG_WORD_SHIFT; }
static inline uint64_t tag_word_sequence(uint64_t word) { return word & ((UINT64_C(1) << TAG_WORD_SHIFT) - 1); }
static inline uint32_t tag_word_count(uint64_t word) { return (uint32_t)(word >> TAG_WORD_SHIFT); }
static inline uint32_t tag_head_bytes(uint32_t count) { return count ? (1 + count) * (uint32_t)sizeof(uint64_t) : 0; }

/** Adds one tag list's length bytes up. 0 tags: 0. */
uint8_t entry_count_tags(const char *tags, uint32_t size);
/** Bytes that the tags of an item take in an entry. */
static inline uint32_t item_tags_bytes(const struct store_item *item)
{
	return item->tags_size ? tag_head_bytes(entry_count_tags(item->tags, item->tags_size)) + item->tags_size : 0;
}

/*
 * The token of a value that is compared and swapped: the version, which is even; of an integer a mix of version and value, odd,
 * so that changing it in place changes the token. Where a tag's soft invalidation has outdated the value, the version is mixed
 * with the sequence of the last such one (0: none), so that invalidating it changes the token, too.
 */
static inline uint64_t token_version(uint64_t version, uint64_t outdated_by)
{
	return outdated_by ? (hash_mix(hash_mix(outdated_by) ^ version) >> 2 & ~UINT64_C(7)) | 4 : version;
}
static inline uint64_t token_of(uint64_t version, bool is_integer, int64_t value)
{
	return is_integer ? hash_mix(hash_mix((uint64_t)value) ^ version) >> 2 | 1 : version;
}

static inline bool type_is_valid(unsigned type) { return type >= STORE_NULL && type < STORE_TYPE_COUNT; }
static inline bool type_has_bytes(unsigned type) { return type >= STORE_STRING && type < STORE_TYPE_COUNT; }
/* Bytes of a value of a type without bytes of its own. */
static inline uint32_t type_scalar_size(unsigned type) { return type >= STORE_INT && type <= STORE_DOUBLE ? 8 : 0; }

static inline uint64_t entry_value_at(uint64_t key_length) { return (sizeof(struct entry) + key_length + 7) & ~UINT64_C(7); }
static inline bool entry_has_checksum(unsigned type, uint32_t tags_size) { return type_has_bytes(type) || tags_size > 0; }
/** Bytes of the block that such an entry needs. */
static inline uint64_t entry_bytes_for(unsigned type, uint64_t key_length, uint64_t size, uint32_t tags_size)
{
	return entry_value_at(key_length) + size + tags_size + (entry_has_checksum(type, tags_size) ? 4 : 0);
}
static inline uint64_t entry_bytes(const struct entry *e)
{
	return entry_bytes_for(e->type, e->key_length, e->size, e->tags_size);
}
static inline char *entry_value(const struct entry *e) { return (char *)e + entry_value_at(e->key_length); }
static inline atomic_u64 *entry_word(const struct entry *e) { return (atomic_u64 *)entry_value(e); }
/* The value of a STORE_BIGINT. */
static inline int64_t entry_bigint(const struct entry *e)
{
	int64_t value;

	memcpy(&value, entry_value(e), sizeof value);
	return value;
}
static inline uint64_t load_word(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* Tags, their head included. */
static inline char *entry_tags(const struct entry *e) { return entry_value(e) + e->size; }
/* See entry_token() in tag.h. */
static inline uint64_t entry_token_by(const struct entry *e, uint64_t outdated_by)
{
	uint64_t version = token_version(load_relaxed(&e->version) & ~UINT64_C(1), outdated_by);

	if (e->type == STORE_INT) {
		return token_of(version, true, int_decode(load_relaxed(entry_word(e))));
	}
	return e->type == STORE_BIGINT ? token_of(version, true, entry_bigint(e)) : version;
}
/* A shorter one is bytes like others. */
static inline bool entry_has_text_head(const struct entry *e) { return e->type == STORE_TEXT && e->size >= STORE_TEXT_HEAD; }
static inline char *entry_checksum_at(const struct entry *e) { return entry_tags(e) + e->tags_size; }
static inline uint32_t entry_tag_count(const struct entry *e) { return e->tags_size ? tag_word_count(load_word(entry_tags(e))) : 0; }
/* The list of the sound entry. */
static inline char *entry_tag_list(const struct entry *e) { return entry_tags(e) + tag_head_bytes(entry_tag_count(e)); }
static inline uint32_t entry_tag_list_size(const struct entry *e) { return e->tags_size - tag_head_bytes(entry_tag_count(e)); }

/** Same bytes? A call of memcmp() costs more than most keys. */
static inline bool keys_equal(const char *a, const char *b, size_t length)
{
	if (length < 8 || length > 64) {
		return memcmp(a, b, length) == 0;
	}
	uint64_t difference = load_word(a + length - 8) ^ load_word(b + length - 8);
	for (size_t at = 0; at + 8 < length; at += 8) {
		difference |= load_word(a + at) ^ load_word(b + at);
	}
	return difference == 0;
}

/** A call of memcpy() costs more than most keys, too. They do not overlap. */
static inline void key_copy(char *to, const char *from, size_t length)
{
	if (length < 8 || length > 64) {
		memcpy(to, from, length);
		return;
	}
	for (size_t at = 0; at + 8 < length; at += 8) {
		memcpy(to + at, from + at, 8);
	}
	memcpy(to + length - 8, from + length - 8, 8);
}

static inline bool entry_has_key(const struct entry *e, const struct store_key *key)
{
	/* May be somebody else's by now: rule 2 in atomics.h. */
	return e->hash == key->hash && e->key_length == key->length && keys_equal(e->key, key->bytes, key->length);
}

/** Over everything immutable but the ttls' meaning: key, value, tags, types and lengths. */
uint32_t entry_checksum(const struct entry *e);
/** Do the lengths, the type, the hash of the key and the checksum fit together? `block_bytes`: room of its block. */
bool entry_valid(const struct entry *e, uint64_t block_bytes, const struct key_hash *hash);

/** Type and lengths: what tells how far the block goes. The version must be odd by then. */
static inline void entry_set_extent(struct entry *e, const struct store_key *key, const struct store_item *item, unsigned type)
{
	e->type = (uint8_t)type;
	e->key_length = (uint16_t)key->length;
	e->size = type_has_bytes(type) ? (uint32_t)item->size : type_scalar_size(type);
	e->tags_size = (uint16_t)item_tags_bytes(item);
}

/**
 * Writes everything but version, extent, state, links: first header and key, then what comes behind them, whose checksum covers
 * what the header has. The extent is read by others under the shard's lock, which is not held here. `second`: now; `tags`: of
 * an item that has some; `official`: address of the entry there; `shared`: see hash_checksum_copying().
 */
void entry_fill_head(struct entry *e, const struct store_key *key, const struct store_item *item, int64_t stamp_us, uint32_t second);
void entry_fill_body(struct entry *e, const struct store_item *item, unsigned type, const struct tag_head *tags, uint64_t official,
                     bool shared);
/** Both. */
void entry_fill(struct entry *e, const struct store_key *key, const struct store_item *item, unsigned type,
                const struct tag_head *tags, int64_t stamp_us, uint32_t second, uint64_t official);
/** Computes the checksum anew. */
void entry_seal(struct entry *e);

struct entry_times {
	int64_t stamp_us;
	int64_t soft_us, hard_us; /* INT64_MAX: never */
	bool invalidated;         /* marked as stale: not fresh, whatever the clock says */
};
void entry_times(const struct entry *e, int64_t stamp_word, struct entry_times *times);
/** The state at `now`, from the times. */
enum store_state entry_state_by(const struct entry *e, const struct entry_times *times, int64_t now_us);
/** The state at `now`, from the words but for tags; the caller has checked generation and DEAD is part of the stamp's word. */
enum store_state entry_state_at(const struct entry *e, int64_t stamp_word, int64_t now_us);

#endif
