--TEST--
cache_compute() with a queue makes what cannot be decoded at once, and stores it
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-queue-compute-undecodable${CACHE_TEST_RUN}
error_log=/dev/null
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

echo runPhp('class Gone { public $a = 1; } cache_store(["fresh" => new Gone, "stale" => new Gone], null, 0, 60); cache_mark_stale("stale");');
foreach (['fresh', 'stale'] as $key) {
    $start = hrtime(true);
    var_dump(cache_compute($key, fn($key, $old) => [$key, $old], wait: 30.0, queue: 'q'), cache_fetch($key) === [$key, null], (hrtime(true) - $start) / 1e9 < 20);
}
?>
--EXPECT--
array(2) {
  [0]=>
  string(5) "fresh"
  [1]=>
  NULL
}
bool(true)
bool(true)
array(2) {
  [0]=>
  string(5) "stale"
  [1]=>
  NULL
}
bool(true)
bool(true)
