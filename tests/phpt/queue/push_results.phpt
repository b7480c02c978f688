--TEST--
A push says whether the job is queued, merged, will run once more, or has no room
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-push-results${CACHE_TEST_RUN}
cache.queue_size=2
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$push = fn(string $queue, string $key) => var_dump(cache_queue_push($queue, $key));
$push('q', 'a');
$push('q', 'a');
$job = cache_queue_pop('q');
$push('q', 'a');
$push('q', 'a');
$push('q', 'b');
$push('q', 'c');
$push('other', 'a');
/* What is there is merged with, also when there is no room. */
$push('q', 'b');
$push('q', 'a');
cache_queue_ack($job['id'], $job['token']);
$push('q', 'a');
?>
--EXPECT--
int(1)
int(0)
int(2)
int(2)
int(1)
int(-1)
int(-1)
int(0)
int(2)
int(0)
