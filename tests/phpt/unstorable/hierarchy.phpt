--TEST--
Cache\UnstorableException is a Cache\CacheException
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-unstorable-hierarchy${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump((new ReflectionClass('Cache\UnstorableException'))->getParentClass()->name);
var_dump((new ReflectionClass('Cache\CacheException'))->getParentClass()->name);
try {
    cache_store('key', fn() => 1);
} catch (Cache\CacheException $e) {
    var_dump($e->getCode(), $e->getPrevious());
}
?>
--EXPECT--
string(20) "Cache\CacheException"
string(9) "Exception"
int(0)
NULL
