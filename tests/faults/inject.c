#define _GNU_SOURCE
#include "inject.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Where the library under test lies; its name without folders in FAULT_LIBRARY. */
static uintptr_t begin, end;

static struct fault_state own_state = {.plan = {.call = CALLS}};
struct fault_state *fault_state = &own_state;

const char *const fault_call_names[CALLS] = {
#define CALL(name, ...) [CALL_##name] = #name,
#include "calls.def"
#undef CALL
};

const int fault_errors[CALLS][8] = {
#define CALL(name, ...) [CALL_##name] = {__VA_ARGS__, 0},
#include "calls.def"
#undef CALL
};

const char *fault_error_name(int error)
{
	return error == SHORT ? "SHORT" : error == DROPPED ? "DROPPED" : strerrorname_np(error);
}

/* ---- whose call it is ----------------------------------------------------------------------------------- */

static int look_at(struct dl_phdr_info *info, size_t size, void *context)
{
	const char *slash = strrchr(info->dlpi_name, '/');

	(void)size;
	if (strcmp(slash ? slash + 1 : info->dlpi_name, context) != 0) {
		return 0;
	}
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
			begin = info->dlpi_addr + part->p_vaddr;
			end = begin + part->p_memsz;
		}
	}
	return 1;
}

static void find_library(void)
{
	static char name[64];

	if (name[0] == 0) {
		const char *wanted = getenv("FAULT_LIBRARY");
		snprintf(name, sizeof name, "%s", wanted ? wanted : "libcore.so");
	}
	if (end == 0) {
		dl_iterate_phdr(look_at, name);
	}
}

/* Counts a call; what shall come of it: 0, or an errno, SHORT, DROPPED. */
static int fate(enum fault_call call, const void *caller)
{
	struct fault_plan *plan = &fault_state->plan;
	uint32_t number;

	if ((uintptr_t)caller < begin || (uintptr_t)caller >= end) {
		return 0;
	}
	number = __atomic_add_fetch(&fault_state->seen[call], 1, __ATOMIC_RELAXED);
	if (plan->call != call || number < plan->nth || (number > plan->nth && !plan->always)) {
		return 0;
	}
	__atomic_add_fetch(&fault_state->failed, 1, __ATOMIC_RELAXED);
	return plan->error;
}

#define FATE(call) fate(CALL_##call, __builtin_return_address(0))
/* The function behind ours. */
#define REAL(name)                                                         \
	({                                                                     \
		static __typeof__(&name) real_;                                    \
		if (!real_) {                                                      \
			real_ = (__typeof__(real_))(uintptr_t)dlsym(RTLD_NEXT, #name); \
		}                                                                  \
		real_;                                                             \
	})
#define FAIL_UNLESS_0(error, failure) \
	if (error) {                      \
		errno = error;                \
		return failure;               \
	}

void fault_arm(const struct fault_plan *plan)
{
	find_library();
	memset(fault_state->seen, 0, sizeof fault_state->seen);
	fault_state->failed = 0;
	fault_state->plan = *plan;
}

void fault_disarm(void)
{
	fault_state->plan.call = CALLS;
}

/* ---- files ---------------------------------------------------------------------------------------------- */

static mode_t mode_of(int flags, va_list more)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	int error = FATE(open);
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	FAIL_UNLESS_0(error, -1);
	return REAL(open)(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
	int error = FATE(openat);
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	FAIL_UNLESS_0(error, -1);
	return REAL(openat)(directory, path, flags, mode);
}

/* As Linux does it: the descriptor is gone whatever close() says. */
int close(int fd)
{
	int error = FATE(close), result = REAL(close)(fd);

	FAIL_UNLESS_0(error, -1);
	return result;
}

int mkdir(const char *path, mode_t mode)
{
	int error = FATE(mkdir);

	FAIL_UNLESS_0(error, -1);
	return REAL(mkdir)(path, mode);
}

int fstat(int fd, struct stat *st)
{
	int error = FATE(fstat);

	FAIL_UNLESS_0(error, -1);
	return REAL(fstat)(fd, st);
}

int lstat(const char *path, struct stat *st)
{
	int error = FATE(lstat);

	FAIL_UNLESS_0(error, -1);
	return REAL(lstat)(path, st);
}

int fstatat(int directory, const char *path, struct stat *st, int flags)
{
	int error = FATE(fstatat);

	FAIL_UNLESS_0(error, -1);
	return REAL(fstatat)(directory, path, st, flags);
}

int ftruncate(int fd, off_t length)
{
	int error = FATE(ftruncate);

	FAIL_UNLESS_0(error, -1);
	return REAL(ftruncate)(fd, length);
}

int fallocate(int fd, int mode, off_t from, off_t length)
{
	int error = FATE(fallocate);

	FAIL_UNLESS_0(error, -1);
	return REAL(fallocate)(fd, mode, from, length);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t at)
{
	int error = FATE(pread);

	if (error == SHORT) {
		count /= 2;
	} else {
		FAIL_UNLESS_0(error, -1);
	}
	return REAL(pread)(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
	int error = FATE(pwrite);

	if (error == SHORT) {
		count /= 2;
	} else {
		FAIL_UNLESS_0(error, -1);
	}
	return REAL(pwrite)(fd, bytes, count, at);
}

int unlink(const char *path)
{
	int error = FATE(unlink);

	FAIL_UNLESS_0(error, -1);
	return REAL(unlink)(path);
}

int unlinkat(int directory, const char *path, int flags)
{
	int error = FATE(unlinkat);

	FAIL_UNLESS_0(error, -1);
	return REAL(unlinkat)(directory, path, flags);
}

DIR *fdopendir(int fd)
{
	int error = FATE(fdopendir);

	FAIL_UNLESS_0(error, NULL);
	return REAL(fdopendir)(fd);
}

struct dirent *readdir(DIR *stream)
{
	int error = FATE(readdir);

	FAIL_UNLESS_0(error, NULL);
	return REAL(readdir)(stream);
}

int closedir(DIR *stream)
{
	int error = FATE(closedir), result = REAL(closedir)(stream);

	FAIL_UNLESS_0(error, -1);
	return result;
}

FILE *fopen(const char *path, const char *mode)
{
	int error = FATE(fopen);

	FAIL_UNLESS_0(error, NULL);
	return REAL(fopen)(path, mode);
}

char *fgets(char *line, int size, FILE *file)
{
	int error = FATE(fgets);

	FAIL_UNLESS_0(error, NULL);
	return REAL(fgets)(line, size, file);
}

int fclose(FILE *file)
{
	int error = FATE(fclose), result = REAL(fclose)(file);

	FAIL_UNLESS_0(error, EOF);
	return result;
}

/* ---- locks of files ------------------------------------------------------------------------------------- */

int fcntl(int fd, int command, ...)
{
	va_list more;
	void *argument;
	int error = 0;

	va_start(more, command);
	argument = va_arg(more, void *);
	va_end(more);
	if (command == F_OFD_GETLK) {
		error = FATE(byte_look);
	} else if (command == F_OFD_SETLK) {
		error = ((struct flock *)argument)->l_type == F_UNLCK ? FATE(byte_unlock) : FATE(byte_lock);
	}
	FAIL_UNLESS_0(error, -1);
	return REAL(fcntl)(fd, command, argument);
}

int flock(int fd, int operation)
{
	int error = operation == LOCK_UN ? FATE(flock_end) : FATE(flock);

	FAIL_UNLESS_0(error, -1);
	return REAL(flock)(fd, operation);
}

/* ---- memory --------------------------------------------------------------------------------------------- */

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t at)
{
	int error = address ? FATE(mmap_at) : FATE(mmap);

	FAIL_UNLESS_0(error, MAP_FAILED);
	return REAL(mmap)(address, length, protection, flags, fd, at);
}

int munmap(void *address, size_t length)
{
	int error = FATE(munmap);

	FAIL_UNLESS_0(error, -1);
	return REAL(munmap)(address, length);
}

int madvise(void *address, size_t length, int advice)
{
	int error = FATE(madvise);

	FAIL_UNLESS_0(error, -1);
	return REAL(madvise)(address, length, advice);
}

/* dlsym() allocates by itself. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *block, size_t size);

void *malloc(size_t size)
{
	int error = FATE(malloc);

	FAIL_UNLESS_0(error, NULL);
	return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	int error = FATE(calloc);

	FAIL_UNLESS_0(error, NULL);
	return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
	int error = FATE(realloc);

	FAIL_UNLESS_0(error, NULL);
	return __libc_realloc(block, size);
}

/* ---- time ----------------------------------------------------------------------------------------------- */

static void turn(struct timespec *time, int64_t ns)
{
	int64_t all = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + ns;

	time->tv_sec = all / 1000000000;
	time->tv_nsec = all % 1000000000;
}

static bool is_ours(const void *caller)
{
	return (uintptr_t)caller >= begin && (uintptr_t)caller < end;
}

/* The seconds of the coarse clock. */
time_t time(time_t *at)
{
	int error = FATE(time);
	struct timespec now;

	FAIL_UNLESS_0(error, -1);
	(void)REAL(clock_gettime)(CLOCK_REALTIME_COARSE, &now);
	if (is_ours(__builtin_return_address(0))) {
		turn(&now, fault_state->clock_realtime_us * 1000);
	}
	if (at) {
		*at = now.tv_sec;
	}
	return now.tv_sec;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int error = 0, result;

	if (clock == CLOCK_REALTIME) {
		error = FATE(clock_realtime);
	} else if (clock == CLOCK_REALTIME_COARSE) {
		error = FATE(clock_coarse);
	} else if (clock == CLOCK_MONOTONIC) {
		error = FATE(clock_monotonic);
	}
	FAIL_UNLESS_0(error, -1);
	result = REAL(clock_gettime)(clock, now);
	if (is_ours(__builtin_return_address(0))) {
		turn(now, clock == CLOCK_MONOTONIC ? fault_state->clock_monotonic_ns : fault_state->clock_realtime_us * 1000);
	}
	return result;
}

int nanosleep(const struct timespec *period, struct timespec *left)
{
	int error = FATE(nanosleep);

	FAIL_UNLESS_0(error, -1);
	return REAL(nanosleep)(period, left);
}

int usleep(useconds_t us)
{
	int error = FATE(usleep);

	FAIL_UNLESS_0(error, -1);
	return REAL(usleep)(us);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *period, struct timespec *left)
{
	int error = FATE(clock_nanosleep);
	struct timespec until = *period;

	if (error) {
		return error;
	}
	if (flags & TIMER_ABSTIME && is_ours(__builtin_return_address(0))) {
		turn(&until, -fault_state->clock_monotonic_ns);
	}
	return REAL(clock_nanosleep)(clock, flags, &until, left);
}

/* A deadline was read from the turned clock, which the kernel does not know. */
static long futex(const long *arguments)
{
	struct timespec until;
	const struct timespec *timeout = (const struct timespec *)arguments[3];

	if (((int)arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && timeout) {
		until = *timeout;
		turn(&until, -fault_state->clock_monotonic_ns);
		timeout = &until;
	}
	return REAL(syscall)(SYS_futex, arguments[0], arguments[1], arguments[2], timeout, arguments[4], arguments[5]);
}

long syscall(long number, ...)
{
	long arguments[6];
	va_list more;
	int error = 0, operation;

	va_start(more, number);
	for (int i = 0; i < 6; i++) {
		arguments[i] = va_arg(more, long);
	}
	va_end(more);
	if (number != SYS_futex && is_ours(__builtin_return_address(0))) {
		fprintf(stderr, "inject: system call %ld by its number: inject.c does not know it\n", number);
		_exit(99);
	}
	if (!is_ours(__builtin_return_address(0))) {
		return REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
		                     arguments[5]);
	}
	operation = (int)arguments[1] & FUTEX_CMD_MASK;
	error = operation == FUTEX_WAKE || operation == FUTEX_WAKE_BITSET ? FATE(futex_wake) : FATE(futex_wait);
	if (error == DROPPED) {
		return 0;
	}
	FAIL_UNLESS_0(error, -1);
	return futex(arguments);
}

/* ---- the rest ------------------------------------------------------------------------------------------- */

ssize_t getrandom(void *bytes, size_t count, unsigned flags)
{
	int error = FATE(getrandom);

	if (error == SHORT) {
		count = (count + 1) / 2;
	} else {
		FAIL_UNLESS_0(error, -1);
	}
	return REAL(getrandom)(bytes, count, flags);
}

int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	int error = FATE(getrlimit);

	FAIL_UNLESS_0(error, -1);
	return REAL(getrlimit)(resource, limit);
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	int error = FATE(sched_getaffinity);

	FAIL_UNLESS_0(error, -1);
	return REAL(sched_getaffinity)(pid, size, set);
}

/* What pthread_atfork(), which is linked statically, calls. */
extern int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *handle);
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *handle)
{
	int error = FATE(register_atfork);

	return error ? error : REAL(__register_atfork)(prepare, parent, child, handle);
}

/* ---- by the environment --------------------------------------------------------------------------------- */

static enum fault_call call_named(const char *name)
{
	for (int i = 0; i < CALLS; i++) {
		if (strcmp(fault_call_names[i], name) == 0) {
			return i;
		}
	}
	fprintf(stderr, "inject: no such call: %s\n", name);
	_exit(99);
}

/* FAULT=CALL:NTH:ERRNO[:always]; ERRNO as a number. */
static void read_plan(const char *text)
{
	char name[32];
	int nth, error, always = 0;

	if (sscanf(text, "%31[a-z_]:%d:%d:%n", name, &nth, &error, &always) < 3) {
		fprintf(stderr, "inject: FAULT is not CALL:NTH:ERRNO[:always]: %s\n", text);
		_exit(99);
	}
	fault_arm(
		&(struct fault_plan){call_named(name), (uint32_t)nth, error, always && strcmp(text + always, "always") == 0});
}

/* The addresses at which values are to be read belong to somebody else already. */
static void take_window(void)
{
	void *base = (void *)UINT64_C(0x200000000000);

	if (REAL(mmap)(base, 1 << 16, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != base) {
		_exit(99);
	}
}

static int64_t number_in(const char *variable)
{
	const char *text = getenv(variable);

	return text ? strtoll(text, NULL, 10) : 0;
}

static char report_path[512];

__attribute__((constructor)) static void start(void)
{
	const char *report_to = getenv("FAULT_REPORT");

	find_library();
	/* PHP reuses the memory of its environment. */
	snprintf(report_path, sizeof report_path, "%s", report_to ? report_to : "");
	if (getenv("FAULT")) {
		read_plan(getenv("FAULT"));
	}
	if (getenv("FAULT_WINDOW")) {
		take_window();
	}
	fault_state->clock_realtime_us = number_in("FAULT_REALTIME_US");
	fault_state->clock_monotonic_ns = number_in("FAULT_MONOTONIC_NS");
}

/* PHP loads extensions so that the C library comes before us. */
void *dlopen(const char *path, int flags)
{
	void *handle = REAL(dlopen)(path, flags & ~RTLD_DEEPBIND);

	find_library();
	return handle;
}

/* FAULT_REPORT: a file for `CALL COUNT` of this process, and how many calls failed. */
__attribute__((destructor)) static void report(void)
{
	char text[4096];
	int length = 0, fd;

	if (!report_path[0] || (fd = REAL(open)(report_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0) {
		return;
	}
	for (int i = 0; i < CALLS; i++) {
		if (fault_state->seen[i]) {
			length += snprintf(text + length, sizeof text - (size_t)length, "%s %u\n", fault_call_names[i],
			                   fault_state->seen[i]);
		}
	}
	length += snprintf(text + length, sizeof text - (size_t)length, "failed %u\n", fault_state->failed);
	if (write(fd, text, (size_t)length) != length) {
		_exit(99);
	}
	REAL(close)(fd);
}
