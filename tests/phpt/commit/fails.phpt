--TEST--
A value that cannot be stored gives the lease back
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-commit-fails${CACHE_TEST_RUN}
cache.size=4M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

class Throws
{
    public function __serialize(): array { throw new LogicException('not me'); }
}
cache_store('stale', 'old', 0, 60);
cache_mark_stale('stale');
foreach (['stale', 'missing'] as $key) {
    foreach ([fn() => 1, [1, ['a' => new Throws]], str_repeat('x', 3 << 20)] as $value) {
        cache_fetch_stale($key, $state, $lease, 60);
        var_dump($lease > 0);
        attempt(fn() => cache_commit($key, $lease, $value));
        var_dump(cache_commit($key, $lease, 1));
    }
    cache_fetch_stale($key, $state, $lease, 60);
    var_dump($lease > 0, cache_commit($key, $lease, 'stored'), cache_fetch($key));
}
?>
--EXPECT--
bool(true)
Cache\UnstorableException: $value cannot be cached: class Closure does not allow serialization
bool(false)
bool(true)
LogicException: not me
bool(false)
bool(true)
bool(false)
bool(false)
bool(true)
bool(true)
string(6) "stored"
bool(true)
Cache\UnstorableException: $value cannot be cached: class Closure does not allow serialization
bool(false)
bool(true)
LogicException: not me
bool(false)
bool(true)
bool(false)
bool(false)
bool(true)
bool(true)
string(6) "stored"
