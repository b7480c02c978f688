#include "core/base/key_hash.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define WITH_AES __attribute__((target("aes,sse2")))
#define BLOCK 16u

WITH_AES static inline __m128i load_block(const void *at)
{
	return _mm_loadu_si128(at);
}

/* One lane: a block is added to its state, which then goes through the rounds. */
WITH_AES static inline __m128i absorb(const struct key_hash *hash, __m128i state, __m128i block)
{
	state = _mm_xor_si128(state, block);
	for (unsigned i = 0; i < KEY_HASH_ROUNDS; i++) {
		state = _mm_aesenc_si128(state, load_block(hash->rounds[i]));
	}
	return state;
}

/* Up to a block, so that with the length no two are the same: the first and the last half, which may overlap. */
WITH_AES static inline __m128i load_few(const unsigned char *at, size_t length)
{
	uint64_t low = 0, high = 0;
	uint32_t first, last;

	if (length >= sizeof low) {
		memcpy(&low, at, sizeof low);
		memcpy(&high, at + length - sizeof high, sizeof high);
	} else if (length >= sizeof first) {
		memcpy(&first, at, sizeof first);
		memcpy(&last, at + length - sizeof last, sizeof last);
		low = first | (uint64_t)last << 32;
	} else if (length) {
		low = (uint64_t)at[0] | (uint64_t)at[length / 2] << 8 | (uint64_t)at[length - 1] << 16;
	}
	return _mm_set_epi64x((long long)high, (long long)low);
}

/*
 * Which bytes go where depends on the length alone, and all do. The last 32 bytes go to the last two lanes, and so may count twice.
 */
WITH_AES static uint64_t aes_hash(const struct key_hash *hash, const unsigned char *at, size_t length)
{
	const unsigned char *end = at + length;
	__m128i state[KEY_HASH_LANES], sum;

	for (unsigned i = 0; i < KEY_HASH_LANES; i++) {
		state[i] = load_block(hash->masks[i]);
	}
	if (length <= BLOCK) {
		sum = absorb(hash, state[0], load_few(at, length));
	} else if (length <= 2 * BLOCK) {
		sum = _mm_xor_si128(absorb(hash, state[0], load_block(at)), absorb(hash, state[1], load_block(end - BLOCK)));
	} else {
		for (; (size_t)(end - at) > 4 * BLOCK; at += 4 * BLOCK) {
			for (unsigned i = 0; i < KEY_HASH_LANES; i++) {
				state[i] = absorb(hash, state[i], load_block(at + i * BLOCK));
			}
		}
		if ((size_t)(end - at) > 2 * BLOCK) {
			state[0] = absorb(hash, state[0], load_block(at));
			state[1] = absorb(hash, state[1], load_block(at + BLOCK));
		}
		state[2] = absorb(hash, state[2], load_block(end - 2 * BLOCK));
		state[3] = absorb(hash, state[3], load_block(end - BLOCK));
		sum = _mm_xor_si128(_mm_xor_si128(state[0], state[1]), _mm_xor_si128(state[2], state[3]));
	}
	sum = _mm_xor_si128(sum, _mm_cvtsi64_si128((long long)length));
	sum = _mm_aesenc_si128(sum, load_block(hash->last[0]));
	sum = _mm_aesenc_si128(sum, load_block(hash->last[1]));
	return (uint64_t)_mm_cvtsi128_si64(sum);
}

bool key_hash_has_aes(void) { return __builtin_cpu_supports("aes"); }
#else
static uint64_t aes_hash(const struct key_hash *hash, const unsigned char *at, size_t length)
{
	return hash_siphash13(&hash->key, at, length);
}

bool key_hash_has_aes(void) { return false; }
#endif

/* SipHash of what they are counted by. */
static void make_words(const struct hash_key *key, uint64_t *number, uint64_t (*words)[2], unsigned count)
{
	for (unsigned i = 0; i < 2 * count; i++, ++*number) {
		words[i / 2][i % 2] = hash_siphash13(key, number, sizeof *number);
	}
}

void key_hash_make(struct key_hash *hash, const struct hash_key *key, bool aes)
{
	uint64_t number = 0;

	hash->key = *key;
	hash->aes = aes;
	make_words(key, &number, hash->rounds, KEY_HASH_ROUNDS);
	make_words(key, &number, hash->last, 2);
	make_words(key, &number, hash->masks, KEY_HASH_LANES);
}

uint64_t key_hash_of(const struct key_hash *hash, const void *bytes, size_t length)
{
	return hash->aes ? aes_hash(hash, bytes, length) : hash_siphash13(&hash->key, bytes, length);
}
