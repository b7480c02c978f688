#define _GNU_SOURCE
#include "linear_model.h"

#include <string.h>

/* Longer than anybody waits for a lock, almost: it may have failed for that. */
#define SLOW_NS UINT64_C(90000000)

/* What it would do, and answer, if it happened now. */
struct effect {
	bool ok;
	bool voids; /* ends the lease first, whatever comes of it */
	struct key_model next;
};

static bool is_fresh(const struct key_model *m)
{
	return m->present && m->fresh;
}

static void end_lease(struct key_model *m)
{
	m->lease = 0;
	m->lease_process = m->lease_loose = m->lease_outdated = 0;
}

static void remove_entry(struct key_model *m)
{
	struct key_model gone = {.lease = m->lease, .lease_process = m->lease_process, .lease_loose = m->lease_loose};

	*m = gone;
}

/* A new version. The lock word survives. */
static void store_value(struct key_model *m, int64_t value, int64_t stamp, bool is_integer)
{
	m->present = m->fresh = 1;
	m->marked = 0;
	m->brief = 0;
	m->is_integer = is_integer;
	m->value = value;
	m->stamp = stamp;
	m->token = 0;
	end_lease(m);
}

static void count_up(struct key_model *m, int64_t value)
{
	m->value = value;
	m->token = 0; /* an integer's token is one of its value, too */
	m->lease_outdated = m->lease != 0;
}

static void effect_of_store(const struct key_model *m, const struct operation *o, struct effect *e)
{
	switch (o->kind) {
	case OP_ADD:
		e->ok = !is_fresh(m);
		break;
	case OP_PUT_IF:
		e->ok = o->token == 0 ? !is_fresh(m) : m->present && m->token == o->token;
		break;
	case OP_COMMIT:
		e->ok = m->lease != 0 && (m->lease == o->lease) && !(m->present && m->lease_outdated);
		break;
	default:
		e->ok = true;
	}
	/* Who is refused a commit for what was counted meanwhile gives his lease back. */
	e->voids = e->ok || (o->kind == OP_COMMIT && m->lease != 0 && m->lease == o->lease);
	if (e->ok) {
		store_value(&e->next, o->a, o->b, o->is_integer);
	}
}

static void effect_of_integer(const struct key_model *m, const struct operation *o, struct effect *e)
{
	if (o->kind == OP_INCREMENT && !is_fresh(m)) {
		e->ok = true;
		e->voids = true;
		store_value(&e->next, o->a, 0, true);
		e->next.brief = 1;
	} else if (o->kind == OP_INCREMENT) {
		e->ok = m->is_integer;
		if (e->ok) {
			count_up(&e->next, m->value + o->a);
		}
	} else {
		e->ok = is_fresh(m) && m->is_integer && m->value == o->a;
		if (e->ok) {
			count_up(&e->next, o->b);
		}
	}
}

static void effect_of_ask(const struct key_model *m, const struct operation *o, struct effect *e)
{
	e->ok = m->present;
	if (!is_fresh(m) && (m->lease == 0 || m->lease_loose)) {
		end_lease(&e->next);
		e->next.lease = o->fate == FATE_UNKNOWN ? LEASE_UNKNOWN : o->lease;
		e->next.lease_process = o->process;
		e->next.lease_loose = o->killed != 0;
	}
}

static void effect_of(const struct key_model *m, const struct operation *o, struct effect *e)
{
	memset(e, 0, sizeof *e);
	e->next = *m;
	switch (o->kind) {
	case OP_GET:
	case OP_EXISTS:
	case OP_GETS:
		e->ok = is_fresh(m);
		break;
	case OP_GET_ENTRY:
	case OP_GET_TOKEN:
	case OP_GET_LOCK:
	case OP_LOOK:
		e->ok = m->present;
		break;
	case OP_PUT:
	case OP_PUT_INTEGER:
	case OP_ADD:
	case OP_PUT_IF:
	case OP_COMMIT:
		effect_of_store(m, o, e);
		break;
	case OP_DELETE:
	case OP_DELETE_IF:
		e->ok = m->present && (o->kind == OP_DELETE || m->token == o->token) && (o->kind == OP_DELETE || o->token != 0);
		e->voids = e->ok || o->kind == OP_DELETE;
		if (e->ok) {
			remove_entry(&e->next);
		}
		break;
	case OP_INCREMENT:
	case OP_CAS:
		effect_of_integer(m, o, e);
		break;
	case OP_TOUCH:
		e->ok = m->present && (m->stamp == o->a || (m->stamp == 0 && !m->fresh && o->a < 0));
		if (e->ok) {
			e->next.stamp = o->b;
			e->next.fresh = 1;
			e->next.marked = 0;
		}
		break;
	case OP_MARK:
		e->ok = m->present;
		e->voids = true;
		if (e->ok && m->brief) {
			remove_entry(&e->next);
		} else if (e->ok) {
			e->next.fresh = 0;
			e->next.stamp = 0;
			e->next.token = 0;
			e->next.marked = o->returned;
		}
		break;
	case OP_CAS_LOCK:
		e->ok = m->present && m->lock == o->a;
		if (e->ok) {
			e->next.lock = o->b;
		}
		break;
	case OP_ASK:
		effect_of_ask(m, o, e);
		break;
	case OP_LEASED:
		e->ok = m->lease != 0;
		break;
	case OP_RELEASE:
		e->ok = m->lease != 0 && m->lease == o->lease;
		e->voids = e->ok;
		break;
	}
	if (e->voids) {
		end_lease(&e->next);
	}
}

/* Is the rest of the answer right, too? What it tells for the first time is known from then on. */
static bool answer_fits(const struct key_model *m, const struct operation *o, struct effect *e)
{
	bool shows = o->kind == OP_GET || o->kind == OP_GETS || o->kind == OP_GET_ENTRY || o->kind == OP_GET_TOKEN ||
	             o->kind == OP_LOOK || o->kind == OP_ASK;

	if (shows && o->ok && (m->value != o->value || m->is_integer != o->is_integer)) {
		return false;
	}
	if ((o->kind == OP_GET_ENTRY || o->kind == OP_LOOK || o->kind == OP_ASK) && o->ok && m->fresh != o->fresh) {
		return false;
	}
	if ((o->kind == OP_GETS || o->kind == OP_GET_TOKEN) && o->ok) {
		if (m->token != 0 && m->token != o->token) {
			return false;
		}
		e->next.token = o->token;
	}
	if (o->kind == OP_GET_ENTRY && o->ok) {
		if ((m->stamp != 0 && m->stamp != o->stamp) || (o->stamp < 0) == m->fresh) {
			return false;
		}
		e->next.stamp = o->stamp;
	}
	if (o->kind == OP_GET_LOCK && o->ok && m->lock != o->value) {
		return false;
	}
	if (o->kind == OP_INCREMENT && o->ok && e->next.value != o->value) {
		return false;
	}
	/* Granted exactly where one is needed and none in force; who is refused is told so by OP_LEASED. */
	return o->kind != OP_ASK || (e->next.lease != m->lease || m->lease_loose ? o->lease : 0) == o->lease;
}

/*
 * It was fresh when it was looked at, and its word is exchanged after somebody has marked it: then the stale value is counted up, and
 * stays stale. (Its word is not what makes it stale: that may be the clock.) False: it had to see the mark.
 */
static bool changes_stale_integer(const struct key_model *m, const struct operation *o, struct key_model *next)
{
	if ((o->kind != OP_INCREMENT && o->kind != OP_CAS) || !m->present || m->fresh || !m->is_integer || o->invoked > m->marked ||
	    (o->kind == OP_CAS && m->value != o->a)) {
		return false;
	}
	*next = *m;
	count_up(next, o->kind == OP_CAS ? o->b : m->value + o->a);
	return true;
}

static int apply_known(const struct key_model *m, const struct operation *o, struct key_model next[MODEL_NEXT_MAX])
{
	struct effect e;
	int count = 0;

	effect_of(m, o, &e);
	if (e.ok == o->ok && answer_fits(m, o, &e)) {
		next[count++] = e.next;
	}
	if (o->ok && changes_stale_integer(m, o, &next[count]) && (o->kind == OP_CAS || next[count].value == o->value)) {
		count++;
	}
	/* A mark's time that nobody has seen may be another one than is expected. */
	if (o->kind == OP_TOUCH && !o->ok && e.ok && m->stamp == 0) {
		next[count++] = *m;
	}
	/* What a dead one had may be void by now, if nobody was told so. */
	if (m->lease_loose && m->lease != 0 && (o->kind == OP_COMMIT || o->kind == OP_LEASED) && !o->ok) {
		next[count] = *m;
		end_lease(&next[count++]);
	}
	return count;
}

/* That it did not happen at all is not among them. */
static int apply_unknown(const struct key_model *m, const struct operation *o, struct key_model next[MODEL_NEXT_MAX])
{
	struct effect e;
	int count = 0;

	effect_of(m, o, &e);
	next[count++] = e.next;
	/* Killed between the end of the lease and its commit. */
	if (e.voids && m->lease != 0) {
		next[count] = *m;
		end_lease(&next[count++]);
	}
	if (changes_stale_integer(m, o, &next[count])) {
		count++;
	}
	/* A write that fails for a lock leaves no wrong data. */
	if (o->returned - o->invoked >= SLOW_NS && m->present) {
		next[count] = *m;
		remove_entry(&next[count]);
		end_lease(&next[count++]);
	}
	return count;
}

int model_apply(const struct key_model *m, const struct operation *o, struct key_model next[MODEL_NEXT_MAX])
{
	return o->fate == FATE_KNOWN ? apply_known(m, o, next) : apply_unknown(m, o, next);
}
