#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#if !defined(_FILE_OFFSET_BITS) && !defined(__LP64__)
#define _FILE_OFFSET_BITS 64
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
#include "core/shm/official.h"
#include "core/shm/queue_table.h"
#include "core/shm/touch.h"

/* How long to wait for another process that creates or checks the file. */
#define FLOCK_PATIENCE_MS 3000
#define ATTEMPTS 16
#define REPLACED_AGAIN "%s is replaced again and again by other processes"
#define INTERRUPTIONS_MAX 1000

_Static_assert(sizeof(off_t) == 8, "the bytes of slots are beyond the end of any file");

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct segment *registry;
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

/* ---- judging a file ------------------------------------------------------------------------------------- */

static bool path_names(int directory, const char *file, const struct stat *locked)
{
	struct stat named;

	return fstatat(directory, file, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == locked->st_ino &&
	       named.st_dev == locked->st_dev;
}

/*
 * Does no participant hold its byte: could we take all of them at once? Where that is not to be learnt, neither answer
 * will do: a damaged file would be trusted, or one in use replaced.
 */
static enum cache_status nobody_attached(int fd, const char *path, bool *alone, struct message *message)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LIVENESS_BYTE(0), .l_len = 0};

	if (fcntl(fd, F_OFD_GETLK, &range) != 0) {
		message_set(message, "cannot tell whether %s is in use: %s", path, strerror(errno));
		return CACHE_SYSTEM;
	}
	*alone = range.l_type == F_UNLCK;
	return CACHE_OK;
}

static enum cache_status flock_patiently(int fd, const char *path, struct message *message)
{
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited++) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			message_set(message, "cannot lock %s: %s", path, strerror(errno));
			return CACHE_SYSTEM;
		}
		if (waited >= FLOCK_PATIENCE_MS) {
			message_set(message, "another process keeps %s locked for more than %d ms", path, FLOCK_PATIENCE_MS);
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

/* False: an error; else what there is, zeros where the file ends before it. */
static bool read_superblock(int fd, struct superblock *copy)
{
	unsigned interrupted = 0;
	size_t have = 0;

	memset((void *)copy, 0, sizeof *copy);
	while (have < sizeof *copy) {
		ssize_t got = pread(fd, (char *)copy + have, sizeof *copy - have, (off_t)have);
		if (got == 0) {
			break;
		}
		if (got < 0 && (errno != EINTR || ++interrupted > INTERRUPTIONS_MAX)) {
			return false;
		}
		have += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* Rules 1-4 of layout.h, on a copy that nobody can change under our eyes. */
static enum cache_status judge(int fd, const struct stat *st, const struct segment_options *options,
                               uint64_t fingerprint, struct superblock *copy, const char **why)
{
	struct geometry expected;
	uint32_t processes;

	if (!read_superblock(fd, copy)) {
		*why = strerror(errno); /* which does not say that it is damaged */
		return CACHE_SYSTEM;
	}
	if ((uint64_t)st->st_size < sizeof *copy || load_relaxed(&copy->magic) == 0) {
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

static enum cache_status map(struct segment *s, const struct cache_host *host, int fd)
{
	int error = fault(host, FAULT_MMAP);
	void *got = MAP_FAILED;

	while (error == 0 && got == MAP_FAILED) {
		got = mmap(NULL, s->geometry.file_length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
		if (got == MAP_FAILED && !official_give_back()) {
			error = errno;
		}
	}
	if (got == MAP_FAILED) {
		errno = error;
		return CACHE_NO_MAP;
	}
	segment_leave_out_of_dumps(got, s->geometry.file_length);
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
	status = segment_set_length(options->host, fd, s->geometry.file_length);
	if (status == CACHE_OK) {
		status = segment_take_first(&s->geometry, options->host, fd);
	}
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
		int error = errno;
		munmap(s->base, s->geometry.file_length);
		errno = error;
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
		if (*fd < 0 && error == EINTR) {
			continue;
		}
		if (*fd < 0) {
			message_set(message, "cannot open %s: %s", path, strerror(error));
			return error == ELOOP || error == EACCES || error == EPERM || error == EISDIR ? CACHE_BAD_FILE : CACHE_SYSTEM;
		}
		if (fstat(*fd, st) == 0) {
			status = check_owner(st, message, path);
		} else {
			message_set(message, "cannot look at %s: %s", path, strerror(errno));
			status = CACHE_SYSTEM;
		}
		if (status == CACHE_OK) {
			status = flock_patiently(*fd, path, message);
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
	message_set(message, REPLACED_AGAIN, path);
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

	status = nobody_attached(fd, s->path, alone, message);
	*fresh = st->st_size == 0;
	if (*fresh || status != CACHE_OK) {
		return status;
	}
	status = judge(fd, st, options, fingerprint, &copy, &why);
	if (status == CACHE_SYSTEM) {
		message_set(message, "cannot read %s: %s", s->path, why);
		return status;
	}
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

static void message_creation(struct message *message, const struct segment *s, const struct segment_options *options,
                             enum cache_status status, int error)
{
	const char *advice = error == EFBIG        ? " (is there a limit of the size of files? ulimit -f)"
	                     : error == EOPNOTSUPP ? " (it must be able to fallocate(); a tmpfs can)"
	                     : error == ENOMEM     ? " (is there a limit of address space? ulimit -v)"
	                                           : "";

	message_set(message, "cannot create %s with %llu bytes: %s%s%s%s", s->path, (unsigned long long)options->size,
	            cache_status_text(status), error ? ": " : "", error ? strerror(error) : "", advice);
}

static enum cache_status open_file(struct segment *s, int directory, const char *file,
                                   const struct segment_options *options, int *fd, enum segment_found *found,
                                   struct message *message)
{
	uint64_t fingerprint = layout_fingerprint(&options->shape);

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct stat st;
		bool fresh, alone = false;
		enum cache_status status = open_locked(s->path, options->host, directory, fd, &st, message);

		if (status != CACHE_OK) {
			return status;
		}
		status = decide(s, *fd, &st, options, fingerprint, &alone, &fresh, message);
		/*
		 * Who copied the file, or lost some of it, may have left holes: to touch one of a full file system is a SIGBUS. Of
		 * what is there already nothing is taken. What is refused may be had later: the file is kept until then.
		 */
		if (status == CACHE_OK && alone && !fresh && segment_take_first(&s->geometry, options->host, *fd) != CACHE_OK) {
			message_set(message, "%s may have holes, and cannot be given memory: %s", s->path, strerror(errno));
			status = CACHE_NO_SPACE;
		}
		if (status == CACHE_EXISTS) {
			bool removed = unlinkat(directory, file, 0) == 0 || errno == ENOENT;
			if (!removed) {
				message_set(message, "%s is to be replaced by a new one, but cannot be removed: %s", s->path,
				            strerror(errno));
			}
			close(*fd);
			if (!removed) {
				return CACHE_BAD_FILE;
			}
			continue;
		}
		if (status != CACHE_OK) {
			close(*fd);
			return status;
		}
		if (fresh) {
			status = create(s, *fd, options, fingerprint);
			if (status != CACHE_OK) {
				message_creation(message, s, options, status, errno);
				unlinkat(directory, file, 0);
			}
		} else if ((status = map(s, options->host, *fd)) != CACHE_OK) {
			message_set(message, "cannot map %s: %s", s->path, strerror(errno));
		}
		if (status != CACHE_OK) {
			close(*fd);
			return status;
		}
		s->device = st.st_dev;
		s->inode = st.st_ino;
		*found = fresh ? SEGMENT_MADE : alone ? SEGMENT_ALONE : SEGMENT_IN_USE;
		return CACHE_OK;
	}
	message_set(message, REPLACED_AGAIN, s->path);
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
                               enum segment_found *found, struct message *message)
{
	struct stat st;
	bool alone = false;
	enum cache_status status = open_locked(s->path, options->host, directory, fd, &st, message);

	if (status == CACHE_OK && (st.st_ino != s->inode || st.st_dev != s->device)) {
		message_set(message, "%s was replaced at this moment", s->path);
		close(*fd);
		return CACHE_BUSY;
	}
	if (status == CACHE_OK) {
		status = nobody_attached(*fd, s->path, &alone, message);
		if (status != CACHE_OK) {
			close(*fd);
		}
	}
	*found = alone ? SEGMENT_ALONE : SEGMENT_IN_USE;
	return status;
}

static enum cache_status open_registered(const struct segment_options *options, struct segment **segment, int *fd,
                                         enum segment_found *found, struct message *message, int directory, const char *path)
{
	const char *file = strrchr(path, '/') + 1;
	struct segment *s = find_mapped(path);
	enum cache_status status;

	if (s) {
		status = share(s, options, directory, fd, found, message);
		if (status == CACHE_OK) {
			s->users++;
			*segment = s;
		}
		return status;
	}
	s = calloc(1, sizeof *s);
	if (!s) {
		message_set(message, "%s", NO_MEMORY_OF_OURS);
		return CACHE_NO_MEMORY;
	}
	snprintf(s->path, sizeof s->path, "%s", path);
	status = open_file(s, directory, file, options, fd, found, message);
	if (status != CACHE_OK) {
		free(s);
		return status;
	}
	key_hash_make(&s->hash, &s->superblock->key, key_hash_has_aes());
	s->epoch = s->superblock->epoch;
	if (options->map_official) {
		s->official = official_map(s, *fd, options->official_writable);
	}
	/* Without it only what needs it is not to be had. */
	s->fd = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	touch_open(s);
	s->users = 1;
	s->next = registry;
	registry = s;
	*segment = s;
	return CACHE_OK;
}

enum cache_status segment_open(const struct segment_options *options, struct segment **segment, int *lock_fd,
                               enum segment_found *found, struct message *message)
{
	char path[sizeof((*segment)->path)];
	int directory;
	enum cache_status status = directory_open(options, path, sizeof path, &directory, message);

	if (status != CACHE_OK) {
		return status;
	}
	pthread_mutex_lock(&registry_lock);
	status = open_registered(options, segment, lock_fd, found, message, directory, path);
	pthread_mutex_unlock(&registry_lock);
	if (status == CACHE_OK && *found != SEGMENT_IN_USE) {
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
		official_unmap(s);
		munmap(s->base, s->geometry.file_length);
		touch_close(s);
		if (s->fd >= 0) {
			close(s->fd);
		}
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

bool segment_discard(struct segment *s)
{
	return !segment_is_current(s) || unlink(s->path) == 0 || errno == ENOENT;
}

bool segment_is_current(const struct segment *s)
{
	struct stat st;

	return lstat(s->path, &st) == 0 && st.st_ino == s->inode && st.st_dev == s->device &&
	       (uint64_t)st.st_size == s->geometry.file_length;
}

bool segment_is_whole(const struct segment *s)
{
	struct stat st;

	return s->fd < 0 || fstat(s->fd, &st) != 0 || (uint64_t)st.st_size >= s->geometry.file_length;
}

/* -1, or a description of our file. */
static int check_reopened(const struct segment *s, int fd)
{
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || st.st_ino != s->inode || st.st_dev != s->device)) {
		int error = errno;
		close(fd);
		errno = error;
		fd = -1;
	}
	return fd;
}

int segment_reopen(const struct segment *s)
{
	int fd = check_reopened(s, open(s->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC));

	if (fd < 0 && s->fd >= 0) {
		/* It was removed or renamed, and we are to go on in it: a child of fork() beside its parent. */
		char self[40];
		snprintf(self, sizeof self, "/proc/self/fd/%d", s->fd);
		fd = check_reopened(s, open(self, O_RDWR | O_CLOEXEC));
	}
	return fd;
}
