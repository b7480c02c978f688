#include "jobs.h"

enum queue_pushed push_all(struct store *store, const char *queue, const char *key, uint64_t delay_ns, int32_t priority,
                           const char *payload, size_t length)
{
	struct store_key q = key_of(store, queue), k = key_of(store, key);
	const struct store_job job = {
		.queue = &q,
		.key = &k,
		.payload = payload,
		.payload_length = length,
		.flags = (uint8_t)length,
		.delay_ns = delay_ns,
		.priority = priority,
	};

	return store_queue_push(store, &job);
}

static enum queue_pushed push_plain(struct store *store, const char *queue, const char *key, uint64_t delay_ns,
                                    int32_t priority)
{
	char payload[600];
	int length = snprintf(payload, sizeof payload, "of %s", key);

	return push_all(store, queue, key, delay_ns, priority, payload, (size_t)length);
}

enum queue_pushed push_job(struct store *store, const char *queue, const char *key)
{
	return push_plain(store, queue, key, 0, 0);
}

enum queue_pushed push_later(struct store *store, const char *queue, const char *key, uint64_t delay_ns)
{
	return push_plain(store, queue, key, delay_ns, 0);
}

enum queue_pushed push_urgent(struct store *store, const char *queue, const char *key, int32_t priority)
{
	return push_plain(store, queue, key, 0, priority);
}

bool want_job(struct store *store, const char *queue, const char *key)
{
	struct store_key q = key_of(store, queue), k = key_of(store, key);

	return store_queue_want(store, &q, &k);
}

bool pop_any(struct store *store, const char *queues, uint64_t wait_ns, uint64_t lease_ns, struct queue_taken *taken)
{
	struct store_key keys[QUEUE_NAMES];
	struct store_queue_wish wish;
	enum cache_status status;
	uint32_t count = 0;

	for (const char *name = queues; *name;) {
		size_t length = strcspn(name, " ");
		keys[count++] = key_bytes(store, name, length);
		name += length + (name[length] == ' ');
	}
	status = store_queue_begin(store, &wish, keys, count, wait_ns, lease_ns, taken);
	while (status == CACHE_MISSING && store_queue_sleep(store, &wish)) {
		status = store_queue_try(store, &wish, taken);
	}
	CHECK(status == CACHE_OK || status == CACHE_MISSING);
	return status == CACHE_OK;
}

bool pop_job(struct store *store, const char *queues, struct queue_taken *taken)
{
	return pop_any(store, queues, 0, LEASE_NS, taken);
}

void skip_watch(void)
{
	clock_skip_monotonic(2 * QUEUE_WATCH_NS);
}

bool is_job(struct store *store, const struct queue_taken *taken, const char *key)
{
	char text[700], payload[700], expected[710];

	if (taken->key_length != strlen(key) || taken->payload_length >= sizeof payload) {
		return false;
	}
	CHECK(store_queue_read(store, taken, text, payload, NULL));
	CHECK_EQ(taken->flags, (uint8_t)taken->payload_length);
	payload[taken->payload_length] = 0;
	snprintf(expected, sizeof expected, "of %s", key);
	return memcmp(text, key, taken->key_length) == 0 && (payload[0] == 0 || strcmp(payload, expected) == 0);
}

bool ack_job(struct store *store, const struct queue_taken *taken)
{
	return store_queue_ack(store, taken->id, taken->token);
}

bool extend_job(struct store *store, const struct queue_taken *taken, uint64_t lease_ns)
{
	return store_queue_extend(store, taken->id, taken->token, lease_ns);
}

bool fail_job(struct store *store, const struct queue_taken *taken, uint64_t retry_ns)
{
	return store_queue_fail(store, taken->id, taken->token, "no luck", 7, retry_ns);
}

bool fail_with(struct store *store, const struct queue_taken *taken, const char *error, size_t length)
{
	return store_queue_fail(store, taken->id, taken->token, error, length, 0);
}

void kill_job(struct store *store, const char *queue, const char *key)
{
	struct queue_taken taken;

	for (uint32_t attempt = 1; attempt <= store->queue_attempts; attempt++) {
		TAKE(store, queue, key, attempt, &taken);
		CHECK(fail_job(store, &taken, 0));
	}
}

struct queue_info info_of(struct store *store, const char *queue)
{
	struct store_key key = key_of(store, queue);
	struct queue_info info;

	store_queue_info(store, &key, &info);
	return info;
}

static bool collect(void *context, const struct queue_taken *letter)
{
	struct letters *letters = context;

	CHECK(letters->count < LETTERS_MAX);
	letters->list[letters->count++] = *letter;
	return true;
}

void letters_of(struct store *store, const char *queue, uint32_t limit, struct letters *letters)
{
	struct store_key key = key_of(store, queue);

	letters->count = 0;
	CHECK_OK(store_queue_letters(store, &key, limit, collect, letters));
}

uint32_t revive(struct store *store, const char *queue, const char *key)
{
	struct store_key q = key_of(store, queue), k = key_of(store, key ? key : "");

	return store_queue_revive(store, &q, key ? &k : NULL);
}

uint32_t purge(struct store *store, const char *queue, bool dead)
{
	struct store_key key = key_of(store, queue);

	return store_queue_purge(store, &key, dead);
}

unsigned drain(struct store *store, const char *queue)
{
	struct queue_taken taken;
	unsigned count = 0;

	clock_skip_monotonic(LEASE_NS + QUEUE_BACKOFF_MAX_NS);
	info_of(store, queue); /* what was lost is ready or a letter from here on */
	revive(store, queue, NULL);
	while (pop_job(store, queue, &taken)) {
		CHECK(ack_job(store, &taken));
		CHECK(++count <= store->segment->geometry.jobs);
	}
	CHECK_JOBS(store, queue, 0, 0, 0, 0);
	CHECK_VERIFIED(store);
	return count;
}
