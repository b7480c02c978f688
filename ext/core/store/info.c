/*
 * Figures for people and metrics. Sums over participants and shards, read without locks.
 */
#if !defined(_FILE_OFFSET_BITS) && !defined(__LP64__)
#define _FILE_OFFSET_BITS 64
#endif
#include <sys/stat.h>

#include "core/store/internal.h"
#include "core/store/store.h"

const char *const store_counter_names[STORE_COUNTERS] = {
#define COUNTER(name, help) #name,
#include "core/store/stats.def"
#undef COUNTER
};

const char *const store_counter_help[STORE_COUNTERS] = {
#define COUNTER(name, help) help,
#include "core/store/stats.def"
#undef COUNTER
};

static void sum_counters(const struct segment *s, uint64_t *sums, unsigned first, unsigned number)
{
	for_each_slot(s, slot) {
		const struct participant *record = segment_participant(s, slot);
		for (unsigned i = 0; i < number; i++) {
			sums[i] += load_relaxed(&record->counters[first + i]);
		}
	}
}

static void count_pin(void *context, uint64_t granule, uint32_t index)
{
	(void)granule;
	*(uint64_t *)context += index >= WRITER_PINS;
}

static void add_shard(const struct shard_ref *r, struct store_info *info)
{
	const struct shard *s = r->shard;
	const struct geometry *g = r->geometry;
	uint64_t index_bytes = (uint64_t)peek(&s->index_pages) * PAGE_BYTES;

	info->entries += load_relaxed(&s->entries);
	info->memory_total += g->arena_at + (uint64_t)load_relaxed(&s->pages_ready) * PAGE_BYTES;
	info->memory_used +=
		g->arena_at + peek(&s->block_bytes) + index_bytes + (uint64_t)peek(&s->ghost_pages) * PAGE_BYTES;
	info->memory_index += index_bytes + (uint64_t)peek(&s->classes[LINE_CLASS].used) * slab_class_bytes[LINE_CLASS];
	info->memory_retired += peek(&s->limbo_bytes);
	for (uint32_t class = 0; class < CLASSES; class++) {
		const struct size_class *from = &s->classes[class];
		struct store_class_info *to = &info->classes[class];
		to->block_size = class < SLAB_CLASSES ? slab_class_bytes[class] : 0;
		to->pages += peek(&from->pages);
		to->used += peek(&from->used);
		to->entries_small += peek(&from->small_count);
		to->entries_main += peek(&from->main_count);
	}
}

void store_get_info(struct store *store, struct store_info *info)
{
	const struct segment *s = store->segment;
	struct stat st;

	memset(info, 0, sizeof *info);
	if (store_enter(store) == CACHE_OK) {
		owner_reap_all(&store->owner);
		store_leave(store);
	}
	info->path = s->path;
	info->zero_copy = s->official != NULL;
	info->size = s->geometry.size;
	info->file_bytes = lstat(s->path, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
	info->created_us = s->superblock->created_us;
	info->shards = s->geometry.shards;
	info->attached = owner_count(s);
	info->processes_max = s->geometry.participants - GUEST_SLOTS;
	info->guest = store->owner.guest;
	info->class_count = CLASSES;
	for (uint32_t i = 0; i < s->geometry.shards; i++) {
		struct shard_ref r = shard_open(&store->owner, i);
		add_shard(&r, info);
	}
	info->memory_free = info->memory_total > info->memory_used ? info->memory_total - info->memory_used : 0;
	pins_scan(s, NO_SLOT, count_pin, &info->pins);
	sum_counters(s, info->counters, 0, STORE_COUNTERS);
}

void store_get_histograms(struct store *store, struct store_histograms *histograms)
{
	memset(histograms, 0, sizeof *histograms);
	sum_counters(store->segment, histograms->eviction_age, STORE_COUNTERS, STORE_AGE_BUCKETS);
	sum_counters(store->segment, histograms->hit_idle, STORE_COUNTERS + STORE_AGE_BUCKETS, STORE_AGE_BUCKETS);
}
