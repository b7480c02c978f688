/*
 * Checks the invariants of a shard, under its lock, against a count made by walking everything.
 *
 *  1. Each index word names a block whose start bit is set, with room for a sound entry of that tag, type and hash.
 *  2. It stands in the bucket of its hash; no block is named twice; chains are short and end.
 *  3. The entry's stamp, lock and integer words are not frozen; its version is even and not newer than the shard's.
 *  4. Each indexed entry is in exactly one queue, of its class, or is to take the place of a block there, which is noted; the
 *     queues hold nothing else; their counts fit.
 *  5. A bucket's noted expiry is no later than that of its entries.
 *  6. Each block in use is named by the index, noted as about to leave its queue, on the limbo list, ready, a line of a chain, or
 *     being filled by somebody alive.
 *  7. The shard counts the slots of its lease table that are in use; no key has two.
 *  8. Counts of blocks, bytes, free units and entries are what the bitmaps say; a page is one thing at a time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include "core/store/alloc.h"
#include "core/store/lease.h"
#include "core/store/retire.h"
#include "core/store/store.h"

#define FINDINGS_MAX 32
#define FINDING_BYTES 160

struct verify {
	struct shard_ref r;
	unsigned broken, in_flight; /* in_flight: of these, blocks that two are filling */
	char findings[FINDINGS_MAX][FINDING_BYTES];
	struct {
		uint64_t bits[4];
		uint8_t starts, units;
	} *seen; /* by page: blocks accounted for */
	uint64_t entries, lines, bytes;
	uint32_t left; /* blocks that are about to leave their queues */
};

static void __attribute__((format(printf, 2, 3))) find(struct verify *v, const char *format, ...)
{
	va_list arguments;

	if (v->broken < FINDINGS_MAX) {
		int prefix = snprintf(v->findings[v->broken], FINDING_BYTES, "shard %u: ", v->r.number);
		va_start(arguments, format);
		vsnprintf(v->findings[v->broken] + prefix, FINDING_BYTES - (size_t)prefix, format, arguments);
		va_end(arguments);
	}
	v->broken++;
}

static bool account_units(struct verify *v, uint32_t unit, uint32_t count)
{
	for (uint32_t u = unit; u < unit + count; u++) {
		uint32_t page = u / PAGE_UNITS, bit = 1u << (u % PAGE_UNITS);
		if (page >= v->r.shard->pages_known || (v->seen[page].units & bit)) {
			find(v, "the span at unit %u overlaps another, or the end of the arena", unit);
			return false;
		}
		v->seen[page].units |= (uint8_t)bit;
	}
	return true;
}

/* Accounts for a block; false if it is none or was accounted for already. */
static bool account(struct verify *v, link_t link, const char *what)
{
	const struct shard_ref *r = &v->r;
	uint32_t page = link_page(link), word = page < r->shard->pages_known ? page_words(r)[page] : 0;
	uint64_t *bits;
	uint32_t index;

	if (!block_starts_at(r, link)) {
		find(v, "%s at %u has no start bit", what, link);
		return false;
	}
	if (page_kind(word) == PAGE_SLAB) {
		index = (link - 1 - page * (PAGE_BYTES / GRANULE)) * GRANULE / slab_class_bytes[page_class(word)];
		bits = &v->seen[page].bits[index / 64];
		if (*bits >> (index % 64) & 1) {
			find(v, "%s at %u is accounted for twice", what, link);
			return false;
		}
		*bits |= UINT64_C(1) << (index % 64);
		v->bytes += slab_class_bytes[page_class(word)];
		return true;
	}
	index = (link - 1) / (UNIT_BYTES / GRANULE) % PAGE_UNITS;
	if (v->seen[page].starts >> index & 1) {
		find(v, "%s at %u is accounted for twice", what, link);
		return false;
	}
	v->seen[page].starts |= (uint8_t)(1u << index);
	v->bytes += block_bytes(r, link);
	return account_units(v, (link - 1) / (UNIT_BYTES / GRANULE), (uint32_t)(block_bytes(r, link) / UNIT_BYTES));
}

static void verify_entry(struct verify *v, uint64_t bucket, uint64_t word, uint32_t noted)
{
	const struct shard_ref *r = &v->r;
	link_t link = place_link(r, word_granule(word));
	struct entry_times times;

	if (!link) {
		find(v, "an index word of bucket %llu names a place outside of the arena", (unsigned long long)bucket);
		return;
	}
	if (!account(v, link, "an entry")) {
		return;
	}
	struct entry *e = link_entry(r, link);
	int64_t stamp = load_relaxed(&e->stamp);
	if (!entry_valid(e, block_bytes(r, link), &r->self->segment->hash)) {
		find(v, "the entry at %u is not sound: lengths, key or checksum", link);
		return;
	}
	if (hash_tag(e->hash) != word_tag(word) || e->type != word_type(word) ||
	    ((word & WORD_DEAD) && !(stamp & STAMP_DEAD))) {
		find(v, "the entry at %u does not fit its index word", link);
	}
	if (bucket_of(e->hash, layout_buckets(load_relaxed(&r->shard->layout))) != bucket) {
		find(v, "the entry at %u stands in a bucket that is not its own", link);
	}
	if ((stamp & STAMP_FROZEN) || (load_relaxed(&e->lock) & LOCK_FROZEN) ||
	    (e->type == STORE_INT && (load_relaxed(entry_word(e)) & INT_FROZEN))) {
		find(v, "the entry at %u is frozen", link);
	}
	if ((load_relaxed(&e->version) & 1) || load_relaxed(&e->version) > r->shard->version) {
		find(v, "the entry at %u has an impossible version", link);
	}
	if (entry_state(e) != ENTRY_LIVE || entry_queue(e) == QUEUE_NONE) {
		find(v, "the entry at %u is in the index but not live in a queue", link);
	}
	entry_times(e, stamp, &times);
	if (times.hard_us != INT64_MAX && noted > index_second(r, times.hard_us)) {
		find(v, "bucket %llu notes a later expiry than that of the entry at %u", (unsigned long long)bucket, link);
	}
	v->entries++;
}

static void verify_index(struct verify *v)
{
	const struct shard_ref *r = &v->r;
	uint64_t buckets = layout_buckets(load_relaxed(&r->shard->layout));

	for (uint64_t bucket = 0; bucket < buckets; bucket++) {
		struct bucket_line *first = bucket_line(r, bucket);
		uint32_t lines = 0;
		for (struct bucket_line *line = first; line; line = line_next(r, line)) {
			if (lines++ > 0 && (!account(v, pointer_link(r, line), "a line") || lines > CHAIN_LINES_MAX)) {
				find(v, "the chain of bucket %llu does not end", (unsigned long long)bucket);
				break;
			}
			v->lines += lines > 1;
			for (uint32_t i = 0; i < LINE_SLOTS; i++) {
				uint64_t word = load_relaxed(&line->slots[i]);
				if (word) {
					verify_entry(v, bucket, word, line_expiry(load_relaxed(&first->header)));
				}
			}
		}
	}
	if (v->entries != load_relaxed(&r->shard->entries)) {
		find(v, "%llu entries are counted, %llu are there", (unsigned long long)load_relaxed(&r->shard->entries),
		     (unsigned long long)v->entries);
	}
}

/* The entry that has this place in a queue: it has links of its own, or is the heir of a block that is still there. 0: it has no heir. */
static bool place_owner(const struct shard_ref *r, link_t link, link_t *owner)
{
	const struct shard *s = r->shard;

	*owner = link;
	if (entry_state(link_entry(r, link)) == ENTRY_LIVE) {
		return !entry_is_heir(link_entry(r, link));
	}
	for (uint32_t i = 0; i < s->deferred_count && i < FIFO_DEFERRED; i++) {
		if (s->deferred[i].block == link) {
			*owner = s->deferred[i].heir;
			return !*owner || (block_starts_at(r, *owner) && entry_is_heir(link_entry(r, *owner)) &&
			                   entry_state(link_entry(r, *owner)) == ENTRY_LIVE && link_entry(r, *owner)->next == i &&
			                   entry_queue(link_entry(r, *owner)) == entry_queue(link_entry(r, link)));
		}
	}
	return false;
}

static uint32_t verify_queue(struct verify *v, link_t head, link_t tail, uint32_t noted, uint32_t class, enum entry_queue queue)
{
	const struct shard_ref *r = &v->r;
	uint32_t number = 0, left = 0;
	link_t last = 0, owner;

	for (link_t link = head; link && number + left <= noted + FIFO_DEFERRED; last = link, link = link_entry(r, link)->next) {
		const struct entry *e = link_entry(r, link);
		if (!block_starts_at(r, link) || !place_owner(r, link, &owner) || entry_queue(e) != queue ||
		    block_class(r, link) != class || e->prev != last) {
			find(v, "queue %d of class %u holds something else at %u", queue, class, link);
			return number;
		}
		left += owner != link;
		number += owner != 0;
	}
	v->left += left;
	if (number != noted || last != tail) {
		find(v, "queue %d of class %u: %u entries are noted, %u found", queue, class, noted, number);
	}
	return number;
}

static void verify_queues(struct verify *v)
{
	const struct shard *s = v->r.shard;
	uint64_t queued = 0;

	for (uint32_t class = 0; class < CLASSES; class++) {
		const struct size_class *c = &s->classes[class];
		queued += verify_queue(v, c->small_head, c->small_tail, c->small_count, class, QUEUE_SMALL);
		queued += verify_queue(v, c->main_head, c->main_tail, c->main_count, class, QUEUE_MAIN);
	}
	if (queued != v->entries) {
		find(v, "%llu entries are queued, %llu indexed", (unsigned long long)queued, (unsigned long long)v->entries);
	}
	for (uint32_t i = 0; i < s->deferred_count && i < FIFO_DEFERRED; i++) {
		if (account(v, s->deferred[i].block, "a block that is about to leave its queue") &&
		    entry_state(link_entry(&v->r, s->deferred[i].block)) != ENTRY_RETIRED) {
			find(v, "the block at %u is about to leave its queue but is not retired", s->deferred[i].block);
		}
	}
	if (s->deferred_count != v->left) {
		find(v, "%u blocks are about to leave their queues, %u are noted", v->left, s->deferred_count);
	}
}

static void verify_limbo(struct verify *v)
{
	const struct shard_ref *r = &v->r;
	uint32_t number = 0;
	uint64_t bytes = 0;

	for (link_t link = r->shard->limbo; link; link = link_entry(r, link)->next) {
		if (!account(v, link, "a retired block")) {
			return;
		}
		if (entry_state(link_entry(r, link)) != ENTRY_RETIRED) {
			find(v, "the block at %u is on the limbo list but not retired", link);
		}
		number++;
		bytes += block_bytes(r, link);
	}
	if (number != r->shard->limbo_count || bytes != r->shard->limbo_bytes) {
		find(v, "limbo: %u blocks are noted, %u found", r->shard->limbo_count, number);
	}
}

static void verify_ready(struct verify *v)
{
	const struct shard_ref *r = &v->r;
	uint32_t all = 0;

	for (uint32_t class = 0; class < CLASSES; class++) {
		const struct size_class *c = &r->shard->classes[class];
		uint32_t number = 0;
		for (link_t link = c->ready; link; link = link_entry(r, link)->next, number++) {
			if (!account(v, link, "a block that is ready")) {
				return;
			}
			if (entry_state(link_entry(r, link)) != ENTRY_RETIRED || block_class(r, link) != class) {
				find(v, "the block at %u is ready, but not retired, or of another class", link);
			}
		}
		if (number != c->ready_count) {
			find(v, "class %u: %u blocks are ready, %u are noted", class, number, c->ready_count);
		}
		all += number;
	}
	if (all != r->shard->ready) {
		find(v, "%u blocks are ready, %u are noted", all, r->shard->ready);
	}
}

static void account_inflight(void *context, uint64_t granule, uint32_t index)
{
	struct verify *v = context;
	link_t link = granule >= v->r.arena_granule ? place_link(&v->r, granule) : 0;

	if (index < WRITER_PINS && link && block_starts_at(&v->r, link) && block_class(&v->r, link) != LINE_CLASS &&
	    entry_state(link_entry(&v->r, link)) == ENTRY_INFLIGHT) {
		unsigned before = v->broken;
		account(v, link, "a block in flight");
		v->in_flight += v->broken - before;
	}
}

static void verify_slab(struct verify *v, uint32_t page, uint32_t *used)
{
	const struct slab *slab = slab_of(&v->r, page);
	uint32_t number = 0;

	for (uint32_t w = 0; w < 4; w++) {
		number += (uint32_t)__builtin_popcountll(slab->bits[w]);
		if (slab->bits[w] != v->seen[page].bits[w]) {
			find(v, "page %u: a block is in use that nobody knows", page);
		}
	}
	if (number != slab->used || slab->class != page_class(page_words(&v->r)[page]) ||
	    (slab->used < slab->blocks && !slab->listed) || (slab->used == slab->blocks && slab->listed)) {
		find(v, "page %u: the slab's record does not fit its bits", page);
	}
	used[slab->class] += number;
}

static void verify_pages(struct verify *v)
{
	const struct shard_ref *r = &v->r;
	struct shard *s = r->shard;
	uint32_t free_units = 0, used[CLASSES] = {0}, index_pages = 0, ghost_pages = 0;

	for (uint32_t page = 0; page < s->pages_known; page++) {
		uint32_t nibble = (uint32_t)(unit_free_bits(r)[page / 16] >> (page % 16 * 4)) & 0xf;
		uint32_t starts = (uint32_t)(span_start_bits(r)[page / 16] >> (page % 16 * 4)) & 0xf;
		enum page_kind kind = page_kind(page_words(r)[page]);

		free_units += (uint32_t)__builtin_popcount(nibble);
		index_pages += kind == PAGE_INDEX;
		ghost_pages += kind == PAGE_GHOST;
		if ((kind == PAGE_FREE) != (nibble == 0xf) || (kind != PAGE_SPANS && kind != PAGE_FREE && nibble != 0) ||
		    (kind != PAGE_SPANS && starts != 0) || (nibble & v->seen[page].units) != 0 ||
		    (kind == PAGE_SPANS && (nibble | v->seen[page].units) != 0xf)) {
			find(v, "page %u: kind %d does not fit its units", page, kind);
		}
		if (kind == PAGE_SLAB) {
			verify_slab(v, page, used);
		} else if (starts != v->seen[page].starts) {
			find(v, "page %u: a span is in use that nobody knows", page);
		}
		used[SPAN_CLASS] += (uint32_t)__builtin_popcount(starts);
	}
	for (uint32_t unit = s->pages_known * PAGE_UNITS; unit < (r->geometry->pages * PAGE_UNITS + 63) / 64 * 64; unit++) {
		if ((unit_free_bits(r)[unit / 64] | span_start_bits(r)[unit / 64]) >> (unit % 64) & 1) {
			find(v, "unit %u is beyond the arena and not blank", unit);
		}
	}
	for (uint32_t class = 0; class < CLASSES; class++) {
		if (used[class] != s->classes[class].used) {
			find(v, "class %u: %u blocks are counted, %u in use", class, s->classes[class].used, used[class]);
		}
	}
	if (free_units != s->free_units || index_pages != s->index_pages || ghost_pages != s->ghost_pages ||
	    v->bytes != s->block_bytes) {
		find(v, "the totals of units, pages or bytes are wrong (free %u/%u, index %u/%u, ghost %u/%u, bytes %llu/%llu)",
		     s->free_units, free_units, s->index_pages, index_pages, s->ghost_pages, ghost_pages,
		     (unsigned long long)s->block_bytes, (unsigned long long)v->bytes);
	}
}

/* Hashes of the slots in use, by set. */
static void verify_leases(struct verify *v)
{
	uint32_t used = 0;

	for (uint32_t number = 0; number < v->r.geometry->lease_sets; number++) {
		const struct lease_set *set = lease_set_number(&v->r, number);
		for (uint32_t i = 0; i < LEASE_WAYS; i++) {
			uint64_t hash = load_relaxed(&set->hashes[i]);
			used += hash != 0;
			for (uint32_t other = 0; other < i && hash; other++) {
				if (load_relaxed(&set->hashes[other]) == hash) {
					find(v, "lease set %u has two slots for one key", number);
				}
			}
		}
	}
	if (used != load_relaxed(&v->r.shard->leases)) {
		find(v, "%u lease slots are counted, %u in use", load_relaxed(&v->r.shard->leases), used);
	}
}

static void verify_shard(struct verify *v)
{
	alloc_take_in(&v->r);
	verify_index(v);
	verify_queues(v);
	verify_limbo(v);
	verify_ready(v);
	full_fence(); /* not needed: writers' pins change under the lock; so that this is no exception to pins_scan()'s rule */
	pins_scan(v->r.self->segment, NO_SLOT, account_inflight, v);
	verify_pages(v);
	verify_leases(v);
}

/* Where every millisecond somebody dies, in a torture, once more is not enough. */
#define IN_FLIGHT_TRIES 50u
#define IN_FLIGHT_PAUSE_US 1000

unsigned store_verify(struct store *store, void (*report)(void *context, const char *sentence), void *context)
{
	struct verify *v = malloc(sizeof *v);
	unsigned broken = 0;

	if (!v || store_enter(store) != CACHE_OK) {
		free(v);
		report(context, "not verified: no memory, or no participant slot");
		return 1;
	}
	unsigned tries = 0;
	for (uint32_t i = 0; i < store->segment->geometry.shards; i += tries == 0) {
		memset(v, 0, sizeof *v);
		v->r = shard_open(&store->owner, i);
		v->seen = calloc(store->segment->geometry.pages, sizeof *v->seen);
		if (!v->seen || shard_lock(&v->r) != CACHE_OK) {
			find(v, "not verified: no memory, or its lock is not to be had");
		} else {
			verify_shard(v);
			shard_unlock(&v->r);
		}
		free(v->seen);
		/*
		 * Whoever recovers a dead writer opens his locks first and clears his pins after that: in between, and for longer if
		 * the recoverer dies there, such a pin may name a block that is somebody else's by now. Once the dead are cleaned up
		 * after, it is gone; but others may have died meanwhile. What is really broken stays so.
		 */
		if (v->broken != 0 && v->broken == v->in_flight && tries < IN_FLIGHT_TRIES) {
			tries++;
			owner_reap_all(&store->owner);
			usleep(IN_FLIGHT_PAUSE_US);
			continue;
		}
		tries = 0;
		for (unsigned k = 0; report && k < v->broken && k < FINDINGS_MAX; k++) {
			report(context, v->findings[k]);
		}
		broken += v->broken;
	}
	free(v);
	broken += queue_verify(&store->owner, report, context);
	store_leave(store);
	return broken;
}
