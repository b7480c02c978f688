--TEST--
A lease is granted once, prolonged, released, and taken over after its deadline
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-lease-life${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('fresh', 1);
foreach (['absent', 'fresh'] as $key) {
    $lease = cache_lease($key);
    var_dump($lease > 0, cache_lease($key), cache_lease($key, 5));
    $info = cache_key_info($key);
    var_dump($key === 'absent' ? $info : abs($info['lease']['deadline'] - microtime(true) * 1e6 - 30e6) < 10e6);
    echo "extend\n";
    var_dump(cache_lease_extend($key, $lease, 3600), cache_lease_extend($key, $lease + 1, 3600), cache_lease_extend($key, 0, 1), cache_lease_extend($key, -1, 1));
    $key === 'fresh' && var_dump(abs(cache_key_info($key)['lease']['deadline'] - microtime(true) * 1e6 - 3600e6) < 10e6);
    echo "release\n";
    var_dump(cache_lease_release($key, $lease + 1), cache_lease_release($key, 0), cache_lease_release($key, -1));
    var_dump(cache_lease_release($key, $lease), cache_lease_release($key, $lease), cache_lease_extend($key, $lease, 1), cache_commit($key, $lease, 2));
    echo "deadline\n";
    $lease = cache_lease($key, 0.001);
    usleep(2000);
    var_dump(cache_lease_extend($key, $lease, 3600), cache_lease($key));
    var_dump(cache_lease_extend($key, $lease, 1e-9));
    $next = cache_lease($key);
    var_dump($next > 0 && $next !== $lease, cache_lease_extend($key, $lease, 1), cache_lease_release($key, $lease), cache_lease($key));
    var_dump(cache_commit($key, $lease, 2), cache_commit($key, $next, 3), cache_fetch($key));
}
/* Of another key. */
$lease = cache_lease('one');
var_dump(cache_commit('two', $lease, 1), cache_lease_release('two', $lease), cache_commit('one', $lease, 1));
?>
--EXPECT--
bool(true)
int(0)
int(0)
NULL
extend
bool(true)
bool(false)
bool(false)
bool(false)
release
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
deadline
bool(true)
int(0)
bool(true)
bool(true)
bool(false)
bool(false)
int(0)
bool(false)
bool(true)
int(3)
bool(true)
int(0)
int(0)
bool(true)
extend
bool(true)
bool(false)
bool(false)
bool(false)
bool(true)
release
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
bool(false)
bool(false)
deadline
bool(true)
int(0)
bool(true)
bool(true)
bool(false)
bool(false)
int(0)
bool(false)
bool(true)
int(3)
bool(false)
bool(false)
bool(true)
