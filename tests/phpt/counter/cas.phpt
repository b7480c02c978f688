--TEST--
cache_cas() exchanges an integer and never inserts
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-counter-cas${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_cas('key', 0, 1), cache_exists('key'));
cache_store('key', 5);
var_dump(cache_cas('key', 4, 6), cache_fetch('key'), cache_cas('key', 5, 6), cache_fetch('key'));
var_dump(cache_cas('key', 6, PHP_INT_MAX), cache_cas('key', PHP_INT_MAX, PHP_INT_MIN), cache_fetch('key') === PHP_INT_MIN);
var_dump(cache_cas('key', PHP_INT_MIN, 3), cache_fetch('key'));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
int(5)
bool(true)
int(6)
bool(true)
bool(true)
bool(true)
bool(true)
int(3)
