--TEST--
A flag that a handler sets is seen when the slice of the wait has ended
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-signal-without-exception${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$child = new Relative(static function (Line $line): void {
    $stops = false;
    pcntl_async_signals(true);
    pcntl_signal(SIGTERM, static function () use (&$stops): void { $stops = true; });
    for ($slices = 0; !$stops && $slices < 1000; $slices++) {
        cache_queue_pop('q', 0.02);
    }
    $line->say($stops ? 'stopped' : 'not stopped');
});
await(fn() => cache_queue_info('q')['workers'] === 1);
$child->signal('TERM');
echo $child->hear(), $child->wait(), "\n";
?>
--EXPECT--
stopped
