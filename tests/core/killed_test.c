#include "steps.h"

static void put_next(struct store *store)
{
	put_text(store, "next", "value");
}

/* ---- whoever comes next -------------------------------------------------------------------------------------- */

/* Whoever comes next finds the old or the new value and everything else, and no byte leaks. */
static void killed_at(enum cache_fault point, unsigned nth, void (*operation)(struct store *store), bool replace,
                      enum outcome expected)
{
	struct store *store = open_store(MB);
	struct store_key next = key_of(store, "next"), key = key_of(store, "key");
	uint64_t before, rebuilds;

	put_others(store);
	if (replace) {
		put_old(store);
	}
	before = entry_bytes_in_use(store);
	rebuilds = COUNTER_OF(store, rebuilds);
	if (!kill_at(point, nth, operation)) {
		check_failed(__FILE__, __LINE__, "the operation has no step %d number %u", point, nth);
	}
	CHECK_EQ(outcome_of(store), expected);
	put_text(store, "next", "value"); /* takes the lock of the dead */
	if (point != FAULT_PINNED) {
		CHECK_EQ(COUNTER_OF(store, rebuilds), rebuilds + 1);
	}
	CHECK_EQ(outcome_of(store), expected);
	check_others(store);
	CHECK_VERIFIED(store);
	owner_reap_all(&store->owner);
	CHECK_EQ(owner_count(store->segment), 1);
	CHECK(holds_text(store, "next", "value"));
	CHECK_OK(store_delete(store, &next));
	if (expected == (replace ? OLD : GONE)) {
		CHECK_EQ(entry_bytes_in_use(store), before);
	}
	CHECK_VERIFIED(store);
	CHECK_EQ(store_delete(store, &key) == CACHE_OK, expected != GONE);
	close_store(store);
}

static void killed_while_putting(void **state)
{
	/* built under the lock; in two steps; as a span */
	static const size_t sizes[] = {100, 300, 2000, 30000};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		new_size = sizes[i];
		for (int replace = 0; replace < 2; replace++) {
			enum outcome before = replace ? OLD : GONE;
			killed_at(FAULT_LOCKED, 1, put_new, replace, before);
			killed_at(FAULT_BEFORE_PUBLISH, 1, put_new, replace, before);
			killed_at(FAULT_AFTER_PUBLISH, 1, put_new, replace, NEW);
			if (new_size > 1024) {
				killed_at(FAULT_PINNED, 1, put_new, replace, before);
				killed_at(FAULT_LOCKED, 2, put_new, replace, before);
			}
		}
	}
}

static void killed_while_deleting(void **state)
{
	(void)state;
	new_size = 100;
	killed_at(FAULT_LOCKED, 1, delete_key, true, OLD);
}

static void overflow_an_int(struct store *store)
{
	struct store_key key = key_of(store, "number");
	int64_t result;

	CHECK_OK(store_increment(store, &key, 1, 0, &result));
}

static void killed_while_an_int_outgrows_its_word(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "number");
	int64_t result;

	(void)state;
	CHECK_OK(put_int(store, &key, INT_WORD_MAX));
	CHECK(kill_at(FAULT_LOCKED, 1, overflow_an_int));
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(result, INT_WORD_MAX + 1);
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	CHECK_VERIFIED(store);
}

/* ---- whoever recovers may die as well -------------------------------------------------------------------- */

static void whoever_rebuilds_may_be_killed(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	put_others(store);
	put_old(store);
	new_size = 2000;
	CHECK(kill_at(FAULT_BEFORE_PUBLISH, 1, put_new));
	for (int i = 0; i < 3; i++) {
		CHECK(kill_at(FAULT_REBUILDING, 1, put_next));
	}
	CHECK(!has(store, "next"));
	put_text(store, "next", "value");
	CHECK_EQ(outcome_of(store), OLD);
	check_others(store);
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	owner_reap_all(&store->owner);
	CHECK_EQ(owner_count(store->segment), 1);
	CHECK_VERIFIED(store);
}

/* It may have lost its patience while it was stopped. */
static void put_next_or_not(struct store *store)
{
	struct store_key key = key_of(store, "next");
	enum cache_status status = put_int(store, &key, 1);

	CHECK(status == CACHE_OK || status == CACHE_BUSY);
}

static void whoever_rebuilds_may_be_stopped(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "mine");
	pid_t recoverer;

	(void)state;
	put_others(store);
	put_old(store);
	new_size = 300;
	CHECK(kill_at(FAULT_BEFORE_PUBLISH, 1, put_new));
	recoverer = stop_at(FAULT_REBUILDING, put_next_or_not);
	CHECK_STATUS(put_value(store, &key, 50, 1), CACHE_BUSY);
	CHECK_EQ(outcome_of(store), OLD); /* reads go on */
	check_others(store);
	child_continue(recoverer);
	child_join(recoverer);
	CHECK_OK(put_value(store, &key, 50, 1));
	CHECK_EQ(outcome_of(store), OLD);
	check_others(store);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(killed_while_putting),
		TEST(killed_while_deleting),
		TEST(killed_while_an_int_outgrows_its_word),
		TEST(whoever_rebuilds_may_be_killed),
		TEST(whoever_rebuilds_may_be_stopped),
	};

	return RUN(tests, argc, argv);
}
