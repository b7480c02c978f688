#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <time.h>

#include "core/shm/futex.h"
#include "core/shm/queue.h"

/*
 * One futex for all queues; who sleeps for some of them has their bits, which those 32 apart share. Where somebody may sleep for
 * the other one of a bit, all who have it are woken: the first may be of the wrong queue, and would not pass it on.
 *
 * `sleepers` says for which queues somebody may sleep. Who wakes takes its bit away first, and puts it back if there was somebody to
 * wake: there may be more. So a sleeper that was killed costs one system call in vain. A bit that is set in between stays. One that was set
 * before is of somebody who has read `event` before that, and so before it is counted up: his sleep ends at once, or he is woken. If he read
 * it later, he might find that the job is taken already, and sleep without a bit. tests/model/queue_wait.pml has all orders.
 */
static uint32_t bits_of(uint64_t queues) { return (uint32_t)(queues | queues >> 32); }

void queue_wake(const struct segment *s, uint64_t queues)
{
	struct queue_table *table = queue_table(s);

	for (; queues != 0; queues &= queues - 1) {
		uint64_t one = queues & -queues, neighbour = one << 32 | one >> 32;
		uint32_t number;
		if (!(rmw_and(&table->sleepers, ~one) & one)) {
			continue;
		}
		rmw_add(&table->event, 1);
		number = load_relaxed(&table->sleepers) & neighbour ? INT_MAX : 1;
		if (futex_wake(&table->event, number, bits_of(one)) > 0) {
			rmw_or(&table->sleepers, one);
		}
	}
}

void queue_sleep(struct owner *o, const struct queue_wish *wish, uint64_t ns)
{
	struct queue_table *table = queue_table(o->segment);
	uint64_t now = o->host->monotonic_ns(o->host->context);
	uint64_t due = wish->next_ns > now ? wish->next_ns - now : 0;
	uint64_t slice = wish->others_work ? QUEUE_WATCH_NS : QUEUE_SLICE_NS;

	ns = ns < slice ? ns : slice;
	ns = ns < due ? ns : due;
	if (wish->mask != 0) {
		futex_sleep(&table->event, wish->event, bits_of(wish->mask), ns);
	} else {
		int error = errno;
		/* Nobody would wake for none. A second at most: the slice. */
		(void)nanosleep(&(struct timespec){.tv_nsec = (long)ns}, NULL);
		errno = error;
	}
}
