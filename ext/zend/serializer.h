/* Arrays and objects to bytes and back, by PHP's serializer or one of an extension. */
#ifndef CACHE_ZEND_SERIALIZER_H
#define CACHE_ZEND_SERIALIZER_H

#include "php.h"

#include "ini.h"

/**
 * The bytes, and in `serializer` whose they are: the one asked for, or PHP's when that is not loaded.
 * NULL: an exception was thrown. Runs user code.
 */
zend_string *cache_serialize(zval *value, enum cache_serializer *serializer);

/**
 * False: `value` is null, and an exception was thrown, or the bytes cannot be decoded here, which is logged.
 * Runs user code.
 */
bool cache_unserialize(enum cache_serializer serializer, const char *bytes, size_t size, zval *value);

#endif
