/*
 * What a look-up of a hot 20-byte key costs in the core: no PHP, one process.
 *   get DIRECTORY MILLISECONDS    one JSON object a line: name, p50 and p10 in nanoseconds
 * The operations take turns in short chunks; the loop and the clock are subtracted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segment.h"

#define KEY "bench:core:get:00001"
#define ABSENT "bench:core:get:99999"
_Static_assert(sizeof KEY == 21 && sizeof ABSENT == 21, "keys of 20 bytes");

#define CALLS 2000
#define CHUNKS_MAX 20000

struct bench {
	struct store *store;
	struct store_key integer, string, absent;
};

/* Keeps the compiler from computing anything about it in advance. */
#define OPAQUE(object) __asm__ volatile("" : : "r"(&(object)) : "memory")

static void nothing(struct bench *b)
{
	OPAQUE(*b);
}

static void get_int(struct bench *b)
{
	struct store_view view;

	must(store_get(b->store, &b->integer, &view), "get");
	OPAQUE(view);
}

static void get_int_by_name(struct bench *b)
{
	struct store_view view;
	struct store_key key = segment_key(b->store, b->integer.bytes, b->integer.length);

	must(store_get(b->store, &key, &view), "get");
	OPAQUE(view);
}

static void get_string(struct bench *b)
{
	struct store_view view;

	must(store_get(b->store, &b->string, &view), "get");
	OPAQUE(view);
	store_unpin(b->store, view.pin);
}

static void exists(struct bench *b)
{
	must(store_exists(b->store, &b->integer), "exists");
}

static void miss(struct bench *b)
{
	struct store_view view;

	if (store_get(b->store, &b->absent, &view) != CACHE_MISSING) {
		fail("the absent key is there");
	}
}

static const struct operation {
	const char *name;
	void (*call)(struct bench *b);
} operations[] = {
	{"nothing", nothing},
	{"get int", get_int},
	{"get int, hashing the key", get_int_by_name},
	{"get 20 B string, unpin", get_string},
	{"exists", exists},
	{"miss", miss},
};
#define OPERATIONS (sizeof operations / sizeof *operations)

static uint64_t now_ns(void)
{
	return cache_posix_host.monotonic_ns(NULL);
}

static double chunk(struct bench *b, void (*call)(struct bench *b))
{
	uint64_t start = now_ns();

	for (int i = 0; i < CALLS; i++) {
		call(b);
	}
	return (double)(now_ns() - start) / CALLS;
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void prepare(struct bench *b)
{
	static const char other[] = "bench:core:get:00002";
	struct store_item number = {.type = STORE_INT, .integer = 42};
	struct store_item text = {.type = STORE_STRING, .bytes = other, .size = sizeof other - 1};

	b->integer = segment_key(b->store, KEY, sizeof KEY - 1);
	b->string = segment_key(b->store, other, sizeof other - 1);
	b->absent = segment_key(b->store, ABSENT, sizeof ABSENT - 1);
	must(store_put(b->store, &b->integer, &number, STORE_SET), "put");
	must(store_put(b->store, &b->string, &text, STORE_SET), "put");
}

int main(int argc, char **argv)
{
	static double times[OPERATIONS][CHUNKS_MAX];
	struct bench b;
	size_t chunks = 0;

	if (argc != 3) {
		fail("usage: get DIRECTORY MILLISECONDS");
	}
	b.store = segment_make(argv[1], UINT64_C(16) << 20);
	prepare(&b);
	uint64_t end = now_ns() + strtoull(argv[2], NULL, 10) * 1000000;
	for (; now_ns() < end && chunks < CHUNKS_MAX; chunks++) {
		for (size_t i = 0; i < OPERATIONS; i++) {
			times[i][chunks] = chunk(&b, operations[i].call);
		}
	}
	for (size_t i = 0; i < OPERATIONS; i++) {
		qsort(times[i], chunks, sizeof times[i][0], ascending);
	}
	for (size_t i = 1; i < OPERATIONS; i++) {
		printf("{\"name\": \"%s\", \"p50\": %.2f, \"p10\": %.2f}\n", operations[i].name,
		       times[i][chunks / 2] - times[0][chunks / 2], times[i][chunks / 10] - times[0][chunks / 10]);
	}
	segment_drop(b.store);
}
