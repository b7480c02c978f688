--TEST--
A computed key has the hash of its bytes, whatever keys were used before: of each length, with each byte another one
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-key-computed-again${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

/* The same bytes in a string that is an interned one, whose hash is noted by its address, or not at all. */
function literal(string $key): string
{
    return eval("return '$key';");
}
$lengths = [...range(1, 70), 200];
foreach ($lengths as $length) {
    $keys = [];
    for ($i = -1; $i < $length; $i++) {
        $key = str_repeat('a', $length);
        if ($i >= 0) {
            $key[$i] = 'b';
        }
        $keys[] = $key;
    }
    /* What differs in one byte follows each other; the second time what was noted of the last ones is found. */
    foreach ([1, 2] as $round) {
        foreach ($keys as $number => $key) {
            cache_store($key, [$length, $number, $round]);
            cache_fetch($key) === [$length, $number, $round] || print("$key is not found\n");
        }
        foreach ($keys as $number => $key) {
            cache_fetch(literal($key)) === [$length, $number, $round] || print("$key is not found as a literal\n");
        }
    }
    cache_delete($keys[0]);
    cache_exists(literal($keys[0])) && print("$keys[0] is still there\n");
    count(new Cache\EntryIterator()) === count($keys) - 1 || print("more entries than keys of $length bytes\n");
    cache_clear();
}
/* Of which the bytes that are compared are the same, and the length is not. */
$keys = [];
foreach (range('a', 'z') as $letter) {
    for ($length = 16; $length <= 48; $length++) {
        $keys[] = $key = str_repeat($letter, $length);
        cache_store($key, $key);
    }
}
foreach ($keys as $key) {
    cache_fetch(literal($key)) === $key || print("$key is not found as a literal\n");
}
/* Another one at the same address. */
for ($i = 0; $i < 1000; $i++) {
    $key = "a key of some length: $i";
    cache_store($key, $i);
    unset($key);
}
for ($i = $wrong = 0; $i < 1000; $i++) {
    $wrong += cache_fetch("a key of some length: $i") !== $i;
}
var_dump($wrong, count(new Cache\EntryIterator('a key of some length: ')));
?>
--EXPECT--
int(0)
int(1000)
