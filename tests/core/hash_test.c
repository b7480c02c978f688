#include "support.h"

/* ---- SipHash-c-d, as its paper says it: byte by byte, no cleverness -------------------------------------- */

struct sip {
	uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned bits) { return (x << bits) | (x >> (64 - bits)); }

static void sip_round(struct sip *s)
{
	s->v[0] += s->v[1];
	s->v[2] += s->v[3];
	s->v[1] = rotate(s->v[1], 13);
	s->v[3] = rotate(s->v[3], 16);
	s->v[1] ^= s->v[0];
	s->v[3] ^= s->v[2];
	s->v[0] = rotate(s->v[0], 32);
	s->v[2] += s->v[1];
	s->v[0] += s->v[3];
	s->v[1] = rotate(s->v[1], 17);
	s->v[3] = rotate(s->v[3], 21);
	s->v[1] ^= s->v[2];
	s->v[3] ^= s->v[0];
	s->v[2] = rotate(s->v[2], 32);
}

static uint64_t reference(int c, int d, const struct hash_key *key, const unsigned char *bytes, size_t length)
{
	struct sip s = {{
		key->k0 ^ UINT64_C(0x736f6d6570736575),
		key->k1 ^ UINT64_C(0x646f72616e646f6d),
		key->k0 ^ UINT64_C(0x6c7967656e657261),
		key->k1 ^ UINT64_C(0x7465646279746573),
	}};

	/* Words of eight bytes, little-endian; the last one is padded with zeros and ends with the length mod 256. */
	for (size_t word = 0; word <= length / 8; word++) {
		uint64_t m = 0;
		for (size_t i = 0; i < 8; i++) {
			size_t at = word * 8 + i;
			uint64_t byte = at < length ? bytes[at] : i == 7 ? (unsigned char)length : 0;
			m |= byte << (8 * i);
		}
		s.v[3] ^= m;
		for (int i = 0; i < c; i++) {
			sip_round(&s);
		}
		s.v[0] ^= m;
	}
	s.v[2] ^= 0xff;
	for (int i = 0; i < d; i++) {
		sip_round(&s);
	}
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* The key 00 01 .. 0f and the messages "", 00, 00 01, .. of the test vectors of SipHash's authors. */
static const struct hash_key paper_key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void count_up(unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bytes[i] = (unsigned char)i;
	}
}

/* The reference itself is right: SipHash-2-4 of the paper's appendix and of its published vectors. */
static void reference_gives_the_published_vectors(void **state)
{
	static const uint64_t published[] = {
		UINT64_C(0x726fdb47dd0e0e31), UINT64_C(0x74f839c593dc67fd), UINT64_C(0x0d6c8009d9a94f5a),
		UINT64_C(0x85676696d7fb7e2d), UINT64_C(0xcf2794e0277187b7), UINT64_C(0x18765564cd99a68d),
		UINT64_C(0xcbc9466e58fee3ce), UINT64_C(0xab0200f58b01d137),
	};
	unsigned char message[16];

	(void)state;
	count_up(message, sizeof message);
	for (size_t length = 0; length < COUNT_OF(published); length++) {
		CHECK_EQ(reference(2, 4, &paper_key, message, length), published[length]);
	}
	CHECK_EQ(reference(2, 4, &paper_key, message, 15), UINT64_C(0xa129ca6149be45e5));
}

static void siphash13_known_answers(void **state)
{
	unsigned char message[64];

	(void)state;
	count_up(message, sizeof message);
	/* The first vector of Rust's test of SipHasher13. */
	CHECK_EQ(hash_siphash13(&paper_key, message, 0), UINT64_C(0xabac0158050fc4dc));
	for (size_t length = 0; length <= sizeof message; length++) {
		CHECK_EQ(hash_siphash13(&paper_key, message, length), reference(1, 3, &paper_key, message, length));
	}
}

/* Exactly sized blocks, so that reading past the end is seen by the sanitizer. */
static void siphash13_of_all_lengths_at_all_addresses(void **state)
{
	struct rng rng = {7};

	(void)state;
	for (size_t length = 0; length < 300; length++) {
		for (size_t offset = 0; offset < 8; offset++) {
			struct hash_key key = {rng_next(&rng), rng_next(&rng)};
			unsigned char *block = malloc(offset + length + !(offset + length));
			for (size_t i = 0; i < offset + length; i++) {
				block[i] = (unsigned char)rng_next(&rng);
			}
			CHECK_EQ(hash_siphash13(&key, block + offset, length), reference(1, 3, &key, block + offset, length));
			free(block);
		}
	}
}

static void siphash13_depends_on_each_bit_of_its_key(void **state)
{
	struct hash_key key = paper_key;
	uint64_t hash = hash_siphash13(&key, "some key", 8);

	(void)state;
	for (unsigned bit = 0; bit < 128; bit++) {
		uint64_t *half = bit < 64 ? &key.k0 : &key.k1;
		*half ^= UINT64_C(1) << bit % 64;
		CHECK(hash_siphash13(&key, "some key", 8) != hash);
		*half ^= UINT64_C(1) << bit % 64;
	}
}

/* A 64 KB message: the length byte wraps. */
static void siphash13_of_a_large_message(void **state)
{
	size_t length = 65536 + 5;
	unsigned char *block = malloc(length);

	(void)state;
	value_fill((char *)block, length, 3);
	CHECK_EQ(hash_siphash13(&paper_key, block, length), reference(1, 3, &paper_key, block, length));
	CHECK_EQ(hash_siphash13(&paper_key, block, 65535), reference(1, 3, &paper_key, block, 65535));
	free(block);
}

/* ---- the checksum --------------------------------------------------------------------------------------- */

/* A segment may be read by a build, or on a processor, that sums up in other vectors: the result is part of the format. */
static void checksum_is_the_same_everywhere(void **state)
{
	static const struct {
		size_t length;
		uint32_t sum;
	} known[] = {
		{0, 0x7abad766}, {7, 0xff9607aa}, {8, 0x276325bc}, {15, 0x33d8ebe0}, {32, 0x466ebaff},
		{64, 0xce670eb7}, {127, 0x43219159}, {128, 0xba08e588}, {256, 0xa3becba1}, {1000, 0xbccffe6c},
	};
	unsigned char block[1000];

	(void)state;
	for (size_t i = 0; i < sizeof block; i++) {
		block[i] = (unsigned char)(i * 7 + 1);
	}
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		CHECK_EQ(hash_checksum(block, known[i].length, 9), known[i].sum);
	}
}

static void checksum_sees_each_flipped_bit(void **state)
{
	(void)state;
	for (size_t length = 1; length <= 140; length++) {
		unsigned char *block = malloc(length);
		value_fill((char *)block, length, length);
		uint32_t sum = hash_checksum(block, length, 5);
		for (size_t bit = 0; bit < length * 8; bit++) {
			block[bit / 8] ^= (unsigned char)(1 << bit % 8);
			CHECK(hash_checksum(block, length, 5) != sum);
			block[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		CHECK_EQ(hash_checksum(block, length, 5), sum);
		free(block);
	}
}

/* Whatever is folded at the end must not let the sums of one lane cancel each other out. */
static void checksum_sees_each_flipped_bit_of_large_blocks(void **state)
{
	static const size_t lengths[] = {256, 1000, 1024, 2048 + 8, 4096, 4096 + 63, 9000};
	const size_t step = SLOW_BUILD ? 3 : 1;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		unsigned char *block = malloc(lengths[i]);
		value_fill((char *)block, lengths[i], i);
		uint32_t sum = hash_checksum(block, lengths[i], 5);
		for (size_t bit = 0; bit < lengths[i] * 8; bit += step) {
			block[bit / 8] ^= (unsigned char)(1 << bit % 8);
			if (hash_checksum(block, lengths[i], 5) == sum) {
				check_failed(__FILE__, __LINE__, "bit %zu of %zu bytes is not seen", bit, lengths[i]);
			}
			block[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		free(block);
	}
}

/* Two flips anywhere in four lines of 32 bytes: those of one bit column are what a stuck data line makes. */
static void checksum_sees_each_pair_of_flipped_bits(void **state)
{
	unsigned char block[128];
	uint32_t sum;
	const size_t step = SLOW_BUILD ? 7 : 1;

	(void)state;
	value_fill((char *)block, sizeof block, 1);
	sum = hash_checksum(block, sizeof block, 0);
	for (size_t a = 0; a < sizeof block * 8; a += step) {
		block[a / 8] ^= (unsigned char)(1 << a % 8);
		for (size_t b = a % 64; b < sizeof block * 8; b += 64) {
			if (b != a) {
				block[b / 8] ^= (unsigned char)(1 << b % 8);
				CHECK(hash_checksum(block, sizeof block, 0) != sum);
				block[b / 8] ^= (unsigned char)(1 << b % 8);
			}
		}
		block[a / 8] ^= (unsigned char)(1 << a % 8);
	}
}

static void check_swaps(uint64_t *words, size_t count)
{
	uint32_t sum = hash_checksum(words, count * 8, 9);

	for (size_t a = 0; a < count; a++) {
		for (size_t b = a + 1; b < count; b++) {
			uint64_t kept = words[a];
			if (words[a] == words[b]) {
				continue;
			}
			words[a] = words[b];
			words[b] = kept;
			CHECK(hash_checksum(words, count * 8, 9) != sum);
			words[b] = words[a];
			words[a] = kept;
		}
	}
}

static void checksum_sees_swapped_words(void **state)
{
	uint64_t words[40];
	double numbers[15];

	(void)state;
	for (size_t count = 2; count <= COUNT_OF(words); count++) {
		value_fill((char *)words, sizeof words, count);
		check_swaps(words, count);
		/* Words that differ in a single bit each: also in the highest ones, if they are not summed up in lanes. */
		for (size_t bit = 0; bit < (count * 8 < 128 ? 64 : 60); bit++) {
			for (size_t i = 0; i < count; i++) {
				words[i] = i & 1 ? UINT64_C(1) << bit : 0;
				words[i] ^= i & 4 ? UINT64_C(1) << bit : 0;
			}
			check_swaps(words, count);
		}
		for (size_t i = 0; i < COUNT_OF(numbers); i++) {
			numbers[i] = i % 3 ? 1.0 : -1.0;
		}
		memcpy(words, numbers, sizeof numbers);
		check_swaps(words, count < COUNT_OF(numbers) ? count : COUNT_OF(numbers));
	}
}

static void checksum_sees_what_is_cut_or_appended(void **state)
{
	char block[100] = {0};
	uint32_t sums[100];

	(void)state;
	for (size_t length = 0; length < sizeof block; length++) {
		sums[length] = hash_checksum(block, length, 0);
		for (size_t other = 0; other < length; other++) {
			CHECK(sums[other] != sums[length]);
		}
	}
}

/* The same byte by byte, lane by lane, without vectors: all builds and processors give the same sum. */
static uint64_t little_endian(const unsigned char *at, size_t count)
{
	uint64_t word = 0;

	for (size_t i = 0; i < count; i++) {
		word |= (uint64_t)at[i] << (8 * i);
	}
	return word;
}

/* Schoolbook multiplication, in digits of 16 bits. */
static uint64_t product_reference(uint64_t x, uint64_t y)
{
	uint64_t digits[9] = {0};

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned k = 0; k < 4; k++) {
			uint64_t product = (x >> (16 * i) & 0xffff) * (y >> (16 * k) & 0xffff);
			digits[i + k] += product & 0xffff;
			digits[i + k + 1] += product >> 16;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		digits[i + 1] += digits[i] >> 16;
		digits[i] &= 0xffff;
	}
	return (digits[0] | digits[1] << 16 | digits[2] << 32 | digits[3] << 48) ^
	       (digits[4] | digits[5] << 16 | digits[6] << 32 | digits[7] << 48);
}

/* The n-th 64 bits of pi behind the point, from 1 on. */
static uint64_t pi_bits(size_t n)
{
	static const uint64_t bits[] = {
		UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344), UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89),
		UINT64_C(0x452821e638d01377), UINT64_C(0xbe5466cf34e90c6c), UINT64_C(0xc0ac29b7c97c50dd), UINT64_C(0x3f84d5b5b5470917),
		UINT64_C(0x9216d5d98979fb1b), UINT64_C(0xd1310ba698dfb5ac), UINT64_C(0x2ffd72dbd01adfb7), UINT64_C(0xb8e1afed6a267e96),
		UINT64_C(0xba7c9045f12c7f99), UINT64_C(0x24a19947b3916cf7), UINT64_C(0x0801f2e2858efc16), UINT64_C(0x636920d871574e69),
	};

	return bits[n - 1];
}

static uint64_t pair_reference(size_t mask, uint64_t x, size_t other_mask, uint64_t y)
{
	return product_reference(x ^ pi_bits(mask), y ^ pi_bits(other_mask));
}

static uint64_t halves_reference(uint64_t x, size_t mask)
{
	x ^= pi_bits(mask);
	return (x & 0xffffffff) * (x >> 32);
}

static uint64_t lanes_reference(const unsigned char *bytes, size_t length)
{
	uint64_t a[8] = {0}, b[8] = {0}, sum = 0;

	for (size_t block = 0; block < (length + 63) / 64; block++) {
		const unsigned char *at = bytes + (block * 64 + 64 <= length ? block * 64 : length - 64);
		for (unsigned lane = 0; lane < 8; lane++) {
			a[lane] += little_endian(at + lane * 8, 8);
			b[lane] += a[lane];
		}
	}
	for (unsigned lane = 0; lane < 8; lane++) {
		sum += halves_reference(a[lane], lane + 1) + halves_reference(b[lane], lane + 9);
	}
	return sum;
}

static uint64_t few_reference(const unsigned char *bytes, size_t length)
{
	uint64_t sum = 0;

	if (length < 8) {
		return pair_reference(1, little_endian(bytes, length), 2, 0);
	}
	if (length < 16) {
		return pair_reference(1, little_endian(bytes, 8), 2, little_endian(bytes + length - 8, 8));
	}
	for (size_t pair = 0; pair < (length + 15) / 16; pair++) {
		const unsigned char *at = bytes + (pair * 16 + 16 <= length ? pair * 16 : length - 16);
		sum += pair_reference(2 * pair + 1, little_endian(at, 8), 2 * pair + 2, little_endian(at + 8, 8));
	}
	return sum;
}

static uint32_t checksum_reference(const unsigned char *bytes, size_t length, uint64_t seed)
{
	uint64_t sum = length < 128 ? few_reference(bytes, length) : lanes_reference(bytes, length);

	sum = product_reference(sum ^ seed, length ^ UINT64_C(0x9fb21c651e98df25));
	return (uint32_t)(sum ^ sum >> 32);
}

static void checksum_is_what_it_is_defined_to_be(void **state)
{
	static unsigned char bytes[20000];

	(void)state;
	value_fill((char *)bytes, sizeof bytes, 5);
	for (size_t length = 0; length < 1500; length++) {
		size_t offset = length % 13;
		CHECK_EQ(hash_checksum(bytes + offset, length, length), checksum_reference(bytes + offset, length, length));
	}
	CHECK_EQ(hash_checksum(bytes, sizeof bytes, 1), checksum_reference(bytes, sizeof bytes, 1));
}

static void copying_and_summing_in_one_go(void **state)
{
	static unsigned char source[5000], expected[6000], got[6000];
	struct rng rng = {11};

	(void)state;
	value_fill((char *)source, sizeof source, 3);
	for (int i = 0; i < 20000; i++) {
		size_t at = rng_below(&rng, 100), count = rng_below(&rng, i % 2 ? 300 : 4000), behind = rng_below(&rng, i % 3 ? 90 : 9);
		size_t length = count + behind, offset = rng_below(&rng, 900);
		memset(expected, i, at + length + 64);
		memcpy(got, expected, at + length + 64);
		memcpy(expected + at, source + offset, count);
		uint32_t sum = hash_checksum_copying(got + at, length, source + offset, count, (uint64_t)i, i % 5 == 0);
		CHECK(memcmp(got, expected, at + length + 64) == 0);
		CHECK_EQ(sum, hash_checksum(expected + at, length, (uint64_t)i));
	}
}

/* About the lengths from which on it is done in turns, of a turn, and up to which. */
static void copying_and_summing_in_turns(void **state)
{
	static const size_t lengths[] = {2 * KB, 16 * KB, 48 * KB, 100 * KB, 2 * MB, 3 * MB};
	static unsigned char source[3 * MB + 200], got[3 * MB + 200];

	(void)state;
	value_fill((char *)source, sizeof source, 3);
	for (size_t i = 0; i < COUNT_OF(lengths) * 30; i++) {
		size_t count = lengths[i / 30] + i % 30 * 7 - 100, length = count + i % 4 * 9;
		if (length > lengths[i / 30] + 64 && lengths[i / 30] > MB) {
			continue; /* they take long */
		}
		memset(got, 0x55, length + 64);
		uint32_t sum = hash_checksum_copying(got + 1, length, source + i % 40, count, i, i % 5 != 0);
		CHECK(memcmp(got + 1, source + i % 40, count) == 0);
		for (size_t at = count + 1; at < length + 64; at++) {
			CHECK_EQ(got[at], 0x55);
		}
		CHECK_EQ(got[0], 0x55);
		CHECK_EQ(sum, hash_checksum(got + 1, length, i));
	}
}

static void checksum_depends_on_its_seed(void **state)
{
	uint32_t sum = hash_checksum("value", 5, 0);

	(void)state;
	for (unsigned bit = 0; bit < 32; bit++) {
		CHECK(hash_checksum("value", 5, UINT32_C(1) << bit) != sum);
	}
}

static void checksum_does_not_depend_on_the_address(void **state)
{
	char block[80 + 8];

	(void)state;
	for (size_t length = 0; length <= 80; length++) {
		value_fill(block, length, 2);
		uint32_t sum = hash_checksum(block, length, 1);
		for (size_t offset = 1; offset < 8; offset++) {
			value_fill(block + offset, length, 2);
			CHECK_EQ(hash_checksum(block + offset, length, 1), sum);
		}
	}
}

/* ---- the mixer ------------------------------------------------------------------------------------------ */

static uint64_t inverse_of(uint64_t odd)
{
	uint64_t x = odd;

	for (int i = 0; i < 6; i++) {
		x *= 2 - odd * x;
	}
	return x;
}

static void mixer_can_be_undone(void **state)
{
	struct rng rng = {3};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t x = rng_next(&rng), y = hash_mix(x);
		y ^= y >> 33;
		y *= inverse_of(UINT64_C(0xc4ceb9fe1a85ec53));
		y ^= y >> 33;
		y *= inverse_of(UINT64_C(0xff51afd7ed558ccd));
		y ^= y >> 33;
		CHECK_EQ(y, x);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(reference_gives_the_published_vectors),
		TEST(siphash13_known_answers),
		TEST(siphash13_of_all_lengths_at_all_addresses),
		TEST(siphash13_depends_on_each_bit_of_its_key),
		TEST(siphash13_of_a_large_message),
		TEST(checksum_is_what_it_is_defined_to_be),
		TEST(copying_and_summing_in_one_go),
		TEST(copying_and_summing_in_turns),
		TEST(checksum_is_the_same_everywhere),
		TEST(checksum_sees_each_flipped_bit),
		TEST(checksum_sees_each_flipped_bit_of_large_blocks),
		TEST(checksum_sees_each_pair_of_flipped_bits),
		TEST(checksum_sees_swapped_words),
		TEST(checksum_sees_what_is_cut_or_appended),
		TEST(checksum_depends_on_its_seed),
		TEST(checksum_does_not_depend_on_the_address),
		TEST(mixer_can_be_undone),
	};

	return RUN(tests, argc, argv);
}
