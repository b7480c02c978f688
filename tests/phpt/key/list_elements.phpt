--TEST--
Lists of keys take strings and integers, and nothing else
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-list-elements${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach (['cache_fetch', 'cache_exists', 'cache_delete'] as $function) {
    attempt(fn() => $function(['a', 1.5]));
    attempt(fn() => $function(['x' => null]));
    attempt(fn() => $function([5 => ['a']]));
    attempt(fn() => $function(['a', '']));
    attempt(fn() => $function(['a', str_repeat('k', 65536)]));
    attempt(fn() => $function(new stdClass));
}
?>
--EXPECT--
TypeError: cache_fetch(): Argument #1 ($key) must be a list of strings and integers, float given at [1]
TypeError: cache_fetch(): Argument #1 ($key) must be a list of strings and integers, null given at ['x']
TypeError: cache_fetch(): Argument #1 ($key) must be a list of strings and integers, array given at [5]
ValueError: cache_fetch(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
ValueError: cache_fetch(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 65536 bytes given at [1]
TypeError: cache_fetch(): Argument #1 ($key) must be of type array|string, stdClass given
TypeError: cache_exists(): Argument #1 ($key) must be a list of strings and integers, float given at [1]
TypeError: cache_exists(): Argument #1 ($key) must be a list of strings and integers, null given at ['x']
TypeError: cache_exists(): Argument #1 ($key) must be a list of strings and integers, array given at [5]
ValueError: cache_exists(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
ValueError: cache_exists(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 65536 bytes given at [1]
TypeError: cache_exists(): Argument #1 ($key) must be of type array|string, stdClass given
TypeError: cache_delete(): Argument #1 ($key) must be a list of strings and integers, float given at [1]
TypeError: cache_delete(): Argument #1 ($key) must be a list of strings and integers, null given at ['x']
TypeError: cache_delete(): Argument #1 ($key) must be a list of strings and integers, array given at [5]
ValueError: cache_delete(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 0 bytes given at [1]
ValueError: cache_delete(): Argument #1 ($key) must have keys of 1 to 65535 bytes, one of 65536 bytes given at [1]
TypeError: cache_delete(): Argument #1 ($key) must be of type Cache\EntryIterator|array|string, stdClass given
