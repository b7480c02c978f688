--TEST--
cache_merge() takes durations and tags, and its arguments by name
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-lifetime${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_merge('key', fn() => 'value', 10, 2.5, ['a', 'b'], 1.0));
$info = cache_key_info('key');
var_dump($info['ttl'], $info['stale_ttl'], $info['tags'], abs($info['stamp'] - microtime(true) * 1e6) < 60e6);
var_dump(cache_merge(wait: 0, tags: ['c'], merge: fn($value) => "$value!", key: 'key'), cache_fetch('key'));
$info = cache_key_info('key');
var_dump($info['ttl'], $info['stale_ttl'], $info['tags']);
?>
--EXPECT--
bool(true)
int(10)
float(2.5)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "b"
}
bool(true)
bool(true)
string(6) "value!"
int(0)
int(0)
array(1) {
  [0]=>
  string(1) "c"
}
