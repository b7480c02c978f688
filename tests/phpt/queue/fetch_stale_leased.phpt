--TEST--
Nothing is queued while somebody has the lease
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale-leased${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_store('stale', 'old', 0, 3600);
cache_mark_stale('stale');
foreach (['stale', 'missing'] as $key) {
    $lease = cache_lease($key, 3600);
    cache_fetch_stale($key, $state, $answer, 10, 0, 'q');
    var_dump($answer);
    cache_fetch_stale($key, $state, $answer, 0, 0, 'q');
    var_dump($answer);
    echo info('q', 'waiting', 'pushed'), "\n";
    cache_lease_release($key, $lease);
    cache_fetch_stale($key, $state, $answer, 0, 0, 'q');
    var_dump($answer);
    echo info('q', 'waiting', 'pushed'), "\n";
}
/* Of another process, until that dies. */
$child = worker(fn() => cache_lease('other', 3600) > 0);
$child->hear();
cache_fetch_stale('other', $state, $answer, 10, 0, 'q');
echo info('q', 'pushed'), "\n";
$child->kill();
await(function () { cache_fetch_stale('other', $state, $answer, 10, 0, 'q'); return cache_queue_info('q')['pushed'] === 3; });
?>
--EXPECT--
int(-1)
int(-1)
{"waiting":0,"pushed":0}
int(-1)
{"waiting":1,"pushed":1}
int(-1)
int(-1)
{"waiting":1,"pushed":1}
int(-1)
{"waiting":2,"pushed":2}
{"pushed":2}
