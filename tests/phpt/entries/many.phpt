--TEST--
cache_fetch_entries() of many keys leaves nothing pinned but what is held, and costs no read its pin
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-entries-many${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$keys = [];
for ($i = 0; $i < 1000; $i++) {
    $keys[] = "int $i";
    $keys[] = "text $i";
    cache_store(["int $i" => $i, "text $i" => "text $i"], null, 600, 600, ['tag']);
}
cache_store('long', str_repeat('long', 1000));
$wrong = 0;
for ($round = 0; $round < 5; $round++) {
    $entries = cache_fetch_entries($keys);
    $without = cache_fetch_entries($keys, PHP_INT_MAX);
    $wrong += count($entries) !== 2000 || array_keys($entries) !== $keys || count($without) !== 2000 || array_column($without, 'value') !== [];
    for ($i = 0; $i < 1000; $i++) {
        $wrong += $entries["int $i"]['value'] !== $i || $entries["text $i"]['value'] !== "text $i";
    }
}
var_dump($wrong, cache_info(true)['memory']['pinned'], cache_info(true)['pins_refused'], cache_fetch('long') === str_repeat('long', 1000));
?>
--EXPECT--
int(0)
int(0)
int(0)
bool(true)
