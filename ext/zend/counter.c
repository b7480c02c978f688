/* cache_inc(), cache_dec(), cache_cas(): integers, in place. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php.h"

#include "errors.h"
#include "functions.h"
#include "key.h"
#include "lifetime.h"
#include "participant.h"

static bool increment(zend_string *string, zend_long step, int64_t ttl_us, int64_t *result)
{
	struct store *store = cache_participant();
	struct store_key key;

	if (!store) {
		return false;
	}
	key = cache_key(store, string);
	return cache_status_succeeded(store_increment(store, &key, step, ttl_us, result));
}

static zend_always_inline void step_function(INTERNAL_FUNCTION_PARAMETERS, bool negate)
{
	zend_string *string;
	zend_long step = 1;
	zval *success = NULL, *ttl = NULL;
	int64_t ttl_us = STORE_FOREVER, result = 0;
	bool done = false;

	ZEND_PARSE_PARAMETERS_START(1, 4)
		Z_PARAM_STR(string)
		Z_PARAM_OPTIONAL
		Z_PARAM_LONG(step)
		Z_PARAM_ZVAL(success)
		Z_PARAM_NUMBER(ttl)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || (ttl && !cache_duration_read(ttl, 4, &ttl_us))) {
		RETURN_THROWS();
	}
	if (ttl_us == 0) {
		ttl_us = STORE_FOREVER;
	}
	if (!negate) {
		done = increment(string, step, ttl_us, &result);
	} else if (step != ZEND_LONG_MIN) {
		done = increment(string, -step, ttl_us, &result);
	}
	/* Else: subtracting the smallest integer takes every integer from 0 on beyond the largest. */
	if (done) {
		RETVAL_LONG((zend_long)result);
	} else {
		RETVAL_FALSE;
	}
	cache_assign_success(success, done);
}

PHP_FUNCTION(cache_inc)
{
	step_function(INTERNAL_FUNCTION_PARAM_PASSTHRU, false);
}

PHP_FUNCTION(cache_dec)
{
	step_function(INTERNAL_FUNCTION_PARAM_PASSTHRU, true);
}

PHP_FUNCTION(cache_cas)
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

	if (!cache_key_check(string, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_FALSE;
	}
	key = cache_key(store, string);
	RETURN_BOOL(cache_status_succeeded(store_cas(store, &key, expected, desired)));
}
