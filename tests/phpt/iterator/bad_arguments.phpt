--TEST--
A bad pattern or chunk is a ValueError
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-bad-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach (['no delimiters', '/(/', '/x/Q', ''] as $pattern) {
    try {
        new Cache\EntryIterator(pattern: $pattern);
        echo "no error\n";
    } catch (ValueError $e) {
        echo "ValueError\n";
    }
}
attempt(fn() => new Cache\EntryIterator(chunk: 0));
attempt(fn() => new Cache\EntryIterator(chunk: 1000001));
attempt(fn() => new Cache\EntryIterator([]));
?>
--EXPECT--
ValueError
ValueError
ValueError
ValueError
ValueError: Cache\EntryIterator::__construct(): Argument #4 ($chunk) must be between 1 and 1000000
ValueError: Cache\EntryIterator::__construct(): Argument #4 ($chunk) must be between 1 and 1000000
TypeError: Cache\EntryIterator::__construct(): Argument #1 ($prefix) must be of type ?string, array given
