--TEST--
A lease that is extended lasts longer
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-extend${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k');
$job = cache_queue_pop('q', 0, 0.3);
var_dump(cache_queue_extend($job['id'], $job['token'], 3600), cache_queue_pop('q', 0.4));
/* Or less long. */
var_dump(cache_queue_extend($job['id'], $job['token'], 0.01), told(cache_queue_pop('q', 30, INF)));
?>
--EXPECT--
bool(true)
NULL
bool(true)
string(16) "q/k, run 2: null"
