#define _GNU_SOURCE
#include "schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>

static uintptr_t from, to;
static int64_t count, limits[SCHEDULE_STOPS];
static const _Atomic uint32_t *lock_word;
static struct trace *accesses;

void schedule_begin(const void *base, uint64_t length, const int64_t stops[SCHEDULE_STOPS],
                    const _Atomic uint32_t *lock, struct trace *trace)
{
	count = 0;
	for (int i = 0; i < SCHEDULE_STOPS; i++) {
		limits[i] = stops[i];
	}
	lock_word = lock;
	accesses = trace;
	accesses->count = 0;
	from = (uintptr_t)base;
	to = from + length;
}

int64_t schedule_end(void)
{
	to = from;
	return count;
}

static bool is_inside(const volatile void *at)
{
	return (uintptr_t)at >= from && (uintptr_t)at < to;
}

static void touch(const volatile void *at, size_t bytes, bool writes)
{
	if (!is_inside(at)) {
		return;
	}
	if (count == limits[0] || count == limits[1]) {
		raise(SIGSTOP);
	}
	if (count == TRACE_MAX) {
		abort();
	}
	accesses->at[accesses->count++] = (struct access){
		.at = (uint32_t)((uintptr_t)at - from),
		.bytes = (uint32_t)bytes,
		.writes = writes,
		.unlocked = atomic_load_explicit(lock_word, memory_order_relaxed) == 0,
	};
	count++;
}

void schedule_outside(void)
{
	if (from != to && count > 0) {
		accesses->at[count - 1].outside = 1;
	}
}

uint32_t first_conflict(const struct access *access, const struct trace *trace, uint32_t begin)
{
	if (access->outside) {
		return begin;
	}
	while (begin < trace->count) {
		const struct access *other = &trace->at[begin];
		if ((access->writes || other->writes) && access->at < other->at + other->bytes &&
		    other->at < access->at + access->bytes) {
			break;
		}
		begin++;
	}
	return begin;
}

/* ---- what gcc and clang call under -fsanitize=thread ------------------------------------------------------ */

void __tsan_init(void);
void __tsan_init(void)
{
}
void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
	(void)caller;
}
void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

#define PLAIN(name, bytes, writes) \
	void name(void *at);           \
	void name(void *at)            \
	{                              \
		touch(at, bytes, writes);  \
	}
#define PLAIN_OF_SIZE(bytes)                          \
	PLAIN(__tsan_read##bytes, bytes, false)           \
	PLAIN(__tsan_write##bytes, bytes, true)           \
	PLAIN(__tsan_unaligned_read##bytes, bytes, false) \
	PLAIN(__tsan_unaligned_write##bytes, bytes, true)
PLAIN_OF_SIZE(1)
PLAIN_OF_SIZE(2)
PLAIN_OF_SIZE(4)
PLAIN_OF_SIZE(8)
PLAIN_OF_SIZE(16)

#define RANGE(name, writes)                   \
	void name(void *at, unsigned long bytes); \
	void name(void *at, unsigned long bytes)  \
	{                                         \
		touch(at, bytes, writes);             \
	}
RANGE(__tsan_read_range, false)
RANGE(__tsan_write_range, true)

#define FETCH(bits, operation)                                                                                    \
	uint##bits##_t __tsan_atomic##bits##_fetch_##operation(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, \
	                                                       int order);                                            \
	uint##bits##_t __tsan_atomic##bits##_fetch_##operation(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, \
	                                                       int order)                                             \
	{                                                                                                             \
		(void)order;                                                                                              \
		touch(at, bits / 8, true);                                                                                \
		return atomic_fetch_##operation(at, v);                                                                   \
	}

#define EXCHANGE(bits, kind)                                                                                         \
	int __tsan_atomic##bits##_compare_exchange_##kind(volatile _Atomic uint##bits##_t *at, uint##bits##_t *expected, \
	                                                  uint##bits##_t desired, int order, int failure);               \
	int __tsan_atomic##bits##_compare_exchange_##kind(volatile _Atomic uint##bits##_t *at, uint##bits##_t *expected, \
	                                                  uint##bits##_t desired, int order, int failure)                \
	{                                                                                                                \
		(void)order;                                                                                                 \
		(void)failure;                                                                                               \
		touch(at, bits / 8, true);                                                                                   \
		return atomic_compare_exchange_strong(at, expected, desired);                                                \
	}

#define ATOMIC(bits)                                                                                                 \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile _Atomic uint##bits##_t *at, int order);                 \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile _Atomic uint##bits##_t *at, int order)                  \
	{                                                                                                                \
		(void)order;                                                                                                 \
		touch(at, bits / 8, false);                                                                                  \
		return atomic_load(at);                                                                                      \
	}                                                                                                                \
	void __tsan_atomic##bits##_store(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order);              \
	void __tsan_atomic##bits##_store(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order)               \
	{                                                                                                                \
		(void)order;                                                                                                 \
		touch(at, bits / 8, true);                                                                                   \
		atomic_store(at, v);                                                                                         \
	}                                                                                                                \
	uint##bits##_t __tsan_atomic##bits##_exchange(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order); \
	uint##bits##_t __tsan_atomic##bits##_exchange(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order)  \
	{                                                                                                                \
		(void)order;                                                                                                 \
		touch(at, bits / 8, true);                                                                                   \
		return atomic_exchange(at, v);                                                                               \
	}                                                                                                                \
	FETCH(bits, add)                                                                                                 \
	FETCH(bits, sub)                                                                                                 \
	FETCH(bits, and)                                                                                                 \
	FETCH(bits, or)                                                                                                  \
	FETCH(bits, xor)                                                                                                 \
	EXCHANGE(bits, strong)                                                                                           \
	EXCHANGE(bits, weak)
ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
	(void)order;
}

/* ---- linked with --wrap ---------------------------------------------------------------------------------- */

long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	/* The one who could wake us is stopped. */
	if (number == SYS_futex && (b & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && from != to) {
		errno = ETIMEDOUT;
		return -1;
	}
	return __real_syscall(number, a, b, c, d, e, f);
}

/* Copies are not one access. */

void *__real_memcpy(void *to_bytes, const void *from_bytes, size_t size);
void *__wrap_memcpy(void *to_bytes, const void *from_bytes, size_t size);
static void copy(char *to_bytes, const char *from_bytes, size_t size)
{
	touch(from_bytes, size, false);
	touch(to_bytes, size, true);
	if (is_inside(from_bytes) && is_inside(to_bytes)) {
		schedule_outside(); /* only now it is read */
	}
	__real_memcpy(to_bytes, from_bytes, size);
}
void *__wrap_memcpy(void *to_bytes, const void *from_bytes, size_t size)
{
	size_t half = size / 2;

	copy(to_bytes, from_bytes, half);
	copy((char *)to_bytes + half, (const char *)from_bytes + half, size - half);
	return to_bytes;
}

void *__real_memset(void *bytes, int value, size_t size);
void *__wrap_memset(void *bytes, int value, size_t size);
void *__wrap_memset(void *bytes, int value, size_t size)
{
	touch(bytes, size / 2, true);
	__real_memset(bytes, value, size / 2);
	touch((char *)bytes + size / 2, size - size / 2, true);
	__real_memset((char *)bytes + size / 2, value, size - size / 2);
	return bytes;
}

int __real_memcmp(const void *a, const void *b, size_t size);
int __wrap_memcmp(const void *a, const void *b, size_t size);
int __wrap_memcmp(const void *a, const void *b, size_t size)
{
	touch(a, size, false);
	touch(b, size, false);
	if (is_inside(a) && is_inside(b)) {
		schedule_outside();
	}
	return __real_memcmp(a, b, size);
}

/* What processes tell each other by files: that one lives, that it makes the segment. */

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	schedule_outside();
	return __real_fcntl(fd, command, argument);
}

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);
int __wrap_flock(int fd, int operation)
{
	schedule_outside();
	return __real_flock(fd, operation);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	schedule_outside();
	return __real_close(fd);
}
