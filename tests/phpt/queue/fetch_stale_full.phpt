--TEST--
When the queue is full the caller gets the lease
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale-full${CACHE_TEST_RUN}
cache.queue_size=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('other', 'takes the room');
cache_store('stale', 'old', 0, 3600);
cache_mark_stale('stale');
foreach (['stale', 'missing'] as $key) {
    cache_fetch_stale($key, $state, $lease, 0, 0, 'q');
    var_dump($lease);
    $value = cache_fetch_stale($key, $state, $lease, 10, 0, 'q');
    var_dump($value, $lease > 0);
    cache_fetch_stale($key, $state, $again, 10, 0, 'q');
    var_dump($again, cache_commit($key, $lease, "new $key"), cache_fetch($key));
}
echo info('q', 'waiting', 'pushed'), "\n";
?>
--EXPECT--
int(0)
string(3) "old"
bool(true)
int(-1)
bool(true)
string(9) "new stale"
int(0)
bool(false)
bool(true)
int(-1)
bool(true)
string(11) "new missing"
{"waiting":0,"pushed":0}
