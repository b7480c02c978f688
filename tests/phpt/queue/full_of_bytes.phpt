--TEST--
The room for payloads is limited, too, and comes back
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-full-of-bytes${CACHE_TEST_RUN}
cache.queue_size=100
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$fill = function (): int {
    for ($n = 0; $n < 100 && cache_queue_push('q', "key $n", str_repeat(chr($n), 60000)) === 1; $n++) {
    }
    return $n;
};
$first = $fill();
var_dump($first > 1 && $first < 100, cache_queue_info('q')['waiting'] === $first, cache_queue_info('q')['full'], cache_queue_push('q', 'small', 'fits'));
for ($n = 0; $n < $first; $n++) {
    $job = cache_queue_pop('q');
    $job['payload'] === str_repeat(chr($n), 60000) && cache_queue_ack($job['id'], $job['token']) || print("$n is wrong\n");
}
echo drain('q'), "\n";
var_dump($fill() === $first, cache_queue_purge('q') === $first, $fill() === $first);
?>
--EXPECT--
bool(true)
bool(true)
int(1)
int(1)
small
bool(true)
bool(true)
bool(true)
