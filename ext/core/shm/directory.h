/*
 * The directory of the segment files and their names.
 */
#ifndef CACHE_CORE_DIRECTORY_H
#define CACHE_CORE_DIRECTORY_H

#include "core/shm/segment.h"

/**
 * Opens the directory (by default a private one of the effective user under /dev/shm, created with mode 0700) and
 * composes the path of the segment's file. Refuses a directory in which another user may put files.
 */
CACHE_MUST_CHECK enum cache_status directory_open(const struct segment_options *options, char *path, size_t path_size,
                                                  int *directory, struct message *message);

/** Removes this user's segments of the same name and another fingerprint that nobody is attached to: a PHP upgrade leaves them. */
void directory_sweep(int directory, const char *current_file);

#endif
