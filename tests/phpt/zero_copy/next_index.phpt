--TEST--
What is appended to one copy of a fetched array has no effect on the index that the next copy gives
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-next-index${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

/*
 * PHP goes on behind an element that was last and is unset, and behind a negative key as its version likes; whether the
 * cache remembers that is not promised.
 */
$afterUnset = ['a', 'b', 'c'];
unset($afterUnset[2]);
$arrays = ['list' => ['a', 'b', 'c'], 'sparse' => [7 => 'a'], 'empty' => [], 'negative' => [-5 => 'a'], 'unset' => $afterUnset];
foreach ($arrays as $name => $array) {
    cache_store($name, [$array, $array]);
    $indexes = [];
    for ($i = 0; $i < 3; $i++) {
        [$first, $second] = cache_fetch($name);
        $first[] = $second[] = $second[] = 'new';
        $indexes[] = [array_key_last($first), array_key_last($second) - 1];
    }
    if ($indexes !== array_fill(0, 3, [$indexes[0][0], $indexes[0][0]])) {
        var_dump($name, $indexes);
    }
    if (in_array($name, ['list', 'sparse', 'empty'], true)) {
        var_dump($indexes[0][0]);
    }
}
?>
--EXPECT--
int(3)
int(8)
int(0)
