--TEST--
A job whose lease has passed is the next one's, and the late worker is told
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-lease-passed${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k', 'payload');
$late = cache_queue_pop('q', 0, 0.05);
/* Whoever waits gets it as soon as the lease has passed. */
echo told($job = cache_queue_pop('q', 30)), "\n";
var_dump($job['id'] === $late['id'], $job['token'] > $late['token']);
var_dump(cache_queue_ack($late['id'], $late['token']), cache_queue_extend($late['id'], $late['token'], 60), cache_queue_fail($late['id'], $late['token'], 'late'));
echo info('q', 'running', 'lease_lost', 'acked', 'failed'), "\n";
var_dump(cache_queue_extend($job['id'], $job['token'], 60), cache_queue_ack($job['id'], $job['token']));
/* A shared one of another process, too. */
cache_queue_push('q', 'k', 'of another');
$child = worker(fn() => $GLOBALS['job'] = cache_queue_pop('q', 0, 0.05), fn() => cache_queue_ack($GLOBALS['job']['id'], $GLOBALS['job']['token']));
$child->hear();
echo told($job = cache_queue_pop('q', 30)), "\n", $child->ask(), "\n";
var_dump(cache_queue_ack($job['id'], $job['token']));
echo $child->end();
?>
--EXPECT--
q/k, run 2: "payload"
bool(true)
bool(true)
bool(false)
bool(false)
bool(false)
{"running":1,"acked":0,"failed":0,"lease_lost":1}
bool(true)
bool(true)
q/k, run 2: "of another"
false
bool(true)
