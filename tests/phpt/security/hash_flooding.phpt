--TEST--
Keys that all have one hash of PHP's make no long chains: none of 4096 is evicted for want of room in its bucket
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.size=16M
cache.segment=test-security-hash-flooding${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

// "Ez" and "FY" are the same to DJBX33A, so all strings of twelve of them are.
$keys = [];
for ($i = 0; $i < 4096; $i++) {
    $keys[] = strtr(sprintf('%012b', $i), ['0' => 'Ez', '1' => 'FY']);
}
// PHP's hash, modulo 2^32, in which it can be computed here.
$djb = static function (string $key): int {
    $hash = 5381;
    foreach (str_split($key) as $character) {
        $hash = ($hash * 33 + ord($character)) % 2**32;
    }
    return $hash;
};
var_dump(count(array_unique($keys)), count(array_unique(array_map($djb, $keys))));

// A bucket is a chain of at most six lines of seven entries. Whoever fills it up gets the coldest one evicted.
foreach ($keys as $i => $key) {
    cache_store($key, $i);
}
$found = 0;
foreach ($keys as $i => $key) {
    $found += (int) (cache_fetch($key) === $i);
}
$info = cache_info(true);
var_dump($found, $info['entries'], $info['evictions_chain'], $info['evictions']);
?>
--EXPECT--
int(4096)
int(1)
int(4096)
int(4096)
int(0)
int(0)
