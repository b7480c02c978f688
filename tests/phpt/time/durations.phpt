--TEST--
Durations are seconds with a resolution of milliseconds, rounded up
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-time-durations${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$day = 86400;
foreach ([0, 1, 0.5, 0.05, 0.0004, 1e-9, 4.1, 1.0011, 3600.25, 24 * $day, 25 * $day + 0.5, 67 * 365 * $day, 69 * 365 * $day, 1e300, INF, PHP_INT_MAX] as $ttl) {
    cache_store('key', 1, $ttl, $ttl);
    $info = cache_key_info('key');
    echo json_encode($ttl, JSON_PARTIAL_OUTPUT_ON_ERROR), ': ';
    var_export($info['ttl']);
    echo ' ';
    var_export($info['stale_ttl']);
    echo ' ', $info['soft'] === null ? 'never' : $info['soft'] - $info['stamp'], "\n";
}
?>
--EXPECT--
0: 0 0 never
1: 1 1 1000000
0.5: 0.5 0.5 500000
0.05: 0.05 0.05 50000
0.0004: 0.001 0.001 1000
1.0e-9: 0.001 0.001 1000
4.1: 4.1 4.1 4100000
1.0011: 1.002 1.002 1002000
3600.25: 3600.25 3600.25 3600250000
2073600: 2073600 2073600 2073600000000
2160000.5: 2160001 2160001 2160001000000
2112912000: 2112912000 2112912000 2112912000000000
2175984000: 0 INF never
1.0e+300: 0 INF never
0: 0 INF never
9223372036854775807: 0 INF never
