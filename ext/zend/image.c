#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "image.h"

#include "globals.h"
#include "image_maker.h"

static const struct image_variant *variant = &image_variant_any;

void cache_image_startup(void)
{
#ifdef CACHE_HAVE_AVX2
	/* With another memory manager strings are watched by tools that mind reads beyond their end. */
	if (__builtin_cpu_supports("avx2") && is_zend_mm() && !getenv("CACHE_NO_AVX2") && image_avx2_startup()) {
		variant = &image_variant_avx2;
	}
#endif
}

/* ---- making -------------------------------------------------------------------------------------------- */

static struct image_maker *begin(char *base, uint64_t official, size_t size)
{
	struct image_maker *maker = CACHE_G(maker);

	if (UNEXPECTED(!maker)) {
		maker = CACHE_G(maker) = pecalloc(1, sizeof(*maker), true);
	}
	maker->base = base;
	maker->official = official;
	maker->used = 0;
	maker->size = size;
	maker->empty = 0;
	if (UNEXPECTED(++maker->epoch == 0)) {
		memset(maker->shapes, 0, sizeof(maker->shapes));
		memset(maker->twins, 0, sizeof(maker->twins));
		maker->epoch = 1;
	}
	return maker;
}

void cache_image_free_maker(struct image_maker *maker)
{
	pefree(maker, true);
}

bool cache_image_measure(const zend_array *array, size_t *size)
{
	/* Any address but that of nothing. */
	struct image_maker *maker = begin(NULL, 8, 0);

	if (!variant->measure(maker, array)) {
		return false;
	}
	*size = maker->used;
	return true;
}

void cache_image_build(void *array, char *to, size_t size, uint64_t official)
{
	struct image_maker *maker = begin(to, official, size);

	variant->make(maker, array);
	ZEND_ASSERT(maker->used == size);
}

void cache_text_build(void *string, char *to, size_t size, uint64_t official)
{
	const zend_string *source = string;
	zend_string *text = (zend_string *)to;

	memset(to + size - 8, 0, 8);
	memcpy(ZSTR_VAL(text), ZSTR_VAL(source), ZSTR_LEN(source));
	image_string_header(text, ZSTR_H(source), ZSTR_LEN(source), false);
}

/* ---- moving -------------------------------------------------------------------------------------------- */

static void move_pointer(void *at, int64_t delta)
{
	uintptr_t *pointer = at;

	if (*pointer) {
		*pointer += (uintptr_t)delta;
	}
}

static void move_zval(zval *value, int64_t delta)
{
	if (Z_TYPE_P(value) == IS_STRING || Z_TYPE_P(value) == IS_ARRAY) {
		move_pointer(&value->value.ptr, delta);
	}
}

static size_t move_array(zend_array *array, int64_t delta)
{
	char *data = (char *)(array + 1) + HT_HASH_SIZE(array->nTableMask);

	move_pointer(&array->arData, delta);
	if (array->u.flags & HASH_FLAG_PACKED) {
		for (uint32_t i = 0; i < array->nNumUsed; i++) {
			move_zval((zval *)data + i, delta);
		}
		return (size_t)(data - (char *)array) + array->nNumUsed * sizeof(zval);
	}
	for (uint32_t i = 0; i < array->nNumUsed; i++) {
		Bucket *bucket = (Bucket *)data + i;
		move_pointer(&bucket->key, delta);
		move_zval(&bucket->val, delta);
	}
	return (size_t)(data - (char *)array) + array->nNumUsed * sizeof(Bucket);
}

/* Node by node: each address is met once, however often what it names is shared. */
void cache_image_moved(char *image, size_t size, uint8_t flags, int64_t delta)
{
	for (size_t at = 0; at < size;) {
		zend_refcounted_h *node = (zend_refcounted_h *)(image + at);
		if ((node->u.type_info & GC_TYPE_MASK) == IS_ARRAY) {
			at += move_array((zend_array *)node, delta);
		} else {
			at += cache_text_size(ZSTR_LEN((zend_string *)node));
		}
	}
}

/* ---- copying out --------------------------------------------------------------------------------------- */

static const void *local(const struct store_view *view, const void *official)
{
	return view->bytes + ((uintptr_t)official - view->official);
}

static zend_string *copy_string(const struct store_view *view, const zend_string *official)
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

static zend_array *copy_array(const struct store_view *view, const zend_array *from);

static void copy_value(const struct store_view *view, const zval *from, zval *to)
{
	switch (Z_TYPE_P(from)) {
	case IS_STRING:
		ZVAL_STR(to, copy_string(view, Z_STR_P(from)));
		break;
	case IS_ARRAY:
		ZVAL_ARR(to, copy_array(view, local(view, Z_ARR_P(from))));
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
		bucket->key = source[i].key ? copy_string(view, source[i].key) : NULL;
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
static zend_array *copy_array(const struct store_view *view, const zend_array *from)
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

void cache_image_copy(const struct store_view *view, zval *value)
{
	if (view->type == STORE_TEXT) {
		const zend_string *text = (const zend_string *)view->bytes;
		ZVAL_STRINGL_FAST(value, ZSTR_VAL(text), ZSTR_LEN(text));
	} else {
		ZVAL_ARR(value, copy_array(view, (const zend_array *)view->bytes));
	}
}
