--TEST--
A prefix selects keys by their first bytes
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-prefix${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

foreach (['a', 'ab', 'abc', 'b', "ab\0x", 'AB'] as $key) {
    cache_store($key, 1);
}
foreach (['', 'a', 'ab', "ab\0", 'abcd'] as $prefix) {
    $keys = array_keys(iterator_to_array(new Cache\EntryIterator($prefix)));
    sort($keys);
    echo json_encode([$prefix, $keys]), "\n";
}
?>
--EXPECT--
["",["AB","a","ab","ab\u0000x","abc","b"]]
["a",["a","ab","ab\u0000x","abc"]]
["ab",["ab","ab\u0000x","abc"]]
["ab\u0000",["ab\u0000x"]]
["abcd",[]]
