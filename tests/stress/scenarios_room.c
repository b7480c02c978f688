/*
 * Making room: evicting, stealing slabs, emptying windows, growing, giving up.
 */
#include "snapstep.h"

#include <string.h>

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/reserve.h"

static void then_new(struct world *w, uint32_t size)
{
	w->op = model_key(&w->model, world_name(w, 0, 0));
	model_all_may_go(&w->model);
	model_then_value(w->op, 2, size);
}

/* Values of that size until there is no room for another one without evicting. */
static void fill(struct world *w, uint32_t size)
{
	const struct shard *s = world_shard(w).shard;
	uint64_t evicted = counter_sum(w->a, STORE_COUNT_evictions);
	uint32_t class = class_for(size + sizeof(struct entry) + 16);

	while (counter_sum(w->a, STORE_COUNT_evictions) == evicted || s->limbo_count > 0 ||
	       (class < SPAN_CLASS ? class_has_block(&s->classes[class]) : s->free_units >= units_for(size))) {
		world_put(w, 1, size);
	}
	world_note_gone(w);
}

/* Reads every n-th key twice. */
static void warm(struct world *w, uint32_t every)
{
	for (uint32_t i = 0; i < w->model.count; i += every) {
		struct store_key key = key_of(w->a, w->model.keys[i].name);
		(void)!store_exists(w->a, &key);
		(void)!store_exists(w->a, &key);
	}
}

static void prepare_evict(struct world *w)
{
	fill(w, 1000);
	then_new(w, 1000);
}

static void prepare_evict_two_steps(struct world *w)
{
	fill(w, 1800);
	then_new(w, 1800);
}

static void prepare_replace_full(struct world *w)
{
	fill(w, 1000);
	w->op = model_put(&w->model, w->a, "op", 1000);
	world_note_gone(w);
	/* The old value may have to go to make room for the new one. */
	model_all_may_go(&w->model);
	model_then_value(w->op, 2, 400);
}

static void prepare_steal(struct world *w)
{
	fill(w, 900);
	warm(w, 3);
	then_new(w, 40);
}

static void prepare_steal_cold(struct world *w)
{
	fill(w, 900);
	then_new(w, 40);
}

static void prepare_window(struct world *w)
{
	fill(w, 700);
	warm(w, 5);
	/* The oldest page stands between such that cannot be emptied: this one takes it. */
	world_put(w, 1, 12000);
	world_note_gone(w);
	then_new(w, 20000);
}

static void prepare_window_of_spans(struct world *w)
{
	fill(w, 9000);
	then_new(w, 14000);
}

/* Everything is pinned: the value has no room, and the old one must not stay. */
static void prepare_no_memory(struct world *w)
{
	fill(w, 3900);
	for (uint32_t i = 0; i < w->model.count; i++) {
		if (w->model.keys[i].states[0].present) {
			world_pin(w, &w->model.keys[i]);
			w->op = &w->model.keys[i];
		}
	}
	model_then_absent(w->op);
}

static void act_put_without_room(struct world *w)
{
	w->shared->status = put_value(w->a, w->op->name, w->op->owner, 2, 3900);
}

/* Would a put of the key be a ghost hit? */
static bool ghost_knows(const struct shard_ref *r, uint64_t hash)
{
	static char pages[4][PAGE_BYTES];
	uint32_t number = r->shard->ghost_pages < 4 ? r->shard->ghost_pages : 4;
	bool known;

	for (uint32_t i = 0; i < number; i++) {
		memcpy(pages[i], r->arena + (uint64_t)ghost_directory(r)[i] * PAGE_BYTES, PAGE_BYTES);
	}
	known = ghost_take(r, hash);
	for (uint32_t i = 0; i < number; i++) {
		memcpy(r->arena + (uint64_t)ghost_directory(r)[i] * PAGE_BYTES, pages[i], PAGE_BYTES);
	}
	return known;
}

static void prepare_ghost_hit(struct world *w)
{
	struct shard_ref r = world_shard(w);
	uint32_t i;

	fill(w, 1000);
	world_put(w, 10, 1000);
	world_note_gone(w);
	for (i = 0; i < w->model.count; i++) {
		if (!w->model.keys[i].states[0].present && ghost_knows(&r, key_of(w->a, w->model.keys[i].name).hash)) {
			break;
		}
	}
	if (i == w->model.count) {
		die("no key is in the ghost");
	}
	model_all_may_go(&w->model);
	w->op = &w->model.keys[i];
	model_then_value(w->op, 2, 1000);
}

static void prepare_full_chain(struct world *w)
{
	for (uint32_t i = 0; i < CHAIN_LINES_MAX * LINE_SLOTS; i++) {
		model_put_int(&w->model, w->a, world_name(w, 7, 3), i);
	}
	model_all_may_go(&w->model);
	w->op = model_key(&w->model, world_name(w, 7, 3));
	model_then_int(w->op, 77);
}

/* How many values of that size a segment takes before it grows. Segments of one seed are alike. */
static uint32_t values_before_growth(uint32_t size)
{
	static struct test_host host;
	const char *folder = make_folder();
	struct store *store;
	const struct shard *s;
	uint32_t number = 0, ready;
	char name[32];

	test_host_init(&host, world_seed);
	store = open_store(folder, STORE_SIZE_MIN, 5, &host.host);
	s = shard_open(&store->owner, 0).shard;
	for (ready = load_relaxed(&s->pages_ready); load_relaxed(&s->pages_ready) == ready; number++) {
		snprintf(name, sizeof name, "key:%u", number);
		if (put_value(store, name, 1, 1, size) != CACHE_OK) {
			die("cannot put");
		}
	}
	store_close(store);
	remove_folder(folder);
	return number - 1;
}

/* The next value needs memory, which the file system has: it is none for which a block may be in reserve. */
static void prepare_growth(struct world *w)
{
	world_put(w, values_before_growth(5000), 5000);
	w->op = model_key(&w->model, world_name(w, 0, 0));
	model_then_value(w->op, 2, 5000);
	w->before = load_relaxed(&world_shard(w).shard->pages_ready);
}

static bool grew(struct world *w)
{
	return load_relaxed(&world_shard(w).shard->pages_ready) > w->before;
}

static void prepare_growth_refused(struct world *w)
{
	prepare_growth(w);
	model_all_may_go(&w->model);
	w->op->count = 1;
	model_then_value(w->op, 2, 5000);
}

/* Slabs of that size that are nearly empty. */
static void hollow_slabs(struct world *w, uint32_t number, uint32_t size)
{
	uint32_t first = w->names;
	char name[32];

	for (uint32_t i = 0; i < number; i++) {
		if (put_value(w->a, world_name(w, 0, 0), 1, 1, size) != CACHE_OK) {
			die("cannot put");
		}
	}
	for (uint32_t i = 0; i < number; i++) {
		snprintf(name, sizeof name, "key:%u", first + i);
		struct store_key key = key_of(w->a, name);
		if (i % 100 != 0 && store_delete(w->a, &key) != CACHE_OK) {
			die("cannot delete");
		}
	}
	reserve_give_back(w->a);
	reclaim_all(w->a);
}

/* No page is free, and there are so many entries for each bucket that the next write makes the index insist on one. */
static void prepare_page_for_index(struct world *w)
{
	const struct shard *s = world_shard(w).shard;

	world_put(w, 5, 3000); /* the oldest: they will have to go */
	hollow_slabs(w, 1000, 24);
	hollow_slabs(w, 650, 40);
	while (s->free_units >= PAGE_UNITS) {
		world_put(w, 1, 3000);
	}
	while (load_relaxed(&s->entries) <= 256 * 6 && s->index_pages == 1) {
		world_put(w, 1, class_has_block(&s->classes[class_for(64 + 8 + 24 + 4)]) ? 24 : 40);
	}
	/* The file system was asked in vain a moment ago. */
	if (s->index_pages != 1 || counter_sum(w->a, STORE_COUNT_grow_failed) == 0 ||
	    layout_buckets(load_relaxed(&s->layout)) != 256) {
		die("the index has %u pages for %llu buckets, %llu entries, %llu evicted", s->index_pages,
		    (unsigned long long)layout_buckets(load_relaxed(&s->layout)), (unsigned long long)load_relaxed(&s->entries),
		    (unsigned long long)counter_sum(w->a, STORE_COUNT_evictions));
	}
	world_note_gone(w);
	model_all_may_go(&w->model);
	w->op = model_key(&w->model, world_name(w, 0, 0));
	model_then_value(w->op, 2, 40);
}

static bool index_got_page(struct world *w)
{
	return world_shard(w).shard->index_pages == 2;
}

/* More than a twentieth of the shard is retired and pinned: readers are told to copy. */
static void prepare_valve(struct world *w)
{
	for (uint32_t i = 0; i < 8; i++) {
		struct model_key *k = model_put(&w->model, w->a, world_name(w, 0, 0), 8000);
		world_pin(w, k);
		w->op = k;
		if (i < 7) {
			struct store_key key = key_of(w->a, k->name);
			(void)!store_delete(w->a, &key);
		}
	}
	world_note_gone(w);
	model_then_absent(w->op);
}

static void act_delete_and_reclaim(struct world *w)
{
	act_last_state(w);
	reclaim_all(w->a);
}

static bool valve_closed(struct world *w)
{
	return load_relaxed(&w->a->segment->superblock->no_new_pins) & 1;
}

const struct scenario room_scenarios[] = {
	{"put that evicts in its own class", prepare_evict, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(evictions)}},
	{"put in two steps that evicts", prepare_evict_two_steps, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(evictions)}},
	{"replace in a full arena", prepare_replace_full, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(slabs_stolen)}},
	{"put that steals a slab of cold entries", prepare_steal_cold, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(slabs_stolen), RAISES(evictions)}},
	{"put that steals a slab and relocates hot entries", prepare_steal, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(slabs_stolen), RAISES(relocations)}},
	{"put of a span that empties a window of slabs", prepare_window, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(slabs_stolen)}},
	{"put of a span that empties a window of spans", prepare_window_of_spans, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(evictions)}},
	{"put refused for lack of room drops the old value", prepare_no_memory, act_put_without_room,
     .flags = SCENARIO_SMALL, .raises = {RAISES(failed_memory)}, .status = CACHE_NO_MEMORY},
	{"put that the ghost knows", prepare_ghost_hit, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(ghost_hits)}},
	{"put into a full chain", prepare_full_chain, act_last_state, .raises = {RAISES(evictions_chain)}},
	{"put that grows the arena", prepare_growth, act_last_state, .happened = grew},
	{"put when the file system refuses to grow it", prepare_growth_refused, act_last_state, .flags = SCENARIO_SMALL,
     .raises = {RAISES(grow_failed)}},
	{"put that makes a page free for the index", prepare_page_for_index, act_last_state, .happened = index_got_page,
     .flags = SCENARIO_SMALL},
	{"delete that closes the valve for pins", prepare_valve, act_delete_and_reclaim, .happened = valve_closed},
	{0},
};
