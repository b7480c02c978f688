#include "policies.h"

#include <stdbool.h>
#include <stdlib.h>

#include "segment.h"

#define NOBODY UINT32_MAX

/* Where an object is. Ghosts are known by name only. */
enum where { ABSENT, SMALL, MAIN, GHOST };

struct object {
	uint32_t newer, older;
	uint8_t where, frequency;
};

/* Linked through the objects: newest to oldest. */
struct queue {
	uint32_t newest, oldest;
	uint64_t weight;
};
#define EMPTY_QUEUE ((struct queue){NOBODY, NOBODY, 0})

struct cache {
	struct object *objects;
	const struct capacity *capacity;
	struct queue small, main, ghost;
};

static struct cache cache_make(const struct sequence *s, const struct capacity *capacity)
{
	struct cache c = {calloc(s->universe, sizeof *c.objects), capacity, EMPTY_QUEUE, EMPTY_QUEUE, EMPTY_QUEUE};

	if (!c.objects) {
		fail("no memory for %u objects", s->universe);
	}
	return c;
}

static uint32_t weight_of(const struct cache *c, uint32_t id)
{
	return c->capacity->weights ? c->capacity->weights[id] : 1;
}

static void push(const struct cache *c, struct queue *q, uint32_t id, enum where where)
{
	struct object *o = &c->objects[id];

	o->newer = NOBODY;
	o->older = q->newest;
	o->where = where;
	*(q->newest == NOBODY ? &q->oldest : &c->objects[q->newest].newer) = id;
	q->newest = id;
	q->weight += weight_of(c, id);
}

static void take(const struct cache *c, struct queue *q, uint32_t id)
{
	struct object *o = &c->objects[id];

	*(o->newer == NOBODY ? &q->newest : &c->objects[o->newer].older) = o->older;
	*(o->older == NOBODY ? &q->oldest : &c->objects[o->older].newer) = o->newer;
	o->where = ABSENT;
	q->weight -= weight_of(c, id);
}

/* ---- S3-FIFO -------------------------------------------------------------------------------------------- */

static uint64_t main_share(const struct cache *c)
{
	return c->capacity->total * 9 / 10;
}

static void remember(struct cache *c, uint32_t id)
{
	while (c->ghost.oldest != NOBODY && c->ghost.weight + weight_of(c, id) > main_share(c)) {
		take(c, &c->ghost, c->ghost.oldest);
	}
	if (weight_of(c, id) <= main_share(c)) {
		push(c, &c->ghost, id, GHOST);
	}
}

/* An entry goes, or one moves to main. */
static void evict_step(struct cache *c)
{
	bool from_main = c->main.weight > main_share(c) || c->small.oldest == NOBODY;
	uint32_t id = from_main ? c->main.oldest : c->small.oldest;
	struct object *o = &c->objects[id];

	take(c, from_main ? &c->main : &c->small, id);
	if (o->frequency > 0) {
		o->frequency = from_main ? o->frequency - 1 : 0;
		push(c, &c->main, id, MAIN);
	} else if (!from_main) {
		remember(c, id);
	}
}

static bool s3_fifo_request(struct cache *c, uint32_t id)
{
	struct object *o = &c->objects[id];
	bool known = o->where == GHOST;

	if (o->where == SMALL || o->where == MAIN) {
		o->frequency += o->frequency < 3;
		return true;
	}
	if (known) {
		take(c, &c->ghost, id);
	}
	if (weight_of(c, id) <= c->capacity->total) {
		while (c->small.weight + c->main.weight + weight_of(c, id) > c->capacity->total) {
			evict_step(c);
		}
		o->frequency = 0;
		push(c, known ? &c->main : &c->small, id, known ? MAIN : SMALL);
	}
	return false;
}

size_t s3_fifo_hits(const struct sequence *s, const struct capacity *capacity)
{
	struct cache c = cache_make(s, capacity);
	size_t hits = 0;

	for (size_t i = 0; i < s->length; i++) {
		hits += s3_fifo_request(&c, s->objects[i]);
	}
	free(c.objects);
	return hits;
}

/* ---- LRU ------------------------------------------------------------------------------------------------ */

static bool lru_request(struct cache *c, uint32_t id)
{
	bool hit = c->objects[id].where == MAIN;

	if (hit) {
		take(c, &c->main, id);
	}
	if (weight_of(c, id) <= c->capacity->total) {
		while (c->main.weight + weight_of(c, id) > c->capacity->total) {
			take(c, &c->main, c->main.oldest);
		}
		push(c, &c->main, id, MAIN);
	}
	return hit;
}

size_t lru_hits(const struct sequence *s, const struct capacity *capacity)
{
	struct cache c = cache_make(s, capacity);
	size_t hits = 0;

	for (size_t i = 0; i < s->length; i++) {
		hits += lru_request(&c, s->objects[i]);
	}
	free(c.objects);
	return hits;
}
