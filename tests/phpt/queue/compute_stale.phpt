--TEST--
cache_compute() with a queue returns the stale or aging value, and leaves the rebuild to a worker
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-compute-stale${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$fn = function (string $key): string { echo "called for $key\n"; return "new $key"; };
cache_store('stale', 'old', 1e6, 1e6);
cache_mark_stale('stale');
cache_store('aging', 'old', 1e6, 1e6);
cache_store('fresh', 'old', 1e6, 1e6);
foreach (['stale', 'aging', 'fresh', 'stale'] as $key) {
    var_dump(cache_compute($key, $fn, 60, 60, refresh_ahead: $key === 'aging' ? 1e9 : 0, queue: 'q'));
}
echo info('q', 'waiting', 'pushed', 'merged'), ' ', drain('q'), "\n";
?>
--EXPECT--
string(3) "old"
string(3) "old"
string(3) "old"
string(3) "old"
{"waiting":2,"pushed":2,"merged":1} stale aging
