#define _GNU_SOURCE
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/store/retire.h"
#include "core/store/tag.h"

/* ---- the program ---------------------------------------------------------------------------------------- */

static pid_t main_process;
static char folders[16][64];

void die(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	if (getpid() == main_process) {
		exit(2);
	}
	_exit(2);
}

static void out_of_time(int number)
{
	static const char text[] = "not ok - out of time\n";

	(void)number;
	if (write(STDOUT_FILENO, text, sizeof text - 1) < 0) {
		/* nobody listens */
	}
	if (getpid() == main_process) {
		for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
			if (folders[i][0]) {
				remove_folder(folders[i]);
			}
		}
	}
	_exit(2);
}

void end_after(unsigned s)
{
	signal(SIGALRM, out_of_time);
	alarm(s);
}

static void remove_folders(void)
{
	if (getpid() != main_process) {
		return;
	}
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		if (folders[i][0]) {
			remove_folder(folders[i]);
		}
	}
}

static void interrupted(int number)
{
	remove_folders();
	signal(number, SIG_DFL);
	raise(number);
}

const char *make_folder(void)
{
	const char *root = getenv("STRESS_DIR");
	size_t i = 0;

	if (!main_process) {
		main_process = getpid();
		atexit(remove_folders);
		signal(SIGINT, interrupted);
		signal(SIGTERM, interrupted);
	}
	while (i < sizeof folders / sizeof folders[0] && folders[i][0]) {
		i++;
	}
	if (i == sizeof folders / sizeof folders[0]) {
		die("too many folders");
	}
	if ((size_t)snprintf(folders[i], sizeof folders[i], "%s/cache-stress.XXXXXX", root && *root ? root : "/dev/shm") >=
	        sizeof folders[i] ||
	    !mkdtemp(folders[i])) {
		die("no folder for the segment: %s", strerror(errno));
	}
	return folders[i];
}

void remove_folder(const char *path)
{
	DIR *stream = opendir(path);
	struct dirent *item;

	while (stream && (item = readdir(stream)) != NULL) {
		if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0) {
			unlinkat(dirfd(stream), item->d_name, 0);
		}
	}
	if (stream) {
		closedir(stream);
	}
	rmdir(path);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		if (folders[i] == path || strcmp(folders[i], path) == 0) {
			folders[i][0] = '\0';
		}
	}
}

pid_t fork_child(void)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		die("fork: %s", strerror(errno));
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent) {
			raise(SIGKILL); /* it died before it could be the one whose death we die of */
		}
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGALRM, SIG_DFL);
	}
	return pid;
}

void kill_child(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && !WIFEXITED(status) && !WIFSIGNALED(status)) {
	}
}

double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void *shared_memory(size_t bytes)
{
	void *got = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (got == MAP_FAILED) {
		die("no shared memory: %s", strerror(errno));
	}
	return got;
}

/* ---- chance --------------------------------------------------------------------------------------------- */

struct dice dice_of(uint64_t seed)
{
	return (struct dice){hash_mix(seed + UINT64_C(0x9e3779b97f4a7c15))};
}

uint64_t roll(struct dice *dice)
{
	dice->state += UINT64_C(0x9e3779b97f4a7c15);
	return hash_mix(dice->state);
}

uint32_t roll_below(struct dice *dice, uint32_t bound)
{
	return (uint32_t)((roll(dice) >> 32) * bound >> 32);
}

/* ---- host ----------------------------------------------------------------------------------------------- */

static int64_t test_wall(void *context)
{
	struct test_host *h = context;

	return h->now_us ? h->now_us : cache_posix_host.wall_us(NULL);
}

static int64_t test_wall_coarse(void *context)
{
	struct test_host *h = context;

	return h->now_us ? h->now_us : cache_posix_host.wall_coarse_us(NULL);
}

static int64_t test_wall_second(void *context)
{
	return test_wall_coarse(context) / 1000000;
}

static uint64_t test_monotonic(void *context)
{
	struct test_host *h = context;

	h->ticks += h->tick_ns;
	return UINT64_C(1000000000001) + h->ticks + cache_posix_host.monotonic_ns(NULL) * h->hurry;
}

void test_host_stop_clock(struct test_host *h)
{
	h->ticks += cache_posix_host.monotonic_ns(NULL) * h->hurry;
	h->hurry = 0;
}

static int test_random(void *context, void *bytes, size_t count)
{
	struct test_host *h = context;

	for (size_t i = 0; i < count; i++) {
		((unsigned char *)bytes)[i] = (unsigned char)roll(&h->dice);
	}
	return 0;
}

static int test_fault(void *context, enum cache_fault point)
{
	struct test_host *h = context;

	if (h->on_fault && point == h->awaited) {
		h->on_fault(h, point);
	}
	return point == FAULT_FALLOCATE && h->no_growth ? ENOSPC : 0;
}

void test_host_init(struct test_host *h, uint64_t seed)
{
	*h = (struct test_host){
		.host = cache_posix_host,
		.now_us = TEST_NOW_US,
		.dice = dice_of(seed),
		.hurry = 1,
	};
	h->host.context = h;
	h->host.wall_us = test_wall;
	h->host.wall_coarse_us = test_wall_coarse;
	h->host.wall_second = test_wall_second;
	h->host.monotonic_ns = test_monotonic;
	h->host.random = test_random;
	h->host.fault = test_fault;
}

struct store *open_store(const char *folder, uint64_t size, uint32_t processes, const struct cache_host *host)
{
	return open_store_as(folder, size, processes, STORE_ZERO_COPY_OFF, host);
}

struct store *open_store_as(const char *folder, uint64_t size, uint32_t processes, enum store_zero_copy zero_copy,
                            const struct cache_host *host)
{
	const struct store_options options = {
		.directory = folder,
		.name = "stress",
		.size = size,
		.processes = processes,
		.queue_jobs = 256,
		.queue_attempts = 3,
		.zero_copy = zero_copy,
		.host = host,
	};
	char message[256];
	struct store *store;
	enum cache_status status = store_open(&options, &store, message, sizeof message);

	if (status != CACHE_OK) {
		die("cannot open a segment in %s: %s %s", folder, cache_status_name(status), message);
	}
	return store;
}

/* ---- keys and values ------------------------------------------------------------------------------------ */

struct store_key key_of(const struct store *store, const char *name)
{
	size_t length = strlen(name);

	return (struct store_key){.bytes = name, .length = (uint32_t)length, .hash = store_hash(store, name, length)};
}

static uint64_t value_word(uint64_t owner, uint64_t number, size_t size, size_t i)
{
	return hash_mix(owner * UINT64_C(0x9fb21c651e98df25) ^ number << 20 ^ size ^ (uint64_t)i << 44);
}

void value_fill(char *bytes, size_t size, uint64_t owner, uint64_t number)
{
	uint64_t header[3] = {owner, number, value_word(owner, number, size, 0)};
	size_t at = VALUE_HEADER;

	memcpy(bytes, header, sizeof header);
	for (size_t i = 1; at < size; i++) {
		uint64_t word = value_word(owner, number, size, i);
		size_t part = size - at < 8 ? size - at : 8;
		memcpy(bytes + at, &word, part);
		at += part;
	}
}

bool value_check(const char *bytes, size_t size, uint64_t owner, uint64_t *number)
{
	uint64_t header[3];
	size_t at = VALUE_HEADER;

	if (size < VALUE_HEADER) {
		return false;
	}
	memcpy(header, bytes, sizeof header);
	*number = header[1];
	if (header[0] != owner || header[2] != value_word(owner, *number, size, 0)) {
		return false;
	}
	for (size_t i = 1; at < size; i++) {
		uint64_t word = value_word(owner, *number, size, i);
		size_t part = size - at < 8 ? size - at : 8;
		if (memcmp(bytes + at, &word, part) != 0) {
			return false;
		}
		at += part;
	}
	return true;
}

const char *value_of(uint64_t owner, uint64_t number, size_t size)
{
	static __thread char bytes[256 * 1024];
	static __thread uint64_t owner_now, number_now;
	static __thread size_t size_now;

	if (size > sizeof bytes) {
		die("a value of %zu bytes", size);
	}
	if (owner != owner_now || number != number_now || size != size_now) {
		value_fill(bytes, size, owner, number);
		owner_now = owner;
		number_now = number;
		size_now = size;
	}
	return bytes;
}

enum cache_status put_value(struct store *store, const char *name, uint64_t owner, uint64_t number, size_t size)
{
	struct store_key key = key_of(store, name);
	struct store_item item = {
		.type = STORE_STRING,
		.bytes = value_of(owner, number, size),
		.size = size,
		.ttl_us = STORE_FOREVER,
	};

	return store_put(store, &key, &item, STORE_SET);
}

/* ---- segments ------------------------------------------------------------------------------------------- */

struct aloud {
	const char *title;
	unsigned said, not_looked;
	bool last_try;
};

#define VERIFY_TRIES 100

static void say_finding(void *context, const char *sentence)
{
	struct aloud *aloud = context;

	/* Where nobody gets a turn the lock's owner does not, either. */
	if (strstr(sentence, "not verified") && !aloud->last_try) {
		aloud->not_looked++;
	} else if (aloud->said++ < 8) {
		printf("# %s: %s\n", aloud->title, sentence);
	}
}

unsigned verify_aloud(struct store *store, const char *title)
{
	for (int tries = 0;; tries++) {
		struct aloud aloud = {.title = title, .last_try = tries == VERIFY_TRIES};
		unsigned found = store_verify(store, say_finding, &aloud);
		if (aloud.not_looked == 0 || aloud.said != 0) {
			return found;
		}
	}
}

uint64_t reclaim_all(struct store *store)
{
	uint64_t left = 0;

	if (store_enter(store) != CACHE_OK) {
		return UINT64_MAX;
	}
	for (uint32_t i = 0; i < store->segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(&store->owner, i);
		if (shard_lock(&r) != CACHE_OK) {
			left = UINT64_MAX;
			break;
		}
		reclaim(&r);
		left += r.shard->limbo_count;
		shard_unlock(&r);
	}
	store_leave(store);
	return left;
}

uint64_t blocks_in_use(struct store *store)
{
	uint64_t left = 0;

	for (uint32_t i = 0; i < store->segment->geometry.shards; i++) {
		const struct shard *s = shard_open(&store->owner, i).shard;
		for (uint32_t class = LINE_CLASS + 1; class < CLASSES; class ++) {
			left += s->classes[class].used;
		}
	}
	return left;
}

uint64_t counter_sum(struct store *store, enum store_counter counter)
{
	const struct segment *s = store->segment;
	uint64_t sum = 0;

	/* Not store_get_info(), which also recovers whoever died. */
	for_each_slot(s, slot)
	{
		sum += load_relaxed(&segment_participant(s, slot)->counters[counter]);
	}
	return sum;
}

bool any_lock_held(struct store *store)
{
	for (uint32_t i = 0; i < store->segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(&store->owner, i);
		if (load_relaxed(&r.shard->lock.word) != 0) {
			return true;
		}
	}
	return load_relaxed(&tag_header(store->segment)->lock.word) != 0 ||
	       load_relaxed(&rwlock_table(store->segment)->guard.word) != 0 ||
	       load_relaxed(&queue_table(store->segment)->guard.word) != 0;
}
