/* What the files that make images share. */
#ifndef CACHE_ZEND_IMAGE_MAKER_H
#define CACHE_ZEND_IMAGE_MAKER_H

#include "image.h"

#include "storable.h"

/*
 * An array that was made lately: a further one with as many keys, and the same, takes them from it. Indexed by the first
 * key's hash and the number; what has the same place is forgotten.
 */
struct image_shape {
	const HashTable *source;
	const Bucket *made;
	uint32_t epoch;
};
#define IMAGE_SHAPES 32
/* Above it a look at each key of the other array costs more than it may save. */
#define IMAGE_SHAPE_KEYS 64

/* A string or an array that the source shares: by its address there, what was made of it. */
struct image_twin {
	const void *source, *made;
	uint32_t epoch;
};
#define IMAGE_TWINS 512

/* An object that is in the image: open addressing by its address. */
struct image_place {
	const void *source;
	size_t at;
	uint32_t epoch;
};
#define IMAGE_PLACES_FIRST 64u

struct image_maker {
	/** Where the image begins, and its address in the official mapping. Only counted with: both 0. */
	char *base;
	uint64_t official;
	size_t used, size;
	/** Offset of an empty array, + 1, and its nNextFreeElement. */
	size_t empty;
	zend_long empty_next;
	/** Entries of the tables of another epoch are empty. */
	uint32_t epoch;
	struct image_shape shapes[IMAGE_SHAPES];
	struct image_twin twins[IMAGE_TWINS];
	/** A power of two of them, at most half of them in use. */
	struct image_place *places;
	uint32_t places_size, places_used;
};

/** What there is for the source in this image; its `source` is NULL if it is new, to be filled in then. O(1) amortised */
struct image_place *cache_image_place(struct image_maker *maker, const void *source);

/** Measuring and making go the same way and so decide alike: they are one source, compiled twice (image_walk.h). */
struct image_variant {
	/** Official address of what comes next in the image; of an array NULL if it cannot be kept so. [0] measures, [1] makes. */
	const zend_array *(*array[2])(struct image_maker *maker, const zend_array *source, uint32_t depth);
	const zend_string *(*string[2])(struct image_maker *maker, const zend_string *source);
};
/** The one for this processor. */
extern const struct image_variant *cache_image_variant;

/** This thread's, with nothing made yet. `size` 0: measures; then `official` is any address but 0. */
struct image_maker *cache_image_begin(char *base, uint64_t official, size_t size);

extern const struct image_variant image_variant_any;

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CACHE_HAVE_AVX2 1
extern const struct image_variant image_variant_avx2;
/** Prepares its tables. False: it does not agree with PHP's hash function. */
bool image_avx2_startup(void);
#endif

#define IMAGE_STRING_FLAGS (GC_STRING | (IS_STR_INTERNED << GC_FLAGS_SHIFT))
#define IMAGE_ARRAY_FLAGS (GC_ARRAY | ((IS_ARRAY_IMMUTABLE | GC_PERSISTENT | GC_NOT_COLLECTABLE) << GC_FLAGS_SHIFT))

/** Number of 32-bit words of an array's hash part, and so twice the size of its table. */
static zend_always_inline uint32_t image_hash_words(uint32_t mask) { return (uint32_t)-(int32_t)mask; }

/* The smallest table of PHP's for so many. */
static zend_always_inline uint32_t image_size_for(uint32_t used)
{
	return used <= HT_MIN_SIZE ? HT_MIN_SIZE : UINT32_C(2) << (31 - __builtin_clz(used - 1));
}

/** The mask of a hash: its own, but that of a smaller table if most of it is not used any more. */
static zend_always_inline uint32_t image_mask(const HashTable *source)
{
	uint32_t size = image_size_for(source->nNumUsed);

	return UNEXPECTED(source->nTableSize / 4 >= size) ? HT_SIZE_TO_MASK(size) : source->nTableMask;
}

static zend_always_inline uint32_t image_table_size(const HashTable *source, uint32_t mask)
{
	return mask == HT_MIN_MASK ? image_size_for(source->nNumUsed) : image_hash_words(mask) / 2;
}

static zend_always_inline void image_array_header(zend_array *to, const HashTable *source, uint32_t flags, uint32_t mask,
                                                  uint32_t table_size)
{
	GC_SET_REFCOUNT(to, 2);
	GC_TYPE_INFO(to) = IMAGE_ARRAY_FLAGS;
	to->u.flags = flags | HASH_FLAG_STATIC_KEYS;
	to->nTableMask = mask;
	to->nNumUsed = source->nNumUsed;
	to->nNumOfElements = source->nNumOfElements;
	to->nTableSize = table_size;
	to->nInternalPointer = 0;
	to->nNextFreeElement = source->nNextFreeElement;
	to->pDestructor = NULL;
}

#define IMAGE_HIGH_BITS UINT64_C(0x8080808080808080)

static zend_always_inline void image_string_header(zend_string *to, zend_ulong hash, size_t length, bool ascii)
{
	GC_SET_REFCOUNT(to, 2);
	GC_TYPE_INFO(to) = ascii ? IMAGE_STRING_FLAGS | (IS_STR_VALID_UTF8 << GC_FLAGS_SHIFT) : IMAGE_STRING_FLAGS;
	ZSTR_H(to) = hash;
	ZSTR_LEN(to) = length;
}

#if defined(__SSE2__)
#include <emmintrin.h>

/**
 * Integers and floats at the beginning of a packed array: how many there are, 4 at a time, and copies them unless `to` is
 * NULL. Less than that is no run.
 */
static zend_always_inline size_t scalar_run(const zval *from, const zval *end, zval *to)
{
	const __m128i keep = _mm_set_epi32(0, -1, -1, -1);
	const zval *at = from;

	while (end - at >= 4) {
		__m128i a = _mm_loadu_si128((const __m128i *)at), b = _mm_loadu_si128((const __m128i *)(at + 1));
		__m128i c = _mm_loadu_si128((const __m128i *)(at + 2)), d = _mm_loadu_si128((const __m128i *)(at + 3));
		__m128i types = _mm_unpacklo_epi64(_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
		/* IS_LONG is 4, IS_DOUBLE 5. */
		types = _mm_cmpeq_epi32(_mm_and_si128(types, _mm_set1_epi32(~1)), _mm_set1_epi32(IS_LONG));
		if (_mm_movemask_epi8(types) != 0xffff) {
			break;
		}
		if (to) {
			_mm_storeu_si128((__m128i *)to, _mm_and_si128(a, keep));
			_mm_storeu_si128((__m128i *)(to + 1), _mm_and_si128(b, keep));
			_mm_storeu_si128((__m128i *)(to + 2), _mm_and_si128(c, keep));
			_mm_storeu_si128((__m128i *)(to + 3), _mm_and_si128(d, keep));
			to += 4;
		}
		at += 4;
	}
	return (size_t)(at - from);
}
#else
static zend_always_inline size_t scalar_run(const zval *from, const zval *end, zval *to)
{
	return 0;
}
#endif

#endif
