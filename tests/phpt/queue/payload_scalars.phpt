--TEST--
Payloads of all scalar types come back as they were
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-payload-scalars${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$payloads = [
    null, false, true, 0, 1, -1, PHP_INT_MAX, PHP_INT_MIN, 0.0, -0.0, 1.5, NAN, INF, -INF, PHP_FLOAT_MAX, PHP_FLOAT_MIN, PHP_FLOAT_EPSILON,
    '', '0', 'text', "zero \0 byte", "\xff\xfe", str_repeat('x', 88), str_repeat('y', 89), str_repeat('z', 4096),
];
/* Each of another length of key, so that the payloads begin all over the place. */
foreach ($payloads as $i => $payload) {
    cache_queue_push('q', str_repeat('k', 40 * $i + 1), $payload) === 1 || print("$i was not queued\n");
}
foreach ($payloads as $i => $payload) {
    $job = cache_queue_pop('q');
    if (serialize($job['payload']) !== serialize($payload) || $job['key'] !== str_repeat('k', 40 * $i + 1)) {
        var_dump($i, $job);
    }
    cache_queue_ack($job['id'], $job['token']) || print("$i was not acknowledged\n");
}
var_dump(cache_queue_pop('q'));
cache_queue_push('q', 'no payload');
var_dump(cache_queue_pop('q')['payload']);
?>
--EXPECT--
NULL
NULL
