--TEST--
A missing value is made and stored, a fresh one is found
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-values${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$calls = 0;
$make = function (string $key, mixed $old) use (&$calls) {
    $calls++;
    return ["$key made", $old];
};
var_dump(cache_compute('key', $make, 60, 30, ['tag']) === ['key made', null], $calls, cache_fetch('key') === ['key made', null]);
echo json_encode(array_intersect_key(cache_key_info('key'), ['ttl' => 1, 'stale_ttl' => 1, 'tags' => 1, 'lease' => 1])), "\n";
var_dump(cache_compute('key', $make) === ['key made', null], $calls);
echo "null and false are values\n";
foreach ([null, false, 0, '', []] as $n => $value) {
    $calls = 0;
    for ($i = 0; $i < 2; $i++) {
        var_dump(cache_compute("value $n", function () use (&$calls, $value) { $calls++; return $value; }) === $value);
    }
    var_dump($calls);
}
echo "by reference\n";
$source = 5;
$byReference = function &() use (&$source) { return $source; };
$made = cache_compute('reference', $byReference);
$made++;
var_dump($source, cache_fetch('reference'));
echo "tags that are invalidated while it is made\n";
var_dump(cache_compute('tagged', function () { cache_tag_invalidate('b'); return 'made'; }, tags: ['a', 'b']), cache_exists('tagged'));
var_dump(cache_compute('changed', function ($key) { cache_store($key, 'newer'); return 'made'; }), cache_fetch('changed'));
?>
--EXPECT--
bool(true)
int(1)
bool(true)
{"ttl":60,"stale_ttl":30,"tags":["tag"],"lease":null}
bool(true)
int(1)
null and false are values
bool(true)
bool(true)
int(1)
bool(true)
bool(true)
int(1)
bool(true)
bool(true)
int(1)
bool(true)
bool(true)
int(1)
bool(true)
bool(true)
int(1)
by reference
int(5)
int(5)
tags that are invalidated while it is made
string(4) "made"
bool(false)
string(4) "made"
string(5) "newer"
