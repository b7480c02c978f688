--TEST--
A handler that ends the program ends the wait
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-signal-exits${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$child = new Relative(static function (Line $line): void {
    pcntl_async_signals(true);
    pcntl_signal(SIGTERM, static function () { exit(7); });
    register_shutdown_function(static fn() => $line->say('shutdown'));
    cache_queue_pop(['q', 'other'], INF);
    $line->say('not reached');
});
await(fn() => cache_queue_info('q')['workers'] === 1);
$child->signal('TERM');
echo $child->hear(), ' ', $child->wait(), "\n";
cache_queue_push('q', 'k', 5);
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
shutdown ended with 7
q/k, run 1: 5
