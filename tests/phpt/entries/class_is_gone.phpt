--TEST--
An object whose class is gone is left out, unless only its words are asked for
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-entries-class-is-gone${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

echo runPhp('class Gone { public $a = 1; } cache_store("gone", new Gone, 60, 60, ["tag"]);');
cache_store('key', 1);
var_dump(array_keys(cache_fetch_entries(['gone', 'key'])), array_keys(cache_fetch_entries(['gone'], PHP_INT_MAX)['gone']));
?>
--EXPECT--
array(1) {
  [0]=>
  string(3) "key"
}
array(6) {
  [0]=>
  string(5) "stamp"
  [1]=>
  string(5) "token"
  [2]=>
  string(4) "lock"
  [3]=>
  string(5) "state"
  [4]=>
  string(4) "tags"
  [5]=>
  string(8) "accessed"
}
