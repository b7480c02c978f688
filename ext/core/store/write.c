/*
 * Writing: one shard's lock, some ten nanoseconds at a time.
 *
 * Where the store has a block in reserve (reserve.h) the value is built in it, and published under the lock. Else small
 * values are built under the lock, and for others a block is taken under the lock, pinned by its writer before the lock is
 * released ("allocated" means "in the index or pinned"), filled, and published under the lock again. Whoever dies in
 * between leaves a pinned INFLIGHT block, which recovery frees.
 *
 * The commit is the store of one index word, or of a number in the place of another one. Before it the old value is there, after
 * it the new one.
 */
#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/internal.h"
#include "core/store/lease.h"
#include "core/store/publish.h"
#include "core/store/reserve.h"
#include "core/store/retire.h"
#include "core/store/room.h"
#include "core/store/store.h"
#include "core/store/sweep.h"
#include "core/store/tag.h"
#include "core/store/write.h"

/* Up to this size filling a block takes less time than releasing and taking the lock again. */
#define FILL_UNDER_LOCK 1024u

/* Free units below which the arena grows, if it can. */
#define RESERVE_UNITS (4 * PAGE_UNITS)

/* ---- the lock ------------------------------------------------------------------------------------------- */

void shard_note_clear(const struct shard_ref *r)
{
	struct shard *s = r->shard;
	uint64_t generation = load_acquire(&r->self->segment->superblock->generation);

	if (load_relaxed(&s->clear_seen) != generation) {
		/* Readers look at clear_seen first: see version_cleared(). The generation was acquired: what was stored before the clear has
		 * a version by now. */
		store_relaxed(&s->clear_version, s->version);
		publish(&s->clear_seen, generation);
		s->sweep_position = 0;
	}
}

enum cache_status shard_lock(const struct shard_ref *r)
{
	if (likely_false(!lock_try(r->self, &r->shard->lock))) {
		count(r->self, lock_waits);
		enum cache_status status = lock_wait(r->self, &r->shard->lock);
		if (status != CACHE_OK) {
			count(r->self, failed_busy);
			return status;
		}
	}
	if (likely_false(r->self->host->fault != NULL)) {
		r->self->host->fault(r->self->host->context, FAULT_LOCKED);
	}
	shard_note_clear(r);
	return CACHE_OK;
}

bool shard_await(const struct shard_ref *r)
{
	if (shard_lock(r) != CACHE_OK) {
		return false;
	}
	shard_unlock(r);
	return true;
}

/* For the index and its lines. Entries go only if the arena cannot grow. False: the lock was lost over it. */
static bool make_page_free(const struct shard_ref *r, int64_t now_us, bool *released)
{
	if (alloc_take_in(r)) {
		return true;
	}
	if (!arena_may_grow(r)) {
		room_for_page(r, now_us);
		return true;
	}
	*released = true;
	shard_unlock(r);
	arena_grow(r, PAGE_BYTES);
	if (shard_lock(r) != CACHE_OK) {
		return false;
	}
	alloc_take_in(r);
	return true;
}

/*
 * What a write does for the shard, before it inserts, so that nothing of it can take the new entry: an index that is
 * large enough and a free line for its chains, retired blocks freed, a bucket swept. `released`: others had the lock meanwhile.
 */
static enum cache_status upkeep(const struct shard_ref *r, int64_t now_us, bool *released)
{
	bool grown = index_grow(r), reserved = index_reserve_line(r);

	*released = false;
	if (likely_false(!grown || !reserved)) {
		if (!make_page_free(r, now_us, released)) {
			return CACHE_BUSY;
		}
		index_grow(r);
		index_reserve_line(r);
	}
	reclaim_if_due(r);
	sweep_step(r, now_us);
	return CACHE_OK;
}

bool free_writer_pin(struct store *store, uint32_t *pin)
{
	struct owner *o = &store->owner;

	for (*pin = 0; *pin < RESERVE_PIN; ++*pin) {
		if (*pin >= o->pin_count || load_relaxed(&o->pins[*pin]) == 0) {
			return true;
		}
	}
	return false;
}

/* ---- blocks --------------------------------------------------------------------------------------------- */

/* A block with an odd version, lengths filled in. Called and left with the lock held, but released while growing. */
static enum cache_status take_block(struct store *store, const struct shard_ref *r, uint64_t bytes, int64_t now_us,
                                    link_t *link)
{
	bool may_grow = true;

	for (;;) {
		/* The index must find a free page without growing: it needs one while the lock is held. */
		bool low = r->shard->free_units < RESERVE_UNITS && may_grow && !alloc_take_in(r) && arena_may_grow(r);
		enum room_result result = low ? ROOM_GROW : room_take(r, bytes, may_grow, now_us, link);
		if (likely_true(result == ROOM_OK)) {
			return CACHE_OK;
		}
		if (result == ROOM_NONE) {
			count(&store->owner, failed_memory);
			return CACHE_NO_MEMORY;
		}
		shard_unlock(r);
		may_grow = arena_grow(r, bytes);
		if (!may_grow && load_relaxed(&store->owner.record->counters[STORE_COUNT_grow_failed]) == 1) {
			store->host->log(store->host->context, CACHE_LOG_WARNING,
			                 "the file system of the segment has no more room: the cache goes on with what it has");
		}
		if (shard_lock(r) != CACHE_OK) {
			return CACHE_BUSY;
		}
	}
}

/* So much of the header as recovery needs to know the block's extent; state INFLIGHT. Under the lock. */
static struct entry *begin_entry(const struct shard_ref *r, link_t link, const struct store_key *key,
                                 const struct store_item *item, unsigned type)
{
	struct entry *e = link_entry(r, link);

	entry_begin(e, shard_next_version(r));
	entry_set_extent(e, key, item, type);
	entry_set_state(e, ENTRY_INFLIGHT, QUEUE_NONE);
	return e;
}

/* Of the first so many pins. */
static enum cache_status settle_blocks(struct store *store, uint32_t pins)
{
	struct owner *o = &store->owner;

	for (uint32_t i = 0; i < pins && i < o->pin_count; i++) {
		uint64_t granule = load_relaxed(&o->pins[i]);
		if (granule == 0) {
			continue;
		}
		uint64_t at = granule * GRANULE - store->segment->geometry.shards_at;
		struct shard_ref r = shard_open(o, (uint32_t)(at / store->segment->geometry.shard_stride));
		enum cache_status status = shard_lock(&r);
		if (status != CACHE_OK) {
			return status;
		}
		link_t link = place_link(&r, granule);
		if (block_starts_at(&r, link) && entry_state(link_entry(&r, link)) == ENTRY_INFLIGHT) {
			block_free(&r, link);
		}
		shard_unlock(&r);
		pin_clear(o, i);
	}
	return CACHE_OK;
}

enum cache_status store_settle_orphans(struct store *store) { return settle_blocks(store, RESERVE_PIN); }

enum cache_status store_settle_all(struct store *store) { return settle_blocks(store, WRITER_PINS); }

/* The pin for the block that is being filled: the first; a later one while orphans of stopped shards remain. */
static enum cache_status writer_pin(struct store *store, uint32_t *pin)
{
	if (free_writer_pin(store, pin)) {
		return CACHE_OK;
	}
	return store_settle_orphans(store) == CACHE_OK && free_writer_pin(store, pin) ? CACHE_OK : CACHE_BUSY;
}

/* ---- put ------------------------------------------------------------------------------------------------ */

/*
 * No block: the value is not stored, and the old one must not stay either, unless the condition says that it is newer than
 * ours, or known to be stale. Under the lock. Returns the status of the write.
 */
static enum cache_status drop_old(const struct write *w, enum cache_status failed)
{
	atomic_u64 *slot = index_find(&w->r, w->key);
	link_t link = slot_link(&w->r, slot);
	enum cache_status status = w->condition->mode == STORE_SET ? CACHE_OK : write_condition(w, link ? link_entry(&w->r, link) : NULL);

	if (status != CACHE_OK) {
		return status;
	}
	lease_void(w->store, &w->r, w->key->hash);
	if (link && w->condition->mode != STORE_ADD && w->condition->mode != STORE_COMMIT) {
		entry_remove(&w->r, slot, link);
	} else if (link) {
		write_condition_undo(link_entry(&w->r, link));
	}
	return failed;
}

static enum cache_status lock_for_write(const struct write *w)
{
	enum cache_status status = shard_lock(&w->r);
	bool released;

	return status == CACHE_OK ? upkeep(&w->r, w->now_us, &released) : status;
}

/* A slot that probably has the key, as looked up without the lock. */
struct guess {
	uint64_t layout, word;
	atomic_u64 *slot; /* NULL: none */
};

/* The block that the class gives next; or, if it has to evict for it, what that takes. */
static inline void fetch_block(const struct shard_ref *r, uint32_t class)
{
	link_t next = slab_next(r, class);

	outlook_fetch_next(r, class);
	if (next) {
		entry_fetch(link_entry(r, next));
	} else {
		outlook_fetch_victims(r, class);
	}
}

/* The lines that the critical section writes: their misses overlap with each other, and with the filling of the block. */
static void fetch_lines(const struct write *w, bool reserved, struct guess *guess)
{
	struct shard *s = w->r.shard;
	struct bucket_line *line;

	/* With the directory's entry. Whatever else is read here is looked at again under the lock. */
	guess->layout = load_acquire(&s->layout);
	guess->slot = NULL;
	guess->word = 0;
	line = bucket_line(&w->r, bucket_of(w->key->hash, layout_buckets(guess->layout)));
	__builtin_prefetch(line, 1);
	__builtin_prefetch(&s->version, 1);
	__builtin_prefetch(&s->classes[w->class], 1);
	if (!reserved) {
		fetch_block(&w->r, w->class);
	}
	ghost_fetch(&w->r, w->key->hash);
	for (uint32_t i = 0; i < LINE_SLOTS; i++) {
		uint64_t word = load_relaxed(&line->slots[i]);
		link_t link = word_tag(word) == hash_tag(w->key->hash) ? place_link(&w->r, word_granule(word)) : 0;
		if (link) {
			__builtin_prefetch(link_entry(&w->r, link), 1); /* the one that is replaced */
			guess->slot = &line->slots[i];
			guess->word = word;
			break;
		}
	}
}

/* Under the lock. If slots are still where they were and the word is the same, the entry is one that the index names. */
static inline atomic_u64 *find_slot(const struct write *w, const struct guess *guess)
{
	const struct shard_ref *r = &w->r;

	if (guess->slot && load_relaxed(&r->shard->layout) == guess->layout && load_relaxed(guess->slot) == guess->word &&
	    entry_has_key(link_entry(r, place_link(r, word_granule(guess->word))), w->key)) {
		return guess->slot;
	}
	return index_find(r, w->key);
}

/* Probably: what put_in_place() asks for. */
static inline bool may_stay(const struct write *w, const struct guess *guess)
{
	return w->type == STORE_INT && guess->slot && word_type(guess->word) == STORE_INT && w->condition->mode == STORE_SET &&
	       w->item->tags_size == 0;
}

/* False: nothing was done. */
static bool put_without_block(const struct write *w, const struct guess *guess, enum cache_status *status)
{
	bool done;

	if (!may_stay(w, guess)) {
		return false;
	}
	*status = shard_lock(&w->r);
	if (*status != CACHE_OK) {
		return true;
	}
	sweep_step(&w->r, w->now_us);
	done = put_in_place(w, find_slot(w, guess));
	shard_unlock(&w->r);
	return done;
}

static enum cache_status put_under_lock(struct write *w, const struct guess *guess)
{
	link_t link;
	enum cache_status status = lock_for_write(w);

	if (status != CACHE_OK) {
		return status;
	}
	status = take_block(w->store, &w->r, w->bytes, w->now_us, &link);
	if (status == CACHE_BUSY) {
		return status;
	}
	if (status == CACHE_OK) {
		struct entry *e = begin_entry(&w->r, link, w->key, w->item, w->type);
		entry_fill(e, w->key, w->item, w->type, &w->tags, w->stamp_us, w->store->second, 0);
		status = publish_entry(w, find_slot(w, guess), link, load_relaxed(&e->version) & ~UINT64_C(1));
		reserve_refill(w->store, &w->r, w->class);
	} else {
		status = drop_old(w, status);
	}
	shard_unlock(&w->r);
	return status;
}

static enum cache_status put_in_two_steps(struct write *w, const struct guess *guess)
{
	struct store *store = w->store;
	struct entry *e;
	link_t link;
	uint32_t pin;
	enum cache_status status = writer_pin(store, &pin);

	if (status == CACHE_OK) {
		status = lock_for_write(w);
	}
	if (status != CACHE_OK) {
		return status;
	}
	status = take_block(store, &w->r, w->bytes, w->now_us, &link);
	if (status != CACHE_OK) {
		if (status != CACHE_BUSY) {
			status = drop_old(w, status);
			shard_unlock(&w->r);
		}
		return status;
	}
	e = begin_entry(&w->r, link, w->key, w->item, w->type);
	pin_set(&store->owner, pin, link_place(&w->r, link));
	shard_unlock(&w->r);

	block_fill(w, e);
	write_fault(store, FAULT_PINNED);

	status = shard_lock(&w->r);
	if (status != CACHE_OK) {
		return status; /* the pin keeps the block until store_settle_orphans() or recovery frees it */
	}
	status = publish_entry(w, find_slot(w, guess), link, load_relaxed(&e->version) & ~UINT64_C(1));
	pin_clear(&store->owner, pin);
	if (w->bytes <= RESERVE_LARGEST) {
		reserve_refill(store, &w->r, w->class);
	}
	shard_unlock(&w->r);
	return status;
}

static enum cache_status put_from_reserve(struct write *w, const struct guess *guess, struct reserve *reserve)
{
	struct entry *e = link_entry(&w->r, reserve->link);
	atomic_u64 *slot;
	bool released;
	enum cache_status status;

	entry_set_extent(e, w->key, w->item, w->type); /* of a block of a slab, whose extent nobody asks for */
	if (w->item->build) {
		block_fill(w, e);
	} else {
		entry_fill(e, w->key, w->item, w->type, &w->tags, w->stamp_us, w->store->second, 0);
	}
	write_fault(w->store, FAULT_PINNED);
	status = shard_lock(&w->r);
	if (status != CACHE_OK) {
		return status; /* the block stays in reserve */
	}
	slot = find_slot(w, guess);
	if (!slot) {
		status = upkeep(&w->r, w->now_us, &released);
		if (status != CACHE_OK) {
			return status;
		}
		/* That takes entries out and puts none in. */
		slot = released ? index_find(&w->r, w->key) : NULL;
	}
	/* A version of now: whatever was cleared before is older. */
	status = publish_entry(w, slot, reserve->link, shard_next_version(&w->r));
	reserve_used(reserve);
	reserve_refill(w->store, &w->r, w->class);
	shard_unlock(&w->r);
	return status;
}

/* A value that no shard can hold. */
static enum cache_status refuse_size(struct write *w)
{
	enum cache_status status = shard_lock(&w->r);

	count(&w->store->owner, failed_size);
	if (status == CACHE_OK) {
		status = drop_old(w, CACHE_TOO_BIG);
		shard_unlock(&w->r);
	}
	return status;
}

static enum cache_status put_in_block(struct write *w, const struct guess *guess, struct reserve *reserve)
{
	if (likely_true(reserve != NULL)) {
		return put_from_reserve(w, guess, reserve);
	}
	if (w->bytes > room_largest(&w->r)) {
		return refuse_size(w);
	}
	return !w->item->build && w->bytes <= FILL_UNDER_LOCK ? put_under_lock(w, guess) : put_in_two_steps(w, guess);
}

static enum cache_status put(struct write *w)
{
	struct reserve *reserve = reserve_find(w->store, w->r.number, w->class);
	struct guess guess;
	enum cache_status status;

	fetch_lines(w, reserve != NULL, &guess);
	if (!put_without_block(w, &guess, &status)) {
		status = put_in_block(w, &guess, reserve);
	}
	if (status == CACHE_OK) {
		count(&w->store->owner, stores);
	} else if (status == CACHE_BUSY && (w->condition->mode == STORE_SET || (w->condition->mode == STORE_IF_NEWER && !w->condition->has_token))) {
		invalidate_without_lock(w->store, w->key);
	}
	return status;
}

/* The whole block, or more than any shard has. */
static uint64_t block_size_for(const struct store_key *key, const struct store_item *item, unsigned type)
{
	if (!type_has_bytes(type)) {
		return entry_bytes_for(type, key->length, type_scalar_size(type), item_tags_bytes(item));
	}
	return item->size > UINT32_MAX ? UINT64_MAX : entry_bytes_for(type, key->length, item->size, item_tags_bytes(item));
}

/* An add of what is there is a pure read. */
static bool add_finds_entry(const struct write *w)
{
	struct found f;
	uint32_t pin = reading_pin(w->store);
	bool refused;

	if (pin == PINS_PER_PARTICIPANT || !lookup_pinned(w->store, w->key, pin, &f)) {
		return false;
	}
	refused = entry_state_now(&f.r, f.entry, load_relaxed(&f.entry->stamp)) == STORE_STATE_FRESH;
	pin_clear(&w->store->owner, pin);
	return refused;
}

/*
 * The sequence that stands now, before the value is written: an invalidation that comes meanwhile is newer. What replaces the
 * value of a token was made before now: the condition must see all that was invalidated up to this sequence.
 */
static bool note_tags(struct write *w, bool stamp_is_given)
{
	const struct segment *s = w->store->segment;
	const struct write_condition *c = w->condition;
	uint64_t sequence = c->tag_sequence;

	if (c->mode != STORE_COMMIT && !c->token) {
		sequence = tag_sequence(s);
	} else if (c->mode != STORE_COMMIT && !tag_sequence_settled(&w->store->owner, &sequence)) {
		return false;
	}
	tag_head_make(&s->hash, w->item->tags, w->item->tags_size, sequence, &w->tags);
	if (stamp_is_given) {
		tag_head_limit(s, &w->tags, w->stamp_us);
	}
	return true;
}

enum cache_status store_put_entered(struct store *store, const struct store_key *key, const struct store_item *item,
                                    const struct write_condition *condition)
{
	struct write w;
	enum cache_status status;

	w.store = store;
	w.r = shard_of(store, key->hash);
	w.key = key;
	w.item = item;
	w.condition = condition;
	w.type = item->type == STORE_INT && !int_fits_word(item->integer) ? STORE_BIGINT : item->type;
	w.bytes = block_size_for(key, item, w.type);
	w.class = class_for(w.bytes);
	w.now_us = store_now(store);
	store->second = (uint32_t)((uint64_t)w.now_us / 1000000);
	w.stamp_us = item->stamp_us == 0 || item->stamp_us > w.now_us ? w.now_us : item->stamp_us;
	if (likely_false(item->tags_size != 0) && !note_tags(&w, item->stamp_us != 0)) {
		count(&store->owner, failed_busy);
		return CACHE_BUSY;
	}
	if (condition->mode == STORE_ADD && add_finds_entry(&w)) {
		count(&store->owner, adds_refused);
		return CACHE_EXISTS;
	}
	if (likely_false(++store->writes % RESERVE_WRITES == 0)) {
		reserve_age(store);
	}
	if (likely_false(reclaim_is_due(&w.r))) {
		reclaim_ahead(&w.r);
	}
	status = put(&w);
	if (likely_false(sweep_is_due(store))) {
		sweep_if_due(store, w.now_us);
	}
	return status;
}

static enum cache_status put_checked(struct store *store, const struct store_key *key, const struct store_item *item,
                                     const struct write_condition *condition)
{
	enum cache_status status;

	if (key->length == 0 || key->length > STORE_KEY_MAX) {
		return CACHE_BAD_KEY;
	}
	status = store_enter(store);
	if (likely_true(status == CACHE_OK)) {
		status = store_put_entered(store, key, item, condition);
		store_leave(store);
	} else if (condition->mode == STORE_SET) {
		store_invalidate_refused(store, key);
	}
	return status;
}

enum cache_status store_put(struct store *store, const struct store_key *key, const struct store_item *item,
                            enum store_mode mode)
{
	const struct write_condition condition = {.mode = mode};

	return put_checked(store, key, item, &condition);
}

enum cache_status store_put_if(struct store *store, const struct store_key *key, const struct store_item *item, uint64_t token)
{
	/* Absent: what an add asks for. */
	const struct write_condition condition = {.mode = token ? STORE_IF_TOKEN : STORE_ADD, .has_token = true, .token = token};
	enum cache_status status = put_checked(store, key, item, &condition);

	return status == CACHE_EXISTS ? CACHE_MISMATCH : status;
}
