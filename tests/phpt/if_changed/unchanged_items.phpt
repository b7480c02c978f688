--TEST--
Items that are stored again unchanged are touched, each of them
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-unchanged-items${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$items = [];
for ($i = 0; $i < 50; $i++) {
    $items["item $i"] = ['id' => $i, 'title' => "Title $i", 'tags' => range(0, $i), 'body' => str_repeat("body $i ", 100), 'meta' => ['a' => null, 'b' => 1.5]];
}
foreach ($items as $key => $item) {
    cache_store($key, $item, 300, 60, ['items']);
}
$before = cache_info(true);
$counts = [];
foreach (cache_fetch(array_keys($items)) as $key => $item) {
    $answer = cache_store_if_changed($key, $item, 300, 60, ['items']);
    $counts[$answer] = ($counts[$answer] ?? 0) + 1;
}
var_dump($counts === [CACHE_TOUCHED => 50]);
$after = cache_info(true);
var_dump($after['stores'] - $before['stores'], $after['stores_unchanged'] - $before['stores_unchanged'], cache_fetch(array_keys($items)) === $items);
?>
--EXPECT--
bool(true)
int(0)
int(50)
bool(true)
