--TEST--
Several processes hold a lock for reading at once
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-readers-share${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$other = lockChild(fn() => reads('x'), fn() => cache_lock_release('x'));
var_dump($other->hear(), reads('x'), cache_lock_info('x')['readers'], writes('y'));
var_dump($other->ask(), cache_lock_info('x')['readers'], cache_lock_release('x'), cache_lock_info('x'));
$other->end();
?>
--EXPECT--
string(4) "true"
bool(true)
int(2)
bool(true)
string(4) "true"
int(1)
bool(true)
array(0) {
}
