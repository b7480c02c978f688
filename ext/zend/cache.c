/*
 * The module's life. MINIT creates nothing, so that FPM's master (root) owns nothing; the process that uses the cache
 * first attaches. Pins last until post_deactivate: extensions, destructors and session handlers still read values
 * while modules shut down.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "php_cache.h"

#include "ext/standard/info.h"
#include "zend_exceptions.h"
#include "zend_interfaces.h"

#include "compute.h"
#include "entry.h"
#include "errors.h"
#include "functions.h"
#include "globals.h"
#include "image.h"
#include "info.h"
#include "ini.h"
#include "iterator.h"
#include "participant.h"

#include "cache_arginfo.h"

ZEND_DECLARE_MODULE_GLOBALS(cache)

static PHP_GINIT_FUNCTION(cache)
{
#if defined(ZTS) && defined(COMPILE_DL_CACHE)
	ZEND_TSRMLS_CACHE_UPDATE();
#endif
	memset(cache_globals, 0, sizeof(*cache_globals));
}

static PHP_GSHUTDOWN_FUNCTION(cache)
{
	cache_participant_detach(cache_globals);
}

static PHP_MINIT_FUNCTION(cache)
{
	const char *error;

	cache_ini_register(module_number);
	error = cache_ini_startup_error();
	if (error) {
		zend_error_noreturn(E_CORE_ERROR, "%s", error);
	}
	register_cache_symbols(module_number);
	cache_ce_exception = register_class_Cache_CacheException(zend_ce_exception);
	cache_ce_unstorable = register_class_Cache_UnstorableException(cache_ce_exception);
	(void)register_class_Cache_Rebuilds();
	cache_ce_lock_upgrade = register_class_Cache_LockUpgradeException(cache_ce_exception);
	cache_iterator_register(register_class_Cache_EntryIterator(zend_ce_iterator, zend_ce_countable));
	cache_image_startup();
	cache_entry_startup();
	cache_participant_prepare();
	return SUCCESS;
}

static PHP_MSHUTDOWN_FUNCTION(cache)
{
	cache_entry_shutdown();
	cache_ini_unregister(module_number);
	return SUCCESS;
}

static PHP_RINIT_FUNCTION(cache)
{
#if defined(ZTS) && defined(COMPILE_DL_CACHE)
	ZEND_TSRMLS_CACHE_UPDATE();
#endif
	cache_compute_begin_request();
	cache_participant_begin_request();
	return SUCCESS;
}

static PHP_RSHUTDOWN_FUNCTION(cache)
{
	cache_compute_end_request();
	return SUCCESS;
}

static ZEND_MODULE_POST_ZEND_DEACTIVATE_D(cache)
{
	cache_participant_end_request();
	return SUCCESS;
}

/* The optional ones: so that their functions are there when the cache is used, whatever the order in php.ini. */
static const zend_module_dep dependencies[] = {
	ZEND_MOD_REQUIRED("pcre")
	ZEND_MOD_REQUIRED("standard")
	ZEND_MOD_OPTIONAL("igbinary")
	ZEND_MOD_OPTIONAL("msgpack")
	ZEND_MOD_END
};

zend_module_entry cache_module_entry = {
	STANDARD_MODULE_HEADER_EX,
	NULL,
	dependencies,
	"cache",
	ext_functions,
	PHP_MINIT(cache),
	PHP_MSHUTDOWN(cache),
	PHP_RINIT(cache),
	PHP_RSHUTDOWN(cache),
	PHP_MINFO(cache),
	PHP_CACHE_VERSION,
	PHP_MODULE_GLOBALS(cache),
	PHP_GINIT(cache),
	PHP_GSHUTDOWN(cache),
	ZEND_MODULE_POST_ZEND_DEACTIVATE_N(cache),
	STANDARD_MODULE_PROPERTIES_EX
};

#ifdef COMPILE_DL_CACHE
#ifdef ZTS
ZEND_TSRMLS_CACHE_DEFINE()
#endif
ZEND_GET_MODULE(cache)
#endif
