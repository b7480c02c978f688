/*
 * The segment file: creation, checks, mapping, growth.
 *
 * A file `<directory>/<name>.<fingerprint>`, mode 0600, of the effective user. Everything that looks at or changes
 * the file as a whole (creation, replacement, the checks of the first to attach) is done under flock(LOCK_EX) and
 * after it was made sure that the path still names the locked file.
 *
 * Two mappings: read-write at any address for the engine, read-only at one official address, the same in all
 * processes, for what userland may see: a stray write then dies cleanly. If that address is taken: copy mode.
 *
 * The length of the file is set once; memory is taken by fallocate() before it is first touched, because touching
 * a hole of a full tmpfs is a SIGBUS.
 */
#ifndef CACHE_CORE_SEGMENT_H
#define CACHE_CORE_SEGMENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/host.h"
#include "core/base/key_hash.h"
#include "core/shm/layout.h"

#define OFFICIAL_BASE UINT64_C(0x200000000000)

/* Pages of its arena that a shard gets at its creation, whatever happens later. */
#define SEGMENT_FIRST_PAGES 16u

struct segment_options {
	const char *directory, *name;
	uint64_t size;
	uint32_t processes, jobs;
	bool map_official, official_writable;
	struct shard_shape shape;
	const struct cache_host *host;
	/** Prepares a fresh segment's shards; everything is zero. */
	void (*format)(char *base, const struct geometry *geometry);
};

/** One mapped file; shared by all handles of a process that opened the same path. */
struct segment {
	char *base;                 /* read-write */
	const char *official;       /* NULL: copy mode */
	struct superblock *superblock;
	struct geometry geometry;   /* our own copy: trusted */
	struct key_hash hash;       /* of its key */
	uint64_t epoch;
	char path[512];
	dev_t device;
	ino_t inode;
	atomic_u8 *touched;         /* what was done with each unit of the file: see touch.h; NULL: no notes */
	int fd;                     /* a description without locks, which forked children share; -1: none */
	uint32_t users;             /* handles; under the process's registry lock */
	struct segment *next;
};

struct message {
	char *text;
	size_t size;
};
void message_set(struct message *message, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define NO_MEMORY_OF_OURS "this process has no memory left"

/** What was there: a file in use; one that no participant was attached to, so that nothing in it may be believed; none, or one to be replaced. */
enum segment_found { SEGMENT_IN_USE, SEGMENT_ALONE, SEGMENT_MADE };

/**
 * Opens, creates or replaces the file and maps it. On success `*lock_fd` is the file with flock(LOCK_EX) held, so
 * that the caller can take its slot before anybody judges whether the segment is in use. To be unlocked explicitly: the mapping
 * keeps the description alive after close().
 */
CACHE_MUST_CHECK enum cache_status segment_open(const struct segment_options *options, struct segment **segment,
                                                int *lock_fd, enum segment_found *found,
                                                struct message *message);
void segment_close(struct segment *segment);
/** Removes the file, if the path still names it: it turned out to be damaged. Under the flock. False, and errno: it cannot. */
CACHE_MUST_CHECK bool segment_discard(struct segment *segment);

/** Keeps the process's list of mappings whole across a fork(). */
void segment_registry_lock(bool lock);

/** What others have cached is no business of a core dump of this process. Where it cannot be had, core(5) has the last word. */
void segment_leave_out_of_dumps(void *mapping, uint64_t bytes);

/** Does the path still name the mapped file, and has that its length? */
bool segment_is_current(const struct segment *segment);
/** Was the mapped file not cut off by somebody? To touch what is missing would be a SIGBUS. */
bool segment_is_whole(const struct segment *segment);

/** Takes memory for [from, from + bytes). CACHE_NO_SPACE and errno when the file system refuses. Idempotent. */
CACHE_MUST_CHECK enum cache_status segment_take(const struct cache_host *host, int fd, uint64_t from, uint64_t bytes);

/** Memory for the records of some slots: participants, pins, rows of named locks. */
CACHE_MUST_CHECK enum cache_status segment_take_slots(const struct geometry *geometry, const struct cache_host *host, int fd,
                                                      uint32_t first, uint32_t number);

/** What a fresh segment needs at once. */
CACHE_MUST_CHECK enum cache_status segment_take_first(const struct geometry *geometry, const struct cache_host *host, int fd);
/** Sets the length of an empty file. CACHE_NO_SPACE and errno. */
CACHE_MUST_CHECK enum cache_status segment_set_length(const struct cache_host *host, int fd, uint64_t length);

/**
 * A second open file description of the segment's file, for OFD locks; also when the file was removed. -1 and errno if it
 * cannot be had.
 */
int segment_reopen(const struct segment *segment);

static inline struct participant *segment_participant(const struct segment *s, uint32_t slot)
{
	return (struct participant *)(s->base + s->geometry.participants_at) + slot;
}
static inline atomic_u64 *segment_pins(const struct segment *s, uint32_t slot)
{
	return (atomic_u64 *)(s->base + s->geometry.pins_at + (uint64_t)slot * PIN_TABLE_BYTES);
}
/* The last slots are those that guests borrow; they have memory from the beginning. */
static inline uint32_t segment_first_guest(const struct segment *s) { return s->geometry.participants - GUEST_SLOTS; }
/** The next slot from `slot` on whose record has memory; the number of slots: none. */
static inline uint32_t segment_slot_from(const struct segment *s, uint32_t slot)
{
	uint32_t guests = segment_first_guest(s);

	return slot < load_acquire(&s->superblock->participants_used) || slot >= guests ? slot : guests;
}
/** Visits all slots that have memory: those that have ever been used, and those of guests. */
#define for_each_slot(s, slot)                                                            \
	for (uint32_t slot = segment_slot_from((s), 0); slot < (s)->geometry.participants;  \
	     slot = segment_slot_from((s), slot + 1))

/* Byte ranges for OFD locks, beyond the end of any file: whoever uses them needs an off_t of 64 bits. */
#define LIVENESS_BYTE(slot) ((off_t)((INT64_C(1) << 62) + (slot)))
/* Of a slot whose pins forked children without a slot of their own rely on: read locks of theirs. */
#define READERS_BYTE(slot) ((off_t)((INT64_C(1) << 62) + (INT64_C(1) << 32) + (slot)))

#endif
