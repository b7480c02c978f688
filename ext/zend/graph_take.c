/*
 * Making values of the images that hold objects. Objects are made before what they hold, so that cycles close; those of
 * PHP's own classes get their state when everything is there, inner ones first, as unserialize() does it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph.h"

#include "zend_enum.h"
#include "zend_interfaces.h"

#include "errors.h"

struct taking {
	const struct store_view *view;
	bool in_place;
	const struct graph_root *root;
	/** By number; NULL: not made yet. */
	zend_object **objects;
	zend_class_entry **classes;
	/** Objects that wait for their state, in the order in which they get it. */
	struct waiting {
		zend_object *object;
		zval state;
	} *waiting;
	uint32_t waiting_count;
};

static bool take_value(struct taking *t, const zval *from, zval *to);

/* What takes neither memory nor code of the user. */
static zend_always_inline bool take_at_once(const struct taking *t, const zval *from, zval *to)
{
	bool at_once = Z_TYPE_P(from) < IS_STRING
		|| (t->in_place && (Z_TYPE_P(from) == IS_STRING || Z_TYPE_INFO_P(from) == IS_ARRAY));

	if (at_once) {
		to->value = from->value;
		Z_TYPE_INFO_P(to) = Z_TYPE_INFO_P(from);
	}
	return at_once;
}

static void *local(const struct taking *t, const void *official)
{
	return (char *)t->view->bytes + ((uintptr_t)official - t->view->official);
}

/* ---- arrays -------------------------------------------------------------------------------------------- */

static bool take_elements(struct taking *t, const zend_array *from, zend_array *to)
{
	const zval *source = local(t, from->arPacked);

	HT_FLAGS(to) = HASH_FLAG_PACKED | HASH_FLAG_STATIC_KEYS;
	to->nTableMask = HT_MIN_MASK;
	HT_SET_DATA_ADDR(to, emalloc(HT_PACKED_SIZE_EX(to->nTableSize, HT_MIN_MASK)));
	HT_HASH_RESET_PACKED(to);
	for (; to->nNumUsed < from->nNumUsed; to->nNumUsed++) {
		if (!take_value(t, &source[to->nNumUsed], &to->arPacked[to->nNumUsed])) {
			to->nNumUsed++;
			return false;
		}
	}
	return true;
}

static bool take_buckets(struct taking *t, const zend_array *from, zend_array *to)
{
	const Bucket *source = local(t, from->arData);

	HT_FLAGS(to) = t->in_place ? HASH_FLAG_STATIC_KEYS : 0;
	to->nTableMask = from->nTableMask;
	HT_SET_DATA_ADDR(to, emalloc(HT_SIZE_EX(to->nTableSize, to->nTableMask)));
	memcpy(HT_GET_DATA_ADDR(to), from + 1, HT_HASH_SIZE(to->nTableMask));
	for (; to->nNumUsed < from->nNumUsed; to->nNumUsed++) {
		const Bucket *bucket = &source[to->nNumUsed];
		Bucket *made = &to->arData[to->nNumUsed];
		made->h = bucket->h;
		made->key = bucket->key && !t->in_place ? cache_image_copy_string(t->view, bucket->key) : bucket->key;
		Z_NEXT(made->val) = Z_NEXT(bucket->val);
		if (!take_value(t, &bucket->val, &made->val)) {
			to->nNumUsed++;
			return false;
		}
	}
	return true;
}

/* Whatever happens on the way, the array is one that can be freed: nNumUsed counts what is there, the value that failed included. */
static bool take_array(struct taking *t, const zend_array *from, zval *value)
{
	zend_array *to = zend_new_array(0);
	bool taken;

	ZVAL_ARR(value, to);
	to->nNextFreeElement = from->nNextFreeElement;
	to->nTableSize = from->nTableSize;
	taken = from->u.flags & HASH_FLAG_PACKED ? take_elements(t, from, to) : take_buckets(t, from, to);
	to->nNumOfElements = taken ? from->nNumOfElements : to->nNumUsed;
	return taken;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

static ZEND_COLD bool class_differs(const zend_string *name)
{
	cache_log_once(CACHE_ONCE_CLASS, CACHE_LOG_NOTICE,
		"class %s is not what it was when an object of it was stored, or is not to be had: such entries count as missing",
		ZSTR_VAL(name));
	return false;
}

static bool find_class(struct taking *t, const struct graph_class *node)
{
	const zend_string *stored = local(t, node->name);
	const struct cache_class *class;
	zend_class_entry *ce = zend_standard_class_def;
	zend_string *name;

	if (t->classes[node->number]) {
		return true;
	}
	if (node->kind != CACHE_CLASS_STD) {
		name = t->in_place ? node->name : cache_image_copy_string(t->view, node->name);
		ce = zend_lookup_class(name);
		zend_string_release(name);
		if (!ce) {
			return EG(exception) ? false : class_differs(stored);
		}
	}
	class = cache_class_of(ce);
	if (class->kind != (enum cache_class_kind)node->kind || class->fingerprint != node->fingerprint) {
		return class_differs(stored);
	}
	t->classes[node->number] = ce;
	return true;
}

static bool take_slots(struct taking *t, const struct graph_object *node, zend_object *object)
{
	bool more = false;

	/* Nobody must see a slot that is not filled in: code of the user may run while the others are taken. */
	for (uint32_t i = 0; i < node->count; i++) {
		zval *to = OBJ_PROP_NUM(object, i);
		if (!take_at_once(t, &node->slots[i], to)) {
			ZVAL_UNDEF(to);
			more = true;
		}
		Z_EXTRA_P(to) = Z_EXTRA(node->slots[i]);
	}
	for (uint32_t i = 0; more && i < node->count; i++) {
		zval *to = OBJ_PROP_NUM(object, i);
		if (Z_TYPE_P(to) == IS_UNDEF && !take_value(t, &node->slots[i], to)) {
			return false;
		}
	}
	return true;
}

/*
 * The table is the object's own, even if nothing in it has to be made: PHP takes one of properties for an array that is counted,
 * `(array) $object` gives it away as such. What it holds stays in place.
 */
static bool take_properties(struct taking *t, const struct graph_object *node, zend_object *object)
{
	const zval *from = &node->slots[0];
	zval table;
	bool taken = true;

	if (node->count == 0) {
		return true;
	}
	if (t->in_place && Z_TYPE_INFO_P(from) == IS_ARRAY) {
		ZVAL_ARR(&table, zend_array_dup(Z_ARR_P(from))); /* of an immutable one that is two copies of memory */
	} else {
		taken = take_value(t, from, &table);
	}
	object->properties = Z_ARR(table);
	return taken;
}

static bool take_case(struct taking *t, const struct graph_object *node, zend_class_entry *ce, zval *to)
{
	zend_string *name = cache_image_copy_string(t->view, Z_STR(node->slots[0]));
	zend_class_constant *constant = zend_hash_find_ptr(CE_CONSTANTS_TABLE(ce), name);
	zend_object *object = NULL;

	if (constant && (ZEND_CLASS_CONST_FLAGS(constant) & ZEND_CLASS_CONST_IS_CASE)) {
		object = zend_enum_get_case(ce, name);
	}
	zend_string_release(name);
	if (!object) {
		return EG(exception) ? false : class_differs(ce->name);
	}
	ZVAL_OBJ_COPY(to, object);
	t->objects[node->number] = object;
	return true;
}

static bool take_state(struct taking *t, const struct graph_object *node, zend_object *object)
{
	struct waiting *w;
	zval state;
	bool taken = take_value(t, &node->slots[0], &state);

	/* If that failed, too, it is freed with the others: objects may be in nothing but a state. */
	if (!t->waiting) {
		t->waiting = safe_emalloc(t->root->objects, sizeof(*t->waiting), 0);
	}
	w = &t->waiting[t->waiting_count++];
	w->object = object;
	ZVAL_COPY_VALUE(&w->state, &state);
	return taken;
}

static bool take_object(struct taking *t, const struct graph_object *node, zval *to)
{
	const struct graph_class *class = local(t, node->class);
	zend_object *object = t->objects[node->number];
	zend_class_entry *ce;

	if (object) {
		ZVAL_OBJ_COPY(to, object);
		return true;
	}
	ZVAL_NULL(to);
	if (!find_class(t, class)) {
		return false;
	}
	ce = t->classes[class->number];
	if (class->kind == CACHE_CLASS_ENUM) {
		return take_case(t, node, ce, to);
	}
	if (class->kind == CACHE_CLASS_STATE) {
		if (object_init_ex(to, ce) != SUCCESS) {
			ZVAL_NULL(to);
			return false;
		}
		t->objects[node->number] = Z_OBJ_P(to);
		return take_state(t, node, Z_OBJ_P(to));
	}
	object = zend_objects_new(ce);
	ZVAL_OBJ(to, object);
	t->objects[node->number] = object;
	return class->kind == CACHE_CLASS_SLOTS ? take_slots(t, node, object) : take_properties(t, node, object);
}

/* ---- any ----------------------------------------------------------------------------------------------- */

/* Leaves `u2` alone. If it fails, what is there can be freed. */
static bool take_value(struct taking *t, const zval *from, zval *to)
{
	if (take_at_once(t, from, to)) {
		return true;
	}
	switch (Z_TYPE_P(from)) {
	case IS_STRING:
		ZVAL_STR(to, cache_image_copy_string(t->view, Z_STR_P(from)));
		return true;
	case IS_ARRAY:
		if (Z_TYPE_INFO_P(from) & GRAPH_OPEN) {
			return take_array(t, local(t, Z_ARR_P(from)), to);
		}
		ZVAL_ARR(to, cache_image_copy_array(t->view, local(t, Z_ARR_P(from))));
		return true;
	default:
		return take_object(t, local(t, Z_PTR_P(from)), to);
	}
}

/* Code of the user sees objects then, and may take one out of another: all stay until release() has been called. */
static void hold(struct taking *t)
{
	for (uint32_t i = 0; i < t->root->objects; i++) {
		if (t->objects[i]) {
			GC_ADDREF(t->objects[i]);
		}
	}
}

static void release(struct taking *t)
{
	for (uint32_t i = 0; i < t->root->objects; i++) {
		if (t->objects[i] && GC_DELREF(t->objects[i]) == 0) {
			zend_objects_store_del(t->objects[i]);
		}
	}
}

static bool give_states(struct taking *t)
{
	bool given = true;

	for (uint32_t i = 0; i < t->waiting_count && given; i++) {
		struct waiting *w = &t->waiting[i];
		zend_call_known_instance_method_with_1_params(w->object->ce->__unserialize, w->object, NULL, &w->state);
		given = !EG(exception);
	}
	return given;
}

/* Nobody has seen them complete: their destructors must not run. */
static void silence(struct taking *t)
{
	for (uint32_t i = 0; i < t->root->objects; i++) {
		if (t->objects[i] && !(t->objects[i]->ce->ce_flags & ZEND_ACC_ENUM)) {
			GC_ADD_FLAGS(t->objects[i], IS_OBJ_DESTRUCTOR_CALLED);
		}
	}
}

bool cache_graph_take(const struct store_view *view, bool in_place, zval *value)
{
	struct taking t = {.view = view, .in_place = in_place, .root = (const struct graph_root *)view->bytes};
	uint32_t objects = t.root->objects;
	bool taken;

	t.objects = ecalloc(objects, sizeof(*t.objects));
	t.classes = ecalloc(t.root->classes, sizeof(*t.classes));
	taken = take_value(&t, &t.root->value, value);
	if (t.waiting) {
		hold(&t);
		taken = taken && give_states(&t);
	}
	if (!taken) {
		silence(&t);
	}
	for (uint32_t i = 0; i < t.waiting_count; i++) {
		zval_ptr_dtor(&t.waiting[i].state);
	}
	if (!taken) {
		zval_ptr_dtor(value);
		ZVAL_NULL(value);
	}
	if (t.waiting) {
		release(&t);
		efree(t.waiting);
	}
	if (Z_TYPE_P(value) == IS_OBJECT && Z_REFCOUNT_P(value) > 1) {
		/* It may be in a cycle: PHP does not look for one when a temporary value goes. */
		gc_check_possible_root(Z_COUNTED_P(value));
	}
	efree(t.classes);
	efree(t.objects);
	return taken;
}
