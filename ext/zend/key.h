/*
 * Keys: their rules, their forms in arrays, and their hashes.
 *
 * The hash of a key is one under the segment's random key. For interned strings, as literals are, a direct-mapped
 * memo keeps it, by address, for the length of a request.
 *
 * Not longer: after a restart of the opcache another string may stand at the address. Its length and PHP's own hash do not tell,
 * since that one has collisions ("Ab" and "BA"), and one key's hash for another's would be a delete that misses, or a value
 * that only this process finds. During a request a process keeps the opcache from restarting, and an interned string
 * does not change. What is noted carries the number of its span, which is a request or a part of one with the same segment.
 *
 * For the others, which were put together, a memo of keys used lately keeps it, by their bytes, all of which are compared: as long as the
 * segment stays. A processor guesses that they are the same and goes on with the hash, so that it waits for none of it: a call takes 8 ns
 * less for a key that is found there, of 30 to 60, and 3 more for one that is not.
 */
#ifndef CACHE_ZEND_KEY_H
#define CACHE_ZEND_KEY_H

#include "php.h"

#include "core/store/store.h"
#include "globals.h"

ZEND_COLD uint64_t cache_key_memoise(const struct store *store, zend_string *string);
uint64_t cache_key_hash_recent(const struct store *store, const char *at, size_t length);
/** At the end of a request: what was noted of addresses is not valid any more. */
void cache_key_forget_interned(void);
/** When a segment is attached: no hash is. */
void cache_key_forget(void);

static zend_always_inline uint64_t cache_memo_mark(const zend_string *string)
{
	return (uint64_t)CACHE_G(memo_span) << 32 | (uint32_t)ZSTR_LEN(string);
}

static zend_always_inline uint64_t cache_key_hash(const struct store *store, zend_string *string)
{
	if (ZSTR_IS_INTERNED(string)) {
		const struct cache_memo_slot *slot = &CACHE_G(memo)[ZSTR_H(string) & (CACHE_MEMO_SLOTS - 1)];
		if (EXPECTED(slot->string == string && slot->mark == cache_memo_mark(string))) {
			return slot->hash;
		}
		return cache_key_memoise(store, string);
	}
	return cache_key_hash_recent(store, ZSTR_VAL(string), ZSTR_LEN(string));
}

static zend_always_inline struct store_key cache_key(const struct store *store, zend_string *string)
{
	return (struct store_key){
		.bytes = ZSTR_VAL(string),
		.length = (uint32_t)ZSTR_LEN(string),
		.hash = cache_key_hash(store, string),
	};
}

static zend_always_inline bool cache_key_is_valid(const zend_string *string)
{
	return EXPECTED(ZSTR_LEN(string) - 1 < STORE_KEY_MAX);
}

ZEND_COLD void cache_key_throw_length(uint32_t argument);

/** Else a ValueError was thrown. */
static zend_always_inline bool cache_key_check(const zend_string *string, uint32_t argument)
{
	if (UNEXPECTED(!cache_key_is_valid(string))) {
		cache_key_throw_length(argument);
		return false;
	}
	return true;
}

/** Are all elements strings or integers, of good length? Else a TypeError or ValueError was thrown. */
bool cache_key_check_list(HashTable *list, uint32_t argument);
/** The same of what follows so many bytes in the key. */
bool cache_key_check_list_after(HashTable *list, uint32_t argument, size_t before);
/** The same for the keys of an array. */
bool cache_key_check_pairs(HashTable *pairs, uint32_t argument);

/** An element of a checked list as a string that the caller releases. */
zend_string *cache_key_of_element(zval *element);

/** A key of an array as a string that the caller releases. */
static zend_always_inline zend_string *cache_key_of_pair(zend_string *name, zend_ulong index)
{
	return name ? zend_string_copy(name) : zend_long_to_str((zend_long)index);
}

#endif
