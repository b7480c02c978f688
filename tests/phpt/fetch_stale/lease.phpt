--TEST--
Whoever finds a value stale, aging or missing gets the lease, once
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-lease${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function ask(string $key, float $ahead = 0): string
{
    $value = cache_fetch_stale($key, $state, $lease, 10, $ahead);
    return json_encode($value) . " $state " . ($lease > 0 ? 'won' : $lease);
}

foreach (['fresh' => 0, 'aging' => 1e9, 'stale' => 0, 'missing' => 0] as $key => $ahead) {
    if ($key !== 'missing') {
        cache_store($key, $key, 1e6, 1e6);
    }
    $key === 'stale' && cache_mark_stale($key);
    echo ask($key, $ahead), ', then ', ask($key, $ahead), ', ', ask($key, $ahead), "\n";
    /* Only a look: nobody knows who rebuilds. */
    cache_fetch_stale($key, $state, $look);
    var_dump($look);
}
/* A version that came after it needs no rebuild, whoever had the lease of the one before. */
cache_store('stale', 'new', 0, 60);
echo ask('stale'), "\n";
cache_mark_stale('stale');
echo ask('stale'), ', then ', ask('stale'), "\n";
?>
--EXPECT--
"fresh" 1 0, then "fresh" 1 0, "fresh" 1 0
int(0)
"aging" 2 won, then "aging" 2 -1, "aging" 2 -1
int(0)
"stale" 3 won, then "stale" 3 -1, "stale" 3 -1
int(0)
false 0 won, then false 0 -1, false 0 -1
int(0)
"new" 1 0
"new" 3 won, then "new" 3 -1
