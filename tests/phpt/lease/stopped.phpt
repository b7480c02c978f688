--TEST--
A winner that was stopped past its deadline may commit unless somebody took over
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-lease-stopped${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

foreach (['taken over', 'not taken over'] as $case) {
    foreach (['missing', 'stale'] as $kind) {
        $key = "$case, $kind";
        if ($kind === 'stale') {
            cache_store($key, 'old', 0, 3600);
            cache_mark_stale($key);
        }
        $child = new Relative(function (Line $line) use ($key) {
            cache_fetch_stale($key, $state, $lease, 0.05);
            $line->say($lease > 0 ? 'won' : 'lost');
            $line->wait();
            $line->say(cache_commit($key, $lease, 'late') ? 'committed' : 'refused');
        });
        $child->hear() === 'won' || print("nobody won\n");
        $child->signal('STOP');
        usleep(70_000);
        if ($case === 'taken over') {
            cache_fetch_stale($key, $state, $lease, 3600);
            var_dump($lease > 0);
        }
        $child->signal('CONT');
        echo "$key: ", $child->ask();
        echo $child->wait(), ', ', json_encode(cache_fetch($key)), "\n";
        if ($case === 'taken over') {
            var_dump(cache_commit($key, $lease, 'ours'), cache_fetch($key));
        }
    }
}
?>
--EXPECT--
bool(true)
taken over, missing: refused, false
bool(true)
string(4) "ours"
bool(true)
taken over, stale: refused, false
bool(true)
string(4) "ours"
not taken over, missing: committed, "late"
not taken over, stale: committed, "late"
