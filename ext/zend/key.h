/*
 * Keys: their rules, their forms in arrays, and their hashes.
 *
 * The hash of a key is SipHash under the segment's random key. For interned strings, as literals are, a direct-mapped
 * memo keeps it: by address, checked against length and PHP's own hash. It is emptied when another segment is attached,
 * and at the end of a request that put a string into it that dies with the request.
 */
#ifndef CACHE_ZEND_KEY_H
#define CACHE_ZEND_KEY_H

#include "php.h"

#include "core/store/store.h"
#include "globals.h"

ZEND_COLD uint64_t cache_key_memoise(const struct store *store, zend_string *string);
void cache_key_forget_transient(void);
/** For the hashes of a segment that is attached: those of another one are not valid. */
void cache_key_begin_segment(const struct store *store);

static zend_always_inline uint64_t cache_key_hash(const struct store *store, zend_string *string)
{
	if (ZSTR_IS_INTERNED(string)) {
		const struct cache_memo_slot *slot = &CACHE_G(memo)[ZSTR_H(string) & (CACHE_MEMO_SLOTS - 1)];
		if (EXPECTED(slot->string == string && slot->h == ZSTR_H(string) && slot->length == ZSTR_LEN(string))) {
			return slot->hash;
		}
		return cache_key_memoise(store, string);
	}
	return store_hash(store, ZSTR_VAL(string), ZSTR_LEN(string));
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
