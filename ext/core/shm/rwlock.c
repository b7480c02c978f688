#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "core/shm/rwlock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* While the guard is not to be had, that is while its owner is stopped. */
#define GUARD_SLEEP_NS 10000000
/* How many dead that are one behind the other in a queue are looked for at once. */
#define REAPED_MAX 8

static void pass(const struct owner *o, enum cache_fault point)
{
	if (o->host->fault) {
		(void)o->host->fault(o->host->context, point);
	}
}

static uint64_t clock_now_ns(const struct owner *o)
{
	return o->host->monotonic_ns(o->host->context);
}

/* 0 stays "none". */
static uint64_t deadline_of(uint64_t lease_ns, uint64_t now)
{
	return lease_ns == 0 ? 0 : lease_ns > UINT64_MAX - now ? UINT64_MAX : now + lease_ns;
}

/* ---- what we hold ---------------------------------------------------------------------------------------- */

static uint64_t writer_word(const struct rwlock_holder *h)
{
	return (h->slot + 1) | (uint64_t)h->incarnation << 32;
}

/* In a forked child, or after another slot was taken, what is noted is somebody else's. */
static void check_whose(struct rwlock_holder *h)
{
	struct owner *o = h->owner;
	uint32_t incarnation = o->slot == NO_SLOT ? 0 : load_relaxed(&o->record->incarnation);

	if (likely_false(h->slot != o->slot || h->incarnation != incarnation)) {
		memset(h->holds, 0, h->top * sizeof *h->holds);
		h->top = 0;
		h->slot = o->slot;
		h->incarnation = incarnation;
	}
}

static struct rwlock_hold *find_hold(struct rwlock_holder *h, uint64_t hash)
{
	for (uint32_t i = 0; i < h->top; i++) {
		if (h->holds[i].count && h->holds[i].hash == hash) {
			return &h->holds[i];
		}
	}
	return NULL;
}

/* RWLOCK_HOLDS: there are so many. */
static uint32_t free_hold(const struct rwlock_holder *h)
{
	uint32_t i = 0;

	while (i < h->top && h->holds[i].count) {
		i++;
	}
	return i;
}

static void forget_hold(struct rwlock_holder *h, struct rwlock_hold *hold)
{
	hold->count = 0;
	while (h->top > 0 && h->holds[h->top - 1].count == 0) {
		h->top--;
	}
}

static struct rwlock_cell *cell_of(const struct rwlock_holder *h, const struct rwlock_hold *hold)
{
	return &rwlock_row(h->owner->segment, h->slot)->cells[hold - h->holds];
}

/* The writer word alone may be ours for another name that was given the same record: the token is for this hold only. */
static bool in_force(const struct rwlock_holder *h, const struct rwlock_hold *hold)
{
	const struct rwlock_record *r = rwlock_record(h->owner->segment, hold->record);

	if (hold->mode == RWLOCK_READ) {
		return load_acquire(&cell_of(h, hold)->held) == rwlock_cell_word(hold->record, hold->token);
	}
	return load_acquire(&r->writer) == writer_word(h) && load_relaxed(&r->token) == hold->token;
}

/* ---- what is in the way; all of it under the guard ------------------------------------------------------------ */

static void note_lease(struct rwlock_attempt *a, uint64_t deadline)
{
	if (deadline && (a->lease_end_ns == 0 || deadline < a->lease_end_ns)) {
		a->lease_end_ns = deadline;
	}
}

static bool writer_blocks(const struct rwlock_holder *h, struct rwlock_attempt *a, uint32_t record, uint64_t now)
{
	struct rwlock_record *r = rwlock_record(h->owner->segment, record);
	uint64_t writer = load_acquire(&r->writer), deadline = load_relaxed(&r->deadline);

	if (!rwlock_is_held(writer)) {
		return false;
	}
	if (now && deadline && deadline <= now) {
		/* Fails if it was released in this moment. */
		a->taken_over += cas(&r->writer, &writer, RWLOCK_ABANDONED);
		return rwlock_is_held(load_acquire(&r->writer));
	}
	/* We hold no such name ourselves. */
	if (now && (rwlock_writer_slot(writer) == h->slot ||
	            !rwlock_is_possible(h->owner->segment, rwlock_writer_slot(writer), (uint32_t)(writer >> 32)))) {
		return !cas(&r->writer, &writer, RWLOCK_ABANDONED) && rwlock_is_held(writer);
	}
	note_lease(a, deadline);
	return true;
}

static bool reader_blocks(const struct rwlock_holder *h, struct rwlock_attempt *a, uint32_t record, uint32_t slot, uint64_t now)
{
	const struct segment *s = h->owner->segment;
	struct rwlock_cell *cell;
	uint64_t held, deadline;

	if (now == 0) {
		return true;
	}
	/* We hold no such name ourselves. */
	cell = slot == h->slot ? NULL : rwlock_find_cell(s, slot, record);
	if (cell && rwlock_is_possible(s, slot, 0)) {
		held = load_acquire(&cell->held);
		deadline = load_relaxed(&cell->deadline);
		if (deadline == 0 || deadline > now) {
			note_lease(a, deadline);
			return true;
		}
		a->taken_over += rwlock_cell_record(held) == record && cas(&cell->held, &held, 0);
	}
	rwlock_clear(s, record, RWLOCK_READERS, slot);
	return false;
}

static bool readers_block(const struct rwlock_holder *h, struct rwlock_attempt *a, uint32_t record, uint64_t now)
{
	const struct segment *s = h->owner->segment;
	uint32_t slot = rwlock_next(s, record, RWLOCK_READERS, 0);
	bool blocks = false;

	for (; slot != RWLOCK_NONE; slot = rwlock_next(s, record, RWLOCK_READERS, slot + 1)) {
		if (reader_blocks(h, a, record, slot, now)) {
			if (now == 0) {
				return true;
			}
			blocks = true;
		}
	}
	return blocks;
}

static bool is_blocked(const struct rwlock_holder *h, struct rwlock_attempt *a, uint32_t record, uint64_t now)
{
	a->lease_end_ns = 0;
	return writer_blocks(h, a, record, now) || (a->mode == RWLOCK_WRITE && readers_block(h, a, record, now)) ||
	       rwlock_queue_blocks(h->owner, a, record, now);
}

/* ---- acquiring ------------------------------------------------------------------------------------------ */

/* Under the guard. The last store of each branch is the commit. */
static void grant(struct rwlock_holder *h, struct rwlock_attempt *a, uint32_t number, uint32_t record, uint64_t deadline)
{
	const struct segment *s = h->owner->segment;
	struct rwlock_record *r = rwlock_record(s, record);
	struct rwlock_hold *hold = &h->holds[number];

	*hold = (struct rwlock_hold){
		.hash = a->hash,
		.token = rmw_add(&rwlock_table(s)->token, 1) + 1,
		.deadline = deadline,
		.count = 1,
		.record = (uint16_t)record,
		.mode = (uint8_t)a->mode,
	};
	h->top = number < h->top ? h->top : number + 1;
	a->token = hold->token;
	store_relaxed(&r->token, hold->token);
	pass(h->owner, FAULT_BEFORE_PUBLISH);
	if (a->mode == RWLOCK_WRITE) {
		a->recovered = (load_relaxed(&r->writer) & RWLOCK_ABANDONED) != 0;
		store_relaxed(&r->deadline, deadline);
		/* Token and deadline, for those who look without the guard. Next to hold it: acquires what let_go()'s cas() releases. */
		publish(&r->writer, writer_word(h));
	} else {
		struct rwlock_cell *cell = cell_of(h, hold);
		store_relaxed(&cell->deadline, deadline);
		publish(&cell->held, rwlock_cell_word(record, hold->token));
		rmw_or(&rwlock_bits(s, record, RWLOCK_READERS)[h->slot / 64], rwlock_bit(h->slot));
	}
	pass(h->owner, FAULT_AFTER_PUBLISH);
}

/* `now` 0: without the clock, at which whatever may be in the way is. `queue`: takes a place if the attempt waits. */
static enum cache_status acquire(struct rwlock_holder *h, struct rwlock_attempt *a, uint32_t number, uint64_t now, bool queue)
{
	struct owner *o = h->owner;
	struct rwlock_table *table = rwlock_table(o->segment);
	enum cache_status status = CACHE_LOCKED;
	uint32_t record;

	a->record = RWLOCK_NONE;
	if (lock_acquire(o, &table->guard) != CACHE_OK) {
		return CACHE_LOCKED;
	}
	pass(o, FAULT_LOCKED);
	record = rwlock_find(o->segment, a->hash);
	if (record == RWLOCK_NONE) {
		record = rwlock_claim(o->segment, a->hash, a->name, a->length);
	}
	a->record = record;
	if (record == RWLOCK_NONE) {
		status = CACHE_FULL;
	} else {
		if (queue && a->waits) {
			rwlock_queue_join(o, a, record, now);
		}
		if (!is_blocked(h, a, record, now)) {
			grant(h, a, number, record, deadline_of(a->lease_ns, now));
			if (a->since) {
				rwlock_queue_leave(o);
			}
			status = CACHE_OK;
		}
	}
	lock_release_own(o, &table->guard);
	return status;
}

/* A further acquisition of what we hold: granted whoever waits, who would wait for us. */
static enum cache_status enter_again(struct rwlock_holder *h, struct rwlock_attempt *a, struct rwlock_hold *hold)
{
	struct owner *o = h->owner;
	struct rwlock_table *table = rwlock_table(o->segment);
	bool kept;

	if (hold->mode == RWLOCK_READ && a->mode == RWLOCK_WRITE) {
		return CACHE_UPGRADE;
	}
	if (hold->deadline) {
		uint64_t deadline = deadline_of(a->lease_ns, clock_now_ns(o));
		/* The guard keeps others from taking it over between the look and the store. */
		if (lock_acquire(o, &table->guard) != CACHE_OK) {
			a->record = RWLOCK_NONE;
			return CACHE_LOCKED;
		}
		kept = in_force(h, hold);
		if (kept && (deadline == 0 || deadline > hold->deadline)) {
			atomic_u64 *word = hold->mode == RWLOCK_READ ? &cell_of(h, hold)->deadline
			                                            : &rwlock_record(o->segment, hold->record)->deadline;
			store_relaxed(word, deadline);
			hold->deadline = deadline;
		}
		lock_release_own(o, &table->guard);
		if (!kept) {
			forget_hold(h, hold);
			return CACHE_MISSING;
		}
	}
	if (hold->count == UINT32_MAX) {
		return CACHE_FULL;
	}
	hold->count++;
	a->token = hold->token;
	return CACHE_OK;
}

/* Was somebody dead who was in the way? Only those who come first in the queue ask for all the readers. */
static bool reap_blockers(struct owner *o, const struct rwlock_attempt *a)
{
	const struct segment *s = o->segment;
	uint64_t writer = load_acquire(&rwlock_record(s, a->record)->writer);
	uint32_t first = rwlock_queue_first(s, a->record), slot;
	bool reaped = rwlock_is_held(writer) && owner_reap(o, rwlock_writer_slot(writer));

	if (first != RWLOCK_NONE && first != o->slot) {
		return owner_reap(o, first) || reaped;
	}
	if (a->mode == RWLOCK_WRITE) {
		slot = rwlock_next(s, a->record, RWLOCK_READERS, 0);
		for (; slot != RWLOCK_NONE; slot = rwlock_next(s, a->record, RWLOCK_READERS, slot + 1)) {
			reaped |= owner_reap(o, slot);
		}
	}
	return reaped;
}

static enum cache_status acquire_from_the_living(struct rwlock_holder *h, struct rwlock_attempt *a, uint32_t number)
{
	struct owner *o = h->owner;
	enum cache_status status = CACHE_LOCKED;

	if (a->since == 0) {
		status = acquire(h, a, number, a->lease_ns ? clock_now_ns(o) : 0, false);
	}
	for (int i = 0; i < REAPED_MAX && status != CACHE_OK; i++) {
		bool reaped;
		status = acquire(h, a, number, clock_now_ns(o), true);
		if (status == CACHE_FULL) {
			reaped = owner_reap_all(o) > 0;
		} else {
			reaped = status == CACHE_LOCKED && a->record != RWLOCK_NONE && reap_blockers(o, a);
		}
		if (!reaped) {
			break;
		}
	}
	return status;
}

enum cache_status rwlock_try(struct rwlock_holder *h, struct rwlock_attempt *a)
{
	struct rwlock_hold *hold;
	uint32_t number;

	check_whose(h);
	h->asked = true;
	hold = find_hold(h, a->hash);
	if (hold && in_force(h, hold)) {
		enum cache_status status = enter_again(h, a, hold);
		if (status != CACHE_MISSING) {
			return status;
		}
	} else if (hold) {
		forget_hold(h, hold);
	}
	number = free_hold(h);
	return number == RWLOCK_HOLDS ? CACHE_FULL : acquire_from_the_living(h, a, number);
}

/* ---- waiting -------------------------------------------------------------------------------------------- */

void rwlock_sleep(struct rwlock_holder *h, struct rwlock_attempt *a, uint64_t ns)
{
	uint64_t now = clock_now_ns(h->owner);

	ns = ns < RWLOCK_SLICE_NS ? ns : RWLOCK_SLICE_NS;
	if (a->record == RWLOCK_NONE) {
		nanosleep(&(struct timespec){.tv_nsec = ns < GUARD_SLEEP_NS ? (long)ns : GUARD_SLEEP_NS}, NULL);
		return;
	}
	if (a->lease_end_ns) {
		uint64_t left = a->lease_end_ns > now ? a->lease_end_ns - now : 0;
		ns = ns < left ? ns : left;
	}
	rwlock_queue_sleep(h->owner, a, ns);
}

void rwlock_give_up(struct rwlock_holder *h, struct rwlock_attempt *a)
{
	struct owner *o = h->owner;

	if (a->since && o->slot < rwlock_slots(o->segment)) {
		uint32_t record = rwlock_queue_leave(o);
		if (record != RWLOCK_NONE) {
			rwlock_queue_wake(o->segment, record);
		}
	}
}

/* ---- releasing: without the guard ------------------------------------------------------------------------ */

/* False: it was taken over. The first exchange is the commit. */
static bool let_go(struct rwlock_holder *h, struct rwlock_hold *hold)
{
	const struct segment *s = h->owner->segment;
	struct rwlock_record *r = rwlock_record(s, hold->record);
	uint64_t mine;

	pass(h->owner, FAULT_BEFORE_PUBLISH);
	if (hold->mode == RWLOCK_WRITE) {
		mine = writer_word(h);
		if (load_relaxed(&r->token) != hold->token || !cas(&r->writer, &mine, 0)) {
			return false;
		}
	} else {
		mine = rwlock_cell_word(hold->record, hold->token);
		if (!cas(&cell_of(h, hold)->held, &mine, 0)) {
			return false;
		}
		rwlock_clear(s, hold->record, RWLOCK_READERS, h->slot);
	}
	pass(h->owner, FAULT_AFTER_PUBLISH);
	/* The last of the readers wakes. Of two that go at once, one sees that the other's bit is gone. */
	if (hold->mode == RWLOCK_WRITE || !rwlock_any(s, hold->record, RWLOCK_READERS)) {
		rwlock_queue_wake(s, hold->record);
	}
	return true;
}

enum cache_status rwlock_release(struct rwlock_holder *h, uint64_t hash)
{
	struct rwlock_hold *hold;
	bool held;

	check_whose(h);
	hold = find_hold(h, hash);
	if (!hold) {
		return CACHE_MISSING;
	}
	if (hold->count > 1 && in_force(h, hold)) {
		hold->count--;
		return CACHE_OK;
	}
	held = hold->count == 1 && let_go(h, hold);
	forget_hold(h, hold);
	return held ? CACHE_OK : CACHE_MISSING;
}

void rwlock_release_all(struct rwlock_holder *h)
{
	uint32_t record;

	if (!h->asked) {
		return;
	}
	h->asked = false;
	check_whose(h);
	while (h->top > 0) {
		(void)let_go(h, &h->holds[h->top - 1]);
		forget_hold(h, &h->holds[h->top - 1]);
	}
	if (h->slot < rwlock_slots(h->owner->segment)) {
		record = rwlock_queue_leave(h->owner);
		if (record != RWLOCK_NONE) {
			rwlock_queue_wake(h->owner->segment, record);
		}
	}
}

/* ---- looking inside ------------------------------------------------------------------------------------- */

/* False: it belongs to another name meanwhile. */
static bool copy_name(struct rwlock_record *r, struct rwlock_info *info, uint64_t *hash)
{
	*hash = load_acquire(&r->hash);
	info->name_length = r->name_length;
	memcpy(info->name, r->name, RWLOCK_NAME_KEPT);
	read_fence();
	if (info->name_length > RWLOCK_NAME_KEPT) {
		info->name_length = RWLOCK_NAME_KEPT + (size_t)snprintf(info->name + RWLOCK_NAME_KEPT, 24, "...#%016llx",
		                                                        (unsigned long long)*hash);
	}
	return *hash != 0 && load_relaxed(&r->hash) == *hash;
}

/* The lease of all who hold it ends with the last of theirs. */
static void add_lease(struct rwlock_info *info, uint64_t deadline, uint64_t now)
{
	uint64_t left = deadline > now ? deadline - now : 0;

	info->leased = info->leased && deadline != 0;
	info->lease_left_ns = left > info->lease_left_ns ? left : info->lease_left_ns;
}

static void describe_holders(const struct segment *s, uint32_t record, struct rwlock_info *info, uint64_t now)
{
	struct rwlock_record *r = rwlock_record(s, record);
	uint32_t slot = rwlock_next(s, record, RWLOCK_READERS, 0);

	info->writer = rwlock_is_held(load_acquire(&r->writer));
	info->abandoned = load_acquire(&r->writer) == RWLOCK_ABANDONED;
	info->token = load_relaxed(&r->token);
	info->leased = true;
	if (info->writer) {
		add_lease(info, load_relaxed(&r->deadline), now);
	}
	for (; slot != RWLOCK_NONE; slot = rwlock_next(s, record, RWLOCK_READERS, slot + 1)) {
		struct rwlock_cell *cell = rwlock_find_cell(s, slot, record);
		if (cell) {
			info->readers++;
			add_lease(info, load_relaxed(&cell->deadline), now);
		}
	}
	info->leased = info->leased && (info->writer || info->readers > 0);
}

bool rwlock_describe(struct rwlock_holder *h, uint32_t record, struct rwlock_info *info)
{
	struct owner *o = h->owner;
	uint64_t hash, now = clock_now_ns(o);
	struct rwlock_hold *hold;

	memset(info, 0, sizeof *info);
	check_whose(h);
	if (!copy_name(rwlock_record(o->segment, record), info, &hash)) {
		return false;
	}
	describe_holders(o->segment, record, info, now);
	info->waiting = rwlock_queue_writer_waits(o->segment, record, now);
	hold = find_hold(h, hash);
	if (hold && in_force(h, hold)) {
		info->mine = (enum rwlock_mode)hold->mode;
		info->count = hold->count;
	}
	return info->writer || info->readers || info->abandoned || info->waiting;
}
