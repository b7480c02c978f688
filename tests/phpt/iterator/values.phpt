--TEST--
Values are there if asked for
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-values${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store(['a' => [1, ['x' => null]], 'b' => 'text', 'c' => null, 'd' => 1.5, 'e' => PHP_INT_MAX, 'f' => new ArrayObject([1]), 'g' => '', 5 => false]);
$values = [];
foreach (new Cache\EntryIterator(values: true) as $key => $entry) {
    $values[$key] = $entry['value'];
}
ksort($values);
var_dump($values == cache_fetch(['a', 'b', 'c', 'd', 'e', 'f', 'g', 5]), count($values));
foreach (new Cache\EntryIterator as $key => $entry) {
    echo (int) array_key_exists('value', $entry);
}
?>
--EXPECT--
bool(true)
int(8)
00000000
