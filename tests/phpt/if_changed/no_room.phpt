--TEST--
A value that is too big: 0, and the older one is gone; a newer one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-no-room${CACHE_TEST_RUN}
cache.size=2M
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$big = str_repeat('x', 3 << 20);
cache_store('key', 'old');
$stamp = cache_stamp('key');
var_dump(cache_store_if_changed('key', $big, stamp: $stamp - 1), cache_fetch('key'), cache_store_if_changed('key', $big, token: 5), cache_fetch('key'));
var_dump(cache_store_if_changed('key', $big), cache_exists('key'), cache_store_if_changed('key', 'new'), cache_fetch('key'));
?>
--EXPECT--
int(-1)
string(3) "old"
int(-1)
string(3) "old"
int(0)
bool(false)
int(1)
string(3) "new"
