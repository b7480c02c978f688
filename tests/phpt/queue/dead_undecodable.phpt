--TEST--
Dead letters that cannot be decoded are listed without their payload
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-dead-undecodable${CACHE_TEST_RUN}
cache.queue_max_attempts=1
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

class Thrower
{
    public function __serialize(): array { return []; }
    public function __unserialize(array $data): void { throw new DomainException('thrown'); }
}
foreach ([new Thrower, 'good', [new Thrower]] as $i => $payload) {
    cache_queue_push('q', "key $i", $payload);
    try {
        $job = cache_queue_pop('q');
        cache_queue_fail($job['id'], $job['token'], 'failed');
    } catch (DomainException) {
    }
}
echo runPhp('enum Gone { case One; } cache_queue_push("q", "gone", Gone::One); $job = cache_queue_pop("q"); cache_queue_fail($job["id"], $job["token"], "gone");');
foreach (@cache_queue_dead('q') as $letter) {
    echo "$letter[key], $letter[error]: ", json_encode($letter['payload']), "\n";
}
?>
--EXPECT--
gone, gone: null
key 2, the payload cannot be decoded here: null
key 1, failed: "good"
key 0, the payload cannot be decoded here: null
