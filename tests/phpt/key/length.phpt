--TEST--
Keys have 1 to 65535 bytes
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-length${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$longest = str_repeat('k', 65535);
var_dump(cache_store($longest, 1), cache_fetch($longest), cache_exists($longest), cache_inc($longest), cache_delete($longest));
foreach (['', $longest . 'k'] as $key) {
    attempt(fn() => cache_store($key, 1));
    attempt(fn() => cache_add($key, 1));
    attempt(fn() => cache_fetch($key));
    attempt(fn() => cache_exists($key));
    attempt(fn() => cache_delete($key));
    attempt(fn() => cache_inc($key));
    attempt(fn() => cache_dec($key));
    attempt(fn() => cache_cas($key, 1, 2));
    attempt(fn() => cache_key_info($key));
}
?>
--EXPECT--
bool(true)
int(1)
bool(true)
int(2)
bool(true)
ValueError: cache_store(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_add(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_fetch(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_exists(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_delete(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_inc(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_dec(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_cas(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_key_info(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_store(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_add(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_fetch(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_exists(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_delete(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_inc(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_dec(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_cas(): Argument #1 ($key) must be 1 to 65535 bytes long
ValueError: cache_key_info(): Argument #1 ($key) must be 1 to 65535 bytes long
