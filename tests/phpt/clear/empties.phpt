--TEST--
cache_clear() empties the cache and leaves it usable
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-clear-empties${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($i = 0; $i < 100; $i++) {
    cache_store("key $i", $i);
}
var_dump(cache_clear());
var_dump(cache_fetch('key 1'), cache_exists('key 2'), count(new Cache\EntryIterator));
var_dump(cache_store('key 1', 'new'), cache_fetch('key 1'), cache_add('key 2', 2), cache_inc('key 3'));
?>
--EXPECT--
bool(true)
bool(false)
bool(false)
int(0)
bool(true)
string(3) "new"
bool(true)
int(1)
