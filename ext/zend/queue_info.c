/* cache_queue_info(), cache_queue_dead(), cache_queue_revive(), cache_queue_purge(). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "queue.h"

#include "zend_exceptions.h"

#include "key.h"
#include "participant.h"
#include "payload.h"

static void describe(struct store *store, const struct store_key *queue, zval *fields)
{
	struct queue_info info;
	int64_t age;

	store_queue_info(store, queue, &info);
	age = info.oldest_us ? cache_wall_us() - info.oldest_us : 0;
	array_init_size(fields, 16);
	add_assoc_long(fields, "waiting", (zend_long)info.waiting);
	add_assoc_long(fields, "delayed", (zend_long)info.delayed);
	add_assoc_long(fields, "running", (zend_long)info.running);
	add_assoc_long(fields, "dead", (zend_long)info.dead);
	for (int i = 0; i < QUEUE_COUNTERS; i++) {
		add_assoc_long(fields, queue_counter_names[i], (zend_long)info.counters[i]);
	}
	add_assoc_double(fields, "oldest_age", age > 0 ? (double)age / 1e6 : 0.0);
	add_assoc_long(fields, "workers", (zend_long)info.workers);
}

struct list {
	struct store *store;
	zval *array;
};

static void add_queue(void *context, const char *name, size_t length)
{
	struct list *list = context;
	zend_string *string = zend_string_init(name, length, false);
	struct store_key queue = cache_key(list->store, string);
	zval fields;

	describe(list->store, &queue, &fields);
	zend_symtable_update(Z_ARRVAL_P(list->array), string, &fields);
	zend_string_release(string);
}

/* False: a ValueError was thrown, or the cache is not to be had. */
static struct store *open_queue(zend_string *name, struct store_key *queue)
{
	struct store *store = cache_queue_name_check(name, 1) ? cache_participant() : NULL;

	if (store) {
		*queue = cache_key(store, name);
	}
	return store;
}

PHP_FUNCTION(cache_queue_info)
{
	static const char *const gauges[] = {"waiting", "delayed", "running", "dead"};
	struct list list = {.array = return_value};
	struct store_key queue;
	zend_string *name = NULL;

	ZEND_PARSE_PARAMETERS_START(0, 1)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(name)
	ZEND_PARSE_PARAMETERS_END();

	if (!name) {
		array_init(return_value);
		list.store = cache_participant();
		if (list.store) {
			store_queue_list(list.store, add_queue, &list);
		}
		return;
	}
	list.store = open_queue(name, &queue);
	if (list.store) {
		describe(list.store, &queue, return_value);
	} else if (!EG(exception)) {
		array_init(return_value);
		for (size_t i = 0; i < sizeof(gauges) / sizeof(*gauges); i++) {
			add_assoc_long(return_value, gauges[i], 0);
		}
		for (int i = 0; i < QUEUE_COUNTERS; i++) {
			add_assoc_long(return_value, queue_counter_names[i], 0);
		}
		add_assoc_double(return_value, "oldest_age", 0.0);
		add_assoc_long(return_value, "workers", 0);
	}
}

/* What is said where nobody has said anything. */
static void add_error(zval *fields, const struct queue_taken *letter, const char *error)
{
	static const char *const ends[] = {
		[QUEUE_FAILED] = "", [QUEUE_WORKER_DIED] = "the worker died", [QUEUE_LEASE_PASSED] = "the lease passed",
	};

	if (letter->error_length > 0) {
		add_assoc_stringl(fields, "error", error, letter->error_length);
	} else {
		add_assoc_string(fields, "error", letter->end <= QUEUE_LEASE_PASSED ? ends[letter->end] : "");
	}
}

static bool add_letter(void *context, const struct queue_taken *letter)
{
	struct list *list = context;
	zend_string *key = zend_string_alloc(letter->key_length, false);
	zend_string *bytes = zend_string_alloc(letter->payload_length, false);
	char error[QUEUE_ERROR_KEPT];
	zval fields, payload;

	if (!store_queue_read(list->store, letter, ZSTR_VAL(key), ZSTR_VAL(bytes), error)) {
		zend_string_efree(key);
		zend_string_efree(bytes);
		return true; /* it was revived, or dropped */
	}
	ZSTR_VAL(key)[ZSTR_LEN(key)] = ZSTR_VAL(bytes)[ZSTR_LEN(bytes)] = '\0';
	(void)cache_payload_decode(bytes, letter->flags, &payload);
	if (EG(exception)) {
		if (zend_is_unwind_exit(EG(exception)) || zend_is_graceful_exit(EG(exception))) {
			zend_string_release(key);
			return false;
		}
		/* It is what the job has died of, perhaps; and the others are to be seen all the same. */
		zend_clear_exception();
	}
	array_init_size(&fields, 8);
	add_assoc_long(&fields, "id", (zend_long)letter->id);
	add_assoc_str(&fields, "key", key);
	add_assoc_zval(&fields, "payload", &payload);
	add_assoc_long(&fields, "attempt", (zend_long)letter->attempt);
	add_assoc_long(&fields, "pushed_at", (zend_long)letter->pushed_us);
	add_assoc_long(&fields, "died_at", (zend_long)letter->died_us);
	add_error(&fields, letter, error);
	add_next_index_zval(list->array, &fields);
	return true;
}

PHP_FUNCTION(cache_queue_dead)
{
	struct list list = {.array = return_value};
	struct store_key queue;
	zend_string *name;
	zend_long limit = 100;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_STR(name)
		Z_PARAM_OPTIONAL
		Z_PARAM_LONG(limit)
	ZEND_PARSE_PARAMETERS_END();

	if (limit < 1) {
		zend_argument_value_error(2, "must be greater than 0");
		RETURN_THROWS();
	}
	list.store = open_queue(name, &queue);
	if (EG(exception)) {
		RETURN_THROWS();
	}
	array_init(return_value);
	if (list.store && store_queue_letters(list.store, &queue, (uint32_t)MIN(limit, QUEUE_JOBS_MAX), add_letter, &list) != CACHE_OK) {
		zend_throw_error(NULL, "No memory for the dead letters");
	}
}

PHP_FUNCTION(cache_queue_revive)
{
	struct store *store;
	struct store_key queue, key;
	zend_string *name, *string = NULL;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_STR(name)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(string)
	ZEND_PARSE_PARAMETERS_END();

	if (string && !cache_key_check(string, 2)) {
		RETURN_THROWS();
	}
	store = open_queue(name, &queue);
	if (EG(exception)) {
		RETURN_THROWS();
	}
	if (store && string) {
		key = cache_key(store, string);
	}
	RETURN_LONG(store ? store_queue_revive(store, &queue, string ? &key : NULL) : 0);
}

PHP_FUNCTION(cache_queue_purge)
{
	struct store *store;
	struct store_key queue;
	zend_string *name;
	bool dead = false;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_STR(name)
		Z_PARAM_OPTIONAL
		Z_PARAM_BOOL(dead)
	ZEND_PARSE_PARAMETERS_END();

	store = open_queue(name, &queue);
	if (EG(exception)) {
		RETURN_THROWS();
	}
	RETURN_LONG(store ? store_queue_purge(store, &queue, dead) : 0);
}
