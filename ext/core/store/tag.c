#include "core/store/tag.h"

#include "core/store/shard.h"

/* ---- heads ---------------------------------------------------------------------------------------------- */

uint64_t tag_hash(const struct key_hash *hash, const char *bytes, size_t length)
{
	uint64_t of_name = key_hash_of(hash, bytes, length);

	return of_name ? of_name : 1;
}

void tag_head_make(const struct key_hash *hash, const char *tags, uint32_t tags_size, uint64_t sequence, struct tag_head *head)
{
	uint32_t count = 0;

	for (uint32_t at = 0; at < tags_size && count < STORE_TAGS_MAX; count++) {
		uint32_t length = (unsigned char)tags[at];
		head->words[1 + count] = tag_hash(hash, tags + at + 1, length);
		at += 1 + length;
	}
	head->words[0] = tag_word(sequence, count);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

/* TAG_WAYS: none. */
static inline uint32_t way_of(const struct tag_set *set, uint64_t hash)
{
	for (uint32_t i = 0; i < TAG_WAYS; i++) {
		if (load_acquire(&set->hashes[i]) == hash) {
			return i;
		}
	}
	return TAG_WAYS;
}

/* A tag's record as it was at one time; false: it has none. The floor is to be read afterwards. */
static inline bool read_record(const struct tag_set *set, uint64_t hash, struct tag_record *out)
{
	uint32_t way;

	while (likely_false((way = way_of(set, hash)) != TAG_WAYS)) {
		const struct tag_record *record = &set->records[way];
		store_relaxed(&out->soft, load_acquire(&record->soft));
		store_relaxed(&out->hard, load_acquire(&record->hard));
		store_relaxed(&out->soft_us, load_relaxed(&record->soft_us));
		store_relaxed(&out->hard_us, load_relaxed(&record->hard_us));
		read_fence();
		if (load_relaxed(&set->hashes[way]) == hash) {
			return true;
		}
		/* It was given to another tag: its sequences are part of the floor by now, or it stands elsewhere in the set. */
	}
	return false;
}

/* Rule 4: he who wrote the floor down, and has not counted the sequence up, may be dead. If he lives, he notices. */
static void count_up_for_the_dead(const struct segment *s, uint64_t floor)
{
	uint64_t before = floor - 1;

	if (tag_sequence(s) == before) {
		(void)cas(&tag_header(s)->sequence, &before, floor);
	}
}

struct tag_verdict tag_judge(const struct segment *s, const char *words)
{
	struct tag_verdict verdict = {.soft_us = INT64_MAX};
	uint64_t head = load_word(words), sequence = tag_word_sequence(head);
	uint32_t count = tag_word_count(head);

	/* No tag was invalidated since: no record has a later sequence; and where a floor has, that invalidation is under way. */
	if (sequence >= tag_sequence(s)) {
		return verdict;
	}
	for (uint32_t i = 1; i <= count && i <= STORE_TAGS_MAX; i++) {
		uint64_t hash = load_word(words + i * sizeof hash);
		const struct tag_set *set = tag_set_of(s, hash);
		struct tag_record record;
		if (read_record(set, hash, &record)) {
			verdict.hard |= sequence < record.hard;
			if (sequence < record.soft) {
				verdict.soft = true;
				verdict.soft_us = record.soft_us < verdict.soft_us ? record.soft_us : verdict.soft_us;
				verdict.soft_sequence = record.soft > verdict.soft_sequence ? record.soft : verdict.soft_sequence;
			}
		}
		uint64_t floor = load_acquire(&set->floor);
		if (likely_false(sequence < floor)) {
			verdict.hard = true;
			count_up_for_the_dead(s, floor);
		}
	}
	return verdict;
}

bool tag_any_since(const struct segment *s, const uint64_t *hashes, uint32_t number, uint64_t sequence)
{
	for (uint32_t i = 0; i < number; i++) {
		const struct tag_set *set = tag_set_of(s, hashes[i]);
		struct tag_record record;
		if ((read_record(set, hashes[i], &record) && (sequence < record.hard || sequence < record.soft)) ||
		    sequence < load_acquire(&set->floor)) {
			return true;
		}
	}
	return false;
}

/*
 * The entry's sequence shall be below that of an invalidation that came after the stamp. Of one that is under way its time
 * stands there, and not yet its sequence, which may be any that is counted by now.
 */
static void limit(uint64_t *sequence, uint64_t invalidated, int64_t invalidated_us, int64_t stamp_us)
{
	uint64_t before = invalidated ? invalidated - 1 : 0;

	if (stamp_us < invalidated_us && before < *sequence) {
		*sequence = before;
	}
}

void tag_head_limit(const struct segment *s, struct tag_head *head, int64_t stamp_us)
{
	uint64_t sequence = tag_word_sequence(head->words[0]);
	uint32_t count = tag_word_count(head->words[0]);

	for (uint32_t i = 1; i <= count; i++) {
		const struct tag_set *set = tag_set_of(s, head->words[i]);
		struct tag_record record;
		if (read_record(set, head->words[i], &record)) {
			limit(&sequence, record.soft, record.soft_us, stamp_us);
			limit(&sequence, record.hard, record.hard_us, stamp_us);
		}
		uint64_t floor = load_acquire(&set->floor); /* the time is raised before it */
		limit(&sequence, floor, load_relaxed(&set->floor_us), stamp_us);
	}
	head->words[0] = tag_word(sequence, count);
}

/* ---- invalidating --------------------------------------------------------------------------------------- */

static void raise(atomic_u64 *word, uint64_t to)
{
	uint64_t now = load_relaxed(word);

	while (now < to && !cas(word, &now, to)) {
	}
}

static void raise_time(atomic_i64 *word, int64_t to)
{
	int64_t now = load_relaxed(word);

	while (now < to && !cas(word, &now, to)) {
	}
}

static void raise_floor(struct tag_set *set, uint64_t sequence, int64_t us)
{
	raise_time(&set->floor_us, us); /* before the sequence: see tag_head_limit() */
	raise(&set->floor, sequence);
}

static uint64_t last_sequence(const struct tag_record *record)
{
	uint64_t soft = load_relaxed(&record->soft), hard = load_relaxed(&record->hard);

	return soft > hard ? soft : hard;
}

/* Under the lock: the tag's record, a free one or the oldest. */
static struct tag_record *claim(struct owner *self, struct tag_set *set, uint64_t hash)
{
	uint32_t chosen = 0;
	uint64_t oldest = UINT64_MAX;
	struct tag_record *record;

	for (uint32_t i = 0; i < TAG_WAYS; i++) {
		uint64_t there = load_relaxed(&set->hashes[i]), last = there ? last_sequence(&set->records[i]) : 0;
		if (there == hash) {
			return &set->records[i];
		}
		if (last < oldest) {
			oldest = last;
			chosen = i;
		}
	}
	record = &set->records[chosen];
	if (load_relaxed(&set->hashes[chosen]) != 0) {
		int64_t soft_us = load_relaxed(&record->soft_us), hard_us = load_relaxed(&record->hard_us);
		raise_floor(set, oldest, soft_us > hard_us ? soft_us : hard_us);
		count(self, tags_forgotten);
		publish(&set->hashes[chosen], 0); /* whoever sees it sees the floor */
	}
	write_fence(); /* a reader that sees anything of the below sees that the hash changed */
	store_relaxed(&record->soft, 0);
	store_relaxed(&record->hard, 0);
	store_relaxed(&record->soft_us, 0);
	store_relaxed(&record->hard_us, 0);
	publish(&set->hashes[chosen], hash);
	return record;
}

struct invalidation {
	struct owner *self;
	const uint64_t *hashes;
	uint32_t number;
	bool hard;
	int64_t now_us;
};

/* Under the lock. The time first, then with a sequence. */
static void write_down(const struct invalidation *v, uint64_t sequence)
{
	for (uint32_t i = 0; i < v->number; i++) {
		struct tag_record *record = claim(v->self, tag_set_of(v->self->segment, v->hashes[i]), v->hashes[i]);
		raise_time(v->hard ? &record->hard_us : &record->soft_us, v->now_us);
		raise(v->hard ? &record->hard : &record->soft, sequence);
	}
}

/*
 * A writer that takes the new sequence, and gives an older stamp, finds the times that were written before it: else his
 * entry would be as new as the invalidation. Who took the old one loses when the records have the new one.
 */
static void invalidate_locked(const struct invalidation *v)
{
	write_down(v, 0);
	write_down(v, rmw_add(&tag_header(v->self->segment)->sequence, 1) + 1);
}

/* Whoever has the new sequence finds all floors: had somebody else counted it up, one might not stand there yet. */
static void invalidate_unlocked(const struct invalidation *v)
{
	const struct segment *s = v->self->segment;
	uint64_t sequence = tag_sequence(s);

	do {
		for (uint32_t i = 0; i < v->number; i++) {
			raise_floor(tag_set_of(s, v->hashes[i]), sequence + 1, v->now_us);
		}
	} while (!cas(&tag_header(s)->sequence, &sequence, sequence + 1));
}

void tag_invalidate(struct owner *self, const uint64_t *hashes, uint32_t number, bool hard, int64_t now_us)
{
	const struct invalidation v = {self, hashes, number, hard, now_us};
	struct owner_lock *lock = &tag_header(self->segment)->lock;

	if (self->slot != NO_SLOT && lock_acquire(self, lock) == CACHE_OK) {
		invalidate_locked(&v);
		lock_release_own(self, lock);
	} else {
		invalidate_unlocked(&v);
	}
}

bool tag_sequence_settled(struct owner *self, uint64_t *sequence)
{
	struct tag_header *header = tag_header(self->segment);

	*sequence = tag_sequence(self->segment);
	/* After the sequence: whoever counted it up had the lock, which its read-modify-write shows to us with it, and has written it
	 * down when the lock is free, which is a release that we acquire. */
	if (likely_true(lock_owner(&header->lock) == NO_SLOT)) {
		return true;
	}
	if (lock_acquire(self, &header->lock) != CACHE_OK) {
		return false;
	}
	*sequence = tag_sequence(self->segment);
	lock_release_own(self, &header->lock);
	return true;
}

/* ---- life ----------------------------------------------------------------------------------------------- */

void tag_format(const struct segment *s)
{
	store_relaxed(&tag_header(s)->sequence, 1);
}

/* Stamps have 62 bits: so many microseconds and any duration may be added up. */
static bool time_is_plausible(int64_t us) { return us >= 0 && us < INT64_C(1) << 61; }

static bool record_is_plausible(const struct tag_record *record, uint64_t sequence)
{
	return load_relaxed(&record->soft) <= sequence && load_relaxed(&record->hard) <= sequence &&
	       time_is_plausible(load_relaxed(&record->soft_us)) && time_is_plausible(load_relaxed(&record->hard_us));
}

static void lower_time(atomic_i64 *word, int64_t to)
{
	if (load_relaxed(word) > to) {
		store_relaxed(word, to);
	}
}

/* Each tag stands in its set, and once. */
static bool hash_is_plausible(const struct segment *s, const struct tag_set *set, uint32_t way)
{
	uint64_t hash = load_relaxed(&set->hashes[way]);
	bool sound = tag_set_of(s, hash) == set;

	for (uint32_t other = 0; other < way; other++) {
		sound &= load_relaxed(&set->hashes[other]) != hash;
	}
	return sound;
}

void tag_check_alone(const struct segment *s, uint64_t newest, int64_t now_us)
{
	struct tag_header *header = tag_header(s);
	uint64_t sequence = load_relaxed(&header->sequence);
	bool damaged = sequence == 0 || sequence >= TAG_SEQUENCE_LIMIT || sequence < newest;

	store_relaxed(&header->lock.word, 0);
	if (damaged) {
		sequence = newest < TAG_SEQUENCE_LIMIT - 1 ? newest + 1 : TAG_SEQUENCE_LIMIT - 1;
		store_relaxed(&header->sequence, sequence);
	}
	for (uint64_t i = 0; i < s->geometry.tag_sets; i++) {
		struct tag_set *set = tag_set_of(s, i);
		bool sound = load_relaxed(&set->floor) <= sequence && time_is_plausible(load_relaxed(&set->floor_us));
		for (uint32_t way = 0; way < TAG_WAYS; way++) {
			sound &= load_relaxed(&set->hashes[way]) == 0 ||
			         (hash_is_plausible(s, set, way) && record_is_plausible(&set->records[way], sequence));
			lower_time(&set->records[way].soft_us, now_us);
			lower_time(&set->records[way].hard_us, now_us);
		}
		lower_time(&set->floor_us, now_us);
		if (damaged || !sound) {
			/* Nobody can tell what was invalidated: all is. */
			memset((void *)set, 0, sizeof *set);
			store_relaxed(&set->floor, sequence);
			store_relaxed(&set->floor_us, now_us);
		}
	}
}

void tag_recover(const struct segment *s, uint32_t dead)
{
	if (lock_owner(&tag_header(s)->lock) == dead) {
		lock_release(&tag_header(s)->lock);
	}
}
