--TEST--
Token 0 stores only if there is no fresh entry
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-cas-store-only-if-absent${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

var_dump(cache_cas_store('key', 0, 'first'), cache_cas_store('key', 0, 'second'), cache_fetch('key'));
cache_store('stale', 'old', 60, 60);
cache_mark_stale('stale');
var_dump(cache_cas_store('stale', 0, 'new'), cache_fetch('stale'), cache_cas_store('stale', 0, 'newer'));
$old = (int) (microtime(true) * 1e6) - 30_000_000;
cache_store('stale', 'old', 10, 60, stamp: $old);
var_dump(cache_cas_store('stale', 0, 'new'), cache_fetch('stale'));
cache_store('hard', 'old', 10, 10, stamp: $old);
var_dump(cache_cas_store('hard', 0, 'new'), cache_fetch('hard'));
cache_store('tagged', 'old', tags: ['tag']);
cache_tag_invalidate('tag', true);
var_dump(cache_cas_store('tagged', 0, 'new', tags: ['tag']), cache_fetch('tagged'));
?>
--EXPECT--
bool(true)
bool(false)
string(5) "first"
bool(true)
string(3) "new"
bool(false)
bool(true)
string(3) "new"
bool(true)
string(3) "new"
bool(true)
string(3) "new"
