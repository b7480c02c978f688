--TEST--
cache_merge() gives up after $wait, and tries once at least
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-wait${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function losing(float $wait): array
{
    $tries = 0;
    cache_store('key', 0);
    $begin = hrtime(true);
    $done = cache_merge('key', function () use (&$tries) {
        cache_store('key', ++$tries);
        usleep(1000);
        return 'never stored';
    }, wait: $wait);
    return [$done, $tries, (hrtime(true) - $begin) / 1e9, cache_fetch('key') === $tries];
}
[$done, $tries, , $kept] = losing(0);
var_dump($done, $tries, $kept);
[$done, $tries, $seconds, $kept] = losing(0.1);
var_dump($done, $tries > 1, $seconds >= 0.1, $kept, cache_key_info('key')['lease']);
$tries = 0;
var_dump(cache_merge('key', function () use (&$tries) {
    ++$tries <= 50 && cache_store('key', $tries);
    return "at last, in try $tries";
}, wait: INF), cache_fetch('key'));

echo "somebody else has the lease\n";
$begin = hrtime(true);
$tries = 0;
$others = cache_lease('other', 60);
var_dump(cache_merge('other', fn() => 'no lease needed'), cache_fetch('other'));
$limit = PHP_INT_MAX;
$other = function () use (&$tries, &$limit) {
    if (++$tries <= $limit) {
        cache_store('other', $tries);
        cache_lease('other', 60);
        usleep(1000);
    }
    return 'stored';
};
$done = cache_merge('other', $other, wait: 0.05);
var_dump($done, $tries > 4, hrtime(true) - $begin >= 5e7, cache_fetch('other') === $tries);
$tries = 0;
$limit = 6;
$done = cache_merge('other', $other, wait: 60);
var_dump($done, $tries, cache_fetch('other'));
?>
--EXPECT--
bool(false)
int(1)
bool(true)
bool(false)
bool(true)
bool(true)
bool(true)
NULL
bool(true)
string(18) "at last, in try 51"
somebody else has the lease
bool(true)
string(15) "no lease needed"
bool(false)
bool(true)
bool(true)
bool(true)
bool(true)
int(7)
string(6) "stored"
