--TEST--
Of many processes that ask at the same time exactly one gets the lease, round after round
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-lease-one-winner${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$children = [];
for ($n = 0; $n < 8; $n++) {
    $children[] = new Relative(function (Line $line) {
        for ($round = 0; ; $round++) {
            $line->wait();
            $start = cache_fetch('start');
            while (hrtime(true) < $start);
            $won = [];
            foreach (['aging' => 1e9, "missing $round" => 0, 'stale' => 0] as $key => $ahead) {
                cache_fetch_stale($key, $state, $lease, 60, $ahead);
                if ($lease === 0) {
                    $line->say("$key needs no rebuild");
                }
                $lease > 0 && $won[$key] = $lease;
            }
            $line->say('');
            /* Everybody has asked. */
            $line->wait();
            foreach ($won as $key => $lease) {
                cache_commit($key, $lease, $round, 1e6, 1e6) || $line->say("$key cannot be committed");
                $key === 'stale' && cache_mark_stale($key);
            }
            $line->say(implode(', ', array_keys($won)));
        }
    });
}
cache_store('stale', 'old', 1e6, 1e6);
cache_mark_stale('stale');
cache_store('aging', 'old', 1e6, 1e6);
$end = microtime(true) + 3;
for ($round = 0; $round < 1000 && microtime(true) < $end; $round++) {
    cache_store('start', hrtime(true) + 400_000);
    foreach ($children as $child) {
        $child->let();
    }
    foreach ($children as $child) {
        ($line = $child->hear()) === '' || die($line);
    }
    $winners = array_map(fn(Relative $child) => $child->ask(), $children);
    $won = array_filter(explode(', ', implode(', ', $winners)));
    sort($won);
    if ($won !== ['aging', "missing $round", 'stale'] || cache_fetch('aging') !== $round) {
        die("round $round: " . json_encode($winners) . "\n");
    }
}
array_map(fn(Relative $child) => $child->kill(), $children);
/* Valgrind, which PHP is told of by that, is slower. */
echo $round >= (getenv('USE_ZEND_ALLOC') === '0' ? 5 : 50) ? "enough rounds\n" : "$round rounds\n";
?>
--EXPECT--
enough rounds
