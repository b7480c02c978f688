--TEST--
A writer excludes readers and writers, of this lock only
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-writer-excludes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$other = lockChild(fn() => writes('x'), fn() => cache_lock_release('x'), fn() => [reads('x'), writes('x')]);
var_dump($other->hear(), reads('x'), writes('x'), reads('y'));
var_dump($other->ask(), writes('x'));
echo $other->ask(), "\n";
$other->end();
?>
--EXPECT--
string(4) "true"
bool(false)
bool(false)
bool(true)
string(4) "true"
bool(true)
[false,false]
