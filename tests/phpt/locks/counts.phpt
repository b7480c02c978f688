--TEST--
A request that holds a lock is given it again, and must release it as often
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-counts${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$token = cache_lock_for_write('x');
$other = lockChild(...array_fill(0, 4, fn() => reads('x') && cache_lock_release('x')));
var_dump(cache_lock_for_write('x') === $token, cache_lock_for_write('x', 5) === $token, cache_lock_info('x')['count']);
echo $other->hear();
for ($i = 0; $i < 3; $i++) {
    echo ' ', json_encode(cache_lock_release('x')), ' ', $other->ask();
}
echo "\n";
var_dump(cache_lock_release('x'));
$token = cache_lock_for_read('x');
var_dump(cache_lock_for_read('x') === $token, cache_lock_info('x')['readers'], cache_lock_info('x')['count']);
var_dump(cache_lock_release('x'), cache_lock_release('x'), cache_lock_release('x'));
$other->end();
?>
--EXPECT--
bool(true)
bool(true)
int(3)
false true false true false true true
bool(false)
bool(true)
int(1)
int(2)
bool(true)
bool(true)
bool(false)
