--TEST--
cache_store_if_changed() refuses what cache_store() refuses
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_store_if_changed(token: null, stamp: null, tags: ['t'], stale_ttl: 500, ttl: 400, value: 'value', key: 'key'));
$before = cache_key_info('key');
attempt(fn() => cache_store_if_changed('key'));
attempt(fn() => cache_store_if_changed('', 1));
attempt(fn() => cache_store_if_changed(['key'], 1));
attempt(fn() => cache_store_if_changed('key', 1, -1));
attempt(fn() => cache_store_if_changed('key', 1, 0, NAN));
attempt(fn() => cache_store_if_changed('key', 1, 0, 0, [str_repeat('t', 256)]));
attempt(fn() => cache_store_if_changed('key', STDIN));
attempt(fn() => cache_store_if_changed('key', ['a' => fn() => 1]));
attempt(eval('declare(strict_types=1); return fn() => cache_store_if_changed("key", 1, stamp: 1.5);'));
attempt(eval('declare(strict_types=1); return fn() => cache_store_if_changed("key", 1, token: "1");'));
$deep = [];
for ($i = 0; $i < 20000; $i++) {
    $deep = [$deep];
}
attempt(function () use (&$deep) {
    try {
        return cache_store_if_changed('key', $deep);
    } catch (Cache\UnstorableException $e) {
        return get_class($e);
    }
});
var_dump(cache_key_info('key') === $before);
?>
--EXPECT--
int(1)
ArgumentCountError: cache_store_if_changed() expects at least 2 arguments, 1 given
ValueError: cache_store_if_changed(): Argument #1 ($key) must be 1 to 65535 bytes long
TypeError: cache_store_if_changed(): Argument #1 ($key) must be of type string, array given
ValueError: cache_store_if_changed(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_store_if_changed(): Argument #4 ($stale_ttl) must be greater than or equal to 0
ValueError: cache_store_if_changed(): Argument #5 ($tags) must be a list of tags of 1 to 255 bytes, one of 256 given
Cache\UnstorableException: $value cannot be cached: it is a resource
Cache\UnstorableException: $value['a'] cannot be cached: class Closure does not allow serialization
TypeError: cache_store_if_changed(): Argument #6 ($stamp) must be of type ?int, float given
TypeError: cache_store_if_changed(): Argument #7 ($token) must be of type ?int, string given
string(25) "Cache\UnstorableException"
bool(true)
