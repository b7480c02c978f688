--TEST--
count() walks by itself and does not move the iterator
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-count${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 50; $i++) {
    cache_store("key $i", $i);
}
cache_store('stale', 1, 0.01, 60);
cache_store('gone', 1, 0.01);
usleep(30000);
$iterator = new Cache\EntryIterator(chunk: 2);
$iterator->next();
$key = $iterator->key();
var_dump(count($iterator), $iterator->count(), $iterator->key() === $key, count(new Cache\EntryIterator('key 1')));
?>
--EXPECT--
int(51)
int(51)
bool(true)
int(11)
