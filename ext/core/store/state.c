/*
 * The state that an entry is in, and all that can be told of it.
 */
#include "core/store/internal.h"
#include "core/store/store.h"
#include "core/store/tag.h"

/* False: a tag was invalidated hard. */
static bool judged_times(const struct entry *e, int64_t stamp, const struct tag_verdict *verdict, struct entry_times *times)
{
	entry_times(e, stamp, times);
	if (verdict->soft && verdict->soft_us < times->soft_us) {
		/* As if it had been marked as stale at that time. */
		int64_t stale = duration_us(e->stale_ttl);
		times->soft_us = verdict->soft_us;
		if (stale >= 0 && verdict->soft_us + stale < times->hard_us) {
			times->hard_us = verdict->soft_us + stale;
		}
	}
	times->invalidated |= verdict->soft;
	return !verdict->hard;
}

bool entry_times_now(const struct shard_ref *r, const struct entry *e, int64_t stamp, struct entry_times *times)
{
	const struct tag_verdict verdict = tag_judge_entry(r->self->segment, e);

	return judged_times(e, stamp, &verdict, times);
}

/* What has not come yet. */
static inline int64_t time_to_come(const struct cache_host *host)
{
	return (host->wall_second(host->context) + 1) * 1000000 + CACHE_COARSE_LAG_US;
}

bool fresh_by_second(const struct cache_host *host, uint32_t ttl, int64_t stamp)
{
	return stamp_decode(stamp) + duration_us(ttl) >= time_to_come(host);
}

static enum store_state state_by_clock(const struct shard_ref *r, const struct entry *e, const struct entry_times *times)
{
	const struct cache_host *host = r->self->host;
	int64_t now;

	if (!times->invalidated && (times->soft_us == INT64_MAX || times->soft_us >= time_to_come(host))) {
		return STORE_STATE_FRESH;
	}
	/* The coarse clock lags: what it calls past is past; what it calls fresh by more than its lag is fresh. */
	now = host->wall_coarse_us(host->context);
	enum store_state early = entry_state_by(e, times, now);
	if (entry_state_by(e, times, now + CACHE_COARSE_LAG_US) == early) {
		return early;
	}
	return entry_state_by(e, times, host->wall_us(host->context));
}

enum store_state entry_state_slow(const struct shard_ref *r, const struct entry *e, int64_t stamp)
{
	struct entry_times times;

	/* As state_by_clock() would find out, 4 ns later. */
	if (stamp >= 0 && !(stamp & STAMP_DEAD) && e->tags_size == 0 && fresh_by_second(r->self->host, e->ttl, stamp)) {
		return STORE_STATE_FRESH;
	}
	return (stamp & STAMP_DEAD) || !entry_times_now(r, e, stamp, &times) ? STORE_STATE_MISSING : state_by_clock(r, e, &times);
}

/* ---- all that can be told ------------------------------------------------------------------------------- */

enum cache_status store_inspect(struct store *store, const struct store_key *key, struct store_entry *out)
{
	struct found f;
	enum cache_status status = store_enter(store);
	uint32_t pin;

	if (status != CACHE_OK) {
		return status;
	}
	pin = reading_pin(store);
	if (pin == PINS_PER_PARTICIPANT || !lookup_pinned(store, key, pin, &f)) {
		store_leave(store);
		return CACHE_MISSING;
	}
	if (!describe_entry(&f.r, f.entry, out)) {
		pin_clear(&store->owner, pin);
		store_leave(store);
		return CACHE_MISSING;
	}
	out->view.pin = pin;
	return CACHE_OK;
}

bool describe_entry(const struct shard_ref *r, const struct entry *e, struct store_entry *out)
{
	struct entry_times times;
	struct tag_verdict verdict;
	uint64_t version;
	int64_t stamp;

	/*
	 * State and token are of one verdict: with the token of what was fresh nothing is stored after its tag was invalidated. Version
	 * and stamp in this order: see look_read().
	 */
	do {
		verdict = tag_judge_entry(r->self->segment, e);
		version = load_acquire(&e->version) & ~UINT64_C(1);
		stamp = load_acquire(&e->stamp);
		if ((stamp & STAMP_DEAD) || version_cleared(r, version) || !judged_times(e, stamp, &verdict, &times)) {
			return false;
		}
		out->state = state_by_clock(r, e, &times);
		if (out->state == STORE_STATE_MISSING) {
			return false;
		}
		read_fence();
		fill_view(r, e, &out->view);
	} while (likely_false(!integer_goes_with(e, stamp)));
	out->key = e->key;
	out->key_length = e->key_length;
	out->version = version;
	/* With a stamp that is frozen the version may be that of a mark to come. */
	out->view.version = stamp & STAMP_FROZEN ? TOKEN_OF_NOTHING : token_version(version, verdict.soft_sequence);
	out->stamp_us = times.stamp_us;
	out->soft_us = times.soft_us;
	out->hard_us = times.hard_us;
	out->lock = load_relaxed(&e->lock) & ~(LOCK_FROZEN | LOCK_USED);
	out->ttl_us = duration_us(e->ttl);
	out->stale_ttl_us = duration_us(e->stale_ttl);
	/* The page's class does not change while the block is pinned. */
	out->memory = block_bytes(r, pointer_link(r, e));
	out->hits_class = load_relaxed(&e->frequency);
	out->accessed = load_relaxed(&e->accessed);
	out->tags = entry_tag_list(e);
	out->tags_size = entry_tag_list_size(e);
	out->tag_count = (uint8_t)entry_tag_count(e);
	return true;
}
