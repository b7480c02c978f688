#include "core/base/hash.h"

#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static inline uint64_t rotl(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline uint64_t read64(const unsigned char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

#define SIP_ROUND                \
	do {                         \
		v0 += v1;                \
		v1 = rotl(v1, 13) ^ v0;  \
		v0 = rotl(v0, 32);       \
		v2 += v3;                \
		v3 = rotl(v3, 16) ^ v2;  \
		v0 += v3;                \
		v3 = rotl(v3, 21) ^ v0;  \
		v2 += v1;                \
		v1 = rotl(v1, 17) ^ v2;  \
		v2 = rotl(v2, 32);       \
	} while (0)

/* The last 0..7 bytes, little-endian, without reading past them. */
static inline uint64_t read_tail(const unsigned char *at, size_t count)
{
	uint64_t word = 0;
	if (count & 4) {
		uint32_t low;
		memcpy(&low, at, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		low = __builtin_bswap32(low);
#endif
		word = low;
		at += 4;
	}
	unsigned shift = (unsigned)(count & 4) * 8;
	for (size_t i = 0; i < (count & 3); i++, shift += 8) {
		word |= (uint64_t)at[i] << shift;
	}
	return word;
}

/* The same where 8 bytes stand before them: the last 8 of all, without those that do not belong to it. */
static inline uint64_t read_end(const unsigned char *at, size_t count)
{
	return read64(at + count - 8) >> 1 >> (63 - 8 * count);
}

uint64_t hash_siphash13(const struct hash_key *key, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	const unsigned char *end = at + (length & ~(size_t)7);
	uint64_t v0 = key->k0 ^ UINT64_C(0x736f6d6570736575);
	uint64_t v1 = key->k1 ^ UINT64_C(0x646f72616e646f6d);
	uint64_t v2 = key->k0 ^ UINT64_C(0x6c7967656e657261);
	uint64_t v3 = key->k1 ^ UINT64_C(0x7465646279746573);

	for (; at != end; at += 8) {
		uint64_t word = read64(at);
		v3 ^= word;
		SIP_ROUND;
		v0 ^= word;
	}
	uint64_t last = (uint64_t)length << 56 | (length >= 8 ? read_end(at, length & 7) : read_tail(at, length & 7));
	v3 ^= last;
	SIP_ROUND;
	v0 ^= last;
	v2 ^= 0xff;
	SIP_ROUND;
	SIP_ROUND;
	SIP_ROUND;
	return v0 ^ v1 ^ v2 ^ v3;
}

/* ---- the checksum --------------------------------------------------------------------------------------- */

#if defined(__SIZEOF_INT128__)
__extension__ typedef unsigned __int128 wide;
#endif

/* Both halves of a product of 128 bits: one multiplication lets each bit of both count, and waits for nothing else. */
static inline uint64_t fold_product(uint64_t x, uint64_t y)
{
#if defined(__SIZEOF_INT128__)
	wide product = (wide)x * y;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	uint64_t low = (x & UINT32_MAX) * (y & UINT32_MAX), high = (x >> 32) * (y >> 32);
	uint64_t cross = (x >> 32) * (y & UINT32_MAX), across = (x & UINT32_MAX) * (y >> 32);
	uint64_t middle = (low >> 32) + (cross & UINT32_MAX) + (across & UINT32_MAX);
	return (middle << 32 | (low & UINT32_MAX)) ^ (high + (cross >> 32) + (across >> 32) + (middle >> 32));
#endif
}

#define BLOCK 64u
#define PLACES (BLOCK / 8)

/*
 * So that a word of 0 is no factor of 0: one value in 2^64 is, and hides its partner. The first bits of pi behind the point: with
 * numbers that are multiples of each other the products of words that were exchanged would cancel.
 */
static const uint64_t masks[2 * PLACES] = {
	UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344), UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89),
	UINT64_C(0x452821e638d01377), UINT64_C(0xbe5466cf34e90c6c), UINT64_C(0xc0ac29b7c97c50dd), UINT64_C(0x3f84d5b5b5470917),
	UINT64_C(0x9216d5d98979fb1b), UINT64_C(0xd1310ba698dfb5ac), UINT64_C(0x2ffd72dbd01adfb7), UINT64_C(0xb8e1afed6a267e96),
	UINT64_C(0xba7c9045f12c7f99), UINT64_C(0x24a19947b3916cf7), UINT64_C(0x0801f2e2858efc16), UINT64_C(0x636920d871574e69),
};

static inline uint64_t fold_pair(unsigned place, uint64_t x, uint64_t y)
{
	return fold_product(x ^ masks[2 * place], y ^ masks[2 * place + 1]);
}

typedef uint64_t lanes_16 __attribute__((vector_size(16)));
typedef uint64_t lanes_32 __attribute__((vector_size(32)));

/* Of each word the product of its halves: 64 bits of which each bit counts, unless the other half is 0. */
static inline lanes_16 multiply_halves_any(lanes_16 x) { return (x & UINT32_MAX) * (x >> 32); }
#if defined(__x86_64__)
__attribute__((target("avx2"))) static inline lanes_32 multiply_halves_avx2(lanes_32 x)
{
	return (lanes_32)_mm256_mul_epu32((__m256i)x, (__m256i)(x >> 32));
}
#endif

/*
 * Fletcher's checksum in 8 lanes of 64 bits: of every lane the sum, and the sum of the sums, which tells the places. What
 * it does not see by construction: two changes of one lane that cancel modulo 2^64 in both, such as two flipped top bits
 * an even number of blocks apart.
 * The 16 sums are folded by products of their halves (NH, Black et al., "UMAC: Fast and Secure Message Authentication", 1999),
 * which vectors multiply four at a time. A change moves both sums of its lane: for the one to be hidden by a half that is 0, the
 * other must be, too.
 * Two additions for each vector: 16 bytes with SSE2 or NEON, 32 with AVX2. So it takes about as long as reading the bytes:
 * where they are copied anyhow, both are done in one go. But a line of which half is written has to be fetched first, from another
 * processor if it has read what was there: then a turn is summed up, which brings it into the first cache, and copied by memcpy(), which
 * writes whole lines.
 *
 * The last block is the last 64 bytes, so bytes of the one before may count twice: in another lane; or in the same one, shifted, and
 * with another weight in the second sum. A change of one lane stays visible: u + v = 0 and 2 u + v = 0 leave u = 0.
 *
 * `fresh` whole blocks come from `from` and are copied; what else there is before the last block is at `to` already. length >= 64.
 */
#define TURN_LEAST (2048 / BLOCK)
#define TURN_MOST (16384 / BLOCK)
/* What is in no cache afterwards: 4 MB took 0.23 to 0.27 ms at once, and 0.36 in turns. */
#define TURNS_MOST (((size_t)2 << 20) / BLOCK)

#define ADD_BLOCK(at)                                                                                           \
	for (unsigned i = 0; i < PARTS; i++) {                                                                      \
		memcpy(&x, (at) + i * sizeof x, sizeof x);                                                              \
		a[i] += x;                                                                                              \
		b[i] += a[i];                                                                                           \
	}
/* Of `fresh` blocks: copies them as it goes. */
#define SUM_FUSED                                                                                               \
	_Pragma("GCC unroll 2") for (; fresh; fresh--, from += BLOCK, to += BLOCK) {                                 \
		for (unsigned i = 0; i < PARTS; i++) {                                                                  \
			memcpy(&x, from + i * sizeof x, sizeof x);                                                          \
			memcpy(to + i * sizeof x, &x, sizeof x);                                                            \
			a[i] += x;                                                                                          \
			b[i] += a[i];                                                                                       \
		}                                                                                                       \
	}
#define SUM_IN_TURNS                                                                                            \
	for (size_t turn; fresh; fresh -= turn, to += turn * BLOCK, from += turn * BLOCK) {                         \
		turn = fresh < TURN_MOST ? fresh : TURN_MOST;                                                           \
		_Pragma("GCC unroll 2") for (const unsigned char *at = from; at < from + turn * BLOCK; at += BLOCK) {    \
			ADD_BLOCK(at)                                                                                       \
		}                                                                                                       \
		memcpy(to, from, turn * BLOCK);                                                                         \
	}

#define DEFINE_SUM_LANES(name, attributes, bytes, multiply_halves, SUM_FRESH)                                   \
	attributes static uint64_t name(unsigned char *to, size_t length, const unsigned char *from, size_t fresh, const unsigned char *last) \
	{                                                                                                           \
		typedef lanes_##bytes lanes;                                                                            \
		enum { PARTS = BLOCK / (bytes) };                                                                       \
		lanes a[PARTS] = {0}, b[PARTS] = {0}, products = {0}, x;                                                \
		size_t there = (length - 1) / BLOCK - fresh;                                                            \
		uint64_t sum = 0;                                                                                       \
		SUM_FRESH                                                                                               \
		for (; there; there--, to += BLOCK) {                                                                   \
			ADD_BLOCK(to)                                                                                       \
		}                                                                                                       \
		ADD_BLOCK(last)                                                                                         \
		for (unsigned i = 0; i < PARTS; i++) {                                                                  \
			memcpy(&x, masks + i * (bytes) / 8, sizeof x);                                                      \
			products += multiply_halves(a[i] ^ x);                                                              \
			memcpy(&x, masks + PLACES + i * (bytes) / 8, sizeof x);                                             \
			products += multiply_halves(b[i] ^ x);                                                              \
		}                                                                                                       \
		for (unsigned i = 0; i < (bytes) / 8; i++) {                                                            \
			sum += products[i];                                                                                 \
		}                                                                                                       \
		return sum;                                                                                             \
	}

DEFINE_SUM_LANES(sum_lanes_any, , 16, multiply_halves_any, SUM_FUSED)
DEFINE_SUM_LANES(sum_turns_any, , 16, multiply_halves_any, SUM_IN_TURNS)
#if defined(__x86_64__)
DEFINE_SUM_LANES(sum_lanes_avx2, __attribute__((target("avx2"))), 32, multiply_halves_avx2, SUM_FUSED)
DEFINE_SUM_LANES(sum_turns_avx2, __attribute__((target("avx2"))), 32, multiply_halves_avx2, SUM_IN_TURNS)
#endif

static inline uint64_t sum_lanes(unsigned char *to, size_t length, const unsigned char *from, size_t fresh, bool in_turns)
{
	const unsigned char *last = to + length - BLOCK;

#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2")) {
		return in_turns ? sum_turns_avx2(to, length, from, fresh, last) : sum_lanes_avx2(to, length, from, fresh, last);
	}
#endif
	return in_turns ? sum_turns_any(to, length, from, fresh, last) : sum_lanes_any(to, length, from, fresh, last);
}

/* So few bytes are summed up faster in pairs of words than in lanes, whose sums have to be folded. */
#define LANES_FROM 128u
_Static_assert(LANES_FROM <= PLACES * 16, "a mask for each word");

/* Pairs of words, of which the last may overlap the one before; of few bytes the first and the last word. */
static inline uint64_t sum_few(const unsigned char *at, size_t length)
{
	uint64_t sum = 0;
	unsigned place = 0;

	if (length < 8) {
		return fold_pair(0, read_tail(at, length), 0);
	}
	if (length < 16) {
		return fold_pair(0, read64(at), read64(at + length - 8));
	}
	for (const unsigned char *last = at + length - 16;; at += 16) {
		at = at < last ? at : last;
		sum += fold_pair(place++, read64(at), read64(at + 8));
		if (at == last) {
			return sum;
		}
	}
}

static inline uint32_t finish(uint64_t sum, size_t length, uint64_t seed)
{
	sum = fold_product(sum ^ seed, length ^ UINT64_C(0x9fb21c651e98df25));
	return (uint32_t)(sum ^ sum >> 32);
}

uint32_t hash_checksum(const void *bytes, size_t length, uint64_t seed)
{
	/* Nothing is written where nothing is copied. */
	unsigned char *at = (unsigned char *)bytes;

	return finish(length < LANES_FROM ? sum_few(at, length) : sum_lanes(at, length, at, 0, false), length, seed);
}

uint32_t hash_checksum_copying(void *to, size_t length, const void *from, size_t count, uint64_t seed, bool shared)
{
	const unsigned char *source = from;
	unsigned char *at = to;
	size_t whole;

	if (length < LANES_FROM) {
		memcpy(at, source, count);
		return finish(sum_few(at, length), length, seed);
	}
	/* What is no whole block first: it is read again at the end. */
	if (count >= BLOCK) {
		memcpy(at + count - BLOCK, source + count - BLOCK, BLOCK);
	} else {
		memcpy(at, source, count);
	}
	whole = (count < length ? count : count - 1) / BLOCK;
	shared = shared && whole >= TURN_LEAST && whole <= TURNS_MOST;
	return finish(sum_lanes(at, length, source, whole, shared), length, seed);
}
