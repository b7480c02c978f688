--TEST--
The array form of cache_fetch() answers in the order asked, with what was found
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-fetch${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['a' => 1, 'b' => null, 'c' => false, 'd' => [4]]);
var_dump(cache_fetch(['d', 'none', 'b', 'a', 'c', 'a'], $success), $success);
var_dump(cache_fetch(['none', 'neither'], $success), $success);
var_dump(cache_fetch([], $success), $success);
$key = 'a';
var_dump(cache_fetch([&$key]));
?>
--EXPECT--
array(4) {
  ["d"]=>
  array(1) {
    [0]=>
    int(4)
  }
  ["b"]=>
  NULL
  ["a"]=>
  int(1)
  ["c"]=>
  bool(false)
}
bool(true)
array(0) {
}
bool(false)
array(0) {
}
bool(false)
array(1) {
  ["a"]=>
  int(1)
}
