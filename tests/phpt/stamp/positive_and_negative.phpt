--TEST--
cache_stamp() tells when an entry was validated, or, negative, invalidated
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-stamp-positive-and-negative${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$t = (int) (microtime(true) * 1e6) - 50_000_000;
cache_store(['a' => 1, '7' => 2, 'b' => 'text'], null, 600, 60, stamp: $t);
cache_store('stale', 1, 5, 600, stamp: $t + 1);
cache_store('gone', 1, 5, 5, stamp: $t);
var_dump(cache_stamp('a') === $t, cache_stamp('absent'), cache_stamp('stale') === $t + 1, cache_stamp('gone'));
cache_mark_stale('b');
var_dump(cache_stamp('b') < -$t);
$stamps = cache_stamp(['b', 'absent', 7, 'stale', 'gone', 'a']);
var_dump(array_keys($stamps), $stamps['b'] === cache_stamp('b'), $stamps[7] === $t, $stamps['a'] === $t);
cache_store('tagged', 1, 60, 60, ['tag'], $t);
var_dump(cache_tag_invalidate('tag'), cache_stamp('tagged') === $t);
$hits = cache_info(true)['hits'];
$class = cache_key_info('a')['hits_class'];
cache_stamp('a');
cache_stamp(['a']);
var_dump(cache_info(true)['hits'] - $hits, cache_key_info('a')['hits_class'] - $class, cache_stamp([]));
attempt(fn() => cache_stamp(''));
attempt(fn() => cache_stamp(['a', null]));
attempt(eval('declare(strict_types=1); return fn() => cache_stamp(5);'));
var_dump(cache_delete('a'), cache_stamp('a'));
?>
--EXPECT--
bool(true)
bool(false)
bool(true)
bool(false)
bool(true)
array(4) {
  [0]=>
  string(1) "b"
  [1]=>
  int(7)
  [2]=>
  string(5) "stale"
  [3]=>
  string(1) "a"
}
bool(true)
bool(true)
bool(true)
int(1)
bool(true)
int(0)
int(0)
array(0) {
}
ValueError: cache_stamp(): Argument #1 ($key) must be 1 to 65535 bytes long
TypeError: cache_stamp(): Argument #1 ($key) must be a list of strings and integers, null given at [1]
TypeError: cache_stamp(): Argument #1 ($key) must be of type array|string, int given
bool(true)
bool(false)
