#define _GNU_SOURCE
#include "entries.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "core/store/index.h"

enum { FLAG_GO = 1, FLAG_STOP = 2 };

#define FRESH STORE_STATE_FRESH
#define STALE STORE_STATE_STALE
#define MISSING STORE_STATE_MISSING

static enum cache_status put_if(struct store *store, const char *key, const char *text, uint64_t token)
{
	struct store_key k = key_of(store, key);
	struct store_item item = item_lasting(text, 10 * SECOND, 10 * SECOND, "tag");

	return store_put_if(store, &k, &item, token);
}

static enum cache_status delete_if(struct store *store, const char *key, uint64_t token)
{
	struct store_key k = key_of(store, key);

	return store_delete_if(store, &k, token);
}

static void put_old(struct store *store, const char *key) { put_lasting(store, key, "old", 10 * SECOND, 10 * SECOND, "tag"); }

/* ---- tokens ----------------------------------------------------------------------------------------------------- */

static const struct store_item all_types[] = {
	{.type = STORE_NULL}, {.type = STORE_FALSE}, {.type = STORE_TRUE}, {.type = STORE_INT}, {.type = STORE_INT, .integer = -7},
	{.type = STORE_INT, .integer = INT64_MIN}, {.type = STORE_DOUBLE, .real = 1}, {.type = STORE_STRING, .bytes = "x", .size = 1},
	{.type = STORE_SERIALIZED, .bytes = "i:1;", .size = 4},
};

static void a_token_is_good_for_one_write(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all_types); i++) {
		for (size_t k = 0; k < COUNT_OF(all_types); k++) {
			uint64_t token, next;
			CHECK_OK(store_put(store, &key, &all_types[i], STORE_SET));
			token = token_at(store, "key");
			CHECK(token != 0);
			CHECK_EQ(token, token_at(store, "key"));
			CHECK_STATUS(store_put_if(store, &key, &all_types[k], token + 2), CACHE_MISMATCH);
			CHECK_STATUS(store_put_if(store, &key, &all_types[k], 0), CACHE_MISMATCH);
			CHECK_EQ(token, token_at(store, "key"));
			CHECK_OK(store_put_if(store, &key, &all_types[k], token));
			next = token_at(store, "key");
			CHECK(next != token); /* also of the same value */
			CHECK_STATUS(store_put_if(store, &key, &all_types[k], token), CACHE_MISMATCH);
			CHECK_STATUS(store_delete_if(store, &key, token), CACHE_MISMATCH);
			CHECK_OK(store_delete_if(store, &key, next));
			CHECK_STATUS(store_delete_if(store, &key, next), CACHE_MISMATCH);
			CHECK_STATUS(store_put_if(store, &key, &all_types[k], next), CACHE_MISMATCH);
			CHECK(!has_key(store, &key));
			CHECK_VERIFIED(store);
		}
	}
}

static void token_0_is_that_of_nothing(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	CHECK_STATUS(delete_if(store, "key", 0), CACHE_MISMATCH);
	CHECK_OK(put_if(store, "key", "first", 0));
	CHECK_STATUS(put_if(store, "key", "second", 0), CACHE_MISMATCH);
	CHECK_STATUS(delete_if(store, "key", 0), CACHE_MISMATCH);
	CHECK(holds_text(store, "key", "first"));
	CHECK_EQ(COUNTER_OF(store, stores), 1);
	store_clear(store);
	CHECK_OK(put_if(store, "key", "third", 0));
	CHECK(holds_text(store, "key", "third"));
	CHECK_VERIFIED(store);
}

/*
 * For who holds a token the stale value is there, for whoever looks it is not. Once its tag was invalidated its token is another
 * one: what somebody made before is outdated, too.
 */
static void stale_is_there_for_a_token_that_is_held(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (int what = 0; what < 4; what++) {
		for (int how = 0; how < 2; how++) {
			enum cache_status held = how == 0 ? CACHE_OK : CACHE_MISMATCH;
			uint64_t token;
			(void)!delete_at(store, "key");
			put_old(store, "key");
			token = token_at(store, "key");
			if (how == 0) {
				clock_advance(15 * SECOND);
			} else {
				invalidate_tags(store, "tag", false);
			}
			CHECK_STATE(store, "key", STALE);
			CHECK_EQ(token_at(store, "key"), 0);
			switch (what) {
			case 0:
				CHECK_STATUS(put_if(store, "key", "new", token), held);
				CHECK_EQ(holds_text(store, "key", "new"), held == CACHE_OK);
				break;
			case 1:
				CHECK_OK(put_if(store, "key", "new", 0));
				CHECK(holds_text(store, "key", "new"));
				CHECK_STATUS(put_if(store, "key", "newer", token), CACHE_MISMATCH);
				break;
			case 2:
				CHECK_STATUS(delete_if(store, "key", token), held);
				CHECK_STATE(store, "key", held == CACHE_OK ? MISSING : STALE);
				break;
			default:
				CHECK_STATUS(delete_if(store, "key", 0), CACHE_MISMATCH);
				CHECK_STATE(store, "key", STALE);
			}
			CHECK_VERIFIED(store);
		}
	}
}

static void what_is_past_hard_has_no_token(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (int how = 0; how < 3; how++) {
		uint64_t token;
		put_old(store, "key");
		token = token_at(store, "key");
		if (how == 0) {
			clock_advance(20 * SECOND);
		} else if (how == 1) {
			invalidate_tags(store, "tag", true);
		} else {
			store_clear(store);
		}
		CHECK_STATUS(delete_if(store, "key", token), CACHE_MISMATCH);
		CHECK_STATUS(put_if(store, "key", "new", token), CACHE_MISMATCH);
		CHECK_STATE(store, "key", MISSING);
		CHECK_OK(put_if(store, "key", "new", 0));
		CHECK(holds_text(store, "key", "new"));
	}
	CHECK_VERIFIED(store);
}

static void a_token_does_not_outlive_the_value(void **state)
{
	struct store *store = open_store(MB);
	uint64_t token, marked;

	(void)state;
	put_old(store, "key");
	token = token_at(store, "key");
	CHECK_OK(mark_at(store, "key"));
	CHECK_STATUS(put_if(store, "key", "new", token), CACHE_MISMATCH);
	CHECK_STATUS(delete_if(store, "key", token), CACHE_MISMATCH);
	marked = words_of(store, "key").token;
	CHECK(marked != token);
	CHECK_OK(mark_at(store, "key"));
	CHECK_STATUS(put_if(store, "key", "new", marked), CACHE_MISMATCH); /* each mark */
	CHECK_OK(put_if(store, "key", "new", words_of(store, "key").token));

	token = token_at(store, "key");
	CHECK_OK(delete_at(store, "key"));
	put_old(store, "key");
	CHECK_STATUS(put_if(store, "key", "new", token), CACHE_MISMATCH);
	CHECK_STATUS(delete_if(store, "key", token), CACHE_MISMATCH);
	CHECK(holds_text(store, "key", "old"));
	CHECK_VERIFIED(store);
}

static void tokens_of_integers(void **state)
{
	static const int64_t values[] = {0, 1, -1, INT_WORD_MAX - 1, INT_WORD_MAX, INT_WORD_MAX + 5, INT_WORD_MIN, INT64_MIN + 2};
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "n");
	struct store_item item = item_int(1000);
	int64_t result;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		for (int how = 0; how < 3; how++) {
			uint64_t token, after;
			CHECK_OK(put_int(store, &key, values[i]));
			token = token_at(store, "n");
			CHECK_EQ(words_of(store, "n").token, token);
			if (how == 0) {
				CHECK_OK(store_increment(store, &key, 1, 0, &result));
			} else if (how == 1) {
				CHECK_OK(store_increment(store, &key, -1, 0, &result));
			} else {
				CHECK_OK(store_cas(store, &key, values[i], 77));
			}
			after = token_at(store, "n");
			CHECK(after != token);
			CHECK_STATUS(store_put_if(store, &key, &item, token), CACHE_MISMATCH);
			CHECK_STATUS(store_delete_if(store, &key, token), CACHE_MISMATCH);
			CHECK_OK(store_increment(store, &key, 0, 0, &result)); /* nothing stays frozen, and 0 changes nothing */
			CHECK_EQ(token_at(store, "n"), after);
			CHECK_OK(store_put_if(store, &key, &item, after));
			CHECK_EQ(int_at(store, "n"), 1000);
			CHECK_VERIFIED(store);
		}
	}
}

static void durations_and_tags_are_those_of_the_new_value(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_text(store, "key", "old");
	CHECK_OK(put_if(store, "key", "new", token_at(store, "key")));
	CHECK_EQ(words_of(store, "key").hard_us, CLOCK_START + 20 * SECOND);
	invalidate_tags(store, "tag", false);
	CHECK_STATE(store, "key", STALE);
}

/* ---- in the middle of a mark ------------------------------------------------------------------------------------- */

static struct entry *entry_at(struct store *store, const char *name)
{
	struct store_key key = key_of(store, name);
	struct shard_ref r = lock_shard(store, 0);
	struct entry *e = link_entry(&r, place_link(&r, word_granule(load_relaxed(index_find(&r, &key)))));

	shard_unlock(&r);
	return e;
}

static void walk_tokens(void *context, const struct store_entry *entry)
{
	*(uint64_t *)context = store_token(&entry->view);
}

/*
 * Between the steps of store_mark_stale(), which is stopped there: whoever reads now gets no token that is good after the
 * mark, whatever function he reads with.
 */
static void a_token_taken_during_a_mark_is_none(void **state)
{
	static const int64_t values[] = {-1, 5, INT64_MAX}; /* -1: a text */
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values) * 2; i++) {
		struct store_item item = values[i / 2] == -1 ? item_string("old", 3) : item_int(values[i / 2]);
		struct store_key key = key_of(store, "key");
		struct store_cursor cursor = {0};
		struct store_entry entry;
		struct store_view view;
		uint64_t tokens[5] = {0};
		struct entry *e;
		pid_t holder;
		item.stale_ttl_us = 100 * SECOND;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		e = entry_at(store, "key");
		tokens[0] = token_at(store, "key");
		holder = stop_with_lock(first_shard_lock);
		rmw_or(&e->stamp, STAMP_FROZEN);
		if (i % 2) {
			publish(&e->version, r.shard->version += 2);
		}
		CHECK_OK(store_gets(store, &key, &view, &tokens[1])); /* reading goes on */
		store_unpin(store, view.pin);
		CHECK_OK(store_get_entry(store, &key, &entry));
		tokens[2] = store_token(&entry.view);
		store_unpin(store, entry.view.pin);
		CHECK_OK(store_inspect(store, &key, &entry));
		tokens[3] = store_token(&entry.view);
		store_unpin(store, entry.view.pin);
		while (!cursor.done) {
			store_walk(store, &cursor, 1000, walk_tokens, &tokens[4]);
		}
		/* The rest of the mark, of whoever goes on. */
		index_note_expiry(&r, key.hash, world->wall_us + 100 * SECOND);
		if (i % 2 == 0) {
			publish(&e->version, r.shard->version += 2);
		}
		store_relaxed(&e->stamp, stamp_encode(-world->wall_us));
		child_continue(holder);
		child_join(holder);
		CHECK_STATE(store, "key", STALE);
		for (size_t k = 0; k < COUNT_OF(tokens); k++) {
			if (store_put_if(store, &key, &item, tokens[k]) != CACHE_MISMATCH) {
				check_failed(__FILE__, __LINE__, "token %zu of case %zu is still good", k, i);
			}
			CHECK(tokens[k] != 0);
		}
		CHECK_VERIFIED(store);
	}
}

static void mark_all_the_time(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	flag_await(FLAG_GO);
	jitter();
	while (!world->flags[FLAG_STOP]) {
		(void)!mark_at(store, "key");
	}
}

/* Who found it fresh read it before the mark: when it is stale his token is none, however close the two were. */
static void a_token_of_before_a_mark_never_stores(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	uint64_t begun = cache_posix_host.monotonic_ns(NULL);
	unsigned fresh = 0;
	pid_t marker = child_start(mark_all_the_time, NULL);

	(void)state;
	flag_raise(FLAG_GO);
	while (fresh < 1000 || (fresh < 60000 && cache_posix_host.monotonic_ns(NULL) < begun + 3000 * NS_PER_MS)) {
		struct store_item item = item_lasting("value", 0, STORE_FOREVER, "");
		struct store_entry entry;
		uint64_t token;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		CHECK_OK(store_get_entry(store, &key, &entry));
		token = store_token(&entry.view);
		store_unpin(store, entry.view.pin);
		if (entry.state != FRESH) {
			continue;
		}
		fresh++;
		while (has_key(store, &key)) {
			sched_yield();
		}
		CHECK_STATUS(store_put_if(store, &key, &item, token), CACHE_MISMATCH);
	}
	flag_raise(FLAG_STOP);
	child_join(marker);
	CHECK_VERIFIED(store);
}

/* ---- writes that fail --------------------------------------------------------------------------------------------- */

static void a_write_that_finds_no_memory(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item big = {.type = STORE_STRING, .bytes = "", .size = 4 * MB};
	bool renewed;

	(void)state;
	put_old(store, "key");
	CHECK_STATUS(store_put_if(store, &key, &big, token_at(store, "key") + 2), CACHE_MISMATCH);
	CHECK(holds_text(store, "key", "old")); /* it was none of his */
	CHECK_STATUS(store_put_if(store, &key, &big, 0), CACHE_MISMATCH);
	CHECK(holds_text(store, "key", "old"));
	CHECK_STATUS(store_put_if(store, &key, &big, token_at(store, "key")), CACHE_TOO_BIG);
	CHECK(!has(store, "key")); /* nor is there wrong data */
	CHECK_VERIFIED(store);

	put_old(store, "key");
	CHECK_STATUS(store_put_if_changed(store, &key, &big, true, 7, &renewed), CACHE_MISMATCH);
	big.stamp_us = CLOCK_START - 1;
	CHECK_STATUS(store_put_if_changed(store, &key, &big, false, 0, &renewed), CACHE_MISMATCH);
	CHECK(holds_text(store, "key", "old"));
	big.stamp_us = 0;
	CHECK_STATUS(store_put_if_changed(store, &key, &big, false, 0, &renewed), CACHE_TOO_BIG);
	CHECK(!has(store, "key"));
	CHECK_VERIFIED(store);
	CHECK_STATUS(store_put_if(store, &key, &big, 0), CACHE_TOO_BIG);
	CHECK(!has(store, "key"));
}

/* Not for lack of memory of the file system, nor because of what others have pinned. */
static void a_write_that_cannot_grow(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_view views[300];
	unsigned pinned = 0;

	(void)state;
	put_old(store, "key");
	for (unsigned i = 0; i < COUNT_OF(views); i++) {
		struct store_key other = key_number(store, "other", i);
		if (put_value(store, &other, 4000, i) != CACHE_OK || store_get(store, &other, &views[pinned]) != CACHE_OK) {
			break;
		}
		pinned++;
	}
	uint64_t token = words_of(store, "key").token;
	struct store_item item = {.type = STORE_STRING, .size = 300000};
	char *bytes = calloc(1, item.size);
	item.bytes = bytes;
	if (token) {
		CHECK_STATUS(store_put_if(store, &key, &item, token + 2), CACHE_MISMATCH);
	}
	enum cache_status status = store_put_if(store, &key, &item, token);
	CHECK_STATUS(status, CACHE_NO_MEMORY);
	CHECK(!has(store, "key"));
	free(bytes);
	store_unpin_all(store);
	CHECK_VERIFIED(store);
}

/* ---- a lock that is not to be had -------------------------------------------------------------------------------------- */

static void without_the_lock(void **state)
{
	struct store *store = open_store(MB);
	struct store_key number = key_of(store, "number"), text = key_of(store, "text");
	uint64_t token, text_token, other_token;
	bool renewed;
	pid_t holder;

	(void)state;
	CHECK_OK(put_int(store, &number, 5));
	put_old(store, "text");
	put_old(store, "other");
	put_old(store, "changed");
	token = token_at(store, "number");
	text_token = token_at(store, "text");
	other_token = token_at(store, "other");
	holder = stop_with_lock(first_shard_lock);
	/* The old value is as it was. */
	CHECK_STATUS(put_if(store, "text", "new", text_token), CACHE_BUSY);
	CHECK(holds_text(store, "text", "old"));
	CHECK_STATUS(put_if(store, "absent", "new", 0), CACHE_BUSY);
	/* A delete by token goes by the stamp; of a number it is refused. */
	CHECK_STATUS(store_delete_if(store, &number, token), CACHE_MISMATCH);
	CHECK_EQ(int_at(store, "number"), 5);
	CHECK_STATUS(delete_if(store, "other", text_token), CACHE_MISMATCH);
	CHECK(has(store, "other"));
	CHECK_OK(delete_if(store, "other", other_token));
	CHECK(!has(store, "other"));
	CHECK_STATUS(delete_if(store, "other", other_token), CACHE_MISMATCH);
	/* Whoever stores what is newer leaves nothing old behind. */
	struct store_item item = item_lasting("new", 10 * SECOND, 10 * SECOND, "tag");
	struct store_key changed = key_of(store, "changed");
	CHECK_STATUS(store_put_if_changed(store, &changed, &item, false, 0, &renewed), CACHE_BUSY);
	CHECK(!has(store, "changed"));
	/* The same value is renewed without the lock. */
	item = item_lasting("old", 10 * SECOND, 10 * SECOND, "tag");
	clock_advance(SECOND);
	CHECK_OK(store_put_if_changed(store, &text, &item, true, text_token, &renewed));
	CHECK(renewed);
	child_continue(holder);
	child_join(holder);
	CHECK(holds_text(store, "text", "old"));
	CHECK(!has(store, "other"));
	CHECK_OK(put_if(store, "text", "new", text_token));
	CHECK_VERIFIED(store);
}

/* Stopped between the condition and the commit. word 0: the token; flags say what came of it. */
enum { FLAG_STORED = 5 };

struct late {
	enum cache_fault point;
	int what; /* 0: a put by token; 1: if changed, by token; 2: if newer */
};

static void write_late(void *context)
{
	const struct late *late = context;
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_lasting("late", 10 * SECOND, 10 * SECOND, "tag");
	bool renewed;
	enum cache_status status;

	fault_stop(late->point, 1);
	status = late->what == 0 ? store_put_if(store, &key, &item, world->words[0])
	                         : store_put_if_changed(store, &key, &item, late->what == 1, world->words[0], &renewed);
	CHECK(status == CACHE_OK || status == CACHE_MISMATCH);
	if (status == CACHE_OK) {
		flag_raise(FLAG_STORED);
	}
}

static void a_stopped_writer_and_a_delete(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(points) * 6; i++) {
		struct late late = {points[i % COUNT_OF(points)], (int)(i / COUNT_OF(points) % 3)};
		bool by_token = i / (3 * COUNT_OF(points));
		bool deleted;
		pid_t writer;
		put_old(store, "key");
		world->words[0] = token_at(store, "key");
		world->flags[FLAG_STORED] = 0;
		writer = child_start(write_late, &late);
		child_await_stop(writer);
		deleted = (by_token ? delete_if(store, "key", world->words[0]) : delete_at(store, "key")) == CACHE_OK;
		CHECK(by_token || deleted);
		CHECK(!deleted || !has(store, "key"));
		child_continue(writer);
		child_join(writer);
		/* Of two who hold one token one wins. A delete that was acknowledged is not undone by a token of before. */
		if (late.what < 2 && deleted && (has(store, "key") || (by_token && world->flags[FLAG_STORED]))) {
			check_failed(__FILE__, __LINE__, "case %zu: stored by a token of what was deleted", i);
		}
		CHECK(!by_token || deleted || world->flags[FLAG_STORED]);
		CHECK(holds_text(store, "key", "late") || !has(store, "key"));
		CHECK_VERIFIED(store);
		(void)!delete_at(store, "key");
	}
}

static enum cache_status incremented;

static void increment_meanwhile(void *context)
{
	struct store_key key = key_of(context, "n");
	int64_t result;

	incremented = store_increment(context, &key, 1, 0, &result);
}

/* After the token was compared: refused, for it cannot be part of the new value. */
static void an_increment_behind_the_condition(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "n");
	struct store_item item = item_int(100);

	(void)state;
	CHECK_OK(put_int(store, &key, 5));
	fault_call(FAULT_BEFORE_PUBLISH, 1, increment_meanwhile, other);
	CHECK_OK(store_put_if(store, &key, &item, token_at(store, "n")));
	fault_none();
	CHECK_STATUS(incremented, CACHE_BUSY);
	CHECK_EQ(int_at(store, "n"), 100);
	CHECK_VERIFIED(store);
}

/* ---- what must not get lost -------------------------------------------------------------------------------------------- */

static void increment_by_token(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	uint64_t number = *(uint64_t *)context;

	flag_await(FLAG_GO);
	jitter();
	for (int i = 0; i < 2000;) {
		struct store_view view;
		struct store_item item;
		uint64_t token, value = 0;
		if (store_gets(store, &key, &view, &token) == CACHE_OK) {
			value = number < 4 ? (uint64_t)view.integer : strtoull(view.bytes, NULL, 10);
			store_unpin(store, view.pin);
		}
		char text[32];
		snprintf(text, sizeof text, "%020llu", (unsigned long long)value + 1);
		item = number < 4 ? item_int((int64_t)value + 1) : item_string(text, 21);
		enum cache_status status = store_put_if(store, &key, &item, token);
		CHECK(status == CACHE_OK || status == CACHE_MISMATCH || status == CACHE_BUSY);
		i += status == CACHE_OK;
	}
	world->words[number]++;
}

static void four_processes_lose_nothing(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (uint64_t first = 0; first < 8; first += 4) { /* numbers, texts */
		pid_t pids[4];
		world->flags[FLAG_GO] = 0;
		(void)!delete_at(store, "key");
		for (uint64_t i = 0; i < COUNT_OF(pids); i++) {
			uint64_t number = first + i;
			pids[i] = child_start(increment_by_token, &number);
		}
		flag_raise(FLAG_GO);
		for (size_t i = 0; i < COUNT_OF(pids); i++) {
			child_join(pids[i]);
		}
		if (first == 0) {
			CHECK_EQ(int_at(store, "key"), 8000);
		} else {
			char text[32];
			struct store_key key = key_of(store, "key");
			struct store_view view;
			snprintf(text, sizeof text, "%020u", 8000);
			CHECK_OK(store_get(store, &key, &view));
			CHECK(strcmp(view.bytes, text) == 0);
			store_unpin(store, view.pin);
		}
		CHECK_VERIFIED(store);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_good_for_one_write),
		TEST(token_0_is_that_of_nothing),
		TEST(stale_is_there_for_a_token_that_is_held),
		TEST(what_is_past_hard_has_no_token),
		TEST(a_token_does_not_outlive_the_value),
		TEST(tokens_of_integers),
		TEST(durations_and_tags_are_those_of_the_new_value),
		TEST(a_token_taken_during_a_mark_is_none),
		TEST(a_token_of_before_a_mark_never_stores),
		TEST(a_write_that_finds_no_memory),
		TEST(a_write_that_cannot_grow),
		TEST(without_the_lock),
		TEST(a_stopped_writer_and_a_delete),
		TEST(an_increment_behind_the_condition),
		TEST(four_processes_lose_nothing),
	};

	return RUN(tests, argc, argv);
}
