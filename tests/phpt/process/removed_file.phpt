--TEST--
A request after the segment's file was removed makes a new one
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-process-removed-file${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

require __DIR__ . '/../process.inc';

cache_store('key', 'old');
unlink(cache_info(true)['segment']['path']);
var_dump(cache_fetch('key'));
echo runPhp('var_dump(cache_fetch("key"), cache_store("key", "new"), cache_fetch("key")); unlink(cache_info(true)["segment"]["path"]);');
var_dump(cache_fetch('key'));
?>
--EXPECT--
string(3) "old"
bool(false)
bool(true)
string(3) "new"
string(3) "old"
