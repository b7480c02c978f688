/* cache_fetch_stale(), leases, cache_commit(), cache_mark_stale(), cache_tag_invalidate(). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <unistd.h>

#include "php.h"

#include "errors.h"
#include "functions.h"
#include "key.h"
#include "participant.h"
#include "queue.h"
#include "stale.h"

/* ---- fetch_stale ---------------------------------------------------------------------------------------- */

/* An entry that could not be decoded. */
static ZEND_COLD bool fetch_failed(struct store *store, const struct store_key *key, const struct store_ask *ask, zval *value,
                                   struct store_answer *answer)
{
	struct store_lease_info running;

	answer->state = STORE_STATE_MISSING;
	if (EG(exception)) {
		if (answer->lease > 0) {
			(void)store_lease_release(store, key, (uint64_t)answer->lease);
			answer->lease = 0;
		}
		return false;
	}
	/* Its class is not there any more, or another one: it is missing, and somebody is to rebuild it. */
	ZVAL_FALSE(value);
	if (answer->lease == 0 && ask->queue && ask->queue_missing &&
	    (store_lease_get(store, key, &running) || store_queue_want(store, ask->queue, key))) {
		answer->lease = STORE_LEASE_RUNNING;
		return false;
	}
	/* A job for what only seemed to be stale is nothing that could be waited for. */
	if (ask->lease_ns && (answer->lease == 0 || (answer->lease == STORE_LEASE_RUNNING && ask->queue && !ask->queue_missing))) {
		answer->lease = store_lease(store, key, ask->lease_ns);
		answer->lease = answer->lease ? answer->lease : STORE_LEASE_RUNNING;
	}
	return false;
}

static zend_always_inline bool fetch_value(struct store *store, const struct store_key *key, const struct store_ask *ask,
                                           zval *value, struct store_answer *answer)
{
	struct store_view view;

	if (UNEXPECTED(store_get_stale(store, key, ask, &view, answer) != CACHE_OK)) {
		ZVAL_FALSE(value);
		return false;
	}
	return EXPECTED(cache_take(store, &view, true, value)) || fetch_failed(store, key, ask, value, answer);
}

bool cache_stale_fetch(struct store *store, const struct store_key *key, const struct store_ask *ask, zval *value,
                       struct store_answer *answer)
{
	return fetch_value(store, key, ask, value, answer);
}

struct fetch {
	struct store *store;
	struct store_ask ask;
	zval *values, states, leases;
};

static void fetch_each(void *context, zend_string *string)
{
	struct fetch *fetch = context;
	struct store_answer answer = {0};
	zval value, number;

	if (fetch->store) {
		const struct store_key key = cache_key(fetch->store, string);
		if (cache_stale_fetch(fetch->store, &key, &fetch->ask, &value, &answer)) {
			cache_set_element(fetch->values, string, &value);
		}
	}
	ZVAL_LONG(&number, answer.state);
	cache_set_element(&fetch->states, string, &number);
	/* For a key that stands in the list twice: its second look-up finds the lease that the first one got. */
	if (answer.lease != STORE_LEASE_RUNNING || !zend_symtable_exists(Z_ARRVAL(fetch->leases), string)) {
		ZVAL_LONG(&number, (zend_long)answer.lease);
		cache_set_element(&fetch->leases, string, &number);
	}
}

static void assign_array(zval *reference, zval *array)
{
	if (reference && !EG(exception)) {
		Z_ADDREF_P(array);
		ZEND_TRY_ASSIGN_REF_ARR(reference, Z_ARR_P(array));
	}
}

/* The caller does not get to know them. */
static void give_back(const struct fetch *fetch)
{
	zend_ulong number;
	zend_string *string;
	zval *lease;

	ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL(fetch->leases), number, string, lease) {
		if (Z_LVAL_P(lease) > 0) {
			zend_string *name = string ? zend_string_copy(string) : zend_long_to_str((zend_long)number);
			const struct store_key key = cache_key(fetch->store, name);
			(void)store_lease_release(fetch->store, &key, (uint64_t)Z_LVAL_P(lease));
			zend_string_release(name);
		}
	} ZEND_HASH_FOREACH_END();
}

static void fetch_list(struct fetch *fetch, HashTable *list, zval *state, zval *lease)
{
	array_init_size(fetch->values, zend_hash_num_elements(list));
	array_init_size(&fetch->states, zend_hash_num_elements(list));
	array_init_size(&fetch->leases, zend_hash_num_elements(list));
	(void)cache_each_key(list, fetch_each, fetch);
	assign_array(state, &fetch->states);
	assign_array(lease, &fetch->leases);
	if (UNEXPECTED(EG(exception))) {
		give_back(fetch);
	}
	zval_ptr_dtor(&fetch->states);
	zval_ptr_dtor(&fetch->leases);
}

/* An exception: the lease of the one key is given back. */
static zend_always_inline void fetch_single(struct fetch *fetch, zend_string *string, zval *state, zval *lease)
{
	const struct store_key key = cache_key(fetch->store, string);
	struct store_answer answer;

	(void)fetch_value(fetch->store, &key, &fetch->ask, fetch->values, &answer);
	if (state && !EG(exception)) {
		cache_assign_long(state, answer.state);
	}
	if (lease && !EG(exception)) {
		cache_assign_long(lease, (zend_long)answer.lease);
	}
	if (UNEXPECTED(EG(exception)) && answer.lease > 0) {
		(void)store_lease_release(fetch->store, &key, (uint64_t)answer.lease);
	}
}

static void assign_missing(zval *state, zval *lease)
{
	if (state) {
		cache_assign_long(state, STORE_STATE_MISSING);
	}
	if (lease && !EG(exception)) {
		cache_assign_long(lease, 0);
	}
}

PHP_FUNCTION(cache_fetch_stale)
{
	struct fetch fetch; /* not zeroed as a whole, which would take longer than a look-up */
	struct store_key queue;
	HashTable *list;
	zend_string *string, *queue_name = NULL;
	zval *state = NULL, *lease = NULL;
	double lease_ttl = 0, ahead = 0;

	ZEND_PARSE_PARAMETERS_START(1, 6)
		Z_PARAM_ARRAY_HT_OR_STR(list, string)
		Z_PARAM_OPTIONAL
		Z_PARAM_ZVAL(state)
		Z_PARAM_ZVAL(lease)
		Z_PARAM_DOUBLE(lease_ttl)
		Z_PARAM_DOUBLE(ahead)
		Z_PARAM_STR_OR_NULL(queue_name)
	ZEND_PARSE_PARAMETERS_END();

	fetch.values = return_value;
	fetch.ask = (struct store_ask){.queue_missing = true};
	if ((string ? !cache_key_check(string, 1) : !cache_key_check_list(list, 1)) ||
	    (lease_ttl != 0 && !cache_seconds_read(lease_ttl, 4, &fetch.ask.lease_ns)) ||
	    (ahead != 0 && !cache_ahead_read(ahead, 5, &fetch.ask)) || (queue_name && !cache_queue_name_check(queue_name, 6))) {
		RETURN_THROWS();
	}
	fetch.store = cache_participant();
	if (queue_name && fetch.store) {
		queue = cache_key(fetch.store, queue_name);
		fetch.ask.queue = &queue;
	}
	RETVAL_FALSE;
	if (!string) {
		fetch_list(&fetch, list, state, lease);
	} else if (fetch.store) {
		fetch_single(&fetch, string, state, lease);
	} else {
		assign_missing(state, lease);
	}
}

/* ---- leases --------------------------------------------------------------------------------------------- */

PHP_FUNCTION(cache_lease)
{
	struct store *store;
	struct store_key key;
	zend_string *string;
	double lease_ttl = 30;
	uint64_t ns;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_STR(string)
		Z_PARAM_OPTIONAL
		Z_PARAM_DOUBLE(lease_ttl)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || !cache_lease_ttl_read(lease_ttl, 2, &ns)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store) {
		RETURN_LONG(0);
	}
	key = cache_key(store, string);
	RETURN_LONG((zend_long)store_lease(store, &key, ns));
}

PHP_FUNCTION(cache_lease_extend)
{
	struct store *store;
	struct store_key key;
	zend_string *string;
	zend_long lease;
	double lease_ttl;
	uint64_t ns;

	ZEND_PARSE_PARAMETERS_START(3, 3)
		Z_PARAM_STR(string)
		Z_PARAM_LONG(lease)
		Z_PARAM_DOUBLE(lease_ttl)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || !cache_lease_ttl_read(lease_ttl, 3, &ns)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store || lease <= 0) {
		RETURN_FALSE;
	}
	key = cache_key(store, string);
	RETURN_BOOL(store_lease_extend(store, &key, (uint64_t)lease, ns));
}

PHP_FUNCTION(cache_lease_release)
{
	struct store *store;
	struct store_key key;
	zend_string *string;
	zend_long lease;

	ZEND_PARSE_PARAMETERS_START(2, 2)
		Z_PARAM_STR(string)
		Z_PARAM_LONG(lease)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store || lease <= 0) {
		RETURN_FALSE;
	}
	key = cache_key(store, string);
	RETURN_BOOL(store_lease_release(store, &key, (uint64_t)lease));
}

bool cache_stale_commit(struct store *store, const struct store_key *key, uint64_t lease, zval *value,
                        const struct cache_lifetime *lifetime)
{
	struct cache_encoded encoded;
	bool stored;

	if (!cache_encode_value(value, lifetime, &encoded)) {
		(void)store_lease_release(store, key, lease);
		return false;
	}
	stored = cache_status_succeeded(store_commit(store, key, lease, &encoded.item));
	cache_encoded_release(&encoded);
	return stored;
}

void cache_stale_give_back(struct store *store, const struct store_key *key, uint64_t lease, pid_t process)
{
	if (getpid() == process) {
		(void)store_lease_release(store, key, lease);
	}
}

PHP_FUNCTION(cache_commit)
{
	struct cache_lifetime_arguments arguments = {.stamp_is_null = true};
	struct cache_lifetime lifetime;
	struct store *store;
	struct store_key key;
	zend_string *string;
	zend_long lease;
	zval *value;

	ZEND_PARSE_PARAMETERS_START(3, 7)
		Z_PARAM_STR(string)
		Z_PARAM_LONG(lease)
		Z_PARAM_ZVAL(value)
		Z_PARAM_OPTIONAL
		Z_PARAM_NUMBER(arguments.ttl)
		Z_PARAM_NUMBER(arguments.stale_ttl)
		Z_PARAM_ARRAY_HT(arguments.tags)
		Z_PARAM_LONG_OR_NULL(arguments.stamp, arguments.stamp_is_null)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(string, 1) || !cache_lifetime_read(&arguments, 4, &lifetime)) {
		RETURN_THROWS();
	}
	store = cache_participant();
	if (!store || lease <= 0) {
		RETURN_FALSE;
	}
	key = cache_key(store, string);
	RETVAL_BOOL(cache_stale_commit(store, &key, (uint64_t)lease, value, &lifetime));
}

/* ---- invalidation --------------------------------------------------------------------------------------- */

static bool mark(struct store *store, zend_string *string)
{
	const struct store_key key = cache_key(store, string);

	return cache_status_succeeded(store_mark_stale(store, &key));
}

struct marks {
	struct store *store;
	zval *missing;
};

static void mark_each(void *context, zend_string *string)
{
	const struct marks *marks = context;

	if (!marks->store || !mark(marks->store, string)) {
		add_next_index_str(marks->missing, zend_string_copy(string));
	}
}

PHP_FUNCTION(cache_mark_stale)
{
	struct marks marks = {.missing = return_value};
	HashTable *list;
	zend_string *string;

	ZEND_PARSE_PARAMETERS_START(1, 1)
		Z_PARAM_ARRAY_HT_OR_STR(list, string)
	ZEND_PARSE_PARAMETERS_END();

	if (string ? !cache_key_check(string, 1) : !cache_key_check_list(list, 1)) {
		RETURN_THROWS();
	}
	marks.store = cache_participant();
	if (string) {
		RETURN_BOOL(marks.store && mark(marks.store, string));
	}
	array_init(return_value);
	(void)cache_each_key(list, mark_each, &marks);
}

/*
 * The tags of an array, each once, by as many as the store takes at once: each of these is one invalidation. What PHP's memory
 * limit may refuse is allocated before the first.
 */
static zend_long invalidate(struct store *store, HashTable *list, bool hard)
{
	struct cache_lifetime lifetime;
	zend_long number = 0;
	HashTable seen;
	zval *tag;

	zend_hash_init(&seen, zend_hash_num_elements(list), NULL, NULL, false);
	zend_hash_real_init_mixed(&seen);
	cache_lifetime_init(&lifetime);
	ZEND_HASH_FOREACH_VAL(list, tag) {
		ZVAL_DEREF(tag);
		if (!zend_hash_add_empty_element(&seen, Z_STR_P(tag))) {
			continue;
		}
		if (lifetime.tag_count == STORE_TAGS_MAX) {
			number += store_invalidate_tags(store, lifetime.tags, lifetime.tags_size, hard);
			cache_lifetime_init(&lifetime);
		}
		cache_lifetime_add_tag(&lifetime, tag);
	} ZEND_HASH_FOREACH_END();
	if (lifetime.tag_count) {
		number += store_invalidate_tags(store, lifetime.tags, lifetime.tags_size, hard);
	}
	zend_hash_destroy(&seen);
	return number;
}

PHP_FUNCTION(cache_tag_invalidate)
{
	struct cache_lifetime lifetime;
	struct store *store;
	HashTable *list;
	zend_string *string;
	bool hard = false;
	zval *tag, single;

	ZEND_PARSE_PARAMETERS_START(1, 2)
		Z_PARAM_ARRAY_HT_OR_STR(list, string)
		Z_PARAM_OPTIONAL
		Z_PARAM_BOOL(hard)
	ZEND_PARSE_PARAMETERS_END();

	if (string) {
		ZVAL_STR(&single, string);
		if (!cache_tag_check(&single, 1)) {
			RETURN_THROWS();
		}
		store = cache_participant();
		if (!store) {
			RETURN_LONG(0);
		}
		cache_lifetime_init(&lifetime);
		cache_lifetime_add_tag(&lifetime, &single);
		RETURN_LONG(store_invalidate_tags(store, lifetime.tags, lifetime.tags_size, hard));
	}
	ZEND_HASH_FOREACH_VAL(list, tag) {
		if (!cache_tag_check(tag, 1)) {
			RETURN_THROWS();
		}
	} ZEND_HASH_FOREACH_END();
	store = cache_participant();
	RETURN_LONG(store ? invalidate(store, list, hard) : 0);
}
