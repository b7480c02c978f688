--TEST--
cache_add() stores only if there is no fresh entry
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-add-only-if-absent${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_add('key', 'first'), cache_add('key', 'second'), cache_fetch('key'));
cache_store('false', false);
var_dump(cache_add('false', 1), cache_fetch('false'));
cache_delete('key');
var_dump(cache_add('key', 'third'), cache_fetch('key'));
?>
--EXPECT--
bool(true)
bool(false)
string(5) "first"
bool(false)
bool(false)
bool(true)
string(5) "third"
