#include "support.h"

#include "core/store/lease.h"
#include "core/store/tag.h"

/* The shape of the store's shards. */
static const struct shard_shape shape = {
	.header_bytes = sizeof(struct shard),
	.slab_bytes = sizeof(struct slab),
	.tag_header_bytes = sizeof(struct tag_header),
	.tag_set_bytes = sizeof(struct tag_set),
	.lease_header_bytes = sizeof(struct lease_table),
	.lease_set_bytes = sizeof(struct lease_set),
	.fingerprint = 1,
};

static struct geometry compute(uint64_t size, uint32_t processes)
{
	struct geometry g;

	CHECK_OK(geometry_compute(size, processes, 256, &shape, &g));
	return g;
}

/* Its tables stand one behind the other, aligned, and the arena ends within the shard. */
static void check_shard(const struct geometry *g)
{
	const struct {
		uint64_t at, bytes, alignment;
	} parts[] = {
		{0, shape.header_bytes, 64},
		{g->directory_at, g->index_pages * 4ull, 64},
		{g->ghosts_at, g->ghost_pages * 4ull, 64},
		{g->page_words_at, g->pages * 4ull, 64},
		/* read in 64-bit words of 16 pages, also the last one */
		{g->unit_free_at, (g->pages + 15ull) / 16 * 8, 64},
		{g->span_start_at, (g->pages + 15ull) / 16 * 8, 64},
		{g->slabs_at, g->pages * (uint64_t)shape.slab_bytes, 64},
		{g->arena_at, g->pages * (uint64_t)PAGE_BYTES, OS_PAGE},
		{g->shard_stride, 0, OS_PAGE},
	};

	for (size_t i = 0; i + 1 < COUNT_OF(parts); i++) {
		CHECK_EQ(parts[i].at % parts[i].alignment, 0);
		CHECK(parts[i].at + parts[i].bytes <= parts[i + 1].at);
	}
	CHECK_EQ(g->shard_stride % OS_PAGE, 0);
}

static void check_geometry(uint64_t size, uint32_t processes)
{
	struct geometry g = compute(size, processes);

	CHECK_EQ(g.size, size);
	CHECK_EQ(g.participants, processes + GUEST_SLOTS);
	CHECK(g.shards >= 1 && g.shards <= 64 && (g.shards & (g.shards - 1)) == 0);
	CHECK(g.shards == 1 || size / g.shards >= 32 * MB);
	CHECK(g.shards == 64 || size / g.shards < 64 * MB);
	check_shard(&g);
	/* An odd number of pages apart, and more than a few: no two begin in the same of 256 sets, or next to each other. Little is lost. */
	CHECK(g.shards == 1 || g.shard_stride / OS_PAGE % 32 == 11);
	CHECK(size / g.shards - g.shard_stride < 33 * OS_PAGE);

	CHECK(g.shards_at >= sizeof(struct superblock));
	CHECK(g.shards_at + g.shards * g.shard_stride <= g.tags_at);
	CHECK(g.tags_at + shape.tag_header_bytes + (uint64_t)g.tag_sets * shape.tag_set_bytes <= g.leases_at);
	CHECK(g.tag_sets >= 64 && (g.tag_sets & (g.tag_sets - 1)) == 0);
	CHECK_EQ(g.lease_stride, shape.lease_header_bytes + (uint64_t)g.lease_sets * shape.lease_set_bytes);
	CHECK(g.lease_sets >= 8 && (g.lease_sets & (g.lease_sets - 1)) == 0);
	CHECK(g.leases_at + g.shards * g.lease_stride <= g.locks_at);
	CHECK_EQ(g.tags_at % OS_PAGE, 0);
	CHECK_EQ(g.leases_at % OS_PAGE, 0);
	CHECK(g.locks_at + rwlock_table_bytes(g.participants) <= g.lock_rows_at);
	CHECK(g.lock_rows_at + g.participants * sizeof(struct rwlock_row) <= g.queue_at);
	CHECK(g.queue_at + queue_table_bytes(g.jobs) <= g.jobs_at);
	CHECK(g.jobs_at + g.jobs * sizeof(struct queue_job) <= g.chunks_at);
	CHECK(g.chunks_at + queue_chunks(g.jobs) * sizeof(struct queue_chunk) <= g.participants_at);
	CHECK_EQ(g.queue_at % OS_PAGE, 0);
	CHECK_EQ(g.jobs_at % OS_PAGE, 0);
	CHECK_EQ(g.chunks_at % OS_PAGE, 0);
	CHECK_EQ(g.locks_at % OS_PAGE, 0);
	CHECK_EQ(g.lock_rows_at % OS_PAGE, 0);
	CHECK(g.participants_at + g.participants * sizeof(struct participant) <= g.pins_at);
	CHECK(g.pins_at + (uint64_t)g.participants * PIN_TABLE_BYTES <= g.file_length);
	CHECK_EQ(g.participants_at % OS_PAGE, 0);
	CHECK_EQ(g.pins_at % OS_PAGE, 0);
	/* Any place and any link of a shard can be written down. */
	CHECK(g.file_length / GRANULE < UINT64_C(1) << PLACE_BITS);
	CHECK((uint64_t)g.pages * PAGE_BYTES / GRANULE < UINT32_MAX);
	/* What the size promises is there: at least nine tenths of it are the arena of a segment of any use. */
	CHECK(g.shards * (uint64_t)g.pages * PAGE_BYTES <= size);
	CHECK(g.shards * (uint64_t)g.pages * PAGE_BYTES * 10 >= size * 9);
	/* The index may name an entry for each of the smallest blocks: bucket lines of five. */
	CHECK(g.index_pages >= 1 && g.index_pages <= g.pages);
	CHECK((uint64_t)g.index_pages * LINES_PER_PAGE * 5 >= (uint64_t)g.pages * (PAGE_BYTES / 88) * 3 / 4);
}

static void sizes_from_one_megabyte_to_one_terabyte(void **state)
{
	struct rng rng = {1};

	(void)state;
	for (uint64_t size = STORE_SIZE_MIN; size <= STORE_SIZE_MAX; size *= 2) {
		for (int part = 0; part < 8; part++) {
			uint64_t between = size + size / 8 * (uint64_t)part;
			if (between <= STORE_SIZE_MAX) {
				check_geometry(between, 16);
			}
		}
	}
	for (int i = 0; i < 2000; i++) {
		uint64_t size = STORE_SIZE_MIN + rng_below(&rng, 512 * MB);
		check_geometry(size, 1 + (uint32_t)rng_below(&rng, STORE_PROCESSES_MAX));
	}
	check_geometry(STORE_SIZE_MIN, STORE_PROCESSES_MAX);
	check_geometry(STORE_SIZE_MAX, STORE_PROCESSES_MAX);
	check_geometry(64 * MB - 1, 1);
	check_geometry(64 * MB, 1);
}

static void shards_are_one_per_32_megabytes_up_to_64(void **state)
{
	(void)state;
	CHECK_EQ(compute(STORE_SIZE_MIN, 1).shards, 1);
	CHECK_EQ(compute(64 * MB - 1, 1).shards, 1);
	CHECK_EQ(compute(64 * MB, 1).shards, 2);
	CHECK_EQ(compute(128 * MB, 1).shards, 4);
	CHECK_EQ(compute(2048 * MB, 1).shards, 64);
	CHECK_EQ(compute(UINT64_C(1) << 40, 1).shards, 64);
}

static void the_same_arguments_give_the_same_bytes(void **state)
{
	struct geometry a, b;

	(void)state;
	memset(&a, 0x55, sizeof a);
	memset(&b, 0xaa, sizeof b);
	CHECK_OK(geometry_compute(77 * MB + 12345, 100, 256, &shape, &a));
	CHECK_OK(geometry_compute(77 * MB + 12345, 100, 256, &shape, &b));
	CHECK(memcmp(&a, &b, sizeof a) == 0);
}

static void what_cannot_be_laid_out_is_refused(void **state)
{
	struct geometry g;

	(void)state;
	CHECK_STATUS(geometry_compute(0, 1, 256, &shape, &g), CACHE_BAD_OPTION);
	CHECK_STATUS(geometry_compute(OS_PAGE, 1, 256, &shape, &g), CACHE_BAD_OPTION);
	CHECK_STATUS(geometry_compute(64 * KB, 1, 256, &shape, &g), CACHE_BAD_OPTION);
	/* A shard of more than 16 GB: links are 32 bits. */
	CHECK_STATUS(geometry_compute(UINT64_C(1) << 41, 1, 256, &shape, &g), CACHE_BAD_OPTION);
	CHECK_STATUS(geometry_compute(UINT64_MAX, 1, 256, &shape, &g), CACHE_BAD_OPTION);
}

static void fingerprint_tells_shapes_apart(void **state)
{
	uint64_t own = layout_fingerprint(&shape);
	struct shard_shape other = shape;

	(void)state;
	CHECK_EQ(layout_fingerprint(&other), own);
	other.header_bytes += 64;
	CHECK(layout_fingerprint(&other) != own);
	other = shape;
	other.slab_bytes += 8;
	CHECK(layout_fingerprint(&other) != own);
	for (int bit = 0; bit < 64; bit++) {
		other = shape;
		other.fingerprint ^= UINT64_C(1) << bit;
		CHECK(layout_fingerprint(&other) != own);
	}
}

static void superblock_checksum_covers_what_is_immutable(void **state)
{
	struct superblock b;
	unsigned char *bytes = (unsigned char *)&b;
	uint64_t sum;

	(void)state;
	memset(&b, 0, sizeof b);
	value_fill((char *)&b, sizeof b, 4);
	sum = superblock_checksum(&b);
	for (size_t at = 0; at < sizeof b; at++) {
		bool covered = at >= offsetof(struct superblock, version) && at < offsetof(struct superblock, checksum);
		for (int bit = 0; bit < 8; bit++) {
			bytes[at] ^= (unsigned char)(1 << bit);
			CHECK((superblock_checksum(&b) != sum) == covered);
			bytes[at] ^= (unsigned char)(1 << bit);
		}
	}
	/* Each field that a process believes is covered. */
	CHECK(offsetof(struct superblock, fingerprint) < offsetof(struct superblock, checksum));
	CHECK(offsetof(struct superblock, key) < offsetof(struct superblock, checksum));
	CHECK(offsetof(struct superblock, geometry) < offsetof(struct superblock, checksum));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes_from_one_megabyte_to_one_terabyte),
		TEST(shards_are_one_per_32_megabytes_up_to_64),
		TEST(the_same_arguments_give_the_same_bytes),
		TEST(what_cannot_be_laid_out_is_refused),
		TEST(fingerprint_tells_shapes_apart),
		TEST(superblock_checksum_covers_what_is_immutable),
	};

	return RUN(tests, argc, argv);
}
