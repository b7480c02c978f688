--TEST--
There are 64 queues; of a list the one more is left out
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-many-queues${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

for ($i = 0; $i < 64; $i++) {
    cache_queue_push("queue $i", 'k', $i) === 1 || print("$i was refused\n");
}
var_dump(cache_queue_push('one more', 'k'), cache_queue_pop('one more', 0.01), cache_queue_info('one more')['full']);
echo told(cache_queue_pop(['one more', 'queue 5'])), "\n", told(cache_queue_pop(['queue 6', 'one more'], 30)), "\n";
cache_store('k', 'stale', 0, 60);
cache_mark_stale('k');
var_dump(cache_fetch_stale('k', $state, $lease, 10, queue: 'one more'), $lease > 0, count(cache_queue_info()));
/* One that nobody needs any more makes room. */
cache_queue_purge('queue 63');
var_dump(cache_queue_push('one more', 'k'), count(cache_queue_info()));
?>
--EXPECT--
int(-1)
NULL
int(0)
queue 5/k, run 1: 5
queue 6/k, run 1: 6
string(5) "stale"
bool(true)
int(64)
int(1)
int(64)
