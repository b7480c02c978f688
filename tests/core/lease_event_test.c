/*
 * What events do to an entry and to the lease of its key: API.md section 5. Each event has a model of what it does to the
 * entry's version, stamp, value and state; whether a commit is then good follows from the model.
 */
#include "entries.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/lease.h"
#include "core/store/room.h"

#define TTL (100 * SECOND)
#define STALE_TTL (1000 * SECOND)

#define FRESH STORE_STATE_FRESH
#define STALE STORE_STATE_STALE
#define MISSING STORE_STATE_MISSING

static struct store *store, *other;
static struct store_key key;

static struct model {
	bool present, plain;   /* plain: without durations and tags */
	int64_t value, stamp, soft_at;
	uint64_t version;
	bool new_version;      /* by the last event */
	int64_t lease;
	bool is_void;
	bool invalidated;      /* the tag of what is to be committed, since the grant */
	bool granted_present;
	int64_t granted_value;
	uint64_t granted_version;
} m;

static enum store_state model_state(void)
{
	int64_t now = world->wall_us, stale = m.plain ? 0 : STALE_TTL;
	int64_t soft = m.stamp < 0 ? -m.stamp : m.plain ? INT64_MAX / 2 : m.stamp + TTL, hard = soft + stale;

	if (!m.present) {
		return MISSING;
	}
	if (m.soft_at && m.soft_at < soft) {
		soft = m.soft_at;
		hard = m.soft_at + stale < hard ? m.soft_at + stale : hard;
	}
	if (m.stamp > 0 && !m.soft_at && now < soft) {
		return FRESH;
	}
	return stale && now < hard ? STALE : MISSING;
}

static bool is_there(void) { return model_state() != MISSING; }

static bool commit_is_good(void)
{
	return !m.is_void && !m.invalidated &&
	       (!is_there() || (m.granted_present && m.version == m.granted_version && m.value == m.granted_value));
}

static void stored(int64_t value, bool plain)
{
	m.present = m.new_version = m.is_void = true;
	m.plain = plain;
	m.value = value;
	m.stamp = world->wall_us;
	m.soft_at = 0;
}

static void gone(void)
{
	m.present = false;
	m.is_void = true;
}

static struct store_item item_of(int64_t value)
{
	struct store_item item = item_int(value);

	item.ttl_us = TTL;
	item.stale_ttl_us = STALE_TTL;
	item_tag(&item, "tag");
	return item;
}

/* ---- the events ---------------------------------------------------------------------------------------------- */

static void nothing(void) {}

static void put_it(void)
{
	struct store_item item = item_of(10);

	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	stored(10, false);
}

static void add_it(void)
{
	struct store_item item = item_of(20);

	if (model_state() == FRESH) {
		CHECK_STATUS(store_put(store, &key, &item, STORE_ADD), CACHE_EXISTS);
	} else {
		CHECK_OK(store_put(store, &key, &item, STORE_ADD));
		stored(20, false);
	}
}

static void put_by_token(void)
{
	struct store_item item = item_of(30);

	CHECK_OK(store_put_if(store, &key, &item, words_of(store, "key").token));
	stored(30, false);
}

static void put_by_another_token(void)
{
	struct store_item item = item_of(31);

	CHECK_STATUS(store_put_if(store, &key, &item, 5), CACHE_MISMATCH);
}

static void change_it(void)
{
	struct store_item item = item_of(40);
	bool renewed;

	item.integer = m.value + 1000;
	CHECK_OK(store_put_if_changed(store, &key, &item, false, 0, &renewed));
	CHECK(!renewed);
	stored(m.value + 1000, false);
}

static void change_nothing(void)
{
	struct store_item item = item_of(m.value);
	bool renewed;

	CHECK_OK(store_put_if_changed(store, &key, &item, false, 0, &renewed));
	CHECK_EQ(renewed, is_there() && !m.plain && !m.soft_at);
	if (renewed) {
		m.stamp = world->wall_us;
	} else {
		stored(m.value, false);
	}
}

static void change_too_late(void)
{
	struct store_item item = item_of(50);
	bool renewed;

	if (is_there()) {
		item.stamp_us = (m.stamp < 0 ? -m.stamp : m.stamp) - 1;
		CHECK_STATUS(store_put_if_changed(store, &key, &item, false, 0, &renewed), CACHE_MISMATCH);
	}
}

static void fail_to_put(void)
{
	struct store_item item = {.type = STORE_STRING, .bytes = "", .size = 4 * MB};

	CHECK_STATUS(store_put(store, &key, &item, STORE_SET), CACHE_TOO_BIG);
	gone();
}

static void commit_it(void)
{
	struct store_item item = item_of(60);
	bool good = commit_is_good();

	CHECK_STATUS(store_commit(store, &key, (uint64_t)m.lease, &item), good ? CACHE_OK : CACHE_MISMATCH);
	if (good) {
		stored(60, false);
	}
	m.is_void = true;
}

static void delete_it(void)
{
	CHECK_STATUS(store_delete(store, &key), is_there() ? CACHE_OK : CACHE_MISSING);
	gone();
}

static void delete_by_token(void)
{
	uint64_t token = words_of(store, "key").token;

	CHECK_STATUS(store_delete_if(store, &key, token ^ 2), CACHE_MISMATCH);
	CHECK_STATUS(store_delete_if(store, &key, token), is_there() ? CACHE_OK : CACHE_MISMATCH);
	if (is_there()) {
		gone();
	}
}

static void clear_it(void)
{
	store_clear(store);
	gone();
}

static void invalidate_hard(void)
{
	invalidate_tags(store, "tag", true);
	m.present = m.present && m.plain;
	m.is_void |= m.granted_present;
	m.invalidated = true;
}

static void invalidate_softly(void)
{
	invalidate_tags(store, "tag", false);
	if (m.present && !m.plain) {
		m.soft_at = world->wall_us;
	}
	m.is_void |= m.granted_present;
	m.invalidated = true;
}

static void invalidate_another(void) { invalidate_tags(store, "gat", true); }

static void mark_it(void)
{
	bool there = is_there();

	CHECK_STATUS(store_mark_stale(store, &key), there ? CACHE_OK : CACHE_MISSING);
	if (there) {
		m.new_version = true;
		m.stamp = -world->wall_us;
	}
	m.is_void = true;
}

static void touch_any(void)
{
	const struct store_touch touch = {.any = true};
	bool touched = is_there() && !m.soft_at && m.stamp > 0;

	CHECK_STATUS(store_touch(store, &key, &touch), touched ? CACHE_OK : !is_there() || m.soft_at ? CACHE_MISSING : CACHE_MISMATCH);
	m.stamp = touched ? world->wall_us : m.stamp;
}

static void touch_what_is_there(void)
{
	const struct store_touch touch = {.expected_us = m.stamp};
	bool touched = is_there() && !m.soft_at;

	CHECK_STATUS(store_touch(store, &key, &touch), touched ? CACHE_OK : CACHE_MISSING);
	m.stamp = touched ? world->wall_us : m.stamp;
}

static void add_to_it(int64_t step)
{
	int64_t result;

	CHECK_OK(store_increment(store, &key, step, 0, &result));
	if (model_state() == FRESH) {
		m.value += step;
	} else {
		stored(step, true);
	}
	CHECK_EQ(result, m.value);
}

static void increment_it(void) { add_to_it(1); }
static void decrement_it(void) { add_to_it(-1); }

static void swap_it(void)
{
	bool fresh = model_state() == FRESH;

	CHECK_STATUS(store_cas(store, &key, m.value, m.value + 100), fresh ? CACHE_OK : CACHE_MISSING);
	m.value += fresh ? 100 : 0;
}

static void lock_it(void)
{
	CHECK_STATUS(store_cas_lock(store, &key, words_of(store, "key").lock, 7), is_there() ? CACHE_OK : CACHE_MISSING);
}

static link_t link_of_key(const struct shard_ref *r)
{
	atomic_u64 *slot = index_find(r, &key);

	return slot ? place_link(r, word_granule(load_relaxed(slot))) : 0;
}

static void evict_it(void)
{
	struct shard_ref r = lock_shard(store, 0);
	link_t link = link_of_key(&r);

	if (link) {
		evict_entry(&r, link, world->wall_us);
	}
	shard_unlock(&r);
	m.present = false;
}

static void relocate_it(void)
{
	struct shard_ref r = lock_shard(store, 0);
	link_t link = link_of_key(&r), target = link ? slab_take(&r, block_class(&r, link)) : 0;

	CHECK(!link || (target && entry_relocate(&r, link, target, NULL, NULL)));
	shard_unlock(&r);
}

static void wait_until_stale(void) { clock_advance(TTL); }
static void wait_until_missing(void) { clock_advance(TTL + STALE_TTL); }

static void pass_the_deadline(void) { clock_skip_monotonic(200000 * NS_PER_MS); }

static void take_it_over(void)
{
	int64_t lease;

	pass_the_deadline();
	lease = store_lease(other, &key, 100000 * NS_PER_MS);
	CHECK(lease > 0);
	CHECK(store_lease_release(other, &key, (uint64_t)lease));
	m.is_void = true;
}

static void extend_it(void)
{
	/* Whether it is good, whatever the entry is. */
	CHECK_EQ(store_lease_extend(store, &key, (uint64_t)m.lease, 100000 * NS_PER_MS), !m.is_void);
}

static void release_it(void)
{
	CHECK_EQ(store_lease_release(store, &key, (uint64_t)m.lease), !m.is_void);
	m.is_void = true;
}

static const struct event {
	const char *name;
	void (*act)(void);
} events[] = {
#define EVENT(function) {#function, function}
	EVENT(nothing), EVENT(put_it), EVENT(add_it), EVENT(put_by_token), EVENT(put_by_another_token), EVENT(change_it),
	EVENT(change_nothing), EVENT(change_too_late), EVENT(fail_to_put), EVENT(commit_it), EVENT(delete_it),
	EVENT(delete_by_token), EVENT(clear_it), EVENT(invalidate_hard), EVENT(invalidate_softly), EVENT(invalidate_another),
	EVENT(mark_it), EVENT(touch_any), EVENT(touch_what_is_there), EVENT(increment_it), EVENT(decrement_it), EVENT(swap_it),
	EVENT(lock_it), EVENT(evict_it), EVENT(relocate_it), EVENT(wait_until_stale), EVENT(wait_until_missing),
	EVENT(pass_the_deadline), EVENT(take_it_over), EVENT(extend_it), EVENT(release_it),
};

/* ---- one after the other --------------------------------------------------------------------------------------- */

enum initial { IS_FRESH, IS_STALE, IS_MARKED, IS_EXPIRED, IS_ABSENT, INITIALS };

static void begin(enum initial initial)
{
	int64_t lease;

	store_release_leases(store);
	(void)!store_delete(store, &key);
	memset(&m, 0, sizeof m);
	if (initial != IS_ABSENT) {
		put_it();
		if (initial == IS_STALE) {
			wait_until_stale();
		} else if (initial == IS_MARKED) {
			mark_it();
		} else if (initial == IS_EXPIRED) {
			wait_until_missing();
		}
	}
	m.version = words_of(store, "key").version;
	m.is_void = m.new_version = false;
	m.granted_present = is_there();
	m.granted_value = m.value;
	m.granted_version = m.version;
	lease = store_lease(store, &key, 100000 * NS_PER_MS);
	CHECK(lease > 0);
	m.lease = lease;
}

static uint64_t newest;

static void act(const struct event *event)
{
	struct words now;

	clock_advance(MS);
	m.new_version = false;
	event->act();
	now = words_of(store, "key");
	CHECK_EQ(now.state, model_state());
	if (!is_there()) {
		CHECK_EQ(now.version, 0);
		return;
	}
	if (m.new_version) {
		CHECK(now.version > newest); /* never one that there was before */
	} else {
		CHECK_EQ(now.version, m.version);
	}
	m.version = now.version;
	newest = now.version > newest ? now.version : newest;
	CHECK_EQ(now.stamp_us, m.stamp);
	if (now.state == FRESH) {
		CHECK_EQ(int_at(store, "key"), m.value);
	}
}

static void check_commit(void)
{
	struct store_item item = item_of(123456);
	bool good = commit_is_good();

	clock_advance(MS);
	CHECK_STATUS(store_commit(store, &key, (uint64_t)m.lease, &item), good ? CACHE_OK : CACHE_MISMATCH);
	CHECK_EQ(model_state() == FRESH || good, has(store, "key"));
	CHECK_EQ(good, has(store, "key") && int_at(store, "key") == 123456);
	CHECK_STATUS(store_commit(store, &key, (uint64_t)m.lease, &item), CACHE_MISMATCH);
}

static void open_both(void)
{
	store = open_store(MB);
	other = open_store(MB);
	key = key_of(store, "key");
	newest = 0;
}

static void each_event(void **state)
{
	(void)state;
	open_both();
	for (int initial = 0; initial < INITIALS; initial++) {
		for (size_t i = 0; i < COUNT_OF(events); i++) {
			begin((enum initial)initial);
			act(&events[i]);
			check_commit();
			CHECK_VERIFIED(store);
		}
	}
}

/* As the table says, independently of the model. */
static void the_table(void **state)
{
	static const struct {
		void (*act)(void);
		bool commits;
	} rows[] = {
		{put_it, false}, {put_by_token, false}, {change_it, false}, {fail_to_put, false}, {delete_it, false}, {clear_it, false},
		{invalidate_hard, false}, {mark_it, false}, {invalidate_softly, false}, {touch_any, true}, {change_nothing, true},
		{increment_it, false}, {decrement_it, false}, {swap_it, false}, {evict_it, true}, {relocate_it, true},
		{wait_until_missing, true}, {pass_the_deadline, true}, {take_it_over, false},
	};
	struct store_item item;

	(void)state;
	open_both();
	item = item_of(123456);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin(IS_FRESH);
		clock_advance(MS);
		rows[i].act();
		if ((store_commit(store, &key, (uint64_t)m.lease, &item) == CACHE_OK) != rows[i].commits) {
			check_failed(__FILE__, __LINE__, "row %zu is wrong", i);
		}
	}
	begin(IS_ABSENT);
	delete_it(); /* also of an absent one */
	CHECK_STATUS(store_commit(store, &key, (uint64_t)m.lease, &item), CACHE_MISMATCH);
	begin(IS_ABSENT);
	add_it();
	CHECK_STATUS(store_commit(store, &key, (uint64_t)m.lease, &item), CACHE_MISMATCH);
}

static void each_event_after_each_other(void **state)
{
	(void)state;
	open_both();
	for (int initial = 0; initial < INITIALS; initial++) {
		for (size_t a = 0; a < COUNT_OF(events); a++) {
			for (size_t b = 0; b < COUNT_OF(events); b++) {
				begin((enum initial)initial);
				act(&events[a]);
				act(&events[b]);
				check_commit();
			}
			CHECK_VERIFIED(store);
		}
	}
}

static void longer_ways(void **state)
{
	struct rng rng = {42};

	(void)state;
	open_both();
	for (int i = 0; i < (SLOW_BUILD ? 4000 : 20000); i++) {
		begin((enum initial)rng_below(&rng, INITIALS));
		for (uint64_t steps = 3 + rng_below(&rng, 6); steps > 0; steps--) {
			act(&events[rng_below(&rng, COUNT_OF(events))]);
		}
		check_commit();
	}
	CHECK_VERIFIED(store);
}

/* ---- tags of the item that is committed --------------------------------------------------------------------------- */

static void tags_that_were_invalidated_since_the_grant(void **state)
{
	static const struct {
		const char *of_entry, *of_item, *invalidated;
		bool good;
	} cases[] = {
		{"a", "b", "a", false}, {"a", "b", "b", false}, {"a", "b", "c", true}, {"", "b", "b", false}, {"", "", "b", true},
		{"a", "", "a", false}, {"a b c", "d e f", "c", false}, {"a b c", "d e f", "f", false}, {NULL, "b", "b", false},
		{NULL, "b", "a", true}, {NULL, "", "a", true},
	};

	(void)state;
	open_both();
	for (size_t i = 0; i < COUNT_OF(cases) * 8; i++) {
		bool hard = i & 1, evicted = i & 2, before = i & 4;
		const char *of_entry = cases[i / 8].of_entry;
		struct store_item item = item_lasting("new", 0, 0, cases[i / 8].of_item);
		int64_t lease;
		store_release_leases(store);
		(void)!store_delete(store, &key);
		if (of_entry) {
			put_lasting(store, "key", "old", 0, STORE_FOREVER, of_entry);
			CHECK_OK(store_mark_stale(store, &key));
		}
		if (before) { /* what was invalidated before the grant does not matter */
			invalidate_tags(store, cases[i / 8].invalidated, false);
		}
		lease = ask_for_lease(store, "key");
		CHECK(lease > 0);
		if (evicted) {
			evict_it(); /* the lease knows the entry's tags */
		}
		if (!before) {
			invalidate_tags(store, cases[i / 8].invalidated, hard);
		}
		bool good = cases[i / 8].good || before;
		if ((store_commit(store, &key, (uint64_t)lease, &item) == CACHE_OK) != good) {
			check_failed(__FILE__, __LINE__, "case %zu: the commit is to be %s", i, good ? "good" : "refused");
		}
		if (good) {
			CHECK_STATE(store, "key", FRESH);
		}
	}
	CHECK_VERIFIED(store);
}

static void invalidate_b(void *context)
{
	(void)context;
	invalidate_tags(other, "b", true);
}

/* After the condition, before it is published: the entry is as old as the grant. */
static void a_commit_that_began_before_the_invalidation(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_PINNED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};
	unsigned met = 0;

	(void)state;
	open_both();
	for (size_t i = 0; i < COUNT_OF(points) * 2; i++) {
		struct store_item item = item_lasting("new", 0, 0, "b");
		int64_t lease;
		enum cache_status status;
		(void)!store_delete(store, &key);
		lease = ask_for_lease(store, "key");
		fault_none();
		fault_call(points[i % COUNT_OF(points)], 1, invalidate_b, NULL);
		status = store_commit(store, &key, (uint64_t)lease, &item);
		CHECK(status == CACHE_OK || status == CACHE_MISMATCH);
		if (fault_passes(points[i % COUNT_OF(points)])) { /* not FAULT_PINNED before there is a block in reserve */
			CHECK_STATE(store, "key", MISSING);
			met++;
		}
		fault_none();
	}
	CHECK(met >= 7);
}

/* The stamp counts for commits, too. */
static void a_commit_with_a_stamp_of_before_an_invalidation(void **state)
{
	struct store_item item;
	int64_t lease;

	(void)state;
	open_both();
	clock_advance(SECOND);
	invalidate_tags(store, "b", true);
	clock_advance(SECOND);
	lease = ask_for_lease(store, "key");
	item = item_lasting("new", 0, 0, "b");
	item.stamp_us = CLOCK_START;
	CHECK_OK(store_commit(store, &key, (uint64_t)lease, &item));
	CHECK_STATE(store, "key", MISSING);
}

/* ---- commits that fail otherwise ------------------------------------------------------------------------------------ */

static void a_commit_that_has_no_memory_leaves_the_old_value(void **state)
{
	struct store_item item = {.type = STORE_STRING, .bytes = "", .size = 4 * MB};
	struct words before;
	int64_t lease;

	(void)state;
	open_both();
	put_lasting(store, "key", "old", SECOND, STORE_FOREVER, "");
	clock_advance(2 * SECOND);
	lease = ask_for_lease(store, "key");
	before = words_of(store, "key");
	CHECK_STATUS(store_commit(store, &key, (uint64_t)lease, &item), CACHE_TOO_BIG);
	CHECK_EQ(words_of(store, "key").version, before.version);
	CHECK_STATE(store, "key", STALE);
	CHECK(ask_for_lease(store, "key") > lease); /* it has ended */
	CHECK_VERIFIED(store);
}

static int64_t leased;

static void commit_late(struct store *mine)
{
	CHECK_OK(commit_text(mine, "key", leased, "new"));
}

/* Killed in the middle of a commit: old or new, and nobody waits for the dead. */
static void a_committer_that_is_killed(void **state)
{
	static const enum cache_fault points[] = {FAULT_LOCKED, FAULT_BEFORE_PUBLISH, FAULT_AFTER_PUBLISH};

	(void)state;
	open_both();
	for (size_t i = 0; i < COUNT_OF(points) * 2; i++) {
		struct store *mine;
		pid_t pid;
		put_lasting(store, "key", "old", 0, STORE_FOREVER, "");
		CHECK_OK(store_mark_stale(store, &key));
		leased = ask_for_lease(store, "key");
		CHECK(leased > 0);
		mine = open_store(MB);
		fault_kill(points[i % COUNT_OF(points)], 1);
		pid = child_start((void (*)(void *))commit_late, mine);
		(void)child_wait(pid);
		fault_none();
		close_store(mine);
		put_text(store, "next", "value"); /* recovers the shard */
		CHECK_VERIFIED(store);
		if (points[i % COUNT_OF(points)] == FAULT_AFTER_PUBLISH) {
			CHECK(holds_text(store, "key", "new"));
		} else {
			CHECK_STATE(store, "key", STALE);
			/* The lease may have ended before: then the next asker gets it at once. */
			if (commit_text(store, "key", leased, "again") != CACHE_OK) {
				CHECK_OK(commit_text(store, "key", ask_for_lease(store, "key"), "again"));
			}
			CHECK(holds_text(store, "key", "again"));
		}
		store_release_leases(store);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_event),
		TEST(the_table),
		TEST(each_event_after_each_other),
		TEST(longer_ways),
		TEST(tags_that_were_invalidated_since_the_grant),
		TEST(a_commit_that_began_before_the_invalidation),
		TEST(a_commit_with_a_stamp_of_before_an_invalidation),
		TEST(a_commit_that_has_no_memory_leaves_the_old_value),
		TEST(a_committer_that_is_killed),
	};

	return RUN(tests, argc, argv);
}
