/*
 * Does the checker of histories see what it should? Short histories that have an explanation or have none, and random ones of an
 * engine that is sound, or has one seeded fault.
 *
 * usage: linear_test
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linear.h"

#define OPS_MAX 8
#define OP(who, from, to, what, ...)                                                    \
	{                                                                                   \
		.process = who, .invoked = from, .returned = to, .kind = OP_##what, __VA_ARGS__ \
	}
#define KILLED .fate = FATE_UNKNOWN, .killed = 90

struct history {
	const char *name;
	bool sound, evicting;
	struct operation operations[OPS_MAX];
	struct linear_death death; /* when 0: nobody dies */
};

static const struct history histories[] = {
	{"increments that overlap",
     true,
     false,
     {OP(0, 0, 30, INCREMENT, .a = 1, .ok = true, .value = 2), OP(1, 5, 25, INCREMENT, .a = 1, .ok = true, .value = 1)},
     {0}},
	{"lost increment",
     false,
     false,
     {OP(0, 0, 30, INCREMENT, .a = 1, .ok = true, .value = 1), OP(1, 5, 25, INCREMENT, .a = 1, .ok = true, .value = 1)},
     {0}},
	{"lost increment that a read shows",
     false,
     false,
     {OP(0, 0, 10, INCREMENT, .a = 1, .ok = true, .value = 1), OP(1, 20, 30, INCREMENT, .a = 1, .ok = true, .value = 2),
      OP(0, 40, 50, GET, .ok = true, .value = 1, .is_integer = true)},
     {0}},
	{"increment of what was marked before",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true, .is_integer = true), OP(1, 20, 30, MARK, .ok = true),
      OP(0, 40, 50, INCREMENT, .a = 1, .ok = true, .value = 6)},
     {0}},
	{"increment that a look shows after its value was marked",
     true,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true, .is_integer = true), OP(0, 15, 90, INCREMENT, .a = 1, .ok = true, .value = 6),
      OP(1, 20, 30, MARK, .ok = true), OP(1, 40, 50, LOOK, .ok = true, .value = 5, .is_integer = true),
      OP(1, 92, 99, LOOK, .ok = true, .value = 6, .is_integer = true)},
     {0}},
	{"read beside a put",
     true,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 50, PUT, .a = 6, .ok = true),
      OP(1, 30, 60, GET, .ok = true, .value = 5)},
     {0}},
	{"stale read",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, PUT, .a = 6, .ok = true),
      OP(1, 40, 50, GET, .ok = true, .value = 5)},
     {0}},
	{"read of what is to come",
     false,
     false,
     {OP(0, 0, 10, GET, .ok = true, .value = 6), OP(1, 20, 30, PUT, .a = 6, .ok = true)},
     {0}},
	{"read of what nobody wrote",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, GET, .ok = true, .value = 7)},
     {0}},
	{"resurrected delete",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, DELETE, .ok = true),
      OP(1, 40, 50, GET, .ok = true, .value = 5)},
     {0}},
	{"gone, and there again, beside one delete",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 90, DELETE, .ok = true), OP(1, 30, 40, GET, .ok = false),
      OP(1, 50, 60, GET, .ok = true, .value = 5)},
     {0}},
	{"two compare-and-swaps of one value",
     false,
     false,
     {OP(0, 0, 10, PUT_INTEGER, .a = 1, .ok = true, .is_integer = true), OP(0, 20, 40, CAS, .a = 1, .b = 2, .ok = true),
      OP(1, 25, 45, CAS, .a = 1, .b = 3, .ok = true)},
     {0}},
	{"two adds", false, false, {OP(0, 0, 10, ADD, .a = 1, .ok = true), OP(1, 5, 15, ADD, .a = 2, .ok = true)}, {0}},
	{"put_if with a token that is in force",
     true,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, GETS, .ok = true, .value = 5, .token = 77),
      OP(0, 40, 50, PUT_IF, .a = 6, .ok = true, .token = 77)},
     {0}},
	{"put_if with a token that is not",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, GETS, .ok = true, .value = 5, .token = 77),
      OP(1, 40, 50, PUT, .a = 6, .ok = true), OP(0, 60, 70, PUT_IF, .a = 7, .ok = true, .token = 77)},
     {0}},
	{"delete_if after an increment",
     false,
     false,
     {OP(0, 0, 10, INCREMENT, .a = 1, .ok = true, .value = 1),
      OP(0, 20, 30, GETS, .ok = true, .value = 1, .is_integer = true, .token = 7),
      OP(1, 40, 50, INCREMENT, .a = 1, .ok = true, .value = 2), OP(0, 60, 70, DELETE_IF, .ok = true, .token = 7)},
     {0}},
	{"mark undone by a touch of the old stamp",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .b = 100, .ok = true), OP(1, 20, 30, MARK, .ok = true),
      OP(0, 40, 50, TOUCH, .a = 100, .b = 110, .ok = true)},
     {0}},
	{"touch beside a mark",
     true,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .b = 100, .ok = true), OP(1, 20, 50, MARK, .ok = true),
      OP(0, 30, 60, TOUCH, .a = 100, .b = 110, .ok = true),
      OP(0, 70, 80, GET_ENTRY, .ok = true, .value = 5, .stamp = -7)},
     {0}},
	{"two leases", false, false, {OP(0, 0, 10, ASK, .lease = 1), OP(1, 20, 30, ASK, .lease = 2)}, {0}},
	{"lease after a release",
     true,
     false,
     {OP(0, 0, 10, ASK, .lease = 1), OP(0, 20, 30, RELEASE, .lease = 1, .ok = true), OP(1, 40, 50, ASK, .lease = 2)},
     {0}},
	{"lease of a dead one taken over",
     true,
     false,
     {OP(0, 0, 10, ASK, .lease = 1), OP(1, 40, 50, ASK, .lease = 2)},
     {20, 0}},
	{"lease refused though nobody has it", false, false, {OP(0, 0, 10, LEASED, .ok = true)}, {0}},
	{"commit after a delete",
     false,
     false,
     {OP(0, 0, 10, ASK, .lease = 1), OP(1, 20, 30, DELETE, .ok = false),
      OP(0, 40, 50, COMMIT, .a = 5, .lease = 1, .ok = true)},
     {0}},
	{"lock word lost in a put",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, CAS_LOCK, .a = 0, .b = 9, .ok = true),
      OP(1, 40, 50, PUT, .a = 6, .ok = true), OP(0, 60, 70, GET_LOCK, .ok = true, .value = 0)},
     {0}},
	{"put of one who was killed, done",
     true,
     false,
     {OP(0, 0, 100, PUT, .a = 5, KILLED), OP(1, 120, 130, GET, .ok = true, .value = 5)},
     {90, 0}},
	{"put of one who was killed, not done",
     true,
     false,
     {OP(0, 0, 100, PUT, .a = 5, KILLED), OP(1, 120, 130, GET, .ok = false)},
     {90, 0}},
	{"put of a dead one that comes to light late",
     false,
     false,
     {OP(0, 0, 100, PUT, .a = 5, KILLED), OP(1, 120, 130, GET, .ok = false),
      OP(1, 140, 150, GET, .ok = true, .value = 5)},
     {90, 0}},
	{"loss of an entry", false, false, {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, GET, .ok = false)}, {0}},
	{"eviction", true, true, {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, GET, .ok = false)}, {0}},
	{"eviction undone",
     false,
     true,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, GET, .ok = false),
      OP(0, 40, 50, GET, .ok = true, .value = 5)},
     {0}},
	{"increment of a string",
     false,
     false,
     {OP(0, 0, 10, PUT, .a = 5, .ok = true), OP(0, 20, 30, INCREMENT, .a = 1, .ok = true, .value = 6)},
     {0}},
};

static int failures;

static void say(bool good, const char *format, const char *name)
{
	printf("%s - linear_test: ", good ? "ok" : "not ok");
	printf(format, name);
	printf("\n");
	failures += !good;
}

static bool is_accepted(const struct operation *operations, size_t count, const struct linear_death *death,
                        bool evicting)
{
	const struct linear_options options = {.evicting = evicting};
	struct linear_verdict verdict;

	linear_check(operations, count, death, death && death->when ? 1 : 0, &options, &verdict);
	return verdict.ok;
}

static void check_short_ones(void)
{
	for (size_t i = 0; i < sizeof histories / sizeof histories[0]; i++) {
		const struct history *h = &histories[i];
		size_t count = 0;
		while (count < OPS_MAX && h->operations[count].returned != 0) {
			count++;
		}
		say(is_accepted(h->operations, count, &h->death, h->evicting) == h->sound,
		    h->sound ? "accepted: %s" : "rejected: %s", h->name);
	}
}

/* ---- random ones ----------------------------------------------------------------------------------------- */

enum seeded { SOUND, LOST_INCREMENT, STALE_READ, RESURRECTED_DELETE, DOUBLE_CAS, SEEDED };
static const char *const seeded_names[] = {"sound ones", "a lost increment", "a stale read", "a resurrected delete",
                                           "a double compare-and-swap"};

#define LENGTH 120
#define ROUNDS 400

struct engine {
	bool present, had;
	int64_t value, before; /* before the last change */
	int64_t values[8];     /* a ring */
	unsigned changes;
};

static uint64_t state;
static uint64_t roll(uint64_t below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (state >> 33) % below;
}

static void change(struct engine *e, int64_t value)
{
	e->before = e->value;
	e->had = e->present;
	e->present = true;
	e->value = value;
	e->values[e->changes++ % 8] = value;
}

/* At its instant; with the fault, if that is what happens here. True: it did. */
static bool happen(struct engine *e, struct operation *o, enum seeded fault)
{
	switch (o->kind) {
	case OP_GET:
		o->ok = e->present;
		o->value = e->value;
		/* So old that none of what wrote it is still under way. */
		if (fault == STALE_READ && e->present && e->changes >= 8) {
			o->value = e->values[e->changes % 8];
			return true;
		}
		return false;
	case OP_DELETE:
		o->ok = e->present;
		if (fault == RESURRECTED_DELETE && e->present) {
			return true;
		}
		e->present = e->had = false;
		return false;
	case OP_CAS:
		o->a = e->value;
		o->b = e->value + 1 + (int64_t)roll(3);
		if (fault == DOUBLE_CAS && e->present && e->had && e->before != e->value) {
			o->a = e->before;
			o->ok = true;
			change(e, o->b);
			return true;
		}
		o->ok = e->present;
		if (o->ok) {
			change(e, o->b);
		}
		return false;
	default:
		o->ok = true;
		o->a = 1;
		o->value = e->present ? e->value + 1 : 1;
		if (fault == LOST_INCREMENT && e->present) {
			return true; /* answered, and not done */
		}
		change(e, o->value);
		return false;
	}
}

/* Of 4 processes. An operation begins up to two instants before it happens, and returns up to two after it: so it overlaps some. */
static bool make_history(struct operation *operations, enum seeded fault)
{
	static const enum operation_kind kinds[] = {OP_GET, OP_GET, OP_DELETE, OP_CAS, OP_INCREMENT, OP_INCREMENT};
	struct engine engine = {.present = false};
	uint64_t free_from[4] = {0};
	bool done = false;

	for (size_t i = 0; i < LENGTH; i++) {
		uint64_t instant = 100 * (i + 1), earliest;
		struct operation *o = &operations[i];
		*o = (struct operation){.process = (uint8_t)(i % 4), .kind = (uint8_t)kinds[roll(6)], .is_integer = true};
		done |= happen(&engine, o, !done && i > LENGTH / 4 ? fault : SOUND);
		earliest = free_from[o->process];
		o->invoked = instant - roll(250);
		o->invoked = o->invoked < earliest || o->invoked > instant ? earliest : o->invoked;
		o->returned = instant + 1 + roll(250);
		free_from[o->process] = o->returned + 1;
	}
	return done;
}

static void check_random_ones(enum seeded fault)
{
	static struct operation operations[LENGTH];
	unsigned rejected = 0, seeded = 0;
	char text[120];

	for (unsigned i = 0; i < ROUNDS; i++) {
		bool has = make_history(operations, fault) || fault == SOUND;
		seeded += has;
		rejected += has && !is_accepted(operations, LENGTH, NULL, false);
	}
	/* A fault that nobody sees before the next write, or that could be another order, is none in the history. */
	snprintf(text, sizeof text, "%u of %u random histories with %s rejected", rejected, seeded, seeded_names[fault]);
	say(fault == SOUND ? rejected == 0 : seeded >= ROUNDS / 2 && rejected >= seeded * 6 / 10, "%s", text);
}

int main(void)
{
	state = 42;
	check_short_ones();
	for (int fault = SOUND; fault < SEEDED; fault++) {
		check_random_ones((enum seeded)fault);
	}
	return failures != 0;
}
