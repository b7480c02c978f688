--TEST--
Each of those who wait gets a job, when there are as many
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-wait-all-woken${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

$children = [];
for ($i = 0; $i < 6; $i++) {
    $children[] = $child = worker(fn() => 'begins', fn() => cache_queue_pop(["queue $i", 'q'], 30)['key']);
    $child->hear();
    $child->let();
}
await(fn() => cache_queue_info('q')['workers'] === 6);
var_dump(cache_queue_info('queue 3')['workers'], cache_queue_info('none')['workers']);
usleep(20000);
for ($i = 0; $i < 6; $i++) {
    cache_queue_push('q', "job $i");
}
$keys = array_map(fn(Relative $child) => $child->hear(), $children);
sort($keys);
echo implode(' ', $keys), ' ', info('q', 'waiting', 'running'), "\n";
foreach ($children as $child) {
    echo $child->end();
}
?>
--EXPECT--
int(1)
int(0)
"job 0" "job 1" "job 2" "job 3" "job 4" "job 5" {"waiting":0,"running":6}
