/*
 * The lock whose word names its owner's slot, the bytes of the slots, and recovery.
 *
 *   acquire()     lock_try(), lock_wait(), sleep_once()          ext/core/shm/lock.h, lock.c
 *   release()     lock_release_own(), lock_release()             ext/core/shm/lock.h
 *   reap()        owner_reap()                                   ext/core/shm/owner.c
 *   attach()      try_slot(), settle()                           ext/core/shm/owner.c
 *   detach()      leave_slot()                                   ext/core/shm/owner.c
 *   recover()     store_recover(): the locks, then the slot      ext/core/store/rebuild.c
 *   kernel        SIGKILL, which drops the bytes; nothing else ends a life
 *
 * One step is one access to shared memory, or one system call; memory is sequentially consistent.
 *
 * Left out: spinning, which only tries again; patience, after which a wait ends with CACHE_BUSY, so that here it has to
 * succeed; what recovery does after the locks are open. Who finds no slot waits, instead of becoming a guest; with
 * SLOTS 2 the third process does.
 * Bounded: N processes, SLOTS slots, ROUNDS critical sections of each, DEATHS deaths, each at any step.
 *
 * Seeded bugs: BUG_ROB, BUG_OPEN_FIRST, BUG_FREE_FIRST, BUG_SETTLE, BUG_NO_PERIOD.
 */
#define N 3
#ifndef SLOTS
#define SLOTS 3
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#define NONE 7
#define WAITERS 8    /* LOCK_WAITERS */
#define OWNER(w) ((w) & 7)

byte word;           /* struct owner_lock */
bool torn;           /* what the lock protects is in the middle of a change */
byte bytes[N];       /* who holds the byte of a slot: process + 1 */
bool used[N];        /* SLOT_USED */
bool asleep[N];      /* in FUTEX_WAIT */
bool killed[N], done[N];
byte deaths = DEATHS;
byte inside;         /* the living process that holds the lock: + 1 */

inline took() {
	assert(inside == 0);      /* mutual exclusion */
	assert(!torn);            /* what it protects was made whole before it opened */
	inside = me + 1;
	torn = true
}

inline wake() { d_step { asleep[0] = false; asleep[1] = false; asleep[2] = false } }

/* Called by the holder of the byte of slot d. */
/* Called by the holder of the byte of slot d. */
inline recover(d) {
#ifdef BUG_FREE_FIRST
	used[d] = false;
#endif
	if
	:: atomic {
		OWNER(word) == d + 1 -> torn = true;     /* shard_rebuild(): may die in it */
#ifdef BUG_OPEN_FIRST
		seen = word; word = 0
#endif
	   }
	   atomic {
		torn = false;
#ifndef BUG_OPEN_FIRST
		assert(inside == 0);                     /* never opened while its owner lives */
		seen = word; word = 0
#endif
	   }
	   if
	   :: atomic { seen & WAITERS -> wake() }
	   :: else
	   fi
	:: atomic { OWNER(word) != d + 1 -> skip }
	fi;
	used[d] = false
}

inline reap(d) {
	if
	:: d == slot || bytes[d] != 0 -> skip
#ifdef BUG_ROB
	:: d != slot && bytes[d] != 0 -> recover(d)
#endif
	:: atomic { d != slot && bytes[d] == 0 -> bytes[d] = me + 1 }
	   if
	   :: used[d] -> recover(d)
	   :: !used[d]
	   fi;
	   bytes[d] = 0
	fi
}

inline try() {
	atomic {
		if
		:: word == 0 -> word = slot + 1; took(); goto critical
		:: else
		fi
	}
}

inline release() {
	if
	:: atomic { word == slot + 1 -> torn = false }
	   atomic { word = 0; inside = 0 }
	:: atomic { word != slot + 1 -> torn = false }
	   atomic { seen = word; word = 0; inside = 0 }
	   if
	   :: atomic { seen & WAITERS -> wake(); seen = 0 }
	   :: atomic { else -> seen = 0 }
	   fi
	fi
}

inline attach() {
	if
	:: me < SLOTS -> slot = me     /* attached from the beginning */
	:: atomic {
		me >= SLOTS && (bytes[0] == 0 || bytes[1] == 0) ->
		slot = (bytes[0] == 0 -> 0 : 1);
		bytes[slot] = me + 1
	   }
	   if
#ifndef BUG_SETTLE
	   :: used[slot] -> recover(slot); used[slot] = true
	   :: atomic { !used[slot] -> used[slot] = true }
#else
	   :: used[slot] = true
#endif
	   fi
	fi
}

inline detach() {
	used[slot] = false;
	atomic { bytes[slot] = 0; slot = NONE; done[me] = true }
}

proctype participant(byte me)
{
	byte slot = NONE, seen, suspect, rounds = ROUNDS;

	{
		attach();
		do
		:: rounds > 0 ->
			try();                 /* lock_try() */
			do
			:: word == 0 -> try()   /* sleep_once(): from here on */
			:: atomic { word & WAITERS -> seen = word } goto sleep
			:: atomic { word != 0 && !(word & WAITERS) -> seen = word }
			   atomic {
				if
				:: word == seen -> seen = seen | WAITERS; word = seen
				:: else -> seen = 0; goto again
				fi
			   }
sleep:
			   /* The kernel compares and queues in one step. */
			   atomic {
				if
				:: word == seen -> asleep[me] = true
				:: else -> seen = 0; goto again
				fi
			   }
			   if
			   :: atomic { !asleep[me] -> seen = 0 }
#ifndef BUG_NO_PERIOD
			   :: atomic { asleep[me] -> asleep[me] = false; suspect = OWNER(seen) - 1; seen = 0 }
			      reap(suspect);
			      atomic { suspect = 0; seen = 0 }
#endif
			   fi;
again:
			   skip
			od;
critical:
			release();
			rounds--
		:: atomic { rounds == 0 -> goto leave }
		od;
leave:
		detach()
	} unless {
		atomic { killed[me] -> slot = NONE; seen = 0; suspect = 0; rounds = 0; done[me] = true }
	}
}

inline die(p) {
	deaths--;
	killed[p] = true;
	asleep[p] = false;
	inside = (inside == p + 1 -> 0 : inside);
	bytes[0] = (bytes[0] == p + 1 -> 0 : bytes[0]);
	bytes[1] = (bytes[1] == p + 1 -> 0 : bytes[1]);
	bytes[2] = (bytes[2] == p + 1 -> 0 : bytes[2])
}

proctype kernel()
{
	do
	:: d_step { deaths > 0 && !killed[0] && !done[0] -> die(0) }
	:: d_step { deaths > 0 && !killed[1] && !done[1] -> die(1) }
	:: d_step { deaths > 0 && !killed[2] && !done[2] -> die(2) }
	:: atomic { deaths = 0; break }
	od
}

init {
	atomic {
		bytes[0] = 1; used[0] = true;
		bytes[1] = 2; used[1] = true;
#if SLOTS > 2
		bytes[2] = 3; used[2] = true;
#endif
		run participant(0); run participant(1); run participant(2); run kernel()
	}
}

/* However often they die, nobody who lives waits for ever. */
#define ALL_DONE (done[0] && done[1] && done[2])
#ifdef LIVENESS
ltl all_done { <> ALL_DONE }
#endif
