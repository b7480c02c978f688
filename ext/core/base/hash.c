#include "core/base/hash.h"

#include <string.h>

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
	uint64_t last = (uint64_t)length << 56 | read_tail(at, length & 7);
	v3 ^= last;
	SIP_ROUND;
	v0 ^= last;
	v2 ^= 0xff;
	SIP_ROUND;
	SIP_ROUND;
	SIP_ROUND;
	return v0 ^ v1 ^ v2 ^ v3;
}

typedef uint32_t lanes __attribute__((vector_size(16)));

static inline lanes read_lanes(const unsigned char *at)
{
	lanes x;
	memcpy(&x, at, sizeof x);
	return x;
}

static inline uint64_t fold(uint64_t sum, lanes x)
{
	uint64_t halves[2];

	memcpy(halves, &x, sizeof halves);
	/* The rotation brings the high bits down: a product alone never would. */
	sum = rotl((sum ^ halves[0]) * UINT64_C(0x9fb21c651e98df25), 29);
	return rotl((sum ^ halves[1]) * UINT64_C(0xd6e8feb86659fd93), 31);
}

/*
 * Fletcher's checksum in 16 lanes of 32 bits: of every lane the sum, and the sum of the sums, which tells the places. What
 * it does not see by construction: two changes of one lane that cancel modulo 2^32 in both, such as two flipped top bits
 * an even number of blocks apart.
 * Two additions for 16 bytes, which compilers map to SSE2, AVX2 or NEON.
 */
static uint64_t sum_blocks(const unsigned char *at, size_t blocks)
{
	lanes a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0}, b0 = {0}, b1 = {0}, b2 = {0}, b3 = {0};
	uint64_t sums;

	for (; blocks > 0; blocks--, at += 64) {
		a0 += read_lanes(at);
		a1 += read_lanes(at + 16);
		a2 += read_lanes(at + 32);
		a3 += read_lanes(at + 48);
		b0 += a0;
		b1 += a1;
		b2 += a2;
		b3 += a3;
	}
	sums = fold(fold(fold(fold(UINT64_C(0x5bd1e9955bd1e995), b0), b1), b2), b3);
	return fold(fold(fold(fold(0, a0), a1), a2), a3) ^ hash_mix(sums);
}

uint32_t hash_checksum(const void *bytes, size_t length, uint64_t seed)
{
	const unsigned char *at = bytes;
	size_t left = length;
	uint64_t sum = seed ^ length;

	if (left >= 64) {
		sum ^= sum_blocks(at, left / 64);
		at += left & ~(size_t)63;
		left &= 63;
	}
	for (; left >= 8; left -= 8, at += 8) {
		sum = (rotl(sum, 23) + read64(at)) * UINT64_C(0xff51afd7ed558ccd);
	}
	return (uint32_t)(hash_mix(sum + read_tail(at, left)) >> 16);
}
