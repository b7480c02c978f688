#define _GNU_SOURCE
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 8000

void fail(const char *file, int line, const char *format, ...)
{
	char text[600];
	va_list arguments;
	int length = snprintf(text, sizeof text, "%s:%d: ", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line);

	va_start(arguments, format);
	length += vsnprintf(text + length, sizeof text - (size_t)length - 1, format, arguments);
	va_end(arguments);
	length = length < (int)sizeof text - 1 ? length : (int)sizeof text - 2;
	text[length++] = '\n';
	if (write(STDERR_FILENO, text, (size_t)length) < 0) {
		abort();
	}
	_exit(1);
}

/* ---- the world ------------------------------------------------------------------------------------------ */

/* The other functions of the host know nothing of it. */
static struct world *the_world;

static int fault_here(void *context, enum cache_fault point)
{
	(void)context;
	if (point == the_world->kill_at) {
		kill(getpid(), SIGKILL);
	}
	return 0;
}

struct world *world_make(const char *directory)
{
	struct {
		struct world world;
		struct fault_state state;
	} *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct world *w;

	MUST(shared != MAP_FAILED, "%s", strerror(errno));
	shared->state.plan.call = CALLS;
	fault_state = &shared->state;
	w = the_world = &shared->world;
	snprintf(w->directory, sizeof w->directory, "%s", directory);
	w->host = cache_posix_host;
	w->host.fault = fault_here;
	w->kill_at = FAULT_COUNT;
	w->options = (struct store_options){
		.directory = w->directory,
		.name = "faults",
		.size = 4 * MB,
		.processes = 16,
		.queue_jobs = 64,
		.queue_attempts = 2,
		.host = &w->host,
	};
	return w;
}

bool world_fault_hit(void)
{
	return fault_state->failed > 0 && !the_world->strict;
}

/* ---- opening -------------------------------------------------------------------------------------------- */

struct store *try_open(struct world *w)
{
	struct store *store = NULL;
	enum cache_status status = store_open(&w->options, &store, w->message, sizeof w->message);

	ONE_OF(status, CACHE_OK, CACHE_NO_MEMORY, CACHE_BUSY, CACHE_BAD_DIRECTORY, CACHE_BAD_FILE, CACHE_CORRUPT,
	       CACHE_NO_SPACE, CACHE_NO_MAP, CACHE_SYSTEM);
	MUST(status == CACHE_OK || world_fault_hit(), "%s: %s", cache_status_name(status), w->message);
	MUST(status == CACHE_OK || w->message[0], "%s without a message", cache_status_name(status));
	return status == CACHE_OK ? store : NULL;
}

struct store *must_open(struct world *w)
{
	struct store *store = NULL;
	enum cache_status status = store_open(&w->options, &store, w->message, sizeof w->message);

	MUST(status == CACHE_OK, "%s: %s", cache_status_name(status), w->message);
	return store;
}

struct store_key name_of(struct store *store, const char *name)
{
	return (struct store_key){name, (uint32_t)strlen(name), store_hash(store, name, strlen(name))};
}

struct store_key key_of(struct store *store, unsigned number)
{
	static _Thread_local char names[8][24];
	static _Thread_local unsigned next;
	char *name = names[next++ % 8];

	snprintf(name, sizeof names[0], "key-%u", number);
	return name_of(store, name);
}

/* ---- values --------------------------------------------------------------------------------------------- */

static uint64_t word_at(uint64_t seed, size_t at)
{
	return hash_mix(seed * UINT64_C(0x9e3779b97f4a7c15) + at + 1);
}

static void value_fill(char *bytes, size_t size, uint64_t seed)
{
	for (size_t at = 0; at < size; at += 8) {
		uint64_t word = word_at(seed, at);
		memcpy(bytes + at, &word, size - at < 8 ? size - at : 8);
	}
}

bool value_is(const char *bytes, size_t size, uint64_t seed)
{
	for (size_t at = 0; at < size; at += 8) {
		uint64_t word = word_at(seed, at);
		if (memcmp(bytes + at, &word, size - at < 8 ? size - at : 8) != 0) {
			return false;
		}
	}
	return true;
}

void all_perhaps(struct world *w)
{
	for (unsigned i = 0; i < KEYS; i++) {
		if (w->known[i].standing == THERE) {
			w->known[i].standing = PERHAPS;
		}
	}
}

/* Who could not take part at all has cleared the cache instead. */
static void note_refusal(struct world *w, enum cache_status status)
{
	if (status != CACHE_OK) {
		MUST(world_fault_hit(), "%s", cache_status_name(status));
		all_perhaps(w);
	}
}

enum cache_status put_with(struct world *w, struct store *store, unsigned key, struct store_item *item, size_t size)
{
	static char bytes[256 * 1024];
	struct store_key k = key_of(store, key);
	uint64_t seed = ++w->seeds;
	enum cache_status status;

	MUST(size <= sizeof bytes && key < KEYS, "%zu", size);
	value_fill(bytes, size, seed);
	item->type = STORE_STRING;
	item->bytes = bytes;
	item->size = size;
	status = store_put(store, &k, item, STORE_SET);
	ONE_OF(status, CACHE_OK, CACHE_NO_MEMORY, CACHE_BUSY, CACHE_SYSTEM);
	note_refusal(w, status);
	/* A write that fails leaves no old value. */
	w->known[key] = (struct known){status == CACHE_OK ? THERE : ABSENT, (uint32_t)size, seed};
	return status;
}

enum cache_status put(struct world *w, struct store *store, unsigned key, size_t size)
{
	struct store_item item = {.ttl_us = STORE_FOREVER};

	return put_with(w, store, key, &item, size);
}

void get(struct world *w, struct store *store, unsigned key)
{
	struct store_key k = key_of(store, key);
	struct known *known = &w->known[key];
	struct store_view view;
	uint32_t failed = fault_state->failed;
	enum cache_status status = store_get(store, &k, &view);

	if (status == CACHE_OK) {
		MUST(known->standing != ABSENT, "key %u is there, though it was replaced or removed", key);
		MUST(view.type == STORE_STRING && view.size == known->size && value_is(view.bytes, view.size, known->seed),
		     "key %u has another value than was acknowledged", key);
		store_unpin(store, view.pin);
		return;
	}
	ONE_OF(status, CACHE_MISSING, CACHE_BUSY, CACHE_SYSTEM);
	/* Where the file system gives no memory, something else gives way. */
	w->evicts |= fault_state->plan.call == CALL_fallocate && world_fault_hit();
	MUST(known->standing != THERE || w->evicts || fault_state->failed > failed,
	     "key %u was acknowledged and is missing (%s)", key, cache_status_name(status));
}

void get_all(struct world *w, struct store *store, unsigned keys)
{
	for (unsigned i = 0; i < keys; i++) {
		get(w, store, i);
	}
}

void delete (struct world *w, struct store *store, unsigned key)
{
	struct store_key k = key_of(store, key);
	uint32_t failed = fault_state->failed;
	enum cache_status status = store_delete(store, &k);

	ONE_OF(status, CACHE_OK, CACHE_MISSING);
	if (fault_state->failed > failed) {
		all_perhaps(w);
	} else {
		MUST(status == CACHE_OK || w->known[key].standing != THERE || w->evicts, "key %u was not there to be deleted",
		     key);
	}
	w->known[key].standing = ABSENT;
}

void one_of(const char *file, int line, enum cache_status status, const enum cache_status *expected)
{
	while (*expected != CACHE_STATUS_COUNT) {
		if (status == *expected++) {
			return;
		}
	}
	fail(file, line, "a status that this function does not have: %s", cache_status_name(status));
}

/* ---- afterwards ----------------------------------------------------------------------------------------- */

static void print_finding(void *context, const char *sentence)
{
	(void)context;
	fprintf(stderr, "store_verify: %s\n", sentence);
}

static void work_alone(struct world *w, struct store *none)
{
	struct store *store = must_open(w);
	struct store_item item = {.type = STORE_STRING, .bytes = "fresh", .size = 5, .ttl_us = STORE_FOREVER};
	struct store_key k = name_of(store, "a key of the fresh process");
	struct store_view view;

	(void)none;
	MUST(store_verify(store, print_finding, NULL) == 0, "after the attachment of a fresh process");
	MUST(store_put(store, &k, &item, STORE_SET) == CACHE_OK, "a fresh process cannot store");
	MUST(store_get(store, &k, &view) == CACHE_OK && view.size == 5, "a fresh process cannot read what it stored");
	store_unpin(store, view.pin);
	MUST(store_put(store, &k, &item, STORE_ADD) == CACHE_EXISTS, "a fresh process adds what is there");
	MUST(store_delete(store, &k) == CACHE_OK, "a fresh process cannot delete");
	store_close(store);
}

void check_world(struct world *w, unsigned keys)
{
	struct store *store;

	fault_disarm();
	store = must_open(w);
	MUST(store_verify(store, print_finding, NULL) == 0, "afterwards");
	get_all(w, store, keys);
	join(child(w, work_alone, NULL), false);
	for (unsigned i = 0; i < keys; i++) {
		MUST(put(w, store, i, 100 + i % 900) == CACHE_OK, "key %u afterwards", i);
		get(w, store, i);
	}
	MUST(store_verify(store, print_finding, NULL) == 0, "after further work");
	store_close(store);
}

/* ---- processes ------------------------------------------------------------------------------------------ */

pid_t child(struct world *w, void (*body)(struct world *w, struct store *store), struct store *store)
{
	pid_t pid = fork();

	MUST(pid >= 0, "%s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(w, store);
		_exit(0);
	}
	return pid;
}

void join(pid_t pid, bool killed)
{
	int status;

	while (waitpid(pid, &status, 0) != pid) {
		MUST(errno == EINTR, "%s", strerror(errno));
	}
	if (killed ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		return;
	}
	fail(__FILE__, __LINE__, "a child ended with 0x%x", (unsigned)status);
}

void sleep_ms(unsigned ms)
{
	struct timespec period = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&period, &period) != 0) {
	}
}

void raise_flag(struct world *w, int flag)
{
	w->flags[flag] = 1;
}

void await_flag(struct world *w, int flag)
{
	for (int i = 0; !w->flags[flag]; i++) {
		MUST(i < PATIENCE_MS, "flag %d", flag);
		sleep_ms(1);
	}
}

unsigned open_descriptors(void)
{
	DIR *stream = opendir("/proc/self/fd");
	unsigned count = 0;

	MUST(stream != NULL, "%s", strerror(errno));
	while (readdir(stream)) {
		count++;
	}
	closedir(stream);
	return count;
}

unsigned mappings_of(const char *directory)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[600];
	unsigned count = 0;

	MUST(maps != NULL, "%s", strerror(errno));
	while (fgets(line, sizeof line, maps)) {
		count += strstr(line, directory) != NULL;
	}
	fclose(maps);
	return count;
}
