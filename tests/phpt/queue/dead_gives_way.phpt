--TEST--
An explicit push replaces a dead letter
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-dead-gives-way${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'first');
$job = cache_queue_pop('q');
cache_queue_fail($job['id'], $job['token'], 'failed');
echo info('q', 'waiting', 'dead'), "\n";
var_dump(cache_queue_push('q', 'k', 'second'));
echo info('q', 'waiting', 'dead'), "\n", told($job = cache_queue_pop('q')), "\n";
var_dump(cache_queue_dead('q'), cache_queue_revive('q', 'k'), cache_queue_ack($job['id'], $job['token']));
?>
--EXPECT--
{"waiting":0,"dead":1}
int(1)
{"waiting":1,"dead":0}
q/k, run 1: "second"
array(0) {
}
int(0)
bool(true)
