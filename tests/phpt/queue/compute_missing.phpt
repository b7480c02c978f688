--TEST--
cache_compute() with a queue makes a missing value itself, and queues nothing
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-compute-missing${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

var_dump(cache_compute('k', fn(string $key, mixed $old) => [$key, $old], 60, queue: 'q'), cache_fetch('k'), cache_queue_info('q')['pushed']);
cache_store('past', 1, 0.01);
usleep(20000);
var_dump(cache_compute('past', fn() => 'new', queue: 'q'), cache_queue_info('q')['pushed']);
/* A job of that key does not matter. */
cache_queue_push('q', 'other');
var_dump(cache_compute('other', fn() => 'made', queue: 'q'), cache_fetch('other'), cache_queue_info('q')['waiting']);
?>
--EXPECT--
array(2) {
  [0]=>
  string(1) "k"
  [1]=>
  NULL
}
array(2) {
  [0]=>
  string(1) "k"
  [1]=>
  NULL
}
int(0)
string(3) "new"
int(0)
string(4) "made"
string(4) "made"
int(1)
