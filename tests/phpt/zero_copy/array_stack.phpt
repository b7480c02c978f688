--TEST--
Taking apart and filling a fetched array does what it does to an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-stack${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

compareOperations(arrayValues(), [
    'array_push' => function ($a) { return [array_push($a, 'x', [1]), $a]; },
    'array_push nothing' => function ($a) { return [array_push($a), $a]; },
    'array_push of a spread' => function ($a) { return [array_push($a, ...array_values($a)), $a]; },
    'array_pop' => function ($a) { return [array_pop($a), $a]; },
    'array_pop and append' => function ($a) { $x = array_pop($a); $a[] = 'new'; return [$x, $a]; },
    'array_pop all' => function ($a) { $b = []; while ($a) { $b[] = array_pop($a); } $a[] = 1; return [$a, $b]; },
    'array_shift' => function ($a) { return [array_shift($a), $a]; },
    'array_shift and append' => function ($a) { $x = array_shift($a); $a[] = 'new'; return [$x, $a]; },
    'array_shift all' => function ($a) { $b = []; while ($a) { $b[] = array_shift($a); } $a[] = 1; return [$a, $b]; },
    'array_unshift' => function ($a) { return [array_unshift($a, 'x', [1]), $a]; },
    'array_unshift and append' => function ($a) { array_unshift($a, 'x'); $a[] = 'y'; return $a; },
    'array_pop of a part' => function ($a) { $a['f'] ??= [1]; return [array_pop($a['f']), $a]; },
    'array_shift of a part' => function ($a) { $a['f'] ??= [1]; return [array_shift($a['f']), $a]; },
    'array_push of a copy' => function ($a) { $b = $a; array_push($b, 1); array_pop($a); return [$a, $b]; },
    'array_splice, remove' => function ($a) { return [array_splice($a, 1, 2), $a]; },
    'array_splice, replace' => function ($a) { return [array_splice($a, 1, 2, ['x', 'y', 'z']), $a]; },
    'array_splice, insert' => function ($a) { return [array_splice($a, 1, 0, 'x'), $a]; },
    'array_splice, insert itself' => function ($a) { return [array_splice($a, 1, 0, $a), $a]; },
    'array_splice, from the end' => function ($a) { return [array_splice($a, -2, 1), $a]; },
    'array_splice, all' => function ($a) { $b = array_splice($a, 0); $b[] = 1; $a[] = 2; return [$a, $b]; },
    'array_splice, nothing' => function ($a) { $b = array_splice($a, 0, 0); $b[] = 1; $a[] = 2; return [$a, $b]; },
    'array_walk' => function ($a) {
        $b = []; array_walk($a, function ($v, $k) use (&$b) { $b[] = $k; }); return [$a, $b];
    },
    'array_walk, writing' => function ($a) {
        array_walk($a, function (&$v, $k, $extra) { $v = [$k, $extra]; }, 'extra'); return $a;
    },
    'array_walk, appending' => function ($a) {
        $n = 0; array_walk($a, function (&$v) use (&$a, &$n) { if ($n++ < 3) { $a[] = 'new'; } }); return $a;
    },
    'array_walk by an internal function' => function ($a) { array_walk($a, 'settype', 'int'); return $a; },
    'array_walk that throws' => function ($a) {
        try { array_walk($a, function (&$v) { $v = 1; throw new Exception; }); } catch (Exception) { } return $a;
    },
    'array_walk_recursive' => function ($a) {
        $b = []; array_walk_recursive($a, function ($v, $k) use (&$b) { $b[] = $k; }); return [$a, $b];
    },
    'array_walk_recursive, writing' => function ($a) {
        array_walk_recursive($a, function (&$v) { $v = 'leaf'; }); return $a;
    },
    'array_walk of an ArrayObject' => function ($a) {
        $o = new ArrayObject($a); array_walk($o, function (&$v) { $v = 1; }); return [$a, $o->getArrayCopy()];
    },
    'array_map' => fn($a) => array_map(fn($v) => [$v], $a),
    'array_map, null' => fn($a) => array_map(null, $a),
    'array_map, zip' => fn($a) => array_map(null, $a, array_keys($a)),
    'array_map of two' => fn($a) => array_map(fn($x, $y) => [$x, $y], $a, array_reverse($a)),
    'array_map by an internal function' => fn($a) => array_map('gettype', $a),
    'array_map, writing the value' => fn($a) => array_map(function ($v) { is_array($v) ? $v[] = 1 : $v .= '!'; return $v; }, $a),
    'array_filter' => fn($a) => array_filter($a),
    'array_filter of the value itself' => array_filter(...),
    'array_filter by value' => fn($a) => array_filter($a, fn($v) => is_string($v)),
    'array_filter by key' => fn($a) => array_filter($a, fn($k) => is_string($k), ARRAY_FILTER_USE_KEY),
    'array_filter by both' => fn($a) => array_filter($a, fn($v, $k) => $k > 2, ARRAY_FILTER_USE_BOTH),
    'array_filter and append' => function ($a) { $b = array_filter($a, fn() => true); $b[] = 1; return [$a, $b]; },
    'array_reduce' => fn($a) => array_reduce($a, fn($all, $v) => [...$all, $v], []),
    'array_reduce from it' => fn($a) => array_reduce([1, 2], function ($all, $v) { $all[] = $v; return $all; }, $a),
    'SplStack' => function ($a) {
        $s = new SplStack; foreach ($a as $v) { $s->push($v); }
        return [$s->pop(), count($s), iterator_to_array($s)];
    },
    'SplQueue' => function ($a) {
        $q = new SplQueue; foreach ($a as $v) { $q[] = $v; }
        return [$q->dequeue(), count($q), iterator_to_array($q)];
    },
    'SplDoublyLinkedList' => function ($a) {
        $l = new SplDoublyLinkedList; foreach ($a as $v) { $l->unshift($v); } $l->add(0, $a); return serialize($l);
    },
    'compact and extract' => function ($a) { extract($a); unset($a['a']); return compact('a'); },
    'extract' => function ($a) { $n = extract($a, EXTR_PREFIX_ALL, 'p'); $all = get_defined_vars(); return $all; },
    'extract, then written' => function ($a) {
        extract($a); $name = ($name ?? '') . 'changed'; $list[] = 1; $f[0][] = 2; return [$a, $name, $list];
    },
    'extract by reference' => function ($a) {
        extract($a, EXTR_REFS | EXTR_SKIP); $name = 'changed'; $list[] = 1; $f['x'] = 2; return $a;
    },
    'extract, overwriting itself' => function ($a) { $b = extract($a, EXTR_OVERWRITE); return [$b, $a]; },
    'array_fill_keys of elements' => fn($a) => array_fill_keys($a, 'x'),
    'array_fill with it' => function ($a) { $b = array_fill(5, 3, $a); $b[6][] = 1; return $b; },
    'array_fill_keys with it' => function ($a) { $b = array_fill_keys(['x', 'y'], $a); $b['x'][] = 1; return $b; },
    'array_pad' => function ($a) { $b = array_pad($a, 25, 'pad'); $b[] = 1; return $b; },
    'array_pad, in front' => fn($a) => array_pad($a, -25, $a),
    'array_pad, not needed' => function ($a) { $b = array_pad($a, 0, 0); $b[] = 1; return [$a, $b]; },
    'array_key_first and last' => fn($a) => [array_key_first($a), array_key_last($a)],
    'settype' => function ($a) {
        $b = $a; settype($b, 'bool'); $c = $a; settype($c, 'object'); $c->new = 1; return [$a, $b, (array) $c];
    },
]);
?>
--EXPECT--
done
