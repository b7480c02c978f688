--TEST--
cache_exists() tells whether there is a fresh entry
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-exists-fresh-only${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_exists('key'));
cache_store('key', false);
var_dump(cache_exists('key'));
cache_delete('key');
var_dump(cache_exists('key'));
?>
--EXPECT--
bool(false)
bool(true)
bool(false)
