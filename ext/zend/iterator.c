/*
 * A walk in chunks. The visitor copies what is needed to request memory: entries are pinned for that moment only,
 * and user code (unserialize) runs when it is asked for the value, far from the walk.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "iterator.h"

#include "ext/pcre/php_pcre.h"
#include "zend_exceptions.h"
#include "zend_interfaces.h"

#include "entry.h"
#include "errors.h"
#include "participant.h"
#include "value.h"

zend_class_entry *cache_ce_iterator;

static zend_object_handlers handlers;

/* Above this a chunk would be a copy of the cache. */
#define CHUNK_MAX 1000000

/** An entry that was read ahead. */
struct copy {
	/** Its pointers are NULL or lead to the strings below. */
	struct store_entry entry;
	zend_string *key;
	zend_string *tags;
	/** NULL if values are not asked for, or are in the view itself. */
	zend_string *bytes;
};

struct chunk {
	struct copy *copies;
	uint32_t count, room;
};

/** Which entries are asked for. */
struct filter {
	zend_string *prefix;
	/** NULL: any key. */
	pcre_cache_entry *pattern;
	bool values;
};

struct iterator {
	struct filter filter;
	uint32_t chunk_size;
	struct store_cursor cursor;
	struct chunk chunk;
	/** Of the current entry in the chunk. */
	uint32_t index;
	zend_object std;
};

static zend_always_inline struct iterator *iterator_of(zend_object *object)
{
	return (struct iterator *)((char *)object - offsetof(struct iterator, std));
}

/* ---- the walk ------------------------------------------------------------------------------------------ */

static bool matches_pattern(pcre_cache_entry *pattern, const char *key, uint32_t length)
{
	pcre2_code *code = php_pcre_pce_re(pattern);
	pcre2_match_data *match = php_pcre_create_match_data(0, code);
	int result;

	if (!match) {
		return false;
	}
	result = pcre2_match(code, (PCRE2_SPTR)key, length, 0, 0, match, php_pcre_mctx());
	php_pcre_free_match_data(match);
	/* 0: more groups than match data has room for. */
	return result >= 0;
}

static bool matches(const struct filter *filter, const struct store_entry *entry)
{
	const zend_string *prefix = filter->prefix;

	if (prefix
		&& (entry->key_length < ZSTR_LEN(prefix) || memcmp(entry->key, ZSTR_VAL(prefix), ZSTR_LEN(prefix)) != 0)) {
		return false;
	}
	return !filter->pattern || matches_pattern(filter->pattern, entry->key, entry->key_length);
}

static void copy_entry(struct chunk *chunk, const struct store_entry *entry, bool values)
{
	struct copy *copy;

	if (chunk->count == chunk->room) {
		chunk->copies = safe_erealloc(chunk->copies, chunk->room * 2 + 16, sizeof(*chunk->copies), 0);
		chunk->room = chunk->room * 2 + 16;
	}
	copy = &chunk->copies[chunk->count];
	copy->entry = *entry;
	copy->entry.view.bytes = NULL;
	copy->entry.view.pin = 0;
	copy->tags = copy->bytes = NULL;
	copy->key = zend_string_init(entry->key, entry->key_length, 0);
	copy->entry.key = ZSTR_VAL(copy->key);
	if (entry->tag_count) {
		copy->tags = zend_string_init(entry->tags, entry->tags_size, 0);
		copy->entry.tags = ZSTR_VAL(copy->tags);
	}
	if (values && entry->view.bytes) {
		copy->bytes = zend_string_init(entry->view.bytes, entry->view.size, 0);
		copy->entry.view.bytes = ZSTR_VAL(copy->bytes);
	}
	chunk->count++;
}

static void chunk_empty(struct chunk *chunk)
{
	for (uint32_t i = 0; i < chunk->count; i++) {
		struct copy *copy = &chunk->copies[i];
		zend_string_release(copy->key);
		if (copy->tags) {
			zend_string_release(copy->tags);
		}
		if (copy->bytes) {
			zend_string_release(copy->bytes);
		}
	}
	chunk->count = 0;
}

static void chunk_free(struct chunk *chunk)
{
	chunk_empty(chunk);
	if (chunk->copies) {
		efree(chunk->copies);
	}
	*chunk = (struct chunk){0};
}

struct visit {
	const struct filter *filter;
	struct chunk *chunk;
	zend_long matching;
};

static void visit_copying(void *context, const struct store_entry *entry)
{
	struct visit *visit = context;

	if (matches(visit->filter, entry)) {
		copy_entry(visit->chunk, entry, visit->filter->values);
	}
}

static void visit_counting(void *context, const struct store_entry *entry)
{
	struct visit *visit = context;

	visit->matching += matches(visit->filter, entry);
}

/* Fills the chunk with the next entries that match; it stays empty at the end of the walk. */
static void read_ahead(const struct filter *filter, uint32_t chunk_size, struct store_cursor *cursor,
                       struct chunk *chunk)
{
	struct store *store = cache_participant();
	struct visit visit = {.filter = filter, .chunk = chunk};

	chunk_empty(chunk);
	while (store && !cursor->done && chunk->count == 0) {
		store_walk(store, cursor, chunk_size, visit_copying, &visit);
	}
}

bool cache_iterator_delete_all(zend_object *object, struct store *store)
{
	struct iterator *iterator = iterator_of(object);
	struct filter filter = iterator->filter;
	struct store_cursor cursor = {0};
	struct chunk chunk = {0};

	filter.values = false;
	while (!cursor.done) {
		read_ahead(&filter, iterator->chunk_size, &cursor, &chunk);
		for (uint32_t i = 0; i < chunk.count; i++) {
			const struct store_key key = {
				.bytes = chunk.copies[i].entry.key,
				.length = chunk.copies[i].entry.key_length,
				.hash = store_hash(store, chunk.copies[i].entry.key, chunk.copies[i].entry.key_length),
			};
			/* Missing: somebody else was faster. */
			cache_status_succeeded(store_delete(store, &key));
		}
	}
	chunk_free(&chunk);
	return true;
}

/* ---- the object ---------------------------------------------------------------------------------------- */

static zend_object *create_object(zend_class_entry *ce)
{
	struct iterator *iterator = zend_object_alloc(sizeof(*iterator), ce);

	memset(iterator, 0, offsetof(struct iterator, std));
	zend_object_std_init(&iterator->std, ce);
	object_properties_init(&iterator->std, ce);
	iterator->std.handlers = &handlers;
	return &iterator->std;
}

static void reset(struct iterator *iterator)
{
	chunk_free(&iterator->chunk);
	if (iterator->filter.prefix) {
		zend_string_release(iterator->filter.prefix);
	}
	if (iterator->filter.pattern) {
		php_pcre_pce_decref(iterator->filter.pattern);
	}
	memset(iterator, 0, offsetof(struct iterator, std));
}

static void free_object(zend_object *object)
{
	reset(iterator_of(object));
	zend_object_std_dtor(object);
}

void cache_iterator_register(zend_class_entry *ce)
{
	cache_ce_iterator = ce;
	ce->create_object = create_object;
	memcpy(&handlers, &std_object_handlers, sizeof(handlers));
	handlers.offset = offsetof(struct iterator, std);
	handlers.free_obj = free_object;
	handlers.clone_obj = NULL;
}

/* PCRE's warning becomes the ValueError. NULL: it was thrown. */
static pcre_cache_entry *compile(zend_string *pattern)
{
	zend_error_handling outer;
	pcre_cache_entry *compiled;

	zend_replace_error_handling(EH_THROW, zend_ce_value_error, &outer);
	compiled = pcre_get_compiled_regex_cache(pattern);
	zend_restore_error_handling(&outer);
	if (!compiled && !EG(exception)) {
		zend_argument_value_error(2, "must be a valid regular expression");
	}
	return compiled;
}

PHP_METHOD(Cache_EntryIterator, __construct)
{
	struct iterator *iterator = iterator_of(Z_OBJ_P(ZEND_THIS));
	zend_string *prefix = NULL, *pattern = NULL;
	pcre_cache_entry *compiled = NULL;
	bool values = false;
	zend_long chunk = 100;

	ZEND_PARSE_PARAMETERS_START(0, 4)
		Z_PARAM_OPTIONAL
		Z_PARAM_STR_OR_NULL(prefix)
		Z_PARAM_STR_OR_NULL(pattern)
		Z_PARAM_BOOL(values)
		Z_PARAM_LONG(chunk)
	ZEND_PARSE_PARAMETERS_END();

	if (chunk < 1 || chunk > CHUNK_MAX) {
		zend_argument_value_error(4, "must be between 1 and %d", CHUNK_MAX);
		RETURN_THROWS();
	}
	if (pattern && !(compiled = compile(pattern))) {
		RETURN_THROWS();
	}
	reset(iterator);
	iterator->filter.values = values;
	iterator->chunk_size = (uint32_t)chunk;
	if (prefix && ZSTR_LEN(prefix)) {
		iterator->filter.prefix = zend_string_copy(prefix);
	}
	if (compiled) {
		php_pcre_pce_incref(compiled);
		iterator->filter.pattern = compiled;
	}
}

static void advance(struct iterator *iterator)
{
	iterator->index = 0;
	read_ahead(&iterator->filter, iterator->chunk_size, &iterator->cursor, &iterator->chunk);
}

/* NULL: behind the end. */
static struct copy *current(struct iterator *iterator)
{
	if (iterator->index >= iterator->chunk.count && !iterator->cursor.done) {
		advance(iterator);
	}
	return iterator->index < iterator->chunk.count ? &iterator->chunk.copies[iterator->index] : NULL;
}

PHP_METHOD(Cache_EntryIterator, rewind)
{
	struct iterator *iterator = iterator_of(Z_OBJ_P(ZEND_THIS));

	ZEND_PARSE_PARAMETERS_NONE();
	iterator->cursor = (struct store_cursor){0};
	advance(iterator);
}

PHP_METHOD(Cache_EntryIterator, next)
{
	struct iterator *iterator = iterator_of(Z_OBJ_P(ZEND_THIS));

	ZEND_PARSE_PARAMETERS_NONE();
	if (current(iterator)) {
		iterator->index++;
	}
}

PHP_METHOD(Cache_EntryIterator, valid)
{
	ZEND_PARSE_PARAMETERS_NONE();
	RETURN_BOOL(current(iterator_of(Z_OBJ_P(ZEND_THIS))) != NULL);
}

PHP_METHOD(Cache_EntryIterator, key)
{
	struct copy *copy;

	ZEND_PARSE_PARAMETERS_NONE();
	copy = current(iterator_of(Z_OBJ_P(ZEND_THIS)));
	if (copy) {
		RETURN_STR_COPY(copy->key);
	}
}

PHP_METHOD(Cache_EntryIterator, current)
{
	struct iterator *iterator = iterator_of(Z_OBJ_P(ZEND_THIS));
	struct copy *copy;
	Bucket *field;
	zval value;

	ZEND_PARSE_PARAMETERS_NONE();
	copy = current(iterator);
	if (!copy) {
		RETURN_NULL();
	}
	field = cache_entry_like(return_value, &cache_entry_iterated);
	ZVAL_STR_COPY(&field->val, copy->key);
	cache_entry_describe(&copy->entry, field + 1);
	if (iterator->filter.values) {
		/* Code of the user may move the iterator on: hold what is being decoded. */
		zend_string *bytes = copy->bytes ? zend_string_copy(copy->bytes) : NULL;
		struct store_view view = copy->entry.view;
		view.pin = 0;
		if (cache_take(NULL, &view, false, &value)) {
			cache_entry_add(Z_ARRVAL_P(return_value), CACHE_ENTRY_value, &value);
		}
		if (bytes) {
			zend_string_release(bytes);
		}
		if (EG(exception)) {
			RETURN_THROWS();
		}
	}
}

PHP_METHOD(Cache_EntryIterator, count)
{
	struct iterator *iterator = iterator_of(Z_OBJ_P(ZEND_THIS));
	struct visit visit = {.filter = &iterator->filter};
	struct store_cursor cursor = {0};
	struct store *store;

	ZEND_PARSE_PARAMETERS_NONE();
	store = cache_participant();
	while (store && !cursor.done) {
		store_walk(store, &cursor, iterator->chunk_size, visit_counting, &visit);
	}
	RETURN_LONG(visit.matching);
}
