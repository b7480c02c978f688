#define _GNU_SOURCE
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* No test takes that long: whoever hangs is ended. CACHE_TEST_SECONDS in the environment is for slower machines. */
#define TEST_SECONDS 120
#define PATIENCE_MS 30000

#define STORES_MAX 64

/* What is written into the file may come from anywhere but from memory that nobody has set. */
#if HAS_FEATURE(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define CHECK_INITIALISED(bytes, count) __msan_check_mem_is_initialized((bytes), (count))
#else
#define CHECK_INITIALISED(bytes, count) ((void)0)
#endif

struct world *world;
char test_directory[256];
_Thread_local char open_message[512];
char test_logged[256];

static pid_t test_process;
static pthread_t test_thread;
static struct store *stores[STORES_MAX];
static pthread_mutex_t stores_lock = PTHREAD_MUTEX_INITIALIZER; /* some tests open them in threads */

/* ---- checks --------------------------------------------------------------------------------------------- */

void check_failed(const char *file, int line, const char *format, ...)
{
	char text[700];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (getpid() == test_process && pthread_equal(pthread_self(), test_thread)) {
		print_error("%s\n", text);
		_fail(file, line);
	}
	fprintf(stderr, "%s:%d: in a child or a thread: %s\n", file, line, text);
	_exit(1);
}

/* ---- the clock ------------------------------------------------------------------------------------------ */

void clock_set(int64_t us) { world->wall_us = us; }
void clock_advance(int64_t us) { world->wall_us += us; }
void clock_skip_monotonic(uint64_t ns) { world->skipped_ns += ns; }

void flag_raise(int flag) { world->flags[flag] = 1; }

void flag_await(int flag)
{
	for (int waited = 0; !world->flags[flag]; waited++) {
		CHECK(waited < PATIENCE_MS);
		usleep(1000);
	}
}

static int64_t wall(void *context)
{
	(void)context;
	return world->wall_us;
}

static int64_t wall_coarse(void *context)
{
	(void)context;
	return world->wall_us - world->coarse_lag_us;
}

static uint64_t monotonic(void *context)
{
	return cache_posix_host.monotonic_ns(context) + world->skipped_ns;
}

/* ---- random --------------------------------------------------------------------------------------------- */

static struct rng host_random;

uint64_t rng_next(struct rng *rng)
{
	/* SplitMix64 */
	uint64_t x = rng->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t rng_below(struct rng *rng, uint64_t limit)
{
#ifdef __SIZEOF_INT128__
	return (uint64_t)((unsigned __int128)rng_next(rng) * limit >> 64);
#else
	return rng_next(rng) % limit;
#endif
}

void random_seed(uint64_t seed) { host_random.state = seed; }

static int random_bytes(void *context, void *bytes, size_t count)
{
	(void)context;
	for (size_t i = 0; i < count; i++) {
		((unsigned char *)bytes)[i] = (unsigned char)(rng_next(&host_random) >> 56);
	}
	return 0;
}

/* ---- faults --------------------------------------------------------------------------------------------- */

enum action { ACT_NOT, ACT_FAIL, ACT_STOP, ACT_KILL, ACT_CALL };

static struct plan {
	unsigned passes, nth, repeat;
	enum action action;
	int error;
	void (*call)(void *context);
	void *context;
} plans[FAULT_COUNT];

static struct plan *plan_set(enum cache_fault point, unsigned nth, enum action action)
{
	struct plan *plan = &plans[point];

	plan->nth = plan->passes + nth;
	plan->repeat = 1;
	plan->action = action;
	return plan;
}

void fault_fail(enum cache_fault point, unsigned nth, unsigned repeat, int error)
{
	struct plan *plan = plan_set(point, nth, ACT_FAIL);

	plan->repeat = repeat;
	plan->error = error;
}

void fault_stop(enum cache_fault point, unsigned nth) { plan_set(point, nth, ACT_STOP); }
void fault_kill(enum cache_fault point, unsigned nth) { plan_set(point, nth, ACT_KILL); }

void fault_call(enum cache_fault point, unsigned nth, void (*call)(void *context), void *context)
{
	struct plan *plan = plan_set(point, nth, ACT_CALL);

	plan->call = call;
	plan->context = context;
}

void fault_none(void) { memset(plans, 0, sizeof plans); }
unsigned fault_passes(enum cache_fault point) { return plans[point].passes; }

static int fault(void *context, enum cache_fault point)
{
	struct plan *plan = &plans[point];

	(void)context;
	plan->passes++;
	if (plan->action == ACT_NOT || plan->passes < plan->nth || plan->passes - plan->nth >= plan->repeat) {
		return 0;
	}
	switch (plan->action) {
	case ACT_FAIL:
		return plan->error;
	case ACT_STOP:
		raise(SIGSTOP);
		return 0;
	case ACT_KILL:
		raise(SIGKILL);
		return 0;
	default:
		plan->call(plan->context);
		return 0;
	}
}

/* ---- the host ------------------------------------------------------------------------------------------- */

static int64_t wall_second(void *context)
{
	return wall_coarse(context) / 1000000;
}

static void keep_line(void *context, enum cache_log_level level, const char *line)
{
	(void)context;
	(void)level;
	snprintf(test_logged, sizeof test_logged, "%s", line);
}

struct cache_host test_host = {
	.wall_us = wall,
	.wall_coarse_us = wall_coarse,
	.wall_second = wall_second,
	.monotonic_ns = monotonic,
	.random = random_bytes,
	.log = keep_line,
	.fault = fault,
};

/* ---- stores --------------------------------------------------------------------------------------------- */

struct store_options options_for(uint64_t size)
{
	return (struct store_options){
		/* ThreadSanitizer ends a program that maps something where it has planned nothing. */
		.zero_copy = HAS_FEATURE(thread_sanitizer) ? STORE_ZERO_COPY_OFF : STORE_ZERO_COPY_AUTO,
		.directory = test_directory,
		.name = "t",
		.size = size,
		.processes = 16,
		.queue_jobs = 256,
		.queue_attempts = 3,
		.host = &test_host,
	};
}

/* Puts `to` in the place of the first that is `from`; false: there is none. */
static bool exchange_store(struct store *from, struct store *to)
{
	size_t i = 0;

	pthread_mutex_lock(&stores_lock);
	while (i < STORES_MAX && stores[i] != from) {
		i++;
	}
	if (i < STORES_MAX) {
		stores[i] = to;
	}
	pthread_mutex_unlock(&stores_lock);
	return i < STORES_MAX;
}

static void remember(struct store *store)
{
	if (!exchange_store(NULL, store)) {
		check_failed(__FILE__, __LINE__, "too many stores at once for the test's clean-up");
	}
}

enum cache_status try_open(const struct store_options *options, struct store **store)
{
	enum cache_status status = store_open(options, store, open_message, sizeof open_message);

	if (status == CACHE_OK) {
		remember(*store);
	}
	return status;
}

struct store *open_with(const struct store_options *options)
{
	struct store *store;
	enum cache_status status = try_open(options, &store);

	if (status != CACHE_OK) {
		check_failed(__FILE__, __LINE__, "store_open: %s: %s", cache_status_name(status), open_message);
	}
	return store;
}

struct store *open_store(uint64_t size)
{
	struct store_options options = options_for(size);

	return open_with(&options);
}

void close_store(struct store *store)
{
	exchange_store(store, NULL);
	store_close(store);
}

const char *path_of(const struct store_options *options)
{
	static char path[512];
	struct store *store = open_with(options);

	snprintf(path, sizeof path, "%s", store->segment->path);
	close_store(store);
	return path;
}

static void print_finding(void *context, const char *sentence)
{
	unsigned *shown = context;

	if (++*shown <= 8) {
		fprintf(stderr, "store_verify: %s\n", sentence);
	}
}

void check_verified(struct store *store, const char *file, int line)
{
	unsigned shown = 0, broken = store_verify(store, print_finding, &shown);

	CHECK_INITIALISED(store->segment->base, store->segment->geometry.file_length);
	if (broken) {
		check_failed(file, line, "store_verify found %u broken rules", broken);
	}
}

uint32_t attached(struct store *store) { return owner_count(store->segment); }

static void count_pin(void *context, uint64_t granule, uint32_t index)
{
	(void)granule;
	*(uint64_t *)context += index >= WRITER_PINS;
}

uint64_t pins_held(struct store *store)
{
	uint64_t count = 0;

	pins_scan(store->segment, NO_SLOT, count_pin, &count);
	return count;
}

struct shard_ref lock_shard(struct store *store, uint32_t number)
{
	struct shard_ref r = shard_open(&store->owner, number);

	CHECK_OK(shard_lock(&r));
	return r;
}

/* Not by store_get_info(), which also cleans up after the dead. */
uint64_t counter_of(struct store *store, enum store_counter counter)
{
	const struct segment *s = store->segment;
	uint64_t sum = 0;

	for_each_slot(s, slot) {
		sum += load_relaxed(&segment_participant(s, slot)->counters[counter]);
	}
	return sum;
}

/* ---- keys and values ------------------------------------------------------------------------------------ */

struct store_key key_bytes(const struct store *store, const char *bytes, size_t length)
{
	return (struct store_key){bytes, (uint32_t)length, store_hash(store, bytes, length)};
}

struct store_key key_of(const struct store *store, const char *text)
{
	return key_bytes(store, text, strlen(text));
}

struct store_key key_number(const struct store *store, const char *prefix, uint64_t number)
{
	static _Thread_local char buffers[8][64];
	static _Thread_local unsigned next;
	char *buffer = buffers[next++ % 8];

	snprintf(buffer, sizeof buffers[0], "%s:%llu", prefix, (unsigned long long)number);
	return key_of(store, buffer);
}

static uint64_t value_word(uint64_t seed, size_t at)
{
	return hash_mix(seed * UINT64_C(0x9e3779b97f4a7c15) + at + 1);
}

void value_fill(char *bytes, size_t size, uint64_t seed)
{
	for (size_t at = 0; at < size; at += 8) {
		uint64_t word = value_word(seed, at);
		memcpy(bytes + at, &word, size - at < 8 ? size - at : 8);
	}
}

bool value_is(const char *bytes, size_t size, uint64_t seed)
{
	size_t at = 0;
	uint64_t word;

	for (; size - at >= 8; at += 8) {
		memcpy(&word, bytes + at, 8);
		if (word != value_word(seed, at)) {
			return false;
		}
	}
	word = value_word(seed, at);
	return memcmp(bytes + at, &word, size - at) == 0;
}

struct store_item item_string(const char *bytes, size_t size)
{
	return (struct store_item){.type = STORE_STRING, .bytes = bytes, .size = size};
}

struct store_item item_int(int64_t value)
{
	return (struct store_item){.type = STORE_INT, .integer = value};
}

enum cache_status put_value(struct store *store, const struct store_key *key, size_t size, uint64_t seed)
{
	char small[4096], *bytes = size <= sizeof small ? small : malloc(size);
	struct store_item item = item_string(bytes, size);
	enum cache_status status;

	value_fill(bytes, size, seed);
	status = store_put(store, key, &item, STORE_SET);
	if (bytes != small) {
		free(bytes);
	}
	return status;
}

enum cache_status put_int(struct store *store, const struct store_key *key, int64_t value)
{
	struct store_item item = item_int(value);

	return store_put(store, key, &item, STORE_SET);
}

void put_text(struct store *store, const char *key, const char *text)
{
	struct store_key k = key_of(store, key);
	struct store_item item = item_string(text, strlen(text));

	CHECK_OK(store_put(store, &k, &item, STORE_SET));
}

bool has_key(struct store *store, const struct store_key *key)
{
	return store_exists(store, key) == CACHE_OK;
}

bool has(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);

	return has_key(store, &k);
}

bool holds_text(struct store *store, const char *key, const char *text)
{
	struct store_key k = key_of(store, key);
	struct store_view view;
	bool same;

	if (store_get(store, &k, &view) != CACHE_OK) {
		return false;
	}
	same = view.type == STORE_STRING && view.size == strlen(text) && memcmp(view.bytes, text, view.size) == 0;
	store_unpin(store, view.pin);
	return same;
}

bool holds_value(struct store *store, const struct store_key *key, size_t size, uint64_t seed)
{
	struct store_view view;
	bool same;

	if (store_get(store, key, &view) != CACHE_OK) {
		return false;
	}
	same = view.type == STORE_STRING && view.size == size && value_is(view.bytes, size, seed);
	store_unpin(store, view.pin);
	return same;
}

int64_t int_at(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);
	struct store_view view;

	CHECK_OK(store_get(store, &k, &view));
	CHECK_EQ(view.type, STORE_INT);
	return view.integer;
}

/* ---- before and after each test ------------------------------------------------------------------------- */

static int remove_item(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	remove(path);
	return 0;
}

static void make_directory(void)
{
	const char *root = getenv("TMPDIR");
	struct stat st;

	if (!root || !root[0]) {
		root = stat("/dev/shm", &st) == 0 && S_ISDIR(st.st_mode) ? "/dev/shm" : "/tmp";
	}
	snprintf(test_directory, sizeof test_directory, "%s/cache-core-test.XXXXXX", root);
	if (!mkdtemp(test_directory)) {
		check_failed(__FILE__, __LINE__, "cannot make %s: %s", test_directory, strerror(errno));
	}
}

int test_setup(void **state)
{
	const char *seconds = getenv("CACHE_TEST_SECONDS");

	(void)state;
	alarm(seconds ? (unsigned)atoi(seconds) : TEST_SECONDS);
	make_directory();
	memset(world, 0, sizeof *world);
	clock_set(CLOCK_START);
	random_seed(1);
	fault_none();
	test_logged[0] = open_message[0] = 0;
	return 0;
}

int test_teardown(void **state)
{
	(void)state;
	fault_none();
	kill_children();
	for (size_t i = 0; i < STORES_MAX; i++) {
		if (stores[i]) {
			close_store(stores[i]);
		}
	}
	nftw(test_directory, remove_item, 16, FTW_DEPTH | FTW_PHYS);
	alarm(0);
	return 0;
}

int run_group(const char *name, const struct CMUnitTest *tests, size_t count, int argc, char **argv)
{
	const char *slash = strrchr(name, '/');

	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	test_process = getpid();
	test_thread = pthread_self();
	world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (world == MAP_FAILED) {
		return 1;
	}
	umask(022);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return _cmocka_run_group_tests(slash ? slash + 1 : name, tests, count, NULL, NULL);
}
