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

void cache_entry_startup(void)
{
#define X(name) cache_entry_names[CACHE_ENTRY_##name] = permanent(#name);
	CACHE_ENTRY_FIELDS(X)
#undef X
#define X(name) type_names[TYPE_##name] = permanent(#name);
	TYPE_NAMES(X)
#undef X
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

static void add_int(HashTable *fields, enum cache_entry_field field, int64_t number)
{
	zval value;

	ZVAL_LONG(&value, (zend_long)number);
	cache_entry_add(fields, field, &value);
}

static void add_time(HashTable *fields, enum cache_entry_field field, int64_t us)
{
	zval value;

	ZVAL_LONG(&value, (zend_long)us); /* all of it is copied, of a null, too */
	if (us == INT64_MAX) {
		ZVAL_NULL(&value);
	}
	cache_entry_add(fields, field, &value);
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

void cache_entry_describe(const struct store_entry *entry, HashTable *fields)
{
	zval value;

	add_int(fields, CACHE_ENTRY_version, (int64_t)entry->version);
	add_int(fields, CACHE_ENTRY_stamp, entry->stamp_us);
	add_int(fields, CACHE_ENTRY_state, entry->state);
	cache_duration_write(entry->ttl_us, 0, &value);
	cache_entry_add(fields, CACHE_ENTRY_ttl, &value);
	cache_duration_write(entry->stale_ttl_us, ZEND_INFINITY, &value);
	cache_entry_add(fields, CACHE_ENTRY_stale_ttl, &value);
	add_time(fields, CACHE_ENTRY_soft, entry->soft_us);
	add_time(fields, CACHE_ENTRY_hard, entry->hard_us);
	add_int(fields, CACHE_ENTRY_size, (int64_t)entry->memory);
	ZVAL_INTERNED_STR(&value, type_names[type_of(&entry->view)]);
	cache_entry_add(fields, CACHE_ENTRY_type, &value);
	cache_entry_tags(entry, &value);
	cache_entry_add(fields, CACHE_ENTRY_tags, &value);
	add_int(fields, CACHE_ENTRY_hits_class, entry->hits_class);
	add_int(fields, CACHE_ENTRY_accessed, entry->accessed);
}
