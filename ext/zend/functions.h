/* What the files of PHP functions share. */
#ifndef CACHE_ZEND_FUNCTIONS_H
#define CACHE_ZEND_FUNCTIONS_H

#include "php.h"

/** Assigns to a by-reference $success, typed references included; NULL: it was not given. */
void cache_assign_success(zval *success, bool found);

#endif
