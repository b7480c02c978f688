#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "value.h"

#include "globals.h"
#include "serializer.h"

/* store_item.flags of serialized values. Part of the file format: never change. */
#define FLAG_SERIALIZER_MASK 0x0f
#define FLAG_IS_OBJECT 0x10

static bool encode_serialized(zval *value, const struct cache_path *root, struct cache_encoded *encoded)
{
	enum cache_serializer serializer = CACHE_G(settings).serializer;
	bool is_object = Z_TYPE_P(value) == IS_OBJECT;
	zend_string *bytes;

	if (!cache_storable_check(value, root)) {
		return false;
	}
	bytes = cache_serialize(value, &serializer);
	if (!bytes) {
		cache_storable_convert_exception(root);
		return false;
	}
	ZVAL_STR(&encoded->owned, bytes);
	encoded->item.type = STORE_SERIALIZED;
	encoded->item.flags = (uint8_t)((unsigned)serializer | (is_object ? FLAG_IS_OBJECT : 0));
	encoded->item.bytes = ZSTR_VAL(bytes);
	encoded->item.size = ZSTR_LEN(bytes);
	return true;
}

static void encode_string(zval *value, struct cache_encoded *encoded)
{
	struct store_item *item = &encoded->item;

	ZVAL_COPY(&encoded->owned, value);
	if (Z_STRLEN_P(value) < CACHE_TEXT_MIN) {
		item->type = STORE_STRING;
		item->bytes = Z_STRVAL_P(value);
		item->size = Z_STRLEN_P(value);
	} else {
		item->type = STORE_TEXT;
		item->size = cache_text_size(Z_STRLEN_P(value));
		item->bytes = Z_STRVAL_P(value);
		item->bytes_size = Z_STRLEN_P(value);
		item->head = (const char *)&encoded->text_head;
		item->head_size = CACHE_TEXT_HEAD;
		cache_text_head(Z_STR_P(value), &encoded->text_head);
	}
}

/* As a graph, or else by the serializer, which also says what cannot be cached at all. */
static bool encode_objects(zval *value, const struct cache_path *root, struct cache_encoded *encoded)
{
	struct store_item *item = &encoded->item;

	encoded->graph = cache_graph_measure(value, &item->size, &item->flags);
	if (encoded->graph) {
		item->type = STORE_IMAGE;
		item->build = cache_graph_build;
		item->build_context = encoded->graph;
		return true;
	}
	if (EG(exception)) {
		return false;
	}
	item->flags = 0;
	return encode_serialized(value, root, encoded);
}

/* The reference that is taken keeps the array from being changed in place, by a serializer's code, until it is built. */
static bool encode_array(zval *value, const struct cache_path *root, struct cache_encoded *encoded)
{
	struct store_item *item = &encoded->item;

	if (!cache_image_measure(Z_ARR_P(value), &item->size)) {
		return encode_objects(value, root, encoded);
	}
	ZVAL_COPY(&encoded->owned, value);
	item->type = STORE_IMAGE;
	item->build = cache_image_build;
	item->is_same = cache_image_same;
	item->build_context = Z_ARR_P(value);
	return true;
}

bool cache_encode(zval *value, const struct cache_lifetime *lifetime, const struct cache_path *root,
                  struct cache_encoded *encoded)
{
	struct store_item *item = &encoded->item;

	ZVAL_UNDEF(&encoded->owned);
	encoded->graph = NULL;
	item->flags = 0;
	item->integer = 0;
	item->bytes = NULL;
	item->size = 0;
	item->build = NULL;
	item->is_same = NULL;
	item->head = NULL;
	item->head_size = 0;
	item->ttl_us = lifetime->ttl_us;
	item->stale_ttl_us = lifetime->stale_ttl_us;
	item->stamp_us = lifetime->stamp_us;
	item->tags = lifetime->tag_count ? lifetime->tags : NULL;
	item->tags_size = lifetime->tags_size;
	item->tag_count = lifetime->tag_count;
	ZVAL_DEREF(value);
	switch (Z_TYPE_P(value)) {
	case IS_LONG:
		item->type = STORE_INT;
		item->integer = Z_LVAL_P(value);
		return true;
	case IS_STRING:
		encode_string(value, encoded);
		return true;
	case IS_ARRAY:
		return encode_array(value, root, encoded);
	case IS_DOUBLE:
		item->type = STORE_DOUBLE;
		item->real = Z_DVAL_P(value);
		return true;
	case IS_NULL:
		item->type = STORE_NULL;
		return true;
	case IS_FALSE:
		item->type = STORE_FALSE;
		return true;
	case IS_TRUE:
		item->type = STORE_TRUE;
		return true;
	case IS_OBJECT:
		return encode_objects(value, root, encoded);
	default:
		return encode_serialized(value, root, encoded);
	}
}

/* A text's hash may be written by whoever wants it: it is handed out by its address in the writable mapping. */
static void take_in_place(const struct store_view *view, zval *value)
{
	if (view->type == STORE_TEXT) {
		ZVAL_INTERNED_STR(value, (zend_string *)view->bytes);
	} else {
		Z_ARR_P(value) = (zend_array *)(uintptr_t)view->official;
		Z_TYPE_INFO_P(value) = IS_ARRAY;
	}
}

/*
 * Objects are made anew in any case. What a small one holds is soon copied, while blocks that readers keep pinned make each
 * store that replaces one look for who has it, under the lock.
 */
static bool is_worth_holding(const struct store_view *view)
{
	return !(view->flags & CACHE_IMAGE_GRAPH) || view->type != STORE_IMAGE || view->size >= CACHE_GRAPH_HELD_MIN;
}

bool cache_take_bytes(struct store *store, struct store_view *view, bool may_hold, zval *value)
{
	bool decoded = true, in_place = false;

	switch (view->type) {
	case STORE_STRING:
		ZVAL_STRINGL_FAST(value, view->bytes, view->size);
		break;
	case STORE_TEXT:
	case STORE_IMAGE:
		in_place = may_hold && view->mapped && is_worth_holding(view) && store_hold(store, view);
		if (view->type == STORE_IMAGE && (view->flags & CACHE_IMAGE_GRAPH)) {
			decoded = cache_graph_take(view, in_place, value);
		} else if (in_place) {
			take_in_place(view, value);
		} else {
			decoded = cache_image_copy(view, value);
		}
		break;
	case STORE_SERIALIZED:
		/* Runs code of the user, which may hold what it likes: it is unpinned by its number. */
		decoded = cache_unserialize((enum cache_serializer)(view->flags & FLAG_SERIALIZER_MASK), view->bytes, view->size, value);
		break;
	default:
		ZVAL_NULL(value);
		decoded = false;
	}
	if (!in_place) {
		store_unpin(store, view->pin);
	}
	return decoded;
}

bool cache_value_is_object(enum store_type type, uint8_t flags)
{
	return flags & (type == STORE_IMAGE ? CACHE_IMAGE_OBJECT : FLAG_IS_OBJECT);
}
