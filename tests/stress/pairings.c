/*
 * The pairs of operations that interleave runs, and what may come out.
 */
#define _GNU_SOURCE
#include "sides.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/retire.h"
#include "core/store/room.h"

/* ---- what there is before ------------------------------------------------------------------------------- */

static void must(enum cache_status status)
{
	if (status != CACHE_OK) {
		die("cannot prepare: %s", cache_status_name(status));
	}
}

static void prepare_nothing(struct race *r)
{
	must(race_put_int(r, "bystander", 4));
}
static void prepare_small(struct race *r)
{
	must(race_put(r, r->key, 1, SMALL));
}

static void prepare_integer(struct race *r)
{
	must(race_put_int(r, r->key, 1));
	/* Read often and just now: from here on it is read without a pin. */
	for (int i = 0; i < 5; i++) {
		race_get(r, r->key);
	}
}

static void prepare_largest_word(struct race *r)
{
	must(race_put_int(r, r->key, INT_WORD_MAX));
}

/* 8 buckets, 40 entries: the next one splits bucket 0. The key is the last of those in bucket 0. */
static void fill_up_to_split(struct race *r, uint32_t stay, uint32_t move, bool key_moves)
{
	char name[32];

	for (uint32_t i = 0; i < stay + move - 1; i++) {
		race_name(r, 15, i < move - key_moves ? 8 : 0, name);
		must(race_put_int(r, name, 2));
	}
	race_name(r, 15, key_moves ? 8 : 0, r->key);
	must(race_put(r, r->key, 1, SMALL));
	for (uint32_t i = 0; i < 40 - stay - move; i++) {
		race_name(r, 7, 1 + i % 7, name);
		must(race_put_int(r, name, 2));
	}
	if (layout_buckets(load_relaxed(&the_shard(r).shard->layout)) != 8) {
		die("it has split already");
	}
}
static void prepare_split(struct race *r)
{
	fill_up_to_split(r, 2, 3, true);
}
static void prepare_split_of_chain(struct race *r)
{
	fill_up_to_split(r, 5, 6, false);
}
static void prepare_split_absent(struct race *r)
{
	fill_up_to_split(r, 2, 3, true);
	race_name(r, 15, 8, r->key);
}

/* The arena is full of entries of one class, the key's among the hot ones. */
static void prepare_full(struct race *r)
{
	char name[32];

	r->host.no_growth = true;
	must(race_put(r, r->key, 1, 900));
	while (counter_sum(r->store, STORE_COUNT_evictions) == 0) {
		race_name(r, 0, 0, name);
		must(race_put(r, name, 1, 900));
		race_get(r, r->key);
		if (r->names % 3 == 0) {
			race_get(r, name);
		}
	}
	while (class_has_block(&the_shard(r).shard->classes[class_for(900 + 80)])) {
		race_name(r, 0, 0, name);
		must(race_put(r, name, 1, 900));
	}
}

static void prepare_expired(struct race *r)
{
	struct store_key key = the_key(r);
	struct store_item item = {.type = STORE_INT, .integer = 1, .ttl_us = 1000000};

	must(store_put(r->store, &key, &item, STORE_SET));
	r->host.now_us += 5000000;
}

static void kill_myself(struct test_host *host, enum cache_fault point)
{
	(void)host;
	(void)point;
	kill(getpid(), SIGKILL);
}

/* A writer died with the lock, its block filled but not published. */
static void prepare_dead_publisher(struct race *r)
{
	pid_t pid;

	prepare_small(r);
	pid = fork_child();
	if (pid == 0) {
		r->host.on_fault = kill_myself;
		r->host.awaited = FAULT_BEFORE_PUBLISH;
		(void)!race_put(r, r->key, 2, LARGE);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	if (!any_lock_held(r->store)) {
		die("the writer did not die with the lock");
	}
}

static bool key_is_frozen(struct race *r)
{
	struct store_key key = the_key(r);
	struct found f;
	bool frozen;

	if (!lookup_pinned(r->store, &key, WRITER_PINS, &f)) {
		return false;
	}
	frozen = load_relaxed(&f.entry->stamp) & STAMP_FROZEN;
	pin_clear(&r->store->owner, WRITER_PINS);
	return frozen;
}

/* Somebody died while he moved the entry: its words are frozen, the lock is held. */
static void prepare_dead_mover(struct race *r)
{
	prepare_small(r);
	for (int64_t access = 10; !key_is_frozen(r) || !any_lock_held(r->store); access++) {
		struct side side = {0};
		int status;
		pid_t pid = fork_child();
		if (pid == 0) {
			if (store_enter(r->store) != CACHE_OK) {
				_exit(1);
			}
			const int64_t stops[SCHEDULE_STOPS] = {access, -1};
			schedule_begin(r->store->segment->base, r->store->segment->geometry.file_length, stops,
			               &shard_open(&r->store->owner, 0).shard->lock.word, r->x_trace);
			relocate(r, &side);
			_exit(0);
		}
		if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status)) {
			die("the move ended before the entry was frozen");
		}
		if (!key_is_frozen(r)) {
			kill_child(pid);
			owner_reap_all(&r->store->owner);
			continue;
		}
		kill_child(pid);
	}
}

/* ---- what may come out ---------------------------------------------------------------------------------- */

static const char *judge_slots(struct race *r)
{
	return r->x->slot == r->y->slot ? "two participants have one slot" : NULL;
}

static const char *judge_replaced_while_read(struct race *r)
{
	int64_t last = race_get(r, r->key);

	if (r->x->number == RACE_MISSING && !r->y->busy) {
		return "the reader missed a value that was there all the time";
	}
	if (r->x->number > 3 || r->x->number == RACE_DAMAGED) {
		return "the reader got the value of another key";
	}
	if (r->y->busy) {
		return last == 1 || last == RACE_DAMAGED ? "the old value is still there" : NULL;
	}
	return last == 3 ? NULL : "the last value is not there";
}

static const char *judge_deleted_while_read(struct race *r)
{
	if (r->x->number != 1 && r->x->number != RACE_MISSING) {
		return "the reader got the value of another key";
	}
	return race_get(r, r->key) == RACE_MISSING ? NULL : "it is there again";
}

static const char *judge_still_there(struct race *r)
{
	if (r->x->number != 1) {
		return "the reader missed a value that was there all the time";
	}
	return race_get(r, r->key) == 1 ? NULL : "it is gone";
}

static const char *judge_absent(struct race *r)
{
	return r->x->number == RACE_MISSING ? NULL : "the reader found a key that nobody wrote";
}

static const char *judge_walk(struct race *r)
{
	/* The names before those that y gave out: there all the time, but the two that were never put. */
	for (uint32_t i = 2; i < r->names; i++) {
		if (!(r->x->seen[i / 64] >> (i % 64) & 1)) {
			char name[32];
			snprintf(name, sizeof name, "key:%u", i);
			if (race_get(r, name) != RACE_MISSING) {
				return "the walk missed a key that was there all the time";
			}
		}
	}
	return NULL;
}

static int64_t acknowledged(const struct race *r)
{
	return (r->x->status == CACHE_OK) + (r->y->status == CACHE_OK);
}

static bool refused_though_free(const struct side *side)
{
	return side->status == CACHE_BUSY && !side->busy;
}

static const char *judge_inc_of_moved(struct race *r)
{
	if (r->x->status != CACHE_OK && r->x->status != CACHE_BUSY) {
		return "the increment failed";
	}
	return race_get(r, r->key) == 1 + (r->x->status == CACHE_OK) ? NULL : "an increment was lost, or done unasked";
}

static const char *judge_inc_inc(struct race *r, int64_t before)
{
	int64_t last = race_get(r, r->key);

	if (refused_though_free(r->x) || refused_though_free(r->y)) {
		return "refused though the lock was free";
	}
	if (last == RACE_MISSING && acknowledged(r) == 0) {
		return NULL;
	}
	return last == before + acknowledged(r) ? NULL : "an increment was lost, or done unasked";
}
static const char *judge_inc_inc_large(struct race *r)
{
	return judge_inc_inc(r, INT_WORD_MAX);
}

static const char *judge_inc_inc_new(struct race *r)
{
	/* Who gives up waiting for the lock to create it takes it away. */
	if (r->x->busy || r->y->busy) {
		return race_get(r, r->key) <= 2 ? NULL : "an increment was done unasked";
	}
	return judge_inc_inc(r, 0);
}

static const char *judge_inc_replace(struct race *r)
{
	int64_t last = race_get(r, r->key), result = r->x->status == CACHE_OK ? r->x->number : 0;

	if (r->x->busy || r->y->busy) {
		return last == 2 ? "the replaced value is still there" : NULL;
	}
	return (result == 2 && last == 100) || (result == 101 && last == 101) ? NULL : "no order of the two explains it";
}

/* Once it was read, then deleted, it is not there again; what was there before it never is. */
static const char *judge_overwritten_and_deleted(struct race *r)
{
	int64_t before = r->y->number, after = (int64_t)r->y->seen[0], last = race_get(r, r->key);

	if (after == 1 || last == 1) {
		return "the old number is still there";
	}
	if (before == 100 && (after != RACE_MISSING || last != RACE_MISSING)) {
		return "a number that was read, and deleted, is there again";
	}
	if (after == 100 && last != 100) {
		return "the new number is gone";
	}
	return last == 100 || last == RACE_MISSING ? NULL : "nobody stored that";
}

static const char *judge_overwritten_and_put_if(struct race *r)
{
	int64_t last = race_get(r, r->key);

	if (r->y->status == CACHE_OK && r->x->status == CACHE_OK && r->x->began > r->y->noted && last == 7) {
		return "a token outlived the number that it was of";
	}
	if (r->x->busy || r->y->busy) {
		return NULL; /* it may be gone */
	}
	if (r->y->status == CACHE_OK && r->y->number == r->x->number && last == 7) {
		return NULL; /* x was first */
	}
	if (r->y->status == CACHE_OK && r->y->number == 100) {
		return "what was put over the new number is not there";
	}
	return last == r->x->number ? NULL : "the new number is not there";
}

static const char *judge_overwritten(struct race *r)
{
	return race_get(r, r->key) == 100 || r->x->busy ? NULL : "the new number is not there";
}

static const char *judge_overwritten_or_cleared(struct race *r)
{
	return race_get(r, r->key) != 1 ? NULL : "the old number is still there";
}

static const char *judge_inc_delete(struct race *r)
{
	int64_t last = race_get(r, r->key);

	if (r->x->status == CACHE_OK && r->x->number == 1) {
		return last == 1 || r->y->busy ? NULL : "the new counter is gone";
	}
	return last == RACE_MISSING ? NULL : "the deleted value is back";
}

static const char *judge_deleted(struct race *r)
{
	if (r->y->status != CACHE_OK) {
		return "the delete did not find it";
	}
	return race_get(r, r->key) == RACE_MISSING ? NULL : "the deleted value is back";
}

static const char *judge_evicted_or_deleted(struct race *r)
{
	return race_get(r, r->key) == RACE_MISSING ? NULL : "the deleted value is back";
}

static const char *judge_evicted_while_read(struct race *r)
{
	return r->y->number == 1 || r->y->number == RACE_MISSING ? NULL : "the reader got the value of another key";
}

static const char *judge_not_old(struct race *r)
{
	int64_t last = race_get(r, r->key);

	if (last != RACE_MISSING && last != 2 && last != 3) {
		return "the old value is still there";
	}
	return NULL;
}

static const char *judge_replaced_or_deleted(struct race *r)
{
	int64_t last = race_get(r, r->key);

	return last == 2 || last == RACE_MISSING ? NULL : "the old value is still there";
}

static const char *judge_replaced_while_moved(struct race *r)
{
	int64_t last = race_get(r, r->key);

	if (r->y->status == CACHE_OK) {
		return last == 2 ? NULL : "the new value is not there";
	}
	return last == RACE_MISSING ? NULL : "a put that failed left the old value";
}

static const char *judge_two_puts(struct race *r)
{
	int64_t last = race_get(r, r->key);

	if (last == RACE_MISSING) {
		return r->x->busy || r->y->busy ? NULL : "both values are gone";
	}
	return last == 2 || last == 3 ? NULL : "the old value is still there";
}

static const char *judge_add_add(struct race *r)
{
	int64_t last = race_get(r, r->key);

	if (acknowledged(r) == 2) {
		return "both were the first";
	}
	if (acknowledged(r) == 0) {
		return r->x->busy || r->y->busy ? NULL : "neither was the first";
	}
	return last == (r->x->status == CACHE_OK ? r->x->number : r->y->number) ? NULL : "it is not the winner's";
}

static const char *judge_cas_cas(struct race *r)
{
	if (acknowledged(r) != 1) {
		return "not exactly one succeeded";
	}
	return race_get(r, r->key) == (r->x->status == CACHE_OK ? r->x->number : r->y->number) ? NULL
	                                                                                       : "it is not the winner's";
}

static const char *judge_delete_delete(struct race *r)
{
	if (acknowledged(r) != 1 && !r->x->busy && !r->y->busy) {
		return "not exactly one found it";
	}
	return race_get(r, r->key) == RACE_MISSING ? NULL : "the deleted value is back";
}

static const char *judge_recovered_and_put(struct race *r)
{
	int64_t other = race_get(r, r->other);

	if (race_get(r, r->key) != 1) {
		return "recovery lost the value that was there";
	}
	if (r->y->status == CACHE_OK) {
		return other == 7 ? NULL : "what was written meanwhile is not there";
	}
	return other == RACE_MISSING ? NULL : "what was refused is there";
}

static const char *judge_recovered(struct race *r)
{
	return race_get(r, r->key) == 1 ? NULL : "recovery lost the value that was there";
}

static const char *judge_read_while_recovered(struct race *r)
{
	if (r->y->number != 1) {
		return "the reader missed a value that was there all the time";
	}
	return judge_recovered(r);
}

static const char *judge_swept(struct race *r)
{
	int64_t last = race_get(r, r->key);

	return last == 2 || (r->y->status == CACHE_BUSY && last == RACE_MISSING) ? NULL : "the new value is not there";
}

static const char *judge_cleared_while_read(struct race *r)
{
	if (r->x->number != 1 && r->x->number != RACE_MISSING) {
		return "the reader got the value of another key";
	}
	return race_get(r, r->key) == RACE_MISSING ? NULL : "the cleared value is there";
}

const struct pairing pairings[] = {
	{"get; replace and reuse", prepare_small, get_and_hold, replace_and_reuse, judge_replaced_while_read},
	{"get; replace, pins collected before", prepare_small, get_and_hold, replace_after_collecting, judge_replaced_while_read},
	{"get of an integer; replace and reuse", prepare_integer, get_integer, replace_integer_and_reuse,
     judge_replaced_while_read},
	{"get; delete and reuse", prepare_small, get_and_hold, delete_and_reuse, judge_deleted_while_read},
	{"get; clear and write", prepare_small, get_and_hold, clear_and_write, judge_cleared_while_read},
	{"get; split", prepare_split, get_integer, put_many, judge_still_there},
	{"get; split that closes ranks, reuse of the line", prepare_split_of_chain, get_integer, put_many,
     judge_still_there},
	{"get of an absent key; split", prepare_split_absent, get_integer, put_many, judge_absent},
	{"walk; split", prepare_split_of_chain, walk, put_many, judge_walk},
	{"inc; relocation", prepare_integer, increment, relocate_twice, judge_inc_of_moved},
	{"inc; replace", prepare_integer, increment, put_100, judge_inc_replace},
	{"number in its place; get, delete, get", prepare_integer, put_100, get_delete_get, judge_overwritten_and_deleted},
	{"number in its place; gets and put_if", prepare_integer, put_100, gets_and_put_7, judge_overwritten_and_put_if},
	{"the same number in its place; gets and put_if", prepare_integer, put_1, gets_and_put_7, judge_overwritten_and_put_if},
	{"number in its place; cas", prepare_integer, put_100, cas_1_2, judge_overwritten},
	{"number in its place; touch", prepare_integer, put_100, touch_to_begin, judge_overwritten},
	{"number in its place; clear", prepare_integer, put_100, clear, judge_overwritten_or_cleared},
	{"inc; delete", prepare_integer, increment, delete_key, judge_inc_delete},
	{"inc; clear", prepare_integer, increment, clear, judge_inc_delete},
	{"inc beyond 63 bits; inc", prepare_largest_word, increment, increment, judge_inc_inc_large},
	{"inc beyond 63 bits; delete", prepare_largest_word, increment, delete_key, judge_inc_delete},
	{"inc of a new key; inc of it", prepare_nothing, increment, increment, judge_inc_inc_new},
	{"add; add", prepare_nothing, add_5, add_6, judge_add_add},
	{"cas; cas", prepare_integer, cas_1_2, cas_1_3, judge_cas_cas},
	{"delete; delete", prepare_small, delete_key, delete_key, judge_delete_delete},
	{"relocation; delete", prepare_small, relocate, delete_key, judge_deleted},
	{"relocation; replace", prepare_small, relocate, replace_small, judge_replaced_while_moved},
	{"relocation; get", prepare_small, relocate, get_and_hold, judge_read_while_recovered},
	{"replace; delete", prepare_small, replace_small, delete_key, judge_replaced_or_deleted},
	{"replace in two steps; delete", prepare_small, replace_large_2, delete_key, judge_replaced_or_deleted},
	{"replace in two steps; replace in two steps", prepare_small, replace_large_2, replace_large_3, judge_two_puts},
	{"replace in two steps; clear", prepare_small, replace_large_2, clear_and_write, judge_not_old},
	{"put that steals a slab; delete of a hot entry", prepare_full, put_forcing_steal, delete_key,
     judge_evicted_or_deleted},
	{"put that steals a slab; get of a hot entry", prepare_full, put_forcing_steal, get_and_hold,
     judge_evicted_while_read},
	{"sweep; put of the expired key", prepare_expired, sweep, replace_small, judge_swept},
	{"recovery; put in two steps", prepare_dead_publisher, recover, put_other_large, judge_recovered_and_put},
	{"recovery; recovery", prepare_dead_publisher, recover, recover, judge_recovered},
	{"recovery; get", prepare_dead_publisher, recover, get_and_hold, judge_read_while_recovered},
	{"recovery of a relocation; delete", prepare_dead_mover, recover, delete_key, judge_deleted},
	{"recovery; detach and attach", prepare_dead_publisher, recover, close_and_open, judge_recovered},
	{"attach; attach", prepare_small, attach_again, attach_again, judge_slots},
	{"attach; recovery", prepare_dead_publisher, attach_again, recover, judge_slots},
	{0},
};
