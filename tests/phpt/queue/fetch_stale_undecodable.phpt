--TEST--
A value that cannot be decoded is queued as a missing one
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale-undecodable${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

echo runPhp('class Gone { public $a = 1; } cache_store(["fresh" => new Gone, "stale" => new Gone, "leased" => new Gone], null, 0, 60); cache_mark_stale("stale");');
foreach (['fresh', 'stale'] as $key) {
    foreach ([10, 0] as $lease_ttl) {
        var_dump(cache_fetch_stale($key, $state, $lease, $lease_ttl, 0, 'q'));
        echo "$state $lease ", info('q', 'waiting', 'pushed'), "\n";
    }
}
$mine = cache_lease('leased');
cache_fetch_stale('leased', $state, $lease, 10, 0, 'q');
echo "$state $lease ", info('q', 'waiting', 'pushed'), "\n";
?>
--EXPECT--
bool(false)
0 -1 {"waiting":1,"pushed":1}
bool(false)
0 -1 {"waiting":1,"pushed":1}
bool(false)
0 -1 {"waiting":2,"pushed":2}
bool(false)
0 -1 {"waiting":2,"pushed":2}
0 -1 {"waiting":2,"pushed":2}
