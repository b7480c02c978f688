#include "core/base/hash.h"

#include <stdbool.h>
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

/* Four chains that do not wait for each other. A change of one lane changes one of them, whatever the others are. */
static inline uint64_t fold(uint64_t sum, const void *lanes)
{
	uint64_t halves[8], chains[4];

	memcpy(halves, lanes, sizeof halves);
	for (unsigned i = 0; i < 4; i++) {
		/* The rotation brings the high bits down: a product alone never would. */
		uint64_t chain = rotl(((sum + i) ^ halves[2 * i]) * UINT64_C(0x9fb21c651e98df25), 29);
		chains[i] = rotl((chain ^ halves[2 * i + 1]) * UINT64_C(0xd6e8feb86659fd93), 31);
	}
	return chains[0] ^ rotl(chains[1], 16) ^ rotl(chains[2], 32) ^ rotl(chains[3], 48);
}

/*
 * Fletcher's checksum in 16 lanes of 32 bits: of every lane the sum, and the sum of the sums, which tells the places. What
 * it does not see by construction: two changes of one lane that cancel modulo 2^32 in both, such as two flipped top bits
 * an even number of blocks apart.
 * Two additions for each vector: 16 bytes with SSE2 or NEON, 32 with AVX2. So it takes about as long as reading the bytes:
 * where they are copied anyhow, both are done in one go.
 *
 * `fresh` blocks come from `from` and are copied, after `before` blocks that are at `to` already; so are the rest.
 */
#define DEFINE_SUM_BLOCKS(name, attributes, bytes)                                                    \
	attributes static uint64_t name(unsigned char *to, size_t blocks, size_t before, size_t fresh,    \
	                                const unsigned char *from)                                        \
	{                                                                                                 \
		typedef uint32_t lanes __attribute__((vector_size(bytes)));                                   \
		enum { PARTS = 64 / (bytes) };                                                                \
		lanes a[PARTS] = {0}, b[PARTS] = {0};                                                         \
		for (size_t block = 0; block < blocks; block++, to += 64) {                                   \
			bool copy = block - before < fresh;                                                       \
			const unsigned char *at = copy ? from : to;                                               \
			for (unsigned i = 0; i < PARTS; i++) {                                                    \
				lanes x;                                                                              \
				memcpy(&x, at + i * sizeof x, sizeof x);                                              \
				if (copy) {                                                                           \
					memcpy(to + i * sizeof x, &x, sizeof x);                                          \
				}                                                                                     \
				a[i] += x;                                                                            \
				b[i] += a[i];                                                                         \
			}                                                                                         \
			from += copy ? 64 : 0;                                                                    \
		}                                                                                             \
		return fold(0, a) ^ hash_mix(fold(UINT64_C(0x5bd1e9955bd1e995), b));                          \
	}

DEFINE_SUM_BLOCKS(sum_blocks_any, , 16)
#if defined(__x86_64__)
DEFINE_SUM_BLOCKS(sum_blocks_avx2, __attribute__((target("avx2"))), 32)
#endif

static inline uint64_t sum_blocks(unsigned char *to, size_t blocks, size_t before, size_t fresh, const unsigned char *from)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2")) {
		return sum_blocks_avx2(to, blocks, before, fresh, from);
	}
#endif
	return sum_blocks_any(to, blocks, before, fresh, from);
}

/* So few bytes are summed up faster word by word than in lanes, whose sums have to be folded. */
#define LANES_FROM 256u
#define WORD_FACTOR UINT64_C(0xff51afd7ed558ccd)

static inline uint64_t add_word(uint64_t sum, const unsigned char *at) { return (rotl(sum, 23) + read64(at)) * WORD_FACTOR; }

/* Words one after the other, in four chains while there are enough. */
static uint32_t finish(const unsigned char *at, size_t left, uint64_t sum)
{
	if (left >= 32) {
		uint64_t second = sum + 1, third = sum + 2, fourth = sum + 3;
		for (; left >= 32; left -= 32, at += 32) {
			sum = add_word(sum, at);
			second = add_word(second, at + 8);
			third = add_word(third, at + 16);
			fourth = add_word(fourth, at + 24);
		}
		sum ^= rotl(second, 16) ^ rotl(third, 32) ^ rotl(fourth, 48);
	}
	for (; left >= 8; left -= 8, at += 8) {
		sum = add_word(sum, at);
	}
	return (uint32_t)(hash_mix(sum + read_tail(at, left)) >> 16);
}

uint32_t hash_checksum(const void *bytes, size_t length, uint64_t seed)
{
	/* Nothing is written where nothing is copied. */
	unsigned char *at = (unsigned char *)bytes;
	uint64_t sum = seed ^ length;

	if (length < LANES_FROM) {
		return finish(at, length, sum);
	}
	sum ^= sum_blocks(at, length / 64, 0, 0, at);
	return finish(at + (length & ~(size_t)63), length & 63, sum);
}

uint32_t hash_checksum_copying(void *to, size_t length, size_t at, const void *from, size_t count, uint64_t seed)
{
	unsigned char *bytes = to;
	const unsigned char *source = from;
	size_t begun = (64 - at % 64) % 64, before, fresh;

	if (length < LANES_FROM) {
		memcpy(bytes + at, source, count);
		return finish(bytes, length, seed ^ length);
	}
	/* Whole blocks in one go; what stands before and behind them is copied first. */
	if (begun > count) {
		begun = count;
	}
	fresh = (count - begun) / 64;
	memcpy(bytes + at, source, begun);
	memcpy(bytes + at + begun + fresh * 64, source + begun + fresh * 64, count - begun - fresh * 64);
	before = (at + begun) / 64;
	return finish(bytes + (length & ~(size_t)63), length & 63,
	              seed ^ length ^ sum_blocks(bytes, length / 64, before, fresh, source + begun));
}
