/* The fields of an entry as PHP shows them. */
#ifndef CACHE_ZEND_ENTRY_H
#define CACHE_ZEND_ENTRY_H

#include "php.h"

#include "core/store/store.h"

#define CACHE_ENTRY_FIELDS(X)                                                                                     \
	X(key) X(version) X(stamp) X(state) X(ttl) X(stale_ttl) X(soft) X(hard) X(size) X(type) X(tags) X(hits_class)  \
	X(accessed) X(lease) X(value) X(token) X(lock)
enum cache_entry_field {
#define X(name) CACHE_ENTRY_##name,
	CACHE_ENTRY_FIELDS(X)
#undef X
	CACHE_ENTRY_FIELD_COUNT
};

/** Their names: interned and hashed, so that describing an entry allocates none. */
extern zend_string *cache_entry_names[CACHE_ENTRY_FIELD_COUNT];
/**
 * Arrays that have their fields already, and nulls: what cache_key_info() returns, and what the iterator does. An array with the
 * same fields is a copy of memory (cache_entry_like()): half of the work of adding a dozen one by one.
 */
extern HashTable cache_entry_key_info, cache_entry_iterated;
/** Once for the process. */
void cache_entry_startup(void);
void cache_entry_shutdown(void);

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

/** The same with a null. */
static zend_always_inline void cache_entry_add_null(HashTable *fields, enum cache_entry_field field)
{
	zval null;

	ZVAL_LONG(&null, 0); /* all of it is copied */
	ZVAL_NULL(&null);
	cache_entry_add(fields, field, &null);
}

/**
 * An array with the fields of another one, which has all of them in one piece, and room for as many. The values are copied bit by
 * bit: all that are no nulls are to be written next.
 */
static zend_always_inline Bucket *cache_entry_like(zval *array, const HashTable *model)
{
	HashTable *fields = zend_new_array(model->nTableSize);

	zend_hash_real_init_mixed(fields);
	ZEND_ASSERT(fields->nTableMask == model->nTableMask);
	memcpy(HT_GET_DATA_ADDR(fields), HT_GET_DATA_ADDR(model), HT_USED_SIZE(model));
	fields->nNumUsed = fields->nNumOfElements = model->nNumUsed;
	ZVAL_ARR(array, fields);
	return fields->arData;
}

/**
 * Writes what cache_key_info() documents, from `version` to `accessed`, and returns the field behind. Needs of `entry` what it
 * describes, its tags among them, but neither the key nor the value.
 */
Bucket *cache_entry_describe(const struct store_entry *entry, Bucket *field);
/** Its tags as a list, which is made anew. */
void cache_entry_tags(const struct store_entry *entry, zval *list);

#endif
