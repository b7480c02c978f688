/* Cache\EntryIterator. */
#ifndef CACHE_ZEND_ITERATOR_H
#define CACHE_ZEND_ITERATOR_H

#include "php.h"

#include "core/store/store.h"

extern zend_class_entry *cache_ce_iterator;

void cache_iterator_register(zend_class_entry *ce);

/** Deletes what the iterator yields from its beginning; where it stands now does not change. */
bool cache_iterator_delete_all(zend_object *object, struct store *store);

#endif
