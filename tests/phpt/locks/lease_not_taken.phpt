--TEST--
A lock whose lease has passed stays held while nobody wants it, and can be renewed
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-lease-not-taken${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_lock_for_write('x', lease: 0.001);
usleep(5000);
var_dump(cache_lock_info('x')['lease_left'], cache_lock_info('x')['held_by_me'], cache_lock_release('x'));
$token = cache_lock_for_write('x', lease: 0.001);
usleep(5000);
var_dump(cache_lock_for_write('x', lease: 60) === $token, cache_lock_info('x')['lease_left'] > 50);
var_dump(cache_lock_for_write('x', lease: 1) === $token, cache_lock_info('x')['lease_left'] > 50);
var_dump(cache_lock_for_write('x', lease: INF) === $token, cache_lock_info('x')['lease_left']);
?>
--EXPECT--
float(0)
string(5) "write"
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
NULL
