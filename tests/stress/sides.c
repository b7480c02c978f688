/*
 * What the processes of a pairing do.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "core/store/alloc.h"
#include "core/store/retire.h"
#include "core/store/room.h"
#include "sides.h"

static void put_others(struct race *r, uint32_t times)
{
	char name[32];

	for (uint32_t i = 0; i < times; i++) {
		snprintf(name, sizeof name, "reuse:%u", i);
		(void)!race_put(r, name, 90 + i, SMALL);
	}
}

static void reuse(struct race *r, uint32_t times)
{
	reclaim_all(r->store);
	put_others(r, times);
}

/* A value that is pinned stays what it is, whatever happens to the entry and to memory. */
void get_and_hold(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	struct store_view view;
	uint64_t number, again;

	side->status = store_get(r->store, &key, &view);
	side->number = RACE_MISSING;
	if (side->status != CACHE_OK) {
		return;
	}
	if (view.type != STORE_STRING || !value_check(view.bytes, view.size, 1, &number)) {
		side_wrong(side, "the value is damaged");
		return;
	}
	side->number = (int64_t)number;
	reuse(r, 3);
	if (!value_check(view.bytes, view.size, 1, &again) || again != number) {
		side_wrong(side, "a pinned value changed");
	}
	store_unpin(r->store, view.pin);
}

void get_integer(struct race *r, struct side *side)
{
	side->number = race_get(r, r->key);
	side->status = side->number == RACE_MISSING ? CACHE_MISSING : CACHE_OK;
}

void replace_and_reuse(struct race *r, struct side *side)
{
	side->status = race_put(r, r->key, 2, SMALL);
	reuse(r, 3);
	side->status = race_put(r, r->key, 3, SMALL);
	reuse(r, 2);
}

/* As a write that finds that enough has gathered: the pins are collected before the value is replaced. */
void replace_after_collecting(struct race *r, struct side *side)
{
	struct shard_ref s = the_shard(r);
	uint64_t number = load_acquire(&s.shard->retired);
	struct pin_set pins;

	pin_set_collect(&s, &pins);
	side->status = race_put(r, r->key, 2, SMALL);
	if (side->status == CACHE_OK && shard_lock(&s) == CACHE_OK) {
		reclaim_collected(&s, &pins, number);
		shard_unlock(&s);
	}
	put_others(r, 3);
	side->status = race_put(r, r->key, 3, SMALL);
	put_others(r, 2);
}

/* With another stale_ttl than the one before it has: so in a block of its own. */
static enum cache_status put_integer_anew(struct race *r, int64_t value)
{
	struct store_key key = the_key(r);
	struct store_item item = {.type = STORE_INT, .integer = value, .ttl_us = STORE_FOREVER, .stale_ttl_us = value * 1000};

	return store_put(r->store, &key, &item, STORE_SET);
}

void replace_integer_and_reuse(struct race *r, struct side *side)
{
	char name[32];

	for (int64_t value = 2; value <= 3; value++) {
		side->status = put_integer_anew(r, value);
		reclaim_all(r->store);
		for (uint32_t i = 0; i < 3; i++) {
			snprintf(name, sizeof name, "reuse:%u", i);
			(void)!race_put_int(r, name, 777);
		}
	}
}

void replace_small(struct race *r, struct side *side)
{
	side->status = race_put(r, r->key, 2, SMALL);
}
void replace_large_2(struct race *r, struct side *side)
{
	side->status = race_put(r, r->key, 2, LARGE);
}
void replace_large_3(struct race *r, struct side *side)
{
	side->status = race_put(r, r->key, 3, LARGE);
}
void put_100(struct race *r, struct side *side)
{
	side->number = 100;
	side->status = race_put_int(r, r->key, side->number);
}

void put_1(struct race *r, struct side *side)
{
	side->number = 1;
	side->status = race_put_int(r, r->key, side->number);
}

void get_delete_get(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->number = race_get(r, r->key);
	side->status = store_delete(r->store, &key);
	side->seen[0] = (uint64_t)race_get(r, r->key);
}

void gets_and_put_7(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	struct store_item item = {.type = STORE_INT, .integer = 7, .ttl_us = STORE_FOREVER};
	struct store_view view;
	uint64_t token;

	side->number = store_gets(r->store, &key, &view, &token) == CACHE_OK ? view.integer : RACE_MISSING;
	side->noted = race_tick(r);
	side->status = token ? store_put_if(r->store, &key, &item, token) : CACHE_MISMATCH;
}

void touch_to_begin(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);
	const struct store_touch wanted = {.any = true, .new_us = 1};

	side->status = store_touch(r->store, &key, &wanted);
}

void delete_key(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->status = store_delete(r->store, &key);
}

void delete_and_reuse(struct race *r, struct side *side)
{
	delete_key(r, side);
	reuse(r, 3);
}

void increment(struct race *r, struct side *side)
{
	struct store_key key = the_key(r);

	side->status = store_increment(r->store, &key, 1, STORE_FOREVER, &side->number);
}

static void cas_from_1(struct race *r, struct side *side, int64_t to)
{
	struct store_key key = the_key(r);

	side->status = store_cas(r->store, &key, 1, to);
	side->number = to;
}
void cas_1_2(struct race *r, struct side *side)
{
	cas_from_1(r, side, 2);
}
void cas_1_3(struct race *r, struct side *side)
{
	cas_from_1(r, side, 3);
}

static void add(struct race *r, struct side *side, int64_t value)
{
	struct store_key key = the_key(r);
	struct store_item item = {.type = STORE_INT, .integer = value, .ttl_us = STORE_FOREVER};

	side->status = store_put(r->store, &key, &item, STORE_ADD);
	side->number = value;
}
void add_5(struct race *r, struct side *side)
{
	add(r, side, 5);
}
void add_6(struct race *r, struct side *side)
{
	add(r, side, 6);
}

void clear(struct race *r, struct side *side)
{
	(void)side;
	store_clear(r->store);
}

void clear_and_write(struct race *r, struct side *side)
{
	clear(r, side);
	reuse(r, 3);
}

/* Moves the entry of the key to another block of its class, as emptying its slab would. */
void relocate(struct race *r, struct side *side)
{
	struct shard_ref s = the_shard(r);
	struct store_key key = the_key(r);

	side->status = shard_lock(&s);
	if (side->status != CACHE_OK) {
		return;
	}
	atomic_u64 *slot = index_find(&s, &key);
	if (slot) {
		link_t link = place_link(&s, word_granule(load_relaxed(slot)));
		link_t target = slab_take(&s, block_class(&s, link));
		if (target) {
			entry_relocate(&s, link, target, NULL, NULL);
		}
	}
	reclaim(&s);
	shard_unlock(&s);
}

void relocate_twice(struct race *r, struct side *side)
{
	relocate(r, side);
	relocate(r, side);
}

void recover(struct race *r, struct side *side)
{
	side->number = owner_reap_all(&r->store->owner);
}

void put_other_large(struct race *r, struct side *side)
{
	side->status = race_put(r, r->other, 7, LARGE);
}

void close_and_open(struct race *r, struct side *side)
{
	store_close(r->store);
	r->store = open_store(r->folder, STORE_SIZE_MIN, 5, &r->host.host);
	side->status = race_put(r, r->other, 7, SMALL);
}

/* As a forked child does at its first operation. */
void attach_again(struct race *r, struct side *side)
{
	owner_detach(&r->store->owner);
	side->status = store_enter(r->store);
	if (side->status == CACHE_OK) {
		side->status = race_put(r, r->other, 7, SMALL);
		store_leave(r->store);
	}
}

void sweep(struct race *r, struct side *side)
{
	(void)side;
	store_sweep(r->store);
}

/* Puts keys until some buckets have split. */
void put_many(struct race *r, struct side *side)
{
	for (uint32_t i = 0; i < 10; i++) {
		char name[32];
		race_name(r, 7, i % 2 ? 3 : 5, name);
		side->status = race_put_int(r, name, 1);
	}
}

void put_forcing_steal(struct race *r, struct side *side)
{
	side->status = race_put(r, r->other, 7, 40);
}

static void note_walked(void *context, const struct store_entry *entry)
{
	struct side *side = context;
	char name[32];
	unsigned number;

	snprintf(name, sizeof name, "%.*s", (int)entry->key_length, entry->key);
	if (sscanf(name, "key:%u", &number) == 1 && number < 64 * 64) {
		if (side->seen[number / 64] >> (number % 64) & 1) {
			side_wrong(side, "%s was met twice", name);
		}
		side->seen[number / 64] |= UINT64_C(1) << (number % 64);
	}
}

void walk(struct race *r, struct side *side)
{
	struct store_cursor cursor = {0};

	while (!cursor.done) {
		store_walk(r->store, &cursor, 3, note_walked, side);
	}
}
