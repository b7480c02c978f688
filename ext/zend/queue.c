/* cache_queue_push(), cache_queue_pop(), cache_queue_extend(), cache_queue_ack(), cache_queue_fail(). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "queue.h"

#include "compat.h"
#include "errors.h"
#include "functions.h"
#include "key.h"
#include "participant.h"
#include "payload.h"
#include "wait.h"

#define UNDECODABLE "the payload cannot be decoded here"

bool cache_queue_name_check(const zend_string *name, uint32_t argument)
{
	if (ZSTR_LEN(name) - 1 < QUEUE_NAME_MAX) {
		return true;
	}
	zend_argument_value_error(argument, "must be a name of 1 to %u bytes", QUEUE_NAME_MAX);
	return false;
}

/* ---- push ----------------------------------------------------------------------------------------------- */

PHP_FUNCTION(cache_queue_push)
{
	struct store *store;
	struct store_key queue, key;
	struct store_job job = {.queue = &queue, .key = &key};
	struct cache_payload payload;
	zend_string *name, *string;
	zend_long priority = 0;
	double delay = 0;
	zval *value = NULL, null;

	ZEND_PARSE_PARAMETERS_START(2, 5)
		Z_PARAM_STR(name)
		Z_PARAM_STR(string)
		Z_PARAM_OPTIONAL
		Z_PARAM_ZVAL(value)
		Z_PARAM_DOUBLE(delay)
		Z_PARAM_LONG(priority)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_queue_name_check(name, 1) || !cache_key_check(string, 2) || !cache_seconds_read(delay, 4, &job.delay_ns)) {
		RETURN_THROWS();
	}
	if (priority < INT32_MIN || priority > INT32_MAX) {
		zend_argument_value_error(5, "must be between %d and %d", INT32_MIN, INT32_MAX);
		RETURN_THROWS();
	}
	ZVAL_NULL(&null);
	store = cache_participant(); /* first, since it settles which serializer it is */
	if (!cache_payload_encode(value ? value : &null, 3, &payload)) {
		RETURN_THROWS();
	}
	RETVAL_LONG(0);
	if (store) {
		queue = cache_key(store, name);
		key = cache_key(store, string);
		job.payload = payload.bytes;
		job.payload_length = payload.size;
		job.flags = payload.flags;
		job.priority = (int32_t)priority;
		RETVAL_LONG(store_queue_push(store, &job));
	}
	cache_payload_free(&payload);
}

/* ---- pop ------------------------------------------------------------------------------------------------ */

struct names {
	uint32_t count;
	zend_string *strings[QUEUE_NAMES];
	struct store_key keys[QUEUE_NAMES];
};

static bool add_name(struct names *names, zend_string *name)
{
	if (!cache_queue_name_check(name, 1)) {
		return false;
	}
	/* Handlers of signals may change the array meanwhile. */
	names->strings[names->count++] = zend_string_copy(name);
	return true;
}

/* Integers, too: a list of names may come from the keys of an array. */
static bool add_names(struct names *names, HashTable *list)
{
	zend_string *string;
	zval *name;
	bool added;

	if (zend_hash_num_elements(list) == 0 || zend_hash_num_elements(list) > QUEUE_NAMES) {
		zend_argument_value_error(1, "must be a list of 1 to %u names", QUEUE_NAMES);
		return false;
	}
	ZEND_HASH_FOREACH_VAL(list, name) {
		ZVAL_DEREF(name);
		if (Z_TYPE_P(name) != IS_STRING && Z_TYPE_P(name) != IS_LONG) {
			zend_argument_type_error(1, "must be a list of strings and integers, %s given", zend_zval_value_name(name));
			return false;
		}
		string = cache_key_of_element(name);
		added = add_name(names, string);
		zend_string_release(string);
		if (!added) {
			return false;
		}
	} ZEND_HASH_FOREACH_END();
	return true;
}

static void free_names(struct names *names)
{
	for (uint32_t i = 0; i < names->count; i++) {
		zend_string_release(names->strings[i]);
	}
}

/* False: it is lost by now, or its payload is of no use here, and it was failed; or an exception was thrown. */
static bool take_job(struct store *store, const struct queue_taken *taken, zval *job)
{
	zend_string *key = zend_string_alloc(taken->key_length, false);
	zend_string *bytes = zend_string_alloc(taken->payload_length, false);
	char name[QUEUE_NAME_MAX];
	zval payload;

	if (!store_queue_read(store, taken, ZSTR_VAL(key), ZSTR_VAL(bytes), NULL)) {
		zend_string_efree(key);
		zend_string_efree(bytes);
		return false;
	}
	ZSTR_VAL(key)[ZSTR_LEN(key)] = ZSTR_VAL(bytes)[ZSTR_LEN(bytes)] = '\0';
	if (!cache_payload_decode(bytes, taken->flags, &payload)) {
		(void)store_queue_fail(store, taken->id, taken->token, ZEND_STRL(UNDECODABLE), QUEUE_FOREVER);
		zend_string_release(key);
		return false;
	}
	array_init_size(job, 8);
	add_assoc_long(job, "id", (zend_long)taken->id);
	add_assoc_long(job, "token", (zend_long)taken->token);
	add_assoc_stringl(job, "queue", name, store_queue_name(store, taken->queue, name));
	add_assoc_str(job, "key", key);
	add_assoc_zval(job, "payload", &payload);
	add_assoc_long(job, "attempt", (zend_long)taken->attempt);
	add_assoc_long(job, "pushed_at", (zend_long)taken->pushed_us);
	return true;
}

static void pop(struct store *store, struct names *names, uint64_t wait_ns, uint64_t lease_ns, zval *job)
{
	struct store_queue_wish wish;
	struct queue_taken taken;
	enum cache_status status;

	for (uint32_t i = 0; i < names->count; i++) {
		names->keys[i] = cache_key(store, names->strings[i]);
	}
	status = store_queue_begin(store, &wish, names->keys, names->count, wait_ns, lease_ns, &taken);
	if (wish.refused) {
		cache_log_once(CACHE_ONCE_QUEUES, CACHE_LOG_WARNING, "there are %u queues in use: no further one can be had",
		               QUEUE_NAMES);
	}
	for (;;) {
		if (status == CACHE_OK) {
			if (take_job(store, &taken, job) || EG(exception)) {
				return;
			}
		} else if (status != CACHE_MISSING || !store_queue_sleep(store, &wish)) {
			break;
		}
		if (!cache_may_go_on()) {
			return;
		}
		status = store_queue_try(store, &wish, &taken);
	}
}

PHP_FUNCTION(cache_queue_pop)
{
	struct names names;
	struct store *store;
	HashTable *list;
	zend_string *name;
	double wait = 0, lease = 60;
	uint64_t wait_ns, lease_ns;

	ZEND_PARSE_PARAMETERS_START(1, 3)
		Z_PARAM_ARRAY_HT_OR_STR(list, name)
		Z_PARAM_OPTIONAL
		Z_PARAM_DOUBLE(wait)
		Z_PARAM_DOUBLE(lease)
	ZEND_PARSE_PARAMETERS_END();

	names.count = 0; /* all of them would be 1.5 KB */
	RETVAL_NULL();
	if ((name ? add_name(&names, name) : add_names(&names, list)) && cache_seconds_read(wait, 2, &wait_ns) &&
	    cache_lease_ttl_read(lease, 3, &lease_ns)) {
		store = cache_participant();
		if (store) {
			pop(store, &names, wait_ns, lease_ns, return_value);
		}
	}
	free_names(&names);
}

/* ---- the end of a run ------------------------------------------------------------------------------------ */

PHP_FUNCTION(cache_queue_extend)
{
	struct store *store;
	zend_long id, token;
	double lease;
	uint64_t lease_ns;

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_LONG(id)
		Z_PARAM_LONG(token)
		Z_PARAM_DOUBLE(lease)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_lease_ttl_read(lease, 3, &lease_ns)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	RETURN_BOOL(store && store_queue_extend(store, (uint64_t)id, (uint64_t)token, lease_ns));
}

PHP_FUNCTION(cache_queue_ack)
{
	struct store *store;
	zend_long id, token;

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_LONG(id)
		Z_PARAM_LONG(token)
	ZEND_PARSE_PARAMETERS_END();

	store = cache_participant();
	RETURN_BOOL(store && store_queue_ack(store, (uint64_t)id, (uint64_t)token));
}

PHP_FUNCTION(cache_queue_fail)
{
	struct store *store;
	zend_string *error = NULL;
	zend_long id, token;
	double retry = 0;
	bool by_backoff = true;
	uint64_t retry_ns = 0;

	ZEND_PARSE_PARAMETERS_START(2, 4)
		Z_PARAM_LONG(id)
		Z_PARAM_LONG(token)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(error)
		Z_PARAM_DOUBLE_OR_NULL(retry, by_backoff)
	ZEND_PARSE_PARAMETERS_END();

	by_backoff = ZEND_NUM_ARGS() < 4 || by_backoff;
	if (!by_backoff && !cache_seconds_read(retry, 4, &retry_ns)) {
		RETURN_THROWS();
	}
	if (by_backoff) {
		retry_ns = QUEUE_FOREVER;
	} else if (retry_ns == QUEUE_FOREVER) {
		retry_ns--; /* never again, by itself */
	}
	store = cache_participant();
	RETURN_BOOL(store && store_queue_fail(store, (uint64_t)id, (uint64_t)token, error ? ZSTR_VAL(error) : "",
	                                      error ? ZSTR_LEN(error) : 0, retry_ns));
}
