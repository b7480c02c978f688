--TEST--
A commit stores value, durations, tags and stamp
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-commit-stores${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$stamp = (int) (microtime(true) * 1e6) - 5_000_000;
$lease = cache_lease('key');
var_dump(cache_commit('key', $lease, ['a' => 1], 60, 1.5, ['x', 'y'], $stamp), cache_fetch('key'));
$info = cache_key_info('key');
var_dump($info['ttl'], $info['stale_ttl'], $info['tags'], $info['stamp'] === $stamp, $info['lease']);
/* Nothing of the old entry stays but its lock word. */
cache_cas_lock('key', 0, 7);
$lease = cache_lease('key');
var_dump(cache_commit('key', $lease, 'new'));
$info = cache_key_info('key');
var_dump($info['ttl'], $info['stale_ttl'], $info['tags'], abs($info['stamp'] - microtime(true) * 1e6) < 10e6, cache_cas_lock('key', 7, 8));
var_dump(cache_commit('key', $lease, 'twice'), cache_fetch('key'));
var_dump(cache_commit('key', 0, 1), cache_commit('key', -1, 1), cache_commit('key', PHP_INT_MAX, 1), cache_fetch('key'));
?>
--EXPECT--
bool(true)
array(1) {
  ["a"]=>
  int(1)
}
int(60)
float(1.5)
array(2) {
  [0]=>
  string(1) "x"
  [1]=>
  string(1) "y"
}
bool(true)
NULL
bool(true)
int(0)
int(0)
array(0) {
}
bool(true)
bool(true)
bool(false)
string(3) "new"
bool(false)
bool(false)
bool(false)
string(3) "new"
