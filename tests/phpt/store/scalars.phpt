--TEST--
cache_store() and cache_fetch() keep every scalar exactly
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-scalars${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$values = [
    null, true, false, 0, 1, -1, PHP_INT_MAX, PHP_INT_MIN, 2 ** 61, 2 ** 62, -(2 ** 62), -(2 ** 62) - 1, 2 ** 62 - 1,
    0.0, -0.0, 1.5, -1e308, 5e-324, INF, -INF, '', 'a', 'text', "\0", "a\0b", '0',
];
foreach ($values as $i => $value) {
    if (!cache_store("key $i", $value)) {
        echo "$i was not stored\n";
    }
    $fetched = cache_fetch("key $i", $success);
    if (!$success || $fetched !== $value || (is_float($value) && pack('d', $value) !== pack('d', $fetched))) {
        var_dump($i, $value, $fetched, $success);
    }
}
cache_store('nan', NAN);
var_dump(is_nan(cache_fetch('nan')));
echo "done\n";
?>
--EXPECT--
bool(true)
done
