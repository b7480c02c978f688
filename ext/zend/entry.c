#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "entry.h"

#include "lifetime.h"
#include "value.h"

zend_string *cache_entry_names[CACHE_ENTRY_FIELD_COUNT];

#define TYPE_NAMES(X) X(null) X(bool) X(int) X(float) X(string) X(array) X(object)
enum type_name {
#define X(name) TYPE_##name,
	TYPE_NAMES(X)
#undef X
	TYPE_NAME_COUNT
};
static zend_string *type_names[TYPE_NAME_COUNT];

static zend_string *permanent(const char *name)
{
	return zend_string_init_interned(name, strlen(name), true);
}

HashTable cache_entry_key_info, cache_entry_iterated;

static void add_nulls(HashTable *fields, enum cache_entry_field from, enum cache_entry_field to)
{
	zend_hash_init(fields, CACHE_ENTRY_FIELD_COUNT, NULL, NULL, true);
	zend_hash_real_init_mixed(fields);
	for (int field = from; field <= (int)to; field++) {
		cache_entry_add_null(fields, field);
	}
}

void cache_entry_startup(void)
{
#define X(name) cache_entry_names[CACHE_ENTRY_##name] = permanent(#name);
	CACHE_ENTRY_FIELDS(X)
#undef X
#define X(name) type_names[TYPE_##name] = permanent(#name);
	TYPE_NAMES(X)
#undef X
	add_nulls(&cache_entry_key_info, CACHE_ENTRY_version, CACHE_ENTRY_lease);
	add_nulls(&cache_entry_iterated, CACHE_ENTRY_key, CACHE_ENTRY_accessed);
}

void cache_entry_shutdown(void)
{
	zend_hash_destroy(&cache_entry_key_info);
	zend_hash_destroy(&cache_entry_iterated);
}

static enum type_name type_of(const struct store_view *view)
{
	switch (view->type) {
	case STORE_NULL:
		return TYPE_null;
	case STORE_FALSE:
	case STORE_TRUE:
		return TYPE_bool;
	case STORE_INT:
	case STORE_BIGINT:
		return TYPE_int;
	case STORE_DOUBLE:
		return TYPE_float;
	case STORE_STRING:
	case STORE_TEXT:
		return TYPE_string;
	case STORE_SERIALIZED:
	case STORE_IMAGE:
		break;
	}
	return cache_value_is_object(view->type, view->flags) ? TYPE_object : TYPE_array;
}

static void write_time(zval *value, int64_t us)
{
	if (us == INT64_MAX) {
		ZVAL_NULL(value);
	} else {
		ZVAL_LONG(value, (zend_long)us);
	}
}

void cache_entry_tags(const struct store_entry *entry, zval *list)
{
	const char *at = entry->tags, *end = at + entry->tags_size;

	if (entry->tag_count == 0) {
		ZVAL_EMPTY_ARRAY(list);
		return;
	}
	array_init_size(list, entry->tag_count);
	for (unsigned i = 0; i < entry->tag_count && at < end; i++) {
		size_t length = (unsigned char)*at++;
		add_next_index_stringl(list, at, MIN(length, (size_t)(end - at)));
		at += length;
	}
}

Bucket *cache_entry_describe(const struct store_entry *entry, Bucket *field)
{
	ZVAL_LONG(&field++->val, (zend_long)entry->version);
	ZVAL_LONG(&field++->val, (zend_long)entry->stamp_us);
	ZVAL_LONG(&field++->val, entry->state);
	cache_duration_write(entry->ttl_us, 0, &field++->val);
	cache_duration_write(entry->stale_ttl_us, ZEND_INFINITY, &field++->val);
	write_time(&field++->val, entry->soft_us);
	write_time(&field++->val, entry->hard_us);
	ZVAL_LONG(&field++->val, (zend_long)entry->memory);
	ZVAL_INTERNED_STR(&field++->val, type_names[type_of(&entry->view)]);
	cache_entry_tags(entry, &field++->val);
	ZVAL_LONG(&field++->val, entry->hits_class);
	ZVAL_LONG(&field++->val, (zend_long)entry->accessed);
	return field;
}
