--TEST--
cache_cas_touch() exchanges the stamp that is expected
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-touch-expected${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$t = (int) (microtime(true) * 1e6) - 50_000_000;
cache_store('key', 'value', 600, 60, stamp: $t);
var_dump(cache_cas_touch('absent', null), cache_cas_touch('key', $t - 1), cache_cas_touch('key', 0), cache_cas_touch('key', -$t), cache_stamp('key') === $t);
var_dump(cache_cas_touch('key', $t, $t + 1), cache_cas_touch('key', $t, $t + 2), cache_stamp('key') === $t + 1);
var_dump(cache_cas_touch('key', null, $t + 3), cache_stamp('key') === $t + 3);
var_dump(cache_cas_touch('key', $t + 3, $t), cache_stamp('key') === $t);
$before = (int) (microtime(true) * 1e6) - 1_000_000;
var_dump(cache_cas_touch('key', $t), cache_stamp('key') > $before, cache_stamp('key') < $before + 60_000_000);
var_dump(cache_cas_touch('key', null, $t), cache_cas_touch('key', $t, null), cache_stamp('key') > $before);
var_dump(cache_cas_touch('key', null, PHP_INT_MAX), cache_stamp('key') > $before, cache_stamp('key') < $before + 60_000_000);
attempt(fn() => cache_cas_touch('key', null, -1));
attempt(fn() => cache_cas_touch('key', null, PHP_INT_MIN));
attempt(fn() => cache_cas_touch('', null));
attempt(fn() => cache_cas_touch('key'));
attempt(fn() => cache_cas_touch(['key'], null));
attempt(eval('declare(strict_types=1); return fn() => cache_cas_touch("key", "5");'));
var_dump(cache_cas_touch(token: null, new: $t, expected: null, key: 'key'), cache_stamp('key') === $t, cache_cas_touch('key', null, 0), cache_key_info('key'));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
ValueError: cache_cas_touch(): Argument #3 ($new) must be greater than or equal to 0
ValueError: cache_cas_touch(): Argument #3 ($new) must be greater than or equal to 0
ValueError: cache_cas_touch(): Argument #1 ($key) must be 1 to 65535 bytes long
ArgumentCountError: cache_cas_touch() expects at least 2 arguments, 1 given
TypeError: cache_cas_touch(): Argument #1 ($key) must be of type string, array given
TypeError: cache_cas_touch(): Argument #2 ($expected) must be of type ?int, string given
bool(true)
bool(true)
bool(true)
NULL
