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
	encoded->owned = bytes;
	encoded->item.type = STORE_SERIALIZED;
	encoded->item.flags = (uint8_t)((unsigned)serializer | (is_object ? FLAG_IS_OBJECT : 0));
	encoded->item.bytes = ZSTR_VAL(bytes);
	encoded->item.size = ZSTR_LEN(bytes);
	return true;
}

bool cache_encode(zval *value, const struct cache_lifetime *lifetime, const struct cache_path *root,
                  struct cache_encoded *encoded)
{
	struct store_item *item = &encoded->item;

	encoded->owned = NULL;
	item->flags = 0;
	item->integer = 0;
	item->bytes = NULL;
	item->size = 0;
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
		item->type = STORE_STRING;
		encoded->owned = zend_string_copy(Z_STR_P(value));
		item->bytes = Z_STRVAL_P(value);
		item->size = Z_STRLEN_P(value);
		return true;
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
	default:
		return encode_serialized(value, root, encoded);
	}
}

bool cache_decode_serialized(uint8_t flags, const char *bytes, size_t size, zval *value)
{
	return cache_unserialize((enum cache_serializer)(flags & FLAG_SERIALIZER_MASK), bytes, size, value);
}

const char *cache_type_name(enum store_type type, uint8_t flags)
{
	switch (type) {
	case STORE_NULL:
		return "null";
	case STORE_FALSE:
	case STORE_TRUE:
		return "bool";
	case STORE_INT:
	case STORE_BIGINT:
		return "int";
	case STORE_DOUBLE:
		return "float";
	case STORE_STRING:
		return "string";
	case STORE_SERIALIZED:
		return flags & FLAG_IS_OBJECT ? "object" : "array";
	}
	return store_type_name(type);
}
