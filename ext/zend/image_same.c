/* Is a value the one of which an image was made? It may share other strings and arrays, and have other tables. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "image.h"

struct place {
	const char *bytes;
	uint64_t official;
};

/* Elements in their order, holes left out; `data` may be elsewhere than the array says. */
struct cursor {
	const zend_array *array;
	const void *data;
	uint32_t at;
};

static const zval *next(struct cursor *cursor, zend_ulong *index, const zend_string **key)
{
	while (cursor->at < cursor->array->nNumUsed) {
		uint32_t at = cursor->at++;
		const zval *value;
		if (HT_IS_PACKED(cursor->array)) {
			value = (const zval *)cursor->data + at;
			*index = at;
			*key = NULL;
		} else {
			const Bucket *bucket = (const Bucket *)cursor->data + at;
			value = &bucket->val;
			*index = bucket->h;
			*key = bucket->key;
		}
		if (Z_TYPE_P(value) != IS_UNDEF) {
			return value;
		}
	}
	return NULL;
}

static const void *local(const struct place *place, const void *official)
{
	return place->bytes + ((uintptr_t)official - place->official);
}

static bool same_string(const struct place *place, const zend_string *official, const zend_string *source)
{
	const zend_string *string = local(place, official);

	return ZSTR_LEN(string) == ZSTR_LEN(source) && memcmp(ZSTR_VAL(string), ZSTR_VAL(source), ZSTR_LEN(source)) == 0;
}

static bool same_array(const struct place *place, const zend_array *image, const zend_array *source);

/* Floats by their bits: of NAN and of -0.0 others are to be told apart. */
static bool same_value(const struct place *place, const zval *image, const zval *source)
{
	ZVAL_DEREF(source);
	if (Z_TYPE_P(image) != Z_TYPE_P(source)) {
		return false;
	}
	switch (Z_TYPE_P(source)) {
	case IS_STRING:
		return same_string(place, Z_STR_P(image), Z_STR_P(source));
	case IS_ARRAY:
		return same_array(place, local(place, Z_ARR_P(image)), Z_ARR_P(source));
	case IS_LONG:
	case IS_DOUBLE:
		return Z_LVAL_P(image) == Z_LVAL_P(source);
	default:
		return Z_TYPE_P(source) < IS_LONG;
	}
}

/* An array that had no integer as key has 0 or the least integer, by the way in which it was made. */
static zend_long next_index(const zend_array *array)
{
	return array->nNextFreeElement == ZEND_LONG_MIN ? 0 : array->nNextFreeElement;
}

static bool same_array(const struct place *place, const zend_array *image, const zend_array *source)
{
	struct cursor a = {image, local(place, image->arData), 0}, b = {source, source->arData, 0};
	zend_ulong a_index, b_index;
	const zend_string *a_key, *b_key;
	const zval *a_value, *b_value;

	if (image->nNumOfElements != source->nNumOfElements || next_index(image) != next_index(source)) {
		return false;
	}
	while ((a_value = next(&a, &a_index, &a_key)) && (b_value = next(&b, &b_index, &b_key))) {
		bool same_key = !a_key == !b_key && (a_key ? same_string(place, a_key, b_key) : a_index == b_index);
		if (!same_key || !same_value(place, a_value, b_value)) {
			return false;
		}
	}
	return true;
}

bool cache_image_same(void *array, const char *bytes, uint64_t official)
{
	const struct place place = {bytes, official};

	return same_array(&place, (const zend_array *)bytes, array);
}
