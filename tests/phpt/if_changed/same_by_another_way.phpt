--TEST--
The same value may come from the cache, a literal, a copy or a serializer, with tables of any size, and from any process
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-same-by-another-way${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$literal = ['a' => 1, 'b' => ['text', 'text'], 'c' => ['x' => null]];
$built = [];
foreach (['a' => 1, 'b' => ['te' . strtolower('XT'), 'te' . strtolower('XT')]] as $key => $value) {
    $built[$key] = $value;
}
$built['c'] = ['x' => null];
$copy = $literal;
$copy['a'] = 2;
$copy['a'] = 1;

cache_store('key', $literal);
var_dump(cache_store_if_changed('key', cache_fetch('key')), cache_store_if_changed('key', $copy));
$changed = cache_fetch('key');
$changed['c']['x'] = 5;
var_dump(cache_store_if_changed('key', $changed), cache_fetch('key') === $changed);
$changed['c']['x'] = null;
var_dump(cache_store_if_changed('key', $changed), cache_fetch('key') === $literal);

$list = [1, 'text', [2]];
$hash = $list;
$hash['x'] = 1;
unset($hash['x']);
$large = $literal + array_fill_keys(range(1000, 2000), 1);
foreach (range(1000, 2000) as $key) {
    unset($large[$key]);
}
foreach ([[$literal, $built], [$literal, unserialize(serialize($literal))], [$literal, json_decode(json_encode($literal), true)], [$list, $hash], [$hash, $list],
    [$list, unserialize(serialize($list))], [range(0, 50), [...range(0, 49), 50]]] as [$first, $same]) {
    cache_store('key', $first);
    var_dump(cache_store_if_changed('key', $same) === CACHE_TOUCHED && cache_fetch('key') === $same);
}
// What comes next by [] is part of an array.
cache_store('key', $literal);
var_dump(cache_store_if_changed('key', $large), cache_fetch('key') === $literal);
$next = cache_fetch('key');
$next[] = 'next';
var_dump(array_key_last($next));

// Which strings an array shares is found out by their addresses: they differ in every process.
require __DIR__ . '/../process.inc';
$code = '$names = array_map(fn($i) => "name $i", range(0, 499)); $rows = []; $junk = str_repeat("x", %d);
    for ($i = 0; $i < 2000; $i++) { $rows[] = ["id" => $i, "name" => $names[$i * 7 %% 500], "other" => $names[$i * 11 %% 500]]; }
    echo cache_store_if_changed("rows", $rows), "\n";';
for ($i = 0; $i < 4; $i++) {
    echo runPhp(sprintf($code, $i * 1000 + 10));
}
?>
--EXPECT--
int(2)
int(2)
int(1)
bool(true)
int(1)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
int(1)
bool(true)
int(2001)
1
2
2
2
