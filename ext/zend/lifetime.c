#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "lifetime.h"

#include <math.h>

#include "compat.h"

/* 68 years: what 31 bits of seconds hold. */
#define SECONDS_MAX INT64_C(2147483647)
/* 24 days: above that an entry counts whole seconds. */
#define MILLISECONDS_MAX INT64_C(2147483647)
/* 4.1 * 1000 and the like exceed the whole number that is meant by less than this. */
#define MILLISECOND_NOISE 1e-6

static int64_t duration_of_double(double seconds)
{
	int64_t ms;

	if (seconds > (double)SECONDS_MAX) {
		return STORE_FOREVER;
	}
	ms = (int64_t)ceil(seconds * 1000 - MILLISECOND_NOISE);
	if (seconds > 0 && ms < 1) {
		ms = 1;
	}
	if (ms > MILLISECONDS_MAX) {
		return (ms + 999) / 1000 * 1000000;
	}
	return ms * 1000;
}

bool cache_duration_read(const zval *seconds, uint32_t argument, int64_t *us)
{
	if (Z_TYPE_P(seconds) == IS_LONG) {
		int64_t whole = Z_LVAL_P(seconds);
		if (whole < 0) {
			zend_argument_value_error(argument, "must be greater than or equal to 0");
			return false;
		}
		*us = whole > SECONDS_MAX ? STORE_FOREVER : whole * 1000000;
		return true;
	}
	/* Also false for NAN. */
	if (!(Z_DVAL_P(seconds) >= 0)) {
		zend_argument_value_error(argument, "must be greater than or equal to 0");
		return false;
	}
	*us = duration_of_double(Z_DVAL_P(seconds));
	return true;
}

void cache_duration_write(int64_t us, double forever, zval *seconds)
{
	if (us == STORE_FOREVER) {
		if (forever == 0) {
			ZVAL_LONG(seconds, 0);
		} else {
			ZVAL_DOUBLE(seconds, forever);
		}
	} else if (us % 1000000 == 0) {
		ZVAL_LONG(seconds, (zend_long)(us / 1000000));
	} else {
		ZVAL_DOUBLE(seconds, (double)us / 1e6);
	}
}

static bool has_tag(const struct cache_lifetime *lifetime, const zend_string *tag)
{
	const char *at = lifetime->tags;

	for (unsigned i = 0; i < lifetime->tag_count; i++) {
		size_t length = (unsigned char)*at;
		if (length == ZSTR_LEN(tag) && memcmp(at + 1, ZSTR_VAL(tag), length) == 0) {
			return true;
		}
		at += 1 + length;
	}
	return false;
}

bool cache_tag_check(zval *tag, uint32_t argument)
{
	ZVAL_DEREF(tag);
	if (Z_TYPE_P(tag) != IS_STRING) {
		zend_argument_type_error(argument, "must be a list of strings, %s given", zend_zval_value_name(tag));
		return false;
	}
	if (Z_STRLEN_P(tag) < 1 || Z_STRLEN_P(tag) > STORE_TAG_LENGTH_MAX) {
		zend_argument_value_error(argument, "must be a list of tags of 1 to %d bytes, one of %zu given",
			STORE_TAG_LENGTH_MAX, Z_STRLEN_P(tag));
		return false;
	}
	return true;
}

bool cache_lifetime_add_tag(struct cache_lifetime *lifetime, zval *tag)
{
	char *at;

	ZVAL_DEREF(tag);
	if (has_tag(lifetime, Z_STR_P(tag))) {
		return true;
	}
	if (lifetime->tag_count == STORE_TAGS_MAX) {
		return false;
	}
	at = lifetime->tags + lifetime->tags_size;
	*at = (char)(unsigned char)Z_STRLEN_P(tag);
	memcpy(at + 1, Z_STRVAL_P(tag), Z_STRLEN_P(tag));
	lifetime->tags_size += 1 + (uint32_t)Z_STRLEN_P(tag);
	lifetime->tag_count++;
	return true;
}

bool cache_lifetime_read(const struct cache_lifetime_arguments *arguments, uint32_t first,
                         struct cache_lifetime *lifetime)
{
	cache_lifetime_init(lifetime);
	if (arguments->ttl) {
		if (!cache_duration_read(arguments->ttl, first, &lifetime->ttl_us)) {
			return false;
		}
		if (lifetime->ttl_us == 0) {
			lifetime->ttl_us = STORE_FOREVER;
		}
	}
	if (arguments->stale_ttl && !cache_duration_read(arguments->stale_ttl, first + 1, &lifetime->stale_ttl_us)) {
		return false;
	}
	if (arguments->tags) {
		zval *tag;
		ZEND_HASH_FOREACH_VAL(arguments->tags, tag) {
			if (!cache_tag_check(tag, first + 2)) {
				return false;
			}
			if (!cache_lifetime_add_tag(lifetime, tag)) {
				zend_argument_value_error(first + 2, "must have at most %d different tags", STORE_TAGS_MAX);
				return false;
			}
		} ZEND_HASH_FOREACH_END();
	}
	if (!arguments->stamp_is_null) {
		if (arguments->stamp < 0) {
			zend_argument_value_error(first + 3, "must be greater than or equal to 0");
			return false;
		}
		/* To the store 0 is "now"; the epoch itself is a microsecond away from 1. */
		lifetime->stamp_us = arguments->stamp ? arguments->stamp : 1;
	}
	return true;
}
