--TEST--
Who knows id and token may end or extend the run of another process
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-other-process${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k');
$job = cache_queue_pop('q', 0, 3600);
$child = worker(
    fn() => cache_queue_extend($job['id'], $job['token'], 0.001),
    fn() => cache_queue_extend($job['id'], $job['token'], 3600),
    fn() => cache_queue_fail($job['id'], $job['token'], 'by the child', 0),
);
echo $child->hear(), $child->ask(), $child->ask(), "\n";
var_dump(cache_queue_ack($job['id'], $job['token']));
echo $child->end(), told($job = cache_queue_pop('q')), "\n";
$child = worker(fn() => cache_queue_ack($job['id'], $job['token']));
echo $child->hear(), $child->end(), "\n", info('q', 'acked', 'failed', 'running'), "\n";
?>
--EXPECT--
truetruetrue
bool(false)
q/k, run 2: null
true
{"running":0,"acked":1,"failed":1}
