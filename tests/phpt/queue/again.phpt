--TEST--
A job that is pushed while it runs runs once more, from its first attempt
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-again${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'payload');
$job = cache_queue_pop('q');
cache_queue_fail($job['id'], $job['token'], 'failed', 0);
$job = cache_queue_pop('q');
var_dump($job['attempt'], cache_queue_push('q', 'k'), cache_queue_push('q', 'k'));
echo info('q', 'waiting', 'running', 'again'), "\n";
/* Not before it has ended: no two runs of it at a time. */
var_dump(cache_queue_pop('q'), cache_queue_ack($job['id'], $job['token']));
echo info('q', 'waiting', 'running'), "\n", told($again = cache_queue_pop('q')), "\n";
var_dump(cache_queue_ack($job['id'], $job['token']), $again['token'] !== $job['token'] || $again['id'] !== $job['id'], cache_queue_ack($again['id'], $again['token']));
echo told(cache_queue_pop('q')), "\n";
/* A failure of the run loses nothing of it. */
cache_queue_push('q', 'k', 'payload');
$job = cache_queue_pop('q');
cache_queue_push('q', 'k');
cache_queue_fail($job['id'], $job['token'], 'failed', 0);
echo told($job = cache_queue_pop('q')), "\n";
cache_queue_ack($job['id'], $job['token']);
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
int(2)
int(2)
int(2)
{"waiting":0,"running":1,"again":2}
NULL
bool(true)
{"waiting":1,"running":0}
q/k, run 1: "payload"
bool(false)
bool(true)
bool(true)
none
q/k, run 1: "payload"
none
