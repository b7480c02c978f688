--TEST--
A value that cannot be cached throws, and the entry stays as it was
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-cas-store-unstorable${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'kept', 60);
cache_gets('key', $token);
$info = cache_key_info('key');
foreach ([fn() => 1, [1, ['x' => STDIN]], new class {}, (function () { yield 1; })()] as $value) {
    attempt(fn() => cache_cas_store('key', $token, $value));
    attempt(fn() => cache_cas_store('absent', 0, $value));
}
final class Refuses
{
    public function __serialize(): array { throw new LogicException('no'); }
}
attempt(fn() => cache_cas_store('key', $token, new Refuses));
final class Meddles
{
    public function __serialize(): array { cache_store('key', 'another', 60); return []; }
}
var_dump(cache_key_info('key') === $info, cache_exists('absent'), cache_cas_store('key', $token, new Meddles), cache_fetch('key'));
?>
--EXPECT--
Cache\UnstorableException: $value cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value cannot be cached: class Closure does not allow serialization
Cache\UnstorableException: $value[1]['x'] cannot be cached: it is a resource
Cache\UnstorableException: $value[1]['x'] cannot be cached: it is a resource
Cache\UnstorableException: $value cannot be cached: it is an object of an anonymous class (class@anonymous)
Cache\UnstorableException: $value cannot be cached: it is an object of an anonymous class (class@anonymous)
Cache\UnstorableException: $value cannot be cached: class Generator does not allow serialization
Cache\UnstorableException: $value cannot be cached: class Generator does not allow serialization
LogicException: no
bool(true)
bool(false)
bool(false)
string(7) "another"
