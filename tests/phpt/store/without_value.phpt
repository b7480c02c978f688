--TEST--
A string key needs a value
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-without-value${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

attempt(fn() => cache_store('key'));
attempt(fn() => cache_add('key'));
attempt(fn() => cache_store('key', null));
?>
--EXPECT--
ArgumentCountError: cache_store(): Argument #2 ($value) must be given when argument #1 ($key) is a string
ArgumentCountError: cache_add(): Argument #2 ($value) must be given when argument #1 ($key) is a string
bool(true)
