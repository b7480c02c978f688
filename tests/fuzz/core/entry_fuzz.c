/*
 * The checksum of entries, which says what of a file that nobody watched may be believed: an entry is made of the
 * input, then some of its bits are flipped. What was made is valid; with one covered bit flipped it is not; and
 * whatever is flipped, looking at it stays inside of its block. (Two changes may cancel: see hash_checksum().)
 */
#include "world.h"

#include "core/store/tag.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define KEY_MAX 40u
#define VALUE_MAX 700u
#define FLIPS_MAX 3u

static struct key_hash hash;
static const enum store_type types[] = {STORE_STRING, STORE_SERIALIZED, STORE_TEXT, STORE_IMAGE,
                                        STORE_INT,    STORE_DOUBLE,     STORE_NULL};

static void build(void *context, char *to, size_t size, uint64_t official)
{
	(void)official;
	memcpy(to, context, size);
}

static void fill_from(struct input *in, char *to, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		to[i] = (char)take8(in);
	}
}

/* By a copy that is as long as the block, so that a byte beyond it is reported. */
static bool is_valid(const struct entry *e, size_t block)
{
	struct entry *copy = aligned_alloc(64, (block + 63) / 64 * 64);
	bool valid;

	memcpy(copy, e, block);
	valid = entry_valid(copy, block, &hash);
	free(copy);
	return valid;
}

/*
 * Bytes of the header that are covered: hash of the key, size, key length, flags, size of the tags. The type stands in
 * the index word as well; without tags a scalar has no checksum, so what takes them away takes that away, too.
 */
static bool header_is_covered(const struct entry *e, size_t at)
{
	bool summed = entry_has_checksum(e->type, e->tags_size);

	return (at >= offsetof(struct entry, hash) && at < offsetof(struct entry, stamp)) ||
	       (at >= offsetof(struct entry, size) && at < offsetof(struct entry, type)) ||
	       (at == offsetof(struct entry, flags) && summed) ||
	       (at >= offsetof(struct entry, tags_size) && at < offsetof(struct entry, next) && type_has_bytes(e->type));
}

static bool is_covered(const struct entry *e, size_t at, size_t bytes)
{
	size_t value = entry_value_at(e->key_length);

	if (at < sizeof *e) {
		return header_is_covered(e, at);
	}
	if (!entry_has_checksum(e->type, e->tags_size)) {
		return at < sizeof *e + e->key_length;
	}
	if (at >= sizeof *e + e->key_length && at < value) {
		return false; /* between key and value */
	}
	if (e->type == STORE_INT && at >= value && at < value + 8) {
		return false; /* changes in place */
	}
	if (e->type == STORE_TEXT && at >= value + 8 && at < value + 16) {
		return e->size < STORE_TEXT_HEAD; /* anybody's */
	}
	return at < bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input in = {bytes, bytes + length};
	char key_bytes[KEY_MAX], value[VALUE_MAX], tag_list[64];
	struct tag_head head;
	uint32_t key_length = 1 + take8(&in) % (KEY_MAX - 1);
	struct store_item item = {.type = types[take8(&in) % (sizeof types / sizeof *types)], .flags = take8(&in)};
	unsigned how = take8(&in), flips = 1 + take8(&in) % FLIPS_MAX;
	bool covered = false;
	size_t block;
	struct entry *e;

	fill_from(&in, key_bytes, key_length);
	if (!hash.key.k0) {
		key_hash_make(&hash, &(struct hash_key){1, 2}, key_hash_has_aes());
	}
	struct store_key key = {key_bytes, key_length, key_hash_of(&hash, key_bytes, key_length)};
	if (type_has_bytes(item.type)) {
		item.size = take16(&in) % VALUE_MAX;
		fill_from(&in, value, item.size);
		item.bytes = value;
		if (item.type == STORE_IMAGE) {
			item.build = build;
			item.build_context = value;
		} else if (item.size >= 32 && how & 64) {
			/* In parts: a head, bytes, zeros. */
			item.head = value;
			item.head_size = how & 32 ? STORE_TEXT_HEAD : 16;
			item.bytes = value + item.head_size;
			item.bytes_size = item.size - item.head_size - how % 8;
		}
	} else {
		item.integer = (int64_t)take64(&in) >> 1;
	}
	item.tags_size = how & 128 ? world_tags(how, tag_list, &item.tag_count) : 0;
	item.tags = item.tags_size ? tag_list : NULL;
	if (item.tags) {
		tag_head_make(&hash, item.tags, item.tags_size, how, &head);
	}
	unsigned type = item.type == STORE_INT && !int_fits_word(item.integer) ? STORE_BIGINT : item.type;
	block = entry_bytes_for(type, key_length, type_has_bytes(type) ? item.size : type_scalar_size(type),
	                        item_tags_bytes(&item));
	e = aligned_alloc(64, (block + 63) / 64 * 64);
	memset(e, 0, block);
	store_relaxed(&e->version, 1);
	entry_set_extent(e, &key, &item, type);
	entry_fill(e, &key, &item, type, item.tags ? &head : NULL, 1, 1, 1 << 20);
	MUST(entry_bytes(e) == block);
	MUST(is_valid(e, block));
	const struct entry before = *e;
	for (unsigned i = 0; i < flips; i++) {
		size_t at = take16(&in) % block;
		((char *)e)[at] ^= (char)(1 << take8(&in) % 8);
		covered |= is_covered(&before, at, block);
	}
	bool valid = is_valid(e, block);
	MUST(!valid || flips > 1 || !covered);
	free(e);
	return 0;
}
