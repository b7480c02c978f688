--TEST--
An object of a class that is not known becomes a __PHP_Incomplete_Class and keeps its data
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-incomplete-class${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

echo runPhp('class Known { public $a = 1; } var_dump(cache_store("key", new Known));');
$incomplete = cache_fetch('key', $success);
var_dump($success, get_class($incomplete));
var_dump(cache_store('key', $incomplete));
echo runPhp('class Known { public $a = 2; } var_dump(cache_fetch("key"));');
?>
--EXPECT--
bool(true)
bool(true)
string(22) "__PHP_Incomplete_Class"
bool(true)
object(Known)#1 (1) {
  ["a"]=>
  int(1)
}
