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

uint32_t hash_checksum(const void *bytes, size_t length, uint32_t seed)
{
	const unsigned char *at = bytes;
	uint64_t a = seed + UINT64_C(0x9e3779b97f4a7c15), b = length, c = ~(uint64_t)seed, d = 0x5bd1e995;
	size_t left = length;

	/* Every word is multiplied by an odd constant to a power that tells its place: damage of one word and
	 * swapped words both change the sum. */
	for (; left >= 32; left -= 32, at += 32) {
		a = (a + read64(at)) * UINT64_C(0xff51afd7ed558ccd);
		b = (b + read64(at + 8)) * UINT64_C(0xc4ceb9fe1a85ec53);
		c = (c + read64(at + 16)) * UINT64_C(0x9fb21c651e98df25);
		d = (d + read64(at + 24)) * UINT64_C(0xd6e8feb86659fd93);
	}
	for (; left >= 8; left -= 8, at += 8) {
		a = (a + read64(at)) * UINT64_C(0xff51afd7ed558ccd);
	}
	b += read_tail(at, left);
	uint64_t sum = hash_mix(a) ^ rotl(hash_mix(b), 17) ^ rotl(hash_mix(c), 31) ^ rotl(hash_mix(d), 47);
	return (uint32_t)(hash_mix(sum) >> 16);
}
