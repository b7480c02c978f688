#ifndef CACHE_CORE_PUBLISH_H
#define CACHE_CORE_PUBLISH_H

#include "core/store/write.h"

/**
 * Under the lock: `link`, filled in but for version and lock word, in the place of what `slot` names (NULL: of nothing). Whatever is
 * returned, the block is somebody else's then, or free. Else than CACHE_OK: the condition does not hold.
 */
CACHE_MUST_CHECK enum cache_status publish_entry(const struct write *w, atomic_u64 *slot, link_t link, uint64_t version);

/**
 * Under the lock: a number in the place of one that is fresh, has no ttl and no tags, and the same stale_ttl. So has `w`, and no
 * condition. False: it is no such, and needs a block.
 */
CACHE_MUST_CHECK bool put_in_place(const struct write *w, atomic_u64 *slot);

#endif
