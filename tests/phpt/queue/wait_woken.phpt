--TEST--
A push of another process wakes who waits
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-wait-woken${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

foreach ([['q', 30], [['other', 'q'], 30], [['q', 'other'], 30, INF], ['q', INF, INF]] as $arguments) {
    $child = worker(fn() => 'begins', static function () use ($arguments): string {
        $job = cache_queue_pop(...$arguments);
        return told($job) . (cache_queue_ack($job['id'], $job['token']) ? ' done' : ' lost');
    });
    $child->hear();
    $child->let();
    await(fn() => cache_queue_info('q')['workers'] === 1);
    /* Long enough that it sleeps, mostly; whatever it does, it gets the job. */
    usleep(20000);
    $start = hrtime(true);
    cache_queue_push('q', 'k', 'payload');
    echo $child->hear(), "\n";
    $waits[] = (hrtime(true) - $start) / 1e9;
    echo $child->end();
}
/* Not by the end of a slice of its sleep. */
var_dump(min($waits) < 0.2);
?>
--EXPECT--
"q\/k, run 1: \"payload\" done"
"q\/k, run 1: \"payload\" done"
"q\/k, run 1: \"payload\" done"
"q\/k, run 1: \"payload\" done"
bool(true)
