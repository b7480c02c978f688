--TEST--
cache_delete() tells whether there was an entry
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-delete-entry${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_delete('key'));
cache_store('key', 1);
var_dump(cache_delete('key'), cache_delete('key'), cache_fetch('key'));
?>
--EXPECT--
bool(false)
bool(true)
bool(false)
bool(false)
