/*
 * The segments of a scenario, and what scenarios need to fill them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snapstep.h"

uint64_t world_seed = 1;

struct shard_ref world_shard(struct world *w)
{
	return shard_open(&w->a->owner, 0);
}

const char *world_name(struct world *w, uint32_t mask, uint32_t bits)
{
	static char name[32];

	do {
		snprintf(name, sizeof name, "key:%u", w->names++);
	} while ((hash_bucket_bits(store_hash(w->a, name, strlen(name))) & mask) != bits);
	return name;
}

void world_populate(struct world *w)
{
	static const uint32_t sizes[] = {24, 40, 40, 90, 91, 200, 450, 1500, 3000, 5000};

	for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		model_put(&w->model, w->a, world_name(w, 0, 0), sizes[i]);
	}
	for (uint32_t i = 0; i < 4; i++) {
		model_put_int(&w->model, w->a, world_name(w, 0, 0), INT64_MAX >> i * 8);
	}
}

void world_put(struct world *w, uint32_t number, uint32_t size)
{
	while (number-- > 0) {
		model_put(&w->model, w->a, world_name(w, 0, 0), size);
	}
}

void world_note_gone(struct world *w)
{
	for (uint32_t i = 0; i < w->model.count; i++) {
		struct store_key key = key_of(w->a, w->model.keys[i].name);
		struct store_entry entry;
		/* Not store_get(): it would count as a hit. */
		if (store_inspect(w->a, &key, &entry) == CACHE_OK) {
			store_unpin(w->a, entry.view.pin);
		} else {
			w->model.keys[i].states[0].present = false;
		}
	}
}

void act_last_state(struct world *w)
{
	w->shared->status = model_act(w->a, w->op, w->op->count - 1u);
}

void world_pin(struct world *w, const struct model_key *k)
{
	struct store_key key = key_of(w->a, k->name);
	struct store_view view;
	struct pinned *p = &w->pinned[w->pinned_count++];

	if (w->pinned_count > PINNED_MAX || store_get(w->a, &key, &view) != CACHE_OK || view.pin == 0) {
		die("cannot pin %s", k->name);
	}
	*p = (struct pinned){
		.at = (uint64_t)(view.bytes - w->a->segment->base),
		.size = (uint32_t)view.size,
		.owner = k->owner,
		.slot = w->a->owner.slot,
	};
	if (!value_check(view.bytes, view.size, p->owner, &p->number)) {
		die("%s is damaged", k->name);
	}
}

void world_attach_child(void *context)
{
	struct world *w = context;

	if (w->op && w->op->states[w->op->count - 1].size > 0) {
		value_of(w->op->owner, (uint64_t)w->op->states[w->op->count - 1].number, w->op->states[w->op->count - 1].size);
	}
	if (w->a) {
		bool no_growth = w->host.no_growth;
		w->host.no_growth = false;
		store_unpin_all(w->a);
		if (store_enter(w->a) != CACHE_OK) {
			die("the child cannot attach");
		}
		store_leave(w->a);
		w->host.no_growth = no_growth;
	}
}

struct call {
	struct world *w;
	void (*act)(struct world *w);
};

static void attach_call(void *context)
{
	world_attach_child(((struct call *)context)->w);
}
static void act_call(void *context)
{
	((struct call *)context)->act(((struct call *)context)->w);
}

static void step_until(struct world *w, void (*act)(struct world *w), bool (*when)(struct world *w), uint32_t states)
{
	struct call call = {w, act};
	struct stepped stepped;

	stepped_start(&stepped, attach_call, act_call, &call);
	watch_changed(&w->watch);
	while (states > 0) {
		if (!step_to_store(&stepped, &w->watch)) {
			die("%s: the state to be killed in did not come", w->scenario->name);
		}
		states -= watch_changed(&w->watch) && any_lock_held(w->a) && (!when || when(w));
	}
	stepped_end(&stepped);
}

void world_kill_locked(struct world *w, void (*act)(struct world *w), uint32_t state)
{
	step_until(w, act, NULL, state);
}

void world_kill_when(struct world *w, void (*act)(struct world *w), bool (*when)(struct world *w))
{
	step_until(w, act, when, 1);
}

static void kill_myself(struct test_host *host, enum cache_fault point)
{
	(void)host;
	(void)point;
	kill(getpid(), SIGKILL);
}

void world_kill_at(struct world *w, void (*act)(struct world *w), enum cache_fault point)
{
	pid_t pid = fork_child();
	int status;

	if (pid == 0) {
		w->host.on_fault = kill_myself;
		w->host.awaited = point;
		act(w);
		die("the fault point was not reached");
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) {
		die("%s: the preparing process was not killed", w->scenario->name);
	}
}

/* ---- the three segments --------------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
	static char buffer[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;
	off_t at = 0;

	if (in < 0 || out < 0 || fstat(in, &st) != 0 || ftruncate(out, st.st_size) != 0) {
		die("cannot copy %s to %s: %s", from, to, strerror(errno));
	}
	while ((at = lseek(in, at, SEEK_DATA)) >= 0) {
		ssize_t got = pread(in, buffer, sizeof buffer, at);
		if (got <= 0 || pwrite(out, buffer, (size_t)got, at) != got) {
			die("cannot copy %s to %s: %s", from, to, strerror(errno));
		}
		at += got;
	}
	close(in);
	close(out);
}

void world_open(struct world *w, const struct scenario *scenario)
{
	memset(w, 0, sizeof *w);
	w->scenario = scenario;
	test_host_init(&w->host, world_seed);
	w->shared = shared_memory(sizeof *w->shared);
	w->folder_a = make_folder();
	w->folder_b = make_folder();
	w->folder_c = make_folder();
	w->a = open_store(w->folder_a, WORLD_BYTES, world_processes(w->scenario), &w->host.host);
	snprintf(w->path_a, sizeof w->path_a, "%s", w->a->segment->path);
	snprintf(w->path_c, sizeof w->path_c, "%s%s", w->folder_c, strrchr(w->path_a, '/'));
	watch_open(&w->watch, w->a->segment);
	w->host.no_growth = w->scenario->flags & SCENARIO_SMALL;
}

void world_copy(struct world *w)
{
	bool no_growth = w->host.no_growth;
	char path_b[1024];
	struct stat st;
	int fd;

	snprintf(path_b, sizeof path_b, "%s%s", w->folder_b, strrchr(w->path_a, '/'));
	copy_file(w->path_a, path_b);
	copy_file(w->path_a, w->path_c);
	w->host.no_growth = false;
	w->b = open_store(w->folder_b, WORLD_BYTES, world_processes(w->scenario), &w->host.host);
	w->host.no_growth = no_growth;
	if (w->b->owner.slot != 0) {
		die("the survivor did not get slot 0");
	}
	w->alive_fd = open(path_b, O_RDWR | O_CLOEXEC);
	fd = open(w->path_c, O_RDWR | O_CLOEXEC);
	if (w->alive_fd < 0 || fd < 0 || fstat(fd, &st) != 0) {
		die("cannot open the copies: %s", strerror(errno));
	}
	w->c_inode = st.st_ino;
	w->c_base = mmap(NULL, w->watch.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (w->c_base == MAP_FAILED) {
		die("cannot map %s: %s", w->path_c, strerror(errno));
	}
}

void world_close(struct world *w)
{
	if (w->a) {
		store_close(w->a);
	}
	if (w->b) {
		store_close(w->b);
	}
	if (w->c_base) {
		munmap(w->c_base, w->watch.length);
		close(w->alive_fd);
	}
	watch_close(&w->watch);
	munmap(w->shared, sizeof *w->shared);
	remove_folder(w->folder_a);
	remove_folder(w->folder_b);
	remove_folder(w->folder_c);
}

void world_load_b(struct world *w)
{
	struct owner *o = &w->b->owner;

	watch_write(&w->watch, w->b->segment->base);
	o->pin_count = load_relaxed(&o->record->pins);
	o->pin_free = WRITER_PINS;
	memset(w->b->reserves, 0, sizeof w->b->reserves);
	if (w->a) {
		w->b->locks = w->a->locks;
		w->b->locks.owner = o;
	}
}
