#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "core/shm/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/shm/directory.h"
#include "core/shm/queue_table.h"
#include "core/shm/rwlock_table.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* How long to wait for another process that creates or checks the file. */
#define FLOCK_PATIENCE_MS 3000
#define ATTEMPTS 16

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct segment *registry;
static struct {
	uint64_t bytes;
	struct segment *tenant;
} reservation;

void message_set(struct message *message, const char *format, ...)
{
	va_list arguments;

	if (message->size == 0) {
		return;
	}
	va_start(arguments, format);
	vsnprintf(message->text, message->size, format, arguments);
	va_end(arguments);
}

static int fault(const struct cache_host *host, enum cache_fault point)
{
	return host->fault ? host->fault(host->context, point) : 0;
}

void segment_reserve(uint64_t bytes)
{
	void *wanted = (void *)(uintptr_t)OFFICIAL_BASE;
	void *got;

	if (sizeof(void *) < 8 || reservation.bytes >= bytes) {
		return;
	}
	if (reservation.bytes && !reservation.tenant) {
		munmap(wanted, reservation.bytes);
		reservation.bytes = 0;
	}
	if (reservation.tenant) {
		return;
	}
	got = mmap(wanted, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (got == wanted) {
		reservation.bytes = bytes;
	} else if (got != MAP_FAILED) {
		munmap(got, bytes); /* a kernel before 4.17 takes the flag for a hint */
	}
}

/* What others have cached is no business of a dump of this process. Where it cannot be had, core(5) has the last word. */
static void leave_out_of_core_dumps(void *mapping, uint64_t length)
{
	(void)madvise(mapping, length, MADV_DONTDUMP);
}

/* The read-only view at the official address, or NULL. */
static const char *map_official(const struct segment_options *options, struct segment *s, int fd)
{
	void *base = (void *)(uintptr_t)OFFICIAL_BASE;
	int protection = options->official_writable ? PROT_READ | PROT_WRITE : PROT_READ;
	void *got;

	if (!options->map_official || reservation.tenant) {
		return NULL;
	}
	segment_reserve(s->geometry.file_length);
	if (reservation.bytes < s->geometry.file_length) {
		return NULL;
	}
	/* Inside of our own reservation: nobody else's mapping is replaced. */
	got = mmap(base, s->geometry.file_length, protection, MAP_SHARED | MAP_FIXED, fd, 0);
	if (got != base) {
		return NULL;
	}
	leave_out_of_core_dumps(got, s->geometry.file_length);
	reservation.tenant = s;
	return got;
}

static void unmap_official(struct segment *s)
{
	void *base = (void *)(uintptr_t)OFFICIAL_BASE;

	if (reservation.tenant == s) {
		if (mmap(base, reservation.bytes, PROT_NONE,
		         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED) {
			reservation.bytes = 0;
		}
		reservation.tenant = NULL;
	}
}

/* ---- judging a file ------------------------------------------------------------------------------------- */

static bool path_names(int directory, const char *file, const struct stat *locked)
{
	struct stat named;

	return fstatat(directory, file, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == locked->st_ino &&
	       named.st_dev == locked->st_dev;
}

/* No participant holds its byte: we could take all of them at once. */
static bool nobody_attached(int fd)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LIVENESS_BYTE(0), .l_len = 0};

	return fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type == F_UNLCK;
}

static enum cache_status flock_patiently(int fd)
{
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited++) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			return CACHE_SYSTEM;
		}
		if (waited >= FLOCK_PATIENCE_MS) {
			return CACHE_BUSY;
		}
		usleep(1000);
	}
	return CACHE_OK;
}

static bool geometry_equal(const struct geometry *a, const struct geometry *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* Rules 1-4 of layout.h, on a copy that nobody can change under our eyes. */
static enum cache_status judge(int fd, const struct stat *st, const struct segment_options *options,
                               uint64_t fingerprint, struct superblock *copy, const char **why)
{
	struct geometry expected;
	uint32_t processes;

	if ((uint64_t)st->st_size < sizeof *copy ||
	    pread(fd, copy, sizeof *copy, 0) != (ssize_t)sizeof *copy || load_relaxed(&copy->magic) == 0) {
		*why = "was left half-created";
		return CACHE_CORRUPT;
	}
	if (load_relaxed(&copy->magic) != SEGMENT_MAGIC) {
		*why = "is not a cache segment";
		return CACHE_FOREIGN;
	}
	if (copy->version != SEGMENT_VERSION || copy->fingerprint != fingerprint || copy->os_page != OS_PAGE) {
		*why = "belongs to another build";
		return CACHE_FOREIGN;
	}
	if (copy->checksum != superblock_checksum(copy)) {
		*why = "has a damaged superblock";
		return CACHE_CORRUPT;
	}
	processes = copy->geometry.participants > GUEST_SLOTS ? copy->geometry.participants - GUEST_SLOTS : 0;
	if (processes == 0 || copy->geometry.jobs == 0 || copy->geometry.jobs > QUEUE_JOBS_MAX ||
	    geometry_compute(copy->geometry.size, processes, copy->geometry.jobs, &options->shape, &expected) != CACHE_OK ||
	    !geometry_equal(&expected, &copy->geometry)) {
		*why = "has an impossible geometry";
		return CACHE_CORRUPT;
	}
	if ((uint64_t)st->st_size != expected.file_length) {
		*why = "was truncated or extended";
		return CACHE_CORRUPT;
	}
	return CACHE_OK;
}

/* ---- creation ------------------------------------------------------------------------------------------- */

enum cache_status segment_take(const struct cache_host *host, int fd, uint64_t from, uint64_t bytes)
{
	int error = fault(host, FAULT_FALLOCATE);
	uint64_t end = (from + bytes + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);

	from &= ~(uint64_t)(OS_PAGE - 1);
	while (error == 0 && fallocate(fd, 0, (off_t)from, (off_t)(end - from)) != 0) {
		if (errno != EINTR) {
			error = errno;
		}
	}
	return error == 0 ? CACHE_OK : CACHE_NO_SPACE;
}

enum cache_status segment_take_slots(const struct geometry *g, const struct cache_host *host, int fd, uint32_t first,
                                     uint32_t number)
{
	enum cache_status status = CACHE_OK;
	const struct {
		uint64_t at, each;
	} tables[] = {
		{g->participants_at, sizeof(struct participant)},
		{g->pins_at, PIN_TABLE_BYTES},
		{g->lock_rows_at, sizeof(struct rwlock_row)},
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables && number > 0 && status == CACHE_OK; i++) {
		status = segment_take(host, fd, tables[i].at + first * tables[i].each, number * tables[i].each);
	}
	return status;
}

/*
 * Slots that have memory from the beginning, 9.5 KB each: where the segment fills its file system, later processes must
 * still find room to attach. The others get theirs when they are first used.
 */
static uint32_t first_slots(const struct geometry *g)
{
	uint64_t wanted = g->size / (256 * 1024);

	wanted = wanted < 4 ? 4 : wanted > 64 ? 64 : wanted;
	return wanted < g->participants - GUEST_SLOTS ? (uint32_t)wanted : g->participants - GUEST_SLOTS;
}

static enum cache_status take_first_memory(const struct cache_host *host, const struct geometry *g, int fd)
{
	enum cache_status status = segment_take(host, fd, 0, OS_PAGE);
	uint32_t first = g->pages < SEGMENT_FIRST_PAGES ? g->pages : SEGMENT_FIRST_PAGES;

	if (status == CACHE_OK) {
		status = segment_take(host, fd, g->tags_at, g->locks_at + rwlock_table_bytes(g->participants) - g->tags_at);
	}
	if (status == CACHE_OK) {
		status = segment_take(host, fd, g->queue_at, queue_table_bytes(g->jobs));
	}
	if (status == CACHE_OK) {
		status = segment_take_slots(g, host, fd, 0, first_slots(g));
	}
	if (status == CACHE_OK) {
		status = segment_take_slots(g, host, fd, g->participants - GUEST_SLOTS, GUEST_SLOTS);
	}
	for (uint32_t i = 0; i < g->shards && status == CACHE_OK; i++) {
		status = segment_take(host, fd, g->shards_at + i * g->shard_stride, g->arena_at + (uint64_t)first * PAGE_BYTES);
	}
	return status;
}

static enum cache_status map(struct segment *s, const struct cache_host *host, int fd)
{
	void *got = fault(host, FAULT_MMAP) ? MAP_FAILED
	                                       : mmap(NULL, s->geometry.file_length, PROT_READ | PROT_WRITE,
	                                              MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (got == MAP_FAILED) {
		return CACHE_NO_MAP;
	}
	leave_out_of_core_dumps(got, s->geometry.file_length);
	s->base = got;
	s->superblock = got;
	return CACHE_OK;
}

/* Fills the empty file behind fd. The magic is written last: whoever dies before leaves a half that is replaced. */
static enum cache_status create(struct segment *s, int fd, const struct segment_options *options,
                                uint64_t fingerprint)
{
	struct superblock *b;
	enum cache_status status;

	status = geometry_compute(options->size, options->processes, options->jobs, &options->shape, &s->geometry);
	if (status != CACHE_OK) {
		return status;
	}
	if (fault(options->host, FAULT_FTRUNCATE) || ftruncate(fd, (off_t)s->geometry.file_length) != 0) {
		return CACHE_NO_SPACE;
	}
	status = take_first_memory(options->host, &s->geometry, fd);
	if (status == CACHE_OK) {
		status = map(s, options->host, fd);
	}
	if (status != CACHE_OK) {
		return status;
	}
	b = s->superblock;
	b->version = SEGMENT_VERSION;
	b->os_page = OS_PAGE;
	b->fingerprint = fingerprint;
	if (options->host->random(options->host->context, &b->key, sizeof b->key) != 0 ||
	    options->host->random(options->host->context, &b->epoch, sizeof b->epoch) != 0) {
		munmap(s->base, s->geometry.file_length);
		return CACHE_SYSTEM;
	}
	b->epoch |= 1; /* never 0 */
	b->created_us = options->host->wall_us(options->host->context);
	b->official_base = OFFICIAL_BASE;
	b->geometry = s->geometry;
	b->checksum = superblock_checksum(b);
	store_relaxed(&b->generation, 1);
	options->format(s->base, &s->geometry);
	publish(&b->magic, SEGMENT_MAGIC);
	return CACHE_OK;
}

/* ---- opening -------------------------------------------------------------------------------------------- */

static enum cache_status check_owner(const struct stat *st, struct message *message, const char *path)
{
	if (!S_ISREG(st->st_mode) || st->st_uid != geteuid() || st->st_nlink > 1 || (st->st_mode & 077) != 0) {
		message_set(message, "%s is not a private regular file of user %u: it is left alone and the cache is disabled",
		            path, (unsigned)geteuid());
		return CACHE_BAD_FILE;
	}
	return CACHE_OK;
}

/* An open file with flock held, which the path names. */
static enum cache_status open_locked(const char *path, const struct cache_host *host, int directory, int *fd,
                                     struct stat *st, struct message *message)
{
	const char *file = strrchr(path, '/') + 1;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		enum cache_status status;
		int error = fault(host, FAULT_OPEN);

		*fd = -1;
		if (error == 0) {
			*fd = openat(directory, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
			error = errno;
		}
		if (*fd < 0) {
			message_set(message, "cannot open %s: %s", path, strerror(error));
			return error == ELOOP || error == EACCES || error == EPERM || error == EISDIR ? CACHE_BAD_FILE : CACHE_SYSTEM;
		}
		status = fstat(*fd, st) == 0 ? check_owner(st, message, path) : CACHE_SYSTEM;
		if (status == CACHE_OK) {
			status = flock_patiently(*fd);
			if (status == CACHE_BUSY) {
				message_set(message, "another process keeps %s locked for more than %d ms", path, FLOCK_PATIENCE_MS);
			}
		}
		if (status != CACHE_OK) {
			close(*fd);
			return status;
		}
		if (fstat(*fd, st) == 0 && path_names(directory, file, st)) {
			return CACHE_OK;
		}
		close(*fd); /* replaced while we waited */
	}
	message_set(message, "%s is replaced again and again by other processes", path);
	return CACHE_BUSY;
}

/* A valid file that nobody uses, but of another size than asked for, gives way. */
static bool size_differs(const struct superblock *b, const struct segment_options *options)
{
	return b->geometry.size != options->size || b->geometry.participants != options->processes + GUEST_SLOTS ||
	       b->geometry.jobs != options->jobs;
}

/* What to do with the file behind fd: *fresh = create into it; CACHE_EXISTS = unlink it and begin again. */
static enum cache_status decide(struct segment *s, int fd, const struct stat *st, const struct segment_options *options,
                                uint64_t fingerprint, bool *alone, bool *fresh, struct message *message)
{
	struct superblock copy;
	const char *why = "";
	enum cache_status status;

	*alone = nobody_attached(fd);
	*fresh = st->st_size == 0;
	if (*fresh) {
		return CACHE_OK;
	}
	status = judge(fd, st, options, fingerprint, &copy, &why);
	if (status != CACHE_OK) {
		if (*alone) {
			message_set(message, "%s %s: replaced by a new one", s->path, why);
			return CACHE_EXISTS;
		}
		message_set(message, "%s %s, and a process is using it: the cache is disabled; stop that process or remove the file",
		            s->path, why);
		return status;
	}
	if (size_differs(&copy, options)) {
		if (*alone) {
			return CACHE_EXISTS;
		}
		message_set(message, "%s is in use with a size of %llu bytes for %u processes and %u jobs, which stays in force", s->path,
		            (unsigned long long)copy.geometry.size, copy.geometry.participants - GUEST_SLOTS, copy.geometry.jobs);
	}
	s->geometry = copy.geometry;
	return CACHE_OK;
}

static enum cache_status open_file(struct segment *s, int directory, const char *file,
                                   const struct segment_options *options, int *fd, bool *alone,
                                   struct message *message)
{
	uint64_t fingerprint = layout_fingerprint(&options->shape);

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct stat st;
		bool fresh;
		enum cache_status status = open_locked(s->path, options->host, directory, fd, &st, message);

		if (status != CACHE_OK) {
			return status;
		}
		status = decide(s, *fd, &st, options, fingerprint, alone, &fresh, message);
		if (status == CACHE_EXISTS) {
			unlinkat(directory, file, 0);
			close(*fd);
			continue;
		}
		if (status == CACHE_OK && fresh) {
			status = create(s, *fd, options, fingerprint);
			if (status != CACHE_OK) {
				message_set(message, "cannot create %s with %llu bytes: %s", s->path,
				            (unsigned long long)options->size, cache_status_text(status));
				unlinkat(directory, file, 0);
			}
		} else if (status == CACHE_OK && (status = map(s, options->host, *fd)) != CACHE_OK) {
			message_set(message, "cannot map %s: %s", s->path, strerror(errno));
		}
		if (status != CACHE_OK) {
			close(*fd);
			return status;
		}
		s->device = st.st_dev;
		s->inode = st.st_ino;
		return CACHE_OK;
	}
	return CACHE_BUSY;
}

static struct segment *find_mapped(const char *path)
{
	for (struct segment *s = registry; s; s = s->next) {
		if (strcmp(s->path, path) == 0 && segment_is_current(s)) {
			return s;
		}
	}
	return NULL;
}

/* Another handle of this process: share the mapping. The flock is taken all the same, for the caller's slot. */
static enum cache_status share(struct segment *s, const struct segment_options *options, int directory, int *fd,
                               bool *alone, struct message *message)
{
	struct stat st;
	enum cache_status status = open_locked(s->path, options->host, directory, fd, &st, message);

	if (status == CACHE_OK && (st.st_ino != s->inode || st.st_dev != s->device)) {
		close(*fd);
		return CACHE_BUSY;
	}
	*alone = status == CACHE_OK && nobody_attached(*fd);
	return status;
}

static enum cache_status open_registered(const struct segment_options *options, struct segment **segment, int *fd,
                                         bool *alone, struct message *message, int directory, const char *path)
{
	const char *file = strrchr(path, '/') + 1;
	struct segment *s = find_mapped(path);
	enum cache_status status;

	if (s) {
		status = share(s, options, directory, fd, alone, message);
		if (status == CACHE_OK) {
			s->users++;
			*segment = s;
		}
		return status;
	}
	s = calloc(1, sizeof *s);
	if (!s) {
		return CACHE_NO_MEMORY;
	}
	snprintf(s->path, sizeof s->path, "%s", path);
	status = open_file(s, directory, file, options, fd, alone, message);
	if (status != CACHE_OK) {
		free(s);
		return status;
	}
	s->key = s->superblock->key;
	s->epoch = s->superblock->epoch;
	s->official = map_official(options, s, *fd);
	s->users = 1;
	s->next = registry;
	registry = s;
	*segment = s;
	return CACHE_OK;
}

enum cache_status segment_open(const struct segment_options *options, struct segment **segment, int *lock_fd,
                               bool *alone, struct message *message)
{
	char path[sizeof((*segment)->path)];
	int directory;
	enum cache_status status = directory_open(options, path, sizeof path, &directory, message);

	if (status != CACHE_OK) {
		return status;
	}
	pthread_mutex_lock(&registry_lock);
	status = open_registered(options, segment, lock_fd, alone, message, directory, path);
	pthread_mutex_unlock(&registry_lock);
	if (status == CACHE_OK && *alone) {
		directory_sweep(directory, strrchr(path, '/') + 1);
	}
	close(directory);
	return status;
}

void segment_close(struct segment *s)
{
	pthread_mutex_lock(&registry_lock);
	if (--s->users == 0) {
		struct segment **link = &registry;
		while (*link != s) {
			link = &(*link)->next;
		}
		*link = s->next;
		unmap_official(s);
		munmap(s->base, s->geometry.file_length);
		free(s);
	}
	pthread_mutex_unlock(&registry_lock);
}

void segment_registry_lock(bool lock)
{
	if (lock) {
		pthread_mutex_lock(&registry_lock);
	} else {
		pthread_mutex_unlock(&registry_lock);
	}
}

void segment_discard(struct segment *s)
{
	if (segment_is_current(s)) {
		unlink(s->path);
	}
}

bool segment_is_current(const struct segment *s)
{
	struct stat st;

	return lstat(s->path, &st) == 0 && st.st_ino == s->inode && st.st_dev == s->device;
}

int segment_reopen(const struct segment *s)
{
	struct stat st;
	int fd = open(s->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && (fstat(fd, &st) != 0 || st.st_ino != s->inode || st.st_dev != s->device)) {
		close(fd);
		fd = -1;
	}
	return fd;
}
