/* What cache_compute() keeps during a request. */
#ifndef CACHE_ZEND_COMPUTE_H
#define CACHE_ZEND_COMPUTE_H

void cache_compute_begin_request(void);
/** Drops what was put off and could not be made. While PHP's memory and objects are still there. */
void cache_compute_end_request(void);

#endif
