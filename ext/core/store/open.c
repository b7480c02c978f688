/*
 * Opening and closing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/shm/official.h"
#include "core/store/lease.h"
#include "core/store/tag.h"
#include "core/store/store.h"
#include "core/store/write.h"

/* ---- shape and format ----------------------------------------------------------------------------------- */

static struct shard_shape shard_shape(uint64_t host_fingerprint)
{
	static const struct hash_key key = {UINT64_C(0x73686172642d7368), UINT64_C(0x6170652d76303031)};
	const uint64_t parts[] = {
		sizeof(struct shard), offsetof(struct shard, lock), offsetof(struct shard, version), offsetof(struct shard, classes),
		sizeof(struct size_class), sizeof(struct slab), sizeof(struct entry), offsetof(struct entry, stamp),
		offsetof(struct entry, key_length), sizeof(struct bucket_line), SLAB_CLASSES, CHAIN_LINES_MAX, STORE_COUNTERS,
		hash_siphash13(&key, slab_class_bytes, sizeof slab_class_bytes), STORE_TYPE_COUNT, key_hash_has_aes(),
		host_fingerprint,
	};

	return (struct shard_shape){
		.header_bytes = sizeof(struct shard),
		.slab_bytes = sizeof(struct slab),
		.tag_header_bytes = sizeof(struct tag_header),
		.tag_set_bytes = sizeof(struct tag_set),
		.lease_header_bytes = sizeof(struct lease_table),
		.lease_set_bytes = sizeof(struct lease_set),
		.fingerprint = hash_siphash13(&key, parts, sizeof parts),
	};
}

void shard_format(char *base, const struct geometry *g)
{
	struct segment segment = {.base = base, .superblock = (struct superblock *)base, .geometry = *g};

	tag_format(&segment);
	for (uint32_t i = 0; i < g->shards; i++) {
		struct owner nobody = {.segment = &segment, .slot = NO_SLOT};
		struct shard_ref r = shard_open(&nobody, i);
		uint32_t first = g->pages < SEGMENT_FIRST_PAGES ? g->pages : SEGMENT_FIRST_PAGES;

		store_relaxed(&r.shard->pages_ready, first);
		store_relaxed(&r.shard->clear_seen, 1);
		store_relaxed(&r.shard->swept_generation, 1);
		r.shard->version = first_version(&r);
		store_relaxed(&r.shard->clear_version, r.shard->version);
		alloc_take_in(&r);
		index_format(&r);
	}
}

static void format(char *base, const struct geometry *g)
{
	const struct segment segment = {.base = base, .superblock = (struct superblock *)base, .geometry = *g};

	shard_format(base, g);
	rwlock_format(&segment);
	queue_format(&segment);
}

/* ---- a file that nobody watched ------------------------------------------------------------------------- */

/* Nobody is attached and we hold the flock: whatever the participant records say is stale, or damage. */
static void forget_participants(struct segment *segment, const struct cache_host *host, int fd)
{
	struct superblock *b = segment->superblock;
	uint32_t used = load_relaxed(&b->participants_used), slots = segment_first_guest(segment);

	/* If it is what it was, they have their memory. Else its counters are lost at most. */
	if (used > slots || segment_take_slots(&segment->geometry, host, fd, 0, used) != CACHE_OK) {
		used = 0;
	}
	store_relaxed(&b->participants_used, used);
	for_each_slot(segment, slot) {
		struct participant *record = segment_participant(segment, slot);
		store_relaxed(&record->pins, 0);
		store_relaxed(&record->pinned_bytes, 0);
		store_relaxed(&record->listens, 0);
		store_relaxed(&record->working, 0);
		store_relaxed(&record->state, SLOT_FREE);
	}
	store_relaxed(&b->no_new_pins, 0);
	store_relaxed(&b->grow_failed_ns, 0);
	rwlock_reset(segment);
	queue_reset(segment, host, fd);
}

/* The first pages were seen to by segment_open(). Of the others some may be holes now, or their count is damaged. */
static bool retake_arena(const struct shard_ref *r, int fd)
{
	const struct geometry *g = r->geometry;
	uint32_t ready = load_relaxed(&r->shard->pages_ready), first = SEGMENT_FIRST_PAGES;
	uint64_t arena = g->shards_at + r->number * g->shard_stride + g->arena_at;

	if (ready <= first || ready > g->pages) {
		return true; /* the latter is found to be damage */
	}
	return segment_take(r->self->host, fd, arena + (uint64_t)first * PAGE_BYTES, (uint64_t)(ready - first) * PAGE_BYTES) ==
	       CACHE_OK;
}

static enum cache_status check_shards(struct store *store, int fd)
{
	uint64_t newest_tags = 0;

	for (uint32_t i = 0; i < store->segment->geometry.shards; i++) {
		struct shard_ref r = shard_open(&store->owner, i);

		store_relaxed(&r.shard->lock.word, store->owner.slot + 1);
		enum cache_status status = retake_arena(&r, fd) ? shard_check(&r, &newest_tags) : CACHE_NO_SPACE;
		if (status != CACHE_OK) {
			lock_release(&r.shard->lock);
			return status;
		}
		/* Damaged counts would make everything look cleared, or nothing. */
		if (load_relaxed(&r.shard->clear_version) > r.shard->version) {
			store_relaxed(&r.shard->clear_version, r.shard->version);
		}
		lease_forget_all(&r);
		lock_release(&r.shard->lock);
	}
	tag_check_alone(store->segment, newest_tags, store_now(store));
	return CACHE_OK;
}

/* A guest as well: nobody else will do it, once we are attached. */
static enum cache_status check_alone(struct store *store, int fd, bool *damaged, struct message *message)
{
	const char *path = store->segment->path;
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		message_set(message, "cannot check %s: %s", path, cache_status_text(status));
		return status;
	}
	status = check_shards(store, fd);
	store_leave(store);
	if (status == CACHE_CORRUPT) {
		*damaged = segment_discard(store->segment);
		message_set(message, "%s is damaged%s%s", path, *damaged ? "" : " and cannot be removed: ",
		            *damaged ? "" : strerror(errno));
	} else if (status == CACHE_NO_SPACE) {
		message_set(message, "%s may have holes, and cannot be given memory: %s", path, strerror(errno));
	} else if (status != CACHE_OK) {
		message_set(message, "cannot check %s: %s", path, NO_MEMORY_OF_OURS);
	}
	return status;
}

/* ---- open ----------------------------------------------------------------------------------------------- */

static enum cache_status attach(struct store *store, const struct segment_options *options, bool *damaged,
                                struct message *message)
{
	enum segment_found found;
	bool attached;
	int lock_fd;
	enum cache_status status = segment_open(options, &store->segment, &lock_fd, &found, message);

	*damaged = false;
	if (status != CACHE_OK) {
		return status;
	}
	if (found == SEGMENT_ALONE) {
		forget_participants(store->segment, store->host, lock_fd);
	} else if (found == SEGMENT_MADE) {
		queue_reset(store->segment, store->host, lock_fd); /* which notes the clocks */
	}
	status = owner_attach(&store->owner, store->segment, store->host, store_recover);
	attached = status == CACHE_OK || status == CACHE_NO_SLOT;
	if (!attached) {
		message_set(message, "cannot attach to %s: %s", store->segment->path,
		            status == CACHE_NO_MEMORY ? NO_MEMORY_OF_OURS : strerror(errno));
	} else if (status == CACHE_NO_SLOT) {
		message_set(message, "none of the %u slots of %s is to be had: this process borrows one for each operation (cache.max_processes)",
		            store->segment->geometry.participants - GUEST_SLOTS, store->segment->path);
	}
	if (attached) {
		status = found == SEGMENT_ALONE ? check_alone(store, lock_fd, damaged, message) : CACHE_OK;
		if (status != CACHE_OK) {
			owner_detach(&store->owner);
		}
	}
	/* Closing is not enough: the mapping keeps the open file description, and so the flock, alive. */
	flock(lock_fd, LOCK_UN);
	close(lock_fd);
	if (status != CACHE_OK) {
		segment_close(store->segment);
	}
	return status;
}

static bool options_are_valid(const struct store_options *o, struct message *message)
{
	if (o->size < STORE_SIZE_MIN || o->size > STORE_SIZE_MAX) {
		message_set(message, "a segment has %llu to %llu bytes", (unsigned long long)STORE_SIZE_MIN,
		            (unsigned long long)STORE_SIZE_MAX);
		return false;
	}
	if (o->processes < 1 || o->processes > STORE_PROCESSES_MAX) {
		message_set(message, "a segment serves 1 to %u processes", STORE_PROCESSES_MAX);
		return false;
	}
	if (o->queue_jobs < 1 || o->queue_jobs > STORE_QUEUE_JOBS_MAX || o->queue_attempts < 1 ||
	    o->queue_attempts > STORE_QUEUE_ATTEMPTS_MAX) {
		message_set(message, "a queue has room for 1 to %u jobs, of 1 to %u attempts", STORE_QUEUE_JOBS_MAX,
		            STORE_QUEUE_ATTEMPTS_MAX);
		return false;
	}
	return true;
}

enum cache_status store_open(const struct store_options *o, struct store **out, char *text, size_t text_size)
{
	struct message message = {text, text_size};
	const struct segment_options options = {
		.directory = o->directory,
		.name = o->name,
		.size = o->size,
		.processes = o->processes,
		.jobs = o->queue_jobs,
		.map_official = o->zero_copy != STORE_ZERO_COPY_OFF,
		.official_writable = o->zero_copy == STORE_ZERO_COPY_RW,
		.shape = shard_shape(o->host_fingerprint),
		.host = o->host ? o->host : &cache_posix_host,
		.format = format,
	};
	struct store *store;
	enum cache_status status;
	bool damaged;

	message_set(&message, "%s", "");
	if (!options_are_valid(o, &message)) {
		return CACHE_BAD_OPTION;
	}
	store = calloc(1, sizeof *store);
	if (!store) {
		message_set(&message, "%s", NO_MEMORY_OF_OURS);
		return CACHE_NO_MEMORY;
	}
	store->host = options.host;
	store->locks.owner = &store->owner;
	store->queue_attempts = o->queue_attempts;
	clock_start(&store->clock, options.host);
	store->held_epoch = 1;
	store->pinned_max = o->pinned_max ? o->pinned_max : o->size / 10;
	status = attach(store, &options, &damaged, &message);
	store->owner.quarantine = o->quarantine;
	if (damaged) {
		/* It was removed: the second time there is a new one. */
		status = attach(store, &options, &damaged, &message);
		if (status == CACHE_OK) {
			message_set(&message, "the segment %s was damaged: replaced by a new one", o->name);
		}
	}
	if (status != CACHE_OK) {
		free(store);
		return status;
	}
	*out = store;
	return CACHE_OK;
}

static void finish(struct store *store)
{
	segment_close(store->segment);
	fill_close(store);
	free(store->leases);
	store_drop_copies(store, ALL_COPIES);
	free(store);
}

void store_close(struct store *store)
{
	if (!segment_is_whole(store->segment)) {
		owner_abandon(&store->owner);
		finish(store);
		return;
	}
	store_release_leases(store);
	rwlock_release_all(&store->locks);
	store_unpin_all(store);
	if (store->owner.slot != NO_SLOT) {
		queue_disown(store->segment, store->owner.slot);
	}
	if (store->owner.slot != NO_SLOT && store_settle_all(store) != CACHE_OK) {
		/* owner_detach() leaves the slot to be recovered */
	}
	owner_detach(&store->owner);
	finish(store);
}

void store_reserve(uint64_t size)
{
	struct shard_shape shape = shard_shape(0);
	struct geometry geometry;

	if (size >= STORE_SIZE_MIN && geometry_compute(size, STORE_PROCESSES_MAX, STORE_QUEUE_JOBS_MAX, &shape, &geometry) == CACHE_OK) {
		official_reserve(geometry.file_length);
	}
}

bool store_is_current(const struct store *store)
{
	return segment_is_current(store->segment);
}

uint64_t store_hash(const struct store *store, const char *bytes, size_t length)
{
	return key_hash_of(&store->segment->hash, bytes, length);
}

uint64_t store_hash_epoch(const struct store *store)
{
	return store->segment->epoch;
}
