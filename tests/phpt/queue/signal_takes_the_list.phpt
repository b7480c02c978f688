--TEST--
A handler may change the list that is waited for
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-signal-takes-the-list${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$child = new Relative(static function (Line $line): void {
    $names = [str_repeat('a', 100), strrev('q')];
    $name = &$names[1];
    pcntl_async_signals(true);
    pcntl_signal(SIGUSR1, static function () use (&$names, &$name, $line): void {
        $name = 'changed';
        $names = null;
        $line->say('handled');
    });
    $line->say(told(cache_queue_pop($names, 30)));
    $line->wait();
});
await(fn() => cache_queue_info('q')['workers'] === 1);
$child->signal('USR1');
echo $child->hear(), "\n";
cache_queue_push('q', 'k');
echo $child->hear(), "\n", $child->end();
?>
--EXPECT--
handled
q/k, run 1: null
