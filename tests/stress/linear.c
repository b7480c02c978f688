#define _GNU_SOURCE
#include "linear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linear_model.h"

#define SET_MAX 20000u

/* A state that is possible, and which of the operations that have not returned are in the order already. */
struct possible {
	struct key_model model;
	uint32_t done; /* a bit for each process */
};

/* `table`: places of items + 1, by hash with linear probing; twice as many as there is room for items. */
struct set {
	struct possible *items;
	uint32_t *table;
	size_t count, room;
};

enum moment { MOMENT_CALL, MOMENT_DEATH, MOMENT_RETURN };

struct moment_record {
	uint64_t when;
	uint32_t index;
	uint32_t what;
};

struct checker {
	const struct linear_options *options;
	const struct operation *pending[LINEAR_PROCESSES];
	struct set now, next, seen;
	size_t states_max;
	bool overflow;
};

/* ---- sets ----------------------------------------------------------------------------------------------- */

static size_t hash_of(const struct possible *item)
{
	uint64_t words[sizeof item->model / 8], hash = item->done;

	memcpy(words, &item->model, sizeof words);
	for (size_t i = 0; i < sizeof words / 8; i++) {
		hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return (size_t)hash;
}

static bool is_same(const struct possible *a, const struct possible *b)
{
	return a->done == b->done && memcmp(&a->model, &b->model, sizeof a->model) == 0;
}

/* Its place in the table, or the free one where it belongs. */
static uint32_t *set_find(const struct set *set, const struct possible *item)
{
	size_t mask = 2 * set->room - 1, at = hash_of(item) & mask;

	while (set->table[at] != 0 && !is_same(&set->items[set->table[at] - 1], item)) {
		at = (at + 1) & mask;
	}
	return &set->table[at];
}

static void set_empty(struct set *set)
{
	if (set->count > set->room / 8) {
		memset(set->table, 0, 2 * set->room * sizeof *set->table);
	} else {
		for (size_t i = set->count; i-- > 0;) {
			*set_find(set, &set->items[i]) = 0; /* the last one first, so that no chain is cut before it is gone */
		}
	}
	set->count = 0;
}

static void set_grow(struct set *set)
{
	set->room = set->room ? 2 * set->room : 64;
	set->items = realloc(set->items, set->room * sizeof *set->items);
	free(set->table);
	set->table = calloc(2 * set->room, sizeof *set->table);
	if (!set->items || !set->table) {
		abort();
	}
	for (size_t i = 0; i < set->count; i++) {
		*set_find(set, &set->items[i]) = (uint32_t)i + 1;
	}
}

/* False: it was there. */
static bool set_add(struct checker *c, struct set *set, const struct possible *item)
{
	uint32_t *place;

	if (set->count == set->room) {
		set_grow(set);
	}
	place = set_find(set, item);
	if (*place != 0) {
		return false;
	}
	set->items[set->count++] = *item;
	*place = (uint32_t)set->count;
	c->overflow |= set->count > SET_MAX;
	return true;
}

static void set_free(struct set *set)
{
	free(set->items);
	free(set->table);
}

/* ---- orders --------------------------------------------------------------------------------------------- */

static void explore(struct checker *c, const struct possible *from, const struct operation *last);

static void step(struct checker *c, const struct possible *from, const struct operation *o,
                 const struct operation *last)
{
	struct key_model next[MODEL_NEXT_MAX];
	int count = model_apply(&from->model, o, next);

	for (int i = 0; i < count; i++) {
		struct possible item = {next[i], from->done | UINT32_C(1) << o->process};
		if (o == last) {
			item.done &= ~(UINT32_C(1) << o->process);
			set_add(c, &c->next, &item);
		} else {
			explore(c, &item, last);
		}
	}
}

/* All orders of what has begun and is not in the order yet, up to `last`. */
static void explore(struct checker *c, const struct possible *from, const struct operation *last)
{
	if (c->overflow || !set_add(c, &c->seen, from)) {
		return;
	}
	step(c, from, last, last);
	for (int process = 0; process < LINEAR_PROCESSES; process++) {
		const struct operation *o = c->pending[process];
		if (o && o != last && !(from->done >> process & 1)) {
			step(c, from, o, last);
		}
	}
	/* Evicted before the next one: only an entry that is there can go. */
	if (c->options->evicting && from->model.present) {
		struct possible gone = *from;
		gone.model = (struct key_model){.lease = from->model.lease,
		                                .lease_process = from->model.lease_process,
		                                .lease_loose = from->model.lease_loose};
		explore(c, &gone, last);
	}
}

static void swap_sets(struct checker *c)
{
	struct set old = c->now;

	c->now = c->next;
	c->next = old; /* kept for describe() */
	c->states_max = c->now.count > c->states_max ? c->now.count : c->states_max;
}

/* False: nothing explains it. */
static bool take_return(struct checker *c, const struct operation *o)
{
	uint32_t bit = UINT32_C(1) << o->process;

	set_empty(&c->seen);
	set_empty(&c->next);
	for (size_t i = 0; i < c->now.count && !c->overflow; i++) {
		struct possible item = c->now.items[i];
		if (item.done & bit) {
			item.done &= ~bit;
			set_add(c, &c->next, &item);
			continue;
		}
		if (o->fate == FATE_UNKNOWN) {
			set_add(c, &c->next, &item); /* it never happened */
		}
		explore(c, &item, o);
	}
	c->pending[o->process] = NULL;
	swap_sets(c);
	return c->now.count > 0;
}

static void take_death(struct checker *c, uint8_t process)
{
	set_empty(&c->next);
	for (size_t i = 0; i < c->now.count; i++) {
		struct possible item = c->now.items[i];
		if (item.model.lease != 0 && item.model.lease_process == process) {
			item.model.lease_loose = 1;
		}
		set_add(c, &c->next, &item);
	}
	swap_sets(c);
}

/* ---- a history ------------------------------------------------------------------------------------------- */

/* At one time: calls first, since what overlaps may have any order. */
static int compare_moments(const void *left, const void *right)
{
	const struct moment_record *a = left, *b = right;

	if (a->when != b->when) {
		return a->when < b->when ? -1 : 1;
	}
	return (a->what > b->what) - (a->what < b->what);
}

static struct moment_record *make_moments(const struct operation *operations, size_t count,
                                          const struct linear_death *deaths, size_t death_count)
{
	struct moment_record *moments = calloc(2 * count + death_count + 1, sizeof *moments);
	size_t n = 0;

	if (!moments) {
		abort();
	}
	for (size_t i = 0; i < count; i++) {
		moments[n++] = (struct moment_record){operations[i].invoked, (uint32_t)i, MOMENT_CALL};
		moments[n++] = (struct moment_record){operations[i].returned, (uint32_t)i, MOMENT_RETURN};
	}
	for (size_t i = 0; i < death_count; i++) {
		moments[n++] = (struct moment_record){deaths[i].when, (uint32_t)i, MOMENT_DEATH};
	}
	qsort(moments, n, sizeof *moments, compare_moments);
	return moments;
}

/* What was possible before it, and what else was under way. */
static void describe(struct checker *c, const struct operation *o, const struct set *before, struct linear_verdict *v)
{
	char text[160];
	int at = snprintf(v->text, sizeof v->text, "key %u, process %u: %s; before it: ", o->key, o->process,
	                  operation_text(o, text));

	for (size_t i = 0; i < before->count && i < 2 && at < (int)sizeof v->text; i++) {
		const struct key_model *m = &before->items[i].model;
		at += snprintf(v->text + at, sizeof v->text - (size_t)at,
		               "%s%s%s %lld stamp %lld token %llu lock %lld lease %lld", i ? " or " : "",
		               m->present ? "" : "absent", m->present ? m->fresh ? "fresh" : "stale" : "", (long long)m->value,
		               (long long)m->stamp, (unsigned long long)m->token, (long long)m->lock, (long long)m->lease);
	}
	for (int i = 0; i < LINEAR_PROCESSES && at < (int)sizeof v->text; i++) {
		if (c->pending[i]) {
			at +=
				snprintf(v->text + at, sizeof v->text - (size_t)at, "; beside %s", operation_text(c->pending[i], text));
		}
	}
}

void linear_check(const struct operation *operations, size_t count, const struct linear_death *deaths,
                  size_t death_count, const struct linear_options *options, struct linear_verdict *v)
{
	struct moment_record *moments = make_moments(operations, count, deaths, death_count);
	struct checker c = {.options = options};
	struct possible start = {.done = 0};

	*v = (struct linear_verdict){.ok = true};
	set_add(&c, &c.now, &start);
	for (size_t i = 0; i < 2 * count + death_count && v->ok; i++) {
		const struct operation *o = moments[i].what == MOMENT_DEATH ? NULL : &operations[moments[i].index];
		switch (moments[i].what) {
		case MOMENT_CALL:
			c.pending[o->process] = o;
			break;
		case MOMENT_DEATH:
			take_death(&c, deaths[moments[i].index].process);
			break;
		case MOMENT_RETURN:
			v->ok = take_return(&c, o) && !c.overflow;
			break;
		}
		if (!v->ok) {
			v->culprit = o;
			v->undecided = c.overflow;
			describe(&c, o, &c.next, v);
		}
	}
	v->states_max = c.states_max;
	set_free(&c.now);
	set_free(&c.next);
	set_free(&c.seen);
	free(moments);
}

const char *operation_text(const struct operation *o, char text[160])
{
	static const char *const names[] = {
#define X(name, text) text,
		OPERATIONS(X)
#undef X
	};

	snprintf(text, 160, "%s(%lld, %lld) %s%s%lld stamp %lld token %llu lease %lld%s", names[o->kind], (long long)o->a,
	         (long long)o->b,
	         o->fate == FATE_UNKNOWN ? "unknown "
	         : o->ok                 ? "ok "
	                                 : "no ",
	         o->fresh ? "fresh " : "", (long long)o->value, (long long)o->stamp, (unsigned long long)o->token,
	         (long long)o->lease, o->is_integer ? " integer" : "");
	return text;
}
