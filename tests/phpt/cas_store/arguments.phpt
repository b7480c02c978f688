--TEST--
cache_cas_store() takes durations, tags and stamp
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-cas-store-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$stamp = (int) (microtime(true) * 1e6) - 5_000_000;
var_dump(cache_cas_store('key', 0, 'value', 10, 2.5, ['a', 'b'], $stamp));
$info = cache_key_info('key');
var_dump($info['ttl'], $info['stale_ttl'], $info['tags'], $info['stamp'] === $stamp, $info['soft'] === $stamp + 10_000_000, $info['hard'] === $stamp + 12_500_000);
cache_gets(key: 'key', token: $token);
var_dump(cache_cas_store(tags: ['c'], value: 'other', stale_ttl: INF, token: $token, key: 'key'));
$info = cache_key_info('key');
var_dump($info['ttl'], $info['stale_ttl'], $info['tags'], $info['stamp'] > $stamp);
cache_gets('key', $token);
attempt(fn() => cache_cas_store('key', $token, 1, -1));
attempt(fn() => cache_cas_store('key', $token, 1, 0, NAN));
attempt(fn() => cache_cas_store('key', $token, 1, 0, 0, ['']));
attempt(fn() => cache_cas_store('key', $token, 1, 0, 0, [], -5));
attempt(fn() => cache_cas_store('', $token, 1));
attempt(fn() => cache_cas_store(str_repeat('k', 65536), $token, 1));
attempt(fn() => cache_cas_store('key', $token));
attempt(fn() => cache_cas_store(['key'], $token, 1));
attempt(eval('declare(strict_types=1); return fn() => cache_cas_store("key", "5", 1);'));
var_dump(cache_fetch('key'));
?>
--EXPECT--
bool(true)
int(10)
float(2.5)
array(2) {
  [0]=>
  string(1) "a"
  [1]=>
  string(1) "b"
}
bool(true)
bool(true)
bool(true)
bool(true)
int(0)
float(INF)
array(1) {
  [0]=>
  string(1) "c"
}
bool(true)
ValueError: cache_cas_store(): Argument #4 ($ttl) must be greater than or equal to 0
ValueError: cache_cas_store(): Argument #5 ($stale_ttl) must be greater than or equal to 0
ValueError: cache_cas_store(): Argument #6 ($tags) must be a list of tags of 1 to 255 bytes, one of 0 given
ValueError: cache_cas_store(): Argument #7 ($stamp) must be greater than or equal to 0
ValueError: cache_cas_store(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_cas_store(): Argument #1 ($key) must be 1 to 65535 bytes long
ArgumentCountError: cache_cas_store() expects at least 3 arguments, 2 given
TypeError: cache_cas_store(): Argument #1 ($key) must be of type string, array given
TypeError: cache_cas_store(): Argument #2 ($token) must be of type int, string given
string(5) "other"
