--TEST--
Names and keys that look like numbers are strings
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-numeric-names${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_queue_push('5', '7', 1);
cache_queue_push('-3', '0');
cache_queue_push('05', '1e3');
$job = cache_queue_pop('5');
var_dump($job['queue'], $job['key']);
$all = cache_queue_info();
ksort($all, SORT_STRING);
var_dump(array_keys($all), $all[5]['running']);
/* Such keys may be handed on. */
echo told(cache_queue_pop(array_keys($all))), "\n", told(cache_queue_pop([5, -3, '05'])), "\n";
var_dump(cache_queue_info(5)['running'], cache_queue_push(5, 8));
?>
--EXPECT--
string(1) "5"
string(1) "7"
array(3) {
  [0]=>
  int(-3)
  [1]=>
  string(2) "05"
  [2]=>
  int(5)
}
int(1)
-3/0, run 1: null
05/1e3, run 1: null
int(1)
int(1)
