/*
 * One number for all that zero-copy values rely on. Two builds of PHP that could read each other's strings and
 * arrays wrongly get different numbers, and so different segment files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "participant.h"

#include <stddef.h>

#include "zend_modules.h"

/* The finalizer of MurmurHash3 (Appleby), after adding the next word. */
static uint64_t mix(uint64_t state, uint64_t word)
{
	state = (state ^ word) + UINT64_C(0x9e3779b97f4a7c15);
	state = (state ^ (state >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	state = (state ^ (state >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return state ^ (state >> 33);
}

uint64_t cache_fingerprint(void)
{
	/* Its hash depends on whether char is signed, and on the hash function. */
	static const char probe[] = "\xff\x80 cache";
	static const uint16_t endianness = 1;
	const uint64_t words[] = {
		PHP_MAJOR_VERSION, PHP_MINOR_VERSION, ZEND_MODULE_API_NO, USING_ZTS, ZEND_DEBUG,
		sizeof(void *), sizeof(zend_long), *(const unsigned char *)&endianness,
		sizeof(zval), offsetof(zval, u1), offsetof(zval, u2),
		sizeof(zend_refcounted_h), offsetof(zend_refcounted_h, u),
		sizeof(zend_string), offsetof(zend_string, h), offsetof(zend_string, len), offsetof(zend_string, val),
		sizeof(Bucket), offsetof(Bucket, val), offsetof(Bucket, h), offsetof(Bucket, key),
		sizeof(zend_array), offsetof(zend_array, u), offsetof(zend_array, nTableMask), offsetof(zend_array, arData),
		offsetof(zend_array, nNumUsed), offsetof(zend_array, nNumOfElements), offsetof(zend_array, nTableSize),
		offsetof(zend_array, nInternalPointer), offsetof(zend_array, nNextFreeElement),
		offsetof(zend_array, pDestructor),
		IS_NULL, IS_FALSE, IS_TRUE, IS_LONG, IS_DOUBLE, IS_STRING, IS_ARRAY, IS_OBJECT, IS_REFERENCE,
		IS_INTERNED_STRING_EX, IS_STRING_EX, IS_ARRAY_EX, Z_TYPE_FLAGS_SHIFT,
		GC_FLAGS_SHIFT, GC_INFO_SHIFT, GC_NOT_COLLECTABLE, GC_PROTECTED, GC_IMMUTABLE, GC_PERSISTENT,
		GC_PERSISTENT_LOCAL, IS_STR_INTERNED, IS_STR_PERSISTENT, IS_STR_PERMANENT, IS_STR_VALID_UTF8,
		HASH_FLAG_PACKED, HASH_FLAG_UNINITIALIZED, HASH_FLAG_STATIC_KEYS, HASH_FLAG_HAS_EMPTY_IND,
		HT_MIN_MASK, HT_MIN_SIZE, HT_INVALID_IDX,
		zend_inline_hash_func(probe, sizeof(probe) - 1),
	};
	uint64_t state = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		state = mix(state, words[i]);
	}
	return state;
}
