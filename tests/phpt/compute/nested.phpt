--TEST--
The same key within its callback is made and not stored; other keys are as usual
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-compute-nested${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';

function numbers(string $key): int
{
    $n = (int) substr($key, 2);
    return $n < 2 ? $n : cache_compute('f ' . $n - 1, 'numbers') + cache_compute('f ' . $n - 2, 'numbers');
}
var_dump(cache_compute('f 30', 'numbers'), cache_fetch('f 17'));
$depth = 0;
$start = hrtime(true);
$make = function (string $key, mixed $old) use (&$make, &$depth) {
    if ($depth++ < 3) {
        $inner = cache_compute($key, $make, wait: 60);
        return ["outer of $inner[0]", cache_exists($key)];
    }
    return ['inner', json_encode($old)];
};
echo json_encode(cache_compute('key', $make)), json_encode(cache_fetch('key')), "\n";
$depth = 0;
cache_mark_stale('key');
cache_store('key', 'old', 0, 60);
cache_mark_stale('key');
echo json_encode(cache_compute('key', $make)), "\n";
echo "it was the innermost that threw\n";
$depth = 0;
$throws = function (string $key) use (&$throws, &$depth) {
    if ($depth++ < 1) {
        return cache_compute($key, $throws);
    }
    throw new Exception('inner');
};
attempt(fn() => cache_compute('throws', $throws));
var_dump(cache_compute('throws', fn() => 'made and stored'), cache_fetch('throws'));
var_dump(hrtime(true) - $start < 30e9);
?>
--EXPECT--
int(832040)
int(1597)
["outer of outer of outer of inner",false]["outer of outer of outer of inner",false]
["outer of outer of outer of inner",false]
it was the innermost that threw
Exception: inner
string(15) "made and stored"
string(15) "made and stored"
bool(true)
