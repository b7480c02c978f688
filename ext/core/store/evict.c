#include "core/store/evict.h"

#include "core/store/alloc.h"
#include "core/store/fifo.h"
#include "core/store/index.h"
#include "core/store/internal.h"
#include "core/store/room.h"

/* ---- ghost ---------------------------------------------------------------------------------------------- */

#define GHOST_WAYS 16u
#define GHOST_LINES_PER_PAGE (PAGE_BYTES / 64)
#define GHOST_PER_PAGE (GHOST_LINES_PER_PAGE * GHOST_WAYS)
#define GHOST_STEPS 1024u /* resolution of the time within one capacity */

static uint32_t *ghost_line(const struct shard_ref *r, uint64_t hash)
{
	uint32_t lines = peek(&r->shard->ghost_pages) * GHOST_LINES_PER_PAGE;
	uint32_t line = (uint32_t)((hash_bucket_bits(hash) * (uint64_t)lines) >> 32);
	uint32_t page = peek(&ghost_directory(r)[line / GHOST_LINES_PER_PAGE]);

	return (uint32_t *)(r->arena + (uint64_t)page * PAGE_BYTES) + line % GHOST_LINES_PER_PAGE * GHOST_WAYS;
}

/* Fingerprint bits that the choice of the line does not use; never 0. */
static uint32_t ghost_fingerprint(uint64_t hash) { return (uint32_t)(hash >> 48 | 1) << 16; }

/* S3-FIFO remembers as many keys as main holds. */
static uint64_t ghost_capacity(const struct shard_ref *r)
{
	uint64_t entries = load_relaxed(&r->shard->entries) * 9 / 10, room = (uint64_t)r->shard->ghost_pages * GHOST_PER_PAGE;

	return entries < room ? entries : room;
}

static uint16_t ghost_now(const struct shard_ref *r)
{
	uint64_t capacity = ghost_capacity(r);

	return (uint16_t)(r->shard->ghost_clock * GHOST_STEPS / (capacity ? capacity : 1));
}

void ghost_fetch(const struct shard_ref *r, uint64_t hash)
{
	if (peek(&r->shard->ghost_pages) != 0) {
		__builtin_prefetch(ghost_line(r, hash), 1);
	}
}

static void ghost_note(const struct shard_ref *r, uint64_t hash)
{
	uint32_t *line, oldest = 0, fingerprint = ghost_fingerprint(hash);
	uint16_t now, age_max = 0;

	if (r->shard->ghost_pages == 0) {
		return;
	}
	r->shard->ghost_clock++;
	now = ghost_now(r);
	line = ghost_line(r, hash);
	for (uint32_t i = 0; i < GHOST_WAYS; i++) {
		uint16_t age = (uint16_t)(now - (uint16_t)line[i]);
		if (line[i] == 0 || (line[i] & 0xffff0000) == fingerprint) {
			oldest = i;
			break;
		}
		if (age >= age_max) {
			age_max = age;
			oldest = i;
		}
	}
	line[oldest] = fingerprint | now;
}

bool ghost_take(const struct shard_ref *r, uint64_t hash)
{
	uint32_t *line, fingerprint = ghost_fingerprint(hash);
	uint16_t now;

	if (r->shard->ghost_pages == 0) {
		return false;
	}
	now = ghost_now(r);
	line = ghost_line(r, hash);
	for (uint32_t i = 0; i < GHOST_WAYS; i++) {
		if ((line[i] & 0xffff0000) == fingerprint) {
			bool recent = (uint16_t)(now - (uint16_t)line[i]) <= GHOST_STEPS;
			line[i] = 0;
			return recent;
		}
	}
	return false;
}

void ghost_reset(const struct shard_ref *r)
{
	for (uint32_t i = 0; i < r->shard->ghost_pages; i++) {
		memset(r->arena + (uint64_t)ghost_directory(r)[i] * PAGE_BYTES, 0, PAGE_BYTES);
	}
	r->shard->ghost_clock = 0;
}

bool ghost_wants_page(const struct shard_ref *r)
{
	const struct shard *s = r->shard;

	return s->ghost_pages < r->geometry->ghost_pages &&
	       (uint64_t)s->ghost_pages * GHOST_PER_PAGE < load_relaxed(&s->entries);
}

void ghost_grow(const struct shard_ref *r)
{
	struct shard *s = r->shard;

	while (ghost_wants_page(r)) {
		uint32_t page = page_take_low(r, PAGE_GHOST);
		if (page == UINT32_MAX) {
			return;
		}
		ghost_directory(r)[s->ghost_pages++] = page;
		/* Another number of lines: every fingerprint would be looked for elsewhere. */
		ghost_reset(r);
	}
}

/* ---- victims -------------------------------------------------------------------------------------------- */

bool entry_is_dead(const struct shard_ref *r, const struct entry *e, int64_t now_us)
{
	struct entry_times times;
	int64_t stamp = load_relaxed(&e->stamp);

	if ((stamp & STAMP_DEAD) || load_relaxed(&e->version) <= load_relaxed(&r->shard->clear_version)) {
		return true;
	}
	if (e->ttl == DURATION_FOREVER && stamp >= 0 && e->tags_size == 0) {
		return false;
	}
	return !entry_times_now(r, e, stamp, &times) || entry_state_by(e, &times, now_us) == STORE_STATE_MISSING;
}

static void fifo_move(const struct shard_ref *r, link_t link, enum entry_queue to)
{
	fifo_remove(r, link);
	fifo_push(r, link, to);
}

/* Bounds the work of one call: all of main may have been read. Then whoever is at the tail goes. */
#define VICTIM_STEPS 4096
/*
 * So many of them may be pinned, which is more than one process can hold: they come to lie side by side, since all go back to the head. Walking
 * past 900 took 0.13 ms with the lock, once for each round of the queue.
 */
#define PINNED_STEPS (2 * PINS_PER_PARTICIPANT)

static bool victims_from_main(const struct size_class *c)
{
	return c->small_count == 0 || c->main_count > (c->small_count + c->main_count) * 9 / 10;
}

link_t evict_victim(const struct shard_ref *r, uint32_t class, const struct pin_set *pins, int64_t now_us)
{
	struct size_class *c = &r->shard->classes[class];
	uint32_t pinned_left = PINNED_STEPS;

	retire_deferred(r);
	for (uint32_t step = 0; c->small_count + c->main_count > 0; step++) {
		bool from_main = victims_from_main(c);
		link_t link = from_main ? c->main_tail : c->small_tail;
		struct entry *e = link_entry(r, link);
		uint8_t frequency = load_relaxed(&e->frequency);

		if (pin_set_has(pins, link_place(r, link))) {
			/* Its memory would not come back. */
			fifo_move(r, link, QUEUE_MAIN);
			if (--pinned_left == 0) {
				return 0;
			}
			continue;
		}
		if (frequency == 0 || step >= VICTIM_STEPS || entry_is_dead(r, e, now_us)) {
			return link;
		}
		store_relaxed(&e->frequency, from_main ? frequency - 1 : 0);
		fifo_move(r, link, QUEUE_MAIN);
	}
	return 0;
}

uint64_t evict_age(const struct shard_ref *r, uint32_t class)
{
	struct size_class *c = &r->shard->classes[class];
	uint64_t now = r->shard->version;

	if (c->small_count) {
		return now - (load_relaxed(&link_entry(r, c->small_tail)->version) & ~UINT64_C(1));
	}
	if (c->main_count) {
		/* Entries of main earned their place: they count as ten times younger. */
		return (now - (load_relaxed(&link_entry(r, c->main_tail)->version) & ~UINT64_C(1))) / 10;
	}
	return UINT64_MAX;
}

/* ---- outlook -------------------------------------------------------------------------------------------- */

/* Bits of a hash by which its bucket and its line of the ghost are found. */
static inline uint64_t hash_of_bits(uint32_t bits) { return (uint64_t)bits << 8; }

/* Whatever stands there: in a block that is something else by now, or being filled, it is any number. */
static inline struct entry *outlook_entry(const struct shard_ref *r, link_t link)
{
	link = place_link(r, r->arena_granule + link - 1);
	return link ? link_entry(r, link) : NULL;
}

void outlook_begin(const struct shard_ref *r, uint32_t class)
{
	struct size_class *c = &r->shard->classes[class];

	memset(c->outlook_bits, 0, sizeof c->outlook_bits);
	c->outlook = victims_from_main(c) ? c->main_tail : c->small_tail;
	if (c->outlook) {
		entry_fetch(link_entry(r, c->outlook));
	}
}

void outlook_extend(const struct shard_ref *r, uint32_t class)
{
	struct size_class *c = &r->shard->classes[class];
	struct entry *e = outlook_entry(r, c->outlook);
	uint32_t seen = 0;

	if (!e) {
		return;
	}
	while (seen < VICTIMS_AHEAD - 1 && c->outlook_bits[seen]) {
		seen++;
	}
	c->outlook_bits[seen] = hash_bucket_bits(peek(&e->hash));
	c->outlook = seen < VICTIMS_AHEAD - 1 ? peek(&e->prev) : 0;
}

void outlook_fetch_next(const struct shard_ref *r, uint32_t class)
{
	struct entry *e = outlook_entry(r, peek(&r->shard->classes[class].outlook));

	if (e) {
		entry_fetch(e);
	}
}

void outlook_fetch_victims(const struct shard_ref *r, uint32_t class)
{
	const struct size_class *c = &r->shard->classes[class];
	uint64_t buckets = layout_buckets(load_relaxed(&r->shard->layout));

	for (uint32_t i = 0; i < VICTIMS_AHEAD; i++) {
		uint64_t hash = hash_of_bits(peek(&c->outlook_bits[i]));
		if (hash) {
			__builtin_prefetch(bucket_line(r, bucket_of(hash, buckets)), 1);
			ghost_fetch(r, hash);
		}
	}
}

/* ---- evictions ------------------------------------------------------------------------------------------ */

void evict_entry(const struct shard_ref *r, link_t link, int64_t now_us)
{
	struct entry *e = link_entry(r, link);
	atomic_u64 *slot = index_slot_of(r, e->hash, link_place(r, link));
	bool dead = entry_is_dead(r, e, now_us);

	invariant(slot != NULL);
	if (slot) {
		index_remove(r, slot);
	}
	if (!dead && entry_queue(e) == QUEUE_SMALL) {
		ghost_note(r, e->hash);
	}
	fifo_remove(r, link);
	retire(r, link);
	if (dead) {
		count(r->self, expirations);
	} else {
		count(r->self, evictions);
		count_eviction_age(r->self, now_us / 1000000 - load_relaxed(&e->accessed));
	}
}
