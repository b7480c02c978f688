/* cache_store(), cache_add(), cache_delete(), cache_clear(). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php.h"
#include "zend_exceptions.h"

#include "compat.h"
#include "errors.h"
#include "iterator.h"
#include "key.h"
#include "participant.h"
#include "value.h"

/* ---- store, add ---------------------------------------------------------------------------------------- */

struct write {
	struct store *store;
	enum store_mode mode;
	struct cache_lifetime lifetime;
};

/** A pair of the array form. */
struct pair {
	/** NULL: failed already. */
	zend_string *string;
	struct cache_encoded encoded;
};

/*
 * An add that will be refused is a pure read: no serializer, no code of the user. The decision itself is
 * store_put()'s.
 */
static bool will_be_refused(const struct write *write, zend_string *string)
{
	const struct store_key key = cache_key(write->store, string);
	struct store_entry entry;

	if (store_inspect(write->store, &key, &entry) != CACHE_OK) {
		return false;
	}
	store_unpin(write->store, entry.view.pin);
	return entry.state == STORE_STATE_FRESH || entry.state == STORE_STATE_AGING;
}

/* False: refused, or an exception was thrown. */
static zend_always_inline bool encode(const struct write *write, zend_string *string, zval *value,
                                      const struct cache_path *root, struct cache_encoded *encoded)
{
	if (write->mode == STORE_ADD && cache_value_may_need_serializer(value) && will_be_refused(write, string)) {
		/* Misuse is told all the same. */
		(void)cache_storable_check(value, root);
		return false;
	}
	return cache_encode(value, &write->lifetime, root, encoded);
}

static zend_always_inline bool put(const struct write *write, zend_string *string, struct cache_encoded *encoded)
{
	const struct store_key key = cache_key(write->store, string);
	bool stored = cache_status_succeeded(store_put(write->store, &key, &encoded->item, write->mode));

	cache_encoded_release(encoded);
	return stored;
}

static bool write_one(const struct write *write, zend_string *string, zval *value)
{
	static const struct cache_path root = {.variable = "value"};
	struct cache_encoded encoded;

	return write->store && encode(write, string, value, &root, &encoded) && put(write, string, &encoded);
}

/* Encodes the pairs up to the first that throws; how many are filled in. */
static uint32_t encode_pairs(const struct write *write, HashTable *values, struct pair *pairs, zval *failed)
{
	static const struct cache_path root = {.variable = "key"};
	struct cache_path path = {.parent = &root};
	uint32_t count = 0;
	zend_string *name;
	zend_ulong index;
	zval *value;

	ZEND_HASH_FOREACH_KEY_VAL(values, index, name, value) {
		struct pair *pair = &pairs[count];
		zend_string *string = cache_key_of_pair(name, index);
		ZVAL_DEREF(value);
		path.name = name;
		path.index = index;
		pair->string = NULL;
		if (write->store && encode(write, string, value, &path, &pair->encoded)) {
			pair->string = string;
		} else {
			add_next_index_str(failed, string);
		}
		count++;
		if (UNEXPECTED(EG(exception))) {
			break;
		}
	} ZEND_HASH_FOREACH_END();
	return count;
}

/* Encodes all before it stores the first: when one throws nothing has been stored. False: an exception was thrown. */
static bool write_pairs(const struct write *write, HashTable *values, zval *failed)
{
	struct pair *pairs = safe_emalloc(MAX(zend_hash_num_elements(values), 1), sizeof(*pairs), 0);
	uint32_t count;
	bool thrown;

	array_init(failed);
	count = encode_pairs(write, values, pairs, failed);
	thrown = EG(exception) != NULL;
	for (uint32_t i = 0; i < count; i++) {
		struct pair *pair = &pairs[i];
		if (!pair->string) {
			continue;
		}
		if (thrown) {
			cache_encoded_release(&pair->encoded);
			zend_string_release(pair->string);
		} else if (put(write, pair->string, &pair->encoded)) {
			zend_string_release(pair->string);
		} else {
			add_next_index_str(failed, pair->string);
		}
	}
	efree(pairs);
	return !thrown;
}

static zend_always_inline void write_function(INTERNAL_FUNCTION_PARAMETERS, enum store_mode mode)
{
	struct cache_lifetime_arguments arguments = {.stamp_is_null = true};
	struct write write;
	HashTable *values;
	zend_string *string;
	zval *value = NULL;

	ZEND_PARSE_PARAMETERS_START(1, 6)
		Z_PARAM_ARRAY_HT_OR_STR(values, string)
		Z_PARAM_OPTIONAL
		Z_PARAM_ZVAL(value)
		Z_PARAM_NUMBER(arguments.ttl)
		Z_PARAM_NUMBER(arguments.stale_ttl)
		Z_PARAM_ARRAY_HT(arguments.tags)
		Z_PARAM_LONG_OR_NULL(arguments.stamp, arguments.stamp_is_null)
	ZEND_PARSE_PARAMETERS_END();

	if (ZEND_NUM_ARGS() <= 2) {
		cache_lifetime_init(&write.lifetime);
	} else if (!cache_lifetime_read(&arguments, 3, &write.lifetime)) {
		RETURN_THROWS();
	}
	write.mode = mode;
	if (EXPECTED(string)) {
		if (UNEXPECTED(!value)) {
			zend_argument_error(zend_ce_argument_count_error, 2, "must be given when argument #1 ($key) is a string");
			RETURN_THROWS();
		}
		if (!cache_key_check(string, 1)) {
			RETURN_THROWS();
		}
		write.store = cache_participant();
		RETURN_BOOL(write_one(&write, string, value));
	}
	if (value && Z_TYPE_P(value) != IS_NULL) {
		zend_argument_value_error(2, "must not be given when argument #1 ($key) is an array of values");
		RETURN_THROWS();
	}
	if (!cache_key_check_pairs(values, 1)) {
		RETURN_THROWS();
	}
	write.store = cache_participant();
	if (!write_pairs(&write, values, return_value)) {
		RETURN_THROWS();
	}
}

PHP_FUNCTION(cache_store)
{
	write_function(INTERNAL_FUNCTION_PARAM_PASSTHRU, STORE_SET);
}

PHP_FUNCTION(cache_add)
{
	write_function(INTERNAL_FUNCTION_PARAM_PASSTHRU, STORE_ADD);
}

/* ---- delete, clear ------------------------------------------------------------------------------------- */

static bool delete_one(struct store *store, zend_string *string)
{
	const struct store_key key = cache_key(store, string);

	return cache_status_succeeded(store_delete(store, &key));
}

static void delete_list(struct store *store, HashTable *list, zval *missing)
{
	zval *element;

	array_init(missing);
	ZEND_HASH_FOREACH_VAL(list, element) {
		zend_string *string = cache_key_of_element(element);
		if (store && delete_one(store, string)) {
			zend_string_release(string);
		} else {
			add_next_index_str(missing, string);
		}
	} ZEND_HASH_FOREACH_END();
}

PHP_FUNCTION(cache_delete)
{
	struct store *store;
	zend_string *string;
	zval *subject;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_ZVAL(subject)
	ZEND_PARSE_PARAMETERS_END();

	if (Z_TYPE_P(subject) == IS_OBJECT && Z_OBJCE_P(subject) == cache_ce_iterator) {
		store = cache_participant();
		RETURN_BOOL(store && cache_iterator_delete_all(Z_OBJ_P(subject), store));
	}
	if (Z_TYPE_P(subject) == IS_ARRAY) {
		if (!cache_key_check_list(Z_ARRVAL_P(subject), 1)) {
			RETURN_THROWS();
		}
		delete_list(cache_participant(), Z_ARRVAL_P(subject), return_value);
		return;
	}
	if (!zend_parse_arg_str(subject, &string, false, 1)) {
		if (!EG(exception)) {
			zend_argument_type_error(1, "must be of type Cache\\EntryIterator|array|string, %s given",
				zend_zval_value_name(subject));
		}
		RETURN_THROWS();
	}
	if (!cache_key_check(string, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	RETURN_BOOL(store && delete_one(store, string));
}

PHP_FUNCTION(cache_clear)
{
	struct store *store;

	ZEND_PARSE_PARAMETERS_NONE();

	store = cache_participant();
	if (!store) {
		RETURN_FALSE;
	}
	store_clear(store);
	RETURN_TRUE;
}
