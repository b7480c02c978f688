--TEST--
Keys and payloads of any length up to 65535 bytes come back as they were
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-payload-length${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

mt_srand(1);
foreach ([1, 87, 88, 89, 335, 336, 337, 5000, 65534, 65535] as $key_length) {
    foreach ([0, 1, 87, 88, 247, 248, 249, 5000, 65534, 65535] as $length) {
        $key = $payload = '';
        for (; strlen($key) < $key_length; $key .= chr(mt_rand(0, 255))) {
        }
        for (; strlen($payload) < $length; $payload .= pack('N', mt_rand())) {
        }
        $payload = substr($payload, 0, $length);
        cache_queue_push('q', $key, $payload) === 1 || print("$key_length $length was not queued\n");
        $job = cache_queue_pop('q');
        if (!$job || $job['key'] !== $key || $job['payload'] !== $payload || !cache_queue_ack($job['id'], $job['token'])) {
            echo "$key_length, $length: not the same\n";
        }
    }
}
var_dump(cache_queue_pop('q'));
?>
--EXPECT--
NULL
