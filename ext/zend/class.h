/*
 * How objects of a class are kept.
 *
 * CACHE_CLASS_SLOTS: a user class whose objects are nothing but their declared properties. No hook of the class sees a
 * store or a fetch: no create_object, no own handlers, no __serialize, __unserialize, __sleep, __wakeup or Serializable in
 * the class or above it. Its fingerprint covers name, visibility and full type of each property in the order of the
 * slots: where that is the same, the slots may be filled in as they are.
 * CACHE_CLASS_STD: stdClass. CACHE_CLASS_ENUM: a case, by its name. CACHE_CLASS_STATE: a class of PHP's own that gives
 * its state as an array by __serialize() and takes it by __unserialize(), both of them PHP's.
 * CACHE_CLASS_OTHER: the serializer.
 */
#ifndef CACHE_ZEND_CLASS_H
#define CACHE_ZEND_CLASS_H

#include "php.h"

/* Part of the file format: never renumber. */
enum cache_class_kind {
	CACHE_CLASS_OTHER = 0,
	CACHE_CLASS_SLOTS = 1,
	CACHE_CLASS_STD = 2,
	CACHE_CLASS_ENUM = 3,
	CACHE_CLASS_STATE = 4,
};

struct cache_class {
	zend_class_entry *ce;
	uint64_t fingerprint;
	enum cache_class_kind kind;
	/** For graph.c: where the class stands in the image that is being made, if its maker's epoch is this one. */
	uint32_t epoch;
	size_t at;
};

/** Known for the rest of the request. O(properties) at the first call for a class. */
struct cache_class *cache_class_of(zend_class_entry *ce);
/** At the request's end, when the classes go. */
void cache_class_forget(void);

#endif
