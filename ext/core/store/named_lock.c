#include "core/store/named_lock.h"

#include "core/store/internal.h"

static uint64_t now_ns(const struct store *store)
{
	return store->host->monotonic_ns(store->host->context);
}

/* Counts what came of a try. */
static enum cache_status note(struct store *store, struct store_lock_wish *wish, enum cache_status status)
{
	struct owner *o = &store->owner;

	count_many(o, STORE_COUNT_named_locks_lost, wish->attempt.taken_over);
	wish->attempt.taken_over = 0;
	if (status == CACHE_OK) {
		count(o, named_locks_acquired);
		if (wish->attempt.recovered) {
			count(o, named_locks_recovered);
		}
	} else if (status == CACHE_FULL || status == CACHE_NO_SLOT) {
		count(o, named_locks_refused);
	} else if (status == CACHE_LOCKED && wish->attempt.waits && !wish->waited) {
		wish->waited = true;
		count(o, named_locks_waited);
	}
	/* Also if it was granted within a hold that a signal handler acquired meanwhile. */
	if (status != CACHE_LOCKED) {
		rwlock_give_up(&store->locks, &wish->attempt);
	}
	return status;
}

enum cache_status store_lock_try(struct store *store, struct store_lock_wish *wish)
{
	enum cache_status status = store_enter(store);

	if (status != CACHE_OK) {
		return CACHE_NO_SLOT;
	}
	status = note(store, wish, store->owner.guest ? CACHE_NO_SLOT : rwlock_try(&store->locks, &wish->attempt));
	store_leave(store);
	return status;
}

enum cache_status store_lock_begin(struct store *store, struct store_lock_wish *wish, const struct store_key *name,
                                   enum rwlock_mode mode, uint64_t wait_ns, uint64_t lease_ns)
{
	*wish = (struct store_lock_wish){
		.attempt = {
			.name = name->bytes,
			.length = name->length,
			.hash = rwlock_hash(name->hash),
			.mode = mode,
			.lease_ns = lease_ns,
			.waits = wait_ns > 0,
		},
	};
	if (wait_ns > 0) {
		uint64_t now = now_ns(store);
		wish->give_up_ns = wait_ns < STORE_WAIT_FOREVER - now ? now + wait_ns : STORE_WAIT_FOREVER;
	}
	return store_lock_try(store, wish);
}

bool store_lock_sleep(struct store *store, struct store_lock_wish *wish)
{
	uint64_t now;

	if (!wish->attempt.waits) {
		return false;
	}
	now = now_ns(store);
	if (now >= wish->give_up_ns) {
		return false;
	}
	rwlock_sleep(&store->locks, &wish->attempt, wish->give_up_ns - now);
	return true;
}

void store_lock_give_up(struct store *store, struct store_lock_wish *wish)
{
	rwlock_give_up(&store->locks, &wish->attempt);
}

enum cache_status store_lock_release(struct store *store, const struct store_key *name)
{
	return rwlock_release(&store->locks, rwlock_hash(name->hash));
}

void store_lock_release_all(struct store *store)
{
	rwlock_release_all(&store->locks);
}

/* ---- looking inside ------------------------------------------------------------------------------------- */

static void reap(struct store *store)
{
	if (store_enter(store) == CACHE_OK) {
		owner_reap_all(&store->owner);
		store_leave(store);
	}
}

bool store_lock_info(struct store *store, const struct store_key *name, struct rwlock_info *info)
{
	uint32_t record;

	reap(store);
	record = rwlock_find(store->segment, rwlock_hash(name->hash));
	return record != RWLOCK_NONE && rwlock_describe(&store->locks, record, info);
}

void store_lock_list(struct store *store, void (*visit)(void *context, const struct rwlock_info *info), void *context)
{
	struct rwlock_info info;

	reap(store);
	for (uint32_t i = 0; i < RWLOCK_RECORDS; i++) {
		if (rwlock_describe(&store->locks, i, &info)) {
			visit(context, &info);
		}
	}
}
