/*
 * Blocks that leave their eviction queue later: the notes, and the entries that take their places (fifo.h).
 */
#include "snapstep.h"

#include <stdio.h>

#include "core/store/alloc.h"
#include "core/store/fifo.h"

/* All in one class. */
#define SIZE 200u

static uint32_t notes(struct world *w)
{
	return world_shard(w).shard->deferred_count;
}

/* The note stays, with another heir or without one. */
static bool inherited(struct world *w)
{
	const struct shard *s = world_shard(w).shard;

	return s->deferred_count == 2 && s->deferred[1].heir != 0;
}

/* A note for each of so many entries that are replaced; the first reclaim of all comes with the first store that follows. */
static void note(struct world *w, uint32_t number)
{
	char name[16];

	for (int round = 0; round < 3; round++) {
		reclaim_all(w->a);
		for (uint32_t i = 0; i < number; i++) {
			snprintf(name, sizeof name, "note:%u", i);
			model_put(&w->model, w->a, name, SIZE);
		}
	}
	if (notes(w) != number) {
		die("%u notes, where %u are wanted", notes(w), number);
	}
}

/* The key has links. */
static void prepare(struct world *w, uint32_t number)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", SIZE);
	note(w, number);
}

/* The key is the heir of a block, by the second of two notes. */
static void prepare_heir(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", SIZE);
	note(w, 1);
	w->op = model_put(&w->model, w->a, "op", SIZE);
	if (notes(w) != 2) {
		die("%u notes, where there should be two", notes(w));
	}
}

static void prepare_replace_noting(struct world *w)
{
	prepare(w, 3);
	model_then_value(w->op, 2, SIZE);
}
static void prepare_replace_settling(struct world *w)
{
	prepare(w, FIFO_DEFERRED);
	model_then_value(w->op, 2, SIZE);
}
static void prepare_delete_noting(struct world *w)
{
	prepare(w, 3);
	model_then_absent(w->op);
}
static void prepare_delete_settling(struct world *w)
{
	prepare(w, FIFO_DEFERRED);
	model_then_absent(w->op);
}
static void prepare_other_class_settling(struct world *w)
{
	prepare(w, FIFO_DEFERRED);
	model_then_value(w->op, 2, 700);
}
static void prepare_replace_heir(struct world *w)
{
	prepare_heir(w);
	model_then_value(w->op, 2, SIZE);
}
static void prepare_heir_to_other_class(struct world *w)
{
	prepare_heir(w);
	model_then_value(w->op, 2, 700);
}
static void prepare_delete_heir(struct world *w)
{
	prepare_heir(w);
	model_then_absent(w->op);
}

/* An integer that will be moved: one without links, in the place of a string. */
static void prepare_move_heir(struct world *w)
{
	world_populate(w);
	note(w, 1);
	w->op = model_put_int(&w->model, w->a, "op", INT_WORD_MAX + 1);
	w->op = model_put_int(&w->model, w->a, "op", INT_WORD_MAX);
	if (!inherited(w)) {
		die("an integer does not take another one's place");
	}
	model_then_int(w->op, INT_WORD_MAX + 1);
}

static void act_inc(struct world *w)
{
	struct store_key key = key_of(w->a, w->op->name);

	w->shared->status = store_increment(w->a, &key, 1, STORE_FOREVER, &w->shared->number);
}

static void act_reclaim(struct world *w)
{
	reclaim_all(w->a);
}

static void prepare_reclaim(struct world *w)
{
	prepare(w, FIFO_DEFERRED);
}

static bool noted(struct world *w) { return notes(w) == 4; }
static bool settled(struct world *w) { return notes(w) == 1; }
static bool none_left(struct world *w) { return notes(w) == 0 && world_shard(w).shard->limbo == 0; }
static bool disinherited(struct world *w)
{
	const struct shard *s = world_shard(w).shard;

	return s->deferred_count == 2 && s->deferred[1].heir == 0;
}

const struct scenario fifo_scenarios[] = {
	{"notes: replace", prepare_replace_noting, act_last_state, .raises = {RAISES(stores)}, .happened = noted},
	{"notes: replace when all are taken", prepare_replace_settling, act_last_state, .raises = {RAISES(stores)}, .happened = settled},
	{"notes: replace by another class when all are taken", prepare_other_class_settling, act_last_state,
     .raises = {RAISES(stores)}, .happened = settled},
	{"notes: delete", prepare_delete_noting, act_last_state, .raises = {RAISES(deletes)}, .happened = noted},
	{"notes: delete when all are taken", prepare_delete_settling, act_last_state, .raises = {RAISES(deletes)}, .happened = settled},
	{"notes: replace of an heir", prepare_replace_heir, act_last_state, .raises = {RAISES(stores)}, .happened = inherited},
	{"notes: replace of an heir by another class", prepare_heir_to_other_class, act_last_state, .raises = {RAISES(stores)},
     .happened = disinherited},
	{"notes: delete of an heir", prepare_delete_heir, act_last_state, .raises = {RAISES(deletes)}, .happened = disinherited},
	{"notes: move of an heir", prepare_move_heir, act_inc, .raises = {RAISES(relocations)}, .happened = inherited},
	{"notes: reclaim", prepare_reclaim, act_reclaim, .happened = none_left},
	{0},
};
