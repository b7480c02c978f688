--TEST--
Arrays keep their keys, order and nesting
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-arrays${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$values = [
    [], [1, 2, 3], ['a' => 1, 'b' => ['c' => [null, true, 1.5]]], [5 => 'a', 3 => 'b', '' => 'c', "\0" => 'd'],
    [[], [[]], [[], []]], range(0, 1000), array_fill_keys(range(0, 500), ['id' => 7, 'name' => 'row']), [-1 => 'x', PHP_INT_MAX => 'y'],
];
foreach ($values as $value) {
    cache_store('key', $value);
    var_dump(cache_fetch('key') === $value);
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
