#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#if !defined(_FILE_OFFSET_BITS) && !defined(__LP64__)
#define _FILE_OFFSET_BITS 64
#endif
#include "core/shm/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/shm/rwlock_table.h"

#define RECOVERY_DEPTH 8
#define INTERRUPTIONS_MAX 1000
#define GUEST_PATIENCE_MS 100
/* After a wait in vain, for so long nobody of this process waits again. */
#define GUEST_STUCK_NS UINT64_C(2000000000)

_Static_assert(sizeof(off_t) == 8, "the bytes of slots are beyond the end of any file");

static bool pin_writing(const struct owner *owner);

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct owner *registry;

/* ---- the byte ------------------------------------------------------------------------------------------- */

/*
 * Whoever obtains it sees everything that its last holder wrote: the kernel changes the lists of a file's locks under a spinlock,
 * and drops those of a dead process after its last instruction. So recovery needs no order of its own, and what the dead stored is
 * there in full: each store up to some point of its program as it was compiled, none behind it. (A processor that has executed a
 * store performs it, also when the process is killed in that moment.)
 */
static bool byte_lock(int fd, uint32_t slot, short type)
{
	struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = LIVENESS_BYTE(slot), .l_len = 1};
	unsigned interrupted = 0;
	int result;

	do {
		result = fcntl(fd, F_OFD_SETLK, &range);
	} while (result != 0 && errno == EINTR && ++interrupted < INTERRUPTIONS_MAX);
	return result == 0;
}

/* ---- slots ---------------------------------------------------------------------------------------------- */

/*
 * From the first one that was never used on: somebody who is taking a lower slot may yet be refused the memory for it,
 * and whoever scans the slots touches all records below participants_used.
 */
static enum cache_status take_slot_memory(struct owner *o, uint32_t slot)
{
	const struct segment *s = o->segment;
	uint32_t used = load_acquire(&s->superblock->participants_used), first = used < slot ? used : slot;

	return segment_take_slots(&s->geometry, o->host, o->fd, first, slot + 1 - first);
}

static void raise_used(struct segment *s, uint32_t slot)
{
	uint32_t used = load_relaxed(&s->superblock->participants_used);

	while (slot < segment_first_guest(s) && used < slot + 1 && !cas(&s->superblock->participants_used, &used, slot + 1)) {
	}
}

/*
 * A slot that is not counted was never used: what stands in its record is nothing; or it is damage, or the count is,
 * and then there is nobody to recover, whose pins would be looked up in shards that may not have been verified yet.
 * Before it is counted, so that nobody else looks at it.
 */
static void blank_record(struct participant *record)
{
	store_relaxed(&record->state, SLOT_FREE);
	store_relaxed(&record->listens, 0);
	store_relaxed(&record->working, 0);
}

static bool recover(struct owner *o, uint32_t dead)
{
	bool done;

	o->recovering++;
	done = o->recover(o, dead);
	o->recovering--;
	return done;
}

/* We hold the byte: the slot is ours. Whatever a dead owner left is recovered before we use it. */
static bool settle(struct owner *o, uint32_t slot)
{
	struct segment *s = o->segment;
	struct participant *record = segment_participant(s, slot);

	o->slot = slot;
	o->record = record;
	o->pins = segment_pins(s, slot);
	o->pin_count = 0;
	o->pin_free = o->first_reader;
	if (load_acquire(&record->state) != SLOT_FREE && !recover(o, slot)) {
		o->slot = NO_SLOT;
		return false;
	}
	for (uint32_t i = 0; i < WRITER_PINS; i++) {
		store_relaxed(&o->pins[i], 0);
	}
	store_relaxed(&record->pins, 0);
	store_relaxed(&record->pinned_bytes, 0);
	store_relaxed(&record->incarnation, load_relaxed(&record->incarnation) + 1);
	publish(&record->state, SLOT_USED); /* with the incarnation: rwlock_is_possible(), owner_is_known_dead() */
	return true;
}

static enum cache_status try_slot(struct owner *o, uint32_t slot)
{
	bool counted;

	if (!byte_lock(o->fd, slot, F_WRLCK)) {
		return CACHE_EXISTS;
	}
	counted = segment_slot_from(o->segment, slot) == slot;
	if (!counted && take_slot_memory(o, slot) != CACHE_OK) {
		byte_lock(o->fd, slot, F_UNLCK);
		return CACHE_NO_SPACE;
	}
	if (!counted) {
		blank_record(segment_participant(o->segment, slot));
	}
	/* Before the state is written: a scanner that sees our pins must have been told to look there. */
	raise_used(o->segment, slot);
	if (!settle(o, slot)) {
		byte_lock(o->fd, slot, F_UNLCK);
		return CACHE_EXISTS;
	}
	return CACHE_OK;
}

static bool slot_looks_free(struct segment *s, uint32_t slot)
{
	/* A slot that was never used has no memory yet: do not touch it. */
	return segment_slot_from(s, slot) != slot ||
	       load_acquire(&segment_participant(s, slot)->state) == SLOT_FREE;
}

static enum cache_status find_slot(struct owner *o, uint32_t from, uint32_t to)
{
	/* First the free ones, which costs no system call for each taken one; then those whose owner may be dead. */
	for (int dead_too = 0; dead_too < 2; dead_too++) {
		for (uint32_t slot = from; slot < to; slot++) {
			if (slot_looks_free(o->segment, slot) == !dead_too) {
				enum cache_status status = try_slot(o, slot);
				if (status != CACHE_EXISTS) {
					return status;
				}
			}
		}
	}
	return CACHE_NO_SLOT;
}

/* From that slot on. */
static enum cache_status take_slot(struct owner *o, uint32_t from)
{
	enum cache_status status;

	o->slot = NO_SLOT;
	o->guest = false;
	o->fd = segment_reopen(o->segment);
	if (o->fd < 0) {
		return CACHE_SYSTEM;
	}
	status = find_slot(o, from, segment_first_guest(o->segment));
	if (status == CACHE_NO_SLOT || status == CACHE_NO_SPACE) {
		o->guest = true; /* none is free, or there is no memory for another one */
		return CACHE_NO_SLOT;
	}
	if (status != CACHE_OK) {
		close(o->fd);
		o->fd = -1;
	}
	return status;
}

enum cache_status owner_borrow(struct owner *o)
{
	/*
	 * A guest slot is held for one operation: some microseconds, if nobody is stopped in the middle of it. If all are,
	 * a request with many operations must not wait for each.
	 */
	bool stuck = o->no_guest_until_ns && o->host->monotonic_ns(o->host->context) < o->no_guest_until_ns;

	for (int i = 0;; i++) {
		enum cache_status status = find_slot(o, segment_first_guest(o->segment), o->segment->geometry.participants);
		if (status != CACHE_NO_SLOT) {
			return status;
		}
		if (i == (stuck ? 0 : GUEST_PATIENCE_MS)) {
			break;
		}
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	if (!stuck) {
		o->no_guest_until_ns = o->host->monotonic_ns(o->host->context) + GUEST_STUCK_NS;
	}
	return CACHE_BUSY;
}

/* Those in our table, but for what others may rely on. */
static void clear_readers(struct owner *o)
{
	for (uint32_t i = o->first_reader; i < o->pin_count; i++) {
		publish(&o->pins[i], 0);
	}
	if (o->pin_count > o->first_reader) {
		o->pin_count = o->first_reader;
		publish(&o->record->pins, o->pin_count);
	}
	o->pin_free = o->first_reader;
	if (o->first_reader == WRITER_PINS) {
		store_relaxed(&o->record->pinned_bytes, 0);
	}
}

static void leave_slot(struct owner *o)
{
	clear_readers(o);
	if (o->shared) {
		/*
		 * Whoever still reads keeps our open file description, and with it the byte: the slot lives as long as he does.
		 */
		o->slot = NO_SLOT;
		return;
	}
	/* A block that could neither be published nor freed, because its shard's lock was not to be had: leave the slot
	 * as if we had died; whoever takes it recovers, which frees the block. */
	if (!pin_writing(o)) {
		publish(&o->record->pins, 0); /* a scan that passes us over sees what we read end */
		publish(&o->record->state, SLOT_FREE);
	}
	byte_lock(o->fd, o->slot, F_UNLCK);
	o->slot = NO_SLOT;
}

void owner_return(struct owner *o)
{
	leave_slot(o);
}

/* ---- the dead ------------------------------------------------------------------------------------------- */

bool owner_reap(struct owner *o, uint32_t slot)
{
	/* A recovery first opens every lock of its dead, then takes locks itself: so it may have to recover others,
	 * but never one that it is recovering already. */
	if (slot == o->slot || slot >= o->segment->geometry.participants || o->recovering >= RECOVERY_DEPTH) {
		return false;
	}
	if (!byte_lock(o->fd, slot, F_WRLCK)) {
		return false; /* alive, or somebody else is recovering it */
	}
	if (load_acquire(&segment_participant(o->segment, slot)->state) != SLOT_FREE) {
		recover(o, slot);
	}
	byte_lock(o->fd, slot, F_UNLCK);
	return true;
}

uint32_t owner_reap_all(struct owner *o)
{
	uint32_t reaped = 0;

	for_each_slot(o->segment, slot) {
		if (!slot_looks_free(o->segment, slot) && owner_reap(o, slot)) {
			reaped++;
		}
	}
	return reaped;
}

uint32_t owner_count(const struct segment *s)
{
	uint32_t count = 0;

	for_each_slot(s, slot) {
		count += load_relaxed(&segment_participant(s, slot)->state) != SLOT_FREE;
	}
	return count;
}

/* ---- pins ----------------------------------------------------------------------------------------------- */

uint32_t pin_find_free(struct owner *o)
{
	for (uint32_t i = o->pin_free; i < PINS_PER_PARTICIPANT; i++) {
		if (i >= o->pin_count || load_relaxed(&o->pins[i]) == 0) {
			o->pin_free = i;
			return i;
		}
	}
	o->pin_free = PINS_PER_PARTICIPANT;
	return PINS_PER_PARTICIPANT;
}

/* Does a forked child without a slot still rely on our pins? */
static bool pins_are_shared(struct owner *o)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = READERS_BYTE(o->slot), .l_len = 1};

	if (o->shared && !o->shared_for_good) {
		/* An error errs towards "shared". */
		o->shared = fcntl(o->fd, F_OFD_GETLK, &range) != 0 || range.l_type != F_UNLCK;
	}
	return o->shared;
}

static void close_inherited(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

void pin_clear_readers(struct owner *o)
{
	close_inherited(&o->reader_fd);
	close_inherited(&o->inherited_fd);
	if (o->slot == NO_SLOT) {
		o->first_reader = WRITER_PINS;
		return;
	}
	if (!pins_are_shared(o)) {
		o->first_reader = WRITER_PINS;
	}
	clear_readers(o);
}

bool pin_reading(const struct owner *o)
{
	for (uint32_t i = WRITER_PINS; i < o->pin_count; i++) {
		if (load_relaxed(&o->pins[i]) != 0) {
			return true;
		}
	}
	return false;
}

/* Blocks of ours that are neither published nor freed. */
static bool pin_writing(const struct owner *o)
{
	for (uint32_t i = 0; i < WRITER_PINS && i < o->pin_count; i++) {
		if (load_relaxed(&o->pins[i]) != 0) {
			return true;
		}
	}
	return false;
}

void pins_scan(const struct segment *s, uint32_t except,
               void (*visit)(void *context, uint64_t granule, uint32_t index), void *context)
{
	for_each_slot(s, slot) {
		struct participant *record = segment_participant(s, slot);
		uint32_t count = load_acquire(&record->pins);
		if (slot == except || count == 0) {
			continue;
		}
		atomic_u64 *pins = segment_pins(s, slot);
		for (uint32_t i = 0; i < count && i < PINS_PER_PARTICIPANT; i++) {
			uint64_t granule = load_acquire(&pins[i]);
			if (granule) {
				visit(context, granule, i);
			}
		}
	}
}

/* ---- fork ----------------------------------------------------------------------------------------------- */

/*
 * The child has copies of the parent's descriptors and so of the open file descriptions that hold the parent's
 * bytes: it must close them, without unlocking, or the parent would look alive for as long as the child lives. The
 * handle in the child has no slot then and takes its own at its next operation.
 *
 * If the forking handle has pins, the child's memory may refer to what they protect. Then a slot with the same pins
 * is made before the fork, under a descriptor of its own, which the child keeps and the parent closes. It is a slot above the
 * parent's: pins_scan() goes upwards, so if it finds that the parent has cleared a pin, it comes to the child's after that, and
 * sees what was stored there before. In a slot below it might miss both. If no slot can be had, the child keeps the parent's descriptor, so that the parent's slot lives as long as either of them, and a
 * read lock on a further byte of it, by which the parent knows that it must not clear its pins yet.
 */
#define HANDOVERS_MAX 16
static struct {
	struct owner *owner;
	struct owner child;
} handovers[HANDOVERS_MAX];
static int handover_count;

/* In a description of its own, which the child keeps. -1: it cannot be had. */
static int hold_readers_byte(const struct owner *o)
{
	struct flock range = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = READERS_BYTE(o->slot), .l_len = 1};
	int fd = segment_reopen(o->segment);

	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &range) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void fork_prepare(void)
{
	segment_registry_lock(true);
	pthread_mutex_lock(&registry_lock);
	handover_count = 0;
	for (struct owner *o = registry; o; o = o->next) {
		if (o->fd < 0 || o->slot == NO_SLOT || !pin_reading(o) || handover_count == HANDOVERS_MAX) {
			continue;
		}
		struct owner *child = &handovers[handover_count].child;
		*child = *o;
		handovers[handover_count++].owner = o;
		if (take_slot(child, o->slot + 1) != CACHE_OK) {
			if (child->guest) {
				close(child->fd);
			}
			child->fd = -1;
			child->reader_fd = hold_readers_byte(o);
			continue;
		}
		/* The parent's pins protect the blocks until these stand; it clears them, with release order, after fork(). */
		for (uint32_t i = WRITER_PINS; i < o->pin_count; i++) {
			store_relaxed(&child->pins[i], load_relaxed(&o->pins[i]));
		}
		child->pin_count = o->pin_count;
		child->pin_free = o->pin_free;
		store_relaxed(&child->record->pinned_bytes, load_relaxed(&o->record->pinned_bytes));
		store_relaxed(&child->record->pins, child->pin_count);
		full_fence(); /* nothing is read again: for the child, whose next pin may be a while */
	}
}

static void fork_parent(void)
{
	for (int i = 0; i < handover_count; i++) {
		struct owner *o = handovers[i].owner;
		if (handovers[i].child.fd >= 0) {
			close(handovers[i].child.fd); /* the child's copy keeps the byte; if fork() failed, it is dead now */
			continue;
		}
		o->shared = true;
		o->shared_for_good |= handovers[i].child.reader_fd < 0;
		o->first_reader = o->pin_count;
		o->pin_free = o->pin_count;
		close_inherited(&handovers[i].child.reader_fd);
	}
	pthread_mutex_unlock(&registry_lock);
	segment_registry_lock(false);
}

static void fork_child(void)
{
	struct owner *o;

	for (int i = 0; i < handover_count; i++) {
		struct owner *child = &handovers[i].child;
		o = handovers[i].owner;
		if (child->fd >= 0) {
			close(o->fd);
			o->fd = child->fd;
			o->slot = child->slot;
			o->record = child->record;
			o->pins = child->pins;
			o->guest = false;
			for (uint32_t k = 0; k < WRITER_PINS; k++) {
				store_relaxed(&o->pins[k], 0);
			}
		} else {
			/* Keeps the parent's description, and with it the parent's pins, until no view is in use. */
			o->inherited_fd = o->fd;
			o->reader_fd = child->reader_fd;
			o->shared = o->shared_for_good = false;
			o->first_reader = o->pin_count;
			o->fd = -1;
			o->slot = NO_SLOT;
		}
	}
	for (o = registry; o; o = o->next) {
		bool handed_over = false;
		for (int i = 0; i < handover_count; i++) {
			handed_over |= handovers[i].owner == o;
		}
		if (!handed_over && o->fd >= 0) {
			close(o->fd);
			o->fd = -1;
			o->slot = NO_SLOT;
		}
	}
	pthread_mutex_unlock(&registry_lock);
	segment_registry_lock(false);
}

/* That this process may run on. */
static int processors(void)
{
	cpu_set_t set;

	/* Fails where there are more than fit into the set. */
	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 2;
}

/* Without it a child would act as its parent, in the parent's slot: nobody may attach then. */
static bool watch_forks(void)
{
	static bool watched;

	pthread_mutex_lock(&registry_lock);
	watched = watched || pthread_atfork(fork_prepare, fork_parent, fork_child) == 0;
	bool result = watched;
	pthread_mutex_unlock(&registry_lock);
	return result;
}

/* ---- attach --------------------------------------------------------------------------------------------- */

enum cache_status owner_attach(struct owner *o, struct segment *segment, const struct cache_host *host,
                               bool (*recover)(struct owner *self, uint32_t dead))
{
	enum cache_status status;

	if (!watch_forks()) {
		return CACHE_NO_MEMORY;
	}
	memset(o, 0, sizeof *o);
	o->segment = segment;
	o->host = host;
	o->recover = recover;
	o->first_reader = WRITER_PINS;
	o->inherited_fd = -1;
	o->reader_fd = -1;
	o->spins = processors() > 1;
	status = take_slot(o, 0);
	if (status == CACHE_OK || status == CACHE_NO_SLOT) {
		pthread_mutex_lock(&registry_lock);
		o->next = registry;
		registry = o;
		pthread_mutex_unlock(&registry_lock);
	}
	return status;
}

enum cache_status owner_reattach(struct owner *o)
{
	return take_slot(o, 0);
}

void owner_abandon(struct owner *o)
{
	o->slot = NO_SLOT;
	close_inherited(&o->reader_fd);
	close_inherited(&o->inherited_fd);
	owner_detach(o);
}

void owner_detach(struct owner *o)
{
	if (o->slot != NO_SLOT) {
		leave_slot(o);
	}
	if (o->fd >= 0) {
		close(o->fd);
		o->fd = -1;
	}
	pthread_mutex_lock(&registry_lock);
	for (struct owner **link = &registry; *link; link = &(*link)->next) {
		if (*link == o) {
			*link = o->next;
			break;
		}
	}
	pthread_mutex_unlock(&registry_lock);
}
