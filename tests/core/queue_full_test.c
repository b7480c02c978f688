/*
 * Dead letters of the rebuild queue, and what it does when there are no slots, no chunks, no names, or no memory.
 */
#include "jobs.h"

#include <errno.h>

static const char *numbered(unsigned number)
{
	static char texts[4][32];
	static unsigned next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof texts[0], "key %u", number);
	return text;
}

/* ---- dead letters ------------------------------------------------------------------------------------------- */

static void what_fails_too_often_is_a_dead_letter(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	struct letters letters;
	char error[QUEUE_ERROR_KEPT], key[8];

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	clock_advance(5);
	kill_job(store, "q", "key");
	CHECK(!pop_job(store, "q", &taken));
	CHECK_JOBS(store, "q", 0, 0, 0, 1);
	CHECK_COUNTED(store, "q", failed, 3);
	letters_of(store, "q", 10, &letters);
	CHECK_EQ(letters.count, 1);
	CHECK_EQ(letters.list[0].attempt, 3);
	CHECK_EQ(letters.list[0].end, QUEUE_FAILED);
	CHECK_EQ(letters.list[0].pushed_us, CLOCK_START);
	CHECK_EQ(letters.list[0].died_us, CLOCK_START + 5);
	CHECK_EQ(letters.list[0].error_length, 7);
	CHECK(store_queue_read(store, &letters.list[0], key, NULL, error));
	CHECK(memcmp(key, "key", 3) == 0 && memcmp(error, "no luck", 7) == 0);
	letters_of(store, "other", 10, &letters);
	CHECK_EQ(letters.count, 0);
	CHECK_VERIFIED(store);
}

static void an_error_is_kept_as_far_as_it_fits(void **state)
{
	static const size_t lengths[] = {0, 1, 183, 184, 185, 5000};
	struct store *store = open_store(MB);
	struct queue_taken taken;
	struct letters letters;
	char error[5000], there[QUEUE_ERROR_KEPT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		size_t kept = lengths[i] < QUEUE_ERROR_KEPT ? lengths[i] : QUEUE_ERROR_KEPT;
		value_fill(error, lengths[i], i);
		CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
		TAKE(store, "q", "key", 1, &taken);
		CHECK(fail_with(store, &taken, "another", 7));
		TAKE(store, "q", "key", 2, &taken);
		CHECK(fail_with(store, &taken, "one", 3));
		TAKE(store, "q", "key", 3, &taken);
		CHECK(fail_with(store, &taken, error, lengths[i]));
		letters_of(store, "q", 1, &letters);
		CHECK_EQ(letters.list[0].error_length, kept);
		CHECK(store_queue_read(store, &letters.list[0], NULL, NULL, there));
		CHECK(value_is(there, kept, i) || kept == QUEUE_ERROR_KEPT);
		CHECK(memcmp(there, error, kept) == 0);
	}
}

static void who_loses_the_last_lease_leaves_a_letter(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	struct letters letters;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	for (uint32_t attempt = 1; attempt <= 3; attempt++) {
		TAKE(store, "q", "key", attempt, &taken);
		clock_skip_monotonic(LEASE_NS + 1);
	}
	CHECK(!pop_job(store, "q", &taken));
	letters_of(store, "q", 10, &letters);
	CHECK_EQ(letters.count, 1);
	CHECK_EQ(letters.list[0].end, QUEUE_LEASE_PASSED);
	CHECK_EQ(letters.list[0].error_length, 0);
	CHECK_EQ(revive(store, "q", "key"), 1);
	for (uint32_t attempt = 1; attempt <= 3; attempt++) {
		struct store *worker = open_store(MB);
		TAKE(worker, "q", "key", attempt, &taken);
		close_store(worker);
	}
	CHECK(!pop_job(store, "q", &taken));
	letters_of(store, "q", 10, &letters);
	CHECK_EQ(letters.count, 1);
	CHECK_EQ(letters.list[0].end, QUEUE_WORKER_DIED);
	CHECK_COUNTED(store, "q", lease_lost, 6);
	/* The cause is that of its own end. */
	CHECK_EQ(revive(store, "q", "key"), 1);
	for (uint32_t attempt = 1; attempt <= 3; attempt++) {
		TAKE(store, "q", "key", attempt, &taken);
		CHECK(attempt == 3 || fail_job(store, &taken, 0));
	}
	clock_skip_monotonic(LEASE_NS + 1);
	CHECK(!pop_job(store, "q", &taken));
	letters_of(store, "q", 10, &letters);
	CHECK_EQ(letters.list[0].end, QUEUE_LEASE_PASSED);
	CHECK_EQ(letters.list[0].error_length, 0);
	CHECK_VERIFIED(store);
}

static void letters_come_the_last_first(void **state)
{
	struct store *store = open_store(MB);
	struct letters letters;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		CHECK_EQ(push_job(store, i % 2 ? "q" : "other", numbered(i)), QUEUE_PUSH_QUEUED);
		kill_job(store, i % 2 ? "q" : "other", numbered(i));
		clock_advance(i / 3 % 2);
	}
	for (uint32_t limit = 0; limit < 20; limit++) {
		letters_of(store, "q", limit, &letters);
		CHECK_EQ(letters.count, limit < 15 ? limit : 15);
		for (unsigned i = 0; i < letters.count; i++) {
			CHECK(is_job(store, &letters.list[i], numbered(29 - 2 * i)));
		}
	}
}

static void letters_are_revived(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(push_urgent(store, "q", numbered(i), 1), QUEUE_PUSH_QUEUED);
		kill_job(store, "q", numbered(i));
	}
	CHECK_EQ(push_job(store, "other", "key"), QUEUE_PUSH_QUEUED);
	kill_job(store, "other", "key");
	CHECK_EQ(revive(store, "nothing", NULL), 0);
	CHECK_EQ(revive(store, "q", "nothing"), 0);
	CHECK_EQ(revive(store, "q", numbered(2)), 1);
	CHECK_EQ(revive(store, "q", numbered(2)), 0);
	CHECK_JOBS(store, "q", 1, 0, 0, 3);
	TAKE(store, "q", numbered(2), 1, &taken);
	CHECK_EQ(revive(store, "q", NULL), 3);
	CHECK_JOBS(store, "q", 3, 0, 1, 0);
	CHECK_JOBS(store, "other", 0, 0, 0, 1);
	CHECK_VERIFIED(store);
	CHECK_EQ(drain(store, "q"), 4);
}

static void waiting_jobs_and_letters_are_purged(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(purge(store, "q", false), 0);
	CHECK_EQ(push_job(store, "q", "dead"), QUEUE_PUSH_QUEUED);
	kill_job(store, "q", "dead");
	CHECK_EQ(push_job(store, "q", "running"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "running", 1, &taken);
	CHECK_EQ(push_job(store, "q", "waiting"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_later(store, "q", "delayed", NS_PER_S), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(store, "other", "waiting"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(purge(store, "q", false), 2);
	CHECK_JOBS(store, "q", 0, 0, 1, 1);
	CHECK_EQ(purge(store, "q", true), 1);
	CHECK_JOBS(store, "q", 0, 0, 1, 0);
	CHECK_JOBS(store, "other", 1, 0, 0, 0);
	CHECK(ack_job(store, &taken));
	CHECK_EQ(push_job(store, "q", "waiting"), QUEUE_PUSH_QUEUED);
	CHECK_VERIFIED(store);
}

static void a_letter_gives_way_to_a_demand(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_all(store, "q", "key", 0, 0, "", 0), QUEUE_PUSH_QUEUED);
	kill_job(store, "q", "key");
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	CHECK_JOBS(store, "q", 1, 0, 0, 0);
	CHECK_VERIFIED(store);
	TAKE(store, "q", "key", 1, &taken);
	CHECK_EQ(taken.payload_length, 6); /* the new one */
	CHECK(ack_job(store, &taken));
}

static void who_only_wants_it_does_not_bring_it_back_for_a_while(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	kill_job(store, "q", "key");
	CHECK(want_job(store, "q", "key"));
	CHECK_JOBS(store, "q", 0, 0, 0, 1);
	clock_advance(299 * US_PER_S);
	CHECK(want_job(store, "q", "key"));
	CHECK_JOBS(store, "q", 0, 0, 0, 1);
	clock_advance(US_PER_S);
	CHECK(want_job(store, "q", "key"));
	CHECK_JOBS(store, "q", 1, 0, 0, 0);
	TAKE(store, "q", "key", 1, &taken);
	CHECK(ack_job(store, &taken));
	/* A clock that was set back holds nobody up for long. */
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	kill_job(store, "q", "key");
	clock_advance(-US_PER_S);
	CHECK(want_job(store, "q", "key"));
	CHECK_JOBS(store, "q", 1, 0, 0, 0);
}

/* ---- full --------------------------------------------------------------------------------------------------- */

static void there_are_so_many_slots(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		CHECK_EQ(push_job(store, "q", numbered(i)), QUEUE_PUSH_QUEUED);
	}
	CHECK_EQ(push_job(store, "q", "more"), QUEUE_PUSH_FULL);
	CHECK_EQ(push_job(store, "new", "more"), QUEUE_PUSH_FULL);
	CHECK(!want_job(store, "q", "more"));
	CHECK_EQ(push_job(store, "q", numbered(3)), QUEUE_PUSH_MERGED);
	CHECK_COUNTED(store, "q", full, 2);
	CHECK_COUNTED(store, "new", full, 1);
	CHECK_VERIFIED(store);
	TAKE(store, "q", numbered(0), 1, &taken);
	CHECK_EQ(push_job(store, "q", "more"), QUEUE_PUSH_FULL);
	CHECK(ack_job(store, &taken));
	CHECK_EQ(push_job(store, "q", "more"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(store, "q", "and more"), QUEUE_PUSH_FULL);
	CHECK_EQ(drain(store, "q"), 256);
}

static void the_number_of_slots_is_as_asked(void **state)
{
	static const uint32_t numbers[] = {1, 2, 63, 65, 130, 1000};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		struct store_options options = options_for(MB);
		struct store *store;
		options.queue_jobs = numbers[i];
		store = open_with(&options);
		for (unsigned k = 0; k < numbers[i]; k++) {
			CHECK_EQ(push_job(store, "q", numbered(k)), QUEUE_PUSH_QUEUED);
		}
		CHECK_EQ(push_job(store, "q", "more"), QUEUE_PUSH_FULL);
		CHECK_VERIFIED(store);
		CHECK_EQ(drain(store, "q"), numbers[i]);
		close_store(store);
	}
}

static void there_are_so_many_chunks(void **state)
{
	static char payload[QUEUE_TEXT_MAX];
	struct store *store = open_store(MB);
	uint32_t free;

	(void)state;
	CHECK_EQ(push_all(store, "q", "one", 0, 0, payload, sizeof payload), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_all(store, "q", "two", 0, 0, payload, sizeof payload), QUEUE_PUSH_QUEUED);
	free = queue_chunks(256) - 2 * 264;
	CHECK_EQ(queue_table(store->segment)->chunks_free + queue_chunks(256) - queue_chunks_ready(store->segment), free);
	CHECK_EQ(push_all(store, "q", "three", 0, 0, payload, 80 - 5 + free * 248 + 1), QUEUE_PUSH_FULL);
	CHECK_VERIFIED(store);
	CHECK_EQ(push_all(store, "q", "three", 0, 0, payload, 80 - 5 + free * 248), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_all(store, "q", "four", 0, 0, payload, 80 - 4 + 1), QUEUE_PUSH_FULL);
	CHECK_EQ(push_all(store, "q", "four", 0, 0, payload, 80 - 4), QUEUE_PUSH_QUEUED);
	CHECK_JOBS(store, "q", 4, 0, 0, 0);
	CHECK_EQ(drain(store, "q"), 4);
	CHECK_EQ(queue_table(store->segment)->chunks_free, queue_chunks(256));
}

static void the_oldest_letter_makes_room(void **state)
{
	static char payload[QUEUE_TEXT_MAX];
	struct store *store = open_store(MB);
	struct letters letters;

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		CHECK_EQ(push_job(store, i == 1 ? "other" : "q", numbered(i)), QUEUE_PUSH_QUEUED);
		if (i < 3) {
			kill_job(store, i == 1 ? "other" : "q", numbered(i));
			clock_advance(1);
		}
	}
	CHECK_EQ(push_job(store, "q", "new 0"), QUEUE_PUSH_QUEUED);
	letters_of(store, "q", 10, &letters);
	CHECK_EQ(letters.count, 1);
	CHECK(is_job(store, &letters.list[0], numbered(2)));
	CHECK_EQ(push_job(store, "q", "new 1"), QUEUE_PUSH_QUEUED); /* that of another queue */
	CHECK_COUNTED(store, "other", dropped, 1);
	CHECK_JOBS(store, "other", 0, 0, 0, 0);
	/* The last letter is of the very key. */
	CHECK_EQ(push_job(store, "q", numbered(2)), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(store, "q", "new 2"), QUEUE_PUSH_FULL);
	CHECK_COUNTED(store, "q", dropped, 2);
	CHECK_VERIFIED(store);
	CHECK_EQ(drain(store, "q"), 256);
	/* And for a text: 2 and twice 264 chunks of 640. */
	CHECK_EQ(push_all(store, "q", "one", 0, 0, payload, 500), QUEUE_PUSH_QUEUED);
	for (uint32_t attempt = 1; attempt <= 3; attempt++) {
		struct queue_taken taken;
		CHECK(pop_job(store, "q", &taken));
		CHECK(fail_job(store, &taken, 0));
	}
	CHECK_EQ(push_all(store, "q", "two", 0, 0, payload, sizeof payload), QUEUE_PUSH_QUEUED);
	CHECK_JOBS(store, "q", 1, 0, 0, 1);
	CHECK_EQ(push_all(store, "q", "three", 0, 0, payload, sizeof payload), QUEUE_PUSH_QUEUED);
	CHECK_JOBS(store, "q", 2, 0, 0, 1);
	CHECK_EQ(push_all(store, "q", "four", 0, 0, payload, 111 * 248), QUEUE_PUSH_QUEUED);
	CHECK_JOBS(store, "q", 3, 0, 0, 0);
	CHECK_VERIFIED(store);
}

static void a_full_file_system_is_a_full_queue(void **state)
{
	static char payload[QUEUE_TEXT_MAX];
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	fault_fail(FAULT_FALLOCATE, 1, 1000, ENOSPC);
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_FULL);
	CHECK(!pop_job(store, "q", &taken));
	CHECK_VERIFIED(store);
	fault_none();
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	fault_fail(FAULT_FALLOCATE, 1, 1000, ENOSPC);
	CHECK_EQ(push_all(store, "q", "long", 0, 0, payload, 77), QUEUE_PUSH_FULL);
	CHECK_EQ(push_all(store, "q", "long", 0, 0, payload, 76), QUEUE_PUSH_QUEUED); /* fits into its slot */
	CHECK_VERIFIED(store);
	fault_none();
	fault_fail(FAULT_FALLOCATE, 3, 1000, ENOSPC); /* in the midst */
	CHECK_EQ(push_all(store, "q", "longer", 0, 0, payload, sizeof payload), QUEUE_PUSH_FULL);
	CHECK_VERIFIED(store);
	CHECK_EQ(push_all(store, "q", "longer", 0, 0, payload, 250 * 248), QUEUE_PUSH_QUEUED);
	fault_none();
	CHECK_EQ(push_all(store, "q", "longest", 0, 0, payload, sizeof payload), QUEUE_PUSH_QUEUED);
	CHECK_EQ(drain(store, "q"), 4);
}

/* ---- names -------------------------------------------------------------------------------------------------- */

static const char *queue_number(unsigned number)
{
	static char texts[4][32];
	static unsigned next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof texts[0], "queue-%u", number);
	return text;
}

static void count_name(void *context, const char *name, size_t length)
{
	CHECK(length > 6 && memcmp(name, "queue-", 6) == 0);
	++*(unsigned *)context;
}

static void there_are_so_many_names(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_queue_wish wish;
	struct store_key queue = key_of(store, queue_number(64));
	struct queue_taken taken;
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < QUEUE_NAMES; i++) {
		CHECK_EQ(push_job(store, queue_number(i), "key"), QUEUE_PUSH_QUEUED);
	}
	store_queue_list(store, count_name, &count);
	CHECK_EQ(count, QUEUE_NAMES);
	CHECK_EQ(push_job(store, queue_number(64), "key"), QUEUE_PUSH_FULL);
	CHECK_STATUS(store_queue_begin(store, &wish, &queue, 1, 0, LEASE_NS, &taken), CACHE_MISSING);
	CHECK(wish.refused);
	CHECK_STATUS(store_queue_begin(store, &wish, &queue, 1, NS_PER_S, LEASE_NS, &taken), CACHE_MISSING);
	CHECK(wish.refused);
	CHECK_VERIFIED(store);
	/* A letter keeps the name; somebody who listens does; when both are gone it is another one's. */
	TAKE(other, queue_number(7), "key", 1, &taken);
	CHECK(ack_job(other, &taken));
	CHECK_EQ(push_job(store, queue_number(64), "key"), QUEUE_PUSH_FULL);
	store_queue_deafen(other);
	CHECK_EQ(push_job(store, queue_number(64), "key"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(store, queue_number(7), "key"), QUEUE_PUSH_FULL);
	CHECK_JOBS(store, queue_number(7), 0, 0, 0, 0);
	CHECK_COUNTED(store, queue_number(64), pushed, 1);
	kill_job(store, queue_number(64), "key");
	store_queue_deafen(store);
	CHECK_EQ(push_job(store, queue_number(7), "key"), QUEUE_PUSH_FULL);
	CHECK_EQ(purge(store, queue_number(64), true), 1);
	CHECK_EQ(push_job(store, queue_number(7), "key"), QUEUE_PUSH_QUEUED);
	CHECK_VERIFIED(store);
	for (unsigned i = 0; i < QUEUE_NAMES; i++) {
		TAKE(store, queue_number(i), "key", 1, &taken);
		CHECK(ack_job(store, &taken));
	}
}

static void idle_names_are_used_again_and_again(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_later(store, queue_number(9999), "key", NS_PER_S), QUEUE_PUSH_QUEUED);
	for (unsigned i = 0; i < 1000; i++) {
		CHECK_EQ(push_job(store, queue_number(i), "key"), QUEUE_PUSH_QUEUED);
		TAKE(store, queue_number(i), "key", 1, &taken);
		CHECK(ack_job(store, &taken));
		store_queue_deafen(store);
	}
	CHECK_JOBS(store, queue_number(9999), 0, 1, 0, 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_fails_too_often_is_a_dead_letter),
		TEST(an_error_is_kept_as_far_as_it_fits),
		TEST(who_loses_the_last_lease_leaves_a_letter),
		TEST(letters_come_the_last_first),
		TEST(letters_are_revived),
		TEST(waiting_jobs_and_letters_are_purged),
		TEST(a_letter_gives_way_to_a_demand),
		TEST(who_only_wants_it_does_not_bring_it_back_for_a_while),
		TEST(there_are_so_many_slots),
		TEST(the_number_of_slots_is_as_asked),
		TEST(there_are_so_many_chunks),
		TEST(the_oldest_letter_makes_room),
		TEST(a_full_file_system_is_a_full_queue),
		TEST(there_are_so_many_names),
		TEST(idle_names_are_used_again_and_again),
	};

	return RUN(tests, argc, argv);
}
