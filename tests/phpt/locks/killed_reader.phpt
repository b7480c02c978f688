--TEST--
A reader that was killed is in nobody's way
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-killed-reader${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$reader = lockChild(fn() => reads('x'));
var_dump($reader->hear(), writes('x'));
$reader->kill();
var_dump(cache_lock_for_write('x', 0, 0, $recovered) > 0, $recovered);
?>
--EXPECT--
string(4) "true"
bool(false)
bool(true)
bool(false)
