--TEST--
Values nested deeper than 4096 levels are refused before the stack is
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-unstorable-too-deep${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function nest(int $levels, bool $objects = false)
{
    $value = 1;
    for ($i = 0; $i < $levels; $i++) {
        $value = $objects ? (object) ['next' => $value] : [$value];
    }
    return $value;
}
foreach ([512, 4096] as $levels) {
    var_dump(cache_store("array $levels", nest($levels)), cache_fetch("array $levels") === nest($levels));
}
var_dump(cache_store('objects', nest(2000, true)), cache_fetch('objects') == nest(2000, true));
attempt(fn() => cache_store('key', nest(4097)));
attempt(fn() => cache_store('key', nest(20000)));
attempt(fn() => cache_store('key', nest(4097, true)));
var_dump(cache_exists('key'));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
Cache\UnstorableException: $value[0][0][0][0][0][0][0]...[0][0][0][0][0][0][0][0] cannot be cached: it is nested too deeply, the limit is 4096 levels
Cache\UnstorableException: $value[0][0][0][0][0][0][0]...[0][0][0][0][0][0][0][0] cannot be cached: it is nested too deeply, the limit is 4096 levels
Cache\UnstorableException: $value->next->next->next->next->next->next->next...->next->next->next->next->next->next->next->next cannot be cached: it is nested too deeply, the limit is 4096 levels
bool(false)
