--TEST--
cache_cas_touch() with a token renews only what has it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-touch-token${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 600);
cache_gets('key', $token);
var_dump(cache_cas_touch('key', null, null, $token + 2), cache_cas_touch('key', null, null, 0), cache_cas_touch('key', null, null, -1), cache_cas_touch('key', null, 5_000_000_000_000, $token), cache_stamp('key'));

echo "integers\n";
cache_store('int', 5);
cache_gets('int', $token);
var_dump(cache_cas_touch('int', null, 5, $token), cache_stamp('int'), cache_inc('int'), cache_cas_touch('int', null, 6, $token), cache_stamp('int'), cache_inc('int'));
cache_store('int', PHP_INT_MAX);
cache_gets('int', $token);
var_dump(cache_cas_touch('int', null, 5, $token), cache_dec('int') === PHP_INT_MAX - 1, cache_cas_touch('int', null, 6, $token), cache_stamp('int'));

echo "deleted and made again with the same stamp\n";
cache_store('key', 'value', stamp: 100);
cache_gets('key', $token);
cache_delete('key');
var_dump(cache_cas_touch('key', 100, 200, $token));
cache_store('key', 'another', stamp: 100);
var_dump(cache_cas_touch('key', 100, 200, $token), cache_cas_touch('key', 100, 200), cache_stamp('key'));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
integers
bool(true)
int(5)
int(6)
bool(false)
int(5)
int(7)
bool(true)
bool(true)
bool(false)
int(5)
deleted and made again with the same stamp
bool(false)
bool(false)
bool(true)
int(200)
