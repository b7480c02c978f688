/* The fields of an entry as PHP shows them. */
#ifndef CACHE_ZEND_ENTRY_H
#define CACHE_ZEND_ENTRY_H

#include "php.h"

#include "core/store/store.h"

/**
 * Adds the fields that cache_key_info() documents to an array. Needs of `entry` what it describes, its tags among
 * them, but neither the key nor the value.
 */
void cache_entry_describe(const struct store_entry *entry, HashTable *fields);
/** Its tags as a list, which is made anew. */
void cache_entry_tags(const struct store_entry *entry, zval *list);

#endif
