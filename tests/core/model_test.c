/*
 * Random operations against a model: what is there must be what the model says; what is not there must have been
 * evicted, or not be in the model. Several handles of one process take turns, so that each write is read by others.
 */
#include "support.h"

#include <unistd.h>

#define SECOND INT64_C(1000000)
#define KEYS_MAX 12000
#define HANDLES 3

struct model {
	bool present;
	unsigned type;          /* STORE_STRING, STORE_INT, STORE_DOUBLE, STORE_NULL */
	size_t size;            /* of a string */
	uint64_t seed;
	int64_t integer;
	int64_t ttl, stale;     /* 0, or STORE_FOREVER */
	int64_t stamp;          /* negative: marked as stale then */
	int64_t invalidated;    /* when its tag was, softly; 0: not */
	uint64_t lock;
	bool tagged;
	uint64_t version;       /* 0: not looked at yet */
	uint64_t evictions;     /* when it was written */
};

struct distribution {
	const char *name;
	uint64_t size;          /* of the segment */
	unsigned keys;
	size_t (*value_size)(struct rng *rng);
	bool evicts;
};

static struct run {
	const struct distribution *d;
	struct store *handles[HANDLES];
	struct model models[KEYS_MAX];
	struct rng rng;
	uint64_t missing, operations;
} run;

static struct store *any(void) { return run.handles[rng_below(&run.rng, HANDLES)]; }
static struct store_key key_at(unsigned i) { return key_number(run.handles[0], "key", i); }

/* Some are asked for far more often than others. */
static unsigned any_key(void)
{
	uint64_t limit = rng_below(&run.rng, 4) ? run.d->keys : run.d->keys / 10 + 1;

	return (unsigned)rng_below(&run.rng, limit);
}

struct times {
	int64_t soft_us, hard_us;
};

static struct times times_of(const struct model *m)
{
	struct times t = {INT64_MAX, INT64_MAX};

	if (m->stamp < 0 || m->ttl > 0) {
		t.soft_us = m->stamp < 0 ? -m->stamp : m->stamp + m->ttl;
		t.hard_us = m->stale < 0 ? INT64_MAX : t.soft_us + m->stale;
	}
	if (m->invalidated && m->invalidated < t.soft_us) {
		int64_t hard = m->stale < 0 ? INT64_MAX : m->invalidated + m->stale;
		t.soft_us = m->invalidated;
		t.hard_us = hard < t.hard_us ? hard : t.hard_us;
	}
	return t;
}

static enum store_state expected_state(const struct model *m)
{
	struct times t = times_of(m);

	if (!m->present) {
		return STORE_STATE_MISSING;
	}
	if (m->stamp > 0 && !m->invalidated && world->wall_us < t.soft_us) {
		return STORE_STATE_FRESH;
	}
	return m->stale != 0 && world->wall_us < t.hard_us ? STORE_STATE_STALE : STORE_STATE_MISSING;
}

static bool is_there(const struct model *m) { return expected_state(m) != STORE_STATE_MISSING; }

/* The store says that it is not there: then it was evicted since. */
static void note_missing(struct model *m)
{
	CHECK(COUNTER_OF(run.handles[0], evictions) > m->evictions);
	CHECK(run.d->evicts);
	m->present = false;
	run.missing++;
}

static void check_view(const struct model *m, const struct store_view *view)
{
	CHECK_EQ(view->type, m->type);
	if (m->type == STORE_STRING) {
		CHECK_EQ(view->size, m->size);
		CHECK(value_is(view->bytes, m->size, m->seed));
		CHECK_EQ(view->flags, (uint8_t)m->seed);
	} else if (m->type != STORE_NULL) {
		CHECK_EQ(view->integer, m->integer);
	}
}

static void read_one(unsigned i)
{
	struct store *store = any();
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	struct store_view view;
	enum cache_status status = store_get(store, &key, &view);

	CHECK(status == CACHE_OK || status == CACHE_MISSING);
	if (status == CACHE_OK) {
		CHECK_EQ(expected_state(m), STORE_STATE_FRESH);
		check_view(m, &view);
		CHECK(m->version == 0 || m->version == view.version);
		m->version = view.version;
		store_unpin(store, view.pin);
	} else if (expected_state(m) == STORE_STATE_FRESH) {
		note_missing(m);
	}
}

static void inspect_one(unsigned i)
{
	struct store *store = any();
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	struct store_entry entry;

	if (store_inspect(store, &key, &entry) != CACHE_OK) {
		if (expected_state(m) != STORE_STATE_MISSING) {
			note_missing(m);
		}
		return;
	}
	CHECK_EQ(entry.state, expected_state(m));
	CHECK_EQ(entry.soft_us, times_of(m).soft_us);
	CHECK_EQ(entry.hard_us, times_of(m).hard_us);
	CHECK_EQ(entry.stamp_us, m->stamp);
	/* Where it was evicted in between, nobody knows. */
	CHECK(entry.lock == m->lock || (entry.lock == 0 && run.d->evicts));
	m->lock = entry.lock;
	CHECK_EQ(entry.ttl_us, m->ttl ? m->ttl : STORE_FOREVER);
	CHECK_EQ(entry.stale_ttl_us, m->stale);
	CHECK_EQ(entry.tag_count, m->tagged);
	CHECK(!m->tagged || memcmp(entry.tags, "\003tag", 4) == 0);
	check_view(m, &entry.view);
	store_unpin(store, entry.view.pin);
}

static int64_t any_duration(void)
{
	switch (rng_below(&run.rng, 4)) {
	case 0:
		return (int64_t)rng_below(&run.rng, 20000) * 1000;
	case 1:
		return rng_below(&run.rng, 3) ? 0 : STORE_FOREVER;
	default:
		return 0;
	}
}

/* The value that will be written under that key. */
static void choose_value(struct model *m, struct store_item *item, char *bytes)
{
	static const unsigned types[] = {
		STORE_STRING, STORE_STRING, STORE_STRING, STORE_INT, STORE_INT, STORE_DOUBLE, STORE_NULL,
	};
	int64_t ttl = any_duration(), stale = any_duration();

	*m = (struct model){.type = types[rng_below(&run.rng, COUNT_OF(types))], .seed = rng_next(&run.rng)};
	*item = (struct store_item){.type = (enum store_type)m->type, .ttl_us = ttl, .stale_ttl_us = stale};
	if (m->type == STORE_STRING) {
		m->size = run.d->value_size(&run.rng);
		value_fill(bytes, m->size, m->seed);
		item->bytes = bytes;
		item->size = m->size;
		item->flags = (uint8_t)m->seed;
	} else if (m->type != STORE_NULL) {
		m->integer = rng_below(&run.rng, 3) ? (int64_t)rng_below(&run.rng, 1000) : (int64_t)rng_next(&run.rng);
		item->integer = m->integer;
	}
	if (rng_below(&run.rng, 5) == 0) {
		m->tagged = true;
		item->tags = "\003tag";
		item->tags_size = 4;
		item->tag_count = 1;
	}
	m->ttl = ttl == STORE_FOREVER ? 0 : ttl;
	m->stale = stale;
	m->stamp = world->wall_us;
	m->present = true;
}

static void note_written(struct model *m, const struct model *fresh, const struct store_key *key)
{
	uint64_t lock = is_there(m) ? m->lock : 0;

	*m = *fresh;
	m->lock = lock;
	m->evictions = COUNTER_OF(run.handles[0], evictions);
	/* Right after the store it is there. */
	if (expected_state(m) == STORE_STATE_FRESH && !has_key(any(), key)) {
		m->evictions = 0;
		note_missing(m);
	}
}

static void write_one(unsigned i, enum store_mode mode)
{
	static char bytes[2 * MB];
	struct store_key key = key_at(i);
	struct store_item item;
	struct model fresh, *m = &run.models[i];
	enum cache_status status;
	bool there;

	choose_value(&fresh, &item, bytes);
	there = expected_state(m) == STORE_STATE_FRESH;
	status = store_put(any(), &key, &item, mode);
	if (mode == STORE_ADD && there) {
		if (status == CACHE_EXISTS) {
			return;
		}
		note_missing(m);
	}
	if (status == CACHE_OK) {
		note_written(m, &fresh, &key);
	} else {
		CHECK(status == CACHE_NO_MEMORY && run.d->evicts);
		m->present = mode == STORE_ADD && m->present; /* what is stale stays */
	}
}

static void delete_one(unsigned i)
{
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	enum cache_status status = store_delete(any(), &key);

	if (status == CACHE_OK) {
		CHECK(expected_state(m) != STORE_STATE_MISSING);
	} else {
		CHECK_STATUS(status, CACHE_MISSING);
		if (expected_state(m) != STORE_STATE_MISSING) {
			note_missing(m);
		}
	}
	m->present = false;
}

static void increment_one(unsigned i)
{
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	int64_t step = rng_below(&run.rng, 3) ? (int64_t)rng_below(&run.rng, 100) - 50 : (int64_t)rng_next(&run.rng);
	int64_t result, sum;
	bool there = expected_state(m) == STORE_STATE_FRESH;
	enum cache_status status;

	if (there && !has_key(any(), &key)) {
		note_missing(m);
		there = false;
	}
	status = store_increment(any(), &key, step, 0, &result);
	if (!there) {
		CHECK(status == CACHE_OK || status == CACHE_NO_MEMORY);
		*m = (struct model){.present = status == CACHE_OK, .type = STORE_INT, .integer = step, .stamp = world->wall_us,
		                    .lock = is_there(m) ? m->lock : 0, .evictions = COUNTER_OF(run.handles[0], evictions)};
		CHECK(status != CACHE_OK || result == step);
	} else if (m->type != STORE_INT) {
		CHECK_STATUS(status, CACHE_WRONG_TYPE);
	} else if (__builtin_add_overflow(m->integer, step, &sum)) {
		CHECK_STATUS(status, CACHE_OVERFLOW);
	} else if (status == CACHE_OK) {
		/* Or it was evicted for the block of the larger integer, and began anew. */
		if (result == sum) {
			m->integer = sum;
		} else {
			CHECK(run.d->evicts);
			CHECK_EQ(result, step);
			*m = (struct model){.present = true, .type = STORE_INT, .integer = step, .stamp = world->wall_us,
			                    .evictions = COUNTER_OF(run.handles[0], evictions)};
		}
	} else {
		CHECK(status == CACHE_NO_MEMORY && run.d->evicts);
	}
}

static void swap_one(unsigned i)
{
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	int64_t expected = rng_below(&run.rng, 2) ? m->integer : 5;
	int64_t desired = (int64_t)rng_next(&run.rng) >> rng_below(&run.rng, 60);
	enum cache_status status = store_cas(any(), &key, expected, desired);

	if (expected_state(m) != STORE_STATE_FRESH) {
		CHECK_STATUS(status, CACHE_MISSING);
	} else if (status == CACHE_MISSING) {
		note_missing(m);
	} else if (m->type != STORE_INT) {
		CHECK_STATUS(status, CACHE_WRONG_TYPE);
	} else if (expected != m->integer) {
		CHECK_STATUS(status, CACHE_MISMATCH);
	} else if (status == CACHE_OK) {
		m->integer = desired;
	} else {
		CHECK(status == CACHE_NO_MEMORY && run.d->evicts);
	}
}

/* ---- words, tokens, leases --------------------------------------------------------------------------------------- */

/* The token of what is there, and whether something is: what the model knows of evictions is brought up to date. */
static uint64_t token_of_one(unsigned i)
{
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	struct store *store = any();
	struct store_entry entry;
	uint64_t token;

	if (store_inspect(store, &key, &entry) != CACHE_OK) {
		if (is_there(m)) {
			note_missing(m);
		}
		return 0;
	}
	CHECK(is_there(m));
	token = store_token(&entry.view);
	store_unpin(store, entry.view.pin);
	return token;
}

static void mark_one(unsigned i)
{
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	enum cache_status status = store_mark_stale(any(), &key);

	if (status == CACHE_MISSING && is_there(m)) {
		note_missing(m);
	}
	CHECK_EQ(status == CACHE_OK, is_there(m));
	if (is_there(m)) {
		/* No two marks have one time. */
		m->stamp = m->stamp < 0 && -m->stamp >= world->wall_us ? m->stamp - 1 : -world->wall_us;
		m->version = 0;
	}
}

static void touch_one(unsigned i)
{
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	struct store_touch wanted = {.any = rng_below(&run.rng, 2), .expected_us = m->stamp};
	enum cache_status expected;

	wanted.has_token = rng_below(&run.rng, 2);
	wanted.token = token_of_one(i);
	wanted.new_us = rng_below(&run.rng, 2) ? 0 : world->wall_us - (int64_t)rng_below(&run.rng, 10) * SECOND;
	expected = !is_there(m) || m->invalidated ? CACHE_MISSING : wanted.any && m->stamp < 0 ? CACHE_MISMATCH : CACHE_OK;
	if (expected == CACHE_OK && rng_below(&run.rng, 4) == 0) {
		wanted.any = false;
		wanted.expected_us++;
		expected = CACHE_MISMATCH;
	}
	enum cache_status status = store_touch(any(), &key, &wanted);
	if (expected == CACHE_MISSING && wanted.has_token) {
		CHECK(status == CACHE_MISSING || status == CACHE_MISMATCH);
	} else {
		CHECK_STATUS(status, expected);
	}
	if (status == CACHE_OK) {
		m->stamp = wanted.new_us ? wanted.new_us : world->wall_us;
	}
}

static void lock_one(unsigned i)
{
	struct store_key key = key_at(i);
	struct model *m = &run.models[i];
	uint64_t next = rng_next(&run.rng) & STORE_LOCK_MAX;

	inspect_one(i);
	CHECK_STATUS(store_cas_lock(any(), &key, m->lock ^ 1, 5), is_there(m) ? CACHE_MISMATCH : CACHE_MISSING);
	CHECK_STATUS(store_cas_lock(any(), &key, m->lock, next), is_there(m) ? CACHE_OK : CACHE_MISSING);
	m->lock = next;
}

static void write_by_token(unsigned i)
{
	static char bytes[2 * MB];
	struct store_key key = key_at(i);
	struct store_item item;
	struct model fresh, *m = &run.models[i];
	uint64_t token = token_of_one(i);
	enum cache_status status;

	choose_value(&fresh, &item, bytes);
	if (rng_below(&run.rng, 4) == 0) {
		CHECK_STATUS(store_put_if(any(), &key, &item, token + 2), CACHE_MISMATCH);
		return;
	}
	status = store_put_if(any(), &key, &item, token);
	if (status == CACHE_OK) {
		note_written(m, &fresh, &key);
	} else {
		/* No room, or it was evicted to make some. */
		CHECK((status == CACHE_NO_MEMORY || (status == CACHE_MISMATCH && token)) && run.d->evicts);
		m->present = false;
	}
}

static void delete_by_token(unsigned i)
{
	struct store_key key = key_at(i);
	uint64_t token = token_of_one(i);

	CHECK_STATUS(store_delete_if(any(), &key, token + 2), CACHE_MISMATCH);
	CHECK_STATUS(store_delete_if(any(), &key, token), token ? CACHE_OK : CACHE_MISMATCH);
	run.models[i].present = false;
}

/* What is there, or something else. */
static void write_what_may_be_there(unsigned i)
{
	static char bytes[2 * MB];
	struct store_key key = key_at(i);
	struct store_item item;
	struct model fresh, *m = &run.models[i];
	bool same = rng_below(&run.rng, 2), renewed;
	enum cache_status status;

	(void)token_of_one(i);
	choose_value(&fresh, &item, bytes);
	if (same && is_there(m)) {
		fresh = *m;
		fresh.stamp = world->wall_us;
		fresh.invalidated = 0;
		item = (struct store_item){.type = (enum store_type)m->type, .ttl_us = m->ttl, .stale_ttl_us = m->stale};
		if (m->type == STORE_STRING) {
			value_fill(bytes, m->size, m->seed);
			item.bytes = bytes;
			item.size = m->size;
			item.flags = (uint8_t)m->seed;
		} else if (m->type != STORE_NULL) {
			item.integer = m->integer;
		}
		if (m->tagged) {
			item.tags = "\003tag";
			item.tags_size = 4;
			item.tag_count = 1;
		}
		same = !m->invalidated;
		fresh.version = same ? m->version : 0;
	} else {
		same = false;
	}
	status = store_put_if_changed(any(), &key, &item, false, 0, &renewed);
	if (same) {
		CHECK_OK(status);
		CHECK(renewed);
		*m = fresh;
	} else if (status == CACHE_OK) {
		CHECK(!renewed || (m->type == fresh.type && m->type != STORE_STRING)); /* two small numbers may be the same */
		if (renewed) {
			fresh.version = m->version;
		}
		note_written(m, &fresh, &key);
	} else {
		CHECK(status == CACHE_NO_MEMORY && run.d->evicts);
		m->present = false;
	}
}

/* Asks, and commits; sometimes the key is deleted or marked in between. */
static void rebuild_one(unsigned i)
{
	static const struct store_ask ask = {.lease_ns = 1000000000};
	static char bytes[2 * MB];
	struct store *store = any();
	struct store_key key = key_at(i);
	struct store_answer answer;
	struct store_item item;
	struct store_view view;
	struct model fresh, *m = &run.models[i];
	enum cache_status status = store_get_stale(store, &key, &ask, &view, &answer);

	if (status == CACHE_OK) {
		check_view(m, &view);
		store_unpin(store, view.pin);
	} else if (is_there(m)) {
		note_missing(m);
	}
	CHECK_EQ(answer.state, expected_state(m));
	CHECK_EQ(answer.lease > 0, answer.state != STORE_STATE_FRESH);
	if (answer.lease <= 0) {
		return;
	}
	choose_value(&fresh, &item, bytes);
	switch (rng_below(&run.rng, 4)) {
	case 0:
		delete_one(i);
		CHECK_STATUS(store_commit(any(), &key, (uint64_t)answer.lease, &item), CACHE_MISMATCH);
		break;
	case 1:
		mark_one(i);
		CHECK_STATUS(store_commit(any(), &key, (uint64_t)answer.lease, &item), CACHE_MISMATCH);
		break;
	default:
		status = store_commit(any(), &key, (uint64_t)answer.lease, &item);
		if (status == CACHE_OK) {
			note_written(m, &fresh, &key);
		} else {
			CHECK(status == CACHE_NO_MEMORY && run.d->evicts); /* the old value is as it was */
		}
	}
}

static void invalidate_tag(void)
{
	bool hard = rng_below(&run.rng, 2);

	/* A tag's record knows its last soft invalidation alone: what an earlier one made missing would be stale again. */
	for (unsigned i = 0; i < run.d->keys; i++) {
		struct model *m = &run.models[i];
		struct store_key key = key_at(i);
		if (m->present && m->tagged && !is_there(m)) {
			CHECK_STATUS(store_delete(any(), &key), CACHE_MISSING);
			m->present = false;
		}
	}
	CHECK_EQ(store_invalidate_tags(any(), "\003tag\004none", 9, hard), 2);
	for (unsigned i = 0; i < run.d->keys; i++) {
		struct model *m = &run.models[i];
		if (m->tagged && hard) {
			m->present = false;
		} else if (m->tagged) {
			m->invalidated = world->wall_us;
		}
	}
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static void walked(void *context, const struct store_entry *entry)
{
	unsigned char *seen = context;
	unsigned i;
	char name[32] = "";

	memcpy(name, entry->key, entry->key_length < 31 ? entry->key_length : 31);
	CHECK_EQ(sscanf(name, "key:%u", &i), 1);
	CHECK(i < run.d->keys && !seen[i]);
	seen[i] = 1;
	CHECK_EQ(entry->state, expected_state(&run.models[i]));
	check_view(&run.models[i], &entry->view);
}

static void walk_all(void)
{
	static unsigned char seen[KEYS_MAX];
	struct store_cursor cursor = {0};
	struct store *store = any();

	memset(seen, 0, sizeof seen);
	while (!cursor.done) {
		store_walk(store, &cursor, 1 + (uint32_t)rng_below(&run.rng, 100), walked, seen);
	}
	for (unsigned i = 0; i < run.d->keys; i++) {
		if (!seen[i] && expected_state(&run.models[i]) != STORE_STATE_MISSING) {
			note_missing(&run.models[i]);
		}
	}
}

static void clear_all(void)
{
	store_clear(any());
	for (unsigned i = 0; i < run.d->keys; i++) {
		run.models[i].present = false;
	}
}

/* All processes go, and come back. */
static void close_and_open(void)
{
	for (int i = 0; i < HANDLES; i++) {
		close_store(run.handles[i]);
	}
	for (int i = 0; i < HANDLES; i++) {
		run.handles[i] = open_store(run.d->size);
		CHECK_EQ(open_message[0], 0);
	}
}

static void other_step(void)
{
	static void (*const steps[])(unsigned i) = {
		mark_one, touch_one, lock_one, write_by_token, delete_by_token, write_what_may_be_there, rebuild_one, rebuild_one,
	};

	if (rng_below(&run.rng, 100) == 0) {
		invalidate_tag();
	} else {
		steps[rng_below(&run.rng, COUNT_OF(steps))](any_key());
	}
}

static void step(void)
{
	uint64_t dice = rng_below(&run.rng, 1300);
	unsigned i = any_key();

	run.operations++;
	if (dice >= 1000) {
		other_step();
	} else if (dice < 400) {
		read_one(i);
	} else if (dice < 650) {
		write_one(i, STORE_SET);
	} else if (dice < 720) {
		write_one(i, STORE_ADD);
	} else if (dice < 790) {
		delete_one(i);
	} else if (dice < 870) {
		increment_one(i);
	} else if (dice < 900) {
		swap_one(i);
	} else if (dice < 970) {
		inspect_one(i);
	} else if (dice < 990) {
		clock_advance((int64_t)rng_below(&run.rng, 200000));
	} else if (dice < 997) {
		clock_advance((int64_t)rng_below(&run.rng, 2000000));
		store_sweep(any());
	} else if (dice < 999) {
		walk_all();
	} else if (rng_below(&run.rng, 20) == 0) {
		clear_all();
	} else {
		close_and_open();
	}
}

static size_t small(struct rng *rng) { return rng_below(rng, 200); }
static size_t modest(struct rng *rng) { return rng_below(rng, 1300); }
static size_t medium(struct rng *rng) { return rng_below(rng, 3000); }
static size_t mixed(struct rng *rng)
{
	size_t size = (size_t)4 << rng_below(rng, 13);

	return size + rng_below(rng, size);
}
static size_t large(struct rng *rng) { return 5000 + rng_below(rng, 60000); }

static const struct distribution distributions[] = {
	{"small values, 1 MB", MB, 1500, small, false},
	{"modest values, 1 MB, full", MB, 12000, modest, true},
	{"medium values, 1 MB, full", MB, 2500, medium, true},
	{"mixed values, 1 MB, full", MB, 1000, mixed, true},
	{"large values, 1 MB, full", MB, 100, large, true},
	{"medium values, 2 MB, full", 2 * MB, 12000, medium, true},
	{"mixed values, 3 MB, full", 3 * MB, 12000, mixed, true},
	{"large values, 4 MB, full", 4 * MB, 500, large, true},
	{"medium values, 16 MB", 16 * MB, 3000, medium, false},
	{"large values, 16 MB, full", 16 * MB, 2500, large, true},
	{"mixed values, 64 MB, two shards", 64 * MB, 3000, mixed, false},
	{"large values, 64 MB, two shards", 64 * MB, 500, large, false},
};

static void run_model(const struct distribution *d)
{
	const unsigned steps = SLOW_BUILD ? 30000 : 52000, often = d->size > 4 * MB ? 8000 : 1000;

	memset(&run, 0, sizeof run);
	run.d = d;
	run.rng.state = hash_mix(d->size + d->keys);
	for (int i = 0; i < HANDLES; i++) {
		run.handles[i] = open_store(d->size);
	}
	for (unsigned i = 0; i < steps; i++) {
		step();
		if (i % often == 0) {
			CHECK_VERIFIED(run.handles[0]);
		}
	}
	CHECK_VERIFIED(run.handles[1]);
	walk_all();
	/* A store under pressure loses some, but not nearly all. */
	CHECK(run.missing < run.operations / 3);
	CHECK(!d->evicts || run.missing > 0);
}

static void the_store_is_what_the_model_says(void **state) { run_model(*state); }

static int setup_with(void **state)
{
	void *initial = *state;
	int result = test_setup(state);

	*state = initial;
	return result;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[COUNT_OF(distributions)];

	for (size_t i = 0; i < COUNT_OF(distributions); i++) {
		tests[i] = (struct CMUnitTest){
			.name = distributions[i].name,
			.test_func = the_store_is_what_the_model_says,
			.setup_func = setup_with,
			.teardown_func = test_teardown,
			.initial_state = (void *)&distributions[i],
		};
	}
	return RUN(tests, argc, argv);
}
