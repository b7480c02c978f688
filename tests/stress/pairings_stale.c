/*
 * Pairs of operations on stamps, leases and tags, and what may come out.
 *
 * The wall clock stands: what happens now happens at TEST_NOW_US, so a mark and a touch may even have the same time.
 */
#define _GNU_SOURCE
#include "sides.h"

#include <stdlib.h>
#include <string.h>

#include "core/store/tag.h"

#define BEFORE (TEST_NOW_US - 5000000)
#define TTL INT64_C(60000000)
#define STALE_TTL INT64_C(1000000000)
#define LEASE_NS UINT64_C(3600000000000)
#define ANY INT64_MIN

/* ---- what operations need ------------------------------------------------------------------------------- */

static void must(enum cache_status status)
{
	if (status != CACHE_OK) {
		die("cannot prepare: %s", cache_status_name(status));
	}
}

/* `length byte, bytes` of one tag; NULL: none. */
static void set_tag(struct store_item *item, const char *tag)
{
	static char list[STORE_TAG_LENGTH_MAX + 1];

	if (tag) {
		list[0] = (char)strlen(tag);
		memcpy(list + 1, tag, strlen(tag));
		item->tags = list;
		item->tags_size = 1 + (uint32_t)strlen(tag);
		item->tag_count = 1;
	}
}

static struct store_item value(uint64_t number, int64_t stamp_us, const char *tag)
{
	struct store_item item = {
		.type = STORE_STRING,
		.bytes = value_of(1, number, SMALL),
		.size = SMALL,
		.ttl_us = TTL,
		.stale_ttl_us = STALE_TTL,
		.stamp_us = stamp_us,
	};

	set_tag(&item, tag);
	return item;
}

static struct store_item integer(int64_t number)
{
	return (struct store_item){.type = STORE_INT, .integer = number, .ttl_us = TTL, .stale_ttl_us = STALE_TTL};
}

static enum cache_status put_item(struct race *r, const char *name, const struct store_item *item)
{
	struct store_key key = key_of(r->store, name);

	return store_put(r->store, &key, item, STORE_SET);
}

static void invalidate(struct race *r, const char *tag, bool hard)
{
	struct store_item item = {0};

	set_tag(&item, tag);
	store_invalidate_tags(r->store, item.tags, item.tags_size, hard);
}

static int64_t number_of(const struct store_view *view)
{
	uint64_t number;

	if (view->type == STORE_INT) {
		return view->integer;
	}
	return value_check(view->bytes, view->size, 1, &number) ? (int64_t)number : RACE_DAMAGED;
}

struct words {
	enum store_state state;
	int64_t number, stamp;
	uint64_t lock;
};

/* What the entry is in the end. */
static struct words look(struct race *r, const char *name)
{
	struct store_key key = key_of(r->store, name);
	struct store_entry entry;
	struct words words = {.state = STORE_STATE_MISSING, .number = RACE_MISSING};

	if (store_inspect(r->store, &key, &entry) == CACHE_OK) {
		words = (struct words){entry.state, number_of(&entry.view), entry.stamp_us, entry.lock};
		store_unpin(r->store, entry.view.pin);
	}
	return words;
}

static bool is_fresh(struct race *r, const char *name)
{
	return look(r, name).state == STORE_STATE_FRESH;
}

/* May still be committed under that lease? Then it is. */
static bool is_good(struct race *r, int64_t lease)
{
	struct store_key key = the_key(r);
	struct store_item item = value(9, 0, NULL);

	return lease > 0 && store_commit(r->store, &key, (uint64_t)lease, &item) == CACHE_OK;
}

/* ---- what there is before ------------------------------------------------------------------------------- */

static uint64_t token_now(struct race *r)
{
	struct store_key key = the_key(r);
	struct store_view view;
	uint64_t token;

	must(store_gets(r->store, &key, &view, &token));
	store_unpin(r->store, view.pin);
	return token;
}

static void prepare_value(struct race *r)
{
	struct store_item item = value(1, BEFORE, NULL);

	must(put_item(r, r->key, &item));
	r->token = token_now(r);
}

static void prepare_stale(struct race *r)
{
	struct store_item item = value(1, TEST_NOW_US - 2 * TTL, NULL);

	must(put_item(r, r->key, &item));
}

static void prepare_marked(struct race *r)
{
	struct store_key key = the_key(r);

	prepare_value(r);
	must(store_mark_stale(r->store, &key));
}

static void prepare_integer(struct race *r)
{
	struct store_item item = integer(1);

	must(put_item(r, r->key, &item));
	r->token = token_now(r);
}

static void prepare_old_integer(struct race *r)
{
	struct store_item item = integer(1);

	item.stamp_us = BEFORE;
	must(put_item(r, r->key, &item));
}

static enum cache_status put_number(struct race *r, int64_t number, int64_t stamp_us)
{
	struct store_item item = integer(number);

	item.ttl_us = STORE_FOREVER;
	item.stamp_us = stamp_us;
	return put_item(r, r->key, &item);
}

/* Another number takes its place. */
static void prepare_lasting_integer(struct race *r)
{
	must(put_number(r, 1, BEFORE));
}

static void prepare_stale_integer(struct race *r)
{
	struct store_item item = integer(1);

	item.stamp_us = TEST_NOW_US - 2 * TTL;
	must(put_item(r, r->key, &item));
}

static void take_lease(struct race *r, uint64_t ttl_ns)
{
	struct store_key key = the_key(r);

	r->lease = (uint64_t)store_lease(r->store, &key, ttl_ns);
	if (r->lease == 0) {
		die("no lease");
	}
}

static void prepare_lease(struct race *r)
{
	prepare_stale(r);
	take_lease(r, LEASE_NS);
}
static void prepare_lease_of_value(struct race *r)
{
	prepare_value(r);
	take_lease(r, LEASE_NS);
}
static void prepare_lease_of_integer(struct race *r)
{
	prepare_integer(r);
	take_lease(r, LEASE_NS);
}
static void prepare_lease_of_absent(struct race *r)
{
	must(race_put_int(r, "bystander", 4));
	take_lease(r, LEASE_NS);
}
static void prepare_late_lease(struct race *r)
{
	prepare_stale(r);
	take_lease(r, 1);
}

static void prepare_nothing(struct race *r)
{
	must(race_put_int(r, "bystander", 4));
}

static void prepare_tagged(struct race *r)
{
	struct store_item item = value(1, 0, "tag");

	must(put_item(r, r->key, &item));
}

/* Softly invalidated once before, and leased. */
static void prepare_lease_of_tagged(struct race *r)
{
	prepare_tagged(r);
	invalidate(r, "tag", false);
	take_lease(r, LEASE_NS);
}

static void prepare_locked(struct race *r)
{
	struct store_key key = the_key(r);

	prepare_value(r);
	must(store_cas_lock(r->store, &key, 0, 5));
}

/* Tags of one set, one more than it has records, and one of another. */
static char crowd[TAG_WAYS + 2][16], stranger[16];

static void find_crowd(struct race *r)
{
	const struct segment *s = r->store->segment;
	const struct tag_set *set = NULL;
	uint32_t found = 0;

	for (uint32_t i = 0; found < TAG_WAYS + 2 || !stranger[0]; i++) {
		char tag[16];
		int length = snprintf(tag, sizeof tag, "tag:%u", i);
		const struct tag_set *its = tag_set_of(s, tag_hash(&s->hash, tag, (size_t)length));
		if (!set) {
			set = its;
		}
		if (its == set && found < TAG_WAYS + 2) {
			memcpy(crowd[found++], tag, sizeof tag);
		} else if (its != set) {
			memcpy(stranger, tag, sizeof tag);
		}
	}
}

/* The set's records are all taken; the oldest is that of crowd[0]. */
static void fill_set(struct race *r)
{
	for (uint32_t i = 0; i < TAG_WAYS; i++) {
		invalidate(r, crowd[i], false);
	}
}

/* The key's tag was invalidated hard, and has the oldest record. */
static void prepare_known_tag(struct race *r)
{
	struct store_item item;

	find_crowd(r);
	item = value(1, 0, crowd[0]);
	must(put_item(r, r->key, &item));
	invalidate(r, crowd[0], true);
	for (uint32_t i = 1; i < TAG_WAYS; i++) {
		invalidate(r, crowd[i], false);
	}
}

/* The key's tag and all others of the set were invalidated before the value was stored: nothing about it is outdated. */
static void prepare_known_tag_of_newer(struct race *r)
{
	struct store_item item;

	find_crowd(r);
	fill_set(r);
	item = value(1, 0, crowd[0]);
	must(put_item(r, r->key, &item));
}

/* The tags of both keys are about to be invalidated; a stranger's is one of another set. */
static void prepare_full_set(struct race *r)
{
	struct store_item item;

	find_crowd(r);
	fill_set(r);
	item = value(1, 0, crowd[TAG_WAYS]);
	must(put_item(r, r->key, &item));
	item = value(1, 0, crowd[TAG_WAYS + 1]);
	must(put_item(r, r->other, &item));
	item = value(1, 0, stranger);
	must(put_item(r, "stranger", &item));
}

/* ---- what processes do ---------------------------------------------------------------------------------- */

static void touch(struct race *r, struct side *side, int64_t expected_us, int64_t new_us, bool has_token)
{
	struct store_key key = the_key(r);
	const struct store_touch wanted = {
		.any = expected_us == ANY,
		.expected_us = expected_us,
		.new_us = new_us,
		.has_token = has_token,
		.token = r->token,
	};

	side->status = store_touch(r->store, &key, &wanted);
	side->number = new_us;
}
static void touch_1(struct race *r, struct side *side)
{
	touch(r, side, BEFORE, TEST_NOW_US - 1000000, false);
}
static void touch_2(struct race *r, struct side *side)
{
	touch(r, side, BEFORE, TEST_NOW_US - 2000000, false);
}
static void touch_any(struct race *r, struct side *side)
{
	touch(r, side, ANY, TEST_NOW_US, false);
}
static void touch_marked(struct race *r, struct side *side)
{
	touch(r, side, -TEST_NOW_US, TEST_NOW_US, false);
}
static void touch_with_token(struct race *r, struct side *side)
{
	touch(r, side, ANY, TEST_NOW_US, true);
}
static void revive(struct race *r, struct side *side)
{
	touch(r, side, TEST_NOW_US - 2 * TTL, TEST_NOW_US - 1, false);
}

static void mark(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->status = store_mark_stale(r->store, &key);
}

static void put_2(struct race *r, struct side *side)
{
	struct store_item item = value(2, 0, NULL);

	side->status = put_item(r, r->key, &item);
}

static void put_tagged_if(struct race *r, struct side *side, uint64_t number, const char *tag)
{
	struct store_key key = the_key(r);
	struct store_item item = value(number, 0, tag);

	side->number = (int64_t)number;
	side->status = store_put_if(r->store, &key, &item, r->token);
}
static void put_if(struct race *r, struct side *side, uint64_t number)
{
	put_tagged_if(r, side, number, NULL);
}
static void put_if_2(struct race *r, struct side *side)
{
	put_if(r, side, 2);
}
static void put_if_3(struct race *r, struct side *side)
{
	put_if(r, side, 3);
}

static void put_if_100(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	struct store_item item = integer(100);

	side->status = store_put_if(r->store, &key, &item, r->token);
}

/* state FRESH: it was read before it was marked. */
static void gets_and_put_tagged_if(struct race *r, struct side *side, const char *tag)
{
	struct store_key key = the_key(r);
	struct store_view view;

	side->status = store_gets(r->store, &key, &view, &r->token);
	side->state = STORE_STATE_MISSING;
	if (side->status == CACHE_OK) {
		side->state = STORE_STATE_FRESH;
		store_unpin(r->store, view.pin);
		put_tagged_if(r, side, 2, tag);
	}
}
static void gets_and_put_if(struct race *r, struct side *side)
{
	gets_and_put_tagged_if(r, side, NULL);
}
static void gets_and_put_if_tagged(struct race *r, struct side *side)
{
	gets_and_put_tagged_if(r, side, "tag");
}

static void get_entry_and_put_tagged_if(struct race *r, struct side *side, const char *tag)
{
	struct store_key key = the_key(r);
	struct store_entry entry;

	side->status = store_get_entry(r->store, &key, &entry);
	side->state = STORE_STATE_MISSING;
	if (side->status == CACHE_OK) {
		side->state = entry.state;
		r->token = store_token(&entry.view);
		store_unpin(r->store, entry.view.pin);
		put_tagged_if(r, side, 2, tag);
	}
}
static void get_entry_and_put_if(struct race *r, struct side *side)
{
	get_entry_and_put_tagged_if(r, side, NULL);
}
static void get_entry_and_put_if_tagged(struct race *r, struct side *side)
{
	get_entry_and_put_tagged_if(r, side, "tag");
}

/* lease: the stamp that was read with the number. */
static void get_entry(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	struct store_entry entry;

	side->status = store_get_entry(r->store, &key, &entry);
	if (side->status == CACHE_OK) {
		side->number = number_of(&entry.view);
		side->lease = entry.stamp_us;
		store_unpin(r->store, entry.view.pin);
	}
}

static void put_number_2(struct race *r, struct side *side)
{
	side->status = put_number(r, 2, 0);
}

static void put_timed_number_2(struct race *r, struct side *side)
{
	struct store_item item = integer(2);

	side->status = put_item(r, r->key, &item);
}

static void increment_if_touched(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	int64_t result;

	if (side->status == CACHE_OK) {
		side->status = store_increment(r->store, &key, 1, 0, &result);
	}
}
static void touch_and_increment(struct race *r, struct side *side)
{
	touch_1(r, side);
	increment_if_touched(r, side);
}
static void revive_and_increment(struct race *r, struct side *side)
{
	revive(r, side);
	increment_if_touched(r, side);
}

static void delete_if(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->status = store_delete_if(r->store, &key, r->token);
}

static void put_changed(struct race *r, struct side *side, uint64_t number, int64_t stamp_us)
{
	struct store_key key = the_key(r);
	struct store_item item = value(number, stamp_us, NULL);
	bool renewed = false;

	side->status = store_put_if_changed(r->store, &key, &item, false, 0, &renewed);
	side->number = renewed;
}
static void renew_at_3(struct race *r, struct side *side)
{
	put_changed(r, side, 1, TEST_NOW_US - 3000000);
}
static void renew_at_1(struct race *r, struct side *side)
{
	put_changed(r, side, 1, TEST_NOW_US - 1000000);
}
static void change_to_2_at_3(struct race *r, struct side *side)
{
	put_changed(r, side, 2, TEST_NOW_US - 3000000);
}
static void change_to_3_at_2(struct race *r, struct side *side)
{
	put_changed(r, side, 3, TEST_NOW_US - 2000000);
}

static void add_2(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	struct store_item item = value(2, 0, NULL);

	side->status = store_put(r->store, &key, &item, STORE_ADD);
}

static void ask_for_stale(struct race *r, struct side *side, uint64_t lease_ns)
{
	struct store_key key = the_key(r);
	const struct store_ask ask = {.lease_ns = lease_ns};
	struct store_view view;
	struct store_answer answer;

	side->status = store_get_stale(r->store, &key, &ask, &view, &answer);
	side->state = answer.state;
	side->lease = answer.lease;
	side->number = RACE_MISSING;
	if (side->status == CACHE_OK) {
		side->number = number_of(&view);
		store_unpin(r->store, view.pin);
	}
}

static void get_stale(struct race *r, struct side *side)
{
	ask_for_stale(r, side, LEASE_NS);
}

static void look_at_stale(struct race *r, struct side *side)
{
	ask_for_stale(r, side, 0);
}

static void commit(struct race *r, struct side *side, uint64_t number, const char *tag)
{
	struct store_key key = the_key(r);
	struct store_item item = value(number, 0, tag);

	side->number = (int64_t)number;
	side->status = store_commit(r->store, &key, r->lease, &item);
}
static void commit_2(struct race *r, struct side *side)
{
	commit(r, side, 2, NULL);
}
static void commit_3(struct race *r, struct side *side)
{
	commit(r, side, 3, NULL);
}
/* What is there for others, if it is refused. */
static void commit_3_or_get(struct race *r, struct side *side)
{
	commit_3(r, side);
	if (side->status == CACHE_MISMATCH) {
		side->number = look(r, r->key).number;
	}
}
static void commit_100(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	struct store_item item = integer(100);

	side->status = store_commit(r->store, &key, r->lease, &item);
}
static void commit_tagged(struct race *r, struct side *side)
{
	commit(r, side, 2, "tag");
}

static void release(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->status = store_lease_release(r->store, &key, r->lease) ? CACHE_OK : CACHE_MISMATCH;
}

static void invalidate_softly(struct race *r, struct side *side)
{
	side->status = CACHE_OK;
	invalidate(r, "tag", false);
}
static void invalidate_hard(struct race *r, struct side *side)
{
	side->status = CACHE_OK;
	invalidate(r, "tag", true);
}
static void invalidate_in_crowd(struct race *r, struct side *side)
{
	side->status = CACHE_OK;
	invalidate(r, crowd[TAG_WAYS], false);
}
static void invalidate_in_crowd_too(struct race *r, struct side *side)
{
	side->status = CACHE_OK;
	invalidate(r, crowd[TAG_WAYS + 1], false);
}

/* Everything that is read of the value was read once this is called. */
struct build {
	struct race *race;
	struct side *side;
};

static void build_2(void *context, char *to, size_t size, uint64_t official)
{
	struct build *build = context;

	(void)official;
	build->side->noted = race_tick(build->race);
	value_fill(to, size, 1, 2);
}

static void put_tagged(struct race *r, struct side *side)
{
	struct build build = {r, side};
	struct store_item item = value(2, 0, "tag");

	item.type = STORE_IMAGE;
	item.bytes = NULL;
	item.build = build_2;
	item.build_context = &build;
	side->status = put_item(r, r->key, &item);
}

static void cas_lock_0_6(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->number = 6;
	side->status = store_cas_lock(r->store, &key, 0, 6);
}
static void cas_lock_0_7(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->number = 7;
	side->status = store_cas_lock(r->store, &key, 0, 7);
}
static void cas_lock_5_6(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->number = 6;
	side->status = store_cas_lock(r->store, &key, 5, 6);
}

static void get(struct race *r, struct side *side)
{
	side->number = race_get(r, r->key);
	side->status = side->number == RACE_MISSING ? CACHE_MISSING : CACHE_OK;
}

/* ---- what may come out ---------------------------------------------------------------------------------- */

static bool ok(const struct side *side)
{
	return side->status == CACHE_OK;
}
static bool busy(const struct race *r)
{
	return r->x->busy || r->y->busy;
}
static bool y_was_first(const struct race *r)
{
	return r->y->ended < r->x->began;
}

static const char *judge_one_wins(struct race *r, int64_t last)
{
	if (ok(r->x) && ok(r->y)) {
		return "both succeeded";
	}
	if (!ok(r->x) && !ok(r->y)) {
		return busy(r) ? NULL : "neither succeeded";
	}
	return last == (ok(r->x) ? r->x->number : r->y->number) ? NULL : "it is not the winner's";
}

static const char *judge_touch_touch(struct race *r)
{
	struct words last = look(r, r->key);

	return last.number == 1 && last.state == STORE_STATE_FRESH ? judge_one_wins(r, last.stamp) : "the value is gone";
}
static const char *judge_number(struct race *r)
{
	return judge_one_wins(r, look(r, r->key).number);
}
static const char *judge_lock_lock(struct race *r)
{
	return judge_one_wins(r, (int64_t)look(r, r->key).lock);
}

static const char *judge_marked(struct race *r)
{
	struct words last = look(r, r->key);

	if (r->y->status != CACHE_OK) {
		return "it was not marked";
	}
	if (last.state == STORE_STATE_FRESH) {
		return "it is fresh after it was marked";
	}
	return last.state == STORE_STATE_STALE || busy(r) ? NULL : "it is gone";
}

static const char *judge_touched_and_marked(struct race *r)
{
	return ok(r->x) && y_was_first(r) ? "the touch undid the mark" : judge_marked(r);
}

static const char *judge_put_and_marked(struct race *r)
{
	if (r->x->state != STORE_STATE_FRESH) {
		/* Read after the mark: then its token is good. */
		return ok(r->x) && look(r, r->key).number != 2 ? "the value is not there" : NULL;
	}
	return judge_marked(r);
}

/* It was touched before it was incremented. */
static const char *judge_stamp_and_integer(struct race *r)
{
	if (!ok(r->x) || !ok(r->y)) {
		return busy(r) ? NULL : "it is not there";
	}
	return r->x->number == 2 && r->x->lease == BEFORE ? "number and stamp were never there together" : NULL;
}

/* Who waits in vain, for one who is stopped, takes what is there. */
static const char *judge_stamp_and_number(struct race *r)
{
	if (busy(r)) {
		return NULL;
	}
	if (!ok(r->x) || !ok(r->y)) {
		return "it is not there";
	}
	return (r->x->number == 2) != (r->x->lease != BEFORE) ? "number and stamp were never there together" : NULL;
}

static const char *judge_state_and_integer(struct race *r)
{
	if (!ok(r->x) || !ok(r->y)) {
		return busy(r) ? NULL : "it is not there";
	}
	return r->x->number == 2 && r->x->state == STORE_STATE_STALE ? "it is said to be stale with a number of after it was touched" : NULL;
}

/* What was read as fresh was made before the invalidation, and so was what is made of it. */
static const char *judge_put_and_invalidated(struct race *r)
{
	if (r->x->state == STORE_STATE_FRESH) {
		return is_fresh(r, r->key) ? "it is fresh after it was invalidated" : NULL;
	}
	/* Read after it: then its token is good. */
	return ok(r->x) && look(r, r->key).number != 2 ? "the value is not there" : NULL;
}

static const char *judge_touched_and_put(struct race *r)
{
	struct words last = look(r, r->key);

	if (!ok(r->y)) {
		return last.state == STORE_STATE_MISSING ? NULL : "a put that failed left the old value";
	}
	if (ok(r->x) && y_was_first(r)) {
		return "a stamp was touched that was not there";
	}
	return last.number == 2 && last.stamp == TEST_NOW_US ? NULL : "the new value is not there as it was put";
}

static const char *judge_touched_and_moved(struct race *r)
{
	struct words last = look(r, r->key);

	if (!ok(r->x) && !r->x->busy) {
		return "the touch failed";
	}
	return last.number == 1 && last.stamp == (ok(r->x) ? r->x->number : BEFORE) ? NULL : "it is not as it was touched";
}

static const char *judge_token_of_integer(struct race *r)
{
	if (ok(r->x) && y_was_first(r) && ok(r->y)) {
		return "the token of another value was good";
	}
	return look(r, r->key).number == 1 + ok(r->y) ? NULL : "the increment was lost, or done unasked";
}

static const char *judge_put_if_and_inc(struct race *r)
{
	int64_t last = look(r, r->key).number;

	if (!ok(r->x)) {
		return last == 1 + ok(r->y) ? NULL : "the increment was lost, or done unasked";
	}
	return last == 100 + ok(r->y) && (!ok(r->y) || r->y->number == 101) ? NULL : "no order of the two explains it";
}

static const char *judge_last(struct race *r, int64_t number, int64_t stamp)
{
	struct words last = look(r, r->key);

	if (last.state == STORE_STATE_MISSING) {
		return busy(r) ? NULL : "it is gone";
	}
	if (busy(r) && last.number == number) {
		return NULL; /* and whoever gave up may have found nothing to give up */
	}
	return last.number == number && last.stamp == stamp ? NULL : "it is not the newer one";
}
static const char *judge_3_at_2(struct race *r)
{
	if (!ok(r->y) && !r->y->busy) {
		return "the newer one was refused";
	}
	return r->y->busy ? NULL : judge_last(r, 3, TEST_NOW_US - 2000000);
}
static const char *judge_1_at_1(struct race *r)
{
	if (!ok(r->x) && !r->x->busy) {
		return "the newer one was refused";
	}
	return r->x->busy ? NULL : judge_last(r, 1, TEST_NOW_US - 1000000);
}

static const char *judge_renewed_and_marked(struct race *r)
{
	if (r->y->status == CACHE_MISSING && r->x->busy) {
		return is_fresh(r, r->key) ? "it is fresh after it was marked" : NULL;
	}
	return judge_marked(r);
}

static const char *judge_added_and_revived(struct race *r)
{
	return ok(r->x) && ok(r->y) ? "it was added though it was fresh" : NULL;
}

static const char *judge_deleted_if(struct race *r)
{
	struct words last = look(r, r->key);

	if (last.state == STORE_STATE_FRESH) {
		return "it is fresh after it was marked";
	}
	if (busy(r)) {
		return NULL;
	}
	if (ok(r->x) == ok(r->y)) {
		return "no order of the two explains it";
	}
	return (last.state == STORE_STATE_MISSING) == ok(r->x) ? NULL : "it is not what was done";
}

static const char *judge_lease_lease(struct race *r)
{
	if (r->x->lease > 0 && r->y->lease > 0) {
		return "both have the lease";
	}
	if (r->x->lease <= 0 && r->y->lease <= 0 && !busy(r)) {
		return "neither has the lease";
	}
	if (r->x->number != r->y->number || r->x->state != r->y->state) {
		return "they read something else";
	}
	return !busy(r) && r->x->lease + r->y->lease <= STORE_LEASE_RUNNING ? "the loser was not told that one runs" : NULL;
}

static const char *judge_lease_and_put(struct race *r)
{
	struct words last = look(r, r->key);

	if (r->y->busy) {
		/* Its put failed: a lease that was granted meanwhile may stand. */
		return last.number == 1 ? "a put that failed left the old value" : NULL;
	}
	if (last.number != 2) {
		return "the new value is not there";
	}
	if (r->x->number == 2 && r->x->lease > 0) {
		return "a lease for a fresh value";
	}
	return is_good(r, r->x->lease) ? "a lease survived the put" : NULL;
}

static const char *judge_lease_and_commit(struct race *r)
{
	struct words last = look(r, r->key);

	if (!ok(r->y) && !r->y->busy) {
		return "the commit failed";
	}
	if (ok(r->y) && (r->x->lease > 0 || last.number != 2)) {
		return "two had a lease, or the new value is not there";
	}
	return r->x->number == 1 || r->x->number == 2 ? NULL : "it read nothing";
}

static const char *judge_refused(struct race *r)
{
	if (!ok(r->x)) {
		return busy(r) ? NULL : "the put failed";
	}
	return r->y->status == CACHE_MISMATCH && r->y->number != 2 && !busy(r) ? "refused for a value that is not there yet" : NULL;
}

static const char *judge_gone(struct race *r)
{
	return look(r, r->key).state == STORE_STATE_MISSING ? NULL : "it is there after it was deleted";
}

static const char *judge_committed_or_deleted(struct race *r)
{
	enum store_state state = look(r, r->key).state;

	if (ok(r->x) && ok(r->y)) {
		return "committed over what was deleted, or the other way round";
	}
	if (!ok(r->x) && !ok(r->y) && !busy(r)) {
		return "neither was done";
	}
	return ok(r->y) && state != STORE_STATE_MISSING ? "it is there after it was deleted" : NULL;
}

static const char *judge_not_fresh(struct race *r)
{
	if (is_fresh(r, r->key)) {
		return "it is fresh after it was invalidated";
	}
	return y_was_first(r) && ok(r->x) ? "committed under a lease that was void" : NULL;
}

static const char *judge_lease_and_mark(struct race *r)
{
	if (is_fresh(r, r->key)) {
		return "it is fresh after it was marked";
	}
	if (r->x->lease > 0 && r->x->state == STORE_STATE_FRESH) {
		return "a lease for a fresh value";
	}
	/* Whoever finds it marked wins; where it was marked without the lock, it is gone, and who has the lock may have won before. */
	return r->x->lease > 0 && !busy(r) && !is_good(r, r->x->lease) ? "a lease of after the mark is void" : NULL;
}

static const char *judge_released(struct race *r)
{
	if (!ok(r->x)) {
		return "it was void";
	}
	return r->y->lease > 0 && !is_good(r, r->y->lease) ? "the next lease is void" : NULL;
}

static const char *judge_committed_or_taken(struct race *r)
{
	if (ok(r->x) && r->y->lease > 0) {
		return "committed under a lease that was taken over";
	}
	if (!ok(r->x) && r->y->lease <= 0 && !busy(r)) {
		return "nobody rebuilds it";
	}
	return look(r, r->key).number == (ok(r->x) ? 2 : 1) ? NULL : "it is not what was committed";
}

static const char *judge_put_and_tag(struct race *r)
{
	struct words last = look(r, r->key);

	if (!ok(r->x)) {
		return last.state == STORE_STATE_FRESH ? "a put that failed left a value that was invalidated" : NULL;
	}
	if (last.state == STORE_STATE_MISSING && !y_was_first(r)) {
		return NULL; /* invalidated hard */
	}
	if (last.number != 2) {
		return "the new value is not there";
	}
	if (y_was_first(r)) {
		return last.state == STORE_STATE_FRESH ? NULL : "it was invalidated before it was put";
	}
	return r->y->began > r->x->noted && last.state == STORE_STATE_FRESH ? "a later invalidation does not count" : NULL;
}

static const char *judge_never_there(struct race *r)
{
	return r->x->number == RACE_MISSING && look(r, r->key).state == STORE_STATE_MISSING
	           ? NULL
	           : "it was read though its tag was invalidated";
}

static const char *judge_always_there(struct race *r)
{
	return r->x->number == 1 && is_fresh(r, r->key) ? NULL : "it is outdated by another tag";
}

static const char *judge_full_set(struct race *r)
{
	if (is_fresh(r, r->key) || is_fresh(r, r->other)) {
		return "it is fresh after its tag was invalidated";
	}
	return is_fresh(r, "stranger") ? NULL : "a value with a tag of another set is outdated";
}

static const char *judge_lock_and_put(struct race *r, uint64_t before)
{
	struct words last = look(r, r->key);

	if (!ok(r->y)) {
		return NULL; /* with the entry goes the word */
	}
	if (!ok(r->x) && !r->x->busy) {
		return "the word was not exchanged";
	}
	return last.number == 2 && last.lock == (ok(r->x) ? 6 : before) ? NULL : "the lock word is not what it was";
}
static const char *judge_lock_and_put_0(struct race *r)
{
	return judge_lock_and_put(r, 0);
}
static const char *judge_lock_and_put_5(struct race *r)
{
	return judge_lock_and_put(r, 5);
}

static const char *judge_lock_and_move(struct race *r)
{
	if (!ok(r->x) && !r->x->busy) {
		return "the word was not exchanged";
	}
	return look(r, r->key).lock == (ok(r->x) ? 6 : 5) ? NULL : "the lock word is not what it was";
}

const struct pairing stale_pairings[] = {
	{"touch; touch", prepare_value, touch_1, touch_2, judge_touch_touch},
	{"touch; mark", prepare_value, touch_1, mark, judge_touched_and_marked},
	{"touch of any stamp; mark", prepare_value, touch_any, mark, judge_touched_and_marked},
	{"touch of what was marked; mark", prepare_marked, touch_marked, mark, judge_touched_and_marked},
	{"touch; replace", prepare_value, touch_1, put_2, judge_touched_and_put},
	{"touch; relocation", prepare_value, touch_1, relocate_twice, judge_touched_and_moved},
	{"touch with the token of an integer; inc", prepare_integer, touch_with_token, increment, judge_token_of_integer},
	{"gets and put_if; mark", prepare_value, gets_and_put_if, mark, judge_put_and_marked},
	{"get_entry and put_if; mark", prepare_value, get_entry_and_put_if, mark, judge_put_and_marked},
	{"gets and put_if of a tagged value; invalidation", prepare_tagged, gets_and_put_if_tagged, invalidate_softly,
     judge_put_and_invalidated},
	{"gets and put_if of a tagged value; hard invalidation", prepare_tagged, gets_and_put_if_tagged, invalidate_hard,
     judge_put_and_invalidated},
	{"get_entry and put_if of a tagged value; invalidation", prepare_tagged, get_entry_and_put_if_tagged, invalidate_softly,
     judge_put_and_invalidated},
	{"get_entry of an integer; touch and inc", prepare_old_integer, get_entry, touch_and_increment, judge_stamp_and_integer},
	{"get_entry of an integer; number in its place", prepare_lasting_integer, get_entry, put_number_2, judge_stamp_and_number},
	{"get_entry of an integer with a ttl; number in its place", prepare_old_integer, get_entry, put_timed_number_2, judge_stamp_and_number},
	{"get_stale of an integer; touch and inc", prepare_stale_integer, get_stale, revive_and_increment, judge_state_and_integer},
	{"a look at a stale integer; touch and inc", prepare_stale_integer, look_at_stale, revive_and_increment, judge_state_and_integer},
	{"put_if; put_if", prepare_value, put_if_2, put_if_3, judge_number},
	{"put_if of an integer; inc", prepare_integer, put_if_100, increment, judge_put_if_and_inc},
	{"put_if; delete", prepare_value, put_if_2, delete_key, judge_gone},
	{"delete_if; mark", prepare_value, delete_if, mark, judge_deleted_if},
	{"put_if_changed; put_if_changed", prepare_value, change_to_2_at_3, change_to_3_at_2, judge_3_at_2},
	{"put_if_changed that renews; put_if_changed", prepare_value, renew_at_3, change_to_3_at_2, judge_3_at_2},
	{"put_if_changed that renews later; put_if_changed", prepare_value, renew_at_1, change_to_3_at_2, judge_1_at_1},
	{"put_if_changed that renews; mark", prepare_value, renew_at_1, mark, judge_renewed_and_marked},
	{"add over a stale entry; touch", prepare_stale, add_2, revive, judge_added_and_revived},
	{"get_stale; get_stale", prepare_stale, get_stale, get_stale, judge_lease_lease},
	{"get_stale of an absent key; get_stale", prepare_nothing, get_stale, get_stale, judge_lease_lease},
	{"get_stale; replace", prepare_stale, get_stale, put_2, judge_lease_and_put},
	{"get_stale; commit", prepare_lease, get_stale, commit_2, judge_lease_and_commit},
	{"get_stale; mark", prepare_value, get_stale, mark, judge_lease_and_mark},
	{"get_stale after the deadline; commit", prepare_late_lease, commit_2, get_stale, judge_committed_or_taken},
	{"release; get_stale", prepare_lease, release, get_stale, judge_released},
	{"put; commit that is refused, and a look", prepare_lease, put_2, commit_3_or_get, judge_refused},
	{"commit; commit", prepare_lease, commit_2, commit_3, judge_number},
	{"commit over an integer; inc", prepare_lease_of_integer, commit_100, increment, judge_put_if_and_inc},
	{"commit; delete", prepare_lease, commit_2, delete_key, judge_gone},
	{"commit; delete_if", prepare_lease_of_value, commit_2, delete_if, judge_committed_or_deleted},
	{"commit of an absent key; delete", prepare_lease_of_absent, commit_2, delete_key, judge_gone},
	{"commit; mark", prepare_lease, commit_2, mark, judge_not_fresh},
	{"commit; invalidation", prepare_lease_of_tagged, commit_tagged, invalidate_softly, judge_not_fresh},
	{"commit of an absent key; invalidation", prepare_lease_of_absent, commit_tagged, invalidate_hard, judge_not_fresh},
	{"put of a tagged value; invalidation", prepare_tagged, put_tagged, invalidate_softly, judge_put_and_tag},
	{"put of a tagged value; hard invalidation", prepare_nothing, put_tagged, invalidate_hard, judge_put_and_tag},
	{"get of an invalidated value; its record is given up", prepare_known_tag, get, invalidate_in_crowd,
     judge_never_there},
	{"get of a valid value; its tag's record is given up", prepare_known_tag_of_newer, get, invalidate_in_crowd,
     judge_always_there},
	{"invalidation; invalidation in a full set", prepare_full_set, invalidate_in_crowd, invalidate_in_crowd_too,
     judge_full_set},
	{"mark; delete", prepare_value, mark, delete_key, judge_gone},
	{"cas_lock; replace", prepare_locked, cas_lock_5_6, put_2, judge_lock_and_put_5},
	{"cas_lock for the first time; replace", prepare_value, cas_lock_0_6, put_2, judge_lock_and_put_0},
	{"cas_lock; cas_lock for the first time", prepare_value, cas_lock_0_6, cas_lock_0_7, judge_lock_lock},
	{"cas_lock; relocation", prepare_locked, cas_lock_5_6, relocate, judge_lock_and_move},
	{0},
};
