--TEST--
Releasing what is not held by this process is refused and changes nothing
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-release-not-held${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$other = lockChild(fn() => [writes('x'), reads('y')], fn() => [cache_lock_release('x'), cache_lock_release('y')]);
echo $other->hear(), "\n";
var_dump(cache_lock_release('x'), cache_lock_release('y'), cache_lock_release('never'), reads('x'), writes('y'));
echo $other->ask(), "\n";
$other->end();
?>
--EXPECT--
[true,true]
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
[true,true]
