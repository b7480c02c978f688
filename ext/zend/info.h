#ifndef CACHE_ZEND_INFO_H
#define CACHE_ZEND_INFO_H

#include "php.h"

PHP_MINFO_FUNCTION(cache);

#endif
