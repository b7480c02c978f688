--TEST--
A queue for one job
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-size-one${CACHE_TEST_RUN}
cache.queue_size=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$biggest = str_repeat('x', 65535);
var_dump(cache_queue_push('q', $biggest, $biggest), cache_queue_push('q', 'other'), cache_queue_push('r', 'other'), cache_queue_push('q', $biggest));
$job = cache_queue_pop('q');
var_dump($job['key'] === $biggest, $job['payload'] === $biggest, cache_queue_push('q', 'other'), cache_queue_ack($job['id'], $job['token']), cache_queue_push('q', 'other', 5));
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
int(1)
int(-1)
int(-1)
int(0)
bool(true)
bool(true)
int(-1)
bool(true)
int(1)
q/other, run 1: 5
