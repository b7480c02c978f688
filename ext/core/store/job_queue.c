#include "core/store/job_queue.h"

#include <stdlib.h>

#include "core/store/internal.h"

const char *const queue_counter_names[QUEUE_COUNTERS] = {
#define X(name, help) #name,
	QUEUE_COUNTER_TABLE(X)
#undef X
};
const char *const queue_counter_help[QUEUE_COUNTERS] = {
#define X(name, help) help,
	QUEUE_COUNTER_TABLE(X)
#undef X
};

static uint64_t now_ns(const struct store *store) { return store->host->monotonic_ns(store->host->context); }

/* ---- push ----------------------------------------------------------------------------------------------- */

static enum queue_pushed push(struct store *store, const struct store_job *job, bool demands)
{
	const struct queue_push request = {
		.queue = job->queue->bytes,
		.queue_length = job->queue->length,
		.queue_hash = queue_name_hash(job->queue->hash),
		.key = job->key->bytes,
		.key_length = job->key->length,
		.hash = queue_hash(job->queue->hash, job->key->hash),
		.payload = job->payload,
		.payload_length = job->payload_length,
		.flags = job->flags,
		.delay_ns = job->delay_ns,
		.priority = job->priority,
		.now_us = store_now(store),
		.demands = demands,
	};

	return queue_push(&store->owner, &request);
}

enum queue_pushed store_queue_push(struct store *store, const struct store_job *job)
{
	enum queue_pushed pushed;

	if (store_enter(store) != CACHE_OK) {
		return QUEUE_PUSH_FULL;
	}
	pushed = push(store, job, true);
	store_leave(store);
	return pushed;
}

bool queue_want(struct store *store, const struct store_key *queue, const struct store_key *key)
{
	const struct store_job job = {.queue = queue, .key = key, .payload = ""};

	return push(store, &job, false) != QUEUE_PUSH_FULL;
}

bool store_queue_want(struct store *store, const struct store_key *queue, const struct store_key *key)
{
	bool wanted;

	if (store_enter(store) != CACHE_OK) {
		return false;
	}
	wanted = queue_want(store, queue, key);
	store_leave(store);
	return wanted;
}

/* ---- pop ------------------------------------------------------------------------------------------------ */

/*
 * A guest does not listen, so that the numbers of its queues are good for one try. A queue that cannot be had is left out
 * until there is room for its name.
 */
static enum cache_status listen(struct store *store, struct store_queue_wish *wish)
{
	enum cache_status status = CACHE_OK;

	if (wish->wish.count != 0 && !wish->refused && !store->owner.guest) {
		return CACHE_OK;
	}
	wish->refused = false;
	wish->wish.count = 0;
	wish->wish.mask = 0;
	for (uint32_t i = 0; i < wish->count && status == CACHE_OK; i++) {
		const struct store_key *queue = &wish->queues[i];
		status = queue_listen(&store->owner, &wish->wish, queue->bytes, queue->length, queue_name_hash(queue->hash));
		if (status == CACHE_FULL) {
			wish->refused = true;
			status = CACHE_OK;
		}
	}
	if (status == CACHE_BUSY) {
		wish->wish.count = 0; /* the next try begins anew */
	}
	return status;
}

static enum cache_status try(struct store *store, struct store_queue_wish *wish, bool sleeps, struct queue_taken *taken)
{
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		return status;
	}
	status = listen(store, wish);
	if (status == CACHE_OK) {
		status = queue_pop(&store->owner, &wish->wish, store_now(store), sleeps, taken);
	}
	store_leave(store);
	return status == CACHE_BUSY ? CACHE_MISSING : status;
}

enum cache_status store_queue_begin(struct store *store, struct store_queue_wish *wish, const struct store_key *queues,
                                    uint32_t count, uint64_t wait_ns, uint64_t lease_ns, struct queue_taken *taken)
{
	uint64_t now = wait_ns ? now_ns(store) : 0;
	enum cache_status status;

	*wish = (struct store_queue_wish){
		.wish = {.lease_ns = lease_ns, .attempts_max = store->queue_attempts, .next_ns = QUEUE_FOREVER, .others_work = true},
		.queues = queues,
		.count = count,
		.give_up_ns = wait_ns < QUEUE_FOREVER - now ? now + wait_ns : QUEUE_FOREVER,
		.waits = wait_ns > 0,
	};
	status = try(store, wish, false, taken);
	/* Who sleeps announces it before he looks for the last time. */
	return status == CACHE_MISSING && wish->waits ? try(store, wish, true, taken) : status;
}

enum cache_status store_queue_try(struct store *store, struct store_queue_wish *wish, struct queue_taken *taken)
{
	return try(store, wish, true, taken);
}

bool store_queue_sleep(struct store *store, struct store_queue_wish *wish)
{
	uint64_t now;

	if (!wish->waits) {
		return false;
	}
	now = now_ns(store);
	if (now >= wish->give_up_ns) {
		return false;
	}
	queue_sleep(&store->owner, &wish->wish, wish->give_up_ns - now);
	return true;
}

bool store_queue_read(struct store *store, const struct queue_taken *taken, char *key, char *payload, char *error)
{
	return queue_read(store->segment, taken, key, payload, error);
}

size_t store_queue_name(struct store *store, uint32_t queue, char name[QUEUE_NAME_MAX])
{
	return queue_read_name(store->segment, queue, name);
}

/* ---- the end of a run ------------------------------------------------------------------------------------ */

bool store_queue_ack(struct store *store, uint64_t id, uint64_t token)
{
	bool acked;

	if (store_enter(store) != CACHE_OK) {
		return false;
	}
	acked = queue_ack(&store->owner, id, token, store_now(store));
	store_leave(store);
	return acked;
}

bool store_queue_extend(struct store *store, uint64_t id, uint64_t token, uint64_t lease_ns)
{
	bool extended;

	if (store_enter(store) != CACHE_OK) {
		return false;
	}
	extended = queue_extend(&store->owner, id, token, lease_ns);
	store_leave(store);
	return extended;
}

bool store_queue_fail(struct store *store, uint64_t id, uint64_t token, const char *error, size_t length, uint64_t retry_ns)
{
	struct queue_failure failure = {
		.error = error,
		.length = length,
		.retry_ns = retry_ns,
		.attempts_max = store->queue_attempts,
		.now_us = store_now(store),
	};
	bool failed;

	/* Without dice: all of them at the same time. */
	(void)store->host->random(store->host->context, &failure.dice, sizeof failure.dice);
	if (store_enter(store) != CACHE_OK) {
		return false;
	}
	failed = queue_fail(&store->owner, id, token, &failure);
	store_leave(store);
	return failed;
}

/* ---- looking inside, and whole queues ---------------------------------------------------------------------- */

static uint32_t find_queue(struct store *store, const struct store_key *queue)
{
	return queue_find_name(store->segment, queue_name_hash(queue->hash));
}

/* Also moves what was lost to where it belongs: to the dead letters, perhaps. */
static uint32_t describe(struct store *store, const struct store_key *queue, struct queue_info *info)
{
	uint32_t number = find_queue(store, queue);

	*info = (struct queue_info){0};
	if (number != QUEUE_NAMES && store_enter(store) == CACHE_OK) {
		(void)queue_describe(&store->owner, number, store->queue_attempts, store_now(store), info);
		store_leave(store);
	}
	return number;
}

void store_queue_info(struct store *store, const struct store_key *queue, struct queue_info *info)
{
	(void)describe(store, queue, info);
}

void store_queue_list(struct store *store, void (*visit)(void *context, const char *name, size_t length), void *context)
{
	const struct queue_table *table = queue_table(store->segment);
	char name[QUEUE_NAME_MAX];

	for (uint32_t i = 0; i < QUEUE_NAMES; i++) {
		uint64_t hash = load_acquire(&table->hashes[i]);
		size_t length = hash >= QUEUE_HASH_MIN ? queue_read_name(store->segment, i, name) : 0;
		read_fence();
		if (length > 0 && load_relaxed(&table->hashes[i]) == hash) {
			visit(context, name, length);
		}
	}
}

static int later_first(const void *a, const void *b)
{
	const struct queue_taken *first = a, *second = b;

	if (first->died_us != second->died_us) {
		return first->died_us > second->died_us ? -1 : 1;
	}
	return first->id > second->id ? -1 : 1;
}

enum cache_status store_queue_letters(struct store *store, const struct store_key *queue, uint32_t limit,
                                      bool (*visit)(void *context, const struct queue_taken *letter), void *context)
{
	struct queue_info info;
	uint32_t number = describe(store, queue, &info), jobs = queue_jobs_ready(store->segment), count = 0;
	struct queue_taken *letters;

	if (number == QUEUE_NAMES || jobs == 0) {
		return CACHE_OK;
	}
	letters = malloc(jobs * sizeof *letters);
	if (!letters) {
		return CACHE_NO_MEMORY;
	}
	for (uint32_t i = 0; i < jobs; i++) {
		count += queue_letter(store->segment, i, number, &letters[count]);
	}
	qsort(letters, count, sizeof *letters, later_first);
	for (uint32_t i = 0; i < count && i < limit && visit(context, &letters[i]); i++) {
	}
	free(letters);
	return CACHE_OK;
}

uint32_t store_queue_revive(struct store *store, const struct store_key *queue, const struct store_key *key)
{
	struct queue_info info;
	uint32_t number = describe(store, queue, &info), revived = 0;

	if (number != QUEUE_NAMES && store_enter(store) == CACHE_OK) {
		revived = queue_revive(&store->owner, number, key ? queue_hash(queue->hash, key->hash) : 0);
		store_leave(store);
	}
	return revived;
}

uint32_t store_queue_purge(struct store *store, const struct store_key *queue, bool dead)
{
	struct queue_info info;
	uint32_t number = describe(store, queue, &info), purged = 0;

	if (number != QUEUE_NAMES && store_enter(store) == CACHE_OK) {
		purged = queue_purge(&store->owner, number, dead);
		store_leave(store);
	}
	return purged;
}

void store_queue_deafen(struct store *store)
{
	queue_deafen(&store->owner);
}
