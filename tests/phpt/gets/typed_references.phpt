--TEST--
$token respects the type of a reference
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-gets-typed-references${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

final class Holder
{
    public int $int = 1;
    public ?int $nullable = null;
    public array $array = ['kept'];
    public int|array $both = 0;
    public string $string = 'kept';
    public DateTime $object;
    public static int $static = 1;
}
cache_store('key', [str_repeat('value', 100)]);
cache_store('object', new ArrayObject([1]));
$holder = new Holder;
var_dump(count(cache_gets('key', $holder->int)), $holder->int > 1, count(cache_gets('key', $holder->nullable)), $holder->nullable === $holder->int);
cache_gets('absent', $holder->int);
cache_gets('key', Holder::$static);
cache_gets(['key'], $holder->array);
cache_gets(['key'], $holder->both);
var_dump($holder->int, Holder::$static === $holder->nullable, $holder->array === ['key' => $holder->nullable], $holder->both === $holder->array);
cache_gets('key', $holder->both);
cache_gets('key', $holder->string);
var_dump($holder->both === $holder->nullable, $holder->string === (string) $holder->nullable);

attempt(fn() => cache_gets('key', $holder->array));
attempt(fn() => cache_gets(['key', 'object'], $holder->int));
attempt(fn() => cache_gets(['key', 'object'], $holder->string));
attempt(fn() => cache_gets('object', $holder->object));
$holder->object = new DateTime('@5');
attempt(fn() => cache_gets('object', $holder->object));
attempt(eval('declare(strict_types=1); return fn() => cache_gets("key", $holder->string);'));
var_dump($holder->int, $holder->string === (string) $holder->nullable, $holder->object->getTimestamp());
for ($i = 0, $before = memory_get_usage(); $i < 1000; $i++) {
    try {
        cache_gets(['key', 'object', 'absent'], $holder->int);
    } catch (TypeError) {
    }
}
var_dump(memory_get_usage() - $before < 10000);
?>
--EXPECT--
int(1)
bool(true)
int(1)
bool(true)
int(0)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
TypeError: Cannot assign int to reference held by property Holder::$array of type array
TypeError: Cannot assign array to reference held by property Holder::$int of type int
TypeError: Cannot assign array to reference held by property Holder::$string of type string
Error: Cannot access uninitialized non-nullable property Holder::$object by reference
TypeError: Cannot assign int to reference held by property Holder::$object of type DateTime
TypeError: Cannot assign int to reference held by property Holder::$string of type string
int(0)
bool(true)
int(5)
bool(true)
