/*
 * Who waits for a named lock, in which order, and asleep.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <limits.h>

#include "core/shm/futex.h"
#include "core/shm/rwlock.h"

/*
 * One futex for a record, but only those are woken whose turn it is: writers sleep with a bit of their own, readers share
 * one. 31 bits for all writers: now and then one is woken in vain.
 */
#define READERS_ASLEEP (UINT32_C(1) << 31)
#define WRITER_ASLEEP(slot) (UINT32_C(1) << (slot) % 31)

static uint64_t waiting_word(uint32_t record, enum rwlock_mode mode) { return (record + 1) | (uint64_t)mode << 16; }
static bool waits_for(uint64_t word, uint32_t record) { return (word & 0xffff) == record + 1; }
static bool waits_to_write(uint64_t word) { return (word >> 16) == RWLOCK_WRITE; }

void rwlock_queue_join(struct owner *o, struct rwlock_attempt *a, uint32_t record, uint64_t now)
{
	const struct segment *s = o->segment;
	struct rwlock_row *row = rwlock_row(s, o->slot);

	if (a->since == 0) {
		a->since = rmw_add(&rwlock_table(s)->places, 1) + 1;
	}
	/* A signal handler that waited for another lock may have had the row meanwhile, so that all of it is written. */
	if (!waits_for(load_relaxed(&row->waiting), record)) {
		rwlock_queue_leave(o);
	}
	store_relaxed(&row->since, a->since);
	store_relaxed(&row->until, now + RWLOCK_PLACE_NS);
	publish(&row->waiting, waiting_word(record, a->mode));
	/* Whoever lets go first changes what we look at next, then looks for this bit: one of the two sees the other. */
	rmw_or(&rwlock_bits(s, record, RWLOCK_WAITERS)[o->slot / 64], rwlock_bit(o->slot));
	rmw_fence();
	a->event = load_acquire(&rwlock_record(s, record)->event);
}

uint32_t rwlock_queue_leave(struct owner *o)
{
	struct rwlock_row *row = rwlock_row(o->segment, o->slot);
	uint32_t record = (uint32_t)(load_relaxed(&row->waiting) & 0xffff) - 1;

	if (record >= RWLOCK_RECORDS) {
		return RWLOCK_NONE;
	}
	publish(&row->waiting, 0);
	rwlock_clear(o->segment, record, RWLOCK_WAITERS, o->slot);
	return record;
}

bool rwlock_queue_blocks(struct owner *o, const struct rwlock_attempt *a, uint32_t record, uint64_t now)
{
	const struct segment *s = o->segment;
	uint32_t slot = rwlock_next(s, record, RWLOCK_WAITERS, 0);

	for (; slot != RWLOCK_NONE; slot = rwlock_next(s, record, RWLOCK_WAITERS, slot + 1)) {
		struct rwlock_row *row = rwlock_row(s, slot);
		uint64_t word = load_acquire(&row->waiting);
		if (slot == o->slot) {
			continue;
		}
		if (!waits_for(word, record) || (now && load_relaxed(&row->until) <= now)) {
			/* A waiter sets its bit under the guard, which is ours. */
			rwlock_clear(s, record, RWLOCK_WAITERS, slot);
			continue;
		}
		if ((a->mode == RWLOCK_WRITE || waits_to_write(word)) && (a->since == 0 || load_relaxed(&row->since) < a->since)) {
			return true;
		}
	}
	return false;
}

uint32_t rwlock_queue_first(const struct segment *s, uint32_t record)
{
	uint32_t first = RWLOCK_NONE, slot = rwlock_next(s, record, RWLOCK_WAITERS, 0);
	uint64_t earliest = UINT64_MAX;

	for (; slot != RWLOCK_NONE; slot = rwlock_next(s, record, RWLOCK_WAITERS, slot + 1)) {
		struct rwlock_row *row = rwlock_row(s, slot);
		if (waits_for(load_acquire(&row->waiting), record) && load_relaxed(&row->since) < earliest) {
			earliest = load_relaxed(&row->since);
			first = slot;
		}
	}
	return first;
}

bool rwlock_queue_writer_waits(const struct segment *s, uint32_t record, uint64_t now)
{
	uint32_t slot = rwlock_next(s, record, RWLOCK_WAITERS, 0);

	for (; slot != RWLOCK_NONE; slot = rwlock_next(s, record, RWLOCK_WAITERS, slot + 1)) {
		struct rwlock_row *row = rwlock_row(s, slot);
		uint64_t word = load_acquire(&row->waiting);
		if (waits_for(word, record) && waits_to_write(word) && load_relaxed(&row->until) > now) {
			return true;
		}
	}
	return false;
}

void rwlock_queue_wake(const struct segment *s, uint32_t record)
{
	struct rwlock_record *r = rwlock_record(s, record);
	uint32_t who = FUTEX_ALL, first;

	rmw_fence(); /* what was let go, then the bits; rwlock_queue_join(): its bit, then what is held */
	if (!rwlock_any(s, record, RWLOCK_WAITERS)) {
		return;
	}
	first = rwlock_queue_first(s, record);
	if (first != RWLOCK_NONE) {
		who = waits_to_write(load_relaxed(&rwlock_row(s, first)->waiting)) ? WRITER_ASLEEP(first) : READERS_ASLEEP;
	}
	rmw_add(&r->event, 1);
	if (futex_wake(&r->event, INT_MAX, who) == 0) {
		(void)futex_wake(&r->event, INT_MAX, FUTEX_ALL); /* it may be dead: the others see to it */
	}
}

void rwlock_queue_sleep(struct owner *o, const struct rwlock_attempt *a, uint64_t ns)
{
	struct rwlock_record *r = rwlock_record(o->segment, a->record);

	futex_sleep(&r->event, a->event, a->mode == RWLOCK_WRITE ? WRITER_ASLEEP(o->slot) : READERS_ASLEEP, ns);
}
