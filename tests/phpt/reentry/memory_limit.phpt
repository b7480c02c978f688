--TEST--
A value that does not fit into the memory limit ends the request and harms nobody else
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-reentry-memory-limit${CACHE_TEST_RUN}
cache.zero_copy=off
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

var_dump(cache_store('key', str_repeat('x', 6 << 20)), cache_store('array', [str_repeat('x', 6 << 20)]));
foreach (['cache_fetch("key")', 'cache_fetch("array")', 'foreach (new Cache\EntryIterator(values: true) as $x);'] as $code) {
    var_dump(str_contains(runPhp("$code;", ['memory_limit' => '4M']), 'emory'));
    var_dump(cache_info(true)['memory']['pinned'], cache_exists('key'), cache_store('other', 1));
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
int(0)
bool(true)
bool(true)
bool(true)
int(0)
bool(true)
bool(true)
bool(true)
int(0)
bool(true)
bool(true)
