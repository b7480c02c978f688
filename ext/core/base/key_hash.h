/*
 * The hash of keys, tags and names, under a random key of the segment: who can choose keys can not choose buckets. PHP's own
 * hash is linear and unkeyed: 1,024 of 1,024 crafted keys collide in it.
 *
 * With instructions for AES, blocks of 16 bytes each go through four rounds; what comes out of up to four lanes is added up
 * (exclusive or), and goes through two more. For random round keys a difference of two inputs of four rounds becomes a given
 * one of the outputs with a probability of 2^-113 at most (Keliher and Sui: "Exact maximum expected differential and linear
 * probability for two-round AES", 2007; as a hash: Minematsu and Tsunoo, "Provably secure MACs from differentially-uniform
 * permutations and AES-based implementations", 2006). That is proven for keys that differ in one block. For lanes, which share the
 * round keys under masks of their own, and for longer keys, whose lanes are chains, it is what is to be expected, not proven; nor is
 * it for the 64 bits that are left at the end. But who wants collisions has to find them blindly: no call returns a hash, and what
 * the order of the iterator tells of some bits it tells to the application alone.
 *
 * Without them it is SipHash-1-3. A segment has the one or the other: which one is part of its format.
 */
#ifndef CACHE_CORE_KEY_HASH_H
#define CACHE_CORE_KEY_HASH_H

#include <stdbool.h>

#include "core/base/hash.h"

#define KEY_HASH_ROUNDS 4u
#define KEY_HASH_LANES 4u

/** A process's own; some 180 bytes. */
struct key_hash {
	/** Two words each: of the rounds, of the last two, the masks of the lanes. */
	uint64_t rounds[KEY_HASH_ROUNDS][2], last[2][2], masks[KEY_HASH_LANES][2];
	struct hash_key key;
	bool aes;
};

/** Whether this processor has what AES takes; the same for all processes of a machine. */
bool key_hash_has_aes(void);
/** aes: key_hash_has_aes(), or false. */
void key_hash_make(struct key_hash *hash, const struct hash_key *key, bool aes);
/**
 * O(length): 4 to 6 ns for 20 to 60 bytes (SipHash: 13 to 25); where all waits for the result 16 to 18 (18 to 31). Reads nothing
 * beyond the bytes.
 */
uint64_t key_hash_of(const struct key_hash *hash, const void *bytes, size_t length);

#endif
