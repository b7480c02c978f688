#define _GNU_SOURCE
#include "world.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/store/job_queue.h"
#include "core/store/named_lock.h"

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#else
#define __asan_poison_memory_region(at, bytes) ((void)(at), (void)(bytes))
#define __asan_unpoison_memory_region(at, bytes) ((void)(at), (void)(bytes))
#endif

struct geometry world_geometry;
struct image world_sound[WORLD_KINDS];

static struct image copy;
static char directory[256], path[512];
static pid_t owner;

/* ---- the watch ---------------------------------------------------------------------------------------------- */

/* Pages of the file that have memory, and where it is mapped. */
static unsigned char *taken;
static size_t pages;
static struct {
	char *at;
	size_t length;
} mappings[8];

void *__real_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *at, size_t length);
int __real_fallocate(int fd, int mode, off_t from, off_t length);
void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t length);
int __wrap_fallocate(int fd, int mode, off_t from, off_t length);

static void watch_mapping(char *at, size_t length)
{
	for (size_t page = 0, run; page < pages && page * OS_PAGE < length; page += run) {
		for (run = 1; page + run < pages && taken[page + run] == taken[page]; run++) {
		}
		if (!taken[page]) {
			__asan_poison_memory_region(at + page * OS_PAGE, run * OS_PAGE);
		}
	}
}

static void forget_mapping(const char *at)
{
	for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++) {
		if (mappings[i].at && mappings[i].at == at) {
			__asan_unpoison_memory_region(mappings[i].at, mappings[i].length);
			mappings[i].at = NULL;
		}
	}
}

void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	void *got = __real_mmap(at, length, protection, flags, fd, offset);
	size_t i = 0;

	if (got != MAP_FAILED) {
		forget_mapping(got);
	}
	if (got == MAP_FAILED || fd < 0) {
		return got;
	}
	while (i < sizeof mappings / sizeof *mappings && mappings[i].at) {
		i++;
	}
	MUST(i < sizeof mappings / sizeof *mappings);
	mappings[i].at = got;
	mappings[i].length = length;
	watch_mapping(got, length);
	return got;
}

int __wrap_munmap(void *at, size_t length)
{
	forget_mapping(at);
	return __real_munmap(at, length);
}

int __wrap_fallocate(int fd, int mode, off_t from, off_t length)
{
	int result = __real_fallocate(fd, mode, from, length);
	size_t end = ((size_t)(from + length) + OS_PAGE - 1) / OS_PAGE;

	if (result == 0) {
		if (end > pages) {
			taken = realloc(taken, end);
			memset(taken + pages, 0, end - pages);
			pages = end;
		}
		memset(taken + (size_t)from / OS_PAGE, 1, end - (size_t)from / OS_PAGE);
		for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++) {
			if (mappings[i].at) {
				__asan_unpoison_memory_region(mappings[i].at + from, (size_t)length);
			}
		}
	}
	return result;
}

/* ---- the host ----------------------------------------------------------------------------------------------- */

#define CLOCK_START (INT64_C(1700000000) * 1000000)

static int64_t wall = CLOCK_START;
static uint64_t monotonic = 1000000000, dice;
static void (*at_fault)(void);
static enum cache_fault wanted_fault;

static int64_t wall_us(void *context)
{
	(void)context;
	return wall;
}

static int64_t wall_second(void *context)
{
	(void)context;
	return wall / 1000000;
}

static uint64_t monotonic_ns(void *context)
{
	(void)context;
	return monotonic += 1000;
}

static int random_bytes(void *context, void *bytes, size_t count)
{
	(void)context;
	for (size_t i = 0; i < count; i++) {
		dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		((unsigned char *)bytes)[i] = (unsigned char)(dice >> 56);
	}
	return 0;
}

static void drop_line(void *context, enum cache_log_level level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

static void image_moved(char *image, size_t size, uint8_t flags, int64_t delta)
{
	(void)flags;
	if (size >= 8) {
		uint64_t word;
		memcpy(&word, image, 8);
		word += (uint64_t)delta;
		memcpy(image, &word, 8);
		/* Touched to its end, so that one that is too long is noticed. */
		*(volatile char *)(image + size - 1) = *(volatile char *)(image + size - 1);
	}
}

static int fault(void *context, enum cache_fault point)
{
	void (*call)(void) = at_fault;

	(void)context;
	if (call && point == wanted_fault) {
		at_fault = NULL;
		call();
	}
	return 0;
}

struct cache_host world_host = {
	.wall_us = wall_us,
	.wall_coarse_us = wall_us,
	.wall_second = wall_second,
	.monotonic_ns = monotonic_ns,
	.random = random_bytes,
	.log = drop_line,
	.moved = image_moved,
	.fault = fault,
};

void world_turn_clock(int64_t us)
{
	wall += us;
}
void world_skip_ns(uint64_t ns)
{
	monotonic += ns;
}

/* ---- keys and values ---------------------------------------------------------------------------------------- */

const char *const world_queues[4] = {"mail", "images", "q", "a queue that is not there at first"};
const char *const world_locks[6] = {"import", "reader", "left behind", "waited for", "l5", "l6"};

static const char *const tag_names[WORLD_TAGS] = {"red", "green", "blue", "user:17", "x", "page"};

static struct {
	char text[16];
	unsigned length;
} names[ALL_KEYS];

struct store_key world_key(const struct store *store, unsigned number)
{
	number %= ALL_KEYS;
	return (struct store_key){names[number].text, names[number].length,
	                          store_hash(store, names[number].text, names[number].length)};
}

uint32_t world_tags(unsigned bits, char tags[64], uint8_t *count)
{
	uint32_t at = 0;

	*count = 0;
	for (unsigned i = 0; i < WORLD_TAGS; i++) {
		if (bits >> i & 1) {
			size_t length = strlen(tag_names[i]);
			tags[at++] = (char)length;
			memcpy(tags + at, tag_names[i], length);
			at += (uint32_t)length;
			++*count;
		}
	}
	return at;
}

void world_build(void *context, char *to, size_t size, uint64_t official)
{
	(void)context;
	memset(to, (int)size & 0xff, size);
	if (size >= 8) {
		memcpy(to, &official, 8);
	}
}

/* ---- sound files -------------------------------------------------------------------------------------------- */

static struct store_options options(void)
{
	return (struct store_options){
		.directory = directory,
		.name = "t",
		.size = FUZZ_SIZE,
		.processes = FUZZ_PROCESSES,
		.queue_jobs = FUZZ_JOBS,
		.queue_attempts = 3,
		.host = &world_host,
	};
}

struct store *world_open(bool alone)
{
	const struct store_options o = options();
	struct store *store = NULL;
	char message[512];
	enum cache_status status = store_open(&o, &store, message, sizeof message);

	if (status != CACHE_OK) {
		fprintf(stderr, "not opened: %s\n", message);
	}
	MUST(status == CACHE_OK && store);
	/* Whoever comes alone has a slot of his own. */
	MUST(!alone || store->owner.slot != NO_SLOT);
	return store;
}

static void print_finding(void *context, const char *sentence)
{
	(void)context;
	fprintf(stderr, "verify: %s\n", sentence);
}

void world_verify(struct store *store)
{
	MUST(store_verify(store, print_finding, NULL) == 0);
}

/* Kind of value by the number of its key. */
static struct store_item sound_item(unsigned number, char bytes[30000], char tags[64])
{
	struct store_item item = {.type = STORE_STRING, .bytes = bytes};

	memset(bytes, (int)number, 30000);
	item.size = number * number % 900;
	if (number % 16 == 3) {
		item.size = 5000 + number * 200; /* a span */
	}
	switch (number % 12) {
	case 0:
	case 1:
		item = (struct store_item){.type = STORE_INT, .integer = (int64_t)number * 1000};
		break;
	case 2:
		item = (struct store_item){.type = STORE_INT, .integer = INT64_MAX - number}; /* does not fit a word */
		break;
	case 4:
		item = (struct store_item){.type = number & 16 ? STORE_DOUBLE : STORE_TRUE, .real = 1.5};
		break;
	case 5:
		item.type = STORE_IMAGE;
		item.bytes = NULL;
		item.build = world_build;
		item.size = 64 + number * 8;
		break;
	case 6:
		item.type = STORE_TEXT;
		item.size = 16 + item.size / 8 * 8;
		break;
	case 7:
		item.type = STORE_SERIALIZED;
		item.flags = 1;
		break;
	}
	item.ttl_us = number % 5 == 0 ? (int64_t)(10 + number) * 1000000 : 0;
	item.stale_ttl_us = number % 3 == 0 ? 600 * 1000000 : number % 7 == 0 ? STORE_FOREVER : 0;
	if (number % 4 == 1) {
		item.tags_size = world_tags(number / 4, tags, &item.tag_count);
		item.tags = item.tags_size ? tags : NULL;
	}
	return item;
}

static void put_sound(struct store *store, unsigned number)
{
	static char bytes[30000];
	char tags[64];
	struct store_key key = world_key(store, number);
	struct store_item item = sound_item(number, bytes, tags);

	MUST(store_put(store, &key, &item, STORE_SET) == CACHE_OK);
}

static void push(struct store *store, unsigned queue, unsigned key, size_t payload, uint64_t delay_ns)
{
	static char bytes[2000];
	struct store_key q = {world_queues[queue], (uint32_t)strlen(world_queues[queue]), 0}, k = world_key(store, key);
	struct store_job job = {&q, &k, bytes, payload, 3, delay_ns, (int32_t)key % 3};

	memset(bytes, 'p', sizeof bytes);
	q.hash = store_hash(store, q.bytes, q.length);
	MUST(store_queue_push(store, &job) == QUEUE_PUSH_QUEUED);
}

static void fill_queue(struct store *store)
{
	struct store_key q = {world_queues[0], (uint32_t)strlen(world_queues[0]), 0};
	struct store_queue_wish wish;
	struct queue_taken taken;

	q.hash = store_hash(store, q.bytes, q.length);
	for (unsigned i = 0; i < 24; i++) {
		push(store, i % 3, i, i % 4 == 1 ? 700 : i, i % 6 == 5 ? UINT64_C(60000000000) : 0);
	}
	for (unsigned i = 0; i < 5; i++) {
		MUST(store_queue_begin(store, &wish, &q, 1, 0, UINT64_C(30000000000), &taken) == CACHE_OK);
		for (unsigned tries = 0; i < 2 && tries < 3; tries++) {
			MUST(store_queue_fail(store, taken.id, taken.token, "it failed", 9, 0));
			monotonic += 1000000;
			if (tries < 2) {
				MUST(store_queue_begin(store, &wish, &q, 1, 0, UINT64_C(30000000000), &taken) == CACHE_OK);
			}
		}
	}
}

static void take_locks(struct store *store)
{
	for (unsigned i = 0; i < 4; i++) {
		struct store_lock_wish wish;
		struct store_key name = {world_locks[i], (uint32_t)strlen(world_locks[i]), 0};
		name.hash = store_hash(store, name.bytes, name.length);
		MUST(store_lock_begin(store, &wish, &name, i == 1 ? RWLOCK_READ : RWLOCK_WRITE, 0,
		                      i == 3 ? UINT64_C(5000000000) : 0) == CACHE_OK);
	}
}

static void populate(struct store *store)
{
	char tags[64];
	uint8_t count;
	struct store_view view;
	uint32_t size;

	for (unsigned i = 0; i < WORLD_KEYS; i++) {
		put_sound(store, i);
	}
	for (unsigned i = 0; i < WORLD_KEYS; i += 6) {
		struct store_key key = world_key(store, i);
		(void)!store_mark_stale(store, &key);
		(void)!store_cas_lock(store, &key, 0, i + 1);
	}
	size = world_tags(1, tags, &count);
	store_invalidate_tags(store, tags, size, true);
	size = world_tags(2 | 8, tags, &count);
	store_invalidate_tags(store, tags, size, false);
	for (unsigned i = 0; i < 10; i++) {
		struct store_key key = world_key(store, i * 9 + (i & 1 ? WORLD_KEYS : 0));
		MUST(store_lease(store, &key, UINT64_C(60000000000)) > 0);
	}
	take_locks(store);
	fill_queue(store);
	/* Replaced while somebody reads it: on limbo. */
	for (unsigned i = 7; i < 12; i++) {
		struct store_key key = world_key(store, i);
		(void)!store_get(store, &key, &view);
		put_sound(store, i);
	}
}

static struct image *snapshot_to;

static void take_snapshot(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct image *image = snapshot_to;

	image->length = world_geometry.file_length;
	image->bytes = calloc(1, image->length);
	image->taken = calloc(1, image->length / OS_PAGE + 1);
	memcpy(image->taken, taken, pages < image->length / OS_PAGE ? pages : image->length / OS_PAGE);
	MUST(fd >= 0 && pread(fd, image->bytes, image->length, 0) == (ssize_t)image->length);
	close(fd);
}

static void make_sound(enum world_kind kind)
{
	struct store *store = world_open(true);

	world_geometry = store->segment->geometry;
	snprintf(path, sizeof path, "%s", store->segment->path);
	if (kind == WORLD_FULL) {
		static char bytes[400];
		for (unsigned i = 0; i < 4000; i++) {
			char text[16];
			int length = snprintf(text, sizeof text, "before%u", i);
			struct store_key key = {text, (uint32_t)length, store_hash(store, text, (size_t)length)};
			struct store_item item = {.type = STORE_STRING, .bytes = bytes, .size = 300 + i % 100};
			MUST(store_put(store, &key, &item, STORE_SET) == CACHE_OK);
			(void)!store_exists(store, &key);
		}
	}
	populate(store);
	snapshot_to = &world_sound[kind];
	if (kind == WORLD_LOCKED) {
		at_fault = take_snapshot;
		wanted_fault = FAULT_BEFORE_PUBLISH;
		put_sound(store, 20);
		MUST(!at_fault);
	} else {
		take_snapshot();
	}
	store_close(store);
	MUST(unlink(path) == 0);
	memset(taken, 0, pages);
}

static int remove_one(const char *name, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(name);
}

static void world_end(void)
{
	if (getpid() == owner) {
		nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	}
}

void world_begin(void)
{
	const char *folder;

	if (owner) {
		return;
	}
	for (unsigned i = 0; i < ALL_KEYS; i++) {
		names[i].length = (unsigned)snprintf(names[i].text, sizeof names[i].text, "%c%u", 'a' + (int)(i % 26), i);
	}
	/* Who ends without saying goodbye leaves it behind: a script names a folder, and removes that. */
	folder = getenv("FUZZ_FOLDER");
	snprintf(directory, sizeof directory, "%s/cache-fuzz-XXXXXX", folder ? folder : "/dev/shm");
	MUST(mkdtemp(directory));
	owner = getpid();
	atexit(world_end);
	for (enum world_kind kind = 0; kind < WORLD_KINDS; kind++) {
		make_sound(kind);
	}
	copy.bytes = calloc(1, world_geometry.file_length);
	copy.taken = calloc(1, world_geometry.file_length / OS_PAGE + 1);
}

/* ---- one input ---------------------------------------------------------------------------------------------- */

struct image *world_copy(enum world_kind kind)
{
	const struct image *from = &world_sound[kind];
	size_t count = from->length / OS_PAGE;

	for (size_t page = 0; page < count; page++) {
		char *to = copy.bytes + page * OS_PAGE;
		if (from->taken[page]) {
			memcpy(to, from->bytes + page * OS_PAGE, OS_PAGE);
		} else if (copy.taken[page]) {
			memset(to, 0, OS_PAGE);
		}
	}
	memcpy(copy.taken, from->taken, count);
	copy.length = from->length;
	wall = CLOCK_START;
	monotonic = 1000000000;
	dice = 1;
	return &copy;
}

void world_write(const struct image *image)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t count = image->length / OS_PAGE;

	MUST(fd >= 0 && ftruncate(fd, (off_t)image->length) == 0);
	memset(taken, 0, pages);
	for (size_t page = 0, run; page < count; page += run) {
		for (run = 1; page + run < count && image->taken[page + run] == image->taken[page]; run++) {
		}
		if (image->taken[page]) {
			MUST(pwrite(fd, image->bytes + page * OS_PAGE, run * OS_PAGE, (off_t)(page * OS_PAGE)) ==
			     (ssize_t)(run * OS_PAGE));
			memset(taken + page, 1, run);
		}
	}
	close(fd);
}
