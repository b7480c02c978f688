#define _GNU_SOURCE
#include "entries.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "core/store/lease.h"

enum { FLAG_GO = 1, FLAG_STOP = 2, FLAG_READY = 3, FLAG_TAKEN = 4 };

#define FRESH STORE_STATE_FRESH
#define AGING STORE_STATE_AGING
#define STALE STORE_STATE_STALE
#define MISSING STORE_STATE_MISSING

static int64_t ask(struct store *store, const char *key, const struct store_ask *ask, enum store_state *state)
{
	struct store_key k = key_of(store, key);
	struct store_answer answer;
	struct store_view view;
	enum cache_status status = store_get_stale(store, &k, ask, &view, &answer);

	CHECK_EQ(status == CACHE_OK, answer.state != MISSING);
	if (status == CACHE_OK) {
		store_unpin(store, view.pin);
	}
	*state = answer.state;
	return answer.lease;
}

static int64_t lease_of(struct store *store, const char *key, uint64_t ms)
{
	struct store_key k = key_of(store, key);

	return store_lease(store, &k, ms * NS_PER_MS);
}

static bool release_at(struct store *store, const char *key, int64_t lease)
{
	struct store_key k = key_of(store, key);

	return store_lease_release(store, &k, (uint64_t)lease);
}

static bool extend_at(struct store *store, const char *key, int64_t lease, uint64_t ms)
{
	struct store_key k = key_of(store, key);

	return store_lease_extend(store, &k, (uint64_t)lease, ms * NS_PER_MS);
}

static bool runs(struct store *store, const char *key)
{
	struct store_key k = key_of(store, key);
	struct store_lease_info info;

	return store_lease_get(store, &k, &info);
}

static void skip_ms(uint64_t ms) { clock_skip_monotonic(ms * NS_PER_MS); }

/* ---- granting ----------------------------------------------------------------------------------------------- */

static void one_asker_gets_it(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_lease_info info;
	enum store_state found;
	int64_t lease;

	(void)state;
	put_lasting(store, "key", "old", SECOND, 100 * SECOND, "");
	CHECK_EQ(ask_for_lease(store, "key"), 0); /* it is fresh */
	clock_advance(SECOND);
	CHECK_EQ(ask(store, "key", &(struct store_ask){0}, &found), 0); /* only looks */
	CHECK_EQ(found, STALE);
	CHECK(!runs(store, "key"));
	lease = ask_for_lease(store, "key");
	CHECK(lease > 0);
	CHECK_EQ(ask_for_lease(store, "key"), STORE_LEASE_RUNNING);
	CHECK_EQ(ask_for_lease(other, "key"), STORE_LEASE_RUNNING);
	CHECK_EQ(ask(other, "key", &(struct store_ask){0}, &found), 0);
	CHECK_EQ(lease_of(other, "key", 1000), 0);
	CHECK(store_lease_get(other, &key, &info));
	CHECK_EQ(info.owner, store->owner.slot);
	CHECK(info.left_ns <= 30000 * NS_PER_MS && info.left_ns > 20000 * NS_PER_MS);
	CHECK_OK(commit_text(store, "key", lease, "new"));
	CHECK(holds_text(other, "key", "new"));
	CHECK(!runs(store, "key"));
	CHECK_STATUS(commit_text(store, "key", lease, "again"), CACHE_MISMATCH);
	CHECK(holds_text(other, "key", "new"));
	CHECK_EQ(COUNTER_OF(store, leases_granted), 1);
	CHECK_EQ(COUNTER_OF(store, commits), 1);
	CHECK_EQ(COUNTER_OF(store, commits_refused), 1);
	CHECK_EQ(COUNTER_OF(store, leases_taken_over), 0);
	CHECK_VERIFIED(store);
}

static void an_absent_key_has_one_too(void **state)
{
	struct store *store = open_store(MB);
	int64_t lease = ask_for_lease(store, "key"), other;

	(void)state;
	CHECK(lease > 0);
	CHECK_EQ(ask_for_lease(store, "key"), STORE_LEASE_RUNNING);
	CHECK_EQ(lease_of(store, "key", 1000), 0);
	CHECK(!has(store, "key"));
	CHECK_OK(commit_text(store, "key", lease, "value"));
	CHECK(holds_text(store, "key", "value"));
	CHECK(!release_at(store, "key", lease));
	other = lease_of(store, "key", 1000); /* whoever asks for the lease itself gets it, fresh or not */
	CHECK(other > lease);
	CHECK(release_at(store, "key", other));
	CHECK_VERIFIED(store);
}

/* At the very microsecond, whatever the coarse clock says; in microseconds and as a part of the ttl. */
static void states_change_at_their_boundaries(void **state)
{
	static const struct {
		int64_t ahead_us;
		uint32_t millionths;
		int64_t aging_at;
	} cases[] = {
		{0, 0, 300 * SECOND}, {60 * SECOND, 0, 240 * SECOND}, {0, 200000, 240 * SECOND}, {5 * SECOND, 200000, 240 * SECOND},
		{1, 0, 300 * SECOND - 1}, {0, 1, 300 * SECOND - 300}, {0, 1000000, 0}, {400 * SECOND, 0, 0}, {0, 333333, 200000100},
	};
	struct store *store = open_store(MB);
	enum store_state found;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases) * 2; i++) {
		const struct store_ask look = {.ahead_us = cases[i / 2].ahead_us, .ahead_millionths = cases[i / 2].millionths};
		const struct {
			int64_t at;
			enum store_state state;
		} expected[] = {
			{cases[i / 2].aging_at - 1, FRESH}, {cases[i / 2].aging_at, cases[i / 2].aging_at == 300 * SECOND ? STALE : AGING},
			{300 * SECOND - 1, cases[i / 2].aging_at == 300 * SECOND ? FRESH : AGING}, {300 * SECOND, STALE},
			{310 * SECOND - 1, STALE}, {310 * SECOND, MISSING},
		};
		int64_t begin = world->wall_us;
		world->coarse_lag_us = i % 2 ? CACHE_COARSE_LAG_US : 0;
		put_lasting(store, "key", "value", 300 * SECOND, 10 * SECOND, "");
		for (size_t k = 0; k < COUNT_OF(expected); k++) {
			if (expected[k].at < 0) {
				continue;
			}
			clock_set(begin + expected[k].at);
			CHECK_EQ(ask(store, "key", &look, &found), 0);
			CHECK_EQ(found, expected[k].state);
		}
	}
	put_lasting(store, "key", "value", 0, 0, ""); /* what never ends never ages */
	CHECK_EQ(ask(store, "key", &(struct store_ask){.lease_ns = 1, .ahead_us = INT64_MAX}, &found), 0);
	CHECK_EQ(found, FRESH);
}

static void what_ages_is_leased_too(void **state)
{
	const struct store_ask a_fifth = {.lease_ns = 1000 * NS_PER_MS, .ahead_millionths = 200000};
	struct store *store = open_store(MB);
	enum store_state found;
	int64_t lease;

	(void)state;
	put_lasting(store, "key", "old", 10 * SECOND, 0, "");
	clock_advance(8 * SECOND - 1);
	CHECK_EQ(ask(store, "key", &a_fifth, &found), 0);
	clock_advance(1);
	lease = ask(store, "key", &a_fifth, &found);
	CHECK(lease > 0);
	CHECK_EQ(found, AGING);
	CHECK_EQ(ask(store, "key", &a_fifth, &found), STORE_LEASE_RUNNING);
	CHECK_EQ(found, AGING);
	CHECK_EQ(ask_for_lease(store, "key"), 0); /* for him it is fresh */
	CHECK_OK(commit_text(store, "key", lease, "new"));
	CHECK_EQ(COUNTER_OF(store, aging_hits), 2);
}

/* ---- its end -------------------------------------------------------------------------------------------------- */

static void a_lease_is_released_once(void **state)
{
	struct store *store = open_store(MB);
	int64_t lease = lease_of(store, "key", 1000), next;

	(void)state;
	CHECK(release_at(store, "key", lease));
	CHECK(!release_at(store, "key", lease));
	CHECK_STATUS(commit_text(store, "key", lease, "value"), CACHE_MISMATCH);
	next = lease_of(store, "key", 1000);
	CHECK(next > lease);
	CHECK(!release_at(store, "key", lease)); /* not another's */
	CHECK(!extend_at(store, "key", lease, 1000));
	CHECK(runs(store, "key"));
	CHECK(!release_at(store, "another", next));
	CHECK(!release_at(store, "key", 0));
	CHECK(release_at(store, "key", next));
	CHECK_EQ(load_relaxed(&shard_open(&store->owner, 0).shard->leases), 0);
	CHECK_VERIFIED(store);
}

static void a_deadline_lets_the_next_one_in(void **state)
{
	struct store *store = open_store(MB);
	int64_t first = lease_of(store, "key", 1000), second;

	(void)state;
	skip_ms(900);
	CHECK(runs(store, "key"));
	skip_ms(100);
	CHECK(!runs(store, "key"));
	second = lease_of(store, "key", 1000);
	CHECK(second > first);
	CHECK_EQ(COUNTER_OF(store, leases_taken_over), 1);
	CHECK_STATUS(commit_text(store, "key", first, "first"), CACHE_MISMATCH);
	CHECK(!extend_at(store, "key", first, 1000));
	CHECK_OK(commit_text(store, "key", second, "second"));
	CHECK(holds_text(store, "key", "second"));
}

static void a_lease_past_its_deadline_is_good_until_taken_over(void **state)
{
	struct store *store = open_store(MB);
	int64_t lease = lease_of(store, "key", 1000);

	(void)state;
	skip_ms(5000);
	CHECK_OK(commit_text(store, "key", lease, "late"));
	CHECK(holds_text(store, "key", "late"));
	lease = lease_of(store, "other", 1000);
	skip_ms(5000);
	CHECK(extend_at(store, "other", lease, 1000)); /* is in force again */
	CHECK_EQ(lease_of(store, "other", 1000), 0);
	CHECK_OK(commit_text(store, "other", lease, "late"));
}

static void extending_counts_from_now(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_lease_info info;
	int64_t lease = lease_of(store, "key", 1000);

	(void)state;
	skip_ms(900);
	CHECK(extend_at(store, "key", lease, 10000));
	skip_ms(9000);
	CHECK(store_lease_get(store, &key, &info));
	CHECK(info.left_ns <= 1000 * NS_PER_MS);
	CHECK(extend_at(store, "key", lease, 0)); /* also nearer */
	CHECK(!runs(store, "key"));
	CHECK(extend_at(store, "key", lease, UINT64_MAX / NS_PER_MS)); /* without end */
	skip_ms(UINT64_C(1) << 40);
	CHECK(runs(store, "key"));
}

static void the_wall_clock_does_not_matter(void **state)
{
	struct store *store = open_store(MB);
	int64_t lease = lease_of(store, "key", 1000);

	(void)state;
	clock_advance(3600 * SECOND);
	CHECK(runs(store, "key"));
	clock_advance(-7200 * SECOND);
	CHECK(runs(store, "key"));
	CHECK_OK(commit_text(store, "key", lease, "value"));
}

static void all_leases_end_with_the_request(void **state)
{
	struct store *store = open_store(MB), *other = open_store(MB);
	int64_t kept, committed;

	(void)state;
	kept = lease_of(other, "kept", 100000);
	for (unsigned i = 0; i < 20; i++) {
		CHECK(lease_of(store, key_number(store, "key", i).bytes, 100000) > 0);
	}
	committed = lease_of(store, "committed", 100000);
	CHECK_OK(commit_text(store, "committed", committed, "value"));
	CHECK_EQ(store->leases_held, 20);
	store_release_leases(store);
	for (unsigned i = 0; i < 20; i++) {
		CHECK(!runs(store, key_number(store, "key", i).bytes));
	}
	CHECK(runs(store, "kept"));
	CHECK(holds_text(store, "committed", "value"));
	store_release_leases(store);
	CHECK_OK(commit_text(other, "kept", kept, "value"));
	CHECK_EQ(load_relaxed(&shard_open(&store->owner, 0).shard->leases), 0);
	/* So with the handle. */
	CHECK(lease_of(other, "key", 100000) > 0);
	close_store(other);
	CHECK(!runs(store, "key"));
	CHECK_VERIFIED(store);
}

/* ---- owners that end ------------------------------------------------------------------------------------------- */

static void take_and_stay(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	world->words[0] = (uint64_t)ask_for_lease(store, "key");
	CHECK((int64_t)world->words[0] > 0);
	flag_raise(FLAG_TAKEN);
	child_park();
}

static void the_next_asker_wins_when_the_owner_is_killed(void **state)
{
	struct store *store = open_store(MB);
	struct timespec wait = {.tv_nsec = 2000000};
	uint64_t begun;
	int64_t lease;
	pid_t owner;

	(void)state;
	put_lasting(store, "key", "old", SECOND, 100 * SECOND, "");
	clock_advance(SECOND);
	owner = child_start(take_and_stay, NULL);
	flag_await(FLAG_TAKEN);
	CHECK_EQ(ask_for_lease(store, "key"), STORE_LEASE_RUNNING);
	child_kill(owner);
	begun = cache_posix_host.monotonic_ns(NULL);
	while ((lease = ask_for_lease(store, "key")) == STORE_LEASE_RUNNING) {
		nanosleep(&wait, NULL);
	}
	CHECK(lease > 0);
	CHECK(cache_posix_host.monotonic_ns(NULL) - begun < 200 * NS_PER_MS);
	CHECK_STATUS(commit_text(store, "key", (int64_t)world->words[0], "of the dead"), CACHE_MISMATCH);
	CHECK_OK(commit_text(store, "key", lease, "new"));
	CHECK(holds_text(store, "key", "new"));
	CHECK_VERIFIED(store);
}

/* Its slot may have another owner by then, who holds no lease. */
static void a_slot_that_is_used_again_does_not_keep_a_lease(void **state)
{
	struct store *store = open_store(MB), *next;
	struct shard_ref r = shard_open(&store->owner, 0);
	uint32_t slot;
	pid_t owner = child_start(take_and_stay, NULL);

	(void)state;
	flag_await(FLAG_TAKEN);
	slot = load_relaxed(&lease_find(&r, key_of(store, "key").hash)->slot);
	child_kill(owner);
	CHECK_EQ(owner_reap_all(&store->owner), 1);
	next = open_store(MB);
	CHECK_EQ(next->owner.slot, slot);
	CHECK(!runs(store, "key"));
	CHECK(ask_for_lease(store, "key") > 0);
}

static void take_and_stop(void *context)
{
	struct store *store = open_store(MB);
	int64_t lease = ask_for_lease(store, "key");

	CHECK(lease > 0);
	raise(SIGSTOP);
	CHECK_EQ(commit_text(store, "key", lease, "resumed") == CACHE_OK, *(bool *)context);
}

static void a_stopped_owner_that_resumes(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	for (int kept = 0; kept < 2; kept++) {
		bool expected = kept;
		pid_t owner = child_start(take_and_stop, &expected);
		child_await_stop(owner);
		skip_ms(29000);
		CHECK_EQ(ask_for_lease(store, "key"), STORE_LEASE_RUNNING); /* it lives */
		skip_ms(1001);
		if (!kept) {
			int64_t lease = ask_for_lease(store, "key");
			CHECK(lease > 0);
			CHECK_OK(commit_text(store, "key", lease, "taken over"));
		}
		child_continue(owner);
		child_join(owner);
		CHECK(holds_text(store, "key", kept ? "resumed" : "taken over"));
		CHECK_OK(delete_at(store, "key"));
	}
	CHECK_VERIFIED(store);
}

static struct store *inherited;
static int64_t inherited_lease;

static void end_as_a_child(void *context)
{
	(void)context;
	store_release_leases(inherited); /* before it has a slot of its own */
	put_text(inherited, "other", "value");
	store_release_leases(inherited);
	CHECK(lease_of(inherited, "of the child", 100000) > 0);
	store_release_leases(inherited);
	CHECK(!runs(inherited, "of the child"));
	CHECK(lease_of(inherited, "of the child", 100000) > 0);
	store_close(inherited);
}

static void a_forked_child_does_not_release_its_parents(void **state)
{
	(void)state;
	inherited = open_store(MB);
	inherited_lease = lease_of(inherited, "key", 100000);
	in_child(end_as_a_child, NULL);
	CHECK(runs(inherited, "key"));
	CHECK(!runs(inherited, "of the child"));
	CHECK_OK(commit_text(inherited, "key", inherited_lease, "value"));
	CHECK_VERIFIED(inherited);
}

static void guests_have_leases(void **state)
{
	struct store_options options = options_for(MB);
	struct store *store, *guest;
	struct store_lease_info info;
	struct store_key key;
	int64_t lease;

	(void)state;
	options.processes = 1;
	store = open_with(&options);
	guest = open_with(&options);
	CHECK(guest->owner.guest);
	key = key_of(store, "key");
	lease = ask_for_lease(guest, "key");
	CHECK(lease > 0);
	CHECK(store_lease_get(store, &key, &info));
	CHECK_EQ(info.owner, UINT32_MAX);
	CHECK_EQ(ask_for_lease(store, "key"), STORE_LEASE_RUNNING);
	skip_ms(1000); /* whose death cannot be noticed */
	CHECK_EQ(ask_for_lease(store, "key"), STORE_LEASE_RUNNING);
	CHECK_OK(commit_text(guest, "key", lease, "value"));
	CHECK(holds_text(store, "key", "value"));
	CHECK(lease_of(guest, "a", 100000) > 0);
	CHECK(lease_of(guest, "b", 100000) > 0);
	put_text(guest, "other", "value");
	store_release_leases(guest);
	CHECK(!runs(store, "a"));
	CHECK(!runs(store, "b"));
	lease = lease_of(guest, "a", 1000);
	skip_ms(1000);
	CHECK(lease_of(store, "a", 1000) > 0); /* its deadline counts */
	CHECK_STATUS(commit_text(guest, "a", lease, "value"), CACHE_MISMATCH);
	CHECK_VERIFIED(store);
}

/* ---- one of many ------------------------------------------------------------------------------------------------ */

/*
 * Each round all ask for a key that is missing, aging or stale: one gets the lease, and commits when all have asked.
 * words: 0 the round, 1 how many asked, 2 how many of them won, 3 how many are done
 */
enum { PROCESSES = 8, ROUNDS = SLOW_BUILD ? 900 : 3000 };

static void ask_each_round(void *context)
{
	const struct store_ask a_fifth = {.lease_ns = 100000 * NS_PER_MS, .ahead_millionths = 200000};
	struct store *store = open_store(MB);

	(void)context;
	flag_await(FLAG_GO);
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		enum store_state found;
		while (world->words[0] < round) {
			usleep(50);
		}
		struct store_key key = key_number(store, "key", round % 3);
		int64_t lease = ask(store, key.bytes, &a_fifth, &found);
		CHECK(lease > 0 || lease == STORE_LEASE_RUNNING);
		CHECK_EQ(found, round % 3 == 0 ? MISSING : round % 3 == 1 ? AGING : STALE);
		world->words[2] += lease > 0;
		world->words[1]++;
		while (lease > 0 && world->words[1] < PROCESSES) {
			usleep(50);
		}
		if (lease > 0) {
			CHECK_OK(commit_text(store, key.bytes, lease, "new"));
		}
		world->words[3]++;
	}
}

static void exactly_one_of_eight_processes(void **state)
{
	struct store *store = open_store(MB);
	pid_t pids[PROCESSES];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = child_start(ask_each_round, NULL);
	}
	flag_raise(FLAG_GO);
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		struct store_key key = key_number(store, "key", round % 3);
		(void)!store_delete(store, &key);
		if (round % 3) {
			put_lasting(store, key.bytes, "old", 10 * SECOND, 100 * SECOND, "");
			clock_advance(round % 3 == 1 ? 9 * SECOND : 11 * SECOND);
		}
		world->words[1] = world->words[2] = world->words[3] = 0;
		world->words[0] = round;
		for (int waited = 0; world->words[3] < PROCESSES; waited++) {
			CHECK(waited < 600000);
			usleep(50);
		}
		CHECK_EQ(world->words[2], 1);
		CHECK(holds_text(store, key.bytes, "new"));
	}
	for (int i = 0; i < PROCESSES; i++) {
		child_join(pids[i]);
	}
	CHECK_EQ(COUNTER_OF(store, leases_granted), ROUNDS);
	CHECK_EQ(COUNTER_OF(store, commits), ROUNDS);
	CHECK_VERIFIED(store);
}

/* Whoever has the lease is the only one, at any time: a version is rebuilt once. */
static void rebuild_all_the_time(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)context;
	flag_await(FLAG_GO);
	jitter();
	while (!world->flags[FLAG_STOP]) {
		static const struct store_ask want = {.lease_ns = 100000 * NS_PER_MS};
		struct store_answer answer;
		struct store_view view;
		int64_t number = 0;
		if (store_get_stale(store, &key, &want, &view, &answer) == CACHE_OK) {
			number = view.integer;
		}
		if (answer.lease <= 0) {
			continue;
		}
		CHECK_EQ(atomic_fetch_add(&world->words[0], 1), 0);
		struct store_item item = item_int(number + 1);
		item.ttl_us = MS;
		item.stale_ttl_us = STORE_FOREVER;
		atomic_fetch_sub(&world->words[0], 1);
		CHECK_OK(store_commit(store, &key, (uint64_t)answer.lease, &item));
		clock_advance(2 * MS);
		world->words[1]++;
	}
}

static void a_version_is_rebuilt_once(void **state)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");
	struct store_entry entry;
	pid_t pids[4];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		pids[i] = child_start(rebuild_all_the_time, NULL);
	}
	flag_raise(FLAG_GO);
	for (int i = 0; i < 40 || (world->words[1] < 200 && i < 2000); i++) {
		usleep(20000);
	}
	flag_raise(FLAG_STOP);
	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		child_join(pids[i]);
	}
	CHECK_OK(store_inspect(store, &key, &entry));
	CHECK_EQ(entry.view.integer, world->words[1]); /* words[1] is counted by one at a time: the lease is its lock */
	store_unpin(store, entry.view.pin);
	CHECK_VERIFIED(store);
}

/* ---- a table that is full ----------------------------------------------------------------------------------------- */

static const char *key_in_set(struct store *store, uint64_t set, unsigned nth)
{
	static char names[64][24];
	static unsigned next;
	char *name = names[next++ % COUNT_OF(names)];

	for (unsigned i = 0;; i++) {
		snprintf(name, sizeof names[0], "lease%u", i);
		struct store_key key = key_of(store, name);
		if ((key.hash >> 32 & (store->segment->geometry.lease_sets - 1)) == set && nth-- == 0) {
			return name;
		}
	}
}

static void a_full_table_refuses_and_counts(void **state)
{
	struct store *store = open_store(MB);
	int64_t leases[LEASE_WAYS + 3];
	pid_t owner;

	(void)state;
	for (unsigned i = 0; i < LEASE_WAYS; i++) {
		leases[i] = lease_of(store, key_in_set(store, 2, i), i == 5 ? 1000 : 100000);
		CHECK(leases[i] > 0);
	}
	CHECK_EQ(lease_of(store, key_in_set(store, 2, LEASE_WAYS), 1000), 0);
	CHECK_EQ(ask_for_lease(store, key_in_set(store, 2, LEASE_WAYS)), STORE_LEASE_RUNNING);
	CHECK_EQ(COUNTER_OF(store, leases_refused), 2);
	CHECK(lease_of(store, key_in_set(store, 3, 0), 1000) > 0);
	CHECK_VERIFIED(store);
	/* One that has expired makes room, and its owner loses. */
	skip_ms(1000);
	CHECK(lease_of(store, key_in_set(store, 2, LEASE_WAYS), 100000) > 0);
	CHECK_STATUS(commit_text(store, key_in_set(store, 2, 5), leases[5], "late"), CACHE_MISMATCH);
	CHECK_EQ(lease_of(store, key_in_set(store, 2, LEASE_WAYS + 1), 1000), 0);
	/* So does one that was released, or void. */
	CHECK(release_at(store, key_in_set(store, 2, 0), leases[0]));
	CHECK(lease_of(store, key_in_set(store, 2, LEASE_WAYS + 1), 100000) > 0);
	put_text(store, key_in_set(store, 2, 1), "value");
	CHECK(lease_of(store, key_in_set(store, 2, LEASE_WAYS + 2), 100000) > 0);
	CHECK_EQ(lease_of(store, key_in_set(store, 2, LEASE_WAYS + 3), 1000), 0);
	CHECK_VERIFIED(store);
	/* And what a clear voids, all at once. */
	store_clear(store);
	for (unsigned i = 20; i < 20 + LEASE_WAYS; i++) {
		CHECK(lease_of(store, key_in_set(store, 2, i), 100000) > 0);
	}
	CHECK_VERIFIED(store);
	/* And whoever died. */
	store_release_leases(store);
	for (unsigned i = 0; i < LEASE_WAYS - 1; i++) {
		CHECK(lease_of(store, key_in_set(store, 2, i), 100000) > 0);
	}
	(void)!delete_at(store, "key");
	owner = child_start(take_and_stay, NULL);
	flag_await(FLAG_TAKEN);
	child_kill(owner);
	owner_reap_all(&store->owner);
	CHECK(lease_of(store, "key", 1000) > 0);
	CHECK_VERIFIED(store);
}

static void fill_a_set_and_stay(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	for (unsigned i = 0; i < LEASE_WAYS; i++) {
		CHECK(lease_of(store, key_in_set(store, 2, i), 100000) > 0);
	}
	flag_raise(FLAG_TAKEN);
	child_park();
}

static void leases_of_the_dead_make_room(void **state)
{
	struct store *store = open_store(MB);
	pid_t owner = child_start(fill_a_set_and_stay, NULL);

	(void)state;
	flag_await(FLAG_TAKEN);
	CHECK_EQ(lease_of(store, key_in_set(store, 2, 10), 1000), 0);
	child_kill(owner);
	clock_advance(2 * SECOND);
	store_sweep(store); /* once a second somebody looks for the dead */
	for (unsigned i = 10; i < 10 + LEASE_WAYS; i++) {
		CHECK(lease_of(store, key_in_set(store, 2, i), 100000) > 0);
	}
	CHECK_VERIFIED(store);
}

/* ---- waiting ---------------------------------------------------------------------------------------------------------- */

static uint64_t wait_ns(struct store *store, const char *key, uint64_t at_most_ms)
{
	struct store_key k = key_of(store, key);
	uint64_t begun = cache_posix_host.monotonic_ns(NULL);

	store_lease_wait(store, &k, at_most_ms * NS_PER_MS);
	return cache_posix_host.monotonic_ns(NULL) - begun;
}

static void waiting_ends_by_itself(void **state)
{
	struct store *store = open_store(MB);

	(void)state;
	CHECK(wait_ns(store, "key", 10000) < 5000 * NS_PER_MS); /* nothing to wait for */
	CHECK(lease_of(store, "key", 100000) > 0);
	CHECK(wait_ns(store, "key", 0) < 5000 * NS_PER_MS);
	CHECK(wait_ns(store, "key", 10) >= 9 * NS_PER_MS);
	uint64_t slice = wait_ns(store, "key", 10000);
	CHECK(slice >= 45 * NS_PER_MS);
	CHECK(slice < 5000 * NS_PER_MS); /* on a machine with much else to do */
	CHECK_EQ(store->wake == NULL, 1);
}

/* word 0: rounds in which the wake came; word 1: the lease */
static void wait_for_the_end(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	for (int round = 0; round < 20; round++) {
		int flag = 8 + round % 2;
		flag_await(flag);
		world->flags[flag] = 0;
		world->words[2] = (uint64_t)round + 1;
		uint64_t begun = cache_posix_host.monotonic_ns(NULL);
		while (runs(store, "key")) {
			struct store_key key = key_of(store, "key");
			store_lease_wait(store, &key, 10000 * NS_PER_MS);
		}
		world->words[0] += cache_posix_host.monotonic_ns(NULL) - begun < 45 * NS_PER_MS;
		world->words[3] = (uint64_t)round + 1;
	}
}

static void a_waiter_is_woken_when_the_lease_ends(void **state)
{
	struct store *store = open_store(MB);
	struct lease *lease;
	pid_t waiter = child_start(wait_for_the_end, NULL);

	(void)state;
	put_lasting(store, "key", "old", 0, STORE_FOREVER, "");
	for (uint64_t round = 0; round < 20; round++) {
		struct shard_ref r = shard_open(&store->owner, 0);
		int64_t sequence;
		CHECK_OK(mark_at(store, "key"));
		sequence = lease_of(store, "key", 100000);
		CHECK(sequence > 0);
		lease = lease_find(&r, key_of(store, "key").hash);
		flag_raise(8 + (int)(round % 2));
		for (int i = 0; !load_relaxed(&lease->waited_for) || world->words[2] != round + 1; i++) {
			CHECK(i < 30000);
			usleep(100);
		}
		usleep(1000); /* so that it sleeps, most likely */
		switch (round % 4) {
		case 0:
			CHECK_OK(commit_text(store, "key", sequence, "new"));
			put_lasting(store, "key", "old", 0, STORE_FOREVER, "");
			break;
		case 1:
			CHECK(release_at(store, "key", sequence));
			break;
		case 2:
			store_release_leases(store);
			break;
		default:
			CHECK_OK(mark_at(store, "key"));
		}
		for (int i = 0; world->words[3] != round + 1; i++) {
			CHECK(i < 300000);
			usleep(100);
		}
	}
	child_join(waiter);
	/* Without wakes nearly none would be back within a slice. */
	CHECK(world->words[0] >= 12);
	CHECK_VERIFIED(store);
}

/* ---- whoever has the lock of the shard -------------------------------------------------------------------------------- */

static void killed_with_the_lock(void **state)
{
	static const char *const tags[] = {"", "a b c"};

	(void)state;
	/* What a killed grant leaves half done is made by hand: it passes no fault point but the lock. */
	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		for (int step = 0; step < 5; step++) {
			struct store *store = open_store(MB);
			struct store_key key = key_of(store, "key");
			struct shard_ref r = shard_open(&store->owner, 0);
			struct lease_set *set = lease_set_number(&r, key.hash >> 32 & (r.geometry->lease_sets - 1));
			pid_t holder;
			put_lasting(store, "key", "old", 0, STORE_FOREVER, tags[i]);
			CHECK_OK(mark_at(store, "key"));
			CHECK(lease_of(store, "other", 100000) > 0);
			holder = stop_with_lock(first_shard_lock);
			switch (step) {
			case 0: /* counted */
				rmw_add(&r.shard->leases, 1);
				break;
			case 1: /* and its slot has the hash */
				rmw_add(&r.shard->leases, 1);
				store_relaxed(&set->hashes[7], key.hash);
				break;
			case 2: /* and some of the fields */
				rmw_add(&r.shard->leases, 1);
				store_relaxed(&set->hashes[7], key.hash);
				store_relaxed(&set->leases[7].token, 7);
				store_relaxed(&set->leases[7].deadline_ns, UINT64_MAX);
				store_relaxed(&set->leases[7].tag_count, 99);
				break;
			case 3: /* freed, and not counted */
				rmw_add(&r.shard->leases, 1);
				break;
			default: /* complete: that of a dead owner */
				rmw_add(&r.shard->leases, 1);
				store_relaxed(&set->hashes[7], key.hash);
				store_relaxed(&set->leases[7].deadline_ns, UINT64_MAX);
				store_relaxed(&set->leases[7].slot, lock_owner(&r.shard->lock));
				store_relaxed(&set->leases[7].incarnation, 1);
				store_relaxed(&set->leases[7].sequence, r.shard->version += 2);
			}
			child_kill(holder);
			put_text(store, "next", "value"); /* recovers the shard */
			CHECK_EQ(COUNTER_OF(store, rebuilds), 1);
			CHECK_VERIFIED(store);
			CHECK_EQ(load_relaxed(&r.shard->leases), step == 4 ? 2 : 1); /* what is half done is free again */
			CHECK(runs(store, "other"));
			CHECK(!runs(store, "key"));
			int64_t lease = ask_for_lease(store, "key");
			CHECK(lease > 0);
			CHECK_OK(commit_text(store, "key", lease, "new"));
			CHECK_VERIFIED(store);
			char path[512];
			snprintf(path, sizeof path, "%s", store->segment->path);
			close_store(store);
			CHECK_EQ(remove(path), 0);
		}
	}
}

static void grant_all_the_time(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	jitter();
	flag_raise(FLAG_READY);
	for (unsigned i = 0;; i++) {
		const char *key = key_number(store, "key", i % 30).bytes;
		int64_t lease = lease_of(store, key, 100000);
		if (i % 3 == 0) {
			(void)!commit_text(store, key, lease, "value");
		} else if (i % 3 == 1) {
			release_at(store, key, lease);
		}
	}
}

static void killed_anywhere_the_table_is_whole(void **state)
{
	struct store *store = open_store(MB);
	struct rng rng = {3};

	(void)state;
	for (int round = 0; round < (SLOW_BUILD ? 30 : 80); round++) {
		world->flags[FLAG_READY] = 0;
		pid_t pid = child_start(grant_all_the_time, NULL);
		flag_await(FLAG_READY);
		usleep((unsigned)rng_below(&rng, 3000));
		child_kill(pid);
		owner_reap_all(&store->owner);
		CHECK_VERIFIED(store);
		for (unsigned i = 0; i < 30; i++) {
			const char *key = key_number(store, "key", i).bytes;
			int64_t lease = lease_of(store, key, 1000);
			CHECK(lease > 0);
			CHECK_OK(commit_text(store, key, lease, "mine"));
		}
		CHECK_VERIFIED(store);
	}
	CHECK_EQ(load_relaxed(&shard_open(&store->owner, 0).shard->leases), 0);
}

static void invalidations_void_leases_while_the_lock_is_not_to_be_had(void **state)
{
	static const char *const keys[] = {"deleted", "marked", "tagged", "absent", "kept"};
	struct store *store = open_store(MB);
	int64_t leases[COUNT_OF(keys)];
	pid_t holder;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (i != 3) {
			put_lasting(store, keys[i], "old", 0, STORE_FOREVER, keys[i]);
			CHECK_OK(mark_at(store, keys[i]));
		}
		leases[i] = ask_for_lease(store, keys[i]);
		CHECK(leases[i] > 0);
	}
	put_lasting(store, "fresh", "old", 0, STORE_FOREVER, "tagged");
	holder = stop_with_lock(first_shard_lock);
	CHECK_OK(delete_at(store, "deleted"));
	CHECK_STATE(store, "deleted", MISSING);
	CHECK_OK(mark_at(store, "marked"));
	CHECK_STATE(store, "marked", MISSING); /* which errs towards missing */
	CHECK_STATUS(delete_at(store, "absent"), CACHE_MISSING);
	CHECK_STATUS(mark_at(store, "absent"), CACHE_MISSING);
	invalidate_tags(store, "tagged", true);
	CHECK_STATE(store, "tagged", MISSING);
	CHECK_STATE(store, "fresh", MISSING);
	CHECK_EQ(lease_of(store, "new", 1000), 0);
	CHECK_EQ(ask_for_lease(store, "new"), STORE_LEASE_RUNNING);
	child_continue(holder);
	child_join(holder);
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		CHECK_STATUS(commit_text(store, keys[i], leases[i], "new"), i == 4 ? CACHE_OK : CACHE_MISMATCH);
		CHECK_EQ(has(store, keys[i]), i == 4);
	}
	CHECK_VERIFIED(store);
}

/* Stopped between its condition and the commit: what was invalidated meanwhile, and acknowledged, does not come back. */
static const struct late_commit {
	enum cache_fault point;
	bool present, mark;
} *late;

static void commit_late(void *context)
{
	struct store *store = open_store(MB);

	(void)context;
	fault_stop(late->point, 1);
	(void)!commit_text(store, "key", (int64_t)world->words[0], "rebuilt from what was before");
}

static void a_stopped_committer_does_not_bring_back_what_was_deleted(void **state)
{
	static const struct late_commit cases[] = {
		{FAULT_LOCKED, true, false}, {FAULT_BEFORE_PUBLISH, true, false}, {FAULT_AFTER_PUBLISH, true, false},
		{FAULT_LOCKED, false, false}, {FAULT_BEFORE_PUBLISH, false, false}, {FAULT_AFTER_PUBLISH, false, false},
		{FAULT_LOCKED, true, true}, {FAULT_BEFORE_PUBLISH, true, true}, {FAULT_AFTER_PUBLISH, true, true},
	};
	struct store *store = open_store(MB);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		pid_t committer;
		late = &cases[i];
		if (late->present) {
			put_lasting(store, "key", "old", 0, STORE_FOREVER, "");
			CHECK_OK(mark_at(store, "key"));
		}
		world->words[0] = (uint64_t)ask_for_lease(store, "key");
		CHECK((int64_t)world->words[0] > 0);
		committer = child_start(commit_late, NULL);
		child_await_stop(committer);
		(void)!(late->mark ? mark_at(store, "key") : delete_at(store, "key"));
		CHECK_STATE(store, "key", MISSING);
		child_continue(committer);
		child_join(committer);
		if (state_of(store, "key") != MISSING) {
			check_failed(__FILE__, __LINE__, "case %zu: what was deleted is back", i);
		}
		CHECK_VERIFIED(store);
		CHECK(ask_for_lease(store, "key") > 0);
		store_release_leases(store);
	}
}

/* ---- damage ------------------------------------------------------------------------------------------------------------ */

static void whatever_the_table_holds(void **state)
{
	struct rng rng = {9};

	(void)state;
	for (int round = 0; round < (SLOW_BUILD ? 60 : 200); round++) {
		struct store *store = open_store(MB);
		struct shard_ref r = shard_open(&store->owner, 0);
		int64_t lease = lease_of(store, "key", 100000);
		for (int n = 0; n < 200; n++) {
			uint64_t word = rng_next(&rng) >> rng_below(&rng, 64);
			memcpy((char *)lease_table(&r) + rng_below(&rng, r.geometry->lease_stride / 8) * 8, &word, 8);
		}
		/* In use: nothing crashes. */
		for (unsigned i = 0; i < 40; i++) {
			const char *key = key_number(store, "key", i).bytes;
			(void)!commit_text(store, key, lease_of(store, key, 1000), "value");
			(void)!ask_for_lease(store, "key");
		}
		close_store(store);
		store = open_store(MB);
		CHECK_VERIFIED(store); /* alone: the table is empty */
		CHECK_EQ(load_relaxed(&shard_open(&store->owner, 0).shard->leases), 0);
		CHECK_STATUS(commit_text(store, "key", lease, "value"), CACHE_MISMATCH);
		CHECK(lease_of(store, "key", 1000) > 0);
		close_store(store);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(one_asker_gets_it),
		TEST(an_absent_key_has_one_too),
		TEST(states_change_at_their_boundaries),
		TEST(what_ages_is_leased_too),
		TEST(a_lease_is_released_once),
		TEST(a_deadline_lets_the_next_one_in),
		TEST(a_lease_past_its_deadline_is_good_until_taken_over),
		TEST(extending_counts_from_now),
		TEST(the_wall_clock_does_not_matter),
		TEST(all_leases_end_with_the_request),
		TEST(the_next_asker_wins_when_the_owner_is_killed),
		TEST(a_slot_that_is_used_again_does_not_keep_a_lease),
		TEST(a_stopped_owner_that_resumes),
		TEST(a_forked_child_does_not_release_its_parents),
		TEST(guests_have_leases),
		TEST(exactly_one_of_eight_processes),
		TEST(a_version_is_rebuilt_once),
		TEST(a_full_table_refuses_and_counts),
		TEST(leases_of_the_dead_make_room),
		TEST(waiting_ends_by_itself),
		TEST(a_waiter_is_woken_when_the_lease_ends),
		TEST(killed_with_the_lock),
		TEST(killed_anywhere_the_table_is_whole),
		TEST(invalidations_void_leases_while_the_lock_is_not_to_be_had),
		TEST(a_stopped_committer_does_not_bring_back_what_was_deleted),
		TEST(whatever_the_table_holds),
	};

	return RUN(tests, argc, argv);
}
