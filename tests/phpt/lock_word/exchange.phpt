--TEST--
cache_cas_lock() exchanges a word that begins with 0
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lock-word-exchange${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_cas_lock('key', 0, 1));
cache_store('key', 'value');
var_dump(cache_cas_lock('key', 1, 2), cache_cas_lock('key', 0, 5), cache_cas_lock('key', 0, 5), cache_cas_lock('key', 5, 2 ** 62 - 1), cache_fetch_entries(['key'])['key']['lock'] === 2 ** 62 - 1);
var_dump(cache_cas_lock('key', 2 ** 62 - 1, 0), cache_cas_lock('key', 0, 0), cache_cas_lock(new: 3, expected: 0, key: 'key'));
attempt(fn() => cache_cas_lock('key', -1, 0));
attempt(fn() => cache_cas_lock('key', 3, -1));
attempt(fn() => cache_cas_lock('key', 2 ** 62, 0));
attempt(fn() => cache_cas_lock('key', 3, PHP_INT_MAX));
attempt(fn() => cache_cas_lock('key', 3, PHP_INT_MIN));
attempt(fn() => cache_cas_lock('', 3, 4));
attempt(fn() => cache_cas_lock('key', 3));
attempt(eval('declare(strict_types=1); return fn() => cache_cas_lock("key", "3", 4);'));
var_dump(cache_cas_lock('key', 3, 4));
cache_store('int', 5);
var_dump(cache_cas_lock('int', 0, 9), cache_inc('int'), cache_cas('int', 6, 7), cache_inc('int', PHP_INT_MAX - 10), cache_fetch_entries(['int'])['int']['lock'], cache_fetch('int'));
?>
--EXPECT--
bool(false)
bool(false)
bool(true)
bool(false)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
ValueError: cache_cas_lock(): Argument #2 ($expected) must be between 0 and 2 ** 62 - 1
ValueError: cache_cas_lock(): Argument #3 ($new) must be between 0 and 2 ** 62 - 1
ValueError: cache_cas_lock(): Argument #2 ($expected) must be between 0 and 2 ** 62 - 1
ValueError: cache_cas_lock(): Argument #3 ($new) must be between 0 and 2 ** 62 - 1
ValueError: cache_cas_lock(): Argument #3 ($new) must be between 0 and 2 ** 62 - 1
ValueError: cache_cas_lock(): Argument #1 ($key) must be 1 to 65535 bytes long
ArgumentCountError: cache_cas_lock() expects exactly 3 arguments, 2 given
TypeError: cache_cas_lock(): Argument #2 ($expected) must be of type int, string given
bool(true)
bool(true)
int(6)
bool(true)
int(9223372036854775804)
int(9)
int(9223372036854775804)
