#define _GNU_SOURCE
#include "stepper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the file ------------------------------------------------------------------------------------------- */

static void add_extent(struct watch *w, uint64_t from, uint64_t to)
{
	if (w->extent_count == EXTENTS_MAX) {
		die("the segment has more parts than are watched");
	}
	w->extents[w->extent_count].from = from & ~(uint64_t)(OS_PAGE - 1);
	w->extents[w->extent_count++].to = (to + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);
}

/* A table of the slots: those that were used, and those of guests. */
static void add_slots(struct watch *w, uint64_t at, uint64_t each, uint32_t used)
{
	uint32_t guests = w->geometry.participants - GUEST_SLOTS;

	add_extent(w, at, at + used * each);
	add_extent(w, at + guests * each, at + w->geometry.participants * each);
}

/* Only what has memory: looking at a hole of a mapped tmpfs file fills it. SEEK_DATA does not know what was taken by
 * fallocate() and not written yet; the segment does. */
static void find_extents(struct watch *w)
{
	const struct geometry *g = &w->geometry;
	const struct superblock *b = (const struct superblock *)w->base;
	struct segment segment = {.base = w->base, .geometry = *g};
	struct owner nobody = {.segment = &segment, .slot = NO_SLOT};
	uint32_t used = load_relaxed(&b->participants_used);

	w->extent_count = 0;
	add_extent(w, 0, OS_PAGE);
	for (uint32_t i = 0; i < g->shards; i++) {
		struct shard_ref r = shard_open(&nobody, i);
		uint64_t at = g->shards_at + i * g->shard_stride;
		add_extent(w, at, at + g->arena_at + (uint64_t)load_relaxed(&r.shard->pages_ready) * PAGE_BYTES);
	}
	add_extent(w, g->tags_at, g->lock_rows_at); /* tags, leases, named locks */
	add_extent(w, g->queue_at, g->jobs_at);
	add_extent(w, g->jobs_at, g->jobs_at + (uint64_t)queue_jobs_ready(&segment) * sizeof(struct queue_job));
	add_extent(w, g->chunks_at, g->chunks_at + (uint64_t)queue_chunks_ready(&segment) * sizeof(struct queue_chunk));
	add_slots(w, g->lock_rows_at, sizeof(struct rwlock_row), used);
	add_slots(w, g->participants_at, sizeof(struct participant), used);
	add_slots(w, g->pins_at, PIN_TABLE_BYTES, used);
}

void watch_open(struct watch *w, const struct segment *segment)
{
	const char *path = segment->path;
	struct stat st;

	w->geometry = segment->geometry;
	w->fd = open(path, O_RDWR | O_CLOEXEC);
	if (w->fd < 0 || fstat(w->fd, &st) != 0) {
		die("%s: %s", path, strerror(errno));
	}
	w->length = (size_t)st.st_size;
	w->base = mmap(NULL, w->length, PROT_READ | PROT_WRITE, MAP_SHARED, w->fd, 0);
	w->shadow = mmap(NULL, w->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->base == MAP_FAILED || w->shadow == MAP_FAILED) {
		die("cannot map %s: %s", path, strerror(errno));
	}
	if (w->geometry.shards + 11 > EXTENTS_MAX) {
		die("the segment has too many shards");
	}
	watch_changed(w);
}

void watch_close(struct watch *w)
{
	munmap(w->base, w->length);
	munmap(w->shadow, w->length);
	close(w->fd);
}

bool watch_changed(struct watch *w)
{
	bool changed = false;

	find_extents(w);
	for (uint32_t i = 0; i < w->extent_count; i++) {
		for (size_t at = w->extents[i].from; at < w->extents[i].to; at += OS_PAGE) {
			if (memcmp(w->base + at, w->shadow + at, OS_PAGE) != 0) {
				memcpy(w->shadow + at, w->base + at, OS_PAGE);
				changed = true;
			}
		}
	}
	return changed;
}

void watch_write(const struct watch *w, char *base)
{
	for (uint32_t i = 0; i < w->extent_count; i++) {
		memcpy(base + w->extents[i].from, w->shadow + w->extents[i].from, w->extents[i].to - w->extents[i].from);
	}
}

/* ---- the process ---------------------------------------------------------------------------------------- */

static void stay_on_one_cpu(void)
{
	cpu_set_t set;

	/* A step is two switches between the processes: cheaper on one CPU. */
	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	sched_setaffinity(0, sizeof set, &set);
}

static int await_stop(struct stepped *s)
{
	int status;

	if (waitpid(s->pid, &status, __WALL) != s->pid || !WIFSTOPPED(status)) {
		die("the stepped process ended by itself: status %#x", status);
	}
	return status;
}

void stepped_start(struct stepped *s, void (*before)(void *context), void (*act)(void *context), void *context)
{
	stay_on_one_cpu();
	*s = (struct stepped){.pid = fork_child()};
	if (s->pid == 0) {
		if (before) {
			before(context);
		}
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			die("ptrace is not allowed: %s", strerror(errno));
		}
		raise(SIGSTOP);
		act(context);
		raise(SIGSTOP);
		_exit(0);
	}
	if (WSTOPSIG(await_stop(s)) != SIGSTOP ||
	    ptrace(PTRACE_SETOPTIONS, s->pid, NULL, (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK)) != 0) {
		die("the stepped process did not start");
	}
}

bool step(struct stepped *s)
{
	int status;

	if (ptrace(PTRACE_SINGLESTEP, s->pid, NULL, NULL) != 0) {
		die("cannot step: %s", strerror(errno));
	}
	s->instructions++;
	status = await_stop(s);
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8)) {
		unsigned long child;
		int child_status;
		ptrace(PTRACE_GETEVENTMSG, s->pid, NULL, &child);
		s->forked = (pid_t)child;
		waitpid(s->forked, &child_status, __WALL);
		return true;
	}
	if (WSTOPSIG(status) == SIGTRAP) {
		return true;
	}
	if (WSTOPSIG(status) != SIGSTOP) {
		die("the stepped process got signal %d", WSTOPSIG(status));
	}
	return false;
}

void stepped_switch(struct stepped *s)
{
	pid_t parent = s->pid;

	s->pid = s->forked;
	s->forked = parent;
}

void stepped_end(struct stepped *s)
{
	kill_child(s->pid);
	if (s->forked) {
		kill_child(s->forked);
	}
	s->pid = s->forked = 0;
}

#define TUNABLES                                                                                 \
	"glibc.cpu.x86_rep_movsb_threshold=0x10000000:glibc.cpu.x86_rep_stosb_threshold=0x10000000:" \
	"glibc.cpu.x86_non_temporal_threshold=0xf000000"

void step_by_wide_stores(char **arguments)
{
	const char *now = getenv("GLIBC_TUNABLES");

	/* `rep movsb` traps after each byte. */
	if (!now || strcmp(now, TUNABLES) != 0) {
		setenv("GLIBC_TUNABLES", TUNABLES, 1);
		execv("/proc/self/exe", arguments);
		die("cannot run myself again: %s", strerror(errno));
	}
}
