--TEST--
Of many processes that add the same key one succeeds
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-process-add-once${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

for ($round = 0; $round < 20; $round++) {
    $children = [];
    $start = microtime(true) + 0.01;
    for ($i = 0; $i < 4; $i++) {
        if (!$children[] = pcntl_fork()) {
            while (microtime(true) < $start);
            exit(cache_add("key $round", getmypid()) ? 1 : 0);
        }
    }
    $winners = [];
    foreach ($children as $pid) {
        pcntl_waitpid($pid, $status);
        pcntl_wexitstatus($status) && $winners[] = $pid;
    }
    if (count($winners) !== 1 || cache_fetch("key $round") !== $winners[0]) {
        var_dump($winners);
    }
}
echo "done\n";
?>
--EXPECT--
done
