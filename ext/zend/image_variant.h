/*
 * The functions of a struct image_variant, for image_any.c and image_avx2.c: each includes this once, behind its own
 * put_text() and, if it needs them, the pragmas that say for which processor. See image_walk.h.
 */
#define EMIT 0
#define NAME(name) name##_measured
#include "image_walk.h"
#undef EMIT
#undef NAME

#define EMIT 1
#define NAME(name) name##_made
#include "image_walk.h"

static const zend_array *measure_array(struct image_maker *maker, const zend_array *source, uint32_t depth)
{
	return array_once_measured(maker, source, depth);
}

static const zend_array *make_array(struct image_maker *maker, const zend_array *source, uint32_t depth)
{
	return array_once_made(maker, source, depth);
}

static const zend_string *measure_string(struct image_maker *maker, const zend_string *source)
{
	return string_once_measured(maker, source);
}

static const zend_string *make_string(struct image_maker *maker, const zend_string *source)
{
	return string_once_made(maker, source);
}
