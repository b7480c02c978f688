--TEST--
Whoever asks for what is stale, aging or missing leaves it to the queue; fresh is fresh
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_store('fresh', 'f', 1e6, 1e6);
cache_store('aging', 'a', 1e6, 1e6);
cache_store('stale', 's', 1e6, 1e6);
cache_mark_stale('stale');
foreach (['fresh' => 0, 'aging' => 1e9, 'stale' => 0, 'missing' => 0] as $key => $ahead) {
    foreach ([10, 0] as $lease_ttl) {
        $value = cache_fetch_stale($key, $state, $lease, $lease_ttl, $ahead, 'q');
        echo "$key: ", json_encode($value), " $state $lease ", info('q', 'waiting', 'pushed', 'merged'), "\n";
    }
}
while ($job = cache_queue_pop('q')) {
    echo told($job), "\n";
    $lease = cache_lease($job['key'], 30);
    cache_commit($job['key'], $lease, "new $job[key]");
    cache_queue_ack($job['id'], $job['token']);
}
foreach (['aging', 'stale', 'missing'] as $key) {
    var_dump(cache_fetch_stale($key, $state, $lease, 10, 0, 'q'), $state === CACHE_STATE_FRESH, $lease);
}
echo info('q', 'waiting', 'pushed'), "\n";
?>
--EXPECT--
fresh: "f" 1 0 {"waiting":0,"pushed":0,"merged":0}
fresh: "f" 1 0 {"waiting":0,"pushed":0,"merged":0}
aging: "a" 2 -1 {"waiting":1,"pushed":1,"merged":0}
aging: "a" 2 -1 {"waiting":1,"pushed":1,"merged":1}
stale: "s" 3 -1 {"waiting":2,"pushed":2,"merged":1}
stale: "s" 3 -1 {"waiting":2,"pushed":2,"merged":2}
missing: false 0 -1 {"waiting":3,"pushed":3,"merged":2}
missing: false 0 -1 {"waiting":3,"pushed":3,"merged":3}
q/aging, run 1: null
q/stale, run 1: null
q/missing, run 1: null
string(9) "new aging"
bool(true)
int(0)
string(9) "new stale"
bool(true)
int(0)
string(11) "new missing"
bool(true)
int(0)
{"waiting":0,"pushed":3}
