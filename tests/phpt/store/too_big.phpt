--TEST--
A value larger than the segment is not stored, and the old one is gone
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-store-too-big${CACHE_TEST_RUN}
cache.size=2M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'old');
var_dump(cache_store('key', str_repeat('x', 3 << 20)));
var_dump(cache_fetch('key', $success), $success);
var_dump(cache_info(true)['failed']['size'] + cache_info(true)['failed']['memory']);
var_dump(cache_store('key', 'new'), cache_fetch('key'));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
int(1)
bool(true)
string(3) "new"
