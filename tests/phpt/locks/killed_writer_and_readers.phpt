--TEST--
Readers see that the writer was killed, and leave the message for the next writer
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-killed-writer-and-readers${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$writer = lockChild(fn() => writes('x'));
$writer->hear();
$writer->kill();
var_dump(reads('x'), cache_lock_info('x')['abandoned'], cache_lock_release('x'), cache_lock_info('x')['abandoned']);
var_dump(cache_lock_for_write('x', recovered: $recovered) > 0, $recovered, cache_lock_info('x')['abandoned']);
var_dump(cache_lock_release('x'), cache_lock_info('x'));
var_dump(cache_lock_for_write('x', recovered: $recovered) > 0, $recovered);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(false)
bool(true)
array(0) {
}
bool(true)
bool(false)
