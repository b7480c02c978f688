--TEST--
Values that cannot be cached throw, and nothing is stored
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-unstorable-classes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$values = [
    'closure' => fn() => 1, 'generator' => (function () { yield 1; })(), 'fiber' => new Fiber(fn() => 1), 'map' => new WeakMap,
    'reference' => WeakReference::create(new stdClass), 'reflection' => new ReflectionClass('stdClass'), 'file' => new SplFileInfo('/'),
    'anonymous' => new class {}, 'resource' => STDIN, 'iterator' => new Cache\EntryIterator,
];
foreach ($values as $key => $value) {
    attempt(fn() => cache_store($key, $value));
}
var_dump(count(new Cache\EntryIterator));
?>
--EXPECT--
Cache\UnstorableException: $value cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value cannot be cached: class Generator does not allow serialization
Cache\UnstorableException: $value cannot be cached: class Fiber does not allow serialization
Cache\UnstorableException: $value cannot be cached: class WeakMap does not allow serialization
Cache\UnstorableException: $value cannot be cached: class WeakReference does not allow serialization
Cache\UnstorableException: $value cannot be cached: class ReflectionClass does not allow serialization
Cache\UnstorableException: $value cannot be cached: class SplFileInfo does not allow serialization
Cache\UnstorableException: $value cannot be cached: it is an object of an anonymous class (class@anonymous)
Cache\UnstorableException: $value cannot be cached: it is a resource
Cache\UnstorableException: $value cannot be cached: class Cache\EntryIterator does not allow serialization
int(0)
