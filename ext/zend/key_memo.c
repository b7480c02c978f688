#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "key.h"

#include <string.h>

/* ---- interned strings, by address ----------------------------------------------------------------------- */

uint64_t cache_key_memoise(const struct store *store, zend_string *string)
{
	struct cache_memo_slot *slot = &CACHE_G(memo)[ZSTR_H(string) & (CACHE_MEMO_SLOTS - 1)];

	slot->string = string;
	slot->mark = cache_memo_mark(string);
	slot->hash = store_hash(store, ZSTR_VAL(string), ZSTR_LEN(string));
	return slot->hash;
}

void cache_key_forget_interned(void)
{
	if (++CACHE_G(memo_span) == 0) {
		memset(CACHE_G(memo), 0, sizeof(CACHE_G(memo)));
	}
}

/* ---- others, by their bytes ----------------------------------------------------------------------------- */

typedef uint64_t words __attribute__((vector_size(16)));

static zend_always_inline words words_at(const void *at)
{
	words result;
	memcpy(&result, at, sizeof(result));
	return result;
}

static zend_always_inline uint64_t word_at(const char *at)
{
	uint64_t result;
	memcpy(&result, at, sizeof(result));
	return result;
}

/*
 * By a few bytes; at the end, where keys differ, by single ones: a string that was put together just now was written in pieces, and a
 * processor that reads across two of them waits until both are in its cache. The bytes are compared while it goes on with the hash.
 */
static zend_always_inline struct cache_recent_key *recent_key(const char *at, size_t length)
{
	const unsigned char *end = (const unsigned char *)at + length;
	uint32_t some;

	memcpy(&some, at + length / 2, sizeof(some));
	some ^= (uint32_t)end[-1] << 24 ^ (uint32_t)end[-2] << 16 ^ (uint32_t)end[-3] << 8 ^ (uint32_t)length;
	return &CACHE_G(recent_keys)[(uint32_t)(some * UINT32_C(0x9e3779b1)) / (UINT32_MAX / CACHE_RECENT_KEYS + 1)];
}

uint64_t cache_key_hash_recent(const struct store *store, const char *at, size_t length)
{
	struct cache_recent_key *key;
	words first, middle, last, differing;

	if (UNEXPECTED(length - CACHE_RECENT_KEY_MIN > CACHE_RECENT_KEY_MAX - CACHE_RECENT_KEY_MIN)) {
		return store_hash(store, at, length);
	}
	if (length < sizeof(words)) {
		first = middle = last = (words){word_at(at), word_at(at + length - sizeof(uint64_t))};
	} else {
		first = words_at(at);
		middle = words_at(length > 2 * sizeof(words) ? at + sizeof(words) : at);
		last = words_at(at + length - sizeof(words));
	}
	key = recent_key(at, length);
	differing = (first ^ words_at(key->bytes)) | (middle ^ words_at(key->bytes + 16)) | (last ^ words_at(key->bytes + 32));
	if (key->length != length || (differing[0] | differing[1])) {
		memcpy(key->bytes, &first, sizeof(words));
		memcpy(key->bytes + sizeof(words), &middle, sizeof(words));
		memcpy(key->bytes + 2 * sizeof(words), &last, sizeof(words));
		key->length = length;
		key->hash = store_hash(store, at, length);
	}
	return key->hash;
}

void cache_key_forget(void)
{
	cache_key_forget_interned();
	memset(CACHE_G(recent_keys), 0, sizeof(CACHE_G(recent_keys)));
}
