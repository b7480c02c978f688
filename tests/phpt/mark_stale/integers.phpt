--TEST--
An integer that is marked keeps its value, and is not counted on
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-mark-stale-integers${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('int', 41, 600, 600);
cache_inc('int');
cache_mark_stale('int');
var_dump(cache_fetch_stale('int'), cache_cas('int', 42, 43), cache_fetch_stale('int'), cache_inc('int', 5), cache_fetch('int'));
cache_store('int', 7, 600, 600);
cache_mark_stale('int');
var_dump(cache_cas_touch('int', cache_stamp('int')), cache_inc('int'));
?>
--EXPECT--
int(42)
bool(false)
int(42)
int(5)
int(5)
bool(true)
int(8)
