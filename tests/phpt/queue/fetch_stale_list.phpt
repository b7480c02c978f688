--TEST--
Each key of a list that is not fresh is queued
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale-list${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_store(['fresh' => 1, 'stale' => 2, '7' => 3, 'leased' => 4], null, 0, 60);
cache_mark_stale(['stale', 7, 'leased']);
$lease = cache_lease('leased');
var_dump(cache_fetch_stale(['stale', 'missing', 'fresh', 7, 'leased', 'stale'], $state, $leases, 10, 0, 'q'));
echo json_encode($state), json_encode($leases), "\n", info('q', 'waiting', 'merged'), ' ', drain('q'), "\n";
cache_lease_release('leased', $lease);
?>
--EXPECT--
array(4) {
  ["stale"]=>
  int(2)
  ["fresh"]=>
  int(1)
  [7]=>
  int(3)
  ["leased"]=>
  int(4)
}
{"stale":3,"missing":0,"fresh":1,"7":3,"leased":3}{"stale":-1,"missing":-1,"fresh":0,"7":-1,"leased":-1}
{"waiting":3,"merged":1} stale missing 7
