--TEST--
$success honours the type of a typed property
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-typed-success${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Typed
{
    public bool $bool = false;
    public int $int = 7;
    public ?string $string = null;
    public array $array = [];
}
$typed = new Typed;
cache_store('key', 'value');
cache_fetch('key', $typed->bool);
var_dump($typed->bool);
cache_fetch('none', $typed->bool);
var_dump($typed->bool);
cache_fetch('key', $typed->int);
cache_fetch('none', $typed->string);
var_dump($typed->int, $typed->string);
attempt(fn() => cache_fetch('key', $typed->array));
attempt(fn() => cache_inc('key', 1, $typed->array));
cache_inc('counter', 1, $typed->bool);
var_dump($typed->bool);
?>
--EXPECTF--
bool(true)
bool(false)
int(1)
string(0) ""
TypeError: Cannot assign %s to reference held by property Typed::$array of type array
TypeError: Cannot assign %s to reference held by property Typed::$array of type array
bool(true)
