--TEST--
A merged push leaves the payload that is there
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-merge-payload${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'first');
cache_queue_push('q', 'k', 'second');
echo told($job = cache_queue_pop('q')), "\n";
cache_queue_push('q', 'k', 'while it runs');
cache_queue_ack($job['id'], $job['token']);
echo told($again = cache_queue_pop('q')), "\n";
var_dump($again['pushed_at'] > $job['pushed_at']);
cache_queue_ack($again['id'], $again['token']);
cache_queue_push('q', 'k', 'after its end');
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
q/k, run 1: "first"
q/k, run 1: "first"
bool(true)
q/k, run 1: "after its end"
