/* The arguments that all storing functions share: ttl, stale_ttl, tags, stamp. */
#ifndef CACHE_ZEND_LIFETIME_H
#define CACHE_ZEND_LIFETIME_H

#include "php.h"

#include "core/store/store.h"

/** As PHP passed them. NULL: not given. */
struct cache_lifetime_arguments {
	zval *ttl, *stale_ttl;
	HashTable *tags;
	zend_long stamp;
	bool stamp_is_null;
};

struct cache_lifetime {
	int64_t ttl_us, stale_ttl_us, stamp_us;
	uint32_t tags_size;
	uint8_t tag_count;
	/** As in store_item. */
	char tags[STORE_TAGS_MAX * (1 + STORE_TAG_LENGTH_MAX)];
};

/** Without arguments: no limit, no tags, now. */
static zend_always_inline void cache_lifetime_init(struct cache_lifetime *lifetime)
{
	lifetime->ttl_us = STORE_FOREVER;
	lifetime->stale_ttl_us = 0;
	lifetime->stamp_us = 0;
	lifetime->tags_size = 0;
	lifetime->tag_count = 0;
}

/** False: a ValueError or TypeError was thrown. `first` is the number of the argument $ttl; the others follow. A function
 * without $stamp leaves stamp_is_null. */
bool cache_lifetime_read(const struct cache_lifetime_arguments *arguments, uint32_t first,
                         struct cache_lifetime *lifetime);

/** Is it a string of good length? Else a TypeError or ValueError was thrown. */
bool cache_tag_check(zval *tag, uint32_t argument);
/** Adds a checked tag, if it is not there. False: there are as many as may be. */
bool cache_lifetime_add_tag(struct cache_lifetime *lifetime, zval *tag);

/** Seconds, int or float, to microseconds; STORE_FOREVER: too long to end. False: a ValueError was thrown. */
bool cache_duration_read(const zval *seconds, uint32_t argument, int64_t *us);
/** The reverse, as the functions take it: `forever` is 0 for ttl and INF for stale_ttl. */
void cache_duration_write(int64_t us, double forever, zval *seconds);

#endif
