--TEST--
Handlers of signals run during a wait, which goes on unless they throw
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-signals${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$child = new Relative(static function (Line $line): void {
    pcntl_async_signals(true);
    pcntl_signal(SIGUSR1, static function () use ($line): void {
        /* It may use the queue, and wait in turn. */
        $line->say('handled ' . json_encode([cache_queue_push('other', 'k', 'payload'), told(cache_queue_pop('other', 0.01)), told(cache_queue_pop('q', 0.01))]));
    });
    pcntl_signal(SIGUSR2, static fn() => throw new Exception('thrown'));
    try {
        cache_queue_pop('q', INF);
    } catch (Exception $thrown) {
        $line->say($thrown->getMessage());
    }
    $line->say(told(cache_queue_pop('q', 30)));
    $line->wait();
});
await(fn() => cache_queue_info('q')['workers'] === 1);
usleep(10000);
$start = hrtime(true);
for ($i = 0; $i < 3; $i++) {
    $child->signal('USR1');
    echo $child->hear(), "\n";
}
$child->signal('USR2');
echo $child->hear(), "\n";
cache_queue_push('q', 'k', 'after the exception');
echo $child->hear(), "\n", $child->end();
?>
--EXPECT--
handled [1,"other\/k, run 1: \"payload\"","none"]
handled [2,"none","none"]
handled [2,"none","none"]
thrown
q/k, run 1: "after the exception"
