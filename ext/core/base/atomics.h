/*
 * The only file that names memory orders. Each wrapper says what it is for; the argument why that is enough
 * stands where it is used.
 *
 * Shared words are declared with the _Atomic types below, so that a plain access does not compile by accident
 * into something torn or reordered.
 *
 * Rules that are not repeated at each use:
 *  1. Under a lock everything is relaxed or plain: taking it acquires, letting go of it releases. load_relaxed() outside of it is a
 *     hint (a bound, a statistic, "is it worth looking"), a word of our own, the expected value of a compare-and-swap, or a value that
 *     is validated afterwards; anything else is argued.
 *  2. Fields of a block, a job or a name are plain. Who reads them without a lock and without a pin validates afterwards: the writer
 *     first changes a word that never repeats, then write_fence(), then the fields; the reader takes that word by load_acquire(), the
 *     fields, read_fence(), and that word again. Whoever saw anything of the new fields sees the word changed (Boehm, "Can Seqlocks Get
 *     Along with Programming Language Memory Models?", 2012). In the language's terms the writer's plain store beside the reader's
 *     load is a race all the same; what it relies on is that a compiler makes up no store, moves none up over a release fence, and
 *     does not read a field anew behind a fence, which for all it knows has changed memory. What is never validated, or not
 *     before it is acted upon, is read by peek().
 *  3. What a dead participant wrote is seen by its recovery: see byte_lock() in shm/owner.c.
 */
#ifndef CACHE_CORE_ATOMICS_H
#define CACHE_CORE_ATOMICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* On 32 bits a word of 8 bytes is aligned to 4 only inside of a struct; one that crosses a line of the CPU's cache is slow
 * to change and torn to read. */
typedef _Atomic uint64_t atomic_u64 __attribute__((aligned(8)));
typedef _Atomic int64_t atomic_i64 __attribute__((aligned(8)));
typedef _Atomic uint32_t atomic_u32;
typedef _Atomic uint16_t atomic_u16;
typedef _Atomic uint8_t atomic_u8;

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && sizeof(atomic_u64) == 8, "8-byte atomics must be lock-free");
_Static_assert(_Alignof(atomic_u64) == 8 && _Alignof(atomic_i64) == 8, "8-byte atomics must be aligned");

/* Value only; ordering comes from elsewhere (a lock, a fence, or it does not matter). */
#define load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define store_relaxed(p, v) atomic_store_explicit((p), (v), memory_order_relaxed)

/* A plain field that somebody may be writing: read once, and whole. */
#define peek(p) __atomic_load_n((p), __ATOMIC_RELAXED)

/* See what was written before the matching publish(). */
#define load_acquire(p) atomic_load_explicit((p), memory_order_acquire)
/* Whoever sees this value sees everything written before it. */
#define publish(p, v) atomic_store_explicit((p), (v), memory_order_release)

/* Store -> load order: what I wrote is visible before I read what follows (pin then re-check; unlink then scan). */
static inline void full_fence(void) { atomic_thread_fence(memory_order_seq_cst); }
/*
 * A store that is visible before anything that follows is read. On x86 an exchange is 3 ns cheaper than store and fence; the
 * language does not say that it orders what follows, the processor does, and the compiler is told by a fence without code.
 */
static inline void store_fenced(atomic_u64 *p, uint64_t v)
{
#if defined(__x86_64__) || defined(__i386__)
	(void)atomic_exchange_explicit(p, v, memory_order_seq_cst);
	__asm__ __volatile__("" ::: "memory");
#else
	store_relaxed(p, v);
	full_fence();
#endif
}
/* Loads before it stay before loads after it: the second half of an optimistic read. */
static inline void read_fence(void) { atomic_thread_fence(memory_order_acquire); }
/* Stores before it stay before stores after it: the first half of an optimistic write. */
static inline void write_fence(void) { atomic_thread_fence(memory_order_release); }

/* Read-modify-writes on words that change without the shard's lock. Sequentially consistent: they are rare. */
#define rmw_or(p, bits) atomic_fetch_or((p), (bits))
#define rmw_and(p, bits) atomic_fetch_and((p), (bits))
#define rmw_add(p, n) atomic_fetch_add((p), (n))
#define rmw_exchange(p, v) atomic_exchange((p), (v))
#define cas(p, expected, desired) atomic_compare_exchange_strong((p), (expected), (desired))
/* After one of them: it is visible before anything that follows is read. On x86 each is a fence already. */
static inline void rmw_fence(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("" ::: "memory");
#else
	full_fence();
#endif
}
/* Those that only publish(). */
#define cas_publish(p, expected, desired) \
	atomic_compare_exchange_strong_explicit((p), (expected), (desired), memory_order_release, memory_order_relaxed)
#define rmw_and_publish(p, bits) ((void)atomic_fetch_and_explicit((p), (bits), memory_order_release))
#define rmw_exchange_publish(p, v) atomic_exchange_explicit((p), (v), memory_order_release)
/* Taking a lock. */
#define cas_acquire(p, expected, desired) \
	atomic_compare_exchange_strong_explicit((p), (expected), (desired), memory_order_acquire, memory_order_relaxed)

static inline void cpu_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

#define likely_true(x) __builtin_expect(!!(x), 1)
#define likely_false(x) __builtin_expect(!!(x), 0)

#endif
