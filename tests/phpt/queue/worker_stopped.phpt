--TEST--
A worker that is stopped loses its job to its lease, and is told when it goes on
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-worker-stopped${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'payload');
$child = worker(fn() => told($GLOBALS['job'] = cache_queue_pop('q', 0, 0.2)), fn() => cache_queue_ack($GLOBALS['job']['id'], $GLOBALS['job']['token']));
echo $child->hear(), "\n";
$child->signal('STOP');
echo told($job = cache_queue_pop('q', 30)), "\n";
$child->signal('CONT');
echo $child->ask(), "\n";
var_dump(cache_queue_ack($job['id'], $job['token']));
echo $child->end();
?>
--EXPECT--
"q\/k, run 1: \"payload\""
q/k, run 2: "payload"
false
bool(true)
