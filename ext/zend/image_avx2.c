/*
 * Images on processors with AVX2: strings are copied, hashed and tested for ASCII 32 bytes at a time, in one go.
 *
 * PHP's hash of n bytes (DJBX33A, of signed bytes) is 5381 * 33^n + sum of s[i] * 33^(n-1-i), modulo 2^64. Of 32 bytes that
 * end where the string ends, maddubs and madd make eight sums of four bytes each (24 bits); these are multiplied by their
 * powers of 33 and added. Eight such blocks have a table of powers; of longer strings each 256 bytes multiply what came
 * before by 33^256. A first block that is not full is read from before the string and masked.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "image_maker.h"

#include "compat.h"

#ifdef CACHE_HAVE_AVX2
#include <immintrin.h>

#define BLOCK 32u
#define GROUP 256u
#define WEIGHTS (GROUP / 4)
/* Reading from before the string, or beyond its end, must not touch another page. */
#define PAGE 4096u

static uint64_t powers[GROUP + 1];                  /* of 33 */
static uint32_t weights_low[WEIGHTS], weights_high[WEIGHTS];
static const uint64_t edges[12] = {0, 0, 0, 0, ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), 0, 0, 0, 0};

#pragma GCC push_options
#pragma GCC target("avx2")

struct sums {
	__m256i wide, high;
};

static zend_always_inline __m256i load(const void *at) { return _mm256_loadu_si256((const __m256i *)at); }

/* The first, or the last, `count` bytes of 32. */
static zend_always_inline __m256i first_bytes(size_t count) { return load((const char *)edges + 64 - count); }
static zend_always_inline __m256i last_bytes(size_t count) { return load((const char *)edges + count); }

/* `at`: index of the weight of the block's first four bytes. */
static zend_always_inline void add_block(struct sums *s, __m256i bytes, unsigned at)
{
	__m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi16(1 << 8 | 33), bytes);
	__m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(1 << 16 | 1089));
	__m256i low = load(weights_low + at);

	s->wide = _mm256_add_epi64(s->wide, _mm256_mul_epi32(fours, low));
	s->wide = _mm256_add_epi64(s->wide, _mm256_mul_epi32(_mm256_srli_epi64(fours, 32), _mm256_srli_epi64(low, 32)));
	s->high = _mm256_add_epi32(s->high, _mm256_mullo_epi32(fours, load(weights_high + at)));
}

static zend_always_inline uint64_t total(const struct sums *s)
{
	__m128i wide = _mm_add_epi64(_mm256_castsi256_si128(s->wide), _mm256_extracti128_si256(s->wide, 1));
	__m128i high = _mm_add_epi32(_mm256_castsi256_si128(s->high), _mm256_extracti128_si256(s->high, 1));

	wide = _mm_add_epi64(wide, _mm_unpackhi_epi64(wide, wide));
	high = _mm_add_epi32(high, _mm_shuffle_epi32(high, 0x4e));
	high = _mm_add_epi32(high, _mm_shuffle_epi32(high, 0xb1));
	return (uint64_t)_mm_cvtsi128_si64(wide) + ((uint64_t)(uint32_t)_mm_cvtsi128_si32(high) << 32);
}

static zend_always_inline struct sums nothing(void)
{
	return (struct sums){_mm256_setzero_si256(), _mm256_setzero_si256()};
}

/* 1 to 256 bytes; copies them. */
static zend_always_inline uint64_t take_group(const char *from, size_t length, char *to, __m256i *all)
{
	struct sums sums = nothing();
	size_t rest = length % BLOCK;
	unsigned at = WEIGHTS - (unsigned)((length + BLOCK - 1) / BLOCK) * (BLOCK / 4);

	if (rest) {
		__m256i bytes = _mm256_and_si256(load(from + rest - BLOCK), last_bytes(rest));
		*all = _mm256_or_si256(*all, bytes);
		add_block(&sums, bytes, at);
		memcpy(to, from, rest);
		from += rest;
		to += rest;
		at += BLOCK / 4;
	}
	for (; at < WEIGHTS; at += BLOCK / 4, from += BLOCK, to += BLOCK) {
		__m256i bytes = load(from);
		*all = _mm256_or_si256(*all, bytes);
		_mm256_storeu_si256((__m256i *)to, bytes);
		add_block(&sums, bytes, at);
	}
	return total(&sums);
}

static zend_never_inline zend_ulong take_long(const char *from, size_t length, char *to, __m256i *all)
{
	size_t first = length % GROUP;
	uint64_t hash = 5381;

	if (first) {
		hash = hash * powers[first] + take_group(from, first, to, all);
		from += first;
		to += first;
		length -= first;
	}
	for (; length > 0; length -= GROUP, from += GROUP, to += GROUP) {
		hash = hash * powers[GROUP] + take_group(from, GROUP, to, all);
	}
	return hash;
}

static zend_always_inline bool is_ascii(const char *bytes, size_t length)
{
	__m256i all = _mm256_setzero_si256();
	unsigned rest = 0;

	for (; length >= BLOCK; length -= BLOCK, bytes += BLOCK) {
		all = _mm256_or_si256(all, load(bytes));
	}
	for (; length > 0; length--, bytes++) {
		rest |= (unsigned char)*bytes;
	}
	return !_mm256_movemask_epi8(all) && !(rest & 0x80);
}

/* Whatever of the node's last word is not the string's is zero. */
static zend_always_inline void clear_end(zend_string *to, size_t length)
{
	memset((char *)to + cache_text_size(length) - 8, 0, 8);
}

static zend_never_inline void put_at_edge(const zend_string *source, zend_string *to)
{
	size_t length = ZSTR_LEN(source);
	zend_ulong hash = ZSTR_H(source);

	clear_end(to, length);
	memcpy(ZSTR_VAL(to), ZSTR_VAL(source), length);
	if (!hash) {
		hash = zend_inline_hash_func(ZSTR_VAL(source), length);
	}
	image_string_header(to, hash, length, is_ascii(ZSTR_VAL(source), length));
}

static zend_always_inline void put_text(const zend_string *source, zend_string *to, const char *end)
{
	size_t length = ZSTR_LEN(source), in_page = (uintptr_t)ZSTR_VAL(source) % PAGE;
	zend_ulong hash = ZSTR_H(source);

	if (EXPECTED(length < BLOCK)) {
		if (UNEXPECTED(in_page < BLOCK || in_page > PAGE - BLOCK || end - ZSTR_VAL(to) < (ptrdiff_t)BLOCK)) {
			put_at_edge(source, to);
			return;
		}
		/* What is written beyond the node is written again by the next one. */
		__m256i bytes = _mm256_and_si256(load(ZSTR_VAL(source)), first_bytes(length));
		_mm256_storeu_si256((__m256i *)ZSTR_VAL(to), bytes);
		if (!hash) {
			struct sums sums = nothing();
			add_block(&sums, _mm256_and_si256(load(ZSTR_VAL(source) + length - BLOCK), last_bytes(length)), WEIGHTS - BLOCK / 4);
			hash = (UINT64_C(5381) * powers[length] + total(&sums)) | UINT64_C(0x8000000000000000);
		}
		image_string_header(to, hash, length, !_mm256_movemask_epi8(bytes));
		return;
	}
	if (hash || UNEXPECTED(in_page < BLOCK)) {
		put_at_edge(source, to);
		return;
	}
	__m256i all = _mm256_setzero_si256();
	clear_end(to, length);
	hash = take_long(ZSTR_VAL(source), length, ZSTR_VAL(to), &all) | UINT64_C(0x8000000000000000);
	image_string_header(to, hash, length, !_mm256_movemask_epi8(all));
}

#include "image_variant.h"

static void hash_text(const zend_string *source, zend_string *to)
{
	put_text(source, to, ZSTR_VAL(to) + ZSTR_LEN(source) + 1);
}

#pragma GCC pop_options

const struct image_variant image_variant_avx2 = {{measure_array, make_array}, {measure_string, make_string}};

bool image_avx2_startup(void)
{
	char text[1 << 10];
	struct {
		zend_string header;
		char bytes[sizeof(text)];
	} from, to;

	powers[0] = 1;
	for (unsigned i = 1; i <= GROUP; i++) {
		powers[i] = powers[i - 1] * 33;
	}
	for (unsigned i = 0; i < WEIGHTS; i++) {
		uint64_t weight = powers[4 * (WEIGHTS - 1 - i)];
		weights_low[i] = (uint32_t)weight;
		/* The low half counts as signed. */
		weights_high[i] = (uint32_t)(weight >> 32) + (weights_low[i] >> 31);
	}
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = (char)(i * 151 ^ 0xff);
	}
	for (size_t length = 0; length < sizeof(text); length += 1 + length / 7) {
		ZSTR_H(&from.header) = 0;
		ZSTR_LEN(&from.header) = length;
		memcpy(ZSTR_VAL(&from.header), text, length);
		hash_text(&from.header, &to.header);
		if (ZSTR_H(&to.header) != zend_inline_hash_func(text, length) || memcmp(ZSTR_VAL(&to.header), text, length) != 0) {
			return false;
		}
	}
	return true;
}
#endif
