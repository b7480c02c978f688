#include "core/base/key_hash.h"

#include <stdio.h>

#include "support.h"

static const struct hash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

/* ---- a round of AES, as its standard says it: byte by byte ----------------------------------------------- */

/* In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
static uint8_t times(uint8_t x, uint8_t y)
{
	uint8_t product = 0;

	for (; y; y >>= 1, x = (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0))) {
		product ^= y & 1 ? x : 0;
	}
	return product;
}

static uint8_t s_box(uint8_t x)
{
	uint8_t inverse = 1, result = 0x63;

	for (int i = 0; i < 254; i++) {
		inverse = times(inverse, x); /* x^254 */
	}
	for (unsigned bit = 0; bit < 5; bit++) {
		result ^= (uint8_t)(inverse << bit | inverse >> (8 - bit));
	}
	return result;
}

struct block {
	uint8_t bytes[16];
};

static struct block aes_round(struct block in, struct block round_key)
{
	static const uint8_t mix[4] = {2, 3, 1, 1};
	struct block out;

	for (unsigned column = 0; column < 4; column++) {
		for (unsigned row = 0; row < 4; row++) {
			uint8_t sum = round_key.bytes[4 * column + row];
			for (unsigned i = 0; i < 4; i++) {
				sum ^= times(mix[(i + 4 - row) % 4], s_box(in.bytes[4 * ((column + i) % 4) + i]));
			}
			out.bytes[4 * column + row] = sum;
		}
	}
	return out;
}

/* The example in Intel's description of the instruction; the least significant byte first. */
static void reference_gives_the_published_round(void **state)
{
	static const struct block in = {{0x5d, 0x47, 0x53, 0x5d, 0x72, 0x6f, 0x74, 0x63, 0x65, 0x56, 0x74, 0x73, 0x65, 0x54, 0x5b, 0x7b}};
	static const struct block round_key = {{0x5d, 0x6e, 0x6f, 0x72, 0x65, 0x75, 0x47, 0x5b, 0x29, 0x79, 0x61, 0x68, 0x53, 0x28, 0x69, 0x48}};
	static const struct block out = {{0x95, 0xe5, 0xd7, 0xde, 0x58, 0x4b, 0x10, 0x8b, 0xc5, 0xa3, 0xdb, 0x9f, 0x2f, 0x1c, 0x31, 0xa8}};
	struct block result = aes_round(in, round_key);

	(void)state;
	CHECK(memcmp(&result, &out, sizeof out) == 0);
}

/* ---- the hash, as its header says it --------------------------------------------------------------------- */

static struct block block_of(const uint64_t words[2])
{
	struct block b;

	for (unsigned i = 0; i < 16; i++) {
		b.bytes[i] = (uint8_t)(words[i / 8] >> 8 * (i % 8));
	}
	return b;
}

static struct block sum_of(struct block x, struct block y)
{
	for (unsigned i = 0; i < 16; i++) {
		x.bytes[i] ^= y.bytes[i];
	}
	return x;
}

static void absorb(const struct key_hash *hash, struct block *state, const unsigned char *at)
{
	struct block b;

	memcpy(&b, at, sizeof b);
	*state = sum_of(*state, b);
	for (unsigned i = 0; i < 4; i++) {
		*state = aes_round(*state, block_of(hash->rounds[i]));
	}
}

static uint64_t reference(const struct key_hash *hash, const unsigned char *at, size_t length)
{
	struct block lanes[4], sum = {{0}};
	unsigned used = length <= 16 ? 1 : length <= 32 ? 2 : 4;
	size_t done = 0;
	uint64_t result = 0;

	for (unsigned i = 0; i < 4; i++) {
		lanes[i] = block_of(hash->masks[i]);
	}
	if (length <= 16) {
		unsigned char few[16] = {0};
		size_t half = length >= 8 ? 8 : 4;
		if (length >= 4) {
			memcpy(few, at, half);
			memcpy(few + half, at + length - half, half);
		} else if (length) {
			few[0] = at[0];
			few[1] = at[length / 2];
			few[2] = at[length - 1];
		}
		absorb(hash, &lanes[0], few);
	} else if (length <= 32) {
		absorb(hash, &lanes[0], at);
		absorb(hash, &lanes[1], at + length - 16);
	} else {
		for (; length - done > 64; done += 64) {
			for (unsigned i = 0; i < 4; i++) {
				absorb(hash, &lanes[i], at + done + 16 * i);
			}
		}
		for (unsigned i = 0; i < 2 && length - done > 32; i++) {
			absorb(hash, &lanes[i], at + done + 16 * i);
		}
		absorb(hash, &lanes[2], at + length - 32);
		absorb(hash, &lanes[3], at + length - 16);
	}
	for (unsigned i = 0; i < used; i++) {
		sum = sum_of(sum, lanes[i]);
	}
	sum = sum_of(sum, block_of((const uint64_t[2]){length, 0}));
	sum = aes_round(aes_round(sum, block_of(hash->last[0])), block_of(hash->last[1]));
	for (unsigned i = 0; i < 8; i++) {
		result |= (uint64_t)sum.bytes[i] << 8 * i;
	}
	return result;
}

static void it_is_what_it_is_defined_to_be(void **state)
{
	unsigned char bytes[700];
	struct key_hash hash;

	(void)state;
	if (!key_hash_has_aes()) {
		skip();
	}
	key_hash_make(&hash, &key, true);
	value_fill((char *)bytes, sizeof bytes, 1);
	for (size_t length = 0; length <= (SLOW_BUILD ? 140 : 680); length++) {
		/* Of its own size, so that reading beyond it is noticed. */
		unsigned char *copy = malloc(length + 1) + 1;
		memcpy(copy, bytes + length % 17, length);
		CHECK_EQ(key_hash_of(&hash, copy, length), reference(&hash, copy, length));
		free(copy - 1);
	}
}

static void without_aes_it_is_siphash(void **state)
{
	struct key_hash hash;

	(void)state;
	key_hash_make(&hash, &key, false);
	CHECK_EQ(key_hash_of(&hash, "some key", 8), hash_siphash13(&key, "some key", 8));
}

static void it_depends_on_each_bit_of_its_key(void **state)
{
	struct key_hash hash;

	(void)state;
	key_hash_make(&hash, &key, key_hash_has_aes());
	for (size_t length = 1; length < 100; length += 9) {
		char bytes[100] = {0};
		uint64_t expected = key_hash_of(&hash, bytes, length);
		for (unsigned bit = 0; bit < 128; bit++) {
			struct hash_key other = key;
			struct key_hash other_hash;
			*(bit < 64 ? &other.k0 : &other.k1) ^= UINT64_C(1) << bit % 64;
			key_hash_make(&other_hash, &other, hash.aes);
			CHECK(key_hash_of(&other_hash, bytes, length) != expected);
		}
	}
}

/* ---- how it spreads -------------------------------------------------------------------------------------- */

#define KEYS 65536u

/* Keys as sites make them, and as somebody would who knows all but the random key. Distinct for distinct numbers. */
static size_t of_a_counter(char *at, uint32_t number) { return (size_t)sprintf(at, "site:%u", number); }
static size_t of_a_long_name(char *at, uint32_t number)
{
	return (size_t)sprintf(at, "shop.example:catalogue:product:%u:rendered:en_GB", number);
}
static size_t of_one_djb_hash(char *at, uint32_t number)
{
	for (unsigned i = 0; i < 16; i++) {
		memcpy(at + 2 * i, number >> i & 1 ? "FY" : "Ez", 2);
	}
	return 32;
}
static size_t of_few_bits(char *at, uint32_t number)
{
	memset(at, 0, 8);
	memcpy(at, &number, 3);
	return 8;
}
/* The same difference in two lanes. */
static size_t of_equal_blocks(char *at, uint32_t number)
{
	for (unsigned i = 0; i < 2; i++) {
		memset(at + 16 * i, 'x', 16);
		memcpy(at + 16 * i + number % 13, &number, 2);
		at[16 * i + 15] = (char)(number % 13);
	}
	return 32;
}
static size_t of_one_byte_at_any_place(char *at, uint32_t number)
{
	memset(at, 'a', 260);
	at[number / 255] = (char)('a' + 1 + number % 255);
	return 260;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Pairs of keys that are the same in 16 bits: of independent hashes some 32,768, and 181 more or less. */
static void check_spread(const uint64_t *hashes, unsigned shift)
{
	static uint32_t counts[65536];
	uint64_t pairs = 0;

	memset(counts, 0, sizeof counts);
	for (uint32_t i = 0; i < KEYS; i++) {
		pairs += counts[hashes[i] >> shift & 0xffff]++;
	}
	CHECK(pairs > 32768 - 6 * 181 && pairs < 32768 + 6 * 181);
}

static void keys_that_are_alike_spread(void **state)
{
	static size_t (*const families[])(char *, uint32_t) = {
		of_a_counter, of_a_long_name, of_one_djb_hash, of_few_bits, of_equal_blocks, of_one_byte_at_any_place,
	};
	static uint64_t hashes[KEYS];
	struct key_hash hash;

	(void)state;
	key_hash_make(&hash, &key, key_hash_has_aes());
	for (size_t f = 0; f < COUNT_OF(families); f++) {
		for (uint32_t i = 0; i < KEYS; i++) {
			char bytes[300];
			hashes[i] = key_hash_of(&hash, bytes, families[f](bytes, i));
		}
		for (unsigned shift = 0; shift <= 48; shift += 8) {
			check_spread(hashes, shift);
		}
		qsort(hashes, KEYS, sizeof *hashes, by_value);
		for (uint32_t i = 1; i < KEYS; i++) {
			CHECK(hashes[i] != hashes[i - 1]);
		}
	}
}

/* Zeros of each length, and what ends with them. */
static void it_depends_on_the_length(void **state)
{
	static uint64_t hashes[300];
	char bytes[300] = {0};
	struct key_hash hash;

	(void)state;
	key_hash_make(&hash, &key, key_hash_has_aes());
	for (size_t length = 0; length < sizeof bytes; length++) {
		hashes[length] = key_hash_of(&hash, bytes, length);
	}
	qsort(hashes, COUNT_OF(hashes), sizeof *hashes, by_value);
	for (size_t i = 1; i < COUNT_OF(hashes); i++) {
		CHECK(hashes[i] != hashes[i - 1]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(reference_gives_the_published_round),
		TEST(it_is_what_it_is_defined_to_be),
		TEST(without_aes_it_is_siphash),
		TEST(it_depends_on_each_bit_of_its_key),
		TEST(keys_that_are_alike_spread),
		TEST(it_depends_on_the_length),
	};

	return RUN(tests, argc, argv);
}
