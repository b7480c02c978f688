#include "support.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/lease.h"
#include "core/store/retire.h"

/*
 * Each rule of the verifier is broken once: it must be found, and whoever attaches alone must mend it. A verifier that
 * finds nothing would make all other tests worthless.
 */

static struct shard_ref r;
static struct store *store;

static void populate(void)
{
	store = open_store(2 * MB);
	for (uint64_t i = 0; i < 400; i++) {
		struct store_key key = key_number(store, "int", i);
		struct store_item item = item_int((int64_t)i);
		item.ttl_us = i % 4 ? 0 : (int64_t)(60 + i) * 1000000;
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
		key = key_number(store, "string", i);
		CHECK_OK(put_value(store, &key, i * 3, i));
	}
	for (uint64_t i = 0; i < 20; i++) {
		struct store_key key = key_number(store, "span", i);
		CHECK_OK(put_value(store, &key, 5000 + i * 1000, i));
	}
	r = shard_open(&store->owner, 0);
}

static void quiet(void *context, const char *sentence)
{
	(void)context;
	(void)sentence;
}

static void find_sentence(void *context, const char *sentence)
{
	const char **part = context;

	if (*part && strstr(sentence, *part)) {
		*part = NULL;
	}
}

/* ---- what may be broken ---------------------------------------------------------------------------------- */

static atomic_u64 *slot_of(const char *name)
{
	struct store_key key = key_of(store, name);
	struct shard_ref locked = lock_shard(store, 0);
	atomic_u64 *slot = index_find(&locked, &key);

	shard_unlock(&locked);
	CHECK(slot != NULL);
	return slot;
}

static link_t link_of(const char *name) { return place_link(&r, word_granule(load_relaxed(slot_of(name)))); }
static struct entry *entry_of(const char *name) { return link_entry(&r, link_of(name)); }

static atomic_u64 *empty_slot(uint64_t bucket)
{
	for (uint32_t i = 0; i < LINE_SLOTS; i++) {
		atomic_u64 *slot = &bucket_line(&r, bucket)->slots[i];
		if (load_relaxed(slot) == 0) {
			return slot;
		}
	}
	return NULL;
}

static uint64_t buckets(void) { return layout_buckets(load_relaxed(&r.shard->layout)); }

static uint64_t bucket_with_room(uint64_t but)
{
	for (uint64_t bucket = 0;; bucket++) {
		CHECK(bucket < buckets());
		if (bucket != but && empty_slot(bucket)) {
			return bucket;
		}
	}
}

static void clear_start_bit(link_t link)
{
	struct slab *slab = slab_of(&r, link_page(link));
	uint32_t offset = (link - 1) % (PAGE_BYTES / GRANULE) * GRANULE / slab_class_bytes[slab->class];

	CHECK(slab->bits[offset / 64] >> (offset % 64) & 1);
	slab->bits[offset / 64] &= ~(UINT64_C(1) << (offset % 64));
}

static void no_start_bit(void) { clear_start_bit(link_of("int:7")); }
static void no_span_start_bit(void)
{
	uint32_t unit = (link_of("span:3") - 1) / (UNIT_BYTES / GRANULE);

	span_start_bits(&r)[unit / 64] &= ~(UINT64_C(1) << (unit % 64));
}

static void outside_of_the_arena(void)
{
	uint64_t word = load_relaxed(slot_of("int:7"));

	store_relaxed(slot_of("int:7"), (word & ~((UINT64_C(1) << PLACE_BITS) - 1)) | (r.arena_granule - 5));
}

static void into_another_bucket(void)
{
	struct store_key key = key_of(store, "int:7");
	atomic_u64 *from = slot_of("int:7"), *to = empty_slot(bucket_with_room(bucket_of(key.hash, buckets())));

	store_relaxed(to, load_relaxed(from));
	store_relaxed(from, 0);
}

static void named_twice(void)
{
	for (uint64_t i = 0; i < 400; i++) {
		struct store_key key = key_number(store, "int", i);
		atomic_u64 *to = empty_slot(bucket_of(key.hash, buckets()));
		if (to) {
			store_relaxed(to, load_relaxed(slot_of(key.bytes)));
			return;
		}
	}
	CHECK(!"there is a bucket with room");
}

static void another_tag(void) { store_relaxed(slot_of("int:7"), load_relaxed(slot_of("int:7")) ^ UINT64_C(1) << 60); }
static void another_type(void)
{
	store_relaxed(slot_of("string:7"), load_relaxed(slot_of("string:7")) ^ UINT64_C(1) << PLACE_BITS);
}

static void a_changed_value(void) { entry_value(entry_of("string:70"))[5] ^= 1; }
static void a_changed_key(void) { entry_of("string:70")->key[2] ^= 1; }
static void a_changed_hash(void) { entry_of("string:70")->hash ^= 1; }
static void a_longer_value(void) { entry_of("string:70")->size += 100000; }
static void no_key(void) { entry_of("int:7")->key_length = 0; }
static void a_frozen_stamp(void) { rmw_or(&entry_of("int:7")->stamp, STAMP_FROZEN); }
static void a_frozen_lock(void) { rmw_or(&entry_of("int:7")->lock, LOCK_FROZEN); }
static void a_frozen_int(void) { rmw_or(entry_word(entry_of("int:7")), INT_FROZEN); }
static void an_odd_version(void) { rmw_or(&entry_of("int:7")->version, 1); }
static void a_version_to_come(void) { store_relaxed(&entry_of("int:7")->version, r.shard->version + 2); }
static void a_retired_state(void) { entry_set_state(entry_of("int:7"), ENTRY_RETIRED, QUEUE_SMALL); }
static void an_inflight_state(void) { entry_set_state(entry_of("int:7"), ENTRY_INFLIGHT, QUEUE_SMALL); }
static void a_wrong_queue(void)
{
	struct entry *e = entry_of("int:7");

	entry_set_state(e, ENTRY_LIVE, entry_queue(e) == QUEUE_SMALL ? QUEUE_MAIN : QUEUE_SMALL);
}
static void a_cut_queue(void) { entry_of("int:7")->next = 0; }
static void a_wrong_way_back(void) { entry_of("int:7")->prev = entry_of("int:9")->prev; }
static void a_wrong_count_of_a_queue(void) { r.shard->classes[block_class(&r, link_of("int:7"))].small_count++; }
static void a_lost_tail(void)
{
	struct size_class *c = &r.shard->classes[block_class(&r, link_of("int:7"))];

	*(c->small_count ? &c->small_tail : &c->main_tail) = link_of("span:3");
}

/* A block that is about to leave its queue, and the entry that takes its place. */
static struct fifo_note *note(void)
{
	struct store_key key = key_of(store, "string:70");

	CHECK_OK(put_value(store, &key, entry_of("string:70")->size, 70));
	CHECK(r.shard->deferred_count > 0 && r.shard->deferred_count < FIFO_DEFERRED);
	return &r.shard->deferred[r.shard->deferred_count - 1];
}
static void a_place_without_an_heir(void) { note()->heir = 0; }
static void a_place_of_another_heir(void) { note()->heir = link_of("int:7"); }
static void an_heir_of_another_place(void)
{
	(void)note();
	entry_of("string:70")->next++;
}
static void no_note(void)
{
	(void)note();
	r.shard->deferred_count--;
}
static void one_note_too_many(void)
{
	struct fifo_note *last = note();

	last[1] = *last;
	r.shard->deferred_count++;
}
static void a_noted_block_that_lives(void) { link_entry(&r, note()->block)->state = ENTRY_LIVE | QUEUE_SMALL << 4; }

static void a_late_expiry(void)
{
	struct store_key key = key_of(store, "int:8");
	struct bucket_line *line = bucket_line(&r, bucket_of(key.hash, buckets()));

	rmw_or(&line->header, EXPIRY_NEVER);
}

static void one_entry_too_many(void) { store_relaxed(&r.shard->entries, load_relaxed(&r.shard->entries) + 1); }

static void a_leaked_block(void)
{
	struct shard_ref locked = lock_shard(store, 0);

	CHECK(slab_take(&locked, class_for(300)) != 0);
	shard_unlock(&locked);
}

static void a_leaked_line(void)
{
	struct shard_ref locked = lock_shard(store, 0);

	CHECK(slab_take(&locked, LINE_CLASS) != 0);
	shard_unlock(&locked);
}

static void a_leaked_span(void)
{
	struct shard_ref locked = lock_shard(store, 0);

	CHECK(span_take(&locked, 2) != 0);
	shard_unlock(&locked);
}

static void a_lost_word(void) { store_relaxed(slot_of("int:7"), 0); }

static void a_chain_that_bites_its_tail(void)
{
	struct bucket_line *line;

	for (uint64_t bucket = 0; bucket < buckets(); bucket++) {
		line = bucket_line(&r, bucket);
		if (line_overflow(load_relaxed(&line->header))) {
			struct bucket_line *next = line_next(&r, line);
			store_relaxed(&next->header, (load_relaxed(&next->header) & 0xffffffff) |
			                                 (uint64_t)pointer_link(&r, next) << 32);
			return;
		}
	}
	CHECK(!"there is a chain of two lines");
}

static void a_chain_into_nothing(void)
{
	struct bucket_line *line = bucket_line(&r, 3);

	store_relaxed(&line->header, (load_relaxed(&line->header) & 0xffffffff) | (uint64_t)link_of("string:50") << 32);
}

static void a_wrong_limbo(void) { r.shard->limbo_count += 3; }
static void bytes_that_are_not_there(void) { r.shard->block_bytes += 64; }
static void units_that_are_not_there(void) { r.shard->free_units--; }
static void blocks_that_are_not_there(void) { r.shard->classes[5].used++; }
static void a_slab_that_counts_wrong(void) { slab_of(&r, link_page(link_of("int:7")))->used--; }
static void a_slab_of_another_class(void) { slab_of(&r, link_page(link_of("int:7")))->class ^= 1; }

static void a_free_unit_in_use(void)
{
	uint32_t unit = (link_of("span:3") - 1) / (UNIT_BYTES / GRANULE);

	unit_free_bits(&r)[unit / 64] |= UINT64_C(1) << (unit % 64);
	r.shard->free_units++;
}

static void units_that_nobody_has(void)
{
	for (uint32_t page = 0; page < r.shard->pages_known; page++) {
		if (page_kind(page_words(&r)[page]) == PAGE_FREE) {
			page_words(&r)[page] = page_word(PAGE_SPANS, 0);
			unit_free_bits(&r)[page / 16] &= ~(UINT64_C(0xf) << page % 16 * 4);
			r.shard->free_units -= PAGE_UNITS;
			return;
		}
	}
	CHECK(!"there is a free page");
}

static void a_free_unit_beyond_the_arena(void)
{
	uint32_t last = (r.geometry->pages + 15) / 16 * 64 - 1;

	unit_free_bits(&r)[last / 64] |= UINT64_C(1) << (last % 64);
}

static void a_page_called_free(void)
{
	page_words(&r)[link_page(link_of("span:3"))] = page_word(PAGE_FREE, 0);
}

static void an_index_page_called_ghost(void) { page_words(&r)[index_directory(&r)[0]] = page_word(PAGE_GHOST, 0); }

static void grant_leases(void)
{
	for (uint64_t i = 0; i < 10; i++) {
		struct store_key key = key_number(store, "int", i);
		CHECK(store_lease(store, &key, 1000000000) > 0);
	}
}

static void one_lease_too_many(void)
{
	grant_leases();
	rmw_add(&r.shard->leases, 1);
}

static void one_lease_too_few(void)
{
	grant_leases();
	rmw_add(&r.shard->leases, -1);
}

static void a_lease_that_nobody_counted(void)
{
	store_relaxed(&lease_set_number(&r, 0)->hashes[3], 12345);
}

static void two_leases_of_one_key(void)
{
	struct lease_set *set = lease_set_number(&r, 0);

	store_relaxed(&set->hashes[2], 12345);
	store_relaxed(&set->hashes[6], 12345);
	rmw_add(&r.shard->leases, 2);
}

#define BREAK(function, sentence) {#function, function, sentence}
static const struct {
	const char *name;
	void (*break_it)(void);
	const char *says;
} rules[] = {
	BREAK(no_start_bit, "start bit"),
	BREAK(no_span_start_bit, "start bit"),
	BREAK(outside_of_the_arena, "outside"),
	BREAK(into_another_bucket, "not its own"),
	BREAK(named_twice, "twice"),
	BREAK(another_tag, "does not fit its index word"),
	BREAK(another_type, "does not fit its index word"),
	BREAK(a_changed_value, "not sound"),
	BREAK(a_changed_key, "not sound"),
	BREAK(a_changed_hash, "not sound"),
	BREAK(a_longer_value, "not sound"),
	BREAK(no_key, "not sound"),
	BREAK(a_frozen_stamp, "frozen"),
	BREAK(a_frozen_lock, "frozen"),
	BREAK(a_frozen_int, "frozen"),
	BREAK(an_odd_version, "version"),
	BREAK(a_version_to_come, "version"),
	BREAK(a_retired_state, "not live"),
	BREAK(an_inflight_state, "not live"),
	BREAK(a_wrong_queue, "queue"),
	BREAK(a_cut_queue, "queue"),
	BREAK(a_wrong_way_back, "queue"),
	BREAK(a_wrong_count_of_a_queue, "queue"),
	BREAK(a_lost_tail, "queue"),
	BREAK(a_place_without_an_heir, "queue"),
	BREAK(a_place_of_another_heir, "queue"),
	BREAK(an_heir_of_another_place, "queue"),
	BREAK(no_note, "queue"),
	BREAK(one_note_too_many, "twice"),
	BREAK(a_noted_block_that_lives, "not retired"),
	BREAK(a_late_expiry, "expiry"),
	BREAK(one_entry_too_many, "entries are counted"),
	BREAK(a_leaked_block, "nobody knows"),
	BREAK(a_leaked_line, "nobody knows"),
	BREAK(a_leaked_span, "nobody knows"),
	BREAK(a_lost_word, "nobody knows"),
	BREAK(a_chain_that_bites_its_tail, "chain"),
	BREAK(a_chain_into_nothing, ""),
	BREAK(a_wrong_limbo, "limbo"),
	BREAK(bytes_that_are_not_there, "totals"),
	BREAK(units_that_are_not_there, "totals"),
	BREAK(blocks_that_are_not_there, "blocks are counted"),
	BREAK(a_slab_that_counts_wrong, "slab"),
	BREAK(a_slab_of_another_class, "slab"),
	BREAK(a_free_unit_in_use, "units"),
	BREAK(units_that_nobody_has, "unit"),
	BREAK(a_free_unit_beyond_the_arena, "unit"),
	BREAK(a_page_called_free, ""),
	BREAK(an_index_page_called_ghost, ""),
	BREAK(one_lease_too_many, "lease slots are counted"),
	BREAK(one_lease_too_few, "lease slots are counted"),
	BREAK(a_lease_that_nobody_counted, "lease slots are counted"),
	BREAK(two_leases_of_one_key, "two slots for one key"),
};

static void a_sound_segment_has_no_findings(void **state)
{
	(void)state;
	populate();
	CHECK_VERIFIED(store);
	CHECK_EQ(store_verify(store, NULL, NULL), 0);
}

static void each_broken_rule_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const char *part = rules[i].says;
		populate();
		CHECK_VERIFIED(store);
		rules[i].break_it();
		if (store_verify(store, quiet, NULL) == 0) {
			check_failed(__FILE__, __LINE__, "the verifier does not see %s", rules[i].name);
		}
		(void)store_verify(store, find_sentence, &part);
		if (part) {
			check_failed(__FILE__, __LINE__, "no sentence about %s says \"%s\"", rules[i].name, part);
		}
		char path[512];
		snprintf(path, sizeof path, "%s", store->segment->path);
		close_store(store);
		CHECK_EQ(remove(path), 0);
	}
}

static void whoever_attaches_alone_mends_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		unsigned lost = 0;
		populate();
		rules[i].break_it();
		close_store(store);
		store = open_store(2 * MB);
		CHECK_VERIFIED(store);
		for (uint64_t k = 0; k < 400; k++) {
			struct store_key key = key_number(store, "int", k);
			struct store_view view;
			if (store_get(store, &key, &view) == CACHE_OK) {
				CHECK_EQ(view.integer, k);
			} else {
				lost++;
			}
			key = key_number(store, "string", k);
			lost += !holds_value(store, &key, k * 3, k);
			if (has_key(store, &key)) {
				CHECK(holds_value(store, &key, k * 3, k));
			}
		}
		for (uint64_t k = 0; k < 20; k++) {
			struct store_key key = key_number(store, "span", k);
			lost += !holds_value(store, &key, 5000 + k * 1000, k);
		}
		/* What was broken is one entry, or one chain at most. A directory that cannot be believed costs everything. */
		if (lost > LINE_SLOTS * CHAIN_LINES_MAX && !strstr(rules[i].name, "index_page")) {
			check_failed(__FILE__, __LINE__, "%u entries lost by %s", lost, rules[i].name);
		}
		for (uint64_t k = 0; k < 200; k++) {
			struct store_key key = key_number(store, "after", k);
			CHECK_OK(put_value(store, &key, k * 40, k));
			CHECK(holds_value(store, &key, k * 40, k));
		}
		CHECK_VERIFIED(store);
		char path[512];
		snprintf(path, sizeof path, "%s", store->segment->path);
		close_store(store);
		CHECK_EQ(remove(path), 0);
	}
}

/* Verifying takes the locks one by one, in the middle of other processes' work. */
static void put_until_stopped(void *context)
{
	struct store *mine = open_store(2 * MB);
	struct rng rng = {(uint64_t)(uintptr_t)context};

	while (!world->flags[1]) {
		struct store_key key = key_number(mine, "key", rng_below(&rng, 500));
		if (rng_below(&rng, 4)) {
			(void)!put_value(mine, &key, rng_below(&rng, 6000), 1);
		} else {
			(void)!store_delete(mine, &key);
		}
	}
}

static void verifying_beside_writers(void **state)
{
	pid_t a, b;

	(void)state;
	store = open_store(2 * MB);
	a = child_start(put_until_stopped, (void *)1);
	b = child_start(put_until_stopped, (void *)2);
	for (int i = 0; i < 100; i++) {
		CHECK_VERIFIED(store);
	}
	flag_raise(1);
	child_join(a);
	child_join(b);
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sound_segment_has_no_findings),
		TEST(each_broken_rule_is_found),
		TEST(whoever_attaches_alone_mends_it),
		TEST(verifying_beside_writers),
	};

	return RUN(tests, argc, argv);
}
