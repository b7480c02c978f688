--TEST--
Reading is granted within writing, and the lock stays the writer's to the end
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-read-in-write${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$token = cache_lock_for_write('x');
$other = lockChild(...array_fill(0, 3, fn() => reads('x') && cache_lock_release('x')));
var_dump(cache_lock_for_read('x') === $token, cache_lock_info('x')['held_by_me'], cache_lock_info('x')['readers']);
echo $other->hear();
echo ' ', json_encode(cache_lock_release('x')), ' ', $other->ask();
echo ' ', json_encode(cache_lock_release('x')), ' ', $other->ask(), "\n";
$other->end();
?>
--EXPECT--
bool(true)
string(5) "write"
int(0)
false true false true true
