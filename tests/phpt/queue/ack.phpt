--TEST--
A run is acknowledged once, with its id and its token
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-ack${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('q', 'k');
['id' => $id, 'token' => $token] = cache_queue_pop('q');
var_dump(cache_queue_ack($id, $token + 1), cache_queue_ack($id + 1, $token), cache_queue_ack($id + 65536, $token), cache_queue_ack(0, 0), cache_queue_ack(-1, -1));
var_dump(cache_queue_ack(PHP_INT_MAX, $token), cache_queue_ack($id, PHP_INT_MIN), cache_queue_fail($id, -$token), cache_queue_extend(-$id, $token, 1));
echo info('q', 'running', 'acked', 'failed'), "\n";
var_dump(cache_queue_ack($id, $token), cache_queue_ack($id, $token), cache_queue_fail($id, $token), cache_queue_extend($id, $token, 5));
echo info('q', 'running', 'acked', 'failed', 'lease_lost'), "\n";
/* A job that waits is nobody's. */
cache_queue_push('q', 'k');
['id' => $id, 'token' => $token] = cache_queue_pop('q');
cache_queue_fail($id, $token, null, 3600);
var_dump(cache_queue_ack($id, $token), cache_queue_ack($id, $token + 1));
?>
--EXPECT--
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
bool(false)
{"running":1,"acked":0,"failed":0}
bool(true)
bool(false)
bool(false)
bool(false)
{"running":0,"acked":1,"failed":0,"lease_lost":0}
bool(false)
bool(false)
