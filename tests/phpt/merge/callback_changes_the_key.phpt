--TEST--
A callback may change the same key: it is called again with what is there then
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-merge-callback-changes-the-key${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function merge(callable $meddle): void
{
    cache_store('key', 'value');
    $calls = [];
    $done = cache_merge('key', function (mixed $value, bool $found) use (&$calls, $meddle): string {
        $calls[] = $value;
        if (count($calls) === 1) {
            $meddle();
        }
        return "merged of " . json_encode($value);
    });
    echo json_encode([$done, $calls, cache_fetch('key')]), "\n";
}
merge(fn() => cache_store('key', 'other'));
merge(fn() => cache_delete('key'));
merge(fn() => cache_mark_stale('key'));
merge(fn() => cache_clear());
merge(fn() => cache_store('key', 5) && cache_inc('key'));
merge(fn() => cache_merge('key', fn($value) => "inner of $value"));
merge(fn() => cache_merge('key', fn() => CACHE_KEEP));
merge(fn() => cache_fetch('key') && cache_cas_touch('key', null) && cache_cas_lock('key', 0, 1));
merge(fn() => cache_merge('other', fn() => 'inner') && cache_store('third', 1));
var_dump(cache_fetch('other'), cache_fetch('third'));

cache_store('int', 1);
$calls = 0;
var_dump(cache_merge('int', function (int $value) use (&$calls): int {
    if (++$calls === 1) {
        cache_inc('int', 5);
    }
    return $value * 10;
}), $calls, cache_fetch('int'));

echo "down to the ground\n";
$depth = 0;
$recurse = function (?int $value) use (&$recurse, &$depth): int {
    if (++$depth < 20) {
        cache_merge('deep', $recurse);
    }
    return ($value ?? 0) + 1;
};
cache_delete('deep');
var_dump(cache_merge('deep', $recurse), cache_fetch('deep') > 0, cache_key_info('deep')['lease']);
?>
--EXPECT--
[true,["value","other"],"merged of \"other\""]
[true,["value",null],"merged of null"]
[true,["value",null],"merged of null"]
[true,["value",null],"merged of null"]
[true,["value",6],"merged of 6"]
[true,["value","inner of value"],"merged of \"inner of value\""]
[true,["value"],"merged of \"value\""]
[true,["value"],"merged of \"value\""]
[true,["value"],"merged of \"value\""]
string(5) "inner"
int(1)
bool(true)
int(2)
int(60)
down to the ground
bool(true)
bool(true)
NULL
