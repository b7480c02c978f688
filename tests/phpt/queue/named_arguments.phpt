--TEST--
Parameters can be given by name and left out
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-named-arguments${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

var_dump(cache_queue_push(priority: 5, key: 'k', queue: 'q'), cache_queue_push('q', 'later', delay: 3600), cache_queue_push(payload: [1], queue: 'q', key: 'p'));
echo told($job = cache_queue_pop(lease: 5, queue: 'q')), "\n";
var_dump(cache_queue_extend(lease: 5, token: $job['token'], id: $job['id']), cache_queue_fail(retry_in: 0, id: $job['id'], token: $job['token']));
$job = cache_queue_pop(wait: 0, queue: ['q']);
var_dump(cache_queue_ack(token: $job['token'], id: $job['id']), cache_queue_dead(limit: 5, queue: 'q'), cache_queue_info(queue: 'q')['waiting'], cache_queue_info(queue: null) === cache_queue_info());
var_dump(cache_queue_revive(key: 'k', queue: 'q'), cache_queue_revive('q', key: null), cache_queue_purge(dead: true, queue: 'q'), cache_queue_purge(queue: 'q'));
?>
--EXPECT--
int(1)
int(1)
int(1)
q/k, run 1: null
bool(true)
bool(true)
bool(true)
array(0) {
}
int(1)
bool(false)
int(0)
int(0)
int(0)
int(2)
