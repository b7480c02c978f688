--TEST--
Whoever waits takes a lock over when its lease has passed
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-lease-awaited${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$token = cache_lock_for_read('x', lease: 0.2);
$waiter = lockChild(fn() => writes('x', 30.0));
echo $waiter->hear(), "\n";
var_dump(cache_lock_release('x'), cache_lock_info('x')['writer']);
$waiter->end();
?>
--EXPECT--
true
bool(false)
bool(true)
