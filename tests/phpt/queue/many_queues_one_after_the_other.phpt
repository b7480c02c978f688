--TEST--
Any number of queues can be used one after the other
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-many-queues-one-after-the-other${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

for ($i = 0; $i < 300; $i++) {
    cache_queue_push("queue $i", "key $i") === 1 || print("$i was refused\n");
    cache_queue_push("queue $i", "key $i") === 0 || print("$i was not merged\n");
    cache_queue_purge("queue $i") === 1 || print("$i was not removed\n");
}
// Which of them are forgotten is chance: a new one takes the place that its hash says.
$known = 0;
for ($i = 0; $i < 300; $i++) {
    $known += cache_queue_info("queue $i")['pushed'];
}
var_dump($known <= 64, $known === count(cache_queue_info()));
echo info('queue 299', 'waiting', 'pushed', 'merged'), "\n";
?>
--EXPECT--
bool(true)
bool(true)
{"waiting":0,"pushed":1,"merged":1}
