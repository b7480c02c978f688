/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 47c2cc279a3ef66da23cda273bf6848f0a780413 */

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

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_gets, 0, 1, IS_MIXED, 0)
	ZEND_ARG_TYPE_MASK(0, key, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
	ZEND_ARG_INFO_WITH_DEFAULT_VALUE(1, token, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_cas_store, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, token, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, value, IS_MIXED, 0)
	ZEND_ARG_TYPE_MASK(0, ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_MASK(0, stale_ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tags, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, stamp, IS_LONG, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_cas_delete, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, token, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_merge, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, merge, IS_CALLABLE, 0)
	ZEND_ARG_TYPE_MASK(0, ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_MASK(0, stale_ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tags, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "5")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_store_if_changed, 0, 2, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, value, IS_MIXED, 0)
	ZEND_ARG_TYPE_MASK(0, ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_MASK(0, stale_ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tags, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, stamp, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, token, IS_LONG, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_cas_touch, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, expected, IS_LONG, 1)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, new, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, token, IS_LONG, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_stamp, 0, 1, MAY_BE_LONG|MAY_BE_ARRAY|MAY_BE_FALSE)
	ZEND_ARG_TYPE_MASK(0, key, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_cas_lock, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, expected, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, new, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_fetch_entries, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, keys, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, min_stamp, IS_LONG, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, prefix, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, fields, IS_ARRAY, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_fetch_stale, 0, 1, IS_MIXED, 0)
	ZEND_ARG_TYPE_MASK(0, key, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
	ZEND_ARG_INFO_WITH_DEFAULT_VALUE(1, state, "null")
	ZEND_ARG_INFO_WITH_DEFAULT_VALUE(1, lease, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease_ttl, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, refresh_ahead, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, queue, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_lease, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease_ttl, IS_DOUBLE, 0, "30")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_lease_extend, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, lease, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, lease_ttl, IS_DOUBLE, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_lease_release, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, lease, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_commit, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, lease, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, value, IS_MIXED, 0)
	ZEND_ARG_TYPE_MASK(0, ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_MASK(0, stale_ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tags, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, stamp, IS_LONG, 1, "null")
ZEND_END_ARG_INFO()

#define arginfo_cache_mark_stale arginfo_cache_exists

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_compute, 0, 2, IS_MIXED, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, fn, IS_CALLABLE, 0)
	ZEND_ARG_TYPE_MASK(0, ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_MASK(0, stale_ttl, MAY_BE_LONG|MAY_BE_DOUBLE, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, tags, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, refresh_ahead, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, queue, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "5")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease_ttl, IS_DOUBLE, 0, "30")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_tag_invalidate, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_MASK(0, tags, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, hard, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_lock_for_read, 0, 1, MAY_BE_LONG|MAY_BE_FALSE)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease, IS_DOUBLE, 0, "0")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_cache_lock_for_write, 0, 1, MAY_BE_LONG|MAY_BE_FALSE)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease, IS_DOUBLE, 0, "0")
	ZEND_ARG_INFO_WITH_DEFAULT_VALUE(1, recovered, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_lock_release, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_lock_info, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, name, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_push, 0, 2, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, queue, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, key, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, payload, IS_MIXED, 0, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, delay, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, priority, IS_LONG, 0, "0")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_pop, 0, 1, IS_ARRAY, 1)
	ZEND_ARG_TYPE_MASK(0, queue, MAY_BE_STRING|MAY_BE_ARRAY, NULL)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, wait, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, lease, IS_DOUBLE, 0, "60")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_extend, 0, 3, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, id, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, token, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, lease, IS_DOUBLE, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_ack, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, id, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, token, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_fail, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, id, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, token, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, error, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, retry_in, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_info, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, queue, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_dead, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, queue, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, limit, IS_LONG, 0, "100")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_revive, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, queue, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, key, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_cache_queue_purge, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, queue, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, dead, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_Cache_Rebuilds___construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_Cache_Rebuilds_run, 0, 0, IS_VOID, 0)
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

#define arginfo_class_Cache_EntryIterator_next arginfo_class_Cache_Rebuilds_run

#define arginfo_class_Cache_EntryIterator_rewind arginfo_class_Cache_Rebuilds_run

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
ZEND_FUNCTION(cache_gets);
ZEND_FUNCTION(cache_cas_store);
ZEND_FUNCTION(cache_cas_delete);
ZEND_FUNCTION(cache_merge);
ZEND_FUNCTION(cache_store_if_changed);
ZEND_FUNCTION(cache_cas_touch);
ZEND_FUNCTION(cache_stamp);
ZEND_FUNCTION(cache_cas_lock);
ZEND_FUNCTION(cache_fetch_entries);
ZEND_FUNCTION(cache_fetch_stale);
ZEND_FUNCTION(cache_lease);
ZEND_FUNCTION(cache_lease_extend);
ZEND_FUNCTION(cache_lease_release);
ZEND_FUNCTION(cache_commit);
ZEND_FUNCTION(cache_mark_stale);
ZEND_FUNCTION(cache_compute);
ZEND_FUNCTION(cache_tag_invalidate);
ZEND_FUNCTION(cache_lock_for_read);
ZEND_FUNCTION(cache_lock_for_write);
ZEND_FUNCTION(cache_lock_release);
ZEND_FUNCTION(cache_lock_info);
ZEND_FUNCTION(cache_queue_push);
ZEND_FUNCTION(cache_queue_pop);
ZEND_FUNCTION(cache_queue_extend);
ZEND_FUNCTION(cache_queue_ack);
ZEND_FUNCTION(cache_queue_fail);
ZEND_FUNCTION(cache_queue_info);
ZEND_FUNCTION(cache_queue_dead);
ZEND_FUNCTION(cache_queue_revive);
ZEND_FUNCTION(cache_queue_purge);
ZEND_METHOD(Cache_Rebuilds, __construct);
ZEND_METHOD(Cache_Rebuilds, run);
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
	ZEND_FE(cache_gets, arginfo_cache_gets)
	ZEND_FE(cache_cas_store, arginfo_cache_cas_store)
	ZEND_FE(cache_cas_delete, arginfo_cache_cas_delete)
	ZEND_FE(cache_merge, arginfo_cache_merge)
	ZEND_FE(cache_store_if_changed, arginfo_cache_store_if_changed)
	ZEND_FE(cache_cas_touch, arginfo_cache_cas_touch)
	ZEND_FE(cache_stamp, arginfo_cache_stamp)
	ZEND_FE(cache_cas_lock, arginfo_cache_cas_lock)
	ZEND_FE(cache_fetch_entries, arginfo_cache_fetch_entries)
	ZEND_FE(cache_fetch_stale, arginfo_cache_fetch_stale)
	ZEND_FE(cache_lease, arginfo_cache_lease)
	ZEND_FE(cache_lease_extend, arginfo_cache_lease_extend)
	ZEND_FE(cache_lease_release, arginfo_cache_lease_release)
	ZEND_FE(cache_commit, arginfo_cache_commit)
	ZEND_FE(cache_mark_stale, arginfo_cache_mark_stale)
	ZEND_FE(cache_compute, arginfo_cache_compute)
	ZEND_FE(cache_tag_invalidate, arginfo_cache_tag_invalidate)
	ZEND_FE(cache_lock_for_read, arginfo_cache_lock_for_read)
	ZEND_FE(cache_lock_for_write, arginfo_cache_lock_for_write)
	ZEND_FE(cache_lock_release, arginfo_cache_lock_release)
	ZEND_FE(cache_lock_info, arginfo_cache_lock_info)
	ZEND_FE(cache_queue_push, arginfo_cache_queue_push)
	ZEND_FE(cache_queue_pop, arginfo_cache_queue_pop)
	ZEND_FE(cache_queue_extend, arginfo_cache_queue_extend)
	ZEND_FE(cache_queue_ack, arginfo_cache_queue_ack)
	ZEND_FE(cache_queue_fail, arginfo_cache_queue_fail)
	ZEND_FE(cache_queue_info, arginfo_cache_queue_info)
	ZEND_FE(cache_queue_dead, arginfo_cache_queue_dead)
	ZEND_FE(cache_queue_revive, arginfo_cache_queue_revive)
	ZEND_FE(cache_queue_purge, arginfo_cache_queue_purge)
	ZEND_FE_END
};


static const zend_function_entry class_Cache_CacheException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Cache_UnstorableException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Cache_LockUpgradeException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_Cache_Rebuilds_methods[] = {
	ZEND_ME(Cache_Rebuilds, __construct, arginfo_class_Cache_Rebuilds___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(Cache_Rebuilds, run, arginfo_class_Cache_Rebuilds_run, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
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
	REGISTER_LONG_CONSTANT("CACHE_STORED", CACHE_CHANGE_STORED, CONST_PERSISTENT);
	REGISTER_LONG_CONSTANT("CACHE_TOUCHED", CACHE_CHANGE_TOUCHED, CONST_PERSISTENT);
	REGISTER_LONG_CONSTANT("CACHE_LOST", CACHE_CHANGE_LOST, CONST_PERSISTENT);
	REGISTER_STRING_CONSTANT("CACHE_KEEP", CACHE_KEEP_TEXT, CONST_PERSISTENT);
}

static zend_class_entry *register_class_Cache_CacheException(zend_class_entry *class_entry_Exception)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "CacheException", class_Cache_CacheException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Exception);

	return class_entry;
}

static zend_class_entry *register_class_Cache_UnstorableException(zend_class_entry *class_entry_Cache_CacheException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "UnstorableException", class_Cache_UnstorableException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Cache_CacheException);

	return class_entry;
}

static zend_class_entry *register_class_Cache_LockUpgradeException(zend_class_entry *class_entry_Cache_CacheException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "LockUpgradeException", class_Cache_LockUpgradeException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_Cache_CacheException);

	return class_entry;
}

static zend_class_entry *register_class_Cache_Rebuilds(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "Rebuilds", class_Cache_Rebuilds_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_Cache_EntryIterator(zend_class_entry *class_entry_Iterator, zend_class_entry *class_entry_Countable)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "Cache", "EntryIterator", class_Cache_EntryIterator_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;
	zend_class_implements(class_entry, 2, class_entry_Iterator, class_entry_Countable);

	return class_entry;
}
