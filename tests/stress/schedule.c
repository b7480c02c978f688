#define _GNU_SOURCE
#include "schedule.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

static uintptr_t from, to;
static int64_t count, limits[SCHEDULE_STOPS];
static const _Atomic uint32_t *lock_word;
static struct free_accesses *free_accesses;

void schedule_begin(const void *base, uint64_t length, const int64_t stops[SCHEDULE_STOPS],
                    const _Atomic uint32_t *lock, struct free_accesses *found)
{
	count = 0;
	for (int i = 0; i < SCHEDULE_STOPS; i++) {
		limits[i] = stops[i];
	}
	lock_word = lock;
	free_accesses = found;
	from = (uintptr_t)base;
	to = from + length;
}

int64_t schedule_end(void)
{
	to = from;
	return count;
}

static void note_free(void)
{
	if (atomic_load_explicit(lock_word, memory_order_relaxed) == 0 && free_accesses->count < SCHEDULE_FREE_MAX) {
		free_accesses->at[free_accesses->count++] = (uint32_t)count;
	}
}

static inline void touch(const volatile void *at)
{
	if ((uintptr_t)at < from || (uintptr_t)at >= to) {
		return;
	}
	if (free_accesses) {
		note_free();
	}
	if (count == limits[0] || count == limits[1]) {
		raise(SIGSTOP);
	}
	count++;
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

#define PLAIN(name)      \
	void name(void *at); \
	void name(void *at)  \
	{                    \
		touch(at);       \
	}
#define PLAIN_OF_SIZE(bytes)            \
	PLAIN(__tsan_read##bytes)           \
	PLAIN(__tsan_write##bytes)          \
	PLAIN(__tsan_unaligned_read##bytes) \
	PLAIN(__tsan_unaligned_write##bytes)
PLAIN_OF_SIZE(1)
PLAIN_OF_SIZE(2)
PLAIN_OF_SIZE(4)
PLAIN_OF_SIZE(8)
PLAIN_OF_SIZE(16)

#define RANGE(name)                           \
	void name(void *at, unsigned long bytes); \
	void name(void *at, unsigned long bytes)  \
	{                                         \
		(void)bytes;                          \
		touch(at);                            \
	}
RANGE(__tsan_read_range)
RANGE(__tsan_write_range)

#define FETCH(bits, operation)                                                                                    \
	uint##bits##_t __tsan_atomic##bits##_fetch_##operation(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, \
	                                                       int order);                                            \
	uint##bits##_t __tsan_atomic##bits##_fetch_##operation(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, \
	                                                       int order)                                             \
	{                                                                                                             \
		(void)order;                                                                                              \
		touch(at);                                                                                                \
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
		touch(at);                                                                                                   \
		return atomic_compare_exchange_strong(at, expected, desired);                                                \
	}

#define ATOMIC(bits)                                                                                                 \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile _Atomic uint##bits##_t *at, int order);                 \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile _Atomic uint##bits##_t *at, int order)                  \
	{                                                                                                                \
		(void)order;                                                                                                 \
		touch(at);                                                                                                   \
		return atomic_load(at);                                                                                      \
	}                                                                                                                \
	void __tsan_atomic##bits##_store(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order);              \
	void __tsan_atomic##bits##_store(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order)               \
	{                                                                                                                \
		(void)order;                                                                                                 \
		touch(at);                                                                                                   \
		atomic_store(at, v);                                                                                         \
	}                                                                                                                \
	uint##bits##_t __tsan_atomic##bits##_exchange(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order); \
	uint##bits##_t __tsan_atomic##bits##_exchange(volatile _Atomic uint##bits##_t *at, uint##bits##_t v, int order)  \
	{                                                                                                                \
		(void)order;                                                                                                 \
		touch(at);                                                                                                   \
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
void *__wrap_memcpy(void *to_bytes, const void *from_bytes, size_t size)
{
	size_t half = size / 2;

	touch(to_bytes);
	touch(from_bytes);
	__real_memcpy(to_bytes, from_bytes, half);
	touch((char *)to_bytes + half);
	touch((const char *)from_bytes + half);
	__real_memcpy((char *)to_bytes + half, (const char *)from_bytes + half, size - half);
	return to_bytes;
}

void *__real_memset(void *bytes, int value, size_t size);
void *__wrap_memset(void *bytes, int value, size_t size);
void *__wrap_memset(void *bytes, int value, size_t size)
{
	touch(bytes);
	__real_memset(bytes, value, size / 2);
	touch((char *)bytes + size / 2);
	__real_memset((char *)bytes + size / 2, value, size - size / 2);
	return bytes;
}
