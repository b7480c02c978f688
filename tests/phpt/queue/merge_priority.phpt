--TEST--
A merged push raises the priority, and never lowers it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-merge-priority${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

foreach (['a', 'b', 'c', 'd'] as $key) {
    cache_queue_push('q', $key);
}
var_dump(cache_queue_push('q', 'c', priority: 5), cache_queue_push('q', 'd', priority: 7), cache_queue_push('q', 'c', priority: -5), cache_queue_push('q', 'a', priority: -1));
echo drain('q'), "\n";
?>
--EXPECT--
int(0)
int(0)
int(0)
int(0)
d c a b
