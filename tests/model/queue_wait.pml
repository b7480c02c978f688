/*
 * Those who sleep until a queue has a job, and those who wake them. What a job is, queue.pml says; here it is a number.
 *
 *   pusher           queue_push(); likewise queue_fail(), queue_revive()        ext/core/shm/queue_push.c, queue_run.c, queue.c
 *   ender            queue_ack() of a job that is to run again, without the guard: end_without_guard()
 *   worker           store_queue_begin(), store_queue_try(), queue_pop()        ext/core/store/job_queue.c, shm/queue.c
 *   wake()           queue_wake()                                               ext/core/shm/queue_wait.c
 *   the sleep        queue_sleep()                                              ext/core/shm/queue_wait.c
 *
 * One step is one access to shared memory, or one system call; what happens under the guard is one step. Memory is
 * sequentially consistent. Bounded: WORKERS without end, PUSHERS and ENDERS with one job each.
 *
 * What must hold: nobody sleeps while there is a job, though sleeps do not end by themselves. (They do, since a wake may go to
 * somebody who is killed. Here nobody is.)
 *
 * Seeded bugs: BUG_EVENT_LATE, BUG_LATE_SLEEPER, BUG_NO_EVENT.
 */
#define WORKERS 2
#ifndef PUSHERS
#define PUSHERS 3
#endif
#ifndef ENDERS
#define ENDERS 1
#endif

byte ready;          /* jobs that the heap knows */
byte unknown;        /* jobs that were made ready without the guard */
bool dirty;
byte guard;          /* somebody's number + 1 */
bool sleepers;       /* the queue's bit */
bool moved[WORKERS]; /* `event` is another one than that worker has read */
bool asleep[WORKERS];

inline enter() {
	atomic {
		guard == 0 -> guard = me + 1;
		ready = (dirty -> ready + unknown : ready);
		unknown = (dirty -> 0 : unknown);
		dirty = false
	}
}

inline wake() {
	if
	:: d_step { sleepers -> sleepers = false }
#ifndef BUG_NO_EVENT
	   d_step { moved[0] = true; moved[1] = true }
#endif
	   if
	   :: atomic { asleep[0] -> asleep[0] = false }
	      sleepers = true
	   :: atomic { asleep[1] -> asleep[1] = false }
	      sleepers = true
	   :: else
	   fi
	:: !sleepers
	fi
}

proctype worker(byte me)
{
	bool sleeps, left;

	do
	::
#ifndef BUG_EVENT_LATE
		if
		:: d_step { sleeps -> moved[me] = false }
#ifndef BUG_LATE_SLEEPER
		   sleepers = true
#endif
		:: atomic { !sleeps -> skip }
		fi;
#else
		sleepers = sleepers || sleeps;
#endif
		enter();
#ifdef BUG_EVENT_LATE
		moved[me] = false;
#endif
		if
		:: atomic { ready > 0 -> ready--; sleeps = false; left = ready > 0 && sleepers; guard = 0 }
		   if
		   :: atomic { left -> left = false }
		      wake()
		   :: atomic { !left -> skip }
		   fi
		:: atomic { ready == 0 && !sleeps -> sleeps = true; guard = 0 }
		:: atomic { ready == 0 && sleeps -> guard = 0 }
#ifdef BUG_LATE_SLEEPER
			sleepers = true;
#endif
			asleep[me] = !moved[me];
end_asleep:
			atomic { !asleep[me] -> moved[me] = false }
		fi
	od
}

proctype pusher(byte me)
{
	bool woken;

	enter();
	atomic { ready++; woken = sleepers; guard = 0 }
	if
	:: woken -> wake()
	:: !woken
	fi
}

proctype ender(byte me)
{
	dirty = true;
	unknown++;
	dirty = true;
	wake()
}

/* All that is left are those who sleep. */
proctype watch()
{
end:
	timeout -> assert(ready == 0 && unknown == 0)
}

init {
	atomic {
		run worker(0);
		run worker(1);
		run pusher(WORKERS);
#if PUSHERS > 1
		run pusher(WORKERS + 1);
#endif
#if PUSHERS > 2
		run pusher(WORKERS + 2);
#endif
#if ENDERS > 0
		run ender(WORKERS + PUSHERS);
#endif
		run watch()
	}
}
