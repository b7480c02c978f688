--TEST--
An object of a class that is not known counts as missing; by way of the serializer it becomes a __PHP_Incomplete_Class
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-incomplete-class${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

$known = 'class Known { public $a = 1; } class Woken { public $a = 1; function __wakeup() {} } ';
echo runPhp($known . 'var_dump(cache_store("plain", [new Known]), cache_store("key", new Woken));');
var_dump(cache_fetch('plain', $success), $success, cache_exists('plain'));
$incomplete = cache_fetch('key', $success);
var_dump($success, get_class($incomplete));
var_dump(cache_store('key', $incomplete));
echo runPhp($known . 'var_dump(cache_fetch("plain"), cache_fetch("key"));');
?>
--EXPECTF--
bool(true)
bool(true)
%Acache: class Known is not what it was when an object of it was stored, or is not to be had: such entries count as missing
bool(false)
bool(false)
bool(true)
bool(true)
string(22) "__PHP_Incomplete_Class"
bool(true)
array(1) {
  [0]=>
  object(Known)#%d (1) {
    ["a"]=>
    int(1)
  }
}
object(Woken)#%d (1) {
  ["a"]=>
  int(1)
}
