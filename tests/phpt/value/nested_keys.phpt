--TEST--
Arrays inside of an array with the same keys have theirs, wherever they stand in it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-value-nested-keys${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

/** A tree whose nodes have their children at the place $at of so many keys. */
function tree(int $depth, int $at, int $keys): array
{
    $node = [];
    for ($i = 0; $i < $keys; $i++) {
        $node["key $i"] = $i !== $at ? "$depth $i" : ($depth > 0 ? [tree($depth - 1, $at, $keys), tree($depth - 1, $at, $keys)] : []);
    }
    return $node;
}

/** The same without lists in between. */
function chain(int $depth, int $at, int $keys): array
{
    $node = [];
    for ($i = 0; $i < $keys; $i++) {
        $node["key $i"] = $i === $at && $depth > 0 ? chain($depth - 1, $at, $keys) : "$depth $i";
    }
    return $node;
}

$tried = $wrong = 0;
foreach ([1, 2, 3, 8, 9] as $keys) {
    for ($at = 0; $at < $keys; $at++) {
        foreach ([tree(4, $at, $keys), chain(9, $at, $keys), [tree(3, $at, $keys), chain(3, $at, $keys)]] as $value) {
            foreach ([$value, ['of an object' => $value, 'object' => (object) ['value' => $value]]] as $stored) {
                /* What is not written into the image would be of other values. */
                cache_store('other', [str_repeat("\xff", 100 * $tried % 3000), range(1, 50)]);
                cache_store('tree', $stored);
                $fetched = cache_fetch('tree');
                $tried++;
                $wrong += serialize($fetched) === serialize($stored) ? 0 : 1;
            }
        }
    }
}
echo "$tried trees, $wrong wrong\n";
?>
--EXPECT--
138 trees, 0 wrong
