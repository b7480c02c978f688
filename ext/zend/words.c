/* cache_cas_touch(), cache_stamp(), cache_cas_lock(), cache_fetch_entries(): the words of an entry. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php.h"

#include "zend_smart_str.h"

#include "entry.h"
#include "errors.h"
#include "functions.h"
#include "key.h"
#include "participant.h"

PHP_FUNCTION(cache_cas_touch)
{
	struct store_touch touch = {0};
	struct store *store;
	struct store_key key;
	zend_string *string;
	zend_long expected, new_stamp = 0, token = 0;
	bool any, now = true, any_token = true;

	ZEND_PARSE_PARAMETERS_START(2, 4)
		Z_PARAM_STR(string)
		Z_PARAM_LONG_OR_NULL(expected, any)
		Z_PARAM_OPTIONAL
		Z_PARAM_LONG_OR_NULL(new_stamp, now)
		Z_PARAM_LONG_OR_NULL(token, any_token)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1)) {
		RETURN_THROWS();
	}
	if (!now && new_stamp < 0) {
		zend_argument_value_error(3, "must be greater than or equal to 0");
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_FALSE;
	}
	touch.any = any;
	touch.expected_us = any ? 0 : expected;
	/* To the store 0 is "now"; the epoch itself is a microsecond away from 1. */
	touch.new_us = now ? 0 : MAX(new_stamp, 1);
	touch.has_token = !any_token;
	touch.token = any_token ? 0 : (uint64_t)token;
	key = cache_key(store, string);
	RETURN_BOOL(cache_status_succeeded(store_touch(store, &key, &touch)));
}

static bool read_stamp(struct store *store, zend_string *string, zval *stamp)
{
	const struct store_key key = cache_key(store, string);
	struct store_entry entry;

	if (store_inspect(store, &key, &entry) != CACHE_OK) {
		return false;
	}
	store_unpin(store, entry.view.pin);
	ZVAL_LONG(stamp, (zend_long)entry.stamp_us);
	return true;
}

struct stamps {
	struct store *store;
	zval *found;
};

static void add_stamp(void *context, zend_string *string)
{
	const struct stamps *stamps = context;
	zval stamp;

	if (read_stamp(stamps->store, string, &stamp)) {
		cache_set_element(stamps->found, string, &stamp);
	}
}

PHP_FUNCTION(cache_stamp)
{
	struct stamps stamps = {.found = return_value};
	zend_string *string;
	HashTable *list;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_ARRAY_HT_OR_STR(list, string)
	ZEND_PARSE_PARAMETERS_END();

	if (string ? !cache_key_check(string, 1) : !cache_key_check_list(list, 1)) {
		RETURN_THROWS();
	}
	stamps.store = cache_participant();
	if (string) {
		if (!stamps.store || !read_stamp(stamps.store, string, return_value)) {
			RETURN_FALSE;
		}
		return;
	}
	array_init(return_value);
	if (stamps.store) {
		(void)cache_each_key(list, add_stamp, &stamps);
	}
}

static bool check_word(zend_long word, uint32_t argument)
{
	if (word < 0 || (uint64_t)word > STORE_LOCK_MAX) {
		zend_argument_value_error(argument, "must be between 0 and 2 ** 62 - 1");
		return false;
	}
	return true;
}

PHP_FUNCTION(cache_cas_lock)
{
	struct store *store;
	struct store_key key;
	zend_string *string;
	zend_long expected, desired;

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(string)
		Z_PARAM_LONG(expected)
		Z_PARAM_LONG(desired)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || !check_word(expected, 2) || !check_word(desired, 3)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_FALSE;
	}
	key = cache_key(store, string);
	RETURN_BOOL(cache_status_succeeded(store_cas_lock(store, &key, (uint64_t)expected, (uint64_t)desired)));
}

/* ---- whole entries -------------------------------------------------------------------------------------- */

static const enum cache_entry_field fetched[] = {
	CACHE_ENTRY_value, CACHE_ENTRY_stamp, CACHE_ENTRY_token, CACHE_ENTRY_lock, CACHE_ENTRY_state, CACHE_ENTRY_tags, CACHE_ENTRY_accessed,
};
#define FETCHED_FIELDS (sizeof(fetched) / sizeof(*fetched))

struct entries {
	struct store *store;
	int64_t min_stamp;
	zval *found;
	const HashTable *last; /* the array of the entry before, with the fields that `last_fields` has bits for; NULL: there is none */
	uint32_t last_fields;
	uint32_t wanted;       /* a bit for each field */
	smart_str name;  /* the prefix, and behind it the key that is looked up; without a prefix not used */
	size_t prefix_size;
};

#define WANTED(field) (1u << CACHE_ENTRY_##field)

static struct store_key name_of(struct entries *entries, zend_string *string)
{
	if (!entries->prefix_size) {
		return cache_key(entries->store, string);
	}
	ZSTR_LEN(entries->name.s) = entries->prefix_size;
	smart_str_append(&entries->name, string);
	return (struct store_key){
		.bytes = ZSTR_VAL(entries->name.s),
		.length = (uint32_t)ZSTR_LEN(entries->name.s),
		.hash = store_hash(entries->store, ZSTR_VAL(entries->name.s), ZSTR_LEN(entries->name.s)),
	};
}

/* Where the array has nulls, or another entry's: in the order of `fetched`. */
static void write_fields(uint32_t wanted, const struct store_entry *entry, uint64_t token, const zval *value, const zval *tags, Bucket *field)
{
	if (wanted & WANTED(value)) {
		ZVAL_COPY_VALUE(&field++->val, value);
	}
	if (wanted & WANTED(stamp)) {
		ZVAL_LONG(&field++->val, (zend_long)entry->stamp_us);
	}
	if (wanted & WANTED(token)) {
		ZVAL_LONG(&field++->val, (zend_long)token);
	}
	if (wanted & WANTED(lock)) {
		ZVAL_LONG(&field++->val, (zend_long)entry->lock);
	}
	if (wanted & WANTED(state)) {
		ZVAL_LONG(&field++->val, entry->state);
	}
	if (wanted & WANTED(tags)) {
		ZVAL_COPY_VALUE(&field++->val, tags);
	}
	if (wanted & WANTED(accessed)) {
		ZVAL_LONG(&field->val, (zend_long)entry->accessed);
	}
}

/* Entries of one call mostly have the same fields: then the array is a copy of the one before, in which the values are written. */
static void make_fields(struct entries *entries, uint32_t wanted, zval *array)
{
	if (entries->last && entries->last_fields == wanted) {
		cache_entry_like(array, entries->last);
		return;
	}
	cache_entry_init(array, FETCHED_FIELDS);
	for (uint32_t i = 0; i < FETCHED_FIELDS; i++) {
		if (wanted & (1u << fetched[i])) {
			cache_entry_add_null(Z_ARRVAL_P(array), fetched[i]);
		}
	}
}

/* Tags are read while the entry is pinned; taking the value may unpin it. */
static void add_entry(void *context, zend_string *string)
{
	struct entries *entries = context;
	const struct store_key key = name_of(entries, string);
	uint32_t wanted = entries->wanted;
	struct store_entry entry;
	zval array, value, tags;
	uint64_t token;

	if (store_get_entry(entries->store, &key, &entry) != CACHE_OK) {
		return;
	}
	ZVAL_UNDEF(&value);
	ZVAL_UNDEF(&tags);
	if (wanted & WANTED(tags)) {
		cache_entry_tags(&entry, &tags);
	}
	token = store_token(&entry.view);
	if ((entry.stamp_us < 0 ? -entry.stamp_us : entry.stamp_us) < entries->min_stamp) {
		wanted &= ~WANTED(value);
	}
	if (!(wanted & WANTED(value))) {
		store_unpin(entries->store, entry.view.pin);
	} else if (store_take_view(entries->store, &entry.view) != CACHE_OK ||
	           !cache_take(entries->store, &entry.view, true, &value)) {
		zval_ptr_dtor(&tags);
		return; /* a miss: its class is not there any more, or an exception was thrown */
	}
	make_fields(entries, wanted, &array);
	write_fields(wanted, &entry, token, &value, &tags, Z_ARRVAL(array)->arData);
	cache_set_element(entries->found, string, &array);
	/* The one before may be gone, if it was of the same key. */
	entries->last = Z_ARRVAL(array);
	entries->last_fields = wanted;
}

/* The bits of a list of names. False: it is none, and an error was thrown. */
static bool read_fields(HashTable *list, uint32_t *wanted)
{
	zval *name;

	*wanted = 0;
	ZEND_HASH_FOREACH_VAL(list, name) {
		uint32_t i = 0;
		ZVAL_DEREF(name);
		while (i < FETCHED_FIELDS &&
		       !(Z_TYPE_P(name) == IS_STRING && zend_string_equals(Z_STR_P(name), cache_entry_names[fetched[i]]))) {
			i++;
		}
		if (i == FETCHED_FIELDS) {
			zend_argument_value_error(4, "must be a list of fields: value, stamp, token, lock, state, tags, accessed");
			return false;
		}
		*wanted |= 1u << fetched[i];
	} ZEND_HASH_FOREACH_END();
	return true;
}

PHP_FUNCTION(cache_fetch_entries)
{
	struct entries entries = {.found = return_value, .wanted = ~0u};
	HashTable *list, *fields = NULL;
	zend_string *prefix = NULL;
	zend_long min_stamp = 0;

	ZEND_PARSE_PARAMETERS_START(1, 4)
		Z_PARAM_ARRAY_HT(list)
		Z_PARAM_OPTIONAL
		Z_PARAM_LONG(min_stamp)
		Z_PARAM_STR(prefix)
		Z_PARAM_ARRAY_HT_OR_NULL(fields)
	ZEND_PARSE_PARAMETERS_END();

	entries.prefix_size = prefix ? ZSTR_LEN(prefix) : 0;
	if (entries.prefix_size >= STORE_KEY_MAX) {
		zend_argument_value_error(3, "must be shorter than %d bytes", STORE_KEY_MAX);
		RETURN_THROWS();
	}
	if (!cache_key_check_list_after(list, 1, entries.prefix_size)) {
		RETURN_THROWS();
	}
	if (min_stamp < 0) {
		zend_argument_value_error(2, "must be greater than or equal to 0");
		RETURN_THROWS();
	}
	if (fields && !read_fields(fields, &entries.wanted)) {
		RETURN_THROWS();
	}
	entries.min_stamp = min_stamp;
	entries.store = cache_participant();
	array_init_size(return_value, entries.store ? zend_hash_num_elements(list) : 0);
	if (entries.store) {
		if (entries.prefix_size) {
			smart_str_append(&entries.name, prefix);
		}
		(void)cache_each_key(list, add_entry, &entries);
		smart_str_free(&entries.name);
	}
}
