/* The fields of an entry as PHP shows them. */
#ifndef CACHE_ZEND_ENTRY_H
#define CACHE_ZEND_ENTRY_H

#include "php.h"

#include "core/store/store.h"

#define CACHE_ENTRY_FIELDS(X)                                                                                     \
	X(version) X(stamp) X(state) X(ttl) X(stale_ttl) X(soft) X(hard) X(size) X(type) X(tags) X(hits_class) X(accessed) \
	X(lease) X(value) X(token) X(lock)
enum cache_entry_field {
#define X(name) CACHE_ENTRY_##name,
	CACHE_ENTRY_FIELDS(X)
#undef X
	CACHE_ENTRY_FIELD_COUNT
};

/** Their names: interned and hashed, so that describing an entry allocates none. */
extern zend_string *cache_entry_names[CACHE_ENTRY_FIELD_COUNT];
/** Once for the process. */
void cache_entry_startup(void);

/** An array that gets so many fields at most. */
static zend_always_inline void cache_entry_init(zval *array, uint32_t most)
{
	array_init_size(array, most);
	zend_hash_real_init_mixed(Z_ARRVAL_P(array));
}

/** Adds a field that is not there, and for which there is room. */
static zend_always_inline void cache_entry_add(HashTable *fields, enum cache_entry_field field, zval *value)
{
	ZEND_ASSERT(fields->nNumUsed < fields->nTableSize);
	_zend_hash_append(fields, cache_entry_names[field], value);
}

/**
 * Adds the fields that cache_key_info() documents to an array with room for them. Needs of `entry` what it describes, its tags among
 * them, but neither the key nor the value.
 */
void cache_entry_describe(const struct store_entry *entry, HashTable *fields);
/** Its tags as a list, which is made anew. */
void cache_entry_tags(const struct store_entry *entry, zval *list);

#endif
