--TEST--
The array form has its values in the array
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-array-store-with-value${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

attempt(fn() => cache_store(['a' => 1], 2));
attempt(fn() => cache_add(['a' => 1], false));
attempt(fn() => cache_store(['a' => 1, '' => 2]));
var_dump(cache_exists('a'));
?>
--EXPECT--
ValueError: cache_store(): Argument #2 ($value) must not be given when argument #1 ($key) is an array of values
ValueError: cache_add(): Argument #2 ($value) must not be given when argument #1 ($key) is an array of values
ValueError: cache_store(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at ['']
bool(false)
