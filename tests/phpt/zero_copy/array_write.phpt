--TEST--
Writing into a fetched array does what it does to an ordinary one, and the cached one stays
--EXTENSIONS--
cache
--INI--
cache.enable_cli=1
cache.segment=test-zero-copy-array-write${CACHE_TEST_RUN}
--FILE--
<?php
require __DIR__ . '/../segment.inc';
require __DIR__ . '/compare.inc';

class Holder
{
    public array $typed = [];
    public $untyped;
    public static $static;
}

function appendTo(array &$array, mixed $value): void
{
    $array[] = $value;
}

compareOperations(arrayValues(), [
    'append' => function ($a) { $a[] = 'new'; $a[] = 'newer'; return $a; },
    'append fetched to itself' => function ($a) { $a[] = $a; $a[] = $a; return $a; },
    'write by new key' => function ($a) { $a['new key'] = 1; return $a; },
    'write by int key' => function ($a) { $a[3] = 'changed'; return $a; },
    'write by each key' => function ($a) { foreach (array_keys($a) as $key) { $a[$key] = $key; } return $a; },
    'write far away' => function ($a) { $a[100000] = 1; $a[-100000] = 2; $a[] = 3; return $a; },
    'append beyond the last index' => function ($a) { $a[PHP_INT_MAX] = 1; $a[] = 2; return $a; },
    'write a copy' => function ($a) { $b = $a; $b['x'] = 1; unset($b[0]); return [$a, $b]; },
    'write both copies' => function ($a) { $b = $a; $a[] = 'a'; $b[] = 'b'; return [$a, $b]; },
    'nested write' => function ($a) { $a['a']['b']['c'] = 'changed'; return $a; },
    'nested append' => function ($a) { $a['f'][] = 1; $a['f'][0][] = 2; $a['new']['er'][] = 3; return $a; },
    'nested write of a row' => function ($a) { $a[7]['name'] = 'other'; $a[7]['tags'][] = 'tag'; return $a; },
    'nested write in a copy of a part' => function ($a) { $b = $a['one'] ?? []; $b['inner'][] = 1; return [$a, $b]; },
    'write one of two shared parts' => function ($a) { $a['one']['inner'][0] = 'changed'; return $a; },
    'nested unset' => function ($a) {
        unset($a['a']['b']['d'], $a['f'][0][1], $a[7]['tags'], $a['one']['inner']); return $a;
    },
    'unset first' => function ($a) { unset($a[array_key_first($a) ?? 0]); return $a; },
    'unset last' => function ($a) { unset($a[array_key_last($a) ?? 0]); return $a; },
    'unset last and append' => function ($a) { unset($a[array_key_last($a) ?? 0]); $a[] = 'new'; return $a; },
    'unset what is not there' => function ($a) { unset($a['not there'], $a[999]['x']); return $a; },
    'unset each and append' => function ($a) { foreach ($a as $key => $_) { unset($a[$key]); } $a[] = 1; return $a; },
    'unset string keys' => function ($a) { unset($a['name'], $a['7'], $a[''], $a["nul\0key"]); return $a; },
    'add' => function ($a) { return $a + ['new' => 1, 0 => 'zero', 'name' => 'other']; },
    'add fetched' => function ($a) { return ['new' => 1, 0 => 'zero', 'name' => 'other'] + $a; },
    'add assign' => function ($a) { $a += ['new' => 1, 0 => 'zero', 100 => 2]; return $a; },
    'add assign fetched' => function ($a) { $b = [0 => 'zero', 'name' => 1]; $b += $a; return $b; },
    'add itself' => function ($a) { $a += $a; return $a; },
    'add empty' => function ($a) { $b = $a + []; $b[] = 1; $c = [] + $a; $c[] = 2; return [$b, $c]; },
    'null coalescing assign' => function ($a) {
        $a['none'] ??= 'set'; $a['deep']['er'] ??= [1]; $a['name'] ??= 'kept'; return $a;
    },
    'increment elements' => function ($a) {
        foreach ($a as $k => $v) { is_int($v) && $a[$k]++; } $a['n'] ??= 0; ++$a['n']; return $a;
    },
    'decrement elements' => function ($a) { foreach ($a as $k => $v) { is_int($v) && $a[$k]--; } return $a; },
    'increment string elements' => function ($a) { foreach ($a as $k => $v) { is_string($v) && $a[$k]++; } return $a; },
    'compound assignment' => function ($a) {
        foreach ($a as $k => $v) {
            if (is_int($v)) {
                $a[$k] += 2; $a[$k] *= 3; $a[$k] %= 7; $a[$k] |= 8; $a[$k] .= 'text';
            } elseif (is_string($v)) {
                $a[$k] .= ' and more';
            } elseif (is_array($v)) {
                $a[$k] += ['more' => 1];
            }
        }
        return $a;
    },
    'write a string offset of an element' => function ($a) {
        foreach ($a as $k => $v) { is_string($v) && $v !== '' && $a[$k][0] = 'X'; }
        return $a;
    },
    'append to a string element' => function ($a) {
        foreach ($a as $k => $v) { is_string($v) && $a[$k] .= $v; } return $a;
    },
    'read what is not there' => function ($a) {
        return [$a['not there'], $a[999], $a['a']['b']['x'] ?? 'default', isset($a['a']['b']['c'][0])];
    },
    'read by keys of other types' => function ($a) {
        return [$a[true] ?? 0, $a[5.7] ?? 0, $a['05'] ?? 0, $a[null] ?? 0, $a['5'] ?? 0];
    },
    'isset and empty' => function ($a) {
        return [isset($a['none']), isset($a['name']), isset($a[3]), empty($a['none']), empty($a[0]), isset($a['f'][0][1])];
    },
    'element of an element by a wrong type' => function ($a) { $a[0]['x'] = 1; return $a; },
    'reference to an element' => function ($a) { $r = &$a[3]; $r = 'through the reference'; return $a; },
    'reference to a nested element' => function ($a) {
        $r = &$a['a']['b']['c']; $r = [1]; $b = $a; $r[] = 2; return [$a, $b];
    },
    'reference to an element of a copy' => function ($a) { $b = $a; $r = &$b['name']; $r = 1; return [$a, $b]; },
    'reference that is not written' => function ($a) { $r = &$a['name']; unset($r); return $a; },
    'reference to the array' => function ($a) { $r = &$a; $r[] = 1; $r['f'][] = 2; return [$a, $r]; },
    'references to all elements' => function ($a) {
        $all = [];
        foreach (array_keys($a) as $key) { $all[] = &$a[$key]; }
        foreach ($all as &$element) { $element = 1; }
        return $a;
    },
    'reference into a function' => function ($a) { appendTo($a, 1); return $a; },
    'reference of a part into a function' => function ($a) { $a['list'] ??= []; appendTo($a['list'], $a); return $a; },
    'array of references' => function ($a) { $b = [&$a, 'x' => &$a]; $b[0][] = 1; $b['x'][] = 2; return [$a, $b]; },
    'destructuring by reference' => function ($a) {
        ['name' => &$name, 'new' => &$new] = $a; $name = 'n'; $new = 'm'; return $a;
    },
    'destructuring into itself' => function ($a) { [$a, $b] = [$a['list'] ?? 1, $a]; return [$a, $b]; },
    'swap' => function ($a) { $b = ['other']; [$a, $b] = [$b, $a]; $b[] = 1; return [$a, $b]; },
    'swap elements' => function ($a) { [$a[0], $a[1]] = [$a[1] ?? null, $a[0] ?? null]; return $a; },
    'property typed array' => function ($a) {
        $h = new Holder; $h->typed = $a; $h->typed[] = 1; unset($h->typed['name']); return [$a, $h->typed];
    },
    'property' => function ($a) {
        $h = new Holder; $h->untyped = $a; $h->untyped['x']['y'] = 1; $h->untyped += [7 => 7];
        return [$a, $h->untyped];
    },
    'property by reference' => function ($a) {
        $h = new Holder; $h->typed = &$a; $a['z'] = 1; $h->typed['y'] = 2; return [$a, $h->typed];
    },
    'static property' => function ($a) {
        Holder::$static = $a; Holder::$static[] = 1; Holder::$static['q']['r'] = 2; return [$a, Holder::$static];
    },
    'string as an array' => function ($a) {
        try { $a[0][0][0] = 'x'; return $a; } catch (Error $e) { return $e->getMessage(); }
    },
    'keys converted' => function ($a) { $a[true] = 't'; $a[null] = 'n'; $a['12'] = 's'; $a[1.9] = 'f'; return $a; },
    'fetched element as key' => function ($a) {
        foreach ($a as $v) { is_string($v) && $a[$v] = $v; }
        return $a;
    },
    'fetched keys in another array' => function ($a) {
        $b = []; foreach ($a as $k => $v) { $b["$k"] = $v; $b[$k . '!'] = $v; } return $b;
    },
    'grow a lot' => function ($a) { for ($i = 0; $i < 300; $i++) { $a[] = $i; } return $a; },
    'shrink and grow' => function ($a) {
        foreach (array_slice(array_keys($a), 1) as $key) { unset($a[$key]); }
        for ($i = 0; $i < 20; $i++) { $a["k$i"] = $i; }
        return $a;
    },
    'cast to array' => function ($a) { $b = (array) $a; $b[] = 1; return [$a, $b]; },
    'conditional' => function ($a) {
        $b = $a ?: ['was empty']; $b[] = 1; $c = $a ?? 0; $c[] = 2; return [$a, $b, $c, !$a, (bool) $a];
    },
]);
?>
--EXPECT--
done
