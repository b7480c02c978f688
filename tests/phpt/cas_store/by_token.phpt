--TEST--
cache_cas_store() stores if the token still is the same
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-cas-store-by-token${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'old');
cache_gets('key', $token);
var_dump(cache_cas_store('key', $token + 2, 'x'), cache_cas_store('key', 0, 'x'), cache_cas_store('key', -1, 'x'), cache_cas_store('key', PHP_INT_MIN, 'x'));
var_dump(cache_fetch('key'), cache_cas_store('key', $token, 'new'), cache_fetch('key'));
var_dump(cache_cas_store('key', $token, 'x'), cache_fetch('key'));

echo "integers\n";
cache_store('int', 5);
cache_gets('int', $token);
cache_inc('int');
var_dump(cache_cas_store('int', $token, 'x'), cache_fetch('int'));
cache_gets('int', $token);
var_dump(cache_cas_store('int', $token, [7]), cache_fetch('int'));

echo "another life of the key\n";
cache_gets('key', $token);
cache_delete('key');
var_dump(cache_cas_store('key', $token, 'x'), cache_exists('key'));
cache_store('key', 'new');
var_dump(cache_cas_store('key', $token, 'x'), cache_fetch('key'));
cache_gets('key', $token);
cache_clear();
var_dump(cache_cas_store('key', $token, 'x'), cache_exists('key'));
$lost = cache_info(true)['stores_lost'];
cache_cas_store('key', $token, 'x');
var_dump(cache_info(true)['stores_lost'] - $lost);
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
string(3) "old"
bool(true)
string(3) "new"
bool(false)
string(3) "new"
integers
bool(false)
int(6)
bool(true)
array(1) {
  [0]=>
  int(7)
}
another life of the key
bool(false)
bool(false)
bool(false)
string(3) "new"
bool(false)
bool(false)
int(1)
