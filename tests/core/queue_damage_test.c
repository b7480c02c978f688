/*
 * The rebuild queue in files that nobody watched, and in damaged ones: what is true is kept, whatever else the bytes say.
 */
#define _GNU_SOURCE
#include "jobs.h"

#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 120, QUEUES = 3 };

static const char *const queue_names[QUEUES] = {"first", "second", "third"};

/* ---- known jobs ---------------------------------------------------------------------------------------------- */

static size_t payload_of(unsigned number)
{
	static const size_t lengths[] = {0, 10, 200, 3000};

	return lengths[number % COUNT_OF(lengths)];
}

/* "Number" or "Number...." with dots, of a job that was made by push_known(). */
static size_t key_of_job(unsigned number, char key[400])
{
	size_t length = number % 7 == 0 ? 300 : 8;

	memset(key, '.', length);
	key[snprintf(key, 400, "%u", number)] = '.';
	return length;
}

static enum queue_pushed push_known(struct store *store, unsigned number)
{
	char key[400], payload[3000];
	struct store_key queue = key_of(store, queue_names[number % QUEUES]);
	struct store_key k = key_bytes(store, key, key_of_job(number, key));
	const struct store_job job = {
		.queue = &queue,
		.key = &k,
		.payload = payload,
		.payload_length = payload_of(number),
		.delay_ns = number % 5 == 2 ? 100 * NS_PER_S : 0,
		.priority = number % 5 == 3 ? 1 : 0,
	};

	value_fill(payload, payload_of(number), number);
	return store_queue_push(store, &job);
}

static unsigned check_known(struct store *store, const struct queue_taken *taken)
{
	char key[400], there[400], payload[3000];
	unsigned number;

	CHECK(taken->key_length < 400 && taken->payload_length <= sizeof payload);
	CHECK(store_queue_read(store, taken, there, payload, NULL));
	there[taken->key_length] = 0;
	number = (unsigned)strtoul(there, NULL, 10);
	CHECK_EQ(taken->key_length, key_of_job(number, key));
	CHECK(memcmp(key, there, taken->key_length) == 0);
	CHECK_EQ(taken->payload_length, payload_of(number));
	CHECK(value_is(payload, taken->payload_length, number));
	return number;
}

/* Some of each state. */
static void fill(struct store *store)
{
	struct queue_taken taken;

	for (unsigned i = 0; i < JOBS; i++) {
		CHECK_EQ(push_known(store, i), QUEUE_PUSH_QUEUED);
	}
	for (unsigned q = 0; q < QUEUES; q++) {
		/* Of the higher priority: letters. */
		for (unsigned i = 0; i < 3 * JOBS / QUEUES / 5; i++) {
			CHECK(pop_job(store, queue_names[q], &taken));
			CHECK(fail_job(store, &taken, 0));
		}
		for (int i = 0; i < 5; i++) {
			CHECK(pop_job(store, queue_names[q], &taken)); /* these run */
		}
		for (int i = 0; i < 5; i++) {
			CHECK(pop_job(store, queue_names[q], &taken));
			CHECK(fail_job(store, &taken, 100 * NS_PER_S));
		}
		CHECK_JOBS(store, queue_names[q], 14, 13, 5, 8);
	}
}

struct known {
	unsigned count;
	unsigned char jobs[4096];
};

static void empty(struct store *store, struct known *found)
{
	struct queue_taken taken;

	clock_skip_monotonic(1000 * NS_PER_S);
	for (unsigned q = 0; q < QUEUES; q++) {
		info_of(store, queue_names[q]);
		revive(store, queue_names[q], NULL);
		while (pop_job(store, queue_names[q], &taken)) {
			unsigned number = check_known(store, &taken);
			CHECK(number < sizeof found->jobs);
			CHECK(ack_job(store, &taken));
			CHECK(++found->jobs[number] == 1);
			found->count++;
		}
		found->count += purge(store, queue_names[q], false); /* of which damage says that they are not due for years */
		CHECK_JOBS(store, queue_names[q], 0, 0, 0, 0);
	}
	CHECK_VERIFIED(store);
}

static struct known found;

static void check_all_known(struct store *store)
{
	memset(&found, 0, sizeof found);
	empty(store, &found);
	CHECK_EQ(found.count, JOBS);
}

/* In whatever state it is. */
static void use_whatever_is_there(struct store *store)
{
	struct queue_taken taken;
	struct letters letters;

	for (unsigned i = 0; i < 60; i++) {
		const char *queue = queue_names[i % QUEUES];
		(void)push_known(store, 1000 + i);
		(void)push_known(store, 1000 + i / 2);
		(void)push_urgent(store, queue, "some key", (int32_t)i);
		if (pop_job(store, queue, &taken)) {
			(void)(i % 3 ? ack_job(store, &taken) : fail_job(store, &taken, i % 2 * NS_PER_S));
			(void)extend_job(store, &taken, NS_PER_S);
		}
		info_of(store, queue);
		if (i % 10 == 0) {
			letters_of(store, queue, 3, &letters);
			revive(store, queue, NULL);
			purge(store, queue, i % 20 == 0);
		}
	}
}

/* ---- reopening ---------------------------------------------------------------------------------------------- */

static void jobs_outlive_all_who_are_attached(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	fill(store);
	close_store(store);
	store = open_store(MB);
	CHECK_VERIFIED(store);
	for (unsigned q = 0; q < QUEUES; q++) {
		CHECK_JOBS(store, queue_names[q], 19, 13, 0, 8); /* what was running is ready */
		CHECK_COUNTED(store, queue_names[q], lease_lost, 5);
	}
	check_all_known(store);
}

static void fill_and_die(void *context)
{
	(void)context;
	fill(open_store(MB));
}

static void jobs_outlive_the_death_of_all(void **state)
{
	struct store *store;

	(void)state;
	in_child(fill_and_die, NULL);
	store = open_store(MB);
	for (unsigned q = 0; q < QUEUES; q++) {
		CHECK_JOBS(store, queue_names[q], 19, 13, 0, 8);
	}
	check_all_known(store);
}

static void ids_and_tokens_go_on(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken first, second;

	(void)state;
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "key", 1, &first);
	close_store(store);
	store = open_store(MB);
	CHECK(!pop_job(store, "other", &second)); /* whoever comes first */
	TAKE(store, "q", "key", 2, &second);
	CHECK_EQ(second.id, first.id);
	CHECK(second.token > first.token);
	CHECK(!ack_job(store, &first));
	CHECK(ack_job(store, &second));
	CHECK_EQ(push_job(store, "q", "key"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "key", 1, &first);
	CHECK(first.id > second.id);
}

/* The counter is damaged: what is there is still older than what comes. */
static void sequences_go_on_from_the_jobs(void **state)
{
	struct store *store = open_store(MB);
	struct queue_taken first, second;

	(void)state;
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(push_job(store, "q", "gone"), QUEUE_PUSH_QUEUED);
		TAKE(store, "q", "gone", 1, &first);
		CHECK(ack_job(store, &first));
	}
	CHECK_EQ(push_job(store, "q", "kept"), QUEUE_PUSH_QUEUED);
	store_relaxed(&queue_table(store->segment)->sequence, 0);
	close_store(store);
	store = open_store(MB);
	CHECK_EQ(push_job(store, "q", "new"), QUEUE_PUSH_QUEUED);
	TAKE(store, "q", "kept", 1, &first);
	TAKE(store, "q", "new", 1, &second);
	CHECK(second.id > first.id);
}

static void note_name(void *context, const char *name, size_t length)
{
	CHECK((length == 6 && memcmp(name, "second", 6) == 0) || (length == 5 && memcmp(name, "third", 5) == 0));
	++*(unsigned *)context;
}

static void a_damaged_name_is_nobodys(void **state)
{
	struct store *store = open_store(MB);
	uint32_t number = 0;
	unsigned names = 0;

	(void)state;
	fill(store);
	while (memcmp(queue_name(store->segment, number)->bytes, "first", 5) != 0) {
		CHECK(++number < QUEUE_NAMES);
	}
	queue_name(store->segment, number)->bytes[2] ^= 1;
	close_store(store);
	store = open_store(MB);
	store_queue_list(store, note_name, &names);
	CHECK_EQ(names, 2);
	memset(&found, 0, sizeof found);
	empty(store, &found);
	CHECK_EQ(found.count, JOBS / QUEUES * 2);
	CHECK_EQ(push_known(store, 0), QUEUE_PUSH_QUEUED);
	CHECK_JOBS(store, "first", 1, 0, 0, 0);
	CHECK_VERIFIED(store);
}

static uint64_t boot_ns;
static uint64_t since_boot(void *context)
{
	(void)context;
	return boot_ns;
}

/* The monotonic clock begins anew, the file does not. */
static void pass_seconds(unsigned seconds)
{
	boot_ns += seconds * NS_PER_S;
	clock_advance(seconds * US_PER_S);
}

static void times_outlive_a_reboot(void **state)
{
	static struct cache_host host;
	struct store_options options = options_for(MB);
	struct store *store;
	struct queue_taken taken;

	(void)state;
	host = test_host;
	host.monotonic_ns = since_boot;
	options.host = &host;
	boot_ns = 1000000 * NS_PER_S;
	store = open_with(&options);
	CHECK_EQ(push_later(store, "q", "soon", 60 * NS_PER_S), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_later(store, "q", "late", 200 * NS_PER_S), QUEUE_PUSH_QUEUED);
	CHECK_EQ(push_later(store, "q", "never", QUEUE_FOREVER - 1), QUEUE_PUSH_QUEUED);
	close_store(store);
	clock_advance(100 * US_PER_S);
	boot_ns = 20 * NS_PER_S;
	store = open_with(&options);
	CHECK_JOBS(store, "q", 1, 2, 0, 0);
	TAKE(store, "q", "soon", 1, &taken);
	CHECK(ack_job(store, &taken));
	pass_seconds(99);
	CHECK(!pop_job(store, "q", &taken));
	pass_seconds(2);
	TAKE(store, "q", "late", 1, &taken);
	CHECK_JOBS(store, "q", 0, 1, 1, 0);
	CHECK_VERIFIED(store);
	/* Without one nothing moves. */
	CHECK_EQ(push_later(store, "q", "key", 60 * NS_PER_S), QUEUE_PUSH_QUEUED);
	close_store(store);
	pass_seconds(30);
	store = open_with(&options);
	pass_seconds(29);
	CHECK_JOBS(store, "q", 1, 2, 0, 0);
	pass_seconds(2);
	CHECK_JOBS(store, "q", 2, 1, 0, 0);
}

/* ---- damage ------------------------------------------------------------------------------------------------- */

static uint32_t noise(struct rng *rng, uint32_t ready)
{
	switch (rng_below(rng, 4)) {
	case 0:
		return 0;
	case 1:
		return (uint32_t)rng_next(rng);
	default:
		return 1 + (uint32_t)rng_below(rng, ready);
	}
}

/* Of what is derived: one in `rare` words. */
static void damage_derived(const struct segment *s, struct rng *rng, unsigned rare)
{
	struct queue_table *table = queue_table(s);
	uint32_t jobs = queue_jobs_ready(s), chunks = queue_chunks_ready(s);

#define HIT(field, ready)              \
	if (rng_below(rng, rare) == 0) {   \
		(field) = noise(rng, (ready)); \
	}
	for (uint32_t i = 0; i < jobs; i++) {
		struct queue_job *job = queue_job(s, i);
		HIT(job->left, jobs);
		HIT(job->right, jobs);
		HIT(job->parent, jobs);
		HIT(job->next_free, jobs);
		HIT(job->left, 1);
		if (rng_below(rng, rare) == 0) {
			job->left = i + 1; /* itself */
		}
		if (rng_below(rng, rare) == 0) {
			job->rank = (uint8_t)rng_next(rng);
		}
		if (rng_below(rng, rare) == 0) {
			job->heap = (uint8_t)rng_below(rng, 7);
		}
	}
	for (uint32_t i = 0; i < chunks; i++) {
		struct queue_chunk *chunk = queue_chunk(s, i);
		if (chunk->job == 0) {
			HIT(chunk->next, chunks);
			HIT(chunk->job, jobs);
		} else if (rng_below(rng, rare) == 0) {
			/* Not 0: that and a link to it would overwrite what is true. */
			chunk->job = 1 + (uint32_t)rng_below(rng, jobs);
		}
	}
	for (uint32_t i = 0; i < QUEUE_NAMES; i++) {
		for (int heap = 0; heap < QUEUE_DEAD_HEAP; heap++) {
			HIT(queue_name(s, i)->roots[heap], jobs);
		}
	}
	HIT(table->free_job, jobs);
	HIT(table->dead_root, jobs);
	HIT(table->free_chunk, chunks);
	HIT(table->chunks_free, chunks);
	for (uint32_t i = 0; i < queue_unique_slots(s->geometry.jobs); i++) {
		HIT(queue_unique(s)[i], jobs);
	}
#undef HIT
}

struct round {
	unsigned seed, rare;
};

static void take_or_push(struct store *store, struct rng *rng, unsigned *next)
{
	struct queue_taken taken;

	if (rng_below(rng, 3)) {
		if (push_known(store, *next) == QUEUE_PUSH_QUEUED) {
			found.jobs[*next] = 0;
		} else {
			found.jobs[*next] = 1; /* refused */
		}
		++*next;
		return;
	}
	if (pop_job(store, queue_names[rng_below(rng, QUEUES)], &taken)) {
		unsigned number = check_known(store, &taken);
		if (rng_below(rng, 2) == 0) {
			found.jobs[number] += ack_job(store, &taken);
		} else if (rng_below(rng, 2)) {
			(void)fail_job(store, &taken, rng_below(rng, 2) * NS_PER_S);
		} else {
			(void)extend_job(store, &taken, NS_PER_S);
		}
	}
}

static uint64_t letters_dropped(struct store *store)
{
	uint64_t dropped = 0;

	for (unsigned q = 0; q < QUEUES; q++) {
		dropped += info_of(store, queue_names[q]).counters[QUEUE_dropped];
	}
	return dropped;
}

/* All of it is there, but for what was acknowledged, and for letters that were dropped since there seemed to be no room. */
static void damage_a_living_one(void *context)
{
	const struct round *round = context;
	struct store *store = open_store(MB);
	struct rng rng = {round->seed};
	unsigned next = JOBS;
	uint64_t dropped = -letters_dropped(store);

	alarm(30);
	fill(store);
	memset(&found, 0, sizeof found);
	for (int i = 0; i < 5; i++) {
		damage_derived(store->segment, &rng, round->rare);
		for (int k = 0; k < 15; k++) {
			take_or_push(store, &rng, &next);
		}
		for (unsigned q = 0; q < QUEUES; q++) {
			info_of(store, queue_names[q]);
		}
	}
	queue_mark_dirty(store->segment);
	CHECK_VERIFIED(store);
	dropped += letters_dropped(store);
	empty(store, &found);
	for (unsigned i = 0; i < next; i++) {
		dropped -= found.jobs[i] == 0;
	}
	if (dropped) {
		for (unsigned i = 0; i < next; i++) {
			if (!found.jobs[i]) {
				fprintf(stderr, "job %u was lost (seed %u)\n", i, round->seed);
			}
		}
	}
	CHECK_EQ(dropped, 0);
}

static void what_is_derived_is_not_trusted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < (SLOW_BUILD ? 300 : 800); i++) {
		static const unsigned rates[] = {2, 10, 50, 300, 1000};
		struct round round = {i, rates[i % COUNT_OF(rates)]};
		struct store_options options = options_for(MB);
		struct store *store;
		in_child(damage_a_living_one, &round);
		store = open_with(&options);
		memset(&found, 0, sizeof found);
		empty(store, &found);
		CHECK_EQ(found.count, 0);
		close_store(store);
	}
}

/* The unique table full of links that nobody set, none of them where it belongs. */
static void a_full_table_of_keys_ends_somewhere(void **state)
{
	struct store *store = open_store(MB);
	const struct segment *s = store->segment;
	struct queue_taken taken;
	struct rng rng = {9};

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		CHECK_EQ(push_known(store, i), QUEUE_PUSH_QUEUED);
	}
	for (uint32_t at = 0, slots = queue_unique_slots(s->geometry.jobs); at < slots; at++) {
		for (;;) {
			uint32_t i = (uint32_t)rng_below(&rng, 64);
			uint32_t home = (uint32_t)(load_relaxed(&queue_job(s, i)->hash) >> 32) & (slots - 1);
			if (home != at) {
				store_relaxed(&queue_unique(s)[at], i + 1);
				break;
			}
		}
	}
	for (int i = 0; i < 5; i++) {
		CHECK(pop_job(store, "first", &taken));
		CHECK(ack_job(store, &taken));
		CHECK(push_known(store, 100 + (unsigned)i) != QUEUE_PUSH_FULL);
	}
	queue_mark_dirty(s);
	CHECK_VERIFIED(store);
}

/* ---- a file ------------------------------------------------------------------------------------------------- */

static char *image;
static size_t image_length;
static struct geometry geometry;

static void make_image(void)
{
	struct store_options options = options_for(MB);
	struct store *store;
	const char *path = path_of(&options);

	store = open_store(MB);
	fill(store);
	geometry = store->segment->geometry;
	close_store(store);
	image = file_read(path, &image_length);
}

static struct queue_job *image_jobs(char *bytes)
{
	return (struct queue_job *)(bytes + geometry.jobs_at);
}
static struct queue_chunk *image_chunks(char *bytes)
{
	return (struct queue_chunk *)(bytes + geometry.chunks_at);
}
static struct queue_table *image_table(char *bytes)
{
	return (struct queue_table *)(bytes + geometry.queue_at);
}

static unsigned expected_least;

static void attach_alone_and_use(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	alarm(30);
	CHECK_VERIFIED(store);
	memset(&found, 0, sizeof found);
	if (expected_least) {
		empty(store, &found);
		CHECK(found.count >= expected_least);
	}
	use_whatever_is_there(store);
	CHECK_VERIFIED(store);
}

static void attach_to(const char *bytes, unsigned least)
{
	struct store_options options = options_for(MB);
	static char path[512];

	snprintf(path, sizeof path, "%s", path_of(&options));
	file_write(path, bytes, image_length);
	expected_least = least;
	in_child(attach_alone_and_use, NULL);
}

static void damage_bytes(char *bytes, size_t length, struct rng *rng)
{
	for (size_t i = 0; i < length; i++) {
		bytes[i] = (char)rng_next(rng);
	}
}

static void what_is_true_is_found_in_a_damaged_file(void **state)
{
	struct rng rng = {5};
	char *bytes;

	(void)state;
	make_image();
	bytes = malloc(image_length);
	for (unsigned i = 0; i < (SLOW_BUILD ? 120 : 240); i++) {
		struct segment s = {.base = bytes, .superblock = (struct superblock *)bytes, .geometry = geometry};
		unsigned lost = 0;
		memcpy(bytes, image, image_length);
		switch (i % 6) {
		case 0: /* whatever is derived */
			damage_derived(&s, &rng, 1 + i % 3);
			store_relaxed(&image_table(bytes)->guard.word, (uint32_t)rng_next(&rng));
			store_relaxed(&image_table(bytes)->sleepers, rng_next(&rng));
			store_relaxed(&image_table(bytes)->sequence, rng_next(&rng));
			store_relaxed(&image_table(bytes)->event, (uint32_t)rng_next(&rng));
			store_relaxed(&image_table(bytes)->checked_ns, rng_next(&rng));
			store_relaxed(&image_table(bytes)->dirty, 0);
			break;
		case 1: /* a slot */
			lost = 1;
			damage_bytes((char *)&image_jobs(bytes)[rng_below(&rng, 128)], sizeof(struct queue_job), &rng);
			break;
		case 2: /* a word of each of some slots: may name what is another one's */
			for (int k = 0; k < 8; k++) {
				((uint32_t *)&image_jobs(bytes)[rng_below(&rng, 128)])[rng_below(&rng, 96)] = noise(&rng, 128);
			}
			lost = 8;
			break;
		case 3: /* texts */
			for (int k = 0; k < 4; k++) {
				image_chunks(bytes)[rng_below(&rng, 640)].bytes[rng_below(&rng, 248)] ^= 0x10;
				image_jobs(bytes)[rng_below(&rng, 128)].text[rng_below(&rng, 88)] ^= 1;
			}
			lost = 8;
			break;
		case 4: /* chains */
			for (int k = 0; k < 6; k++) {
				image_chunks(bytes)[rng_below(&rng, 640)].next = noise(&rng, 640);
			}
			lost = 6;
			break;
		default: /* the times of all */
			for (unsigned k = 0; k < 128; k++) {
				store_relaxed(&image_jobs(bytes)[k].due_ns, rng_below(&rng, 100 * NS_PER_S));
				image_jobs(bytes)[k].died_us = (int64_t)rng_next(&rng);
				image_jobs(bytes)[k].priority = (int32_t)rng_next(&rng);
				store_relaxed(&image_jobs(bytes)[k].pushed_us, rng_next(&rng));
			}
		}
		attach_to(bytes, JOBS - lost);
	}
	free(bytes);
	free(image);
}

static void no_bytes_do_harm(void **state)
{
	struct rng rng = {7};
	char *bytes;
	size_t from, to;

	(void)state;
	make_image();
	bytes = malloc(image_length);
	from = geometry.queue_at;
	to = geometry.participants_at;
	for (unsigned i = 0; i < (SLOW_BUILD ? 120 : 240); i++) {
		memcpy(bytes, image, image_length);
		switch (i % 6) {
		case 0:
			damage_bytes(bytes + from, to - from, &rng);
			break;
		case 1:
			memset(bytes + from, 0xff, to - from);
			break;
		case 2: /* here and there */
			for (int k = 0; k < 2000; k++) {
				bytes[from + rng_below(&rng, to - from)] = (char)rng_next(&rng);
			}
			break;
		case 3: /* slots that look like others */
			for (int k = 0; k < 40; k++) {
				image_jobs(bytes)[rng_below(&rng, 256)] = image_jobs(bytes)[rng_below(&rng, 128)];
			}
			break;
		case 4: /* counts of what has memory */
			store_relaxed(&image_table(bytes)->jobs_ready, noise(&rng, 256));
			store_relaxed(&image_table(bytes)->chunks_ready, noise(&rng, 640));
			break;
		default: /* names */
			damage_bytes((char *)(image_table(bytes) + 1) + rng_below(&rng, 64) * sizeof(struct queue_name),
			             sizeof(struct queue_name), &rng);
			for (int k = 0; k < 5; k++) {
				store_relaxed(&image_table(bytes)->hashes[rng_below(&rng, 64)], rng_next(&rng));
			}
		}
		attach_to(bytes, 0);
	}
	free(bytes);
	free(image);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_outlive_all_who_are_attached),
		TEST(jobs_outlive_the_death_of_all),
		TEST(ids_and_tokens_go_on),
		TEST(sequences_go_on_from_the_jobs),
		TEST(a_damaged_name_is_nobodys),
		TEST(times_outlive_a_reboot),
		TEST(what_is_derived_is_not_trusted),
		TEST(a_full_table_of_keys_ends_somewhere),
		TEST(what_is_true_is_found_in_a_damaged_file),
		TEST(no_bytes_do_harm),
	};

	return RUN(tests, argc, argv);
}
