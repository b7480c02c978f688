--TEST--
Durations are not negative and not NAN
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-time-bad-durations${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach ([-1, -0.001, -INF, NAN, PHP_INT_MIN] as $bad) {
    attempt(fn() => cache_store('key', 1, $bad));
    attempt(fn() => cache_add('key', 1, stale_ttl: $bad));
}
attempt(fn() => cache_store('key', 1, 'soon'));
var_dump(cache_store('key', 1, -0.0), cache_key_info('key')['ttl']);
?>
--EXPECT--
ValueError: cache_store(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_add(): Argument #4 ($stale_ttl) must be greater than or equal to 0
ValueError: cache_store(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_add(): Argument #4 ($stale_ttl) must be greater than or equal to 0
ValueError: cache_store(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_add(): Argument #4 ($stale_ttl) must be greater than or equal to 0
ValueError: cache_store(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_add(): Argument #4 ($stale_ttl) must be greater than or equal to 0
ValueError: cache_store(): Argument #3 ($ttl) must be greater than or equal to 0
ValueError: cache_add(): Argument #4 ($stale_ttl) must be greater than or equal to 0
TypeError: cache_store(): Argument #3 ($ttl) must be of type int|float, string given
bool(true)
int(0)
