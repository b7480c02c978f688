#include "steps.h"

#include "core/store/retire.h"

/* ---- delete --------------------------------------------------------------------------------------------- */

static void delete_says_whether_there_was_something(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_item item = item_string("value", 5);

	(void)state;
	CHECK_STATUS(store_delete(store, &key), CACHE_MISSING);
	put_text(store, "key", "value");
	CHECK_OK(store_delete(store, &key));
	CHECK_STATUS(store_delete(store, &key), CACHE_MISSING);
	CHECK_EQ(COUNTER_OF(store, deletes), 1);

	item.ttl_us = item.stale_ttl_us = 1000000;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	clock_advance(1500000);
	CHECK_OK(store_delete(store, &key)); /* stale is there */
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	clock_advance(2000000);
	CHECK_STATUS(store_delete(store, &key), CACHE_MISSING);
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	store_clear(store);
	CHECK_STATUS(store_delete(store, &key), CACHE_MISSING);
	CHECK_EQ(entry_bytes_in_use(store), 0);
	CHECK_VERIFIED(store);
}

static void deleted_memory_is_used_again(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < 100; i++) {
			struct store_key key = key_number(store, "key", i);
			CHECK_OK(put_value(store, &key, 3000 + round * 100, i));
		}
		for (unsigned i = 0; i < 100; i++) {
			struct store_key key = key_number(store, "key", i);
			CHECK_OK(store_delete(store, &key));
		}
	}
	CHECK_EQ(COUNTER_OF(store, evictions), 0);
	CHECK_EQ(entry_bytes_in_use(store), 0);
	CHECK_VERIFIED(store);
}

/* ---- clear ---------------------------------------------------------------------------------------------- */

static void look_after_the_clear(void *context)
{
	struct store *store = open_store(MB);

	flag_raise(0);
	flag_await(1);
	for (unsigned i = 0; i < 500; i++) {
		struct store_key key = key_number(store, "key", i);
		CHECK(!has_key(store, &key));
	}
	CHECK(!has(store, "number"));
	(void)context;
}

static void clear_is_immediate_for_all(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key;
	struct store_entry entry;
	pid_t process = child_start(look_after_the_clear, NULL);

	(void)state;
	flag_await(0);
	for (unsigned i = 0; i < 500; i++) {
		key = key_number(store, "key", i);
		CHECK_OK(put_value(store, &key, i * 2, i));
	}
	key = key_of(store, "number");
	CHECK_OK(put_int(store, &key, 5));
	for (int i = 0; i < 10; i++) {
		CHECK(has_key(store, &key)); /* read so often that reading leaves no trace */
	}
	store_clear(other);
	flag_raise(1);
	child_join(process);
	CHECK(!has_key(store, &key));
	CHECK_STATUS(store_inspect(store, &key, &entry), CACHE_MISSING);
	CHECK_STATUS(store_cas(store, &key, 5, 6), CACHE_MISSING);
	int64_t result;
	CHECK_OK(store_increment(store, &key, 1, 0, &result));
	CHECK_EQ(result, 1);
	CHECK_EQ(COUNTER_OF(store, clears), 1);
	put_text(other, "key:7", "after");
	CHECK(holds_text(store, "key:7", "after"));
	CHECK(!has(store, "key:8"));
	CHECK_VERIFIED(store);
}

static void clear_it(void *context) { store_clear(context); }

/* Its lock is released between the two steps: a clear in between takes the value along. */
static void a_value_being_built_is_cleared_too(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "key");
	uint64_t bytes;

	(void)state;
	put_text(store, "other", "value");
	CHECK(COUNTER_OF(store, stores) == 1);
	bytes = 0;
	for (int replace = 0; replace < 2; replace++) {
		if (replace) {
			put_text(store, "key", "old");
		}
		fault_call(FAULT_PINNED, 1, clear_it, other);
		CHECK_OK(put_value(store, &key, 3000, 1));
		CHECK(!has_key(store, &key));
		CHECK(!has_key(other, &key));
		CHECK_VERIFIED(store);
		CHECK_OK(put_value(store, &key, 3000, 2));
		CHECK(holds_value(store, &key, 3000, 2));
		CHECK_OK(store_delete(store, &key));
		CHECK_STATUS(store_delete(store, &key), CACHE_MISSING);
		bytes = entry_bytes_in_use(store);
	}
	CHECK(bytes < 200); /* at most the other entry, cleared and not yet swept */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(delete_says_whether_there_was_something),
		TEST(deleted_memory_is_used_again),
		TEST(clear_is_immediate_for_all),
		TEST(a_value_being_built_is_cleared_too),
	};

	return RUN(tests, argc, argv);
}
