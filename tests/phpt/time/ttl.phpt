--TEST--
An entry is missing when its ttl has passed
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-time-ttl${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('short', 1, 1);
cache_store('long', 2, 60);
cache_store('none', 3, 0);
var_dump(cache_fetch('short'), cache_exists('short'));
usleep(1_050_000);
var_dump(cache_fetch('short', $success), $success, cache_exists('short'), cache_key_info('short'));
var_dump(cache_fetch('long'), cache_fetch('none'));
var_dump(cache_add('short', 'again'), cache_fetch('short'));
?>
--EXPECT--
int(1)
bool(true)
bool(false)
bool(false)
bool(false)
NULL
int(2)
int(3)
bool(true)
string(5) "again"
