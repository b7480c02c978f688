/* Images that are copied to another place. Nothing here allocates, waits or calls back: a lock is held. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph.h"

static void move_pointer(void *at, int64_t delta)
{
	uintptr_t *pointer = at;

	if (*pointer) {
		*pointer += (uintptr_t)delta;
	}
}

static void move_zval(zval *value, int64_t delta)
{
	if (Z_TYPE_P(value) == IS_STRING || Z_TYPE_P(value) == IS_ARRAY || Z_TYPE_P(value) == IS_OBJECT) {
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

static size_t move_object(struct graph_object *object, int64_t delta)
{
	move_pointer(&object->class, delta);
	for (uint32_t i = 0; i < object->count; i++) {
		move_zval(&object->slots[i], delta);
	}
	return sizeof(*object) + object->count * sizeof(zval);
}

static size_t move_node(char *node, int64_t delta)
{
	switch (((zend_refcounted_h *)node)->u.type_info & GC_TYPE_MASK) {
	case IS_ARRAY:
		return move_array((zend_array *)node, delta);
	case GRAPH_NODE_OBJECT:
		return move_object((struct graph_object *)node, delta);
	case GRAPH_NODE_CLASS:
		move_pointer(&((struct graph_class *)node)->name, delta);
		return sizeof(struct graph_class);
	case GRAPH_NODE_ROOT:
		move_zval(&((struct graph_root *)node)->value, delta);
		return sizeof(struct graph_root);
	default:
		return cache_text_size(ZSTR_LEN((zend_string *)node));
	}
}

/* Node by node: each address is met once, however often what it names is shared. */
void cache_image_moved(char *image, size_t size, uint8_t flags, int64_t delta)
{
	for (size_t at = 0; at < size;) {
		at += move_node(image + at, delta);
	}
}
