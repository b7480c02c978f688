--TEST--
The array form of cache_add() returns the keys that were there
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-add${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('b', 'old');
var_dump(cache_add(['a' => 1, 'b' => 2, 3 => 3]), cache_add([3 => 4]), cache_fetch(['a', 'b', 3]));
?>
--EXPECT--
array(1) {
  [0]=>
  string(1) "b"
}
array(1) {
  [0]=>
  string(1) "3"
}
array(3) {
  ["a"]=>
  int(1)
  ["b"]=>
  string(3) "old"
  [3]=>
  int(3)
}
