--TEST--
Who waits gets what becomes due, is given back, fails, or is revived, meanwhile
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-wait-for-time${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

/* A delay that comes nearer while somebody sleeps. */
cache_queue_push('q', 'k', delay: 3600);
$child = worker(fn() => 'begins', fn() => told(cache_queue_pop('q', 30)));
$child->hear();
$child->let();
await(fn() => cache_queue_info('q')['workers'] === 1);
cache_queue_push('q', 'k', delay: 0.05);
echo $child->hear(), "\n";
$child->end();
/* Its worker ended, and it was the last attempt. */
echo info('q', 'waiting', 'dead'), "\n";

$child = worker(fn() => 'begins', fn() => told(cache_queue_pop('q', 30)));
$child->hear();
$child->let();
await(fn() => cache_queue_info('q')['workers'] === 1);
var_dump(cache_queue_revive('q'));
echo $child->hear(), "\n";
cache_queue_push('q', 'k');
$again = worker(fn() => 'begins', fn() => told(cache_queue_pop('q', 30)));
$again->hear();
$again->let();
await(fn() => cache_queue_info('q')['workers'] === 2);
$child->kill();
echo $again->hear(), "\n";
$again->end();
?>
--EXPECT--
"q\/k, run 1: null"
{"waiting":0,"dead":1}
int(1)
"q\/k, run 1: null"
"q\/k, run 1: null"
