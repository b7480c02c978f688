--TEST--
A job that waits for its retry keeps its time, whatever is merged into it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-merge-keeps-retry-time${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k');
$job = cache_queue_pop('q');
cache_queue_fail($job['id'], $job['token'], 'failed', 3600);
var_dump(cache_queue_push('q', 'k'), cache_queue_push('q', 'k', priority: 9), cache_queue_push('q', 'k', delay: 0.001));
echo info('q', 'waiting', 'delayed', 'merged'), "\n", told(cache_queue_pop('q', 0.05)), "\n";
/* The priority counts, once it is due. */
cache_queue_push('q', 'retried');
$job = cache_queue_pop('q');
cache_queue_fail($job['id'], $job['token'], null, 0.1);
cache_queue_push('q', 'retried', priority: 9);
cache_queue_push('q', 'other', priority: 8, delay: 0.01);
await(fn() => cache_queue_info('q')['waiting'] === 2);
echo drain('q'), "\n";
?>
--EXPECT--
int(0)
int(0)
int(0)
{"waiting":0,"delayed":1,"merged":3}
none
retried other
