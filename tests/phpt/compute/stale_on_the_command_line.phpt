--TEST--
On the command line the winner of a stale value makes the new one at once, the others get the old one
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-compute-stale-on-the-command-line${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

cache_store('key', 'old', 0, 60);
cache_mark_stale('key');
$child = new Relative(function (Line $line) {
    $line->say('got ' . cache_compute('key', function (string $key, mixed $old) use ($line) {
        $line->say("making $key, which was $old");
        $line->wait();
        return 'new';
    }));
});
echo $child->hear(), "\n";
var_dump(cache_compute('key', fn() => 'not called'));
echo $child->ask(), $child->wait(), "\n";
var_dump(cache_compute('key', fn() => 'not called'));
echo "aging\n";
var_dump(cache_compute('key', fn($key, $old) => "$old and newer", 100), cache_compute('key', fn($key, $old) => "$old and newer", 100, refresh_ahead: 10));
cache_store('key', 'aging', 100);
var_dump(cache_compute('key', fn($key, $old) => "newer than $old", 100, refresh_ahead: 101));
?>
--EXPECT--
making key, which was old
string(3) "old"
got new
string(3) "new"
aging
string(3) "new"
string(3) "new"
string(16) "newer than aging"
