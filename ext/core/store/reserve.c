#include "core/store/reserve.h"

#include "core/store/alloc.h"
#include "core/store/evict.h"

/* Makes it a block that is being filled: recovery frees it, and no optimistic reader believes what it holds. */
static void begin(const struct shard_ref *r, link_t link)
{
	struct entry *e = link_entry(r, link);

	entry_begin(e, shard_next_version(r));
	/* Lengths that fit any block. */
	e->type = STORE_NULL;
	e->key_length = 1;
	e->size = 0;
	e->tags_size = 0;
	entry_set_state(e, ENTRY_INFLIGHT, QUEUE_NONE);
}

/* The lock's release makes the pin visible to whoever holds the lock next; nobody else looks for writers' pins. */
static void set_pin(struct store *store, struct reserve *reserve, uint64_t granule)
{
	struct owner *o = &store->owner;

	if (o->pin_count < WRITER_PINS) {
		o->pin_count = WRITER_PINS;
		store_relaxed(&o->record->pins, o->pin_count);
	}
	publish(&o->pins[reserve_pin(store, reserve)], granule);
	reserve->granule = granule;
}

void reserve_refill(struct store *store, const struct shard_ref *r, uint32_t class)
{
	struct reserve *reserve = reserve_slot(store, r->number, class);
	link_t link = 0;

	if (store->owner.guest || reserve_is_held(store, reserve)) {
		return; /* a guest keeps nothing; or it is for another class or shard */
	}
	if (class_has_block(&r->shard->classes[class])) {
		outlook_extend(r, class);
		link = slab_take(r, class);
		begin(r, link);
		reserve->shard = r->number;
		reserve->class = class;
		reserve->taken_at = store->writes;
		reserve->link = link;
	}
	set_pin(store, reserve, link ? link_place(r, link).granule : 0);
}

static void give_back(struct store *store, struct reserve *reserve)
{
	struct shard_ref r;

	if (!reserve_is_held(store, reserve)) {
		return;
	}
	r = shard_open(&store->owner, reserve->shard);
	if (!lock_try(r.self, &r.shard->lock)) {
		return; /* the next time */
	}
	block_free(&r, reserve->link);
	set_pin(store, reserve, 0);
	shard_unlock(&r);
}

void reserve_age(struct store *store)
{
	for (uint32_t i = 0; i < RESERVES; i++) {
		if (store->writes - store->reserves[i].taken_at >= RESERVE_WRITES) {
			give_back(store, &store->reserves[i]);
		}
	}
}

void reserve_give_back(struct store *store)
{
	for (uint32_t i = 0; i < RESERVES; i++) {
		give_back(store, &store->reserves[i]);
	}
}
