/* What the files of PHP functions share. */
#ifndef CACHE_ZEND_FUNCTIONS_H
#define CACHE_ZEND_FUNCTIONS_H

#include "php.h"

#include "core/store/store.h"
#include "value.h"

/* Answers of cache_store_if_changed(); 0: failed. */
#define CACHE_CHANGE_STORED 1
#define CACHE_CHANGE_TOUCHED 2
#define CACHE_CHANGE_LOST (-1)

/* What a callback returns to leave things as they are: no value that anybody would store. */
#define CACHE_KEEP_TEXT "\x7f" "CACHE_KEEP" "\x7f"
bool cache_is_keep(const zval *value);

/** Assigns to a by-reference $success, typed references included; NULL: it was not given. */
void cache_assign_success(zval *success, bool found);

/** Assigns an integer to a by-reference parameter, typed references included. */
static zend_always_inline void cache_assign_long(zval *reference, zend_long number)
{
	zval *value = Z_REFVAL_P(reference);

	if (EXPECTED(!ZEND_REF_HAS_TYPE_SOURCES(Z_REF_P(reference)) && !Z_REFCOUNTED_P(value))) {
		ZVAL_LONG(value, number);
	} else {
		ZEND_TRY_ASSIGN_REF_LONG(reference, number);
	}
}

/**
 * Calls `each` for every key of a checked list, as a string, until one throws. False: an exception was thrown. Code of the user
 * that `each` runs may change the list's elements, if they are references, but not the list.
 */
bool cache_each_key(HashTable *list, void (*each)(void *context, zend_string *string), void *context);

/** For array forms: an element under a key that [] can reach. */
static inline void cache_set_element(zval *array, zend_string *key, zval *value)
{
	zend_symtable_update(Z_ARRVAL_P(array), key, value);
}

/** Encodes a value for one write. False: an exception was thrown. */
bool cache_encode_value(zval *value, const struct cache_lifetime *lifetime, struct cache_encoded *encoded);

/* Of the seconds of a wait or a lease: without limit. */
#define CACHE_SECONDS_FOREVER UINT64_MAX
/**
 * Seconds as of a wait or a lease, to nanoseconds; what is more than 0 stays more than 0. False: it is negative or no number,
 * and a ValueError was thrown.
 */
bool cache_seconds_read(double seconds, uint32_t argument, uint64_t *ns);
/** The same of what may not be 0. */
bool cache_lease_ttl_read(double seconds, uint32_t argument, uint64_t *ns);
/** What comes before "stale": positive seconds, or negative a part of the ttl. False: a ValueError was thrown. */
bool cache_ahead_read(double ahead, uint32_t argument, struct store_ask *ask);

#endif
