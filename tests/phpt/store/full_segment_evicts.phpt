--TEST--
A full segment evicts: stores succeed and the last values are there
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-full-segment-evicts${CACHE_TEST_RUN}
cache.size=2M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$failed = 0;
for ($i = 0; $i < 5000; $i++) {
    $failed += !cache_store("key $i", str_repeat(chr(65 + $i % 26), 2000));
}
var_dump($failed);
var_dump(cache_fetch('key 4999') === str_repeat(chr(65 + 4999 % 26), 2000));
var_dump(cache_fetch('key 0'));
var_dump(cache_info(true)['evictions'] > 0);
?>
--EXPECT--
int(0)
bool(true)
bool(false)
bool(true)
