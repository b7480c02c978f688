#include "segment.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROCESSES 16
#define JOBS 65536

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

void must(enum cache_status status, const char *what)
{
	if (status != CACHE_OK) {
		fail("%s: %s", what, cache_status_text(status));
	}
}

struct store *segment_make(const char *directory, uint64_t size)
{
	static unsigned made;
	char name[32], message[512];
	struct store_options options = {
		.directory = directory,
		.name = name,
		.size = size,
		.processes = PROCESSES,
		.queue_jobs = JOBS,
		.queue_attempts = 5,
		.zero_copy = STORE_ZERO_COPY_OFF,
	};
	struct store *store;

	snprintf(name, sizeof name, "bench-%d-%u", (int)getpid(), made++);
	if (store_open(&options, &store, message, sizeof message) != CACHE_OK) {
		fail("a segment of %llu bytes in %s: %s", (unsigned long long)size, directory, message);
	}
	return store;
}

void segment_drop(struct store *store)
{
	static struct store_info info; /* large */

	store_get_info(store, &info);
	unlink(info.path);
	store_close(store);
}

struct store_key segment_key(const struct store *store, const char *bytes, uint32_t length)
{
	return (struct store_key){.bytes = bytes, .length = length, .hash = store_hash(store, bytes, length)};
}
