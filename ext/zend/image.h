/*
 * Values as PHP keeps them in memory, made to be read where they lie: strings and arrays that PHP takes for interned
 * strings and immutable arrays.
 *
 * A text is one zend_string. An array's image is a sequence of nodes without gaps, each a multiple of 8 bytes, the array
 * itself first:
 *
 *   array    zend_array | hash part | nNumUsed buckets, or zvals if it is packed
 *   string   zend_string, NUL, zeros up to 8 bytes
 *
 * Addresses in an image are those of the official mapping. Rules, each of which was a crash or a wrong value when broken:
 *
 *  1. Strings are IS_STR_INTERNED and never IS_STR_PERMANENT: PHP keeps permanent ones beyond the request (pcre's cache
 *     does). Arrays are GC_IMMUTABLE | GC_PERSISTENT | GC_NOT_COLLECTABLE. Flags are written from scratch: those of the
 *     source may name the source's process (class names, iterators).
 *  2. Reference counts are 2: nothing takes the value for its own. No zval in an image is marked as refcounted, since a
 *     copy of an immutable array copies its zvals without counting.
 *  3. Nested strings have their hash: PHP would write it. Of a text the hash may be missing: it is handed out by its
 *     address in the writable mapping.
 *  4. nInternalPointer 0, pDestructor NULL, flags PACKED and STATIC_KEYS only; nNextFreeElement as in the source.
 *  5. No pointer to anything outside of the image: neither to PHP's empty array nor to its one-character strings.
 *  6. No byte of it depends on anything but the value and the shape of its tables, so that equal images mean equal values,
 *     and none is left over from the heap.
 *
 * Strings that the source shares (interned ones, or with more than one reference), shared sub-arrays, and keys of an array
 * that stands in for a row of the same keys as one before are there once.
 */
#ifndef CACHE_ZEND_IMAGE_H
#define CACHE_ZEND_IMAGE_H

#include "php.h"

#include "core/store/store.h"

/** Below that a string is copied out: that takes no longer than keeping a pin, and costs no header. */
#define CACHE_TEXT_MIN 256

/** At the module's start: chooses the variant for this processor. */
void cache_image_startup(void);

/** What images are made with: its tables are too large for the stack. One for each thread; NULL: none yet. */
struct image_maker;
void cache_image_free_maker(struct image_maker *maker);

/** Can the array be kept as an image? Then `size` is its exact size. Not if it holds objects, resources or references. O(n) */
bool cache_image_measure(const zend_array *array, size_t *size);
/** store_item.build: context is the array that was measured, unchanged since. */
void cache_image_build(void *array, char *to, size_t size, uint64_t official);

/**
 * store_item.is_same: the same elements in the same order, the same next index. Unlike the bytes of two images this does not
 * depend on what the arrays share, nor on the addresses by which sharing is found out. O(n)
 */
bool cache_image_same(void *array, const char *bytes, uint64_t official);

/** The header of a text: what stands before the bytes. */
#define CACHE_TEXT_HEAD ((uint32_t)_ZSTR_HEADER_SIZE)
_Static_assert(_ZSTR_HEADER_SIZE == STORE_TEXT_HEAD, "what the core knows of it");
void cache_text_head(const zend_string *source, zend_string *head);

static zend_always_inline size_t cache_text_size(size_t length)
{
	return ZEND_MM_ALIGNED_SIZE_EX(_ZSTR_HEADER_SIZE + length + 1, 8);
}

/** Copies out, as ordinary values of the request. False: there is no memory for it; the error is pending. */
bool cache_image_copy(const struct store_view *view, zval *value);
/** By its official address, and by its address in the view. */
zend_string *cache_image_copy_string(const struct store_view *view, const zend_string *official);
zend_array *cache_image_copy_array(const struct store_view *view, const zend_array *array);

/** cache_host.moved */
void cache_image_moved(char *image, size_t size, uint8_t flags, int64_t delta);

#endif
