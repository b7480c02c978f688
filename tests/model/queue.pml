/*
 * One job of the rebuild queue: its word, what is derived from it, its guard; those who push it and those who run it.
 *
 *   pusher           queue_push(): glance(), push(), queue_up(), hasten()             ext/core/shm/queue_push.c
 *   merge_running()  merge_running()                                                  ext/core/shm/queue_push.c
 *   enter()          queue_enter(), queue_refresh(); of a dead owner: owner_reap()    ext/core/shm/queue_table.c
 *   rebuild()        rebuild(), queue_is_orphan(), queue_place()                      ext/core/shm/queue_table.c
 *   recover()        queue_recover()                                                  ext/core/shm/queue_run.c
 *   disown()         queue_disown()                                                   ext/core/shm/queue_run.c
 *   worker: pop      queue_pop(), pop(), take()     ext/core/shm/queue_pop.c; queue_settle(), expire(): queue_steps.c
 *   worker: ack      queue_ack(), ack(), queue_end_job(), run_again(), end_without_guard(), acked_word()
 *   worker: fail     queue_fail(), fail(), end_without_guard(), failed_word()
 *
 * One step is one access to shared memory, or one system call; what is derived is read and written under the guard only, and
 * is one step. Memory is sequentially consistent but for one thing: what a pusher has changed before it pushes may be seen
 * late, until he fences (a store buffer). A guard whose owner lives may be had or not.
 *
 * The source of the values is a set of changes, one for each pusher; a run reads it when it has begun. Left out: names, texts,
 * priorities, delays, dead letters, counters, other keys; a participant whose slot was disowned does not come back.
 * Bounded: PUSHERS with one push each, WORKERS without end, LEASES_PASSED, FAILURES, DEATHS (at any step) and DEPARTURES (with a
 * job that is not ended) in all.
 *
 * What must hold: each run is ended at most once; a job is not over while a change, whose push was accepted, was not read by a
 * run that was acknowledged; there is one job of the key; and in the end it is over (LIVENESS).
 * Who finds nothing tries again whenever he likes; who sleeps and who wakes is in queue_wait.pml.
 *
 * Seeded bugs: BUG_NO_FENCE, BUG_FORGET_AGAIN, BUG_OLD_TOKEN, BUG_NO_LEAVES, BUG_CLEAR_LAST, BUG_NO_DIRTY.
 */
#ifndef PUSHERS
#define PUSHERS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef DEPARTURES
#define DEPARTURES 0
#endif
#ifndef LEASES_PASSED
#define LEASES_PASSED 0
#endif
#ifndef FAILURES
#define FAILURES 0
#endif
#define N (WORKERS + PUSHERS)
#define GENERATIONS 16

/* The word: state, again, generation. Its owner changes with the generation. */
#define FREE 0
#define WAITING 1
#define RUNNING 2
#define DONE 3
#define AGAIN 4
#define STATE(w) ((w) & 3)
#define GENERATION(w) ((w) >> 3)
#define NEXT(w, state) (((w) & 248) + 8 + (state))
byte word, owner;            /* participant + 1, or NOBODY */
#define NOBODY 31
bool due;                    /* due_ns is 0: now */
byte noted;                  /* queue_job.working */
byte working[N];             /* participant.working */
#define WORKS 1
#define LEAVES 2

#define NO_HEAP 0
#define READY_HEAP 1
#define RUNNING_HEAP 2
byte heap;
bool unique;                 /* the key is in the table */
byte guard;                  /* participant + 1 */
bool dirty;

bool gone[N];                /* dead, or at its end */
bool recovered[N];           /* somebody recovers it, or has */
bool buffered[N];            /* its change is not visible yet */
byte deaths = DEATHS, departures = DEPARTURES, leases_passed = LEASES_PASSED, failures = FAILURES;

/* What the properties are about: changes that are visible, whose pushes were accepted, that were read by an acknowledged run. */
byte changed, accepted, published;
bool ended[GENERATIONS];
byte pushing = PUSHERS;

#define IS_OVER (STATE(word) == FREE || STATE(word) == DONE)
#define IS_OWED ((accepted & ~published) != 0)

inline fence() {
	changed = changed | (buffered[me] -> 1 << (me - WORKERS) : 0);
	buffered[me] = false
}

inline disown(d) {
	if
	:: working[d] != 0 ->
#ifndef BUG_NO_LEAVES
		working[d] = LEAVES;
#endif
		dirty = true;
		working[d] = 0
	:: working[d] == 0
	fi
}

inline recover(d) {
	if
	:: atomic { guard == d + 1 -> skip }
#ifndef BUG_NO_DIRTY
	   dirty = true;
#endif
	   guard = 0
	:: guard != d + 1
	fi;
	disown(d)
}

#define IS_ORPHAN (STATE(word) == RUNNING && (owner == NOBODY || working[owner - 1] != noted))

/* Where its word says that it belongs. */
inline place() {
	heap = (STATE(word) == WAITING -> READY_HEAP : (STATE(word) == RUNNING -> RUNNING_HEAP : NO_HEAP))
}

inline rebuild() {
	d_step { heap = NO_HEAP; unique = false }
	d_step { due = due || IS_ORPHAN }
	d_step {
		if
		:: STATE(word) == WAITING -> word = word & ~AGAIN; due = true
		:: STATE(word) == DONE -> word = NEXT(word, FREE); owner = 0   /* not valid: dropped */
		:: else
		fi;
		unique = STATE(word) != FREE;
		place()
	}
}

/* With the guard, and what is derived is whole. The look at the mark is one step with taking the guard. */
inline took_guard() {
	guard = me + 1;
	fence()
}
#ifndef BUG_CLEAR_LAST
#define CLEAR dirty = false
#define CLEAR_LAST skip
#else
#define CLEAR skip
#define CLEAR_LAST dirty = false
#endif

inline reap(d) { dead = d; recovered[d] = true }

/* It may be in vain, which sets busy. */
inline enter() {
	do
	:: atomic { guard == 0 && !dirty -> took_guard(); break }
	:: atomic { guard == 0 && dirty -> took_guard(); CLEAR }
	   rebuild();
	   atomic { CLEAR_LAST; break }
	:: atomic { guard != 0 && gone[guard - 1] && !recovered[guard - 1] -> reap(guard - 1) }
	   recover(dead);
	   dead = 0
	:: atomic { guard != 0 && !gone[guard - 1] -> busy = true; break }
	od
}

inline merge_running() {
	do
	:: atomic { STATE(seen) != RUNNING -> break }
	:: atomic { STATE(seen) == RUNNING && word == seen -> fence(); word = word | AGAIN; pushed = true; break }
	:: d_step { STATE(seen) == RUNNING && word != seen -> fence(); seen = word }
	od
}

inline queue_up() {
	d_step {
		assert(STATE(word) == FREE);        /* else there would be two */
		due = true;
		word = NEXT(word, WAITING)
	}
	d_step { unique = true; place(); pushed = true }
}

proctype pusher(byte me)
{
	byte seen, dead;
	bool pushed, busy, enough;

	{
		/* glance() */
#ifndef BUG_NO_FENCE
		d_step { fence() }
#endif
		if
		:: d_step { unique -> seen = word }
		   enough = heap == READY_HEAP;
		   if
#ifndef BUG_NO_FENCE
		   :: d_step { enough && STATE(seen) == WAITING -> fence() }
		   :: atomic { !enough || STATE(seen) != WAITING -> goto look_again }
#else
		   :: skip
#endif
		   fi;
look_again:
		   if
		   :: atomic { word == seen && STATE(seen) == WAITING && enough -> goto pushed_it }
		   :: atomic { word == seen && STATE(seen) == RUNNING -> skip }
		      merge_running();
		      if
		      :: atomic { pushed -> goto pushed_it }
		      :: atomic { !pushed -> skip }
		      fi
		   :: atomic { word != seen || (STATE(seen) != RUNNING && !(enough && STATE(seen) == WAITING)) -> skip }
		   fi
		:: atomic { !unique -> skip }
		fi;
		enter();
		if
		:: atomic { busy -> goto over }     /* refused */
		:: atomic { !busy -> seen = (unique -> word : 0) }
		fi;
		/* push() */
		if
		:: atomic { STATE(seen) == RUNNING -> skip }
		   merge_running();
		   seen = (pushed -> seen : word)
		:: atomic { STATE(seen) != RUNNING -> skip }
		fi;
		if
		:: atomic { pushed -> skip }
		:: d_step { !pushed && STATE(seen) == WAITING -> place(); due = true; pushed = true }   /* hasten() */
		:: atomic { !pushed && STATE(seen) == DONE -> word = NEXT(word, FREE); owner = 0 }
		   d_step { unique = false; heap = NO_HEAP }
		   queue_up()
		:: atomic { !pushed && STATE(seen) == FREE -> skip }
		   queue_up()
		fi;
		guard = 0;
pushed_it:
		atomic { accepted = accepted | (1 << (me - WORKERS)) }
over:
		atomic { fence(); seen = 0; pushed = false; busy = false; enough = false; pushing--; gone[me] = true }
	} unless { gone[me] }
}

inline accept() {
	assert(!ended[mine]);
	ended[mine] = true;
	published = published | read
}

#ifndef BUG_OLD_TOKEN
#define IS_RUN(w) (STATE(w) == RUNNING && GENERATION(w) == mine)
#else
#define IS_RUN(w) (STATE(w) == RUNNING)
#endif
#ifndef BUG_FORGET_AGAIN
#define IS_AGAIN(w) (((w) & AGAIN) != 0)
#else
#define IS_AGAIN(w) false
#endif

#define OTHER (1 - me)
#define NONE_TO_REAP (!gone[OTHER] || recovered[OTHER] || working[OTHER] == 0)

proctype worker(byte me)
{
	byte mine, read, seen, dead;
	bool busy;

	{
		do
		:: atomic { gone[OTHER] && !recovered[OTHER] && working[OTHER] != 0 -> reap(OTHER) }
		   recover(dead);               /* reap_workers() */
		   dead = 0
		:: atomic { guard != 0 && gone[guard - 1] && !recovered[guard - 1] -> reap(guard - 1) }
		   recover(dead);
		   dead = 0
		:: /* queue_pop() */
			if
			:: atomic { NONE_TO_REAP && guard == 0 && !dirty -> took_guard() }
			:: atomic { NONE_TO_REAP && guard == 0 && dirty -> took_guard(); CLEAR }
			   rebuild();
			   CLEAR_LAST
			fi;
			do
			:: atomic {
				/* settle() */
				heap == RUNNING_HEAP && (due || leases_passed > 0) ->
				leases_passed = (due -> leases_passed : leases_passed - 1);
				seen = word; heap = NO_HEAP
			   }
			   do
			   :: d_step { STATE(seen) == RUNNING && word == seen -> word = NEXT(word, WAITING); owner = 0; seen = word }
			   :: d_step { STATE(seen) == RUNNING && word != seen -> seen = word }
			   :: atomic { STATE(seen) != RUNNING -> break }
			   od;
			   atomic { due = true; place() }
			:: atomic {
				/* take() */
				heap == READY_HEAP && STATE(word) == WAITING -> heap = NO_HEAP; working[me] = WORKS
			   }
			   d_step {
				noted = WORKS;
				word = NEXT(word, RUNNING); owner = me + 1;
				mine = GENERATION(word); assert(mine < GENERATIONS)
			   }
			   d_step { due = false; place() }
			   atomic { guard = 0; seen = 0; break }
			:: atomic { heap == READY_HEAP && STATE(word) != WAITING -> skip } rebuild()
			:: atomic { heap == NO_HEAP || heap == RUNNING_HEAP && !due -> guard = 0; seen = 0; goto again }
			od;
			/* The run. */
			read = changed;
				if
				:: atomic { !IS_RUN(word) -> goto over }
				:: atomic { IS_RUN(word) -> skip }
					/* queue_ack() */
					enter();
					if
					:: atomic { !busy -> skip }
						do
						:: atomic {
							seen = word;
							if
							:: !IS_RUN(seen) -> break
							:: IS_RUN(seen) && IS_AGAIN(seen) -> heap = NO_HEAP; due = true
							:: IS_RUN(seen) && !IS_AGAIN(seen)
							fi
						   }
						   if
						   :: d_step { word == seen && !IS_AGAIN(seen) -> word = NEXT(word, FREE); owner = 0; accept() }
						      d_step { unique = false; heap = NO_HEAP }
						      break
						   :: d_step { word == seen && IS_AGAIN(seen) -> word = NEXT(word, WAITING); owner = 0; accept() }
						      d_step { place() }
						      break
						   :: d_step { word != seen -> place() }
						   fi
						od;
						guard = 0
					:: atomic { busy -> dirty = true }
						do
						:: d_step {
							IS_RUN(word) && !(word & AGAIN) -> word = NEXT(word, DONE); owner = 0; accept()
						   }
						   break
						:: d_step {
							IS_RUN(word) && (word & AGAIN) -> owner = 0; accept();
							word = NEXT(word, WAITING) | AGAIN
						   }
						   break
						:: !IS_RUN(word) -> break
						od;
						dirty = true
					fi
				:: atomic { failures > 0 -> failures-- }
					/* queue_fail() */
					enter();
					if
					:: atomic { !busy -> skip }
						do
						:: atomic {
							seen = word;
							if
							:: !IS_RUN(seen) -> break
							:: IS_RUN(seen) -> heap = NO_HEAP; due = true
							fi
						   }
						   if
						   :: d_step { word == seen -> word = NEXT(word, WAITING); owner = 0 }
						      d_step { place() }
						      break
						   :: d_step { word != seen -> place() }
						   fi
						od;
						guard = 0
					:: atomic { busy -> dirty = true }
						if
						:: d_step {
							IS_RUN(word) -> word = NEXT(word, RUNNING) | (word & AGAIN); owner = NOBODY
						   }
						:: !IS_RUN(word)
						fi;
						dirty = true
					fi
				:: atomic { departures > 0 -> departures-- }
					disown(me);
					atomic { recovered[me] = true; goto left }
				fi;
over:
				atomic { mine = 0; read = 0; seen = 0; busy = false }
again:
				skip
		:: atomic { pushing == 0 && IS_OVER -> goto left }
		od;
left:
		atomic { mine = 0; read = 0; seen = 0; gone[me] = true }
	} unless { gone[me] }
}

/* Over, though somebody was told that it would be run. */
proctype monitor()
{
end:
	atomic { IS_OVER && IS_OWED -> assert(false) }
}

proctype store_buffers()
{
end:
	do
	:: d_step { buffered[WORKERS] -> changed = changed | 1; buffered[WORKERS] = false }
#if PUSHERS > 1
	:: d_step { buffered[WORKERS + 1] -> changed = changed | 2; buffered[WORKERS + 1] = false }
#endif
	od
}

/* A worker, or the only pusher, to whom nothing was said then. */
proctype kernel()
{
	do
	:: d_step { deaths > 0 && !gone[0] -> deaths--; gone[0] = true }
#if PUSHERS == 1
	:: d_step { deaths > 0 && !gone[WORKERS] -> deaths--; gone[WORKERS] = true; pushing-- }
#endif
	:: atomic { deaths = 0; break }
	od
}


init {
	atomic {
		buffered[WORKERS] = true;
#if PUSHERS > 1
		buffered[WORKERS + 1] = true;
#endif
		run worker(0);
#if WORKERS > 1
		run worker(1);
#endif
		run pusher(WORKERS);
#if PUSHERS > 1
		run pusher(WORKERS + 1);
#endif
		run monitor(); run store_buffers(); run kernel();
	}
}

#ifdef LIVENESS
ltl over { <> (pushing == 0 && IS_OVER) }
#endif
