#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "key.h"

#include <string.h>

#include "compat.h"

#define ELEMENT_NAME_SHOWN 64

void cache_key_throw_length(uint32_t argument)
{
	zend_argument_value_error(argument, "must be 1 to %d bytes long", STORE_KEY_MAX);
}

/* "['name']" or "[3]": which element of an array. */
static void element_text(char *text, size_t size, const zend_string *name, zend_ulong index)
{
	if (name) {
		snprintf(text, size, "['%.*s']", ELEMENT_NAME_SHOWN, ZSTR_VAL(name));
	} else {
		snprintf(text, size, "[" ZEND_LONG_FMT "]", (zend_long)index);
	}
}

static ZEND_COLD void throw_element_length(uint32_t argument, const zend_string *name, zend_ulong index,
                                            size_t length)
{
	char element[ELEMENT_NAME_SHOWN + 8];

	element_text(element, sizeof(element), name, index);
	zend_argument_value_error(argument, "must have keys of 1 to %d bytes, one of %zu bytes given at %s", STORE_KEY_MAX,
		length, element);
}

static ZEND_COLD void throw_element_type(uint32_t argument, const zend_string *name, zend_ulong index,
                                          const zval *given)
{
	char element[ELEMENT_NAME_SHOWN + 8];

	element_text(element, sizeof(element), name, index);
	zend_argument_type_error(argument, "must be a list of strings and integers, %s given at %s",
		zend_zval_value_name(given), element);
}

static size_t element_length(const zval *element)
{
	char digits[MAX_LENGTH_OF_LONG];

	return Z_TYPE_P(element) == IS_STRING
	           ? Z_STRLEN_P(element)
	           : strlen(zend_print_long_to_buf(digits + sizeof(digits) - 1, Z_LVAL_P(element)));
}

bool cache_key_check_list(HashTable *list, uint32_t argument)
{
	return cache_key_check_list_after(list, argument, 0);
}

bool cache_key_check_list_after(HashTable *list, uint32_t argument, size_t before)
{
	zend_ulong index;
	zend_string *name;
	zval *element;

	ZEND_HASH_FOREACH_KEY_VAL(list, index, name, element) {
		ZVAL_DEREF(element);
		if (EXPECTED(Z_TYPE_P(element) == IS_STRING || Z_TYPE_P(element) == IS_LONG)) {
			size_t length = before + element_length(element);
			if (UNEXPECTED(length - 1 >= STORE_KEY_MAX)) {
				throw_element_length(argument, name, index, length);
				return false;
			}
		} else {
			throw_element_type(argument, name, index, element);
			return false;
		}
	} ZEND_HASH_FOREACH_END();
	return true;
}

bool cache_key_check_pairs(HashTable *pairs, uint32_t argument)
{
	zend_string *name;

	ZEND_HASH_FOREACH_STR_KEY(pairs, name) {
		if (name && !cache_key_is_valid(name)) {
			throw_element_length(argument, name, 0, ZSTR_LEN(name));
			return false;
		}
	} ZEND_HASH_FOREACH_END();
	return true;
}

zend_string *cache_key_of_element(zval *element)
{
	ZVAL_DEREF(element);
	return Z_TYPE_P(element) == IS_STRING ? zend_string_copy(Z_STR_P(element)) : zend_long_to_str(Z_LVAL_P(element));
}
