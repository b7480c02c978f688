--TEST--
A dead letter holds back readers of a stale value, but no explicit push
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale-dead${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_store('k', 'old', 0, 3600);
cache_mark_stale('k');
cache_fetch_stale('k', $state, $lease, 10, 0, 'q');
$job = cache_queue_pop('q');
cache_queue_fail($job['id'], $job['token'], 'failed');
var_dump(cache_fetch_stale('k', $state, $lease, 10, 0, 'q'), $lease);
echo info('q', 'waiting', 'dead', 'merged'), ' ', told(cache_queue_pop('q')), "\n";
cache_fetch_stale('k', $state, $lease, 10, 0, 'another');
echo told(cache_queue_pop('another')), "\n";
var_dump(cache_queue_push('q', 'k', 'explicit'));
echo info('q', 'waiting', 'dead'), ' ', told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
string(3) "old"
int(-1)
{"waiting":0,"dead":1,"merged":1} none
another/k, run 1: null
int(1)
{"waiting":1,"dead":0} q/k, run 1: "explicit"
