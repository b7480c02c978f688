/* The rebuild queue: what its functions share. */
#ifndef CACHE_ZEND_QUEUE_H
#define CACHE_ZEND_QUEUE_H

#include "php.h"

#include "core/store/job_queue.h"

/** False: a ValueError was thrown. */
bool cache_queue_name_check(const zend_string *name, uint32_t argument);

#endif
