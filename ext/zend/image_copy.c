/* Copying images out, as ordinary values of the request. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "image.h"

#include "compat.h"

static const void *local(const struct store_view *view, const void *official)
{
	return view->bytes + ((uintptr_t)official - view->official);
}

zend_string *cache_image_copy_string(const struct store_view *view, const zend_string *official)
{
	const zend_string *from = local(view, official);
	zend_string *to;

	if (ZSTR_LEN(from) <= 1) {
		return ZSTR_LEN(from) ? ZSTR_CHAR((zend_uchar)ZSTR_VAL(from)[0]) : ZSTR_EMPTY_ALLOC();
	}
	to = zend_string_init(ZSTR_VAL(from), ZSTR_LEN(from), false);
	ZSTR_H(to) = ZSTR_H(from);
	return to;
}

static void copy_value(const struct store_view *view, const zval *from, zval *to)
{
	switch (Z_TYPE_P(from)) {
	case IS_STRING:
		ZVAL_STR(to, cache_image_copy_string(view, Z_STR_P(from)));
		break;
	case IS_ARRAY:
		ZVAL_ARR(to, cache_image_copy_array(view, local(view, Z_ARR_P(from))));
		break;
	default:
		to->value = from->value;
		Z_TYPE_INFO_P(to) = Z_TYPE_INFO_P(from);
	}
}

static void copy_buckets(const struct store_view *view, const zend_array *from, zend_array *to)
{
	const Bucket *source = local(view, from->arData);

	HT_FLAGS(to) = 0;
	to->nTableMask = from->nTableMask;
	HT_SET_DATA_ADDR(to, emalloc(HT_SIZE_EX(to->nTableSize, to->nTableMask)));
	memcpy(HT_GET_DATA_ADDR(to), from + 1, HT_HASH_SIZE(to->nTableMask));
	for (uint32_t i = 0; i < from->nNumUsed; i++) {
		Bucket *bucket = &to->arData[i];
		bucket->h = source[i].h;
		bucket->key = source[i].key ? cache_image_copy_string(view, source[i].key) : NULL;
		Z_NEXT(bucket->val) = Z_NEXT(source[i].val);
		copy_value(view, &source[i].val, &bucket->val);
	}
}

static void copy_packed(const struct store_view *view, const zend_array *from, zend_array *to)
{
	const zval *source = local(view, from->arPacked);

	HT_FLAGS(to) = HASH_FLAG_PACKED | HASH_FLAG_STATIC_KEYS;
	to->nTableMask = HT_MIN_MASK;
	HT_SET_DATA_ADDR(to, emalloc(HT_PACKED_SIZE_EX(to->nTableSize, HT_MIN_MASK)));
	HT_HASH_RESET_PACKED(to);
	for (uint32_t i = 0; i < from->nNumUsed; i++) {
		copy_value(view, &source[i], &to->arPacked[i]);
	}
}

/* A memory limit in the midst of it leaves the request's memory to be freed with the request; no lock is held. */
zend_array *cache_image_copy_array(const struct store_view *view, const zend_array *from)
{
	zend_array *to = zend_new_array(0);

	to->nNextFreeElement = from->nNextFreeElement;
	if (from->nNumOfElements == 0) {
		return to;
	}
	to->nTableSize = from->nTableSize;
	if (from->u.flags & HASH_FLAG_PACKED) {
		copy_packed(view, from, to);
	} else {
		copy_buckets(view, from, to);
	}
	to->nNumUsed = from->nNumUsed;
	to->nNumOfElements = from->nNumOfElements;
	return to;
}

/* The one large allocation: as fallible as those of PHP's own functions, so that it does not end the process. */
static bool copy_text(const zend_string *text, zval *value)
{
	zend_string *copy = cache_string_alloc_fallible(ZSTR_LEN(text));

	if (UNEXPECTED(!copy)) {
		ZVAL_NULL(value);
		return false;
	}
	memcpy(ZSTR_VAL(copy), ZSTR_VAL(text), ZSTR_LEN(text) + 1);
	ZVAL_NEW_STR(value, copy);
	return true;
}

bool cache_image_copy(const struct store_view *view, zval *value)
{
	if (view->type == STORE_TEXT) {
		return copy_text((const zend_string *)view->bytes, value);
	}
	ZVAL_ARR(value, cache_image_copy_array(view, (const zend_array *)view->bytes));
	return true;
}
