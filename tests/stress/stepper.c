#define _GNU_SOURCE
#include "stepper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
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

static int await_stop(struct stepped *s)
{
	int status;

	if (waitpid(s->pid, &status, __WALL) != s->pid || !WIFSTOPPED(status)) {
		die("the stepped process ended by itself: status %#x", status);
	}
	return status;
}

/* Whatever it stops for, a signal that it was about to get is not delivered. */
static int resume(struct stepped *s, enum __ptrace_request how)
{
	if (ptrace(how, s->pid, NULL, NULL) != 0) {
		die("cannot step: %s", strerror(errno));
	}
	return await_stop(s);
}

void stepped_start(struct stepped *s, void (*before)(void *context), void (*act)(void *context), void *context)
{
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
	    ptrace(PTRACE_SETOPTIONS, s->pid, NULL,
	           (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD)) != 0) {
		die("the stepped process did not start");
	}
}

static bool has_forked(struct stepped *s, int status)
{
	unsigned long child;

	if (status >> 8 != (SIGTRAP | PTRACE_EVENT_FORK << 8)) {
		return false;
	}
	ptrace(PTRACE_GETEVENTMSG, s->pid, NULL, &child);
	s->forked = (pid_t)child;
	waitpid(s->forked, &status, __WALL);
	return true;
}

/* False: it is at its end. */
static bool is_trap(int status)
{
	if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP) {
		die("the stepped process got signal %d", WSTOPSIG(status));
	}
	return WSTOPSIG(status) == SIGTRAP;
}

bool step(struct stepped *s)
{
	int status = resume(s, PTRACE_SINGLESTEP);

	s->steps++;
	return has_forked(s, status) || is_trap(status);
}

void stepped_switch(struct stepped *s)
{
	pid_t parent = s->pid;

	s->pid = s->forked;
	s->forked = parent;
	s->in_call = false;
}

void stepped_end(struct stepped *s)
{
	kill_child(s->pid);
	if (s->forked) {
		kill_child(s->forked);
	}
	s->pid = s->forked = 0;
}

/* ---- from store to store -------------------------------------------------------------------------------- */

#ifdef __x86_64__

/*
 * The process runs at full speed with its mapping of the segment made read-only: a store traps, the page is opened for the
 * one instruction and closed again. That nothing is missed is checked: the segment never changes between two of them.
 */

/* What the process is made to run to change the protection. It has the same program as we do. */
void stepped_call(void);
__asm__(".pushsection .text\n"
        "stepped_call: syscall\n"
        ".popsection\n");

static void get_registers(const struct stepped *s, struct user_regs_struct *registers)
{
	if (ptrace(PTRACE_GETREGS, s->pid, NULL, registers) != 0) {
		die("cannot read the registers: %s", strerror(errno));
	}
}

static void set_registers(const struct stepped *s, struct user_regs_struct *registers)
{
	if (ptrace(PTRACE_SETREGS, s->pid, NULL, registers) != 0) {
		die("cannot write the registers: %s", strerror(errno));
	}
}

/* In the stepped process, which is stopped. */
static void protect(struct stepped *s, uint64_t from, uint64_t to, int protection)
{
	struct user_regs_struct kept, call;

	get_registers(s, &kept);
	call = kept;
	call.rip = (uintptr_t)stepped_call;
	call.orig_rax = UINT64_MAX; /* it is in no call that the kernel might begin anew */
	call.rax = SYS_mprotect;
	call.rdi = from;
	call.rsi = to - from;
	call.rdx = (unsigned)protection;
	set_registers(s, &call);
	if (WSTOPSIG(resume(s, PTRACE_SINGLESTEP)) != SIGTRAP) {
		die("the stepped process cannot call");
	}
	get_registers(s, &call);
	if (call.rax != 0) {
		die("the stepped process cannot change the protection: %s", strerror(-(int)call.rax));
	}
	set_registers(s, &kept);
}

static void close_mapping(struct stepped *s, uint64_t from, uint64_t to)
{
	if (s->closed_count == CLOSED_MAX) {
		die("the stepped process maps the segment too often");
	}
	protect(s, from, to, PROT_READ);
	s->closed[s->closed_count].from = from;
	s->closed[s->closed_count++].to = to;
}

/* What the process has mapped for writing by now, and is not closed. */
static void close_mappings(struct stepped *s, const struct watch *w)
{
	char path[64], line[512];
	struct stat st;
	FILE *maps;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)s->pid);
	maps = fopen(path, "re");
	if (!maps || fstat(w->fd, &st) != 0) {
		die("cannot read %s: %s", path, strerror(errno));
	}
	while (fgets(line, sizeof line, maps)) {
		uint64_t from, to;
		unsigned long inode;
		if (sscanf(line, "%lx-%lx rw-s %*x %*x:%*x %lu", &from, &to, &inode) == 3 && inode == st.st_ino) {
			close_mapping(s, from, to);
		}
	}
	fclose(maps);
}

/* A store into what is read-only by itself, such as the mapping that values are read by, is a fault. */
static bool is_closed(const struct stepped *s, uint64_t at)
{
	for (uint32_t i = 0; i < s->closed_count; i++) {
		if (at >= s->closed[i].from && at < s->closed[i].to) {
			return true;
		}
	}
	return false;
}

/* A store that trapped: it is made. Several pages: it lies across their border. */
static void make_store(struct stepped *s)
{
	uint64_t opened[4];
	unsigned count = 0;
	int status;

	do {
		siginfo_t info;
		if (ptrace(PTRACE_GETSIGINFO, s->pid, NULL, &info) != 0 || !is_closed(s, (uintptr_t)info.si_addr) || count == 4) {
			die("the stepped process got signal %d", SIGSEGV);
		}
		opened[count] = (uintptr_t)info.si_addr & ~(uint64_t)(OS_PAGE - 1);
		protect(s, opened[count], opened[count] + OS_PAGE, PROT_READ | PROT_WRITE);
		count++;
		status = resume(s, PTRACE_SINGLESTEP);
	} while (WSTOPSIG(status) == SIGSEGV);
	if (WSTOPSIG(status) != SIGTRAP) {
		die("the stepped process got signal %d", WSTOPSIG(status));
	}
	while (count-- > 0) {
		protect(s, opened[count], opened[count] + OS_PAGE, PROT_READ);
	}
}

#define NO_CALL UINT64_MAX

/* The call of the kernel that has ended at this stop. */
static uint64_t ended_call(struct stepped *s, int status)
{
	struct user_regs_struct registers;

	if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
		return NO_CALL;
	}
	s->in_call = !s->in_call;
	if (s->in_call) {
		return NO_CALL;
	}
	get_registers(s, &registers);
	return registers.orig_rax;
}

bool step_to_store(struct stepped *s, struct watch *w)
{
	if (s->steps++ == 0) {
		close_mappings(s, w);
	}
	for (;;) {
		int status = resume(s, PTRACE_SYSCALL);
		uint64_t call = ended_call(s, status);
		if (call == SYS_pwrite64) {
			return true; /* a store by the kernel: of the body of a block that no index word names, see fill.c */
		}
		if (watch_changed(w)) {
			die("the segment changed without a store that traps");
		}
		if (has_forked(s, status)) {
			return true;
		}
		if (WSTOPSIG(status) == SIGSEGV) {
			make_store(s);
			return true;
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			return is_trap(status);
		}
		if (call == SYS_mmap || call == SYS_mremap) {
			close_mappings(s, w);
		}
	}
}

#else

bool step_to_store(struct stepped *s, struct watch *w)
{
	(void)w;
	return step(s);
}

#endif

/* --------------------------------------------------------------------------------------------------------- */

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
