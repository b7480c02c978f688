--TEST--
A job says what it is
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-job${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$before = (int) (microtime(true) * 1e6);
cache_queue_push('q', 'key', ['payload']);
$after = (int) ceil(microtime(true) * 1e6);
$job = cache_queue_pop('q');
var_dump(array_keys($job));
var_dump($job['id'] > 0, $job['token'] > 0, $job['queue'], $job['key'], $job['payload'], $job['attempt'], $job['pushed_at'] >= $before && $job['pushed_at'] <= $after);
/* A later job has another id, in the same place, too. */
cache_queue_ack($job['id'], $job['token']);
cache_queue_push('q', 'key', ['payload']);
$next = cache_queue_pop('q');
var_dump($next['id'] !== $job['id'], $next['pushed_at'] >= $job['pushed_at'], $next['token'] !== $job['token']);
?>
--EXPECT--
array(7) {
  [0]=>
  string(2) "id"
  [1]=>
  string(5) "token"
  [2]=>
  string(5) "queue"
  [3]=>
  string(3) "key"
  [4]=>
  string(7) "payload"
  [5]=>
  string(7) "attempt"
  [6]=>
  string(9) "pushed_at"
}
bool(true)
bool(true)
string(1) "q"
string(3) "key"
array(1) {
  [0]=>
  string(7) "payload"
}
int(1)
bool(true)
bool(true)
bool(true)
bool(true)
