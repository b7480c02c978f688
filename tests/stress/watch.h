/*
 * What the programs that kill share: how long nothing went on, and where the killed ones were.
 */
#ifndef CACHE_STRESS_WATCH_H
#define CACHE_STRESS_WATCH_H

#include "support.h"

/*
 * How long nothing went on says little where others use the machine: then nobody gets a turn. So it is measured by turns, too: those of a
 * process that sleeps for a millisecond and counts, again and again, as nice as the others. While it counts 10,000 a worker has had its
 * turn as well; if nothing went on then, it hangs.
 */
#define HANG_TURNS 10000u
/** To wait for what must come. */
#define PATIENCE_SECONDS 120.0

/** In memory that all share. */
struct watched {
	atomic_u32 over;
	atomic_u64 gap_us;    /* the longest time in which `progress` stayed as it was */
	atomic_u64 gap_turns; /* in turns */
	atomic_u64 turns;
};

bool watch_hangs(const struct watched *watched);
/** `longest gap 0.012 s and 9 turns` */
const char *gap_text(const struct watched *watched, char text[80]);

struct deaths {
	uint64_t kills, in_call, with_lock;
};

/**
 * The caller comes when its time has come, not when the slice of time of somebody else is over. Without the right to that:
 * later. Not inherited by children.
 */
void come_first(void);

/**
 * Starts a process of its own that looks at the sum again and again, until it is over. `say`, or NULL, is called once if it
 * stays the same for 500 turns: to tell from the others' work what that is for.
 */
pid_t watch_progress(struct watched *watched, uint64_t (*progress)(void), void (*say)(void));

/**
 * Between two kills: waits until something went on since the last call, at most 100 ms. Where the machine is busy with other
 * things, processes would be killed before they ever run, and the killer be what nobody gets anywhere for.
 */
void let_go_on(uint64_t (*progress)(void));

/** Does the participant of that slot hold the lock of a shard, or that of the tags, the named locks or the queue? */
bool slot_holds_lock(struct store *store, uint32_t slot);

/** `N kills (A % in a call, B % with a lock)` */
const char *deaths_text(const struct deaths *deaths, char text[80]);

#endif
