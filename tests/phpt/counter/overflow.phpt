--TEST--
An integer that would overflow stays as it was
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-counter-overflow${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('max', PHP_INT_MAX - 1);
var_dump(cache_inc('max', 1, $success), $success, cache_inc('max', 1, $success), $success, cache_fetch('max') === PHP_INT_MAX);
cache_store('min', PHP_INT_MIN + 1);
var_dump(cache_dec('min') === PHP_INT_MIN, cache_dec('min'), cache_fetch('min') === PHP_INT_MIN);
var_dump(cache_dec('zero', PHP_INT_MIN, $success), $success);
var_dump(cache_inc('low', PHP_INT_MIN) === PHP_INT_MIN, cache_inc('low', PHP_INT_MAX), cache_inc('low'), cache_inc('low'));
var_dump(cache_inc('edge', 2 ** 62 - 1) === 2 ** 62 - 1, cache_inc('edge') === 2 ** 62, cache_dec('edge') === 2 ** 62 - 1);
?>
--EXPECT--
int(9223372036854775807)
bool(true)
bool(false)
bool(false)
bool(true)
bool(true)
bool(false)
bool(true)
bool(false)
bool(false)
bool(true)
int(-1)
int(0)
int(1)
bool(true)
bool(true)
bool(true)
