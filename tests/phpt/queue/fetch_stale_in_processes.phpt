--TEST--
However many ask for a stale value there is one job, and all get the value
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-queue-fetch-stale-in-processes${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/queue.inc';

cache_store('stale', 'old', 0, 3600);
cache_mark_stale('stale');
$children = [];
for ($i = 0; $i < 8; $i++) {
    $children[] = new Relative(static function (Line $line): void {
        $line->wait();
        $bad = 0;
        for ($n = 0; $n < 500; $n++) {
            $bad += cache_fetch_stale('stale', $state, $lease, 10, 0, 'q') !== 'old' || $state !== CACHE_STATE_STALE || $lease !== -1;
            $bad += cache_fetch_stale('missing', $state, $lease, 10, 0, 'q') !== false || $state !== CACHE_STATE_MISSING || $lease !== -1;
        }
        $line->say("$bad");
    });
}
array_map(fn(Relative $child) => $child->let(), $children);
foreach ($children as $child) {
    echo $child->hear(), $child->wait(), "\n";
}
echo info('q', 'waiting', 'pushed', 'merged', 'again'), "\n";
?>
--EXPECT--
0
0
0
0
0
0
0
0
{"waiting":2,"pushed":2,"merged":7998,"again":0}
