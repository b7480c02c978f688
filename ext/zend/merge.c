/* cache_merge(). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <unistd.h>

#include "php.h"

#include "errors.h"
#include "functions.h"
#include "key.h"
#include "participant.h"
#include "stale.h"
#include "wait.h"

/* Without a lease: mostly nobody comes in between. */
#define OPTIMISTIC_TRIES 4
/* A callback that takes longer may be overtaken: it is called again. */
#define LEASE_NS UINT64_C(30000000000)

struct merge {
	struct store *store;
	struct store_key key;
	zend_fcall_info fci;
	zend_fcall_info_cache fcc;
	struct cache_lifetime lifetime;
	uint64_t deadline_ns;
};

/* The new value. False: an exception was thrown. */
static bool call(struct merge *merge, zval *value, bool found, zval *result)
{
	zval arguments[2];

	ZVAL_COPY_VALUE(&arguments[0], value);
	ZVAL_BOOL(&arguments[1], found);
	ZVAL_UNDEF(result);
	merge->fci.retval = result;
	merge->fci.params = arguments;
	merge->fci.param_count = 2;
	(void)zend_call_function(&merge->fci, &merge->fcc);
	zval_ptr_dtor(&arguments[0]);
	return Z_TYPE_P(result) != IS_UNDEF && !EG(exception);
}

/* Stores over what was read: by its token, or under the lease. CACHE_SYSTEM: an exception was thrown. */
static enum cache_status store_result(struct merge *merge, zval *result, uint64_t token, uint64_t lease)
{
	struct cache_encoded encoded;
	enum cache_status status;

	if (!cache_encode_value(result, &merge->lifetime, &encoded)) {
		return CACHE_SYSTEM;
	}
	status = lease ? store_commit(merge->store, &merge->key, lease, &encoded.item)
	               : store_put_if(merge->store, &merge->key, &encoded.item, token);
	cache_encoded_release(&encoded);
	return status;
}

static enum cache_status attempt(struct merge *merge, uint64_t lease)
{
	uint64_t token;
	zval value, result;
	bool found = cache_gets_value(merge->store, &merge->key, &value, &token);
	enum cache_status status = CACHE_OK;

	if (UNEXPECTED(EG(exception))) {
		return CACHE_SYSTEM;
	}
	if (!found) {
		ZVAL_NULL(&value);
	}
	if (!call(merge, &value, found, &result)) {
		zval_ptr_dtor(&result);
		return CACHE_SYSTEM;
	}
	if (!cache_is_keep(&result)) {
		status = store_result(merge, &result, token, lease);
	} else if (!found) {
		store_lease_void(merge->store, &merge->key);
	}
	zval_ptr_dtor(&result);
	return status;
}

static bool is_over(const struct merge *merge)
{
	return cache_monotonic_ns() >= merge->deadline_ns;
}

/* 0: not to be had, or an exception was thrown. */
static uint64_t wait_for_lease(struct merge *merge)
{
	unsigned unattended = 0;
	int64_t lease;

	while ((lease = store_lease(merge->store, &merge->key, LEASE_NS)) == 0 && unattended < CACHE_UNATTENDED_MAX &&
	       !is_over(merge) && cache_may_go_on()) {
		unattended = store_lease_wait(merge->store, &merge->key, merge->deadline_ns - cache_monotonic_ns()) ? 0 : unattended + 1;
	}
	return (uint64_t)lease;
}

/* Did somebody else come in between? */
static bool is_lost(enum cache_status status)
{
	return status == CACHE_MISMATCH || status == CACHE_BUSY;
}

static enum cache_status merge_value(struct merge *merge)
{
	enum cache_status status = CACHE_MISMATCH;
	pid_t process = getpid();

	for (unsigned tries = 0; tries < OPTIMISTIC_TRIES && is_lost(status) && (tries == 0 || !is_over(merge)); tries++) {
		status = attempt(merge, 0);
	}
	while (is_lost(status) && !is_over(merge) && cache_may_go_on()) {
		uint64_t lease = wait_for_lease(merge);
		if (EG(exception) || (!lease && is_over(merge))) {
			break;
		}
		status = attempt(merge, lease);
		if (lease) {
			cache_stale_give_back(merge->store, &merge->key, lease, process);
		}
	}
	return status;
}

PHP_FUNCTION(cache_merge)
{
	struct cache_lifetime_arguments arguments = {.stamp_is_null = true};
	struct merge merge;
	zend_string *string;
	double wait = 5;
	uint64_t wait_ns, now;
	enum cache_status status;

	ZEND_PARSE_PARAMETERS_START(2, 6)
		Z_PARAM_STR(string)
		Z_PARAM_FUNC(merge.fci, merge.fcc)
		Z_PARAM_OPTIONAL
		Z_PARAM_NUMBER(arguments.ttl)
		Z_PARAM_NUMBER(arguments.stale_ttl)
		Z_PARAM_ARRAY_HT(arguments.tags)
		Z_PARAM_DOUBLE(wait)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || !cache_lifetime_read(&arguments, 3, &merge.lifetime) ||
	    !cache_seconds_read(wait, 6, &wait_ns)) {
		RETURN_THROWS();
	}
	merge.store = cache_participant();
	if (!merge.store) {
		RETURN_FALSE;
	}
	merge.key = cache_key(merge.store, string);
	now = cache_monotonic_ns();
	merge.deadline_ns = wait_ns < UINT64_MAX - now ? now + wait_ns : UINT64_MAX;
	status = merge_value(&merge);
	if (EG(exception)) {
		RETURN_THROWS();
	}
	RETURN_BOOL(status == CACHE_OK);
}
