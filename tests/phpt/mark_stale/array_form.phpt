--TEST--
The array form of cache_mark_stale() returns the keys that were not there
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-mark-stale-array-form${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['a' => 1, '7' => 2, 'b' => 3], null, 600, 600);
cache_store('none', 1);
$key = 'b';
var_dump(cache_mark_stale(['a', 'absent', 7, '8', &$key, 'none', 'a', 'none']));
var_dump(cache_exists(['a', '7', 'b', 'none']), count(cache_stamp(['a', '7', 'b', 'none'])), cache_mark_stale([]));
attempt(fn() => cache_mark_stale(''));
attempt(fn() => cache_mark_stale(['a', '']));
attempt(fn() => cache_mark_stale(['a', 1.5]));
attempt(fn() => cache_mark_stale());
attempt(eval('declare(strict_types=1); return fn() => cache_mark_stale(5);'));
cache_store('a', 1, 600, 600);
attempt(fn() => cache_mark_stale(['a', str_repeat('k', 65536)]));
var_dump(cache_exists('a'), cache_mark_stale(key: 'a'));
?>
--EXPECT--
array(3) {
  [0]=>
  string(6) "absent"
  [1]=>
  string(1) "8"
  [2]=>
  string(4) "none"
}
array(0) {
}
int(3)
array(0) {
}
ValueError: cache_mark_stale(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_mark_stale(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
TypeError: cache_mark_stale(): Argument #1 ($key) must be a list of strings and integers, float given at [1]
ArgumentCountError: cache_mark_stale() expects exactly 1 argument, 0 given
TypeError: cache_mark_stale(): Argument #1 ($key) must be of type array|string, int given
ValueError: cache_mark_stale(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 65536 bytes given at [1]
bool(true)
bool(true)
