#define _GNU_SOURCE
#include "steps.h"

#include <signal.h>
#include <sys/wait.h>

#include "core/store/reserve.h"
#include "core/store/retire.h"

#define OLD_SEED 1
#define NEW_SEED 2

static const char *text_of(unsigned i)
{
	static _Thread_local char text[300];

	snprintf(text, sizeof text, "%0*u", 8 + (int)i * 5, i);
	return text;
}

void put_others(struct store *store)
{
	for (unsigned i = 0; i < STEP_KEYS; i++) {
		struct store_key key = key_number(store, "other", i);
		struct store_item item = item_string(text_of(i), strlen(text_of(i)));
		CHECK_OK(store_put(store, &key, &item, STORE_SET));
	}
}

void check_others(struct store *store)
{
	for (unsigned i = 0; i < STEP_KEYS; i++) {
		CHECK(holds_text(store, key_number(store, "other", i).bytes, text_of(i)));
	}
}

struct step {
	enum cache_fault point;
	unsigned nth;
	bool kill;
	void (*operation)(struct store *store);
};

static void take_step(void *context)
{
	const struct step *step = context;
	struct store *store = open_store(MB);

	if (step->kill) {
		fault_kill(step->point, step->nth);
	} else {
		fault_stop(step->point, step->nth);
	}
	step->operation(store);
}

pid_t stop_at(enum cache_fault point, void (*operation)(struct store *store))
{
	struct step step = {point, 1, false, operation};
	pid_t pid = child_start(take_step, &step);

	child_await_stop(pid);
	return pid;
}

bool kill_at(enum cache_fault point, unsigned nth, void (*operation)(struct store *store))
{
	struct step step = {point, nth, true, operation};
	int status = child_wait(child_start(take_step, &step));

	if (WIFSIGNALED(status)) {
		CHECK_EQ(WTERMSIG(status), SIGKILL);
		return true;
	}
	CHECK_EQ(status, 0);
	return false;
}

size_t new_size;

void put_new(struct store *store)
{
	struct store_key key = key_of(store, "key");

	CHECK_OK(put_value(store, &key, new_size, NEW_SEED));
}

void delete_key(struct store *store)
{
	struct store_key key = key_of(store, "key");

	CHECK_OK(store_delete(store, &key));
}

enum outcome outcome_of(struct store *store)
{
	struct store_key key = key_of(store, "key");

	if (holds_value(store, &key, OLD_SIZE, OLD_SEED)) {
		return OLD;
	}
	if (holds_value(store, &key, new_size, NEW_SEED)) {
		return NEW;
	}
	CHECK(!has_key(store, &key));
	return GONE;
}

uint64_t entry_bytes_in_use(struct store *store)
{
	struct shard_ref r;
	uint64_t bytes;

	reserve_give_back(store);
	r = lock_shard(store, 0);
	reclaim(&r);
	bytes = r.shard->block_bytes - (uint64_t)r.shard->classes[LINE_CLASS].used * slab_class_bytes[LINE_CLASS];
	shard_unlock(&r);
	return bytes;
}

void put_old(struct store *store)
{
	struct store_key key = key_of(store, "key");

	CHECK_OK(put_value(store, &key, OLD_SIZE, OLD_SEED));
}
