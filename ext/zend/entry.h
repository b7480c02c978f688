/* The fields of an entry as PHP shows them. */
#ifndef CACHE_ZEND_ENTRY_H
#define CACHE_ZEND_ENTRY_H

#include "php.h"

#include "core/store/store.h"

#define CACHE_ENTRY_FIELDS(X)                                                                                     \
	X(version) X(stamp) X(state) X(ttl) X(stale_ttl) X(soft) X(hard) X(size) X(type) X(tags) X(hits_class) X(accessed) \
	X(lease)
enum cache_entry_field {
#define X(name) CACHE_ENTRY_##name,
	CACHE_ENTRY_FIELDS(X)
#undef X
	CACHE_ENTRY_FIELD_COUNT
};

/** Once for the process: the names, hashed, so that describing an entry allocates none. */
void cache_entry_startup(void);
/** Adds a field that is not there. */
void cache_entry_add(HashTable *fields, enum cache_entry_field field, zval *value);
/**
 * Adds the fields that cache_key_info() documents to an array. Needs of `entry` what it describes, its tags among
 * them, but neither the key nor the value.
 */
void cache_entry_describe(const struct store_entry *entry, HashTable *fields);
/** Its tags as a list, which is made anew. */
void cache_entry_tags(const struct store_entry *entry, zval *list);

#endif
