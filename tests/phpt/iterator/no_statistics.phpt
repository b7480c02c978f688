--TEST--
Walking and looking count as no access
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-iterator-no-statistics${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value');
$before = cache_info(true);
foreach (new Cache\EntryIterator(values: true) as $entry) {
}
cache_key_info('key');
count(new Cache\EntryIterator);
$after = cache_info(true);
var_dump($before['hits'] === $after['hits'], $before['misses'] === $after['misses'], cache_key_info('key')['hits_class']);
?>
--EXPECT--
bool(true)
bool(true)
int(0)
