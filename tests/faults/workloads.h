/* The workloads of several processes, see workloads_many.c. */
#ifndef CACHE_TESTS_FAULTS_WORKLOADS_H
#define CACHE_TESTS_FAULTS_WORKLOADS_H

#include "world.h"

void wait_for_lock(struct world *w);
void wait_for_lease(struct world *w);
void wait_for_job(struct world *w);
void run_jobs(struct world *w);
void use_named_locks(struct world *w);
void recover_locked(struct world *w);
void recover_pinned(struct world *w);
void the_world_kills(struct world *w);
void prepare_dead(struct world *w);
void prepare_guest(struct world *w);
void be_guest(struct world *w);
void fork_plain(struct world *w);
void fork_pinned(struct world *w);
void fork_removed(struct world *w);
void removed(struct world *w);

#endif
