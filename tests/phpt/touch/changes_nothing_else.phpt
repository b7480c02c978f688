--TEST--
cache_cas_touch() changes stamp, soft, hard and state, and nothing else
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-touch-changes-nothing-else${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$now = (int) (microtime(true) * 1e6);
cache_store('key', ['value'], 10, 60, ['a', 'b'], $now - 30_000_000);
cache_cas_lock('key', 0, 77);
$lease = cache_lease('key');
$before = cache_key_info('key');
$entry = cache_fetch_entries(['key'])['key'];
$counted = cache_info(true);
var_dump(cache_cas_touch('key', $now - 30_000_000, $now));
$after = cache_key_info('key');
var_dump(array_keys(array_filter($after, fn($value, $field) => $value !== $before[$field] && !in_array($field, ['hits_class', 'accessed', 'lease'], true), ARRAY_FILTER_USE_BOTH)));
$again = cache_fetch_entries(['key'])['key'];
var_dump($again['token'] === $entry['token'], $again['lock'], $again['value'], $again['tags']);
var_dump(cache_info(true)['stores'] - $counted['stores'], cache_info(true)['touches'] - $counted['touches'], cache_cas_touch('key', 5), cache_info(true)['touches_refused'] - $counted['touches_refused']);
var_dump(cache_commit('key', $lease, 'committed'), cache_fetch('key'));
?>
--EXPECT--
bool(true)
array(4) {
  [0]=>
  string(5) "stamp"
  [1]=>
  string(5) "state"
  [2]=>
  string(4) "soft"
  [3]=>
  string(4) "hard"
}
bool(true)
int(77)
array(1) {
  [0]=>
  string(5) "value"
}
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "b"
}
int(0)
int(1)
bool(false)
int(1)
bool(true)
string(9) "committed"
