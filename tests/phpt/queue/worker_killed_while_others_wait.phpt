--TEST--
Who waits already gets the job of a worker that is killed
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-worker-killed-while-others-wait${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'payload');
$victim = worker(fn() => told(cache_queue_pop('q', 0, 3600)));
echo $victim->hear(), "\n";
$heir = worker(fn() => 'begins', fn() => told(cache_queue_pop('q', 30)));
$heir->hear();
$heir->let();
await(fn() => cache_queue_info('q')['workers'] === 2);
usleep(20000);
$victim->kill();
echo $heir->hear(), "\n", $heir->end();
?>
--EXPECT--
"q\/k, run 1: \"payload\""
"q\/k, run 2: \"payload\""
