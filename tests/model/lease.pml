/*
 * Leases of one key, and what ends them, with and without the shard's lock.
 *
 *   take()                  shard_lock(); of a dead owner: shard_rebuild(), visit_word()      ext/core/store/write.c, rebuild.c
 *   rebuilder: grant        store_lease(), win(), lease_grant()                               ext/core/store/stale.c, lease.c
 *   rebuilder: commit       store_commit(), publish_entry(), lease_permits(), replace(),
 *                           insert_under_lease()                                              ext/core/store/stale.c, write.c, condition.c
 *   rebuilder: given_up     release()                                                         ext/core/store/stale.c
 *   void_lease()            lease_void_found(), lease_void_unlocked(), lease_end()            ext/core/store/lease.c
 *   invalidate()            invalidate_without_lock(), kill_stamp()                           ext/core/store/remove.c
 *   delete, delete_if, mark, put, tag of the invalidator
 *                           store_delete(), store_delete_if(), remove_without_lock(), store_mark_stale(), mark(),
 *                           store_put(), tag_invalidate()                                     ext/core/store/remove.c, write.c, tag.c
 *
 * One step is one access to shared memory, and what follows it under the lock if nobody without the lock could tell the
 * difference; memory is sequentially consistent. The lock is the one of lock.pml: opened by
 * whoever finds its owner dead, in one step with the recovery. Whoever does not look for a commit may find it busy whenever
 * somebody alive has it.
 *
 * Deadlines: a lease may have passed whenever somebody who wants one looks, which is more than the clock allows. Also left
 * out: blocks are not used again (pins are another matter), integers and touches, clears, the table of other keys.
 * Bounded: REBUILDERS with ROUNDS grants each, INVALIDATORS with one operation each, of any kind, at any time; DEATHS, at any
 * step. Of versions only matters whether they are equal: so entries and leases have numbers of their own from the beginning.
 *
 * What must hold: what was made from a source that was read before an invalidation began is not fresh after that one
 * was acknowledged; a grant is committed at most once, and not after a later grant.
 *
 * Seeded bugs: BUG_DEAD_FIRST, BUG_KEEP_LEASE, BUG_ALIVE_FIRST, BUG_REPLACE_STORE, BUG_ANY_SEQUENCE, BUG_NO_WORD_DEAD.
 */
#ifndef REBUILDERS
#define REBUILDERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef INVALIDATORS
#define INVALIDATORS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#define N (REBUILDERS + INVALIDATORS)
#define GRANTS (REBUILDERS * ROUNDS)
#define ENTRIES (2 + GRANTS + INVALIDATORS)
#define OF_MARK(p) (32 + (p)) /* a version */

#define FROZEN 1     /* STAMP_FROZEN */
#define DEAD 2       /* STAMP_DEAD */
#define STALE 4      /* was marked: a negative stamp */
#define OTHER 8      /* is added to a stamp that was dead already */
#define WORD_DEAD 64

byte word;                   /* of the index: entry | WORD_DEAD; 0: none */
byte version[ENTRIES], stamp[ENTRIES], tagged[ENTRIES];
byte sequence, token, tag_at_grant; /* struct lease */
byte lock;                   /* process + 1 */
byte tag_counter = 1, tag_record;
bool gone[N];                /* killed, or at its end */
byte deaths = DEATHS;

/* What the properties are about, and no process knows: invalidations that have begun, the last of those that ended; of an
 * entry, how many had begun when its source was read; grants, commits. */
byte begun, acknowledged, source[ENTRIES], last_grant;
bool committed[GRANTS + 1];

#define ENTRY(w) ((w) & 63)
#define IS_THERE(e) (!(stamp[e] & DEAD) && tagged[e] >= tag_record)
#define IS_FRESH(e) (IS_THERE(e) && !(stamp[e] & STALE))
#define LEASE_IS_GOOD(s) (sequence == (s) && tag_record <= tag_at_grant)

inline recover() {
	if
	:: word & WORD_DEAD -> word = 0
	:: !(word & WORD_DEAD) && word != 0 -> stamp[word] = stamp[word] & ~FROZEN
	:: else
	fi
}

inline take() {
	if
	:: atomic { lock == 0 -> lock = me + 1 }
	:: atomic { lock != 0 && gone[lock - 1] -> recover(); lock = me + 1 }
	fi
}

inline take_or_be_busy() {
	if
	:: atomic { lock == 0 -> lock = me + 1; busy = false }
	:: atomic { lock != 0 && gone[lock - 1] -> recover(); lock = me + 1; busy = false }
	:: atomic { lock != 0 && !gone[lock - 1] -> busy = true }
	fi
}

inline void_lease() {
	seen = sequence;
	d_step {
		if
		:: seen != 0 && sequence == seen -> sequence = 0
		:: else
		fi;
		seen = 0
	}
}

inline accept() {
	assert(!committed[mine]);     /* once for each grant */
	assert(mine == last_grant);   /* and not after a later one */
	committed[mine] = true
}

proctype rebuilder(byte me)
{
	byte rounds = ROUNDS, mine, old, e, read_at, tag, seen;

	{
		do
		:: rounds > 0 ->
			rounds--;
			take();
			if
			:: atomic { sequence != 0 && LEASE_IS_GOOD(sequence) -> lock = 0; goto next }  /* in force */
			:: true
			fi;
			void_lease();
			d_step {
				e = ENTRY(word);
				mine = 1 + me * ROUNDS + rounds;
				token = (e != 0 && IS_THERE(e) -> version[e] : 0);
				e = 0
			}
			tag_at_grant = tag_counter;
			d_step { sequence = mine; last_grant = mine; read_at = begun; lock = 0 }

			/* store_commit() */
			if
			:: d_step { LEASE_IS_GOOD(mine) -> tag = tag_at_grant }
			:: atomic { !LEASE_IS_GOOD(mine) -> goto given_up }
			fi;
			take();
			d_step { old = word; e = ENTRY(word) }
			if
			:: d_step { e != 0 -> stamp[e] = stamp[e] | FROZEN }
			:: e == 0
			fi;
			if
#ifdef BUG_ANY_SEQUENCE
			:: sequence != 0 && tag_record <= tag_at_grant
#else
			:: LEASE_IS_GOOD(mine)
#endif
			:: atomic { !LEASE_IS_GOOD(mine) -> goto refused }
			fi;
			if
			:: atomic { e != 0 && IS_THERE(e) && version[e] != token -> goto refused }
			:: e == 0 || !IS_THERE(e) || version[e] == token
			fi;
			if
			:: d_step { old & WORD_DEAD -> word = 0; old = 0 }
			:: else
			fi;
			d_step { e = 1 + mine; version[e] = e; source[e] = read_at; tagged[e] = tag }
			if
			:: old != 0 ->
				void_lease();
#ifdef BUG_REPLACE_STORE
				d_step { word = e; accept() }
#else
				if
				:: d_step { word == old -> word = e; accept() }
				:: d_step { word != old -> word = 0 }   /* it was stored, and invalidated */
				fi
#endif
			:: old == 0 ->
#ifdef BUG_ALIVE_FIRST
				d_step { word = e; accept() }
				void_lease()
#else
				d_step { stamp[e] = DEAD; word = e }
				if
				:: d_step { sequence == mine -> sequence = 0 }
				   if
				   :: d_step { stamp[e] == DEAD -> stamp[e] = 0; accept() }
				   :: stamp[e] != DEAD
				   fi
				:: sequence != mine
				fi
#endif
			fi;
			lock = 0;
			goto next;
refused:
			if
			:: d_step { e != 0 -> stamp[e] = stamp[e] & ~FROZEN }
			:: e == 0
			fi;
			lock = 0;
given_up:
			atomic {
				if
				:: sequence == mine -> sequence = 0
				:: else
				fi
			}
next:
			atomic { mine = 0; old = 0; e = 0; read_at = 0; tag = 0; seen = 0 }
		:: atomic { else -> gone[me] = true }
		od
	} unless { gone[me] }
}

inline invalidate() {
#ifndef BUG_KEEP_LEASE
	void_lease();
#endif
	do
	:: atomic { ENTRY(word) == 0 -> break }
	:: d_step { ENTRY(word) != 0 -> found = word; e = ENTRY(word) }
	   d_step {
		frozen = stamp[e] & FROZEN;
		stamp[e] = (stamp[e] & DEAD -> stamp[e] + OTHER : stamp[e] | DEAD)
	   }
	   if
#ifndef BUG_NO_WORD_DEAD
	   :: atomic { frozen != 0 && word == found -> word = word | WORD_DEAD; break }
	   :: atomic { frozen == 0 && word == found -> break }
#else
	   :: atomic { word == found -> break }
#endif
	   :: word != found
	   fi
	od
}

/* In one step with the last of the operation: what is read from now on is newer. */
inline acknowledge() { acknowledged = (number > acknowledged -> number : acknowledged) }

proctype invalidator(byte me)
{
	byte number, e, found, frozen, seen, wanted;
	bool busy;

	{
		d_step { begun++; number = begun }
		if
		:: /* delete */
			take_or_be_busy();
			if
			:: busy -> invalidate()
			:: !busy ->
				void_lease();
				d_step { word = 0; lock = 0 }
			fi
		:: /* delete_if: of what was read */
			d_step { e = ENTRY(word); wanted = version[e] }
			if
			:: atomic { e == 0 -> goto over }
			:: else
			fi;
			take_or_be_busy();
			if
			:: busy ->
				d_step { e = ENTRY(word); found = stamp[e] }
				if
				:: e != 0 && !(found & (FROZEN | DEAD)) && version[e] == wanted && IS_THERE(e)
				:: atomic { else -> goto over }
				fi;
#ifndef BUG_DEAD_FIRST
				void_lease();
#endif
				if
				:: d_step { stamp[e] == found -> stamp[e] = found | DEAD }
				:: atomic { stamp[e] != found -> goto over }
				fi;
#ifdef BUG_DEAD_FIRST
				void_lease()
#endif
			:: !busy ->
				d_step {
					e = ENTRY(word);
					if
					:: e != 0 -> stamp[e] = stamp[e] | FROZEN
					:: else
					fi
				}
				if
				:: e != 0 && IS_THERE(e) && version[e] == wanted
				:: else ->
					d_step {
						if
						:: e != 0 -> stamp[e] = stamp[e] & ~FROZEN
						:: else
						fi;
						lock = 0
					}
					goto over
				fi;
				void_lease();
				d_step { word = 0; lock = 0 }
			fi
		:: /* mark as stale */
			take_or_be_busy();
			if
			:: busy -> invalidate()
			:: !busy ->
				e = ENTRY(word);
				void_lease();
				if
				:: d_step { e != 0 && IS_THERE(e) -> stamp[e] = stamp[e] | FROZEN }
				   version[e] = OF_MARK(me);
				   d_step { stamp[e] = (stamp[e] & DEAD -> stamp[e] & ~FROZEN : STALE) }
				:: e == 0 || !IS_THERE(e)
				fi;
				lock = 0
			fi
		:: /* put */
			found = tag_counter;
			take_or_be_busy();
			if
			:: busy -> invalidate()
			:: !busy ->
				void_lease();
				d_step {
					e = 2 + GRANTS + me - REBUILDERS; version[e] = e;
					tagged[e] = found;
					source[e] = begun;    /* it counts as what was stored now */
					word = e;
					lock = 0
				}
			fi
		:: /* invalidate the tag */
			d_step { tag_counter++; found = tag_counter }
			tag_record = (found > tag_record -> found : tag_record)
		fi;
		acknowledge();
over:
		atomic { e = 0; found = 0; frozen = 0; seen = 0; wanted = 0; busy = false; number = 0; gone[me] = true }
	} unless { gone[me] }
}

/* Never fresh: what was read before something that is acknowledged. */
proctype monitor()
{
end:
	atomic { word != 0 && IS_FRESH(ENTRY(word)) && source[ENTRY(word)] < acknowledged -> assert(false) }
}

/* One of each kind: they are alike. */
proctype kernel()
{
end:
	do
	:: d_step { deaths > 0 && !gone[0] -> deaths--; gone[0] = true }
	:: d_step { deaths > 0 && !gone[REBUILDERS] -> deaths--; gone[REBUILDERS] = true }
	:: deaths == 0 -> break
	od
}

init {
	atomic {
		if
		:: word = 1; version[1] = 1
		:: skip
		fi;
		run rebuilder(0);
#if REBUILDERS > 1
		run rebuilder(1);
#endif
		run invalidator(REBUILDERS);
#if INVALIDATORS > 1
		run invalidator(REBUILDERS + 1);
#endif
		run monitor(); run kernel()
	}
}
