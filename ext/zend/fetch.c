/* cache_fetch() and cache_exists(): no lock. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php.h"

#include "functions.h"
#include "key.h"
#include "participant.h"
#include "value.h"

/* False: `value` is false, or null if an exception was thrown. */
static zend_always_inline bool fetch(struct store *store, const struct store_key *key, zval *value)
{
	struct store_view view;
	bool decoded;

	if (store_get(store, key, &view) != CACHE_OK) {
		ZVAL_FALSE(value);
		return false;
	}
	decoded = cache_take(store, &view, true, value);
	if (UNEXPECTED(!decoded) && !EG(exception)) {
		ZVAL_FALSE(value);
	}
	return decoded;
}

/* False: an exception was thrown. */
static bool fetch_list(struct store *store, HashTable *list, zval *found)
{
	zval *element, value;

	array_init_size(found, zend_hash_num_elements(list));
	ZEND_HASH_FOREACH_VAL(list, element) {
		if (EXPECTED(Z_TYPE_P(element) == IS_STRING)) {
			const struct store_key key = cache_key(store, Z_STR_P(element));
			if (fetch(store, &key, &value)) {
				zend_symtable_update(Z_ARRVAL_P(found), Z_STR_P(element), &value);
			}
		} else {
			/* An integer; or a reference, which code of the user may change while the value is decoded. */
			zend_string *string = cache_key_of_element(element);
			const struct store_key key = cache_key(store, string);
			if (fetch(store, &key, &value)) {
				zend_symtable_update(Z_ARRVAL_P(found), string, &value);
			}
			zend_string_release(string);
		}
		if (UNEXPECTED(EG(exception))) {
			return false;
		}
	} ZEND_HASH_FOREACH_END();
	return true;
}

PHP_FUNCTION(cache_fetch)
{
	struct store *store;
	HashTable *list;
	zend_string *string;
	zval *success = NULL;
	bool found = false;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_ARRAY_HT_OR_STR(list, string)
		Z_PARAM_OPTIONAL
		Z_PARAM_ZVAL(success)
	ZEND_PARSE_PARAMETERS_END();

	if (EXPECTED(string)) {
		if (!cache_key_check(string, 1)) {
			RETURN_THROWS();
		}
		store = cache_participant();
		if (EXPECTED(store)) {
			const struct store_key key = cache_key(store, string);
			found = fetch(store, &key, return_value);
		} else {
			RETVAL_FALSE;
		}
	} else {
		if (!cache_key_check_list(list, 1)) {
			RETURN_THROWS();
		}
		store = cache_participant();
		if (!store) {
			RETVAL_EMPTY_ARRAY();
		} else if (!fetch_list(store, list, return_value)) {
			RETURN_THROWS();
		} else {
			found = zend_hash_num_elements(Z_ARRVAL_P(return_value)) > 0;
		}
	}
	cache_assign_success(success, found);
}

static void exists_list(struct store *store, HashTable *list, zval *found)
{
	zval *element, value;

	ZVAL_TRUE(&value);
	array_init(found);
	ZEND_HASH_FOREACH_VAL(list, element) {
		zend_string *string = cache_key_of_element(element);
		const struct store_key key = cache_key(store, string);
		if (store_exists(store, &key) == CACHE_OK) {
			zend_symtable_update(Z_ARRVAL_P(found), string, &value);
		}
		zend_string_release(string);
	} ZEND_HASH_FOREACH_END();
}

PHP_FUNCTION(cache_exists)
{
	struct store *store;
	HashTable *list;
	zend_string *string;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_ARRAY_HT_OR_STR(list, string)
	ZEND_PARSE_PARAMETERS_END();

	if (string) {
		if (!cache_key_check(string, 1)) {
			RETURN_THROWS();
		}
		store = cache_participant();
		if (store) {
			const struct store_key key = cache_key(store, string);
			RETURN_BOOL(store_exists(store, &key) == CACHE_OK);
		}
		RETURN_FALSE;
	}
	if (!cache_key_check_list(list, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_EMPTY_ARRAY();
	}
	exists_list(store, list, return_value);
}
