/* What the files of PHP functions share. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "functions.h"

#include <math.h>

#include "key.h"

bool cache_is_keep(const zval *value)
{
	ZVAL_DEREF(value);
	return Z_TYPE_P(value) == IS_STRING && zend_string_equals_literal(Z_STR_P(value), CACHE_KEEP_TEXT);
}

/* By way of the two constants: the macro for a bool assigns true to a typed reference, whatever it is given. */
void cache_assign_success(zval *success, bool found)
{
	if (!success || UNEXPECTED(EG(exception))) {
		return;
	}
	if (found) {
		ZEND_TRY_ASSIGN_REF_TRUE(success);
	} else {
		ZEND_TRY_ASSIGN_REF_FALSE(success);
	}
}

bool cache_each_key(HashTable *list, void (*each)(void *context, zend_string *string), void *context)
{
	zval *element;

	ZEND_HASH_FOREACH_VAL(list, element) {
		zend_string *string = cache_key_of_element(element);
		each(context, string);
		zend_string_release(string);
		if (UNEXPECTED(EG(exception))) {
			return false;
		}
	} ZEND_HASH_FOREACH_END();
	return true;
}

bool cache_encode_value(zval *value, const struct cache_lifetime *lifetime, struct cache_encoded *encoded)
{
	static const struct cache_path root = {.variable = "value"};

	return cache_encode(value, lifetime, &root, encoded);
}

/* 2^63 ns: 292 years. */
#define NANOSECONDS_MAX 9.2e18

bool cache_seconds_read(double seconds, uint32_t argument, uint64_t *ns)
{
	/* Also false for NAN. */
	if (!(seconds >= 0)) {
		zend_argument_value_error(argument, "must be greater than or equal to 0");
		return false;
	}
	if (UNEXPECTED(seconds * 1e9 >= NANOSECONDS_MAX)) {
		*ns = CACHE_SECONDS_FOREVER;
	} else {
		*ns = (uint64_t)(int64_t)(seconds * 1e9);
		*ns += *ns == 0 && seconds > 0;
	}
	return true;
}

bool cache_lease_ttl_read(double seconds, uint32_t argument, uint64_t *ns)
{
	if (!(seconds > 0)) {
		zend_argument_value_error(argument, "must be greater than 0");
		return false;
	}
	return cache_seconds_read(seconds, argument, ns);
}

bool cache_ahead_read(double ahead, uint32_t argument, struct store_ask *ask)
{
	if (!(ahead > -1)) {
		zend_argument_value_error(argument, "must be greater than -1, which is the whole ttl");
		return false;
	}
	ask->ahead_us = 0;
	ask->ahead_millionths = 0;
	if (ahead < 0) {
		ask->ahead_millionths = (uint32_t)MAX(round(-ahead * 1e6), 1);
	} else if (ahead > 0) {
		ask->ahead_us = ahead * 1e6 < 9.2e17 ? (int64_t)ceil(ahead * 1e6) : INT64_MAX / 10;
	}
	return true;
}
