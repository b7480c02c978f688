/*
 * Large values in memory that this process has not touched: each page of it would be a fault, which costs more than filling it. So
 * they are built in memory of ours, which is used again and again, and written into the file; pages that this process comes to a
 * second time are entered into its page table, all at once, and filled in their place from then on (touch.h).
 *
 * To all others it is the same: nobody reads a block's body before an index word names it, and writing is done by then, whether
 * by stores or by the kernel on our behalf. Whoever dies in between leaves an INFLIGHT block, whatever it holds.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/mman.h>

#include "core/shm/touch.h"
#include "core/store/write.h"

/* What a process may keep for it. A fault of its own for each page of larger ones would save nothing. */
#define APART_MOST (UINT64_C(1) << 20)

static bool reserve_memory(struct store *store, uint64_t bytes)
{
	size_t room = store->apart_bytes ? store->apart_bytes : APART_MOST / 16;
	void *got;

	if (bytes <= store->apart_bytes) {
		return true;
	}
	while (room < bytes) {
		room *= 2;
	}
	apart_close(store);
	got = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (got == MAP_FAILED) {
		return false;
	}
	store->apart = got;
	store->apart_bytes = room;
	return true;
}

void apart_close(struct store *store)
{
	if (store->apart) {
		munmap(store->apart, store->apart_bytes);
	}
	store->apart = NULL;
	store->apart_bytes = 0;
}

bool fill_apart(const struct write *w, struct entry *e, uint64_t official)
{
	const struct segment *segment = w->store->segment;
	uint64_t at = (uint64_t)((char *)e - segment->base), head = entry_value_at(e->key_length);
	struct entry *copy;

	if (w->bytes <= APART_MOST && segment_untouched(segment, at, w->bytes) && reserve_memory(w->store, w->bytes)) {
		copy = (struct entry *)w->store->apart;
		memcpy((void *)copy, (const void *)e, head);
		entry_fill_body(copy, w->item, w->type, &w->tags, official);
		if (segment_write(segment, w->store->host, at + head, (const char *)copy + head, w->bytes - head)) {
			return true;
		}
	}
	segment_touch(segment, at, w->bytes);
	return false;
}
