--TEST--
cache_info() has the segment, the memory, the entries and the counters
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-info-shape${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

cache_store('key', 'value');
$info = cache_info();
function shape(array $array, string $indent = ''): void
{
    foreach ($array as $name => $value) {
        echo $indent, $name, ': ', get_debug_type($value), "\n";
        if (is_array($value) && !array_is_list($value)) {
            shape($value, "$indent  ");
        }
    }
}
shape(array_diff_key($info, ['histograms' => 0]));
echo "per class: ", implode(' ', array_keys($info['memory']['classes'][0])), "\n";
echo "histograms: ", json_encode(array_map('count', $info['histograms'])), "\n";
var_dump(array_keys(array_diff_key($info, cache_info(true))));
?>
--EXPECT--
enabled: bool
version: string
segment: array
  path: string
  size: int
  file_bytes: int
  mode: string
  created: int
  shards: int
  processes: int
  processes_max: int
  guest: bool
memory: array
  total: int
  used: int
  free: int
  index: int
  retired: int
  pinned: int
  classes: array
entries: int
hits: int
misses: array
  absent: int
  expired: int
stores: int
adds_refused: int
updates: int
deletes: int
clears: int
failed: array
  memory: int
  size: int
  busy: int
invalidated_busy: int
evictions: int
evictions_chain: int
expirations: int
relocations: int
slabs_stolen: int
ghost_hits: int
recoveries: int
rebuilds: int
dropped_corrupt: int
lock_waits: int
grow_failed: int
guest_operations: int
pins_refused: int
stale_hits: int
aging_hits: int
touches: int
touches_refused: int
stores_unchanged: int
stores_lost: int
marks: int
tag_invalidations: int
tags_forgotten: int
leases_granted: int
leases_taken_over: int
leases_refused: int
commits: int
commits_refused: int
named_locks_acquired: int
named_locks_waited: int
named_locks_refused: int
named_locks_recovered: int
named_locks_lost: int
per class: block_size pages used entries_small entries_main
histograms: {"eviction_age":24,"hit_idle":24}
array(1) {
  [0]=>
  string(10) "histograms"
}
