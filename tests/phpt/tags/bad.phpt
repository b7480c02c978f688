--TEST--
Tags are at most 16 strings of 1 to 255 bytes
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-tags-bad${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

attempt(fn() => cache_store('key', 1, tags: ['']));
attempt(fn() => cache_store('key', 1, tags: [str_repeat('t', 256)]));
attempt(fn() => cache_store('key', 1, tags: range('a', 'q')));
attempt(fn() => cache_store('key', 1, tags: ['a', 5]));
attempt(fn() => cache_store('key', 1, tags: [null]));
attempt(fn() => cache_store('key', 1, tags: 'a'));
var_dump(cache_exists('key'));
?>
--EXPECT--
ValueError: cache_store(): Argument #5 ($tags) must be a list of tags of 1 to 255 bytes, one of 0 given
ValueError: cache_store(): Argument #5 ($tags) must be a list of tags of 1 to 255 bytes, one of 256 given
ValueError: cache_store(): Argument #5 ($tags) must have at most 16 different tags
TypeError: cache_store(): Argument #5 ($tags) must be a list of strings, int given
TypeError: cache_store(): Argument #5 ($tags) must be a list of strings, null given
TypeError: cache_store(): Argument #5 ($tags) must be of type array, string given
bool(false)
