--TEST--
With cache.quarantine=1 values that were deleted or replaced are overwritten, some writes later; else they stay until their memory is used again
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.size=16M
cache.quarantine=1
cache.segment=test-security-wiped${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function times(string $text): int
{
    return substr_count(file_get_contents(cache_info(true)['segment']['path']), $text);
}

$secrets = [];
foreach (['deleted', 'replaced', 'short', 'array', 'object'] as $kind) {
    $secrets[$kind] = bin2hex(random_bytes(16)) . " $kind";
}
cache_store('deleted', str_repeat($secrets['deleted'], 40));
cache_store('replaced', str_repeat($secrets['replaced'], 40));
cache_store('short', $secrets['short']);
cache_store('array', ['secret' => $secrets['array'] . '!']);
cache_store('object', (object) ['secret' => $secrets['object'] . '!']);
var_dump(array_map(times(...), $secrets) === ['deleted' => 40, 'replaced' => 40, 'short' => 1, 'array' => 1, 'object' => 1]);

cache_delete(['deleted', 'short', 'array']);
cache_store('replaced', 'something else');
cache_store('object', 1);
for ($i = 0; $i < 1000; $i++) {
    cache_store('other ' . $i % 100, $i / 2);
}
var_dump(array_filter(array_map(times(...), $secrets)));
?>
--EXPECT--
bool(true)
array(0) {
}
