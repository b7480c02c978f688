/*
 * Stamps, lock words, conditions, leases and tags.
 *
 * To a plain look-up a stale value is absent, and so it is to the model. Beyond that `look` follows the words of the entry,
 * and `finish` asks of each recovered state what leases and tags are still worth.
 */
#include "snapstep.h"

#include <string.h>

#include "core/store/lease.h"
#include "core/store/tag.h"

#define BEFORE (TEST_NOW_US - 5000000)
#define TTL INT64_C(60000000)
#define STALE_TTL INT64_C(1000000000)
#define LEASE_NS UINT64_C(3600000000000)
#define COMMITTED 4711

static struct store_key op_key(struct world *w)
{
	return key_of(w->a, w->op->name);
}

static void must(enum cache_status status)
{
	if (status != CACHE_OK) {
		die("cannot prepare: %s", cache_status_name(status));
	}
}

/* ---- items ---------------------------------------------------------------------------------------------- */

/* `length byte, bytes` of some tags, the last one followed by NULL. */
struct tag_list {
	char bytes[TAG_WAYS * 16];
	uint32_t size;
	uint8_t count;
};

static struct tag_list tags_of(const char *const names[])
{
	struct tag_list list = {.size = 0};

	for (; *names; names++) {
		list.bytes[list.size] = (char)strlen(*names);
		memcpy(list.bytes + list.size + 1, *names, strlen(*names));
		list.size += 1 + (uint32_t)strlen(*names);
		list.count++;
	}
	return list;
}

static struct tag_list one_tag(const char *name)
{
	const char *const names[] = {name, NULL};

	return tags_of(names);
}

static struct store_item integer(int64_t number, int64_t stamp_us, const struct tag_list *tags)
{
	struct store_item item = {
		.type = STORE_INT, .integer = number, .ttl_us = TTL, .stale_ttl_us = STALE_TTL, .stamp_us = stamp_us};

	if (tags) {
		item.tags = tags->bytes;
		item.tags_size = tags->size;
		item.tag_count = tags->count;
	}
	return item;
}

/* New to the model as absent. */
static struct model_key *put_item(struct world *w, const char *name, const struct store_item *item)
{
	struct store_key key = key_of(w->a, name);

	must(store_put(w->a, &key, item, STORE_SET));
	return model_key(&w->model, name);
}

static struct model_key *put_fresh(struct world *w, const char *name, const struct store_item *item)
{
	struct model_key *k = put_item(w, name, item);

	k->count = 0;
	model_then_int(k, item->integer);
	return k;
}

/* Past soft: to a look-up it is not there. */
static void put_stale(struct world *w)
{
	struct store_item item = integer(1, TEST_NOW_US - 2 * TTL, NULL);

	world_populate(w);
	w->op = put_item(w, "op", &item);
}

static void put_tagged(struct world *w, const char *name, const char *tag)
{
	struct tag_list tags = one_tag(tag);
	struct store_item item = integer(1, 0, &tags);

	put_fresh(w, name, &item);
}

static void invalidate(struct world *w, const char *tag, bool hard)
{
	struct tag_list tags = one_tag(tag);

	store_invalidate_tags(w->a, tags.bytes, tags.size, hard);
}

static void take_lease(struct world *w, uint64_t ttl_ns)
{
	struct store_key key = op_key(w);

	w->lease = (uint64_t)store_lease(w->a, &key, ttl_ns);
	if (w->lease == 0) {
		die("no lease");
	}
}

/* ---- the words of the entry ----------------------------------------------------------------------------- */

struct words {
	enum store_state state;
	int64_t stamp;
	uint64_t lock;
	bool is_new; /* of another version than before */
};

static struct {
	struct words steps[4];
	uint32_t count, seen;
	uint64_t version;
} words;

static struct words words_now(struct store *store, const char *name, uint64_t *version)
{
	struct store_key key = key_of(store, name);
	struct store_entry entry;
	struct words now = {.state = STORE_STATE_MISSING};

	if (store_inspect(store, &key, &entry) == CACHE_OK) {
		*version = entry.version;
		now = (struct words){entry.state, entry.stamp_us, entry.lock, entry.version != words.version};
		store_unpin(store, entry.view.pin);
	}
	return now;
}

/* From here on the words are as they are, then as words_then() says. */
static void words_begin(struct world *w)
{
	words.count = 1;
	words.seen = 0;
	words.steps[0] = words_now(w->a, w->op->name, &words.version);
	words.steps[0].is_new = false;
}

static struct words *words_then(void)
{
	words.steps[words.count] = words.steps[words.count - 1];
	return &words.steps[words.count++];
}

static const char *look_at_words(struct world *w, struct store *store, bool recovered)
{
	uint64_t version;
	struct words now = words_now(store, w->op->name, &version);
	uint32_t i = words.seen;

	while (i < words.count && (words.steps[i].state != now.state || words.steps[i].stamp != now.stamp ||
	                           words.steps[i].lock != now.lock || words.steps[i].is_new != now.is_new)) {
		i++;
	}
	if (i == words.count || (recovered && i != words.seen)) {
		return recovered ? "the recovered words are not what a reader saw" : "the words are not on their way";
	}
	words.seen = i;
	return NULL;
}

static bool words_came_through(struct world *w)
{
	(void)w;
	return words.seen == words.count - 1;
}

/* ---- what leases are still worth ------------------------------------------------------------------------ */

static enum cache_status commit(struct store *store, const struct world *w, uint64_t lease)
{
	struct store_key key = key_of(store, w->op->name);
	struct store_item item = integer(COMMITTED, 0, NULL);

	return store_commit(store, &key, lease, &item);
}

static bool is_committed(struct store *store, const struct world *w)
{
	struct store_key key = key_of(store, w->op->name);
	struct store_view view;

	return store_get(store, &key, &view) == CACHE_OK && view.type == STORE_INT && view.integer == COMMITTED;
}

static uint64_t standing(struct store *store, const struct world *w)
{
	struct store_key key = key_of(store, w->op->name);
	struct shard_ref r = shard_open(&store->owner, 0);
	struct lease *lease = lease_find(&r, key.hash);

	return lease ? load_relaxed(&lease->sequence) : 0;
}

/* Whoever comes now gets one lease, and nobody else has one. */
static const char *finish_by_next(struct world *w, struct store *store, bool done, bool alone)
{
	struct store_key key = key_of(store, w->op->name);
	struct store_lease_info info;
	uint64_t old = standing(store, w), ours;

	(void)done;
	(void)alone;
	if (store_lease_get(store, &key, &info)) {
		return "a lease of the dead is in force";
	}
	ours = (uint64_t)store_lease(store, &key, LEASE_NS);
	if (ours == 0) {
		return "no lease is to be had";
	}
	if (store_lease(store, &key, LEASE_NS) != 0) {
		return "two leases are to be had";
	}
	if (old && commit(store, w, old) != CACHE_MISMATCH) {
		return "a lease that was taken over was good";
	}
	if (commit(store, w, ours) != CACHE_OK || !is_committed(store, w)) {
		return "the commit was lost";
	}
	return commit(store, w, ours) == CACHE_MISMATCH ? NULL : "a lease was good twice";
}

/* The survivor's lease is void once what was done is seen. */
static const char *finish_void(struct world *w, struct store *store, bool done, bool alone)
{
	struct store_key key = key_of(store, w->op->name);
	struct store_lease_info info;
	enum cache_status status;

	if (done && store_lease_get(store, &key, &info)) {
		return "a lease is in force that is void";
	}
	status = commit(store, w, w->lease);
	if (status == CACHE_OK && (done || alone)) {
		return "a lease was good that is void";
	}
	return (status == CACHE_OK) == is_committed(store, w) ? finish_by_next(w, store, done, alone)
	                                                      : "the commit does not tell the truth";
}

/* The survivor's lease stands until it is released, but nothing can be committed under it. */
static const char *finish_unfit(struct world *w, struct store *store, bool done, bool alone)
{
	return commit(store, w, w->lease) == CACHE_MISMATCH ? finish_by_next(w, store, done, alone)
	                                                    : "a lease was good though the token differs";
}

/* The survivor's lease is good whatever became of the operation; only a file that nobody watched has none. */
static const char *finish_kept(struct world *w, struct store *store, bool done, bool alone)
{
	enum cache_status status = commit(store, w, w->lease);

	(void)done;
	return (status == CACHE_OK) != alone && is_committed(store, w) != alone ? NULL : "the lease is not what it was";
}

/* It was released or taken over, or not. */
static const char *finish_ended(struct world *w, struct store *store, bool done, bool alone)
{
	bool stands = standing(store, w) == w->lease;
	enum cache_status status;

	if (stands && alone) {
		return "a lease stands though nobody watched";
	}
	status = stands ? commit(store, w, w->lease) : CACHE_MISMATCH;
	if (stands && status != CACHE_OK) {
		return "a lease stands that is not good";
	}
	if (!stands && commit(store, w, w->lease) != CACHE_MISMATCH) {
		return "a lease that ended was good";
	}
	return finish_by_next(w, store, done, alone);
}

/* What carries the tag goes with it. */
static const char *finish_by_tag(struct world *w, struct store *store, bool done, bool alone)
{
	struct store_key key = key_of(store, w->op->name);
	struct tag_list tags = one_tag("tag");

	(void)done;
	(void)alone;
	store_invalidate_tags(store, tags.bytes, tags.size, true);
	return store_exists(store, &key) == CACHE_MISSING ? NULL : "it does not go with its tag";
}

/* ---- words ---------------------------------------------------------------------------------------------- */

static void prepare_valid(struct world *w, int64_t stale_ttl_us)
{
	struct store_item item = integer(1, BEFORE, NULL);

	item.stale_ttl_us = stale_ttl_us;
	world_populate(w);
	w->op = put_fresh(w, "op", &item);
}

static void touch(struct world *w, int64_t expected_us, int64_t new_us)
{
	struct store_key key = op_key(w);
	const struct store_touch wanted = {.expected_us = expected_us, .new_us = new_us};

	w->shared->status = store_touch(w->a, &key, &wanted);
}

static void prepare_touch(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	words_begin(w);
	words_then()->stamp = TEST_NOW_US;
	take_lease(w, LEASE_NS);
}
static void act_touch(struct world *w)
{
	touch(w, BEFORE, 0);
}

static void prepare_touch_nearer(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	words_begin(w);
	words_then()->stamp = BEFORE - TTL / 2;
}
static void act_touch_nearer(struct world *w)
{
	touch(w, BEFORE, BEFORE - TTL / 2);
}

static void prepare_revive(struct world *w)
{
	struct store_key key;

	prepare_valid(w, STALE_TTL);
	key = op_key(w);
	must(store_mark_stale(w->a, &key));
	w->op->count = 0;
	model_then_absent(w->op);
	model_then_int(w->op, 1);
	words_begin(w);
	*words_then() = (struct words){.state = STORE_STATE_FRESH, .stamp = TEST_NOW_US};
}
static void act_revive(struct world *w)
{
	touch(w, -TEST_NOW_US, 0);
}

static void prepare_lock_word(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	words_begin(w);
	words_then()->lock = 7;
}
static void act_lock_word(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->status = store_cas_lock(w->a, &key, words.steps[0].lock, 7);
}

static void prepare_lock_word_used(struct world *w)
{
	struct store_key key;

	prepare_valid(w, STALE_TTL);
	key = op_key(w);
	must(store_cas_lock(w->a, &key, 0, 5));
	words_begin(w);
	words_then()->lock = 7;
}

/* The word goes over to the value that replaces it. */
static void prepare_lock_word_replaced(struct world *w)
{
	struct words *then;

	prepare_lock_word_used(w);
	words.count = 1;
	then = words_then();
	then->stamp = TEST_NOW_US;
	then->is_new = true;
	model_then_int(w->op, 2);
}
static void act_replace(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = integer(2, 0, NULL);

	item.stale_ttl_us += 1000; /* not in its place */
	w->shared->status = store_put(w->a, &key, &item, STORE_SET);
}

/* It stays where it is. Killed in between it leaves a new number, or its version, with the old stamp. */
static void prepare_lock_word_in_place(struct world *w)
{
	prepare_lock_word_used(w);
	words.count = 1;
	words_then()->is_new = true;
	words_then()->stamp = TEST_NOW_US;
	model_then_int(w->op, 2);
}
static void act_replace_in_place(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = integer(2, 0, NULL);

	w->shared->status = store_put(w->a, &key, &item, STORE_SET);
}

/* Killed in between it leaves a new version of the old value. */
static void prepare_mark(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	words_begin(w);
	words_then()->is_new = true;
	*words_then() = (struct words){.state = STORE_STATE_STALE, .stamp = -TEST_NOW_US, .is_new = true};
	model_then_absent(w->op);
}
static void prepare_mark_for_good(struct world *w)
{
	prepare_valid(w, 0);
	words_begin(w);
	words_then()->is_new = true;
	*words_then() = (struct words){.state = STORE_STATE_MISSING};
	model_then_absent(w->op);
}
static void prepare_mark_leased(struct world *w)
{
	prepare_mark(w);
	take_lease(w, LEASE_NS);
}
static void act_mark(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->status = store_mark_stale(w->a, &key);
}

/* ---- conditions ----------------------------------------------------------------------------------------- */

static uint64_t token_now(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_view view;
	uint64_t token;

	must(store_gets(w->a, &key, &view, &token));
	store_unpin(w->a, view.pin);
	return token;
}

static void prepare_put_if(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	model_then_int(w->op, 2);
	w->before = token_now(w);
	take_lease(w, LEASE_NS);
}
static void act_put_if(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = integer(2, 0, NULL);

	w->shared->status = store_put_if(w->a, &key, &item, w->before);
}

/* The integer was changed in place since. */
static void prepare_put_if_lost(struct world *w)
{
	struct store_key key;
	int64_t result;

	prepare_valid(w, STALE_TTL);
	w->before = token_now(w);
	key = op_key(w);
	must(store_increment(w->a, &key, 4, STORE_FOREVER, &result));
	w->op->count = 0;
	model_then_int(w->op, 5);
	words_begin(w);
}

static void prepare_delete_if(struct world *w)
{
	prepare_put_if(w);
	w->op->count = 1;
	model_then_absent(w->op);
}
static void act_delete_if(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->status = store_delete_if(w->a, &key, w->before);
}

static void put_if_changed(struct world *w, int64_t number)
{
	struct store_key key = op_key(w);
	struct store_item item = integer(number, BEFORE + 1000000, NULL);
	bool renewed = false;

	w->shared->status = store_put_if_changed(w->a, &key, &item, false, 0, &renewed);
	w->shared->number = renewed;
}

static void prepare_renew(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	words_begin(w);
	words_then()->stamp = BEFORE + 1000000;
	take_lease(w, LEASE_NS);
}
static void act_renew(struct world *w)
{
	put_if_changed(w, 1);
}

static void prepare_change(struct world *w)
{
	struct words *then;

	prepare_renew(w);
	words.count = 1;
	then = words_then();
	then->stamp = BEFORE + 1000000;
	then->is_new = true;
	model_then_int(w->op, 2);
}
static void act_change(struct world *w)
{
	put_if_changed(w, 2);
}

/* ---- leases --------------------------------------------------------------------------------------------- */

static void act_get_stale(struct world *w)
{
	struct store_key key = op_key(w);
	const struct store_ask ask = {.lease_ns = LEASE_NS, .ahead_us = 10000000};
	struct store_view view;
	struct store_answer answer;
	enum cache_status status = store_get_stale(w->a, &key, &ask, &view, &answer);

	w->shared->status = status;
	w->shared->number = answer.lease;
	if (status == CACHE_OK) {
		store_unpin(w->a, view.pin);
	}
}
static bool got_lease(struct world *w)
{
	return w->shared->number > 0;
}
static bool was_refused(struct world *w)
{
	return w->shared->number == STORE_LEASE_RUNNING;
}

static void prepare_absent(struct world *w)
{
	world_populate(w);
	w->op = model_key(&w->model, "op");
}

static void prepare_aging(struct world *w)
{
	struct store_item item = integer(1, TEST_NOW_US - TTL + 5000000, NULL);

	world_populate(w);
	w->op = put_fresh(w, "op", &item);
}

static void act_lease_and_die(struct world *w)
{
	struct store_key key = op_key(w);

	if (store_lease(w->a, &key, LEASE_NS) == 0) {
		die("no lease");
	}
	(void)!put_value(w->a, "dies", 7, 1, 1800);
}

static void prepare_lease_of_dead(struct world *w)
{
	put_stale(w);
	world_kill_at(w, act_lease_and_die, FAULT_PINNED);
	w->host.ticks += 2 * LEASE_CHECK_NS; /* so that somebody looks whether the owner lives */
}

static void prepare_late_lease(struct world *w)
{
	put_stale(w);
	take_lease(w, 1);
}

/* All slots of the key's set are taken, by leases that are in force. */
static void prepare_full_set(struct world *w)
{
	uint64_t mask = w->a->segment->geometry.lease_sets - 1, set;
	uint32_t found = 0;
	struct store_key key;
	char name[32];

	put_stale(w);
	key = op_key(w);
	set = key.hash >> 32 & mask;
	for (uint32_t i = 0; found < LEASE_WAYS; i++) {
		snprintf(name, sizeof name, "leased:%u", i);
		key = key_of(w->a, name);
		if ((key.hash >> 32 & mask) == set) {
			found += store_lease(w->a, &key, LEASE_NS) > 0;
		}
	}
}
static const char *finish_full(struct world *w, struct store *store, bool done, bool alone)
{
	struct store_key key = key_of(store, w->op->name);

	(void)done;
	return (store_lease(store, &key, LEASE_NS) != 0) == alone ? NULL : "a lease of a full set, or none of an empty one";
}

static void prepare_leased(struct world *w)
{
	put_stale(w);
	take_lease(w, LEASE_NS);
}

/* Its place in the table says what the lease was that the survivor has released. */
static void prepare_released(struct world *w)
{
	struct store_key key;

	put_stale(w);
	take_lease(w, LEASE_NS);
	key = op_key(w);
	if (!store_lease_release(w->a, &key, w->lease)) {
		die("no release");
	}
}

static void act_extend(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->number = store_lease_extend(w->a, &key, w->lease, 2 * LEASE_NS);
}
static void act_release(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->number = store_lease_release(w->a, &key, w->lease);
}

static void prepare_commit(struct world *w)
{
	prepare_leased(w);
	model_then_int(w->op, 2);
}
static void act_commit(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = integer(2, 0, NULL);

	w->shared->status = store_commit(w->a, &key, w->lease, &item);
}

static void prepare_commit_absent(struct world *w)
{
	prepare_absent(w);
	take_lease(w, LEASE_NS);
	model_then_int(w->op, 2);
}

static void act_commit_tagged(struct world *w)
{
	struct store_key key = op_key(w);
	struct tag_list tags = one_tag("tag");
	struct store_item item = integer(2, 0, &tags);

	w->shared->status = store_commit(w->a, &key, w->lease, &item);
}

/* The integer was changed in place since. */
static void prepare_commit_changed(struct world *w)
{
	struct store_key key;
	int64_t result;

	prepare_valid(w, STALE_TTL);
	take_lease(w, LEASE_NS);
	key = op_key(w);
	must(store_increment(w->a, &key, 4, STORE_FOREVER, &result));
	w->op->count = 0;
	model_then_int(w->op, 5);
}

static void prepare_commit_void(struct world *w)
{
	struct store_key key;

	prepare_leased(w);
	key = op_key(w);
	must(store_mark_stale(w->a, &key));
}

static void prepare_commit_invalidated(struct world *w)
{
	prepare_commit_absent(w);
	w->op->count = 1;
	invalidate(w, "tag", false);
}

/* ---- what voids leases ---------------------------------------------------------------------------------- */

static void prepare_delete_leased(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	take_lease(w, LEASE_NS);
	model_then_absent(w->op);
}

static void act_put_too_big(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = {.type = STORE_STRING, .bytes = "", .size = STORE_SIZE_MIN, .ttl_us = STORE_FOREVER};

	w->shared->status = store_put(w->a, &key, &item, STORE_SET);
}

static void act_clear(struct world *w)
{
	store_clear(w->a);
}

static void prepare_clear_leased(struct world *w)
{
	prepare_valid(w, STALE_TTL);
	take_lease(w, LEASE_NS);
	model_all_may_go(&w->model);
}

/* ---- tags ----------------------------------------------------------------------------------------------- */

static char crowd[TAG_WAYS + 2][16], stranger[16];

static void find_crowd(struct world *w)
{
	const struct segment *s = w->a->segment;
	const struct tag_set *set = NULL;
	uint32_t found = 0;

	for (uint32_t i = 0; found < TAG_WAYS + 2; i++) {
		char tag[16];
		int length = snprintf(tag, sizeof tag, "tag:%u", i);
		const struct tag_set *its = tag_set_of(s, tag_hash(&s->hash, tag, (size_t)length));
		if (!set) {
			set = its;
		}
		memcpy(its == set ? crowd[found++] : stranger, tag, sizeof tag);
	}
}

static void prepare_tag(struct world *w)
{
	world_populate(w);
	put_tagged(w, "other", "another");
	put_tagged(w, "op", "tag");
	w->op = model_key(&w->model, "op");
	model_then_absent(w->op);
}
static void prepare_tag_leased(struct world *w)
{
	prepare_tag(w);
	take_lease(w, LEASE_NS);
}

/* Its tag is known already. */
static void prepare_tag_known(struct world *w)
{
	world_populate(w);
	invalidate(w, "tag", false);
	put_tagged(w, "op", "tag");
	w->op = model_key(&w->model, "op");
	model_then_absent(w->op);
}

static void act_invalidate(struct world *w)
{
	invalidate(w, "tag", false);
}
static void act_invalidate_hard(struct world *w)
{
	invalidate(w, "tag", true);
}
static const char *look_for_stale(struct world *w, struct store *store, bool recovered)
{
	uint64_t version;
	struct words now = words_now(store, w->op->name, &version);

	(void)recovered;
	return now.state == STORE_STATE_MISSING ? "it is missing" : NULL;
}

/* A record is given up: what it said is still true, and all that is older and has a tag of the set goes. */
static void prepare_tag_crowded(struct world *w)
{
	world_populate(w);
	find_crowd(w);
	put_tagged(w, "invalidated", crowd[0]);
	put_tagged(w, "older", crowd[TAG_WAYS + 1]);
	put_tagged(w, "stranger", stranger);
	for (uint32_t i = 0; i < TAG_WAYS; i++) {
		invalidate(w, crowd[i], false);
	}
	put_tagged(w, "newer", crowd[0]);
	put_tagged(w, "op", crowd[TAG_WAYS]);
	model_key(&w->model, "invalidated")->count = 0;
	model_then_absent(model_key(&w->model, "invalidated"));
	model_then_absent(model_key(&w->model, "older"));
	w->op = model_key(&w->model, "op");
	model_then_absent(w->op);
}
static void act_invalidate_crowd(struct world *w)
{
	invalidate(w, crowd[TAG_WAYS], false);
}

static void prepare_tags(struct world *w)
{
	world_populate(w);
	for (const char *const *name = (const char *const[]){"one", "two", "three", NULL}; *name; name++) {
		put_tagged(w, *name, *name);
		w->op = model_key(&w->model, *name);
		model_then_absent(w->op);
	}
	put_tagged(w, "four", "four");
}
static void act_invalidate_three(struct world *w)
{
	const char *const names[] = {"one", "two", "three", NULL};
	struct tag_list tags = tags_of(names);

	store_invalidate_tags(w->a, tags.bytes, tags.size, true);
}

static void prepare_put_tagged(struct world *w)
{
	prepare_absent(w);
	model_then_int(w->op, 2);
}
static void act_put_tagged(struct world *w)
{
	struct store_key key = op_key(w);
	struct tag_list tags = one_tag("tag");
	struct store_item item = integer(2, 0, &tags);

	w->shared->status = store_put(w->a, &key, &item, STORE_SET);
}

const struct scenario stale_scenarios[] = {
	{"touch", prepare_touch, act_touch, words_came_through, .raises = {RAISES(touches)}, .look = look_at_words,
     .finish = finish_kept},
	{"touch to a nearer expiry", prepare_touch_nearer, act_touch_nearer, words_came_through,
     .raises = {RAISES(touches)}, .look = look_at_words},
	{"touch of a marked entry", prepare_revive, act_revive, words_came_through, .raises = {RAISES(touches)},
     .look = look_at_words},
	{"lock word, for the first time", prepare_lock_word, act_lock_word, words_came_through, .look = look_at_words},
	{"lock word in use", prepare_lock_word_used, act_lock_word, words_came_through, .look = look_at_words},
	{"replace with a lock word", prepare_lock_word_replaced, act_replace, words_came_through, .look = look_at_words},
	{"replace in its place with a lock word", prepare_lock_word_in_place, act_replace_in_place, words_came_through, .look = look_at_words},
	{"mark", prepare_mark, act_mark, words_came_through, .raises = {RAISES(marks)}, .look = look_at_words},
	{"mark without a stale period", prepare_mark_for_good, act_mark, words_came_through, .raises = {RAISES(marks)},
     .look = look_at_words},
	{"mark with a lease in force", prepare_mark_leased, act_mark, words_came_through, .raises = {RAISES(marks)},
     .look = look_at_words, .finish = finish_void},
	{"put_if", prepare_put_if, act_put_if, .raises = {RAISES(stores)}, .finish = finish_void},
	{"put_if of another token", prepare_put_if_lost, act_put_if, .raises = {RAISES(stores_lost)}, .look = look_at_words,
     .status = CACHE_MISMATCH},
	{"delete_if", prepare_delete_if, act_delete_if, .raises = {RAISES(deletes)}, .finish = finish_void},
	{"put_if_changed that renews", prepare_renew, act_renew, words_came_through, .raises = {RAISES(stores_unchanged)},
     .look = look_at_words, .finish = finish_kept},
	{"put_if_changed that stores", prepare_change, act_change, words_came_through, .raises = {RAISES(stores)},
     .look = look_at_words, .finish = finish_void},
	{"lease of an absent key", prepare_absent, act_get_stale, got_lease, .raises = {RAISES(leases_granted)},
     .status = CACHE_MISSING, .finish = finish_by_next},
	{"lease of a stale entry", put_stale, act_get_stale, got_lease,
     .raises = {RAISES(leases_granted), RAISES(stale_hits)}, .finish = finish_by_next},
	{"lease of an aging entry", prepare_aging, act_get_stale, got_lease,
     .raises = {RAISES(leases_granted), RAISES(aging_hits)}, .finish = finish_by_next},
	{"lease of a dead owner", prepare_lease_of_dead, act_get_stale, got_lease, .raises = {RAISES(leases_taken_over)},
     .finish = finish_by_next},
	{"lease after the deadline", prepare_late_lease, act_get_stale, got_lease, .raises = {RAISES(leases_taken_over)},
     .finish = finish_ended},
	{"lease in a full set", prepare_full_set, act_get_stale, was_refused, .raises = {RAISES(leases_refused)},
     .finish = finish_full},
	{"lease in a slot that was used", prepare_released, act_get_stale, got_lease, .raises = {RAISES(leases_granted)},
     .finish = finish_by_next},
	{"lease extended", prepare_leased, act_extend, got_lease, .finish = finish_kept},
	{"lease released", prepare_leased, act_release, got_lease, .finish = finish_ended},
	{"commit", prepare_commit, act_commit, .raises = {RAISES(commits)}, .finish = finish_void},
	{"commit of an absent key", prepare_commit_absent, act_commit, .raises = {RAISES(commits)}, .finish = finish_void},
	{"commit of a tagged value", prepare_commit, act_commit_tagged, .raises = {RAISES(commits)},
     .finish = finish_by_tag},
	{"commit under a void lease", prepare_commit_void, act_commit, .raises = {RAISES(commits_refused)},
     .status = CACHE_MISMATCH, .finish = finish_void},
	{"commit over an integer that was changed", prepare_commit_changed, act_commit, .raises = {RAISES(commits_refused)},
     .status = CACHE_MISMATCH, .finish = finish_unfit},
	{"commit of a value whose tag was invalidated", prepare_commit_invalidated, act_commit_tagged,
     .raises = {RAISES(commits_refused)}, .status = CACHE_MISMATCH, .finish = finish_ended},
	{"put that is refused, with a lease in force", prepare_delete_leased, act_put_too_big,
     .raises = {RAISES(failed_size)}, .status = CACHE_TOO_BIG, .finish = finish_void},
	{"delete with a lease in force", prepare_delete_leased, act_last_state, .raises = {RAISES(deletes)},
     .finish = finish_void},
	{"clear with a lease in force", prepare_clear_leased, act_clear, .raises = {RAISES(clears)}, .finish = finish_void},
	{"invalidation of a new tag", prepare_tag, act_invalidate, .raises = {RAISES(tag_invalidations)},
     .look = look_for_stale},
	{"invalidation of a known tag", prepare_tag_known, act_invalidate_hard, .raises = {RAISES(tag_invalidations)}},
	{"invalidation with a lease in force", prepare_tag_leased, act_invalidate, .raises = {RAISES(tag_invalidations)},
     .finish = finish_void},
	{"invalidation that gives a record up", prepare_tag_crowded, act_invalidate_crowd,
     .raises = {RAISES(tags_forgotten)}},
	{"invalidation of three tags", prepare_tags, act_invalidate_three, .raises = {RAISES(tag_invalidations)}},
	{"put of a tagged value", prepare_put_tagged, act_put_tagged, .raises = {RAISES(stores)}, .finish = finish_by_tag},
	{0},
};
