/* cache_lock_for_read(), cache_lock_for_write(), cache_lock_release(), cache_lock_info(). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php.h"

#include "core/store/named_lock.h"

#include "zend_exceptions.h"

#include "errors.h"
#include "functions.h"
#include "key.h"
#include "participant.h"
#include "wait.h"

static enum cache_status acquire(struct store *store, struct store_lock_wish *wish, zend_string *name,
                                 enum rwlock_mode mode, uint64_t wait_ns, uint64_t lease_ns)
{
	struct store_key key = cache_key(store, name);
	enum cache_status status = store_lock_begin(store, wish, &key, mode, wait_ns, lease_ns);

	while (status == CACHE_LOCKED && store_lock_sleep(store, wish) && cache_may_go_on()) {
		status = store_lock_try(store, wish);
	}
	if (status == CACHE_LOCKED) {
		store_lock_give_up(store, wish);
	}
	return status;
}

static void lock_function(zval *return_value, zend_string *name, double wait, double lease, enum rwlock_mode mode,
                          zval *recovered)
{
	struct store *store;
	struct store_lock_wish wish;
	enum cache_status status = CACHE_MISSING;
	uint64_t wait_ns, lease_ns;

	if (!cache_key_check(name, 1) || !cache_seconds_read(wait, 2, &wait_ns) || !cache_seconds_read(lease, 3, &lease_ns)) {
		RETURN_THROWS();
	}
	if (lease_ns == CACHE_SECONDS_FOREVER) {
		lease_ns = 0;
	}
	store = cache_participant();
	if (store) {
		status = acquire(store, &wish, name, mode, wait_ns, lease_ns);
	}
	if (status == CACHE_UPGRADE) {
		zend_throw_exception_ex(cache_ce_lock_upgrade, 0,
			"The lock \"%.100s\" is held for reading: release it before it is locked for writing", ZSTR_VAL(name));
	}
	if (EG(exception)) {
		RETURN_THROWS();
	}
	if (cache_status_succeeded(status)) {
		RETVAL_LONG((zend_long)wish.attempt.token);
		cache_assign_success(recovered, wish.attempt.recovered);
	} else {
		RETVAL_FALSE;
		cache_assign_success(recovered, false);
	}
}

PHP_FUNCTION(cache_lock_for_read)
{
	zend_string *name;
	double wait = 0, lease = 0;

	ZEND_PARSE_PARAMETERS_START(1, 3)
		Z_PARAM_STR(name)
		Z_PARAM_OPTIONAL
		Z_PARAM_DOUBLE(wait)
		Z_PARAM_DOUBLE(lease)
	ZEND_PARSE_PARAMETERS_END();

	lock_function(return_value, name, wait, lease, RWLOCK_READ, NULL);
}

PHP_FUNCTION(cache_lock_for_write)
{
	zend_string *name;
	double wait = 0, lease = 0;
	zval *recovered = NULL;

	ZEND_PARSE_PARAMETERS_START(1, 4)
		Z_PARAM_STR(name)
		Z_PARAM_OPTIONAL
		Z_PARAM_DOUBLE(wait)
		Z_PARAM_DOUBLE(lease)
		Z_PARAM_ZVAL(recovered)
	ZEND_PARSE_PARAMETERS_END();

	lock_function(return_value, name, wait, lease, RWLOCK_WRITE, recovered);
}

PHP_FUNCTION(cache_lock_release)
{
	struct store *store;
	struct store_key key;
	zend_string *name;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_STR(name)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(name, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_FALSE;
	}
	key = cache_key(store, name);
	RETURN_BOOL(cache_status_succeeded(store_lock_release(store, &key)));
}

/* ---- cache_lock_info() ----------------------------------------------------------------------------------- */

static void describe(zval *fields, const struct rwlock_info *info)
{
	array_init_size(fields, 8);
	add_assoc_bool(fields, "writer", info->writer);
	add_assoc_long(fields, "readers", (zend_long)info->readers);
	add_assoc_bool(fields, "waiting", info->waiting);
	add_assoc_long(fields, "token", (zend_long)info->token);
	if (info->mine) {
		add_assoc_string(fields, "held_by_me", info->mine == RWLOCK_WRITE ? "write" : "read");
	} else {
		add_assoc_null(fields, "held_by_me");
	}
	add_assoc_long(fields, "count", (zend_long)info->count);
	add_assoc_bool(fields, "abandoned", info->abandoned);
	if (info->leased) {
		add_assoc_double(fields, "lease_left", (double)info->lease_left_ns / 1e9);
	} else {
		add_assoc_null(fields, "lease_left");
	}
}

static void add_lock(void *context, const struct rwlock_info *info)
{
	zval fields;

	describe(&fields, info);
	zend_symtable_str_update(context, info->name, info->name_length, &fields);
}

PHP_FUNCTION(cache_lock_info)
{
	struct store *store;
	struct store_key key;
	struct rwlock_info info;
	zend_string *name = NULL;

	ZEND_PARSE_PARAMETERS_START(0, 1)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(name)
	ZEND_PARSE_PARAMETERS_END();

	if (name && !cache_key_check(name, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_EMPTY_ARRAY();
	}
	if (!name) {
		array_init(return_value);
		store_lock_list(store, add_lock, Z_ARRVAL_P(return_value));
		return;
	}
	key = cache_key(store, name);
	if (!store_lock_info(store, &key, &info)) {
		RETURN_EMPTY_ARRAY();
	}
	describe(return_value, &info);
}
