--TEST--
A PCRE pattern selects keys, together with a prefix
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-pattern${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 30; $i++) {
    cache_store("user:$i", 1);
    cache_store("page:$i", 1);
}
cache_store("user:\xff", 1);
function keys(...$arguments): string
{
    $keys = array_keys(iterator_to_array(new Cache\EntryIterator(...$arguments)));
    sort($keys, SORT_NATURAL);
    return implode(' ', $keys) . "\n";
}
echo keys(pattern: '/^(user):(1)[0-3]$/'), keys('page:', '~2$~'), keys(pattern: '/^USER:7$/i'), keys(pattern: '/^user:.$/u'), keys(pattern: '/none/');
?>
--EXPECT--
user:10 user:11 user:12 user:13
page:2 page:12 page:22
user:7
user:0 user:1 user:2 user:3 user:4 user:5 user:6 user:7 user:8 user:9
