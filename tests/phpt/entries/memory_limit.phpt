--TEST--
Entries that do not fit into the memory limit end the request and harm nobody else
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-entries-memory-limit${CACHE_TEST_RUN}
cache.zero_copy=off
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

var_dump(cache_store(['key' => str_repeat('x', 6 << 20), 'array' => [str_repeat('x', 6 << 20)], 'small' => 1], null, 60, 60, ['tag']));
foreach (['["key"]', '["small", "array"]', '["small", "key", "array"]'] as $keys) {
    var_dump(preg_match('/emory .*exhausted/', runPhp("cache_fetch_entries($keys); echo 'not reached';", ['memory_limit' => '4M'])));
    var_dump(cache_info(true)['memory']['pinned'], cache_exists('key'), cache_store('other', 1));
}
echo runPhp('echo count(cache_fetch_entries(["key", "array", "small"], PHP_INT_MAX));', ['memory_limit' => '4M']), "\n";
?>
--EXPECT--
array(0) {
}
int(1)
int(0)
bool(true)
bool(true)
int(1)
int(0)
bool(true)
bool(true)
int(1)
int(0)
bool(true)
bool(true)
3
