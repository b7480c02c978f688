/*
 * Values that hold addresses of their own parts. Here an image is a list of words, each its own address in the official
 * mapping.
 */
#include "support.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"
#include "core/store/index.h"
#include "core/store/reserve.h"
#include "core/store/retire.h"
#include "core/store/room.h"

static void build(void *context, char *to, size_t size, uint64_t official)
{
	uint64_t *words = (uint64_t *)to;

	(void)context;
	CHECK_EQ((uintptr_t)to % 8, 0);
	CHECK_EQ(official % 8, 0);
	for (size_t i = 0; i < size / 8; i++) {
		words[i] = official + i * 8;
	}
}

static void moved(char *image, size_t size, uint8_t flags, int64_t delta)
{
	uint64_t *words = (uint64_t *)image;

	CHECK_EQ(flags, 3);
	for (size_t i = 0; i < size / 8; i++) {
		words[i] += (uint64_t)delta;
	}
}

static struct cache_host moving_host, standing_host;

static struct store *open_with_host(struct cache_host *host, uint64_t size)
{
	struct store_options options = options_for(size);

	*host = test_host;
	host->moved = host == &moving_host ? moved : NULL;
	options.host = host;
	return open_with(&options);
}

CACHE_MUST_CHECK static enum cache_status put_image(struct store *store, const struct store_key *key, size_t words)
{
	const struct store_item item = {
		.type = STORE_IMAGE, .flags = 3, .size = words * 8, .build = build, .tags = "\003tag", .tags_size = 4, .tag_count = 1,
	};

	return store_put(store, key, &item, STORE_SET);
}

static bool view_is_sound(const struct store_view *view, size_t words)
{
	const uint64_t *at = (const uint64_t *)view->bytes;

	if (view->type != STORE_IMAGE || view->flags != 3 || view->size != words * 8) {
		return false;
	}
	for (size_t i = 0; i < words; i++) {
		if (at[i] != view->official + i * 8) {
			return false;
		}
	}
	return !view->mapped || memcmp((const void *)(uintptr_t)view->official, view->bytes, view->size) == 0;
}

static bool holds_image(struct store *store, const struct store_key *key, size_t words)
{
	struct store_view view;
	bool sound;

	if (store_get(store, key, &view) != CACHE_OK) {
		return false;
	}
	sound = view_is_sound(&view, words);
	store_unpin(store, view.pin);
	return sound;
}

static void images_of_all_sizes(void **state)
{
	struct store *store = open_with_host(&moving_host, 8 * MB);

	(void)state;
	for (size_t words = 1; words < 40000; words += 1 + words / 3) {
		for (unsigned i = 0; i < 3; i++) { /* the second one from the block in reserve */
			struct store_key key = key_number(store, "image", i);
			CHECK_OK(put_image(store, &key, words));
			CHECK(holds_image(store, &key, words));
			CHECK_VERIFIED(store);
		}
	}
}

static void they_are_verified_by_who_attaches_alone(void **state)
{
	struct store *store = open_with_host(&moving_host, 8 * MB);

	(void)state;
	for (uint64_t i = 0; i < 200; i++) {
		struct store_key key = key_number(store, "image", i);
		CHECK_OK(put_image(store, &key, i * 5 + 1));
	}
	close_store(store);
	store = open_with_host(&moving_host, 8 * MB);
	for (uint64_t i = 0; i < 200; i++) {
		struct store_key key = key_number(store, "image", i);
		CHECK(holds_image(store, &key, i * 5 + 1));
	}
	struct store_key key = key_of(store, "image:7");
	struct store_view view;
	CHECK_OK(store_get(store, &key, &view));
	((char *)(uintptr_t)view.bytes)[9] ^= 4;
	store_unpin(store, view.pin);
	close_store(store);
	store = open_with_host(&moving_host, 8 * MB);
	CHECK(!has_key(store, &key));
	CHECK_EQ(COUNTER_OF(store, dropped_corrupt), 1);
	CHECK_VERIFIED(store);
}

static void a_moved_image_has_other_addresses(void **state)
{
	struct store *store = open_with_host(&moving_host, 4 * MB);
	struct store_key key = key_of(store, "image");
	struct store_view before, after;

	(void)state;
	CHECK_OK(put_image(store, &key, 50));
	CHECK_OK(store_get(store, &key, &before));
	for (int i = 0; i < 20; i++) {
		struct shard_ref r = lock_shard(store, 0);
		link_t link = place_link(&r, word_granule(load_relaxed(index_find(&r, &key))));
		link_t target = slab_take(&r, block_class(&r, link));
		CHECK(target != 0);
		CHECK(entry_relocate(&r, link, target, NULL, NULL));
		shard_unlock(&r);
		CHECK_OK(store_get(store, &key, &after));
		CHECK(after.official != before.official);
		CHECK(view_is_sound(&after, 50));
		CHECK(view_is_sound(&before, 50)); /* pinned */
		store_unpin(store, after.pin);
		CHECK_VERIFIED(store);
	}
}

/* Slabs are given to another class; hot images move, or go where they cannot. */
static void steal_slabs(struct store *store, bool some_stay)
{
	unsigned there = 0;

	for (uint64_t i = 0; i < 600; i++) {
		struct store_key key = key_number(store, "image", i);
		CHECK_OK(put_image(store, &key, 60));
		CHECK(holds_image(store, &key, 60));
	}
	for (uint64_t i = 0; i < 2000; i++) {
		struct store_key key = key_number(store, "other", i);
		CHECK_OK(put_value(store, &key, 100 + i % 7 * 700, i));
		for (uint64_t k = 0; k < 5; k++) {
			key = key_number(store, "image", 500 + (i * 5 + k) % 100);
			if (has_key(store, &key)) {
				CHECK(holds_image(store, &key, 60));
			}
		}
	}
	for (uint64_t i = 0; i < 600; i++) {
		struct store_key key = key_number(store, "image", i);
		if (has_key(store, &key)) {
			CHECK(holds_image(store, &key, 60));
			there++;
		}
	}
	CHECK(!some_stay || there > 0);
	CHECK(COUNTER_OF(store, slabs_stolen) > 0);
	CHECK_VERIFIED(store);
}

static void hot_images_move(void **state)
{
	struct store *store = open_with_host(&moving_host, MB);

	(void)state;
	steal_slabs(store, true);
	CHECK(COUNTER_OF(store, relocations) > 0);
}

static void a_host_that_cannot_move_them_loses_them(void **state)
{
	struct store *store = open_with_host(&standing_host, MB);

	(void)state;
	steal_slabs(store, false);
}

/* The second word of a text is filled in by readers. No checksum covers it, so it is 0 again for who attaches alone. */
static void the_second_word_of_a_text_may_change(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "text");
	struct store_item item = item_string("12345678........the text itself", 31);
	struct store_view view;

	(void)state;
	item.type = STORE_TEXT;
	CHECK_OK(store_put(store, &key, &item, STORE_SET));
	CHECK_OK(store_get(store, &key, &view));
	CHECK_EQ(view.type, STORE_TEXT);
	memset((char *)(uintptr_t)view.bytes + 8, 'x', 8);
	CHECK_VERIFIED(store);
	store_unpin(store, view.pin);
	close_store(store);
	store = open_store(MB);
	CHECK_OK(store_get(store, &key, &view));
	CHECK(memcmp(view.bytes, "12345678\0\0\0\0\0\0\0\0the text itself", 31) == 0);
	for (size_t i = 0; i < 31; i++) {
		char *byte = (char *)(uintptr_t)view.bytes + i;
		*byte ^= 1;
		CHECK_EQ(store_verify(store, NULL, NULL) == 0, i >= 8 && i < 16);
		*byte ^= 1;
	}
	store_unpin(store, view.pin);
}

static void without_memory_nothing_is_built(void **state)
{
	struct store *store = open_with_host(&moving_host, MB);
	struct store_key key = key_of(store, "image");

	(void)state;
	CHECK_OK(put_image(store, &key, 10));
	CHECK_STATUS(put_image(store, &key, MB), CACHE_TOO_BIG);
	CHECK(!has_key(store, &key));
	CHECK_VERIFIED(store);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(images_of_all_sizes),
		TEST(they_are_verified_by_who_attaches_alone),
		TEST(a_moved_image_has_other_addresses),
		TEST(hot_images_move),
		TEST(a_host_that_cannot_move_them_loses_them),
		TEST(the_second_word_of_a_text_may_change),
		TEST(without_memory_nothing_is_built),
	};

	return RUN(tests, argc, argv);
}
