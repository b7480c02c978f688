--TEST--
What a queue tells of itself
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-info${CACHE_TEST_RUN}
cache.queue_max_attempts=1
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

var_dump(cache_queue_info(), cache_queue_info('unknown'), cache_queue_info());
cache_queue_push('q', 'dead');
$job = cache_queue_pop('q');
cache_queue_fail($job['id'], $job['token']);
cache_queue_push('q', 'again');
$job = cache_queue_pop('q');
cache_queue_push('q', 'again');
cache_queue_ack($job['id'], $job['token']);
$job = cache_queue_pop('q');
foreach (['a', 'b', 'c', 'a'] as $key) {
    cache_queue_push('q', $key);
}
cache_queue_push('q', 'delayed', delay: 3600);
cache_queue_pop('other');
cache_queue_push("other\xff", 'k');
$all = cache_queue_info();
$ages = array_map(fn($queue) => $queue['oldest_age'], $all);
array_walk($all, function (array &$queue) { unset($queue['oldest_age']); });
ksort($all);
foreach ($all as $name => $queue) {
    echo bin2hex($name), ' ', json_encode($queue), "\n";
}
var_dump($ages['q'] > 0.0 && $ages['q'] < 30, $ages['other'], array_keys(cache_queue_info('q')) === array_keys(cache_queue_info('unknown')));
?>
--EXPECT--
array(0) {
}
array(14) {
  ["waiting"]=>
  int(0)
  ["delayed"]=>
  int(0)
  ["running"]=>
  int(0)
  ["dead"]=>
  int(0)
  ["pushed"]=>
  int(0)
  ["merged"]=>
  int(0)
  ["again"]=>
  int(0)
  ["acked"]=>
  int(0)
  ["failed"]=>
  int(0)
  ["lease_lost"]=>
  int(0)
  ["full"]=>
  int(0)
  ["dropped"]=>
  int(0)
  ["oldest_age"]=>
  float(0)
  ["workers"]=>
  int(0)
}
array(0) {
}
6f74686572 {"waiting":0,"delayed":0,"running":0,"dead":0,"pushed":0,"merged":0,"again":0,"acked":0,"failed":0,"lease_lost":0,"full":0,"dropped":0,"workers":1}
6f74686572ff {"waiting":1,"delayed":0,"running":0,"dead":0,"pushed":1,"merged":0,"again":0,"acked":0,"failed":0,"lease_lost":0,"full":0,"dropped":0,"workers":0}
71 {"waiting":3,"delayed":1,"running":1,"dead":1,"pushed":6,"merged":1,"again":1,"acked":1,"failed":1,"lease_lost":0,"full":0,"dropped":0,"workers":1}
bool(true)
float(0)
bool(true)
