--TEST--
Keys are binary-safe: NUL bytes and prefixes tell keys apart
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-binary${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$keys = ["a", "a\0", "a\0b", "a\0c", "\0", "\0\0", "\xff\xfe", "a ", "A"];
foreach ($keys as $i => $key) {
    cache_store($key, $i);
}
foreach ($keys as $i => $key) {
    if (cache_fetch($key) !== $i) {
        var_dump($key, cache_fetch($key));
    }
}
cache_delete("a\0b");
var_dump(cache_exists("a\0b"), cache_exists("a"), cache_exists("a\0c"), count(new Cache\EntryIterator));
?>
--EXPECT--
bool(false)
bool(true)
bool(true)
int(8)
