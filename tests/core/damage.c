#include "damage.h"

#include "core/store/index.h"

char *image, *older;
size_t image_length;
struct geometry image_geometry;
uint32_t image_pages;

static uint64_t pick(struct mutation *m, uint64_t limit) { return rng_below(&m->rng, limit); }

/* Where something stands: the page of the superblock, the shard's tables, the arena in use, the participants. */
static uint64_t used_offset(struct mutation *m)
{
	uint64_t arena = image_geometry.shards_at + image_geometry.arena_at;

	switch (pick(m, 6)) {
	case 0:
		return pick(m, sizeof(struct superblock));
	case 1:
		return image_geometry.shards_at + pick(m, image_geometry.arena_at);
	case 2:
		return image_geometry.participants_at + pick(m, 4 * sizeof(struct participant));
	default:
		return arena + pick(m, (uint64_t)image_pages * PAGE_BYTES);
	}
}

static uint64_t odd_word(struct mutation *m)
{
	switch (pick(m, 7)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return pick(m, 300);
	case 3:
		return UINT64_C(1) << pick(m, 64);
	case 4:
		return (UINT64_C(1) << pick(m, 64)) - 1;
	case 5:
		return pick(m, image_geometry.file_length);
	default:
		return rng_next(&m->rng);
	}
}

/* Overwrites, changes a bit of, or adds a little to a number of `size` bytes. */
static void spoil_number(struct mutation *m, uint64_t at, size_t size)
{
	uint64_t word = 0;

	memcpy(&word, m->bytes + at, size);
	switch (pick(m, 3)) {
	case 0:
		word = odd_word(m);
		break;
	case 1:
		word ^= UINT64_C(1) << pick(m, size * 8);
		break;
	default:
		word += pick(m, 9) - 4;
	}
	memcpy(m->bytes + at, &word, size);
}

void flipped_bits(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		char bit = (char)(1 << pick(m, 8));
		m->bytes[used_offset(m)] ^= bit;
	}
}

void overwritten_words(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 4); n > 0; n--) {
		uint64_t word = odd_word(m);
		memcpy(m->bytes + used_offset(m) / 8 * 8, &word, 8);
	}
}

void swapped_blocks(struct mutation *m)
{
	static const size_t sizes[] = {8, 64, 512, OS_PAGE};
	size_t size = sizes[pick(m, COUNT_OF(sizes))];
	char kept[OS_PAGE];
	uint64_t a = used_offset(m) / size * size, b;

	b = used_offset(m) / size * size;
	memcpy(kept, m->bytes + a, size);
	memmove(m->bytes + a, m->bytes + b, size);
	memcpy(m->bytes + b, kept, size);
}

void lost_pages(struct mutation *m)
{
	static const size_t sizes[] = {64, 512, OS_PAGE, PAGE_BYTES};
	size_t size = sizes[pick(m, COUNT_OF(sizes))];
	uint64_t at = used_offset(m) / size * size;

	if (at + size > image_length) {
		at = image_length - size;
	}
	memset(m->bytes + at, pick(m, 4) ? 0 : 0xff, size);
}

/* Some pages are those of some writes ago. */
void stale_pages(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 8); n > 0; n--) {
		uint64_t at = used_offset(m) / OS_PAGE * OS_PAGE;
		memcpy(m->bytes + at, older + at, OS_PAGE);
	}
}

void other_lengths(struct mutation *m)
{
	switch (pick(m, 4)) {
	case 0:
		m->length = pick(m, image_length);
		break;
	case 1:
		m->length = pick(m, image_length / OS_PAGE) * OS_PAGE;
		break;
	default: { /* cut, and extended with zeros again */
		uint64_t arena = image_geometry.shards_at + image_geometry.arena_at;
		uint64_t from = pick(m, 2) ? pick(m, image_length) : arena + pick(m, (uint64_t)image_pages * PAGE_BYTES);
		memset(m->bytes + from, 0, image_length - from);
	}
	}
}

void shard_header(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		bool classes = pick(m, 3) == 0;
		uint64_t from = classes ? offsetof(struct shard, classes) : 0;
		uint64_t to = classes ? sizeof(struct shard) : offsetof(struct shard, classes);
		size_t size = pick(m, 2) ? 4 : 8;
		spoil_number(m, image_geometry.shards_at + (from + pick(m, to - from)) / size * size, size);
	}
}

static void spoil_u32_table(struct mutation *m, uint64_t at, uint64_t entries)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		spoil_number(m, image_geometry.shards_at + at + pick(m, entries) * 4, 4);
	}
}

void index_directory_words(struct mutation *m) { spoil_u32_table(m, image_geometry.directory_at, 3); }
void ghost_directory_words(struct mutation *m) { spoil_u32_table(m, image_geometry.ghosts_at, 3); }

void page_words_of_the_arena(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		uint64_t at = image_geometry.shards_at + image_geometry.page_words_at + pick(m, image_pages) * 4;
		uint32_t word = page_word((enum page_kind)pick(m, 6), (uint32_t)pick(m, pick(m, 2) ? SLAB_CLASSES : 256));
		memcpy(m->bytes + at, &word, 4);
	}
}

void bitmaps(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 4); n > 0; n--) {
		uint64_t at = pick(m, 2) ? image_geometry.unit_free_at : image_geometry.span_start_at;
		spoil_number(m, image_geometry.shards_at + at + pick(m, (image_geometry.pages + 15) / 16) * 8, 8);
	}
}

void slab_records(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		uint64_t at = image_geometry.shards_at + image_geometry.slabs_at + pick(m, image_pages) * sizeof(struct slab);
		size_t size = (size_t)1 << pick(m, 4);
		spoil_number(m, at + pick(m, 48) / size * size, size);
	}
}

static struct bucket_line *line_at(struct mutation *m, uint64_t bucket)
{
	char *shard = m->bytes + image_geometry.shards_at;
	uint64_t page = 0;

	memcpy(&page, shard + image_geometry.directory_at + bucket / LINES_PER_PAGE * 4, 4);
	return (struct bucket_line *)(shard + image_geometry.arena_at + page * PAGE_BYTES) + bucket % LINES_PER_PAGE;
}

static uint64_t bucket_count(struct mutation *m)
{
	uint64_t layout;

	memcpy(&layout, m->bytes + image_geometry.shards_at + offsetof(struct shard, layout), 8);
	return layout_buckets(layout);
}

static uint64_t *any_slot(struct mutation *m)
{
	for (;;) {
		struct bucket_line *line = line_at(m, pick(m, bucket_count(m)));
		uint64_t *slot = (uint64_t *)&line->slots[pick(m, LINE_SLOTS)];
		if (*slot || pick(m, 20) == 0) {
			return slot;
		}
	}
}

void index_lines(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 4); n > 0; n--) {
		uint64_t *slot = any_slot(m), *other = any_slot(m);
		struct bucket_line *line = line_at(m, pick(m, bucket_count(m)));
		switch (pick(m, 8)) {
		case 0:
			*slot = *other;
			break;
		case 1: { /* another place, near or far */
			uint64_t places = (UINT64_C(1) << PLACE_BITS) - 1;
			*slot = (*slot & ~places) | ((*slot + pick(m, 33) - 16) & places);
			break;
		}
		case 2:
			*slot ^= UINT64_C(1) << pick(m, 64);
			break;
		case 3: /* another type */
			*slot ^= pick(m, 16) << PLACE_BITS;
			break;
		case 4: /* the place of another, with the own tag */
			*slot = (*slot & ~((UINT64_C(1) << PLACE_BITS) - 1)) | word_granule(*other);
			break;
		case 5: { /* a link to a block of any kind */
			uint64_t link = word_granule(*other) - (image_geometry.shards_at + image_geometry.arena_at) / GRANULE + 1;
			store_relaxed(&line->header, (load_relaxed(&line->header) & 0xffffffff) | link << 32);
			break;
		}
		case 6:
			store_relaxed(&line->header, odd_word(m));
			break;
		default:
			*slot = odd_word(m);
		}
	}
}

static struct entry *any_entry(struct mutation *m)
{
	uint64_t granule;

	do {
		granule = word_granule(*any_slot(m));
	} while (granule == 0 || granule * GRANULE + sizeof(struct entry) > image_length);
	return (struct entry *)(m->bytes + granule * GRANULE);
}

void entry_headers(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		struct entry *e = any_entry(m);
		uint64_t at = (uint64_t)((char *)e - m->bytes);
		switch (pick(m, 12)) {
		case 0:
			spoil_number(m, at + offsetof(struct entry, size), 4);
			break;
		case 1:
			spoil_number(m, at + offsetof(struct entry, key_length), 2);
			break;
		case 2:
			spoil_number(m, at + offsetof(struct entry, type), 1);
			break;
		case 3:
			spoil_number(m, at + offsetof(struct entry, tags_size), 2);
			break;
		case 4:
			spoil_number(m, at + offsetof(struct entry, version), 8);
			break;
		case 5:
			spoil_number(m, at + offsetof(struct entry, stamp), 8);
			break;
		case 6:
			spoil_number(m, at + offsetof(struct entry, ttl), 4);
			break;
		case 7:
			spoil_number(m, at + offsetof(struct entry, stale_ttl), 4);
			break;
		case 8:
			spoil_number(m, at + offsetof(struct entry, state), 1);
			break;
		case 9:
			spoil_number(m, at + (pick(m, 2) ? offsetof(struct entry, next) : offsetof(struct entry, prev)), 4);
			break;
		case 10:
			spoil_number(m, at + offsetof(struct entry, hash), 8);
			break;
		default:
			spoil_number(m, at + pick(m, 16) * 8, 8);
		}
	}
}

/* The whole entry, with its valid checksum, in another block: two entries of one key, or one that overlaps. */
void copied_entries(struct mutation *m)
{
	struct entry *from = any_entry(m), *to = any_entry(m);
	uint64_t bytes = entry_bytes(from), room = (uint64_t)(m->bytes + image_length - (char *)to);

	bytes = bytes < room ? bytes : room;
	bytes = bytes < (uint64_t)(m->bytes + image_length - (char *)from) ? bytes : 64;
	memmove(to, from, bytes);
	if (pick(m, 2)) {
		*any_slot(m) = slot_word(to->hash, to->type, (struct place){(uint64_t)((char *)to - m->bytes) / GRANULE});
	}
}

void participants_and_pins(struct mutation *m)
{
	for (uint64_t n = 1 + pick(m, 5); n > 0; n--) {
		uint64_t slot = pick(m, 3), at;
		switch (pick(m, 4)) {
		case 0:
			at = image_geometry.participants_at + slot * sizeof(struct participant) + pick(m, 8) * 4;
			spoil_number(m, at, 4);
			break;
		case 1: {
			uint32_t marks[] = {SLOT_USED, 0, PINS_PER_PARTICIPANT, UINT32_MAX};
			at = image_geometry.participants_at + slot * sizeof(struct participant);
			memcpy(m->bytes + at, &marks[pick(m, 4)], 4);
			memcpy(m->bytes + at + offsetof(struct participant, pins), &marks[pick(m, 4)], 4);
			break;
		}
		default: {
			uint64_t place = pick(m, 2) ? word_granule(*any_slot(m)) : odd_word(m);
			at = image_geometry.pins_at + slot * PIN_TABLE_BYTES + pick(m, 10) * 8;
			memcpy(m->bytes + at, &place, 8);
		}
		}
	}
}

void words_of_the_superblock(struct mutation *m)
{
	uint64_t from = offsetof(struct superblock, generation), to = sizeof(struct superblock);

	for (uint64_t n = 1 + pick(m, 3); n > 0; n--) {
		size_t size = pick(m, 2) ? 4 : 8;
		spoil_number(m, (from + pick(m, to - from)) / size * size, size);
	}
}

void lock_words(struct mutation *m)
{
	uint32_t word = (uint32_t)odd_word(m) & (pick(m, 2) ? UINT32_MAX : 0x8000000f);

	memcpy(m->bytes + image_geometry.shards_at + offsetof(struct shard, lock), &word, 4);
	if (pick(m, 2)) {
		shard_header(m);
	}
}

static void (*const all_kinds[])(struct mutation *m) = {
#define X(kind, count) kind,
	DAMAGE_KINDS(X)
#undef X
};

void several_at_once(struct mutation *m)
{
	for (uint64_t n = 2 + pick(m, 20); n > 0; n--) {
		/* All but the last, which is this one. A directory that was damaged names pages that are not there. */
		void (*kind)(struct mutation *m) = all_kinds[pick(m, COUNT_OF(all_kinds) - 1)];
		if (kind == flipped_bits || kind == bitmaps || kind == slab_records || kind == page_words_of_the_arena ||
		    kind == participants_and_pins || kind == lock_words || kind == entry_headers) {
			kind(m);
		}
	}
}
