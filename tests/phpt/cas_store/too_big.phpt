--TEST--
A value that is too big takes the old one with it only if the token is right
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-cas-store-too-big${CACHE_TEST_RUN}
cache.size=2M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$big = str_repeat('x', 3 << 20);
cache_store('key', 'old');
cache_gets('key', $token);
var_dump(cache_cas_store('key', $token + 2, $big), cache_cas_store('key', 0, $big), cache_fetch('key'));
var_dump(cache_cas_store('key', $token, $big), cache_exists('key'), cache_cas_store('key', 0, $big), cache_cas_store('key', 0, 'small'), cache_fetch('key'));
cache_store('int', 5);
cache_gets('int', $token);
var_dump(cache_cas_store('int', $token + 2, $big), cache_inc('int'));
cache_gets('int', $token);
var_dump(cache_cas_store('int', $token, [$big]), cache_exists('int'));
?>
--EXPECT--
bool(false)
bool(false)
string(3) "old"
bool(false)
bool(false)
bool(false)
bool(true)
string(5) "small"
bool(false)
int(6)
bool(false)
bool(false)
