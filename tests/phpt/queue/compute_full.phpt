--TEST--
When the queue is full cache_compute() makes the value itself
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-compute-full${CACHE_TEST_RUN}
cache.queue_size=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('other', 'takes the room');
cache_store('k', 'old', 0, 3600);
cache_mark_stale('k');
var_dump(cache_compute('k', fn($key, $old) => "newer than $old", 60, queue: 'q'), cache_fetch('k'));
?>
--EXPECT--
string(14) "newer than old"
string(14) "newer than old"
