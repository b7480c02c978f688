--TEST--
A lease that has passed is the worker's until somebody else takes the job
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-lease-not-taken${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

foreach (['cache_queue_ack', 'cache_queue_fail'] as $end) {
    cache_queue_push('q', 'k');
    $job = cache_queue_pop('q', 0, 0.001);
    usleep(5000);
    var_dump(cache_queue_extend($job['id'], $job['token'], 0.001));
    usleep(5000);
    var_dump($end($job['id'], $job['token']));
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
