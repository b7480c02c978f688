/*
 * One named lock: its guard, its record, the rows of its participants, its queue.
 *
 *   acquire()        acquire(), is_blocked(), grant()                            ext/core/shm/rwlock.c
 *   writer_blocks(), reader_blocks(), place_blocks()
 *                    writer_blocks(), reader_blocks(), rwlock_queue_blocks()     ext/core/shm/rwlock.c, rwlock_queue.c
 *   join(), leave()  rwlock_queue_join(), rwlock_queue_leave()                   ext/core/shm/rwlock_queue.c
 *   let_go()         let_go()                                                    ext/core/shm/rwlock.c
 *   wake()           rwlock_queue_wake(), rwlock_queue_first()                   ext/core/shm/rwlock_queue.c
 *   reap()           reap_blockers(), owner_reap(), rwlock_recover(), recover_record()
 *                                                                                ext/core/shm/rwlock.c, rwlock_table.c
 *
 * One step is one access to shared memory, or one system call; memory is sequentially consistent. The guard is the lock of
 * lock.pml. Process p has slot p for good, so no incarnations.
 *
 * Each hold has a lease, which may have passed whenever somebody looks: more than the clock allows. A place in the queue is a rank, since
 * only the order counts; it lasts as long as its owner lives. Left out: the table of names, counts of further acquisitions,
 * giving up.
 * Bounded: N processes, ROUNDS holds of each, one to three of which write; DEATHS, at any step.
 *
 * What must hold: a writer is alone, but for holds that were lost to their lease; that the last writer died or lost the lock
 * to his lease is told to the next one, and to him only; nobody waits for ever.
 *
 * Without FAIR and SLEEPS, which know no leases, there is no queue, and who is blocked tries again whenever he likes: more may happen than with one.
 * FAIR: three processes that never stop asking, and get the guard at once; process 0 writes, 1 writes, 2 reads. Then each
 * wish of process OBSERVED is granted.
 * SLEEPS: who is blocked sleeps until he is woken. Where nobody dies and no lease passes, no other end of it is needed.
 *
 * Seeded bugs: BUG_NO_MARK, BUG_LOST_UNMARKED, BUG_NO_READERS, BUG_STORE_RELEASE, BUG_NO_EVENT, BUG_BARGE, BUG_DEAD_PLACE.
 */
#define N 3
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#if defined(FAIR) || defined(SLEEPS)
#define QUEUE
#define LEASES false
#else
#define LEASES true
#endif
#define READ 1
#define WRITE 2
#define ABANDONED 8  /* RWLOCK_ABANDONED */

byte guard;          /* process + 1 */
byte writer;         /* rwlock_record.writer: process + 1, or ABANDONED */
bool reading[N];         /* RWLOCK_READERS */
bool cell[N];        /* rwlock_cell.held */
bool place[N];       /* RWLOCK_WAITERS */
byte waiting[N];     /* rwlock_row.waiting: the mode */
byte since[N];       /* rank; 0: none yet */
byte event;
bool asleep[N];
byte bytes[N];       /* who recovers a slot: process + 1 */
bool recovered[N];   /* SLOT_FREE */
bool gone[N];        /* dead */
bool done[N];
byte deaths = DEATHS;
byte writers;        /* so many of them write, the others read */

/* What the properties are about: what the living hold, whether the next writer is to be told. */
byte holds[N];
bool owed;
bool wants[N];

#define FIRST(i, j, k) (since[i] != 0 && waiting[i] != 0 && place[i] && \
	(!place[j] || waiting[j] == 0 || since[i] < since[j]) && (!place[k] || waiting[k] == 0 || since[i] < since[k]))

#define ASLEEP_TO_READ(i) (asleep[i] && waiting[i] == READ)

inline wake() {
#ifdef SLEEPS
	if
	:: d_step {
		place[0] || place[1] || place[2] ->
		if
		:: FIRST(0, 1, 2) -> first = 0
		:: FIRST(1, 0, 2) -> first = 1
		:: FIRST(2, 0, 1) -> first = 2
		:: else -> first = N
		fi;
		who = (first < N -> waiting[first] : 0)
	   }
#ifndef BUG_NO_EVENT
	   event = (event + 1) % 4;
#endif
	   d_step {
		if
		:: who == WRITE && asleep[first] -> asleep[first] = false
		:: who == READ && (ASLEEP_TO_READ(0) || ASLEEP_TO_READ(1) || ASLEEP_TO_READ(2)) ->
			asleep[0] = asleep[0] && waiting[0] != READ;
			asleep[1] = asleep[1] && waiting[1] != READ;
			asleep[2] = asleep[2] && waiting[2] != READ
		:: else -> asleep[0] = false; asleep[1] = false; asleep[2] = false
		fi;
		first = 0; who = 0
	   }
	:: !place[0] && !place[1] && !place[2]
	fi
#else
	skip
#endif
}

inline forget_rank() {
	since[0] = (since[0] > since[me] -> since[0] - 1 : since[0]);
	since[1] = (since[1] > since[me] && me != 1 -> since[1] - 1 : since[1]);
	since[2] = (since[2] > since[me] && me != 2 -> since[2] - 1 : since[2]);
	since[me] = 0
}

inline take_rank() {
	since[me] = 1 + (since[0] != 0 -> 1 : 0) + (since[1] != 0 -> 1 : 0) + (since[2] != 0 -> 1 : 0)
}

inline join() {
	d_step {
		if
		:: since[me] == 0 -> take_rank()
		:: else
		fi;
		waiting[me] = mode;
		place[me] = true
	}
#ifdef SLEEPS
	seen = event
#endif
}

/* Under the guard. */
inline writer_blocks() {
	if
	:: writer == 0 || writer == ABANDONED
	:: writer != 0 && writer != ABANDONED -> blocked = true
	:: d_step {
		writer != 0 && writer != ABANDONED && LEASES ->
		holds[writer - 1] = 0; owed = true;
#ifdef BUG_LOST_UNMARKED
		writer = 0
#else
		writer = ABANDONED
#endif
	   }
	fi
}

inline reader_blocks() {
	if
	:: d_step { !cell[i] -> reading[i] = false }
	:: cell[i] -> blocked = true
	:: d_step { cell[i] && LEASES -> cell[i] = false; holds[i] = 0 }
	   reading[i] = false
	fi
}

inline place_blocks(i) {
	if
	:: i == me || !place[i]
	:: d_step { i != me && place[i] && waiting[i] == 0 -> place[i] = false }
#ifndef BUG_DEAD_PLACE
	:: d_step { i != me && place[i] && gone[i] -> place[i] = false }
#endif
	:: i != me && place[i] && waiting[i] != 0 ->
		if
#ifdef BUG_BARGE
		:: since[me] != 0 && since[i] < since[me] && mode == WRITE && waiting[i] == WRITE -> blocked = true
#else
		:: (mode == WRITE || waiting[i] == WRITE) && (since[me] == 0 || since[i] < since[me]) -> blocked = true
#endif
		:: else
		fi
	fi
}

/* With the guard. A first look takes no place: it finds whoever waits in its way. */
inline acquire() {
	if
	:: queue -> join()
	:: !queue
	fi;
	writer_blocks();
#ifndef BUG_NO_READERS
	if
	:: !blocked && mode == WRITE ->
		/* rwlock_next(): the whole bitmap at once */
		do
		:: d_step { i == 0 && reading[0] -> i = 0 } reader_blocks(); i = 1
		:: d_step { i <= 1 && (i == 1 || !reading[0]) && reading[1] -> i = 1 } reader_blocks(); i = 2
		:: d_step { i <= 2 && (i >= 1 || !reading[0]) && (i == 2 || !reading[1]) && reading[2] -> i = 2 }
		   reader_blocks(); i = 3
		:: atomic { (i > 0 || !reading[0]) && (i > 1 || !reading[1]) && (i > 2 || !reading[2]) -> i = 0; break }
		od
	:: blocked || mode != WRITE
	fi;
#endif
#ifdef QUEUE
	/* What it looks at changes under the guard, but for recovery: one step. */
	atomic {
		i = 0;
		do
		:: !blocked && i < N -> place_blocks(i); i++
		:: blocked || i == N -> i = 0; break
		od
	}
#endif
	if
	:: d_step {
		!blocked && mode == WRITE ->
		assert(holds[0] == 0 && holds[1] == 0 && holds[2] == 0);  /* alone */
		assert((writer == ABANDONED) == owed);                    /* told once */
		owed = false;
		holds[me] = WRITE;
		writer = me + 1;
		wants[me] = false
	   }
	:: d_step {
		!blocked && mode == READ ->
		assert(holds[0] != WRITE && holds[1] != WRITE && holds[2] != WRITE);
		holds[me] = READ;
		cell[me] = true
	   }
	   d_step { reading[me] = true; wants[me] = false }
	:: blocked
	fi;
	if
	:: d_step { !blocked && queue -> leave(); guard = 0 }
	:: d_step { blocked || !queue -> guard = 0 }
	fi
}

inline leave() {
	waiting[me] = 0;
	forget_rank();
	place[me] = false
}

inline let_go() {
	if
	:: mode == WRITE ->
		if
#ifdef BUG_STORE_RELEASE
		:: d_step { writer = 0; holds[me] = 0 }
#else
		:: d_step { writer == me + 1 -> writer = 0; holds[me] = 0 }
#endif
		   wake()
#ifndef BUG_STORE_RELEASE
		:: writer != me + 1       /* lost to its lease */
#endif
		fi
	:: mode == READ ->
		if
		:: d_step { cell[me] -> cell[me] = false; holds[me] = 0 }
		   reading[me] = false;
		   if
		   :: !reading[0] && !reading[1] && !reading[2] -> wake()
		   :: else
		   fi
		:: !cell[me]
		fi
	fi
}

/* Nothing, unless he is dead. */
inline reap(d) {
	if
	:: atomic { gone[d] && !recovered[d] && bytes[d] == 0 -> bytes[d] = me + 1 }
	   d_step {
		guard = (guard == d + 1 -> 0 : guard);
#ifndef BUG_DEAD_PLACE
		waiting[d] = 0
#endif
	   }
	   d_step { changed = reading[d]; reading[d] = false }
#ifndef BUG_DEAD_PLACE
	   d_step { changed = changed || place[d]; place[d] = false }
#endif
	   if
	   :: d_step {
		writer == d + 1 -> changed = true;
#ifdef BUG_NO_MARK
		writer = 0
#else
		writer = ABANDONED
#endif
	   }
	   :: writer != d + 1
	   fi;
	   if
	   :: changed -> wake()
	   :: else
	   fi;
	   d_step { changed = false; cell[d] = false; recovered[d] = true; bytes[d] = 0 }
	:: !gone[d] || recovered[d] || bytes[d] != 0
	fi
}

/* Of those in the way, who is dead: the writer, the first in the queue, for the first who writes a reader. */
inline suspects() {
	d_step {
		if
		:: FIRST(0, 1, 2) -> first = 0
		:: FIRST(1, 0, 2) -> first = 1
		:: FIRST(2, 0, 1) -> first = 2
		:: else -> first = N
		fi;
		suspect = N;
		if
		:: writer != 0 && writer != ABANDONED && gone[writer - 1] -> suspect = writer - 1
		:: else ->
			if
			:: first != N && first != me && gone[first] -> suspect = first
			:: (first == N || first == me) && mode == WRITE && reading[0] && gone[0] -> suspect = 0
			:: (first == N || first == me) && mode == WRITE && reading[1] && gone[1] -> suspect = 1
			:: (first == N || first == me) && mode == WRITE && reading[2] && gone[2] -> suspect = 2
			:: else
			fi
		fi;
		first = 0
	}
}

proctype participant(byte me)
{
	byte mode, seen, first, who, suspect = N, i, rounds = ROUNDS;
	bool blocked, queue, changed;

	{
		do
		:: atomic { rounds == 0 -> done[me] = true; goto end }
		:: atomic {
			rounds > 0 ->
#ifdef FAIR
			mode = (me == 2 -> READ : WRITE)
#else
			rounds--;
			mode = (me < writers -> WRITE : READ);
#endif
		   }
			do
			:: atomic {
				guard == 0 -> guard = me + 1;
#ifdef FAIR
				wants[me] = queue;
				acquire();
#endif
			   }
#ifndef FAIR
			   acquire();
#endif
			   if
			   :: atomic { !blocked -> queue = false; break }
#ifdef QUEUE
			   :: atomic { blocked && !queue -> queue = true; blocked = false }
			   :: atomic { blocked && queue -> blocked = false; suspects() }
#else
			   :: atomic { blocked -> blocked = false; suspects() }
#endif
			      if
			      :: suspect < N -> reap(suspect); suspect = N
			      :: suspect == N ->
#ifdef SLEEPS
				 atomic { asleep[me] = (event == seen); seen = 0 }
				 !asleep[me]
#endif
			      fi
			   fi
			:: atomic { guard != 0 && gone[guard - 1] -> suspect = guard - 1 }
			   reap(suspect);
			   suspect = N
			od;
			let_go();
			mode = 0
		od
	} unless { gone[me] };
end:
	skip
}

inline die(p) {
	deaths--;
	gone[p] = true;
	asleep[p] = false;
	owed = owed || writer == p + 1;
	holds[p] = 0;
	wants[p] = false;
	bytes[0] = (bytes[0] == p + 1 -> 0 : bytes[0]);
	bytes[1] = (bytes[1] == p + 1 -> 0 : bytes[1]);
	bytes[2] = (bytes[2] == p + 1 -> 0 : bytes[2])
}

proctype kernel()
{
	do
	:: d_step { deaths > 0 && !done[0] && !gone[0] -> die(0) }
	:: d_step { deaths > 0 && !done[1] && !gone[1] -> die(1) }
	:: d_step { deaths > 0 && !done[2] && !gone[2] -> die(2) }
	:: atomic { deaths = 0; break }
	od
}

init {
	atomic {
		if
		:: writers = 1
		:: writers = 2
		:: writers = 3
		fi;
		run participant(0); run participant(1); run participant(2); run kernel()
	}
}

#ifdef FAIR
#ifndef OBSERVED
#define OBSERVED 0
#endif
ltl granted { [] (wants[OBSERVED] -> <> !wants[OBSERVED]) }
#endif
