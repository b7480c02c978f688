#define _GNU_SOURCE
#include "steps.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* ---- the lock itself ------------------------------------------------------------------------------------ */

static void the_word_names_its_owner(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct owner_lock lock = {0};

	(void)state;
	CHECK_EQ(lock_owner(&lock), NO_SLOT);
	CHECK_OK(lock_acquire(&b->owner, &lock));
	CHECK_EQ(lock_owner(&lock), b->owner.slot);
	CHECK_STATUS(lock_wait(&a->owner, &lock), CACHE_BUSY);
	CHECK_EQ(lock_owner(&lock), b->owner.slot); /* the mark of a waiter is no part of the name */
	CHECK(lock.word & LOCK_WAITERS);
	lock_release(&lock);
	CHECK_EQ(lock.word, 0);
	CHECK_OK(lock_acquire(&a->owner, &lock));
	CHECK_EQ(lock_owner(&lock), a->owner.slot);
	lock_release(&lock);
}

static void a_mark_without_a_waiter_does_no_harm(void **state)
{
	struct store *store = open_store(MB);
	struct owner_lock lock = {store->owner.slot + 1};

	(void)state;
	lock.word |= LOCK_WAITERS;
	lock_release(&lock);
	CHECK_EQ(lock.word, 0);
}

/* Damage: there is nobody to recover from. */
static void a_word_that_names_a_free_slot_is_not_waited_for_forever(void **state)
{
	struct store *store = open_store(MB);
	struct owner_lock lock = {store->owner.slot + 1 + 1};

	(void)state;
	CHECK_STATUS(lock_wait(&store->owner, &lock), CACHE_BUSY);
}

/* Two steps on a word that only the lock protects. */
static void count_under_the_lock(void *context)
{
	struct store *store = open_store(MB);
	struct shard_ref r = shard_open(&store->owner, 0);
	volatile uint64_t *word = (volatile uint64_t *)&world->words[0];

	(void)context;
	flag_await(0);
	for (int i = 0; i < 3000; i++) {
		while (shard_lock(&r) != CACHE_OK) {
		}
		uint64_t seen = *word;
		for (volatile int spin = 0; spin < 20; spin++) {
		}
		*word = seen + 1;
		shard_unlock(&r);
	}
}

static void processes_exclude_each_other(void **state)
{
	enum { PROCESSES = 4 };
	struct store *store = open_store(MB);
	pid_t pids[PROCESSES];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = child_start(count_under_the_lock, NULL);
	}
	flag_raise(0);
	for (int i = 0; i < PROCESSES; i++) {
		child_join(pids[i]);
	}
	CHECK_EQ(world->words[0], PROCESSES * 3000);
	CHECK_VERIFIED(store);
}

static void *count_in_a_thread(void *context)
{
	count_under_the_lock(context);
	return NULL;
}

static void threads_exclude_each_other(void **state)
{
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		CHECK_EQ(pthread_create(&threads[i], NULL, count_in_a_thread, NULL), 0);
	}
	flag_raise(0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		pthread_join(threads[i], NULL);
	}
	CHECK_EQ(world->words[0], COUNT_OF(threads) * 3000);
}

/* ---- those who wait ------------------------------------------------------------------------------------- */

static void put_when_asked(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, context);
	enum cache_status status;

	flag_raise(1);
	do {
		status = put_value(store, &key, 64, 5);
		CHECK(status == CACHE_OK || status == CACHE_BUSY);
	} while (status != CACHE_OK);
	CHECK(holds_value(store, &key, 64, 5));
}

static void waiters_go_on_when_the_owner_is_killed(void **state)
{
	struct store *store = open_store(MB);
	pid_t holder, waiters[3];
	static const char *const keys[] = {"a", "b", "c"};

	(void)state;
	put_others(store);
	new_size = 100;
	holder = stop_at(FAULT_LOCKED, put_new);
	for (size_t i = 0; i < COUNT_OF(waiters); i++) {
		world->flags[1] = 0;
		waiters[i] = child_start(put_when_asked, (void *)keys[i]);
		flag_await(1);
	}
	usleep(20000);
	child_kill(holder);
	for (size_t i = 0; i < COUNT_OF(waiters); i++) {
		child_join(waiters[i]);
	}
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	CHECK(COUNTER_OF(store, lock_waits) >= 1);
	check_others(store);
	CHECK_VERIFIED(store);
}

static void a_killed_waiter_keeps_nobody_waiting(void **state)
{
	struct store *store = open_store(MB);
	pid_t holder, first, second;

	(void)state;
	new_size = 100;
	holder = stop_at(FAULT_LOCKED, put_new);
	first = child_start(put_when_asked, "first");
	flag_await(1);
	world->flags[1] = 0;
	second = child_start(put_when_asked, "second");
	flag_await(1);
	usleep(10000);
	child_kill(first);
	child_continue(holder);
	child_join(holder);
	child_join(second);
	put_text(store, "key", "value");
	CHECK_VERIFIED(store);
}

/* ---- several shards -------------------------------------------------------------------------------------- */

static struct store_key key_in_shard(struct store *store, uint32_t shard)
{
	for (uint64_t i = 0;; i++) {
		struct store_key key = key_number(store, "sharded", i);
		if (shard_of_hash(&store->segment->geometry, key.hash) == shard) {
			return key;
		}
	}
}

static void put_in_first_shard(void *context)
{
	struct store *store = open_store(128 * MB);
	struct store_key key = key_in_shard(store, 0);

	if (context) {
		fault_kill(FAULT_LOCKED, 1);
	} else {
		fault_stop(FAULT_LOCKED, 1);
	}
	(void)!put_value(store, &key, 100, 3);
}

static void other_shards_go_on(void **state)
{
	struct store *store = open_store(128 * MB);
	struct store_key key;
	pid_t holder;

	(void)state;
	CHECK_EQ(store->segment->geometry.shards, 4);
	put_text(store, "first", "value"); /* and with it the sweep of this second, which looks at all shards */
	holder = child_start(put_in_first_shard, NULL);
	child_await_stop(holder);
	for (uint32_t shard = 1; shard < 4; shard++) {
		key = key_in_shard(store, shard);
		CHECK_OK(put_value(store, &key, 100, shard));
		CHECK(holds_value(store, &key, 100, shard));
	}
	CHECK_EQ(COUNTER_OF(store, failed_busy), 0);
	key = key_in_shard(store, 0);
	CHECK_STATUS(put_value(store, &key, 100, 1), CACHE_BUSY);
	child_continue(holder);
	child_join(holder);
	CHECK(holds_value(store, &key, 100, 3));
	CHECK_VERIFIED(store);
	CHECK_EQ(child_wait(child_start(put_in_first_shard, "killed")) & 0x7f, SIGKILL);
	CHECK_OK(put_value(store, &key, 100, 4));
	CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_word_names_its_owner),
		TEST(a_mark_without_a_waiter_does_no_harm),
		TEST(a_word_that_names_a_free_slot_is_not_waited_for_forever),
		TEST(processes_exclude_each_other),
		TEST(threads_exclude_each_other),
		TEST(waiters_go_on_when_the_owner_is_killed),
		TEST(a_killed_waiter_keeps_nobody_waiting),
		TEST(other_shards_go_on),
	};

	return RUN(tests, argc, argv);
}
