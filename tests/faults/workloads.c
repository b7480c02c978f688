/* Opening, storing, evicting, reading, and what changes entries: workloads of one process. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads.h"

/* ---- opening -------------------------------------------------------------------------------------------- */

static void segment_path(struct world *w, char path[600])
{
	struct store *store = must_open(w);

	snprintf(path, 600, "%s", store->segment->path);
	store_close(store);
}

/* Of another build, and used by nobody: the first to attach removes it. */
static void leave_old_file(struct world *w)
{
	char path[600];
	int fd;

	segment_path(w, path);
	MUST(unlink(path) == 0, "");
	memcpy(path + strlen(path) - 16, "0123456789abcdef", 16);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	MUST(fd >= 0, "");
	close(fd);
}

static void create(struct world *w)
{
	struct store *store = try_open(w);

	if (store) {
		put(w, store, 1, 100);
		get(w, store, 1);
		store_close(store);
	}
}

static void fill(struct world *w, struct store *store, unsigned keys, size_t size)
{
	for (unsigned i = 0; i < keys; i++) {
		put(w, store, i, size);
	}
}

static void prepare_filled(struct world *w)
{
	struct store *store = must_open(w);

	fill(w, store, 40, 300);
	store_close(store);
}

static void attach(struct world *w)
{
	struct store *store = try_open(w);

	if (store) {
		get_all(w, store, 40);
		put(w, store, 3, 2000);
		get(w, store, 3);
		store_close(store);
	}
}

static void stay_attached(struct world *w, struct store *none)
{
	struct store *store = must_open(w);

	(void)none;
	raise_flag(w, 0);
	await_flag(w, 1);
	get_all(w, store, 40);
	store_close(store);
}

static pid_t other;

static void prepare_other(struct world *w)
{
	prepare_filled(w);
	other = child(w, stay_attached, NULL);
	await_flag(w, 0);
}

/* While another process is attached, and twice in this one. */
static void attach_beside(struct world *w)
{
	struct store *store = try_open(w), *second;

	if (store) {
		second = try_open(w);
		put(w, store, 3, 2000);
		if (second) {
			get_all(w, second, 40);
			store_close(second);
		}
		get_all(w, store, 40);
		store_close(store);
	}
	raise_flag(w, 1);
	join(other, false);
}

/* ---- files that give way -------------------------------------------------------------------------------- */

static void prepare_damaged(struct world *w)
{
	char path[600];
	uint64_t garbage = 0x1234;
	int fd;

	segment_path(w, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	MUST(fd >= 0 && pwrite(fd, &garbage, sizeof garbage, offsetof(struct superblock, checksum)) == sizeof garbage, "");
	close(fd);
}

/* Sound by its superblock, but not in its shard: noticed after the attachment. */
static void prepare_rotten(struct world *w)
{
	struct store *store = must_open(w);
	struct shard_ref r = shard_open(&store->owner, 0);

	store_relaxed(&r.shard->pages_ready, 0);
	store_close(store);
}

static void prepare_other_size(struct world *w)
{
	prepare_filled(w);
	for (unsigned i = 0; i < 40; i++) {
		w->known[i].standing = ABSENT;
	}
	w->options.size = 5 * MB;
}

/* ---- storing -------------------------------------------------------------------------------------------- */

static void grow(struct world *w)
{
	struct store *store = try_open(w);

	if (store) {
		for (unsigned i = 0; i < 90; i++) {
			put(w, store, i, i % 9 ? 15000 : 120000);
			get(w, store, i / 2);
		}
		get_all(w, store, 90);
		store_close(store);
	}
}

static void prepare_evict(struct world *w)
{
	w->options.size = MB;
	w->evicts = true;
}

static void evict(struct world *w)
{
	struct store *store = try_open(w);

	if (store) {
		for (unsigned i = 0; i < 1500; i++) {
			put(w, store, i % 700, i % 50 ? 200 + i : 90000);
			get(w, store, i * 7 % 700);
		}
		get_all(w, store, 700);
		store_close(store);
	}
}

/* ---- what else is done to entries ------------------------------------------------------------------------ */

static bool failed_since(uint32_t failed)
{
	return fault_state->failed > failed;
}

static void count_up(struct store *store)
{
	struct store_key k = name_of(store, "counter");
	int64_t reached = 0, result;

	for (int i = 0; i < 5; i++) {
		uint32_t failed = fault_state->failed;
		enum cache_status status = store_increment(store, &k, 3, STORE_FOREVER, &result);
		ONE_OF(status, CACHE_OK, CACHE_NO_MEMORY, CACHE_BUSY, CACHE_SYSTEM);
		MUST(status == CACHE_OK || failed_since(failed), "%s", cache_status_name(status));
		MUST(status != CACHE_OK || result == reached + 3, "%lld after %lld", (long long)result, (long long)reached);
		reached = status == CACHE_OK ? result : reached;
	}
	enum cache_status status = store_cas(store, &k, reached, 100);
	ONE_OF(status, CACHE_OK, CACHE_MISSING, CACHE_BUSY, CACHE_SYSTEM);
	MUST(status == CACHE_OK || world_fault_hit(), "%s", cache_status_name(status));
	any(store_delete(store, &k));
}

static void expire(struct world *w, struct store *store)
{
	struct store_item item = {.ttl_us = 1000};

	put_with(w, store, 100, &item, 500);
	sleep_ms(25); /* a coarse clock, which stands in for one that fails, is some milliseconds late */
	w->known[100].standing = ABSENT;
	get(w, store, 100);
	/* As if the second had passed. */
	store_relaxed(&store->segment->superblock->swept_second, 1);
	store_sweep(store);
}

static void invalidate(struct world *w, struct store *store)
{
	struct store_item item = {.ttl_us = STORE_FOREVER, .tags = "\5apple", .tags_size = 6, .tag_count = 1};
	struct store_key k;

	put_with(w, store, 101, &item, 400);
	item.stale_ttl_us = 10000000;
	put_with(w, store, 102, &item, 400);
	MUST(store_invalidate_tags(store, "\5apple", 6, true) == 1, "");
	w->known[101].standing = w->known[102].standing = ABSENT;
	get(w, store, 101);
	get(w, store, 102);
	put_with(w, store, 103, &item, 400);
	k = key_of(store, 103);
	any(store_mark_stale(store, &k));
	if (world_fault_hit()) {
		all_perhaps(w);
	}
	w->known[103].standing = ABSENT; /* stale counts as absent */
	get(w, store, 103);
	delete (w, store, 103);
}

static void rebuild(struct world *w, struct store *store)
{
	struct store_ask ask = {.lease_ns = 10000 * MS};
	struct store_answer answer;
	struct store_view view;
	struct store_key k = key_of(store, 104);
	struct store_item item = {.type = STORE_STRING, .bytes = "rebuilt", .size = 7, .ttl_us = STORE_FOREVER};
	enum cache_status status = store_get_stale(store, &k, &ask, &view, &answer);

	(void)w;
	ONE_OF(status, CACHE_MISSING, CACHE_BUSY, CACHE_SYSTEM);
	if (answer.lease > 0) {
		uint64_t lease = (uint64_t)answer.lease;
		struct store_answer second;
		any(store_get_stale(store, &k, &ask, &view, &second));
		MUST(second.lease <= 0, "two leases of one key");
		MUST(store_lease_extend(store, &k, lease, 20000 * MS) || world_fault_hit(), "");
		status = store_commit(store, &k, lease, &item);
		ONE_OF(status, CACHE_OK, CACHE_NO_MEMORY, CACHE_BUSY, CACHE_SYSTEM, CACHE_MISMATCH);
		MUST(status == CACHE_OK || world_fault_hit(), "%s", cache_status_name(status));
		MUST(store_commit(store, &k, lease, &item) != CACHE_OK || status != CACHE_OK, "committed twice");
	} else {
		MUST(world_fault_hit(), "no lease: %lld", (long long)answer.lease);
	}
	int64_t lease = store_lease(store, &k, 1000 * MS);
	MUST(lease > 0 || world_fault_hit(), "%lld", (long long)lease);
	MUST(lease <= 0 || store_lease_release(store, &k, (uint64_t)lease) || world_fault_hit(), "");
	any(store_delete(store, &k));
}

static void change(struct world *w, struct store *store)
{
	struct store_key k = name_of(store, "changing");
	struct store_item item = {.type = STORE_STRING, .bytes = "first", .size = 5, .ttl_us = STORE_FOREVER};
	struct store_touch touch = {.any = true};
	struct store_view view;
	uint64_t token = 0;
	bool renewed = false;
	enum cache_status status;

	(void)w;
	status = store_put(store, &k, &item, STORE_ADD);
	ONE_OF(status, CACHE_OK, CACHE_NO_MEMORY, CACHE_BUSY, CACHE_SYSTEM);
	status = store_put_if_changed(store, &k, &item, false, 0, &renewed);
	ONE_OF(status, CACHE_OK, CACHE_NO_MEMORY, CACHE_BUSY, CACHE_SYSTEM);
	status = store_touch(store, &k, &touch);
	ONE_OF(status, CACHE_OK, CACHE_MISSING, CACHE_MISMATCH, CACHE_BUSY, CACHE_SYSTEM);
	status = store_cas_lock(store, &k, 0, 7);
	ONE_OF(status, CACHE_OK, CACHE_MISSING, CACHE_MISMATCH, CACHE_BUSY, CACHE_SYSTEM);
	if (store_gets(store, &k, &view, &token) == CACHE_OK) {
		MUST(view.size == 5 && memcmp(view.bytes, "first", 5) == 0, "");
		store_unpin(store, view.pin);
		item.bytes = "other";
		status = store_put_if(store, &k, &item, token);
		ONE_OF(status, CACHE_OK, CACHE_MISMATCH, CACHE_NO_MEMORY, CACHE_BUSY, CACHE_SYSTEM);
		MUST(store_put_if(store, &k, &item, token) != CACHE_OK || status != CACHE_OK, "one token, two stores");
	}
	any(store_delete(store, &k));
}

static void count_entry(void *context, const struct store_entry *entry)
{
	(void)entry;
	++*(unsigned *)context;
}

static void look(struct world *w, struct store *store)
{
	static struct store_info info;
	struct store_cursor cursor = {0};
	struct store_view view;
	struct store_key k = key_of(store, 105);
	unsigned entries = 0;

	put(w, store, 105, 3000);
	if (store_get(store, &k, &view) == CACHE_OK) {
		(void)store_hold(store, &view);
		get(w, store, 105);
		store_unpin_all(store);
	}
	while (!cursor.done) {
		store_walk(store, &cursor, 10, count_entry, &entries);
		if (world_fault_hit()) {
			break;
		}
	}
	MUST(entries > 0 || world_fault_hit(), "a walk without entries");
	store_get_info(store, &info);
	MUST(info.shards > 0, "");
}

static void live(struct world *w)
{
	struct store *store = try_open(w);

	if (!store) {
		return;
	}
	get_all(w, store, 40);
	delete (w, store, 5);
	get(w, store, 5);
	count_up(store);
	expire(w, store);
	invalidate(w, store);
	rebuild(w, store);
	change(w, store);
	look(w, store);
	store_clear(store);
	for (unsigned i = 0; i < KEYS; i++) {
		w->known[i].standing = ABSENT;
	}
	get_all(w, store, 110);
	put(w, store, 6, 700);
	get_all(w, store, 110);
	store_close(store);
}

static void prepare_copy(struct world *w)
{
	void *base = (void *)(uintptr_t)OFFICIAL_BASE;

	MUST(mmap(base, MB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == base, "");
	prepare_filled(w);
}

/* The address is somebody else's: the same without values that are read where they lie. */
static void live_by_copies(struct world *w)
{
	struct store *store = try_open(w);

	if (store) {
		MUST(!store->segment->official, "mapped over somebody else's memory");
		store_close(store);
	}
	live(w);
}

/* The address range is reserved before it is needed, for a segment and for a larger one. */
static void reserve(struct world *w)
{
	struct store *store;

	store_reserve(2 * MB);
	store_reserve(8 * MB);
	store = try_open(w);
	if (store) {
		put(w, store, 1, 100);
		get(w, store, 1);
		store_close(store);
	}
	w->options.size = 9 * MB;
	w->known[1].standing = ABSENT;
	store = try_open(w);
	if (store) {
		put(w, store, 1, 100);
		get(w, store, 1);
		store_close(store);
	}
}

const struct workload workloads[] = {
	{"create", leave_old_file, create, 2},
	{"attach", prepare_filled, attach, 40},
	{"attach_beside", prepare_other, attach_beside, 40},
	{"replace_damaged", prepare_damaged, create, 2},
	{"replace_rotten", prepare_rotten, create, 2},
	{"replace_other_size", prepare_other_size, create, 2},
	{"reserve", NULL, reserve, 2},
	{"grow", NULL, grow, 90},
	{"evict", prepare_evict, evict, 700},
	{"live", prepare_filled, live, 110},
	{"live_by_copies", prepare_copy, live_by_copies, 110},
	{"wait_for_lock", prepare_filled, wait_for_lock, 40},
	{"wait_for_lease", prepare_filled, wait_for_lease, 40},
	{"wait_for_job", prepare_filled, wait_for_job, 40},
	{"jobs", prepare_filled, run_jobs, 40},
	{"named_locks", prepare_filled, use_named_locks, 40},
	{"recover_locked", prepare_filled, recover_locked, 40},
	{"recover_pinned", prepare_filled, recover_pinned, 40},
	{"recover_alone", prepare_dead, attach, 40},
	{"be_guest", prepare_guest, be_guest, 40},
	{"fork_plain", prepare_filled, fork_plain, 40},
	{"fork_first", NULL, fork_plain, 40},
	{"fork_pinned", prepare_filled, fork_pinned, 40},
	{"fork_removed", prepare_filled, fork_removed, 0},
	{"removed", prepare_filled, removed, 0},
};
const unsigned workload_count = sizeof workloads / sizeof *workloads;
