/*
 * Participants: attaching, leaving, forking, guests, and recovery itself.
 */
#define _GNU_SOURCE
#include "snapstep.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- attaching and leaving ------------------------------------------------------------------------------ */

static void prepare_plain(struct world *w)
{
	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 100);
}

static void act_attach(struct world *w)
{
	w->shared->status = store_enter(w->a);
	w->shared->number = w->a->owner.slot;
}

static bool took_slot_1(struct world *w)
{
	return w->shared->number == 1;
}

static void act_close(struct world *w)
{
	store_close(w->a);
}

static void act_close_with_pins(struct world *w)
{
	struct store_key key = key_of(w->a, w->op->name);
	struct store_view view;

	w->shared->status = store_get(w->a, &key, &view);
	store_close(w->a);
}

static void act_open(struct world *w)
{
	w->a = open_store(w->folder_a, STORE_SIZE_MIN, 5, &w->host.host);
}

static void act_close_and_open(struct world *w)
{
	act_close(w);
	act_open(w);
}

static void put_orphan(struct world *w)
{
	w->shared->status = put_value(w->a, w->op->name, w->op->owner, 2, 1800);
}

/* Slots 1 to 4 belonged to writers that died while they filled their blocks. */
static void prepare_dead_writers(struct world *w)
{
	prepare_plain(w);
	for (uint32_t i = 0; i < 4; i++) {
		world_kill_at(w, put_orphan, FAULT_PINNED);
	}
}

/* ---- recovery ------------------------------------------------------------------------------------------- */

static void act_reap_all(struct world *w)
{
	owner_reap_all(&w->a->owner);
}

static void act_put_small(struct world *w)
{
	w->shared->status = put_value(w->a, "op", w->op->owner, 2, 100);
}

static void act_put_large(struct world *w)
{
	w->shared->status = put_value(w->a, "op", w->op->owner, 2, 1900);
}

static void act_put_other(struct world *w)
{
	w->shared->status = put_value(w->a, "other", 7, 2, 100);
}

/* Died before it had changed anything that counts. */
static void prepare_dead_locker(struct world *w)
{
	prepare_plain(w);
	world_kill_locked(w, act_put_small, 3);
}

/* Died with a lock and, in the same shard, an unpublished block. */
static void prepare_dead_publisher(struct world *w)
{
	prepare_plain(w);
	world_kill_at(w, act_put_large, FAULT_BEFORE_PUBLISH);
}

static void prepare_dead_after_publish(struct world *w)
{
	prepare_plain(w);
	w->op->count = 0;
	model_then_value(w->op, 2, 1900);
	world_kill_at(w, act_put_large, FAULT_AFTER_PUBLISH);
}

static void prepare_dead_writer(struct world *w)
{
	prepare_plain(w);
	world_kill_at(w, put_orphan, FAULT_PINNED);
}

static void act_split(struct world *w)
{
	w->shared->status = put_value(w->a, "splits", 7, 2, 40);
}

static bool split_is_committed(struct world *w)
{
	return layout_buckets(load_relaxed(&world_shard(w).shard->layout)) == 9;
}

/* Died in the middle of a split that closes the ranks of a chain: words stand in two buckets. */
static void prepare_dead_splitter(struct world *w)
{
	for (uint32_t i = 0; i < 10; i++) {
		model_put_int(&w->model, w->a, world_name(w, 15, i % 2 * 8), i);
	}
	for (uint32_t i = 0; i < 31; i++) {
		model_put_int(&w->model, w->a, world_name(w, 7, 1 + i % 7), i);
	}
	model_key(&w->model, "splits");
	world_kill_when(w, act_split, split_is_committed);
}

static void act_evict(struct world *w)
{
	w->shared->status = put_value(w->a, "evicts", 7, 2, 40);
}

/* Died in the middle of taking a slab from another class; which entries were gone by then is noted. */
static void prepare_dead_thief_at(struct world *w, uint32_t state)
{
	struct shard_ref r = world_shard(w);

	while (counter_sum(w->a, STORE_COUNT_evictions) == 0) {
		world_put(w, 1, 900);
	}
	for (uint32_t i = 0; i < w->model.count; i += 3) {
		struct store_key key = key_of(w->a, w->model.keys[i].name);
		(void)!store_exists(w->a, &key);
	}
	world_kill_locked(w, act_evict, state);
	if (lock_owner(&r.shard->lock) == NO_SLOT) {
		die("it died without the lock");
	}
	world_note_gone(w);
}
static void prepare_dead_thief_early(struct world *w)
{
	prepare_dead_thief_at(w, 20);
}
static void prepare_dead_thief_late(struct world *w)
{
	prepare_dead_thief_at(w, 200);
}

/* Whoever recovered the dead was killed as well. */
static void prepare_dead_recoverer(struct world *w)
{
	prepare_dead_publisher(w);
	world_kill_locked(w, act_reap_all, 40);
}

static void act_hold_pins(struct world *w)
{
	for (uint32_t i = 0; i < w->model.count; i++) {
		struct store_key key = key_of(w->a, w->model.keys[i].name);
		struct store_view view;
		(void)!store_get(w->a, &key, &view);
	}
	(void)!put_value(w->a, "op", w->op->owner, 2, 1900);
}

/* Died as a reader, what it pinned having been replaced. */
static void prepare_dead_reader(struct world *w)
{
	prepare_plain(w);
	world_kill_at(w, act_hold_pins, FAULT_PINNED);
	w->op->count = 0;
	model_then_value(w->op, 3, 100);
	if (model_act(w->a, w->op, 0) != CACHE_OK) {
		die("cannot replace");
	}
}

static bool one_attached(struct world *w)
{
	/* The survivor and the one that acted. */
	return owner_count(w->a->segment) == 2;
}

/* ---- a lock that is not to be had ------------------------------------------------------------------------ */

/* A participant that is alive and does nothing: slot 1. */
static void prepare_bystander(struct world *w)
{
	prepare_plain(w);
	int ready[2];
	char byte;

	if (pipe(ready) != 0) {
		die("pipe");
	}
	w->before = (uint64_t)fork_child();
	if (w->before == 0) {
		if (store_enter(w->a) != CACHE_OK || write(ready[1], "", 1) != 1) {
			_exit(2);
		}
		for (;;) {
			pause();
		}
	}
	if (read(ready[0], &byte, 1) != 1) {
		die("the bystander did not attach");
	}
	close(ready[0]);
	close(ready[1]);
}

static void lock_for_bystander(struct test_host *host, enum cache_fault point)
{
	struct world *w = (struct world *)((char *)host - offsetof(struct world, host));

	(void)point;
	store_relaxed(&world_shard(w).shard->lock.word, 1 + 1);
	host->hurry = 1000000;
}

static void act_put_busy(struct world *w)
{
	w->host.on_fault = lock_for_bystander;
	w->host.awaited = FAULT_PINNED;
	put_orphan(w);
	w->host.on_fault = NULL;
}

static void prepare_busy(struct world *w)
{
	prepare_bystander(w);
	model_then_absent(w->op);
}

static bool end_bystander(struct world *w)
{
	kill_child((pid_t)w->before);
	return true;
}

static void act_put_busy_and_settle(struct world *w)
{
	act_put_busy(w);
	store_relaxed(&world_shard(w).shard->lock.word, 0);
	if (w->shared->status == CACHE_BUSY) {
		w->shared->status = store_settle_orphans(w->a);
	}
}

static void act_put_busy_and_close(struct world *w)
{
	act_put_busy(w);
	store_close(w->a);
}

/* ---- guests --------------------------------------------------------------------------------------------- */

static void prepare_guest(struct world *w)
{
	prepare_plain(w);
	model_then_value(w->op, 2, 120);
}

static void act_guest_put_and_get(struct world *w)
{
	struct store_key key = key_of(w->a, w->op->name);
	struct store_view view;

	act_last_state(w);
	if (store_get(w->a, &key, &view) == CACHE_OK) {
		store_unpin(w->a, view.pin);
	}
}

/* ---- fork ----------------------------------------------------------------------------------------------- */

static void prepare_fork(struct world *w)
{
	struct store_key key;

	world_populate(w);
	w->op = model_put(&w->model, w->a, "op", 300);
	/* Noted for the participants 1 and 2: the parent, which is the stepped child here, and its own child. */
	world_pin(w, w->op);
	w->pinned[1] = w->pinned[0];
	w->pinned[0].slot = 1;
	w->pinned[1].slot = 2;
	w->pinned_count = 2;
	store_unpin_all(w->a);
	model_then_value(w->op, 2, 300);
	key = key_of(w->a, w->op->name);
	w->before = key.hash;
}

static void pin_and_replace(struct world *w)
{
	struct store_key key = key_of(w->a, w->op->name);
	struct store_view view;

	if (store_get(w->a, &key, &view) != CACHE_OK) {
		die("nothing to pin");
	}
	act_last_state(w);
}

static void act_fork(struct world *w)
{
	pin_and_replace(w);
	if (fork() == 0) {
		/* Not stepped: stopped at birth. Stepped: it has the pins and reads on. */
		w->shared->number = w->a->owner.slot;
		reclaim_all(w->a);
		store_unpin_all(w->a);
		raise(SIGSTOP);
		_exit(0);
	}
	reclaim_all(w->a);
	store_unpin_all(w->a);
}

const struct scenario life_scenarios[] = {
	{"attach", prepare_plain, act_attach, .happened = took_slot_1, .flags = SCENARIO_UNATTACHED},
	{"attach in the slot of a dead writer", prepare_dead_writers, act_attach, .happened = took_slot_1,
     .flags = SCENARIO_UNATTACHED, .raises = {RAISES(recoveries)}},
	{"attach alone", prepare_plain, act_open, .flags = SCENARIO_ALONE | SCENARIO_UNATTACHED},
	{"attach alone after a lock holder's death", prepare_dead_publisher, act_open,
     .flags = SCENARIO_ALONE | SCENARIO_UNATTACHED},
	{"detach", prepare_plain, act_close, .status = CACHE_OK},
	{"detach with pins", prepare_plain, act_close_with_pins, .status = CACHE_OK},
	{"detach and attach", prepare_plain, act_close_and_open, .status = CACHE_OK},
	{"recovery of a writer that had just locked", prepare_dead_locker, act_reap_all,
     .raises = {RAISES(rebuilds), RAISES(recoveries)}},
	{"recovery of a writer about to publish", prepare_dead_publisher, act_reap_all, .happened = one_attached,
     .raises = {RAISES(rebuilds), RAISES(recoveries)}},
	{"recovery of a writer that had published", prepare_dead_after_publish, act_reap_all,
     .raises = {RAISES(rebuilds), RAISES(recoveries)}},
	{"recovery by waiting for the lock", prepare_dead_publisher, act_put_other,
     .raises = {RAISES(rebuilds), RAISES(recoveries)}},
	{"recovery of a writer in flight", prepare_dead_writer, act_reap_all, .happened = one_attached,
     .raises = {RAISES(recoveries)}},
	{"recovery of four writers in flight", prepare_dead_writers, act_reap_all, .happened = one_attached,
     .raises = {RAISES(recoveries)}},
	{"recovery of a split", prepare_dead_splitter, act_reap_all, .raises = {RAISES(rebuilds)}},
	{"recovery of a stolen slab, early", prepare_dead_thief_early, act_reap_all, .flags = SCENARIO_SMALL,
     .raises = {RAISES(rebuilds)}},
	{"recovery of a stolen slab, late", prepare_dead_thief_late, act_reap_all, .flags = SCENARIO_SMALL,
     .raises = {RAISES(rebuilds)}},
	{"recovery of a recoverer", prepare_dead_recoverer, act_reap_all, .happened = one_attached,
     .raises = {RAISES(rebuilds), RAISES(recoveries)}},
	{"recovery of a reader", prepare_dead_reader, act_reap_all, .raises = {RAISES(recoveries)}},
	{"put in two steps that does not get the lock again", prepare_busy, act_put_busy, .happened = end_bystander,
     .raises = {RAISES(failed_busy), RAISES(invalidated_busy)}, .status = CACHE_BUSY},
	{"settling of a block left over by such a put", prepare_busy, act_put_busy_and_settle, .happened = end_bystander,
     .raises = {RAISES(failed_busy)}},
	{"detach with such a block", prepare_busy, act_put_busy_and_close, .happened = end_bystander,
     .raises = {RAISES(failed_busy)}, .status = CACHE_BUSY},
	{"put by a guest", prepare_guest, act_guest_put_and_get, .flags = SCENARIO_CROWDED,
     .raises = {RAISES(guest_operations)}},
	{"fork with pins, the parent", prepare_fork, act_fork, .status = CACHE_OK},
	{"fork with pins, the child", prepare_fork, act_fork, .flags = SCENARIO_STEPS_CHILD},
	{0},
};
