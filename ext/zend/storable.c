#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "storable.h"

#include "zend_exceptions.h"
#include "zend_smart_str.h"

#include "compat.h"
#include "errors.h"

/* A longer path is shown by its beginning and its end. */
#define PATH_STEPS_SHOWN 16
#define PATH_NAME_SHOWN 64

struct walk {
	uint32_t depth;
	/** Objects and references met so far: they may lead back to themselves. Made when the first is met. */
	HashTable seen;
	bool has_seen;
};

static bool walk_value(struct walk *walk, zval *value, const struct cache_path *path);

/* ---- saying no ----------------------------------------------------------------------------------------- */

static void append_step(smart_str *text, const struct cache_path *step)
{
	if (step->variable) {
		smart_str_appendc(text, '$');
		smart_str_appends(text, step->variable);
	} else if (step->is_property) {
		const char *class_name, *name;
		size_t length;
		zend_unmangle_property_name_ex(step->name, &class_name, &name, &length);
		smart_str_appends(text, "->");
		smart_str_append_escaped(text, name, MIN(length, PATH_NAME_SHOWN));
	} else if (step->name) {
		smart_str_appends(text, "['");
		smart_str_append_escaped(text, ZSTR_VAL(step->name), MIN(ZSTR_LEN(step->name), PATH_NAME_SHOWN));
		smart_str_appends(text, "']");
	} else {
		smart_str_appendc(text, '[');
		smart_str_append_long(text, (zend_long)step->index);
		smart_str_appendc(text, ']');
	}
}

static zend_string *path_text(const struct cache_path *path)
{
	const struct cache_path *steps[PATH_STEPS_SHOWN];
	smart_str text = {0};
	uint32_t count = 0, skipped, i;

	for (const struct cache_path *step = path; step; step = step->parent) {
		count++;
	}
	skipped = count > PATH_STEPS_SHOWN ? count - PATH_STEPS_SHOWN : 0;
	for (i = count; path; path = path->parent) {
		i--;
		if (i < PATH_STEPS_SHOWN / 2) {
			steps[i] = path;
		} else if (i >= PATH_STEPS_SHOWN / 2 + skipped) {
			steps[i - skipped] = path;
		}
	}
	for (i = 0; i < count - skipped; i++) {
		if (skipped && i == PATH_STEPS_SHOWN / 2) {
			smart_str_appends(&text, "...");
		}
		append_step(&text, steps[i]);
	}
	smart_str_0(&text);
	return text.s;
}

static ZEND_COLD void throw_unstorable(const struct cache_path *path, const char *format, const char *detail)
{
	zend_string *text = path_text(path);
	zend_string *reason = zend_strpprintf(0, format, detail);

	zend_throw_exception_ex(cache_ce_unstorable, 0, "%s cannot be cached: %s", ZSTR_VAL(text), ZSTR_VAL(reason));
	zend_string_release(reason);
	zend_string_release(text);
}

/* ---- the walk ------------------------------------------------------------------------------------------ */

static bool first_visit(struct walk *walk, const void *address)
{
	if (!walk->has_seen) {
		zend_hash_init(&walk->seen, 8, NULL, NULL, 0);
		walk->has_seen = true;
	}
	return zend_hash_index_add_empty_element(&walk->seen, (zend_ulong)(uintptr_t)address >> 3) != NULL;
}

static bool walk_table(struct walk *walk, HashTable *table, const struct cache_path *path, bool properties)
{
	struct cache_path step = {.parent = path, .is_property = properties};
	zend_string *name;
	zend_ulong index;
	zval *value;

	ZEND_HASH_FOREACH_KEY_VAL_IND(table, index, name, value) {
		if (EXPECTED(Z_TYPE_P(value) <= IS_STRING)) {
			continue;
		}
		step.name = name;
		step.index = index;
		/* A dynamic property may have the name of an integer, as one of an array cast to an object. */
		step.is_property = properties && name;
		if (!walk_value(walk, value, &step)) {
			return false;
		}
	} ZEND_HASH_FOREACH_END();
	return true;
}

static bool walk_slots(struct walk *walk, zend_object *object, const struct cache_path *path)
{
	struct cache_path step = {.parent = path, .is_property = true};
	zend_class_entry *ce = object->ce;

	for (int i = 0; i < ce->default_properties_count; i++) {
		zval *value = OBJ_PROP_NUM(object, i);
		const zend_property_info *info = ce->properties_info_table ? ce->properties_info_table[i] : NULL;
		if (Z_TYPE_P(value) <= IS_STRING) {
			continue;
		}
		step.name = info ? info->name : NULL;
		step.index = (zend_ulong)i;
		step.is_property = info != NULL;
		if (!walk_value(walk, value, &step)) {
			return false;
		}
	}
	return true;
}

/* Do the object's properties say all, or does the class have its own way to be serialized? */
static bool is_plain(zend_object *object)
{
	const zend_class_entry *ce = object->ce;

	return !(ce->ce_flags & ZEND_ACC_ENUM) && !ce->__serialize && !ce->serialize
		&& !zend_hash_str_exists(&ce->function_table, ZEND_STRL("__sleep"))
		&& !object->handlers->get_properties_for && object->handlers->get_properties == zend_std_get_properties
		&& !CACHE_OBJECT_IS_LAZY(object);
}

static bool walk_object(struct walk *walk, zend_object *object, const struct cache_path *path)
{
	if (object->ce->ce_flags & ZEND_ACC_NOT_SERIALIZABLE) {
		if (object->ce->ce_flags & ZEND_ACC_ANON_CLASS) {
			throw_unstorable(path, "it is an object of an anonymous class (%s)", ZSTR_VAL(object->ce->name));
		} else {
			throw_unstorable(path, "class %s does not allow serialization", ZSTR_VAL(object->ce->name));
		}
		return false;
	}
	if (!is_plain(object) || !first_visit(walk, object)) {
		return true;
	}
	return object->properties ? walk_table(walk, object->properties, path, true) : walk_slots(walk, object, path);
}

static bool walk_nested(struct walk *walk, zval *value, const struct cache_path *path)
{
	bool storable;

	if (walk->depth == CACHE_DEPTH_MAX || CACHE_STACK_EXHAUSTED()) {
		throw_unstorable(path, "it is nested too deeply, the limit is %s levels", ZEND_TOSTR(CACHE_DEPTH_MAX));
		return false;
	}
	walk->depth++;
	storable = Z_TYPE_P(value) == IS_ARRAY ? walk_table(walk, Z_ARRVAL_P(value), path, false)
		: walk_object(walk, Z_OBJ_P(value), path);
	walk->depth--;
	return storable;
}

static bool walk_value(struct walk *walk, zval *value, const struct cache_path *path)
{
	if (Z_ISREF_P(value)) {
		/* Only a reference that something else shares can lead back here. */
		if (Z_REFCOUNT_P(value) > 1 && !first_visit(walk, Z_REF_P(value))) {
			return true;
		}
		value = Z_REFVAL_P(value);
	}
	switch (Z_TYPE_P(value)) {
	case IS_ARRAY:
	case IS_OBJECT:
		return walk_nested(walk, value, path);
	case IS_RESOURCE:
		throw_unstorable(path, "it is a %s", "resource");
		return false;
	default:
		return true;
	}
}

bool cache_storable_check(zval *value, const struct cache_path *root)
{
	struct walk walk = {.depth = 0};
	bool storable = walk_value(&walk, value, root);

	if (walk.has_seen) {
		zend_hash_destroy(&walk.seen);
	}
	return storable;
}

void cache_storable_convert_exception(const struct cache_path *root)
{
	static const char beginning[] = "Serialization of '";
	zend_object *exception = EG(exception);
	zval scratch, *message;

	if (!exception || exception->ce != zend_ce_exception) {
		return;
	}
	message = zend_read_property_ex(zend_ce_exception, exception, ZSTR_KNOWN(ZEND_STR_MESSAGE), true, &scratch);
	if (Z_TYPE_P(message) == IS_STRING && zend_string_starts_with_cstr(Z_STR_P(message), ZEND_STRL(beginning))) {
		/* The serializer's exception becomes the previous one. */
		throw_unstorable(root, "%s", Z_STRVAL_P(message));
	}
}
