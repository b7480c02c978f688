/*
 * What a segment should hold: a list of keys, each with the states it may be in, in the order in which it may go
 * through them. Going back is wrong.
 */
#ifndef CACHE_STRESS_MODEL_H
#define CACHE_STRESS_MODEL_H

#include "support.h"

#define MODEL_KEYS 4096
#define MODEL_STATES 4
#define MODEL_WRONG UINT32_MAX

struct key_state {
	bool present;
	enum store_type type; /* STORE_STRING, or STORE_INT for every integer */
	int64_t number;       /* the integer, or the number of the value */
	uint32_t size;
};

struct model_key {
	char name[32];
	uint64_t owner; /* of its values */
	struct key_state states[MODEL_STATES];
	uint8_t count;
};

struct model {
	uint32_t count;
	struct model_key keys[MODEL_KEYS];
};

/** The key, new to the model as absent if need be. */
struct model_key *model_key(struct model *model, const char *name);
/** Puts it and notes that as its one state. */
struct model_key *model_put(struct model *model, struct store *store, const char *name, uint32_t size);
struct model_key *model_put_int(struct model *model, struct store *store, const char *name, int64_t value);

/** States that may follow. */
void model_then_value(struct model_key *key, int64_t number, uint32_t size);
void model_then_int(struct model_key *key, int64_t value);
void model_then_absent(struct model_key *key);
/** Every key that may not become absent yet may. */
void model_all_may_go(struct model *model);
/** The last state is the only one from now on. */
void model_settle(struct model *model);

/** Puts the value or integer of the key's state of that index. */
enum cache_status model_act(struct store *store, const struct model_key *key, uint32_t state);

/** The index, `from` or later, of the state that a look-up finds the key in; MODEL_WRONG: in none of them. */
uint32_t model_look(struct store *store, const struct model_key *key, uint32_t from);
/** What a look-up finds, for people. */
const char *model_describe(struct store *store, const struct model_key *key);

#endif
