--TEST--
A lock whose lease has passed is taken over by whoever wants it
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-lease${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$token = cache_lock_for_write('y', 0, 0.05);
var_dump($token > 0, cache_lock_info('y')['lease_left'] <= 0.05);
usleep(60000);
$taker = lockChild(static function () {
    $token = cache_lock_for_write('y', 0, 0, $recovered);
    return [$token > 0, $recovered, cache_lock_info('y')['lease_left']];
}, fn() => cache_lock_release('y'));
echo $taker->hear(), "\n";
var_dump(cache_lock_release('y'), cache_lock_info('y')['held_by_me'], writes('y'));
echo $taker->ask(), "\n";
$new = cache_lock_for_write('y', 0, 0, $recovered);
var_dump($new > $token, $recovered, cache_info(true)['named_locks_lost']);
$taker->end();
?>
--EXPECT--
bool(true)
bool(true)
[true,true,null]
bool(false)
NULL
bool(false)
true
bool(true)
bool(false)
int(1)
