--TEST--
A miss is false, and $success tells it from a stored false
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-miss${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_fetch('none', $success), $success);
cache_store('false', false);
var_dump(cache_fetch('false', $success), $success);
cache_store('null', null);
var_dump(cache_fetch('null', $success), $success);
var_dump(cache_fetch('none'));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(true)
NULL
bool(true)
bool(false)
