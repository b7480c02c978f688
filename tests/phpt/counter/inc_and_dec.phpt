--TEST--
cache_inc() and cache_dec() start at 0 and return the new integer
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-counter-inc-and-dec${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_inc('c'), cache_inc('c', 10), cache_dec('c'), cache_dec('c', 4), cache_inc('c', -3), cache_fetch('c'));
var_dump(cache_dec('new'), cache_inc('c', 0));
var_dump(cache_inc('c', 1, $success), $success);
var_dump(cache_inc(key: 'c', ttl: 5), cache_inc('c', success: $other), $other);
?>
--EXPECT--
int(1)
int(11)
int(10)
int(6)
int(3)
int(3)
int(-1)
int(3)
int(4)
bool(true)
int(5)
int(6)
bool(true)
