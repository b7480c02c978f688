--TEST--
Of a list of queues a later one has its turn when the earlier ones have nothing ready
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-list-of-queues${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('low', 'l', priority: 100);
cache_queue_push('high', 'h1', priority: -100);
cache_queue_push('high', 'h2', delay: 3600);
cache_queue_push('mid', 'm');
cache_queue_push('not asked', 'n');
foreach (range(1, 4) as $i) {
    echo told(cache_queue_pop(['high', 'mid', 'high', 'low'])), "\n";
}
/* Keys of the list do not matter. */
cache_queue_push('mid', 'again');
echo told(cache_queue_pop(['x' => 'high', 7 => 'mid'])), "\n";
?>
--EXPECT--
high/h1, run 1: null
mid/m, run 1: null
low/l, run 1: null
none
mid/again, run 1: null
