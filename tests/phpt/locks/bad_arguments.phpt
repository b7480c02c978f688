--TEST--
Arguments out of range throw, and lock nothing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-bad-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach (['cache_lock_for_read', 'cache_lock_for_write'] as $lock) {
    foreach ([[''], ['x', -0.1], ['x', NAN], ['x', -INF], ['x', 0, -1], ['x', 0, NAN], [str_repeat('x', 65536)]] as $arguments) {
        attempt(fn() => $lock(...$arguments));
    }
    attempt(fn() => $lock([]));
}
attempt(fn() => cache_lock_release(''));
attempt(fn() => cache_lock_info(''));
attempt(fn() => cache_lock_info());
attempt(fn() => cache_lock_for_write(str_repeat("\0", 65535), INF, INF) > 0);
attempt(fn() => cache_lock_release(str_repeat("\0", 65535)));
attempt(fn() => cache_lock_for_read('x', 1e300, 1e300) > 0);
attempt(fn() => cache_lock_for_read('y', 1e-300, 1e-300) > 0);
var_dump(cache_lock_info('x')['lease_left'], is_float(cache_lock_info('y')['lease_left']));
?>
--EXPECT--
ValueError: cache_lock_for_read(): Argument #1 ($name) must be 1 to 65535 bytes long
ValueError: cache_lock_for_read(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_lock_for_read(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_lock_for_read(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_lock_for_read(): Argument #3 ($lease) must be greater than or equal to 0
ValueError: cache_lock_for_read(): Argument #3 ($lease) must be greater than or equal to 0
ValueError: cache_lock_for_read(): Argument #1 ($name) must be 1 to 65535 bytes long
TypeError: cache_lock_for_read(): Argument #1 ($name) must be of type string, array given
ValueError: cache_lock_for_write(): Argument #1 ($name) must be 1 to 65535 bytes long
ValueError: cache_lock_for_write(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_lock_for_write(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_lock_for_write(): Argument #2 ($wait) must be greater than or equal to 0
ValueError: cache_lock_for_write(): Argument #3 ($lease) must be greater than or equal to 0
ValueError: cache_lock_for_write(): Argument #3 ($lease) must be greater than or equal to 0
ValueError: cache_lock_for_write(): Argument #1 ($name) must be 1 to 65535 bytes long
TypeError: cache_lock_for_write(): Argument #1 ($name) must be of type string, array given
ValueError: cache_lock_release(): Argument #1 ($name) must be 1 to 65535 bytes long
ValueError: cache_lock_info(): Argument #1 ($name) must be 1 to 65535 bytes long
array(0) {
}
bool(true)
bool(true)
bool(true)
bool(true)
NULL
bool(true)
