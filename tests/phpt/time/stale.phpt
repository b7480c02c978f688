--TEST--
A stale entry counts as absent to fetch, exists, add and inc, and is still known
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-time-stale${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value', 0.05, 60);
cache_store('int', 5, 0.05, 60);
var_dump(cache_key_info('key')['state'] === CACHE_STATE_FRESH);
usleep(80000);
var_dump(cache_key_info('key')['state'] === CACHE_STATE_STALE);
var_dump(cache_fetch('key'), cache_exists('key'), cache_cas('int', 5, 6), cache_inc('int'));
var_dump(count(new Cache\EntryIterator('key')));
var_dump(cache_add('key', 'new'), cache_fetch('key'), cache_key_info('key')['state'] === CACHE_STATE_FRESH);
?>
--EXPECT--
bool(true)
bool(true)
bool(false)
bool(false)
bool(false)
int(1)
int(1)
bool(true)
string(3) "new"
bool(true)
