/*
 * Keys that all workers rebuild, renew and invalidate, and what must be true of them whoever is killed.
 *
 *  1. What was read from the source before an acknowledged invalidation is never seen as fresh after it.
 *  2. What was committed and acknowledged is there, or something newer, or it was invalidated.
 *  3. Two leases of a key overlap only where the first one was void, or past its deadline, or its owner dead.
 *  4. A lease is refused only while somebody may have one: not longer than 200 ms after the deadline or the owner's death.
 *
 * Even keys are deleted now and then; odd ones are stored by their stamp alone, which says nothing about a key that is absent.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <string.h>
#include <time.h>

#define OWNER(key) (UINT64_C(0x1ea5e) << 8 | (key))
#define SHARED_TAGS 3u
#define STALE_TTL INT64_C(10000000)
#define MS UINT64_C(1000000)
/* Clocks of two processes may differ by that much; nothing here depends on being closer. */
#define CLOCKS_US 50
#define HANGS_NS (200 * MS)

void leased_name(char name[32], uint32_t key)
{
	snprintf(name, 32, "leased:%u", key);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void nap(uint64_t ns)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)ns}, NULL);
}

static void raise_to(atomic_u64 *word, uint64_t to)
{
	uint64_t now = load_relaxed(word);

	while (now < to && !cas(word, &now, to)) {
	}
}

/* ---- items ---------------------------------------------------------------------------------------------- */

/* A tag of the key alone, and one that it shares. */
static uint32_t tags_of(uint32_t key, char tags[64])
{
	int own = snprintf(tags + 1, 32, "own:%u", key),
		shared = snprintf(tags + own + 2, 30, "shared:%u", key % SHARED_TAGS);

	tags[0] = (char)own;
	tags[own + 1] = (char)shared;
	return (uint32_t)(own + shared + 2);
}

static struct store_item item_of(struct worker *w, uint32_t key, uint64_t number, int64_t stamp_us)
{
	static __thread char tags[64];
	struct store_item item = worker_item(w, OWNER(key), number);

	item.tags_size = tags_of(key, tags);
	item.tags = tags;
	item.tag_count = 2;
	item.stamp_us = stamp_us;
	item.stale_ttl_us = STALE_TTL;
	item.ttl_us = key % 4 < 2 ? STORE_FOREVER : 20000;
	return item;
}

/* Of a time before what is read from the source from here on. */
static int64_t stamp_now(void)
{
	return cache_posix_host.wall_us(NULL) - CLOCKS_US;
}

/* ---- what may end a lease, or replace the value ----------------------------------------------------------- */

/* The number of the operation. */
static uint64_t begin_voiding(struct worker *w, uint32_t key)
{
	store_relaxed(&w->me->voiding[key], 1);
	return rmw_add(&w->t->leased[key].voids, 1) + 1;
}

static void end_voiding(struct worker *w, uint32_t key)
{
	publish(&w->me->voiding[key], 0);
}

/* Is another one under way, by somebody else? */
static bool others_void(struct worker *w, uint32_t key)
{
	for (uint32_t i = 0; i < w->t->workers; i++) {
		if (i != w->number && load_acquire(&w->t->records[i].voiding[key])) {
			return true;
		}
	}
	return false;
}

/* The number of the last one, if none is under way; else 0. */
static uint64_t voids_now(struct worker *w, uint32_t key)
{
	uint64_t voids = rmw_add(&w->t->leased[key].voids, 0);

	return others_void(w, key) ? 0 : voids;
}

/* ---- reading -------------------------------------------------------------------------------------------- */

struct expected {
	uint64_t invalidated, committed;
};

static struct expected expect(const struct leased_record *k)
{
	struct expected expected = {load_acquire(&k->invalidated), load_acquire(&k->committed)};

	full_fence();
	return expected;
}

/* The number of what was read; the view is unpinned. */
static uint64_t check(struct worker *w, uint32_t key, const char *name, struct store_view *view, enum store_state state,
                      struct expected expected)
{
	uint64_t number = worker_check_view(w, view, OWNER(key), name);
	bool fresh = state == STORE_STATE_FRESH || state == STORE_STATE_AGING;

	store_unpin(w->store, view->pin);
	if (number != 0 && fresh && number < expected.invalidated) {
		torture_error(w->t, ERROR_revived, "%s: number %llu is fresh after %llu was invalidated", name,
		              (unsigned long long)number, (unsigned long long)expected.invalidated);
	}
	if (number != 0 && key % 2 == 0 && number < expected.committed) {
		torture_error(w->t, ERROR_regressed, "%s: number %llu after %llu was committed", name,
		              (unsigned long long)number, (unsigned long long)expected.committed);
	}
	if (number > load_acquire(&w->t->leased[key].source)) {
		torture_error(w->t, ERROR_future, "%s: number %llu", name, (unsigned long long)number);
	}
	return number;
}

static void read_fresh(struct worker *w, uint32_t key, const char *name)
{
	struct store_key k = key_of(w->store, name);
	struct expected expected = expect(&w->t->leased[key]);
	struct store_view view;
	enum cache_status status;

	worker_enter_call(w);
	status = store_get(w->store, &k, &view);
	worker_leave_call(w);
	if (status == CACHE_OK) {
		check(w, key, name, &view, STORE_STATE_FRESH, expected);
	}
}

/* ---- invalidating ---------------------------------------------------------------------------------------- */

static void mark_or_delete(struct worker *w, uint32_t key, const char *name)
{
	struct leased_record *k = &w->t->leased[key];
	struct store_key its = key_of(w->store, name);
	bool by_delete = key % 2 == 0 && roll_below(&w->dice, 3) == 0;
	uint64_t source;
	enum cache_status status;

	begin_voiding(w, key);
	/* Some without a reason: the value is renewed by its stamp then. */
	source = roll_below(&w->dice, 3) == 0 ? load_relaxed(&k->source) : rmw_add(&k->source, 1) + 1;
	worker_enter_call(w);
	status = by_delete ? store_delete(w->store, &its) : store_mark_stale(w->store, &its);
	worker_leave_call(w);
	end_voiding(w, key);
	if (status == CACHE_OK || key % 2 == 0) {
		raise_to(&k->invalidated, source);
	}
}

static void invalidate_tag(struct worker *w, uint32_t key)
{
	bool shared = roll_below(&w->dice, 3) == 0, hard = roll_below(&w->dice, 3) == 0;
	uint64_t sources[LEASED_KEYS] = {0};
	char tags[64], *tag = tags;

	tags_of(key, tags);
	tag += shared ? tags[0] + 1 : 0;
	for (uint32_t i = 0; i < LEASED_KEYS; i++) {
		if (i == key || (shared && i % SHARED_TAGS == key % SHARED_TAGS)) {
			begin_voiding(w, i);
			sources[i] = rmw_add(&w->t->leased[i].source, 1) + 1;
		}
	}
	worker_enter_call(w);
	store_invalidate_tags(w->store, tag, (uint32_t)tag[0] + 1, hard);
	worker_leave_call(w);
	for (uint32_t i = 0; i < LEASED_KEYS; i++) {
		raise_to(&w->t->leased[i].invalidated, sources[i]);
		end_voiding(w, i);
	}
}

/* ---- leases ---------------------------------------------------------------------------------------------- */

/* Somebody was granted a lease before us: may he still have it? */
static void compare_grants(struct worker *w, uint32_t key, const char *name, uint64_t previous, uint64_t voids,
                           uint64_t deadline)
{
	struct worker_record *other;
	struct grant_record *grant;

	if (previous == 0 || previous == w->number + 1) {
		return;
	}
	other = &w->t->records[previous - 1];
	grant = &other->grants[key];
	uint32_t life = load_acquire(&grant->life);
	uint64_t his_voids = load_acquire(&grant->voids), his_deadline = load_acquire(&grant->deadline_ns);
	full_fence();
	if (life == load_acquire(&other->lives) && load_acquire(&other->doomed) < life && voids != 0 &&
	    his_voids == voids && voids_now(w, key) == voids && now_ns() < his_deadline && now_ns() < deadline &&
	    load_acquire(&w->t->leased[key].holder) == w->number + 1) {
		torture_error(w->t, ERROR_two_leases, "%s: workers %u and %llu have a lease", name, w->number,
		              (unsigned long long)previous - 1);
	}
}

static bool somebody_may_have_one(struct worker *w, uint32_t key, uint64_t now)
{
	for (uint32_t i = 0; i < WORKERS_MAX; i++) {
		uint64_t until = load_acquire(&w->t->records[i].grants[key].until_ns);
		if (until != 0 && now < until + HANGS_NS) {
			return true;
		}
	}
	return false;
}

/* Refused: somebody has it. If nobody can have it, again and again, it hangs. */
static void judge_refusal(struct worker *w, uint32_t key, const char *name, uint64_t asked)
{
	struct store_key its = key_of(w->store, name);

	for (int i = 0; i < 3; i++) {
		struct store_lease_info info;
		if (somebody_may_have_one(w, key, asked)) {
			return;
		}
		nap(10 * MS);
		asked = now_ns();
		if (!store_lease_get(w->store, &its, &info)) {
			return;
		}
	}
	torture_error(w->t, ERROR_lease_hangs, "%s: refused, and nobody has it", name);
}

static void end_lease(struct worker *w, uint32_t key)
{
	uint64_t me = w->number + 1;

	cas(&w->t->leased[key].holder, &me, 0);
}

/* Acknowledged, and nobody did anything since we began: it is there. */
static void look_for_commit(struct worker *w, uint32_t key, const char *name, uint64_t number, uint64_t voids)
{
	struct leased_record *k = &w->t->leased[key];
	struct store_key its = key_of(w->store, name);
	const struct store_ask look = {.lease_ns = 0};
	struct store_view view;
	struct store_answer answer;
	struct expected expected = expect(k);
	uint64_t found = 0;
	enum cache_status status;

	worker_enter_call(w);
	status = store_get_stale(w->store, &its, &look, &view, &answer);
	worker_leave_call(w);
	if (status == CACHE_OK) {
		found = check(w, key, name, &view, answer.state, expected);
	}
	if (found < number && voids_now(w, key) == voids) {
		torture_error(w->t, ERROR_lost, "%s: number %llu was committed, %llu is there", name,
		              (unsigned long long)number, (unsigned long long)found);
	}
}

static void commit(struct worker *w, uint32_t key, const char *name, uint64_t lease)
{
	struct leased_record *k = &w->t->leased[key];
	struct store_key its = key_of(w->store, name);
	uint64_t number = load_acquire(&k->source), voids;
	struct store_item item = item_of(w, key, number, 0);
	enum cache_status status;

	if (roll_below(&w->dice, 4) == 0) {
		nap(roll_below(&w->dice, 3000000));
	}
	end_lease(w, key);
	voids = begin_voiding(w, key);
	/* One that began before us may come after us. */
	bool alone = !others_void(w, key);
	worker_enter_call(w);
	status = store_commit(w->store, &its, lease, &item);
	worker_leave_call(w);
	end_voiding(w, key);
	publish(&w->me->grants[key].until_ns, 0);
	if (status == CACHE_OK) {
		raise_to(&k->committed, number);
		if (alone) {
			look_for_commit(w, key, name, number, voids);
		}
	} else if (status != CACHE_MISMATCH && status != CACHE_BUSY) {
		torture_error(w->t, ERROR_refused, "%s: commit: %s", name, cache_status_name(status));
	}
}

static void use_lease(struct worker *w, uint32_t key, const char *name, uint64_t lease)
{
	struct store_key its = key_of(w->store, name);
	struct grant_record *grant = &w->me->grants[key];
	uint32_t chance = roll_below(&w->dice, 10);

	if (chance == 0) {
		return; /* forgotten: it ends by its deadline */
	}
	if (chance == 1) {
		uint64_t now = now_ns(), ttl = (2 + roll_below(&w->dice, 20)) * MS;
		if (now + ttl < load_relaxed(&grant->deadline_ns)) {
			publish(&grant->deadline_ns, now + ttl);
		}
		raise_to(&grant->until_ns, now + ttl + 100 * MS);
		worker_enter_call(w);
		(void)store_lease_extend(w->store, &its, lease, ttl);
		worker_leave_call(w);
	}
	if (chance == 2) {
		end_lease(w, key);
		worker_enter_call(w);
		(void)store_lease_release(w->store, &its, lease);
		worker_leave_call(w);
		publish(&grant->until_ns, 0);
		return;
	}
	commit(w, key, name, lease);
}

static void rebuild(struct worker *w, uint32_t key, const char *name)
{
	struct leased_record *k = &w->t->leased[key];
	struct grant_record *grant = &w->me->grants[key];
	struct store_key its = key_of(w->store, name);
	const struct store_ask ask = {.lease_ns = (3 + roll_below(&w->dice, 30)) * MS, .ahead_millionths = 200000};
	struct store_view view;
	struct store_answer answer;
	struct expected expected = expect(k);
	uint64_t voids = voids_now(w, key), asked = now_ns(), until = load_relaxed(&grant->until_ns);
	enum cache_status status;

	/* 100 ms for the call itself. A lease that we forgot may be longer. */
	raise_to(&grant->until_ns, asked + ask.lease_ns + 100 * MS);
	full_fence();
	worker_enter_call(w);
	status = store_get_stale(w->store, &its, &ask, &view, &answer);
	worker_leave_call(w);
	if (answer.lease <= 0) {
		publish(&grant->until_ns, until);
	} else {
		publish(&grant->voids, voids);
		publish(&grant->deadline_ns, asked + ask.lease_ns);
		publish(&grant->life, load_relaxed(&w->me->lives));
		compare_grants(w, key, name, rmw_exchange(&k->holder, w->number + 1), voids, asked + ask.lease_ns);
	}
	if (status == CACHE_OK) {
		check(w, key, name, &view, answer.state, expected);
	}
	if (answer.lease > 0) {
		use_lease(w, key, name, (uint64_t)answer.lease);
	} else if (answer.lease == STORE_LEASE_RUNNING) {
		judge_refusal(w, key, name, asked);
	}
}

/* ---- renewing, and storing under a condition -------------------------------------------------------------- */

/* What the source still says is renewed, if nobody touched or marked it since its stamp was read. */
static void renew(struct worker *w, uint32_t key, const char *name)
{
	struct store_key its = key_of(w->store, name);
	struct expected expected = expect(&w->t->leased[key]);
	struct store_entry entry;
	struct store_touch wanted = {.has_token = roll_below(&w->dice, 2)};
	enum cache_status status;

	worker_enter_call(w);
	status = store_get_entry(w->store, &its, &entry);
	worker_leave_call(w);
	if (status != CACHE_OK) {
		return;
	}
	wanted.expected_us = entry.stamp_us;
	wanted.token = store_token(&entry.view);
	if (check(w, key, name, &entry.view, entry.state, expected) == load_acquire(&w->t->leased[key].source)) {
		worker_enter_call(w);
		(void)!store_touch(w->store, &its, &wanted);
		worker_leave_call(w);
	}
}

static void store_by_token(struct worker *w, uint32_t key, const char *name)
{
	struct leased_record *k = &w->t->leased[key];
	struct store_key its = key_of(w->store, name);
	struct expected expected = expect(k);
	struct store_view view;
	uint64_t token, number;
	enum cache_status status;

	worker_enter_call(w);
	status = store_gets(w->store, &its, &view, &token);
	worker_leave_call(w);
	if (status != CACHE_OK) {
		return;
	}
	check(w, key, name, &view, STORE_STATE_FRESH, expected);
	int64_t stamp = stamp_now();
	number = load_acquire(&k->source);
	struct store_item item = item_of(w, key, number, stamp);
	begin_voiding(w, key);
	worker_enter_call(w);
	status = store_put_if(w->store, &its, &item, token);
	worker_leave_call(w);
	end_voiding(w, key);
	if (status == CACHE_OK && key % 2 == 0) {
		raise_to(&k->committed, number);
	}
}

static void store_by_stamp(struct worker *w, uint32_t key, const char *name)
{
	struct leased_record *k = &w->t->leased[key];
	struct store_key its = key_of(w->store, name);
	int64_t stamp = stamp_now();
	struct store_item item = item_of(w, key, load_acquire(&k->source), stamp);
	bool renewed;

	begin_voiding(w, key);
	worker_enter_call(w);
	(void)!store_put_if_changed(w->store, &its, &item, false, 0, &renewed);
	worker_leave_call(w);
	end_voiding(w, key);
}

/* ---- the mix --------------------------------------------------------------------------------------------- */

void leased_work(struct worker *w)
{
	uint32_t key = roll_below(&w->dice, LEASED_KEYS), chance = roll_below(&w->dice, 100);
	char name[32];

	leased_name(name, key);
	if (chance < 35) {
		rebuild(w, key, name);
	} else if (chance < 55) {
		read_fresh(w, key, name);
	} else if (chance < 65) {
		mark_or_delete(w, key, name);
	} else if (chance < 70) {
		invalidate_tag(w, key);
	} else if (chance < 85) {
		renew(w, key, name);
	} else if (chance < 93 || key % 2 == 0) {
		store_by_token(w, key, name);
	} else {
		store_by_stamp(w, key, name);
	}
}

/* From now on the leases of the one before are those of a dead owner; that is looked for each 50 ms. */
void leased_adopt(struct worker *w)
{
	uint64_t end = now_ns() + 50 * MS;

	for (uint32_t key = 0; key < LEASED_KEYS; key++) {
		struct grant_record *grant = &w->me->grants[key];
		uint64_t source = 0;
		if (load_relaxed(&grant->until_ns) > end) {
			publish(&grant->until_ns, end);
		}
		publish(&w->me->voiding[key], 0);
		cas(&w->t->leased[key].source, &source, 1); /* values have numbers above 0 */
	}
}

void leased_check_all(struct worker *w)
{
	for (uint32_t key = 0; key < LEASED_KEYS && w->t->leasing; key++) {
		char name[32];
		leased_name(name, key);
		struct store_key its = key_of(w->store, name);
		int64_t lease = 0;
		read_fresh(w, key, name);
		for (int i = 0; i < 20 && (lease = store_lease(w->store, &its, MS)) == 0; i++) {
			nap(10 * MS);
		}
		if (lease == 0) {
			torture_error(w->t, ERROR_lease_hangs, "%s: no lease is to be had in the end", name);
		}
	}
}
