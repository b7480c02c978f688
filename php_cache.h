/* Static builds look for the module's entry here: phpext_cache_ptr. */
#include "ext/zend/php_cache.h"
