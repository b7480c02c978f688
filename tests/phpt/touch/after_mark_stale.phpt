--TEST--
After cache_mark_stale() only who expects that very mark renews
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-touch-after-mark-stale${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 600, 60);
$stamp = cache_stamp('key');
cache_gets('key', $token);
cache_mark_stale('key');
$marked = cache_stamp('key');
var_dump($marked < 0, cache_cas_touch('key', $stamp), cache_cas_touch('key', null), cache_cas_touch('key', null, null, $token), cache_cas_touch('key', -$marked), cache_cas_touch('key', $marked, null, $token), cache_exists('key'));
cache_mark_stale('key');
var_dump(cache_stamp('key') < $marked, cache_cas_touch('key', $marked), cache_exists('key'));
$marked = cache_stamp('key');
$version = cache_key_info('key')['version'];
var_dump(cache_cas_touch('key', $marked), cache_fetch('key'), cache_stamp('key') > 0, cache_key_info('key')['version'] === $version, cache_cas_touch('key', $marked));
cache_store('none', 'value', 600);
cache_mark_stale('none');
var_dump(cache_cas_touch('none', null), cache_stamp('none'));
?>
--EXPECT--
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(true)
string(5) "value"
bool(true)
bool(true)
bool(false)
bool(false)
bool(false)
