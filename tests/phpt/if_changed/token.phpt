--TEST--
With a token it must match; 0 is that of an entry that counts as absent
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-token${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_store_if_changed('key', 'value', token: 5), cache_exists('key'), cache_store_if_changed('key', 'value', token: 0));
cache_gets('key', $token);
var_dump(cache_store_if_changed('key', 'value', token: 0), cache_store_if_changed('key', 'other', token: 0), cache_store_if_changed('key', 'other', token: $token + 2), cache_fetch('key'));
var_dump(cache_store_if_changed('key', 'value', token: $token), cache_store_if_changed('key', 'other', token: $token), cache_fetch('key'));
var_dump(cache_store_if_changed('key', 'value', token: $token), cache_store_if_changed('key', 'other', token: null), cache_store_if_changed('key', 'other', token: -1));
cache_store('int', 5);
cache_gets('int', $token);
cache_inc('int');
var_dump(cache_store_if_changed('int', 6, token: $token), cache_store_if_changed('int', 7, token: $token), cache_fetch('int'));
cache_gets('int', $token);
var_dump(cache_store_if_changed('int', 6, token: $token), cache_store_if_changed('int', 8, token: $token), cache_fetch('int'));

echo "stale\n";
cache_store('stale', 'value', 60, 60);
cache_gets('stale', $held);
cache_mark_stale('stale');
cache_gets('stale', $token);
var_dump($token, cache_store_if_changed('stale', 'value', 60, 60, token: $held), cache_store_if_changed('stale', 'value', 60, 60, token: $token), cache_fetch('stale'));
cache_mark_stale('stale');
var_dump(cache_store_if_changed('stale', 'other', 60, 60, token: 0), cache_fetch('stale'), cache_store_if_changed('stale', 'third', 60, 60, token: 0));
cache_mark_stale('stale');
$token = cache_fetch_entries(['stale'])['stale']['token'];
var_dump(cache_store_if_changed('stale', 'third', 60, 60, token: $token), cache_fetch('stale'));
?>
--EXPECT--
int(-1)
bool(false)
int(1)
int(-1)
int(-1)
int(-1)
string(5) "value"
int(2)
int(1)
string(5) "other"
int(-1)
int(2)
int(-1)
int(-1)
int(-1)
int(6)
int(2)
int(1)
int(8)
stale
int(0)
int(-1)
int(2)
string(5) "value"
int(1)
string(5) "other"
int(-1)
int(1)
string(5) "third"
