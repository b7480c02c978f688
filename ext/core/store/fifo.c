#include "core/store/fifo.h"

#include "core/store/alloc.h"

struct fifo {
	link_t *head, *tail;
	uint32_t *count;
};

static struct fifo fifo_of(const struct shard_ref *r, uint32_t class, enum entry_queue which)
{
	struct size_class *c = &r->shard->classes[class];

	return which == QUEUE_MAIN ? (struct fifo){&c->main_head, &c->main_tail, &c->main_count}
	                           : (struct fifo){&c->small_head, &c->small_tail, &c->small_count};
}

/* next leads to the tail, prev to the head. */
void fifo_push(const struct shard_ref *r, link_t link, enum entry_queue which)
{
	struct fifo q = fifo_of(r, block_class(r, link), which);
	struct entry *e = link_entry(r, link);

	invariant(lock_is_ours(r));
	entry_set_state(e, ENTRY_LIVE, which);
	e->prev = 0;
	e->next = *q.head;
	if (*q.head) {
		link_entry(r, *q.head)->prev = link;
	} else {
		*q.tail = link;
	}
	*q.head = link;
	++*q.count;
}

/* The neighbours of a block that has links: they name each other, or the one that takes its place. */
static void unlink_block(const struct shard_ref *r, const struct fifo *q, const struct entry *e)
{
	*(e->prev ? &link_entry(r, e->prev)->next : q->head) = e->next;
	*(e->next ? &link_entry(r, e->next)->prev : q->tail) = e->prev;
}

static void relink_block(const struct shard_ref *r, const struct fifo *q, const struct entry *old, link_t fresh_link)
{
	struct entry *fresh = link_entry(r, fresh_link);

	fresh->next = old->next;
	fresh->prev = old->prev;
	*(fresh->prev ? &link_entry(r, fresh->prev)->next : q->head) = fresh_link;
	*(fresh->next ? &link_entry(r, fresh->next)->prev : q->tail) = fresh_link;
}

static struct fifo_note *note_of(const struct shard_ref *r, const struct entry *heir)
{
	invariant(entry_is_heir(heir) && heir->next < r->shard->deferred_count);
	return &r->shard->deferred[heir->next];
}

static void inherit(struct entry *fresh, enum entry_queue queue, uint32_t note)
{
	fresh->next = note;
	entry_set_heir(fresh, queue);
}

void fifo_remove(const struct shard_ref *r, link_t link)
{
	struct entry *e = link_entry(r, link);
	struct fifo q = fifo_of(r, block_class(r, link), entry_queue(e));

	invariant(entry_queue(e) != QUEUE_NONE && entry_state(e) == ENTRY_LIVE);
	if (entry_is_heir(e)) {
		note_of(r, e)->heir = 0;
	} else {
		unlink_block(r, &q, e);
	}
	--*q.count;
	entry_set_state(e, ENTRY_LIVE, QUEUE_NONE);
}

void fifo_substitute(const struct shard_ref *r, uint32_t class, link_t old_link, link_t fresh_link)
{
	struct entry *old = link_entry(r, old_link), *fresh = link_entry(r, fresh_link);
	enum entry_queue queue = entry_queue(old);
	struct fifo q = fifo_of(r, class, queue);

	invariant(block_class(r, old_link) == class && block_class(r, fresh_link) == class);
	if (entry_is_heir(old)) {
		note_of(r, old)->heir = fresh_link;
		inherit(fresh, queue, old->next);
	} else {
		relink_block(r, &q, old, fresh_link);
		entry_set_state(fresh, ENTRY_LIVE, queue);
	}
	entry_set_state(old, ENTRY_LIVE, QUEUE_NONE);
}

/* A link to nothing is far outside the mapping: looking for a page there takes as long as half a store. */
static inline void fetch_neighbour(const struct shard_ref *r, link_t link)
{
	if (link) {
		__builtin_prefetch(link_entry(r, link), 1);
	}
}

void fifo_defer(const struct shard_ref *r, uint32_t class, link_t old_link, link_t fresh_link)
{
	struct shard *s = r->shard;
	struct entry *old = link_entry(r, old_link);
	enum entry_queue queue = entry_queue(old);

	invariant(lock_is_ours(r) && !fifo_defers_no_more(r) && !entry_is_heir(old) && block_class(r, old_link) == class);
	fetch_neighbour(r, old->next);
	fetch_neighbour(r, old->prev);
	s->deferred[s->deferred_count] = (struct fifo_note){old_link, fresh_link};
	if (fresh_link) {
		inherit(link_entry(r, fresh_link), queue, s->deferred_count);
	} else {
		--*fifo_of(r, class, queue).count;
	}
	s->deferred_count++;
	entry_set_state(old, ENTRY_RETIRED, queue);
}

/* Neighbours may be noted, too: each has its links until its own turn. */
uint32_t fifo_settle(const struct shard_ref *r, link_t left[FIFO_DEFERRED])
{
	struct shard *s = r->shard;
	uint32_t count = s->deferred_count;

	for (uint32_t i = 0; i < count; i++) {
		struct fifo_note note = s->deferred[i];
		struct entry *e = link_entry(r, note.block);
		enum entry_queue queue = entry_queue(e);
		struct fifo q = fifo_of(r, block_class(r, note.block), queue);

		if (note.heir) {
			relink_block(r, &q, e, note.heir);
			entry_set_state(link_entry(r, note.heir), ENTRY_LIVE, queue);
		} else {
			unlink_block(r, &q, e);
		}
		left[i] = note.block;
	}
	s->deferred_count = 0;
	return count;
}
