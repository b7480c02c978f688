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
var_dump(count(cache_queue_info()) <= 64);
echo info('queue 299', 'waiting', 'pushed', 'merged'), ' ', info('queue 0', 'pushed'), "\n";
?>
--EXPECT--
bool(true)
{"waiting":0,"pushed":1,"merged":1} {"pushed":0}
