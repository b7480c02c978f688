--TEST--
The array form of cache_store() names what did not fit
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-store-failures${CACHE_TEST_RUN}
cache.size=2M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_store(['a' => 1, 'big' => str_repeat('x', 3 << 20), 7 => str_repeat('y', 3 << 20), 'b' => 2]));
var_dump(cache_fetch(['a', 'big', 7, 'b']));
?>
--EXPECT--
array(2) {
  [0]=>
  string(3) "big"
  [1]=>
  string(1) "7"
}
array(2) {
  ["a"]=>
  int(1)
  ["b"]=>
  int(2)
}
