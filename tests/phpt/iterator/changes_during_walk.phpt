--TEST--
Entries that are there during the whole walk come once, whatever is stored and deleted meanwhile
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-changes-during-walk${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 2000; $i++) {
    cache_store("stay $i", $i);
    cache_store("go $i", $i);
}
$seen = [];
$n = 0;
foreach (new Cache\EntryIterator(chunk: 10) as $key => $entry) {
    if (str_starts_with($key, 'stay')) {
        $seen[$key] = ($seen[$key] ?? 0) + 1;
    }
    cache_delete('go ' . $n);
    cache_store("stay $n", 'again') ;
    cache_store("new $n", str_repeat('x', $n % 500));
    $n = ($n + 1) % 2000;
}
var_dump(count($seen), array_unique(array_values($seen)));
?>
--EXPECT--
int(2000)
array(1) {
  [0]=>
  int(1)
}
