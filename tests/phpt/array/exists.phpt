--TEST--
The array form of cache_exists() has the keys that are there
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-exists${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['a' => null, 'b' => false]);
var_dump(cache_exists(['b', 'none', 'a', 'b']), cache_exists([]));
?>
--EXPECT--
array(2) {
  ["b"]=>
  bool(true)
  ["a"]=>
  bool(true)
}
array(0) {
}
