--TEST--
The age of a queue is the one of the job that waits for the longest time
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-oldest-age${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

var_dump(cache_queue_info('q')['oldest_age']);
cache_queue_push('q', 'delayed', delay: 3600);
usleep(30000);
var_dump(cache_queue_info('q')['oldest_age']);
cache_queue_push('q', 'low', priority: -5);
usleep(30000);
cache_queue_push('q', 'high', priority: 5);
$age = cache_queue_info('q')['oldest_age'];
var_dump($age >= 0.03, is_float($age));
$high = cache_queue_pop('q');
var_dump(cache_queue_info('q')['oldest_age'] >= $age);
cache_queue_pop('q');
var_dump(cache_queue_info('q')['oldest_age']);
?>
--EXPECT--
float(0)
float(0)
bool(true)
bool(true)
bool(true)
float(0)
