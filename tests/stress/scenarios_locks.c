/*
 * Named read/write locks.
 *
 * Of each scenario it is said through which views the lock "op" comes, each of them being what one store makes of the one
 * before. What must be left of a view by recovery follows from it: who is dead holds nothing and waits for nothing, and
 * a writer that died leaves its mark. Each state is also asked for the lock by a survivor who has not recovered anybody.
 */
#include "snapstep.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/store/named_lock.h"

#define LEASE_NS UINT64_C(1000000000)
#define WAIT_NS UINT64_C(3600000000000)
/* Of the monotonic clock, each time that it is looked at: places in a queue must outlast the stepping. */
#define TICK_NS 1000
/* Waiting for a dead owner's guard takes a millisecond. */
#define WAIT_EVERY 4u
/* Whoever tries what a living holder must refuse. */
#define PROBE_SLOT 3u

static void must(enum cache_status status)
{
	if (status != CACHE_OK) {
		die("cannot prepare: %s", cache_status_name(status));
	}
}

/* ---- what the lock looks like --------------------------------------------------------------------------- */

enum writer { NOBODY, MARKED, SURVIVOR, OTHER };

/* The survivor has slot 0. Whoever has another one is dead, or dies now. */
struct view {
	enum writer writer;
	uint32_t we_read, others_read, we_wait, others_wait;
};

static struct {
	struct view views[8];
	uint32_t count, seen, asked;
	uint64_t token, ticks;
	bool is_over;                /* the survivor's lease */
	struct store_lock_wish wish; /* that the survivor waits with */
} way;

static struct rwlock_record *record_of(const struct store *store, const char *name, uint32_t *number)
{
	struct store_key key = key_of(store, name);

	*number = rwlock_find(store->segment, rwlock_hash(key.hash));
	return *number == RWLOCK_NONE ? NULL : rwlock_record(store->segment, *number);
}

static bool bit_is_set(const struct segment *s, uint32_t record, enum rwlock_bits which, uint32_t slot)
{
	return rwlock_next(s, record, which, slot) == slot;
}

static bool waits_for(const struct segment *s, uint32_t slot, uint32_t record)
{
	return (load_relaxed(&rwlock_row(s, slot)->waiting) & 0xffff) == record + 1;
}

static struct view view_now(const struct store *store)
{
	const struct segment *s = store->segment;
	struct view view = {NOBODY, 0, 0, 0, 0};
	uint32_t number;
	struct rwlock_record *r = record_of(store, "op", &number);
	uint64_t writer = r ? load_relaxed(&r->writer) : 0;

	if (rwlock_is_held(writer)) {
		view.writer = rwlock_writer_slot(writer) == 0 ? SURVIVOR : OTHER;
	} else if (writer) {
		view.writer = MARKED;
	}
	for (uint32_t slot = 0; r && slot < rwlock_slots_used(s); slot++) {
		bool reads = bit_is_set(s, number, RWLOCK_READERS, slot) && rwlock_find_cell(s, slot, number);
		bool waits = bit_is_set(s, number, RWLOCK_WAITERS, slot) && waits_for(s, slot, number);
		*(slot == 0 ? &view.we_read : &view.others_read) += reads;
		*(slot == 0 ? &view.we_wait : &view.others_wait) += waits;
	}
	return view;
}

static bool same_view(struct view a, struct view b)
{
	return a.writer == b.writer && a.we_read == b.we_read && a.others_read == b.others_read && a.we_wait == b.we_wait &&
	       a.others_wait == b.others_wait;
}

/* What recovery leaves of it; alone: nobody has watched, the survivor is dead, too. */
static struct view recovered_view(struct view view, bool alone)
{
	view.others_read = view.others_wait = 0;
	if (alone) {
		view.we_read = view.we_wait = 0;
	}
	if (view.writer == OTHER || (alone && view.writer == SURVIVOR)) {
		view.writer = MARKED;
	}
	return view;
}

/* ---- the rules of the table ----------------------------------------------------------------------------- */

/* All from the slot `dead` on are to be gone. */
#define NOT_YET UINT32_MAX

static const char *check_readers(const struct segment *s, uint32_t number, uint32_t dead)
{
	bool written = rwlock_is_held(load_relaxed(&rwlock_record(s, number)->writer));

	for (uint32_t slot = 0; slot < rwlock_slots_used(s); slot++) {
		bool reads = bit_is_set(s, number, RWLOCK_READERS, slot);
		bool waits = bit_is_set(s, number, RWLOCK_WAITERS, slot);
		if (slot >= dead && (reads || waits)) {
			return "a bit of the dead is set";
		}
		if (reads && rwlock_find_cell(s, slot, number) && written) {
			return "it is held for reading and for writing";
		}
		if (reads && !rwlock_is_possible(s, slot, 0)) {
			return "a free slot holds it";
		}
	}
	return NULL;
}

static const char *check_record(const struct store *store, uint32_t number, uint32_t dead)
{
	const struct segment *s = store->segment;
	struct rwlock_record *r = rwlock_record(s, number);
	uint64_t hash = load_relaxed(&r->hash), writer = load_relaxed(&r->writer);
	bool whole = r->name_length <= RWLOCK_NAME_KEPT;

	if (hash && rwlock_find(s, hash) != number) {
		return "a name has two records, or is out of reach";
	}
	if (hash && whole && rwlock_hash(store_hash(store, r->name, r->name_length)) != hash) {
		return "a record has another name than its hash says";
	}
	if (load_relaxed(&r->token) > load_relaxed(&rwlock_table(s)->token)) {
		return "a token of a record was not given out";
	}
	if (rwlock_is_held(writer) ? !hash || !rwlock_is_possible(s, rwlock_writer_slot(writer), (uint32_t)(writer >> 32))
	                           : writer != 0 && writer != RWLOCK_ABANDONED) {
		return "nobody can be that writer";
	}
	if (rwlock_is_held(writer) && rwlock_writer_slot(writer) >= dead) {
		return "a dead one holds a lock for writing";
	}
	return check_readers(s, number, dead);
}

static const char *check_row(const struct segment *s, uint32_t slot, uint32_t dead)
{
	struct rwlock_row *row = rwlock_row(s, slot);
	uint64_t waiting = load_relaxed(&row->waiting);
	uint32_t record = (uint32_t)(waiting & 0xffff) - 1;

	if (waiting && (record >= RWLOCK_RECORDS || (waiting >> 16 != RWLOCK_READ && waiting >> 16 != RWLOCK_WRITE))) {
		return "somebody waits for no lock";
	}
	if (waiting && dead != NOT_YET && (slot >= dead || !bit_is_set(s, record, RWLOCK_WAITERS, slot))) {
		return "a dead one waits, or we do without a bit";
	}
	for (uint32_t i = 0; i < RWLOCK_HOLDS; i++) {
		uint64_t held = load_relaxed(&row->cells[i].held);
		record = rwlock_cell_record(held);
		if (held == 0) {
			continue;
		}
		if (held >> 8 == 0 || held >> 8 > load_relaxed(&rwlock_table(s)->token) ||
		    rwlock_find_cell(s, slot, record) != &row->cells[i]) {
			return "a cell is wrong";
		}
		if (dead != NOT_YET && (slot >= dead || !bit_is_set(s, record, RWLOCK_READERS, slot))) {
			return "a dead one has a cell, or we have one without a bit";
		}
	}
	return NULL;
}

static const char *check_table(const struct store *store, uint32_t dead)
{
	const struct segment *s = store->segment;
	const char *wrong = NULL;

	for (uint32_t i = 0; i < RWLOCK_RECORDS && !wrong; i++) {
		wrong = check_record(store, i, dead);
	}
	for (uint32_t slot = 0; slot < rwlock_slots_used(s) && !wrong; slot++) {
		wrong = check_row(s, slot, dead);
	}
	if (!wrong && dead != NOT_YET && load_relaxed(&rwlock_table(s)->guard.word) != 0) {
		wrong = "the guard is shut";
	}
	return wrong;
}

/* ---- what it is still worth ----------------------------------------------------------------------------- */

/* A living participant that is not the survivor tries. What it gets it gives back. */
static enum cache_status probe(struct world *w, struct store *store, enum rwlock_mode mode)
{
	static struct rwlock_holder holder;
	struct segment *s = store->segment;
	struct owner owner = store->owner;
	struct store_key key = key_of(store, "op");
	struct rwlock_attempt attempt = {
		.name = key.bytes, .length = key.length, .hash = rwlock_hash(key.hash), .mode = mode};
	uint32_t used = load_relaxed(&s->superblock->participants_used);
	enum cache_status status;

	/* Of another open file, to which the survivor's byte is locked. */
	owner.fd = w->alive_fd;
	owner.slot = PROBE_SLOT;
	owner.record = segment_participant(s, PROBE_SLOT);
	store_relaxed(&owner.record->state, SLOT_USED);
	if (used <= PROBE_SLOT) {
		store_relaxed(&s->superblock->participants_used, PROBE_SLOT + 1);
	}
	memset(&holder, 0, sizeof holder);
	holder.owner = &owner;
	status = rwlock_try(&holder, &attempt);
	if (status == CACHE_OK && rwlock_release(&holder, attempt.hash) != CACHE_OK) {
		status = CACHE_MISSING;
	}
	store_relaxed(&owner.record->state, SLOT_FREE);
	store_relaxed(&s->superblock->participants_used, used);
	return status;
}

static bool survivor_held(const struct world *w, uint64_t hash)
{
	for (uint32_t i = 0; w->a && i < w->a->locks.top; i++) {
		if (w->a->locks.holds[i].count && w->a->locks.holds[i].hash == hash) {
			return true;
		}
	}
	return false;
}

static const char *finish_own_hold(struct world *w, struct store *store, struct view view)
{
	struct store_key key = key_of(store, "op");
	bool held = view.writer == SURVIVOR || view.we_read;

	if (held && !way.is_over && probe(w, store, RWLOCK_WRITE) != CACHE_LOCKED) {
		return "somebody writes what the survivor holds";
	}
	if (held && !way.is_over && probe(w, store, RWLOCK_READ) != (view.we_read ? CACHE_OK : CACHE_LOCKED)) {
		return view.we_read ? "nobody else may read what the survivor reads"
		                    : "somebody reads what the survivor writes";
	}
	if (store_lock_release(store, &key) != (held ? CACHE_OK : CACHE_MISSING)) {
		return held ? "the survivor has lost its hold" : "the survivor still has what was taken over";
	}
	return NULL;
}

static const char *take(struct store *store, struct store_lock_wish *wish, enum cache_status status, bool marked)
{
	struct store_key key = key_of(store, "op");
	bool writes = wish->attempt.mode == RWLOCK_WRITE;

	if (status != CACHE_OK) {
		return "the survivor does not get the lock";
	}
	if (wish->attempt.token <= way.token) {
		return "a token is not higher than the last one";
	}
	way.token = wish->attempt.token;
	if (writes && wish->attempt.recovered != marked) {
		return marked ? "a writer's death is not told" : "a writer's death is told that was none";
	}
	return store_lock_release(store, &key) == CACHE_OK ? NULL : "the survivor has lost what it was given";
}

static const char *acquire(struct store *store, enum rwlock_mode mode, bool marked)
{
	struct store_key key = key_of(store, "op");
	struct store_lock_wish wish;
	enum cache_status status = store_lock_begin(store, &wish, &key, mode, 0, 0);

	return take(store, &wish, status, marked);
}

static const char *go_on(struct world *w, struct store *store, struct view view, bool alone)
{
	struct store_key key = key_of(store, "op");
	bool marked = view.writer == MARKED;
	struct rwlock_info info;
	const char *wrong = NULL;

	if (!alone && survivor_held(w, rwlock_hash(key.hash))) {
		wrong = finish_own_hold(w, store, view);
	}
	if (!wrong && view.we_wait) {
		struct store_lock_wish wish = way.wish;
		enum cache_status status = store_lock_try(store, &wish);
		wrong = take(store, &wish, status, marked);
		marked = marked && wish.attempt.mode == RWLOCK_READ;
	}
	wrong = wrong ? wrong : acquire(store, RWLOCK_READ, false);
	wrong = wrong ? wrong : acquire(store, RWLOCK_WRITE, marked);
	wrong = wrong ? wrong : acquire(store, RWLOCK_WRITE, false);
	if (!wrong && store_lock_info(store, &key, &info)) {
		wrong = "it is not free in the end";
	}
	return wrong ? wrong : check_table(store, alone ? 0 : 1);
}

/* ---- what is asked -------------------------------------------------------------------------------------- */

/* Nobody is recovered first: the dead are found by who wants what they hold. */
static const char *ask_at_once(struct world *w, struct store *store)
{
	static char text[128];
	bool shut = load_relaxed(&rwlock_table(store->segment)->guard.word) != 0;
	uint64_t token = way.token;
	const char *wrong;

	if (w->scenario->flags & SCENARIO_ALONE || (shut && way.asked++ % WAIT_EVERY != 0)) {
		return NULL;
	}
	wrong = go_on(w, store, recovered_view(way.views[way.seen], false), false);
	way.token = token;
	snprintf(text, sizeof text, "without a recovery before: %s", wrong ? wrong : "");
	return wrong ? text : NULL;
}

static const char *look_at_lock(struct world *w, struct store *store, bool recovered)
{
	uint64_t token = load_relaxed(&rwlock_table(store->segment)->token);
	struct view now = view_now(store);
	bool alone = store != w->b;
	const char *wrong = NULL;

	/* While somebody attaches alone there is nobody who could look. */
	if (recovered || !(w->scenario->flags & SCENARIO_ALONE)) {
		wrong = check_table(store, !recovered ? NOT_YET : alone ? 0 : 1);
	}
	w->host.ticks = way.ticks;
	if (token < way.token) {
		return "the last token is lower than it was";
	}
	way.token = token;
	if (recovered) {
		bool right = same_view(now, recovered_view(way.views[way.seen], alone));
		return wrong || right ? wrong : "recovery has left something else";
	}
	if (!same_view(now, way.views[way.seen])) {
		if (way.seen + 1 == way.count || !same_view(now, way.views[way.seen + 1])) {
			return "the lock is not on its way";
		}
		way.seen++;
	}
	return wrong ? wrong : ask_at_once(w, store);
}

static const char *finish_lock(struct world *w, struct store *store, bool done, bool alone)
{
	uint64_t token = way.token;
	const char *wrong = go_on(w, store, recovered_view(way.views[way.seen], alone), alone);

	(void)done;
	way.token = token; /* the next state knows nothing of it */
	return wrong;
}

static bool came_through(struct world *w)
{
	(void)w;
	return way.seen == way.count - 1;
}

/* ---- preparing ------------------------------------------------------------------------------------------ */

static void prepare_free(struct world *w)
{
	memset(&way, 0, sizeof way);
	model_put(&w->model, w->a, "a value", 40);
	w->host.hurry = 0;
	w->host.tick_ns = TICK_NS;
}

/* When the child is ready the lock looks like the first of them, in the end like the last one. */
static void views(struct world *w, const struct view *list, uint32_t count)
{
	way.ticks = w->host.ticks;
	way.count = count;
	memcpy(way.views, list, count * sizeof *list);
}
#define VIEWS(w, ...) \
	views(w, (const struct view[]){__VA_ARGS__}, sizeof((const struct view[]){__VA_ARGS__}) / sizeof(struct view))

static enum cache_status begin(struct world *w, const char *name, enum rwlock_mode mode, uint64_t wait, uint64_t lease)
{
	static struct store_lock_wish wish;
	struct store_key key = key_of(w->a, name);
	enum cache_status status = store_lock_begin(w->a, &wish, &key, mode, wait, lease);

	way.wish = wish;
	return status;
}

static void hold_reading(struct world *w)
{
	must(begin(w, "op", RWLOCK_READ, 0, 0));
}
static void hold_writing(struct world *w)
{
	must(begin(w, "op", RWLOCK_WRITE, 0, 0));
}
static void hold_reading_leased(struct world *w)
{
	must(begin(w, "op", RWLOCK_READ, 0, LEASE_NS));
}
static void hold_writing_leased(struct world *w)
{
	must(begin(w, "op", RWLOCK_WRITE, 0, LEASE_NS));
}

static void wait_for(struct world *w, enum rwlock_mode mode)
{
	if (begin(w, "op", mode, WAIT_NS, 0) != CACHE_LOCKED) {
		die("there is nothing to wait for");
	}
}
static void wait_to_read(struct world *w)
{
	wait_for(w, RWLOCK_READ);
}
static void wait_to_write(struct world *w)
{
	wait_for(w, RWLOCK_WRITE);
}

static void release_own(struct world *w)
{
	struct store_key key = key_of(w->a, "op");

	must(store_lock_release(w->a, &key));
}

/* A participant that dies when it has done that. */
static void kill_after(struct world *w, void (*act)(struct world *w))
{
	pid_t pid = fork_child();
	int status;

	if (pid == 0) {
		act(w);
		kill(getpid(), SIGKILL);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) {
		die("%s: the preparing process was not killed", w->scenario->name);
	}
}

/* ---- acquiring ------------------------------------------------------------------------------------------ */

static void act_read(struct world *w)
{
	w->shared->status = begin(w, "op", RWLOCK_READ, 0, 0);
}
static void act_write(struct world *w)
{
	w->shared->status = begin(w, "op", RWLOCK_WRITE, 0, 0);
}
static void act_read_longer(struct world *w)
{
	w->shared->status = begin(w, "op", RWLOCK_READ, 0, 2 * LEASE_NS);
}
static void act_write_longer(struct world *w)
{
	w->shared->status = begin(w, "op", RWLOCK_WRITE, 0, 2 * LEASE_NS);
}
static void act_wait_to_read(struct world *w)
{
	w->shared->status = begin(w, "op", RWLOCK_READ, WAIT_NS, 0);
}

static void prepare_read(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {0}, {.others_read = 1});
}
static void prepare_read_second(struct world *w)
{
	prepare_free(w);
	hold_reading(w);
	VIEWS(w, {.we_read = 1}, {.we_read = 1, .others_read = 1});
}
static void prepare_write(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {0}, {.writer = OTHER});
}
static void prepare_own_write(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.writer = OTHER});
}
static void prepare_own_read(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.others_read = 1});
}

/* The dead one is recovered before. */
static void prepare_abandoned(struct world *w)
{
	prepare_free(w);
	kill_after(w, hold_writing);
	owner_reap_all(&w->a->owner);
	VIEWS(w, {.writer = MARKED}, {.writer = OTHER});
}
static void prepare_abandoned_read(struct world *w)
{
	prepare_abandoned(w);
	way.views[1] = (struct view){.writer = MARKED, .others_read = 1};
}
static void prepare_dead_writer(struct world *w)
{
	prepare_free(w);
	kill_after(w, hold_writing);
	VIEWS(w, {.writer = OTHER}, {.writer = MARKED}, {.writer = OTHER});
}
static void prepare_dead_reader(struct world *w)
{
	prepare_free(w);
	kill_after(w, hold_reading);
	VIEWS(w, {.others_read = 1}, {0}, {.writer = OTHER});
}
static void prepare_late_writer(struct world *w)
{
	prepare_free(w);
	hold_writing_leased(w);
	w->host.ticks += LEASE_NS;
	way.is_over = true;
	VIEWS(w, {.writer = SURVIVOR}, {.writer = MARKED}, {.writer = OTHER});
}
static void prepare_late_reader(struct world *w)
{
	prepare_free(w);
	hold_reading_leased(w);
	w->host.ticks += LEASE_NS;
	way.is_over = true;
	VIEWS(w, {.we_read = 1}, {0}, {.writer = OTHER});
}

static void prepare_refused_by_writer(struct world *w)
{
	prepare_free(w);
	hold_writing(w);
	VIEWS(w, {.writer = SURVIVOR});
}
static void prepare_refused_by_reader(struct world *w)
{
	prepare_free(w);
	hold_reading(w);
	VIEWS(w, {.we_read = 1});
}

/* ---- records -------------------------------------------------------------------------------------------- */

/* Another name has the record where "op" is looked for first, and nobody wants that any more. */
static void prepare_used_record(struct world *w)
{
	uint64_t hash;
	struct store_key key;
	char name[32];
	uint32_t i = 0;

	prepare_free(w);
	hash = key_of(w->a, "op").hash;
	do {
		snprintf(name, sizeof name, "name:%u", i++);
		key = key_of(w->a, name);
	} while ((key.hash - hash) % RWLOCK_RECORDS != 0);
	must(begin(w, name, RWLOCK_WRITE, 0, 0));
	must(store_lock_release(w->a, &key));
	VIEWS(w, {0}, {.writer = OTHER});
}

/* The survivor has the first for reading. All others are abandoned, the second one for the longest time. */
static uint32_t full_from, full_to;

static const char *full_name(uint32_t i)
{
	static char name[32];

	snprintf(name, sizeof name, "full:%u", i);
	return name;
}
static void hold_many(struct world *w)
{
	for (uint32_t i = full_from; i < full_to; i++) {
		must(begin(w, full_name(i), RWLOCK_WRITE, 0, 0));
	}
}
static void prepare_full(struct world *w)
{
	prepare_free(w);
	for (full_from = 1; full_from < RWLOCK_RECORDS; full_from = full_to) {
		full_to = full_from + RWLOCK_HOLDS < RWLOCK_RECORDS ? full_from + RWLOCK_HOLDS : RWLOCK_RECORDS;
		kill_after(w, hold_many);
		owner_reap_all(&w->a->owner);
	}
	must(begin(w, full_name(0), RWLOCK_READ, 0, 0));
	VIEWS(w, {0}, {.writer = OTHER});
}
static const char *look_at_full(struct world *w, struct store *store, bool recovered)
{
	uint32_t number;

	/* Before anything else is asked, which may itself give a record to another name. */
	for (uint32_t i = 2; i < RWLOCK_RECORDS; i++) {
		struct rwlock_record *r = record_of(store, full_name(i), &number);
		if (!r || load_relaxed(&r->writer) != RWLOCK_ABANDONED) {
			return "a writer's death is forgotten that was not the oldest";
		}
	}
	if (store == w->b && (!record_of(store, full_name(0), &number) || !rwlock_find_cell(store->segment, 0, number) ||
	                      !bit_is_set(store->segment, number, RWLOCK_READERS, 0))) {
		return "a record in use was given away";
	}
	return look_at_lock(w, store, recovered);
}

static bool oldest_is_gone(struct world *w)
{
	uint32_t number;

	return came_through(w) && !record_of(w->a, full_name(1), &number);
}

/* ---- releasing ------------------------------------------------------------------------------------------ */

static void act_release(struct world *w)
{
	struct store_key key = key_of(w->a, "op");

	w->shared->status = store_lock_release(w->a, &key);
}

static void prepare_release_write(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.writer = OTHER}, {0});
}
static void prepare_release_read(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.others_read = 1}, {0});
}
static void prepare_release_read_second(struct world *w)
{
	prepare_free(w);
	hold_reading(w);
	VIEWS(w, {.we_read = 1, .others_read = 1}, {.we_read = 1});
}
static void prepare_release_write_waited(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.writer = OTHER, .we_wait = 1}, {.we_wait = 1});
}
static void prepare_release_read_waited(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.others_read = 1, .we_wait = 1}, {.we_wait = 1});
}

/* The survivor, who waits, need not wait for its slice to end. */
static bool woke_waiter(struct world *w)
{
	uint32_t number;
	struct rwlock_record *r = record_of(w->a, "op", &number);

	return came_through(w) && r && load_relaxed(&r->event) != way.wish.attempt.event;
}

/* The child's lease has passed, and the survivor has it. */
static void prepare_release_lost(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.writer = SURVIVOR});
}
static void take_over(struct world *w)
{
	w->host.ticks += LEASE_NS;
	way.ticks = w->host.ticks;
	hold_writing(w);
}

/* Holds of both kinds and a place in the queue. */
static void hold_several(struct world *w)
{
	must(begin(w, "first", RWLOCK_READ, 0, 0));
	must(begin(w, "op", RWLOCK_WRITE, 0, 0));
	must(begin(w, "last", RWLOCK_WRITE, 0, LEASE_NS));
	if (begin(w, "survivor's", RWLOCK_READ, WAIT_NS, 0) != CACHE_LOCKED) {
		die("there is nothing to wait for");
	}
}
static void prepare_release_all(struct world *w)
{
	prepare_free(w);
	must(begin(w, "survivor's", RWLOCK_WRITE, 0, 0));
	VIEWS(w, {.writer = OTHER}, {0});
}
static void act_release_all(struct world *w)
{
	store_lock_release_all(w->a);
}
static void act_close(struct world *w)
{
	store_close(w->a);
}

/* Nobody holds anything but the survivor. */
static bool all_is_released(struct world *w)
{
	struct rwlock_info info;
	uint32_t held = 0;

	for (uint32_t i = 0; i < RWLOCK_RECORDS; i++) {
		held += rwlock_describe(&w->a->locks, i, &info);
	}
	return came_through(w) && held == 1;
}

/* ---- waiting -------------------------------------------------------------------------------------------- */

static struct store_lock_wish waiter;

static void wait_and_keep(struct world *w)
{
	wait_to_write(w);
	waiter = way.wish;
}
static void act_wait_and_give_up(struct world *w)
{
	wait_and_keep(w);
	w->shared->status = store_lock_try(w->a, &waiter);
	store_lock_give_up(w->a, &waiter);
}
static void act_try_again(struct world *w)
{
	w->shared->status = store_lock_try(w->a, &waiter);
}

static void prepare_wait(struct world *w)
{
	prepare_free(w);
	hold_writing(w);
	VIEWS(w, {.writer = SURVIVOR}, {.writer = SURVIVOR, .others_wait = 1}, {.writer = SURVIVOR});
}
static void prepare_wait_granted(struct world *w)
{
	prepare_free(w);
	hold_writing(w);
	VIEWS(w, {.others_wait = 1}, {.writer = OTHER, .others_wait = 1}, {.writer = OTHER});
}
/* A waiter that came first, and died. */
static void prepare_dead_waiter(struct world *w)
{
	prepare_free(w);
	hold_reading(w);
	kill_after(w, wait_to_write);
	VIEWS(w, {.we_read = 1, .others_wait = 1}, {.we_read = 1, .others_wait = 2}, {.we_read = 1, .others_wait = 1},
	      {.we_read = 1, .others_read = 1, .others_wait = 1}, {.we_read = 1, .others_read = 1});
}

/* ---- recovery ------------------------------------------------------------------------------------------- */

static void act_reap_all(struct world *w)
{
	owner_reap_all(&w->a->owner);
}

static void prepare_recovery_of_writer(struct world *w)
{
	prepare_dead_writer(w);
	way.count = 2;
}
static void prepare_recovery_of_reader(struct world *w)
{
	prepare_dead_reader(w);
	way.count = 2;
}
static void prepare_recovery_of_waiter(struct world *w)
{
	prepare_free(w);
	hold_writing(w);
	kill_after(w, wait_to_write);
	VIEWS(w, {.writer = SURVIVOR, .others_wait = 1}, {.writer = SURVIVOR});
}
static void prepare_recovery_with_guard(struct world *w)
{
	prepare_free(w);
	world_kill_at(w, act_write, FAULT_AFTER_PUBLISH);
	VIEWS(w, {.writer = OTHER}, {.writer = MARKED});
}
static void prepare_recovery_before_write(struct world *w)
{
	prepare_free(w);
	world_kill_at(w, act_write, FAULT_BEFORE_PUBLISH);
	VIEWS(w, {0});
}
/* The survivor waits, and it is somebody else who recovers. */
static void prepare_recovery_waited(struct world *w)
{
	prepare_free(w);
	VIEWS(w, {.writer = OTHER, .we_wait = 1}, {.writer = MARKED, .we_wait = 1});
}
static void kill_writer_and_wait(struct world *w)
{
	struct store_key key = key_of(w->a, "op");
	struct rwlock_attempt attempt = {
		.name = key.bytes, .length = key.length, .hash = rwlock_hash(key.hash), .mode = RWLOCK_WRITE, .waits = true};
	uint64_t now = w->host.host.monotonic_ns(&w->host);

	kill_after(w, hold_writing);
	/* Not by a try, which would find the dead. */
	rwlock_queue_join(&w->a->owner, &attempt, rwlock_find(w->a->segment, attempt.hash), now);
	way.wish = (struct store_lock_wish){.attempt = attempt, .give_up_ns = STORE_WAIT_FOREVER};
}

/* All slots are those of the dead. Whoever attaches recovers the one that it takes. */
static void prepare_dead_readers(struct world *w)
{
	prepare_free(w);
	for (uint32_t i = 1; i < world_processes(w->scenario); i++) {
		kill_after(w, hold_reading);
	}
	VIEWS(w, {.others_read = 4}, {.others_read = 3});
}
static void act_attach(struct world *w)
{
	w->shared->status = store_enter(w->a);
}

static void act_open(struct world *w)
{
	w->a = open_store(w->folder_a, WORLD_BYTES, world_processes(w->scenario), &w->host.host);
}
static void hold_both(struct world *w)
{
	must(begin(w, "read", RWLOCK_READ, 0, 0));
	hold_writing(w);
}
static void prepare_reset(struct world *w)
{
	prepare_free(w);
	kill_after(w, hold_both);
	VIEWS(w, {.writer = OTHER}, {.writer = MARKED});
}

#define LOCK .look = look_at_lock, .finish = finish_lock

const struct scenario lock_scenarios[] = {
	{"named lock: read", prepare_read, act_read, came_through, .raises = {RAISES(named_locks_acquired)}, LOCK},
	{"named lock: read beside a reader", prepare_read_second, act_read, came_through,
     .raises = {RAISES(named_locks_acquired)}, LOCK},
	{"named lock: read beside my own write", prepare_own_write, act_read_longer, .ready = hold_writing_leased,
     .raises = {RAISES(named_locks_acquired)}, LOCK},
	{"named lock: read of an abandoned one", prepare_abandoned_read, act_read, came_through,
     .raises = {RAISES(named_locks_acquired)}, LOCK},
	{"named lock: write", prepare_write, act_write, came_through, .raises = {RAISES(named_locks_acquired)}, LOCK},
	{"named lock: write again", prepare_own_write, act_write_longer, .ready = hold_writing_leased,
     .raises = {RAISES(named_locks_acquired)}, LOCK},
	{"named lock: write of an abandoned one", prepare_abandoned, act_write, came_through,
     .raises = {RAISES(named_locks_recovered)}, LOCK},
	{"named lock: write of what a dead one writes", prepare_dead_writer, act_write, came_through,
     .raises = {RAISES(named_locks_recovered), RAISES(recoveries)}, LOCK},
	{"named lock: write of what a dead one reads", prepare_dead_reader, act_write, came_through,
     .raises = {RAISES(named_locks_acquired), RAISES(recoveries)}, LOCK},
	{"named lock: write after a writer's lease", prepare_late_writer, act_write, came_through,
     .raises = {RAISES(named_locks_lost), RAISES(named_locks_recovered)}, LOCK},
	{"named lock: write after a reader's lease", prepare_late_reader, act_write, came_through,
     .raises = {RAISES(named_locks_lost)}, LOCK},
	{"named lock: read refused", prepare_refused_by_writer, act_read, .status = CACHE_LOCKED, LOCK},
	{"named lock: write refused by a writer", prepare_refused_by_writer, act_write, .status = CACHE_LOCKED, LOCK},
	{"named lock: write refused by a reader", prepare_refused_by_reader, act_write, .status = CACHE_LOCKED, LOCK},
	{"named lock: write refused by my own read", prepare_own_read, act_write, .ready = hold_reading,
     .status = CACHE_UPGRADE, LOCK},
	{"named lock: write in the record of another name", prepare_used_record, act_write, came_through, LOCK},
	{"named lock: write in a full table", prepare_full, act_write, oldest_is_gone,
     .raises = {RAISES(named_locks_acquired)}, .look = look_at_full, .finish = finish_lock},
	{"named lock: release of a write", prepare_release_write, act_release, came_through, .ready = hold_writing, LOCK},
	{"named lock: release of a read", prepare_release_read, act_release, came_through, .ready = hold_reading, LOCK},
	{"named lock: release of a read beside a reader", prepare_release_read_second, act_release, came_through,
     .ready = hold_reading, LOCK},
	{"named lock: release of a write, a writer waiting", prepare_release_write_waited, act_release, woke_waiter,
     .ready = hold_writing, .meanwhile = wait_to_write, LOCK},
	{"named lock: release of a write, a reader waiting", prepare_release_write_waited, act_release, woke_waiter,
     .ready = hold_writing, .meanwhile = wait_to_read, LOCK},
	{"named lock: release of a read, a writer waiting", prepare_release_read_waited, act_release, woke_waiter,
     .ready = hold_reading, .meanwhile = wait_to_write, LOCK},
	{"named lock: release of a write that was lost", prepare_release_lost, act_release, .ready = hold_writing_leased,
     .meanwhile = take_over, .status = CACHE_MISSING, LOCK},
	{"named lock: release of a read that was lost", prepare_release_lost, act_release, .ready = hold_reading_leased,
     .meanwhile = take_over, .status = CACHE_MISSING, LOCK},
	{"named lock: release of everything", prepare_release_all, act_release_all, all_is_released, .ready = hold_several,
     LOCK},
	{"named lock: detach with holds", prepare_release_all, act_close, all_is_released, .ready = hold_several, LOCK},
	{"named lock: wait in vain", prepare_wait, act_wait_and_give_up, came_through, .status = CACHE_LOCKED,
     .raises = {RAISES(named_locks_waited)}, LOCK},
	{"named lock: wait that ends", prepare_wait_granted, act_try_again, came_through, .ready = wait_and_keep,
     .meanwhile = release_own, .raises = {RAISES(named_locks_acquired)}, LOCK},
	{"named lock: read past a dead waiter", prepare_dead_waiter, act_wait_to_read, came_through,
     .raises = {RAISES(named_locks_acquired), RAISES(recoveries)}, LOCK},
	{"named lock: recovery of a writer", prepare_recovery_of_writer, act_reap_all, came_through,
     .raises = {RAISES(recoveries)}, LOCK},
	{"named lock: recovery of a reader", prepare_recovery_of_reader, act_reap_all, came_through,
     .raises = {RAISES(recoveries)}, LOCK},
	{"named lock: recovery of a waiter", prepare_recovery_of_waiter, act_reap_all, came_through,
     .raises = {RAISES(recoveries)}, LOCK},
	{"named lock: recovery of a writer with the guard", prepare_recovery_with_guard, act_reap_all, came_through,
     .raises = {RAISES(recoveries)}, LOCK},
	{"named lock: recovery of a writer about to be one", prepare_recovery_before_write, act_reap_all,
     .raises = {RAISES(recoveries)}, LOCK},
	{"named lock: recovery of a writer that is waited for", prepare_recovery_waited, act_reap_all, woke_waiter,
     .meanwhile = kill_writer_and_wait, .raises = {RAISES(recoveries)}, LOCK},
	{"named lock: attach in the slot of a dead reader", prepare_dead_readers, act_attach, came_through,
     .flags = SCENARIO_UNATTACHED, .raises = {RAISES(recoveries)}, LOCK},
	{"named lock: attach alone after a writer's death", prepare_reset, act_open, came_through,
     .flags = SCENARIO_ALONE | SCENARIO_UNATTACHED, LOCK},
	{0},
};
