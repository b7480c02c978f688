--TEST--
A waiting writer that was killed holds back nobody
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-killed-waiter${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

reads('x');
$waiter = lockChild(fn() => writes('x', 30.0));
awaitWriter('x');
$other = lockChild(fn() => reads('x'), fn() => reads('x'), fn() => cache_lock_release('x'));
echo $other->hear(), "\n";
$waiter->kill();
echo $other->ask(), ' ', $other->ask(), "\n";
var_dump(cache_lock_info('x')['waiting'], cache_lock_release('x'), writes('x'));
$other->end();
?>
--EXPECT--
false
true true
bool(false)
bool(true)
bool(true)
