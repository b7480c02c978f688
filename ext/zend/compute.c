/*
 * cache_compute(): single flight.
 *
 * Whoever finds a value missing and gets the lease makes it; the others sleep until the lease has ended. Whoever gets the
 * lease of a value that is stale or aging returns it, and makes the new one when the response was sent: by a shutdown
 * function that lets all others go first. Where requests do not end, as on the command line, he does so at once.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <unistd.h>

#include "php.h"

#include "SAPI.h"
#include "ext/standard/basic_functions.h"
#include "php_output.h"
#include "zend_exceptions.h"

#include "compute.h"
#include "errors.h"
#include "functions.h"
#include "key.h"
#include "participant.h"
#include "queue.h"
#include "stale.h"
#include "wait.h"

/* A rebuild that was put off. */
struct rebuild {
	struct rebuild *next;
	zend_string *key;
	/* As it was found where it may be called: a private method is not callable from here. It holds its function and object. */
	zend_fcall_info fci;
	zend_fcall_info_cache fcc;
	zval old;
	uint64_t lease, lease_ns;
	struct cache_lifetime lifetime; /* as much of its tags as there are */
};

struct compute {
	struct store *store;
	zend_string *string;
	struct store_key key;
	zend_fcall_info fci;
	zend_fcall_info_cache fcc;
	struct cache_lifetime lifetime;
	struct store_ask ask;
	uint64_t wait_ns;
};

/* ---- calling -------------------------------------------------------------------------------------------- */

static bool is_being_computed(zend_string *string)
{
	return CACHE_G(computing) && zend_hash_exists(CACHE_G(computing), string);
}

static void drop_computing(void)
{
	zend_hash_destroy(CACHE_G(computing));
	FREE_HASHTABLE(CACHE_G(computing));
	CACHE_G(computing) = NULL;
}

static void note_computing(zend_string *string, bool begins)
{
	if (!CACHE_G(computing)) {
		ALLOC_HASHTABLE(CACHE_G(computing));
		zend_hash_init(CACHE_G(computing), 8, NULL, NULL, 0);
	}
	if (begins) {
		zend_hash_add_empty_element(CACHE_G(computing), string);
	} else if (zend_hash_del(CACHE_G(computing), string) == SUCCESS && zend_hash_num_elements(CACHE_G(computing)) == 0) {
		drop_computing();
	}
}

/* False: an exception was thrown. */
static bool call(zend_fcall_info *fci, zend_fcall_info_cache *fcc, zend_string *string, zval *old, zval *result)
{
	zval arguments[2];

	ZVAL_STR_COPY(&arguments[0], string);
	ZVAL_COPY(&arguments[1], old);
	ZVAL_UNDEF(result);
	fci->retval = result;
	fci->params = arguments;
	fci->param_count = 2;
	(void)zend_call_function(fci, fcc);
	zval_ptr_dtor(&arguments[0]);
	zval_ptr_dtor(&arguments[1]);
	if (Z_TYPE_P(result) == IS_UNDEF || EG(exception)) {
		zval_ptr_dtor(result);
		ZVAL_UNDEF(result);
		return false;
	}
	if (Z_ISREF_P(result)) {
		zend_unwrap_reference(result);
	}
	return true;
}

/* Without a lease: nothing is stored. */
static void call_alone(struct compute *compute, zval *result)
{
	zval null;

	ZVAL_NULL(&null);
	if (call(&compute->fci, &compute->fcc, compute->string, &null, result) && cache_is_keep(result)) {
		zval_ptr_dtor(result);
		ZVAL_NULL(result);
	}
}

/* Under the lease, which ends with it. False: an exception was thrown. A result that is to be kept: `old`. */
static bool rebuild(struct store *store, zend_string *string, const struct store_key *key, uint64_t lease,
                    const struct cache_lifetime *lifetime, zend_fcall_info *fci, zend_fcall_info_cache *fcc, zval *old,
                    zval *result)
{
	pid_t process = getpid();
	bool called;

	note_computing(string, true);
	called = call(fci, fcc, string, old, result);
	note_computing(string, false);
	if (!called) {
		cache_stale_give_back(store, key, lease, process);
		return false;
	}
	if (cache_is_keep(result)) {
		cache_stale_give_back(store, key, lease, process);
		zval_ptr_dtor(result);
		ZVAL_COPY(result, old);
		return true;
	}
	(void)cache_stale_commit(store, key, lease, result, lifetime);
	if (EG(exception)) {
		zval_ptr_dtor(result);
		ZVAL_UNDEF(result);
		return false;
	}
	return true;
}

#define REBUILD "rebuild"
#define DECODING "decoding"

/* Somebody has a value all the same: the log tells what went wrong. False: it is none that may be caught. */
static bool log_exception(const char *what, zend_string *string)
{
	zend_object *exception = EG(exception);
	zval scratch, *message;

	if (!exception || zend_is_unwind_exit(exception) || zend_is_graceful_exit(exception)) {
		return false;
	}
	message = zend_read_property_ex(zend_get_exception_base(exception), exception, ZSTR_KNOWN(ZEND_STR_MESSAGE), true, &scratch);
	cache_log(CACHE_LOG_WARNING, "the %s of \"%.*s\" failed: %s: %s", what, (int)MIN(ZSTR_LEN(string), 200), ZSTR_VAL(string),
	          ZSTR_VAL(exception->ce->name), Z_TYPE_P(message) == IS_STRING ? Z_STRVAL_P(message) : "");
	zend_clear_exception();
	return true;
}

/* ---- after the response --------------------------------------------------------------------------------- */

static bool call_by_name(const char *name, size_t length, uint32_t count, zval *arguments)
{
	zval function, result;
	bool called = false;

	if (zend_hash_str_exists(CG(function_table), name, length)) {
		ZVAL_STRINGL(&function, name, length);
		ZVAL_UNDEF(&result);
		called = call_user_function(NULL, NULL, &function, &result, count, arguments) == SUCCESS;
		zval_ptr_dtor(&result);
		zval_ptr_dtor(&function);
	}
	return called;
}

/* Until the end of the request. */
static void ignore_user_abort(void)
{
	zend_string *name = zend_string_init(ZEND_STRL("ignore_user_abort"), 0);

	(void)zend_alter_ini_entry_chars(name, ZEND_STRL("1"), PHP_INI_SYSTEM, PHP_INI_STAGE_RUNTIME);
	zend_string_release(name);
}

/*
 * Lets the client go; and those who wait for its session. What a callback prints from now on goes nowhere, and that nobody
 * is there to read it does not end the program.
 */
static void finish_response(void)
{
	static const char *const finishers[] = {"fastcgi_finish_request", "litespeed_finish_request"};

	(void)call_by_name(ZEND_STRL("session_write_close"), 0, NULL);
	for (size_t i = 0; i < sizeof(finishers) / sizeof(*finishers); i++) {
		if (zend_hash_str_exists(CG(function_table), finishers[i], strlen(finishers[i]))) {
			(void)call_by_name(finishers[i], strlen(finishers[i]), 0, NULL);
			break;
		}
	}
	php_output_end_all();
	(void)sapi_send_headers();
	ignore_user_abort();
	sapi_flush();
	php_output_set_status(PHP_OUTPUT_DISABLED);
}

static uint32_t shutdown_functions(void)
{
	return BG(user_shutdown_function_names) ? zend_hash_num_elements(BG(user_shutdown_function_names)) : 0;
}

/* False: shutdown functions cannot be had. */
static bool run_at_shutdown(void)
{
	zval callable;
	bool registered;

	array_init_size(&callable, 2);
	add_next_index_string(&callable, "Cache\\Rebuilds");
	add_next_index_string(&callable, "run");
	registered = call_by_name(ZEND_STRL("register_shutdown_function"), 1, &callable);
	zval_ptr_dtor(&callable);
	CACHE_G(shutdown_functions) = shutdown_functions();
	return registered;
}

static void free_rebuild(struct rebuild *rebuild)
{
	zend_string_release(rebuild->key);
	zval_ptr_dtor(&rebuild->fci.function_name);
	if (rebuild->fcc.object) {
		OBJ_RELEASE(rebuild->fcc.object);
	}
	zval_ptr_dtor(&rebuild->old);
	efree(rebuild);
}

static void run_rebuild(struct rebuild *put_off)
{
	struct store *store = cache_participant();
	struct store_key key;
	zval result;

	if (!store) {
		return;
	}
	key = cache_key(store, put_off->key);
	/* The page took its time. If the lease is lost or void, somebody else rebuilds the value, or it is another one. */
	if (!store_lease_extend(store, &key, put_off->lease, put_off->lease_ns)) {
		(void)store_lease_release(store, &key, put_off->lease);
		return;
	}
	if (rebuild(store, put_off->key, &key, put_off->lease, &put_off->lifetime, &put_off->fci, &put_off->fcc, &put_off->old,
	            &result)) {
		zval_ptr_dtor(&result);
	} else {
		(void)log_exception(REBUILD, put_off->key);
	}
}

ZEND_METHOD(Cache_Rebuilds, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

ZEND_METHOD(Cache_Rebuilds, run)
{
	ZEND_PARSE_PARAMETERS_NONE();

	if (!CACHE_G(rebuilds)) {
		return;
	}
	/* Behind those that were registered since. */
	if (shutdown_functions() != CACHE_G(shutdown_functions) && run_at_shutdown()) {
		return;
	}
	CACHE_G(rebuilds_are_last) = true;
	finish_response();
	while (CACHE_G(rebuilds) && !EG(exception)) {
		struct rebuild *first = CACHE_G(rebuilds);
		CACHE_G(rebuilds) = first->next;
		run_rebuild(first);
		free_rebuild(first);
	}
}

/* False: it has to be made now. */
static bool put_off(const struct compute *compute, uint64_t lease, zval *old)
{
	struct rebuild *rebuild, **last = &CACHE_G(rebuilds);
	size_t lifetime_size = offsetof(struct cache_lifetime, tags) + compute->lifetime.tags_size;

	if (!cache_requests_end() || CACHE_G(rebuilds_are_last) || (!CACHE_G(rebuilds) && !run_at_shutdown())) {
		return false;
	}
	rebuild = emalloc(offsetof(struct rebuild, lifetime) + lifetime_size);
	rebuild->next = NULL;
	rebuild->key = zend_string_copy(compute->string);
	rebuild->fci = compute->fci;
	rebuild->fcc = compute->fcc;
	Z_TRY_ADDREF(rebuild->fci.function_name);
	if (rebuild->fcc.object) {
		GC_ADDREF(rebuild->fcc.object);
	}
	ZVAL_COPY(&rebuild->old, old);
	rebuild->lease = lease;
	rebuild->lease_ns = compute->ask.lease_ns;
	memcpy(&rebuild->lifetime, &compute->lifetime, lifetime_size);
	while (*last) {
		last = &(*last)->next;
	}
	*last = rebuild;
	return true;
}

void cache_compute_end_request(void)
{
	while (CACHE_G(rebuilds)) {
		struct rebuild *first = CACHE_G(rebuilds);
		CACHE_G(rebuilds) = first->next;
		free_rebuild(first);
	}
	if (CACHE_G(computing)) {
		drop_computing(); /* the callback never came back: a fatal error, or the end of the program */
	}
	/* Other extensions may still run code: what that computes cannot be put off any more. */
	CACHE_G(rebuilds_are_last) = true;
}

void cache_compute_begin_request(void)
{
	CACHE_G(computing) = NULL; /* of a callback that never came back, called after the end of the last request */
	CACHE_G(rebuilds_are_last) = false;
}

/* ---- the function --------------------------------------------------------------------------------------- */

/* `value`: stale or aging, and replaced if the new one is made now. */
static void renew(struct compute *compute, uint64_t lease, zval *value)
{
	zval result;

	if (put_off(compute, lease, value)) {
		return;
	}
	if (rebuild(compute->store, compute->string, &compute->key, lease, &compute->lifetime, &compute->fci, &compute->fcc, value,
	            &result)) {
		zval_ptr_dtor(value);
		ZVAL_COPY_VALUE(value, &result);
	} else {
		(void)log_exception(REBUILD, compute->string);
	}
}

/* As cache_stale_fetch(); but a value whose decoding throws is one that is missing: else it would never be replaced. */
static bool fetch(struct compute *compute, zval *value, struct store_answer *answer)
{
	if (EXPECTED(cache_stale_fetch(compute->store, &compute->key, &compute->ask, value, answer))) {
		return true;
	}
	if (UNEXPECTED(EG(exception)) && log_exception(DECODING, compute->string)) {
		answer->lease = store_lease(compute->store, &compute->key, compute->ask.lease_ns);
	}
	return false;
}

static void compute_value(struct compute *compute, zval *value)
{
	uint64_t now = cache_monotonic_ns();
	uint64_t deadline = compute->wait_ns < UINT64_MAX - now ? now + compute->wait_ns : UINT64_MAX;
	struct store_answer answer;
	unsigned unattended = 0;
	zval null;

	ZVAL_NULL(&null);
	while (!fetch(compute, value, &answer)) {
		if (UNEXPECTED(EG(exception))) {
			return;
		}
		if (answer.lease > 0) {
			(void)rebuild(compute->store, compute->string, &compute->key, (uint64_t)answer.lease, &compute->lifetime,
			              &compute->fci, &compute->fcc, &null, value);
			return;
		}
		now = cache_monotonic_ns();
		if (now >= deadline || unattended == CACHE_UNATTENDED_MAX) {
			call_alone(compute, value);
			return;
		}
		unattended = store_lease_wait(compute->store, &compute->key, deadline - now) ? 0 : unattended + 1;
		if (!cache_may_go_on()) {
			return;
		}
	}
	if (answer.lease > 0) {
		renew(compute, (uint64_t)answer.lease, value);
	}
}

PHP_FUNCTION(cache_compute)
{
	struct cache_lifetime_arguments arguments = {.stamp_is_null = true};
	struct compute compute; /* as a whole it would be zeroed with all the room that tags may take */
	struct store_key queue;
	zend_string *queue_name = NULL;
	double ahead = 0, wait = 5, lease_ttl = 30;

	compute.ask = (struct store_ask){0};
	ZEND_PARSE_PARAMETERS_START(2, 9)
		Z_PARAM_STR(compute.string)
		Z_PARAM_FUNC(compute.fci, compute.fcc)
		Z_PARAM_OPTIONAL
		Z_PARAM_NUMBER(arguments.ttl)
		Z_PARAM_NUMBER(arguments.stale_ttl)
		Z_PARAM_ARRAY_HT(arguments.tags)
		Z_PARAM_DOUBLE(ahead)
		Z_PARAM_STR_OR_NULL(queue_name)
		Z_PARAM_DOUBLE(wait)
		Z_PARAM_DOUBLE(lease_ttl)
	ZEND_PARSE_PARAMETERS_END();

	if (!cache_key_check(compute.string, 1) || !cache_lifetime_read(&arguments, 3, &compute.lifetime) ||
	    (ahead != 0 && !cache_ahead_read(ahead, 6, &compute.ask)) || (queue_name && !cache_queue_name_check(queue_name, 7)) ||
	    !cache_seconds_read(wait, 8, &compute.wait_ns) || !cache_lease_ttl_read(lease_ttl, 9, &compute.ask.lease_ns)) {
		RETURN_THROWS();
	}
	compute.store = cache_participant();
	if (queue_name && compute.store) {
		queue = cache_key(compute.store, queue_name);
		compute.ask.queue = &queue;
	}
	ZVAL_UNDEF(return_value);
	if (!compute.store || is_being_computed(compute.string)) {
		call_alone(&compute, return_value);
	} else {
		compute.key = cache_key(compute.store, compute.string);
		compute_value(&compute, return_value);
	}
	if (Z_ISUNDEF_P(return_value)) {
		ZVAL_NULL(return_value); /* an exception was thrown */
	}
}
