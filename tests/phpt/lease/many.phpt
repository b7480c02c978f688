--TEST--
Leases of thousands of keys at once: each is one caller's, refused or granted, and all end with their process
--EXTENSIONS--
cache
pcntl
--INI--
cache.enable_cli=1
cache.segment=test-lease-many${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/../relative.inc';

$child = new Relative(function (Line $line) {
    $granted = 0;
    for ($i = 0; $i < 3000; $i++) {
        $granted += cache_lease("key $i", 3600) > 0;
    }
    $line->say((string) $granted);
    $line->wait();
});
$granted = (int) $child->hear();
var_dump($granted > 100);
$refused = 0;
for ($i = 0; $i < 3000; $i++) {
    $refused += cache_lease("key $i") === 0;
}
var_dump($refused >= $granted);
/* Where no lease is to be had a missing value is made at once, and not stored. */
$start = hrtime(true);
$calls = 0;
for ($i = 0; $i < 3000; $i++) {
    if (cache_key_info("key $i") !== null) {
        continue;
    }
    cache_fetch_stale("refused $i", $state, $lease, 3600);
    if ($lease === -1) {
        var_dump(cache_compute("refused $i", function () use (&$calls) { $calls++; return 'made'; }, wait: 30), $calls, cache_exists("refused $i"));
        var_dump(cache_merge("refused $i", fn() => 'merged', wait: 30), cache_fetch("refused $i"));
        break;
    }
}
var_dump(hrtime(true) - $start < 20e9);
$child->kill();
$end = microtime(true) + 20;
do {
    $lease = cache_lease('key 0');
} while ($lease === 0 && microtime(true) < $end);
var_dump($lease > 0);
?>
--EXPECT--
bool(true)
bool(true)
string(4) "made"
int(1)
bool(false)
bool(true)
string(6) "merged"
bool(true)
bool(true)
