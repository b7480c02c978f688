--TEST--
Hits are counted by state; leases and commits are counted
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-fetch-stale-counters${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function counted(callable $call): void
{
    $names = ['hits', 'stale_hits', 'aging_hits', 'misses_absent', 'misses_expired', 'leases_granted', 'leases_taken_over', 'commits', 'commits_refused', 'marks', 'tag_invalidations'];
    $before = flat(cache_info(true));
    $call();
    $after = flat(cache_info(true));
    $changed = [];
    foreach ($names as $name) {
        array_key_exists($name, $after) || print("no counter $name\n");
        if ($after[$name] !== $before[$name]) {
            $changed[$name] = $after[$name] - $before[$name];
        }
    }
    echo json_encode($changed), "\n";
}
function flat(array $info): array
{
    $flat = [];
    foreach ($info as $name => $value) {
        if (is_array($value)) {
            foreach (flat($value) as $inner => $number) {
                $flat[in_array($name, ['misses', 'failed'], true) ? "{$name}_$inner" : $inner] = $number;
            }
        } else {
            $flat[$name] = $value;
        }
    }
    return $flat;
}
cache_store('key', 1, 100, 100);
counted(fn() => cache_fetch_stale('key'));
counted(fn() => cache_fetch_stale('key', refresh_ahead: 1000));
counted(fn() => cache_mark_stale('key'));
counted(fn() => cache_fetch_stale('key'));
counted(fn() => cache_fetch_stale('nothing'));
cache_store('past', 1, 0.001, 0, stamp: 1);
counted(fn() => cache_fetch_stale('past'));
counted(function () { global $lease; cache_fetch_stale('key', $state, $lease, 10); });
counted(function () { global $lease; cache_commit('key', $lease, 1); cache_commit('key', $lease, 1); });
counted(fn() => cache_lease('key', 1e-9) + cache_lease('key', 1e-9));
counted(fn() => cache_tag_invalidate(['a', 'b']));
counted(fn() => cache_compute('key', fn() => 1));
?>
--EXPECT--
{"hits":1}
{"hits":1,"aging_hits":1}
{"marks":1}
{"stale_hits":1}
{"misses_absent":1}
{"misses_expired":1}
{"stale_hits":1,"leases_granted":1}
{"commits":1,"commits_refused":1}
{"leases_granted":2,"leases_taken_over":1}
{"tag_invalidations":2}
{"hits":1}
