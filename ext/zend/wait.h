/* Functions that wait for others. */
#ifndef CACHE_ZEND_WAIT_H
#define CACHE_ZEND_WAIT_H

#include <stdbool.h>

/** Before a function sleeps on, or begins again: signal handlers, and PHP's time limit. False: an exception was thrown. */
bool cache_may_go_on(void);

#endif
