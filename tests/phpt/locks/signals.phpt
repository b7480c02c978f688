--TEST--
Signal handlers run while a process waits; the wait goes on unless they throw
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-locks-signals${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/locks.inc';

writes('x');
pcntl_async_signals(true);
$child = new Relative(static function (Line $line): void {
    pcntl_async_signals(true);
    pcntl_signal(SIGUSR1, static function () use ($line): void {
        /* Also locks, which may wait in turn. */
        $line->say('handled ' . json_encode([writes('y'), cache_lock_release('y'), reads('x', 0.01)]));
    });
    pcntl_signal(SIGUSR2, static fn() => throw new Exception('thrown'));
    try {
        cache_lock_for_write('x', INF);
    } catch (Exception $thrown) {
        $line->say($thrown->getMessage());
    }
    $line->say(json_encode(cache_lock_info('x')['held_by_me']));
    $line->say(json_encode(writes('x', 30.0)));
    $line->wait();
});
for ($i = 0; $i < 3; $i++) {
    awaitWriter('x');
    shell_exec("kill -USR1 $child->pid");
    echo $child->hear(), "\n";
}
awaitWriter('x');
shell_exec("kill -USR2 $child->pid");
echo $child->hear(), "\n", $child->hear(), "\n";
awaitWriter('x');
cache_lock_release('x');
echo $child->hear(), "\n";
$child->end();
?>
--EXPECT--
handled [true,true,false]
handled [true,true,false]
handled [true,true,false]
thrown
null
true
