/* Workloads of several processes: waiting, recovery after the dead, guests, fork. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "workloads.h"

/* Of a helper, whose opening may fail as well: then it goes, and whoever waits for it goes on. */
static struct store *open_or_leave(struct world *w, int flag)
{
	struct store *store = try_open(w);

	if (!store) {
		raise_flag(w, flag);
		_exit(0);
	}
	return store;
}

/* Where nothing must be noticed, waits may be long; and end as soon as there is something, not with the time. */
#define STRICT_WAIT_NS (40000 * MS)
#define STRICT_LIMIT_MS 25000

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void must_be_short(struct world *w, uint64_t begun)
{
	uint64_t took = now_ms() - begun;

	MUST(!w->strict || took < STRICT_LIMIT_MS, "a wait took %u ms", (unsigned)took);
}

/* ---- waiting -------------------------------------------------------------------------------------------- */

/* Takes a shard's lock away from the others for some time. */
static void hold_shard(struct world *w, struct store *none)
{
	struct store *store = open_or_leave(w, 2);
	struct shard_ref r = shard_open(&store->owner, 0);

	(void)none;
	if (!store->owner.guest) {
		MUST(shard_lock(&r) == CACHE_OK || world_fault_hit(), "");
		raise_flag(w, 2);
		sleep_ms(8);
		if (lock_owner(&r.shard->lock) == store->owner.slot) {
			shard_unlock(&r);
		}
	}
	raise_flag(w, 2);
	store_close(store);
}

void wait_for_lock(struct world *w)
{
	struct store *store = try_open(w);
	pid_t holder;

	if (!store) {
		return;
	}
	holder = child(w, hold_shard, NULL);
	await_flag(w, 2);
	put(w, store, 1, 5000);
	put(w, store, 2, 500);
	delete (w, store, 3);
	join(holder, false);
	get_all(w, store, 40);
	store_close(store);
}

static void hold_lease(struct world *w, struct store *none)
{
	struct store *store = open_or_leave(w, 2);
	struct store_key k = name_of(store, "leased");
	int64_t lease = store_lease(store, &k, 10000 * MS);

	(void)none;
	MUST(lease > 0 || world_fault_hit(), "%lld", (long long)lease);
	raise_flag(w, 2);
	sleep_ms(8);
	MUST(store_lease_release(store, &k, (uint64_t)lease) || world_fault_hit(), "");
	store_close(store);
}

/* What is called again and again while it says that there is a lease. */
void wait_for_lease(struct world *w)
{
	struct store *store = try_open(w);
	struct store_key k;
	pid_t holder;

	if (!store) {
		return;
	}
	k = name_of(store, "leased");
	holder = child(w, hold_lease, NULL);
	await_flag(w, 2);
	uint64_t begun = now_ms();
	for (unsigned i = 0; store_lease_wait(store, &k, w->strict ? STRICT_WAIT_NS : 30 * MS); i++) {
		MUST(i < 100000, "waits for ever");
	}
	must_be_short(w, begun);
	join(holder, false);
	MUST(store_lease(store, &k, MS) > 0 || world_fault_hit(), "a lease that nobody has cannot be had");
	store_release_leases(store);
	store_close(store);
}

static void push_later(struct world *w, struct store *none)
{
	struct store *store = open_or_leave(w, 2);
	struct store_key queue = name_of(store, "queue"), k = name_of(store, "late");
	struct store_job job = {.queue = &queue, .key = &k, .payload = "p", .payload_length = 1};

	(void)none;
	sleep_ms(8);
	w->flags[3] = store_queue_push(store, &job) == QUEUE_PUSH_QUEUED;
	store_close(store);
}

static enum cache_status pop(struct store *store, uint64_t wait_ns, struct queue_taken *taken)
{
	struct store_key queue = name_of(store, "queue");
	struct store_queue_wish wish;
	enum cache_status status = store_queue_begin(store, &wish, &queue, 1, wait_ns, 60000 * MS, taken);

	while (status == CACHE_MISSING && store_queue_sleep(store, &wish)) {
		status = store_queue_try(store, &wish, taken);
	}
	store_queue_deafen(store);
	return status;
}

/* A job that was acknowledged to its pusher is found by somebody who waits, whatever wake is lost. */
void wait_for_job(struct world *w)
{
	struct store *store = try_open(w);
	struct queue_taken taken;
	enum cache_status status;
	pid_t pusher;

	if (!store) {
		return;
	}
	uint64_t begun = now_ms();
	pusher = child(w, push_later, NULL);
	status = pop(store, w->strict ? STRICT_WAIT_NS : 3000 * MS, &taken);
	must_be_short(w, begun);
	join(pusher, false);
	if (status != CACHE_OK && w->flags[3]) {
		/* It failed while it waited; the job is there all the same. */
		MUST(world_fault_hit(), "%s", cache_status_name(status));
		fault_disarm();
		status = pop(store, 1000 * MS, &taken);
		MUST(status == CACHE_OK, "a job that was queued is lost: %s", cache_status_name(status));
	}
	if (status == CACHE_OK) {
		MUST(store_queue_ack(store, taken.id, taken.token) || world_fault_hit(), "");
	}
	store_close(store);
}

/* ---- jobs ----------------------------------------------------------------------------------------------- */

static bool any_letter(void *context, const struct queue_taken *letter)
{
	(void)letter;
	++*(unsigned *)context;
	return true;
}

void run_jobs(struct world *w)
{
	struct store *store = try_open(w);
	struct store_key queue, keys[6];
	struct queue_taken taken;
	struct queue_info info;
	unsigned letters = 0, queued = 0, done = 0;
	char payload[300], text[16];

	if (!store) {
		return;
	}
	queue = name_of(store, "queue");
	memset(payload, 'x', sizeof payload);
	for (unsigned i = 0; i < 6; i++) {
		keys[i] = key_of(store, i);
		struct store_job job = {.queue = &queue, .key = &keys[i], .payload = payload, .payload_length = i * 50};
		enum queue_pushed pushed = store_queue_push(store, &job);
		MUST(pushed == QUEUE_PUSH_QUEUED || (pushed == QUEUE_PUSH_FULL && world_fault_hit()), "%d", pushed);
		queued += pushed == QUEUE_PUSH_QUEUED;
	}
	for (unsigned i = 0; i < 12 && pop(store, 0, &taken) == CACHE_OK; i++) {
		MUST(taken.payload_length % 50 == 0 && taken.payload_length < sizeof payload && taken.key_length < sizeof text,
		     "");
		MUST(store_queue_read(store, &taken, text, payload, NULL), "a job of ours cannot be read");
		MUST(store_queue_extend(store, taken.id, taken.token, 90000 * MS) || world_fault_hit(), "");
		if (taken.payload_length >= 150) {
			bool acked = store_queue_ack(store, taken.id, taken.token);
			MUST(acked || world_fault_hit(), "");
			MUST(!(acked && store_queue_ack(store, taken.id, taken.token)), "acknowledged twice");
			done += acked;
		} else {
			MUST(store_queue_fail(store, taken.id, taken.token, "broken", 6, 0) || world_fault_hit(), "");
		}
	}
	MUST((queued == 6 && done == 3) || world_fault_hit(), "%u queued, %u done", queued, done);
	enum cache_status status = store_queue_letters(store, &queue, 10, any_letter, &letters);
	ONE_OF(status, CACHE_OK, CACHE_NO_MEMORY);
	MUST(letters == 3 || world_fault_hit(), "%u dead letters", letters);
	(void)store_queue_revive(store, &queue, &keys[0]);
	(void)store_queue_purge(store, &queue, true);
	(void)store_queue_purge(store, &queue, false);
	store_queue_info(store, &queue, &info);
	MUST((info.waiting == 0 && info.dead == 0) || world_fault_hit(), "%u waiting, %u dead after the purge",
	     (unsigned)info.waiting, (unsigned)info.dead);
	store_close(store);
}

/* ---- named locks ---------------------------------------------------------------------------------------- */

static enum cache_status lock(struct store *store, const char *name, enum rwlock_mode mode, uint64_t wait_ns)
{
	struct store_key k = name_of(store, name);
	struct store_lock_wish wish;
	enum cache_status status = store_lock_begin(store, &wish, &k, mode, wait_ns, 0);

	while (status == CACHE_LOCKED && store_lock_sleep(store, &wish)) {
		status = store_lock_try(store, &wish);
	}
	if (status == CACHE_LOCKED) {
		store_lock_give_up(store, &wish);
	}
	return status;
}

static void release(struct store *store, const char *name, bool held)
{
	struct store_key k = name_of(store, name);
	enum cache_status status = store_lock_release(store, &k);

	MUST(status == (held ? CACHE_OK : CACHE_MISSING), "%s", cache_status_name(status));
}

static void hold_named(struct world *w, struct store *none)
{
	struct store *store = open_or_leave(w, 2);
	enum cache_status status = lock(store, "named", RWLOCK_WRITE, 1000 * MS);

	(void)none;
	MUST(status == CACHE_OK || world_fault_hit(), "%s", cache_status_name(status));
	raise_flag(w, 2);
	sleep_ms(8);
	MUST(!w->flags[4] || status != CACHE_OK, "two writers");
	if (w->flags[5]) {
		store_close(store);
	}
	/* else it dies as its holder */
}

static void use_once(struct world *w, struct store *store, bool dies)
{
	pid_t holder;
	enum cache_status status;

	w->flags[2] = w->flags[4] = 0;
	w->flags[5] = !dies;
	holder = child(w, hold_named, NULL);
	await_flag(w, 2);
	uint64_t begun = now_ms();
	status = lock(store, "named", RWLOCK_WRITE, w->strict ? STRICT_WAIT_NS : 4000 * MS);
	must_be_short(w, begun);
	w->flags[4] = status == CACHE_OK;
	ONE_OF(status, CACHE_OK, CACHE_LOCKED, CACHE_NO_SLOT, CACHE_FULL);
	MUST(status == CACHE_OK || world_fault_hit(), "%s", cache_status_name(status));
	MUST(lock(store, "named", RWLOCK_WRITE, 0) == status || world_fault_hit(), "");
	release(store, "named", status == CACHE_OK);
	join(holder, false);
	store_lock_release_all(store);
}

void use_named_locks(struct world *w)
{
	struct store *store = try_open(w);
	struct store_key k;
	struct rwlock_info info;
	enum cache_status status;

	if (!store) {
		return;
	}
	k = name_of(store, "read");
	status = lock(store, "read", RWLOCK_READ, 0);
	ONE_OF(status, CACHE_OK, CACHE_NO_SLOT, CACHE_LOCKED);
	MUST(status == CACHE_OK || world_fault_hit(), "%s", cache_status_name(status));
	(void)store_lock_info(store, &k, &info);
	release(store, "read", status == CACHE_OK);
	use_once(w, store, false);
	use_once(w, store, true);
	store_close(store);
}

/* ---- the dead ------------------------------------------------------------------------------------------- */

static void die(struct world *w, struct store *none)
{
	struct store *store;
	struct store_key k;
	struct store_item item = {
		.type = STORE_STRING, .bytes = w->directory, .size = sizeof w->directory, .ttl_us = STORE_FOREVER};

	(void)none;
	store = try_open(w);
	if (!store || store->owner.guest) {
		kill(getpid(), SIGKILL);
	}
	k = key_of(store, 7);
	MUST(store_lease(store, &k, 100000 * MS) > 0 || world_fault_hit(), "");
	the_world_kills(w);
	for (int i = 0; i < 100; i++) {
		item.size = w->kill_at == FAULT_PINNED ? 3000 : 100;
		item.bytes = (const char *)w;
		any(store_put(store, &k, &item, STORE_SET));
	}
	kill(getpid(), SIGKILL); /* it never came there */
}

static void recover(struct world *w, enum cache_fault at)
{
	struct store *store = try_open(w);
	pid_t dead;

	if (!store) {
		return;
	}
	w->kill_at = FAULT_COUNT;
	w->flags[6] = (int)at;
	dead = child(w, die, NULL);
	join(dead, true);
	w->kill_at = FAULT_COUNT;
	w->known[7].standing = PERHAPS;
	for (unsigned i = 0; i < 40; i++) {
		get(w, store, i);
		if (i != 7) {
			put(w, store, i, 200 + i);
		}
	}
	put(w, store, 7, 200);
	get_all(w, store, 40);
	store_close(store);
}

void the_world_kills(struct world *w)
{
	w->kill_at = (enum cache_fault)w->flags[6];
}
void recover_locked(struct world *w)
{
	recover(w, FAULT_LOCKED);
}
void recover_pinned(struct world *w)
{
	recover(w, FAULT_PINNED);
}

/* Killed with a lock, and nobody was there since. */
void prepare_dead(struct world *w)
{
	struct store *store = must_open(w);

	for (unsigned i = 0; i < 40; i++) {
		put(w, store, i, 300);
	}
	store_close(store);
	w->flags[6] = FAULT_LOCKED;
	join(child(w, die, NULL), true);
	w->kill_at = FAULT_COUNT;
	w->known[7].standing = PERHAPS;
}

/* ---- guests --------------------------------------------------------------------------------------------- */

static pid_t resident;

static void reside(struct world *w, struct store *none)
{
	struct store *store = must_open(w);

	(void)none;
	raise_flag(w, 0);
	await_flag(w, 1);
	store_close(store);
}

void prepare_guest(struct world *w)
{
	w->options.processes = 1;
	struct store *store = must_open(w);

	for (unsigned i = 0; i < 40; i++) {
		put(w, store, i, 300);
	}
	store_close(store);
	resident = child(w, reside, NULL);
	await_flag(w, 0);
}

void be_guest(struct world *w)
{
	struct store *store = try_open(w);
	struct queue_taken taken;

	if (store) {
		MUST(store->owner.guest, "");
		get_all(w, store, 40);
		put(w, store, 3, 4000);
		put(w, store, 4, 100);
		delete (w, store, 5);
		get_all(w, store, 40);
		(void)pop(store, 5 * MS, &taken);
		store_close(store);
	}
	raise_flag(w, 1);
	join(resident, false);
}

/* ---- fork ----------------------------------------------------------------------------------------------- */

static void work_as_child(struct world *w, struct store *store)
{
	MUST(store->owner.slot == NO_SLOT, "a child acts as its parent");
	get_all(w, store, 40);
	put(w, store, 3, 900);
	delete (w, store, 4);
	get_all(w, store, 40);
	store_close(store);
}

void fork_plain(struct world *w)
{
	struct store *store = try_open(w);

	if (!store) {
		return;
	}
	put(w, store, 2, 1234);
	join(child(w, work_as_child, store), false);
	get_all(w, store, 40);
	put(w, store, 4, 555);
	store_close(store);
}

static struct store_view held;
static struct known held_value;

static void check_held(void)
{
	MUST(held.size == held_value.size && value_is(held.bytes, held.size, held_value.seed),
	     "a pinned value was overwritten");
}

static void read_as_child(struct world *w, struct store *store)
{
	check_held();
	raise_flag(w, 0);
	await_flag(w, 1);
	check_held();
	for (unsigned i = 10; i < 30; i++) {
		put(w, store, i, 3000);
	}
	check_held();
	store_unpin(store, held.pin);
	get_all(w, store, 40);
	store_close(store);
}

void fork_pinned(struct world *w)
{
	struct store *store = try_open(w);
	struct store_key k;
	pid_t reader;

	if (!store) {
		return;
	}
	put(w, store, 8, 3000);
	held_value = w->known[8];
	k = key_of(store, 8);
	if (store_get(store, &k, &held) == CACHE_OK) {
		reader = child(w, read_as_child, store);
		await_flag(w, 0);
		store_unpin(store, held.pin);
		for (unsigned i = 0; i < 40; i++) {
			put(w, store, 8, 3000);
			get(w, store, 8);
		}
		raise_flag(w, 1);
		join(reader, false);
	}
	store_close(store);
}

/* ---- a file that is gone -------------------------------------------------------------------------------- */

/* The directory is empty afterwards: nothing is known of what a new segment holds. */
static void forget(struct world *w, struct store *store)
{
	MUST(unlink(store->segment->path) == 0, "");
	(void)store;
	(void)w;
}

/* A child whose parent's segment was removed goes on in it, beside its parent. */
static void work_in_removed(struct world *w, struct store *store)
{
	uint32_t failed = fault_state->failed;

	put(w, store, 3, 900);
	get(w, store, 3);
	MUST(w->known[3].standing == THERE || fault_state->failed > failed, "a forked child cannot store");
	store_close(store);
}

static void forget_all(struct world *w)
{
	for (unsigned i = 0; i < KEYS; i++) {
		w->known[i].standing = ABSENT;
	}
}

void fork_removed(struct world *w)
{
	struct store *store = try_open(w);

	if (!store) {
		return;
	}
	forget(w, store);
	MUST(!store_is_current(store), "");
	join(child(w, work_in_removed, store), false);
	get_all(w, store, 40);
	put(w, store, 6, 555);
	store_close(store);
	forget_all(w);
}

/* As an extension does it at the beginning of a request. */
void removed(struct world *w)
{
	struct store *store = try_open(w);

	if (!store) {
		return;
	}
	forget(w, store);
	put(w, store, 6, 555);
	get_all(w, store, 40);
	MUST(!store_is_current(store), "");
	store_close(store);
	forget_all(w);
	store = try_open(w);
	if (store) {
		get_all(w, store, 40);
		put(w, store, 6, 555);
		get(w, store, 6);
		MUST(store_is_current(store) || world_fault_hit(), "");
		store_close(store);
	}
	forget_all(w);
}
