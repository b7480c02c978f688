--TEST--
Results of array forms can be reached by [] with numeric keys, too
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-numeric-keys${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['5' => 'five', '05' => 'zero five', '-7' => 'minus seven', '9223372036854775808' => 'large']);
$found = cache_fetch(['5', '05', -7, '9223372036854775808']);
var_dump($found['5'], $found[5], $found['05'], $found['-7'], $found['9223372036854775808'], count($found));
$there = cache_exists(['5', 5, '05', 6]);
var_dump($there);
var_dump(cache_delete(['5', 6, '05']));
?>
--EXPECT--
string(4) "five"
string(4) "five"
string(9) "zero five"
string(11) "minus seven"
string(5) "large"
int(4)
array(2) {
  [5]=>
  bool(true)
  ["05"]=>
  bool(true)
}
array(1) {
  [0]=>
  string(1) "6"
}
