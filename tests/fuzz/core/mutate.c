/*
 * The parts of a file are areas of equal items. An input names an area, an item of it, a place in the item, and what
 * happens to the number that stands there. Items are the ones that the sound file uses, and some that it does not; so a
 * change mostly meets something that matters.
 */
#include "mutate.h"

#include "core/store/lease.h"
#include "core/store/tag.h"

/* Of an area, from the front of each item, so many bytes are changed. */
struct area {
	enum mutate_part part;
	uint64_t at, stride, bytes;
	uint32_t count;
	uint32_t *used; /* numbers of the items that are worth it */
	uint32_t used_count;
};
#define AREAS_MAX 40

static struct areas {
	struct area area[AREAS_MAX];
	unsigned count[MUTATE_ALL + 1]; /* of the areas of those parts */
	unsigned of_part[MUTATE_ALL + 1][AREAS_MAX];
	unsigned all;
	uint64_t *entries; /* offsets of entries, in the index or not */
	uint32_t entry_count;
} areas[WORLD_KINDS];

/* ---- what there is ------------------------------------------------------------------------------------------- */

static bool is_blank(const char *at, uint64_t bytes)
{
	for (uint64_t i = 0; i < bytes; i++) {
		if (at[i]) {
			return false;
		}
	}
	return true;
}

static void add_area(enum world_kind kind, enum mutate_part part, uint64_t at, uint64_t stride, uint64_t bytes,
                     uint32_t count)
{
	struct areas *all = &areas[kind];
	struct area *area = &all->area[all->all];
	const struct image *image = &world_sound[kind];
	unsigned blank = 0;

	MUST(all->all < AREAS_MAX && at + stride * (count - 1) + bytes <= image->length);
	*area = (struct area){part, at, stride, bytes, count, calloc(count, sizeof(uint32_t)), 0};
	for (uint32_t i = 0; i < count; i++) {
		bool empty = is_blank(image->bytes + at + i * stride, bytes);
		if (!empty || blank++ < 4) {
			area->used[area->used_count++] = i;
		}
	}
	for (unsigned parts = 1; parts <= MUTATE_ALL; parts++) {
		if (parts & part) {
			all->of_part[parts][all->count[parts]++] = all->all;
		}
	}
	all->all++;
}

static void find_entries(enum world_kind kind)
{
	const struct geometry *g = &world_geometry;
	const struct image *image = &world_sound[kind];
	uint64_t arena = g->shards_at + g->arena_at;
	struct areas *all = &areas[kind];

	all->entries = calloc(g->pages * 128, sizeof *all->entries);
	for (uint32_t page = 0; page < g->pages; page++) {
		uint32_t word;
		memcpy(&word, image->bytes + g->shards_at + g->page_words_at + page * 4, 4);
		uint64_t step = page_kind(word) == PAGE_SLAB && page_class(word) < SLAB_CLASSES
		                    ? slab_class_bytes[page_class(word)]
		                : page_kind(word) == PAGE_SPANS ? UNIT_BYTES
		                                                : 0;
		for (uint64_t at = 0; step >= sizeof(struct entry) && at + step <= PAGE_BYTES; at += step) {
			uint64_t offset = arena + page * (uint64_t)PAGE_BYTES + at;
			const struct entry *e = (const struct entry *)(image->bytes + offset);
			if (type_is_valid(e->type) && e->key_length && e->state) {
				all->entries[all->entry_count++] = offset;
			}
		}
	}
	MUST(all->entry_count > WORLD_KEYS / 2);
}

static void find_areas(enum world_kind kind)
{
	const struct geometry *g = &world_geometry;
	uint64_t shard = g->shards_at, arena = shard + g->arena_at;
	uint32_t index_page;

	add_area(kind, MUTATE_SHARD, 0, 8, 8, sizeof(struct superblock) / 8);
	add_area(kind, MUTATE_SHARD, offsetof(struct superblock, generation), 8, 8,
	         (sizeof(struct superblock) - offsetof(struct superblock, generation)) / 8);
	add_area(kind, MUTATE_ALL, g->participants_at, sizeof(struct participant), 64, g->participants);
	add_area(kind, MUTATE_SHARD, g->pins_at, PIN_TABLE_BYTES, 256, g->participants);
	add_area(kind, MUTATE_SHARD, shard, 1, offsetof(struct shard, classes), 1);
	add_area(kind, MUTATE_SHARD, shard + offsetof(struct shard, classes), sizeof(struct size_class),
	         sizeof(struct size_class), CLASSES);
	add_area(kind, MUTATE_SHARD, shard + g->directory_at, 4, 4, g->index_pages);
	add_area(kind, MUTATE_SHARD, shard + g->ghosts_at, 4, 4, g->ghost_pages);
	add_area(kind, MUTATE_SHARD, shard + g->page_words_at, 4, 4, g->pages);
	add_area(kind, MUTATE_SHARD, shard + g->unit_free_at, 8, 8, (g->pages + 15) / 16);
	add_area(kind, MUTATE_SHARD, shard + g->span_start_at, 8, 8, (g->pages + 15) / 16);
	add_area(kind, MUTATE_SHARD, shard + g->slabs_at, sizeof(struct slab), 48, g->pages);
	memcpy(&index_page, world_sound[kind].bytes + shard + g->directory_at, 4);
	add_area(kind, MUTATE_SHARD, arena + index_page * (uint64_t)PAGE_BYTES, 64, 64, LINES_PER_PAGE);
	add_area(kind, MUTATE_SHARD, arena, OS_PAGE, OS_PAGE, g->pages * PAGE_BYTES / OS_PAGE);
	add_area(kind, MUTATE_TABLES, g->tags_at, 64, 64, 1);
	add_area(kind, MUTATE_TABLES, g->tags_at + sizeof(struct tag_header), sizeof(struct tag_set),
	         sizeof(struct tag_set), g->tag_sets);
	add_area(kind, MUTATE_TABLES, g->leases_at, 64, 64, 1);
	add_area(kind, MUTATE_TABLES, g->leases_at + sizeof(struct lease_table), sizeof(struct lease_set), 64,
	         g->lease_sets);
	add_area(kind, MUTATE_TABLES, g->leases_at + sizeof(struct lease_table) + offsetof(struct lease_set, leases),
	         sizeof(struct lease), sizeof(struct lease),
	         g->lease_sets * (uint32_t)(sizeof(struct lease_set) / sizeof(struct lease)));
	add_area(kind, MUTATE_TABLES, g->locks_at, 64, 32, 1);
	add_area(kind, MUTATE_TABLES, g->locks_at + sizeof(struct rwlock_table), sizeof(struct rwlock_record),
	         sizeof(struct rwlock_record), RWLOCK_RECORDS);
	add_area(kind, MUTATE_TABLES,
	         g->locks_at + sizeof(struct rwlock_table) + RWLOCK_RECORDS * sizeof(struct rwlock_record), 8, 8,
	         2 * RWLOCK_RECORDS);
	add_area(kind, MUTATE_TABLES, g->lock_rows_at, sizeof(struct rwlock_row), sizeof(struct rwlock_row),
	         g->participants);
	add_area(kind, MUTATE_TABLES, g->queue_at, 1, sizeof(struct queue_table), 1);
	add_area(kind, MUTATE_TABLES, g->queue_at + sizeof(struct queue_table), sizeof(struct queue_name),
	         sizeof(struct queue_name), QUEUE_NAMES);
	add_area(kind, MUTATE_TABLES, g->queue_at + sizeof(struct queue_table) + QUEUE_NAMES * sizeof(struct queue_name), 4,
	         4, queue_unique_slots(g->jobs));
	add_area(kind, MUTATE_TABLES, g->jobs_at, sizeof(struct queue_job), 128, g->jobs);
	add_area(kind, MUTATE_TABLES, g->jobs_at, sizeof(struct queue_job), sizeof(struct queue_job), g->jobs);
	add_area(kind, MUTATE_TABLES, g->chunks_at, sizeof(struct queue_chunk), 16, queue_chunks(g->jobs));
	find_entries(kind);
}

/* ---- changes ------------------------------------------------------------------------------------------------- */

static void note_memory(struct image *image, uint64_t at, uint64_t bytes)
{
	for (uint64_t page = at / OS_PAGE; page <= (at + bytes - 1) / OS_PAGE; page++) {
		image->taken[page] = 1;
	}
}

static uint64_t item_at(enum world_kind kind, enum mutate_part parts, struct input *in, uint64_t *bytes)
{
	struct areas *all = &areas[kind];
	struct area *area;
	unsigned number = take8(in);

	/* A quarter of all changes is to entries. */
	if ((parts & MUTATE_SHARD) && number >= 192) {
		*bytes = 96;
		return all->entries[take16(in) % all->entry_count];
	}
	area = &all->area[all->of_part[parts][number % all->count[parts]]];
	number = take16(in);
	*bytes = area->bytes;
	return area->at + area->stride * (number & 0x8000 ? number % area->count : area->used[number % area->used_count]);
}

/* What is worth to stand somewhere. */
static uint64_t telling_word(struct image *image, enum world_kind kind, struct input *in)
{
	struct areas *all = &areas[kind];
	uint64_t number = take8(in), at;

	switch (number % 8) {
	case 0:
		return take8(in);
	case 1:
		return ~UINT64_C(0) - take8(in);
	case 2:
		return UINT64_C(1) << take8(in) % 64;
	case 3: /* the link, or the place, of an entry */
		at = all->entries[take16(in) % all->entry_count];
		return number & 8 ? (at - world_geometry.shards_at - world_geometry.arena_at) / GRANULE + 1 : at / GRANULE;
	case 4: { /* the word in the index that such an entry would have */
		at = all->entries[take16(in) % all->entry_count];
		const struct entry *e = (const struct entry *)(image->bytes + at);
		return slot_word(e->hash, e->type, (struct place){at / GRANULE});
	}
	case 5:
		return take16(in);
	default:
		return take64(in);
	}
}

static void change_number(struct image *image, enum world_kind kind, enum mutate_part parts, struct input *in)
{
	uint64_t bytes, at = item_at(kind, parts, in, &bytes), word = 0, given;
	unsigned how = take8(in), size = 1u << how % 4;

	size = size > bytes ? (unsigned)bytes : size;
	at += take16(in) % (bytes - size + 1) / size * size;
	memcpy(&word, image->bytes + at, size);
	given = telling_word(image, kind, in);
	switch (how / 4 % 4) {
	case 0:
		word ^= given;
		break;
	case 1:
		word += given;
		break;
	default:
		word = given;
	}
	memcpy(image->bytes + at, &word, size);
	note_memory(image, at, size);
}

static void copy_item(struct image *image, enum world_kind kind, enum mutate_part parts, struct input *in)
{
	uint64_t bytes, room, from = item_at(kind, parts, in, &bytes), to = item_at(kind, parts, in, &room);

	bytes = bytes < room ? bytes : room;
	memmove(image->bytes + to, image->bytes + from, bytes);
	note_memory(image, to, bytes);
}

/* Another file's bytes: as if some pages were those of another time. */
static void stale_page(struct image *image, enum world_kind kind, enum mutate_part parts, struct input *in)
{
	uint64_t bytes, at = item_at(kind, parts, in, &bytes);
	const struct image *other = &world_sound[take8(in) % WORLD_KINDS];

	at = at / OS_PAGE * OS_PAGE;
	memcpy(image->bytes + at, other->bytes + at, OS_PAGE);
	note_memory(image, at, OS_PAGE);
}

/* A page is zeros; or a hole, as after a copy that leaves out zeros. */
static void lost_page(struct image *image, enum world_kind kind, enum mutate_part parts, struct input *in)
{
	uint64_t bytes, page = item_at(kind, parts, in, &bytes) / OS_PAGE;
	bool hole = take8(in) & 1;

	memset(image->bytes + page * OS_PAGE, 0, OS_PAGE);
	image->taken[page] = !hole;
}

/* A checksum that fits what was damaged. */
static void seal(struct image *image, enum world_kind kind, struct input *in)
{
	struct areas *all = &areas[kind];
	unsigned what = take8(in);

	if (what % 4 == 0) {
		struct superblock *b = (struct superblock *)image->bytes;
		b->checksum = superblock_checksum(b);
	} else {
		uint64_t at = all->entries[take16(in) % all->entry_count];
		struct entry *e = (struct entry *)(image->bytes + at);
		if (type_is_valid(e->type) && at + entry_bytes(e) <= image->length) {
			entry_seal(e);
			note_memory(image, at, entry_bytes(e));
		}
	}
}

void mutate(struct image *image, enum world_kind kind, enum mutate_part parts, struct input *in)
{
	if (!areas[kind].all) {
		find_areas(kind);
	}
	switch (take8(in) % 16) {
	case 0:
		copy_item(image, kind, parts, in);
		break;
	case 1:
		stale_page(image, kind, parts, in);
		break;
	case 2:
		lost_page(image, kind, parts, in);
		break;
	case 3:
		seal(image, kind, in);
		break;
	case 4:
		if (take8(in) == 255) {
			image->length = take16(in) * (uint64_t)64 % world_geometry.file_length;
		}
		break;
	default:
		change_number(image, kind, parts, in);
	}
}
