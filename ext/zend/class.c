#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "class.h"

#include "ext/date/php_date.h"
#include "ext/spl/spl_array.h"
#include "ext/spl/spl_dllist.h"
#include "ext/spl/spl_fixedarray.h"
#include "ext/spl/spl_observer.h"

#include "core/base/hash.h"

#include "compat.h"
#include "globals.h"

#define NEVER_NATIVE                                                                                              \
	(ZEND_ACC_INTERFACE | ZEND_ACC_TRAIT | ZEND_ACC_EXPLICIT_ABSTRACT_CLASS | ZEND_ACC_IMPLICIT_ABSTRACT_CLASS | \
		ZEND_ACC_ANON_CLASS | ZEND_ACC_NOT_SERIALIZABLE)

/* ---- the fingerprint ----------------------------------------------------------------------------------- */

static uint64_t add_word(uint64_t sum, uint64_t word)
{
	return hash_mix((sum ^ word) * UINT64_C(0x9e3779b97f4a7c15) + 1);
}

static uint64_t add_name(uint64_t sum, zend_string *name)
{
	return add_word(add_word(sum, ZSTR_LEN(name)), zend_string_hash_val(name));
}

static uint64_t add_type(uint64_t sum, zend_type type)
{
	const zend_type *one;

	sum = add_word(sum, ZEND_TYPE_FULL_MASK(type));
	if (ZEND_TYPE_HAS_NAME(type)) {
		return add_name(sum, ZEND_TYPE_NAME(type));
	}
	if (ZEND_TYPE_HAS_LIST(type)) {
		ZEND_TYPE_LIST_FOREACH(ZEND_TYPE_LIST(type), one) {
			sum = add_type(sum, *one);
		} ZEND_TYPE_LIST_FOREACH_END();
	}
	return sum;
}

static uint64_t fingerprint_of(const zend_class_entry *ce)
{
	uint64_t sum = add_word(0, (uint64_t)ce->default_properties_count);

	for (int i = 0; i < ce->default_properties_count; i++) {
		const zend_property_info *info = ce->properties_info_table[i];
		if (!info) {
			sum = add_word(sum, 0);
			continue;
		}
		sum = add_name(sum, info->name);
		sum = add_name(sum, info->ce->name);
		sum = add_word(sum, info->flags & (ZEND_ACC_PPP_MASK | ZEND_ACC_READONLY));
		sum = add_type(sum, info->type);
	}
	return sum;
}

/* ---- the kind ------------------------------------------------------------------------------------------ */

static bool has_method(const zend_class_entry *ce, const char *name)
{
	return zend_hash_str_exists(&ce->function_table, name, strlen(name));
}

static bool is_plain_user_class(const zend_class_entry *ce)
{
	return ce->type == ZEND_USER_CLASS && !(ce->ce_flags & NEVER_NATIVE) && !ce->create_object && !ce->serialize
		&& !ce->unserialize && !ce->__serialize && !ce->__unserialize && !has_method(ce, "__sleep")
		&& !has_method(ce, "__wakeup") && (ce->default_properties_count == 0 || ce->properties_info_table)
		&& CACHE_CLASS_HAS_STD_HANDLERS(ce);
}

static bool gives_state(const zend_class_entry *ce)
{
	const zend_class_entry *root = ce;

	if (!ce->__serialize || !ce->__unserialize || ce->__serialize->type != ZEND_INTERNAL_FUNCTION
		|| ce->__unserialize->type != ZEND_INTERNAL_FUNCTION || (ce->ce_flags & NEVER_NATIVE)) {
		return false;
	}
	while (root->parent) {
		root = root->parent;
	}
	return root == php_date_get_date_ce() || root == php_date_get_immutable_ce() || root == php_date_get_timezone_ce()
		|| root == php_date_get_interval_ce() || root == php_date_get_period_ce() || root == spl_ce_ArrayObject
		|| root == spl_ce_ArrayIterator || root == spl_ce_SplObjectStorage || root == spl_ce_SplDoublyLinkedList
		|| root == spl_ce_SplFixedArray;
}

static enum cache_class_kind kind_of(const zend_class_entry *ce)
{
	if (ce == zend_standard_class_def) {
		return CACHE_CLASS_STD;
	}
	if (ce->ce_flags & ZEND_ACC_ENUM) {
		return CACHE_CLASS_ENUM;
	}
	if (is_plain_user_class(ce)) {
		return CACHE_CLASS_SLOTS;
	}
	return gives_state(ce) ? CACHE_CLASS_STATE : CACHE_CLASS_OTHER;
}

/* ---- what is known ------------------------------------------------------------------------------------- */

static struct cache_class *find_class(zend_class_entry *ce)
{
	zend_ulong place = (zend_ulong)(uintptr_t)ce >> 3;
	HashTable *known = CACHE_G(classes);
	struct cache_class *class;

	if (!known) {
		known = CACHE_G(classes) = pemalloc(sizeof(HashTable), true);
		zend_hash_init(known, 8, NULL, NULL, true);
	}
	class = zend_hash_index_find_ptr(known, place);
	if (EXPECTED(class != NULL)) {
		return class;
	}
	class = pecalloc(1, sizeof(*class), true);
	class->ce = ce;
	class->kind = kind_of(ce);
	class->fingerprint = class->kind == CACHE_CLASS_SLOTS ? fingerprint_of(ce) : 0;
	zend_hash_index_add_new_ptr(known, place, class);
	return class;
}

struct cache_class *cache_class_of(zend_class_entry *ce)
{
	struct cache_class **recent = &CACHE_G(recent_classes)[((uintptr_t)ce >> 6) % CACHE_RECENT_CLASSES];

	if (UNEXPECTED(!*recent || (*recent)->ce != ce)) {
		*recent = find_class(ce);
	}
	return *recent;
}

void cache_class_forget(void)
{
	HashTable *known = CACHE_G(classes);
	struct cache_class *class;

	if (!known) {
		return;
	}
	ZEND_HASH_FOREACH_PTR(known, class) {
		pefree(class, true);
	} ZEND_HASH_FOREACH_END();
	zend_hash_destroy(known);
	pefree(known, true);
	CACHE_G(classes) = NULL;
	memset(CACHE_G(recent_classes), 0, sizeof(CACHE_G(recent_classes)));
}
