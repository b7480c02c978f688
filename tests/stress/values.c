/*
 * The values of a torture run: strings, for some keys integers, and, where values are read where they lie, images with addresses
 * of their own parts.
 */
#define _GNU_SOURCE
#include "torture.h"

#include <errno.h>
#include <string.h>

/* Bytes of a value are generated and compared one by one: large ones cost more than the cache's part of the work. */
#define LARGE_ONE_IN 24

uint64_t worker_key_owner(uint32_t worker, uint32_t key)
{
	return (uint64_t)(worker + 1) << 16 | key;
}

/* Mostly small; some built outside of the lock; a few spans. */
static size_t size_of(const struct torture *t, uint64_t owner, uint64_t number)
{
	uint64_t chance = hash_mix(owner * 31 + number);

	switch (chance % LARGE_ONE_IN) {
	case 0:
		return t->large ? 20000 + chance / LARGE_ONE_IN % 80000 : 4200 + chance / LARGE_ONE_IN % 9000;
	case 1:
	case 2:
		return 1100 + chance / LARGE_ONE_IN % (t->large ? 15000 : 2500);
	default:
		return VALUE_HEADER + chance / LARGE_ONE_IN % 400;
	}
}

/* ---- integers ------------------------------------------------------------------------------------------- */

/* Number and owner in one. Mostly over another one, so in its place; now and then it becomes something else, and comes back. */
#define OWNER_BITS 36

static bool is_integer(uint64_t owner, uint64_t number)
{
	return number >> (62 - OWNER_BITS) == 0 && hash_mix(owner) % 8 == 0 && hash_mix(owner * 17 + number) % 8 != 0;
}

static bool integer_is_whole(int64_t integer, uint64_t owner, uint64_t *number)
{
	*number = (uint64_t)integer >> OWNER_BITS;
	return ((uint64_t)integer & ((UINT64_C(1) << OWNER_BITS) - 1)) == owner && is_integer(owner, *number);
}

/* ---- images --------------------------------------------------------------------------------------------- */

/* Two addresses, of the image itself and of its last byte; then a value as of support.h. */
#define IMAGE_HEADER 16u

static bool is_image(const struct torture *t, uint64_t owner, uint64_t number)
{
	return t->zero_copy && !is_integer(owner, number) && hash_mix(owner * 131 + number) % 4 != 0;
}

struct image {
	uint64_t owner, number;
};

static void build_image(void *context, char *to, size_t size, uint64_t official)
{
	const struct image *image = context;
	uint64_t addresses[2] = {official, official + size - 1};

	memcpy(to, addresses, sizeof addresses);
	value_fill(to + IMAGE_HEADER, size - IMAGE_HEADER, image->owner, image->number);
}

static void move_image(char *image, size_t size, uint8_t flags, int64_t delta)
{
	uint64_t addresses[2];

	(void)size;
	(void)flags;
	memcpy(addresses, image, sizeof addresses);
	addresses[0] += (uint64_t)delta;
	addresses[1] += (uint64_t)delta;
	memcpy(image, addresses, sizeof addresses);
}

/* Read where it lies, if that is to be had. */
static bool image_is_whole(const struct store_view *view, uint64_t owner, uint64_t *number)
{
	const char *bytes = view->mapped ? (const char *)(uintptr_t)view->official : view->bytes;
	uint64_t addresses[2];

	if (view->size < IMAGE_HEADER + VALUE_HEADER) {
		return false;
	}
	memcpy(addresses, bytes, sizeof addresses);
	return addresses[0] == view->official && addresses[1] == view->official + view->size - 1 &&
	       value_check(bytes + IMAGE_HEADER, view->size - IMAGE_HEADER, owner, number);
}

/* Whether this thread has a segment: without memory for its beginning there is none. */
static __thread bool has_segment;

/* The memory of a file system that is full, where none is to be had. */
static int refuse_memory(void *context, enum cache_fault point)
{
	static __thread struct dice dice = {UINT64_C(0x5eed)};

	(void)context;
	return has_segment && point == FAULT_FALLOCATE && roll_below(&dice, 2) ? ENOSPC : 0;
}

struct store *torture_open(const struct torture *t)
{
	static struct cache_host host;
	struct store *store;

	if (!host.moved) { /* once: other threads may be using it */
		host = cache_posix_host;
		host.moved = move_image;
		host.fault = t->full_by_fault ? refuse_memory : NULL;
	}
	has_segment = false;
	store = open_store_as(t->folder, t->bytes, t->processes, t->zero_copy ? STORE_ZERO_COPY_AUTO : STORE_ZERO_COPY_OFF, &host);
	has_segment = true;
	return store;
}

/* ---- items ---------------------------------------------------------------------------------------------- */

struct store_item worker_item(struct worker *w, uint64_t owner, uint64_t number)
{
	static __thread struct image image;
	size_t size = size_of(w->t, owner, number);
	struct store_item item = {.type = STORE_STRING, .size = size, .ttl_us = STORE_FOREVER};

	if (is_integer(owner, number)) {
		item.type = STORE_INT;
		item.integer = (int64_t)(number << OWNER_BITS | owner);
	} else if (is_image(w->t, owner, number)) {
		image = (struct image){owner, number};
		item.type = STORE_IMAGE;
		item.size = size + IMAGE_HEADER;
		item.build = build_image;
		item.build_context = &image;
	} else {
		item.bytes = value_of(owner, number, size);
	}
	return item;
}

static bool is_whole(const struct store_view *view, uint64_t owner, uint64_t *number)
{
	switch (view->type) {
	case STORE_INT:
		return integer_is_whole(view->integer, owner, number);
	case STORE_IMAGE:
		return image_is_whole(view, owner, number);
	default:
		return view->type == STORE_STRING && value_check(view->bytes, view->size, owner, number);
	}
}

uint64_t worker_check_view(struct worker *w, const struct store_view *view, uint64_t owner, const char *name)
{
	bool image = view->type == STORE_IMAGE, integer = view->type == STORE_INT;
	uint64_t number;

	if (!is_whole(view, owner, &number) || number == 0 || integer != is_integer(owner, number) ||
	    image != is_image(w->t, owner, number) ||
	    (!integer && view->size != size_of(w->t, owner, number) + (image ? IMAGE_HEADER : 0))) {
		torture_error(w->t, ERROR_corrupt, "%s: type %d, %zu bytes, not whole or not its value", name, view->type,
		              view->size);
		return 0;
	}
	if (image && view->mapped) {
		rmw_add(&w->t->mapped, 1);
	}
	return number;
}

/* ---- what stays pinned ----------------------------------------------------------------------------------- */

void held_add(struct worker *w, struct held *held, struct store_view *view, uint64_t owner, uint64_t number)
{
	if (number == 0 || !view->bytes || held->count == HELD_MAX || roll_below(&w->dice, 3) != 0 || !store_hold(w->store, view)) {
		store_unpin(w->store, view->pin);
		return;
	}
	held->views[held->count] = *view;
	held->owners[held->count] = owner;
	held->numbers[held->count++] = number;
}

void held_check(struct worker *w, const struct held *held)
{
	for (uint32_t i = 0; i < held->count; i++) {
		uint64_t number;
		if (!is_whole(&held->views[i], held->owners[i], &number) || number != held->numbers[i]) {
			torture_error(w->t, ERROR_pinned_changed, "a value of %zu bytes changed while it was pinned",
			              held->views[i].size);
		}
	}
	rmw_add(&w->t->held_again, held->count);
}

void held_release(struct worker *w, struct held *held)
{
	held->count = 0;
	store_unpin_all(w->store);
}
