/* PHP's values as the store takes and gives them. */
#ifndef CACHE_ZEND_VALUE_H
#define CACHE_ZEND_VALUE_H

#include "php.h"

#include "core/store/store.h"
#include "lifetime.h"
#include "storable.h"

/** A value ready to be stored. */
struct cache_encoded {
	struct store_item item;
	/** Holds the bytes of `item`; NULL if it has none. */
	zend_string *owned;
};

/** False: an exception was thrown. Runs user code for arrays and objects; takes no lock. */
bool cache_encode(zval *value, const struct cache_lifetime *lifetime, const struct cache_path *root,
                  struct cache_encoded *encoded);

static zend_always_inline void cache_encoded_release(struct cache_encoded *encoded)
{
	if (encoded->owned) {
		zend_string_release(encoded->owned);
	}
}

/** Does encoding it run code of the user? */
static zend_always_inline bool cache_value_needs_serializer(const zval *value)
{
	return Z_TYPE_P(value) >= IS_ARRAY;
}

/** For bytes that are serialized: false: `value` is null; see cache_unserialize(). */
bool cache_decode_serialized(uint8_t flags, const char *bytes, size_t size, zval *value);

/** False: `value` is null, and an exception was thrown or the entry cannot be decoded. Does not unpin. */
static zend_always_inline bool cache_decode(const struct store_view *view, zval *value)
{
	switch (view->type) {
	case STORE_INT:
	case STORE_BIGINT:
		ZVAL_LONG(value, (zend_long)view->integer);
		return true;
	case STORE_STRING:
		ZVAL_STRINGL_FAST(value, view->bytes, view->size);
		return true;
	case STORE_DOUBLE:
		ZVAL_DOUBLE(value, view->real);
		return true;
	case STORE_TRUE:
		ZVAL_TRUE(value);
		return true;
	case STORE_FALSE:
		ZVAL_FALSE(value);
		return true;
	case STORE_SERIALIZED:
		return cache_decode_serialized(view->flags, view->bytes, view->size, value);
	case STORE_NULL:
		ZVAL_NULL(value);
		return true;
	}
	ZVAL_NULL(value);
	return false;
}

/** "array", "int": PHP's names. */
const char *cache_type_name(enum store_type type, uint8_t flags);

#endif
