--TEST--
Sorting a fetched array does what it does to an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-sort${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

$flags = [
    'regular' => SORT_REGULAR, 'numeric' => SORT_NUMERIC, 'string' => SORT_STRING, 'natural' => SORT_NATURAL,
    'case' => SORT_STRING | SORT_FLAG_CASE, 'natural case' => SORT_NATURAL | SORT_FLAG_CASE, 'locale' => SORT_LOCALE_STRING,
];
$operations = [];
foreach ($flags as $name => $flag) {
    $operations += [
        "sort, $name" => function ($a) use ($flag) { sort($a, $flag); return $a; },
        "rsort, $name" => function ($a) use ($flag) { rsort($a, $flag); return $a; },
        "asort, $name" => function ($a) use ($flag) { asort($a, $flag); return $a; },
        "arsort, $name" => function ($a) use ($flag) { arsort($a, $flag); return $a; },
        "ksort, $name" => function ($a) use ($flag) { ksort($a, $flag); return $a; },
        "krsort, $name" => function ($a) use ($flag) { krsort($a, $flag); return $a; },
        "array_unique, $name" => fn($a) => array_unique($a, $flag),
    ];
}
$compare = fn($x, $y) => strcmp(serialize($x), serialize($y));

compareOperations(arrayValues(), $operations + [
    'sort of a copy' => function ($a) { $b = $a; sort($b); return [$a, $b]; },
    'sort of a part' => function ($a) { $a['f'] ??= [3, 1, 2]; rsort($a['f']); return $a; },
    'sort and append' => function ($a) { sort($a); $a[] = 'last'; return $a; },
    'sort twice' => function ($a) { sort($a); rsort($a); return $a; },
    'sort through a reference' => function ($a) { $r = &$a; sort($r); return $a; },
    'usort' => function ($a) use ($compare) { usort($a, $compare); return $a; },
    'uasort' => function ($a) use ($compare) { uasort($a, $compare); return $a; },
    'uksort' => function ($a) use ($compare) { uksort($a, $compare); return $a; },
    'usort by an internal function' => function ($a) { usort($a, 'strnatcmp'); return $a; },
    'usort by a function that writes' => function ($a) {
        usort($a, function ($x, $y) use (&$a) { $x = [$x]; $y = [$y]; return $x <=> $y; }); return $a;
    },
    'usort that throws' => function ($a) {
        try { usort($a, fn() => throw new Exception('stop')); } catch (Exception) { } return $a;
    },
    'usort by booleans' => function ($a) { usort($a, fn($x, $y) => serialize($x) > serialize($y)); return $a; },
    'natsort' => function ($a) { natsort($a); return $a; },
    'natcasesort' => function ($a) { natcasesort($a); return $a; },
    'array_multisort' => function ($a) { $b = array_values($a); array_multisort($b); return $b; },
    'array_multisort of the value' => function ($a) { array_multisort($a); return $a; },
    'array_multisort, descending' => function ($a) { array_multisort($a, SORT_DESC, SORT_STRING); return $a; },
    'array_multisort of two' => function ($a) {
        $b = array_reverse(array_keys($a)); $c = $a; array_multisort($b, $c); return [$a, $b, $c];
    },
    'array_multisort of columns' => function ($a) {
        $b = array_column($a, 'price'); $c = array_column($a, 'id'); array_multisort($b, SORT_DESC, $c);
        return [$b, $c];
    },
    'shuffle' => function ($a) { shuffle($a); return $a; },
    'shuffle of a copy' => function ($a) { $b = $a; shuffle($b); return [$a, $b]; },
    'array_rand' => fn($a) => array_map(fn($key) => array_key_exists($key, $a), (array) array_rand($a, max(1, intdiv(count($a), 2)))),
    'array_reverse' => fn($a) => array_reverse($a),
    'array_reverse of the value itself' => array_reverse(...),
    'array_reverse, keys kept' => fn($a) => array_reverse($a, true),
    'min and max' => fn($a) => [min($a), max($a)],
    'SplHeap' => function ($a) {
        $h = new SplMinHeap; foreach ($a as $v) { $h->insert($v); } return iterator_to_array($h, false);
    },
    'SplPriorityQueue' => function ($a) {
        $q = new SplPriorityQueue; foreach ($a as $k => $v) { $q->insert($v, $k); }
        return iterator_to_array($q, false);
    },
]);
?>
--EXPECT--
done
