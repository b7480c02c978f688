/*
 * The rebuild queue in the segment: what stands where, and what each word says.
 *
 *   queue_at   header | QUEUE_NAMES names of queues | table of unique keys
 *   jobs_at    a slot of 384 bytes for each job; memory is taken when slots are first used
 *   chunks_at  256 bytes each, for the keys and payloads that do not fit into their slot; likewise
 *
 * The truth about a job is the word of its slot, changed by one atomic exchange:
 *   state | again | attempt | owner | generation
 * The generation grows at each hand-over and never repeats in a slot: it is the fencing token of whoever runs the job.
 * Everything else that leads to a job is derived from the slots and rebuilt from them: heaps, unique table, lists of what is
 * free, counts.
 *
 * Rules:
 *  1. A slot that is not QUEUE_FREE belongs to one job. Its fields are written before the word that publishes it, and change under
 *     the guard.
 *  2. Derived structures are read and written under the guard, after queue_enter(), which rebuilds them when they are marked as dirty. But
 *     whoever looks for a job of his key may do so without it, if he reads the word twice: see glance() in queue_push.c.
 *  3. The words of running jobs may be exchanged without the guard: to note that a job is to run again, and to end it where the
 *     guard is not to be had. Who ends one marks the structures as dirty. A waiting job with the mark `again` was ended so: it is due
 *     now, whatever its fields say.
 *  4. A running job belongs to the participant in its word as long as that one's `working` word is the one noted in the job. The dead
 *     and those who leave are disowned by one store to theirs (queue_disown()); the next to enter makes their jobs ready.
 *  5. A killed process leaves each slot in a whole state. If it held the guard, its recovery marks the structures as dirty.
 *  6. Of the jobs of one (queue, key) at most one is queued or running. A dead letter does not count; it is dropped for a new job.
 *
 * Every number that is read from the segment is bounded before it is used; what does not fit together leads to a rebuild,
 * which drops what is not valid.
 *
 * Heaps are leftist heaps (Crane 1972; Knuth 5.2.3): links in the slots, inserting and removing O(log n) in the worst case.
 * Keys are told apart by a keyed hash of 64 bits.
 */
#ifndef CACHE_CORE_QUEUE_TABLE_H
#define CACHE_CORE_QUEUE_TABLE_H

#include "core/shm/lock.h"

#define QUEUE_NAMES 64u
#define QUEUE_NAME_MAX 255u
#define QUEUE_JOBS_MAX 65536u
#define QUEUE_TEXT_MAX 65535u
#define QUEUE_ERROR_KEPT 184u
#define QUEUE_ATTEMPTS_MAX 100u

/* Memory is taken for so many slots and chunks at a time: whole pages. */
#define QUEUE_JOBS_STEP 64u
#define QUEUE_CHUNKS_STEP 128u
#define QUEUE_CHUNKS_PER_JOB 2u

enum queue_state { QUEUE_FREE, QUEUE_WAITING, QUEUE_RUNNING, QUEUE_DEAD, QUEUE_DONE };

/* The word of a slot. */
#define QUEUE_AGAIN (UINT64_C(1) << 3)
#define QUEUE_ATTEMPT_AT 4
#define QUEUE_OWNER_AT 11
#define QUEUE_GENERATION_AT 25
#define QUEUE_GENERATION_MAX (UINT64_MAX >> QUEUE_GENERATION_AT)

static inline enum queue_state queue_word_state(uint64_t w) { return (enum queue_state)(w & 7); }
static inline uint32_t queue_word_attempt(uint64_t w) { return (uint32_t)(w >> QUEUE_ATTEMPT_AT) & 0x7f; }
/* Participant slot, or NO_SLOT. */
static inline uint32_t queue_word_owner(uint64_t w) { return ((uint32_t)(w >> QUEUE_OWNER_AT) & 0x3fff) - 1; }
/* Participant slot that nobody has. */
#define QUEUE_NOBODY 0x3ffeu
static inline uint64_t queue_word_generation(uint64_t w) { return w >> QUEUE_GENERATION_AT; }
static inline uint64_t queue_word(enum queue_state state, uint32_t attempt, uint32_t owner, uint64_t generation)
{
	return (uint64_t)state | (uint64_t)attempt << QUEUE_ATTEMPT_AT | (uint64_t)(owner + 1) << QUEUE_OWNER_AT |
	       generation << QUEUE_GENERATION_AT;
}
/* The word that follows: the next generation. */
static inline uint64_t queue_next(uint64_t w, enum queue_state state, uint32_t attempt, uint32_t owner)
{
	return queue_word(state, attempt, owner, queue_word_generation(w) + 1);
}

/* Why a dead letter is one, where nobody said. */
enum queue_end { QUEUE_FAILED, QUEUE_WORKER_DIED, QUEUE_LEASE_PASSED };

/* Hashes of names below are none: 0: there never was one; QUEUE_HASH_NOBODY: damaged, or being replaced. */
#define QUEUE_HASH_NOBODY 1u
#define QUEUE_HASH_MIN 2u
/** Of the hash of a name under the segment's key. */
static inline uint64_t queue_name_hash(uint64_t hash) { return hash < QUEUE_HASH_MIN ? QUEUE_HASH_MIN : hash; }

/* In which heap a job is. */
enum queue_heap { QUEUE_NO_HEAP, QUEUE_READY_HEAP, QUEUE_DELAYED_HEAP, QUEUE_RUNNING_HEAP, QUEUE_DEAD_HEAP, QUEUE_HEAPS };

/* Links are the number of a slot + 1; 0: none. */
typedef uint32_t queue_link;

struct queue_job {
	alignas(64) atomic_u64 word;
	atomic_u64 hash;        /* queue_hash() */
	uint64_t sequence;      /* of the job, in the segment; part of its id, and its place among those of its priority */
	atomic_u64 due_ns;      /* monotonic: when a waiting job may run, when the lease of a running one ends */
	atomic_u64 pushed_us;   /* by the first push of it */
	atomic_u64 demanded_us; /* by the last that demanded it: what its run is to know of. Also written without the guard */
	uint64_t working;       /* of the owner: see struct participant */
	int64_t died_us;
	int32_t priority;
	uint32_t queue;         /* number of its name */
	uint32_t key_length, payload_length, error_length;
	uint32_t checksum;      /* of key, payload, queue and flags */
	uint32_t chunk;         /* the first, + 1; 0: all of the text is here */
	queue_link left, right, parent, next_free; /* derived */
	uint8_t rank, heap;     /* derived */
	uint8_t end;            /* enum queue_end */
	uint8_t flags;          /* the host's, for the payload */
	char error[QUEUE_ERROR_KEPT];
	char text[80];          /* key, payload; the rest of them in chunks */
};
_Static_assert(sizeof(struct queue_job) == 384, "six lines a job");
_Static_assert(QUEUE_JOBS_STEP * sizeof(struct queue_job) % OS_PAGE == 0, "a step is whole pages");

struct queue_chunk {
	uint32_t next;          /* + 1; of the job's text, or of the free ones */
	uint32_t job;           /* + 1; 0: free. Derived */
	char bytes[248];
};
_Static_assert(sizeof(struct queue_chunk) == 256, "four lines a chunk");
_Static_assert(QUEUE_CHUNKS_STEP * sizeof(struct queue_chunk) % OS_PAGE == 0, "a step is whole pages");

/* What happened in a queue since the segment was made. */
#define QUEUE_COUNTER_TABLE(X)                                            \
	X(pushed,     "jobs queued")                                           \
	X(merged,     "pushes merged into a job that was there")               \
	X(again,      "pushes that make a running job run once more")          \
	X(acked,      "jobs acknowledged")                                     \
	X(failed,     "runs that failed")                                      \
	X(lease_lost, "runs whose worker died or whose lease passed")          \
	X(full,       "pushes refused: no room")                               \
	X(dropped,    "dead letters dropped to make room")

enum queue_counter {
#define X(name, help) QUEUE_##name,
	QUEUE_COUNTER_TABLE(X)
#undef X
	QUEUE_COUNTERS
};

struct queue_name {
	uint32_t length;        /* under the guard, while its hash is 0 */
	queue_link roots[QUEUE_DEAD_HEAP]; /* derived; by heap, that of the dead is one for all queues */
	uint32_t counts[QUEUE_HEAPS];      /* derived */
	atomic_u64 counters[QUEUE_COUNTERS];
	char bytes[QUEUE_NAME_MAX + 1];
};

struct queue_table {
	struct owner_lock guard;
	atomic_u32 dirty;       /* the derived structures are to be rebuilt */
	atomic_u32 event;       /* futex of those who wait for jobs; counts */
	atomic_u32 jobs_ready;  /* slots that have memory; only grows */
	atomic_u32 chunks_ready;
	queue_link free_job, dead_root; /* derived */
	uint32_t free_chunk, chunks_free; /* derived; the first, + 1 */
	uint32_t reserved[7];
	alignas(64) atomic_u64 sleepers; /* bit of a queue: somebody may sleep until it has a job; by RMW */
	atomic_u64 sequence;    /* the last given out */
	atomic_u64 checked_ns;  /* when somebody last looked whether those who work are alive */
	int64_t monotonic_began_us; /* wall clock at 0 of the monotonic one, when the file was last taken by one process alone */
	uint64_t reserved2[4];
	atomic_u64 hashes[QUEUE_NAMES]; /* of names; 0: none. Under the guard, published last */
};
_Static_assert(offsetof(struct queue_table, sleepers) == 64, "who pushes and who sleeps meet on one line");

/* ---- where ---------------------------------------------------------------------------------------------- */

static inline uint32_t queue_unique_slots(uint32_t jobs)
{
	uint32_t slots = 64;

	while (slots < jobs * 2) {
		slots *= 2;
	}
	return slots;
}
/** Bytes of header, names and unique table. */
static inline uint64_t queue_table_bytes(uint32_t jobs)
{
	return sizeof(struct queue_table) + QUEUE_NAMES * sizeof(struct queue_name) + queue_unique_slots(jobs) * sizeof(atomic_u32);
}
static inline uint32_t queue_chunks(uint32_t jobs) { return jobs * QUEUE_CHUNKS_PER_JOB < 640 ? 640 : jobs * QUEUE_CHUNKS_PER_JOB; }

static inline struct queue_table *queue_table(const struct segment *s)
{
	return (struct queue_table *)(s->base + s->geometry.queue_at);
}
static inline struct queue_name *queue_name(const struct segment *s, uint32_t i)
{
	return (struct queue_name *)(queue_table(s) + 1) + i;
}
static inline atomic_u32 *queue_unique(const struct segment *s) { return (atomic_u32 *)queue_name(s, QUEUE_NAMES); }
static inline struct queue_job *queue_job(const struct segment *s, uint32_t i)
{
	return (struct queue_job *)(s->base + s->geometry.jobs_at) + i;
}
static inline struct queue_chunk *queue_chunk(const struct segment *s, uint32_t i)
{
	return (struct queue_chunk *)(s->base + s->geometry.chunks_at) + i;
}
/** Slots that have memory. */
static inline uint32_t queue_jobs_ready(const struct segment *s)
{
	uint32_t ready = load_acquire(&queue_table(s)->jobs_ready);

	return ready < s->geometry.jobs ? ready : s->geometry.jobs;
}
static inline uint32_t queue_chunks_ready(const struct segment *s)
{
	uint32_t ready = load_acquire(&queue_table(s)->chunks_ready), all = queue_chunks(s->geometry.jobs);

	return ready < all ? ready : all;
}
/** The job a link names; NULL: it names none, or is damaged. */
static inline struct queue_job *queue_linked(const struct segment *s, queue_link link)
{
	return link != 0 && link <= queue_jobs_ready(s) ? queue_job(s, link - 1) : NULL;
}
static inline queue_link queue_link_of(const struct segment *s, const struct queue_job *job)
{
	return (queue_link)(job - queue_job(s, 0)) + 1;
}

static inline void queue_count(const struct segment *s, uint32_t queue, enum queue_counter counter)
{
	rmw_add(&queue_name(s, queue)->counters[counter], 1);
}
static inline void queue_mark_dirty(const struct segment *s) { publish(&queue_table(s)->dirty, 1); }

/* ---- heaps ---------------------------------------------------------------------------------------------- */

/** Puts the job into a heap, or takes it out of the one where it is. False: the links are damaged. Under the guard. */
CACHE_MUST_CHECK bool queue_heap_insert(const struct segment *segment, struct queue_job *job, enum queue_heap heap);
CACHE_MUST_CHECK bool queue_heap_remove(const struct segment *segment, struct queue_job *job);
/** The first of a heap, or NULL. `queue` does not matter for that of the dead. */
struct queue_job *queue_heap_first(const struct segment *segment, uint32_t queue, enum queue_heap heap);
/** Does a come before b? */
bool queue_heap_before(const struct queue_job *a, const struct queue_job *b, enum queue_heap heap);

/* ---- names, unique keys, texts --------------------------------------------------------------------------- */

/** Number of the queue of that hash, QUEUE_NAMES: there is none. Without the guard it may be another name's a moment later. */
uint32_t queue_find_name(const struct segment *segment, uint64_t hash);
/** The same, made if there is none. Under the guard. QUEUE_NAMES: all are in use. */
uint32_t queue_claim_name(const struct segment *segment, uint64_t hash, const char *name, size_t length);

/** The job of that key, dead or not; NULL: there is none. Without the guard it may miss one, or find what is another's by now. */
struct queue_job *queue_unique_find(const struct segment *segment, uint64_t hash);
void queue_unique_set(const struct segment *segment, const struct queue_job *job);
void queue_unique_unset(const struct segment *segment, const struct queue_job *job);

/** Are there chunks for that text, or is there memory for them? Under the guard. */
CACHE_MUST_CHECK bool queue_text_fits(struct owner *owner, size_t length);
/** Would they if all dead letters were dropped? O(jobs). */
bool queue_letters_make_room(const struct segment *segment, size_t length);
/** Copies the key and payload, which fit, into the job. False: the list is damaged; then the job has no chunks. Under the guard. */
CACHE_MUST_CHECK bool queue_text_write(const struct segment *segment, struct queue_job *job, const char *key, size_t key_length,
                                       const char *payload, size_t payload_length);
/** Copies `length` bytes of the text from `from` on. False: the chain is damaged. */
CACHE_MUST_CHECK bool queue_text_read(const struct segment *segment, const struct queue_job *job, size_t from, size_t length,
                                      char *to);
void queue_text_free(const struct segment *segment, struct queue_job *job);
uint32_t queue_text_checksum(const struct segment *segment, const struct queue_job *job, bool *valid);

/** A free slot, taken from the list, or NULL. Nothing may be rebuilt until it is published or given back. Under the guard. */
struct queue_job *queue_take_slot(struct owner *owner);
/** The slot is QUEUE_FREE: its text and itself go back to the lists. */
void queue_give_slot(const struct segment *segment, struct queue_job *job);

/* ---- the whole ------------------------------------------------------------------------------------------ */

/** Is the participant that runs the job gone? */
bool queue_is_orphan(const struct segment *segment, const struct queue_job *job, uint64_t word);
/** Links a job where its word says that it belongs. Under the guard. */
CACHE_MUST_CHECK bool queue_place(const struct segment *segment, struct queue_job *job, uint64_t now_ns);
/** Takes the guard and makes the derived structures whole. CACHE_BUSY. */
CACHE_MUST_CHECK enum cache_status queue_enter(struct owner *owner);
void queue_leave(struct owner *owner);
/** Rebuilds what is derived. Under the guard. */
void queue_rebuild(struct owner *owner);
/** Derives everything from the slots with every text verified: nobody is attached. */
void queue_reset(const struct segment *segment, const struct cache_host *host, int fd);
/** For a fresh segment, whose bytes are 0. */
void queue_format(const struct segment *segment);

/** Wakes somebody who sleeps until one of these queues has a job. */
void queue_wake(const struct segment *segment, uint64_t queues);

#endif
