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
	int64_t soft_us, hard_us;
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

static enum store_state expected_state(const struct model *m)
{
	if (!m->present || world->wall_us >= m->hard_us) {
		return STORE_STATE_MISSING;
	}
	return world->wall_us < m->soft_us ? STORE_STATE_FRESH : STORE_STATE_STALE;
}

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
	CHECK_EQ(entry.soft_us, m->soft_us);
	CHECK_EQ(entry.hard_us, m->hard_us);
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
	m->soft_us = ttl ? world->wall_us + ttl : INT64_MAX;
	m->hard_us = ttl ? m->soft_us + stale : INT64_MAX;
	m->present = true;
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
		fresh.evictions = COUNTER_OF(run.handles[0], evictions);
		*m = fresh;
		/* Right after the store it is there. */
		if (expected_state(m) == STORE_STATE_FRESH && !has_key(any(), &key)) {
			m->evictions = 0;
			note_missing(m);
		}
	} else {
		CHECK(status == CACHE_NO_MEMORY && run.d->evicts);
		m->present = mode == STORE_ADD && m->present && there;
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
		*m = (struct model){.present = status == CACHE_OK, .type = STORE_INT, .integer = step, .soft_us = INT64_MAX,
		                    .hard_us = INT64_MAX, .evictions = COUNTER_OF(run.handles[0], evictions)};
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
			*m = (struct model){.present = true, .type = STORE_INT, .integer = step, .soft_us = INT64_MAX,
			                    .hard_us = INT64_MAX, .evictions = COUNTER_OF(run.handles[0], evictions)};
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

static void step(void)
{
	uint64_t dice = rng_below(&run.rng, 1000);
	unsigned i = any_key();

	run.operations++;
	if (dice < 400) {
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
	{"mixed values, 4 MB, full", 4 * MB, 12000, mixed, true},
	{"large values, 4 MB, full", 4 * MB, 500, large, true},
	{"medium values, 16 MB", 16 * MB, 3000, medium, false},
	{"large values, 16 MB, full", 16 * MB, 2500, large, true},
	{"mixed values, 64 MB, two shards", 64 * MB, 3000, mixed, false},
	{"large values, 64 MB, two shards", 64 * MB, 500, large, false},
};

static void run_model(const struct distribution *d)
{
	const unsigned steps = SLOW_BUILD ? 16000 : 40000, often = d->size > 4 * MB ? 8000 : 1000;

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
