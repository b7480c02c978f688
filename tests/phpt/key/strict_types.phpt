--TEST--
With strict_types a key is a string
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-strict-types${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$strict = eval('declare(strict_types=1); return [
    fn() => cache_fetch(5), fn() => cache_store(5, 1), fn() => cache_delete(5), fn() => cache_inc(5),
];');
foreach ($strict as $call) {
    attempt($call);
}
cache_store(5, 'five');
attempt(fn() => cache_fetch('5'));
attempt(fn() => cache_delete(5));
?>
--EXPECT--
TypeError: cache_fetch(): Argument #1 ($key) must be of type array|string, int given
TypeError: cache_store(): Argument #1 ($key) must be of type array|string, int given
TypeError: cache_delete(): Argument #1 ($key) must be of type Cache\EntryIterator|array|string, int given
TypeError: cache_inc(): Argument #1 ($key) must be of type string, int given
string(4) "five"
bool(true)
