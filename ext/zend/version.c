/* cache_gets(), cache_cas_store(), cache_cas_delete(), cache_store_if_changed(): compare-and-swap for any value. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php.h"

#include "errors.h"
#include "functions.h"
#include "key.h"
#include "participant.h"

/* ---- gets ----------------------------------------------------------------------------------------------- */

bool cache_gets_value(struct store *store, const struct store_key *key, zval *value, uint64_t *token)
{
	struct store_view view;
	bool decoded;

	if (store_gets(store, key, &view, token) != CACHE_OK) {
		ZVAL_FALSE(value);
		return false;
	}
	decoded = cache_take(store, &view, true, value);
	if (UNEXPECTED(!decoded) && !EG(exception)) {
		ZVAL_FALSE(value);
	}
	return decoded;
}

struct gets {
	struct store *store;
	zval *values, tokens;
};

static void gets_each(void *context, zend_string *string)
{
	struct gets *gets = context;
	uint64_t token = 0;
	zval value, number;

	if (gets->store) {
		const struct store_key key = cache_key(gets->store, string);
		if (cache_gets_value(gets->store, &key, &value, &token)) {
			cache_set_element(gets->values, string, &value);
		}
	}
	ZVAL_LONG(&number, (zend_long)token);
	cache_set_element(&gets->tokens, string, &number);
}

static void gets_list(struct store *store, HashTable *list, zval *values, zval *tokens)
{
	struct gets gets = {.store = store, .values = values};

	array_init_size(values, zend_hash_num_elements(list));
	array_init_size(&gets.tokens, zend_hash_num_elements(list));
	if (cache_each_key(list, gets_each, &gets) && tokens) {
		ZEND_TRY_ASSIGN_REF_ARR(tokens, Z_ARR(gets.tokens));
	} else {
		zval_ptr_dtor(&gets.tokens);
	}
}

PHP_FUNCTION(cache_gets)
{
	struct store *store;
	HashTable *list;
	zend_string *string;
	zval *token_reference = NULL;
	uint64_t token = 0;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_ARRAY_HT_OR_STR(list, string)
		Z_PARAM_OPTIONAL
		Z_PARAM_ZVAL(token_reference)
	ZEND_PARSE_PARAMETERS_END();

	if (string ? !cache_key_check(string, 1) : !cache_key_check_list(list, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!string) {
		gets_list(store, list, return_value, token_reference);
		return;
	}
	RETVAL_FALSE;
	if (store) {
		const struct store_key key = cache_key(store, string);
		(void)cache_gets_value(store, &key, return_value, &token);
	}
	if (token_reference && !EG(exception)) {
		cache_assign_long(token_reference, (zend_long)token);
	}
}

/* ---- storing under a condition -------------------------------------------------------------------------- */

PHP_FUNCTION(cache_cas_store)
{
	struct cache_lifetime_arguments arguments = {.stamp_is_null = true};
	struct cache_lifetime lifetime;
	struct cache_encoded encoded;
	struct store *store;
	zend_string *string;
	zend_long token;
	zval *value;

	ZEND_PARSE_PARAMETERS_START(3, 7)
		Z_PARAM_STR(string)
		Z_PARAM_LONG(token)
		Z_PARAM_ZVAL(value)
		Z_PARAM_OPTIONAL
		Z_PARAM_NUMBER(arguments.ttl)
		Z_PARAM_NUMBER(arguments.stale_ttl)
		Z_PARAM_ARRAY_HT(arguments.tags)
		Z_PARAM_LONG_OR_NULL(arguments.stamp, arguments.stamp_is_null)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || !cache_lifetime_read(&arguments, 4, &lifetime)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_FALSE;
	}
	if (!cache_encode_value(value, &lifetime, &encoded)) {
		RETURN_THROWS();
	}
	const struct store_key key = cache_key(store, string);
	RETVAL_BOOL(cache_status_succeeded(store_put_if(store, &key, &encoded.item, (uint64_t)token)));
	cache_encoded_release(&encoded);
}

PHP_FUNCTION(cache_cas_delete)
{
	struct store *store;
	struct store_key key;
	zend_string *string;
	zend_long token;

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(string)
		Z_PARAM_LONG(token)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_FALSE;
	}
	key = cache_key(store, string);
	RETURN_BOOL(cache_status_succeeded(store_delete_if(store, &key, (uint64_t)token)));
}

PHP_FUNCTION(cache_store_if_changed)
{
	struct cache_lifetime_arguments arguments = {.stamp_is_null = true};
	struct cache_lifetime lifetime;
	struct cache_encoded encoded;
	struct store *store;
	zend_string *string;
	zend_long token = 0;
	bool any_token = true, renewed;
	enum cache_status status;
	zval *value;

	ZEND_PARSE_PARAMETERS_START(2, 7)
		Z_PARAM_STR(string)
		Z_PARAM_ZVAL(value)
		Z_PARAM_OPTIONAL
		Z_PARAM_NUMBER(arguments.ttl)
		Z_PARAM_NUMBER(arguments.stale_ttl)
		Z_PARAM_ARRAY_HT(arguments.tags)
		Z_PARAM_LONG_OR_NULL(arguments.stamp, arguments.stamp_is_null)
		Z_PARAM_LONG_OR_NULL(token, any_token)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || !cache_lifetime_read(&arguments, 3, &lifetime)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_LONG(0);
	}
	if (!cache_encode_value(value, &lifetime, &encoded)) {
		RETURN_THROWS();
	}
	const struct store_key key = cache_key(store, string);
	status = store_put_if_changed(store, &key, &encoded.item, !any_token, (uint64_t)token, &renewed);
	cache_encoded_release(&encoded);
	if (status == CACHE_MISMATCH) {
		RETURN_LONG(CACHE_CHANGE_LOST);
	}
	if (!cache_status_succeeded(status)) {
		RETURN_LONG(0);
	}
	RETURN_LONG(renewed ? CACHE_CHANGE_TOUCHED : CACHE_CHANGE_STORED);
}
