/* Clocks that are set, machines with one processor, wakes that are lost. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "special.h"
#include "workloads.h"

#define HOUR_US INT64_C(3600000000)
#define HOUR_NS (HOUR_US * 1000)
#define SECOND_US INT64_C(1000000)

/* ---- processors ----------------------------------------------------------------------------------------- */

static void run_on_one_cpu(void)
{
	cpu_set_t all, one;

	MUST(sched_getaffinity(0, sizeof all, &all) == 0, "%s", strerror(errno));
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &one);
			break;
		}
	}
	MUST(sched_setaffinity(0, sizeof one, &one) == 0, "%s", strerror(errno));
}

static bool set_policy(int policy, int priority)
{
	return sched_setscheduler(0, policy, &(struct sched_param){.sched_priority = priority}) == 0;
}

/* All of the same key, so of one shard: some must wait for the others all the time. */
static void contend(struct world *w, struct store *none)
{
	struct store *store = must_open(w);
	struct store_key k = name_of(store, "contended");
	char bytes[600];
	struct store_item item = {.type = STORE_STRING, .bytes = bytes, .size = sizeof bytes, .ttl_us = STORE_FOREVER};
	unsigned stored = 0;

	(void)none;
	if (w->flags[1]) {
		set_policy(w->flags[1], w->flags[1] == SCHED_IDLE ? 0 : 1);
	}
	memset(bytes, 'x', sizeof bytes);
	for (unsigned i = 0; i < 2000; i++) {
		enum cache_status status = store_put(store, &k, &item, STORE_SET);
		ONE_OF(status, CACHE_OK, CACHE_BUSY);
		stored += status == CACHE_OK;
	}
	MUST(stored > 0, "nothing could be stored");
	store_close(store);
}

static void contend_together(struct world *w, int others, int mine)
{
	pid_t pids[4];

	w->flags[1] = others;
	for (int i = 0; i < 4; i++) {
		pids[i] = child(w, contend, NULL);
	}
	w->flags[1] = mine;
	contend(w, NULL);
	set_policy(SCHED_OTHER, 0);
	for (int i = 0; i < 4; i++) {
		join(pids[i], false);
	}
	check_world(w, 10);
}

static void one_cpu(struct world *w)
{
	run_on_one_cpu();
	contend_together(w, 0, 0);
}

/* Attached while there were more, so that it spins. */
static void one_cpu_later(struct world *w)
{
	struct store *store = must_open(w);

	store->owner.spins = true;
	run_on_one_cpu();
	pid_t pid = child(w, contend, NULL);
	for (unsigned i = 0; i < 2000; i++) {
		enum cache_status status = put(w, store, 1, 3000);
		ONE_OF(status, CACHE_OK, CACHE_BUSY);
	}
	join(pid, false);
	store_close(store);
	check_world(w, 10);
}

/* The holder of a lock runs only when nobody else wants to; those who wait do not want to while they sleep. */
static void holders_of_idle_priority(struct world *w)
{
	run_on_one_cpu();
	if (!set_policy(SCHED_IDLE, 0) || !set_policy(SCHED_OTHER, 0)) {
		skip("SCHED_IDLE is not permitted: %s", strerror(errno));
	}
	contend_together(w, SCHED_IDLE, 0);
}

static void waiters_of_real_time_priority(struct world *w)
{
	run_on_one_cpu();
	if (!set_policy(SCHED_FIFO, 1)) {
		skip("SCHED_FIFO is not permitted: %s", strerror(errno));
	}
	set_policy(SCHED_OTHER, 0);
	contend_together(w, 0, SCHED_FIFO);
}

/* ---- lost wakes ----------------------------------------------------------------------------------------- */

static void lose(struct world *w, void (*wait)(struct world *w), enum fault_call call, int error)
{
	const struct fault_plan plan = {.call = call, .nth = 1, .error = error, .always = true};
	struct store *store = must_open(w);

	for (unsigned i = 0; i < 40; i++) {
		put(w, store, i, 300);
	}
	store_close(store);
	w->strict = true;
	fault_arm(&plan);
	wait(w);
	fault_disarm();
	MUST(fault_state->failed > 0, "no such call");
	check_world(w, 40);
}

static void lost_wake_of_a_lock(struct world *w)
{
	lose(w, wait_for_lock, CALL_futex_wake, DROPPED);
}
static void lost_wake_of_a_lease(struct world *w)
{
	lose(w, wait_for_lease, CALL_futex_wake, DROPPED);
}
static void lost_wake_of_a_job(struct world *w)
{
	lose(w, wait_for_job, CALL_futex_wake, DROPPED);
}
static void lost_wake_of_a_named_lock(struct world *w)
{
	lose(w, use_named_locks, CALL_futex_wake, DROPPED);
}
static void no_futex_for_a_lock(struct world *w)
{
	lose(w, wait_for_lock, CALL_futex_wait, ENOSYS);
}
static void no_futex_for_a_lease(struct world *w)
{
	lose(w, wait_for_lease, CALL_futex_wait, ENOSYS);
}
static void no_futex_for_a_job(struct world *w)
{
	lose(w, wait_for_job, CALL_futex_wait, ENOSYS);
}
static void no_futex_for_a_named_lock(struct world *w)
{
	lose(w, use_named_locks, CALL_futex_wait, ENOSYS);
}
static void recovery_under_signals(struct world *w)
{
	lose(w, recover_locked, CALL_futex_wait, EINTR);
}
static void recovery_without_futex(struct world *w)
{
	lose(w, recover_locked, CALL_futex_wait, ENOSYS);
}

/* Where the kernel refuses, a wait is still a sleep. */
static void no_futex_is_no_busy_loop(struct world *w)
{
	const struct fault_plan plan = {.call = CALL_futex_wait, .nth = 1, .error = ENOSYS, .always = true};
	struct store *store = must_open(w);
	struct store_key queue = name_of(store, "queue");
	struct store_queue_wish wish;
	struct queue_taken taken;
	enum cache_status status;

	fault_arm(&plan);
	status = store_queue_begin(store, &wish, &queue, 1, 400 * MS, 1000 * MS, &taken);
	while (status == CACHE_MISSING && store_queue_sleep(store, &wish)) {
		status = store_queue_try(store, &wish, &taken);
	}
	fault_disarm();
	MUST(status == CACHE_MISSING, "%s", cache_status_name(status));
	MUST(fault_state->failed > 1 && fault_state->failed < 1000, "looked %u times within 0.4 s", fault_state->failed);
	store_close(store);
}

/*
 * All slots that are lent are taken by stopped processes: the first operation waits for one for a while, and those that come after it do
 * not, or a page of many would take minutes.
 */
static void slots_of_guests_taken_for_long(struct world *w)
{
	const struct fault_plan plan = {.call = CALL_byte_lock, .nth = 1, .error = EAGAIN, .always = true};
	struct store *resident = must_open(w), *guest; /* whoever is alone has the file to check */

	put(w, resident, 1, 100);
	fault_arm(&plan);
	guest = must_open(w);
	for (unsigned i = 0; i < 50; i++) {
		get(w, guest, 1);
		put(w, guest, 2 + i, 100);
	}
	MUST(fault_state->seen[CALL_nanosleep] <= 100, "slept %u times", fault_state->seen[CALL_nanosleep]);
	fault_disarm();
	put(w, guest, 3, 100);
	get(w, resident, 3);
	store_close(guest);
	store_close(resident);
	check_world(w, 10);
}

/* ---- clocks --------------------------------------------------------------------------------------------- */

static void put_for(struct world *w, struct store *store, unsigned key, int64_t ttl_us)
{
	struct store_item item = {.ttl_us = ttl_us};

	MUST(put_with(w, store, key, &item, 200) == CACHE_OK, "");
}

/* So long that the store trusts the processor's counter (base/clock.h), if it ever does. */
static void warm_up(struct world *w, struct store *store)
{
	for (int i = 0; i < 60; i++) {
		put_for(w, store, 3000, SECOND_US);
		sleep_ms(1);
	}
}

/* A step is noticed within a millisecond. */
static void step_wall_clock(int64_t us)
{
	fault_state->clock_realtime_us += us;
	sleep_ms(5);
}

static bool there(struct store *store, unsigned key)
{
	struct store_key k = key_of(store, key);

	return store_exists(store, &k) == CACHE_OK;
}

static enum cache_status pop_now(struct store *store, struct queue_taken *taken)
{
	struct store_key queue = name_of(store, "queue");
	struct store_queue_wish wish;

	return store_queue_begin(store, &wish, &queue, 1, 0, 60000 * MS, taken);
}

static void push(struct store *store, const char *key, uint64_t delay_ns)
{
	struct store_key queue = name_of(store, "queue"), k = name_of(store, key);
	struct store_job job = {.queue = &queue, .key = &k, .payload = "", .delay_ns = delay_ns};

	MUST(store_queue_push(store, &job) == QUEUE_PUSH_QUEUED, "");
}

/* What is measured by the monotonic clock does not see it. */
struct timed {
	int64_t lease;
	struct queue_taken running;
};
static void begin_timed(struct store *store, struct timed *t)
{
	struct store_key k = name_of(store, "leased"), name = name_of(store, "named");
	struct store_lock_wish wish;

	t->lease = store_lease(store, &k, 60000 * MS);
	MUST(t->lease > 0, "");
	push(store, "running", 0);
	MUST(pop_now(store, &t->running) == CACHE_OK, "");
	push(store, "delayed", 60000 * MS);
	MUST(store_lock_begin(store, &wish, &name, RWLOCK_WRITE, 0, 60000 * MS) == CACHE_OK, "");
}

static enum cache_status lock_of(struct store *store)
{
	struct store_key name = name_of(store, "named");
	struct store_lock_wish wish;

	return store_lock_begin(store, &wish, &name, RWLOCK_WRITE, 0, 0);
}

static void check_timed(struct store *store, struct store *other, struct timed *t)
{
	struct store_key k = name_of(store, "leased"), name = name_of(store, "named");
	struct queue_taken taken;

	MUST(store_lease(other, &k, MS) == 0, "the lease has ended");
	MUST(pop_now(other, &taken) == CACHE_MISSING, "a job was handed out");
	MUST(lock_of(other) == CACHE_LOCKED, "the named lock is lost");
	MUST(store_queue_ack(store, t->running.id, t->running.token), "");
	MUST(store_lease_release(store, &k, (uint64_t)t->lease), "");
	MUST(store_lock_release(store, &name) == CACHE_OK, "");
}

static void wall_clock_forwards(struct world *w)
{
	struct store *store = must_open(w), *other = must_open(w);
	struct timed t;

	warm_up(w, store);
	put_for(w, store, 1, 10 * SECOND_US);
	put_for(w, store, 2, 2 * HOUR_US);
	put_for(w, store, 3, STORE_FOREVER);
	begin_timed(store, &t);
	step_wall_clock(HOUR_US);
	MUST(!there(other, 1) && there(other, 2) && there(other, 3), "");
	check_timed(store, other, &t);
	put_for(w, store, 1, 10 * SECOND_US);
	MUST(there(other, 1), "");
	store_sweep(store);
	store_close(other);
	store_close(store);
	check_world(w, 10);
}

/*
 * `now < stamp` is age 0: nothing expires early, and what was written before the step lives until its time by the clock
 * has come again.
 */
static void wall_clock_backwards(struct world *w)
{
	struct store *store = must_open(w), *other = must_open(w);
	struct store_key k;
	struct timed t;

	warm_up(w, store);
	put_for(w, store, 1, 10 * SECOND_US);
	put_for(w, store, 2, STORE_FOREVER);
	begin_timed(store, &t);
	step_wall_clock(-HOUR_US);
	MUST(there(other, 1) && there(other, 2), "");
	check_timed(store, other, &t);
	/* What is written or invalidated now counts, though its time is before that of the older value. */
	put_for(w, store, 1, 20 * SECOND_US);
	get(w, store, 1);
	k = key_of(store, 2);
	MUST(store_mark_stale(store, &k) == CACHE_OK && !there(other, 2), "");
	k = key_of(store, 1);
	MUST(store_delete(store, &k) == CACHE_OK && !there(other, 1), "");
	put_for(w, store, 1, 20 * SECOND_US);
	struct store_item tagged = {.ttl_us = STORE_FOREVER, .tags = "\3tag", .tags_size = 4, .tag_count = 1};
	put_with(w, store, 3, &tagged, 100);
	MUST(there(other, 3) && store_invalidate_tags(store, "\3tag", 4, false) == 1 && !there(other, 3), "");
	store_sweep(store);
	step_wall_clock(HOUR_US);
	MUST(!there(other, 1) && !there(other, 2) && !there(other, 3), "");
	store_close(other);
	store_close(store);
	memset(w->known, 0, sizeof w->known);
	check_world(w, 10);
}

/* As after a suspended virtual machine whose clock went on: deadlines have passed, each as it says. */
static void monotonic_clock_forwards(struct world *w)
{
	struct store *store = must_open(w), *other = must_open(w);
	struct store_key k = name_of(store, "leased"), forever = name_of(store, "forever");
	struct store_lock_wish wish;
	struct queue_taken taken, second;
	struct timed t;

	put_for(w, store, 1, 10 * SECOND_US);
	begin_timed(store, &t);
	MUST(store_lock_begin(store, &wish, &forever, RWLOCK_WRITE, 0, 0) == CACHE_OK, "");
	fault_state->clock_monotonic_ns += HOUR_NS;
	MUST(there(other, 1), "a ttl is by the wall clock");
	MUST(store_lease(other, &k, MS) > 0, "the lease has not ended");
	MUST(pop_now(other, &taken) == CACHE_OK && pop_now(other, &second) == CACHE_OK, "both jobs are due");
	MUST(!store_queue_ack(store, t.running.id, t.running.token), "acknowledged after its lease was lost");
	MUST(store_queue_ack(other, taken.id, taken.token) && store_queue_ack(other, second.id, second.token), "");
	MUST(lock_of(other) == CACHE_OK, "a lock whose lease has passed");
	MUST(store_lock_begin(other, &wish, &forever, RWLOCK_WRITE, 0, 0) == CACHE_LOCKED,
	     "a lock without a lease is lost");
	store_lock_release_all(other);
	store_close(other);
	store_close(store);
	check_world(w, 10);
}

/* ---- another time namespace ------------------------------------------------------------------------------ */

static void work_in_another_time(struct world *w, struct store *none)
{
	struct store *store = must_open(w);
	struct queue_taken taken;
	struct store_key queue = name_of(store, "queue"), k = name_of(store, "leased");
	struct store_queue_wish wish;
	struct timespec begun, ended;
	int64_t lease;

	(void)none;
	get(w, store, 1);
	put(w, store, 2, 500);
	get(w, store, 2);
	/* Deadlines of the others are by another clock: sooner or later than they meant. Ours are right. */
	lease = store_lease(store, &k, 1000 * MS);
	MUST(w->flags[5] ? lease > 0 : lease == 0, "%lld", (long long)lease);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	enum cache_status status = store_queue_begin(store, &wish, &queue, 1, 300 * MS, 1000 * MS, &taken);
	while (status == CACHE_MISSING && store_queue_sleep(store, &wish)) {
		status = store_queue_try(store, &wish, &taken);
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	MUST(status == CACHE_MISSING && ended.tv_sec - begun.tv_sec < 20, "a wait of 0.3 s took %ld s",
	     (long)(ended.tv_sec - begun.tv_sec));
	push(store, "from there", 0);
	MUST(pop_now(store, &taken) == CACHE_OK && store_queue_ack(store, taken.id, taken.token), "");
	MUST(lock_of(store) == CACHE_OK, "");
	store_close(store);
}

static void in_time(struct world *w, long seconds)
{
	char offset[60];
	struct store *store;
	struct store_key k;
	int fd;

	if (unshare(CLONE_NEWTIME) != 0) {
		skip("a time namespace is not to be had: %s", strerror(errno));
	}
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	snprintf(offset, sizeof offset, "monotonic %ld 0\n", seconds);
	if (fd < 0 || write(fd, offset, strlen(offset)) < 0) {
		skip("the clock of a time namespace cannot be set: %s", strerror(errno));
	}
	close(fd);
	store = must_open(w);
	put(w, store, 1, 300);
	k = name_of(store, "leased");
	MUST(store_lease(store, &k, 60000 * MS) > 0, "");
	w->flags[5] = seconds > 0;
	/* Children are in it, we are not. */
	join(child(w, work_in_another_time, NULL), false);
	get(w, store, 1);
	get(w, store, 2);
	store_close(store);
	check_world(w, 10);
}

static void time_namespace_ahead(struct world *w)
{
	in_time(w, 100000);
}

static void time_namespace_behind(struct world *w)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	in_time(w, -now.tv_sec / 2);
}

const struct special time_specials[] = {
	{"one_cpu", one_cpu},
	{"one_cpu_later", one_cpu_later},
	{"holders_of_idle_priority", holders_of_idle_priority},
	{"waiters_of_real_time_priority", waiters_of_real_time_priority},
	{"lost_wake_of_a_lock", lost_wake_of_a_lock},
	{"lost_wake_of_a_lease", lost_wake_of_a_lease},
	{"lost_wake_of_a_job", lost_wake_of_a_job},
	{"lost_wake_of_a_named_lock", lost_wake_of_a_named_lock},
	{"no_futex_for_a_lock", no_futex_for_a_lock},
	{"no_futex_for_a_lease", no_futex_for_a_lease},
	{"no_futex_for_a_job", no_futex_for_a_job},
	{"no_futex_for_a_named_lock", no_futex_for_a_named_lock},
	{"no_futex_is_no_busy_loop", no_futex_is_no_busy_loop},
	{"slots_of_guests_taken_for_long", slots_of_guests_taken_for_long},
	{"recovery_under_signals", recovery_under_signals},
	{"recovery_without_futex", recovery_without_futex},
	{"wall_clock_forwards", wall_clock_forwards},
	{"wall_clock_backwards", wall_clock_backwards},
	{"monotonic_clock_forwards", monotonic_clock_forwards},
	{"time_namespace_ahead", time_namespace_ahead},
	{"time_namespace_behind", time_namespace_behind},
};
const unsigned time_special_count = sizeof time_specials / sizeof *time_specials;
