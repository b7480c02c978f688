--TEST--
The ttl of cache_inc() is for a key that is missing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-counter-ttl${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_inc('new', 1, ttl: 0.5);
cache_store('old', 1);
cache_inc('old', 1, ttl: 0.5);
var_dump(cache_key_info('new')['ttl'], cache_key_info('old')['ttl']);
usleep(600000);
var_dump(cache_exists('new'), cache_fetch('old'), cache_inc('new'));
attempt(fn() => cache_inc('new', 1, $success, -1));
attempt(fn() => cache_dec('new', ttl: NAN));
?>
--EXPECT--
float(0.5)
int(0)
bool(false)
int(2)
int(1)
ValueError: cache_inc(): Argument #4 ($ttl) must be greater than or equal to 0
ValueError: cache_dec(): Argument #4 ($ttl) must be greater than or equal to 0
