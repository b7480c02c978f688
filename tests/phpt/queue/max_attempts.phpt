--TEST--
After cache.queue_max_attempts runs a job is a dead letter
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-max-attempts${CACHE_TEST_RUN}
cache.queue_max_attempts=2
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'failed', 'payload');
foreach ([1, 2] as $run) {
    $job = cache_queue_pop('q');
    cache_queue_fail($job['id'], $job['token'], "for the $run. time", 0);
}
/* Worker dead, lease passed. */
cache_queue_push('q', 'killed', 'payload');
foreach ([1, 2] as $run) {
    $child = worker(fn() => told(cache_queue_pop('q', 30)));
    echo $child->hear(), "\n";
    $child->kill();
}
await(fn() => cache_queue_info('q')['dead'] === 2);
cache_queue_push('q', 'late', 'payload');
foreach ([1, 2] as $run) {
    echo told(cache_queue_pop('q', 30, 0.01)), "\n";
}
await(fn() => cache_queue_info('q')['dead'] === 3);
/* What its last run said. */
cache_queue_push('q', 'first failed, then killed', 'payload');
$job = cache_queue_pop('q');
cache_queue_fail($job['id'], $job['token'], 'first', 0);
echo runPhp('echo cache_queue_pop("q")["attempt"];'), told(cache_queue_pop('q')), "\n";
foreach (cache_queue_dead('q') as $letter) {
    echo "$letter[key]: $letter[error], $letter[attempt]\n";
}
echo info('q', 'waiting', 'delayed', 'running', 'dead', 'failed', 'lease_lost'), "\n";
?>
--EXPECT--
"q\/killed, run 1: \"payload\""
"q\/killed, run 2: \"payload\""
q/late, run 1: "payload"
q/late, run 2: "payload"
2none
first failed, then killed: the worker died, 2
late: the lease passed, 2
killed: the worker died, 2
failed: for the 2. time, 2
{"waiting":0,"delayed":0,"running":0,"dead":4,"failed":3,"lease_lost":5}
