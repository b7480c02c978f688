#define _GNU_SOURCE
#include "support.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct store_options few_slots(uint32_t processes)
{
	struct store_options options = options_for(MB);

	options.processes = processes;
	return options;
}

static struct participant *record_of(struct store *store, uint32_t slot)
{
	return segment_participant(store->segment, slot);
}

static void geometry_of(const char *path, struct geometry *geometry)
{
	size_t length;
	char *bytes = file_read(path, &length);

	memcpy(geometry, &((struct superblock *)bytes)->geometry, sizeof *geometry);
	free(bytes);
}

/* ---- slots ---------------------------------------------------------------------------------------------- */

static void each_participant_has_a_slot(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB), *c;

	(void)state;
	CHECK_EQ(a->owner.slot, 0);
	CHECK_EQ(b->owner.slot, 1);
	CHECK_EQ(attached(a), 2);
	CHECK_EQ(load_relaxed(&record_of(a, 0)->state), SLOT_USED);
	close_store(a);
	CHECK_EQ(attached(b), 1);
	c = open_store(MB);
	CHECK_EQ(c->owner.slot, 0);
	CHECK_EQ(b->segment->superblock->participants_used, 2);
}

static void each_tenant_is_another_incarnation(void **state)
{
	struct store *keeper = open_store(MB);
	uint32_t last = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct store *store = open_store(MB);
		CHECK_EQ(store->owner.slot, 1);
		CHECK(load_relaxed(&record_of(keeper, 1)->incarnation) > last);
		last = load_relaxed(&record_of(keeper, 1)->incarnation);
		close_store(store);
	}
}

static void die_while_filling_a_block(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, "key");

	(void)context;
	fault_kill(FAULT_PINNED, 1);
	(void)!put_value(store, &key, 3000, 1);
}

/* Its pins would be looked up in a shard that has not been verified, whose lock seems to be held. */
static void a_slot_that_is_not_counted_has_nobody_to_recover(void **state)
{
	struct store_options options = options_for(MB);
	const char *path = path_of(&options);
	struct store *store;
	struct geometry geometry;
	uint32_t none = 0, nobody = 0x3fff;
	int status = child_wait(child_start(die_while_filling_a_block, NULL));

	(void)state;
	CHECK_EQ(status & 0x7f, SIGKILL);
	geometry_of(path, &geometry);
	file_patch(path, offsetof(struct superblock, participants_used), &none, sizeof none);
	file_patch(path, (off_t)(geometry.shards_at + offsetof(struct shard, lock)), &nobody, sizeof nobody);
	store = open_store(MB);
	CHECK_EQ(open_message[0], 0);
	CHECK_EQ(store->owner.slot, 0);
	CHECK_EQ(COUNTER_OF(store, recoveries), 0);
	CHECK_VERIFIED(store);
}

static void the_living_are_not_reaped(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);

	(void)state;
	CHECK(!owner_reap(&a->owner, b->owner.slot));
	CHECK(!owner_reap(&a->owner, a->owner.slot));
	CHECK(!owner_reap(&a->owner, a->segment->geometry.participants));
	CHECK(!owner_reap(&a->owner, NO_SLOT));
	CHECK_EQ(owner_reap_all(&a->owner), 0);
	CHECK_EQ(attached(a), 2);
}

static void pin_and_park(void *context)
{
	struct store *store = open_store(MB);
	struct store_key key = key_of(store, context);
	struct store_view view;

	CHECK_OK(store_get(store, &key, &view));
	CHECK(view.pin != 0);
	flag_raise(0);
	child_park();
}

static void a_killed_process_is_reaped(void **state)
{
	struct store *store = open_store(MB);
	pid_t child;

	(void)state;
	put_text(store, "key", "some longer value");
	child = child_start(pin_and_park, "key");
	flag_await(0);
	CHECK_EQ(attached(store), 2);
	CHECK_EQ(pins_held(store), 1);
	CHECK_EQ(owner_reap_all(&store->owner), 0);
	child_kill(child);
	CHECK_EQ(pins_held(store), 1); /* nobody knows yet */
	CHECK_EQ(owner_reap_all(&store->owner), 1);
	CHECK_EQ(attached(store), 1);
	CHECK_EQ(pins_held(store), 0);
	CHECK_EQ(COUNTER_OF(store, recoveries), 1);
	CHECK_VERIFIED(store);
}

/* A stopped process is alive, however long it is stopped. */
static void a_stopped_process_is_not_reaped(void **state)
{
	struct store *store = open_store(MB);
	pid_t child;

	(void)state;
	put_text(store, "key", "some longer value");
	child = child_start(pin_and_park, "key");
	flag_await(0);
	kill(child, SIGSTOP);
	child_await_stop(child);
	CHECK_EQ(owner_reap_all(&store->owner), 0);
	CHECK_EQ(pins_held(store), 1);
}

static void the_slot_of_the_dead_is_used_again(void **state)
{
	struct store_options options = few_slots(2);
	struct store *store = open_with(&options), *next;
	pid_t child;

	(void)state;
	put_text(store, "key", "some longer value");
	child = child_start(pin_and_park, "key");
	flag_await(0);
	uint32_t incarnation = load_relaxed(&record_of(store, 1)->incarnation);
	child_kill(child);
	next = open_with(&options);
	CHECK_EQ(next->owner.slot, 1);
	CHECK(!next->owner.guest);
	CHECK_EQ(open_message[0], 0);
	CHECK_EQ(load_relaxed(&record_of(store, 1)->incarnation), incarnation + 1);
	CHECK_EQ(pins_held(store), 0);
	CHECK_EQ(COUNTER_OF(store, recoveries), 1);
	CHECK(holds_text(next, "key", "some longer value"));
	CHECK_VERIFIED(next);
}

/* ---- pins ----------------------------------------------------------------------------------------------- */

static void pins_are_found_lowest_first(void **state)
{
	struct store *store = open_store(MB);
	struct owner *o = &store->owner;

	(void)state;
	for (uint32_t i = WRITER_PINS; i < PINS_PER_PARTICIPANT; i++) {
		CHECK_EQ(pin_find_free(o), i);
		pin_set(o, i, (struct place){i * 100});
	}
	CHECK_EQ(pin_find_free(o), PINS_PER_PARTICIPANT);
	CHECK_EQ(load_relaxed(&o->record->pins), PINS_PER_PARTICIPANT);
	pin_clear(o, 700);
	pin_clear(o, WRITER_PINS + 3);
	CHECK_EQ(pin_find_free(o), WRITER_PINS + 3);
	pin_set(o, WRITER_PINS + 3, (struct place){1});
	CHECK_EQ(pin_find_free(o), 700);
	pin_set(o, 700, (struct place){1});
	CHECK_EQ(pin_find_free(o), PINS_PER_PARTICIPANT);
	CHECK(pin_reading(o));
	pin_clear_readers(o);
	CHECK(!pin_reading(o));
	CHECK_EQ(pin_find_free(o), WRITER_PINS);
}

struct seen {
	uint64_t granules, writing;
	uint32_t count;
};

static void see(void *context, uint64_t granule, uint32_t index)
{
	struct seen *seen = context;

	seen->count++;
	seen->granules += granule;
	seen->writing += index < WRITER_PINS ? granule : 0;
}

static void the_scan_sees_the_pins_of_all_but_one(void **state)
{
	struct store *a = open_store(MB), *b = open_store(MB);
	struct seen seen = {0};

	(void)state;
	pin_set(&a->owner, WRITER_PINS, (struct place){11});
	pin_set(&a->owner, WRITER_PINS + 9, (struct place){12});
	pin_set(&b->owner, 0, (struct place){13});
	pin_set(&b->owner, PINS_PER_PARTICIPANT - 1, (struct place){14});
	pins_scan(a->segment, NO_SLOT, see, &seen);
	CHECK_EQ(seen.count, 4);
	CHECK_EQ(seen.granules, 11 + 12 + 13 + 14);
	CHECK_EQ(seen.writing, 13);
	seen = (struct seen){0};
	pins_scan(a->segment, a->owner.slot, see, &seen);
	CHECK_EQ(seen.count, 2);
	CHECK_EQ(seen.granules, 13 + 14);
	seen = (struct seen){0};
	pin_clear(&b->owner, 0);
	pin_clear_readers(&b->owner);
	pins_scan(a->segment, a->owner.slot, see, &seen);
	CHECK_EQ(seen.count, 0);
	pin_clear_readers(&a->owner);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_participant_has_a_slot),
		TEST(each_tenant_is_another_incarnation),
		TEST(a_slot_that_is_not_counted_has_nobody_to_recover),
		TEST(the_living_are_not_reaped),
		TEST(a_killed_process_is_reaped),
		TEST(a_stopped_process_is_not_reaped),
		TEST(the_slot_of_the_dead_is_used_again),
		TEST(pins_are_found_lowest_first),
		TEST(the_scan_sees_the_pins_of_all_but_one),
	};

	return RUN(tests, argc, argv);
}
