/*
 * One participant of a torture run: writes keys of its own, reads everybody's, and compares with the oracle.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void torture_error(struct torture *t, enum torture_error error, const char *format, ...)
{
	uint32_t n = rmw_add(&t->messages, 1);
	va_list arguments;

	rmw_add(&t->errors[error], 1);
	if (n < MESSAGES) {
		va_start(arguments, format);
		vsnprintf(t->message[n], sizeof t->message[n], format, arguments);
		va_end(arguments);
	}
}

void key_name(char name[32], uint32_t worker, uint32_t key)
{
	snprintf(name, 32, "worker:%u:key:%u", worker, key);
}
void shared_name(char name[32], uint32_t key)
{
	snprintf(name, 32, "shared:%u", key);
}

void counter_name(char name[32], uint32_t worker, uint32_t counter)
{
	if (counter == COUNTERS) {
		snprintf(name, 32, "worker:%u:counter", worker);
	} else {
		snprintf(name, 32, "counter:%u", counter);
	}
}

#define SHARED_OWNER UINT64_C(0xfffffff)

/* ---- calls ---------------------------------------------------------------------------------------------- */

void worker_enter_call(struct worker *w)
{
	store_relaxed(&w->me->in_call, 1);
}

void worker_leave_call(struct worker *w)
{
	store_relaxed(&w->me->in_call, 0);
	store_relaxed(&w->me->operations, load_relaxed(&w->me->operations) + 1);
}

static enum cache_status call_get(struct worker *w, const char *name, struct store_view *view)
{
	struct store_key key = key_of(w->store, name);
	enum cache_status status;

	worker_enter_call(w);
	status = store_get(w->store, &key, view);
	worker_leave_call(w);
	return status;
}

static enum cache_status call_put(struct worker *w, const char *name, uint64_t owner, uint64_t number)
{
	struct store_key key = key_of(w->store, name);
	struct store_item item = worker_item(w, owner, number);
	enum cache_status status;

	worker_enter_call(w);
	status = store_put(w->store, &key, &item, STORE_SET);
	worker_leave_call(w);
	return status;
}

static enum cache_status call_delete(struct worker *w, const char *name)
{
	struct store_key key = key_of(w->store, name);
	enum cache_status status;

	worker_enter_call(w);
	status = store_delete(w->store, &key);
	worker_leave_call(w);
	return status;
}

static enum cache_status call_increment(struct worker *w, const char *name, int64_t *result)
{
	struct store_key key = key_of(w->store, name);
	enum cache_status status;

	worker_enter_call(w);
	status = store_increment(w->store, &key, 1, STORE_FOREVER, result);
	worker_leave_call(w);
	return status;
}

/* ---- reading one key of a worker ------------------------------------------------------------------------ */

/* Missing although it was acknowledged: unless a put that failed is about to say so. */
static void judge_missing(struct worker *w, const struct key_record *k, uint32_t lives, const atomic_u32 *lives_now,
                          uint64_t acknowledged, uint64_t intended, const char *name)
{
	bool mine = lives_now == &w->me->lives;

	for (int i = 0; i < 400 && !mine && intended > acknowledged && load_relaxed(lives_now) == lives &&
	                load_acquire(&k->acknowledged) < intended;
	     i++) {
		nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
	}
	if (load_acquire(&k->absent) >= acknowledged) {
		return;
	}
	if (intended > acknowledged && counter_sum(w->store, STORE_COUNT_failed_busy) > 0) {
		rmw_add(&w->t->ambiguous, 1);
		return;
	}
	torture_error(w->t, ERROR_lost, "%s: missing; acknowledged %llu, intended %llu, last absent %llu", name,
	              (unsigned long long)acknowledged, (unsigned long long)intended,
	              (unsigned long long)load_relaxed(&k->absent));
}

/* The status; CACHE_OK: the view is pinned and of that number, or 0 if it is damaged. */
static enum cache_status read_key(struct worker *w, uint32_t worker, uint32_t key, struct store_view *view,
                                  uint64_t *number)
{
	struct worker_record *record = &w->t->records[worker];
	struct key_record *k = &record->keys[key];
	uint32_t lives = load_acquire(&record->lives);
	uint64_t acknowledged = load_acquire(&k->acknowledged), intended;
	char name[32];
	enum cache_status status;

	key_name(name, worker, key);
	full_fence();
	status = call_get(w, name, view);
	full_fence();
	intended = load_acquire(&k->intended);
	if (status == CACHE_MISSING) {
		if (!w->t->evicting && acknowledged != 0 && load_acquire(&k->absent) < acknowledged) {
			judge_missing(w, k, lives, &record->lives, acknowledged, intended, name);
		}
	} else if (status == CACHE_OK) {
		*number = worker_check_view(w, view, worker_key_owner(worker, key), name);
		if (*number != 0 && *number < acknowledged) {
			torture_error(w->t, ERROR_regressed, "%s: number %llu after %llu was acknowledged", name,
			              (unsigned long long)*number, (unsigned long long)acknowledged);
		} else if (*number > intended) {
			torture_error(w->t, ERROR_future, "%s: number %llu of %llu", name, (unsigned long long)*number,
			              (unsigned long long)intended);
		}
	}
	return status;
}

/* ---- counters ------------------------------------------------------------------------------------------- */

static uint64_t sum_of(struct torture *t, uint32_t from, uint32_t to, uint32_t counter, bool intended)
{
	uint64_t sum = 0;

	for (uint32_t i = from; i < to; i++) {
		sum += load_acquire(intended ? &t->records[i].counter_intended[counter]
		                             : &t->records[i].counter_acknowledged[counter]);
	}
	return sum;
}

static uint64_t counter_total(struct torture *t, uint32_t worker, uint32_t counter, bool intended)
{
	if (counter == COUNTERS) {
		return sum_of(t, worker, worker + 1, counter, intended);
	}
	return sum_of(t, 0, t->workers, counter, intended) +
	       (t->storming ? sum_of(t, WORKERS_MAX, WORKERS_MAX + t->workers * STORM_CHILDREN, counter, intended) : 0);
}

static uint64_t counter_start(uint32_t counter)
{
	return counter < COUNTERS ? (uint64_t)COUNTER_START(counter) : 0;
}

void counters_make(struct store *store)
{
	for (uint32_t i = 0; i < COUNTERS; i++) {
		struct store_item item = {.type = STORE_INT, .integer = COUNTER_START(i), .ttl_us = STORE_FOREVER};
		enum cache_status status;
		char name[32];
		counter_name(name, 0, i);
		struct store_key key = key_of(store, name);
		status = store_put(store, &key, &item, STORE_ADD);
		if (status != CACHE_OK && status != CACHE_EXISTS) {
			die("cannot make %s", name);
		}
	}
}

static void read_counter(struct worker *w, uint32_t worker, uint32_t counter)
{
	uint64_t least = counter_total(w->t, worker, counter, false), most;
	struct store_view view;
	enum cache_status status;
	char name[32];

	counter_name(name, worker, counter);
	full_fence();
	status = call_get(w, name, &view);
	full_fence();
	most = counter_total(w->t, worker, counter, true);
	if (w->t->evicting) {
		return;
	}
	if (status == CACHE_OK && (view.type == STORE_INT || view.type == STORE_BIGINT)) {
		uint64_t added = (uint64_t)view.integer - counter_start(counter);
		if (added < least || added > most) {
			torture_error(w->t, ERROR_counter_wrong, "%s: %llu were added, between %llu and %llu should have been",
			              name, (unsigned long long)added, (unsigned long long)least, (unsigned long long)most);
		}
	} else if (status != CACHE_BUSY && least > 0) {
		torture_error(w->t, ERROR_counter_wrong, "%s: %s", name, cache_status_name(status));
	}
}

/* By read-modify-writes: the record of a child may be given to the next one before its last one has died. */
void worker_increment(struct worker *w, uint32_t counter)
{
	atomic_u64 *intended = &w->me->counter_intended[counter];
	enum cache_status status;
	int64_t result;
	char name[32];

	counter_name(name, w->number, counter);
	rmw_add(intended, 1);
	status = call_increment(w, name, &result);
	if (status == CACHE_OK) {
		rmw_add(&w->me->counter_acknowledged[counter], 1);
	} else {
		rmw_add(intended, -UINT64_C(1));
		rmw_add(&w->t->full, status == CACHE_NO_MEMORY);
	}
}

/* ---- writing own keys ----------------------------------------------------------------------------------- */

static void put_own(struct worker *w, uint32_t key)
{
	struct key_record *k = &w->me->keys[key];
	uint64_t number = load_relaxed(&k->intended) + 1;
	enum cache_status status;
	char name[32];

	key_name(name, w->number, key);
	struct store_item item = worker_item(w, worker_key_owner(w->number, key), number);
	publish(&k->intended, number);
	full_fence();
	status = call_put(w, name, worker_key_owner(w->number, key), number);
	if (status == CACHE_OK) {
		publish(&k->acknowledged, number);
		return;
	}
	rmw_add(&w->t->full, status == CACHE_NO_MEMORY);
	if ((status != CACHE_BUSY && status != CACHE_NO_MEMORY) || (status == CACHE_NO_MEMORY && !w->t->evicting)) {
		torture_error(w->t, ERROR_refused, "%s: put of %zu bytes: %s", name, item.size, cache_status_name(status));
	}
	publish(&k->absent, number);
	/* A guest that gets no slot for so long has done nothing. */
	if (!w->t->crowded) {
		publish(&k->acknowledged, number);
	}
}

static void delete_own(struct worker *w, uint32_t key)
{
	struct key_record *k = &w->me->keys[key];
	uint64_t number = load_relaxed(&k->intended) + 1;
	bool present = load_relaxed(&k->acknowledged) > load_relaxed(&k->absent);
	enum cache_status status;
	char name[32];

	key_name(name, w->number, key);
	publish(&k->absent, number);
	publish(&k->intended, number);
	full_fence();
	status = call_delete(w, name);
	if (status == CACHE_MISSING && present && !w->t->evicting) {
		if (!w->t->crowded) {
			torture_error(w->t, ERROR_undeleted, "%s was there, delete did not find it", name);
		}
		return;
	}
	publish(&k->acknowledged, number);
}

/* ---- what a predecessor left ----------------------------------------------------------------------------- */

/* A write that was under way when it was killed has happened or not; from here on it is known. */
static void adopt_key(struct worker *w, uint32_t key)
{
	struct key_record *k = &w->me->keys[key];
	struct store_view view;
	uint64_t number = 0;
	enum cache_status status = read_key(w, w->number, key, &view, &number);

	if (status == CACHE_OK) {
		store_unpin(w->store, view.pin);
		if (number > load_relaxed(&k->acknowledged)) {
			publish(&k->acknowledged, number);
		}
	} else if (load_relaxed(&k->intended) > load_relaxed(&k->acknowledged)) {
		/* A deletion; or a put that could not have the lock, removed the old value, and has not said so. */
		publish(&k->absent, load_relaxed(&k->intended));
	}
	/* The number of a write that did not happen is not used again. */
}

static void adopt_counter(struct worker *w)
{
	atomic_u64 *intended = &w->me->counter_intended[COUNTERS], *acknowledged = &w->me->counter_acknowledged[COUNTERS];
	struct store_view view;
	char name[32];

	read_counter(w, w->number, COUNTERS);
	counter_name(name, w->number, COUNTERS);
	if (call_get(w, name, &view) == CACHE_OK) {
		publish(intended, (uint64_t)view.integer);
		publish(acknowledged, (uint64_t)view.integer);
	} else if (w->t->evicting) {
		publish(acknowledged, 0);
		publish(intended, 0);
	}
}

/* ---- the mix --------------------------------------------------------------------------------------------- */

void worker_read_some_key(struct worker *w, struct held *held)
{
	uint32_t worker = roll_below(&w->dice, w->t->workers), key = roll_below(&w->dice, w->t->keys);
	struct store_view view;
	uint64_t number;

	if (read_key(w, worker, key, &view, &number) == CACHE_OK) {
		held_add(w, held, &view, worker_key_owner(worker, key), number);
	}
}

void worker_work_on_shared_key(struct worker *w, struct held *held, uint32_t kind)
{
	uint32_t key = roll_below(&w->dice, SHARED_KEYS);
	uint64_t owner = SHARED_OWNER << 8 | key, number;
	struct store_view view;
	char name[32];

	shared_name(name, key);
	if (kind == 0) {
		(void)!call_delete(w, name);
	} else if (kind <= 2) {
		(void)!call_put(w, name, owner, 1 + roll_below(&w->dice, 1u << 20));
	} else if (call_get(w, name, &view) == CACHE_OK) {
		number = worker_check_view(w, &view, owner, name);
		held_add(w, held, &view, owner, number);
	}
}

static void count_entry(void *context, const struct store_entry *entry)
{
	if (entry->key_length == 0 || entry->key_length >= 32) {
		torture_error(((struct worker *)context)->t, ERROR_corrupt, "the walk met a key of %u bytes",
		              entry->key_length);
	}
}

static void walk_a_bit(struct worker *w)
{
	struct store_cursor cursor = {.position = roll(&w->dice) >> 33};

	worker_enter_call(w);
	store_walk(w->store, &cursor, 8, count_entry, w);
	worker_leave_call(w);
}

static void clear_all(struct worker *w)
{
	worker_enter_call(w);
	store_clear(w->store);
	worker_leave_call(w);
}

/* Where values are read in place they are held long, mostly until the holder is killed; else until they are looked at again. */
static void look_at_held(struct worker *w, struct held *held)
{
	held_check(w, held);
	if (!w->t->zero_copy || roll_below(&w->dice, 100) == 0) {
		held_release(w, held);
	}
}

static void work(struct worker *w, struct held *held)
{
	uint32_t chance = roll_below(&w->dice, 1000);

	if (w->t->leasing && roll_below(&w->dice, 3) != 0) {
		leased_work(w);
	} else if (w->t->storming && roll_below(&w->dice, 250) == 0) {
		storm_work(w, held);
	} else if (chance < 330) {
		put_own(w, roll_below(&w->dice, w->t->keys));
	} else if (chance < 400) {
		delete_own(w, roll_below(&w->dice, w->t->keys));
	} else if (chance < 620) {
		worker_read_some_key(w, held);
	} else if (chance < 800) {
		worker_work_on_shared_key(w, held, roll_below(&w->dice, 6));
	} else if (chance < 880) {
		worker_increment(w, roll_below(&w->dice, COUNTERS + 1));
	} else if (chance < 930) {
		read_counter(w, roll_below(&w->dice, w->t->workers), roll_below(&w->dice, COUNTERS + 1));
	} else if (chance < 990) {
		look_at_held(w, held);
	} else if (chance < 999 || !w->t->evicting) {
		walk_a_bit(w);
	} else if (roll_below(&w->dice, 50) == 0) {
		clear_all(w);
	}
}

void worker_live(struct torture *t, uint32_t number, struct store *inherited)
{
	struct worker w = {.t = t, .me = &t->records[number], .number = number};
	struct held held = {.count = 0};

	rmw_add(&w.me->lives, 1);
	store_relaxed(&w.me->pid, (uint32_t)getpid());
	store_relaxed(&w.me->in_call, 0);
	store_relaxed(&w.me->slot, 0);
	w.dice = dice_of(t->seed ^ (uint64_t)number << 32 ^ (uint64_t)load_relaxed(&w.me->lives));
	w.store = inherited ? inherited : torture_open(t);
	for (uint32_t key = 0; key < w.t->keys; key++) {
		adopt_key(&w, key);
	}
	adopt_counter(&w);
	leased_adopt(&w);
	if (t->storming) {
		storm_begin(&w);
	}
	publish(&w.me->slot, w.store->owner.guest ? 0 : w.store->owner.slot + 1);
	while (!load_relaxed(&t->watch.over)) {
		work(&w, &held);
	}
	held_check(&w, &held);
	held_release(&w, &held);
	publish(&w.me->slot, 0);
	store_close(w.store);
}

void worker_check_all(struct worker *w)
{
	for (uint32_t worker = 0; worker < w->t->workers; worker++) {
		for (uint32_t key = 0; key < w->t->keys; key++) {
			struct store_view view;
			uint64_t number;
			if (read_key(w, worker, key, &view, &number) == CACHE_OK) {
				store_unpin(w->store, view.pin);
			}
		}
		read_counter(w, worker, COUNTERS);
	}
	for (uint32_t counter = 0; counter < COUNTERS; counter++) {
		read_counter(w, 0, counter);
	}
	leased_check_all(w);
}
