#include "core/shm/queue_table.h"

/* A right spine has at most 17 jobs of 65,536: two of them are merged in fewer steps. */
#define SPINE_MAX 64

static queue_link *root_of(const struct segment *s, uint32_t queue, enum queue_heap heap)
{
	return heap == QUEUE_DEAD_HEAP ? &queue_table(s)->dead_root : &queue_name(s, queue)->roots[heap];
}

bool queue_heap_before(const struct queue_job *a, const struct queue_job *b, enum queue_heap heap)
{
	switch (heap) {
	case QUEUE_READY_HEAP:
		return a->priority != b->priority ? a->priority > b->priority : a->sequence < b->sequence;
	case QUEUE_DEAD_HEAP:
		return a->died_us != b->died_us ? a->died_us < b->died_us : a->sequence < b->sequence;
	default: {
		uint64_t due = load_relaxed(&a->due_ns), other = load_relaxed(&b->due_ns);
		return due != other ? due < other : a->sequence < b->sequence;
	}
	}
}

static unsigned rank_of(const struct queue_job *job) { return job ? job->rank : 0; }

/* The longer of the two is left: so that the right spine is short. */
static void order_children(const struct segment *s, struct queue_job *job)
{
	struct queue_job *left = queue_linked(s, job->left), *right = queue_linked(s, job->right);

	if (rank_of(left) < rank_of(right)) {
		queue_link link = job->left;
		job->left = job->right;
		job->right = link;
		right = left;
	}
	job->rank = (uint8_t)(rank_of(right) + 1);
}

/* Merges two heaps along their right spines. Damaged links end it: `depth`. */
static bool merge(const struct segment *s, queue_link a, queue_link b, enum queue_heap heap, queue_link *merged, unsigned depth)
{
	struct queue_job *first = queue_linked(s, a), *second = queue_linked(s, b);

	if (!first || !second) {
		*merged = first ? a : second ? b : 0;
		return (first || a == 0) && (second || b == 0);
	}
	if (depth == SPINE_MAX || a == b) {
		return false;
	}
	if (queue_heap_before(second, first, heap)) {
		queue_link link = a;
		a = b;
		b = link;
		first = second;
	}
	if (!merge(s, first->right, b, heap, &first->right, depth + 1)) {
		return false;
	}
	queue_linked(s, first->right)->parent = a;
	order_children(s, first);
	*merged = a;
	return true;
}

static void set_root(const struct segment *s, queue_link *root, queue_link link)
{
	struct queue_job *job = queue_linked(s, link);

	*root = link;
	if (job) {
		job->parent = 0;
	}
}

bool queue_heap_insert(const struct segment *s, struct queue_job *job, enum queue_heap heap)
{
	queue_link *root, merged;

	if (job->queue >= QUEUE_NAMES) {
		return false;
	}
	root = root_of(s, job->queue, heap);
	job->left = job->right = job->parent = 0;
	job->rank = 1;
	job->heap = (uint8_t)heap;
	if (!merge(s, *root, queue_link_of(s, job), heap, &merged, 0)) {
		return false;
	}
	set_root(s, root, merged);
	queue_name(s, job->queue)->counts[heap]++;
	return true;
}

/* Ranks above a changed child, as far as they change: O(log n) steps in a heap that is whole. */
static bool fix_ranks(const struct segment *s, queue_link link)
{
	for (uint32_t steps = 0; link != 0; steps++) {
		struct queue_job *job = queue_linked(s, link);
		unsigned before;
		if (!job || steps == s->geometry.jobs) {
			return false;
		}
		before = job->rank;
		order_children(s, job);
		if (job->rank == before) {
			return true;
		}
		link = job->parent;
	}
	return true;
}

bool queue_heap_remove(const struct segment *s, struct queue_job *job)
{
	enum queue_heap heap = (enum queue_heap)job->heap;
	struct queue_job *parent = queue_linked(s, job->parent), *child;
	queue_link link = queue_link_of(s, job), merged;

	if (job->queue >= QUEUE_NAMES || heap == QUEUE_NO_HEAP || heap >= QUEUE_HEAPS || !merge(s, job->left, job->right, heap, &merged, 0)) {
		return false;
	}
	if (!parent) {
		queue_link *root = root_of(s, job->queue, heap);
		if (*root != link) {
			return false;
		}
		set_root(s, root, merged);
	} else {
		queue_link *side = parent->left == link ? &parent->left : &parent->right;
		if (*side != link) {
			return false;
		}
		*side = merged;
		child = queue_linked(s, merged);
		if (child) {
			child->parent = job->parent;
		}
		if (!fix_ranks(s, job->parent)) {
			return false;
		}
	}
	job->heap = QUEUE_NO_HEAP;
	queue_name(s, job->queue)->counts[heap]--;
	return true;
}

struct queue_job *queue_heap_first(const struct segment *s, uint32_t queue, enum queue_heap heap)
{
	return queue_linked(s, *root_of(s, queue, heap));
}
