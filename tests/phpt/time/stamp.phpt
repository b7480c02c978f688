--TEST--
A stamp is when the value was validated: ttl counts from there
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-time-stamp${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$now = (int) (microtime(true) * 1e6);
cache_store('past', 1, 60, stamp: $now - 30_000_000);
var_dump(cache_key_info('past')['stamp'] === $now - 30_000_000, cache_key_info('past')['soft'] === $now + 30_000_000, cache_fetch('past'));
cache_store('old', 1, 10, 60, stamp: $now - 30_000_000);
var_dump(cache_fetch('old'), cache_key_info('old')['state'] === CACHE_STATE_STALE);
cache_store('very old', 1, 10, stamp: 0);
var_dump(cache_fetch('very old'), cache_key_info('very old'));
cache_store('future', 1, 10, stamp: $now + 3600_000_000);
var_dump(abs(cache_key_info('future')['stamp'] - $now) < 10_000_000);
cache_store('null', 1, 10, stamp: null);
var_dump(abs(cache_key_info('null')['stamp'] - $now) < 10_000_000);
attempt(fn() => cache_store('key', 1, 0, 0, [], -1));
?>
--EXPECT--
bool(true)
bool(true)
int(1)
bool(false)
bool(true)
bool(false)
NULL
bool(true)
bool(true)
ValueError: cache_store(): Argument #6 ($stamp) must be greater than or equal to 0
