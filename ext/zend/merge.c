/*
 * cache_merge().
 *
 * Mostly nobody comes in between, so each try stores by the token of what it has read, and waits for nobody. Who has lost four of them
 * waits for his turn. A turn is a lease of a key that nobody else has: of the same bytes, with another hash, by which leases are found.
 * Merges look for it before each of their first tries, and while another process has it they wait for a turn of their own.
 *
 * So he who has the turn loses to each other process that merges at most one try: that which it was in when the turn was granted. What
 * is no merge, as a store, a delete or an increment, waits for nobody, and may cost him one each time. Who waits for a turn is given it
 * by chance, among those that wait when it is free. A turn ends with its merge, its time, or the death of its process.
 */
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

/* Before he waits for his turn. */
#define OPTIMISTIC_TRIES 4
/* A callback that takes longer may be overtaken: it is called again. */
#define TURN_NS UINT64_C(30000000000)

/* What the hash of a turn has other than that of its key: a lease is found by nothing else. */
#define TURN_HASH UINT64_C(0x9e3779b97f4a7c15)

struct merge {
	struct store *store;
	struct store_key key, turn;
	zend_fcall_info fci;
	zend_fcall_info_cache fcc;
	struct cache_lifetime lifetime;
	uint64_t deadline_ns;
	unsigned tries;
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

/* Stores over what was read, by its token. CACHE_SYSTEM: an exception was thrown. */
static enum cache_status store_result(struct merge *merge, zval *result, uint64_t token)
{
	struct cache_encoded encoded;
	enum cache_status status;

	if (!cache_encode_value(result, &merge->lifetime, &encoded)) {
		return CACHE_SYSTEM;
	}
	status = store_put_if(merge->store, &merge->key, &encoded.item, token);
	cache_encoded_release(&encoded);
	return status;
}

static enum cache_status attempt(struct merge *merge)
{
	uint64_t token;
	zval value, result;
	bool found = cache_gets_value(merge->store, &merge->key, &value, &token);
	enum cache_status status = CACHE_OK;

	merge->tries++;
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
		status = store_result(merge, &result, token);
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

/* 0: not to be had in time, or an exception was thrown. */
static uint64_t wait_for_turn(struct merge *merge)
{
	unsigned unattended = 0;
	int64_t turn;

	while ((turn = store_lease(merge->store, &merge->turn, TURN_NS)) == 0 && unattended < CACHE_UNATTENDED_MAX &&
	       !is_over(merge) && cache_may_go_on()) {
		unattended = store_lease_wait(merge->store, &merge->turn, merge->deadline_ns - cache_monotonic_ns()) ? 0 : unattended + 1;
	}
	return (uint64_t)turn;
}

/* Did somebody else come in between? */
static bool is_lost(enum cache_status status)
{
	return status == CACHE_MISMATCH || status == CACHE_BUSY;
}

enum turn { TURN_FREE, TURN_MINE, TURN_TAKEN };

/* It is this process's when it is called from the callback of a merge of the same key. */
static enum turn whose_turn(const struct merge *merge)
{
	struct store_lease_info holder;

	if (!store_lease_get(merge->store, &merge->turn, &holder)) {
		return TURN_FREE;
	}
	return holder.mine ? TURN_MINE : TURN_TAKEN;
}

static enum cache_status merge_in_turn(struct merge *merge)
{
	enum cache_status status = CACHE_MISMATCH;
	pid_t process = getpid();
	uint64_t turn = whose_turn(merge) == TURN_MINE ? 0 : wait_for_turn(merge);

	if (EG(exception)) {
		return CACHE_SYSTEM;
	}
	/* His first try everybody has, also when the time was over before it was his turn. */
	while (is_lost(status) && (merge->tries == 0 || !is_over(merge)) && cache_may_go_on()) {
		status = attempt(merge);
	}
	if (turn) {
		cache_stale_give_back(merge->store, &merge->turn, turn, process);
	}
	return status;
}

static enum cache_status merge_value(struct merge *merge)
{
	enum cache_status status = CACHE_MISMATCH;

	while (is_lost(status) && (merge->tries == 0 || !is_over(merge))) {
		if (merge->tries == OPTIMISTIC_TRIES || whose_turn(merge) == TURN_TAKEN) {
			return merge_in_turn(merge);
		}
		status = attempt(merge);
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
	merge.tries = 0;
	merge.key = merge.turn = cache_key(merge.store, string);
	merge.turn.hash ^= TURN_HASH;
	now = cache_monotonic_ns();
	merge.deadline_ns = wait_ns < UINT64_MAX - now ? now + wait_ns : UINT64_MAX;
	status = merge_value(&merge);
	if (EG(exception)) {
		RETURN_THROWS();
	}
	RETURN_BOOL(status == CACHE_OK);
}
