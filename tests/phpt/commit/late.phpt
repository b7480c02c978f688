--TEST--
A rebuild that comes too late never replaces newer data
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-commit-late${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

foreach (['missing', 'stale'] as $kind) {
    foreach (['store' => fn($key) => cache_store($key, 'newer'), 'add' => fn($key) => cache_add($key, 'newer'), 'compute' => fn($key) => cache_delete($key) && false ?: cache_compute($key, fn() => 'newer')] as $how => $newer) {
        $key = "$kind $how";
        if ($kind === 'stale') {
            cache_store($key, 'old', 0, 3600);
            cache_mark_stale($key);
        }
        $child = new Relative(function (Line $line) use ($key) {
            cache_fetch_stale($key, $state, $lease, 3600);
            $value = 'read from the source before';
            $line->say($lease > 0 ? 'won' : 'lost');
            $line->wait();
            $line->say(cache_commit($key, $lease, $value) ? 'committed' : 'refused');
        });
        echo "$key: ", $child->hear();
        $newer($key);
        echo ', ', $child->ask(), ', ', json_encode(cache_fetch($key)), $child->wait(), "\n";
    }
}
?>
--EXPECT--
missing store: won, refused, "newer"
missing add: won, refused, "newer"
missing compute: won, refused, "newer"
stale store: won, refused, "newer"
stale add: won, refused, "newer"
stale compute: won, refused, "newer"
