--TEST--
cache.serializer=msgpack serializes arrays and objects
--EXTENSIONS--
cache
msgpack
--INI--
cache.enable_cli=1
cache.segment=test-serializer-msgpack${CACHE_TEST_RUN}
cache.serializer=msgpack
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

class Point
{
    public $x = 1;
    protected $y = [2];
    private $z = 'three';
}
$values = ['array' => ['a' => 1, 'b' => [true, null, 1.5, 'text']], 'object' => new Point, 'nested' => [new Point, (object) ['p' => new Point]], 'empty' => [], 'text' => 'plain'];
var_dump(cache_store($values));
foreach ($values as $key => $value) {
    var_dump(cache_fetch($key) == $value);
}
attempt(fn() => cache_store('closure', ['a' => fn() => 1]));
echo runPhp('class Point { public $x; protected $y; private $z; } var_dump(cache_fetch("array") == ["a" => 1, "b" => [true, null, 1.5, "text"]]);
    cache_store("php", ["from" => "php"]);', ['cache.serializer' => 'php']);
var_dump(cache_fetch('php'));
?>
--EXPECT--
array(0) {
}
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
Cache\UnstorableException: $value['a'] cannot be cached: class Closure does not allow serialization
bool(true)
array(1) {
  ["from"]=>
  string(3) "php"
}
