#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "image.h"

#include "globals.h"
#include "image_maker.h"

const struct image_variant *cache_image_variant = &image_variant_any;

void cache_image_startup(void)
{
#ifdef CACHE_HAVE_AVX2
	/* With another memory manager strings are watched by tools that mind reads beyond their end. */
	if (__builtin_cpu_supports("avx2") && is_zend_mm() && !getenv("CACHE_NO_AVX2") && image_avx2_startup()) {
		cache_image_variant = &image_variant_avx2;
	}
#endif
}

/* ---- making -------------------------------------------------------------------------------------------- */

struct image_maker *cache_image_begin(char *base, uint64_t official, size_t size)
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
	maker->places_used = 0;
	if (UNEXPECTED(++maker->epoch == 0)) {
		memset(maker->shapes, 0, sizeof(maker->shapes));
		memset(maker->twins, 0, sizeof(maker->twins));
		if (maker->places) {
			memset(maker->places, 0, maker->places_size * sizeof(*maker->places));
		}
		maker->epoch = 1;
	}
	return maker;
}

void cache_image_free_maker(struct image_maker *maker)
{
	if (maker->places) {
		pefree(maker->places, true);
	}
	pefree(maker, true);
}

/* The one of the source, or a free one. */
static struct image_place *find_place(struct image_maker *maker, const void *source)
{
	uint32_t mask = maker->places_size - 1;
	uint32_t number = (uint32_t)((uintptr_t)source * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;

	while (maker->places[number].epoch == maker->epoch && maker->places[number].source != source) {
		number = (number + 1) & mask;
	}
	return &maker->places[number];
}

static void grow_places(struct image_maker *maker)
{
	struct image_place *old = maker->places;
	uint32_t old_size = maker->places_size;

	maker->places_size = old_size ? old_size * 2 : IMAGE_PLACES_FIRST;
	maker->places = pecalloc(maker->places_size, sizeof(*maker->places), true);
	for (uint32_t i = 0; i < old_size; i++) {
		if (old[i].epoch == maker->epoch) {
			*find_place(maker, old[i].source) = old[i];
		}
	}
	if (old) {
		pefree(old, true);
	}
}

struct image_place *cache_image_place(struct image_maker *maker, const void *source)
{
	struct image_place *place;

	if (UNEXPECTED(maker->places_used * 2 >= maker->places_size)) {
		grow_places(maker);
	}
	place = find_place(maker, source);
	if (place->epoch != maker->epoch) {
		maker->places_used++;
		place->epoch = maker->epoch;
		place->source = NULL;
	}
	return place;
}

bool cache_image_measure(const zend_array *array, size_t *size)
{
	/* Any address but that of nothing. */
	struct image_maker *maker = cache_image_begin(NULL, 8, 0);

	if (!cache_image_variant->array[0](maker, array, 0)) {
		return false;
	}
	*size = maker->used;
	return true;
}

void cache_image_build(void *array, char *to, size_t size, uint64_t official)
{
	struct image_maker *maker = cache_image_begin(to, official, size);

	(void)cache_image_variant->array[1](maker, array, 0);
	ZEND_ASSERT(maker->used == size);
}

void cache_text_head(const zend_string *source, zend_string *head)
{
	image_string_header(head, ZSTR_H(source), ZSTR_LEN(source), false);
}
