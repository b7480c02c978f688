/*
 * The walk over an array, for image_variant.h: with EMIT 0 it measures, with EMIT 1 it makes. Both go the same way. NAME()
 * gives the functions of the four their names; put_text(source, to, end) copies a string.
 *
 * What paid when it was tried out: copying element by element with strings inlined, instead of copying tables and mending
 * them; looking for twins only of what is shared; taking keys from the row before.
 */

static const zend_array *NAME(array)(struct image_maker *m, const HashTable *source, uint32_t depth);

static zend_always_inline const zend_string *NAME(string)(struct image_maker *m, const zend_string *source)
{
	size_t at = m->used;

	m->used += cache_text_size(ZSTR_LEN(source));
#if EMIT
	put_text(source, (zend_string *)(m->base + at), m->base + m->size);
#endif
	return (const zend_string *)(uintptr_t)(m->official + at);
}

static zend_always_inline struct image_twin *NAME(twin)(struct image_maker *m, const void *source)
{
	return &m->twins[((uintptr_t)source >> 4 ^ (uintptr_t)source >> 13) & (IMAGE_TWINS - 1)];
}

static zend_always_inline const zend_string *NAME(string_once)(struct image_maker *m, const zend_string *source)
{
	struct image_twin *twin;

	if (!ZSTR_IS_INTERNED(source) && GC_REFCOUNT(source) == 1) {
		return NAME(string)(m, source);
	}
	twin = NAME(twin)(m, source);
	if (twin->source != source || twin->epoch != m->epoch) {
		twin->made = NAME(string)(m, source);
		twin->source = source;
		twin->epoch = m->epoch;
	}
	return twin->made;
}

/* NULL: cannot be kept as an image. */
static zend_always_inline const zend_array *NAME(array_once)(struct image_maker *m, const zend_array *source, uint32_t depth)
{
	const zend_array *made;
	struct image_twin *twin;

	if (!(GC_FLAGS(source) & GC_IMMUTABLE) && GC_REFCOUNT(source) == 1) {
		return NAME(array)(m, source, depth);
	}
	twin = NAME(twin)(m, source);
	if (twin->source == source && twin->epoch == m->epoch) {
		return twin->made;
	}
	made = NAME(array)(m, source, depth);
	twin->made = made;
	twin->source = source;
	twin->epoch = m->epoch;
	return made;
}

/* Writes value and type, but not `u2`: there is the chain of a bucket. False: cannot be kept as an image. */
static zend_always_inline bool NAME(value)(struct image_maker *m, const zval *source, zval *to, uint32_t depth)
{
	if (UNEXPECTED(Z_TYPE_P(source) == IS_REFERENCE)) {
		if (Z_REFCOUNT_P(source) != 1) {
			return false;
		}
		source = Z_REFVAL_P(source);
	}
	if (Z_TYPE_P(source) <= IS_DOUBLE) {
#if EMIT
		to->value.lval = Z_TYPE_P(source) < IS_LONG ? 0 : source->value.lval;
		Z_TYPE_INFO_P(to) = Z_TYPE_P(source);
#endif
	} else if (EXPECTED(Z_TYPE_P(source) == IS_STRING)) {
		const zend_string *string = NAME(string_once)(m, Z_STR_P(source));
#if EMIT
		Z_STR_P(to) = (zend_string *)string;
		Z_TYPE_INFO_P(to) = IS_INTERNED_STRING_EX;
#else
		(void)string;
#endif
	} else if (EXPECTED(Z_TYPE_P(source) == IS_ARRAY)) {
		const zend_array *array = NAME(array_once)(m, Z_ARR_P(source), depth);
#if EMIT
		Z_ARR_P(to) = (zend_array *)array;
		Z_TYPE_INFO_P(to) = IS_ARRAY;
#else
		if (UNEXPECTED(!array)) {
			return false;
		}
#endif
	} else {
		return false;
	}
	return true;
}

static zend_always_inline bool NAME(packed)(struct image_maker *m, const HashTable *source, zval *to, uint32_t depth)
{
	const zval *from = source->arPacked, *end = from + source->nNumUsed;

	while (from < end) {
		size_t run = scalar_run(from, end, EMIT ? to : NULL);
		from += run;
		if (EMIT) {
			to += run;
		}
		if (from == end) {
			break;
		}
		if (UNEXPECTED(!NAME(value)(m, from, to, depth))) {
			return false;
		}
#if EMIT
		Z_NEXT_P(to) = 0;
		to++;
#endif
		from++;
	}
	return true;
}

/* The keys' predictions: those of `m->shapes`, where an array stands from when it is complete: what is inside of it may have its keys, too. */
static zend_always_inline bool NAME(buckets)(struct image_maker *m, const HashTable *source, Bucket *to, uint32_t mask,
                                             uint32_t depth)
{
	const Bucket *from = source->arData, *end = from + source->nNumUsed, *like = NULL, *made = NULL;
	bool may_predict = depth > 0 && source->nNumUsed <= IMAGE_SHAPE_KEYS;
	bool rehash = mask != source->nTableMask;
	uint32_t number = 0;
	struct image_shape *shape = NULL;

	if (may_predict) {
		shape = &m->shapes[(from->h ^ from->h >> 5 ^ source->nNumUsed) & (IMAGE_SHAPES - 1)];
		if (shape->epoch == m->epoch && shape->source->nNumUsed == source->nNumUsed) {
			like = shape->source->arData;
			made = shape->made;
		}
	}
	for (; from < end; from++, number++) {
		const zend_string *key = NULL;
		if (UNEXPECTED(Z_TYPE(from->val) == IS_UNDEF)) {
#if EMIT
			memset(&to[number], 0, sizeof(Bucket));
			Z_NEXT(to[number].val) = HT_INVALID_IDX;
#endif
			continue;
		}
		if (from->key) {
			const Bucket *twin = like ? &like[number] : NULL;
			if (twin && Z_TYPE(twin->val) != IS_UNDEF && twin->key &&
			    (twin->key == from->key || (twin->h == from->h && zend_string_equal_content(twin->key, from->key)))) {
				key = EMIT ? made[number].key : NULL;
			} else {
				key = NAME(string_once)(m, from->key);
			}
		}
#if EMIT
		to[number].h = from->h;
		to[number].key = (zend_string *)key;
		if (UNEXPECTED(rehash)) {
			uint32_t *head = &((uint32_t *)to)[(int32_t)((uint32_t)from->h | mask)];
			Z_NEXT(to[number].val) = *head;
			*head = HT_IDX_TO_HASH(number);
		} else {
			Z_NEXT(to[number].val) = Z_NEXT(from->val);
		}
#else
		(void)key;
		(void)rehash;
		(void)made;
#endif
		if (UNEXPECTED(!NAME(value)(m, &from->val, EMIT ? &to[number].val : NULL, depth + 1))) {
			return false;
		}
	}
	if (shape) {
		shape->epoch = m->epoch;
		shape->source = source;
		shape->made = to;
	}
	return true;
}

/* The array's header, with an empty hash part behind it. */
static zend_always_inline const zend_array *NAME(empty)(struct image_maker *m, const HashTable *source)
{
	size_t at = m->used;

	if (m->empty && m->empty_next == source->nNextFreeElement) {
		return (const zend_array *)(uintptr_t)(m->official + m->empty - 1);
	}
	m->empty = at + 1;
	m->empty_next = source->nNextFreeElement;
	m->used += sizeof(zend_array) + HT_HASH_SIZE(HT_MIN_MASK);
#if EMIT
	zend_array *to = (zend_array *)(m->base + at);
	image_array_header(to, source, HASH_FLAG_UNINITIALIZED, HT_MIN_MASK, HT_MIN_SIZE);
	to->nNumUsed = 0;
	memset(to + 1, 0xff, HT_HASH_SIZE(HT_MIN_MASK));
	to->arData = (Bucket *)(uintptr_t)(m->official + m->used);
#endif
	return (const zend_array *)(uintptr_t)(m->official + at);
}

static const zend_array *NAME(array)(struct image_maker *m, const HashTable *source, uint32_t depth)
{
	bool packed = HT_IS_PACKED(source), plain;
	uint32_t mask = packed ? HT_MIN_MASK : image_mask(source);
	size_t at = m->used, data = at + sizeof(zend_array) + HT_HASH_SIZE(mask);

	if (source->nNumOfElements == 0) {
		return NAME(empty)(m, source);
	}
#if !EMIT
	if (UNEXPECTED(depth >= CACHE_DEPTH_MAX) || UNEXPECTED(CACHE_STACK_EXHAUSTED())) {
		return NULL;
	}
#endif
	m->used = data + source->nNumUsed * (packed ? sizeof(zval) : sizeof(Bucket));
#if EMIT
	zend_array *to = (zend_array *)(m->base + at);
	image_array_header(to, source, packed ? HASH_FLAG_PACKED : 0, mask, image_table_size(source, mask));
	to->arData = (Bucket *)(uintptr_t)(m->official + data);
	if (packed || mask != source->nTableMask) {
		memset(to + 1, 0xff, HT_HASH_SIZE(mask));
	} else {
		memcpy(to + 1, HT_GET_DATA_ADDR(source), HT_HASH_SIZE(mask));
	}
#endif
	if (packed) {
		plain = NAME(packed)(m, source, EMIT ? (zval *)(m->base + data) : NULL, depth + 1);
	} else {
		plain = NAME(buckets)(m, source, EMIT ? (Bucket *)(m->base + data) : NULL, mask, depth);
	}
	return EXPECTED(plain) ? (const zend_array *)(uintptr_t)(m->official + at) : NULL;
}
