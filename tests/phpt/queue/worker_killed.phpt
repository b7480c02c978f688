--TEST--
The job of a worker that is killed is another one's at once
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-worker-killed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

foreach ([60, INF] as $lease) {
    cache_queue_push('q', 'k', 'payload');
    $child = worker(fn() => told(cache_queue_pop('q', 0, $lease)));
    echo $child->hear(), "\n";
    var_dump(cache_queue_pop('q'));
    $child->kill();
    $start = hrtime(true);
    echo told($job = cache_queue_pop('q', 30)), "\n";
    $waits[] = (hrtime(true) - $start) / 1e9;
    var_dump(cache_queue_ack($job['id'], $job['token']));
}
var_dump(min($waits) < 0.5);
echo info('q', 'lease_lost', 'acked', 'failed', 'workers'), "\n";
?>
--EXPECT--
"q\/k, run 1: \"payload\""
NULL
q/k, run 2: "payload"
bool(true)
"q\/k, run 1: \"payload\""
NULL
q/k, run 2: "payload"
bool(true)
bool(true)
{"acked":2,"failed":0,"lease_lost":2,"workers":1}
