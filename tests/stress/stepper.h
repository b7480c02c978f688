/*
 * One process that runs instruction by instruction, and the segment file as it changes under it.
 *
 * What a killed process leaves behind is what the instructions before the kill stored: the CPU's store buffer drains
 * whatever happens to the process. So the states after each instruction are all there is; and only instructions that
 * store into the segment make new ones.
 */
#ifndef CACHE_STRESS_STEPPER_H
#define CACHE_STRESS_STEPPER_H

#include <sys/stat.h>

#include "support.h"

/* ---- the file ------------------------------------------------------------------------------------------- */

#define EXTENTS_MAX 24

/* The parts of the segment that are in use, and their bytes as they were when we last looked. */
struct watch {
	int fd;
	size_t length;
	struct geometry geometry;
	char *base;   /* the file */
	char *shadow; /* our copy */
	struct {
		size_t from, to;
	} extents[EXTENTS_MAX];
	uint32_t extent_count;
};

void watch_open(struct watch *watch, const struct segment *segment);
void watch_close(struct watch *watch);
/** Did anything change since the last call, or since watch_open()? Then the shadow is what there is now. */
bool watch_changed(struct watch *watch);
/** Writes the shadow over another file of that length, mapped at `base`. */
void watch_write(const struct watch *watch, char *base);

/* ---- the process ---------------------------------------------------------------------------------------- */

#define CLOSED_MAX 16

struct stepped {
	pid_t pid;
	pid_t forked; /* the child that it forked, stopped; 0: none */
	long steps;
	bool in_call; /* the kernel: the next stop at a call is at its end */
	/* Where it has the segment mapped for writing: closed but for one store at a time. */
	struct {
		uint64_t from, to;
	} closed[CLOSED_MAX];
	uint32_t closed_count;
};

/** Starts a child: `before` runs at full speed, `act` by steps. */
void stepped_start(struct stepped *stepped, void (*before)(void *context), void (*act)(void *context), void *context);
/** One instruction. False: `act` has returned, the process waits to be killed. Dies if the process did. */
bool step(struct stepped *stepped);
/** Up to the end of the next instruction or call of the kernel that stores into the watched segment, or to a fork(). False as above. */
bool step_to_store(struct stepped *stepped, struct watch *watch);
/** Steps on in the forked child; the parent stays stopped. */
void stepped_switch(struct stepped *stepped);
/** Kills both. */
void stepped_end(struct stepped *stepped);

/** Runs the program anew if need be, so that memcpy() and memset() of the C library take few instructions. */
void step_by_wide_stores(char **arguments);

#endif
