/* The module, as PHP sees it. */
#ifndef CACHE_ZEND_PHP_CACHE_H
#define CACHE_ZEND_PHP_CACHE_H

#include "php.h"

extern zend_module_entry cache_module_entry;
#define phpext_cache_ptr (&cache_module_entry)

#define PHP_CACHE_VERSION "0.1.0"

#endif
