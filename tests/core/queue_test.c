/*
 * The rebuild queue: what pushes, pops, acknowledgements and failures do, and what it does when it is full.
 */
#include "entries.h"
#include "jobs.h"

#include <errno.h>

/* ---- texts -------------------------------------------------------------------------------------------------- */

static void travels(struct store *store, size_t key_length, size_t payload_length)
{
	static char key[QUEUE_TEXT_MAX], payload[QUEUE_TEXT_MAX], key_there[QUEUE_TEXT_MAX], payload_there[QUEUE_TEXT_MAX];
	struct store_key queue = key_of(store, "q"), k;
	struct store_queue_wish wish;
	struct queue_taken taken;

	value_fill(key, key_length, key_length);
	value_fill(payload, payload_length, payload_length + 1);
	k = key_bytes(store, key, key_length);
	const struct store_job job = {
		.queue = &queue, .key = &k, .payload = payload, .payload_length = payload_length, .flags = 0xa5};
	CHECK_EQ(store_queue_push(store, &job), QUEUE_PUSH_QUEUED);
	CHECK_EQ(store_queue_push(store, &job), QUEUE_PUSH_MERGED);
	CHECK_OK(store_queue_begin(store, &wish, &queue, 1, 0, LEASE_NS, &taken));
	CHECK_EQ(taken.key_length, key_length);
	CHECK_EQ(taken.payload_length, payload_length);
	CHECK_EQ(taken.flags, 0xa5);
	CHECK_EQ(taken.pushed_us, CLOCK_START);
	CHECK(store_queue_read(store, &taken, key_there, payload_there, NULL));
	CHECK(value_is(key_there, key_length, key_length));
	CHECK(value_is(payload_there, payload_length, payload_length + 1));
	memset(payload_there, 0, payload_length);
	CHECK(store_queue_read(store, &taken, NULL, payload_there, NULL));
	CHECK(value_is(payload_there, payload_length, payload_length + 1));
	CHECK(ack_job(store, &taken));
	CHECK(!store_queue_read(store, &taken, key_there, payload_there, NULL));
}

static void texts_of_every_length_come_back(void **state)
{
	static const size_t lengths[] = {1, 2, 79, 80, 81, 327, 328, 329, 575, 576, 577, 1000, 4096, 65535};
	static const size_t payloads[] = {0, 1, 78, 79, 80, 247, 248, 249, 326, 327, 328, 496, 3000, 65535};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		for (size_t j = 0; j < COUNT_OF(payloads); j++) {
			travels(store, lengths[i], payloads[j]);
		}
	}
	for (size_t length = 1; length < 700; length++) {
		travels(store, length, 0);
		travels(store, 1, length);
	}
	CHECK_VERIFIED(store);
}

static void names_are_bytes_of_any_kind(void **state)
{
	static const char bytes[] = "a\0b";
	struct store *store = open_store(MB);
	struct store_key queue = key_bytes(store, bytes, 3), other = key_bytes(store, bytes, 1), key = key_of(store, "key");
	char longest[QUEUE_NAME_MAX], name[QUEUE_NAME_MAX];
	struct store_key long_queue;
	struct store_queue_wish wish;
	struct queue_taken taken;

	(void)state;
	memset(longest, 'n', sizeof longest);
	long_queue = key_bytes(store, longest, sizeof longest);
	const struct store_job job = {.queue = &queue, .key = &key, .payload = ""};
	const struct store_job elsewhere = {.queue = &long_queue, .key = &key, .payload = ""};
	CHECK_EQ(store_queue_push(store, &job), QUEUE_PUSH_QUEUED);
	CHECK_EQ(store_queue_push(store, &elsewhere), QUEUE_PUSH_QUEUED); /* the same key, but of another queue */
	CHECK_STATUS(store_queue_begin(store, &wish, &other, 1, 0, LEASE_NS, &taken), CACHE_MISSING);
	CHECK_OK(store_queue_begin(store, &wish, &queue, 1, 0, LEASE_NS, &taken));
	CHECK_EQ(store_queue_name(store, taken.queue, name), 3);
	CHECK(memcmp(name, bytes, 3) == 0);
	CHECK_OK(store_queue_begin(store, &wish, &long_queue, 1, 0, LEASE_NS, &taken));
	CHECK_EQ(store_queue_name(store, taken.queue, name), QUEUE_NAME_MAX);
	CHECK(memcmp(name, longest, sizeof longest) == 0);
	CHECK_VERIFIED(store);
}

/* ---- order -------------------------------------------------------------------------------------------------- */

static void the_first_in_is_the_first_out(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		char key[16];
		snprintf(key, sizeof key, "%u", i * 7919 % 1000);
		CHECK_EQ(push_job(store, "q", key), QUEUE_PUSH_QUEUED);
	}
	for (unsigned i = 0; i < 200; i++) {
		char key[16];
		snprintf(key, sizeof key, "%u", i * 7919 % 1000);
		TAKE(store, "q", key, 1, &taken);
	}
	CHECK(!pop_job(store, "q", &taken));
	CHECK_VERIFIED(store);
}

static void the_higher_priority_comes_first(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_urgent(store, "q", "lowest", INT32_MIN), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_urgent(store, "q", "plain", 0), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_urgent(store, "q", "high", 5), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_urgent(store, "q", "low", -1), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_urgent(store, "q", "high too", 5), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_urgent(store, "q", "highest", INT32_MAX), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "highest", 1, &taken);
	TAKE(store, "q", "high", 1, &taken);
	TAKE(store, "q", "high too", 1, &taken);
	TAKE(store, "q", "plain", 1, &taken);
	TAKE(store, "q", "low", 1, &taken);
	TAKE(store, "q", "lowest", 1, &taken);
}

static void queues_are_asked_in_the_order_in_which_they_are_listed(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_urgent(store, "b", "b1", 100), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(store, "a", "a1"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_job(store, "c", "c1"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_later(store, "a", "a2", NS_PER_S), QUEUE_PUSH_QUEUED);
	TAKE(store, "none a b", "a1", 1, &taken);
	TAKE(store, "c a b", "c1", 1, &taken);
	TAKE(store, "a b b", "b1", 1, &taken);
	CHECK(!pop_job(store, "a b c", &taken));
	clock_skip_monotonic(2 * NS_PER_S);
	CHECK_EQ(push_job(store, "b", "b2"), QUEUE_PUSH_QUEUED);
	TAKE(store, "a b", "a2", 1, &taken);
}

/* ---- merging ------------------------------------------------------------------------------------------------ */

static void a_waiting_job_keeps_its_payload(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	char payload[8];

	(void)state;
	CHECK_EQ(push_all(store, "q", "key", 0, 0, "first", 5), QUEUE_PUSH_QUEUED);
	clock_advance(US_PER_S);
	CHECK_EQ(push_all(store, "q", "key", 0, 3, "other", 5), QUEUE_PUSH_MERGED);
	CHECK(want_job(store, "q", "key"));
	CHECK_JOBS(store, "q", 1, 0, 0, 0);
	CHECK_COUNTED(store, "q", pushed, 1);
	CHECK_COUNTED(store, "q", merged, 2);
	CHECK_EQ(info_of(store, "q").oldest_us, CLOCK_START);
	CHECK(pop_job(store, "q", &taken));
	CHECK(store_queue_read(store, &taken, NULL, payload, NULL));
	CHECK(memcmp(payload, "first", 5) == 0);
	CHECK_EQ(taken.pushed_us, CLOCK_START + US_PER_S); /* what it is to know of */
	CHECK_EQ(info_of(store, "q").oldest_us, 0);
}

static void a_waiting_job_takes_the_higher_priority(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_urgent(store, "q", "middle", 5), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_urgent(store, "q", "raised", 0), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_urgent(store, "q", "raised", 9), QUEUE_PUSH_MERGED);
	CHECK_EQ(push_urgent(store, "q", "raised", 1), QUEUE_PUSH_MERGED); /* and is not lowered */
	CHECK_VERIFIED(store);
	TAKE(store, "q", "raised", 1, &taken);
	TAKE(store, "q", "middle", 1, &taken);
}

static void a_waiting_job_takes_the_nearer_time(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_later(store, "q", "key", 100 * NS_PER_S), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_later(store, "q", "key", 200 * NS_PER_S), QUEUE_PUSH_MERGED);
	CHECK_EQ(push_later(store, "q", "key", 50 * NS_PER_S), QUEUE_PUSH_MERGED);
	CHECK(want_job(store, "q", "key")); /* does not hasten it */
	CHECK_JOBS(store, "q", 0, 1, 0, 0);
	clock_skip_monotonic(49 * NS_PER_S);
	CHECK(!pop_job(store, "q", &taken));
	clock_skip_monotonic(2 * NS_PER_S);
	TAKE(store, "q", "key", 1, &taken);
	CHECK(ack_job(store, &taken));
	CHECK_EQ(push_later(store, "q", "key", QUEUE_FOREVER - 1), QUEUE_PUSH_QUEUED);
	CHECK(!pop_job(store, "q", &taken));
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_MERGED);
	TAKE(store, "q", "key", 1, &taken);
	CHECK_VERIFIED(store);
}

static void a_job_that_waits_for_its_retry_keeps_its_time(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "key", 1, &taken);
	CHECK(fail_job(store, &taken, 100 * NS_PER_S));
	CHECK_EQ(push_urgent(store, "q", "key", 7), QUEUE_PUSH_MERGED);
	CHECK(want_job(store, "q", "key"));
	CHECK_JOBS(store, "q", 0, 1, 0, 0);
	clock_skip_monotonic(99 * NS_PER_S);
	CHECK(!pop_job(store, "q", &taken));
	CHECK_EQ(push_urgent(store, "q", "other", 6), QUEUE_PUSH_QUEUED);
	clock_skip_monotonic(2 * NS_PER_S);
	TAKE(store, "q", "key", 2, &taken); /* but took the priority */
	CHECK_VERIFIED(store);
}

static void a_running_job_runs_once_more(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken, second;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "key", 1, &taken);
	CHECK(fail_job(store, &taken, 0));
	TAKE(store, "q", "key", 2, &taken);
	CHECK(want_job(store, "q", "key")); /* somebody who only wants it is content with this run */
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_AGAIN);
	CHECK_EQ(push_later(store, "q", "key", NS_PER_S), QUEUE_PUSH_AGAIN);
	CHECK(want_job(store, "q", "key"));
	CHECK_COUNTED(store, "q", again, 2);
	CHECK_COUNTED(store, "q", merged, 2);
	CHECK(is_job(store, &taken, "key")); /* its run goes on */
	clock_advance(US_PER_S);
	CHECK(ack_job(store, &taken));
	CHECK(!ack_job(store, &taken));
	TAKE(store, "q", "key", 1, &second);
	CHECK(second.id != taken.id && second.token != taken.token);
	CHECK_EQ(second.pushed_us, CLOCK_START); /* of the push, not of the acknowledgement */
	CHECK(ack_job(store, &second));
	CHECK_JOBS(store, "q", 0, 0, 0, 0);
	CHECK_COUNTED(store, "q", acked, 2);
	CHECK_COUNTED(store, "q", pushed, 1);
}

static void a_run_that_is_only_wanted_ends_the_job(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK(want_job(store, "unknown", "key")); /* makes the queue */
	CHECK(want_job(store, "unknown", "key"));
	CHECK_JOBS(store, "unknown", 1, 0, 0, 0);
	TAKE(store, "unknown", "key", 1, &taken);
	CHECK(want_job(store, "unknown", "key"));
	CHECK(ack_job(store, &taken));
	CHECK_JOBS(store, "unknown", 0, 0, 0, 0);
	CHECK_COUNTED(store, "unknown", merged, 2);
}

static void a_failed_run_that_was_asked_for_again_begins_anew(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	for (uint32_t attempt = 1; attempt < 3; attempt++) {
		TAKE(store, "q", "key", attempt, &taken);
		CHECK(fail_job(store, &taken, 0));
	}
	TAKE(store, "q", "key", 3, &taken);
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_AGAIN);
	CHECK(fail_job(store, &taken, 0)); /* would be its death */
	TAKE(store, "q", "key", 1, &taken);
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_AGAIN);
	clock_skip_monotonic(LEASE_NS + 1);
	TAKE(store, "q", "key", 1, &taken);
	CHECK(ack_job(store, &taken));
	CHECK_JOBS(store, "q", 0, 0, 0, 0);
}

/* ---- leases and retries ------------------------------------------------------------------------------------- */

static void a_lease_that_has_passed_is_taken_over(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct queue_taken first, second, third;

	(void)state;
	CHECK_EQ(push_job(a, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(a, "q", "key", 1, &first);
	clock_skip_monotonic(LEASE_NS - NS_PER_S);
	CHECK(!pop_job(b, "q", &second));
	CHECK(extend_job(a, &first, LEASE_NS));
	clock_skip_monotonic(LEASE_NS - NS_PER_S);
	CHECK(!pop_job(b, "q", &second));
	clock_skip_monotonic(2 * NS_PER_S);
	CHECK_EQ(attached(a), 2);
	TAKE(b, "q", "key", 2, &second);
	CHECK_EQ(second.id, first.id);
	CHECK(!ack_job(a, &first));
	CHECK(!extend_job(a, &first, LEASE_NS));
	CHECK(!fail_job(a, &first, 0));
	CHECK(!store_queue_read(a, &first, (char[16]){0}, (char[16]){0}, NULL));
	CHECK_COUNTED(a, "q", lease_lost, 1);
	/* Nobody has taken it over yet: then the late one is still good. */
	clock_skip_monotonic(LEASE_NS + NS_PER_S);
	CHECK(extend_job(b, &second, NS_PER_S));
	clock_skip_monotonic(2 * NS_PER_S);
	TAKE(a, "q", "key", 3, &third);
	CHECK(ack_job(b, &third)); /* by whomever */
	CHECK(!ack_job(a, &third));
	CHECK_VERIFIED(a);
}

static void a_lease_may_last_for_ever(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct queue_taken taken, other;

	(void)state;
	CHECK_EQ(push_job(a, "q", "key"), QUEUE_PUSH_QUEUED);
	CHECK(pop_any(a, "q", 0, QUEUE_FOREVER, &taken));
	clock_skip_monotonic(UINT64_C(1000000) * NS_PER_S);
	CHECK(!pop_job(b, "q", &other));
	CHECK(extend_job(a, &taken, QUEUE_FOREVER));
	CHECK(!pop_job(b, "q", &other));
	CHECK(ack_job(a, &taken));
}

static uint64_t due_of(struct store *store, const struct queue_taken *taken)
{
	return load_relaxed(&queue_job(store->segment, taken->slot)->due_ns);
}

static void the_backoff_doubles_with_jitter(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store;
	struct queue_taken taken;
	uint64_t least[13], most[13];

	(void)state;
	options.queue_attempts = 100;
	store = open_with(&options);
	memset(least, 0xff, sizeof least);
	memset(most, 0, sizeof most);
	for (unsigned round = 0; round < 200; round++) {
		random_seed(round);
		CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
		for (unsigned attempt = 1; attempt <= 12; attempt++) {
			uint64_t whole = attempt < 10 ? NS_PER_S << (attempt - 1) : 300 * NS_PER_S, before, after, due;
			TAKE(store, "q", "key", attempt, &taken);
			before = test_host.monotonic_ns(NULL);
			CHECK(fail_job(store, &taken, QUEUE_FOREVER));
			after = test_host.monotonic_ns(NULL);
			due = due_of(store, &taken);
			CHECK(due >= before + whole / 2 && due <= after + whole);
			least[attempt] = due - before < least[attempt] ? due - before : least[attempt];
			most[attempt] = due - before > most[attempt] ? due - before : most[attempt];
			clock_skip_monotonic(whole);
		}
		TAKE(store, "q", "key", 13, &taken);
		CHECK(ack_job(store, &taken));
	}
	for (unsigned attempt = 1; attempt <= 12; attempt++) {
		uint64_t whole = attempt < 10 ? NS_PER_S << (attempt - 1) : 300 * NS_PER_S;
		CHECK(least[attempt] < whole * 6 / 10 && most[attempt] > whole * 9 / 10);
	}
}

static void a_given_retry_is_exact(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken taken;
	uint64_t before, after;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "key", 1, &taken);
	before = test_host.monotonic_ns(NULL);
	CHECK(fail_job(store, &taken, 7 * NS_PER_S));
	after = test_host.monotonic_ns(NULL);
	CHECK(due_of(store, &taken) >= before + 7 * NS_PER_S && due_of(store, &taken) <= after + 7 * NS_PER_S);
	clock_skip_monotonic(7 * NS_PER_S);
	TAKE(store, "q", "key", 2, &taken);
	CHECK(fail_job(store, &taken, QUEUE_FOREVER - 1));
	CHECK_EQ(due_of(store, &taken), UINT64_MAX);
	clock_skip_monotonic(UINT64_C(1000000) * NS_PER_S);
	CHECK(!pop_job(store, "q", &taken));
	CHECK_JOBS(store, "q", 0, 1, 0, 0);
	CHECK_EQ(purge(store, "q", false), 1);
}

/* ---- looking inside ----------------------------------------------------------------------------------------- */

static void note_name(void *context, const char *name, size_t length)
{
	char *names = context;

	strncat(names, name, length);
	strcat(names, " ");
}

static void it_tells_what_there_is(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct queue_taken taken;
	char names[100] = "";

	(void)state;
	CHECK_JOBS(a, "q", 0, 0, 0, 0);
	store_queue_list(a, note_name, names);
	CHECK_EQ(names[0], 0);
	CHECK(!pop_job(a, "q", &taken));
	CHECK(!pop_job(b, "q", &taken));
	CHECK_EQ(info_of(a, "q").workers, 2);
	store_queue_deafen(a);
	CHECK_EQ(info_of(a, "q").workers, 1);
	close_store(b);
	CHECK_EQ(info_of(a, "q").workers, 0);
	clock_advance(5);
	CHECK_EQ(push_job(a, "q", "one"), QUEUE_PUSH_QUEUED);
	clock_advance(5);
	CHECK_EQ(push_job(a, "q", "two"), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_later(a, "q", "three", NS_PER_S), QUEUE_PUSH_QUEUED);
	CHECK_JOBS(a, "q", 2, 1, 0, 0);
	CHECK_EQ(info_of(a, "q").oldest_us, CLOCK_START + 5);
	TAKE(a, "q", "one", 1, &taken);
	CHECK_JOBS(a, "q", 1, 1, 1, 0);
	CHECK_EQ(info_of(a, "q").oldest_us, CLOCK_START + 10);
	store_queue_list(a, note_name, names);
	CHECK(strcmp(names, "q ") == 0);
}

/* ---- stale values ------------------------------------------------------------------------------------------- */

static int64_t ask_queue(struct store *store, const char *key, uint64_t lease_ns, bool missing_too)
{
	struct store_key k = key_of(store, key), queue = key_of(store, "rebuild");
	const struct store_ask ask = {.lease_ns = lease_ns, .queue = &queue, .queue_missing = missing_too};
	struct store_answer answer;
	struct store_view view;

	if (store_get_stale(store, &k, &ask, &view, &answer) == CACHE_OK) {
		store_unpin(store, view.pin);
	}
	return answer.lease;
}

static void a_stale_value_is_queued_once(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct queue_taken taken;

	(void)state;
	put_lasting(store, "key", "old", US_PER_S, 100 * US_PER_S, "");
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, true), 0);
	CHECK_JOBS(store, "rebuild", 0, 0, 0, 0);
	clock_advance(2 * US_PER_S);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(ask_queue(store, "key", i * NS_PER_S, false), STORE_LEASE_RUNNING);
		CHECK_EQ(ask_queue(other, "key", NS_PER_S, false), STORE_LEASE_RUNNING);
	}
	CHECK_JOBS(store, "rebuild", 1, 0, 0, 0);
	TAKE(store, "rebuild", "key", 1, &taken);
	CHECK_EQ(taken.payload_length, 0);
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, false), STORE_LEASE_RUNNING);
	CHECK(ack_job(store, &taken)); /* not once more */
	CHECK_JOBS(store, "rebuild", 0, 0, 0, 0);
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, false), STORE_LEASE_RUNNING);
	kill_job(store, "rebuild", "key");
	/* No hammering of what fails. */
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, false), STORE_LEASE_RUNNING);
	CHECK_JOBS(store, "rebuild", 0, 0, 0, 1);
}

static void whoever_has_the_lease_needs_no_job(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	int64_t lease;

	(void)state;
	put_lasting(store, "key", "old", US_PER_S, 100 * US_PER_S, "");
	clock_advance(2 * US_PER_S);
	lease = store_lease(store, &key, LEASE_NS);
	CHECK(lease > 0);
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, true), STORE_LEASE_RUNNING);
	CHECK_JOBS(store, "rebuild", 0, 0, 0, 0);
	CHECK(store_lease_release(store, &key, (uint64_t)lease));
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, true), STORE_LEASE_RUNNING);
	CHECK_JOBS(store, "rebuild", 1, 0, 0, 0);
}

static void a_missing_value_is_queued_where_that_is_asked_for(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	CHECK(ask_queue(store, "key", NS_PER_S, false) > 0);
	CHECK_EQ(ask_queue(store, "other", 0, false), 0);
	CHECK_JOBS(store, "rebuild", 0, 0, 0, 0);
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, true), STORE_LEASE_RUNNING); /* by the lease */
	CHECK_JOBS(store, "rebuild", 0, 0, 0, 0);
	CHECK_EQ(ask_queue(store, "other", NS_PER_S, true), STORE_LEASE_RUNNING);
	CHECK_JOBS(store, "rebuild", 1, 0, 0, 0);
}

static void where_the_queue_is_full_the_caller_gets_the_lease(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key;

	(void)state;
	put_lasting(store, "key", "old", US_PER_S, 100 * US_PER_S, "");
	clock_advance(2 * US_PER_S);
	for (unsigned i = 0; i < 256; i++) {
		key = key_number(store, "job", i);
		CHECK_EQ(push_job(store, "q", key.bytes), QUEUE_PUSH_QUEUED);
	}
	CHECK_EQ(ask_queue(store, "key", 0, true), 0);
	CHECK(ask_queue(store, "key", NS_PER_S, true) > 0);
	CHECK_EQ(ask_queue(store, "key", NS_PER_S, true), STORE_LEASE_RUNNING);
	CHECK(ask_queue(store, "other", NS_PER_S, true) > 0);
	CHECK_COUNTED(store, "rebuild", full, 3);
	CHECK_JOBS(store, "rebuild", 0, 0, 0, 0);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(texts_of_every_length_come_back),
		TEST(names_are_bytes_of_any_kind),
		TEST(the_first_in_is_the_first_out),
		TEST(the_higher_priority_comes_first),
		TEST(queues_are_asked_in_the_order_in_which_they_are_listed),
		TEST(a_waiting_job_keeps_its_payload),
		TEST(a_waiting_job_takes_the_higher_priority),
		TEST(a_waiting_job_takes_the_nearer_time),
		TEST(a_job_that_waits_for_its_retry_keeps_its_time),
		TEST(a_running_job_runs_once_more),
		TEST(a_run_that_is_only_wanted_ends_the_job),
		TEST(a_failed_run_that_was_asked_for_again_begins_anew),
		TEST(a_lease_that_has_passed_is_taken_over),
		TEST(a_lease_may_last_for_ever),
		TEST(the_backoff_doubles_with_jitter),
		TEST(a_given_retry_is_exact),
		TEST(it_tells_what_there_is),
		TEST(a_stale_value_is_queued_once),
		TEST(whoever_has_the_lease_needs_no_job),
		TEST(a_missing_value_is_queued_where_that_is_asked_for),
		TEST(where_the_queue_is_full_the_caller_gets_the_lease),
	};

	return RUN(tests, argc, argv);
}
