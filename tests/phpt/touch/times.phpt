--TEST--
cache_cas_touch() moves the end of an entry, revives a stale one, and finds none that is past its time
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-touch-times${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$now = (int) (microtime(true) * 1e6);
cache_store('key', 'value', 10, 20, stamp: $now - 15_000_000);
var_dump(cache_exists('key'), cache_cas_touch('key', $now - 15_000_000, $now), cache_fetch('key'), cache_key_info('key')['soft'] === $now + 10_000_000, cache_key_info('key')['hard'] === $now + 30_000_000);
var_dump(cache_cas_touch('key', null, $now - 11_000_000), cache_exists('key'), cache_key_info('key')['state'] === CACHE_STATE_STALE);
var_dump(cache_cas_touch('key', null, $now - 31_000_000), cache_key_info('key'), cache_cas_touch('key', $now - 31_000_000), cache_cas_touch('key', null), cache_stamp('key'));
cache_store('forever', 'value');
var_dump(cache_cas_touch('forever', null, 1), cache_fetch('forever'), cache_key_info('forever')['soft']);
?>
--EXPECT--
bool(false)
bool(true)
string(5) "value"
bool(true)
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
NULL
bool(false)
bool(false)
bool(false)
bool(true)
string(5) "value"
NULL
