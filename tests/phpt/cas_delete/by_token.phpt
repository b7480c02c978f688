--TEST--
cache_cas_delete() deletes the entry of that token, be it stale
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-cas-delete-by-token${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value');
cache_gets('key', $token);
var_dump(cache_cas_delete('key', $token + 2), cache_cas_delete('key', 0), cache_cas_delete('key', -$token), cache_exists('key'));
var_dump(cache_cas_delete('key', $token), cache_exists('key'), cache_cas_delete('key', $token), cache_cas_delete('absent', 0));
cache_store('key', 'again');
var_dump(cache_cas_delete('key', $token), cache_fetch('key'));

echo "integers\n";
cache_store('int', 5);
cache_gets('int', $token);
cache_inc('int');
var_dump(cache_cas_delete('int', $token), cache_inc('int'));
cache_gets('int', $token);
var_dump(cache_cas_delete('int', $token), cache_exists('int'));

echo "stale\n";
cache_store('stale', 'value', 10, 60);
cache_gets('stale', $token);
cache_cas_touch('stale', null, (int) (microtime(true) * 1e6) - 30_000_000);
var_dump(cache_exists('stale'), cache_cas_delete('stale', 0), cache_cas_delete('stale', $token), cache_key_info('stale'));
cache_store('past', 'value', 10, 10);
cache_gets('past', $token);
cache_cas_touch('past', null, (int) (microtime(true) * 1e6) - 30_000_000);
var_dump(cache_cas_delete('past', $token));
cache_store('marked', 'value', 10, 60);
cache_gets('marked', $token);
cache_mark_stale('marked');
var_dump(cache_cas_delete('marked', $token), cache_cas_delete('marked', cache_fetch_entries(['marked'])['marked']['token']), cache_stamp('marked'));

echo "its lease is void\n";
cache_store('key', 'value');
cache_gets('key', $token);
$lease = cache_lease('key');
var_dump(cache_cas_delete('key', $token), cache_commit('key', $lease, 'late'), cache_exists('key'));
attempt(fn() => cache_cas_delete('', 5));
attempt(fn() => cache_cas_delete('key'));
attempt(fn() => cache_cas_delete(token: 5, key: 'absent'));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(true)
bool(true)
bool(false)
bool(false)
bool(false)
bool(false)
string(5) "again"
integers
bool(false)
int(7)
bool(true)
bool(false)
stale
bool(false)
bool(false)
bool(true)
NULL
bool(false)
bool(false)
bool(true)
bool(false)
its lease is void
bool(true)
bool(false)
bool(false)
ValueError: cache_cas_delete(): Argument #1 ($key) must be 1 to 65535 bytes long
ArgumentCountError: cache_cas_delete() expects exactly 2 arguments, 1 given
bool(false)
