#include "core/shm/queue_table.h"

#include <string.h>

/* ---- names ---------------------------------------------------------------------------------------------- */

uint32_t queue_find_name(const struct segment *s, uint64_t hash)
{
	const struct queue_table *table = queue_table(s);

	for (uint32_t i = 0; i < QUEUE_NAMES; i++) {
		uint32_t name = (uint32_t)(hash + i) % QUEUE_NAMES;
		uint64_t there = load_acquire(&table->hashes[name]);
		if (there == hash) {
			return name;
		}
		if (there == 0) {
			break;
		}
	}
	return QUEUE_NAMES;
}

/* Neither jobs nor anybody who listens. */
static bool is_idle(const struct segment *s, uint32_t name)
{
	for (int heap = QUEUE_READY_HEAP; heap < QUEUE_HEAPS; heap++) {
		if (queue_name(s, name)->counts[heap] != 0) {
			return false;
		}
	}
	for_each_slot(s, slot) {
		const struct participant *p = segment_participant(s, slot);
		if (load_relaxed(&p->state) == SLOT_USED && load_relaxed(&p->listens) >> name & 1) {
			return false;
		}
	}
	return true;
}

uint32_t queue_claim_name(const struct segment *s, uint64_t hash, const char *bytes, size_t length)
{
	struct queue_table *table = queue_table(s);
	uint32_t name = QUEUE_NAMES, found = queue_find_name(s, hash);

	if (found != QUEUE_NAMES) {
		return found;
	}
	/* Names stand where their hash says, or behind it without a gap: so none is ever taken out, only replaced. */
	for (uint32_t i = 0; i < QUEUE_NAMES && name == QUEUE_NAMES; i++) {
		uint32_t at = (uint32_t)(hash + i) % QUEUE_NAMES;
		if (load_relaxed(&table->hashes[at]) == 0 || is_idle(s, at)) {
			name = at;
		}
	}
	if (name != QUEUE_NAMES) {
		struct queue_name *n = queue_name(s, name);
		/* Not 0, which would cut off those behind if we died here. */
		store_relaxed(&table->hashes[name], QUEUE_HASH_NOBODY);
		write_fence(); /* store_queue_list() reads the name, fences, and looks at the hash again */
		memset((void *)n, 0, sizeof *n);
		n->length = (uint32_t)length;
		memcpy(n->bytes, bytes, length);
		publish(&table->hashes[name], hash);
	}
	return name;
}

/* ---- unique keys: open addressing, linear probing (Knuth 6.4 L and R) ------------------------------------------ */

static struct queue_job *probe(const struct segment *s, uint64_t hash, uint32_t *at)
{
	atomic_u32 *unique = queue_unique(s);
	uint32_t slots = s->geometry.job_keys;

	*at = (uint32_t)(hash >> 32) & (slots - 1);
	for (uint32_t i = 0; i < slots; i++, *at = (*at + 1) & (slots - 1)) {
		uint32_t link = load_relaxed(&unique[*at]);
		struct queue_job *job = queue_linked(s, link);
		if (link == 0) {
			return NULL;
		}
		if (job && load_relaxed(&job->hash) == hash) {
			return job;
		}
	}
	*at = slots;
	return NULL;
}

struct queue_job *queue_unique_find(const struct segment *s, uint64_t hash)
{
	uint32_t at;

	return probe(s, hash, &at);
}

void queue_unique_set(const struct segment *s, const struct queue_job *job)
{
	uint32_t at;

	(void)probe(s, load_relaxed(&job->hash), &at);
	if (at < s->geometry.job_keys) {
		store_relaxed(&queue_unique(s)[at], queue_link_of(s, job));
	}
}

void queue_unique_unset(const struct segment *s, const struct queue_job *job)
{
	atomic_u32 *unique = queue_unique(s);
	uint32_t mask = s->geometry.job_keys - 1, at, next;

	if (probe(s, load_relaxed(&job->hash), &at) != job) {
		return; /* another one of its key took its place */
	}
	/* Those behind move up, as far as they may. A damaged table may be full of them. */
	next = (at + 1) & mask;
	for (uint32_t steps = 0; steps < mask; steps++, next = (next + 1) & mask) {
		const struct queue_job *other = queue_linked(s, load_relaxed(&unique[next]));
		uint32_t home;
		if (!other) {
			break;
		}
		home = (uint32_t)(load_relaxed(&other->hash) >> 32) & mask;
		if (((next - home) & mask) >= ((next - at) & mask)) {
			store_relaxed(&unique[at], load_relaxed(&unique[next]));
			at = next;
		}
	}
	store_relaxed(&unique[at], 0);
}

/* ---- memory --------------------------------------------------------------------------------------------- */

/* Slots or chunks get memory before they are counted as ready. Nothing else knows of them yet. */
static bool grow(struct owner *o, atomic_u32 *ready, uint32_t step, uint32_t all, uint64_t at, size_t each)
{
	uint32_t have = load_relaxed(ready), number = all - have < step ? all - have : step;

	if (have >= all || segment_take(o->host, o->fd, at + (uint64_t)have * each, (uint64_t)number * each) != CACHE_OK) {
		return false;
	}
	publish(ready, have + number); /* a link to one of them is followed by those only who see it: queue_linked() */
	return true;
}

/* Ends a job whatever it was. */
static void drop(struct queue_job *job, uint64_t word)
{
	publish(&job->word, queue_next(word, QUEUE_FREE, 0, NO_SLOT));
}

static bool grow_jobs(struct owner *o)
{
	const struct segment *s = o->segment;
	struct queue_table *table = queue_table(s);
	uint32_t first = queue_jobs_ready(s);

	if (!grow(o, &table->jobs_ready, QUEUE_JOBS_STEP, s->geometry.jobs, s->geometry.jobs_at, sizeof(struct queue_job))) {
		return false;
	}
	for (uint32_t i = queue_jobs_ready(s); i-- > first;) {
		struct queue_job *job = queue_job(s, i);
		uint64_t word = load_relaxed(&job->word);
		if (queue_word_state(word) != QUEUE_FREE) {
			drop(job, word); /* from before the count was damaged; its text is gone */
		}
		job->heap = QUEUE_NO_HEAP;
		job->chunk = 0;
		job->next_free = table->free_job;
		table->free_job = i + 1;
	}
	return true;
}

static void free_chunk(const struct segment *s, uint32_t i)
{
	struct queue_table *table = queue_table(s);

	queue_chunk(s, i)->job = 0;
	queue_chunk(s, i)->next = table->free_chunk;
	table->free_chunk = i + 1;
	table->chunks_free++;
}

static bool grow_chunks(struct owner *o)
{
	const struct segment *s = o->segment;
	struct queue_table *table = queue_table(s);
	uint32_t first = queue_chunks_ready(s);

	if (!grow(o, &table->chunks_ready, QUEUE_CHUNKS_STEP, queue_chunks(s->geometry.jobs), s->geometry.chunks_at,
	          sizeof(struct queue_chunk))) {
		return false;
	}
	for (uint32_t i = queue_chunks_ready(s); i-- > first;) {
		free_chunk(s, i);
	}
	return true;
}

struct queue_job *queue_take_slot(struct owner *o)
{
	const struct segment *s = o->segment;
	struct queue_table *table = queue_table(s);
	struct queue_job *job = queue_linked(s, table->free_job);

	if (job ? queue_word_state(load_relaxed(&job->word)) != QUEUE_FREE : table->free_job != 0) {
		queue_rebuild(o); /* a damaged list: that one is somebody's */
		job = queue_linked(s, table->free_job);
	}
	if (!job && grow_jobs(o)) {
		job = queue_linked(s, table->free_job);
	}
	if (job && likely_false(queue_word_state(load_relaxed(&job->word)) != QUEUE_FREE)) {
		queue_mark_dirty(s); /* damage: it is in use */
		return NULL;
	}
	if (job) {
		table->free_job = job->next_free;
	}
	return job;
}

void queue_give_slot(const struct segment *s, struct queue_job *job)
{
	struct queue_table *table = queue_table(s);

	/* Its word was exchanged: queue_read(), which is led astray by the links that change here, sees that after its read_fence(). */
	write_fence();
	queue_text_free(s, job);
	job->heap = QUEUE_NO_HEAP;
	job->next_free = table->free_job;
	table->free_job = queue_link_of(s, job);
}

/* ---- texts ---------------------------------------------------------------------------------------------- */

static uint32_t chunks_for(size_t length)
{
	size_t room = sizeof ((struct queue_chunk *)0)->bytes, here = sizeof ((struct queue_job *)0)->text;

	return length <= here ? 0 : (uint32_t)((length - here + room - 1) / room);
}

bool queue_text_fits(struct owner *o, size_t length)
{
	struct queue_table *table = queue_table(o->segment);
	uint32_t number = chunks_for(length);

	while (table->chunks_free < number && grow_chunks(o)) {
	}
	return table->chunks_free >= number;
}

bool queue_letters_make_room(const struct segment *s, size_t length)
{
	uint32_t free = queue_table(s)->chunks_free, number = chunks_for(length);

	for (uint32_t i = 0; i < queue_jobs_ready(s) && free < number; i++) {
		const struct queue_job *job = queue_job(s, i);
		if (queue_word_state(load_relaxed(&job->word)) == QUEUE_DEAD) {
			free += chunks_for((size_t)job->key_length + job->payload_length);
		}
	}
	return free >= number;
}

/* Chains `number` chunks to the job. */
static bool take_chunks(const struct segment *s, struct queue_job *job, uint32_t number)
{
	struct queue_table *table = queue_table(s);
	uint32_t *last = &job->chunk;

	job->chunk = 0;
	for (; number > 0; number--) {
		uint32_t i = table->free_chunk - 1;
		struct queue_chunk *chunk;
		if (i >= queue_chunks_ready(s) || queue_chunk(s, i)->job != 0) {
			return false;
		}
		chunk = queue_chunk(s, i);
		table->free_chunk = chunk->next;
		table->chunks_free--;
		chunk->job = queue_link_of(s, job);
		chunk->next = 0;
		*last = i + 1;
		last = &chunk->next;
	}
	return true;
}

void queue_text_free(const struct segment *s, struct queue_job *job)
{
	uint32_t link = job->chunk;

	job->chunk = 0;
	while (link != 0 && link <= queue_chunks_ready(s) && queue_chunk(s, link - 1)->job == queue_link_of(s, job)) {
		uint32_t next = queue_chunk(s, link - 1)->next;
		free_chunk(s, link - 1);
		link = next;
	}
}

/* Calls `each` for the pieces of a part of the text. False: the chain is damaged. */
static bool each_piece(const struct segment *s, const struct queue_job *job, size_t from, size_t length,
                       void (*each)(void *context, char *piece, size_t bytes), void *context)
{
	size_t room = sizeof job->text, at = 0;
	char *bytes = (char *)(uintptr_t)job->text;
	uint32_t link = job->chunk;

	while (length > 0) {
		if (from < at + room) {
			size_t offset = from - at, part = room - offset < length ? room - offset : length;
			each(context, bytes + offset, part);
			from += part;
			length -= part;
		}
		if (length > 0) {
			if (link == 0 || link > queue_chunks_ready(s)) {
				return false;
			}
			at += room;
			room = sizeof queue_chunk(s, 0)->bytes;
			bytes = queue_chunk(s, link - 1)->bytes;
			link = queue_chunk(s, link - 1)->next;
		}
	}
	return true;
}

static void put_piece(void *context, char *piece, size_t bytes)
{
	const char **from = context;

	memcpy(piece, *from, bytes);
	*from += bytes;
}

static void get_piece(void *context, char *piece, size_t bytes)
{
	char **to = context;

	memcpy(*to, piece, bytes);
	*to += bytes;
}

static void sum_piece(void *context, char *piece, size_t bytes)
{
	uint32_t *sum = context;

	*sum = hash_checksum(piece, bytes, *sum);
}

uint32_t queue_text_checksum(const struct segment *s, const struct queue_job *job, bool *valid)
{
	uint32_t sum = (uint32_t)hash_mix(load_relaxed(&job->hash) + job->key_length + ((uint64_t)job->queue << 32) +
	                                  ((uint64_t)job->flags << 40));

	*valid = each_piece(s, job, 0, (size_t)job->key_length + job->payload_length, sum_piece, &sum);
	return sum;
}

bool queue_text_write(const struct segment *s, struct queue_job *job, const char *key, size_t key_length, const char *payload,
                      size_t payload_length)
{
	bool valid;

	job->key_length = (uint32_t)key_length;
	job->payload_length = (uint32_t)payload_length;
	if (!take_chunks(s, job, chunks_for(key_length + payload_length)) ||
	    !each_piece(s, job, 0, key_length, put_piece, &key) ||
	    !each_piece(s, job, key_length, payload_length, put_piece, &payload)) {
		queue_text_free(s, job);
		return false;
	}
	job->checksum = queue_text_checksum(s, job, &valid);
	return true;
}

bool queue_text_read(const struct segment *s, const struct queue_job *job, size_t from, size_t length, char *to)
{
	return each_piece(s, job, from, length, get_piece, &to);
}

/* ---- rebuilding ----------------------------------------------------------------------------------------- */

bool queue_is_orphan(const struct segment *s, const struct queue_job *job, uint64_t word)
{
	uint32_t owner = queue_word_owner(word);

	if (owner == NO_SLOT) {
		return false; /* a guest, whose death is not noticed */
	}
	return owner >= s->geometry.participants || segment_slot_from(s, owner) != owner ||
	       load_acquire(&segment_participant(s, owner)->working) != job->working;
}

/* Do the fields fit together? Marks the chunks of its text as its own. */
static bool is_valid(const struct segment *s, struct queue_job *job, uint64_t word)
{
	uint32_t left, link = job->chunk;

	if (queue_word_state(word) > QUEUE_DEAD || job->queue >= QUEUE_NAMES || load_relaxed(&queue_table(s)->hashes[job->queue]) < QUEUE_HASH_MIN ||
	    load_relaxed(&job->hash) == 0 || job->key_length == 0 || job->key_length > QUEUE_TEXT_MAX ||
	    job->payload_length > QUEUE_TEXT_MAX || job->error_length > QUEUE_ERROR_KEPT) {
		return false;
	}
	for (left = chunks_for((size_t)job->key_length + job->payload_length); left > 0; left--) {
		struct queue_chunk *chunk;
		if (link == 0 || link > queue_chunks_ready(s) || queue_chunk(s, link - 1)->job != 0) {
			return false;
		}
		chunk = queue_chunk(s, link - 1);
		chunk->job = queue_link_of(s, job);
		link = chunk->next;
	}
	return link == 0;
}

/* A dead letter gives way to a job of the same key, and to a later one. */
static bool claim_key(const struct segment *s, struct queue_job *job, uint64_t word)
{
	struct queue_job *other = queue_unique_find(s, load_relaxed(&job->hash));
	uint64_t others;

	if (!other) {
		queue_unique_set(s, job);
		return true;
	}
	others = load_relaxed(&other->word);
	if (queue_word_state(others) != QUEUE_DEAD || (queue_word_state(word) == QUEUE_DEAD && other->died_us >= job->died_us)) {
		return false;
	}
	if (!queue_heap_remove(s, other)) {
		return false;
	}
	queue_unique_unset(s, other);
	drop(other, others);
	queue_unique_set(s, job);
	return true;
}

bool queue_place(const struct segment *s, struct queue_job *job, uint64_t now)
{
	if (likely_false(job->heap != QUEUE_NO_HEAP)) {
		return true; /* all was derived anew on the way here */
	}
	switch (queue_word_state(load_relaxed(&job->word))) {
	case QUEUE_WAITING:
		return queue_heap_insert(s, job, load_relaxed(&job->due_ns) > now ? QUEUE_DELAYED_HEAP : QUEUE_READY_HEAP);
	case QUEUE_RUNNING:
		return queue_heap_insert(s, job, QUEUE_RUNNING_HEAP);
	case QUEUE_DEAD:
		return queue_heap_insert(s, job, QUEUE_DEAD_HEAP);
	default:
		return true;
	}
}

static void forget_derived(const struct segment *s)
{
	struct queue_table *table = queue_table(s);
	atomic_u32 *unique = queue_unique(s);

	for (uint32_t i = 0; i < s->geometry.job_keys; i++) {
		store_relaxed(&unique[i], 0);
	}
	for (uint32_t i = 0; i < QUEUE_NAMES; i++) {
		struct queue_name *name = queue_name(s, i);
		memset(name->roots, 0, sizeof name->roots);
		memset(name->counts, 0, sizeof name->counts);
	}
	for (uint32_t i = 0; i < queue_chunks_ready(s); i++) {
		queue_chunk(s, i)->job = 0;
	}
	table->dead_root = table->free_job = table->free_chunk = table->chunks_free = 0;
}

/* From the last on, so that the first ones are used first. */
static void collect_free(const struct segment *s)
{
	struct queue_table *table = queue_table(s);

	for (uint32_t i = queue_jobs_ready(s); i-- > 0;) {
		struct queue_job *job = queue_job(s, i);
		if (queue_word_state(load_relaxed(&job->word)) == QUEUE_FREE) {
			job->chunk = 0;
			job->heap = QUEUE_NO_HEAP;
			job->next_free = table->free_job;
			table->free_job = i + 1;
		}
	}
	/* Those of jobs that were dropped on the way are marked as theirs. The fence: see queue_give_slot(). */
	write_fence();
	for (uint32_t i = queue_chunks_ready(s); i-- > 0;) {
		struct queue_job *job = queue_linked(s, queue_chunk(s, i)->job);
		if (!job || queue_word_state(load_relaxed(&job->word)) == QUEUE_FREE) {
			free_chunk(s, i);
		}
	}
}

/* Its place among the others is by its sequence, which is not to be given out again. */
static void note_sequence(const struct segment *s, const struct queue_job *job)
{
	if (job->sequence > load_relaxed(&queue_table(s)->sequence)) {
		store_relaxed(&queue_table(s)->sequence, job->sequence);
	}
}

static void rebuild(const struct segment *s, uint64_t now)
{
	forget_derived(s);
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		struct queue_job *job = queue_job(s, i);
		uint64_t word = load_acquire(&job->word);

		job->heap = QUEUE_NO_HEAP;
		if (queue_word_state(word) == QUEUE_FREE) {
			continue;
		}
		/* An orphan is placed as what it is; who comes to pop finds that its lease has passed. */
		if (queue_word_state(word) == QUEUE_RUNNING && queue_is_orphan(s, job, word)) {
			store_relaxed(&job->due_ns, 0);
			job->end = QUEUE_WORKER_DIED;
		}
		if (queue_word_state(word) == QUEUE_WAITING && (word & QUEUE_AGAIN)) {
			store_relaxed(&job->due_ns, 0);
			word &= ~QUEUE_AGAIN;
			publish(&job->word, word);
		}
		note_sequence(s, job);
		if (!is_valid(s, job, word) || !claim_key(s, job, word) || !queue_place(s, job, now)) {
			drop(job, word);
		}
	}
	collect_free(s);
}

void queue_rebuild(struct owner *o)
{
	rebuild(o->segment, o->host->monotonic_ns(o->host->context));
}

/* Under the guard. */
static void refresh(struct owner *o)
{
	struct queue_table *table = queue_table(o->segment);

	if (likely_true(load_acquire(&table->dirty) == 0)) {
		return;
	}
	/* First: what is marked from here on is seen by the next to enter. Our own death is seen by our recovery. */
	/* If the mark is taken away, what was done before it was made is seen: it is a release, the exchange acquires. */
	(void)rmw_exchange(&table->dirty, 0);
	queue_rebuild(o);
}

enum cache_status queue_enter(struct owner *o)
{
	enum cache_status status = lock_acquire(o, &queue_table(o->segment)->guard);

	if (likely_true(status == CACHE_OK)) {
		refresh(o);
	}
	return status;
}

void queue_leave(struct owner *o)
{
	lock_release_own(o, &queue_table(o->segment)->guard);
}

/* ---- a file that nobody watched ------------------------------------------------------------------------- */

void queue_format(const struct segment *s)
{
	store_relaxed(&queue_table(s)->dirty, 1);
}

/* Damaged counts: what lies beyond is not lost, as long as the file system has its memory or some to give. */
static void retake(const struct segment *s, const struct cache_host *host, int fd)
{
	struct queue_table *table = queue_table(s);
	uint32_t jobs = queue_jobs_ready(s), chunks = queue_chunks_ready(s);

	if (jobs > 0 && segment_take(host, fd, s->geometry.jobs_at, jobs * sizeof(struct queue_job)) != CACHE_OK) {
		jobs = 0;
	}
	if (chunks > 0 && segment_take(host, fd, s->geometry.chunks_at, chunks * sizeof(struct queue_chunk)) != CACHE_OK) {
		chunks = 0;
	}
	store_relaxed(&table->jobs_ready, jobs);
	store_relaxed(&table->chunks_ready, chunks);
}

/*
 * The monotonic clock begins anew when the machine does, and a file on a disk outlives that: times to come are moved by what the
 * two clocks say. A wall clock that was set meanwhile moves them, too.
 */
#define CLOCK_STEP_US 10000000
static void move_times(const struct segment *s, const struct cache_host *host)
{
	struct queue_table *table = queue_table(s);
	int64_t begins = host->wall_us(host->context) - (int64_t)(host->monotonic_ns(host->context) / 1000);
	int64_t step = (int64_t)((uint64_t)table->monotonic_began_us - (uint64_t)begins);

	if (table->monotonic_began_us != 0 && (step > CLOCK_STEP_US || step < -CLOCK_STEP_US)) {
		for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
			struct queue_job *job = queue_job(s, i);
			uint64_t due = load_relaxed(&job->due_ns);
			int64_t moved;
			if (due != 0 && due != UINT64_MAX && !__builtin_add_overflow((int64_t)(due / 1000), step, &moved)) {
				store_relaxed(&job->due_ns, moved > 0 && moved < INT64_MAX / 1000 ? (uint64_t)moved * 1000 : 0);
			}
		}
	}
	table->monotonic_began_us = begins;
}

/* The text is what it was, and the key is the one of the hash? */
static bool is_intact(const struct segment *s, const struct queue_job *job)
{
	bool valid = job->key_length <= QUEUE_TEXT_MAX && job->payload_length <= QUEUE_TEXT_MAX;

	return valid && queue_text_checksum(s, job, &valid) == job->checksum && valid;
}

/* A name that is not the one of its hash is nobody's; its place is kept, since others may stand behind it. */
static void check_names(const struct segment *s)
{
	struct queue_table *table = queue_table(s);

	for (uint32_t i = 0; i < QUEUE_NAMES; i++) {
		struct queue_name *name = queue_name(s, i);
		uint64_t hash = load_relaxed(&table->hashes[i]);
		if (hash != 0 && (name->length > QUEUE_NAME_MAX ||
		                  queue_name_hash(key_hash_of(&s->hash, name->bytes, name->length)) != hash)) {
			store_relaxed(&table->hashes[i], QUEUE_HASH_NOBODY);
			name->length = 0;
		}
	}
}

void queue_reset(const struct segment *s, const struct cache_host *host, int fd)
{
	struct queue_table *table = queue_table(s);

	retake(s, host, fd);
	store_relaxed(&table->guard.word, 0);
	store_relaxed(&table->sleepers, 0);
	store_relaxed(&table->checked_ns, 0);
	if (load_relaxed(&table->sequence) > UINT64_MAX >> 24) {
		store_relaxed(&table->sequence, 0);
	}
	move_times(s, host);
	check_names(s);
	for (uint32_t i = 0; i < queue_jobs_ready(s); i++) {
		struct queue_job *job = queue_job(s, i);
		uint64_t word = load_relaxed(&job->word);
		if (queue_word_state(word) != QUEUE_FREE && (job->sequence > UINT64_MAX >> 24 || !is_intact(s, job))) {
			drop(job, word);
		}
	}
	queue_mark_dirty(s);
}
