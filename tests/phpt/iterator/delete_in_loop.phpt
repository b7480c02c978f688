--TEST--
Deleting what the iterator yields deletes all
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-delete-in-loop${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 500; $i++) {
    cache_store("key $i", $i);
}
foreach (new Cache\EntryIterator(chunk: 3) as $key => $entry) {
    if (!cache_delete($key)) {
        echo "$key was not there\n";
    }
}
var_dump(count(new Cache\EntryIterator));
?>
--EXPECT--
int(0)
