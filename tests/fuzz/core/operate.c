#include "operate.h"

#include "core/store/job_queue.h"
#include "core/store/named_lock.h"

#define SECOND_NS UINT64_C(1000000000)

/* What earlier operations of this input gave out. */
static struct {
	uint64_t token, lease, id, run;
	unsigned lease_key;
} last;

static volatile unsigned char sink;

/* ---- reading ------------------------------------------------------------------------------------------------- */

static void touch(const struct store *store, const char *bytes, size_t size)
{
	static char elsewhere[FUZZ_SIZE];
	const struct segment *s = store->segment;

	MUST(size <= sizeof elsewhere && bytes >= s->base && bytes + size <= s->base + s->geometry.file_length);
	memcpy(elsewhere, bytes, size);
}

/* Its block has room for all of it. */
static void check_view(struct store *store, const struct store_view *view)
{
	MUST(type_is_valid(view->type));
	if (!type_has_bytes(view->type)) {
		return;
	}
	/* A guest's views are copies. */
	if (!store->owner.guest) {
		const struct shard_ref r = shard_open(&store->owner, 0);
		uint64_t arena = (uint64_t)load_relaxed(&r.shard->pages_ready) * PAGE_BYTES;
		MUST(view->bytes >= r.arena && view->bytes + view->size <= r.arena + arena);
		touch(store, view->bytes, view->size);
	}
}

static void check_entry(struct store *store, const struct store_entry *entry)
{
	check_view(store, &entry->view);
	MUST(entry->key_length > 0 && entry->key_length <= STORE_KEY_MAX && entry->tag_count <= STORE_TAGS_MAX);
	MUST(entry->memory >= sizeof(struct entry) + entry->key_length + entry->tags_size);
	if (!store->owner.guest) {
		touch(store, entry->key, entry->key_length);
		touch(store, entry->tags, entry->tags_size);
	}
	MUST(entry_count_tags(entry->tags, entry->tags_size) == entry->tag_count);
}

static void visit(void *context, const struct store_entry *entry)
{
	check_entry(context, entry);
}

static void walk(struct store *store, unsigned at_least)
{
	struct store_cursor cursor = {0};

	for (unsigned steps = 0; !cursor.done; steps++) {
		MUST(steps < 1000000);
		store_walk(store, &cursor, at_least, visit, store);
	}
}

void operate_read_all(struct store *store)
{
	for (unsigned i = 0; i < ALL_KEYS; i++) {
		struct store_key key = world_key(store, i);
		struct store_view view;
		struct store_entry entry;
		if (store_get(store, &key, &view) == CACHE_OK) {
			check_view(store, &view);
			store_unpin(store, view.pin);
		}
		if (store_inspect(store, &key, &entry) == CACHE_OK) {
			check_entry(store, &entry);
			store_unpin(store, entry.view.pin);
		}
	}
	walk(store, 30);
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

static struct store_item make_item(struct input *in, char tags[64])
{
	static char bytes[40000];
	struct store_item item = {.type = STORE_STRING, .bytes = bytes};
	unsigned how = take8(in), size = take16(in);

	item.size = how & 1 ? size % sizeof bytes : size % 300;
	switch (how / 2 % 8) {
	case 0:
		item = (struct store_item){.type = STORE_INT, .integer = (int64_t)(int16_t)size};
		break;
	case 1:
		item = (struct store_item){.type = STORE_INT, .integer = INT64_MIN + (int64_t)size};
		break;
	case 2:
		item = (struct store_item){.type = STORE_DOUBLE, .real = size};
		break;
	case 3:
		item.type = STORE_IMAGE;
		item.bytes = NULL;
		item.build = world_build;
		break;
	case 4:
		item.type = STORE_TEXT;
		break;
	}
	if (how & 16) {
		item.tags_size = world_tags(take8(in), tags, &item.tag_count);
		item.tags = item.tags_size ? tags : NULL;
	}
	if (how & 32) {
		item.ttl_us = (int64_t)take16(in) * 1000;
	}
	if (how & 64) {
		item.stale_ttl_us = size & 1 ? STORE_FOREVER : (int64_t)size * 100000;
	}
	return item;
}

/* Nobody else is there who could hold a lock. */
static void must_not_wait(enum cache_status status)
{
	MUST(status != CACHE_BUSY && status != CACHE_SYSTEM && status != CACHE_CORRUPT);
}

static void store_one(struct store *store, const struct store_key *key, struct input *in)
{
	char tags[64];
	struct store_item item = make_item(in, tags);
	unsigned mode = take8(in);
	bool renewed;
	enum cache_status status;

	switch (mode % 8) {
	case 0:
		status = store_put(store, key, &item, STORE_ADD);
		break;
	case 1:
		status = store_put_if(store, key, &item, mode & 8 ? 0 : last.token);
		break;
	case 2:
		status = store_put_if_changed(store, key, &item, mode & 8, last.token, &renewed);
		break;
	case 3:
		status = store_commit(store, key, last.lease, &item);
		break;
	default:
		status = store_put(store, key, &item, STORE_SET);
		MUST(status == CACHE_OK || status == CACHE_NO_MEMORY || status == CACHE_TOO_BIG);
	}
	must_not_wait(status);
}

void operate_write_much(struct store *store, unsigned bytes)
{
	static char value[8000];
	struct store_item item = {.type = STORE_STRING, .bytes = value, .size = bytes % sizeof value};

	for (unsigned i = 0; i < 40; i++) {
		struct store_key key = world_key(store, i * 3);
		struct store_view view;
		memset(value, (int)i, item.size);
		enum cache_status status = store_put(store, &key, &item, STORE_SET);
		MUST(status == CACHE_OK || status == CACHE_NO_MEMORY);
		if (status == CACHE_OK && store_get(store, &key, &view) == CACHE_OK) {
			check_view(store, &view);
			MUST(view.type == STORE_STRING && view.size == item.size && memcmp(view.bytes, value, item.size) == 0);
			store_unpin(store, view.pin);
		}
	}
}

/* ---- queue and locks ----------------------------------------------------------------------------------------- */

static struct store_key name_key(const struct store *store, const char *text)
{
	return (struct store_key){text, (uint32_t)strlen(text), store_hash(store, text, strlen(text))};
}

static void read_job(struct store *store, const struct queue_taken *taken)
{
	char name[QUEUE_NAME_MAX], error[QUEUE_ERROR_KEPT];
	char *key, *payload;

	MUST(taken->key_length <= STORE_KEY_MAX && taken->payload_length <= QUEUE_TEXT_MAX &&
	     taken->error_length <= sizeof error);
	/* Exactly as long: a byte more is reported. */
	key = malloc(taken->key_length + 1u);
	payload = malloc(taken->payload_length + 1u);
	(void)!store_queue_read(store, taken, key, payload, error);
	MUST(store_queue_name(store, taken->queue, name) <= sizeof name);
	free(key);
	free(payload);
}

static bool visit_letter(void *context, const struct queue_taken *letter)
{
	read_job(context, letter);
	return true;
}

static void visit_name(void *context, const char *name, size_t length)
{
	(void)context;
	MUST(length <= QUEUE_NAME_MAX);
	for (size_t i = 0; i < length; i++) {
		sink ^= (unsigned char)name[i];
	}
}

static void use_queue(struct store *store, struct input *in)
{
	static char payload[2048];
	unsigned how = take8(in), amount = take8(in);
	struct store_key queue = name_key(store, world_queues[how / 16 % 4]), key = world_key(store, amount);
	struct store_queue_wish wish;
	struct queue_taken taken;
	struct queue_info info;

	switch (how % 12) {
	case 0:
	case 1: {
		struct store_job job = {
			&queue, &key, payload, amount * 8, (uint8_t)amount, amount & 1 ? SECOND_NS : 0, (int32_t)amount - 100};
		(void)store_queue_push(store, &job);
		break;
	}
	case 2:
	case 3:
		if (store_queue_begin(store, &wish, &queue, 1, 0, amount * SECOND_NS, &taken) == CACHE_OK) {
			read_job(store, &taken);
			last.id = taken.id;
			last.run = taken.token;
		}
		break;
	case 4:
		(void)store_queue_ack(store, last.id, last.run);
		break;
	case 5:
		(void)store_queue_fail(store, last.id, last.run, payload, amount, amount & 1 ? 0 : QUEUE_FOREVER);
		break;
	case 6:
		(void)store_queue_extend(store, last.id, last.run, amount * SECOND_NS);
		break;
	case 7:
		(void)store_queue_want(store, &queue, &key);
		break;
	case 8:
		store_queue_info(store, &queue, &info);
		MUST(info.waiting + info.delayed + info.running + info.dead <= FUZZ_JOBS);
		store_queue_list(store, visit_name, NULL);
		break;
	case 9:
		MUST(store_queue_letters(store, &queue, amount, visit_letter, store) == CACHE_OK);
		break;
	case 10:
		(void)store_queue_revive(store, &queue, amount & 1 ? &key : NULL);
		break;
	default:
		(void)store_queue_purge(store, &queue, amount & 1);
	}
}

static void visit_lock(void *context, const struct rwlock_info *info)
{
	(void)context;
	MUST(info->name_length <= sizeof info->name && info->readers <= FUZZ_PROCESSES);
	for (size_t i = 0; i < info->name_length; i++) {
		sink ^= (unsigned char)info->name[i];
	}
}

static void use_lock(struct store *store, struct input *in)
{
	unsigned how = take8(in);
	struct store_key name = name_key(store, world_locks[how / 4 % 6]);
	struct store_lock_wish wish;
	struct rwlock_info info;
	enum cache_status status;

	switch (how % 4) {
	case 0:
	case 1:
		status =
			store_lock_begin(store, &wish, &name, how % 4 ? RWLOCK_READ : RWLOCK_WRITE, 0, how & 128 ? SECOND_NS : 0);
		/* Two handles may be there; but the guard is never held between two operations. */
		MUST(status == CACHE_OK || status == CACHE_LOCKED || status == CACHE_UPGRADE || status == CACHE_FULL ||
		     status == CACHE_NO_SLOT);
		break;
	case 2:
		(void)!store_lock_release(store, &name);
		break;
	default:
		if (store_lock_info(store, &name, &info)) {
			visit_lock(NULL, &info);
		}
		store_lock_list(store, visit_lock, NULL);
	}
}

/* ---- stale --------------------------------------------------------------------------------------------------- */

static void use_lease(struct store *store, unsigned number, const struct store_key *key, struct input *in)
{
	unsigned how = take8(in);
	struct store_ask ask = {.lease_ns = (how & 8) ? SECOND_NS : 0, .ahead_millionths = how & 16 ? 200000 : 0};
	struct store_key queue = name_key(store, world_queues[how / 64]);
	struct store_lease_info info;
	struct store_answer answer;
	struct store_view view;
	int64_t lease;

	switch (how % 6) {
	case 0:
	case 1:
		ask.queue = how & 32 ? &queue : NULL;
		ask.queue_missing = true;
		if (store_get_stale(store, key, &ask, &view, &answer) == CACHE_OK) {
			check_view(store, &view);
			store_unpin(store, view.pin);
		}
		if (answer.lease > 0) {
			last.lease = (uint64_t)answer.lease;
			last.lease_key = number;
		}
		break;
	case 2:
		lease = store_lease(store, key, SECOND_NS);
		if (lease > 0) {
			last.lease = (uint64_t)lease;
			last.lease_key = number;
		}
		break;
	case 3: {
		struct store_key held = world_key(store, last.lease_key);
		(void)store_lease_extend(store, &held, last.lease, SECOND_NS);
		break;
	}
	case 4: {
		struct store_key held = world_key(store, last.lease_key);
		(void)store_lease_release(store, &held, last.lease);
		break;
	}
	default:
		(void)store_lease_get(store, key, &info);
		store_lease_void(store, key);
	}
}

/* ---- all of it ----------------------------------------------------------------------------------------------- */

static void reopen(struct store **store)
{
	store_close(*store);
	*store = world_open(true);
	world_verify(*store);
}

static void two_at_once(struct store *store, struct input *in)
{
	struct store *other = world_open(false);

	for (unsigned i = 0; i < 6 && input_left(in); i++) {
		struct store_key key = world_key(store, take8(in));
		store_one(i & 1 ? other : store, &key, in);
		use_lock(i & 1 ? store : other, in);
		use_queue(i & 1 ? store : other, in);
	}
	store_close(other);
}

void operate(struct store **at, struct input *in)
{
	struct store *store = *at;
	unsigned what = take8(in), number = take8(in) % ALL_KEYS;
	struct store_key key = world_key(store, number);
	struct store_touch wanted = {.any = true};
	struct store_info info;
	struct store_view view;
	struct store_entry entry;
	char tags[64];
	uint8_t count;
	uint32_t size;
	int64_t result;

	switch (what % 24) {
	case 0:
		if (store_gets(store, &key, &view, &last.token) == CACHE_OK) {
			check_view(store, &view);
			MUST(last.token != 0);
			store_unpin(store, view.pin);
		}
		break;
	case 1:
		if (store_get(store, &key, &view) == CACHE_OK) {
			check_view(store, &view);
			if (view.pin && !store_hold(store, &view)) {
				store_unpin(store, view.pin);
			}
		}
		break;
	case 2:
	case 3:
		store_one(store, &key, in);
		break;
	case 4:
		must_not_wait(store_delete(store, &key));
		MUST(store_get(store, &key, &view) == CACHE_MISSING);
		break;
	case 5:
		must_not_wait(store_increment(store, &key, (int8_t)take8(in), 0, &result));
		break;
	case 6:
		must_not_wait(store_cas(store, &key, take8(in), take8(in)));
		break;
	case 7:
		must_not_wait(store_mark_stale(store, &key));
		break;
	case 8:
		must_not_wait(store_touch(store, &key, &wanted));
		must_not_wait(store_cas_lock(store, &key, take8(in) & 1, take8(in)));
		break;
	case 9:
	case 10:
		use_lease(store, number, &key, in);
		break;
	case 11:
		size = world_tags(1u << number % WORLD_TAGS, tags, &count);
		store_invalidate_tags(store, tags, size, number & 32);
		break;
	case 12:
		if (number == 3) {
			store_clear(store);
			MUST(store_exists(store, &key) == CACHE_MISSING);
		}
		break;
	case 13:
		world_turn_clock((int64_t)take16(in) * 1000000);
		world_skip_ns(take16(in) * SECOND_NS);
		store_sweep(store);
		break;
	case 14:
		walk(store, number + 1);
		break;
	case 15:
	case 16:
		use_queue(store, in);
		break;
	case 17:
		use_lock(store, in);
		break;
	case 18:
		store_get_info(store, &info);
		/* What expires is counted until it is swept; no more than that stands in the index. */
		MUST(info.memory_used <= info.memory_total);
		break;
	case 19:
		store_unpin_all(store);
		store_release_leases(store);
		break;
	case 20:
		operate_write_much(store, take16(in));
		break;
	case 21:
		if (store_get_entry(store, &key, &entry) == CACHE_OK) {
			check_entry(store, &entry);
			if (store_take_view(store, &entry.view) == CACHE_OK) {
				store_unpin(store, entry.view.pin);
			}
		}
		must_not_wait(number & 1 ? store_delete_if(store, &key, last.token) : CACHE_OK);
		break;
	case 22:
		if (number % 4 == 0) {
			reopen(at);
		}
		break;
	default:
		two_at_once(store, in);
	}
}
