--TEST--
Of many processes with the same expectation one renews the stamp
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-touch-once${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

const ROUNDS = 100;
$now = (int) (microtime(true) * 1e6);
for ($round = 0; $round < ROUNDS; $round++) {
    cache_store("key $round", "value $round", 3600, 60, stamp: $now - 1000);
}
cache_store('won', 0);
$children = [];
for ($i = 0; $i < 8; $i++) {
    if (!$children[] = pcntl_fork()) {
        for ($round = 0; $round < ROUNDS; $round++) {
            // The eight arrive together at every round.
            cache_inc("arrived $round");
            while (cache_fetch("arrived $round") < 8) {
                usleep(20);
            }
            if (cache_cas_touch("key $round", $now - 1000, $now + $i)) {
                cache_inc("won $round");
            }
        }
        exit(0);
    }
}
array_map(fn($pid) => pcntl_waitpid($pid, $status), $children);
$won = array_map(fn($round) => cache_fetch("won $round"), range(0, ROUNDS - 1));
var_dump(array_unique($won), cache_stamp('key 0') >= $now);
?>
--EXPECT--
array(1) {
  [0]=>
  int(1)
}
bool(true)
