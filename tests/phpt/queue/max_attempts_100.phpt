--TEST--
cache.queue_max_attempts up to 100 counts runs exactly
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-max-attempts-100${CACHE_TEST_RUN}
cache.queue_max_attempts=100
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k');
for ($run = 1; $job = cache_queue_pop('q'); $run++) {
    $job['attempt'] === $run || print("$job[attempt] instead of $run\n");
    cache_queue_fail($job['id'], $job['token'], null, 0);
}
var_dump($run, cache_queue_dead('q')[0]['attempt']);
?>
--EXPECT--
int(101)
int(100)
