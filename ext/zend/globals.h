/* What a thread of PHP keeps about the cache. */
#ifndef CACHE_ZEND_GLOBALS_H
#define CACHE_ZEND_GLOBALS_H

#include "php.h"

#include "core/store/store.h"
#include "ini.h"

/* Power of two. 1024 slots of 24 bytes: a page of an application uses some hundred literal keys. */
#define CACHE_MEMO_SLOTS 1024

/** The keyed hash of an interned string; see key.h. */
struct cache_memo_slot {
	const zend_string *string;
	/** The span in which it was noted, and the length. */
	uint64_t mark;
	uint64_t hash;
};

/* Power of two. 128 slots of 64 bytes: a quarter of a processor's first cache at most. */
#define CACHE_RECENT_KEYS 128
#define CACHE_RECENT_KEY_MIN 8
#define CACHE_RECENT_KEY_MAX 48

/** The keyed hash of a string that is no interned one; see key.h. */
struct cache_recent_key {
	uint64_t hash;
	/** 0: nothing is noted. */
	uint64_t length;
	/** All its bytes; some twice. */
	unsigned char bytes[CACHE_RECENT_KEY_MAX];
};

#define CACHE_REASON_SIZE 512

/* Of which the description is found without a hash table. */
#define CACHE_RECENT_CLASSES 16

ZEND_BEGIN_MODULE_GLOBALS(cache)
	/** NULL: not attached. See participant.h. */
	struct store *store;
	/** Number of the span whose notes in the memo are valid. */
	uint32_t memo_span;

	/** Is `settings` in force, whatever `configured` says now? */
	bool frozen;
	/** Did a value of the INI come up that is not valid, after PHP's start? */
	bool rejected;
	/** What the INI says. */
	struct cache_settings configured;
	/** What is in force. */
	struct cache_settings settings;

	/** Monotonic nanoseconds: not to be attached again before; and when the segment's path was last checked. */
	uint64_t retry_ns, checked_ns;
	/** Why the cache is not to be had: one sentence. */
	char reason[CACHE_REASON_SIZE];

	/** Keys whose values cache_compute() is making in this request; NULL: none yet. */
	HashTable *computing;
	/** What it has put off until the response was sent; and are these running by now, or is it too late for them? */
	struct rebuild *rebuilds;
	bool rebuilds_are_last;
	/** How many shutdown functions there were when it registered its own. */
	uint32_t shutdown_functions;

	/** What images of values are made with; NULL: not used yet. */
	struct image_maker *maker;
	/** By address: struct cache_class; NULL: none yet. */
	HashTable *classes;
	struct cache_class *recent_classes[CACHE_RECENT_CLASSES];

	struct cache_memo_slot memo[CACHE_MEMO_SLOTS];
	struct cache_recent_key recent_keys[CACHE_RECENT_KEYS];
ZEND_END_MODULE_GLOBALS(cache)

ZEND_EXTERN_MODULE_GLOBALS(cache)
#define CACHE_G(member) ZEND_MODULE_GLOBALS_ACCESSOR(cache, member)

#if defined(ZTS) && defined(COMPILE_DL_CACHE)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

#endif
