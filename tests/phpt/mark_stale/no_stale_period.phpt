--TEST--
An entry without a stale period is missing when it is marked
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-mark-stale-no-stale-period${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach ([5, 'text', str_repeat('long', 200), ['array'], new ArrayObject] as $value) {
    cache_store('key', $value, 600);
    var_dump(cache_mark_stale('key'));
    if (cache_exists('key') || cache_fetch('key') !== false || cache_key_info('key') || cache_stamp('key') !== false || cache_fetch_stale('key', $state) !== false
        || $state !== CACHE_STATE_MISSING || cache_fetch_entries(['key']) || cache_mark_stale('key') || cache_delete('key') || cache_cas_touch('key', null)) {
        echo 'still there: ', get_debug_type($value), "\n";
    }
    var_dump(cache_add('key', 'new'));
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
