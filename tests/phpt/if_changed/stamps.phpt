--TEST--
A stamp moves forwards only; one that is older than that of the entry loses
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-stamps${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$now = (int) (microtime(true) * 1e6) - 10_000_000;
var_dump(cache_store_if_changed('key', 'value', 60, 60, [], $now), cache_stamp('key') === $now);
var_dump(cache_store_if_changed('key', 'value', 60, 60, [], $now), cache_store_if_changed('key', 'value', 60, 60, [], $now + 5), cache_stamp('key') === $now + 5);
$before = cache_key_info('key');
var_dump(cache_store_if_changed('key', 'value', 60, 60, [], $now + 4), cache_store_if_changed('key', 'other', 60, 60, [], $now + 4), cache_store_if_changed('key', 'other', 60, 60, [], 0));
var_dump(cache_key_info('key') === $before, cache_fetch('key'));
var_dump(cache_store_if_changed('key', 'other', 60, 60, [], $now + 5), cache_fetch('key'), cache_stamp('key') === $now + 5);
var_dump(cache_store_if_changed('key', 'other', 60, 60), cache_stamp('key') > $now + 5);
$stamp = cache_stamp('key');
var_dump(cache_store_if_changed('key', 'other', 60, 60, [], PHP_INT_MAX), cache_stamp('key') >= $stamp, cache_stamp('key') < microtime(true) * 1e6 + 1e6);
attempt(fn() => cache_store_if_changed('key', 'x', stamp: -1));

echo "nothing there\n";
var_dump(cache_store_if_changed('new', 'value', 0, 0, [], 5), cache_stamp('new'), cache_store_if_changed('new', 'value', 0, 0, [], 4), cache_store_if_changed('new', 'value', 0, 0, [], 6), cache_stamp('new'));
cache_store('past', 'value', 1, 1, stamp: 50);
var_dump(cache_store_if_changed('past', 'value', 0, 0, [], 40), cache_stamp('past'));

echo "stale\n";
cache_store('stale', 'value', 5, 60, [], $now);
var_dump(cache_exists('stale'), cache_store_if_changed('stale', 'value', 5, 60), cache_fetch('stale'));
?>
--EXPECT--
int(1)
bool(true)
int(2)
int(2)
bool(true)
int(-1)
int(-1)
int(-1)
bool(true)
string(5) "value"
int(1)
string(5) "other"
bool(true)
int(2)
bool(true)
int(2)
bool(true)
bool(true)
ValueError: cache_store_if_changed(): Argument #6 ($stamp) must be greater than or equal to 0
nothing there
int(1)
int(5)
int(-1)
int(2)
int(6)
int(1)
int(40)
stale
bool(false)
int(2)
string(5) "value"
