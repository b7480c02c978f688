--TEST--
After cache_mark_stale() an older stamp loses, a newer one makes the entry fresh again
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-after-mark-stale${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 60, 60);
cache_mark_stale('key');
$marked = -cache_stamp('key');
var_dump($marked > 0, cache_store_if_changed('key', 'value', 60, 60, [], $marked - 1), cache_store_if_changed('key', 'other', 60, 60, [], $marked - 1), cache_exists('key'), cache_stamp('key') === -$marked);
$info = cache_key_info('key');
var_dump(cache_store_if_changed('key', 'value', 60, 60, [], $marked), cache_fetch('key'), cache_stamp('key') === $marked, cache_key_info('key')['version'] === $info['version']);
cache_mark_stale('key');
var_dump(cache_store_if_changed('key', 'value', 60, 60), cache_fetch('key'), cache_stamp('key') > $marked);
cache_mark_stale('key');
var_dump(cache_store_if_changed('key', 'other', 60, 60), cache_fetch('key'));
$wrong = 0;
for ($i = 0; $i < 1000; $i++) {
    cache_mark_stale('key');
    $wrong += cache_store_if_changed('key', 'other', 60, 60) !== CACHE_TOUCHED;
}
var_dump($wrong);
?>
--EXPECT--
bool(true)
int(-1)
int(-1)
bool(false)
bool(true)
int(2)
string(5) "value"
bool(true)
bool(true)
int(2)
string(5) "value"
bool(true)
int(1)
string(5) "other"
int(0)
