/* PHP's values as the store takes and gives them. */
#ifndef CACHE_ZEND_VALUE_H
#define CACHE_ZEND_VALUE_H

#include "php.h"

#include "core/store/store.h"
#include "graph.h"
#include "lifetime.h"
#include "storable.h"

/** A value ready to be stored. */
struct cache_encoded {
	struct store_item item;
	/** Holds what `item` is made of: the serializer's bytes, or the string or array itself; undefined if there is nothing. */
	zval owned;
	/** Of a text: its first CACHE_TEXT_HEAD bytes. */
	zend_string text_head;
	/** NULL: no graph. */
	struct cache_graph *graph;
};

/** False: an exception was thrown. Runs user code for arrays and objects; takes no lock. */
bool cache_encode(zval *value, const struct cache_lifetime *lifetime, const struct cache_path *root,
                  struct cache_encoded *encoded);

static zend_always_inline void cache_encoded_release(struct cache_encoded *encoded)
{
	zval_ptr_dtor(&encoded->owned);
	if (UNEXPECTED(encoded->graph)) {
		cache_graph_free(encoded->graph);
	}
}

/** May encoding it run code of the user? */
static zend_always_inline bool cache_value_may_need_serializer(const zval *value)
{
	return Z_TYPE_P(value) >= IS_ARRAY;
}

/** For all that has bytes: see cache_take(). */
bool cache_take_bytes(struct store *store, struct store_view *view, bool may_hold, zval *value);

/**
 * The value of a view, which is unpinned, or held until the request's end if PHP reads the value where it lies; that only
 * with `may_hold`. False: `value` is null, and an exception was thrown or the entry cannot be decoded.
 */
static zend_always_inline bool cache_take(struct store *store, struct store_view *view, bool may_hold, zval *value)
{
	switch (view->type) {
	case STORE_INT:
	case STORE_BIGINT:
		ZVAL_LONG(value, (zend_long)view->integer);
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
	case STORE_NULL:
		ZVAL_NULL(value);
		return true;
	case STORE_IMAGE:
		if (EXPECTED(view->held && view->mapped && may_hold && !(view->flags & CACHE_IMAGE_GRAPH))) {
			Z_ARR_P(value) = (zend_array *)(uintptr_t)view->official;
			Z_TYPE_INFO_P(value) = IS_ARRAY;
			return true;
		}
		return cache_take_bytes(store, view, may_hold, value);
	default:
		return cache_take_bytes(store, view, may_hold, value);
	}
}

/** Of a value that is stored as bytes: is it an object, or else an array? */
bool cache_value_is_object(enum store_type type, uint8_t flags);

#endif
