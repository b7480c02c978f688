/*
 * A segment file that was damaged anyhow is attached by a process that is alone, and used in every way. What is
 * promised: no crash, no hang, no access outside of what the file has memory for, no answer that lies elsewhere;
 * whatever is not sound is dropped at once, so that store_verify() finds nothing, then and ever after.
 *
 * The input: which sound file; changes to it, by bytes below 128; operations, by the others. The first operation
 * attaches. FUZZ_PARTS at compile time: which parts of the file (mutate.h).
 */
#include "mutate.h"
#include "operate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#ifndef FUZZ_PARTS
#define FUZZ_PARTS MUTATE_ALL
#endif
#define CHANGES_MAX 40
#define OPERATIONS_MAX 60

static struct store *attach(const struct image *image)
{
	struct store *store;

	world_write(image);
	store = world_open(true);
	world_verify(store);
	return store;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input in = {bytes, bytes + length};
	enum world_kind kind;
	struct image *image;
	struct store *store = NULL;
	unsigned changes = 0, operations = 0;

	world_begin();
	kind = (enum world_kind)(take8(&in) % WORLD_KINDS);
	image = world_copy(kind);
	while (input_left(&in) && operations < OPERATIONS_MAX) {
		if (!store && (*in.at & 128) == 0 && changes++ < CHANGES_MAX) {
			in.at++;
			mutate(image, kind, FUZZ_PARTS, &in);
			continue;
		}
		if (!store) {
			store = attach(image);
		}
		operations++;
		operate(&store, &in);
	}
	if (!store) {
		store = attach(image);
	}
	operate_read_all(store);
	operate_write_much(store, 700);
	store_unpin_all(store);
	world_verify(store);
	store_close(store);
	return 0;
}
