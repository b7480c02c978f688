#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "core/store/reserve.h"

struct model_key *model_key(struct model *m, const char *name)
{
	struct model_key *k;

	for (uint32_t i = 0; i < m->count; i++) {
		if (strcmp(m->keys[i].name, name) == 0) {
			return &m->keys[i];
		}
	}
	if (m->count == MODEL_KEYS || strlen(name) >= sizeof k->name) {
		die("the model has no room for %s", name);
	}
	k = &m->keys[m->count++];
	*k = (struct model_key){.count = 1, .owner = hash_mix(m->count)};
	strcpy(k->name, name);
	return k;
}

static void then(struct model_key *k, struct key_state state)
{
	if (k->count == MODEL_STATES) {
		die("%s has too many states", k->name);
	}
	k->states[k->count++] = state;
}

void model_then_value(struct model_key *k, int64_t number, uint32_t size)
{
	then(k, (struct key_state){.present = true, .type = STORE_STRING, .number = number, .size = size});
}

void model_then_int(struct model_key *k, int64_t value)
{
	then(k, (struct key_state){.present = true, .type = STORE_INT, .number = value});
}

void model_then_absent(struct model_key *k)
{
	then(k, (struct key_state){.present = false});
}

static struct model_key *put_now(struct model *m, struct store *store, const char *name, struct key_state state)
{
	struct model_key *k = model_key(m, name);
	enum cache_status status;

	k->count = 1;
	k->states[0] = state;
	status = model_act(store, k, 0);
	if (status != CACHE_OK) {
		die("cannot put %s: %s", name, cache_status_name(status));
	}
	/* Whoever stands for this participant in a copy of the segment knows of no block in reserve. */
	reserve_give_back(store);
	return k;
}

struct model_key *model_put(struct model *m, struct store *store, const char *name, uint32_t size)
{
	return put_now(m, store, name,
	               (struct key_state){.present = true, .type = STORE_STRING, .number = 1, .size = size});
}

struct model_key *model_put_int(struct model *m, struct store *store, const char *name, int64_t value)
{
	return put_now(m, store, name, (struct key_state){.present = true, .type = STORE_INT, .number = value});
}

void model_all_may_go(struct model *m)
{
	for (uint32_t i = 0; i < m->count; i++) {
		if (m->keys[i].states[m->keys[i].count - 1].present) {
			model_then_absent(&m->keys[i]);
		}
	}
}

void model_settle(struct model *m)
{
	for (uint32_t i = 0; i < m->count; i++) {
		m->keys[i].states[0] = m->keys[i].states[m->keys[i].count - 1];
		m->keys[i].count = 1;
	}
}

enum cache_status model_act(struct store *store, const struct model_key *k, uint32_t state)
{
	const struct key_state *s = &k->states[state];
	struct store_key key = key_of(store, k->name);

	if (!s->present) {
		return store_delete(store, &key);
	}
	if (s->type == STORE_INT) {
		struct store_item item = {.type = STORE_INT, .integer = s->number, .ttl_us = STORE_FOREVER};
		return store_put(store, &key, &item, STORE_SET);
	}
	return put_value(store, k->name, k->owner, (uint64_t)s->number, s->size);
}

static bool fits(const struct model_key *k, const struct key_state *s, enum cache_status status,
                 const struct store_view *view)
{
	uint64_t number;

	if (status != CACHE_OK || !s->present) {
		return status == CACHE_MISSING && !s->present;
	}
	if (s->type == STORE_INT) {
		return (view->type == STORE_INT || view->type == STORE_BIGINT) && view->integer == s->number;
	}
	return view->type == STORE_STRING && view->size == s->size &&
	       value_check(view->bytes, view->size, k->owner, &number) && number == (uint64_t)s->number;
}

uint32_t model_look(struct store *store, const struct model_key *k, uint32_t from)
{
	struct store_key key = key_of(store, k->name);
	struct store_view view = {0};
	enum cache_status status = store_get(store, &key, &view);
	uint32_t found = MODEL_WRONG;

	for (uint32_t i = from; i < k->count && found == MODEL_WRONG; i++) {
		if (fits(k, &k->states[i], status, &view)) {
			found = i;
		}
	}
	if (status == CACHE_OK) {
		store_unpin(store, view.pin);
	}
	return found;
}

const char *model_describe(struct store *store, const struct model_key *k)
{
	static char text[96];
	struct store_key key = key_of(store, k->name);
	struct store_view view = {0};
	enum cache_status status = store_get(store, &key, &view);
	uint64_t number = 0;

	if (status != CACHE_OK) {
		snprintf(text, sizeof text, "%s", cache_status_name(status));
	} else if (view.type == STORE_STRING) {
		bool whole = value_check(view.bytes, view.size, k->owner, &number);
		snprintf(text, sizeof text, "%zu bytes, number %llu, %s", view.size, (unsigned long long)number,
		         whole ? "whole" : "damaged");
	} else {
		snprintf(text, sizeof text, "%s %lld", store_type_name(view.type), (long long)view.integer);
	}
	if (status == CACHE_OK) {
		store_unpin(store, view.pin);
	}
	return text;
}
