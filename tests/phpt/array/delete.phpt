--TEST--
The array form of cache_delete() returns the keys that were not there
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-delete${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['a' => 1, 'b' => 2, 3 => 3]);
var_dump(cache_delete(['a', 'none', 3, 'a']), cache_fetch(['a', 'b', 3]), cache_delete([]));
?>
--EXPECT--
array(2) {
  [0]=>
  string(4) "none"
  [1]=>
  string(1) "a"
}
array(1) {
  ["b"]=>
  int(2)
}
array(0) {
}
