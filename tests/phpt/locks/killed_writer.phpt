--TEST--
The next writer after one that was killed is told, and nobody else
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-killed-writer${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

$writer = lockChild(fn() => writes('x') && writes('x'));
var_dump($writer->hear(), writes('x'), reads('x'));
$waiter = lockChild(
    static function () {
        $token = cache_lock_for_write('x', 30.0, 0, $recovered);
        return [$token > 0, $recovered];
    },
    fn() => cache_lock_release('x'),
);
awaitWriter('x');
$writer->kill();
echo $waiter->hear(), "\n";
echo $waiter->ask(), "\n";
var_dump(cache_lock_for_write('x', 0, 0, $recovered) > 0, $recovered, cache_info(true)['named_locks_recovered']);
$waiter->end();
?>
--EXPECT--
string(4) "true"
bool(false)
bool(false)
[true,true]
true
bool(true)
bool(false)
int(1)
