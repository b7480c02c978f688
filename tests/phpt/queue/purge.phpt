--TEST--
A queue is purged of what waits and is delayed, or of its dead letters
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-purge${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$fill = function (): array {
    cache_queue_push('q', 'dead');
    $job = cache_queue_pop('q');
    cache_queue_fail($job['id'], $job['token']);
    cache_queue_push('q', 'runs');
    $job = cache_queue_pop('q');
    cache_queue_push('q', 'waits 1', str_repeat('x', 5000));
    cache_queue_push('q', 'waits 2');
    cache_queue_push('q', 'delayed', delay: 3600);
    return $job;
};
$job = $fill();
cache_queue_push('other', 'waits 1');
echo info('q', 'waiting', 'delayed', 'running', 'dead'), "\n";
var_dump(cache_queue_purge('q'));
echo info('q', 'waiting', 'delayed', 'running', 'dead'), "\n";
var_dump(cache_queue_purge('q', true), cache_queue_purge('q', dead: true), cache_queue_purge('q'), cache_queue_purge('unknown'), cache_queue_purge('unknown', true));
echo info('q', 'waiting', 'delayed', 'running', 'dead'), "\n";
var_dump(cache_queue_ack($job['id'], $job['token']), cache_queue_info('other')['waiting'], cache_queue_push('q', 'waits 1', 'anew'));
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
{"waiting":2,"delayed":1,"running":1,"dead":1}
int(3)
{"waiting":0,"delayed":0,"running":1,"dead":1}
int(1)
int(0)
int(0)
int(0)
int(0)
{"waiting":0,"delayed":0,"running":1,"dead":0}
bool(true)
int(1)
int(1)
q/waits 1, run 1: "anew"
