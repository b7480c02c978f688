#include "core/shm/layout.h"

#include <string.h>

#include "core/shm/queue_table.h"
#include "core/shm/rwlock_table.h"

/*
 * Shards: one per 32 MB, at most 64. A shard with a handful of entries costs hit ratio (up to 40 points), a shard
 * of 1,000 entries or more none; more shards only lower the chance that two writers meet.
 */
#define BYTES_PER_SHARD (UINT64_C(32) << 20)
#define SHARDS_MAX 64u

/*
 * Tags that were invalidated are remembered by 6 for each 128 KB: a segment of 64 MB remembers 3,000, and one record of
 * 256 bytes for 6 of them is 0.2 %. Rebuilds that are under way, by 8 for each 512 KB.
 */
#define BYTES_PER_TAG_SET (UINT64_C(128) << 10)
#define TAG_SETS_MIN 64u
#define TAG_SETS_MAX 16384u
#define BYTES_PER_LEASE_SET (UINT64_C(512) << 10)
#define LEASE_SETS_MIN 8u
#define LEASE_SETS_MAX 64u

static uint64_t align_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

/* The power of two in [least, most] that is next below. */
static uint32_t power_between(uint64_t value, uint32_t least, uint32_t most)
{
	uint32_t power = least;

	while (power < most && (uint64_t)power * 2 <= value) {
		power *= 2;
	}
	return power;
}

/* Sets the tables for that number of pages; returns the bytes of the shard. */
static uint64_t place_tables(struct geometry *g, const struct shard_shape *shape, uint64_t pages)
{
	uint64_t at = align_up(shape->header_bytes, 64);

	g->pages = (uint32_t)pages;
	/* The index takes at most an eighth for the smallest entries (64-byte lines for 5 of 72 bytes: a sixth). */
	g->index_pages = (uint32_t)(pages / 4 + 1);
	g->ghost_pages = (uint32_t)(pages / 16 + 1);
	g->directory_at = (uint32_t)at;
	at = align_up(at + g->index_pages * sizeof(uint32_t), 64);
	g->ghosts_at = (uint32_t)at;
	at = align_up(at + g->ghost_pages * sizeof(uint32_t), 64);
	g->page_words_at = (uint32_t)at;
	at = align_up(at + pages * sizeof(uint32_t), 64);
	/* 4 bits a page, in 64-bit words */
	g->unit_free_at = (uint32_t)at;
	at = align_up(at + align_up(pages * PAGE_UNITS, 64) / 8, 64);
	g->span_start_at = (uint32_t)at;
	at = align_up(at + align_up(pages * PAGE_UNITS, 64) / 8, 64);
	g->slabs_at = (uint32_t)at;
	at += pages * shape->slab_bytes;
	g->arena_at = (uint32_t)align_up(at, OS_PAGE);
	return g->arena_at + pages * PAGE_BYTES;
}

/*
 * Shards that begin a power of two apart have their headers, and the first pages of their arenas, in the same few sets of the processor's
 * table of addresses: with 32 of them a fetch took a fifth longer. An odd number of pages apart they use all sets. Of 32 MB it takes 124 KB at most.
 */
#define SKEW_PAGES 11u
#define SKEW_OF_PAGES 32u

static uint64_t shard_stride(uint64_t pages, uint32_t shards)
{
	return shards > 1 ? (pages - SKEW_PAGES) / SKEW_OF_PAGES * SKEW_OF_PAGES + SKEW_PAGES : pages;
}

enum cache_status geometry_compute(uint64_t size, uint32_t processes, uint32_t jobs, const struct shard_shape *shape,
                                   struct geometry *g)
{
	memset(g, 0, sizeof *g);
	g->size = size;
	g->participants = processes + GUEST_SLOTS;
	g->jobs = jobs;
	g->job_keys = queue_unique_slots(jobs);
	g->shards = 1;
	while (g->shards < SHARDS_MAX && size / (g->shards * 2) >= BYTES_PER_SHARD) {
		g->shards *= 2;
	}
	g->shard_stride = shard_stride(size / g->shards / OS_PAGE, g->shards) * OS_PAGE;
	if (g->shard_stride > UINT64_C(1) << 34) {
		return CACHE_BAD_OPTION; /* chain links are 32 bits of granules: 32 GB; stay well below */
	}

	uint64_t pages = g->shard_stride / PAGE_BYTES;
	while (pages > 0 && place_tables(g, shape, pages) > g->shard_stride) {
		pages--;
	}
	if (pages < 8) {
		return CACHE_BAD_OPTION;
	}
	g->shards_at = OS_PAGE;
	g->tags_at = align_up(g->shards_at + g->shards * g->shard_stride, OS_PAGE);
	g->tag_sets = power_between(size / BYTES_PER_TAG_SET, TAG_SETS_MIN, TAG_SETS_MAX);
	g->leases_at = align_up(g->tags_at + shape->tag_header_bytes + (uint64_t)g->tag_sets * shape->tag_set_bytes, OS_PAGE);
	g->lease_sets = power_between(g->shard_stride / BYTES_PER_LEASE_SET, LEASE_SETS_MIN, LEASE_SETS_MAX);
	g->lease_stride = shape->lease_header_bytes + (uint64_t)g->lease_sets * shape->lease_set_bytes;
	g->locks_at = align_up(g->leases_at + g->shards * g->lease_stride, OS_PAGE);
	g->lock_rows_at = align_up(g->locks_at + rwlock_table_bytes(g->participants), OS_PAGE);
	g->queue_at = align_up(g->lock_rows_at + g->participants * sizeof(struct rwlock_row), OS_PAGE);
	g->jobs_at = align_up(g->queue_at + queue_table_bytes(jobs), OS_PAGE);
	g->chunks_at = align_up(g->jobs_at + jobs * sizeof(struct queue_job), OS_PAGE);
	g->participants_at = align_up(g->chunks_at + queue_chunks(jobs) * sizeof(struct queue_chunk), OS_PAGE);
	g->pins_at = align_up(g->participants_at + g->participants * sizeof(struct participant), OS_PAGE);
	/* The look-up may compare a key of 64 KB at a place that a torn-down index line named: keep that inside. */
	g->file_length = g->pins_at + g->participants * PIN_TABLE_BYTES + 2 * 65536;
	return g->file_length / GRANULE >> PLACE_BITS ? CACHE_BAD_OPTION : CACHE_OK;
}

uint64_t layout_fingerprint(const struct shard_shape *shape)
{
	const uint64_t parts[] = {
		SEGMENT_VERSION, sizeof(void *), OS_PAGE, UNIT_BYTES, PAGE_UNITS, GRANULE, PINS_PER_PARTICIPANT, GUEST_SLOTS,
		sizeof(struct superblock), offsetof(struct superblock, generation), sizeof(struct geometry),
		sizeof(struct participant), offsetof(struct participant, counters),
		sizeof(struct rwlock_table), sizeof(struct rwlock_record), sizeof(struct rwlock_row), RWLOCK_RECORDS,
		sizeof(struct queue_table), sizeof(struct queue_name), sizeof(struct queue_job), offsetof(struct queue_job, error),
		sizeof(struct queue_chunk), QUEUE_NAMES, QUEUE_CHUNKS_PER_JOB,
		shape->header_bytes, shape->slab_bytes, shape->tag_header_bytes, shape->tag_set_bytes, shape->lease_header_bytes,
		shape->lease_set_bytes, shape->fingerprint,
	};
	static const struct hash_key key = {UINT64_C(0x63616368652d6c61), UINT64_C(0x796f75742d763031)};

	return hash_siphash13(&key, parts, sizeof parts);
}

uint64_t superblock_checksum(const struct superblock *s)
{
	static const struct hash_key key = {UINT64_C(0x7375706572626c6f), UINT64_C(0x636b2d73756d2d31)};
	const char *from = (const char *)&s->version;

	return hash_siphash13(&key, from, (size_t)((const char *)&s->checksum - from));
}
