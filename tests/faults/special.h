/* Single situations, each of them a test with a name. See special.c. */
#ifndef CACHE_TESTS_FAULTS_SPECIAL_H
#define CACHE_TESTS_FAULTS_SPECIAL_H

#include "world.h"

/** Ends the test as one that cannot be done here. */
__attribute__((noreturn, format(printf, 1, 2))) void skip(const char *format, ...);
/** Mounts a tmpfs there, in a mount namespace of this process. */
void mount_tmpfs(const char *place, const char *options);

struct special {
	const char *name;
	void (*test)(struct world *w);
};
extern const struct special file_specials[], time_specials[];
extern const unsigned file_special_count, time_special_count;

/** Opens in vain; the status, and a message that says `part`. */
void refused(struct world *w, enum cache_status expected, const char *part);
void fill_until(struct world *w, struct store *store, unsigned keys, size_t size);
void run_as_nobody(struct world *w);

#endif
