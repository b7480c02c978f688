/*
 * Reading: no lock, no store that another CPU reads but our own pin (and, at a key's first hits, its frequency).
 */
#include "core/store/internal.h"
#include "core/store/reserve.h"
#include "core/store/store.h"
#include "core/store/tag.h"

static inline struct entry *word_entry(const struct shard_ref *r, uint64_t word)
{
	link_t link = place_link(r, word_granule(word));

	return likely_true(link != 0) ? link_entry(r, link) : NULL;
}

/* May read a block that was freed and reused: inside the segment whatever the bytes, see geometry_compute(). */

/*
 * Where the layout word still is what we began with and the slot still names what we read, it did so throughout. Acquire: what the
 * slot names is complete; and if the slot is none any more, what is read there was written after the layout changed, which we see.
 */
static inline bool unchanged(const struct found *f)
{
	return load_acquire(f->slot) == f->word && load_relaxed(&f->r.shard->layout) == f->layout;
}

enum match { MATCH_NO, MATCH_YES, MATCH_AGAIN };

/* How an entry is looked at: pinned; a scalar without a pin, if that can be; pinned, unless it is held; not at all. */
enum inspector { INSPECT_PINNED, INSPECT_HIT, INSPECT_WHOLE, INSPECT_TAG };
static inline __attribute__((always_inline)) enum match
inspect(enum inspector how, struct store *store, const struct store_key *key, struct found *f);

/*
 * Looks at each slot whose tag fits, until one is it. Order of the loads: see index.h. Compiled into each of its callers, with
 * what `how` says: called by pointer the inspectors would not be.
 */
static inline __attribute__((always_inline)) bool
walk_chain(struct store *store, const struct store_key *key, struct found *f, enum inspector how)
{
	uint16_t tag = hash_tag(key->hash);

	f->r = shard_of(store, key->hash);
again:
	f->layout = load_acquire(&f->r.shard->layout);
	struct bucket_line *line = bucket_line(&f->r, bucket_of(key->hash, layout_buckets(f->layout)));
	for (uint32_t lines = 0; line && lines <= CHAIN_LINES_MAX; lines++) {
		uint64_t header = load_acquire(&line->header);
		for (uint32_t i = 0; i < LINE_SLOTS; i++) {
			uint64_t word = load_acquire(&line->slots[i]);
			if (word_tag(word) != tag || word == 0) {
				continue;
			}
			f->slot = &line->slots[i];
			f->word = word;
			if ((f->entry = word_entry(&f->r, word)) == NULL) {
				continue;
			}
			enum match match = inspect(how, store, key, f);
			if (likely_true(match == MATCH_YES)) {
				return true;
			}
			if (match == MATCH_AGAIN) {
				goto again;
			}
		}
		line = header_next(&f->r, header);
	}
	read_fence();
	if (likely_false(load_relaxed(&f->r.shard->layout) != f->layout)) {
		goto again;
	}
	return false;
}

/* ---- pinned --------------------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) enum match inspect_pinned(struct store *store, const struct store_key *key, struct found *f)
{
	pin_set(&store->owner, f->pin, (struct place){word_granule(f->word)}); /* and its fence: see retire.h */
	if (likely_false(!unchanged(f))) {
		pin_clear(&store->owner, f->pin);
		return MATCH_AGAIN;
	}
	/* The word named the block after the pin was visible: it is not freed before the pin is cleared. */
	if (likely_true(entry_has_key(f->entry, key))) {
		return MATCH_YES;
	}
	pin_clear(&store->owner, f->pin);
	return MATCH_NO;
}

bool lookup_pinned(struct store *store, const struct store_key *key, uint32_t pin, struct found *found)
{
	found->pin = pin;
	return walk_chain(store, key, found, INSPECT_PINNED);
}

/* ---- hits ----------------------------------------------------------------------------------------------- */

/* The first hits of an entry, and the first one of each second, are written down; then it is read-only. */
static void note_hit(struct store *store, struct entry *e, uint32_t second)
{
	uint8_t frequency = load_relaxed(&e->frequency);
	uint32_t accessed = load_relaxed(&e->accessed);

	if (frequency < 3) {
		store_relaxed(&e->frequency, frequency + 1);
	}
	if (second > accessed) {
		store_relaxed(&e->accessed, second);
		count_hit_idle(&store->owner, (int64_t)second - accessed);
	}
}

/* ---- a look-up that may be optimistic -------------------------------------------------------------------- */

/*
 * Scalars are read without a pin, by a sequence lock per block: the version is read before and after, never repeats,
 * and is odd while a block is being filled; and the slot must still name the block at the end. So what was read in
 * between belongs to one published entry, and nothing was stored anywhere. A number that another one takes the place of is read with
 * its own version or an older one, of which no token is good. Only for entries without tags that are fresh for sure
 * and whose hit need not be written down; all others are pinned.
 */
struct hit {
	struct found f;
	uint64_t version, word;
	uint32_t second;
	uint8_t type, flags;
	bool ahead;            /* what becomes stale some time is looked at more closely */
	bool optimistic;
	bool held;             /* no pin of its own */
};

static inline bool type_is_scalar(unsigned type) { return type >= STORE_NULL && type <= STORE_DOUBLE; }

/* Is what was read of one published entry? See rule 2 in atomics.h, with entry_begin() on the other side. */
static inline __attribute__((always_inline)) bool is_one_entry(const struct hit *hit)
{
	read_fence();
	return load_relaxed(&hit->f.entry->version) == hit->version && unchanged(&hit->f) && type_is_scalar(hit->type) &&
	       !version_cleared(&hit->f.r, hit->version);
}

/* Not in line: what it takes would be saved for each hit. */
static __attribute__((noinline)) bool is_one_fresh_entry(const struct hit *hit, uint32_t ttl, int64_t stamp)
{
	return is_one_entry(hit) && fresh_by_second(hit->f.r.self->host, ttl, stamp);
}

/* After load_acquire() of the version. */
static inline __attribute__((always_inline)) bool read_scalar(struct hit *hit, const struct store_key *key)
{
	const struct entry *e = hit->f.entry;
	int64_t stamp = load_relaxed(&e->stamp);
	uint32_t ttl = e->ttl;

	hit->type = e->type;
	hit->flags = e->flags;
	/* By the length that was asked for: the entry's may be another one by now. */
	hit->word = e->size ? load_relaxed((const atomic_u64 *)((const char *)e + entry_value_at(key->length))) : 0;
	if (stamp < 0 || (stamp & STAMP_DEAD) || e->tags_size || load_relaxed(&e->frequency) < 3 || load_relaxed(&e->accessed) < hit->second) {
		return false;
	}
	return likely_true(ttl == DURATION_FOREVER) ? is_one_entry(hit) : !hit->ahead && is_one_fresh_entry(hit, ttl, stamp);
}

/* A writer may be at it meanwhile: see above why what is read then is not used. */
static inline __attribute__((always_inline)) bool read_optimistically(struct hit *hit, const struct store_key *key)
{
	hit->version = load_acquire(&hit->f.entry->version);
	return !(hit->version & 1) && entry_has_key(hit->f.entry, key) && read_scalar(hit, key);
}

static inline __attribute__((always_inline)) enum match
inspect_hit(struct store *store, const struct store_key *key, struct found *f)
{
	struct hit *hit = (struct hit *)f;

	if (type_is_scalar(word_type(f->word))) {
		if (likely_true(read_optimistically(hit, key))) {
			hit->optimistic = true;
			return MATCH_YES;
		}
	} else if (is_held(store, word_granule(f->word)) && entry_has_key(f->entry, key)) {
		hit->held = true;
		return MATCH_YES;
	}
	f->pin = reading_pin(store);
	return likely_true(f->pin < PINS_PER_PARTICIPANT) ? inspect_pinned(store, key, f) : MATCH_NO;
}

/* For whoever needs the words of the entry that go together. */
static inline enum match inspect_whole(struct store *store, const struct store_key *key, struct found *f)
{
	struct hit *hit = (struct hit *)f;

	if (is_held(store, word_granule(f->word)) && entry_has_key(f->entry, key)) {
		hit->held = true;
		return MATCH_YES;
	}
	f->pin = reading_pin(store);
	return likely_true(f->pin < PINS_PER_PARTICIPANT) ? inspect_pinned(store, key, f) : MATCH_NO;
}

static inline enum match inspect(enum inspector how, struct store *store, const struct store_key *key, struct found *f)
{
	return how == INSPECT_PINNED ? inspect_pinned(store, key, f)
	       : how == INSPECT_HIT  ? inspect_hit(store, key, f)
	       : how == INSPECT_TAG  ? MATCH_YES
	                             : inspect_whole(store, key, f);
}

bool lookup_tag(struct store *store, const struct store_key *key)
{
	struct found f;

	return walk_chain(store, key, &f, INSPECT_TAG);
}

static inline void set_scalar(struct store_view *view, unsigned type, uint64_t word)
{
	view->type = type == STORE_BIGINT ? STORE_INT : (enum store_type)type;
	view->integer = type == STORE_INT ? int_decode(word) : (int64_t)word;
}

void fill_view(const struct shard_ref *r, const struct entry *e, struct store_view *view)
{
	const struct segment *segment = r->self->segment;

	view->flags = e->flags;
	view->version = load_relaxed(&e->version) & ~UINT64_C(1);
	view->held = false;
	view->bytes = NULL;
	view->size = 0;
	if (type_has_bytes(e->type)) {
		view->type = (enum store_type)e->type;
		view->bytes = entry_value(e);
		view->size = e->size;
		view->official = OFFICIAL_BASE + (uint64_t)(view->bytes - segment->base);
		view->mapped = segment->official != NULL;
	} else {
		set_scalar(view, e->type, e->size ? load_relaxed(entry_word(e)) : 0);
	}
}

static inline bool is_fresh(const struct hit *hit)
{
	const struct found *f = &hit->f;

	/* Relaxed: the version that is read as well, by which it may be cleared, may be of before or after a mark. */
	return entry_state_now(&f->r, f->entry, load_relaxed(&f->entry->stamp)) == STORE_STATE_FRESH;
}

/* The value of a fresh entry. */
static inline void take_fresh(struct store *store, struct hit *hit, struct store_view *view)
{
	struct found *f = &hit->f;

	note_hit(store, f->entry, hit->second);
	count(&store->owner, hits);
	if (view) {
		fill_view(&f->r, f->entry, view);
		view->held = hit->held;
		view->pin = view->bytes && !hit->held ? f->pin : 0;
	}
	if ((!view || !view->bytes) && !hit->held) {
		pin_clear(&store->owner, f->pin);
	}
}

static enum cache_status take_pinned(struct store *store, struct hit *hit, struct store_view *view)
{
	if (likely_true(is_fresh(hit))) {
		take_fresh(store, hit, view);
		return CACHE_OK;
	}
	if (!hit->held) {
		pin_clear(&store->owner, hit->f.pin);
	}
	count(&store->owner, misses_expired);
	return CACHE_MISSING;
}

static inline void optimistic_view(const struct hit *hit, struct store_view *view)
{
	view->flags = hit->flags;
	view->version = hit->version;
	view->bytes = NULL;
	view->size = 0;
	view->pin = 0;
	view->held = false;
	set_scalar(view, hit->type, hit->word);
}

static inline enum cache_status get(struct store *store, const struct store_key *key, struct store_view *view)
{
	struct hit hit;

	hit.ahead = hit.optimistic = hit.held = false;
	hit.second = store_second(store);
	hit.f.pin = 0;
	if (!walk_chain(store, key, &hit.f, INSPECT_HIT)) {
		if (likely_false(hit.f.pin == PINS_PER_PARTICIPANT)) {
			count(&store->owner, pins_refused);
		} else {
			count(&store->owner, misses_absent);
		}
		return CACHE_MISSING;
	}
	if (likely_false(!hit.optimistic)) {
		return take_pinned(store, &hit, view);
	}
	count(&store->owner, hits);
	if (view) {
		optimistic_view(&hit, view);
	}
	return CACHE_OK;
}

/* ---- with the words of the entry ------------------------------------------------------------------------- */

void look_drop(struct store *store, struct look *look)
{
	if (look->entry && !look->held) {
		pin_clear(&store->owner, look->pin);
	}
	look->entry = NULL;
}

/*
 * The version is read before the stamp: whoever gives an entry a new version freezes its stamp first, so with a stamp that
 * is not frozen the version is the one of the time before that. Acquire, of the version: mark() publishes it after the freeze.
 */
void look_read(struct look *look)
{
	const struct entry *e = look->entry;

	do {
		look->version = load_acquire(&e->version) & ~UINT64_C(1);
		look->stamp = load_acquire(&e->stamp);
		look->state = entry_state_now(&look->r, e, look->stamp);
		read_fence();
		look->word = e->type == STORE_INT ? load_relaxed(entry_word(e)) : 0;
	} while (likely_false(!integer_goes_with(e, look->stamp)));
}

static void look_at(struct look *look, const struct hit *hit)
{
	look->r = hit->f.r;
	look->entry = hit->f.entry;
	look->pin = hit->f.pin;
	look->held = hit->held;
}

static void read_words(struct look *look, const struct hit *hit)
{
	look_at(look, hit);
	look_read(look);
}

/* Nothing was found. */
static void look_for_none(struct store *store, struct look *look, const struct hit *hit)
{
	look->entry = NULL;
	look->state = STORE_STATE_MISSING;
	if (likely_false(hit->f.pin == PINS_PER_PARTICIPANT)) {
		count(&store->owner, pins_refused);
	}
}

/* The entry, whose words are not read yet. */
static inline bool look_for(struct store *store, const struct store_key *key, struct look *look)
{
	struct hit hit;

	hit.held = false;
	hit.f.pin = 0;
	if (!walk_chain(store, key, &hit.f, INSPECT_WHOLE)) {
		look_for_none(store, look, &hit);
		return false;
	}
	look_at(look, &hit);
	return true;
}

void look_up(struct store *store, const struct store_key *key, struct look *look)
{
	look->token_is_good = true;
	for (;;) {
		if (!look_for(store, key, look)) {
			return;
		}
		look_read(look);
		if (likely_true(!(look->stamp & STAMP_FROZEN)) || !look->token_is_good) {
			return;
		}
		look_drop(store, look);
		/* Somebody is about to give the entry another version, or another place: for some ten ns, unless he is stopped. */
		struct shard_ref r = shard_of(store, key->hash);
		look->token_is_good = shard_await(&r);
	}
}

bool look_quickly(struct store *store, const struct store_key *key, bool ahead, struct look *look, struct store_view *view)
{
	struct hit hit;

	hit.ahead = ahead;
	hit.optimistic = hit.held = false;
	hit.second = store_second(store);
	hit.f.pin = 0;
	if (!walk_chain(store, key, &hit.f, INSPECT_HIT)) {
		look_for_none(store, look, &hit);
		return false;
	}
	if (hit.optimistic) {
		optimistic_view(&hit, view);
		count(&store->owner, hits);
		return true;
	}
	if (likely_true(!ahead && !store->owner.guest && is_fresh(&hit))) {
		take_fresh(store, &hit, view);
		return true;
	}
	read_words(look, &hit);
	if (likely_false(look->stamp & STAMP_FROZEN)) {
		look_drop(store, look);
		look_up(store, key, look);
	}
	return false;
}

static void note_access(struct store *store, struct entry *e)
{
	note_hit(store, e, store_second(store));
}

void look_view(struct store *store, struct look *look, struct store_view *view)
{
	note_access(store, look->entry);
	fill_view(&look->r, look->entry, view);
	if (look->entry->type == STORE_INT) {
		view->integer = int_decode(look->word);
	}
	view->version = look->version;
	view->held = look->held;
	view->pin = view->bytes && !look->held ? look->pin : 0;
	if (view->pin == 0) {
		look_drop(store, look);
	}
	if (likely_false(store->owner.guest) && view->pin && !store_copy_view(store, view)) {
		view->type = STORE_NULL;
		view->bytes = NULL;
		view->pin = 0;
		look->state = STORE_STATE_MISSING;
	}
}

uint64_t store_token(const struct store_view *view)
{
	return token_of(view->version, view->type == STORE_INT, view->integer);
}

enum cache_status store_gets(struct store *store, const struct store_key *key, struct store_view *view, uint64_t *token)
{
	struct look look;
	enum cache_status status = store_enter(store);

	*token = 0;
	if (status != CACHE_OK) {
		return status;
	}
	look_up(store, key, &look);
	status = CACHE_MISSING;
	if (look.state == STORE_STATE_FRESH) {
		look_view(store, &look, view);
		status = look.state == STORE_STATE_FRESH ? CACHE_OK : CACHE_MISSING;
	}
	if (status == CACHE_OK) {
		*token = look.token_is_good ? store_token(view) : TOKEN_OF_NOTHING;
		count(&store->owner, hits);
	} else {
		if (look.entry) {
			count(&store->owner, misses_expired);
		} else {
			count(&store->owner, misses_absent);
		}
		look_drop(store, &look);
	}
	store_leave(store);
	return status;
}

enum cache_status store_get_entry(struct store *store, const struct store_key *key, struct store_entry *out)
{
	struct look look;
	bool found;
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		return status;
	}
	look.token_is_good = true;
	found = look_for(store, key, &look) && describe_entry(&look.r, look.entry, out);
	/* If the words were about to change, somebody is waited for. */
	while (likely_false(found && out->view.version == TOKEN_OF_NOTHING && look.token_is_good)) {
		look_drop(store, &look);
		look_up(store, key, &look);
		found = look.entry && describe_entry(&look.r, look.entry, out);
	}
	if (likely_true(found)) {
		note_access(store, look.entry);
		out->view.held = look.held;
		out->view.pin = look.held ? 0 : look.pin;
		if (out->state == STORE_STATE_FRESH) {
			count(&store->owner, hits);
		} else {
			count(&store->owner, stale_hits);
		}
		return CACHE_OK;
	}
	if (look.entry) {
		count(&store->owner, misses_expired);
	} else {
		count(&store->owner, misses_absent);
	}
	look_drop(store, &look);
	store_leave(store);
	return CACHE_MISSING;
}

enum cache_status store_take_view(struct store *store, struct store_view *view)
{
	bool copied = true;

	if (!view->bytes) {
		store_unpin(store, view->pin);
		view->pin = 0;
	} else if (likely_false(store->owner.guest) && view->pin) {
		copied = store_copy_view(store, view);
		store_leave(store);
	}
	return copied ? CACHE_OK : CACHE_MISSING;
}

/* ---- the functions -------------------------------------------------------------------------------------- */

enum cache_status store_get(struct store *store, const struct store_key *key, struct store_view *view)
{
	enum cache_status status = store_enter(store);

	if (likely_true(status == CACHE_OK)) {
		status = get(store, key, view);
		if (likely_false(store->owner.guest) && status == CACHE_OK && view->pin && !store_copy_view(store, view)) {
			status = CACHE_MISSING;
		}
		store_leave(store);
	}
	return status;
}

enum cache_status store_exists(struct store *store, const struct store_key *key)
{
	enum cache_status status = store_enter(store);

	if (likely_true(status == CACHE_OK)) {
		status = get(store, key, NULL);
		store_leave(store);
	}
	return status;
}

void store_unpin(struct store *store, uint32_t pin)
{
	if (likely_false(pin >= COPY_FIRST)) {
		store_drop_copies(store, pin);
	} else if (pin != 0 && store->owner.slot != NO_SLOT && pin_is_ours(&store->owner, pin)) {
		pin_clear(&store->owner, pin);
		store_leave(store);
	}
}

void store_unpin_all(struct store *store)
{
	if (likely_false(store->copies != NULL)) {
		store_drop_copies(store, ALL_COPIES);
	}
	pin_clear_readers(&store->owner);
	if (store->owner.slot != NO_SLOT) {
		reserve_give_back(store);
		store_leave(store);
	}
	held_forget(store);
}
