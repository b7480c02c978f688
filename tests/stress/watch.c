#define _GNU_SOURCE
#include "watch.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/shm/queue_table.h"
#include "core/shm/rwlock_table.h"
#include "core/store/tag.h"

#define SAY_AFTER_TURNS 500

void come_first(void)
{
	struct sched_param parameter = {.sched_priority = 1};

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameter) != 0) {
		setpriority(PRIO_PROCESS, 0, -10);
	}
}

static void count_turns(struct watched *watched)
{
	while (!load_relaxed(&watched->over)) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		rmw_add(&watched->turns, 1);
	}
	_exit(0);
}

/* A process of its own, so that whatever the killer waits for does not look like a standstill of the workers. */
pid_t watch_progress(struct watched *watched, uint64_t (*progress)(void), void (*say)(void))
{
	pid_t pid = fork_child(), counter;
	uint64_t before = 0, turns = 0;
	double since = seconds();

	if (pid != 0) {
		return pid;
	}
	counter = fork_child();
	if (counter == 0) {
		count_turns(watched);
	}
	come_first();
	while (!load_relaxed(&watched->over)) {
		uint64_t sum = progress(), gap = (uint64_t)((seconds() - since) * 1e6);
		uint64_t gap_turns = load_relaxed(&watched->turns) - turns;
		if (gap > load_relaxed(&watched->gap_us)) {
			store_relaxed(&watched->gap_us, gap);
		}
		if (gap_turns > load_relaxed(&watched->gap_turns)) {
			store_relaxed(&watched->gap_turns, gap_turns);
		}
		if (say && gap_turns > SAY_AFTER_TURNS && sum == before) {
			say();
			fflush(stdout);
			say = NULL;
		}
		if (sum != before) {
			before = sum;
			since = seconds();
			turns = load_relaxed(&watched->turns);
		}
		nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
	}
	waitpid(counter, NULL, 0);
	_exit(0);
}

bool watch_hangs(const struct watched *watched)
{
	return load_relaxed(&watched->gap_turns) >= HANG_TURNS;
}

const char *gap_text(const struct watched *watched, char text[80])
{
	snprintf(text, 80, "longest gap %.3f s and %llu turns", (double)load_relaxed(&watched->gap_us) / 1e6,
	         (unsigned long long)load_relaxed(&watched->gap_turns));
	return text;
}

void let_go_on(uint64_t (*progress)(void))
{
	static uint64_t before;
	uint64_t sum = progress();

	for (int i = 0; i < 200 && sum == before; i++) {
		nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
		sum = progress();
	}
	before = sum;
}

bool slot_holds_lock(struct store *store, uint32_t slot)
{
	const struct segment *s = store->segment;

	for (uint32_t i = 0; i < s->geometry.shards; i++) {
		struct shard_ref r = shard_open(&store->owner, i);
		if (lock_owner(&r.shard->lock) == slot) {
			return true;
		}
	}
	return lock_owner(&tag_header(s)->lock) == slot || lock_owner(&rwlock_table(s)->guard) == slot ||
	       lock_owner(&queue_table(s)->guard) == slot;
}

const char *deaths_text(const struct deaths *deaths, char text[80])
{
	double share = deaths->kills ? 100.0 / (double)deaths->kills : 0;

	snprintf(text, 80, "%llu kills (%.1f %% in a call, %.1f %% with a lock)", (unsigned long long)deaths->kills,
	         (double)deaths->in_call * share, (double)deaths->with_lock * share);
	return text;
}
