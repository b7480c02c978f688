--TEST--
What an object's own __serialize() yields may be unstorable, too
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-unstorable-inside-of-serialize${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Yielding
{
    public function __serialize(): array { return [fn() => 1]; }
}
try {
    cache_store('key', ['a' => new Yielding]);
} catch (Cache\UnstorableException $e) {
    echo $e->getMessage(), "\n", get_class($e->getPrevious()), "\n";
}
attempt(fn() => cache_store('key', new ArrayObject([fn() => 1])));
var_dump(cache_exists('key'));
?>
--EXPECT--
$value cannot be cached: Serialization of 'Closure' is not allowed
Exception
Cache\UnstorableException: $value cannot be cached: Serialization of 'Closure' is not allowed
bool(false)
