--TEST--
When one value of an array throws, none has been stored
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-store-all-or-nothing${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Throwing
{
    public function __serialize(): array
    {
        throw new RuntimeException('not now');
    }
}
attempt(fn() => cache_store(['a' => 1, 'b' => [2], 'c' => new Throwing, 'd' => 4]));
attempt(fn() => cache_store(['a' => 1, 'b' => [2], 'c' => ['x' => fn() => 1], 'd' => 4]));
var_dump(cache_fetch(['a', 'b', 'c', 'd']));
?>
--EXPECT--
RuntimeException: not now
Cache\UnstorableException: $key['c']['x'] cannot be cached: class Closure does not allow serialization
array(0) {
}
