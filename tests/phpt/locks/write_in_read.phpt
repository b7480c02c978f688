--TEST--
Writing within reading throws, and the lock stays held for reading
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-write-in-read${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
function reads(string $n): bool { return cache_lock_for_read($n) > 0; }
function writes(string $n): bool { return cache_lock_for_write($n) > 0; }

reads('x');
attempt(fn() => cache_lock_for_write('x', 10.0, 0, $recovered));
attempt(fn() => cache_lock_for_write(str_repeat('n', 150)) > 0);
var_dump(is_subclass_of('Cache\LockUpgradeException', 'Cache\CacheException'), cache_lock_info('x')['held_by_me'], cache_lock_info('x')['count']);
var_dump(cache_lock_release('x'), writes('x'));
?>
--EXPECT--
Cache\LockUpgradeException: The lock "x" is held for reading: release it before it is locked for writing
bool(true)
bool(true)
string(4) "read"
int(1)
bool(true)
bool(true)
