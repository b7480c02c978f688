/*
 * Damaged segment files. Each mutation of a populated file is attached alone by a process of its own: it must neither
 * crash nor hang, find or make a sound segment, give back of each string the bytes that were stored or nothing, and go
 * on working.
 *
 *   damage_test [seed [number]]    another seed; only the mutation of that number of each kind
 */
#define _GNU_SOURCE
#include "damage.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE MB
#define SECONDS_MAX 10

static uint64_t seed = 20240229;
static long only = -1;

/* ---- the sound file ------------------------------------------------------------------------------------- */

enum { INTS = 250, STRINGS = 300, TAGGED = 60, SPANS = 12 };

static size_t string_size(uint64_t i) { return i * i % 1500; }
static size_t span_size(uint64_t i) { return 4200 + i * 2500; }

static void populate(struct store *store)
{
	char bytes[300];

	for (uint64_t i = 0; i < STRINGS; i++) {
		struct store_key key = key_number(store, "string", i);
		CHECK_OK(put_value(store, &key, string_size(i), i));
	}
	for (uint64_t i = 0; i < INTS; i++) {
		struct store_key key = key_number(store, "int", i);
		struct store_item item = item_int((int64_t)i);
		item.ttl_us = i % 5 ? 0 : (int64_t)i * 1000000 + 1000000;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
	for (uint64_t i = 0; i < TAGGED; i++) {
		struct store_key key = key_number(store, "tagged", i);
		struct store_item item = item_string(bytes, sizeof bytes);
		value_fill(bytes, sizeof bytes, i);
		item.tags = "\003red\004blue";
		item.tags_size = 9;
		item.tag_count = 2;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
	for (uint64_t i = 0; i < SPANS; i++) {
		struct store_key key = key_number(store, "span", i);
		CHECK_OK(put_value(store, &key, span_size(i), i));
	}
}

static void leave_a_pin(void *context)
{
	struct store *store = open_store(SIZE);
	struct store_key key = key_of(store, "string:33");
	struct store_view view;

	(void)context;
	CHECK_OK(store_get(store, &key, &view));
	CHECK_OK(put_value(store, &key, string_size(33), 33)); /* the pinned block is retired */
	fault_kill(FAULT_PINNED, 1);                            /* and another one is being filled */
	(void)!put_value(store, &key, 3000, 33);
}

static const char *segment_path(void)
{
	static char path[512];
	struct store_options options = options_for(SIZE);

	snprintf(path, sizeof path, "%s", path_of(&options));
	return path;
}

static int prepare(void **state)
{
	struct store *store;
	const char *path;

	test_setup(state);
	path = segment_path();
	store = open_store(SIZE);
	/* Evictions, so that there is a ghost; then room again. */
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "before", i);
		CHECK_OK(put_value(store, &key, 300, i));
	}
	for (uint64_t i = 0; i < 3000; i++) {
		struct store_key key = key_number(store, "before", i);
		(void)!store_delete(store, &key);
	}
	populate(store);
	older = file_read(path, &image_length);
	populate(store);
	image_pages = load_relaxed(&shard_open(&store->owner, 0).shard->pages_ready);
	image_geometry = store->segment->geometry;
	CHECK_EQ(image_geometry.shards, 1);
	CHECK(image_pages > 40);
	CHECK_VERIFIED(store);
	close_store(store);
	child_wait(child_start(leave_a_pin, NULL));
	image = file_read(path, &image_length);
	return 0;
}

static int discard(void **state)
{
	free(image);
	free(older);
	return test_teardown(state);
}

/* ---- what must hold afterwards ------------------------------------------------------------------------------ */

/* Returns whether it is there. */
static bool check_string(struct store *store, const char *prefix, uint64_t i, size_t size)
{
	struct store_key key = key_number(store, prefix, i);
	struct store_view view;

	if (store_get(store, &key, &view) != CACHE_OK) {
		return false;
	}
	CHECK_EQ(view.type, STORE_STRING);
	CHECK_EQ(view.size, size);
	CHECK(value_is(view.bytes, size, i));
	store_unpin(store, view.pin);
	return true;
}

static bool check_tagged(struct store *store, uint64_t i)
{
	struct store_key key = key_number(store, "tagged", i);
	struct store_entry entry;

	if (store_inspect(store, &key, &entry) == CACHE_OK) {
		CHECK_EQ(entry.tag_count, 2);
		CHECK(memcmp(entry.tags, "\003red\004blue", 9) == 0);
		store_unpin(store, entry.view.pin);
	}
	return check_string(store, "tagged", i, 300);
}

static void count_walked(void *context, const struct store_entry *entry)
{
	CHECK(entry->key_length > 0);
	CHECK(entry->view.bytes == NULL || entry->view.size < SIZE);
	++*(unsigned *)context;
}

static void use_it(struct store *store)
{
	struct store_cursor cursor = {0};
	struct store_info info;
	struct store_view view;
	unsigned walked = 0;
	int64_t result;

	while (!cursor.done) {
		store_walk(store, &cursor, 50, count_walked, &walked);
	}
	store_get_info(store, &info);
	CHECK(walked <= info.entries);
	for (uint64_t i = 0; i < 120; i++) {
		struct store_key key = key_number(store, i % 2 ? "string" : "new", i);
		size_t size = i % 10 == 0 ? 4000 + i * 200 : i * 13;
		CHECK_OK(put_value(store, &key, size, i));
		/* It may have been taken for the room of the next: not before it was seen. */
		CHECK(holds_value(store, &key, size, i) || COUNTER_OF(store, evictions) > 0);
	}
	for (uint64_t i = 0; i < INTS; i++) {
		struct store_key key = key_number(store, "int", i);
		enum cache_status status = store_increment(store, &key, 1, 0, &result);
		CHECK(status == CACHE_OK || status == CACHE_OVERFLOW || status == CACHE_WRONG_TYPE);
		CHECK(store_get(store, &key, &view) == CACHE_OK || COUNTER_OF(store, evictions) > 0);
		if (i % 3 == 0) {
			(void)!store_delete(store, &key);
			CHECK_STATUS(store_get(store, &key, &view), CACHE_MISSING);
		}
	}
	clock_advance(INT64_C(300) * 1000000);
	store_sweep(store);
}

static void attach_and_use(void *context)
{
	struct store *store;
	unsigned found = 0;

	alarm(SECONDS_MAX);
	store = open_store(SIZE);
	CHECK_VERIFIED(store);
	for (uint64_t i = 0; i < STRINGS; i++) {
		found += check_string(store, "string", i, string_size(i));
	}
	for (uint64_t i = 0; i < SPANS; i++) {
		found += check_string(store, "span", i, span_size(i));
	}
	for (uint64_t i = 0; i < TAGGED; i++) {
		found += check_tagged(store, i);
	}
	CHECK(!context || found == STRINGS + SPANS + TAGGED);
	use_it(store);
	CHECK_VERIFIED(store);
	close_store(store);
	store = open_store(SIZE);
	CHECK_EQ(open_message[0], 0);
	CHECK_VERIFIED(store);
	store_clear(store);
	put_text(store, "key", "value");
	CHECK(holds_text(store, "key", "value"));
	CHECK_VERIFIED(store);
}

static void run_mutations(const char *name, void (*mutate)(struct mutation *m), unsigned count)
{
	const char *path = segment_path();
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char *bytes = malloc(image_length);

	CHECK(fd >= 0 && bytes);
	for (unsigned i = 0; i < (SLOW_BUILD ? count : count / 4); i++) { /* all of them where each access is looked at */
		uint64_t start = seed * 1000003 + hash_siphash13(&(struct hash_key){1, 2}, name, strlen(name)) + i;
		struct mutation m = {{start}, bytes, image_length};
		int status;
		if (only >= 0 && i != (unsigned)only) {
			continue;
		}
		memcpy(bytes, image, image_length);
		mutate(&m);
		/* The child may have replaced the file. */
		close(fd);
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		CHECK_EQ(pwrite(fd, bytes, m.length, 0), m.length);
		world->wall_us = CLOCK_START;
		status = child_wait(child_start(attach_and_use, NULL));
		if (status != 0) {
			close(fd);
			free(bytes);
			check_failed(__FILE__, __LINE__, "%s: mutation %u of seed %llu: signal %d, status %d", name, i,
			             (unsigned long long)seed, WIFSIGNALED(status) ? WTERMSIG(status) : 0, WEXITSTATUS(status));
		}
	}
	close(fd);
	free(bytes);
}

#define X(kind, count)                                     \
	static void test_##kind(void **state)                  \
	{                                                      \
		(void)state;                                       \
		run_mutations(#kind, kind, count);                 \
	}
DAMAGE_KINDS(X)
#undef X

static void the_file_as_it_is(void **state)
{
	(void)state;
	in_child(attach_and_use, "all must be there");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{"the_file_as_it_is", the_file_as_it_is, prepare, discard, NULL},
#define X(kind, count) {#kind, test_##kind, prepare, discard, NULL},
		DAMAGE_KINDS(X)
#undef X
	};

	if (argc > 1) {
		seed = strtoull(argv[1], NULL, 0);
	}
	if (argc > 2) {
		only = atol(argv[2]);
	}
	printf("seed %llu\n", (unsigned long long)seed);
	return RUN(tests, 1, argv);
}
