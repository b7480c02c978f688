--TEST--
cache_add() on an existing key runs no code of the value and changes nothing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-add-pure-read-when-there${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Loud
{
    public function __serialize(): array
    {
        echo "serialized\n";
        return [];
    }
}
cache_store('key', 1);
$version = cache_key_info('key')['version'];
var_dump(cache_add('key', new Loud), cache_add(['key' => [new Loud]]));
var_dump(cache_key_info('key')['version'] === $version);
attempt(fn() => cache_add('key', fn() => 1));
var_dump(cache_add('other', new Loud));
?>
--EXPECT--
bool(false)
array(1) {
  [0]=>
  string(3) "key"
}
bool(true)
Cache\UnstorableException: $value cannot be cached: class Closure does not allow serialization
serialized
bool(true)
