--TEST--
cache_clear() leaves jobs alone
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-clear${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'a', 'payload');
$job = cache_queue_pop('q');
cache_queue_push('q', 'b', 'waits');
cache_store('a', 1);
var_dump(cache_clear(), cache_fetch('a'), cache_queue_ack($job['id'], $job['token']));
echo told(cache_queue_pop('q')), "\n";
?>
--EXPECT--
bool(true)
bool(false)
bool(true)
q/b, run 1: "waits"
