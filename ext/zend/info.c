/* cache_enabled(), cache_info(), cache_key_info(), phpinfo(). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "info.h"

#include "ext/standard/info.h"

#include "entry.h"
#include "key.h"
#include "participant.h"
#include "php_cache.h"

PHP_FUNCTION(cache_enabled)
{
	struct store *store;

	ZEND_PARSE_PARAMETERS_NONE();
	store = cache_participant();
	RETURN_BOOL(store && store_is_usable(store));
}

static void add_int(zval *array, const char *name, uint64_t number)
{
	add_assoc_long(array, name, (zend_long)number);
}

static void add_segment(zval *array, const struct store_info *info)
{
	zval segment;

	array_init(&segment);
	add_assoc_string(&segment, "path", info->path);
	add_int(&segment, "size", info->size);
	add_int(&segment, "file_bytes", info->file_bytes);
	add_assoc_string(&segment, "mode", info->zero_copy ? "zero-copy" : "copy");
	add_int(&segment, "created", (uint64_t)info->created_us);
	add_int(&segment, "shards", info->shards);
	add_int(&segment, "processes", info->attached);
	add_int(&segment, "processes_max", info->processes_max);
	add_assoc_bool(&segment, "guest", info->guest);
	add_assoc_zval(array, "segment", &segment);
}

static void add_classes(zval *array, const struct store_info *info)
{
	zval classes;

	array_init_size(&classes, info->class_count);
	for (uint32_t i = 0; i < info->class_count; i++) {
		const struct store_class_info *class = &info->classes[i];
		zval fields;
		array_init(&fields);
		add_int(&fields, "block_size", class->block_size);
		add_int(&fields, "pages", class->pages);
		add_int(&fields, "used", class->used);
		add_int(&fields, "entries_small", class->entries_small);
		add_int(&fields, "entries_main", class->entries_main);
		add_next_index_zval(&classes, &fields);
	}
	add_assoc_zval(array, "classes", &classes);
}

static void add_memory(zval *array, const struct store_info *info)
{
	zval memory;

	array_init(&memory);
	add_int(&memory, "total", info->memory_total);
	add_int(&memory, "used", info->memory_used);
	add_int(&memory, "free", info->memory_free);
	add_int(&memory, "index", info->memory_index);
	add_int(&memory, "retired", info->memory_retired);
	add_int(&memory, "pinned", info->pins);
	add_classes(&memory, info);
	add_assoc_zval(array, "memory", &memory);
}

/*
 * The counters of stats.def by their names; those with a reason behind `misses_` and `failed_` in an array of
 * reasons.
 */
static void add_counters(zval *array, const struct store_info *info)
{
	static const char *const groups[] = {"misses", "failed"};

	for (int i = 0; i < STORE_COUNTERS; i++) {
		const char *name = store_counter_names[i];
		zval *target = array, *group, empty;
		for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
			size_t length = strlen(groups[g]);
			if (strncmp(name, groups[g], length) != 0 || name[length] != '_') {
				continue;
			}
			group = zend_hash_str_find(Z_ARRVAL_P(array), groups[g], length);
			if (!group) {
				array_init(&empty);
				group = zend_hash_str_add_new(Z_ARRVAL_P(array), groups[g], length, &empty);
			}
			target = group;
			name += length + 1;
			break;
		}
		add_int(target, name, info->counters[i]);
	}
}

static void add_histogram(zval *array, const char *name, const uint64_t *buckets)
{
	zval list;

	array_init_size(&list, STORE_AGE_BUCKETS);
	for (int i = 0; i < STORE_AGE_BUCKETS; i++) {
		add_next_index_long(&list, (zend_long)buckets[i]);
	}
	add_assoc_zval(array, name, &list);
}

static void add_histograms(zval *array, struct store *store)
{
	struct store_histograms histograms;
	zval fields;

	store_get_histograms(store, &histograms);
	array_init(&fields);
	add_histogram(&fields, "eviction_age", histograms.eviction_age);
	add_histogram(&fields, "hit_idle", histograms.hit_idle);
	add_assoc_zval(array, "histograms", &fields);
}

PHP_FUNCTION(cache_info)
{
	bool limited = false;
	struct store *store;
	struct store_info info;

	ZEND_PARSE_PARAMETERS_START(0, 1)
		Z_PARAM_OPTIONAL
		Z_PARAM_BOOL(limited)
	ZEND_PARSE_PARAMETERS_END();

	store = cache_participant();
	array_init(return_value);
	add_assoc_bool(return_value, "enabled", store != NULL);
	add_assoc_string(return_value, "version", PHP_CACHE_VERSION);
	if (!store) {
		add_assoc_string(return_value, "reason", cache_participant_reason());
		return;
	}
	store_get_info(store, &info);
	add_segment(return_value, &info);
	add_memory(return_value, &info);
	add_int(return_value, "entries", info.entries);
	add_counters(return_value, &info);
	if (!limited) {
		add_histograms(return_value, store);
	}
}

static void write_lease(zval *lease, struct store *store, const struct store_key *key)
{
	struct store_lease_info info;

	if (!store_lease_get(store, key, &info)) {
		ZVAL_NULL(lease);
		return;
	}
	array_init_size(lease, 2);
	if (info.owner == UINT32_MAX) {
		add_assoc_null(lease, "owner");
	} else {
		add_int(lease, "owner", info.owner);
	}
	add_int(lease, "deadline", (uint64_t)cache_wall_us() + info.left_ns / 1000);
}

PHP_FUNCTION(cache_key_info)
{
	struct store *store;
	struct store_key key;
	struct store_entry entry;
	zend_string *string;
	Bucket *field;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(string)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_NULL();
	}
	key = cache_key(store, string);
	if (store_inspect(store, &key, &entry) != CACHE_OK) {
		RETURN_NULL();
	}
	field = cache_entry_describe(&entry, cache_entry_like(return_value, &cache_entry_key_info));
	store_unpin(store, entry.view.pin);
	write_lease(&field->val, store, &key);
}

static void print_row(const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long) number);
	php_info_print_table_row(2, name, text);
}

PHP_MINFO_FUNCTION(cache)
{
	struct store *store = cache_participant();
	struct store_info info;

	php_info_print_table_start();
	php_info_print_table_row(2, "cache support", store ? "enabled" : "disabled");
	php_info_print_table_row(2, "Version", PHP_CACHE_VERSION);
#ifdef CACHE_DEBUG
	php_info_print_table_row(2, "Invariant checks", "compiled in");
#endif
	if (store) {
		store_get_info(store, &info);
		php_info_print_table_row(2, "Segment", info.path);
		php_info_print_table_row(2, "Mode", info.zero_copy ? "zero-copy" : "copy");
		print_row("Size", info.size);
		print_row("Memory used", info.memory_used);
		print_row("Entries", info.entries);
		print_row("Processes attached", info.attached);
	} else {
		php_info_print_table_row(2, "Reason", cache_participant_reason());
	}
	php_info_print_table_end();
	DISPLAY_INI_ENTRIES();
}
