--TEST--
The fibers of a request are one holder
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-locks-fibers${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function worker(string $who): Fiber
{
    return new Fiber(function () use ($who): void {
        $token = cache_lock_for_write('x');
        echo "$who has it ", cache_lock_info('x')['count'], " times\n";
        Fiber::suspend($token);
        var_dump(cache_lock_release('x'));
        Fiber::suspend();
        cache_lock_for_read('x');
        echo "$who reads, it is held for ", cache_lock_info('x')['held_by_me'], "ing\n";
        Fiber::suspend();
        var_dump(cache_lock_release('x'));
    });
}
$a = worker('A');
$b = worker('B');
var_dump($a->start() === $b->start());
for ($i = 0; $i < 3; $i++) {
    $a->resume();
    $b->resume();
}
var_dump(cache_lock_info('x'));
/* One that is never resumed. */
$c = new Fiber(function (): void {
    try {
        cache_lock_for_read('y');
        Fiber::suspend();
    } finally {
        var_dump(cache_lock_release('y'));
    }
});
$c->start();
unset($c);
?>
--EXPECT--
A has it 1 times
B has it 2 times
bool(true)
bool(true)
bool(true)
A reads, it is held for reading
B reads, it is held for reading
bool(true)
bool(true)
array(0) {
}
bool(true)
