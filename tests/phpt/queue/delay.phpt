--TEST--
A delayed job is ready when its time has come, not before
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-delay${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$start = hrtime(true);
cache_queue_push('q', 'later', delay: 0.8);
cache_queue_push('q', 'sooner', delay: 0.6);
cache_queue_push('q', 'now', delay: 0);
cache_queue_push('q', 'never', delay: INF);
cache_queue_push('q', 'in a century', delay: 3e9);
echo info('q', 'waiting', 'delayed'), "\n";
foreach (['now' => 0, 'sooner' => 0.6, 'later' => 0.8] as $key => $least) {
    $job = cache_queue_pop('q', 30);
    var_dump($job['key'], (hrtime(true) - $start) / 1e9 >= $least);
}
echo told(cache_queue_pop('q')), ' ', info('q', 'waiting', 'delayed'), "\n";
?>
--EXPECT--
{"waiting":1,"delayed":4}
string(3) "now"
bool(true)
string(6) "sooner"
bool(true)
string(5) "later"
bool(true)
none {"waiting":0,"delayed":2}
