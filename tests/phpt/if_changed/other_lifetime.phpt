--TEST--
Other durations or tags, or their order, make it another value
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-if-changed-other-lifetime${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function store(mixed ...$arguments): void
{
    cache_store('key', 'value', 60, 30, ['a', 'b']);
    $version = cache_key_info('key')['version'];
    $answer = cache_store_if_changed('key', 'value', ...$arguments);
    $info = cache_key_info('key');
    echo $answer, ' ', $info['version'] === $version ? 'same' : 'another', ' ', json_encode([$info['ttl'], $info['stale_ttl'], $info['tags']]), "\n";
}
store(60, 30, ['a', 'b']);
store(60.0, 30.0, ['a', 'b', 'a']);
store(61, 30, ['a', 'b']);
store(60.001, 30, ['a', 'b']);
store(0, 30, ['a', 'b']);
store(60, 0, ['a', 'b']);
store(60, 30.5, ['a', 'b']);
store(60, 30, ['b', 'a']);
store(60, 30, ['a']);
store(60, 30, ['a', 'b', 'c']);
store(60, 30, ['a', 'c']);
store(60, 30);
cache_store('key', 5);
var_dump(cache_store_if_changed('key', 5), cache_store_if_changed('key', 5, INF), cache_store_if_changed('key', 5, 0, INF), cache_store_if_changed('key', 5, 0, INF));
?>
--EXPECT--
2 same [60,30,["a","b"]]
2 same [60,30,["a","b"]]
1 another [61,30,["a","b"]]
1 another [60.001,30,["a","b"]]
1 another [0,30,["a","b"]]
1 another [60,0,["a","b"]]
1 another [60,30.5,["a","b"]]
1 another [60,30,["b","a"]]
1 another [60,30,["a"]]
1 another [60,30,["a","b","c"]]
1 another [60,30,["a","c"]]
1 another [60,30,[]]
int(2)
int(2)
int(1)
int(2)
