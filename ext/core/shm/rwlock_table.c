#include "core/shm/rwlock.h"

#include <string.h>

/* Far from overflowing as PHP's int, and farther from where tokens begin. */
#define TOKEN_MAX (UINT64_C(1) << 54)

uint32_t rwlock_next(const struct segment *s, uint32_t record, enum rwlock_bits which, uint32_t slot)
{
	const atomic_u64 *bits = rwlock_bits(s, record, which);
	uint32_t used = rwlock_slots_used(s);

	while (slot < used) {
		uint64_t word = load_acquire(&bits[slot / 64]) >> slot % 64;
		if (word) {
			slot += (uint32_t)__builtin_ctzll(word);
			return slot < used ? slot : RWLOCK_NONE;
		}
		slot = (slot / 64 + 1) * 64;
	}
	return RWLOCK_NONE;
}

struct rwlock_cell *rwlock_find_cell(const struct segment *s, uint32_t slot, uint32_t record)
{
	struct rwlock_row *row = rwlock_row(s, slot);

	for (uint32_t i = 0; i < RWLOCK_HOLDS; i++) {
		if (rwlock_cell_record(load_acquire(&row->cells[i].held)) == record) {
			return &row->cells[i];
		}
	}
	return NULL;
}

/* ---- records of names ----------------------------------------------------------------------------------- */

uint32_t rwlock_find(const struct segment *s, uint64_t hash)
{
	uint32_t reach = load_relaxed(&rwlock_table(s)->reach);

	for (uint32_t i = 0; i <= reach && i < RWLOCK_RECORDS; i++) {
		uint32_t record = (uint32_t)(hash + i) % RWLOCK_RECORDS;
		if (load_acquire(&rwlock_record(s, record)->hash) == hash) {
			return record;
		}
	}
	return RWLOCK_NONE;
}

static bool in_use(const struct segment *s, uint32_t record)
{
	return rwlock_is_held(load_acquire(&rwlock_record(s, record)->writer)) || rwlock_any(s, record, RWLOCK_READERS) ||
	       rwlock_any(s, record, RWLOCK_WAITERS);
}

static void give(const struct segment *s, uint32_t record, uint64_t hash, const char *name, size_t length)
{
	struct rwlock_record *r = rwlock_record(s, record);

	store_relaxed(&r->hash, 0);
	write_fence(); /* copy_name() reads the name, fences, and looks at the hash again */
	store_relaxed(&r->writer, 0);
	store_relaxed(&r->token, 0);
	r->name_length = (uint32_t)length;
	memcpy(r->name, name, length < RWLOCK_NAME_KEPT ? length : RWLOCK_NAME_KEPT);
	publish(&r->hash, hash);
}

uint32_t rwlock_claim(const struct segment *s, uint64_t hash, const char *name, size_t length)
{
	struct rwlock_table *table = rwlock_table(s);
	uint32_t found = RWLOCK_NONE, distance = 0;
	uint64_t oldest = UINT64_MAX;

	for (uint32_t i = 0; i < RWLOCK_RECORDS; i++) {
		uint32_t record = (uint32_t)(hash + i) % RWLOCK_RECORDS;
		struct rwlock_record *r = rwlock_record(s, record);
		bool named = load_relaxed(&r->hash) != 0;
		if (named && in_use(s, record)) {
			continue;
		}
		if (!named || load_relaxed(&r->writer) == 0) {
			found = record;
			distance = i;
			break;
		}
		if (load_relaxed(&r->token) < oldest) {
			oldest = load_relaxed(&r->token);
			found = record;
			distance = i;
		}
	}
	if (found != RWLOCK_NONE) {
		if (load_relaxed(&table->reach) < distance) {
			store_relaxed(&table->reach, distance);
		}
		give(s, found, hash, name, length);
	}
	return found;
}

/* ---- the whole table ------------------------------------------------------------------------------------ */

void rwlock_format(const struct segment *s)
{
	store_relaxed(&rwlock_table(s)->token, (uint64_t)s->superblock->created_us);
}

/* Did somebody die holding it, or before? Whoever is named is dead; nonsense names nobody. */
static bool is_abandoned(const struct segment *s, const struct rwlock_record *r)
{
	uint64_t writer = load_relaxed(&r->writer);
	bool plausible = (writer & 0xffff0000) == 0 && rwlock_writer_slot(writer) < rwlock_slots(s);

	return load_relaxed(&r->hash) != 0 && (writer == RWLOCK_ABANDONED || (rwlock_is_held(writer) && plausible));
}

/* Keeps the name of an abandoned one. */
static void reset_record(const struct segment *s, uint32_t record)
{
	struct rwlock_table *table = rwlock_table(s);
	struct rwlock_record *r = rwlock_record(s, record);
	atomic_u64 *bits = rwlock_bits(s, record, RWLOCK_READERS);
	bool abandoned = is_abandoned(s, r);
	uint32_t distance = (record - (uint32_t)load_relaxed(&r->hash)) % RWLOCK_RECORDS;

	/* Those for waiters follow. */
	for (uint32_t i = 0; i < 2 * rwlock_words(s->geometry.participants); i++) {
		store_relaxed(&bits[i], 0);
	}
	store_relaxed(&r->writer, abandoned ? RWLOCK_ABANDONED : 0);
	store_relaxed(&r->deadline, 0);
	if (!abandoned) {
		store_relaxed(&r->hash, 0);
	} else if (distance > load_relaxed(&table->reach)) {
		store_relaxed(&table->reach, distance);
	}
}

void rwlock_reset(const struct segment *s)
{
	struct rwlock_table *table = rwlock_table(s);
	uint64_t highest = (uint64_t)s->superblock->created_us;

	store_relaxed(&table->guard.word, 0);
	store_relaxed(&table->reach, 0);
	store_relaxed(&table->places, 0);
	for (uint32_t i = 0; i < RWLOCK_RECORDS; i++) {
		uint64_t token = load_relaxed(&rwlock_record(s, i)->token);
		reset_record(s, i);
		if (token > highest && token <= TOKEN_MAX) {
			highest = token;
		}
	}
	if (load_relaxed(&table->token) < highest || load_relaxed(&table->token) > TOKEN_MAX) {
		store_relaxed(&table->token, highest);
	}
	for (uint32_t slot = 0; slot < rwlock_slots_used(s); slot++) {
		memset(rwlock_row(s, slot), 0, sizeof(struct rwlock_row));
	}
}

/* ---- recovery ------------------------------------------------------------------------------------------- */

static void recover_record(const struct segment *s, uint32_t record, uint32_t dead)
{
	struct rwlock_record *r = rwlock_record(s, record);
	uint64_t bit = rwlock_bit(dead), writer = load_acquire(&r->writer);
	bool changed = false;

	for (int which = RWLOCK_READERS; which <= RWLOCK_WAITERS; which++) {
		atomic_u64 *word = &rwlock_bits(s, record, (enum rwlock_bits)which)[dead / 64];
		if (load_acquire(word) & bit) {
			changed |= (rmw_and(word, ~bit) & bit) != 0;
		}
	}
	if (rwlock_is_held(writer) && rwlock_writer_slot(writer) == dead) {
		/* Fails if its lease was taken over in between, which left the mark itself. */
		changed |= cas(&r->writer, &writer, RWLOCK_ABANDONED);
	}
	if (changed) {
		rwlock_queue_wake(s, record);
	}
}

void rwlock_recover(struct owner *self, uint32_t dead)
{
	const struct segment *s = self->segment;
	struct rwlock_table *table = rwlock_table(s);

	if (lock_owner(&table->guard) == dead) {
		lock_release(&table->guard);
	}
	if (dead >= rwlock_slots(s)) {
		return;
	}
	/* Cells last: while a bit is there, they say for how long it counts. */
	publish(&rwlock_row(s, dead)->waiting, 0);
	for (uint32_t i = 0; i < RWLOCK_RECORDS; i++) {
		recover_record(s, i, dead);
	}
	for (uint32_t i = 0; i < RWLOCK_HOLDS; i++) {
		publish(&rwlock_row(s, dead)->cells[i].held, 0);
	}
}
