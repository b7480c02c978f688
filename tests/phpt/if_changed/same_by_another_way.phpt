--TEST--
The same value may come from the cache, a literal or a copy: arrays are compared as they lie in memory
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

// Where that differs it is stored, and right: CACHE_TOUCHED is never said of another value.
foreach ([$built, unserialize(serialize($literal)), json_decode(json_encode($literal), true), array_reverse(array_reverse($literal))] as $same) {
    cache_store('key', $literal);
    $answers = [cache_store_if_changed('key', $same), cache_store_if_changed('key', $same)];
    var_dump(in_array($answers[0], [CACHE_STORED, CACHE_TOUCHED], true), $answers[1] === CACHE_TOUCHED, cache_fetch('key') === $literal);
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
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
