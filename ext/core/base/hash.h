/*
 * Hash functions.
 *
 * SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012; 1 compression and 3 finalisation rounds, as in
 * Rust's and Ruby's tables), under a 128-bit key. Keys and names: key_hash.h.
 */
#ifndef CACHE_CORE_HASH_H
#define CACHE_CORE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0, k1;
};

/** O(length); 9 ns for 8 bytes, 13 ns for 32. */
uint64_t hash_siphash13(const struct hash_key *key, const void *bytes, size_t length);

/**
 * A checksum against damage, not against intent; some 20 bytes a cycle. A change of one word is seen with the certainty of 32 bits,
 * whatever else there is; what is not, see hash.c.
 */
uint32_t hash_checksum(const void *bytes, size_t length, uint64_t seed);
/**
 * Copies `count` bytes to `to`, and returns hash_checksum() of the `length` bytes there, all the others of which are there.
 * count <= length. Takes about as long as copying. `shared`: other processors have read what is at `to`; of 2 KB and more whole
 * lines are written then, which takes half as long again where it is not so, and a third of the time where it is.
 */
uint32_t hash_checksum_copying(void *to, size_t length, const void *from, size_t count, uint64_t seed, bool shared);

/** Bijective mixer of one word (the finaliser of MurmurHash3). */
static inline uint64_t hash_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

#endif
