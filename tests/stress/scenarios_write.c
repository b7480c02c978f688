/*
 * Operations on single keys, and what a write does on the way: lines, splits, sweeps.
 */
#include "snapstep.h"

#include <string.h>

#include "core/store/alloc.h"

static struct store_key op_key(struct world *w)
{
	return key_of(w->a, w->op->name);
}

static uint64_t buckets(struct world *w)
{
	return layout_buckets(load_relaxed(&world_shard(w).shard->layout));
}

static uint32_t lines(struct world *w)
{
	return world_shard(w).shard->classes[LINE_CLASS].used;
}

static struct model_key *absent_key(struct world *w, uint32_t mask, uint32_t bits)
{
	return model_key(&w->model, world_name(w, mask, bits));
}

static void put_ints(struct world *w, uint32_t number, uint32_t mask, uint32_t bits)
{
	for (uint32_t i = 0; i < number; i++) {
		model_put_int(&w->model, w->a, world_name(w, mask, bits), (int64_t)i * 3 + bits);
	}
}

/* ---- new keys ------------------------------------------------------------------------------------------- */

static void prepare_new_int(struct world *w)
{
	world_populate(w);
	w->op = absent_key(w, 0, 0);
	model_then_int(w->op, 77);
}

static void prepare_new_slab(struct world *w)
{
	world_populate(w);
	w->op = absent_key(w, 0, 0);
	model_then_value(w->op, 2, 900);
	w->before = world_shard(w).shard->classes[class_for(1000)].pages;
}

static bool opened_slab(struct world *w)
{
	return w->before == 0 && world_shard(w).shard->classes[class_for(1000)].pages == 1;
}

static void prepare_line(struct world *w)
{
	put_ints(w, 7, 7, 3);
	w->op = absent_key(w, 7, 3);
	model_then_int(w->op, 77);
	w->before = lines(w);
}

static bool added_line(struct world *w)
{
	return lines(w) == w->before + 1;
}

/* Eight buckets and 41 entries: the next write begins by splitting bucket 0. */
static void fill_up_to_split(struct world *w, uint32_t stay, uint32_t move)
{
	put_ints(w, move, 15, 8);
	put_ints(w, stay, 15, 0);
	for (uint32_t i = 0; i < 41 - stay - move; i++) {
		put_ints(w, 1, 7, 1 + i % 7);
	}
	if (buckets(w) != 8) {
		die("the index does not begin with 8 buckets, or splits earlier");
	}
	w->op = absent_key(w, 7, 5);
	model_then_int(w->op, 77);
	w->before = lines(w);
}

static void prepare_split(struct world *w)
{
	fill_up_to_split(w, 3, 2);
}
static void prepare_split_to_chain(struct world *w)
{
	fill_up_to_split(w, 9, 10);
}
static void prepare_split_closing_ranks(struct world *w)
{
	fill_up_to_split(w, 5, 5);
}
static bool split(struct world *w)
{
	return buckets(w) == 9;
}
static bool split_to_chain(struct world *w)
{
	return buckets(w) == 9 && lines(w) >= w->before;
}
static bool split_closing_ranks(struct world *w)
{
	return buckets(w) == 9 && lines(w) == w->before - 1;
}

static void prepare_index_page(struct world *w)
{
	put_ints(w, 1281, 0, 0);
	if (buckets(w) != 256) {
		die("1281 entries have %llu buckets", (unsigned long long)buckets(w));
	}
	w->op = absent_key(w, 0, 0);
	model_then_int(w->op, 77);
}

static bool added_index_page(struct world *w)
{
	return world_shard(w).shard->index_pages == 2;
}

static void prepare_new_of_size(struct world *w, uint32_t size)
{
	world_populate(w);
	w->op = absent_key(w, 0, 0);
	model_then_value(w->op, 2, size);
}
static void prepare_new_two_steps(struct world *w)
{
	prepare_new_of_size(w, 1800);
}
static void prepare_new_span(struct world *w)
{
	prepare_new_of_size(w, 6000);
}

static void prepare_expiring(struct world *w)
{
	world_populate(w);
	w->op = absent_key(w, 0, 0);
	model_then_int(w->op, 5);
}

static void act_put_expiring(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = {.type = STORE_INT, .integer = 5, .ttl_us = 60000000};

	w->shared->status = store_put(w->a, &key, &item, STORE_SET);
}

/* A reader that was delayed since it read an index word, long ago, pins the block that the put will take. */
static void prepare_pin_of_freed_block(struct world *w)
{
	struct shard_ref r = world_shard(w);
	link_t link;

	prepare_new_int(w);
	if (shard_lock(&r) != CACHE_OK) {
		die("no lock");
	}
	link = slab_take(&r, class_for(entry_bytes_for(STORE_INT, strlen(w->op->name), 8, 0)));
	block_abandon(&r, link, sizeof(struct entry));
	shard_unlock(&r);
	pin_set(&w->a->owner, WRITER_PINS, link_place(&r, link));
	w->before = link_place(&r, link).granule;
}

static bool took_pinned_block(struct world *w)
{
	struct shard_ref r = world_shard(w);
	struct store_key key = op_key(w);
	bool took;

	if (shard_lock(&r) != CACHE_OK) {
		return false;
	}
	atomic_u64 *slot = index_find(&r, &key);
	took = slot && word_granule(load_relaxed(slot)) == w->before;
	shard_unlock(&r);
	return took;
}

/* ---- replacing ------------------------------------------------------------------------------------------ */

static void prepare_replace(struct world *w, uint32_t from, uint32_t to)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", from);
	model_then_value(w->op, 2, to);
}
static void prepare_replace_same(struct world *w)
{
	prepare_replace(w, 100, 100);
}
static void prepare_replace_other(struct world *w)
{
	prepare_replace(w, 100, 500);
}
static void prepare_replace_two_steps(struct world *w)
{
	prepare_replace(w, 1500, 1900);
}
static void prepare_replace_span(struct world *w)
{
	prepare_replace(w, 6000, 9000);
}
static void prepare_span_by_small(struct world *w)
{
	prepare_replace(w, 6000, 40);
}

static void prepare_replace_pinned(struct world *w)
{
	prepare_replace_same(w);
	world_pin(w, w->op);
}

static void prepare_replace_pinned_span(struct world *w)
{
	prepare_replace(w, 6000, 5000);
	world_pin(w, w->op);
}

/* Enough has been replaced: the next write reclaims it first, and makes it ready. */
static void prepare_replace_reclaiming(struct world *w)
{
	const struct shard *s = world_shard(w).shard;

	world_populate(w);
	do {
		w->op = model_put(&w->model, w->a, "op", 100);
	} while (!load_relaxed(&s->reclaim_wanted) || s->limbo_count < 10);
	model_then_value(w->op, 2, 100);
}

static bool made_ready(struct world *w)
{
	return world_shard(w).shard->ready > 0;
}

static void prepare_ready(struct world *w)
{
	world_populate(w);
	do {
		w->op = model_put(&w->model, w->a, "op", 100);
	} while (!made_ready(w));
}

static void act_reclaim(struct world *w)
{
	reclaim_all(w->a);
}

static bool gave_back(struct world *w)
{
	return world_shard(w).shard->ready == 0;
}

static void prepare_replace_type(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 200);
	model_then_int(w->op, -9);
}

/* How many blocks had been retired before. */
static uint64_t retired;

static void prepare_in_place(struct world *w)
{
	world_populate(w);
	w->op = model_put_int(&w->model, w->a, "op", 41);
	model_then_int(w->op, 77);
	retired = load_relaxed(&world_shard(w).shard->retired);
}

static void act_put_timed(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = {.type = STORE_INT, .integer = 77, .ttl_us = 60000000};

	w->shared->status = store_put(w->a, &key, &item, STORE_SET);
}

static void prepare_in_place_timed(struct world *w)
{
	prepare_in_place(w);
	act_put_timed(w); /* its ttl; if that fails the other one does not stay in place */
	retired = load_relaxed(&world_shard(w).shard->retired);
}

static bool stayed_in_place(struct world *w)
{
	return load_relaxed(&world_shard(w).shard->retired) == retired;
}

static void prepare_too_big(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 100);
	model_then_absent(w->op);
}

static void act_put_too_big(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_item item = {.type = STORE_STRING, .bytes = "", .size = STORE_SIZE_MIN, .ttl_us = STORE_FOREVER};

	w->shared->status = store_put(w->a, &key, &item, STORE_SET);
}

/* ---- add ------------------------------------------------------------------------------------------------ */

static void prepare_add_refused(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 100);
}

static void add(struct world *w, int64_t integer)
{
	struct store_key key = op_key(w);
	struct store_item item = {.type = STORE_INT, .integer = integer, .ttl_us = STORE_FOREVER};

	w->shared->status = store_put(w->a, &key, &item, STORE_ADD);
}

static void act_add(struct world *w)
{
	add(w, 78);
}

static void put_expiring(struct world *w, const char *name, int64_t ttl_us)
{
	struct store_key key = key_of(w->a, name);
	struct store_item item = {.type = STORE_INT, .integer = 5, .ttl_us = ttl_us};

	if (store_put(w->a, &key, &item, STORE_SET) != CACHE_OK) {
		die("cannot put %s", name);
	}
}

static void prepare_add_over_expired(struct world *w)
{
	world_populate(w);
	w->op = model_key(&w->model, "op");
	put_expiring(w, "op", 1000000);
	w->host.now_us += 5000000;
	model_then_int(w->op, 78);
}

/* ---- delete, clear and sweep ---------------------------------------------------------------------------- */

static void prepare_delete(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 300);
	model_then_absent(w->op);
}

static void prepare_delete_last(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 900);
	model_then_absent(w->op);
	w->before = world_shard(w).shard->classes[class_for(1000)].pages;
}

static void act_delete_and_reclaim(struct world *w)
{
	act_last_state(w);
	reclaim_all(w->a);
}

static bool freed_slab(struct world *w)
{
	return w->before == 1 && world_shard(w).shard->classes[class_for(1000)].pages == 0;
}

static void prepare_delete_span(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 9000);
	model_then_absent(w->op);
}

static void prepare_delete_absent(struct world *w)
{
	world_populate(w);
	w->op = model_key(&w->model, "op");
}

static void act_delete_absent(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->status = store_delete(w->a, &key);
}

static void prepare_clear(struct world *w)
{
	world_populate(w);
	model_all_may_go(&w->model);
	w->op = &w->model.keys[0];
}

static void act_clear(struct world *w)
{
	store_clear(w->a);
}

static void prepare_clear_and_put(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 100);
	model_all_may_go(&w->model);
	model_then_value(w->op, 2, 120);
}

static void act_clear_and_put(struct world *w)
{
	store_clear(w->a);
	act_last_state(w);
}

static void clear_now(struct test_host *host, enum cache_fault point)
{
	struct world *w = (struct world *)((char *)host - offsetof(struct world, host));

	(void)point;
	store_clear(w->a);
}

static void prepare_clear_while_filling(struct world *w)
{
	prepare_replace_two_steps(w);
	w->op->count = 1;
	model_all_may_go(&w->model);
}

static void act_put_and_clear_while_filling(struct world *w)
{
	w->host.on_fault = clear_now;
	w->host.awaited = FAULT_PINNED;
	w->shared->status = put_value(w->a, w->op->name, w->op->owner, 2, 1900);
}

static void prepare_sweep(struct world *w)
{
	world_populate(w);
	for (uint32_t i = 0; i < 12; i++) {
		put_expiring(w, world_name(w, 7, i % 3), 1000000 + i % 2 * 100000000);
	}
	w->host.now_us += 5000000;
}

static void act_sweep(struct world *w)
{
	store_sweep(w->a);
}

static void prepare_sweep_of_cleared(struct world *w)
{
	world_populate(w);
	store_clear(w->a);
	w->model.count = 0;
	w->op = model_put(&w->model, w->a, "op", 100);
	w->host.now_us += 5000000;
}

/* ---- integers ------------------------------------------------------------------------------------------- */

static void prepare_int(struct world *w, int64_t from, int64_t to)
{
	world_populate(w);
	w->op = model_put_int(&w->model, w->a, "op", from);
	model_then_int(w->op, to);
}
static void prepare_inc(struct world *w)
{
	prepare_int(w, 41, 42);
}
static void prepare_inc_to_big(struct world *w)
{
	prepare_int(w, INT_WORD_MAX, INT_WORD_MAX + 1);
}
static void prepare_inc_of_big(struct world *w)
{
	prepare_int(w, INT_WORD_MAX + 1, INT_WORD_MAX + 2);
}
static void prepare_dec_of_big(struct world *w)
{
	prepare_int(w, INT_WORD_MAX + 1, INT_WORD_MAX);
}

static void prepare_inc_new(struct world *w)
{
	world_populate(w);
	w->op = absent_key(w, 0, 0);
	model_then_int(w->op, 1);
}

static void inc(struct world *w, int64_t step)
{
	struct store_key key = op_key(w);

	w->shared->status = store_increment(w->a, &key, step, STORE_FOREVER, &w->shared->number);
}
static void act_inc(struct world *w)
{
	inc(w, 1);
}
static void act_dec(struct world *w)
{
	inc(w, -1);
}

static void act_cas(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->status = store_cas(w->a, &key, 41, 42);
}

static void act_cas_to_big(struct world *w)
{
	struct store_key key = op_key(w);

	w->shared->status = store_cas(w->a, &key, INT_WORD_MAX, INT_WORD_MAX + 1);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

static void act_get(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_view view;

	w->shared->status = store_get(w->a, &key, &view);
	store_unpin(w->a, view.pin);
}

static void act_inspect(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_entry entry;

	w->shared->status = store_inspect(w->a, &key, &entry);
	store_unpin(w->a, entry.view.pin);
}

static void count_entry(void *context, const struct store_entry *entry)
{
	struct world *w = context;

	(void)entry;
	w->shared->number++;
}

static void act_walk(struct world *w)
{
	struct store_cursor cursor = {0};

	while (!cursor.done) {
		store_walk(w->a, &cursor, 4, count_entry, w);
	}
}

static bool walked_all(struct world *w)
{
	return w->shared->number == w->model.count;
}

static void act_get_replace_unpin(struct world *w)
{
	struct store_key key = op_key(w);
	struct store_view view;

	if (store_get(w->a, &key, &view) == CACHE_OK) {
		act_last_state(w);
		store_unpin(w->a, view.pin);
		reclaim_all(w->a);
	}
}

static void act_replace_often(struct world *w)
{
	for (uint32_t i = 0; i < 20; i++) {
		act_last_state(w);
	}
}

/* Something else of the class first, which is in nobody's model. */
static void act_with_reserve(struct world *w)
{
	struct store_key key = key_of(w->a, "something else");
	const struct store_item item = {.type = STORE_INT, .integer = 1};

	if (store_put(w->a, &key, &item, STORE_SET) == CACHE_OK && store_delete(w->a, &key) == CACHE_OK) {
		act_last_state(w);
	}
}

const struct scenario write_scenarios[] = {
	{"put of a new integer", prepare_new_int, act_last_state, .raises = {RAISES(stores)}},
	{"put of a new string that opens a slab", prepare_new_slab, act_last_state, .happened = opened_slab},
	{"put that adds an overflow line", prepare_line, act_last_state, .happened = added_line},
	{"put that splits a bucket", prepare_split, act_last_state, .happened = split},
	{"put that splits a bucket into a chain", prepare_split_to_chain, act_last_state, .happened = split_to_chain},
	{"put whose split closes the ranks of a chain", prepare_split_closing_ranks, act_last_state,
     .happened = split_closing_ranks},
	{"put that adds an index page", prepare_index_page, act_last_state, .happened = added_index_page},
	{"put into the block in reserve", prepare_new_int, act_with_reserve, .raises = {RAISES(stores), RAISES(deletes)}},
	{"put of 1.8 KB in two steps", prepare_new_two_steps, act_last_state, .raises = {RAISES(stores)}},
	{"put of a span", prepare_new_span, act_last_state, .raises = {RAISES(stores)}},
	{"put with a ttl", prepare_expiring, act_put_expiring, .raises = {RAISES(stores)}},
	{"put into a block that a late reader pins", prepare_pin_of_freed_block, act_last_state,
     .happened = took_pinned_block},
	{"replace by the same class", prepare_replace_same, act_last_state, .raises = {RAISES(stores)}},
	{"replace by another class", prepare_replace_other, act_last_state, .raises = {RAISES(stores)}},
	{"replace in two steps", prepare_replace_two_steps, act_last_state, .raises = {RAISES(stores)}},
	{"replace a span by a span", prepare_replace_span, act_last_state, .raises = {RAISES(stores)}},
	{"replace a span by a small value", prepare_span_by_small, act_last_state, .raises = {RAISES(stores)}},
	{"replace a string by an integer", prepare_replace_type, act_last_state, .raises = {RAISES(stores)}},
	{"replace an integer in its place", prepare_in_place, act_last_state, .raises = {RAISES(stores)}, .happened = stayed_in_place},
	{"replace an integer with a ttl in its place", prepare_in_place_timed, act_put_timed, .raises = {RAISES(stores)}, .happened = stayed_in_place},
	{"replace a pinned value", prepare_replace_pinned, act_last_state, .raises = {RAISES(stores)}},
	{"replace a pinned span", prepare_replace_pinned_span, act_last_state, .raises = {RAISES(stores)}},
	{"replace twenty times", prepare_replace_same, act_replace_often, .raises = {RAISES(stores)}},
	{"replace that reclaims for the next", prepare_replace_reclaiming, act_last_state, .raises = {RAISES(stores)},
     .happened = made_ready},
	{"reclaim of blocks that are ready", prepare_ready, act_reclaim, .happened = gave_back},
	{"put refused for its size drops the old value", prepare_too_big, act_put_too_big, .raises = {RAISES(failed_size)},
     .status = CACHE_TOO_BIG},
	{"add refused", prepare_add_refused, act_add, .raises = {RAISES(adds_refused)}, .status = CACHE_EXISTS},
	{"add over an expired entry", prepare_add_over_expired, act_add, .raises = {RAISES(stores)}},
	{"delete", prepare_delete, act_last_state, .raises = {RAISES(deletes)}},
	{"delete of the last entry of a slab", prepare_delete_last, act_delete_and_reclaim, .happened = freed_slab},
	{"delete of a span", prepare_delete_span, act_delete_and_reclaim, .raises = {RAISES(deletes)}},
	{"delete of an absent key", prepare_delete_absent, act_delete_absent, .status = CACHE_MISSING},
	{"clear", prepare_clear, act_clear, .raises = {RAISES(clears)}},
	{"clear, then put", prepare_clear_and_put, act_clear_and_put, .raises = {RAISES(clears), RAISES(stores)}},
	{"put overtaken by a clear", prepare_clear_while_filling, act_put_and_clear_while_filling,
     .raises = {RAISES(clears)}},
	{"sweep of expired entries", prepare_sweep, act_sweep, .raises = {RAISES(expirations)}},
	{"sweep of cleared entries", prepare_sweep_of_cleared, act_sweep, .raises = {RAISES(expirations)}},
	{"inc in place", prepare_inc, act_inc, .raises = {RAISES(updates)}},
	{"inc beyond 63 bits", prepare_inc_to_big, act_inc, .raises = {RAISES(relocations)}},
	{"inc of a big integer", prepare_inc_of_big, act_inc, .raises = {RAISES(relocations)}},
	{"dec back into 63 bits", prepare_dec_of_big, act_dec, .raises = {RAISES(relocations)}},
	{"inc of a new key", prepare_inc_new, act_inc, .raises = {RAISES(stores)}},
	{"cas in place", prepare_inc, act_cas, .raises = {RAISES(updates)}},
	{"cas beyond 63 bits", prepare_inc_to_big, act_cas_to_big, .raises = {RAISES(relocations)}},
	{"get, pin, unpin", prepare_add_refused, act_get, .raises = {RAISES(hits)}},
	{"inspect", prepare_add_refused, act_inspect, .status = CACHE_OK},
	{"walk", prepare_add_refused, act_walk, .happened = walked_all},
	{"get, replace while pinned, unpin", prepare_replace_same, act_get_replace_unpin, .raises = {RAISES(stores)}},
	{0},
};
