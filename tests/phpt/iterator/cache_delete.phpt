--TEST--
cache_delete() of an iterator deletes what it yields from its beginning
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-cache-delete${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 300; $i++) {
    cache_store("user $i", $i);
    cache_store("page $i", $i);
}
$iterator = new Cache\EntryIterator('user ', '/[02468]$/', chunk: 7);
foreach ($iterator as $entry) {
}
var_dump(count($iterator), cache_delete($iterator), count($iterator));
var_dump(count(new Cache\EntryIterator('user ')), count(new Cache\EntryIterator('page ')));
var_dump(cache_delete(new Cache\EntryIterator('none')), cache_delete(new Cache\EntryIterator), count(new Cache\EntryIterator));
?>
--EXPECT--
int(150)
bool(true)
int(0)
int(150)
int(300)
bool(true)
bool(true)
int(0)
