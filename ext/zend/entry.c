#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "entry.h"

#include "lifetime.h"
#include "value.h"

static void add(HashTable *fields, const char *name, zval *value)
{
	zend_hash_str_add_new(fields, name, strlen(name), value);
}

static void add_int(HashTable *fields, const char *name, int64_t number)
{
	zval value;

	ZVAL_LONG(&value, (zend_long)number);
	add(fields, name, &value);
}

static void add_time(HashTable *fields, const char *name, int64_t us)
{
	zval value;

	if (us == INT64_MAX) {
		ZVAL_NULL(&value);
	} else {
		ZVAL_LONG(&value, (zend_long)us);
	}
	add(fields, name, &value);
}

void cache_entry_tags(const struct store_entry *entry, zval *list)
{
	const char *at = entry->tags, *end = at + entry->tags_size;

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

	add_int(fields, "version", (int64_t)entry->version);
	add_int(fields, "stamp", entry->stamp_us);
	add_int(fields, "state", entry->state);
	cache_duration_write(entry->ttl_us, 0, &value);
	add(fields, "ttl", &value);
	cache_duration_write(entry->stale_ttl_us, ZEND_INFINITY, &value);
	add(fields, "stale_ttl", &value);
	add_time(fields, "soft", entry->soft_us);
	add_time(fields, "hard", entry->hard_us);
	add_int(fields, "size", (int64_t)entry->memory);
	ZVAL_STRING(&value, cache_type_name(entry->view.type, entry->view.flags));
	add(fields, "type", &value);
	cache_entry_tags(entry, &value);
	add(fields, "tags", &value);
	add_int(fields, "hits_class", entry->hits_class);
	add_int(fields, "accessed", entry->accessed);
}
