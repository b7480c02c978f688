--TEST--
A full queue refuses, counts it, and drops the oldest dead letters for new jobs
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-full${CACHE_TEST_RUN}
cache.queue_size=4
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

foreach (['a', 'b', 'c'] as $key) {
    cache_queue_push('q', $key);
    $job = cache_queue_pop('q');
    cache_queue_fail($job['id'], $job['token'], "error $key");
}
$push = fn(string $key) => cache_queue_push('q', $key);
$dead = fn() => implode(' ', array_column(cache_queue_dead('q'), 'key'));
var_dump($push('1'), $dead(), $push('2'), $dead(), $push('3'), $push('4'), $dead());
var_dump($push('5'), $push('6'), $push('1'), cache_queue_push('other', '1'));
echo info('q', 'waiting', 'full', 'dropped', 'pushed', 'merged'), ' ', info('other', 'full'), "\n";
/* Room for one. */
$job = cache_queue_pop('q');
var_dump($push('5'));
cache_queue_ack($job['id'], $job['token']);
var_dump($push('5'), $push('6'));
echo drain('q'), "\n";
?>
--EXPECT--
int(1)
string(5) "c b a"
int(1)
string(3) "c b"
int(1)
int(1)
string(0) ""
int(-1)
int(-1)
int(0)
int(-1)
{"waiting":4,"pushed":7,"merged":1,"full":2,"dropped":3} {"full":1}
int(-1)
int(1)
int(-1)
2 3 4 5
