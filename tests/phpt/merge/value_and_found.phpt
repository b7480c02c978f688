--TEST--
The callback of cache_merge() gets the fresh value, or null and false
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-value-and-found${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

$show = function (mixed $value, bool $found): string {
    echo json_encode(func_get_args()), "\n";
    return 'merged ' . ($value ?? 'nothing');
};
var_dump(cache_merge('key', $show), cache_merge('key', $show), cache_fetch('key'));
cache_store('null', null);
var_dump(cache_merge('null', $show), cache_fetch('null'));
cache_store('stale', 'old', 60, 60);
cache_mark_stale('stale');
var_dump(cache_merge('stale', $show), cache_fetch('stale'));
cache_store('past', 'old', 10, 10, stamp: 1);
var_dump(cache_merge('past', $show), cache_fetch('past'));
cache_store('int', 41);
var_dump(cache_merge('int', fn(int $value) => $value + 1), cache_fetch('int'));
?>
--EXPECT--
[null,false]
["merged nothing",true]
bool(true)
bool(true)
string(21) "merged merged nothing"
[null,true]
bool(true)
string(14) "merged nothing"
[null,false]
bool(true)
string(14) "merged nothing"
[null,false]
bool(true)
string(14) "merged nothing"
bool(true)
int(42)
