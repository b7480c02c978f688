/*
 * Filling a block without the lock.
 *
 * An image for a block that others have read is built in memory of ours and copied. To build it takes several small stores to each line,
 * in no order; where other processors still have the lines, each first store to one waits until they have given it up, and few such waits
 * overlap. Copying writes whole lines. (One reader on the other one of two processors: a store of 100 rows took 13 to 20 us in place,
 * 6 this way, and 5 without the reader.)
 *
 * What goes into several units that this process has not touched is written by the kernel (touch.h), since each of them would be a
 * fault, which costs more than filling it. What it comes to again and again is entered into its page table, all at once.
 *
 * To all others it is the same: nobody reads a block's body before an index word names it, and it is there by then, whether
 * by our stores or by the kernel's on our behalf. Whoever dies in between leaves an INFLIGHT block, whatever it holds. Orders: whoever still
 * takes the block for what it was must see its odd version no later than anything of this. That needs no more than entry_begin()'s fence
 * while stores are ordinary ones. The kernel's, and those by which the C library goes around the caches where very much is copied, come into
 * blocks of more than RESERVE_LARGEST only; these were pinned after they were begun, and setting a pin is a full fence. The
 * commit comes after them: the kernel has returned, and the C library ends such a copy with a fence of its own.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/mman.h>

#include "core/shm/touch.h"
#include "core/store/write.h"

/* What a process may keep for it. A fault of its own for each page of larger ones would save nothing. */
#define APART_MOST (UINT64_C(1) << 20)
#define APART_FIRST (UINT64_C(64) << 10)
/* With fewer bytes nothing was gained. */
#define IMAGE_APART_FROM 1024u

static bool reserve_memory(struct store *store, uint64_t bytes)
{
	size_t room = APART_FIRST;
	void *got;

	if (likely_true(bytes <= store->apart_bytes)) {
		return true;
	}
	while (room < bytes) {
		room *= 2;
	}
	if (room > APART_MOST) {
		return false;
	}
	fill_close(store);
	got = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (got == MAP_FAILED) {
		return false;
	}
	store->apart = got;
	store->apart_bytes = room;
	return true;
}

void fill_close(struct store *store)
{
	if (store->apart) {
		munmap(store->apart, store->apart_bytes);
	}
	store->apart = NULL;
	store->apart_bytes = 0;
}

/* The whole body in memory of ours. */
static const char *make_apart(const struct write *w, const struct entry *e, uint64_t head, uint64_t official)
{
	struct entry *copy = (struct entry *)w->store->apart;

	memcpy((void *)copy, (const void *)e, head);
	entry_fill_body(copy, w->item, w->type, &w->tags, official, false);
	return (const char *)copy + head;
}

/*
 * Was what stood in the block before, or what that one had replaced, read by anybody? The header says so until it is filled, if a block
 * began there; nothing but the time that this takes depends on it.
 */
static bool was_read(const struct entry *e) { return load_relaxed(&e->frequency) > 0; }

void block_fill(const struct write *w, struct entry *e)
{
	struct store *store = w->store;
	const struct segment *segment = store->segment;
	uint64_t at = (uint64_t)((char *)e - segment->base), official = OFFICIAL_BASE + at, head = entry_value_at(e->key_length);
	/* Units of slabs were touched when the block was taken. */
	enum range_way way = w->class == SPAN_CLASS ? segment_way(segment, at, w->bytes) : RANGE_MAPPED;
	bool shared = was_read(e), apart = way == RANGE_WRITE || (w->item->build && shared && w->bytes >= IMAGE_APART_FROM);
	const char *made = NULL;

	entry_fill_head(e, w->key, w->item, w->stamp_us, store->second);
	if (apart && reserve_memory(store, w->bytes)) {
		made = make_apart(w, e, head, official);
	}
	if (way == RANGE_WRITE && made && segment_write(segment, store->host, at + head, made, w->bytes - head)) {
		return;
	}
	if (way != RANGE_MAPPED) {
		touch_units(segment, unit_of(at), units_of_range(at, w->bytes));
	}
	if (made) {
		memcpy((char *)e + head, made, w->bytes - head);
	} else {
		entry_fill_body(e, w->item, w->type, &w->tags, official, shared);
	}
}
