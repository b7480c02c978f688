/*
 * Measuring and making the images of values that hold objects. Both passes are the same code and go the same way: what is
 * met for the first time in the second pass stands where the first one put it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph.h"

#include "zend_enum.h"
#include "zend_interfaces.h"

#include "compat.h"
#include "image_maker.h"

struct cache_graph {
	zval value;
	struct image_maker *maker;
	uint32_t epoch;
	bool make;
	uint32_t depth, objects, classes;
	/** By the object's address: the array that its __serialize() gave; NULL: none. */
	HashTable *states;
};

static bool add_other(struct cache_graph *g, const zval *source, zval *to);

/* Does not write `u2`. */
static zend_always_inline bool add_value(struct cache_graph *g, const zval *source, zval *to)
{
	if (EXPECTED(Z_TYPE_P(source) <= IS_DOUBLE)) {
		if (to) {
			to->value.lval = Z_TYPE_P(source) < IS_LONG ? 0 : source->value.lval;
			Z_TYPE_INFO_P(to) = Z_TYPE_P(source);
		}
		return true;
	}
	return add_other(g, source, to);
}

static void *node_at(struct cache_graph *g, size_t at) { return g->make ? g->maker->base + at : NULL; }

static void set_pointer(struct cache_graph *g, zval *to, size_t at, uint32_t type)
{
	if (g->make) {
		to->value.ptr = (void *)(uintptr_t)(g->maker->official + at);
		Z_TYPE_INFO_P(to) = type;
	}
}

static void node_head(void *node, uint32_t type)
{
	zend_refcounted_h *head = node;

	head->refcount = 2;
	head->u.type_info = type;
}

/* ---- arrays -------------------------------------------------------------------------------------------- */

/* An object, or what may lead to one. */
static bool may_hold_object(const zend_array *array, uint32_t depth)
{
	zval *value;

	if (depth > CACHE_DEPTH_MAX || CACHE_STACK_EXHAUSTED()) {
		return true;
	}
	ZEND_HASH_FOREACH_VAL((zend_array *)array, value) {
		if (Z_TYPE_P(value) == IS_REFERENCE) {
			if (Z_REFCOUNT_P(value) > 1) {
				return true;
			}
			value = Z_REFVAL_P(value);
		}
		if (Z_TYPE_P(value) == IS_OBJECT || (Z_TYPE_P(value) == IS_ARRAY && may_hold_object(Z_ARR_P(value), depth + 1))) {
			return true;
		}
	} ZEND_HASH_FOREACH_END();
	return false;
}

static bool add_elements(struct cache_graph *g, const zend_array *source, zval *to)
{
	for (uint32_t i = 0; i < source->nNumUsed; i++) {
		zval *element = g->make ? &to[i] : NULL;
		if (element) {
			Z_NEXT_P(element) = 0;
		}
		if (!add_value(g, &source->arPacked[i], element)) {
			return false;
		}
	}
	return true;
}

static void link_bucket(Bucket *to, uint32_t number, const Bucket *from, uint32_t mask, bool rehash)
{
	if (rehash) {
		uint32_t *head = &((uint32_t *)to)[(int32_t)((uint32_t)from->h | mask)];
		Z_NEXT(to[number].val) = *head;
		*head = HT_IDX_TO_HASH(number);
	} else {
		Z_NEXT(to[number].val) = Z_NEXT(from->val);
	}
}

static bool add_buckets(struct cache_graph *g, const zend_array *source, Bucket *to, uint32_t mask)
{
	for (uint32_t i = 0; i < source->nNumUsed; i++) {
		const Bucket *from = &source->arData[i];
		const zend_string *key = NULL;
		if (Z_TYPE(from->val) == IS_UNDEF) {
			if (g->make) {
				memset(&to[i], 0, sizeof(*to));
				Z_NEXT(to[i].val) = HT_INVALID_IDX;
			}
			continue;
		}
		if (from->key) {
			key = cache_image_variant->string[g->make](g->maker, from->key);
		}
		if (g->make) {
			to[i].h = from->h;
			to[i].key = (zend_string *)key;
			link_bucket(to, i, from, mask, mask != source->nTableMask);
		}
		if (!add_value(g, &from->val, g->make ? &to[i].val : NULL)) {
			return false;
		}
	}
	return true;
}

static bool add_open_array(struct cache_graph *g, const zend_array *source, zval *to)
{
	bool packed = HT_IS_PACKED(source);
	uint32_t mask = packed ? HT_MIN_MASK : image_mask(source);
	size_t at = g->maker->used, data = at + sizeof(zend_array) + HT_HASH_SIZE(mask);

	g->maker->used = data + source->nNumUsed * (packed ? sizeof(zval) : sizeof(Bucket));
	set_pointer(g, to, at, IS_ARRAY | GRAPH_OPEN);
	if (g->make) {
		zend_array *made = node_at(g, at);
		image_array_header(made, source, packed ? HASH_FLAG_PACKED : 0, mask, image_table_size(source, mask));
		made->arData = (Bucket *)(uintptr_t)(g->maker->official + data);
		if (packed || mask != source->nTableMask) {
			memset(made + 1, 0xff, HT_HASH_SIZE(mask));
		} else {
			memcpy(made + 1, HT_GET_DATA_ADDR(source), HT_HASH_SIZE(mask));
		}
	}
	return packed ? add_elements(g, source, node_at(g, data)) : add_buckets(g, source, node_at(g, data), mask);
}

static bool add_array(struct cache_graph *g, const zend_array *source, zval *to)
{
	const zend_array *made;

	if (may_hold_object(source, g->depth)) {
		return add_open_array(g, source, to);
	}
	/* Not as a root: arrays of several objects may have the same keys. */
	made = cache_image_variant->array[g->make](g->maker, source, g->depth);
	if (!made) {
		return false;
	}
	if (g->make) {
		Z_ARR_P(to) = (zend_array *)made;
		Z_TYPE_INFO_P(to) = IS_ARRAY;
	}
	return true;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

static size_t add_class(struct cache_graph *g, struct cache_class *class)
{
	if (class->epoch != g->maker->epoch) {
		const zend_string *name;
		class->epoch = g->maker->epoch;
		class->at = g->maker->used;
		g->maker->used += sizeof(struct graph_class);
		name = cache_image_variant->string[g->make](g->maker, class->ce->name);
		if (g->make) {
			struct graph_class *node = node_at(g, class->at);
			node_head(node, GRAPH_NODE_CLASS);
			node->number = g->classes;
			node->kind = class->kind;
			node->fingerprint = class->fingerprint;
			node->name = (zend_string *)name;
		}
		g->classes++;
	}
	return class->at;
}

static bool has_dynamic_properties(zend_object *object)
{
	zval *value;

	if (object->properties) {
		ZEND_HASH_FOREACH_VAL(object->properties, value) {
			if (Z_TYPE_P(value) != IS_INDIRECT) {
				return true;
			}
		} ZEND_HASH_FOREACH_END();
	}
	return false;
}

/* What __serialize() of the object gives, once. NULL: an exception, or no array. */
static zval *state_of(struct cache_graph *g, zend_object *object)
{
	zend_ulong place = (zend_ulong)(uintptr_t)object >> 3;
	zval *known = g->states ? zend_hash_index_find(g->states, place) : NULL, state;

	if (known) {
		return known;
	}
	ZVAL_UNDEF(&state);
	zend_call_known_instance_method_with_0_params(object->ce->__serialize, object, &state);
	/* Nothing else may have used the maker meanwhile. */
	if (EG(exception) || Z_TYPE(state) != IS_ARRAY || g->maker->epoch != g->epoch) {
		zval_ptr_dtor(&state);
		return NULL;
	}
	if (!g->states) {
		g->states = zend_new_array(8);
	}
	return zend_hash_index_add_new(g->states, place, &state);
}

static bool add_slots(struct cache_graph *g, zend_object *object, zval *slots)
{
	for (int i = 0; i < object->ce->default_properties_count; i++) {
		const zval *source = OBJ_PROP_NUM(object, i);
		zval *to = g->make ? &slots[i] : NULL;
		if (to) {
			Z_EXTRA_P(to) = Z_EXTRA_P(source) & CACHE_PROPERTY_FLAGS;
		}
		if (!add_value(g, source, to)) {
			return false;
		}
	}
	return true;
}

/* Also the source of the only slot of a class that is not CACHE_CLASS_SLOTS. */
static bool count_slots(struct cache_graph *g, zend_object *object, const struct cache_class *class, uint32_t *count,
                        zval *only)
{
	const zval *state;

	*count = 1;
	switch (class->kind) {
	case CACHE_CLASS_SLOTS:
		*count = (uint32_t)class->ce->default_properties_count;
		return object->handlers == zend_get_std_object_handlers() && !has_dynamic_properties(object);
	case CACHE_CLASS_STD:
		if (object->properties && zend_hash_num_elements(object->properties)) {
			ZVAL_ARR(only, object->properties);
		} else {
			*count = 0;
		}
		return object->handlers == zend_get_std_object_handlers();
	case CACHE_CLASS_ENUM:
		ZVAL_COPY_VALUE(only, zend_enum_fetch_case_name(object));
		return true;
	case CACHE_CLASS_STATE:
		state = state_of(g, object);
		if (state) {
			ZVAL_COPY_VALUE(only, state);
		}
		return state != NULL;
	default:
		return false;
	}
}

static bool add_object(struct cache_graph *g, zend_object *object, zval *to)
{
	struct cache_class *class = cache_class_of(object->ce);
	struct image_place *place = cache_image_place(g->maker, object);
	struct graph_object *node;
	size_t class_at;
	uint32_t count;
	zval only;

	if (place->source) {
		set_pointer(g, to, place->at, IS_OBJECT);
		return true;
	}
	place->source = object;
	place->at = 0;
	if (CACHE_OBJECT_IS_LAZY(object) || !count_slots(g, object, class, &count, &only)) {
		return false;
	}
	class_at = add_class(g, class);
	/* The table did not grow since: only objects are in it. */
	place->at = g->maker->used;
	g->maker->used += sizeof(*node) + count * sizeof(zval);
	set_pointer(g, to, place->at, IS_OBJECT);
	node = node_at(g, place->at);
	if (node) {
		node_head(node, GRAPH_NODE_OBJECT);
		node->number = g->objects;
		node->count = count;
		node->class = (struct graph_class *)(uintptr_t)(g->maker->official + class_at);
	}
	g->objects++;
	if (class->kind == CACHE_CLASS_SLOTS) {
		return add_slots(g, object, node ? node->slots : NULL);
	}
	if (node && count) {
		Z_EXTRA(node->slots[0]) = 0;
	}
	return count == 0 || add_value(g, &only, node ? node->slots : NULL);
}

/* ---- any ----------------------------------------------------------------------------------------------- */

static bool add_nested(struct cache_graph *g, const zval *source, zval *to)
{
	bool added;

	if (g->depth >= CACHE_DEPTH_MAX || CACHE_STACK_EXHAUSTED()) {
		return false;
	}
	g->depth++;
	added = Z_TYPE_P(source) == IS_ARRAY ? add_array(g, Z_ARR_P(source), to) : add_object(g, Z_OBJ_P(source), to);
	g->depth--;
	return added;
}

static bool add_other(struct cache_graph *g, const zval *source, zval *to)
{
	if (Z_TYPE_P(source) == IS_REFERENCE) {
		return Z_REFCOUNT_P(source) == 1 && add_value(g, Z_REFVAL_P(source), to);
	}
	if (Z_TYPE_P(source) == IS_STRING) {
		const zend_string *string = cache_image_variant->string[g->make](g->maker, Z_STR_P(source));
		if (to) {
			Z_STR_P(to) = (zend_string *)string;
			Z_TYPE_INFO_P(to) = IS_INTERNED_STRING_EX;
		}
		return true;
	}
	return (Z_TYPE_P(source) == IS_ARRAY || Z_TYPE_P(source) == IS_OBJECT) && add_nested(g, source, to);
}

static bool add_root(struct cache_graph *g, struct image_maker *maker)
{
	struct graph_root *root;

	g->maker = maker;
	g->epoch = maker->epoch;
	g->depth = g->objects = g->classes = 0;
	maker->used = sizeof(*root);
	root = node_at(g, 0);
	if (root) {
		node_head(root, GRAPH_NODE_ROOT);
		Z_EXTRA(root->value) = 0;
	}
	if (!add_value(g, &g->value, root ? &root->value : NULL)) {
		return false;
	}
	if (root) {
		root->objects = g->objects;
		root->classes = g->classes;
	}
	return true;
}

struct cache_graph *cache_graph_measure(zval *value, size_t *size, uint8_t *flags)
{
	struct cache_graph *g = emalloc(sizeof(*g));

	ZVAL_COPY(&g->value, value);
	g->make = false;
	g->states = NULL;
	if (!add_root(g, cache_image_begin(NULL, 8, 0))) {
		cache_graph_free(g);
		return NULL;
	}
	*size = g->maker->used;
	*flags = CACHE_IMAGE_GRAPH | (Z_TYPE_P(value) == IS_OBJECT ? CACHE_IMAGE_OBJECT : 0);
	return g;
}

void cache_graph_build(void *graph, char *to, size_t size, uint64_t official)
{
	struct cache_graph *g = graph;
	bool made;

	g->make = true;
	made = add_root(g, cache_image_begin(to, official, size));
	ZEND_ASSERT(made && g->maker->used == size);
	(void)made;
}

void cache_graph_free(struct cache_graph *g)
{
	if (g->states) {
		zend_array_destroy(g->states);
	}
	zval_ptr_dtor(&g->value);
	efree(g);
}
