#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "serializer.h"

#include "ext/standard/php_var.h"
#include "zend_interfaces.h"
#include "zend_smart_str.h"

#include "compat.h"
#include "errors.h"

static const struct {
	const char *name, *pack, *unpack;
} extensions[] = {
	[CACHE_SERIALIZER_PHP] = {"php", NULL, NULL},
	[CACHE_SERIALIZER_IGBINARY] = {"igbinary", "igbinary_serialize", "igbinary_unserialize"},
	[CACHE_SERIALIZER_MSGPACK] = {"msgpack", "msgpack_pack", "msgpack_unpack"},
};

#define SERIALIZERS (sizeof(extensions) / sizeof(*extensions))

/* NULL: not loaded, or disabled. A polyfill written in PHP does not count. */
static zend_function *find_function(const char *name)
{
	zend_function *function = zend_hash_str_find_ptr(CG(function_table), name, strlen(name));

	return function && function->type == ZEND_INTERNAL_FUNCTION ? function : NULL;
}

static void call(zend_function *function, zval *argument, zval *result)
{
	ZVAL_UNDEF(result);
	zend_call_known_function(function, NULL, NULL, result, 1, argument, NULL);
}

/* ---- PHP's own ----------------------------------------------------------------------------------------- */

/*
 * Back references count from the beginning of what is being (un)serialized. A call inside of __serialize(), or of
 * Serializable, would go on counting where the outer one stands: we always begin anew, and let it go on afterwards.
 */
struct outer {
	unsigned lock, serialize_level, unserialize_level;
	struct php_serialize_data *serialize_data;
	struct php_unserialize_data *unserialize_data;
};

static struct outer suspend_outer(void)
{
	struct outer outer = {
		BG(serialize_lock), BG(serialize).level, BG(unserialize).level, BG(serialize).data, BG(unserialize).data,
	};

	BG(serialize_lock) = 0;
	BG(serialize).level = 0;
	BG(serialize).data = NULL;
	BG(unserialize).level = 0;
	BG(unserialize).data = NULL;
	return outer;
}

static void resume_outer(const struct outer *outer)
{
	BG(serialize_lock) = outer->lock;
	BG(serialize).level = outer->serialize_level;
	BG(serialize).data = outer->serialize_data;
	BG(unserialize).level = outer->unserialize_level;
	BG(unserialize).data = outer->unserialize_data;
}

static zend_string *serialize_php(zval *value)
{
	struct outer outer = suspend_outer();
	php_serialize_data_t data;
	smart_str text = {0};

	PHP_VAR_SERIALIZE_INIT(data);
	php_var_serialize(&text, value, &data);
	PHP_VAR_SERIALIZE_DESTROY(data);
	resume_outer(&outer);
	if (EG(exception)) {
		smart_str_free(&text);
		return NULL;
	}
	return smart_str_extract(&text);
}

static bool unserialize_php(const char *bytes, size_t size, zval *value)
{
	struct outer outer = suspend_outer();
	const unsigned char *at = (const unsigned char *)bytes, *end = at + size;
	php_unserialize_data_t data;
	bool decoded;

	PHP_VAR_UNSERIALIZE_INIT(data);
	decoded = php_var_unserialize(value, &at, end, &data) && at == end;
	/* Calls the __unserialize() and __wakeup() that were put off. */
	PHP_VAR_UNSERIALIZE_DESTROY(data);
	resume_outer(&outer);
	if (Z_ISREF_P(value)) {
		zend_unwrap_reference(value);
	}
	return decoded;
}

/* ---- any ----------------------------------------------------------------------------------------------- */

static zend_string *serialize_with(zend_function *function, zval *value)
{
	zval result;

	call(function, value, &result);
	if (EG(exception) || Z_TYPE(result) != IS_STRING) {
		zval_ptr_dtor(&result);
		return NULL;
	}
	return Z_STR(result);
}

zend_string *cache_serialize(zval *value, enum cache_serializer *serializer)
{
	if (*serializer != CACHE_SERIALIZER_PHP) {
		zend_function *function = find_function(extensions[*serializer].pack);
		if (function) {
			zend_string *bytes = serialize_with(function, value);
			if (bytes || EG(exception)) {
				return bytes;
			}
		} else {
			cache_log_once(CACHE_ONCE_NO_SERIALIZER, CACHE_LOG_WARNING,
				"cache.serializer is %s, which is not loaded: values are serialized by php",
				extensions[*serializer].name);
		}
		*serializer = CACHE_SERIALIZER_PHP;
	}
	return serialize_php(value);
}

static bool unserialize_with(enum cache_serializer serializer, const char *bytes, size_t size, zval *value)
{
	zend_function *function = find_function(extensions[serializer].unpack);
	zval argument;

	if (!function) {
		cache_log_once(CACHE_ONCE_NO_SERIALIZER, CACHE_LOG_WARNING,
			"entries serialized by %s count as missing: it is not loaded", extensions[serializer].name);
		return false;
	}
	ZVAL_STRINGL(&argument, bytes, size);
	call(function, &argument, value);
	zval_ptr_dtor(&argument);
	return true;
}

bool cache_unserialize(enum cache_serializer serializer, const char *bytes, size_t size, zval *value)
{
	bool decoded = false, known = serializer < SERIALIZERS;

	ZVAL_NULL(value);
	if (known) {
		decoded = serializer == CACHE_SERIALIZER_PHP ? unserialize_php(bytes, size, value)
			: unserialize_with(serializer, bytes, size, value);
	}
	/* Nothing else is ever given to a serializer. */
	if (decoded && !EG(exception) && (Z_TYPE_P(value) == IS_ARRAY || Z_TYPE_P(value) == IS_OBJECT)) {
		return true;
	}
	if (!EG(exception) && !CACHE_MEMORY_ERROR_PENDING() && (!known || serializer == CACHE_SERIALIZER_PHP || decoded)) {
		cache_log_once(CACHE_ONCE_UNDECODABLE, CACHE_LOG_WARNING,
			"an entry of %zu bytes cannot be decoded and counts as missing", size);
	}
	zval_ptr_dtor(value);
	ZVAL_NULL(value);
	return false;
}
