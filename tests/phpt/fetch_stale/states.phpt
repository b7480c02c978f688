--TEST--
A value is fresh, aging, stale or missing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-states${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function show(string $key, float $ahead = 0): void
{
    $value = cache_fetch_stale($key, $state, $lease, refresh_ahead: $ahead);
    $names = [CACHE_STATE_MISSING => 'missing', CACHE_STATE_FRESH => 'fresh', CACHE_STATE_AGING => 'aging', CACHE_STATE_STALE => 'stale'];
    echo json_encode($value), " $names[$state] $lease\n";
}

show('key');
cache_store('key', 'value', 1000, 1000);
show('key');
echo "within the refresh-ahead window\n";
show('key', 10);
show('key', 999.9);
show('key', 1001);
show('key', INF);
show('key', -0.01);
show('key', -0.9999999);
/* Validated 900 seconds ago. */
cache_store('key', 'value', 1000, 1000, stamp: (int) (microtime(true) * 1e6) - 900_000_000);
show('key', 50);
show('key', 150);
show('key', -0.05);
show('key', -0.15);
echo "past soft\n";
cache_store('key', 'value', 1000, 1000, stamp: (int) (microtime(true) * 1e6) - 1_100_000_000);
show('key');
show('key', 10);
echo "past hard\n";
cache_store('key', 'value', 1000, 1000, stamp: (int) (microtime(true) * 1e6) - 2_100_000_000);
show('key', 10);
echo "no limit\n";
cache_store('key', 'value');
show('key', 1e9);
show('key', -0.5);
cache_store('key', 'value', 0.001, INF, stamp: 1);
show('key');
echo "marked\n";
cache_store('key', 'value', 0, 1000);
cache_mark_stale('key');
show('key', 10);
cache_store('key', 'value');
cache_mark_stale('key');
show('key');
echo "tags\n";
cache_store('key', 'value', 0, 1000, ['a', 'b']);
cache_tag_invalidate('b');
show('key');
cache_tag_invalidate('a', hard: true);
show('key');
cache_store('key', false);
show('key');
?>
--EXPECT--
false missing 0
"value" fresh 0
within the refresh-ahead window
"value" fresh 0
"value" fresh 0
"value" aging 0
"value" aging 0
"value" fresh 0
"value" aging 0
"value" fresh 0
"value" aging 0
"value" fresh 0
"value" aging 0
past soft
"value" stale 0
"value" stale 0
past hard
false missing 0
no limit
"value" fresh 0
"value" fresh 0
"value" stale 0
marked
"value" stale 0
false missing 0
tags
"value" stale 0
false missing 0
false fresh 0
