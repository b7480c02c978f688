--TEST--
A value that ages is queued once, and not again when the worker has renewed it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-refresh-ahead${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_store('k', 'old', 1000, 1000, stamp: (int) (microtime(true) * 1e6) - 900_000_000);
$ask = function (float $ahead): void {
    $value = cache_fetch_stale('k', $state, $lease, 10, $ahead, 'q');
    echo "$value $state $lease ", info('q', 'waiting', 'running', 'pushed'), "\n";
};
$ask(50);
$ask(-0.05);
$ask(150);
$ask(-0.2);
$job = cache_queue_pop('q');
$ask(150);
cache_commit('k', cache_lease('k'), 'new', 1000, 1000);
cache_queue_ack($job['id'], $job['token']);
$ask(150);
?>
--EXPECT--
old 1 0 {"waiting":0,"running":0,"pushed":0}
old 1 0 {"waiting":0,"running":0,"pushed":0}
old 2 -1 {"waiting":1,"running":0,"pushed":1}
old 2 -1 {"waiting":1,"running":0,"pushed":1}
old 2 -1 {"waiting":0,"running":1,"pushed":1}
new 1 0 {"waiting":0,"running":0,"pushed":1}
