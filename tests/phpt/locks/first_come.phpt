--TEST--
Whoever waits comes before those who ask later, those that had the lock among them
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-first-come${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

writes('x');
$waiter = lockChild(fn() => writes('x', 30.0), fn() => cache_lock_release('x'));
awaitWriter('x');
$late = lockChild(fn() => [reads('x'), writes('x')], fn() => reads('x', 30.0));
echo $late->hear(), "\n";
cache_lock_release('x');
var_dump(writes('x'));
echo $waiter->hear(), ' ', $waiter->ask(), "\n";
echo $late->ask(), "\n";
$waiter->end();
$late->end();
?>
--EXPECT--
[false,false]
bool(false)
true true
true
