/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 1377bae9d5d73e3c0e3059f5498318307f24f224 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_enabled, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_store, 0, 1, MAY_BE_BOOL|MAY_BE_ARRAY)
	ZEND_ARG_TYPE_MASK(0, key, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, value, IS_MIXED, 0, "null")
	ZEND_ARG_TYPE_MASK(0, ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_MASK(0, stale_ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tags, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, stamp, IS_LONG, 1, "null")
ZEND_END_ARG_INFO()

#define arginfo_cache_add arginfo_cache_store

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_fetch, 0, 1, IS_MIXED, 0)
	ZEND_ARG_TYPE_MASK(0, key, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
	ZEND_ARG_INFO_WITH_DEFAULT_VALUE(1, success, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_exists, 0, 1, MAY_BE_BOOL|MAY_BE_ARRAY)
	ZEND_ARG_TYPE_MASK(0, key, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_delete, 0, 1, MAY_BE_BOOL|MAY_BE_ARRAY)
	ZEND_ARG_OBJ_TYPE_MASK(0, key, Cache\\EntryIterator, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_inc, 0, 1, MAY_BE_LONG|MAY_BE_FALSE)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, step, IS_LONG, 0, "1")
	ZEND_ARG_INFO_WITH_DEFAULT_VALUE(1, success, "null")
	ZEND_ARG_TYPE_MASK(0, ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
ZEND_END_ARG_INFO()

#define arginfo_cache_dec arginfo_cache_inc

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_cas, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, old, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, new, IS_LONG, 0)
ZEND_END_ARG_INFO()

#define arginfo_cache_clear arginfo_cache_enabled

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_info, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, limited, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_key_info, 0, 1, IS_ARRAY, 1)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_lock_for_read, 0, 1, MAY_BE_LONG|MAY_BE_FALSE)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "0.0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease, IS_DOUBLE, 0, "0.0")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_lock_for_write, 0, 1, MAY_BE_LONG|MAY_BE_FALSE)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "0.0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease, IS_DOUBLE, 0, "0.0")
	ZEND_ARG_INFO_WITH_DEFAULT_VALUE(1, recovered, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_lock_release, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_lock_info, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, name, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_Cache_EntryIterator___construct, 0, 0, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, prefix, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, pattern, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, values, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, chunk, IS_LONG, 0, "100")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Cache_EntryIterator_current, 0, 0, IS_ARRAY, 1)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Cache_EntryIterator_key, 0, 0, IS_STRING, 1)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Cache_EntryIterator_next, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_Cache_EntryIterator_rewind arginfo_class_Cache_EntryIterator_next

#define arginfo_class_Cache_EntryIterator_valid arginfo_cache_enabled

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Cache_EntryIterator_count, 0, 0, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_FUNCTION(cache_enabled);
ZEND_FUNCTION(cache_store);
ZEND_FUNCTION(cache_add);
ZEND_FUNCTION(cache_fetch);
ZEND_FUNCTION(cache_exists);
ZEND_FUNCTION(cache_delete);
ZEND_FUNCTION(cache_inc);
ZEND_FUNCTION(cache_dec);
ZEND_FUNCTION(cache_cas);
ZEND_FUNCTION(cache_clear);
ZEND_FUNCTION(cache_info);
ZEND_FUNCTION(cache_key_info);
ZEND_FUNCTION(cache_lock_for_read);
ZEND_FUNCTION(cache_lock_for_write);
ZEND_FUNCTION(cache_lock_release);
ZEND_FUNCTION(cache_lock_info);
ZEND_METHOD(Cache_EntryIterator, __construct);
ZEND_METHOD(Cache_EntryIterator, current);
ZEND_METHOD(Cache_EntryIterator, key);
ZEND_METHOD(Cache_EntryIterator, next);
ZEND_METHOD(Cache_EntryIterator, rewind);
ZEND_METHOD(Cache_EntryIterator, valid);
ZEND_METHOD(Cache_EntryIterator, count);

static const zend_function_entry ext_functions[] = {
	ZEND_FE(cache_enabled, arginfo_cache_enabled)
	ZEND_FE(cache_store, arginfo_cache_store)
	ZEND_FE(cache_add, arginfo_cache_add)
	ZEND_FE(cache_fetch, arginfo_cache_fetch)
	ZEND_FE(cache_exists, arginfo_cache_exists)
	ZEND_FE(cache_delete, arginfo_cache_delete)
	ZEND_FE(cache_inc, arginfo_cache_inc)
	ZEND_FE(cache_dec, arginfo_cache_dec)
	ZEND_FE(cache_cas, arginfo_cache_cas)
	ZEND_FE(cache_clear, arginfo_cache_clear)
	ZEND_FE(cache_info, arginfo_cache_info)
	ZEND_FE(cache_key_info, arginfo_cache_key_info)
	ZEND_FE(cache_lock_for_read, arginfo_cache_lock_for_read)
	ZEND_FE(cache_lock_for_write, arginfo_cache_lock_for_write)
	ZEND_FE(cache_lock_release, arginfo_cache_lock_release)
	ZEND_FE(cache_lock_info, arginfo_cache_lock_info)
	ZEND_FE_END
};

static const zend_function_entry class_Cache_EntryIterator_methods[] = {
	ZEND_ME(Cache_EntryIterator, __construct, arginfo_class_Cache_EntryIterator___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(Cache_EntryIterator, current, arginfo_class_Cache_EntryIterator_current, ZEND_ACC_PUBLIC)
	ZEND_ME(Cache_EntryIterator, key, arginfo_class_Cache_EntryIterator_key, ZEND_ACC_PUBLIC)
	ZEND_ME(Cache_EntryIterator, next, arginfo_class_Cache_EntryIterator_next, ZEND_ACC_PUBLIC)
	ZEND_ME(Cache_EntryIterator, rewind, arginfo_class_Cache_EntryIterator_rewind, ZEND_ACC_PUBLIC)
	ZEND_ME(Cache_EntryIterator, valid, arginfo_class_Cache_EntryIterator_valid, ZEND_ACC_PUBLIC)
	ZEND_ME(Cache_EntryIterator, count, arginfo_class_Cache_EntryIterator_count, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static void register_cache_symbols(int module_number)
{
	REGISTER_LONG_CONSTANT("CACHE_STATE_MISSING", STORE_STATE_MISSING, CONST_PERSISTENT);
	REGISTER_LONG_CONSTANT("CACHE_STATE_FRESH", STORE_STATE_FRESH, CONST_PERSISTENT);
	REGISTER_LONG_CONSTANT("CACHE_STATE_AGING", STORE_STATE_AGING, CONST_PERSISTENT);
	REGISTER_LONG_CONSTANT("CACHE_STATE_STALE", STORE_STATE_STALE, CONST_PERSISTENT);
}

static zend_class_entry *register_class_Cache_CacheException(zend_class_entry *class_entry_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "CacheException", NULL);
#if (PHP_VERSION_ID >= 80400)
	class_entry = zend_register_internal_class_with_flags(&ce, class_entry_Exception, 0);
#else
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Exception);
#endif

	return class_entry;
}

static zend_class_entry *register_class_Cache_UnstorableException(zend_class_entry *class_entry_Cache_CacheException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "UnstorableException", NULL);
#if (PHP_VERSION_ID >= 80400)
	class_entry = zend_register_internal_class_with_flags(&ce, class_entry_Cache_CacheException, 0);
#else
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Cache_CacheException);
#endif

	return class_entry;
}

static zend_class_entry *register_class_Cache_LockUpgradeException(zend_class_entry *class_entry_Cache_CacheException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "LockUpgradeException", NULL);
#if (PHP_VERSION_ID >= 80400)
	class_entry = zend_register_internal_class_with_flags(&ce, class_entry_Cache_CacheException, 0);
#else
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Cache_CacheException);
#endif

	return class_entry;
}

static zend_class_entry *register_class_Cache_EntryIterator(zend_class_entry *class_entry_Iterator, zend_class_entry *class_entry_Countable)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "EntryIterator", class_Cache_EntryIterator_methods);
#if (PHP_VERSION_ID >= 80400)
	class_entry = zend_register_internal_class_with_flags(&ce, NULL, ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE);
#else
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;
#endif
	zend_class_implements(class_entry, 2, class_entry_Iterator, class_entry_Countable);

	return class_entry;
}
