/* Can a value be cached? Asked before a serializer sees it, so that the answer can name the place. */
#ifndef CACHE_ZEND_STORABLE_H
#define CACHE_ZEND_STORABLE_H

#include "php.h"

/*
 * Arrays and objects within each other. PHP's unserialize() gives up below 4096 by default, and its and other
 * serializers' recursion needs about 1 KB of the C stack for each.
 */
#define CACHE_DEPTH_MAX 4096

/** A step of the way from the argument to a value inside of it. */
struct cache_path {
	/** NULL: this is the argument itself, and `variable` names it. */
	const struct cache_path *parent;
	const char *variable;
	/** NULL: `index`. */
	const zend_string *name;
	zend_ulong index;
	bool is_property;
};

/**
 * False: a Cache\UnstorableException was thrown. No user code is run: what an object's own __serialize() or
 * __sleep() yields is left to the serializer.
 */
bool cache_storable_check(zval *value, const struct cache_path *root);

/** Turns a serializer's "Serialization of 'X' is not allowed" into a Cache\UnstorableException. */
void cache_storable_convert_exception(const struct cache_path *root);

#endif
