--TEST--
Who waits for a queue that is one too many sleeps, and gets its jobs as soon as there is room for its name
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-many-queues-wait${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

for ($i = 0; $i < 64; $i++) {
    cache_queue_push("queue $i", 'k');
}
$start = [hrtime(true), getrusage()];
var_dump(cache_queue_pop('one more', 0.5), cache_queue_pop(['one more', 'and another'], 0.5));
$spent = array_map(fn($field) => getrusage()[$field] - $start[1][$field], ['ru_utime.tv_usec', 'ru_stime.tv_usec']);
var_dump(hrtime(true) - $start[0] >= 1e9, abs($spent[0]) + abs($spent[1]) < 300000 ?: $spent);
$children = array_map(fn($queues) => worker(fn() => 'begins', fn() => told(cache_queue_pop($queues, 30))), ['one more', ['queue 0', 'and another']]);
foreach ($children as $i => $child) {
    $child->hear();
    $i === 1 && cache_queue_purge('queue 0');
    $i === 1 && cache_queue_push('one more', 'k1') === 1 || $i === 0 || print("no room\n");
    $child->let();
    $i === 1 || usleep(20000);
}
echo $children[0]->hear(), "\n";
cache_queue_purge('queue 1');
await(fn() => cache_queue_push('and another', 'k2') === 1 || !cache_queue_purge('queue 2'));
echo $children[1]->hear(), "\n", $children[0]->end(), $children[1]->end();
?>
--EXPECT--
NULL
NULL
bool(true)
bool(true)
"one more\/k1, run 1: null"
"and another\/k2, run 1: null"
