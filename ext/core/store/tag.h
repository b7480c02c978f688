/*
 * Which tags were invalidated, and when: so that invalidating a tag is O(1), however many entries carry it.
 *
 *   header | set 0 .. set N-1 of six records each
 *
 * A sequence counts the invalidations of the segment. An entry with tags notes the sequence that stood when its writer
 * began (see struct tag_head), never a later one; a tag's record notes the sequence of its last soft and of its last hard
 * invalidation. The entry is older than an invalidation iff its sequence is the lower one.
 *
 * Rules:
 *  1. A tag without a record was never invalidated, or its record was given up for another: then the floor of its set was
 *     raised before to the sequence of what was lost. An entry with a tag of a set whose floor is above its sequence is
 *     missing: losing a record counts as a hard invalidation, never as a hit. The oldest record of the set goes.
 *  2. Sequences of a record and floors only rise, but when the record is given to another tag.
 *  3. Under the lock: whoever changes records. He counts the sequence up, then writes it down. So a writer that takes the new
 *     sequence and decides by the token of the old value, which that invalidation changes, waits for the lock in between:
 *     tag_sequence_settled(). `hash` is 0 while the rest of a record does not belong to it; a reader looks
 *     at it before and after. So nothing has to be mended after a writer that was killed; his invalidation was not
 *     acknowledged.
 *  4. Who cannot have the lock raises the floor, by CAS: hard for all tags of that set, which errs towards missing. Nobody can
 *     wait for him, so he writes the next sequence down first, and counts it up if it still is the next one. If he dies in
 *     between, whoever finds the floor ahead of the sequence counts it up for him.
 *
 * Reading takes no lock: the header alone for an entry since which nothing was invalidated, else one line of 64 bytes for each tag that was
 * not. Of rule 4: to such an entry an invalidation whose owner died before he counted it up has not happened yet; it may with the
 * next one.
 */
#ifndef CACHE_CORE_TAG_H
#define CACHE_CORE_TAG_H

#include "core/shm/lock.h"
#include "core/store/entry.h"

#define TAG_WAYS 6u

struct tag_record {
	atomic_u64 soft, hard;       /* sequences; 0: never */
	atomic_i64 soft_us, hard_us; /* wall clock at these; written before them */
};

struct tag_set {
	alignas(64) atomic_u64 floor;
	atomic_i64 floor_us;         /* the latest of what was lost */
	atomic_u64 hashes[TAG_WAYS]; /* of the tags; 0: free */
	struct tag_record records[TAG_WAYS];
};
_Static_assert(sizeof(struct tag_set) == 256 && offsetof(struct tag_set, records) == 64, "hashes and floor are one line");

struct tag_header {
	alignas(64) atomic_u64 sequence; /* of the last invalidation; begins with 1 */
	struct owner_lock lock;
};
_Static_assert(sizeof(struct tag_header) == 64, "one cache line");

/* Above it is damage: one invalidation each nanosecond for two years. */
#define TAG_SEQUENCE_LIMIT (UINT64_C(1) << 55)

static inline struct tag_header *tag_header(const struct segment *s) { return (struct tag_header *)(s->base + s->geometry.tags_at); }
static inline struct tag_set *tag_set_of(const struct segment *s, uint64_t hash)
{
	return (struct tag_set *)(tag_header(s) + 1) + (hash & (s->geometry.tag_sets - 1));
}
static inline uint64_t tag_sequence(const struct segment *s) { return load_acquire(&tag_header(s)->sequence); }

/** The sequence now, all up to which are written down. False: the lock of one who may be at it cannot be had. */
CACHE_MUST_CHECK bool tag_sequence_settled(struct owner *self, uint64_t *sequence);

/** The hash by which a tag is known: never 0. */
uint64_t tag_hash(const struct key_hash *hash, const char *bytes, size_t length);

/** What precedes the tags of an entry; the tags are as in store_item. O(bytes of the tags). */
void tag_head_make(const struct key_hash *hash, const char *tags, uint32_t tags_size, uint64_t sequence, struct tag_head *head);
/**
 * A value of that stamp was read from its source before some of its tags were invalidated: gives the head a sequence by
 * which it is born invalid.
 */
void tag_head_limit(const struct segment *s, struct tag_head *head, int64_t stamp_us);

/** How much an entry is outdated by its tags. */
struct tag_verdict {
	bool hard, soft;
	int64_t soft_us;        /* of the earliest soft invalidation that is known */
	uint64_t soft_sequence; /* of the last one; 0: none */
};
/** For the tags behind a head word; nothing is locked. O(tags). */
struct tag_verdict tag_judge(const struct segment *s, const char *words);
/** The same for an entry, which may have no tags. */
static inline struct tag_verdict tag_judge_entry(const struct segment *s, const struct entry *e)
{
	return e->tags_size ? tag_judge(s, entry_tags(e)) : (struct tag_verdict){.soft_us = INT64_MAX};
}
/** The entry's token as it is now. */
static inline uint64_t entry_token(const struct segment *s, const struct entry *e)
{
	return entry_token_by(e, tag_judge_entry(s, e).soft_sequence);
}
/** Was one of these hashes invalidated, softly or hard, after that sequence? */
bool tag_any_since(const struct segment *s, const uint64_t *hashes, uint32_t number, uint64_t sequence);

/** Never fails: see rule 4. At most STORE_TAGS_MAX hashes at once share one sequence. O(hashes). */
void tag_invalidate(struct owner *self, const uint64_t *hashes, uint32_t number, bool hard, int64_t now_us);

void tag_format(const struct segment *s);
/**
 * A file that nobody watched: sets right what cannot be. `newest`: the highest sequence of an entry. Whatever was invalidated was
 * so before now: times to come, from damage or a clock that was set back, become `now_us`.
 */
void tag_check_alone(const struct segment *s, uint64_t newest, int64_t now_us);
/** Opens the lock of a dead participant. */
void tag_recover(const struct segment *s, uint32_t dead);

#endif
