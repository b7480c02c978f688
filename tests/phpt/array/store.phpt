--TEST--
The array form of cache_store() stores each pair and returns the keys that failed
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-store${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_store(['a' => 1, 'b' => [2], 5 => 'five', '' . 6 => 'six']));
var_dump(cache_fetch('a'), cache_fetch('b'), cache_fetch('5'), cache_fetch('6'));
var_dump(cache_store([]));
var_dump(cache_store(['x' => 1, 'y' => 2], ttl: 60, tags: ['t']));
var_dump(cache_key_info('x')['ttl'], cache_key_info('y')['tags']);
var_dump(cache_store(['z' => 1], null, 60));
?>
--EXPECT--
array(0) {
}
int(1)
array(1) {
  [0]=>
  int(2)
}
string(4) "five"
string(3) "six"
array(0) {
}
array(0) {
}
int(60)
array(1) {
  [0]=>
  string(1) "t"
}
array(0) {
}
