#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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
	int error = errno;

	for (; queues != 0; queues &= queues - 1) {
		uint64_t one = queues & -queues, neighbour = one << 32 | one >> 32;
		int number;
		if (!(rmw_and(&table->sleepers, ~one) & one)) {
			continue;
		}
		rmw_add(&table->event, 1);
		number = load_relaxed(&table->sleepers) & neighbour ? INT_MAX : 1;
		if (syscall(SYS_futex, (uint32_t *)&table->event, FUTEX_WAKE_BITSET, number, NULL, NULL, bits_of(one)) > 0) {
			rmw_or(&table->sleepers, one);
		}
	}
	errno = error;
}

void queue_sleep(struct owner *o, const struct queue_wish *wish, uint64_t ns)
{
	struct queue_table *table = queue_table(o->segment);
	uint64_t now = o->host->monotonic_ns(o->host->context);
	uint64_t due = wish->next_ns > now ? wish->next_ns - now : 0;
	uint64_t slice = wish->others_work ? QUEUE_WATCH_NS : QUEUE_SLICE_NS;
	struct timespec until;
	int error = errno;

	ns = ns < slice ? ns : slice;
	ns = ns < due ? ns : due;
	/* The kernel's clock, not the host's, which tests turn. */
	clock_gettime(CLOCK_MONOTONIC, &until);
	ns += (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(ns / 1000000000);
	until.tv_nsec = (long)(ns % 1000000000);
	if (wish->mask != 0) {
		syscall(SYS_futex, (uint32_t *)&table->event, FUTEX_WAIT_BITSET, wish->event, &until, NULL, bits_of(wish->mask));
	} else {
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL); /* nobody would wake for none */
	}
	errno = error;
}
