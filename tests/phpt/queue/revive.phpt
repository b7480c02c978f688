--TEST--
Dead letters are revived, one or all, with all their attempts
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-revive${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$kill = function (string $queue, string ...$keys): void {
    foreach ($keys as $key) {
        cache_queue_push($queue, $key, "payload of $key");
    }
    while ($job = cache_queue_pop($queue)) {
        cache_queue_fail($job['id'], $job['token'], 'failed');
    }
};
$kill('q', 'a', 'b', 'c');
$kill('other', 'a');
cache_queue_push('q', 'waits');
var_dump(cache_queue_revive('q', 'b'), cache_queue_revive('q', 'b'), cache_queue_revive('q', 'waits'), cache_queue_revive('q', 'unknown'), cache_queue_revive('unknown'), cache_queue_revive('unknown', 'a'));
echo info('q', 'waiting', 'dead'), "\n";
$a = cache_queue_pop('q');
echo told($a), "\n", told(cache_queue_pop('q')), "\n";
cache_queue_fail($a['id'], $a['token'], 'again');
var_dump(cache_queue_revive('q'), cache_queue_revive('q'), cache_queue_info('other')['dead']);
echo info('q', 'waiting', 'dead'), ' ', drain('q'), "\n";
?>
--EXPECT--
int(1)
int(0)
int(0)
int(0)
int(0)
int(0)
{"waiting":2,"dead":2}
q/waits, run 1: null
q/b, run 1: "payload of b"
int(3)
int(0)
int(1)
{"waiting":3,"dead":0} a c waits
