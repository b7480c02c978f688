/*
 * One status type for the whole core. A function that can fail returns it, 0 is success, out-parameters
 * come last. No errno, no abort and no print crosses the core's boundary.
 */
#ifndef CACHE_CORE_STATUS_H
#define CACHE_CORE_STATUS_H

/*      name                  text for people */
#define CACHE_STATUS_TABLE(X)                                                                       \
	X(CACHE_OK,               "success")                                                             \
	X(CACHE_MISSING,          "no such entry")                                                       \
	X(CACHE_EXISTS,           "the entry exists already")                                            \
	X(CACHE_MISMATCH,         "the entry holds another value than expected")                         \
	X(CACHE_WRONG_TYPE,       "the entry does not hold an integer")                                  \
	X(CACHE_OVERFLOW,         "the integer would overflow")                                          \
	X(CACHE_BAD_KEY,          "a key has 1 to 65535 bytes")                                          \
	X(CACHE_TOO_BIG,          "the value does not fit into one shard of the segment")                \
	X(CACHE_NO_MEMORY,        "the segment has no room and nothing that may be evicted")             \
	X(CACHE_BUSY,             "the lock of the shard was not released within the patience")          \
	X(CACHE_NO_SLOT,          "all participant slots of the segment are taken")                      \
	X(CACHE_BAD_OPTION,       "a setting is out of range")                                           \
	X(CACHE_BAD_DIRECTORY,    "the segment directory cannot be used")                                \
	X(CACHE_BAD_FILE,         "the segment file is not a regular file of this user")                 \
	X(CACHE_FOREIGN,          "the segment file was written by another build or another program")    \
	X(CACHE_CORRUPT,          "the segment file is damaged")                                         \
	X(CACHE_NO_SPACE,         "the file system of the segment has no room")                          \
	X(CACHE_NO_MAP,           "the segment cannot be mapped")                                        \
	X(CACHE_SYSTEM,           "a system call failed")                                                \
	X(CACHE_LOCKED,           "others hold the named lock")                                          \
	X(CACHE_UPGRADE,          "the named lock is held for reading and cannot be had for writing")    \
	X(CACHE_FULL,             "there are too many named locks")

enum cache_status {
#define X(name, text) name,
	CACHE_STATUS_TABLE(X)
#undef X
	CACHE_STATUS_COUNT
};

const char *cache_status_text(enum cache_status status);
/** "CACHE_BUSY" */
const char *cache_status_name(enum cache_status status);

#define CACHE_MUST_CHECK __attribute__((warn_unused_result))

#endif
